//! One time step of the whole scene: all cells in one pass, or warm and cold ones in a pass each where that is less work.

use super::active::{Active, Rest};
use super::mesh::{Mesh, UNIT};
use super::probes::ProbeSet;
use super::rkl::stage_count;
use super::special::{Fields, Specials};
use super::step::{Pass, PassHeat, State, StepTime};
use super::zones::{Crossing, Zones};

/// Heat that came into the tissue during one step, by way. Unit: J.
#[derive(Clone, Debug, PartialEq, Default)]
pub(super) struct Income {
    /// From each probe.
    pub(super) probes_j: Vec<f64>,
    pub(super) boundaries_j: f64,
    pub(super) perfusion_j: f64,
    pub(super) metabolism_j: f64,
}

/// What a step cost.
#[derive(Clone, Copy, Debug)]
pub(super) struct Work {
    pub(super) stages: u64,
    pub(super) cell_updates: u64,
}

/// What makes steps, beside the state.
pub(super) struct Stepper {
    special: Specials,
    active: Active,
    zones: Zones,
    no_crossings: Vec<Vec<Crossing>>,
    /// With fewer stages a step is made in one pass.
    fewest_for_zones: usize,
    /// Whether the zones are those of this step.
    knows_zones: bool,
}

/// With fewer stages a step is not worth two passes.
const FEWEST_FOR_ZONES: usize = 7;
/// What finding the zones and going back costs, in stages of all cells.
const STAGES_FOR_ZONES: usize = 1;
/// Cells within this of one that a probe acts on work from the start: faces up to three cells away are joined by the probe's
/// own field.
const PROBE_REACH: usize = 6;

impl Stepper {
    pub(super) fn new(mesh: &Mesh, state: &mut State, rest: Rest) -> Self {
        let chunk = state.chunk;
        let chunks = mesh.stored.div_ceil(chunk);
        let stepper = Self {
            special: Specials::new(mesh, chunk),
            active: Active::new(mesh, chunk, rest),
            zones: Zones::new(mesh, chunk),
            no_crossings: vec![Vec::new(); chunks],
            fewest_for_zones: FEWEST_FOR_ZONES,
            knows_zones: false,
        };
        if let Some(drifting) = stepper.active.drifting() {
            state.wake(mesh, drifting, stepper.active.runs().flat_map(units_of));
        }
        stepper
    }

    /// Before probes are joined to the mesh in another way: wakes what they will act on.
    pub(super) fn wake(&mut self, mesh: &mut Mesh, state: &mut State, cells: impl Iterator<Item = usize>) {
        if self.active.wake(mesh, cells, PROBE_REACH) {
            self.fill_woken(mesh, state);
        }
        self.active.open(mesh);
    }

    /// Before probes are taken out of the mesh.
    pub(super) fn open(&self, mesh: &mut Mesh) {
        self.active.open(mesh);
    }

    /// After they were joined.
    pub(super) fn switch(&mut self, mesh: &mut Mesh, probes: &ProbeSet) {
        self.special.switch(mesh, probes);
        self.active.shut(mesh);
        self.zones.forget();
    }

    /// Shows the state of what rests to whoever reads it.
    pub(super) fn show_resting(&self, mesh: &Mesh, state: &mut State) {
        if let Some(drifting) = self.active.drifting() {
            state.show(mesh, drifting, self.active.resting());
        }
    }

    /// Units that woke since this was asked last.
    pub(super) fn take_fresh(&mut self) -> Vec<u32> {
        self.active.take_fresh()
    }

    /// Heat in all tissue, counted from a u of zero. Unit: J.
    pub(super) fn stored_j(&self, mesh: &Mesh, state: &State) -> f64 {
        let heat_j = |cells: std::ops::Range<usize>| {
            // Cells without tissue have no capacity.
            let cells = state.u[cells.clone()].iter().zip(&mesh.capacity[cells]);
            cells.map(|(&u, &capacity)| f64::from(u) * f64::from(capacity)).sum::<f64>()
        };
        match self.active.drifting() {
            Some(drifting) => drifting.stored_j() + self.active.runs().map(heat_j).sum::<f64>(),
            None => heat_j(0..mesh.stored),
        }
    }

    fn fill_woken(&self, mesh: &Mesh, state: &mut State) {
        if let Some(drifting) = self.active.drifting() {
            state.wake(mesh, drifting, self.active.woken().step_by(UNIT).map(|cell| cell / UNIT));
        }
    }

