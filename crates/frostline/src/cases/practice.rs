//! Rooms, people, stock and bookings as they are kept: one stream of the store with an event for every change, which holds the
//! rows that became something else.
//!
//! The calendar is made again from the events when it is first read and kept in memory; after that only later events are read.

use std::sync::{Arc, Mutex, PoisonError};

use frostline_plan::catalogue::CatalogueError;
use frostline_record::schedule::{Calendar, CalendarChange, Resources, ScheduleSettings};
use serde_json::{Value, json};
use uuid::Uuid;

use super::CaseError;
use super::pieces::pieces;
use crate::store::{AppendError, NewEvent, Part, ReadError, Store, StoredEvent, StreamId};
use frostline_record::case::Second;

/// The stream.
pub(super) const STREAM: &str = "site/practice";

/// Changes that are longer are kept as several events: well below what the store takes as one. Unit: bytes.
const MOST_BYTES: usize = 1 << 19;

/// The practice of a site. Cheap to clone.
#[derive(Clone)]
pub struct KeptPractice {
    store: Store,
    settings: Arc<ScheduleSettings>,
    /// The calendar as it was last read, so that only what came after is read again.
    latest: Arc<Mutex<PracticeNow>>,
}

/// Resources and bookings, and how often they were changed.
#[derive(Clone, Debug)]
pub struct PracticeNow {
    /// What there is and what is booked.
    pub calendar: Arc<Calendar>,
    /// Changes so far.
    pub version: u64,
}

impl PracticeNow {
    /// Before anybody wrote anything.
    fn nothing() -> Self {
        Self { calendar: Arc::new(Calendar::new(Resources::default())), version: 0 }
    }

    /// After more events.
    fn after(&self, events: &[StoredEvent]) -> Result<Self, PracticeError> {
        let Some(last) = events.last() else { return Ok(self.clone()) };
        let changes = events.iter().map(change_of).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { calendar: Arc::new(Calendar::clone(&self.calendar).after(changes)), version: last.seq })
    }
}

fn change_of(event: &StoredEvent) -> Result<CalendarChange, PracticeError> {
    let unreadable = |problem: String| PracticeError::Unreadable { version: event.seq, problem };
    let body = event.body.kept().ok_or_else(|| unreadable("it was erased".to_owned()))?;
    serde_json::from_value(body.clone()).map_err(|problem| unreadable(problem.to_string()))
}

/// What the store shows of the stream.
pub(super) fn summary_of(events: &[StoredEvent]) -> Result<Value, PracticeError> {
    PracticeNow::nothing().after(events).map(|now| summary(&now.calendar))
}

fn summary(calendar: &Calendar) -> Value {
    json!({ "bookings": calendar.bookings().len() })
}

/// Why the practice cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum PracticeError {
    /// Somebody changed it in between.
    #[error("rooms, people or bookings had {seen} changes when they were read and have {found} now; look again")]
    SomebodyWasFaster {
        /// How many were seen.
        seen: u64,
        /// How many there are.
        found: u64,
    },
    /// What is kept cannot be read.
    #[error(
        "change {version} of rooms, people and bookings: {problem}; was it written by a newer version of this program?"
    )]
    Unreadable {
        /// Which.
        version: u64,
        /// What is wrong.
        problem: String,
    },
    /// The store.
    #[error(transparent)]
    Append(AppendError),
    /// The store.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A case.
    #[error(transparent)]
    Case(#[from] CaseError),
}

/// Who changes it, and when.
#[derive(Clone, Debug)]
pub struct ChangedBy {
    /// The account.
    pub account: String,
    /// When.
    pub at: Second,
}

impl KeptPractice {
    /// Over an open store.
    ///
    /// # Errors
    /// [`CatalogueError`] when `data/schedule.toml` was wrong at build time, which a test refuses.
    pub fn new(store: Store) -> Result<Self, CatalogueError> {
        let latest = Arc::new(Mutex::new(PracticeNow::nothing()));
        Ok(Self { store, settings: Arc::new(ScheduleSettings::bundled()?), latest })
    }

    /// The numbers of `data/schedule.toml`.
    pub fn settings(&self) -> &ScheduleSettings {
        &self.settings
    }

    /// Everything as it is now.
    ///
    /// # Errors
    /// [`PracticeError`] when it cannot be read.
    pub async fn now(&self) -> Result<PracticeNow, PracticeError> {
        let seen = self.remembered();
        let version = self.store.summary(&stream()).await?.map_or(0, |summary| summary.seq);
        // A store that was put back to an earlier state under a running program has fewer events than were seen.
        let from = if version < seen.version { PracticeNow::nothing() } else { seen };
        if version == from.version {
            return Ok(from);
        }
        let found = from.after(&self.store.read_after(&stream(), from.version).await?)?;
        self.remember(&found);
        Ok(found)
    }

    fn remembered(&self) -> PracticeNow {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn remember(&self, found: &PracticeNow) {
        *self.latest.lock().unwrap_or_else(PoisonError::into_inner) = found.clone();
    }

    /// Keeps what a change made of the calendar that was read; nothing where nothing changed.
    ///
    /// # Errors
    /// [`PracticeError::SomebodyWasFaster`] when it was changed since it was read; nothing is kept then.
    pub async fn keep(
        &self,
        seen: &PracticeNow,
        calendar: Calendar,
        by: ChangedBy,
    ) -> Result<PracticeNow, PracticeError> {
        let Some(part) = self.part(seen, &calendar, (&by, None)) else { return Ok(seen.clone()) };
        match self.store.append_together(std::slice::from_ref(&part)).await {
            Ok(_) => Ok(self.kept(calendar, &part)),
            Err(AppendError::SomebodyWasFaster { seen, found, .. }) => {
                Err(PracticeError::SomebodyWasFaster { seen, found })
            }
            Err(error) => Err(PracticeError::Append(error)),
        }
    }

    /// What the stream gets for what a change made of the calendar that was read; nothing where nothing changed.
    pub(super) fn part(
        &self,
        seen: &PracticeNow,
        calendar: &Calendar,
        (by, command): (&ChangedBy, Option<Uuid>),
    ) -> Option<Part> {
        const MS_PER_SECOND: i64 = 1000;
        let change = calendar.since(&seen.calendar);
        if change.is_nothing() {
            return None;
        }
        let kind = change.word().to_owned();
        let event = |piece| NewEvent {
            kind: kind.clone(),
            body: json!(piece),
            by: by.account.clone(),
            at_ms: by.at.0 * MS_PER_SECOND,
            command_id: command,
        };
        let events = pieces(change, MOST_BYTES).iter().map(event).collect();
        let (stream, summary) = (stream(), summary(calendar));
        Some(Part { stream, seen: seen.version, events, summary, outline: None })
    }

    /// The calendar as it is kept now, remembered.
    pub(super) fn kept(&self, calendar: Calendar, part: &Part) -> PracticeNow {
        let version = part.seen + part.events.len() as u64;
        let kept = PracticeNow { calendar: Arc::new(calendar), version };
        self.remember(&kept);
        kept
    }

    /// The store, for what is written together with other streams.
    pub(super) fn store(&self) -> &Store {
        &self.store
    }
}

pub(super) fn stream() -> StreamId {
    // The name is made of allowed characters.
    StreamId::new(STREAM).expect("a name of a stream")
}
