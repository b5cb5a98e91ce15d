//! Where the scenes of a batch lie in the fields and lists of the device.

use super::super::mesh::{BLOCK, Mesh};
use super::words as w;
use crate::scene::FreezeScene;

/// Where one scene lies. Cells count from 0 in the scene.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    /// Number of the scene in the batch.
    pub(super) number: u32,
    /// Place of its first cell in every field; a layer of nothing lies before and behind.
    pub(super) first: u32,
    pub(super) first_block: u32,
    pub(super) blocks: u32,
    /// Places of its probes, of what their links pull to, and of its times below isotherms.
    pub(super) probes_first: u32,
    pub(super) targets_first: u32,
    pub(super) below_first: u32,
    /// Room for rows and lists, which change with every switch.
    pub(super) rows: Room,
    pub(super) lists: Room,
}

/// A stretch of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Room {
    pub(super) first: u32,
    pub(super) size: u32,
}

impl Place {
    /// Places of the scene: whole blocks.
    pub(super) fn places(&self) -> usize {
        (self.blocks * w::BLOCK) as usize
    }
}

/// What one scene takes.
pub(super) struct Size {
    pub(super) stored: usize,
    pub(super) pad: usize,
    pub(super) probes: usize,
    pub(super) kinds: usize,
    pub(super) isotherms: usize,
}

impl Size {
    pub(super) fn of(mesh: &Mesh, probes: usize, isotherms: usize) -> Self {
        Self { stored: mesh.stored, pad: mesh.pad, probes, kinds: mesh.kinds.len(), isotherms }
    }

    fn blocks(&self) -> usize {
        self.stored.div_ceil(w::BLOCK as usize)
    }

    /// Places that the scene takes in the fields, with what lies around it.
    pub(super) fn places(&self) -> usize {
        self.blocks() * w::BLOCK as usize + 2 * self.pad.next_multiple_of(w::BLOCK as usize)
    }
}

/// Places of all scenes, without rows and lists, and how long the fields are.
pub(super) struct Plot {
    pub(super) places: Vec<Place>,
    pub(super) fields: u32,
    pub(super) blocks: u32,
    pub(super) probes: u32,
    /// Length of the list of what probes do and pull to.
    pub(super) doing: u32,
    pub(super) below: u32,
}

impl Plot {
    pub(super) fn of(sizes: &[Size]) -> Self {
        let probes: usize = sizes.iter().map(|size| size.probes).sum();
        let (mut first, mut block, mut probe, mut below) = (0, 0, 0, 0);
        let mut target = probes * w::STATE_WORDS as usize;
        let mut places = Vec::new();
        for (number, size) in sizes.iter().enumerate() {
            let pad = size.pad.next_multiple_of(w::BLOCK as usize);
            places.push(Place {
                number: number as u32,
                first: (first + pad) as u32,
                first_block: block as u32,
                blocks: size.blocks() as u32,
                probes_first: probe as u32,
                targets_first: target as u32,
                below_first: below as u32,
                rows: Room::default(),
                lists: Room::default(),
            });
            first += size.places();
            block += size.blocks();
            probe += size.probes;
            target += 2 * size.probes * size.kinds;
            below += size.isotherms * size.blocks() * w::BLOCK as usize;
        }
        Self {
            places,
            fields: first as u32,
            blocks: block as u32,
            probes: probes as u32,
            doing: target as u32,
            below: below as u32,
        }
    }

    /// Gives every scene room for so many rows and words of lists, and half as much again for later switches. The lists
    /// begin at a place in the book. Returns where rows and lists end.
    pub(super) fn make_room(&mut self, needs: &[(usize, usize)], lists_at: u32) -> (u32, u32) {
        let (mut row, mut list) = (0, lists_at);
        for (place, &(rows, lists)) in self.places.iter_mut().zip(needs) {
            let room = |first: u32, needed: usize| Room { first, size: (needed + needed / 2 + SPARE) as u32 };
            (place.rows, place.lists) = (room(row, rows), room(list, lists));
            row += place.rows.size;
            list += place.lists.size;
        }
        (row, list)
    }
}

