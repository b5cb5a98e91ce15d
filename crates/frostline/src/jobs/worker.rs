//! A worker: takes jobs as it has slots, computes on threads of their own, tells how far they are, and hears who no longer
//! wants them.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::files::gathered;
use super::meter::Meter;
use super::queue::{Claim, End, JobQueue, QueueError, Standing};
use super::runner::Worker;
use super::work::Undone;
use crate::store::Attachments;

/// How a worker labours.
#[derive(Clone, Copy, Debug)]
pub struct Labour {
    /// Jobs at a time.
    pub slots: usize,
    /// Threads for each.
    pub threads: usize,
    /// How long it may be silent before others take its jobs.
    pub dead_after: Duration,
}

impl Labour {
    /// With so many slots (at least one), the processors of this machine shared among them.
    #[must_use]
    pub fn with_slots(slots: usize, dead_after: Duration) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let slots = slots.max(1);
        Self { slots, threads: (processors / slots).max(1), dead_after }
    }
}

/// How often an idle worker looks whether another program pushed a job.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often a running job is told of and asked for: what a person waits until a cancelled job stops.
const TELL_EVERY: Duration = Duration::from_millis(500);
/// How long to wait before the database is asked again after it refused.
const TRY_AGAIN: Duration = Duration::from_secs(2);

/// Everything that a job needs while it runs.
#[derive(Clone)]
struct Bench {
    queue: JobQueue,
    attachments: Attachments,
    threads: usize,
    leaving: watch::Receiver<bool>,
}

/// Carries jobs out until `stop` is done; jobs that run then stop at their next word and wait for another worker.
pub async fn labour(queue: JobQueue, attachments: Attachments, how: Labour, stop: impl Future<Output = ()>) {
    let worker = Worker::new(how.dead_after);
    let (leave, leaving) = watch::channel(false);
    let bench = Bench { queue, attachments, threads: how.threads, leaving };
    tokio::pin!(stop);
    tokio::select! {
        () = &mut stop => return,
        () = until_done("a worker cannot register", || bench.queue.register(&worker)) => {}
    }
    tracing::info!(worker = worker.name(), slots = how.slots, threads = how.threads, "a worker is ready");
    let beating = tokio::spawn(beats(bench.queue.clone(), worker.clone()));
    let mut running = JoinSet::new();
    // A claim is never broken off in the middle: its job would wait until this worker counts as dead.
    let stopping = async {
        stop.await;
        // Whoever listens are the claims and the jobs that run; there may be none.
        let _ = leave.send(true);
    };
    tokio::join!(stopping, takes(&bench, &worker, how.slots, &mut running));
    while running.join_next().await.is_some() {}
    beating.abort();
}

/// Takes one job after the other until it is told to leave.
async fn takes(bench: &Bench, worker: &Worker, slots: usize, running: &mut JoinSet<()>) {
    let (slots, mut leaving) = (Arc::new(Semaphore::new(slots)), bench.leaving.clone());
    while !*leaving.borrow() {
        // A job is claimed only when there is a slot for it: others may have one now.
        let slot = tokio::select! {
            slot = Arc::clone(&slots).acquire_owned() => slot,
            _ = told_to_leave(&mut leaving) => return,
        };
        // Nobody closes the slots.
        let Ok(slot) = slot else { return };
        match bench.queue.claim(worker).await {
            Ok(Some(claim)) => {
                running.spawn(carried_out(bench.clone(), claim, slot));
                while running.try_join_next().is_some() {}
            }
            Ok(None) => tokio::select! {
                () = sleep(LOOK_EVERY) => {}
                () = bench.queue.pushed() => {}
                _ = told_to_leave(&mut leaving) => return,
            },
            Err(error) => {
                tracing::warn!(cause = %error, "no job can be claimed");
                sleep(TRY_AGAIN).await;
            }
        }
    }
}

/// Heartbeats between two looks for old jobs: an hour, as heartbeats usually are.
const FORGET_EVERY: u64 = 480;

