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
use super::{Continue, Progress, Run, SimulateError, SolverSettings, check, pool_of};
use crate::history::FreezeHistory;
use crate::scene::FreezeScene;
use batch::Batch;
pub use device::Gpu;
use seat::{Seat, StartFields};

/// Hears of every step of every scene, by the number of the scene.
pub(super) type Listener<'a> = dyn FnMut(usize, Progress) -> Continue + 'a;

/// Most memory of the device that one batch takes; what does not fit waits for its turn. A small graphics card has 4 GiB.
/// Unit: bytes.
const MOST_BATCH_BYTES: u64 = 3 << 30;
/// What one place takes in all fields together, without times below isotherms. Unit: bytes.
const BYTES_PER_PLACE: u64 = 64;

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
        let mut answers: Vec<Option<Result<FreezeHistory, SimulateError>>> = scenes.iter().map(|_| None).collect();
        for numbers in self.batches(scenes) {
            let take = |&n: &usize| {
                let run = Run::new(scenes[n], settings, &fields, shared.start_of(n))?;
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

    /// Numbers of the scenes that run together.
    fn batches(&self, scenes: &[&FreezeScene]) -> Vec<Vec<usize>> {
        let longest = self.longest_bytes();
        let mut batches: Vec<Vec<usize>> = Vec::new();
        let (mut bytes, mut long) = (u64::MAX, u64::MAX);
        for (n, scene) in scenes.iter().enumerate() {
            let parts = scene.parts();
            let size = parts.grid.size();
            let isotherms = parts.isotherms_c.len() as u64;
            let places = (parts.grid.cell_count() + 2 * size.i * size.j + 3 * words::BLOCK as usize) as u64;
            let mine = places * (BYTES_PER_PLACE + 4 * isotherms);
            let mine_long = places * 16.max(4 * isotherms);
            if bytes.saturating_add(mine) > MOST_BATCH_BYTES || long.saturating_add(mine_long) > longest {
                batches.push(Vec::new());
                (bytes, long) = (0, 0);
            }
            (bytes, long) = (bytes + mine, long + mine_long);
            if let Some(batch) = batches.last_mut() {
                batch.push(n);
            }
        }
        batches
    }
}
