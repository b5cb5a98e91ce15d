//! One time step of the whole scene: all cells in one pass, or warm and cold ones in a pass each where that is less work.

use super::active::Active;
use super::mesh::Mesh;
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
    /// The state of every cell at the start, of which cells at rest are still. Unit: K.
    start_u: Vec<f32>,
    no_crossings: Vec<Vec<Crossing>>,
    /// Inverse capacities, 0 where cells are held in the outer pass. Unit: K/J.
    held_per_capacity: Vec<f32>,
    /// With fewer stages a step is made in one pass.
    fewest_for_zones: usize,
}

/// With fewer stages a step is not worth two passes.
const FEWEST_FOR_ZONES: usize = 7;
/// What finding the zones and going back costs, in stages of all cells.
const STAGES_FOR_ZONES: usize = 1;
/// Cells within this of one that a probe acts on work from the start: faces up to three cells away are joined by the probe's
/// own field.
const PROBE_REACH: usize = 6;

impl Stepper {
    /// `rests` says that the state is in balance until a probe acts.
    pub(super) fn new(mesh: &Mesh, state: &State, rests: bool) -> Self {
        let chunk = state.chunk;
        let chunks = mesh.stored.div_ceil(chunk);
        Self {
            special: Specials::new(mesh, chunk),
            active: Active::new(mesh, (&state.u, chunk), rests),
            zones: Zones::new(mesh, chunk),
            start_u: state.u.clone(),
            no_crossings: vec![Vec::new(); chunks],
            held_per_capacity: Vec::new(),
            fewest_for_zones: FEWEST_FOR_ZONES,
        }
    }

    /// After the probes were joined to the mesh in another way.
    pub(super) fn switch(&mut self, mesh: &mut Mesh, probes: &ProbeSet) {
        self.special.switch(mesh, probes);
        self.active.wake(mesh, &self.start_u, probes.touched_cells(), PROBE_REACH);
        self.zones.forget();
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
        let (perfusion_j, metabolism_j) = state.find_sources(mesh, self.active.pieces(), time.step_s);
        let from_rest_w = state.add_sources(mesh, self.active.heat_w());
        let resting = self.active.resting_sources();
        self.special.bend(mesh, &self.active, Fields { u: &state.u, psi: &state.psi });
        let many = stage_count(time.step_s, probes.fastest_per_s());
        let few = stage_count(time.step_s, probes.warm_speed().limit_per_s);
        let zoned = self.zones_worth(state, mesh, probes, time.step_s, (few, many));
        let all = Work { stages: many as u64, cell_updates: (many * self.active.count()) as u64 };
        let PassHeat { probes_j, boundaries_j } = match zoned {
            Some(_) => self.two_passes(state, mesh, probes, (time, few, many)),
            None => {
                let (pieces, special) = (self.active.pieces(), &self.special.chunks);
                state.begin(pieces);
                let per_capacity = &mesh.per_capacity;
                let (crossings, probes) = (&mut self.no_crossings, Some(probes));
                state.pass(mesh, &mut Pass { time, stages: many, pieces, special, crossings, per_capacity, probes })
            }
        };
        state.end();
        // What rests is in balance: what its sources bring and what works does not get leaves through walls.
        let boundaries_j = boundaries_j + (from_rest_w - resting.all_w) * time.step_s;
        let perfusion_j = perfusion_j + (resting.all_w - resting.made_w) * time.step_s;
        let metabolism_j = metabolism_j + resting.made_w * time.step_s;
        (Income { probes_j, boundaries_j, perfusion_j, metabolism_j }, zoned.unwrap_or(all))
    }

    /// Wakes what the cold is about to reach.
    fn grow(&mut self, state: &State, mesh: &mut Mesh, probes: &ProbeSet, step_s: f64) {
        let was_inner = self.zones.any_inner(self.active.rim());
        let reach = probes.warm_speed().reach(step_s);
        if self.active.grow(mesh, &self.start_u, &state.u, reach) {
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
        let (pieces, per_capacity) = (&self.zones.inner_pieces, &mesh.per_capacity);
        let (crossings, probes) = (&mut self.no_crossings, Some(probes));
        let heat = state.pass(mesh, &mut Pass { time, stages: many, pieces, special, crossings, per_capacity, probes });
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
        if many < self.fewest_for_zones || 3 * few > 2 * many {
            return None;
        }
        let psi = &state.psi[mesh.pad..mesh.pad + mesh.stored];
        if self.zones.find(mesh, (probes.warm_speed(), &self.active), psi, step_s) {
            let held = mesh.per_capacity.iter().zip(self.zones.deep());
            self.held_per_capacity.clear();
            self.held_per_capacity.extend(held.map(|(&per_capacity, &deep)| per_capacity * f32::from(1 - deep)));
        }
        let (outer, inner) = self.zones.counts();
        let updates = few * outer + many * inner;
        let is_worth = updates + STAGES_FOR_ZONES * self.active.count() < many * self.active.count();
        is_worth.then_some(Work { stages: (few + many) as u64, cell_updates: updates as u64 })
    }

    /// Takes all but deep cells through the step in few stages, and gives the inner zone the heat that passed into it.
    /// Returns the heat through walls of outer cells. Unit: J.
    fn outer_pass(&mut self, state: &mut State, mesh: &Mesh, time: StepTime, stages: usize) -> f64 {
        let special = self.special.part(|cell| self.zones.outer_role(cell));
        state.begin_holding(mesh, &self.zones.outer_pieces, &self.zones.inner_pieces, self.zones.deep());
        let heat = state.pass(
            mesh,
            &mut Pass {
                time,
                stages,
                pieces: &self.zones.outer_pieces,
                special: &special,
                crossings: &mut self.zones.crossings,
                per_capacity: &self.held_per_capacity,
                probes: None,
            },
        );
        for crossing in self.zones.crossings.iter().flatten() {
            state.give(mesh, crossing.inner as usize, crossing.heat_j(), time.step_s);
        }
        state.rewind(mesh, &self.zones.outer_pieces, &self.zones.inner_pieces);
        heat.boundaries_j
    }
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use super::super::potential::SolvedFields;
    use super::super::{Run, SolverSettings};
    use crate::conformance::reference::{Fineness, Pose, scene};
    use crate::{Continue, FreezeHistory, FreezeScene, Held, LipidMelting, Medium, SceneParts};

    fn answer(parts: SceneParts, fewest_for_zones: usize) -> FreezeHistory {
        let scene = FreezeScene::new(parts).unwrap();
        let settings = SolverSettings { step_s: 5.0, threads: 1, ..SolverSettings::default() };
        let mut run = Run::new(&scene, &settings, &SolvedFields::default(), &OnceLock::new()).unwrap();
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
