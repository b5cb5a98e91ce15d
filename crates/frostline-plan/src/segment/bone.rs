//! Bone: by its Hounsfield units, and what its cortex encloses.

use frostline_space::{Volume, distance_map_mm};

use super::SegmentSettings;
use super::cells::{Axes, Lattice, flood, pieces};

/// Cells of bone, marrow included.
pub(super) fn find_bone(image: &Volume<f32>, limb: &[bool], settings: &SegmentSettings) -> Vec<bool> {
    let lattice = Lattice::of(image.grid());
    let mut bone = dense_pieces(image, limb, &lattice, settings);
    let enclosed = enclosed_by(image, limb, &bone, settings);
    for (cell, inside) in bone.iter_mut().zip(&enclosed) {
        *cell |= inside;
    }
    bone
}

fn dense_pieces(image: &Volume<f32>, limb: &[bool], lattice: &Lattice, settings: &SegmentSettings) -> Vec<bool> {
    let above = settings.bands.bone_above;
    let mut dense: Vec<bool> =
        image.values().iter().zip(limb).map(|(&hu, &inside)| inside && f64::from(hu) >= above).collect();
    for piece in pieces(lattice, &dense) {
        if (piece.len() as f64) * image.grid().cell_volume_mm3() < settings.smallest_bone_mm3 {
            piece.iter().for_each(|&cell| dense[cell] = false);
        }
    }
    dense
}

/// Cells that cannot be reached from outside the limb without passing the bone's wall.
///
/// The wall is the bone with gaps up to the cortex gap closed. The sides of the image are wall too: a bone that is cut
/// by the border keeps its marrow.
fn enclosed_by(image: &Volume<f32>, limb: &[bool], bone: &[bool], settings: &SegmentSettings) -> Vec<bool> {
    let lattice = Lattice::of(image.grid());
    let to_bone = distance_map_mm(image.grid(), bone);
    let gap_mm = settings.cortex_gap_mm as f32;
    let open = |cell: usize| !bone[cell] && (!limb[cell] || to_bone.values()[cell] > gap_mm);
    let seeds = (0..limb.len()).filter(|&cell| !limb[cell]);
    let reached = flood(&lattice, Axes::All, seeds, open);
    let from_outside = distance_map_mm(image.grid(), &reached);
    let by_volume = |cell: usize| limb[cell] && from_outside.values()[cell] > gap_mm;
    // A cortex that runs nearly along the slices is thin in them, and the volume leaks there; each slice by itself does not.
    let seeds = (0..limb.len()).filter(|&cell| !limb[cell]);
    let in_slices = flood(&lattice, Axes::InPlane, seeds, |cell| !bone[cell]);
    (0..limb.len()).map(|cell| limb[cell] && !bone[cell] && (by_volume(cell) || !in_slices[cell])).collect()
}
