//! The way of a probe from the skin to its tip: where it meets the skin and what it passes through.

use frostline_space::{PatientPoint, Segment};

use crate::anatomy::{Anatomy, Marked, Shape, StructureKind, TissueKind, TissueMap};
use crate::coldest::ring;

/// A stretch of the way through something that must not be pierced.
#[derive(Clone, Debug, PartialEq)]
pub struct Crossing {
    /// What is pierced.
    pub name: String,
    /// What kind it is.
    pub kind: StructureKind,
    /// How far from the entry the way first meets it. Unit: mm.
    pub from_mm: f64,
    /// Length of the way inside it. Unit: mm.
    pub length_mm: f64,
}

/// How finely the way is walked; a tenth of the thinnest structure that is marked by hand.
const WALK_STEP_MM: f64 = 0.1;
/// How far beyond the entry and the tip the skin is looked for.
const SKIN_SEARCH_MM: f64 = 60.0;

/// Where the line through entry and tip passes from outside into the body, nearest to the entry; `None` when it does not
/// within 60 mm.
pub fn skin_on_line(tissues: &TissueMap, way: Segment) -> Option<PatientPoint> {
    let along = way.direction()?;
    let outside = |at_mm: f64| tissues.at(way.start + along * at_mm).is_none_or(|t| t == TissueKind::Outside);
    let (first, last) = (-SKIN_SEARCH_MM, way.length_mm() + SKIN_SEARCH_MM);
    let count = ((last - first) / WALK_STEP_MM).ceil() as usize;
    let mut found: Option<f64> = None;
    let mut was_outside = outside(first);
    for n in 1..=count {
        let at_mm = first + n as f64 * WALK_STEP_MM;
        let is_outside = outside(at_mm);
        if was_outside && !is_outside && found.is_none_or(|f| at_mm.abs() < f.abs()) {
            found = Some(at_mm - 0.5 * WALK_STEP_MM);
        }
        was_outside = is_outside;
    }
    found.map(|at_mm| way.start + along * at_mm)
}

/// Everything on the way that must not be pierced: bone, marked vessels, nerves other than the target, tendons.
///
/// `probe_radius_mm` widens the way: a vessel is met when the wall of the probe meets its wall.
pub fn crossings(anatomy: &Anatomy, way: Segment, probe_radius_mm: f64) -> Vec<Crossing> {
    let places = way.samples(WALK_STEP_MM);
    let step_mm = way.length_mm() / (places.len() - 1).max(1) as f64;
    let mut found = Vec::new();
    for structure in &anatomy.structures {
        let Marked::Marked(shape) = &structure.shape else { continue };
        if structure.kind == StructureKind::Skin {
            continue;
        }
        let probe = Probe { way, radius_mm: probe_radius_mm };
        let inside = |place: &PatientPoint| meets(anatomy, shape, *place, &probe);
        let Some(first) = places.iter().position(inside) else { continue };
        let inside_count = places.iter().filter(|p| inside(p)).count();
        found.push(Crossing {
            name: structure.name.clone(),
            kind: structure.kind,
            from_mm: first as f64 * step_mm,
            length_mm: inside_count as f64 * step_mm,
        });
    }
    found
}

/// A probe of some thickness on its way.
struct Probe {
    way: Segment,
    radius_mm: f64,
}

/// Places of the wall that are looked at around the axis; the axis itself is looked at as well.
const WALL_PLACES: usize = 8;

impl Probe {
    /// The axis and the wall at a place of the way.
    fn cross_section(&self, place: PatientPoint) -> impl Iterator<Item = PatientPoint> {
        let wall = self.way.direction().map(|along| ring(place, along, self.radius_mm, WALL_PLACES));
        std::iter::once(place).chain(wall.into_iter().flatten())
    }
}

fn meets(anatomy: &Anatomy, shape: &Shape, place: PatientPoint, probe: &Probe) -> bool {
    match shape {
        Shape::Course(course) => course.surface_distance_mm(place) < probe.radius_mm,
        Shape::Cells(cells) => probe.cross_section(place).any(|p| cells.nearest(p).copied().unwrap_or(false)),
        Shape::Tissues(kinds) => {
            probe.cross_section(place).any(|p| anatomy.tissues.at(p).is_some_and(|t| kinds.contains(&t)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anatomy::{Layer, LayerStack, Origin, Side, Structure, TargetNerve};
    use frostline_space::{Course, CoursePoint};

    fn tube(x: f64, depth: f64, radius_mm: f64) -> Course {
        let end = |z| CoursePoint { centre: PatientPoint::new(x, depth, z), radius_mm };
        Course::through(&[end(-30.0), end(30.0)]).unwrap()
    }

    fn limb() -> Anatomy {
        let layers = vec![
            Layer { tissue: TissueKind::Skin, bottom_mm: 1.5 },
            Layer { tissue: TissueKind::Fat, bottom_mm: 10.0 },
            Layer { tissue: TissueKind::CorticalBone, bottom_mm: 14.0 },
        ];
        Anatomy {
            side: Side::Left,
            origin: Origin::Calipers,
            tissues: TissueMap::Layers(LayerStack::new(layers).unwrap()),
            nerve: TargetNerve {
                id: "sural".into(),
                course: tube(0.0, 5.0, 1.0),
                distance_to_target_mm: Marked::NotMarked,
            },
            structures: vec![
                Structure {
                    name: "vein".into(),
                    kind: StructureKind::Vein,
                    shape: Marked::Marked(Shape::Course(tube(4.0, 4.0, 1.0))),
                },
                Structure {
                    name: "bone".into(),
                    kind: StructureKind::Bone,
                    shape: Marked::Marked(Shape::Tissues(vec![TissueKind::CorticalBone])),
                },
                Structure { name: "artery".into(), kind: StructureKind::Artery, shape: Marked::NotMarked },
            ],
            remarks: vec![],
        }
    }

    fn straight_down(x: f64, from: f64, to: f64) -> Segment {
        Segment { start: PatientPoint::new(x, from, 0.0), end: PatientPoint::new(x, to, 0.0) }
    }

    #[test]
    fn the_skin_is_found_when_the_entry_was_given_above_it() {
        let skin = skin_on_line(&limb().tissues, straight_down(2.0, -3.0, 5.0)).unwrap();
        // Halfway between the last sample outside and the first inside: within half of the 0.1 mm walking step.
        assert!(skin.y.abs() <= 0.051, "{skin}");
    }

    #[test]
    fn a_way_beside_the_vein_meets_it_only_with_a_thick_probe() {
        // The wall of the vein reaches from x = 3 to 5; a way at x = 2 passes it at 1 mm.
        assert!(crossings(&limb(), straight_down(2.0, 0.0, 8.0), 0.65).is_empty());
        let met = crossings(&limb(), straight_down(2.0, 0.0, 8.0), 1.2);
        assert_eq!(met.len(), 1);
        assert_eq!(met[0].kind, StructureKind::Vein);
    }

    #[test]
    fn a_way_into_bone_tells_where_and_how_deep() {
        let met = crossings(&limb(), straight_down(0.0, 0.0, 12.0), 0.65);
        assert_eq!(met.len(), 1);
        assert_eq!(met[0].kind, StructureKind::Bone);
        // Walking steps of 0.1 mm on each side.
        assert!((met[0].from_mm - 10.0).abs() < 0.11 && (met[0].length_mm - 2.0).abs() < 0.21, "{met:?}");
    }
}
