//! Where the scenes of a batch lie in the fields and lists of the device.

use super::super::mesh::Mesh;
use super::words as w;

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
}
