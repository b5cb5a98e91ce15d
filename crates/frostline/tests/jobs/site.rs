//! A store with a queue, and programs that work on it.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use frostline::jobs::{Job, JobQueue, JobState, NewJob, PlanWork, ProposeWork, RobustWork, Work};

use crate::support::Place;

/// A flat limb, one probe, coarse cells.
pub const CASE: &str = include_str!("sural.toml");

/// A store and its queue.
pub struct Site {
    pub place: Place,
    pub queue: JobQueue,
}

impl Site {
    pub async fn at(place: Place) -> Self {
        let store = place.open().await;
        let queue = JobQueue::on(&store);
        Self { place, queue }
    }

    pub async fn pushed(&self, work: Work) -> String {
        self.queue.push(NewJob { work, case: None, by: "account".to_owned() }).await.expect("pushed").id
    }

    pub async fn job(&self, id: &str) -> Job {
        self.queue.job(id).await.expect("read").expect("there is such a job")
    }

    /// Looks until a job is as wished, for a minute at most.
    pub async fn until(&self, id: &str, wished: impl Fn(&Job) -> bool) -> Job {
        let since = Instant::now();
        loop {
            let job = self.job(id).await;
            if wished(&job) {
                return job;
            }
            assert!(!job.state.is_end() && since.elapsed() < LONGEST, "waited in vain: {job:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub async fn ended(&self, id: &str) -> Job {
        self.until(id, |job| job.state.is_end()).await
    }

    pub async fn done(&self, id: &str) -> String {
        let job = self.ended(id).await;
        assert_eq!((job.state, job.progress), (JobState::Done, 1.0), "{job:?}");
        self.queue.result(id).await.expect("read").expect("a done job has a result")
    }

    /// `frostline work` on this store, in a process of its own.
    pub fn program(&self) -> Program {
        let mut command = Command::new(env!("CARGO_BIN_EXE_frostline"));
        command.args(["work", "--dead-after-s", "2"]).env("FROSTLINE_STORE", &self.place.setting_text);
        command.arg("--attachments").arg(self.place.path().join("attachments"));
        Program(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts"))
    }
}

/// Longer than any of these jobs takes, on a machine with much else to do.
const LONGEST: Duration = Duration::from_secs(180);

/// A process that ends with its test.
pub struct Program(Child);

impl Program {
    /// As `kill -9`: nothing is written any more, nobody is told.
    pub fn killed(mut self) {
        self.0.kill().expect("it runs");
        self.0.wait().expect("it ends");
    }

    /// As a service manager does it.
    #[cfg(unix)]
    pub fn told_to_stop(mut self) {
        let told = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status().expect("kill runs");
        assert!(told.success());
        assert!(self.0.wait().expect("it ends").success());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Gone already, where the test ended it.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub fn plan(case: &str) -> Work {
    Work::Plan(PlanWork { case_file: case.to_owned(), tolerance_mm: None })
}

pub fn proposals() -> Work {
    Work::Propose(ProposeWork { case_file: CASE.to_owned(), quick: true, worlds: 8, seed: 3 })
}

pub fn chance(samples: usize) -> Work {
    let case_file = CASE.to_owned();
    Work::Robust(RobustWork { case_file, samples, seed: 3, tracked: false, resample: false, fine_mm: Some(2.0) })
}
