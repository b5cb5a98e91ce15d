//! The same scheme on a GPU, for many scenes at once.
//!
//! All cells of all scenes of a batch lie behind one another in the fields of the device; one dispatch is one stage of every
//! scene, and scenes with fewer stages or nothing to do rest. Steps follow one another on the device without anything being
//! read back: sources, bent faces, surfaces of probes, covered cells, extremes and exposures are found there. The host
//! plans the steps, joins probes to the mesh when they switch, and reads states when something is recorded.
//!
//! Where the CPU works in double precision (faces, surfaces of probes, sums of heat) the device has single precision only.
//! What that changes is bounded by tests: see docs/gpu.md.

mod batch;
mod device;
mod fields;
mod place;
mod seat;
mod special;
mod tables;
mod words;

use rayon::prelude::*;

use super::many::Shared;
use super::potential::SolvedFields;
use super::rest::Resting;
use super::{Continue, Progress, Run, SimulateError, SolverSettings, check, pool_of};
use crate::history::FreezeHistory;
use crate::scene::FreezeScene;
use batch::Batch;
pub use device::Gpu;
use place::{Need, batches};
use seat::{Seat, StartFields};

/// Hears of every step of every scene, by the number of the scene.
pub(super) type Listener<'a> = dyn FnMut(usize, Progress) -> Continue + 'a;

impl Gpu {
    /// Answers many scenes in one go, in their order, each as if it were alone, to the last bit. Whole fields are kept at the
    /// given times (s). `progress` hears of every step and may stop everything.
    pub fn simulate_batch(
        &self,
        scenes: &[&FreezeScene],
        settings: &SolverSettings,
        keep_at_s: &[f64],
        progress: &mut Listener<'_>,
    ) -> Vec<Result<FreezeHistory, SimulateError>> {
        let pool = match check(settings).and_then(|()| pool_of(settings.threads)) {
            Ok(pool) => pool,
            Err(error) => return scenes.iter().map(|_| Err(error.clone())).collect(),
        };
        let fields = SolvedFields::of(scenes.iter().flat_map(|scene| &scene.parts().probes));
        let shared = Shared::of(scenes);
        let needs: Vec<Need> = scenes.iter().map(|scene| Need::of(scene)).collect();
        let mut answers: Vec<Option<Result<FreezeHistory, SimulateError>>> = scenes.iter().map(|_| None).collect();
        for numbers in batches(&needs, self.longest_bytes()) {
            let take = |&n: &usize| {
                self.check_size(scenes[n])?;
                // A device works on every cell.
                let run = Run::new((scenes[n], Resting::Nowhere), settings, &fields, shared.start_of(n))?;
                Ok(Seat::new(n, run, keep_at_s))
            };
            let taken: Vec<Result<(Seat, StartFields), SimulateError>> =
                pool.install(|| numbers.par_iter().map(take).collect());
            let mut seated = Vec::new();
            for (&n, taken) in numbers.iter().zip(taken) {
                match taken {
                    Ok(pair) => seated.push(pair),
                    Err(error) => answers[n] = Some(Err(error)),
                }
            }
            for (n, answer) in Batch::answers(self, &pool, seated, progress) {
                answers[n] = Some(answer);
            }
        }
        // Every scene is in one batch, and every seat has an answer.
        answers.into_iter().map(|answer| answer.unwrap_or_else(|| Err(self.gave_up("a scene was lost")))).collect()
    }

    /// Why a scene alone is more than the device takes.
    fn check_size(&self, scene: &FreezeScene) -> Result<(), SimulateError> {
        let (needed, longest) = (Need::of(scene).longest_bytes, self.longest_bytes());
        if needed <= longest {
            return Ok(());
        }
        let cells = scene.grid().cell_count();
        let mb = |bytes: u64| bytes.div_ceil(1_000_000);
        let (needed, longest) = (mb(needed), mb(longest));
        Err(self.gave_up(format!("{cells} cells need a list of {needed} MB, and its driver takes {longest} MB")))
    }
}
