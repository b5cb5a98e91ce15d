//! The queue on both databases with a clock of its own; what needs the program is in `tests/jobs`.

use std::time::Duration;

use jiff::Timestamp;

use super::{Claim, End, JobQueue, JobState, NewJob, PlanWork, Standing, Whose, Work, Worker};
use crate::postgres_server;
use crate::server::Clock;
use crate::store::{Store, StoreSetting, on_db};

/// A store in a folder, the queue on it, and its clock.
struct Site {
    folder: tempfile::TempDir,
    store: Store,
    clock: Clock,
    queue: JobQueue,
}

impl Site {
    async fn open() -> Self {
        Site::on(None).await
    }

    /// On a database; on SQLite where none is named.
    async fn on(database: Option<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sqlite = format!("sqlite:{}", folder.path().join("frostline.db").display());
        let setting = StoreSetting::new(database.unwrap_or(sqlite).parse().unwrap(), Some(folder.path().join("files")));
        let store = Store::open(setting).await.unwrap();
        let clock = Clock::set_at(Timestamp::from_second(1_800_000_000).unwrap());
        let queue = JobQueue::with_clock(&store, clock.clone());
        Self { folder, store, clock, queue }
    }

    async fn pushed(&self, case: Option<&str>) -> String {
        let work = Work::Plan(PlanWork { case_file: "title = \"a\"".into(), tolerance_mm: None });
        let new = NewJob { work, case: case.map(str::to_owned), by: "account".into() };
        self.queue.push(new).await.unwrap().id
    }

    async fn worker(&self) -> Worker {
        let worker = Worker::new(Duration::from_secs(1));
        self.queue.register(&worker).await.unwrap();
        worker
    }

    async fn claimed(&self, worker: &Worker) -> Option<Claim> {
        self.queue.claim(worker).await.unwrap()
    }

    /// What another worker is given once the first one was silent for a second.
    async fn taken_over(&self, by: &Worker) -> Claim {
        loop {
            self.queue.heartbeat(by).await.unwrap();
            if let Some(claim) = self.claimed(by).await {
                return claim;
            }
        }
    }

    async fn state(&self, id: &str) -> JobState {
        self.queue.job(id).await.unwrap().unwrap().state
    }
}

/// Does the same on SQLite and on PostgreSQL, where there is a server; the store says where there is none.
async fn on_both(work: impl AsyncFn(Site)) {
    work(Site::open().await).await;
    if let Some(server) = postgres_server::server() {
        work(Site::on(Some(server.new_database())).await).await;
    }
}

#[tokio::test]
async fn a_worker_that_lost_its_job_can_tell_nothing_and_end_nothing() {
    on_both(async |site| {
        let id = site.pushed(None).await;
        let (silent, other) = (site.worker().await, site.worker().await);
        let lost = site.claimed(&silent).await.unwrap();
        assert_eq!(site.queue.progress(&lost, 0.7, "freezing").await.unwrap(), Standing::Yours);
        let taken = site.taken_over(&other).await;
        assert_eq!(site.queue.progress(&lost, 0.9, "freezing").await.unwrap(), Standing::Lost);
        assert_eq!(site.queue.standing(&lost).await.unwrap(), Standing::Lost);
        assert!(!site.queue.end(&lost, &End::Done("\"of the silent one\"".into())).await.unwrap());
        let job = site.queue.job(&id).await.unwrap().unwrap();
        assert_eq!((job.state, job.attempt, job.progress), (JobState::Running, 2, 0.0));
        assert!(site.queue.end(&taken, &End::Done("\"of the other\"".into())).await.unwrap());
        assert_eq!(site.queue.result(&id).await.unwrap().unwrap(), "\"of the other\"");
        assert!(!site.queue.end(&taken, &End::Failed("again".into())).await.unwrap(), "a job ends once");
        assert!(site.claimed(&other).await.is_none());
    })
    .await;
}

#[tokio::test]
async fn a_job_that_kills_three_workers_is_given_to_no_fourth() {
    on_both(async |site| {
        let id = site.pushed(None).await;
        let first = site.worker().await;
        site.claimed(&first).await.unwrap();
        for _ in 0..2 {
            let next = site.worker().await;
            site.taken_over(&next).await;
        }
        let fourth = site.worker().await;
        while site.state(&id).await == JobState::Running {
            site.queue.heartbeat(&fourth).await.unwrap();
            assert!(site.claimed(&fourth).await.is_none());
        }
        let job = site.queue.job(&id).await.unwrap().unwrap();
        assert_eq!(job.state, JobState::Failed);
        assert!(job.problem.unwrap().starts_with("3 workers ended while they had this job"));
    })
    .await;
}

