//! Several workers on one database.

use std::collections::BTreeSet;
use std::time::Duration;

use frostline::jobs::{End, JobState, Worker};

use crate::site::{CASE, Site, plan};
use crate::support::on_both;

#[test]
fn many_workers_that_ask_at_once_get_every_job_once() {
    on_both(async |place| {
        let site = Site::at(place).await;
        let mut ids = BTreeSet::new();
        for _ in 0..12 {
            ids.insert(site.pushed(plan(CASE)).await);
        }
        let mut asking = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let queue = site.queue.clone();
            asking.spawn(async move {
                let worker = Worker::new(Duration::from_secs(30));
                queue.register(&worker).await.expect("registered");
                let mut got = Vec::new();
                while let Some(claim) = queue.claim(&worker).await.expect("claimed") {
                    assert!(queue.end(&claim, &End::Done("{}".to_owned())).await.expect("ended"));
                    got.push(claim.id);
                }
                got
            });
        }
        let got: Vec<String> = asking.join_all().await.into_iter().flatten().collect();
        assert_eq!(got.len(), ids.len(), "a job was given twice");
        assert_eq!(got.into_iter().collect::<BTreeSet<_>>(), ids);
        for id in &ids {
            let job = site.job(id).await;
            assert_eq!((job.state, job.attempt), (JobState::Done, 1));
        }
    });
}

#[test]
fn one_job_on_two_programs_runs_once() {
    on_both(async |place| {
        let site = Site::at(place).await;
        let _workers = [site.program(), site.program()];
        let id = site.pushed(plan(CASE)).await;
        site.done(&id).await;
        assert_eq!(site.job(&id).await.attempt, 1);
    });
}
