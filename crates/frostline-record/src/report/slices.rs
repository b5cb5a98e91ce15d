//! The four cuts of a report: three square ones through the cold part of the probe, and one that follows the nerve.

use frostline_plan::anatomy::{Anatomy, Origin, TissueKind, TissueMap};
use frostline_space::{PatientPoint, PatientVector};

use super::contour::ContourLine;
use super::sheet::{Sheet, square_to};
use super::slice::{EdgeLabels, LegendEntry, Locator, Outline, PicturePoint, SlicePicture, Window};
use super::structures::Scenery;
use super::{Drawn, Figure, Picture};

/// Half the side of a cut: the ice with this much around it, within these bounds.
const AROUND_ICE_MM: f64 = 12.0;
const LEAST_HALF_MM: f64 = 15.0;
const MOST_HALF_MM: f64 = 25.0;
/// Half the length of nerve that is shown.
const NERVE_HALF_MM: f64 = 25.0;
/// Half the height of the cut along the nerve.
const ALONG_HALF_MM: f64 = 15.0;
/// Pixels of the image behind a cut and behind the small overview.
const PIXEL_MM: f64 = 0.2;
const LOCATOR_PIXEL_MM: f64 = 0.8;

/// One square cut: its name, and what is right and down on it.
struct Cut {
    title: &'static str,
    right: PatientVector,
    down: PatientVector,
    labels: Option<[&'static str; 4]>,
}

/// All four, in the order of the report.
pub(super) fn slice_figures(scenery: &Scenery) -> Vec<Figure> {
    let mut figures: Vec<Figure> = cuts(scenery.inputs.anatomy).iter().map(|cut| square_figure(scenery, cut)).collect();
    figures.push(nerve_figure(scenery));
    figures
}

/// True when places are those of the transducer, not of the patient.
pub(super) fn in_transducer_frame(anatomy: &Anatomy) -> bool {
    matches!(anatomy.origin, Origin::Calipers | Origin::UltrasoundFrame)
}

fn cuts(anatomy: &Anatomy) -> [Cut; 3] {
    let x = PatientVector::new(1.0, 0.0, 0.0);
    let y = PatientVector::new(0.0, 1.0, 0.0);
    let z = PatientVector::new(0.0, 0.0, 1.0);
    if in_transducer_frame(anatomy) {
        let cut = |title, right, down, labels| Cut { title, right, down, labels: Some(labels) };
        return [
            cut("Across the limb", x, y, ["-x", "+x lateral", "skin side", "depth"]),
            cut("Along the limb", z, y, ["-z", "+z along", "skin side", "depth"]),
            cut("Parallel to the skin", x, z, ["-x", "+x lateral", "-z", "+z along"]),
        ];
    }
    let cut = |title, right, down| Cut { title, right, down, labels: None };
    // Seen from the feet and from the front, as radiologists hang them: the patient's right is on the left.
    [cut("Axial", x, y), cut("Sagittal", y, -z), cut("Coronal", x, -z)]
}

fn square_figure(scenery: &Scenery, cut: &Cut) -> Figure {
    let anatomy = scenery.inputs.anatomy;
    let half_mm = half_side_mm(scenery);
    let mut centre = scenery.middle();
    if cut.down.y > 0.5 && in_transducer_frame(anatomy) {
        // Show the limb and not the air above it.
        centre = PatientPoint::new(centre.x, centre.y.max(half_mm - 5.0), centre.z);
    }
    let sheet = Sheet::flat(centre, cut.right, cut.down, (half_mm, half_mm));
    let labels = match cut.labels {
        Some([left, right, top, bottom]) => {
            EdgeLabels { left: left.into(), right: right.into(), top: top.into(), bottom: bottom.into() }
        }
        None => sheet.letters(),
    };
    let at = match (cut.labels.is_some(), cut.title) {
        (false, "Axial") => format!("z = {:.1} mm", centre.z),
        (false, "Sagittal") => format!("x = {:.1} mm", centre.x),
        (false, _) => format!("y = {:.1} mm", centre.y),
        (true, "Across the limb") => format!("z = {:.1} mm", centre.z),
        (true, "Along the limb") => format!("x = {:.1} mm", centre.x),
        (true, _) => format!("depth {:.1} mm", centre.y),
    };
    let locator = locator(scenery, cut, &sheet, centre);
    let picture = picture(scenery, &sheet, labels, locator);
    let caption = format!(
        "Through the middle of the cold part of the probe, {at}. Lines show what was ever at or below each temperature. {}",
        scenery.inputs.background.words(anatomy)
    );
    figure(scenery, format!("{} cut", cut.title), caption, picture)
}

fn half_side_mm(scenery: &Scenery) -> f64 {
    let ice = scenery.inputs.evaluation.assessment.isotherms.iter().map(|i| i.width_mm.max(i.length_mm));
    (0.5 * ice.fold(0.0, f64::max) + AROUND_ICE_MM).clamp(LEAST_HALF_MM, MOST_HALF_MM)
}

fn nerve_figure(scenery: &Scenery) -> Figure {
    let anatomy = scenery.inputs.anatomy;
    let course = &anatomy.nerve.course;
    let near = course.nearest(scenery.middle());
    let from_mm = (near.along_mm - NERVE_HALF_MM).max(0.0);
    let to_mm = (near.along_mm + NERVE_HALF_MM).min(course.length_mm());
    let up = up_from_nerve(scenery, near.centre, near.tangent.as_vector());
    let sheet = Sheet::along(course, from_mm, to_mm, up, ALONG_HALF_MM);
    let mut labels = sheet.letters();
    if in_transducer_frame(anatomy) {
        labels = EdgeLabels { left: "start".into(), right: "end of course".into(), top: "".into(), bottom: "".into() };
    }
    labels.top = "towards the probe".into();
    let picture = picture(scenery, &sheet, labels, None);
    let caption = format!(
        "The nerve straightened: {from_mm:.0} to {to_mm:.0} mm along its marked course, which is the middle line of the \
         picture; the sheet contains the middle of the cold part of the probe. {}",
        scenery.inputs.background.words(anatomy)
    );
    figure(scenery, "Along the nerve".into(), caption, picture)
}

/// From the nerve to the cold part of the probe; to the entry, where the probe lies in the nerve.
fn up_from_nerve(scenery: &Scenery, nerve: PatientPoint, along: PatientVector) -> PatientVector {
    // Nearer than this the direction is that of rounding, not of the plan.
    const CLEARLY_BESIDE_MM: f64 = 0.3;
    let square = |to: PatientPoint| {
        let away = to - nerve;
        away - along * away.dot(along)
    };
    let beside = square(scenery.middle());
    if beside.length() >= CLEARLY_BESIDE_MM {
        return square_to(beside, along);
    }
    scenery.probes.first().map_or(square_to(beside, along), |p| square_to(square(p.entry), along))
}

fn picture(scenery: &Scenery, sheet: &Sheet, labels: EdgeLabels, locator: Option<Locator>) -> SlicePicture {
    let mut outlines = Vec::new();
    let mut legend = Vec::new();
    let mut draw = |drawn: Drawn, words: String, lines: Vec<ContourLine>| {
        if !lines.is_empty() {
            outlines.push(Outline { drawn, lines });
            if !legend.iter().any(|known: &LegendEntry| known.drawn == drawn && known.words == words) {
                legend.push(LegendEntry { drawn, words });
            }
        }
    };
    for thing in &scenery.surroundings {
        draw(thing.drawn, thing.words.clone(), thing.form.outline(sheet));
    }
    for (rank, (celsius, lines)) in scenery.isotherm_lines(sheet).into_iter().enumerate() {
        draw(Drawn::Isotherm { celsius, rank }, format!("ever at or below {celsius:.0} °C"), lines);
    }
    for probe in &scenery.probes {
        draw(Drawn::Shaft, "probe, shaft".into(), probe.shaft_tube.outline(sheet));
        draw(Drawn::ActiveLength, "probe, cold part".into(), probe.active_tube.outline(sheet));
        draw(Drawn::ProbeBeside, "probe axis, seen through the cut".into(), axis_seen(sheet, probe.tip, probe.entry));
    }
    draw(Drawn::Nerve, "target nerve".into(), scenery.nerve.outline(sheet));
    let raster = scenery.inputs.background.raster(sheet, scenery.inputs.anatomy, PIXEL_MM);
    SlicePicture {
        width_mm: sheet.width_mm,
        height_mm: sheet.height_mm,
        tissues: raster.tissues(),
        raster,
        outlines,
        legend,
        labels,
        scale_bar_mm: 10.0,
        locator,
    }
}

fn axis_seen(sheet: &Sheet, tip: PatientPoint, entry: PatientPoint) -> Vec<ContourLine> {
    match (sheet.seen(tip), sheet.seen(entry)) {
        (Some(a), Some(b)) => vec![ContourLine { points: vec![a, b], closed: false }],
        _ => Vec::new(),
    }
}

fn figure(scenery: &Scenery, title: String, caption: String, picture: SlicePicture) -> Figure {
    let mut alt = format!("{title}. ");
    for (rank, celsius) in scenery.isotherms_c.iter().enumerate() {
        let lines = picture.outlines.iter().find(|o| o.drawn == Drawn::Isotherm { celsius: *celsius, rank });
        match lines.map(|o| extent_mm(&o.lines)) {
            Some((across_mm, down_mm)) => {
                alt += &format!("The {celsius:.0} °C line spans {across_mm:.1} by {down_mm:.1} mm. ");
            }
            None => alt += &format!("Nothing in this cut reached {celsius:.0} °C. "),
        }
    }
    let EdgeLabels { left, right, top, bottom } = &picture.labels;
    alt += &format!("Left rim {left}, right rim {right}, upper rim {top}, lower rim {bottom}.");
    Figure { title, caption, alt, picture: Picture::Slice(Box::new(picture)) }
}

/// Width and height of everything the lines enclose.
fn extent_mm(lines: &[ContourLine]) -> (f64, f64) {
    let points = lines.iter().flat_map(|line| &line.points);
    let (mut least, mut most) = ((f64::INFINITY, f64::INFINITY), (f64::NEG_INFINITY, f64::NEG_INFINITY));
    for p in points {
        least = (least.0.min(p.right_mm), least.1.min(p.down_mm));
        most = (most.0.max(p.right_mm), most.1.max(p.down_mm));
    }
    (most.0 - least.0, most.1 - least.1)
}

/// The whole limb in the plane of a cut; `None` where it is endless or not imaged.
fn locator(scenery: &Scenery, cut: &Cut, sheet: &Sheet, centre: PatientPoint) -> Option<Locator> {
    let TissueMap::Voxels(tissues) = &scenery.inputs.anatomy.tissues else { return None };
    const SEARCH_MM: i32 = 160;
    let (mut least, mut most) = ((0.0_f64, 0.0_f64), (0.0_f64, 0.0_f64));
    for right in (-SEARCH_MM..=SEARCH_MM).step_by(2).map(f64::from) {
        for down in (-SEARCH_MM..=SEARCH_MM).step_by(2).map(f64::from) {
            let kind = tissues.nearest(centre + cut.right * right + cut.down * down);
            if kind.is_some_and(|k| *k != TissueKind::Outside) {
                least = (least.0.min(right), least.1.min(down));
                most = (most.0.max(right), most.1.max(down));
            }
        }
    }
    const RIM_MM: f64 = 8.0;
    let middle = centre + cut.right * (0.5 * (least.0 + most.0)) + cut.down * (0.5 * (least.1 + most.1));
    let half_mm = (0.5 * (most.0 - least.0) + RIM_MM, 0.5 * (most.1 - least.1) + RIM_MM);
    let whole = Sheet::flat(middle, cut.right, cut.down, half_mm);
    let corner = whole.seen(sheet.place(PicturePoint { right_mm: 0.0, down_mm: 0.0 }))?;
    Some(Locator {
        width_mm: whole.width_mm,
        height_mm: whole.height_mm,
        raster: scenery.inputs.background.raster(&whole, scenery.inputs.anatomy, LOCATOR_PIXEL_MM),
        window: Window { corner, width_mm: sheet.width_mm, height_mm: sheet.height_mm },
    })
}
