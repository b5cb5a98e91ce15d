//! Scenes that run together: rounds of steps on the device, records and switches on the host between them.

use rayon::prelude::*;

use super::super::record::device::Extremes;
use super::super::{Continue, Progress, SimulateError};
use super::Listener;
use super::device::{self, BEND, EXCHANGE, Gpu, NOTE, NOW_STRIDE, SETTLE, SOURCES, STAGE, SUM_UP};
use super::fields::Fields;
use super::seat::{Planned, Seat, StartFields, Sums};
use super::special::Special;
use super::words as w;
use crate::history::FreezeHistory;

/// Most steps that are handed over before anything is looked at, so that a caller who says stop is heard.
const MOST_SLOTS: usize = 32;
/// Most work groups along one axis of a dispatch.
const MOST_GROUPS: u32 = 65_535;

type Doing = [f32; w::STATE_WORDS as usize];
type Answer = (usize, Result<FreezeHistory, SimulateError>);

/// Scenes on the device.
pub(super) struct Batch<'g, 'a> {
    gpu: &'g Gpu,
    pool: &'g rayon::ThreadPool,
    seats: Vec<Seat<'a>>,
    fields: Fields,
    /// Where lists are copied to that the host reads.
    host: wgpu::Buffer,
}

/// What is read after every round.
struct Readings {
    ledger: Vec<f32>,
    doing: Vec<Doing>,
}

/// A part of a list: its number, the first byte, bytes.
type Part = (u32, u64, u64);

