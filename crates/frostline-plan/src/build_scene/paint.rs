//! What fills every cell of a scene.
//!
//! Read at their centres alone, cells gave the same nerve in the same fat a disabled length of 3.7 to 4.9 mm, depending on where they came
//! to lie. So cells beside another tissue are looked into, and hold a mixture of what is there.

use frostline_freeze::{Held, Medium, Scene, SceneGrid, Tissue};
use frostline_space::{Course, CourseSample, Patient, PatientPoint, Transform, VoxelIndex};

use super::{BuildError, Correction, Filling, Mixture, on_the_skin};
use crate::anatomy::{Anatomy, Marked, Shape, StructureKind, TissueKind};
use crate::catalogue::Catalogues;
use crate::plan::Plan;

/// Decides what fills each cell.
pub(super) struct Painter<'a> {
    anatomy: &'a Anatomy,
    catalogues: &'a Catalogues,
    contact: Held,
    blood_c: f64,
    perfusion_factor: f64,
    tubes: Vec<Tube<'a>>,
}

/// A course that is painted, with the boxes that it lies in: to find the nearest of hundreds of places of a course takes
/// longer than all else that decides on a cell, and nearly every cell lies in no box.
struct Tube<'a> {
    filling: Filling,
    course: &'a Course,
    boxes: Vec<(PatientPoint, PatientPoint)>,
}

/// Spacing of the places that boxes are put around. Unit: mm.
const BOX_SAMPLES_MM: f64 = 1.0;
/// Places in one box.
const BOX_PLACES: usize = 12;

impl<'a> Tube<'a> {
    fn new(filling: Filling, course: &'a Course) -> Self {
        // The course lies within half a spacing of a place.
        let around_mm = 0.5 * widest_mm(course) + 0.5 * BOX_SAMPLES_MM;
        let places = course.samples(BOX_SAMPLES_MM);
        let corner = |places: &[CourseSample], pick: fn(f64, f64) -> f64, by_mm: f64| {
            let first = places[0].centre;
            let extreme = places.iter().map(|s| s.centre);
            let p = extreme.fold(first, |a, b| PatientPoint::new(pick(a.x, b.x), pick(a.y, b.y), pick(a.z, b.z)));
            PatientPoint::new(p.x + by_mm, p.y + by_mm, p.z + by_mm)
        };
        let boxes = places.chunks(BOX_PLACES);
        let boxes = boxes.map(|c| (corner(c, f64::min, -around_mm), corner(c, f64::max, around_mm))).collect();
        Self { filling, course, boxes }
    }

    fn holds(&self, place: PatientPoint) -> bool {
        let within = |least: f64, at: f64, most: f64| (least..=most).contains(&at);
        let boxed = |(least, most): &(PatientPoint, PatientPoint)| {
            within(least.x, place.x, most.x) && within(least.y, place.y, most.y) && within(least.z, place.z, most.z)
        };
        self.boxes.iter().any(boxed) && self.course.surface_distance_mm(place) < 0.0
    }
}

/// What fills every cell.
pub(super) struct Painted {
    /// Number of the filling of each cell.
    pub(super) medium: Vec<u8>,
    pub(super) fillings: Vec<Filling>,
    pub(super) media: Vec<Medium>,
}

/// Where a cell is looked into along each axis, as a share of its width from its centre.
const PARTS: [f64; 3] = [-1.0 / 3.0, 0.0, 1.0 / 3.0];
/// Cells wider than so many of the finest lie far from the probe and are not looked into.
const MIXED_CELLS: f64 = 2.0;
/// With so many fillings no more mixtures are made; 255 can be told apart.
const MOST_FILLINGS: usize = 200;

/// What fills cells, by number.
#[derive(Default)]
struct Palette {
    fillings: Vec<Filling>,
}

impl Palette {
    fn number_of(&mut self, filling: Filling) -> Result<u8, BuildError> {
        let id = self.fillings.iter().position(|f| *f == filling).unwrap_or_else(|| {
            self.fillings.push(filling);
            self.fillings.len() - 1
        });
        u8::try_from(id).map_err(|_| BuildError::TooManyFillings { found: id + 1 })
    }
}

/// How often each tissue was found in a cell.
#[derive(Default)]
struct Counts {
    found: Vec<(TissueKind, u8)>,
}

impl Counts {
    fn add(&mut self, kind: Option<TissueKind>) {
        let Some(kind) = kind else { return };
        match self.found.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => *count += 1,
            None => self.found.push((kind, 1)),
        }
    }

    /// The two tissues that fill most of the cell; `None` where one fills nearly all of it.
    fn mixture(mut self) -> Option<Mixture> {
        self.found.sort_by_key(|&(kind, count)| (std::cmp::Reverse(count), kind));
        let (&(a, of_a), &(b, of_b)) = (self.found.first()?, self.found.get(1)?);
        let (first, second, of_second) = if a < b { (a, b, of_b) } else { (b, a, of_a) };
        let eighths = (8.0 * f64::from(of_second) / f64::from(of_a + of_b)).round() as u8;
        (1..=7).contains(&eighths).then_some(Mixture { first, second, eighths })
    }
}

