//! `frostline store erase`: the contents of a case go when nobody has to keep them any longer.

use std::process::ExitCode;

use serde::Deserialize;

use crate::commands::Outcome;
use crate::erasing::erase_case;
use crate::store::{Erasure, Retention, StreamId};

use super::console::AtConsole;
use super::{Which, now_ms};

/// What is erased, by whom and why.
#[derive(clap::Args)]
pub struct EraseArguments {
    #[command(flatten)]
    which: Which,
    /// The stream of the case, such as case/0192-ab
    #[arg(long)]
    stream: StreamId,
    /// Who erases, as the identifier of an account; it stays
    #[arg(long)]
    by: String,
    /// Why; it stays, so it must not name the patient
    #[arg(long)]
    reason: String,
    /// How many years after its last event a case must be kept; without it the number of data/retention.toml
    #[arg(long, value_name = "YEARS", value_parser = clap::value_parser!(i16).range(0..=200))]
    keep_years: Option<i16>,
}

#[derive(Deserialize)]
struct RetentionFile {
    case: CaseRow,
}

#[derive(Deserialize)]
struct CaseRow {
    keep_years: i16,
}

/// How long a case is kept when nothing else is said.
fn bundled() -> Result<Retention, toml::de::Error> {
    let file: RetentionFile = toml::from_str(include_str!("../../../../../data/retention.toml"))?;
    Ok(Retention { keep_years: file.case.keep_years })
}

/// Erases and says what stays.
pub async fn run(arguments: &EraseArguments) -> Outcome {
    let retention = match arguments.keep_years {
        Some(keep_years) => Retention { keep_years },
        None => bundled()?,
    };
    let erasure = Erasure {
        stream: arguments.stream.clone(),
        by: arguments.by.clone(),
        reason: arguments.reason.clone(),
        at_ms: now_ms(),
    };
    let store = arguments.which.open().await?;
    let command = AtConsole::on(&store, "store_erase", true).about(&arguments.stream).begins().await?;
    let erased = command.ended(erase_case(&store, &erasure, retention).await).await;
    store.close().await;
    let erased = erased?;
    println!("erased       {}", arguments.stream);
    println!("attachments  {} removed", erased.attachments.len());
    for (what, count) in &erased.beside {
        println!("{what:<12} {count} removed");
    }
    println!(
        "stays        kind, person, time, command and hashes of every event, and event {} with the reason",
        erased.event.seq
    );
    println!("Backups and exports made before hold the contents still; they go when those are removed.");
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_time_of_keeping_can_be_read_and_is_not_nothing() {
        assert!(bundled().expect("it can be read").keep_years > 0);
    }
}
