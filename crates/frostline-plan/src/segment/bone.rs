//! Bone: by its Hounsfield units, and what its cortex encloses.

use frostline_space::{Axis, Grid, Volume, VoxelIndex, distance_map_mm};

use super::cells::{Axes, Lattice, flood, pieces};
use super::{HounsfieldBands, SegmentSettings};

/// Cells of bone, marrow included.
pub(super) fn find_bone(image: &Volume<f32>, limb: &[bool], settings: &SegmentSettings) -> Vec<bool> {
    let lattice = Lattice::of(image.grid());
    let mut bone = dense_pieces(image, limb, &lattice, settings);
    fill_holes(&lattice, limb, &mut bone);
    let gap_mm = settings.cortex_gap_mm as f32;
    let narrow = behind_gaps(image.grid(), limb, &bone, gap_mm);
    let wide = behind_gaps(image.grid(), limb, &bone, 2.0 * gap_mm);
    let behind_thin_wall = behind_gaps(image.grid(), limb, &thin_wall(image, limb, &settings.bands), gap_mm);
    bone.iter_mut().zip(narrow).for_each(|(cell, inside)| *cell |= inside);
    let likely: Vec<bool> = wide.iter().zip(&behind_thin_wall).map(|(&a, &b)| a || b).collect();
    carry_across_slices(&lattice, &mut bone, &likely);
    fill_holes(&lattice, limb, &mut bone);
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

/// How far from the limit of fat to that of bone the value of a cortex thinner than a cell lies at least; muscle, with
/// its scatter, lies below.
const THIN_CORTEX_SHARE: f64 = 0.7;

fn thin_wall(image: &Volume<f32>, limb: &[bool], bands: &HounsfieldBands) -> Vec<bool> {
    let above = bands.fat_below + THIN_CORTEX_SHARE * (bands.bone_above - bands.fat_below);
    image.values().iter().zip(limb).map(|(&hu, &inside)| inside && f64::from(hu) >= above).collect()
}

/// Adds what cannot be reached from outside the limb without passing bone: through the volume, or within its slice,
/// because a cortex that runs nearly along the slices is thin and the volume leaks there.
///
/// The sides of the image are wall too: a bone that is cut by the border keeps its marrow.
fn fill_holes(lattice: &Lattice, limb: &[bool], bone: &mut [bool]) {
    for axes in [Axes::All, Axes::InPlane] {
        let outside = (0..limb.len()).filter(|&cell| !limb[cell]);
        let reached = flood(lattice, axes, outside, |cell| !bone[cell]);
        (0..limb.len()).filter(|&cell| !reached[cell]).for_each(|cell| bone[cell] = true);
    }
}

/// A cavity behind wide gaps is bone where the slice below or above has bone: a long bone does not stop for one slice.
fn carry_across_slices(lattice: &Lattice, bone: &mut [bool], cavity: &[bool]) {
    let slice = lattice.slice_size();
    for cell in slice..bone.len() {
        bone[cell] |= cavity[cell] && bone[cell - slice];
    }
    for cell in (0..bone.len() - slice).rev() {
        bone[cell] |= cavity[cell] && bone[cell + slice];
    }
}

/// Cavities that a wall with gaps of up to twice `gap_mm` encloses within a slice.
///
/// A cavity has room: some of it lies further than that from the wall. Clefts between bones, such as a joint, have none.
fn behind_gaps(grid: &Grid, limb: &[bool], wall: &[bool], gap_mm: f32) -> Vec<bool> {
    let one_slice = VoxelIndex::new(grid.size(Axis::Column), grid.size(Axis::Row), 1);
    // One slice of a valid grid is valid.
    let slice = Grid::new(one_slice, *grid.voxel_to_patient()).expect("one slice of a grid is a grid");
    let slices = limb.chunks(slice.count()).zip(wall.chunks(slice.count()));
    slices.flat_map(|(limb, wall)| behind_gaps_in_slice(&slice, limb, wall, gap_mm)).collect()
}

fn behind_gaps_in_slice(slice: &Grid, limb: &[bool], wall: &[bool], gap_mm: f32) -> Vec<bool> {
    let to_wall = distance_map_mm(slice, wall);
    let roomy = |cell: usize| !wall[cell] && (!limb[cell] || to_wall.values()[cell] > gap_mm);
    let outside = (0..limb.len()).filter(|&cell| !limb[cell]);
    let reached = flood(&Lattice::of(slice), Axes::All, outside, roomy);
    let room: Vec<bool> = (0..limb.len()).map(|cell| limb[cell] && roomy(cell) && !reached[cell]).collect();
    if !room.contains(&true) {
        return room;
    }
    let (to_room, to_reached) = (distance_map_mm(slice, &room), distance_map_mm(slice, &reached));
    // The rim between the room and the wall; a gap in the wall is closed halfway through.
    let in_rim = |room_mm: f32, reached_mm: f32| room_mm <= gap_mm && room_mm < reached_mm;
    let rim = to_room.values().iter().zip(to_reached.values()).map(|(&room, &reached)| in_rim(room, reached));
    rim.zip(limb).map(|(in_rim, &inside)| in_rim && inside).collect()
}