/// Cells of tissue with a neighbour of another tissue.
fn beside_another(grid: &SceneGrid, medium: &[u8], kinds: &[Option<TissueKind>]) -> Vec<usize> {
    let size = grid.size();
    let (size, stride) = ([size.i, size.j, size.k], [1, size.i, size.i * size.j]);
    let kind = |n: usize| kinds[usize::from(medium[n])];
    let mut beside = vec![false; medium.len()];
    for n in 0..medium.len() {
        for axis in 0..3 {
            let is_last = n / stride[axis] % size[axis] + 1 == size[axis];
            if is_last || medium[n] == medium[n + stride[axis]] {
                continue;
            }
            let other = n + stride[axis];
            if let (Some(a), Some(b)) = (kind(n), kind(other)) {
                beside[n] |= a != b;
                beside[other] |= a != b;
            }
        }
    }
    (0..beside.len()).filter(|&n| beside[n]).collect()
}

fn widths_mm(grid: &SceneGrid, cell: VoxelIndex) -> [f64; 3] {
    let at = [cell.i, cell.j, cell.k];
    [0, 1, 2].map(|axis| grid.edges_mm()[axis][at[axis] + 1] - grid.edges_mm()[axis][at[axis]])
}

impl<'a> Painter<'a> {
    pub(super) fn new(anatomy: &'a Anatomy, plan: &Plan, catalogues: &'a Catalogues, correction: &Correction) -> Self {
        let thinnest_mm = catalogues.surroundings.vessel_wall().value.thinnest_mm;
        let mut tubes = vec![Tube::new(Filling::Tissue(TissueKind::Nerve), &anatomy.nerve.course)];
        for (n, structure) in anatomy.structures.iter().enumerate() {
            let Marked::Marked(Shape::Course(course)) = &structure.shape else { continue };
            let filling = match structure.kind {
                // Thinner vessels belong to the perfusion of the tissue.
                StructureKind::Artery | StructureKind::Vein if widest_mm(course) < thinnest_mm => continue,
                StructureKind::Artery | StructureKind::Vein => {
                    // Numbered, so that two vessels of one name keep their own walls.
                    Filling::Vessel(format!("{} {}", n + 1, structure.name))
                }
                StructureKind::MotorNerve | StructureKind::MixedNerve | StructureKind::SensoryNerve => {
                    Filling::Tissue(TissueKind::Nerve)
                }
                StructureKind::Tendon => Filling::Tissue(TissueKind::Tendon),
                StructureKind::Bone => Filling::Tissue(TissueKind::CorticalBone),
                StructureKind::Skin => continue,
            };
            tubes.push(Tube::new(filling, course));
        }
        let blood_c = catalogues.surroundings.arterial().value.celsius + correction.blood_offset_k;
        Self {
            anatomy,
            catalogues,
            contact: on_the_skin(plan, catalogues),
            blood_c,
            perfusion_factor: correction.perfusion_factor,
            tubes,
        }
    }

    /// The medium of every cell, what the media are, and their thermal behaviour.
    pub(super) fn fill(
        &self,
        grid: &SceneGrid,
        scene_to_patient: &Transform<Scene, Patient>,
    ) -> Result<Painted, BuildError> {
        let mut palette = Palette::default();
        let mut medium = Vec::with_capacity(grid.cell_count());
        for offset in 0..grid.cell_count() {
            let place = scene_to_patient.apply(grid.centre(grid.cell(offset)));
            medium.push(palette.number_of(self.filling_at(place))?);
        }
        self.mix(grid, scene_to_patient, &mut palette, &mut medium)?;
        let media = palette.fillings.iter().map(|f| self.medium_of(f)).collect::<Result<_, _>>()?;
        Ok(Painted { medium, fillings: palette.fillings, media })
    }

