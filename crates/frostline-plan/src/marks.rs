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
        TissueMap::Voxels(volume) => volume.values().iter().any(|t| kinds.contains(t)),
        TissueMap::Layers(stack) => stack.layers().iter().any(|l| kinds.contains(&l.tissue)),
    };
    if has { Marked::Marked(Shape::Tissues(kinds.to_vec())) } else { Marked::NotMarked }
}
