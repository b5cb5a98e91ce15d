//! Rooms, people, stock and bookings as they are kept: one stream of the store with an event for every change, which holds the
//! rows that became something else.
//!
//! The calendar is made again from the events when it is first read and kept in memory; after that only later events are read.

use std::sync::{Arc, Mutex, PoisonError};

use frostline_plan::catalogue::CatalogueError;
use frostline_record::rules::{Day, Moment, Role};
use frostline_record::schedule::{Calendar, CalendarChange, Resources, ScheduleSettings};
use frostline_record::worklist::{CaseSummary, Entry, Now, Practice, Quarter};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{CaseError, Cases};
use crate::store::{AppendError, NewEvent, ReadError, Store, StoredEvent, StreamId};
use frostline_record::case::{Second, Stage};

/// The stream.
pub(super) const STREAM: &str = "site/practice";

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
        const MS_PER_SECOND: i64 = 1000;
        let change = calendar.since(&seen.calendar);
        if change.is_nothing() {
            return Ok(seen.clone());
        }
        let event = NewEvent {
            kind: change.word().to_owned(),
            body: json!(change),
            by: by.account,
            at_ms: by.at.0 * MS_PER_SECOND,
            command_id: None,
        };
        match self.store.append(&stream(), seen.version, &[event], &summary(&calendar)).await {
            Ok(_) => {
                let kept = PracticeNow { calendar: Arc::new(calendar), version: seen.version + 1 };
                self.remember(&kept);
                Ok(kept)
            }
            Err(AppendError::SomebodyWasFaster { seen, found, .. }) => {
                Err(PracticeError::SomebodyWasFaster { seen, found })
            }
            Err(error) => Err(PracticeError::Append(error)),
        }
    }

    /// What somebody of this role should do next.
    ///
    /// # Errors
    /// [`PracticeError`] when cases or calendar cannot be read.
    pub async fn worklist(&self, cases: &Cases, role: Role, at: Second) -> Result<Vec<Entry>, PracticeError> {
        let judging = cases.knowledge().judging(at);
        let (mut summaries, mut treated, mut serious) = (Vec::new(), 0, 0);
        let quarter_began = quarter_of(judging.today);
        for listed in every_case(cases).await? {
            let in_quarter = listed.treated_on.is_some_and(|day| day >= quarter_began);
            treated += u32::from(in_quarter);
            if listed.stage == Stage::Closed && !in_quarter {
                continue;
            }
            let kept = match cases.read(listed.id).await {
                Ok(kept) => kept,
                Err(CaseError::Erased(_)) => continue,
                // One damaged case must not take the lists of all others along; `store verify` tells what is wrong with it.
                Err(error @ (CaseError::Broken { .. } | CaseError::Unreadable { .. })) => {
                    tracing::error!(cause = %error, "a case is left out of the worklist");
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            serious += if in_quarter { kept.case.serious_events(&judging) } else { 0 };
            summaries.push(CaseSummary::of(&listed.id.to_string(), &kept.case, &judging));
        }
        let quarter = Quarter { cases: treated, serious_events: serious, since: begins(cases, quarter_began) };
        let now = Now {
            now: judging.now,
            today: judging.today,
            midnight: begins(cases, judging.today),
            tomorrow: begins(cases, judging.today.plus_days(1)),
            after_tomorrow: begins(cases, judging.today.plus_days(2)),
        };
        let calendar = self.now().await?.calendar;
        let practice = Practice {
            book: judging.book,
            settings: &self.settings,
            cases: &summaries,
            calendar: &calendar,
            quarter,
            now,
        };
        Ok(practice.worklist(role))
    }
}

async fn every_case(cases: &Cases) -> Result<Vec<super::ListedCase>, CaseError> {
    const A_PAGE: u32 = 200;
    let (mut all, mut after): (Vec<super::ListedCase>, Option<Uuid>) = (Vec::new(), None);
    loop {
        let page = cases.list(after, A_PAGE).await?;
        let Some(last) = page.last() else { return Ok(all) };
        after = Some(last.id);
        all.extend(page);
    }
}

/// The first day of the quarter of a day.
fn quarter_of(day: Day) -> Day {
    const MONTHS: i64 = 3;
    let (year, month, _) = day.date();
    // The first of a month is always a day.
    Day::of_date(year, (month - 1) / MONTHS * MONTHS + 1, 1).unwrap_or(day)
}

/// The first minute of a day at the site.
fn begins(cases: &Cases, day: Day) -> Moment {
    const SECONDS_PER_MINUTE: i64 = 60;
    let (year, month, of_month) = day.date();
    let date = i16::try_from(year).ok().zip(i8::try_from(month).ok()).zip(i8::try_from(of_month).ok());
    let date = date.and_then(|((year, month), day)| jiff::civil::Date::new(year, month, day).ok());
    let zoned = date.and_then(|date| date.to_zoned(cases.knowledge().zone().clone()).ok());
    zoned.map_or(day.begins(), |zoned| Moment(zoned.timestamp().as_second().div_euclid(SECONDS_PER_MINUTE)))
}

fn stream() -> StreamId {
    // The name is made of allowed characters.
    StreamId::new(STREAM).expect("a name of a stream")
}
