//! The memory of a batch on the device.

use super::device::{self, Gpu, NOW_BYTES, NOW_STRIDE, PSI};
use super::place::{Place, Plot, Room};
use super::seat::{Seat, StartFields};
use super::special::Special;
use super::tables::Tables;
use super::words as w;

/// Every list of a batch, by its number in the shaders; number 0 is what dispatches are told.
pub(super) struct Fields {
    lists: Vec<wgpu::Buffer>,
    groups: Vec<wgpu::BindGroup>,
    plot: Plot,
    /// The book up to where the lists of scenes begin.
    book: Vec<u32>,
    /// Slots and stages that dispatches can be told of.
    pub(super) told: (usize, usize),
}

const STORAGE: wgpu::BufferUsages = wgpu::BufferUsages::STORAGE.union(wgpu::BufferUsages::COPY_SRC);

impl Fields {
    pub(super) fn new(gpu: &Gpu, seats: &[Seat], starts: &[StartFields]) -> Self {
        let sizes: Vec<_> = seats.iter().map(Seat::size).collect();
        let mut plot = Plot::of(&sizes);
        let (fields, blocks) = (u64::from(plot.fields), u64::from(plot.blocks));
        let specials: Vec<Special> = seats.iter().zip(&plot.places).map(|(s, place)| s.special(place)).collect();
        let mut book = book(seats, &plot);
        let needs: Vec<_> = specials.iter().map(|s| (s.rows.len(), s.lists.len())).collect();
        let (rows, lists_end) = plot.make_room(&needs, book.len() as u32);
        write_rooms(&mut book, &plot, rows);
        let mut made = Self { lists: Vec::new(), groups: Vec::new(), plot, book, told: (0, 0) };
        for (label, bytes) in [
            ("now", 0),
            ("book", 4 * u64::from(lists_end)),
            ("plan", 0),
            ("probes", 4 * u64::from(made.plot.doing)),
            ("psi", 8 * fields),
            ("joint", 16 * fields),
            ("state", 8 * fields),
            ("own", 16 * fields),
            ("rows", 4 * u64::from(rows * w::ROW_WORDS)),
            ("faces", 4 * u64::from(rows * w::FACE_WORDS)),
            ("record", 16 * fields),
            ("below", 4 * u64::from(made.plot.below)),
            ("partials", 16 * blocks),
            ("ledger", 0),
        ] {
            let usage = if label == "now" { wgpu::BufferUsages::UNIFORM } else { STORAGE };
            made.lists.push(gpu.buffer(label, bytes, usage));
        }
        made.write(gpu, device::BOOK, 0, &made.book);
        for (n, start) in starts.iter().enumerate() {
            made.upload_start(gpu, n, start);
        }
        for (n, special) in specials.iter().enumerate() {
            made.upload_special(gpu, n, special);
        }
        made.bind(gpu);
        made
    }

    pub(super) fn place(&self, n: usize) -> &Place {
        &self.plot.places[n]
    }

    pub(super) fn scenes(&self) -> usize {
        self.plot.places.len()
    }

    pub(super) fn list(&self, number: u32) -> &wgpu::Buffer {
        &self.lists[number as usize]
    }

    pub(super) fn group(&self, pass: usize) -> &wgpu::BindGroup {
        &self.groups[pass]
    }

    pub(super) fn blocks(&self) -> u32 {
        self.plot.blocks
    }

    pub(super) fn probes(&self) -> u32 {
        self.plot.probes
    }

    pub(super) fn row_blocks(&self) -> u32 {
        self.book[w::HEAD_ROWS as usize].div_ceil(w::BLOCK)
    }

    /// Words of the ledger for each slot.
    pub(super) fn ledger_words(&self) -> usize {
        self.scenes() * w::LEDGER_SCENE_WORDS as usize + self.plot.probes as usize
    }

    fn write<T: bytemuck::NoUninit>(&self, gpu: &Gpu, list: u32, at_byte: u64, data: &[T]) {
        if !data.is_empty() {
            gpu.queue.write_buffer(self.list(list), at_byte, bytemuck::cast_slice(data));
        }
    }

    fn upload_start(&self, gpu: &Gpu, n: usize, start: &StartFields) {
        let first = u64::from(self.place(n).first);
        self.write(gpu, PSI, 4 * first, &start.psi);
        let state: Vec<[f32; 2]> = start.u.iter().map(|&u| [u, u]).collect();
        self.write(gpu, device::STATE, 8 * first, &state);
        let record: Vec<[f32; 4]> = start.u.iter().map(|&u| [u, u, 0.0, 0.0]).collect();
        self.write(gpu, device::RECORD, 16 * first, &record);
    }