    /// What works.
    pub(super) fn active(&self) -> &Active {
        &self.active
    }

    /// One step. Returns what came in, and what it cost.
    pub(super) fn step(
        &mut self,
        state: &mut State,
        mesh: &mut Mesh,
        probes: &mut ProbeSet,
        time: StepTime,
    ) -> (Income, Work) {
        self.grow(state, mesh, probes, time.step_s);
        let ahead = state.ahead(time.step_s);
        let (perfusion_j, metabolism_j) = state.find_sources(mesh, self.active.pieces(), time.step_s);
        let from_rest_w = state.add_sources(mesh, self.active.heat_w());
        let still = self.active.resting_sources();
        let drifting = self.active.drifting_mut().map(|drifting| drifting.advance(&mesh.kinds, ahead, time.step_s));
        self.special.bend(mesh, &self.active, Fields { u: &state.u, psi: &state.psi });
        let many = stage_count(time.step_s, probes.fastest_per_s());
        let few = stage_count(time.step_s, probes.warm_speed().limit_per_s);
        let zoned = self.zones_worth(state, mesh, probes, time.step_s, (few, many));
        let all = Work { stages: many as u64, cell_updates: (many * self.active.count()) as u64 };
        let PassHeat { probes_j, boundaries_j } = match zoned {
            Some(_) => self.two_passes(state, mesh, probes, (time, few, many)),
            None => {
                let pieces = if self.knows_zones { &self.zones.whole_pieces[..] } else { self.active.pieces() };
                state.begin(pieces);
                let (special, crossings, probes) = (&self.special.chunks, &mut self.no_crossings, Some(probes));
                let heat = state.pass(mesh, &mut Pass { time, stages: many, pieces, special, crossings, probes });
                state.straighten(mesh, pieces);
                heat
            }
        };
        state.end();
        // What rests in balance: what its sources bring and what works does not get leaves through walls. What drifts keeps it.
        let boundaries_j = boundaries_j + (from_rest_w - still.all_w) * time.step_s;
        let resting = drifting.unwrap_or(still);
        let perfusion_j = perfusion_j + (resting.all_w - resting.made_w) * time.step_s;
        let metabolism_j = metabolism_j + resting.made_w * time.step_s;
        (Income { probes_j, boundaries_j, perfusion_j, metabolism_j }, zoned.unwrap_or(all))
    }

    /// Wakes what the cold is about to reach.
    fn grow(&mut self, state: &mut State, mesh: &mut Mesh, probes: &ProbeSet, step_s: f64) {
        let was_inner = self.zones.any_inner(self.active.rim());
        let reach = probes.warm_speed().reach(step_s);
        if self.active.grow(mesh, &state.u, reach) {
            self.fill_woken(mesh, state);
            self.zones.grow(mesh, (probes.warm_speed(), &self.active), was_inner);
        }
    }

    /// Everything but deep cells in few stages, then the inner zone in many.
    fn two_passes(
        &mut self,
        state: &mut State,
        mesh: &mut Mesh,
        probes: &mut ProbeSet,
        (time, few, many): (StepTime, usize, usize),
    ) -> PassHeat {
        let outer_j = self.outer_pass(state, mesh, time, few);
        let special = &self.special.part(|cell| self.zones.inner_role(cell));
        self.zones.set_crossings(mesh, 0.0);
        let pieces = &self.zones.inner_pieces;
        let (crossings, probes) = (&mut self.no_crossings, Some(probes));
        let heat = state.pass(mesh, &mut Pass { time, stages: many, pieces, special, crossings, probes });
        self.zones.set_crossings(mesh, 1.0);
        PassHeat { boundaries_j: outer_j + heat.boundaries_j, ..heat }
    }

    /// What two passes cost, where they pay.
    fn zones_worth(
        &mut self,
        state: &State,
        mesh: &Mesh,
        probes: &ProbeSet,
        step_s: f64,
        (few, many): (usize, usize),
    ) -> Option<Work> {
        let psi = &state.psi[mesh.pad..mesh.pad + mesh.stored];
        let warm = (probes.warm_speed(), &self.active);
        if many < self.fewest_for_zones || 3 * few > 2 * many {
            self.knows_zones = self.fewest_for_zones < usize::MAX && self.zones.serve_one_pass(mesh, warm, psi, step_s);
            return None;
        }
        self.zones.find(mesh, warm, psi, step_s);
        self.knows_zones = true;
        let (outer, inner) = self.zones.counts();
        let updates = few * outer + many * inner;
        let is_worth = updates + STAGES_FOR_ZONES * self.active.count() < many * self.active.count();
        is_worth.then_some(Work { stages: (few + many) as u64, cell_updates: updates as u64 })
    }

