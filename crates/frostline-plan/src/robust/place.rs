//! A plan and its anatomy in one possible world: what was drawn lies elsewhere, the fat is thicker, the probe lands beside its aim.
//!
//! Everything is displaced against the image. The fat is stretched along the inward normal of the skin at the entry of the
//! first probe, and what was drawn moves with it; the aim of a probe keeps its place beside the nerve as drawn, because it
//! is aimed under an image that shows both. What was marked cell by cell is moved for judgement, and the heat flows through
//! the tissue of the image as before. The tip lands off its aim; the probe turns around the planned entry, which is
//! found again where the line meets the skin.

use frostline_space::{
    Axis, Course, CoursePoint, Direction, Grid, Patient, PatientPoint, PatientVector, Segment, Volume, VoxelIndex,
    VoxelToPatient,
};

use super::fat::{FatLayer, inward};
use super::placement::Landing;
use super::world::World;
use crate::anatomy::{Anatomy, Marked, Shape, TissueMap};
use crate::catalogue::{Catalogues, Factor};
use crate::path::skin_on_line;
use crate::plan::{Plan, PlanError, PlanParts, ProbePlacement};

/// What is found once for all worlds of one plan.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    inward: Direction<Patient>,
    fat: Option<FatLayer>,
    aims: Vec<Aim>,
    /// Across the nerve, towards the first probe, and square to that.
    across_nerve: [Direction<Patient>; 2],
}

/// How a probe lies to the nerve.
#[derive(Clone, Copy, Debug)]
struct Aim {
    deeper: Direction<Patient>,
    towards: Direction<Patient>,
    beside: Direction<Patient>,
    /// The place of the nerve that is nearest to the middle of the active length.
    nerve: PatientPoint,
}

impl Frame {
    /// The frame of a plan.
    pub(crate) fn of(anatomy: &Anatomy, plan: &Plan, catalogues: &Catalogues) -> Self {
        let aims: Vec<Aim> = plan.placements().iter().map(|p| aim(anatomy, catalogues, p)).collect();
        let first = &plan.placements()[0];
        let inward = inward(&anatomy.tissues, first);
        let skin = skin_on_line(&anatomy.tissues, first.way()).unwrap_or(first.entry);
        let tangent = anatomy.nerve.course.nearest(aims[0].nerve).tangent;
        let towards_probe = square_to(aims[0].towards.as_vector() * -1.0, tangent);
        let beside = tangent.as_vector().cross(towards_probe.as_vector()).direction().unwrap_or(aims[0].deeper);
        Self {
            inward,
            fat: FatLayer::under(&anatomy.tissues, skin, inward),
            aims,
            across_nerve: [towards_probe, beside],
        }
    }
}

impl Frame {
    /// How far fat of another thickness moves a place.
    pub(crate) fn by_fat(&self, world: &World, place: PatientPoint) -> PatientVector {
        self.fat.as_ref().map_or(NOWHERE, |fat| fat.moved(world.value(Factor::FatLayer), place))
    }

    /// How far fat moves the aim of a probe, and the skin not.
    pub(crate) fn aim_by_fat(&self, world: &World, probe: usize) -> PatientVector {
        self.aims.get(probe).map_or(NOWHERE, |aim| self.by_fat(world, aim.nerve))
    }

    /// How far the nerve lies from where it was drawn, the fat left out.
    pub(crate) fn nerve_off(&self, world: &World) -> PatientVector {
        let [a, b] = self.across_nerve;
        self.pressed(world) + a * world.value(Factor::NerveMarking) + b * world.value(Factor::NerveMarkingBeside)
    }

    /// The same for another structure that was drawn as a course.
    pub(crate) fn structure_off(&self, world: &World, course: &Course, off_mm: [f64; 2]) -> PatientVector {
        let (first, second) = course.at(0.5 * course.length_mm()).tangent.perpendiculars();
        self.pressed(world) + first * off_mm[0] + second * off_mm[1]
    }

    /// The same for what was marked cell by cell: across the nerve, and with the fat around it.
    pub(crate) fn cells_off(&self, world: &World, off_mm: [f64; 2]) -> PatientVector {
        let [a, b] = self.across_nerve;
        self.pressed(world) + a * off_mm[0] + b * off_mm[1] + self.aim_by_fat(world, 0)
    }

