//! The host's side of one scene: its clock, its probes, and what is recorded of it.

use super::super::mesh::Mesh;
use super::super::probes::ProbeSet;
use super::super::probes::device::Reading;
use super::super::record::Recorder;
use super::super::record::device::Extremes;
use super::super::rest::StartU;
use super::super::rkl::{Stage, stage_count, stages};
use super::super::{Event, Run, SimulateError, SolverSettings, events, next_step_s};
use super::place::{Place, Size};
use super::special::{NEVER_COLD_C, Special};
use super::words as w;
use super::words::bits;
use crate::history::{EnergyBalance, FreezeHistory, SolverCounters};
use crate::scene::{FreezeScene, Reperfusion};

/// One scene of a batch.
pub(super) struct Seat<'a> {
    /// Its number among the scenes of the caller.
    pub(super) number: usize,
    pub(super) scene: &'a FreezeScene,
    settings: &'a SolverSettings,
    pub(super) mesh: Mesh,
    probes: ProbeSet,
    recorder: Recorder,
    start: StartU,
    energy: EnergyBalance,
    counters: SolverCounters,
    events: std::collections::VecDeque<Event>,
    now_s: f64,
    since_s: f64,
    last_step_s: f64,
    /// The half of psi that holds the newest one.
    half: u32,
    /// Cells without blood for good.
    dry: Vec<u32>,
    start_j: f64,
    failed: Option<SimulateError>,
}

/// What is uploaded once.
pub(super) struct StartFields {
    pub(super) u: Vec<f32>,
    /// Without its pads.
    pub(super) psi: Vec<f32>,
}

/// One step, decided before the device runs it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Planned {
    now_s: f64,
    pub(super) then_s: f64,
    step_s: f64,
    pub(super) count: usize,
    half: u32,
    ahead: f64,
}

/// What the device summed up in one step.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sums {
    /// All sources, and metabolism alone. Unit: W.
    pub(super) sources_w: f64,
    pub(super) made_w: f64,
    /// Through walls, and from all probes. Unit: J.
    pub(super) walls_j: f64,
    pub(super) probes_j: f64,
}

impl<'a> Seat<'a> {
    /// Takes over a run that has not begun.
    pub(super) fn new(number: usize, run: Run<'a>, keep_at_s: &[f64]) -> (Self, StartFields) {
        let start_j = run.stored_j();
        let Run { scene, settings, mesh, probes, start, state, recorder, energy, counters, .. } = run;
        let psi = state.psi[mesh.pad..mesh.pad + mesh.stored].to_vec();
        let mut seat = Self {
            number,
            scene,
            settings,
            dry: probes.closed().to_vec(),
            mesh,
            probes,
            recorder,
            start,
            energy,
            counters,
            events: events(scene, settings, keep_at_s).into(),
            now_s: 0.0,
            since_s: 0.0,
            last_step_s: 0.0,
            half: 0,
            start_j,
            failed: None,
        };
        seat.switch();
        seat.recorder.note((scene, &seat.probes), (&state.u, std::iter::empty()), 0.0);
        (seat, StartFields { u: state.u, psi })
    }

    pub(super) fn size(&self) -> Size {
        Size::of(&self.mesh, self.probes.count(), self.recorder.limits_u().len())
    }

    pub(super) fn limits_u(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.recorder.limits_u()
    }

    pub(super) fn probe_count(&self) -> usize {
        self.probes.count()
    }

    /// Steps so far.
    pub(super) fn steps(&self) -> u64 {
        self.counters.steps
    }

    /// The caller does not want the answer any more.
    pub(super) fn stop(&mut self) {
        let duration_s = self.scene.parts().duration_s;
        if self.now_s < duration_s {
            self.fail(SimulateError::Stopped { at_s: self.now_s, duration_s });
        }
    }

    pub(super) fn has_stasis(&self) -> bool {
        self.scene.parts().reperfusion == Reperfusion::Never
    }

