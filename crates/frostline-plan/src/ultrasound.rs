//! Anatomy from an ultrasound frame with masks: the cross-section seen in the frame, extended straight along the limb.
//!
//! Frame: x across the picture from its left rim, y depth under the skin line, z along the limb, mm. Knows the outlines in
//! one frame; does not know how anything runs before and behind it.

use frostline_formats::frame_png::{FrameMask, Patch, PixelSize};
use serde::Deserialize;

use crate::anatomy::{Anatomy, Origin, StructureKind};
use crate::layers::{DrawnSections, MeasureError, MeasuredLayer, Section, Target, read_structure};

/// What a person says about a frame and its mask.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrameReading {
    /// The layers from the skin down, with their depths under the skin line.
    pub layers: Vec<MeasuredLayer>,
    /// The label of the nerve in the mask.
    pub nerve_label: u16,
    /// Labels of vessels and other structures in the mask.
    #[serde(default)]
    pub beside: Vec<LabelledStructure>,
    /// The row of the picture on which the skin surface lies, from 0 at the top.
    #[serde(default)]
    pub skin_row_px: f64,
    /// Patches of the mask smaller than this are specks. Unit: mm2.
    #[serde(default = "smallest_patch_mm2")]
    pub smallest_patch_mm2: f64,
    /// Length of the limb that is modelled, the frame in its middle. Unit: mm.
    pub length_mm: f64,
}

/// A label of the mask that is not the target.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelledStructure {
    /// The label.
    pub label: u16,
    /// What people call it; several patches are numbered.
    pub name: String,
    /// What kind it is.
    #[serde(deserialize_with = "read_structure")]
    pub kind: StructureKind,
}

/// Less than the cross-section of a nerve of 1 mm; what is drawn smaller is a slip of the pen.
fn smallest_patch_mm2() -> f64 {
    0.5
}

/// A nerve this much longer than it is high is poorly described by a circle.
const FLAT_NERVE_RATIO: f64 = 1.5;

/// Why a frame does not make an anatomy.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FrameReadingError {
    /// No patch of the nerve's label.
    #[error(
        "the mask has no patch of label {label} of at least {smallest_mm2} mm2 (largest {largest_mm2:.3} mm2; labels in the mask: {present}); \
         check nerve_label and the pixel size"
    )]
    NoNerve {
        /// The label.
        label: u16,
        /// The least area.
        smallest_mm2: f64,
        /// The largest patch of that label.
        largest_mm2: f64,
        /// The labels there are.
        present: String,
    },
    /// Labels that nobody explained.
    #[error(
        "the mask has label {labels}, which the reading does not explain; add it under beside with a name and a kind"
    )]
    UnknownLabels {
        /// The labels.
        labels: String,
    },
    /// Measurements that cannot be true.
    #[error(transparent)]
    Measure(#[from] MeasureError),
}