    /// How far the edge of a tissue lies from where the image shows it: half a voxel at most, square to the skin.
    pub(crate) fn edge_off(&self, shape: &Marked<Shape>, tissues: &TissueMap, share: f64) -> PatientVector {
        match (shape, tissues) {
            (Marked::Marked(Shape::Tissues(_)), TissueMap::Voxels(volume)) => {
                let step = |axis| volume.grid().direction(axis) * volume.grid().spacing_mm(axis);
                let across_mm = |axis| step(axis).dot(self.inward.as_vector()).abs();
                let voxel_mm = [Axis::Column, Axis::Row, Axis::Slice].map(across_mm).into_iter().fold(0.0, f64::max);
                self.inward * (voxel_mm * (share - 0.5))
            }
            _ => NOWHERE,
        }
    }

    /// How far the tip of a probe lands from its aim.
    pub(crate) fn landed_off(&self, world: &World, probe: usize) -> PatientVector {
        self.aims.get(probe).zip(world.landings.get(probe)).map_or(NOWHERE, |(aim, landing)| aim.off(landing))
    }

    fn pressed(&self, world: &World) -> PatientVector {
        self.inward * world.value(Factor::TransducerPressure)
    }
}

impl Aim {
    fn off(&self, landing: &Landing) -> PatientVector {
        self.towards * landing.towards_mm + self.beside * landing.beside_mm + self.deeper * landing.along_mm
    }
}

const NOWHERE: PatientVector = PatientVector::new(0.0, 0.0, 0.0);

fn aim(anatomy: &Anatomy, catalogues: &Catalogues, placement: &ProbePlacement) -> Aim {
    // A plan has entries apart from tips, and knows its probes.
    let deeper = (placement.tip - placement.entry).direction().unwrap_or(Direction::along_z());
    let shape = catalogues.probes.find(&placement.probe).and_then(|probe| probe.shape().ok());
    let back_mm = shape.map_or(0.0, |shape| shape.dead_tip_mm + 0.5 * shape.active_length_mm);
    let middle = placement.tip - deeper * back_mm;
    let nerve = anatomy.nerve.course.nearest(middle).centre;
    let towards = square_to(nerve - middle, deeper);
    // Two directions square to each other span a third.
    let beside = deeper.as_vector().cross(towards.as_vector()).direction().unwrap_or(towards);
    Aim { deeper, towards, beside, nerve }
}

/// The direction of a vector without its part along an axis; any square to the axis where nothing is left.
fn square_to(vector: PatientVector, axis: Direction<Patient>) -> Direction<Patient> {
    let rest = vector - axis * vector.dot(axis.as_vector());
    if rest.length() < SMALLEST_MM {
        axis.perpendiculars().0
    } else {
        rest.direction().unwrap_or(axis.perpendiculars().0)
    }
}

/// Less than this has no direction.
const SMALLEST_MM: f64 = 1e-6;

/// Why there is no plan in a world.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum NoPlan {
    /// The plan's own check refuses it.
    Plan(PlanError),
    /// What is moved cannot be made; a shift of sound points or cells always can.
    Course,
}

/// Anatomy and plan of a world.
pub(crate) fn placed(
    anatomy: &Anatomy,
    plan: &Plan,
    catalogues: &Catalogues,
    frame: &Frame,
    world: &World,
) -> Result<(Anatomy, Plan), NoPlan> {
    let by_mm = world.value(Factor::FatLayer);
    let tissues = &anatomy.tissues;
    // An image is large: it is copied once, not once to be stretched and once more.
    let mut there = Anatomy {
        tissues: frame.fat.as_ref().map_or_else(|| tissues.clone(), |fat| fat.stretched(by_mm, tissues)),
        side: anatomy.side,
        origin: anatomy.origin.clone(),
        nerve: anatomy.nerve.clone(),
        structures: anatomy.structures.clone(),
        remarks: anatomy.remarks.clone(),
    };
    let off = frame.nerve_off(world);
    let nerve = &mut there.nerve.course;
    *nerve = shifted(nerve, |place| frame.by_fat(world, place) + off)?;
    for (structure, off_mm) in there.structures.iter_mut().zip(&world.structures_mm) {
        match &mut structure.shape {
            Marked::Marked(Shape::Course(course)) => {
                let off = frame.structure_off(world, course, *off_mm);
                *course = shifted(course, |place| frame.by_fat(world, place) + off)?;
            }
            Marked::Marked(Shape::Cells(cells)) => *cells = moved(cells, frame.cells_off(world, *off_mm))?,
            // A tissue lies where the image shows it; how surely that shows its edge is asked when it is judged.
            Marked::Marked(Shape::Tissues(_)) | Marked::NotMarked => {}
        }
    }
    let landed = plan.placements().iter().zip(&frame.aims).zip(&world.landings);
    let placements =
        landed.map(|((p, aim), landing)| land(p, aim, landing, frame.by_fat(world, aim.nerve), &there.tissues));
    let parts = PlanParts {
        placements: placements.collect(),
        protocol: plan.protocol().clone(),
        skin_contact: plan.skin_contact().to_owned(),
        fluid: plan.fluid().to_vec(),
    };
    let plan = Plan::new(parts, &there, catalogues).map_err(NoPlan::Plan)?;
    Ok((there, plan))
}