/// Room beyond what is needed now.
const SPARE: usize = 64;

/// Most memory of the device that one batch takes; what does not fit waits for its turn. A small graphics card has 4 GiB.
/// Unit: bytes.
const MOST_BATCH_BYTES: u64 = 3 << 30;
/// What one place takes in all fields together, and in the longest of them; without times below isotherms. Unit: bytes.
const BYTES_PER_PLACE: (u64, u64) = (68, 16);

/// What a scene asks of the device, before anything is made of it. Unit: bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Need {
    pub(super) bytes: u64,
    pub(super) longest_bytes: u64,
}

impl Need {
    pub(super) fn of(scene: &FreezeScene) -> Self {
        let (grid, isotherms) = (scene.grid(), scene.parts().isotherms_c.len() as u64);
        let layer = grid.size().i * grid.size().j;
        let whole = |cells: usize| cells.next_multiple_of(w::BLOCK as usize);
        // A layer rounded to what the solver's registers hold is no more than one rounded to blocks.
        let places = (whole(grid.cell_count() + BLOCK) + 2 * whole(layer + BLOCK)) as u64;
        Self {
            bytes: places * (BYTES_PER_PLACE.0 + 4 * isotherms),
            longest_bytes: places * BYTES_PER_PLACE.1.max(4 * isotherms),
        }
    }
}

/// Numbers of the scenes that run together, in their order.
pub(super) fn batches(needs: &[Need], longest_bytes: u64) -> Vec<Vec<usize>> {
    let mut batches: Vec<Vec<usize>> = Vec::new();
    let mut all = Need { bytes: 0, longest_bytes: 0 };
    for (n, need) in needs.iter().enumerate() {
        let with = Need { bytes: all.bytes + need.bytes, longest_bytes: all.longest_bytes + need.longest_bytes };
        let fits = with.bytes <= MOST_BATCH_BYTES && with.longest_bytes <= longest_bytes;
        match batches.last_mut().filter(|_| fits) {
            Some(batch) => {
                batch.push(n);
                all = with;
            }
            None => {
                batches.push(vec![n]);
                all = *need;
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(stored: usize, pad: usize) -> Size {
        Size { stored, pad, probes: 2, kinds: 3, isotherms: 1 }
    }

    #[test]
    fn scenes_lie_apart_by_a_layer_of_nothing() {
        let plot = Plot::of(&[size(1000, 100), size(300, 300)]);
        let (a, b) = (&plot.places[0], &plot.places[1]);
        // 1000 cells are 4 blocks; pads are whole blocks of 256.
        assert_eq!((a.first, a.blocks), (256, 4));
        // The first scene ends at 256 + 1024, then its pad of 256 and the second's of 512.
        assert_eq!(b.first, 256 + 1024 + 256 + 512);
        assert_eq!(plot.fields, b.first + 512 + 512);
        // Four probes of 8 words, then 2 x 2 x 3 targets each.
        assert_eq!((a.targets_first, b.targets_first, plot.doing), (32, 44, 56));
    }

    #[test]
    fn a_batch_is_full_when_memory_or_the_longest_list_is() {
        let need = |bytes, longest_bytes| Need { bytes, longest_bytes };
        let short = [need(10, 3); 5];
        assert_eq!(batches(&short, 6), [vec![0, 1], vec![2, 3], vec![4]]);
        let big = [need(MOST_BATCH_BYTES / 2, 1), need(MOST_BATCH_BYTES / 2, 1), need(1, 1)];
        assert_eq!(batches(&big, 100), [vec![0, 1], vec![2]]);
        // What fits nowhere is alone, so that it fails alone.
        assert_eq!(batches(&[need(1, 1), need(1, 9), need(1, 1)], 6), [vec![0], vec![1], vec![2]]);
        assert!(batches(&[], 6).is_empty());
    }
}
