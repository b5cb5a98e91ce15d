//! The words by which the data files name tissues and structures.

use serde::Deserialize;
use serde::de::Error as _;

use crate::anatomy::{StructureKind, TissueKind};

/// Every tissue that has properties of its own; outside the body there are none.
pub const TISSUES: [TissueKind; 12] = [
    TissueKind::Skin,
    TissueKind::Fat,
    TissueKind::Muscle,
    TissueKind::Fascia,
    TissueKind::Tendon,
    TissueKind::Nerve,
    TissueKind::CorticalBone,
    TissueKind::CancellousBone,
    TissueKind::Marrow,
    TissueKind::Cartilage,
    TissueKind::Blood,
    TissueKind::InjectedFluid,
];

/// The word for a tissue in files.
pub fn tissue_word(kind: TissueKind) -> &'static str {
    match kind {
        TissueKind::Outside => "outside",
        TissueKind::Skin => "skin",
        TissueKind::Fat => "fat",
        TissueKind::Muscle => "muscle",
        TissueKind::Fascia => "fascia",
        TissueKind::Tendon => "tendon",
        TissueKind::Nerve => "nerve",
        TissueKind::CorticalBone => "cortical-bone",
        TissueKind::CancellousBone => "cancellous-bone",
        TissueKind::Marrow => "marrow",
        TissueKind::Cartilage => "cartilage",
        TissueKind::Blood => "blood",
        TissueKind::InjectedFluid => "injected-fluid",
    }
}

/// The tissue that a word stands for.
pub fn tissue_called(word: &str) -> Option<TissueKind> {
    TISSUES.into_iter().chain([TissueKind::Outside]).find(|kind| tissue_word(*kind) == word)
}

/// The word for a kind of structure in files.
pub fn structure_word(kind: StructureKind) -> &'static str {
    match kind {
        StructureKind::Skin => "skin",
        StructureKind::Artery => "artery",
        StructureKind::Vein => "vein",
        StructureKind::MotorNerve => "motor-nerve",
        StructureKind::MixedNerve => "mixed-nerve",
        StructureKind::SensoryNerve => "sensory-nerve",
        StructureKind::Bone => "bone",
        StructureKind::Tendon => "tendon",
    }
}

/// The kind of structure that a word stands for.
pub fn structure_called(word: &str) -> Option<StructureKind> {
    StructureKind::ALL.into_iter().find(|kind| structure_word(*kind) == word)
}

pub(super) fn read_tissue<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<TissueKind, D::Error> {
    let word = String::deserialize(deserializer)?;
    tissue_called(&word).filter(|kind| *kind != TissueKind::Outside).ok_or_else(|| {
        let words = TISSUES.map(tissue_word).join(", ");
        D::Error::custom(format!("found tissue \"{word}\", expected one of {words}"))
    })
}

pub(super) fn read_structure<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<StructureKind, D::Error> {
    structure_in(&String::deserialize(deserializer)?)
}

pub(super) fn read_structures<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<StructureKind>, D::Error> {
    Vec::<String>::deserialize(deserializer)?.iter().map(|word| structure_in(word)).collect()
}

fn structure_in<E: serde::de::Error>(word: &str) -> Result<StructureKind, E> {
    structure_called(word).ok_or_else(|| {
        let words = StructureKind::ALL.map(structure_word).join(", ");
        E::custom(format!("found structure \"{word}\", expected one of {words}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_leads_back_to_its_kind() {
        for kind in TISSUES {
            assert_eq!(tissue_called(tissue_word(kind)), Some(kind));
        }
        for kind in StructureKind::ALL {
            assert_eq!(structure_called(structure_word(kind)), Some(kind));
        }
    }
}
