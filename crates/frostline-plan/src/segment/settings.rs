//! What is asked when tissue is looked for in a CT: the limits of the tissues and the scale of the clean-up.

use frostline_space::PatientPoint;

use crate::anatomy::TissueKind;
use crate::catalogue::{HuBand, Segmentation};

/// Where one tissue ends and the next begins. Unit: Hounsfield units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HounsfieldBands {
    /// Below it: air.
    pub air_below: f64,
    /// From air up to it: fat. From it up to bone: muscle.
    pub fat_below: f64,
    /// From it: bone.
    pub bone_above: f64,
    /// Inside bone, from it: cortical bone. From fat up to it: cancellous bone. Fat: yellow marrow.
    pub cortical_above: f64,
    /// From it: metal, near which no value can be trusted.
    pub metal_above: f64,
}

/// How tissue is found in a CT.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SegmentSettings {
    /// The Hounsfield units of the tissues.
    pub bands: HounsfieldBands,
    /// Thickness of the skin layer.
    pub skin_thickness_mm: f64,
    /// Depth under the skin layer in which muscle must hang on deeper muscle, or else is partial-volume skin.
    pub under_skin_mm: f64,
    /// Things thinner than twice this are not limb (table shell, blanket), and legs that touch over less are parted.
    pub neck_mm: f64,
    /// Gaps in a bone's cortex up to twice this count as closed when its inside is looked for; up to four times this next
    /// to a slice in which that inside is known.
    pub cortex_gap_mm: f64,
    /// Thickness of the rim around bone whose mixed values are taken from the tissue further out.
    pub bone_rim_mm: f64,
    /// Fat inside muscle, or muscle inside fat, below this volume is noise.
    pub smallest_island_mm3: f64,
    /// A piece of bone below this volume is not called bone.
    pub smallest_bone_mm3: f64,
    /// A place in the limb that is meant, such as a point of the nerve; without it, the biggest limb is taken.
    pub seed: Option<PatientPoint>,
}

/// The catalogue lacks the Hounsfield band of a tissue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "segmentation.toml has no band for {tissue:?}; bands for fat, muscle, cancellous bone and cortical bone are needed"
)]
pub struct MissingBand {
    /// The tissue.
    pub tissue: TissueKind,
}

// The scale of the clean-up. These are lengths of pictures, not of patients: they follow from the size of a CT cell
// (about 1 mm in the slice, 3 mm along the limb) and were tried on the three public leg CTs this project tests with.

/// The skin's inner face and the fat beneath share one or two cells.
const UNDER_SKIN_MM: f64 = 2.0;
/// A table shell is up to 4 mm thick, a finger 12 mm; anything from 3 to 5 mm gave the same limb.
const NECK_MM: f64 = 4.0;
/// Five cells of cortex may be missing in a slice that cuts it at a grazing angle, as at the tibial plateau.
const CORTEX_GAP_MM: f64 = 2.5;
/// A mixed cell lies next to bone, at one cell or at its diagonal.
const BONE_RIM_MM: f64 = 1.5;
/// Five cells: the scatter of the values makes clumps of up to four.
const SMALLEST_ISLAND_MM3: f64 = 15.0;
/// A sesamoid of the knee is some 300 mm3 and more; calcified vessel walls are less than a third of it.
const SMALLEST_BONE_MM3: f64 = 100.0;

impl SegmentSettings {
    /// With the limits and the skin thickness of the catalogue; the limb is the one that holds `seed`, else the biggest.
    ///
    /// # Errors
    /// [`MissingBand`] when a tissue has no band.
    pub fn from_catalogue(catalogue: &Segmentation, seed: Option<PatientPoint>) -> Result<Self, MissingBand> {
        let band = |tissue: TissueKind| -> Result<&HuBand, MissingBand> {
            let found = catalogue.band.iter().find(|band| band.kind == tissue).ok_or(MissingBand { tissue })?;
            Ok(&found.band.value)
        };
        let cortical = band(TissueKind::CorticalBone)?;
        Ok(Self {
            bands: HounsfieldBands {
                air_below: catalogue.air_below.value.hu,
                fat_below: band(TissueKind::Fat)?.high_hu,
                bone_above: band(TissueKind::Muscle)?.high_hu,
                cortical_above: cortical.low_hu,
                metal_above: cortical.high_hu,
            },
            skin_thickness_mm: catalogue.skin.value.millimetres,
            under_skin_mm: UNDER_SKIN_MM,
            neck_mm: NECK_MM,
            cortex_gap_mm: CORTEX_GAP_MM,
            bone_rim_mm: BONE_RIM_MM,
            smallest_island_mm3: SMALLEST_ISLAND_MM3,
            smallest_bone_mm3: SMALLEST_BONE_MM3,
            seed,
        })
    }
}
