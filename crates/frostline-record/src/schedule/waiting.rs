//! Who waits for a time, and whom to ask when one falls free.

use serde::{Deserialize, Serialize};

use crate::rules::Moment;

use super::calendar::Calendar;
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
        let request = BookingRequest {
            // No booking has an empty key, so this one is held against all of them.
            id: String::new(),
            case: waiting.case.clone(),
            needs: waiting.needs.clone(),
            start: freed.from.max(waiting.not_before),
            room: WantedRoom::Any,
            people: waiting.people.clone(),
            clearance: waiting.clearance.clone(),
        };
        match self.next_slot(settings, &request) {
            NextSlot::At(start) if start < freed.until => {
                Some(Offer { case: waiting.case.clone(), priority: waiting.priority, since: waiting.since, start })
            }
            NextSlot::At(_) | NextSlot::NoneInSight => None,
        }
    }
}