    /// Takes all but deep cells through the step in few stages, and gives the inner zone the heat that passed into it.
    /// Returns the heat through walls of outer cells. Unit: J.
    fn outer_pass(&mut self, state: &mut State, mesh: &mut Mesh, time: StepTime, stages: usize) -> f64 {
        let special = self.special.part(|cell| self.zones.outer_role(cell));
        state.begin_holding(mesh, &self.zones.outer_pieces, &self.zones.inner_pieces, self.zones.deep());
        self.zones.hold(mesh, 0.0);
        let heat = state.pass(
            mesh,
            &mut Pass {
                time,
                stages,
                pieces: &self.zones.outer_pieces,
                special: &special,
                crossings: &mut self.zones.crossings,
                probes: None,
            },
        );
        self.zones.hold(mesh, 1.0);
        for crossing in self.zones.crossings.iter().flatten() {
            state.give(mesh, crossing.inner as usize, crossing.heat_j(), time.step_s);
        }
        state.rewind(mesh, &self.zones.outer_pieces, &self.zones.inner_pieces);
        heat.boundaries_j
    }
}

fn units_of(cells: std::ops::Range<usize>) -> impl Iterator<Item = usize> {
    cells.step_by(UNIT).map(|cell| cell / UNIT)
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use super::super::potential::SolvedFields;
    use super::super::rest::Resting;
    use super::super::{Run, SolverSettings};
    use crate::conformance::reference::{Fineness, Pose, scene};
    use crate::{Continue, FreezeHistory, FreezeScene, Held, LipidMelting, Medium, SceneParts};

    fn answer(parts: SceneParts, fewest_for_zones: usize) -> FreezeHistory {
        let scene = FreezeScene::new(parts).unwrap();
        let settings = SolverSettings { step_s: 5.0, threads: 1, ..SolverSettings::default() };
        // All works, so that what differs is the number of passes alone.
        let rests = Resting::Nowhere;
        let mut run = Run::new((&scene, rests), &settings, &SolvedFields::default(), &OnceLock::new()).unwrap();
        run.stepper.fewest_for_zones = fewest_for_zones;
        run.finish(None, &[], &mut |_| Continue::Yes).unwrap()
    }

    /// The reference needle, askew, frozen for two minutes.
    fn needle() -> SceneParts {
        let pose = Pose { offset_mm: (0.1, 0.2, 0.0), towards: (0.3, 0.1, 1.0) };
        scene(pose, Fineness { margin_mm: 6.0, growth: 1.3, fine_mm: 1.0, step_s: 5.0 }, 120.0)
    }

    /// The same in tissue whose lipid melts far above freezing, so that nothing is straight, with air on one side.
    fn needle_in_fat() -> SceneParts {
        let mut parts = needle();
        let Medium::Tissue(tissue) = &mut parts.media[0] else { unreachable!("the reference needle lies in tissue") };
        tissue.lipid = Some(LipidMelting { liquid_above_c: 20.0, solid_below_c: -5.0, latent_j_per_kg: 40e3 });
        parts.media.push(Medium::Held(Held { name: "air".into(), celsius: 22.0, film_w_per_m2_k: 10.0 }));
        for n in 0..parts.medium.len() {
            if parts.grid.centre(parts.grid.cell(n)).y > 7.0 {
                parts.medium[n] = 1;
            }
        }
        parts
    }

    #[test]
    fn two_passes_give_what_one_gives_with_less_work_and_lose_no_heat() {
        for parts in [needle(), needle_in_fat()] {
            let (one, two) = (answer(parts.clone(), usize::MAX), answer(parts, super::FEWEST_FOR_ZONES));
            assert!(3 * two.counters.cell_updates < 2 * one.counters.cell_updates, "{:?}", two.counters);
            // As much as single precision loses in one pass.
            assert!(two.energy.error() < 1e-6 && one.energy.error() < 1e-6, "{:?}", two.energy);
            let apart = one.coldest_c.iter().zip(&two.coldest_c).map(|(a, b)| (a - b).abs());
            // Two hundredths of a millimetre where tissue is colder by 4 K per mm.
            let apart = apart.fold(0.0, |most: f32, k| if k.is_nan() { most } else { most.max(k) });
            assert!(apart < 0.08, "{apart}");
        }
    }
}