#[tokio::test]
async fn a_waiting_job_is_cancelled_at_once_and_a_running_one_by_its_worker() {
    on_both(async |site| {
        let (waits, runs) = (site.pushed(None).await, site.pushed(None).await);
        assert_eq!(site.queue.cancel(&waits).await.unwrap().unwrap().state, JobState::Cancelled);
        let worker = site.worker().await;
        let claim = site.claimed(&worker).await.unwrap();
        assert_eq!(claim.id, runs, "the cancelled one is given to nobody");
        assert_eq!(site.queue.cancel(&runs).await.unwrap().unwrap().state, JobState::Running);
        assert_eq!(site.queue.standing(&claim).await.unwrap(), Standing::CancelAsked);
        assert!(site.queue.end(&claim, &End::Cancelled).await.unwrap());
        assert_eq!(site.state(&runs).await, JobState::Cancelled);
        let unknown = site.queue.cancel("no such job").await.unwrap();
        assert!(unknown.is_none());
    })
    .await;
}

#[tokio::test]
async fn a_cancelled_job_of_a_dead_worker_is_not_begun_again() {
    on_both(async |site| {
        let id = site.pushed(None).await;
        let (dead, other) = (site.worker().await, site.worker().await);
        site.claimed(&dead).await.unwrap();
        site.queue.cancel(&id).await.unwrap();
        while site.state(&id).await == JobState::Running {
            site.queue.heartbeat(&other).await.unwrap();
            assert!(site.claimed(&other).await.is_none());
        }
        assert_eq!(site.state(&id).await, JobState::Cancelled);
    })
    .await;
}

#[tokio::test]
async fn a_job_whose_place_in_the_queue_was_lost_is_queued_again() {
    let site = Site::open().await;
    let id = site.pushed(None).await;
    // Another queue on the same store, after the file beside it is gone.
    for ending in ["jobs.db", "jobs.db-wal", "jobs.db-shm"] {
        let _ = std::fs::remove_file(site.folder.path().join("frostline.db").with_extension(ending));
    }
    let site = Site { queue: JobQueue::with_clock(&site.store, site.clock.clone()), ..site };
    let worker = site.worker().await;
    site.queue.heartbeat(&worker).await.unwrap();
    assert!(site.claimed(&worker).await.is_none(), "what was pushed just now may be on its way");
    site.clock.move_on_s(6);
    for _ in 0..2 {
        site.queue.heartbeat(&worker).await.unwrap();
    }
    assert_eq!(site.claimed(&worker).await.unwrap().id, id);
    assert!(site.claimed(&worker).await.is_none(), "it was queued once");
}

#[tokio::test]
async fn a_job_that_was_given_back_is_free_at_once_however_often() {
    on_both(async |site| {
        let id = site.pushed(None).await;
        for _ in 0..4 {
            let worker = site.worker().await;
            let claim = site.claimed(&worker).await.expect("given back means free for the next");
            site.queue.release(&claim).await.unwrap();
            assert_eq!(site.state(&id).await, JobState::Waiting);
        }
    })
    .await;
}

#[tokio::test]
async fn lists_are_newest_first_and_hold_only_what_was_asked_for() {
    on_both(async |site| {
        let mut ids = Vec::new();
        for case in [None, Some("c"), None, Some("c"), Some("d")] {
            ids.push(site.pushed(case).await);
        }
        let list = async |whose: Whose, after: &str| {
            let jobs = site.queue.list(&whose, after, 3).await.unwrap();
            jobs.into_iter().map(|job| job.id).collect::<Vec<_>>()
        };
        let mine = Whose::AskedBy("account".into());
        assert_eq!(list(mine.clone(), "").await, [&*ids[4], &ids[3], &ids[2]]);
        assert_eq!(list(mine, &ids[2]).await, [&*ids[1], &ids[0]]);
        assert_eq!(list(Whose::Case("c".into()), "").await, [&*ids[3], &ids[1]]);
        assert!(list(Whose::AskedBy("other".into()), "").await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn jobs_of_an_erased_case_and_jobs_of_a_month_ago_are_forgotten() {
    on_both(async |site| {
        let (of_case, waits, old) = (site.pushed(Some("c")).await, site.pushed(None).await, site.pushed(None).await);
        let crate::store::Beside { sql, .. } = super::OF_A_CASE[0];
        let gone =
            on_db!(site.store.db(), write, |c| sqlx::query(sql).bind("c").execute(c).await.map(|d| d.rows_affected()));
        assert_eq!(gone.unwrap(), 1);
        assert!(site.queue.job(&of_case).await.unwrap().is_none());
        site.queue.cancel(&old).await.unwrap();
        site.clock.move_on_s(30 * 24 * 3600);
        assert_eq!(site.queue.forget_old().await.unwrap(), 0, "exactly 30 days");
        site.clock.move_on_s(1);
        assert_eq!(site.queue.forget_old().await.unwrap(), 1);
        assert_eq!(site.state(&waits).await, JobState::Waiting, "what has not ended stays");
    })
    .await;
}
