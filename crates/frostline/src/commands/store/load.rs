//! `frostline store load`: fictional events from many writers, each acknowledged one printed once it is on disk.
//!
//! The tests kill it, take its disk away and compare what it printed with what is stored. It measures too.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::commands::Outcome;
use crate::store::{AppendError, AttachmentError, NewEvent, Store, StoreError, StreamId};

use super::{Which, now_ms};

/// How much is written.
#[derive(clap::Args)]
pub struct LoadArguments {
    #[command(flatten)]
    which: Which,
    /// How many write at once
    #[arg(long, default_value_t = 1)]
    writers: usize,
    /// On how many streams; with fewer than writers they collide
    #[arg(long, default_value_t = 1)]
    streams: usize,
    /// How many events in each append
    #[arg(long, default_value_t = 3)]
    events: usize,
    /// Ends after this time. Unit: s
    #[arg(long)]
    for_s: Option<f64>,
    /// Ends each writer after so many appends
    #[arg(long, default_value_t = u64::MAX)]
    each: u64,
    /// Adds an attachment in every so many appends; none when 0
    #[arg(long, default_value_t = 0)]
    attach_every: u64,
    /// Sends a command again when the database was away, instead of giving up
    #[arg(long)]
    insist: bool,
    /// Prints only how fast it was
    #[arg(long)]
    quiet: bool,
}

/// How long to wait before a command is sent again.
const AGAIN: Duration = Duration::from_millis(20);

/// What one writer saw.
#[derive(Default)]
struct Seen {
    waits: Vec<Duration>,
    told: u64,
    again: u64,
}

/// Writes until the time is over or something fails.
pub async fn run(arguments: &LoadArguments) -> Outcome {
    let store = Store::open(arguments.which.setting()?).await?;
    let arguments = Arc::new(Settings::from(arguments));
    let all = Arc::new(Mutex::new(Seen::default()));
    let begun = Instant::now();
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..arguments.writers {
        let (store, settings, all) = (store.clone(), arguments.clone(), all.clone());
        writers.spawn(async move {
            let mut seen = Seen::default();
            let done = write(&store, &settings, writer, &mut seen).await;
            let mut all = all.lock().await;
            all.waits.append(&mut seen.waits);
            (all.told, all.again) = (all.told + seen.told, all.again + seen.again);
            done
        });
    }
    while let Some(done) = writers.join_next().await {
        done??;
    }
    store.close().await;
    print(&mut *all.lock().await, begun.elapsed());
    Ok(ExitCode::SUCCESS)
}

struct Settings {
    writers: usize,
    streams: usize,
    events: usize,
    end: Option<Instant>,
    each: u64,
    attach_every: u64,
    insist: bool,
    quiet: bool,
}

impl From<&LoadArguments> for Settings {
    fn from(a: &LoadArguments) -> Self {
        Self {
            writers: a.writers,
            streams: a.streams.max(1),
            events: a.events.max(1),
            end: a.for_s.map(|s| Instant::now() + Duration::from_secs_f64(s)),
            each: a.each,
            attach_every: a.attach_every,
            insist: a.insist,
            quiet: a.quiet,
        }
    }
}

/// Why a writer gave up.
#[derive(Debug, thiserror::Error)]
enum LoadError {
    #[error(transparent)]
    Append(#[from] AppendError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Name(#[from] crate::store::StreamIdError),
    #[error(transparent)]
    Attachment(#[from] AttachmentError),
}

async fn write(store: &Store, settings: &Settings, writer: usize, seen: &mut Seen) -> Result<(), LoadError> {
    let stream = StreamId::new(format!("case/load-{}", writer % settings.streams))?;
    let mut length = store.read(&stream).await.map_err(StoreError::from)?.len() as u64;
    for round in 1..=settings.each {
        if settings.end.is_some_and(|end| Instant::now() >= end) {
            break;
        }
        let new = events(store, settings, writer, round).await?;
        let begun = Instant::now();
        let last = append(store, settings, (&stream, &mut length), &new, seen).await?;
        seen.waits.push(begun.elapsed());
        if !settings.quiet {
            println!("kept {stream} {length} {last}");
        }
    }
    Ok(())
}

async fn events(
    store: &Store,
    settings: &Settings,
    writer: usize,
    round: u64,
) -> Result<Vec<NewEvent>, AttachmentError> {
    let command_id = Some(Uuid::new_v4());
    let mut new: Vec<_> = (0..settings.events)
        .map(|part| NewEvent {
            kind: "load".to_owned(),
            body: json!({ "writer": writer, "round": round, "part": part, "note": "fictional, of a usual length for a step" }),
            by: format!("load/{writer}"),
            at_ms: now_ms(),
            command_id,
        })
        .collect();
    if settings.attach_every > 0 && round.is_multiple_of(settings.attach_every) {
        let content = Uuid::new_v4().to_string().repeat(100);
        new[0].body["image"] = json!(store.attachments().put(content.as_bytes()).await?.to_string());
    }
    Ok(new)
}

/// One append, again and again while somebody is faster; gives the hash of its last event.
async fn append(
    store: &Store,
    settings: &Settings,
    (stream, length): (&StreamId, &mut u64),
    new: &[NewEvent],
    seen: &mut Seen,
) -> Result<String, AppendError> {
    loop {
        let summary = json!({ "events": *length + new.len() as u64 });
        match store.append(stream, *length, new, &summary).await {
            Ok(stored) => {
                let last = stored.last().map_or((0, String::new()), |event| (event.seq, event.hash.clone()));
                *length = last.0;
                return Ok(last.1);
            }
            Err(AppendError::SomebodyWasFaster { found, .. }) => (*length, seen.told) = (found, seen.told + 1),
            Err(AppendError::NotWritten(_) | AppendError::Unsure(_)) if settings.insist => {
                seen.again += 1;
                tokio::time::sleep(AGAIN).await;
            }
            Err(other) => return Err(other),
        }
    }
}

fn print(seen: &mut Seen, took: Duration) {
    seen.waits.sort();
    let at = |share: f64| {
        let place = (seen.waits.len() as f64 * share) as usize;
        seen.waits.get(place.min(seen.waits.len().saturating_sub(1))).map_or(0.0, |wait| wait.as_secs_f64() * 1e3)
    };
    let count = seen.waits.len();
    println!(
        "{count} appends in {:.1} s, {:.0} per second; waited {:.1} ms at the median, {:.1} ms at 99 %; told that somebody was \
         faster {} times, sent again {} times",
        took.as_secs_f64(),
        count as f64 / took.as_secs_f64(),
        at(0.5),
        at(0.99),
        seen.told,
        seen.again
    );
}
