//! Workers that are killed, told to leave, or asked to stop.

use frostline::jobs::JobState;

use crate::site::{Site, chance};
use crate::support::{Place, on_both, run};

/// Enough worlds to be caught in the middle.
const WORLDS: usize = 128;

#[test]
fn a_job_of_a_killed_worker_is_finished_by_another_and_its_result_is_there_once() {
    on_both(async |place| {
        let site = Site::at(place).await;
        let id = site.pushed(chance(WORLDS)).await;
        let first = site.program();
        site.until(&id, |job| job.progress > 0.0).await;
        first.killed();
        let caught = site.job(&id).await;
        assert!(caught.state == JobState::Running && caught.progress < 1.0, "caught too late: {caught:?}");
        let _second = site.program();
        let result = site.done(&id).await;
        assert_eq!(site.job(&id).await.attempt, 2);
        let again = site.pushed(chance(WORLDS)).await;
        assert_eq!(site.done(&again).await, result, "as if nobody had been killed");
    });
}

#[test]
fn a_worker_that_is_told_to_stop_leaves_its_job_to_another_at_once() {
    run(async {
        let site = Site::at(Place::sqlite()).await;
        let id = site.pushed(chance(WORLDS)).await;
        let first = site.program();
        site.until(&id, |job| job.progress > 0.0).await;
        first.told_to_stop();
        let left = site.job(&id).await;
        assert_eq!((left.state, left.progress), (JobState::Waiting, 0.0));
        let _second = site.program();
        site.done(&id).await;
    });
}

#[test]
fn a_running_job_that_is_cancelled_ends_before_its_next_worlds_and_says_so() {
    run(async {
        let site = Site::at(Place::sqlite()).await;
        // Hours of work, of which only what was begun is done.
        let id = site.pushed(chance(100_000)).await;
        let _worker = site.program();
        site.until(&id, |job| job.progress > 0.0).await;
        let asked = site.queue.cancel(&id).await.expect("asked").expect("there").progress;
        let job = site.ended(&id).await;
        assert_eq!(job.state, JobState::Cancelled);
        assert!(job.progress < 0.5 && job.progress >= asked, "{job:?}");
        assert_eq!(site.queue.result(&id).await.expect("read"), None);
        let next = site.pushed(chance(16)).await;
        site.done(&next).await;
    });
}