/// The anatomy of one frame: layers by depth, the nerve and everything beside it by their patches in the mask.
///
/// # Errors
/// [`FrameReadingError`] when the nerve is not in the mask, a label is not explained, or the depths do not fit.
pub fn anatomy_from_frame(
    mask: &FrameMask,
    pixel: PixelSize,
    reading: &FrameReading,
    target: &Target,
) -> Result<Anatomy, FrameReadingError> {
    check_labels(mask, reading)?;
    let (nerves, mut remarks) = patches(mask, pixel, reading, reading.nerve_label, "the nerve");
    let Some(nerve) = nerves.first() else { return Err(no_nerve(mask, pixel, reading)) };
    remarks.extend(flat_remark(nerve));
    let mut beside = Vec::new();
    for (n, other) in nerves.iter().enumerate().skip(1) {
        // Nobody said what fibres it carries, so the more careful kind.
        let name = format!("patch {} of the nerve's label", n + 1);
        remarks.push(format!(
            "label {} has a second patch of {:.1} mm2; the larger one, {:.1} mm2, is taken as the target and this as a mixed nerve",
            reading.nerve_label, other.area_mm2, nerve.area_mm2
        ));
        beside.push((section(other, name, pixel, reading)?, StructureKind::MixedNerve));
    }
    for labelled in &reading.beside {
        let (found, specks) = patches(mask, pixel, reading, labelled.label, &labelled.name);
        remarks.extend(specks);
        if found.is_empty() {
            remarks.push(format!("the mask has no patch of {} (label {})", labelled.name, labelled.label));
        }
        for (n, patch) in found.iter().enumerate() {
            let name = if found.len() == 1 { labelled.name.clone() } else { format!("{} {}", labelled.name, n + 1) };
            beside.push((section(patch, name, pixel, reading)?, labelled.kind));
        }
    }
    let nerve = section(nerve, "the nerve".to_owned(), pixel, reading)?;
    let drawn = DrawnSections { layers: &reading.layers, nerve, beside, length_mm: reading.length_mm };
    let mut anatomy = drawn.anatomy(target, Origin::UltrasoundFrame)?;
    anatomy.remarks.splice(0..0, remarks);
    Ok(anatomy)
}

fn check_labels(mask: &FrameMask, reading: &FrameReading) -> Result<(), FrameReadingError> {
    let known = |label: &u16| *label == reading.nerve_label || reading.beside.iter().any(|b| b.label == *label);
    let unknown: Vec<_> = mask.present().into_iter().filter(|label| !known(label)).collect();
    if unknown.is_empty() { Ok(()) } else { Err(FrameReadingError::UnknownLabels { labels: listed(&unknown) }) }
}

fn listed(labels: &[u16]) -> String {
    labels.iter().map(u16::to_string).collect::<Vec<_>>().join(", ")
}

fn no_nerve(mask: &FrameMask, pixel: PixelSize, reading: &FrameReading) -> FrameReadingError {
    FrameReadingError::NoNerve {
        label: reading.nerve_label,
        smallest_mm2: reading.smallest_patch_mm2,
        largest_mm2: mask.patches(reading.nerve_label, pixel).first().map_or(0.0, |patch| patch.area_mm2),
        present: listed(&mask.present()),
    }
}

/// The patches of a label that are large enough, largest first, and a remark on those that are not.
fn patches(
    mask: &FrameMask,
    pixel: PixelSize,
    reading: &FrameReading,
    label: u16,
    name: &str,
) -> (Vec<Patch>, Vec<String>) {
    let (large, specks): (Vec<_>, Vec<_>) =
        mask.patches(label, pixel).into_iter().partition(|patch| patch.area_mm2 >= reading.smallest_patch_mm2);
    let remark = (!specks.is_empty()).then(|| {
        let largest_mm2 = specks.iter().map(|patch| patch.area_mm2).fold(0.0, f64::max);
        format!("{} specks of {name} in the mask, the largest {largest_mm2:.3} mm2, were left out", specks.len())
    });
    (large, remark.into_iter().collect())
}

fn flat_remark(nerve: &Patch) -> Option<String> {
    let (long_mm, short_mm) = (2.0 * nerve.ellipse.long_radius_mm, 2.0 * nerve.ellipse.short_radius_mm);
    (long_mm > FLAT_NERVE_RATIO * short_mm).then(|| {
        format!(
            "the nerve is flat in the frame, {long_mm:.1} x {short_mm:.1} mm; it is modelled as a circle of the same area, \
             {:.1} mm across",
            2.0 * nerve.equivalent_radius_mm
        )
    })
}

fn section(patch: &Patch, name: String, pixel: PixelSize, reading: &FrameReading) -> Result<Section, MeasureError> {
    let skin_mm = reading.skin_row_px * pixel.down_mm();
    Section {
        name,
        lateral_mm: patch.centre_across_mm,
        depth_mm: patch.centre_down_mm - skin_mm,
        radius_mm: patch.equivalent_radius_mm,
    }
    .checked()
}