impl<'g, 'a> Batch<'g, 'a> {
    /// Runs scenes to their ends. Returns their answers by number.
    pub(super) fn answers(
        gpu: &'g Gpu,
        pool: &'g rayon::ThreadPool,
        seated: Vec<(Seat<'a>, StartFields)>,
        progress: &mut Listener<'_>,
    ) -> Vec<Answer> {
        if seated.is_empty() {
            return Vec::new();
        }
        let (seats, starts): (Vec<_>, Vec<_>) = seated.into_iter().unzip();
        let fields = Fields::new(gpu, &seats, &starts);
        drop(starts);
        let host = gpu.buffer("host", 0, wgpu::BufferUsages::MAP_READ);
        let mut batch = Self { gpu, pool, seats, fields, host };
        match gpu.check().and_then(|()| batch.run(progress)).and_then(|()| batch.extremes()) {
            Err(error) => batch.seats.into_iter().map(|seat| (seat.number, Err(error.clone()))).collect(),
            Ok(ends) => pool.install(|| {
                let seats = batch.seats.into_par_iter().zip(ends);
                seats.map(|(seat, (u, extremes))| (seat.number, seat.finish(&u, extremes))).collect()
            }),
        }
    }

    fn run(&mut self, progress: &mut Listener<'_>) -> Result<(), SimulateError> {
        self.cover(&vec![true; self.seats.len()])?;
        while self.seats.iter().any(Seat::goes_on) {
            self.round(progress)?;
        }
        Ok(())
    }

    /// Steps of every scene up to its next event.
    fn round(&mut self, progress: &mut Listener<'_>) -> Result<(), SimulateError> {
        let plans: Vec<Vec<Planned>> = self.seats.iter_mut().map(|seat| seat.plan(MOST_SLOTS)).collect();
        let slots = plans.iter().map(Vec::len).max().unwrap_or(0);
        self.upload(&plans, slots);
        for slot in 0..slots {
            let stages = plans.iter().filter_map(|plan| plan.get(slot)).map(|step| step.count).max().unwrap_or(0);
            self.submit_step(slot, stages);
        }
        let readings = self.read(slots)?;
        for (n, plan) in plans.iter().enumerate() {
            for (slot, step) in plan.iter().enumerate() {
                let sums = self.sums(&readings, n, slot);
                self.seats[n].take_step(step, &sums);
            }
            self.take_doing(&readings, n);
        }
        self.tell(&plans, progress);
        let switched = self.take_events()?;
        self.rejoin(&switched)
    }

    /// Words of every step, scene by scene in each slot, and behind them the stages.
    fn upload(&mut self, plans: &[Vec<Planned>], slots: usize) {
        let scenes = self.seats.len();
        let mut words = vec![0; slots * scenes * w::STEP_WORDS as usize];
        for (n, (seat, plan)) in self.seats.iter().zip(plans).enumerate() {
            for (slot, step) in plan.iter().enumerate() {
                let (header, stages) = seat.words_of(step, words.len());
                words.extend(stages);
                let at = (slot * scenes + n) * w::STEP_WORDS as usize;
                words[at..at + header.len()].copy_from_slice(&header);
            }
        }
        let most = plans.iter().flatten().map(|step| step.count).max().unwrap_or(1);
        self.fields.upload_plan(self.gpu, &words, slots, most);
    }

    fn submit_step(&self, slot: usize, stages: usize) {
        let fields = &self.fields;
        let cells = groups(fields.blocks());
        let probes = (fields.probes(), 1);
        let mut encoder = self.gpu.device.create_command_encoder(&Default::default());
        let mut pass = encoder.begin_compute_pass(&Default::default());
        let mut run = |number: usize, stage: usize, (x, y): (u32, u32)| {
            if x > 0 {
                let now = (slot * fields.told.1 + stage) as u64 * NOW_STRIDE;
                pass.set_pipeline(&self.gpu.passes[number].pipeline);
                pass.set_bind_group(0, fields.group(number), &[now as u32]);
                pass.dispatch_workgroups(x, y, 1);
            }
        };
        run(SOURCES, 0, cells);
        run(BEND, 0, groups(fields.row_blocks()));
        for stage in 0..stages {
            run(EXCHANGE, stage, probes);
            run(STAGE, stage, cells);
        }
        run(SETTLE, 0, probes);
        run(NOTE, 0, cells);
        run(SUM_UP, 0, (fields.scenes() as u32, 1));
        drop(pass);
        self.gpu.queue.submit([encoder.finish()]);
    }

    /// Puts cells that probes cover since a switch at the temperature of the surface.
    fn cover(&mut self, switched: &[bool]) -> Result<(), SimulateError> {
        if self.fields.probes() == 0 {
            return Ok(());
        }
        let scenes = self.seats.len();
        let mut words = vec![0; scenes * w::STEP_WORDS as usize];
        for (n, seat) in self.seats.iter().enumerate().filter(|(n, _)| switched[*n]) {
            let (header, stages) = seat.words_of_switch(words.len());
            words.extend(stages);
            let at = n * w::STEP_WORDS as usize;
            words[at..at + header.len()].copy_from_slice(&header);
        }
        self.fields.upload_plan(self.gpu, &words, 1, 1);
        let mut encoder = self.gpu.device.create_command_encoder(&Default::default());
        let mut pass = encoder.begin_compute_pass(&Default::default());
        pass.set_pipeline(&self.gpu.passes[SETTLE].pipeline);
        pass.set_bind_group(0, self.fields.group(SETTLE), &[0]);
        pass.dispatch_workgroups(self.fields.probes(), 1, 1);
        drop(pass);
        self.gpu.queue.submit([encoder.finish()]);
        let readings = self.read(1)?;
        for n in (0..scenes).filter(|&n| switched[n]) {
            let given_j = self.sums(&readings, n, 0).probes_j;
            self.seats[n].take_cover(given_j);
        }
        Ok(())
    }

    /// The ledger of so many slots, and what probes do.
    fn read(&mut self, slots: usize) -> Result<Readings, SimulateError> {
        let wanted = [
            (device::LEDGER, 0, (4 * slots * self.fields.ledger_words()) as u64),
            (device::PROBES, 0, u64::from(4 * self.fields.probes() * w::STATE_WORDS)),
        ];
        self.copy_to_host(&wanted);
        let bytes = bytes_of(&wanted);
        self.gpu.read(&self.host, bytes, |all| {
            let (ledger, doing) = all.split_at(wanted[0].2 as usize);
            Readings { ledger: bytemuck::pod_collect_to_vec(ledger), doing: bytemuck::pod_collect_to_vec(doing) }
        })
    }

    /// Copies parts of lists to the host, one behind the other.
    fn copy_to_host(&mut self, wanted: &[Part]) {
        let bytes = bytes_of(wanted);
        if self.host.size() < bytes {
            self.host = self.gpu.buffer("host", bytes + bytes / 2, wgpu::BufferUsages::MAP_READ);
        }
        let mut encoder = self.gpu.device.create_command_encoder(&Default::default());
        let mut at = 0;
        for &(list, from, bytes) in wanted.iter().filter(|part| part.2 > 0) {
            encoder.copy_buffer_to_buffer(self.fields.list(list), from, &self.host, at, bytes);
            at += bytes;
        }
        self.gpu.queue.submit([encoder.finish()]);
    }

    fn sums(&self, readings: &Readings, n: usize, slot: usize) -> Sums {
        let slot = &readings.ledger[slot * self.fields.ledger_words()..];
        let scene = &slot[n * w::LEDGER_SCENE_WORDS as usize..];
        let first = self.seats.len() * w::LEDGER_SCENE_WORDS as usize + self.fields.place(n).probes_first as usize;
        Sums {
            sources_w: f64::from(scene[0]),
            made_w: f64::from(scene[1]),
            walls_j: f64::from(scene[2]),
            probes_j: slot[first..first + self.seats[n].probe_count()].iter().map(|&j| f64::from(j)).sum(),
        }
    }

    fn take_doing(&mut self, readings: &Readings, n: usize) {
        let first = self.fields.place(n).probes_first as usize;
        let seat = &mut self.seats[n];
        seat.take_doing(&readings.doing[first..first + seat.probe_count()]);
    }

    /// Tells the caller of every step; stops everything when told to.
    fn tell(&mut self, plans: &[Vec<Planned>], progress: &mut Listener<'_>) {
        let mut stopped = false;
        for (seat, plan) in self.seats.iter().zip(plans) {
            let duration_s = seat.scene.parts().duration_s;
            for (n, step) in plan.iter().enumerate() {
                let steps = seat.steps() - (plan.len() - 1 - n) as u64;
                let report = Progress { at_s: step.then_s, duration_s, steps };
                stopped = stopped || progress(seat.number, report) == Continue::Stop;
            }
        }
        for seat in self.seats.iter_mut().filter(|_| stopped) {
            seat.stop();
        }
    }

    /// Takes note of every scene that stands at an event. Returns which of them have switched.
    fn take_events(&mut self) -> Result<Vec<bool>, SimulateError> {
        let wanted: Vec<Part> = self.seats.iter().enumerate().map(|(n, seat)| self.wanted_state(n, seat)).collect();
        self.copy_to_host(&wanted);
        let (seats, pool) = (&mut self.seats, self.pool);
        let bytes = bytes_of(&wanted);
        let mut take = |all: &[u8]| {
            let mut rest = all;
            let mut parts = Vec::new();
            for part in &wanted {
                let (mine, others) = rest.split_at(part.2 as usize);
                parts.push(mine);
                rest = others;
            }
            pool.install(|| {
                let seats = seats.par_iter_mut().zip(parts);
                seats.map(|(seat, part)| seat.is_at_event() && seat.take_event(states(part))).collect()
            })
        };
        // Nothing at all cannot be mapped.
        if bytes == 0 { Ok(take(&[])) } else { self.gpu.read(&self.host, bytes, take) }
    }

    /// The newest state of a scene, where it is going to be recorded.
    fn wanted_state(&self, n: usize, seat: &Seat) -> Part {
        let bytes = if seat.is_at_event() && seat.records_state() { 8 * seat.mesh.stored as u64 } else { 0 };
        (device::STATE, 8 * u64::from(self.fields.place(n).first), bytes)
    }

    /// Takes to the device what switches have changed.
    fn rejoin(&mut self, switched: &[bool]) -> Result<(), SimulateError> {
        if !switched.contains(&true) {
            return Ok(());
        }
        let fields = &self.fields;
        let changed = self.seats.par_iter().enumerate().filter(|(n, _)| switched[*n]);
        let specials: Vec<(usize, Special)> =
            self.pool.install(|| changed.map(|(n, seat)| (n, seat.special(fields.place(n)))).collect());
        if specials.iter().any(|(n, special)| !fields.has_room(*n, special)) {
            let mut needs = vec![(0, 0); self.seats.len()];
            for (n, special) in &specials {
                needs[*n] = (special.rows.len(), special.lists.len());
            }
            self.fields.grow(self.gpu, &needs);
        }
        for (n, special) in &specials {
            self.fields.upload_special(self.gpu, *n, special);
        }
        self.cover(switched)
    }

    /// The last state of every scene, with its extremes.
    fn extremes(&mut self) -> Result<Vec<(Vec<f32>, Extremes)>, SimulateError> {
        (0..self.seats.len()).map(|n| self.extremes_of(n)).collect()
    }

    fn extremes_of(&mut self, n: usize) -> Result<(Vec<f32>, Extremes), SimulateError> {
        let (seat, place) = (&self.seats[n], self.fields.place(n));
        let (stored, first) = (seat.mesh.stored as u64, u64::from(place.first));
        let mut wanted = vec![(device::STATE, 8 * first, 8 * stored), (device::RECORD, 16 * first, 16 * stored)];
        for isotherm in 0..seat.limits_u().len() as u64 {
            let from = u64::from(place.below_first) + isotherm * place.places() as u64;
            wanted.push((device::BELOW, 4 * from, 4 * stored));
        }
        self.copy_to_host(&wanted);
        self.gpu.read(&self.host, bytes_of(&wanted), |all| {
            let (state, rest) = all.split_at(wanted[0].2 as usize);
            let (record, below) = rest.split_at(wanted[1].2 as usize);
            let record: Vec<[f32; 4]> = bytemuck::pod_collect_to_vec(record);
            let extremes = Extremes {
                coldest_u: record.iter().map(|r| r[1]).collect(),
                coldest_at_s: record.iter().map(|r| r[2]).collect(),
                below_s: below.chunks_exact(4 * stored as usize).map(bytemuck::pod_collect_to_vec).collect(),
            };
            (states(state).collect(), extremes)
        })
    }
}

fn bytes_of(parts: &[Part]) -> u64 {
    parts.iter().map(|part| part.2).sum()
}

/// The newest states of cells; behind each lies the one before, which nobody needs.
fn states(bytes: &[u8]) -> impl Iterator<Item = f32> + '_ {
    let (pairs, _) = bytes.as_chunks::<8>();
    pairs.iter().map(|&[a, b, c, d, ..]| f32::from_ne_bytes([a, b, c, d]))
}

/// So many work groups, in rows that no driver finds too long.
fn groups(count: u32) -> (u32, u32) {
    let x = count.min(MOST_GROUPS);
    (x, if x == 0 { 1 } else { count.div_ceil(x) })
}
