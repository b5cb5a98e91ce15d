//! Skin, fat and muscle, and the kinds of bone.

use frostline_space::{Axis, Volume, distance_map_mm};

use super::cells::{Axes, Lattice, pieces};
use super::limb::FoundLimb;
use super::{SegmentSettings, TissueKind};

/// The tissue of every cell, from the limb and its bones.
pub(super) fn tissues(
    image: &Volume<f32>,
    found: &FoundLimb,
    bone: &[bool],
    settings: &SegmentSettings,
) -> Vec<TissueKind> {
    let depth_mm = depth_mm(image, &found.limb);
    let mut tissues: Vec<TissueKind> = (0..bone.len())
        .map(|cell| {
            if !found.limb[cell] {
                TissueKind::Outside
            } else if bone[cell] {
                bone_kind(f64::from(image.values()[cell]), settings)
            } else if found.enclosed_air[cell] || f64::from(image.values()[cell]) < settings.bands.fat_below {
                TissueKind::Fat
            } else {
                TissueKind::Muscle
            }
        })
        .collect();
    let lattice = Lattice::of(image.grid());
    close_cortex(&lattice, &mut tissues, bone);
    settle_bone_rim(image, &mut tissues, bone, settings.bone_rim_mm);
    remove_shell_under_skin(&lattice, &mut tissues, &depth_mm, settings);
    remove_islands(image, &mut tissues, settings.smallest_island_mm3);
    lay_skin(&lattice, &mut tissues, &depth_mm, settings.skin_thickness_mm);
    tissues
}

/// Depth of each cell's centre under the surface, which lies half a cell outside the outermost centres.
fn depth_mm(image: &Volume<f32>, limb: &[bool]) -> Vec<f64> {
    let grid = image.grid();
    let outside: Vec<bool> = limb.iter().map(|&inside| !inside).collect();
    let half_cell_mm = 0.5 * grid.spacing_mm(Axis::Column).min(grid.spacing_mm(Axis::Row));
    distance_map_mm(grid, &outside).values().iter().map(|&d| f64::from(d) - half_cell_mm).collect()
}

fn bone_kind(hu: f64, settings: &SegmentSettings) -> TissueKind {
    if hu >= settings.bands.cortical_above {
        TissueKind::CorticalBone
    } else if hu < settings.bands.fat_below {
        TissueKind::Marrow
    } else {
        TissueKind::CancellousBone
    }
}

/// A bone's outermost cells are cortex, thinner than a cell as it may be.
fn close_cortex(lattice: &Lattice, tissues: &mut [TissueKind], bone: &[bool]) {
    for cell in 0..bone.len() {
        if bone[cell] && lattice.neighbours(cell, Axes::All).any(|next| !bone[next]) {
            tissues[cell] = TissueKind::CorticalBone;
        }
    }
}

/// Cells at the bone's edge mix bone with what lies outside and look like muscle; they take the tissue further out.
fn settle_bone_rim(image: &Volume<f32>, tissues: &mut [TissueKind], bone: &[bool], rim_mm: f64) {
    /// Cells each way that surely reach past the rim.
    const REACH: usize = 3;
    let lattice = Lattice::of(image.grid());
    let to_bone = distance_map_mm(image.grid(), bone);
    let in_rim = |cell: usize| to_bone.values()[cell] <= rim_mm as f32;
    let before = tissues.to_vec();
    for cell in 0..bone.len() {
        if before[cell] != TissueKind::Muscle || !in_rim(cell) {
            continue;
        }
        let (mut fat, mut muscle) = (0, 0);
        for near in lattice.around(cell, REACH).filter(|&near| !in_rim(near)) {
            match before[near] {
                TissueKind::Fat => fat += 1,
                TissueKind::Muscle => muscle += 1,
                _ => {}
            }
        }
        if fat > muscle {
            tissues[cell] = TissueKind::Fat;
        }
    }
}

/// Muscle just under the skin that no deeper muscle carries is the skin's inner half, mixed with fat.
fn remove_shell_under_skin(
    lattice: &Lattice,
    tissues: &mut [TissueKind],
    depth_mm: &[f64],
    settings: &SegmentSettings,
) {
    let bottom_mm = settings.skin_thickness_mm + settings.under_skin_mm;
    let is_muscle = |cell: usize| tissues[cell] == TissueKind::Muscle;
    let deep = |cell: usize| is_muscle(cell) && depth_mm[cell] > bottom_mm;
    // Only straight up from deep muscle: each step must lead towards the surface, or the shell would be followed round.
    let mut carried: Vec<bool> = (0..tissues.len()).map(deep).collect();
    let mut band: Vec<usize> =
        (0..tissues.len()).filter(|&cell| is_muscle(cell) && depth_mm[cell] <= bottom_mm).collect();
    band.sort_by(|&a, &b| depth_mm[b].total_cmp(&depth_mm[a]));
    for &cell in &band {
        carried[cell] = lattice.neighbours(cell, Axes::All).any(|n| carried[n] && depth_mm[n] > depth_mm[cell]);
    }
    for cell in band {
        if !carried[cell] {
            tissues[cell] = TissueKind::Fat;
        }
    }
}

/// Grains of fat in muscle and of muscle in fat go; sheets and strands stay.
fn remove_islands(image: &Volume<f32>, tissues: &mut [TissueKind], smallest_mm3: f64) {
    let lattice = Lattice::of(image.grid());
    for (island, sea) in [(TissueKind::Fat, TissueKind::Muscle), (TissueKind::Muscle, TissueKind::Fat)] {
        let inside: Vec<bool> = tissues.iter().map(|&t| t == island).collect();
        for piece in pieces(&lattice, &inside) {
            if (piece.len() as f64) * image.grid().cell_volume_mm3() < smallest_mm3 {
                piece.into_iter().for_each(|cell| tissues[cell] = sea);
            }
        }
    }
}

/// The skin: all soft tissue down to its thickness, and every cell that touches the outside.
fn lay_skin(lattice: &Lattice, tissues: &mut [TissueKind], depth_mm: &[f64], thickness_mm: f64) {
    let outside: Vec<bool> = tissues.iter().map(|&t| t == TissueKind::Outside).collect();
    for cell in 0..tissues.len() {
        let bare = || lattice.neighbours(cell, Axes::All).any(|next| outside[next]);
        if !outside[cell] && (depth_mm[cell] <= thickness_mm || bare()) {
            tissues[cell] = TissueKind::Skin;
        }
    }
}