    /// Fills cells beside another tissue with what lies in them.
    fn mix(
        &self,
        grid: &SceneGrid,
        scene_to_patient: &Transform<Scene, Patient>,
        palette: &mut Palette,
        medium: &mut [u8],
    ) -> Result<(), BuildError> {
        let widest_mm = MIXED_CELLS * grid.finest_mm();
        let read = medium.to_vec();
        let kinds: Vec<Option<TissueKind>> = palette.fillings.iter().map(Filling::tissue).collect();
        for offset in beside_another(grid, &read, &kinds) {
            let cell = grid.cell(offset);
            let widths = widths_mm(grid, cell);
            if widths.iter().any(|&mm| mm > widest_mm) || palette.fillings.len() >= MOST_FILLINGS {
                continue;
            }
            let (steps, centre) = (scene_to_patient.steps(), scene_to_patient.apply(grid.centre(cell)));
            let places =
                PARTS.iter().flat_map(|x| PARTS.iter().flat_map(move |y| PARTS.iter().map(move |z| [x, y, z])));
            let mut counts = Counts::default();
            for parts in places {
                let along = |axis: usize| steps[axis] * (parts[axis] * widths[axis]);
                counts.add(self.filling_at(centre + along(0) + along(1) + along(2)).tissue());
            }
            if let Some(mixture) = counts.mixture() {
                medium[offset] = palette.number_of(Filling::Mixed(mixture))?;
            }
        }
        Ok(())
    }

    fn filling_at(&self, place: PatientPoint) -> Filling {
        let tissue = self.anatomy.tissues.at_or_nearest(place);
        if tissue == TissueKind::Outside {
            return Filling::Outside;
        }
        let tube = self.tubes.iter().find(|tube| tube.holds(place));
        tube.map_or(Filling::Tissue(tissue), |tube| tube.filling.clone())
    }

    fn medium_of(&self, filling: &Filling) -> Result<Medium, BuildError> {
        Ok(match filling {
            Filling::Outside => Medium::Held(self.contact.clone()),
            Filling::Vessel(name) => Medium::Held(self.blood_in(name)),
            Filling::Tissue(kind) => Medium::Tissue(self.tissue(*kind)?),
            Filling::Mixed(Mixture { first, second, eighths }) => {
                let share = f64::from(*eighths) / 8.0;
                Medium::Tissue(self.tissue(*first)?.mixed_with(&self.tissue(*second)?, share))
            }
        })
    }

    fn tissue(&self, kind: TissueKind) -> Result<Tissue, BuildError> {
        let row = self.catalogues.tissues.thermal(kind);
        let mut tissue = row.ok_or(BuildError::NoTissueRow { tissue: kind })?;
        tissue.perfusion_w_per_m3_k *= self.perfusion_factor;
        Ok(tissue)
    }

    /// Blood at arterial temperature behind the wall of the vessel; veins too, since their own temperature is not known.
    fn blood_in(&self, name: &str) -> Held {
        let tube = self.tubes.iter().find(|tube| matches!(&tube.filling, Filling::Vessel(vessel) if vessel == name));
        let wall = self.catalogues.surroundings.vessel_wall().value;
        let diameter_mm = tube.map_or(wall.thinnest_mm, |tube| widest_mm(tube.course));
        Held { name: name.into(), celsius: self.blood_c, film_w_per_m2_k: wall.film_w_per_m2_k(diameter_mm) }
    }
}