    pub(super) fn special(&self, place: &Place) -> Special {
        let covered = self.probes.covered_cells().map(|cell| cell as u32);
        let dry: Vec<u32> = self.dry.iter().copied().chain(covered).collect();
        Special::of(&self.mesh, &self.probes, &dry, place)
    }

    /// True while there is something to run.
    pub(super) fn goes_on(&self) -> bool {
        self.failed.is_none() && !self.events.is_empty()
    }

    pub(super) fn fail(&mut self, why: SimulateError) {
        self.failed.get_or_insert(why);
    }

    /// Steps to the next event, so many at most. The clock then stands at their end.
    pub(super) fn plan(&mut self, most: usize) -> Vec<Planned> {
        let mut list = Vec::new();
        let Some(event) = self.events.front().copied().filter(|_| self.failed.is_none()) else { return list };
        while self.now_s < event.at_s && list.len() < most {
            let left_s = event.at_s - self.now_s;
            let length_s = next_step_s(self.scene, self.settings, self.now_s - self.since_s, left_s);
            let then_s = if length_s < left_s { self.now_s + length_s } else { event.at_s };
            let step_s = then_s - self.now_s;
            let count = stage_count(step_s, self.probes.fastest_per_s());
            let ahead = if self.last_step_s > 0.0 { 0.5 * step_s / self.last_step_s } else { 0.0 };
            list.push(Planned { now_s: self.now_s, then_s, step_s, count, half: self.half, ahead });
            (self.now_s, self.last_step_s) = (then_s, step_s);
            self.half = (self.half + count as u32) & 1;
        }
        list
    }

    /// The step in words for the device: a header, and the stages that it points to.
    pub(super) fn words_of(&self, step: &Planned, stages_at: usize) -> ([u32; w::STEP_WORDS as usize], Vec<u32>) {
        let mut words = Vec::new();
        for stage in stages(step.count, step.step_s) {
            words.extend(weights(&stage));
            words.extend(self.drives(step.now_s + stage.taken_at * step.step_s));
        }
        // What covered cells are put at when the step is over.
        words.extend([0; w::STAGE_DRIVES as usize]);
        words.extend(self.drives(step.then_s));
        let header = self.header(
            step.half,
            stages_at,
            &[
                (w::STEP_COUNT, step.count as u32),
                (w::STEP_LENGTH_S, bits(step.step_s)),
                (w::STEP_THEN_S, bits(step.then_s)),
                (w::STEP_AHEAD, bits(step.ahead)),
            ],
        );
        (header, words)
    }

    /// A switch in words for the device: only covered cells are put at their temperature.
    pub(super) fn words_of_switch(&self, stages_at: usize) -> ([u32; w::STEP_WORDS as usize], Vec<u32>) {
        let mut words = vec![0; w::STAGE_DRIVES as usize];
        words.extend(self.drives(self.now_s));
        (self.header(self.half, stages_at, &[(w::STEP_IS_SWITCH, 1)]), words)
    }

    fn header(&self, half: u32, stages_at: usize, rest: &[(u32, u32)]) -> [u32; w::STEP_WORDS as usize] {
        let mut header = [0; w::STEP_WORDS as usize];
        header[w::STEP_HALF as usize] = half;
        header[w::STEP_STAGES_AT as usize] = stages_at as u32;
        header[w::STEP_STAGE_WORDS as usize] = w::STAGE_DRIVES + self.probes.count() as u32;
        for &(word, value) in rest {
            header[word as usize] = value;
        }
        header
    }

    fn drives(&self, at_s: f64) -> impl Iterator<Item = u32> {
        self.probes.drives_c(at_s).map(bits)
    }