    /// What a switch changed in one scene; there must be room for it.
    pub(super) fn upload_special(&self, gpu: &Gpu, n: usize, special: &Special) {
        let place = self.place(n);
        let first = u64::from(place.first);
        self.write(gpu, device::JOINT, 16 * first, &special.joint);
        self.write(gpu, device::OWN, 16 * first, &special.own);
        // Rows that are left over from before must not be taken for faces.
        let mut rows = special.rows.clone();
        rows.resize(place.rows.size as usize, [0; w::ROW_WORDS as usize]);
        self.write(gpu, device::ROWS, 4 * u64::from(place.rows.first * w::ROW_WORDS), &rows);
        self.write(gpu, device::FACES, 4 * u64::from(place.rows.first * w::FACE_WORDS), &special.faces);
        self.write(gpu, device::BOOK, 4 * u64::from(place.lists.first), &special.lists);
        let probes_at = u64::from(self.book[w::HEAD_PROBES_AT as usize] + place.probes_first * w::PROBE_WORDS);
        self.write(gpu, device::BOOK, 4 * probes_at, &special.probes);
        self.write(gpu, device::PROBES, 4 * u64::from(place.probes_first * w::STATE_WORDS), &special.doing);
    }

    /// True when what a switch brings finds room.
    pub(super) fn has_room(&self, n: usize, special: &Special) -> bool {
        let place = self.place(n);
        special.rows.len() <= place.rows.size as usize && special.lists.len() <= place.lists.size as usize
    }

    /// Moves rows and lists to where every scene has room; nothing in them is lost.
    pub(super) fn grow(&mut self, gpu: &Gpu, needs: &[(usize, usize)]) {
        let old: Vec<(Room, Room)> = self.plot.places.iter().map(|p| (p.rows, p.lists)).collect();
        let needs: Vec<_> = old
            .iter()
            .zip(needs)
            .map(|((rows, lists), need)| (need.0.max(rows.size as usize), need.1.max(lists.size as usize)))
            .collect();
        let (rows, lists_end) = self.plot.make_room(&needs, self.book.len() as u32);
        write_rooms(&mut self.book, &self.plot, rows);
        let sizes = [
            (device::BOOK, 4 * u64::from(lists_end)),
            (device::ROWS, 4 * u64::from(rows * w::ROW_WORDS)),
            (device::FACES, 4 * u64::from(rows * w::FACE_WORDS)),
        ];
        let mut encoder = gpu.device.create_command_encoder(&Default::default());
        for (number, bytes) in sizes {
            let grown = gpu.buffer("grown", bytes, STORAGE);
            let from = std::mem::replace(&mut self.lists[number as usize], grown);
            for (place, (rows, lists)) in self.plot.places.iter().zip(&old) {
                let (was, is, words) = match number {
                    device::BOOK => (lists, place.lists, 1),
                    device::ROWS => (rows, place.rows, w::ROW_WORDS),
                    _ => (rows, place.rows, w::FACE_WORDS),
                };
                let at = |first: u32| 4 * u64::from(first * words);
                let to = self.list(number);
                encoder.copy_buffer_to_buffer(&from, at(was.first), to, at(is.first), at(was.size));
            }
            if number == device::BOOK {
                // Words of probes, which switches change, lie before the lists.
                let probes_at = 4 * u64::from(self.book[w::HEAD_PROBES_AT as usize]);
                let bytes = 4 * u64::from(self.plot.probes * w::PROBE_WORDS);
                if bytes > 0 {
                    encoder.copy_buffer_to_buffer(&from, probes_at, self.list(number), probes_at, bytes);
                }
            }
        }
        // The book is written first: what is handed over by write comes before what is handed over by copies.
        self.write(gpu, device::BOOK, 0, &self.book);
        gpu.queue.submit([encoder.finish()]);
        self.bind(gpu);
    }