fn shifted(course: &Course, by: impl Fn(PatientPoint) -> PatientVector) -> Result<Course, NoPlan> {
    let moved = |p: &CoursePoint| CoursePoint { centre: p.centre + by(p.centre), radius_mm: p.radius_mm };
    Course::through(&course.points().iter().map(moved).collect::<Vec<_>>()).map_err(|_| NoPlan::Course)
}

/// The same cells elsewhere.
fn moved(cells: &Volume<bool>, off: PatientVector) -> Result<Volume<bool>, NoPlan> {
    let grid = cells.grid();
    let [x, y, z] = grid.voxel_to_patient().steps();
    let origin = grid.voxel_to_patient().offset() + off;
    let size = VoxelIndex::new(grid.size(Axis::Column), grid.size(Axis::Row), grid.size(Axis::Slice));
    let there = Grid::new(size, VoxelToPatient::new(x, y, z, origin)).map_err(|_| NoPlan::Course)?;
    Volume::new(there, cells.values().to_vec()).map_err(|_| NoPlan::Course)
}

/// Where a probe comes to lie; its entry is where its line meets the skin, or as planned where it never does.
fn land(
    placement: &ProbePlacement,
    aim: &Aim,
    landing: &Landing,
    with_fat: PatientVector,
    tissues: &TissueMap,
) -> ProbePlacement {
    let (entry, tip) = (placement.entry + with_fat, placement.tip + with_fat + aim.off(landing));
    let skin = skin_on_line(tissues, Segment { start: entry, end: tip });
    ProbePlacement { probe: placement.probe.clone(), entry: skin.unwrap_or(entry), tip }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anatomy::TissueKind;
    use crate::robust::tests_support::{limb, plan};

    fn world(change: impl Fn(&mut World)) -> (Anatomy, Plan) {
        let (catalogues, anatomy) = (Catalogues::bundled().unwrap(), limb());
        let plan = plan(&anatomy, &catalogues);
        let frame = Frame::of(&anatomy, &plan, &catalogues);
        let mut world = World::without_doubt(1, anatomy.structures.len());
        change(&mut world);
        placed(&anatomy, &plan, &catalogues, &frame, &world).unwrap()
    }

    /// Where the middle of the nerve lies.
    fn nerve(anatomy: &Anatomy) -> PatientPoint {
        anatomy.nerve.course.at(40.0).centre
    }

    #[test]
    fn a_world_without_doubt_is_that_of_the_plan() {
        let (there, placed) = world(|_| ());
        assert_eq!(there, limb());
        let planned = plan(&limb(), &Catalogues::bundled().unwrap());
        let (entry, tip) = (placed.placements()[0].entry, placed.placements()[0].tip);
        assert_eq!(tip, planned.placements()[0].tip);
        // The skin is found to half a walking step of 0.1 mm.
        assert!(entry.distance(planned.placements()[0].entry) < 0.051, "{entry}");
    }

    #[test]
    fn a_tip_lands_as_far_from_its_aim_as_was_drawn_and_towards_the_nerve() {
        let landing = Landing { towards_mm: 0.4, beside_mm: 0.3, along_mm: 1.2, size: 1.0 };
        let (there, placed) = world(|w| w.landings[0] = landing);
        let aim = plan(&limb(), &Catalogues::bundled().unwrap()).placements()[0].tip;
        let tip = placed.placements()[0].tip;
        assert!((tip.distance(aim) - landing.distance_mm()).abs() < 1e-9);
        // 1.2 mm deeper and 0.4 mm nearer: both bring it closer to a nerve that lies deeper and beside.
        let course = &there.nerve.course;
        assert!(course.surface_distance_mm(tip) < course.surface_distance_mm(aim));
    }

    #[test]
    fn thicker_fat_puts_nerve_and_probe_deeper_together() {
        let (there, placed) = world(|w| w.set(Factor::FatLayer, 2.5));
        // The nerve lies 7.5 of 12.5 mm deep in the fat: 0.6 of what is added.
        assert!((nerve(&there).y - nerve(&limb()).y - 1.5).abs() < 0.03, "{}", nerve(&there));
        let aim = plan(&limb(), &Catalogues::bundled().unwrap()).placements()[0].tip;
        assert!((placed.placements()[0].tip.y - aim.y - 1.5).abs() < 0.03);
        // Where muscle begins, at 14 mm, fat goes on to 16.5 mm.
        let at = |depth| there.tissues.at(PatientPoint::new(0.0, depth, 0.0));
        assert_eq!((at(16.4), at(16.6)), (Some(TissueKind::Fat), Some(TissueKind::Muscle)));
        // In a world of a fifth of the fat something is left of it.
        let (there, _) = world(|w| w.set(Factor::FatLayer, -12.0));
        assert_eq!(there.tissues.at(PatientPoint::new(0.0, 1.6, 0.0)), Some(TissueKind::Fat));
    }

    #[test]
    fn a_nerve_that_was_drawn_elsewhere_moves_and_the_probe_does_not() {
        let (there, placed) = world(|w| w.set(Factor::NerveMarking, 1.0));
        let planned = plan(&limb(), &Catalogues::bundled().unwrap());
        assert_eq!(placed.placements()[0].tip, planned.placements()[0].tip);
        assert!((nerve(&there).distance(nerve(&limb())) - 1.0).abs() < 1e-9);
        // Towards the probe.
        let tip = planned.placements()[0].tip;
        let surface_mm = |anatomy: &Anatomy| anatomy.nerve.course.surface_distance_mm(tip);
        assert!(surface_mm(&there) < surface_mm(&limb()) - 0.5);
    }

    #[test]
    fn what_was_marked_cell_by_cell_moves_with_its_own_doubt_and_keeps_its_cells() {
        let (catalogues, mut anatomy) = (Catalogues::bundled().unwrap(), limb());
        let unit = |x, y, z| PatientVector::new(x, y, z);
        let corner = PatientPoint::new(4.0, 8.0, -2.0);
        let map = VoxelToPatient::new(unit(0.5, 0.0, 0.0), unit(0.0, 0.5, 0.0), unit(0.0, 0.0, 0.5), corner);
        let cells = Volume::filled(Grid::new(VoxelIndex::new(4, 4, 9), map).unwrap(), true);
        anatomy.structures[0].shape = Marked::Marked(Shape::Cells(cells.clone()));
        let plan = plan(&anatomy, &catalogues);
        let frame = Frame::of(&anatomy, &plan, &catalogues);
        let mut world = World::without_doubt(1, anatomy.structures.len());
        world.structures_mm[0] = [0.6, -0.8];
        world.set(Factor::TransducerPressure, 0.7);
        let (there, _) = placed(&anatomy, &plan, &catalogues, &frame, &world).unwrap();
        let Marked::Marked(Shape::Cells(moved)) = &there.structures[0].shape else {
            panic!("{:?}", there.structures[0])
        };
        let off = moved.grid().centre(VoxelIndex::new(0, 0, 0)) - corner;
        // One millimetre across the nerve, and 0.7 mm deeper, which is across the nerve as well.
        let own = off - PatientVector::new(0.0, 0.7, 0.0);
        assert!((own.length() - 1.0).abs() < 1e-9 && own.z.abs() < 1e-6, "{off}");
        assert_eq!(moved.values(), cells.values());
    }

    #[test]
    fn the_edge_of_a_tissue_is_off_by_half_a_voxel_at_most_and_square_to_the_skin() {
        let (catalogues, anatomy) = (Catalogues::bundled().unwrap(), limb());
        let frame = Frame::of(&anatomy, &plan(&anatomy, &catalogues), &catalogues);
        let unit = |x, y, z| PatientVector::new(x, y, z);
        let map =
            VoxelToPatient::new(unit(1.0, 0.0, 0.0), unit(0.0, 0.8, 0.0), unit(0.0, 0.0, 3.0), PatientPoint::origin());
        let grid = Grid::new(VoxelIndex::new(2, 2, 2), map).unwrap();
        let image = TissueMap::Voxels(Volume::filled(grid, TissueKind::Fat));
        let skin = Marked::Marked(Shape::Tissues(vec![TissueKind::Skin]));
        let off = |share| frame.edge_off(&skin, &image, share);
        assert!((off(1.0).y - 0.4).abs() < 1e-9 && (off(0.0).y + 0.4).abs() < 1e-9 && off(0.5).length() < 1e-12);
        assert_eq!(frame.edge_off(&skin, &anatomy.tissues, 1.0).length(), 0.0);
    }

    #[test]
    fn the_transducer_presses_what_was_drawn_but_not_the_probe() {
        let (there, placed) = world(|w| w.set(Factor::TransducerPressure, 0.7));
        assert!((nerve(&there).y - nerve(&limb()).y - 0.7).abs() < 1e-9);
        assert_eq!(placed.placements()[0].tip.y, 9.0);
    }
}
