//! Who waits for a time, and whom to ask when one falls free.

use serde::{Deserialize, Serialize};

use crate::rules::Moment;

use super::calendar::{Calendar, ChangeRefused};
use super::request::{BookingRequest, Clearance, NextSlot, SessionNeeds, WantedRoom};
use super::resources::Span;
use super::settings::ScheduleSettings;

/// How long somebody can wait. Ordered: the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Priority {
    /// Days.
    Urgent,
    /// Weeks.
    Soon,
    /// As it comes.
    Routine,
}

/// Somebody who waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiting {
    /// Number of the case.
    pub case: String,
    /// How urgent.
    pub priority: Priority,
    /// Since when.
    pub since: Moment,
    /// The earliest time that suits: drugs must be held first, a payer's answer awaited.
    pub not_before: Moment,
    /// What the session takes.
    pub needs: SessionNeeds,
    /// People who must be there, by their keys.
    pub people: Vec<String>,
    /// Whether it may take place yet.
    pub clearance: Clearance,
}

impl Waiting {
    /// What would be booked at a time.
    fn at(&self, start: Moment) -> BookingRequest {
        BookingRequest {
            // No booking has an empty key, so this one is held against all of them.
            id: String::new(),
            case: self.case.clone(),
            needs: self.needs.clone(),
            start,
            room: WantedRoom::Any,
            people: self.people.clone(),
            clearance: self.clearance.clone(),
        }
    }
}

/// Somebody who waits or waited, with what was offered and how it ended. A row stays, so that anybody can see who was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waited {
    /// Its number in the list, from 1.
    pub number: u64,
    /// Who waits, for what.
    pub waiting: Waiting,
    /// Times that were offered.
    pub offers: Vec<OfferMade>,
    /// How the waiting ended; nothing while it goes on.
    pub left: Option<Left>,
}

/// A time that was offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferMade {
    /// When somebody asked.
    pub at: Moment,
    /// When the session would begin.
    pub start: Moment,
}

/// The end of waiting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Left {
    /// When.
    pub at: Moment,
    /// Key of the reason in `data/schedule.toml`; nothing where a time was booked.
    pub reason: Option<String>,
}

/// A time that may be offered to somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Offer {
    /// Number of the case.
    pub case: String,
    /// How urgent.
    pub priority: Priority,
    /// Waiting since then.
    pub since: Moment,
    /// When the session would begin.
    pub start: Moment,
}

impl Calendar {
    /// Everybody who waits or waited, in the order in which they were put on the list.
    pub fn waiting_list(&self) -> &[Waited] {
        &self.waiting
    }

    /// The calendar with somebody more who waits.
    ///
    /// # Errors
    /// [`ChangeRefused::WaitsAlready`].
    pub fn waits(mut self, waiting: Waiting) -> Result<Self, ChangeRefused> {
        if self.still_waits(&waiting.case).is_some() {
            return Err(ChangeRefused::WaitsAlready { case: waiting.case });
        }
        let number = self.waiting.len() as u64 + 1;
        self.waiting.push(Waited { number, waiting, offers: Vec::new(), left: None });
        Ok(self)
    }

    /// The calendar in which somebody no longer waits, for a reason of the list of cancellations.
    ///
    /// # Errors
    /// [`ChangeRefused`] when the case does not wait, or the reason is not on the list.
    pub fn leaves(
        self,
        settings: &ScheduleSettings,
        case: &str,
        (reason, at): (&str, Moment),
    ) -> Result<Self, ChangeRefused> {
        settings.known_reason(reason)?;
        let row = self.still_waits(case).ok_or_else(|| ChangeRefused::DoesNotWait { case: case.to_owned() })?;
        Ok(self.with_row(row, |waited| waited.left = Some(Left { at, reason: Some(reason.to_owned()) })))
    }

    /// The calendar in which a case that has a time does not wait for one any more.
    pub fn has_a_time(self, case: &str, at: Moment) -> Self {
        match self.still_waits(case) {
            Some(row) => self.with_row(row, |waited| waited.left = Some(Left { at, reason: None })),
            None => self,
        }
    }

    /// The calendar in which a time was offered to somebody who waits; it is free for them now.
    ///
    /// # Errors
    /// [`ChangeRefused`] when the case does not wait, or everything that stands in the way of the time.
    pub fn offered(self, settings: &ScheduleSettings, case: &str, made: OfferMade) -> Result<Self, ChangeRefused> {
        let row = self.still_waits(case).ok_or_else(|| ChangeRefused::DoesNotWait { case: case.to_owned() })?;
        let request = self.waiting[row].waiting.at(made.start);
        self.book(settings, &request).map_err(ChangeRefused::Conflicts)?;
        Ok(self.with_row(row, |waited| waited.offers.push(made)))
    }

    /// Whom of the waiting list to ask when a stretch of time has fallen free, as [`Calendar::offers`] puts them; who was offered
    /// that time already is left out.
    pub fn whom_to_ask(&self, settings: &ScheduleSettings, freed: Span) -> Vec<Offer> {
        let still: Vec<Waiting> =
            self.waiting.iter().filter(|row| row.left.is_none()).map(|row| row.waiting.clone()).collect();
        let asked = |offer: &Offer| {
            let rows = self.waiting.iter().filter(|row| row.left.is_none() && row.waiting.case == offer.case);
            rows.flat_map(|row| &row.offers).any(|made| made.start == offer.start)
        };
        let mut offers = self.offers(settings, &still, freed);
        offers.retain(|offer| !asked(offer));
        offers
    }

    fn still_waits(&self, case: &str) -> Option<usize> {
        self.waiting.iter().position(|row| row.left.is_none() && row.waiting.case == case)
    }

    fn with_row(mut self, row: usize, change: impl FnOnce(&mut Waited)) -> Self {
        change(&mut self.waiting[row]);
        self
    }

    /// Whom to ask, in this order, when a stretch of time has fallen free: everybody whose session can begin in it. The
    /// most urgent first, then who has waited longest. The first who says yes takes it; then ask for the offers again.
    pub fn offers(&self, settings: &ScheduleSettings, waiting: &[Waiting], freed: Span) -> Vec<Offer> {
        let mut order: Vec<&Waiting> = waiting.iter().collect();
        order.sort_by(|one, other| {
            (one.priority, one.since, &one.case).cmp(&(other.priority, other.since, &other.case))
        });
        order.into_iter().filter_map(|waiting| self.offer(settings, waiting, freed)).collect()
    }

    fn offer(&self, settings: &ScheduleSettings, waiting: &Waiting, freed: Span) -> Option<Offer> {
        let request = waiting.at(freed.from.max(waiting.not_before));
        match self.next_slot(settings, &request) {
            NextSlot::At(start) if start < freed.until => {
                Some(Offer { case: waiting.case.clone(), priority: waiting.priority, since: waiting.since, start })
            }
            NextSlot::At(_) | NextSlot::NoneInSight => None,
        }
    }
}
