//! The same small job for many things, side by side; the answers do not depend on how many threads there are.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// `work` on every item, in the order of the items.
pub(super) fn in_parallel<T: Sync, R: Send + Sync>(
    items: &[T],
    threads: usize,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let answers: Vec<OnceLock<R>> = items.iter().map(|_| OnceLock::new()).collect();
    let next = AtomicUsize::new(0);
    let run = || {
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            let (Some(item), Some(answer)) = (items.get(n), answers.get(n)) else { break };
            // Nobody else has this number.
            let _ = answer.set(work(item));
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.min(items.len()) {
            scope.spawn(run);
        }
        run();
    });
    // Every number was handed out once, so there is an answer in every place.
    answers.into_iter().filter_map(OnceLock::into_inner).collect()
}