/// Greatest diameter along a course.
fn widest_mm(course: &Course) -> f64 {
    2.0 * course.points().iter().map(|p| p.radius_mm).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anatomy::Side;
    use crate::layers::{CaliperMeasurement, MeasuredLayer, MeasuredNerve, Target, anatomy_from_calipers};
    use crate::plan::{PlanParts, PlannedProtocol, ProbePlacement};
    use crate::{Resolution, build_scene};
    use frostline_freeze::{SceneBox, ScenePoint, SceneVector};
    use frostline_space::CoursePoint;

    #[test]
    fn boxes_never_hide_a_place_inside_a_bent_tube() {
        let point = |x: f64, y: f64, z: f64, radius_mm| CoursePoint { centre: PatientPoint::new(x, y, z), radius_mm };
        let bent = [
            point(0.0, 5.0, -40.0, 0.6),
            point(6.0, 9.0, -3.0, 2.5),
            point(-8.0, 4.0, 11.0, 1.0),
            point(0.0, 20.0, 50.0, 0.4),
        ];
        let course = Course::through(&bent).unwrap();
        let tube = Tube::new(Filling::Tissue(TissueKind::Nerve), &course);
        let mut inside = 0;
        for n in 0..120_000 {
            let place = PatientPoint::new(
                f64::from(n % 40) - 20.0,
                0.8 * f64::from(n / 40 % 30),
                1.1 * f64::from(n / 1200) - 50.0,
            );
            assert_eq!(tube.holds(place), course.surface_distance_mm(place) < 0.0, "{place}");
            inside += i32::from(tube.holds(place));
        }
        assert!(inside > 100, "{inside}");
    }

    /// A thin nerve in fat with a probe beside it, moved along and across the nerve by a part of a cell.
    fn nerve_in_fat(moved_mm: f64) -> (Anatomy, Plan, Catalogues) {
        let catalogues = Catalogues::bundled().unwrap();
        let layer = |tissue, bottom_mm| MeasuredLayer { tissue, bottom_mm };
        let measured = CaliperMeasurement {
            layers: vec![layer(TissueKind::Skin, 1.5), layer(TissueKind::Fat, 50.0)],
            nerve: MeasuredNerve { depth_mm: 7.0, lateral_mm: 0.0, width_mm: 1.4, height_mm: 1.4 },
            beside: vec![],
            length_mm: 80.0,
        };
        let target = Target { side: Side::Right, nerve_id: "sural".into(), distance_to_target_mm: Marked::NotMarked };
        let anatomy = anatomy_from_calipers(&measured, &target).unwrap();
        let at = |y: f64, z: f64| PatientPoint::new(-1.8 + moved_mm, y, z + moved_mm);
        let placement = ProbePlacement { probe: "n2o-2.0".into(), entry: at(0.0, -22.0), tip: at(7.0, 3.0) };
        let protocol = catalogues.protocols.find("textbook-90-25-90").unwrap();
        let protocol = PlannedProtocol { name: protocol.name.clone(), schedule: protocol.schedule() };
        let skin_contact = "warm-compress".into();
        let parts = PlanParts { placements: vec![placement], protocol, skin_contact, fluid: vec![] };
        let plan = Plan::new(parts, &anatomy, &catalogues).unwrap();
        (anatomy, plan, catalogues)
    }

    /// How much nerve the cells around the tip hold, over how much there is.
    fn nerve_kept(moved_mm: f64) -> f64 {
        let (anatomy, plan, catalogues) = nerve_in_fat(moved_mm);
        let none = Correction::none();
        let built = build_scene(&anatomy, &plan, &catalogues, &none, &Resolution::default()).unwrap();
        let parts = built.scene.parts();
        let (mut held_mm3, mut there_mm3) = (0.0, 0.0);
        // Cells of half a millimetre, each asked at 6 x 6 x 6 places.
        let around = SceneBox::around(&[ScenePoint::origin()], 4.0).unwrap();
        let inside = |n: &usize| around.contains(parts.grid.centre(parts.grid.cell(*n)));
        for n in (0..parts.grid.cell_count()).filter(inside) {
            let cell = parts.grid.cell(n);
            let volume_mm3 = parts.grid.volume_mm3(cell);
            held_mm3 += volume_mm3
                * match &built.fillings[usize::from(parts.medium[n])] {
                    Filling::Tissue(TissueKind::Nerve) => 1.0,
                    Filling::Mixed(m) if m.second == TissueKind::Nerve => f64::from(m.eighths) / 8.0,
                    Filling::Mixed(m) if m.first == TissueKind::Nerve => 1.0 - f64::from(m.eighths) / 8.0,
                    _ => 0.0,
                };
            let [x, y, z] = widths_mm(&parts.grid, cell);
            let places = (0..216).map(|m| {
                let part = |of: usize| (of as f64 - 2.5) / 6.0;
                parts.grid.centre(cell) + SceneVector::new(x * part(m % 6), y * part(m / 6 % 6), z * part(m / 36))
            });
            let is_nerve =
                |&p: &ScenePoint| anatomy.nerve.course.surface_distance_mm(built.scene_to_patient.apply(p)) < 0.0;
            there_mm3 += volume_mm3 * places.filter(is_nerve).count() as f64 / 216.0;
        }
        held_mm3 / there_mm3
    }

    #[test]
    fn the_cells_hold_as_much_nerve_as_there_is_wherever_they_lie() {
        let kept: Vec<f64> = [0.0, 0.1, 0.2, 0.3, 0.4].map(nerve_kept).to_vec();
        // Chosen, not derived: shares are rounded to eighths, either way, over some hundred cells of the rim.
        assert!(kept.iter().all(|share| (share - 1.0).abs() < 0.03), "{kept:?}");
    }

    #[test]
    fn a_cell_is_mixed_of_the_two_tissues_that_fill_most_of_it() {
        let counted = |found: &[(TissueKind, u8)]| {
            let mut counts = Counts::default();
            found.iter().for_each(|&(kind, times)| (0..times).for_each(|_| counts.add(Some(kind))));
            counts.mixture()
        };
        let (fat, muscle, nerve) = (TissueKind::Fat, TissueKind::Muscle, TissueKind::Nerve);
        assert_eq!(counted(&[(fat, 27)]), None);
        // One of 27 is less than half an eighth.
        assert_eq!(counted(&[(fat, 26), (nerve, 1)]), None);
        assert_eq!(counted(&[(nerve, 9), (fat, 18)]), Some(Mixture { first: fat, second: nerve, eighths: 3 }));
        assert_eq!(
            counted(&[(muscle, 3), (nerve, 12), (fat, 12)]),
            Some(Mixture { first: fat, second: nerve, eighths: 4 })
        );
    }
}
