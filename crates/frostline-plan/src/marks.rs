//! Completes an anatomy with what every report must speak about: what was not marked is listed as not marked.

use crate::anatomy::{Anatomy, Marked, Shape, Structure, StructureKind, TissueKind, TissueMap};
use crate::catalogue::{Catalogues, structure_word};

/// Tissues that together are bone.
const BONE: [TissueKind; 3] = [TissueKind::CorticalBone, TissueKind::CancellousBone, TissueKind::Marrow];

/// The anatomy with skin and bone taken from its tissues, and with every other kind of structure that nobody outlined, or
/// that the atlas wants watched beside this nerve, listed as not marked.
pub fn completed(mut anatomy: Anatomy, catalogues: &Catalogues) -> Anatomy {
    let watched: Vec<StructureKind> =
        catalogues.nerves.find(&anatomy.nerve.id).map(|n| n.anatomy.value.watch.clone()).unwrap_or_default();
    for kind in StructureKind::ALL {
        let from_tissue = match kind {
            StructureKind::Skin => shape_of(&anatomy.tissues, &[TissueKind::Skin]),
            StructureKind::Bone => shape_of(&anatomy.tissues, &BONE),
            StructureKind::Tendon => shape_of(&anatomy.tissues, &[TissueKind::Tendon]),
            _ => Marked::NotMarked,
        };
        // What the tissue shows is watched also where somebody drew, or named as not marked, another one of its kind.
        if from_tissue == Marked::NotMarked && anatomy.structures.iter().any(|s| s.kind == kind) {
            continue;
        }
        let beside = if watched.contains(&kind) { " (lies beside this nerve)" } else { "" };
        let name = format!("{}{}", structure_word(kind).replace('-', " "), beside);
        anatomy.structures.push(Structure { name, kind, shape: from_tissue });
    }
    anatomy
}

/// These tissues as a structure, where the map has any of them.
fn shape_of(tissues: &TissueMap, kinds: &[TissueKind]) -> Marked<Shape> {
    let has = match tissues {
        TissueMap::Displaced(pushed) => return shape_of(pushed.before(), kinds),
        TissueMap::Voxels(volume) => volume.values().iter().any(|t| kinds.contains(t)),
        TissueMap::Layers(stack) => stack.layers().iter().any(|l| kinds.contains(&l.tissue)),
    };
    if has { Marked::Marked(Shape::Tissues(kinds.to_vec())) } else { Marked::NotMarked }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anatomy::{Layer, LayerStack, Origin, Side, TargetNerve};
    use frostline_space::{Course, CoursePoint, PatientPoint};

    fn limb_with_bone(structures: Vec<Structure>) -> Anatomy {
        let end = |z| CoursePoint { centre: PatientPoint::new(0.0, 4.0, z), radius_mm: 0.8 };
        let layers = vec![
            Layer { tissue: TissueKind::Skin, bottom_mm: 1.5 },
            Layer { tissue: TissueKind::Fat, bottom_mm: 8.0 },
            Layer { tissue: TissueKind::CorticalBone, bottom_mm: 12.0 },
        ];
        Anatomy {
            side: Side::Left,
            origin: Origin::Calipers,
            tissues: TissueMap::Layers(LayerStack::new(layers).unwrap()),
            nerve: TargetNerve {
                id: "sural".into(),
                course: Course::through(&[end(-20.0), end(20.0)]).unwrap(),
                distance_to_target_mm: Marked::NotMarked,
            },
            structures,
            remarks: vec![],
        }
    }

    fn of_kind(anatomy: &Anatomy, kind: StructureKind) -> Vec<bool> {
        let found = anatomy.structures.iter().filter(|s| s.kind == kind);
        found.map(|s| s.shape != Marked::NotMarked).collect()
    }

    #[test]
    fn a_bone_named_as_not_marked_does_not_hide_the_bone_of_the_image() {
        let fibula = Structure { name: "fibula".into(), kind: StructureKind::Bone, shape: Marked::NotMarked };
        let limb = completed(limb_with_bone(vec![fibula]), &Catalogues::bundled().unwrap());
        assert_eq!(of_kind(&limb, StructureKind::Bone), [false, true]);
    }

    #[test]
    fn every_kind_that_nobody_outlined_is_listed_as_not_marked() {
        let limb = completed(limb_with_bone(vec![]), &Catalogues::bundled().unwrap());
        assert_eq!(of_kind(&limb, StructureKind::Artery), [false]);
        assert_eq!(of_kind(&limb, StructureKind::MotorNerve), [false]);
        assert_eq!(of_kind(&limb, StructureKind::Skin), [true]);
        for kind in StructureKind::ALL {
            assert!(limb.structures.iter().any(|s| s.kind == kind), "{kind:?}");
        }
    }
}
