//! Many scenes at once: one per thread, with what they share found once.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::potential::SolvedFields;
use super::rest::Resting;
use super::{Backend, Continue, Run, SimulateError, SolverSettings, backend, check, pool_of};
use crate::history::FreezeHistory;
use crate::scene::FreezeScene;

/// Answers many scenes that differ in properties or placement, in their order. Every answer is that of
/// [`simulate`](super::simulate), to the last bit.
///
/// Each scene runs on one thread, `settings.threads` of them side by side; on a GPU all run together. Fields around probes of one shape are solved
/// once, and scenes that differ only in how probes cool share their steady start. `progress` hears how many are done, in
/// any order, and may stop what has not begun.
///
/// # Errors
/// One [`SimulateError`] per scene that has no answer; the others are not touched by it.
pub fn simulate_many(
    scenes: &[FreezeScene],
    settings: &SolverSettings,
    progress: &(dyn Fn(usize) -> Continue + Sync),
) -> Vec<Result<FreezeHistory, SimulateError>> {
    if let Err(error) = check(settings) {
        return scenes.iter().map(|_| Err(error.clone())).collect();
    }
    let all: Vec<&FreezeScene> = scenes.iter().collect();
    if settings.backend == Backend::Gpu {
        return backend::simulate_many_on_gpu(&all, settings, progress);
    }
    let fields = SolvedFields::of(scenes.iter().flat_map(|scene| &scene.parts().probes));
    let shared = Shared::of(&all);
    let one = SolverSettings { threads: 1, ..*settings };
    let (next, done, stopped) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let answers: Vec<OnceLock<Result<FreezeHistory, SimulateError>>> = scenes.iter().map(|_| OnceLock::new()).collect();
    let work = || {
        let pool = pool_of(1);
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            let (Some(scene), Some(answer)) = (scenes.get(n), answers.get(n)) else { break };
            let found = match &pool {
                Err(error) => Err(error.clone()),
                Ok(_) if stopped.load(Ordering::Relaxed) > 0 => {
                    Err(SimulateError::Stopped { at_s: 0.0, duration_s: scene.parts().duration_s })
                }
                Ok(pool) => pool.install(|| {
                    let rests = Resting::of(scene.parts());
                    let run = Run::new((scene, rests), &one, &fields, shared.start_of(n))?;
                    run.finish(None, &[], &mut |_| Continue::Yes)
                }),
            };
            // Nobody else has this number.
            let _ = answer.set(found);
            if progress(done.fetch_add(1, Ordering::Relaxed) + 1) == Continue::Stop {
                stopped.store(1, Ordering::Relaxed);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..settings.threads.min(scenes.len()) {
            scope.spawn(work);
        }
        work();
    });
    let unanswered = || Err(SimulateError::Stopped { at_s: 0.0, duration_s: 0.0 });
    answers.into_iter().map(|answer| answer.into_inner().unwrap_or_else(unanswered)).collect()
}

/// Steady starts that several scenes have in common.
pub(super) struct Shared {
    /// The first scene with the same start as each.
    first: Vec<usize>,
    starts: Vec<OnceLock<Result<Vec<f64>, SimulateError>>>,
}

impl Shared {
    pub(super) fn of(scenes: &[&FreezeScene]) -> Self {
        let mut first: Vec<usize> = Vec::with_capacity(scenes.len());
        for (n, scene) in scenes.iter().enumerate() {
            let known = (0..n).find(|&m| first[m] == m && start_alike(scenes[m], scene));
            first.push(known.unwrap_or(n));
        }
        Self { first, starts: scenes.iter().map(|_| OnceLock::new()).collect() }
    }

    pub(super) fn start_of(&self, n: usize) -> &OnceLock<Result<Vec<f64>, SimulateError>> {
        &self.starts[self.first[n]]
    }
}

/// True when everything that the start depends on is the same: cells, what fills them, and the bodies of the probes.
fn start_alike(a: &FreezeScene, b: &FreezeScene) -> bool {
    let (a, b) = (a.parts(), b.parts());
    let bodies_alike = a.probes.len() == b.probes.len()
        && a.probes
            .iter()
            .zip(&b.probes)
            .all(|(p, q)| p.tip == q.tip && p.towards_hub == q.towards_hub && p.shape == q.shape);
    bodies_alike
        && a.arterial_c == b.arterial_c
        && a.outer == b.outer
        && a.start == b.start
        && a.media == b.media
        && a.grid == b.grid
        && a.medium == b.medium
}
