//! `frostline audit`: who saw and did what, and whether anybody tampered with that record.

use std::process::ExitCode;

use jiff::Timestamp;

use super::Outcome;
use crate::audit::{Audit, Entry, STREAM};
use crate::server::Clock;
use crate::store::{DatabaseSetting, Fault, Place, Store, StoreSetting, StoredEvent};

/// What to do with the audit.
#[derive(clap::Args)]
pub struct AuditArguments {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Hold every entry against its hash and the one before; exit code 1 where anything was changed, removed or moved
    Verify(Where),
    /// Print the newest entries, one a line
    Show(ShowArguments),
}

#[derive(clap::Args)]
struct Where {
    /// The database: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME
    #[arg(long)]
    store: DatabaseSetting,
}

#[derive(clap::Args)]
struct ShowArguments {
    #[command(flatten)]
    place: Where,
    /// How many entries, from the newest back
    #[arg(long, default_value_t = 50)]
    last: u64,
    /// Only those about one case
    #[arg(long)]
    case: Option<String>,
    /// Only those by one account or invitation
    #[arg(long)]
    who: Option<String>,
    /// As JSON, one entry a line
    #[arg(long)]
    json: bool,
}

/// Verifies or shows.
pub fn run(arguments: &AuditArguments) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match &arguments.what {
            What::Verify(place) => verify(place).await,
            What::Show(show) => print(show).await,
        }
    })
}

async fn open(place: &Where) -> Result<Store, Box<dyn std::error::Error>> {
    Ok(Store::open_for_inspection(StoreSetting::new(place.store.clone(), None)).await?)
}

async fn verify(place: &Where) -> Outcome {
    let store = open(place).await?;
    let found = store.verify(None, Timestamp::now().as_millisecond()).await?;
    let faults: Vec<&Fault> = found.faults.iter().filter(|fault| is_about_audit(fault)).collect();
    let length = found.anchor.heads.iter().find(|head| head.stream == STREAM).map_or(0, |head| head.seq);
    println!("{length} entries in the audit, {} at fault", faults.len());
    for fault in &faults {
        println!("  {fault}");
    }
    store.close().await;
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// In the audit itself, or in the store as a whole: a removed tail shows only there.
fn is_about_audit(fault: &Fault) -> bool {
    match &fault.place {
        Place::Event { stream, .. } | Place::Stream(stream) => stream == STREAM,
        Place::Store => true,
        Place::Attachment(_) => false,
    }
}

async fn print(show: &ShowArguments) -> Outcome {
    let store = open(&show.place).await?;
    let audit = Audit::new(store.clone(), Clock::System);
    let before = audit.length().await? + 1;
    let mut events = audit.before(before, show.last).await?;
    events.reverse();
    for event in events {
        let entry: Entry = serde_json::from_value(event.body.kept().cloned().unwrap_or_default())?;
        let wanted = show.case.is_none() || show.case == entry.case;
        if !wanted || show.who.as_ref().is_some_and(|who| *who != event.by) {
            continue;
        }
        println!("{}", if show.json { serde_json::to_string(&event)? } else { line(&event, &entry) });
    }
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

fn line(event: &StoredEvent, entry: &Entry) -> String {
    let at = Timestamp::from_millisecond(event.at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    let named = |what: &str, value: &Option<String>| {
        value.as_ref().map_or_else(String::new, |value| format!(" {what} {value}"))
    };
    format!(
        "{:>6} {at:.0} {} {} {}{}{}{}{} from {} request {}",
        event.seq,
        entry.status,
        entry.operation,
        event.by,
        named("as", &entry.role),
        named("case", &entry.case),
        named("about", &entry.about),
        named("emergency", &entry.emergency),
        entry.address,
        entry.request
    )
}
