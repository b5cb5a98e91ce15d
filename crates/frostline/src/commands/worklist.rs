//! `frostline worklist`: what somebody of a role should do next, from the store, without a server.

use std::process::ExitCode;

use frostline_record::case::Second;
use frostline_record::rules::{Day, Moment, Role};
use frostline_record::worklist::Entry;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Outcome;
use super::store::Which;
use super::store::console::AtConsole;
use crate::accounts::permission::role_of_word;
use crate::cases::{Cases, KeptPractice, Knowledge};

/// For whom, and when.
#[derive(clap::Args)]
pub struct WorklistArguments {
    #[command(flatten)]
    which: Which,
    /// operator, anaesthesia, nurse, technologist, coordinator, coder or quality
    #[arg(long, value_parser = role)]
    role: Role,
    /// As it will be at the beginning of this day, such as 2026-03-24; without it as it is now
    #[arg(long)]
    date: Option<Day>,
    /// Time zone of the site, as 'frostline serve' has it
    #[arg(long, default_value = "UTC")]
    time_zone: String,
    /// As JSON, one line of the list a line
    #[arg(long)]
    json: bool,
    /// Also say on standard error how many cases were looked at, and how many were read event by event
    #[arg(long)]
    count: bool,
}

fn role(word: &str) -> Result<Role, String> {
    let works = |role: &Role| !matches!(role, Role::Patient | Role::Administrator);
    role_of_word(word).filter(works).ok_or_else(|| {
        format!("found '{word}', expected operator, anaesthesia, nurse, technologist, coordinator, coder or quality")
    })
}

/// Prints the list.
pub fn run(arguments: &WorklistArguments) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(print(arguments))
}

async fn print(arguments: &WorklistArguments) -> Outcome {
    const SECONDS_PER_MINUTE: i64 = 60;
    let knowledge = Knowledge::bundled(&arguments.time_zone)?;
    let store = arguments.which.open().await?;
    let begins = arguments.date.map(|day| Second(knowledge.begins(day).0 * SECONDS_PER_MINUTE));
    let at = begins.unwrap_or_else(|| Second(Timestamp::now().as_second()));
    let zone = knowledge.zone().clone();
    let (cases, practice) = (Cases::new(store.clone(), knowledge), KeptPractice::new(store.clone())?);
    let command = AtConsole::on(&store, "worklist", false).begins().await?;
    let list = command.ended(practice.worklist(&cases, arguments.role, at).await).await;
    store.close().await;
    let list = list?;
    for entry in &list.entries {
        match arguments.json {
            true => println!("{}", serde_json::to_string(entry)?),
            false => println!("{}", line(entry, &zone)),
        }
    }
    if arguments.count {
        eprintln!("{} lines, {} cases looked at, {} read", list.entries.len(), list.cases, list.streams_read);
    }
    Ok(ExitCode::SUCCESS)
}

fn line(entry: &Entry, zone: &TimeZone) -> String {
    let since = entry.since.map_or_else(|| "-".to_owned(), |since| shown(since, zone));
    let case = entry.case.as_deref().unwrap_or("-");
    let rule = entry.rule.map(|rule| format!("{rule}: ")).unwrap_or_default();
    format!("{:<6} {since:<16}  {case:<36}  {} ({rule}{})", entry.urgency.word(), entry.what, entry.why)
}

fn shown(moment: Moment, zone: &TimeZone) -> String {
    match Timestamp::from_second(moment.0.saturating_mul(60)) {
        Ok(second) => second.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string(),
        Err(_) => moment.to_string(),
    }
}