    /// Takes over what one step brought in.
    pub(super) fn take_step(&mut self, step: &Planned, sums: &Sums) {
        let metabolism_j = sums.made_w * step.step_s;
        self.energy.perfusion_j += sums.sources_w * step.step_s - metabolism_j;
        self.energy.metabolism_j += metabolism_j;
        self.energy.boundaries_j += sums.walls_j;
        self.energy.probes_j += sums.probes_j;
        self.counters.steps += 1;
        self.counters.stages += step.count as u64;
        self.counters.cell_updates += step.count as u64 * self.counters.cells;
        if !self.energy.error().is_finite() {
            self.fail(SimulateError::BrokeDown { at_s: step.then_s });
        }
    }

    /// Takes over the heat that cells were given when they were covered. Unit: J.
    pub(super) fn take_cover(&mut self, given_j: f64) {
        self.energy.probes_j += given_j;
    }

    pub(super) fn take_doing(&mut self, doing: &[[f32; w::STATE_WORDS as usize]]) {
        let number = |probe: &[f32; w::STATE_WORDS as usize], word: u32| f64::from(probe[word as usize]);
        let readings: Vec<Reading> = doing
            .iter()
            .map(|probe| Reading {
                surface_c: (number(probe, w::STATE_HAS_SURFACE) > 0.0).then(|| number(probe, w::STATE_SURFACE_C)),
                given_w: number(probe, w::STATE_GIVEN_W),
            })
            .collect();
        self.probes.read(&readings);
        let coldest = doing.iter().map(|probe| {
            let coldest_c = probe[w::STATE_COLDEST_C as usize];
            (coldest_c < NEVER_COLD_C).then_some(f64::from(coldest_c))
        });
        self.recorder.take_coldest_surfaces(coldest);
    }

    /// True when the clock stands at the next event.
    pub(super) fn is_at_event(&self) -> bool {
        self.failed.is_none() && self.events.front().is_some_and(|event| self.now_s >= event.at_s)
    }

    /// True when the state is looked at there, and not only the probes.
    pub(super) fn records_state(&self) -> bool {
        let parts = self.scene.parts();
        let keeps = self.events.front().is_some_and(|event| event.keeps);
        keeps || !parts.sensors.is_empty() || !parts.isotherms_c.is_empty()
    }

    /// Takes note of the state at an event. Returns whether probes switch there.
    pub(super) fn take_event(&mut self, u: impl Iterator<Item = f32>) -> bool {
        let Some(event) = self.events.pop_front() else { return false };
        let u: Vec<f32> = u.collect();
        self.recorder.note((self.scene, &self.probes), (&u, std::iter::once(0..self.mesh.count)), self.now_s);
        if event.keeps {
            self.recorder.keep(self.scene, &u, self.now_s);
        }
        if event.switches {
            self.since_s = self.now_s;
            self.switch();
        }
        event.switches
    }

    fn switch(&mut self) {
        if self.has_stasis() {
            self.dry.extend(self.probes.covered_cells().map(|cell| cell as u32));
            self.dry.sort_unstable();
            self.dry.dedup();
        }
        self.probes.rejoin(&mut self.mesh, self.now_s);
        self.recorder.covered(&self.probes);
    }

    /// The answer, from the last state and all extremes.
    pub(super) fn finish(mut self, u: &[f32], extremes: Extremes) -> Result<FreezeHistory, SimulateError> {
        if let Some(why) = self.failed {
            return Err(why);
        }
        let cells = u.iter().zip(&self.mesh.capacity);
        let stored_j: f64 = cells.map(|(&u, &capacity)| f64::from(u) * f64::from(capacity)).sum();
        self.energy.stored_j = stored_j - self.start_j;
        self.recorder.take_extremes(extremes);
        Ok(self.recorder.finish((self.scene, &self.start), u.to_vec(), self.energy, self.counters))
    }
}

fn weights(stage: &Stage) -> [u32; w::STAGE_DRIVES as usize] {
    [bits(stage.mu), bits(stage.nu), bits(stage.rate_s), bits(stage.first_rate_s)]
}
