//! Traces through made images whose centre lines are known.

use frostline_plan::trace::{Sought, Tone, TraceError, TraceSettings, TracedPoint, Tracing};
use frostline_space::{Grid, PatientPoint, PatientVector, Volume, VoxelIndex, VoxelToPatient};

/// Contrast of every made tube with its surroundings.
const CONTRAST: f64 = 100.0;
const RADIUS_MM: f64 = 2.0;

/// An arc of 30 mm radius about the origin in the plane z = x / 4: what a vein does round a condyle.
fn arc(angle_deg: f64) -> PatientPoint {
    let (sin, cos) = angle_deg.to_radians().sin_cos();
    PatientPoint::new(30.0 * cos, 30.0 * sin, 7.5 * cos)
}

fn arc_points() -> Vec<PatientPoint> {
    (0..=180).map(|n| arc(-5.0 + 0.75 * f64::from(n))).collect()
}

/// A grid of steps a, b, c (mm) turned about an oblique axis, its middle at `middle`.
fn oblique_grid(steps_mm: [f64; 3], size: [usize; 3], middle: PatientPoint) -> Grid {
    let (sin, cos) = 20_f64.to_radians().sin_cos();
    let first = PatientVector::new(cos, sin, 0.0);
    let second = PatientVector::new(-sin * cos, cos * cos, sin);
    let third = first.cross(second);
    let axes = [first * steps_mm[0], second * steps_mm[1], third * steps_mm[2]];
    let half = |n: usize| axes[n] * (-0.5 * (size[n] as f64 - 1.0));
    let zero = middle + half(0) + half(1) + half(2);
    let map = VoxelToPatient::new(axes[0], axes[1], axes[2], zero);
    Grid::new(VoxelIndex::new(size[0], size[1], size[2]), map).unwrap()
}

fn to_line_mm(place: PatientPoint, line: &[PatientPoint]) -> f64 {
    let to_part = |pair: &[PatientPoint]| {
        let along = pair[1] - pair[0];
        let fraction = ((place - pair[0]).dot(along) / along.dot(along)).clamp(0.0, 1.0);
        place.distance(pair[0].towards(pair[1], fraction))
    };
    line.windows(2).map(to_part).fold(f64::INFINITY, f64::min)
}

/// How much of a voxel a tube fills, from the distance of its centre: the rim is half a voxel soft to either side.
fn filled(distance_mm: f64, radius_mm: f64, voxel_mm: f64) -> f64 {
    (0.5 + (radius_mm - distance_mm) / voxel_mm).clamp(0.0, 1.0)
}

/// Tubes of one radius along lines, on a background of 20.
fn image_of(grid: Grid, tubes: &[(&[PatientPoint], f64)], voxel_mm: f64) -> Volume<f32> {
    let value = |place: PatientPoint| {
        let fill = |(line, radius_mm): &(&[PatientPoint], f64)| filled(to_line_mm(place, line), *radius_mm, voxel_mm);
        20.0 + CONTRAST * tubes.iter().map(fill).fold(0.0, f64::max)
    };
    Volume::new(grid, grid.cells().map(|cell| value(grid.centre(cell)) as f32).collect()).unwrap()
}

/// The same numbers on every machine: a linear congruential generator, three draws summed to be nearly normal.
fn noisy(mut image: Volume<f32>, sigma: f64) -> Volume<f32> {
    let mut state: u64 = 1;
    let mut draw = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    };
    // The sum of three even draws has a variance of 3/12.
    image.values_mut().iter_mut().for_each(|v| *v += ((draw() + draw() + draw()) * 2.0 * sigma) as f32);
    image
}

fn bright() -> (Sought, TraceSettings) {
    let settings = TraceSettings::bundled().unwrap();
    (Sought::of_radius(Tone::Bright, RADIUS_MM, &settings).unwrap(), settings)
}

fn traced(image: &Volume<f32>, clicks: &[PatientPoint]) -> Result<Tracing, TraceError> {
    let (sought, settings) = bright();
    Tracing::through(image, clicks, &sought, &settings)
}

/// Mean and largest distance of points from a line.
fn off(points: &[TracedPoint], line: &[PatientPoint]) -> (f64, f64) {
    let all: Vec<f64> = points.iter().map(|p| to_line_mm(p.centre, line)).collect();
    (all.iter().sum::<f64>() / all.len() as f64, all.iter().copied().fold(0.0, f64::max))
}

fn arc_image() -> Volume<f32> {
    let grid = oblique_grid([0.9, 1.1, 2.0], [60, 50, 30], PatientPoint::new(15.0, 15.0, 4.0));
    image_of(grid, &[(&arc_points(), RADIUS_MM)], 1.0)
}