    /// The plan of a round, and room for what it sums up.
    pub(super) fn upload_plan(&mut self, gpu: &Gpu, plan: &[u32], slots: usize, stages: usize) {
        let mut is_new = false;
        for (list, bytes) in
            [(device::PLAN, 4 * plan.len() as u64), (device::LEDGER, (4 * slots * self.ledger_words()) as u64)]
        {
            if self.list(list).size() < bytes {
                self.lists[list as usize] = gpu.buffer("longer", bytes + bytes / 2, STORAGE);
                is_new = true;
            }
        }
        if self.told.0 < slots || self.told.1 < stages {
            self.told = (self.told.0.max(slots), self.told.1.max(stages));
            let count = self.told.0 * self.told.1;
            let mut now = vec![0_u32; count * (NOW_STRIDE / 4) as usize];
            for n in 0..count {
                let at = n * (NOW_STRIDE / 4) as usize;
                (now[at], now[at + 1]) = ((n / self.told.1) as u32, (n % self.told.1) as u32);
            }
            self.lists[0] = gpu.buffer("now", 4 * now.len() as u64, wgpu::BufferUsages::UNIFORM);
            self.write(gpu, 0, 0, &now);
            is_new = true;
        }
        self.write(gpu, device::PLAN, 0, plan);
        if is_new {
            self.bind(gpu);
        }
    }

    fn bind(&mut self, gpu: &Gpu) {
        let groups = gpu.passes.iter().map(|pass| {
            let now =
                wgpu::BufferBinding { buffer: &self.lists[0], offset: 0, size: std::num::NonZeroU64::new(NOW_BYTES) };
            let mut entries = vec![wgpu::BindGroupEntry { binding: 0, resource: wgpu::BindingResource::Buffer(now) }];
            entries.extend(
                pass.bindings
                    .iter()
                    .map(|&binding| wgpu::BindGroupEntry { binding, resource: self.list(binding).as_entire_binding() }),
            );
            gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: None,
                layout: &pass.layout,
                entries: &entries,
            })
        });
        self.groups = groups.collect();
    }
}

/// Head, scenes, blocks, probes, limits and tissues; lists of scenes follow it.
fn book(seats: &[Seat], plot: &Plot) -> Vec<u32> {
    let scenes_end = w::HEAD_WORDS as usize + seats.len() * w::SCENE_WORDS as usize;
    let mut book = vec![0; scenes_end];
    let mut limits_at = Vec::new();
    let probes_at = book.len();
    book.resize(probes_at + (plot.probes * w::PROBE_WORDS) as usize, 0);
    let blocks_at = book.len();
    for place in &plot.places {
        book.extend(std::iter::repeat_n(place.number, place.blocks as usize));
    }
    for seat in seats {
        limits_at.push(book.len());
        book.extend(seat.limits_u().flatten().map(|limit| limit.to_bits()));
    }
    let tissues = seats.iter().map(|seat| seat.mesh.kinds.len()).sum();
    let mut tables = Tables::new(book.len(), tissues);
    for ((seat, place), limits_at) in seats.iter().zip(&plot.places).zip(limits_at) {
        let kinds_at = seat.mesh.kinds.iter().map(|kind| tables.add(kind)).min().unwrap_or_default();
        let at = scene_word(place, 0);
        for (word, value) in [
            (w::SCENE_FIRST, place.first),
            (w::SCENE_FIRST_BLOCK, place.first_block),
            (w::SCENE_BLOCKS, place.blocks),
            (w::SCENE_STRIDE_Y, seat.mesh.stride[1] as u32),
            (w::SCENE_STRIDE_Z, seat.mesh.stride[2] as u32),
            (w::SCENE_KINDS_AT, kinds_at),
            (w::SCENE_KINDS, seat.mesh.kinds.len() as u32),
            (w::SCENE_STASIS, u32::from(seat.has_stasis())),
            (w::SCENE_LIMITS, seat.limits_u().len() as u32),
            (w::SCENE_LIMITS_AT, limits_at as u32),
            (w::SCENE_BELOW_FIRST, place.below_first),
            (w::SCENE_PLACES, place.places() as u32),
        ] {
            book[at + word as usize] = value;
        }
    }
    for (word, value) in [
        (w::HEAD_SCENES, seats.len() as u32),
        (w::HEAD_BLOCKS, plot.blocks),
        (w::HEAD_BLOCKS_AT, blocks_at as u32),
        (w::HEAD_PLACES, plot.fields),
        (w::HEAD_PROBES, plot.probes),
        (w::HEAD_PROBES_AT, probes_at as u32),
    ] {
        book[word as usize] = value;
    }
    book.extend(tables.into_words());
    book
}

fn scene_word(place: &Place, word: u32) -> usize {
    (w::HEAD_WORDS + place.number * w::SCENE_WORDS + word) as usize
}

/// Writes into the book where rows and lists of every scene begin.
fn write_rooms(book: &mut [u32], plot: &Plot, rows: u32) {
    book[w::HEAD_ROWS as usize] = rows;
    for place in &plot.places {
        book[scene_word(place, w::SCENE_ROWS_FIRST)] = place.rows.first;
        book[scene_word(place, w::SCENE_LISTS_AT)] = place.lists.first;
    }
}