/// Heartbeats, for ever; also when every slot and every thread is taken.
async fn beats(queue: JobQueue, worker: Worker) {
    let mut every = interval(worker.beat_every());
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for beat in 0_u64.. {
        every.tick().await;
        if let Err(error) = queue.heartbeat(&worker).await {
            tracing::warn!(cause = %error, "a heartbeat did not arrive");
        }
        if beat.is_multiple_of(FORGET_EVERY)
            && let Err(error) = queue.forget_old().await
        {
            tracing::warn!(cause = %error, "old jobs were not forgotten");
        }
    }
}

/// Why a running job was asked to stop.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Why {
    Cancelled,
    Lost,
    Leaving,
}

async fn carried_out(bench: Bench, claim: Claim, _slot: OwnedSemaphorePermit) {
    tracing::info!(job = claim.id, kind = claim.work.kind(), "a job begins");
    let (why, found) = computed(&bench, &claim).await;
    let end = match (found, why) {
        (Ok(Ok(result)), _) => End::Done(result),
        (Ok(Err(Undone::Refused(problem))), _) => End::Failed(problem),
        (Ok(Err(Undone::Stopped)), Some(Why::Leaving)) => {
            until_done("a job is not given back", || bench.queue.release(&claim)).await;
            return;
        }
        (Ok(Err(Undone::Stopped)), Some(Why::Lost)) => return,
        (Ok(Err(Undone::Stopped)), _) => End::Cancelled,
        (Err(_), _) => End::Failed(BROKE_OFF.to_owned()),
    };
    until_done("the end of a job is not kept", || async { bench.queue.end(&claim, &end).await.map(|_| ()) }).await;
    tracing::info!(job = claim.id, "a job ended");
}

/// What a person reads when the computation panicked; where it was stands in the log.
const BROKE_OFF: &str = "the computation broke off, which is a fault of this program; tell whoever runs the server";

/// Computes on a thread of its own and keeps in touch meanwhile.
async fn computed(bench: &Bench, claim: &Claim) -> (Option<Why>, Result<Result<String, Undone>, JoinError>) {
    let case = match gathered(claim.work.case_file(), &bench.attachments).await {
        Ok(case) => case,
        Err(problem) => return (None, Ok(Err(Undone::Refused(problem)))),
    };
    let meter = Arc::new(Meter::default());
    let (work, threads, told) = (claim.work.clone(), bench.threads, Arc::clone(&meter));
    let mut computing = tokio::task::spawn_blocking(move || {
        let (text, path) = case.case();
        work.carried_out((text, &path), threads, &told)
    });
    let (mut leaving, mut why) = (bench.leaving.clone(), None);
    let mut every = interval(TELL_EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last = (0.0, String::new());
    loop {
        let asked = tokio::select! {
            found = &mut computing => return (why, found),
            _ = every.tick() => in_touch(&bench.queue, claim, &meter, &mut last).await,
            left = told_to_leave(&mut leaving), if why.is_none() => left.then_some(Why::Leaving),
        };
        if why.is_none() && asked.is_some() {
            why = asked;
            meter.stop();
        }
    }
}

async fn told_to_leave(leaving: &mut watch::Receiver<bool>) -> bool {
    leaving.wait_for(|leaving| *leaving).await.is_ok()
}

/// Tells how far a job is when that changed, else only asks.
async fn in_touch(queue: &JobQueue, claim: &Claim, meter: &Meter, last: &mut (f64, String)) -> Option<Why> {
    let at = meter.at();
    let standing = if at == *last { queue.standing(claim).await } else { queue.progress(claim, at.0, &at.1).await };
    match standing {
        Ok(Standing::Yours) => {
            *last = at;
            None
        }
        Ok(Standing::CancelAsked) => Some(Why::Cancelled),
        Ok(Standing::Lost) => Some(Why::Lost),
        Err(error) => {
            tracing::warn!(cause = %error, "a job's progress is not kept");
            None
        }
    }
}

/// Tries until the database takes it: what a job found is worth waiting for.
async fn until_done<F: Future<Output = Result<(), QueueError>>>(what: &str, work: impl Fn() -> F) {
    while let Err(error) = work().await {
        tracing::warn!(cause = %error, "{what}; it is tried again");
        sleep(TRY_AGAIN).await;
    }
}