#[test]
fn a_bent_tube_in_an_oblique_image_of_oblong_voxels_is_followed_within_a_voxel() {
    let image = arc_image();
    // Clicks 1 mm beside the line, as a hand does; the arc bulges 8.8 mm over the chord of 42 mm.
    let beside = PatientVector::new(0.0, 0.0, 1.0);
    let tracing = traced(&image, &[arc(0.0) + beside, arc(90.0) + beside]).unwrap();
    let (mean_mm, most_mm) = off(&tracing.points(), &arc_points());
    // A voxel is 0.9 x 1.1 x 2 mm; the tube is 4 mm wide, so its middle is known much better than that.
    assert!(most_mm < 0.9 && mean_mm < 0.45, "mean {mean_mm:.3}, max {most_mm:.3} mm");
    for point in tracing.points() {
        // Smeared by voxels up to 2 mm long and by linear sampling, the radius is known to a quarter.
        assert!((point.radius_mm / RADIUS_MM - 1.0).abs() < 0.25, "{point:?}");
        assert!(point.confidence > 0.6, "{point:?}");
    }
}

#[test]
fn a_dark_tube_is_followed_like_a_bright_one() {
    let image = arc_image().map(|v| -v);
    let settings = TraceSettings::bundled().unwrap();
    let sought = Sought::of_radius(Tone::Dark, RADIUS_MM, &settings).unwrap();
    let dark = Tracing::through(&image, &[arc(0.0), arc(90.0)], &sought, &settings).unwrap();
    let bright = traced(&arc_image(), &[arc(0.0), arc(90.0)]).unwrap();
    assert_eq!(dark.points(), bright.points());
}

#[test]
fn a_gap_is_crossed_and_shows_as_low_confidence() {
    let line = arc_points();
    let grid = *arc_image().grid();
    let gap = |p: &PatientPoint| p.y.atan2(p.x).to_degrees();
    let before: Vec<_> = line.iter().copied().filter(|p| gap(p) < 40.0).collect();
    let after: Vec<_> = line.iter().copied().filter(|p| gap(p) > 55.0).collect();
    // 15 degrees of 30 mm less the round caps of 2 mm: 4 mm in which there is nothing.
    let image = image_of(grid, &[(&before, RADIUS_MM), (&after, RADIUS_MM)], 1.0);
    let points = traced(&image, &[arc(0.0), arc(90.0)]).unwrap().points();
    let (_, most_mm) = off(&points, &line);
    // Across 8 mm of an arc of 30 mm a straight line is off by 8^2 / (8 * 30) = 0.27 mm; with a voxel on top, 1.4 mm.
    assert!(most_mm < 1.4, "{most_mm:.3} mm");
    let in_gap = |p: &&TracedPoint| (45.0..50.0).contains(&gap(&p.centre));
    assert!(points.iter().filter(in_gap).all(|p| p.confidence < 0.3));
    assert!(points.iter().any(|p| in_gap(&p)));
    assert!(points.iter().filter(|p| gap(&p.centre) < 30.0).all(|p| p.confidence > 0.6));
}

#[test]
fn at_a_crossing_of_two_tubes_the_clicked_one_is_kept() {
    let line = arc_points();
    // A straight tube through the middle of the arc, 40 degrees off its direction, in the plane of the arc.
    let (along, outwards) = (arc(46.0) - arc(44.0), arc(45.0) - PatientPoint::origin());
    let (along, outwards) = (along * (1.0 / along.length()), outwards * (1.0 / outwards.length()));
    let (sin, cos) = 40_f64.to_radians().sin_cos();
    let direction = along * cos + outwards * sin;
    let other = [arc(45.0) - direction * 25.0, arc(45.0) + direction * 25.0];
    let image = image_of(*arc_image().grid(), &[(&line, RADIUS_MM), (&other, RADIUS_MM)], 1.0);
    let points = traced(&image, &[arc(0.0), arc(90.0)]).unwrap().points();
    let (_, most_mm) = off(&points, &line);
    // Where they merge the strongest place is the middle of both, less than a radius off. On the other tube one would soon be
    // more than that off, and on the straight way between the clicks 8.8 mm.
    assert!(most_mm < 1.4, "{most_mm:.3} mm");
}

#[test]
fn scatter_of_a_third_of_the_contrast_costs_less_than_a_voxel() {
    let image = noisy(arc_image(), CONTRAST / 3.0);
    let points = traced(&image, &[arc(0.0), arc(90.0)]).unwrap().points();
    let (mean_mm, most_mm) = off(&points, &arc_points());
    assert!(most_mm < 1.1 && mean_mm < 0.6, "mean {mean_mm:.3}, max {most_mm:.3} mm");
}

