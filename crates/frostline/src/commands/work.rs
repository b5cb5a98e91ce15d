//! `frostline work`: carries out long jobs of a database, beside the server or on another machine.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use super::Outcome;
use super::serve::{log_to_standard_error, setting_of, told_to_stop};
use crate::jobs::{JobQueue, Labour, labour};
use crate::store::{Store, StoreSetting};

/// Whose jobs, and how many at a time.
#[derive(clap::Args)]
pub struct WorkArguments {
    /// The database: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME; or set FROSTLINE_STORE, which no list of processes shows
    #[arg(long)]
    store: Option<String>,
    /// The folder of attachments where it is not beside the database; every machine must see the same files
    #[arg(long)]
    attachments: Option<PathBuf>,
    /// Jobs at a time; they share the processors
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    slots: u16,
    /// Seconds for which a worker may be silent before others take its jobs; the same for all of them
    #[arg(long, default_value_t = DEAD_AFTER_S, value_parser = clap::value_parser!(u64).range(1..=3600))]
    dead_after_s: u64,
}

/// A machine under load may miss heartbeats for seconds; a person waits no longer than this for a job of a dead one.
pub(super) const DEAD_AFTER_S: u64 = 30;

/// Works until it is told to stop.
pub fn run(arguments: &WorkArguments) -> Outcome {
    log_to_standard_error();
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work(arguments))
}

async fn work(arguments: &WorkArguments) -> Outcome {
    let setting = setting_of(arguments.store.as_deref())?;
    let store = Store::open(StoreSetting::new(setting, arguments.attachments.clone())).await?;
    let how = Labour::with_slots(usize::from(arguments.slots), Duration::from_secs(arguments.dead_after_s));
    println!("frostline works, {} at a time", how.slots);
    labour(JobQueue::on(&store), store.attachments().clone(), how, told_to_stop()).await;
    store.close().await;
    println!("frostline stopped");
    Ok(ExitCode::SUCCESS)
}
