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
}

/// What is read after a round.
struct Readings {
    ledger: Vec<f32>,
    doing: Vec<Doing>,
    /// Newest states of the scenes that were asked for.
    states: Vec<Option<Vec<[f32; 2]>>>,
}

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
        let mut batch = Self { gpu, pool, seats, fields };
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
        let at_event: Vec<bool> = self.seats.iter().map(Seat::is_at_event).collect();
        let readings = self.read(slots, &at_event)?;
        for (n, plan) in plans.iter().enumerate() {
            for (slot, step) in plan.iter().enumerate() {
                let sums = self.sums(&readings, n, slot);
                self.seats[n].take_step(step, &sums);
            }
            self.take_doing(&readings, n);
        }
        self.tell(&plans, progress);
        let switched = self.take_events(readings);
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
        let readings = self.read(1, &vec![false; scenes])?;
        for n in (0..scenes).filter(|&n| switched[n]) {
            let given_j = self.sums(&readings, n, 0).probes_j;
            self.seats[n].take_cover(given_j);
        }
        Ok(())
    }

    /// The ledger of so many slots, what probes do, and the states of some scenes.
    fn read(&self, slots: usize, wants_state: &[bool]) -> Result<Readings, SimulateError> {
        let fields = &self.fields;
        let mut wanted = vec![
            (device::LEDGER, 0, (4 * slots * fields.ledger_words()) as u64),
            (device::PROBES, 0, u64::from(4 * fields.probes() * w::STATE_WORDS)),
        ];
        for n in (0..self.seats.len()).filter(|&n| wants_state[n]) {
            let place = fields.place(n);
            wanted.push((device::STATE, 8 * u64::from(place.first), 8 * self.seats[n].mesh.stored as u64));
        }
        let mut parts = self.fetch(&wanted)?.into_iter();
        let mut next = || parts.next().unwrap_or_default();
        Ok(Readings {
            ledger: bytemuck::pod_collect_to_vec(&next()),
            doing: bytemuck::pod_collect_to_vec(&next()),
            states: wants_state.iter().map(|&wants| wants.then(|| bytemuck::pod_collect_to_vec(&next()))).collect(),
        })
    }

    /// Copies parts of lists (number, first byte, bytes) to the host.
    fn fetch(&self, wanted: &[(u32, u64, u64)]) -> Result<Vec<Vec<u8>>, SimulateError> {
        let bytes: u64 = wanted.iter().map(|part| part.2).sum();
        let host = self.gpu.buffer("host", bytes, wgpu::BufferUsages::MAP_READ);
        let mut encoder = self.gpu.device.create_command_encoder(&Default::default());
        let mut at = 0;
        for &(list, from, bytes) in wanted.iter().filter(|part| part.2 > 0) {
            encoder.copy_buffer_to_buffer(self.fields.list(list), from, &host, at, bytes);
            at += bytes;
        }
        self.gpu.queue.submit([encoder.finish()]);
        let all = self.gpu.read(&host, bytes)?;
        let mut at = 0;
        let parts = wanted.iter().map(|part| {
            at += part.2 as usize;
            all[at - part.2 as usize..at].to_vec()
        });
        Ok(parts.collect())
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

    /// Returns which scenes have switched.
    fn take_events(&mut self, readings: Readings) -> Vec<bool> {
        let seats = self.seats.par_iter_mut().zip(readings.states);
        self.pool.install(|| {
            seats
                .map(|(seat, state)| state.is_some_and(|s| seat.take_event(s.into_iter().map(|pair| pair[0]))))
                .collect()
        })
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
    fn extremes(&self) -> Result<Vec<(Vec<f32>, Extremes)>, SimulateError> {
        let ends = (0..self.seats.len()).map(|n| self.extremes_of(n));
        ends.collect()
    }

    fn extremes_of(&self, n: usize) -> Result<(Vec<f32>, Extremes), SimulateError> {
        let (seat, place) = (&self.seats[n], self.fields.place(n));
        let (stored, first) = (seat.mesh.stored as u64, u64::from(place.first));
        let mut wanted = vec![(device::STATE, 8 * first, 8 * stored), (device::RECORD, 16 * first, 16 * stored)];
        for isotherm in 0..seat.limits_u().len() as u64 {
            let from = u64::from(place.below_first) + isotherm * place.places() as u64;
            wanted.push((device::BELOW, 4 * from, 4 * stored));
        }
        let parts = self.fetch(&wanted)?;
        let states: Vec<[f32; 2]> = bytemuck::pod_collect_to_vec(&parts[0]);
        let record: Vec<[f32; 4]> = bytemuck::pod_collect_to_vec(&parts[1]);
        let extremes = Extremes {
            coldest_u: record.iter().map(|r| r[1]).collect(),
            coldest_at_s: record.iter().map(|r| r[2]).collect(),
            below_s: parts[2..].iter().map(|part| bytemuck::pod_collect_to_vec(part)).collect(),
        };
        Ok((states.iter().map(|state| state[0]).collect(), extremes))
    }
}

/// So many work groups, in rows that no driver finds too long.
fn groups(count: u32) -> (u32, u32) {
    let x = count.min(MOST_GROUPS);
    (x, if x == 0 { 1 } else { count.div_ceil(x) })
}