#[test]
fn clicks_on_nothing_give_no_confidence() {
    let grid = *arc_image().grid();
    let empty = noisy(Volume::filled(grid, 20.0), 10.0);
    let points = traced(&empty, &[arc(0.0), arc(90.0)]).unwrap().points();
    let mean = points.iter().map(|p| p.confidence).sum::<f64>() / points.len() as f64;
    assert!(mean < 0.3, "{mean}");
    let flat = Volume::filled(grid, 20.0);
    assert!(traced(&flat, &[arc(0.0), arc(90.0)]).unwrap().points().iter().all(|p| p.confidence == 0.0));
}

#[test]
fn a_changed_click_retraces_its_two_pieces_and_no_other() {
    let image = arc_image();
    let places = [0.0, 25.0, 50.0, 75.0, 100.0].map(arc);
    let whole = traced(&image, &places).unwrap();
    // Edited on an image without the tube: whatever is traced again must differ, and only that.
    let blank = Volume::filled(*image.grid(), 20.0);
    let moved = whole.with_click_moved(&blank, 3, arc(52.0)).unwrap();
    let same = |a: &Tracing, n: usize, b: &Tracing, m: usize| a.pieces()[n] == b.pieces()[m];
    assert!(same(&whole, 0, &moved, 0) && same(&whole, 3, &moved, 3));
    assert!(!same(&whole, 1, &moved, 1) && !same(&whole, 2, &moved, 2));
    let inserted = whole.with_click(&blank, 3, arc(40.0)).unwrap();
    assert_eq!((inserted.clicks().len(), inserted.pieces().len()), (6, 5));
    assert!(same(&whole, 0, &inserted, 0) && same(&whole, 2, &inserted, 3) && same(&whole, 3, &inserted, 4));
    let removed = whole.without_click(&blank, 3).unwrap();
    assert_eq!((removed.clicks().len(), removed.pieces().len()), (4, 3));
    assert!(same(&whole, 0, &removed, 0) && same(&whole, 3, &removed, 2));
    assert!(!same(&whole, 1, &removed, 1));
    let shorter = whole.without_click(&blank, 5).unwrap();
    assert!((0..3).all(|n| same(&whole, n, &shorter, n)) && shorter.pieces().len() == 3);
    let longer = shorter.with_click(&image, 5, places[4]).unwrap();
    assert_eq!(longer, whole);
    let earlier = whole.without_click(&blank, 1).unwrap().with_click(&image, 1, places[0]).unwrap();
    assert_eq!(earlier, whole);
    let back = inserted.without_click(&image, 3).unwrap();
    assert_eq!(back, whole);
}

#[test]
fn bad_clicks_are_refused_with_what_to_do() {
    let image = arc_image();
    let says = |result: Result<Tracing, TraceError>, words: &[&str]| {
        let text = result.unwrap_err().to_string();
        assert!(words.iter().all(|word| text.contains(word)), "{text}");
    };
    says(traced(&image, &[arc(0.0)]), &["found 1 click", "at least two"]);
    says(
        traced(&image, &[arc(0.0), PatientPoint::new(500.0, 0.0, 0.0)]),
        &["click 2", "500.0", "reaches from", "inside it"],
    );
    says(traced(&image, &[arc(0.0), arc(1.0)]), &["clicks 1 and 2", "remove one"]);
    let grid = oblique_grid([1.0, 1.0, 1.0], [200, 8, 8], PatientPoint::origin());
    let along = |mm: f64| grid.centre(VoxelIndex::new(100, 4, 4)) + grid.direction(frostline_space::Axis::Column) * mm;
    let long = Volume::filled(grid, 0.0);
    says(traced(&long, &[along(-90.0), along(90.0)]), &["180.0 mm apart", "at most 150 mm", "insert a click"]);
    let (_, settings) = bright();
    let thin = Sought::any(Tone::Bright, &settings);
    let fine = Volume::filled(oblique_grid([0.25, 0.25, 0.25], [400, 110, 110], PatientPoint::origin()), 0.0);
    let ends = [VoxelIndex::new(20, 55, 55), VoxelIndex::new(379, 55, 55)].map(|cell| fine.grid().centre(cell));
    says(Tracing::through(&fine, &ends, &thin, &settings), &["at most 4000000", "insert a click between"]);
    says(Sought::of_radius(Tone::Bright, 40.0, &settings).map(|_| unreachable!()), &["40 mm", "0.5 to 6 mm"]);
    says(
        traced(&image, &[arc(0.0), arc(50.0)]).unwrap().with_click_moved(&image, 3, arc(9.0)),
        &["no click 3", "has 2"],
    );
}
