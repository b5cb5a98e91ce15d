//! The other bookings of a calendar, put in order once for a search that looks at many moments.

use std::collections::HashMap;

use super::booking::Booking;
use super::calendar::Calendar;
use super::resources::Span;

/// What others have: time in the order in which it begins, stock summed up.
pub(super) struct Around<'a> {
    by_begin: Vec<&'a Booking>,
    longest_minutes: i64,
    probes: HashMap<(&'a str, &'a str), u32>,
    gas: HashMap<&'a str, u32>,
}

impl<'a> Around<'a> {
    /// Of every booking but the one with this key.
    pub(super) fn of(calendar: &'a Calendar, own: &str) -> Self {
        let others = || calendar.bookings().iter().filter(|booking| booking.id() != own);
        let mut by_begin: Vec<&Booking> = others().filter(|booking| booking.state().holds_time()).collect();
        by_begin.sort_by_key(|booking| booking.allocation().in_room.from);
        let longest = by_begin.iter().map(|booking| booking.allocation().patient_here().minutes()).max();
        let (mut probes, mut gas) = (HashMap::new(), HashMap::new());
        for taken in others().filter(|booking| booking.state().holds_stock()).map(Booking::allocation) {
            for reserved in &taken.probes {
                *probes.entry((reserved.model.as_str(), reserved.lot.as_str())).or_default() += reserved.count;
            }
            if let Some(reserved) = &taken.gas {
                *gas.entry(reserved.cylinder.as_str()).or_default() += reserved.cycles;
            }
        }
        Self { by_begin, longest_minutes: longest.unwrap_or_default(), probes, gas }
    }

    /// Bookings of which any part may lie in a stretch of time, the first to begin first.
    pub(super) fn during(&self, wanted: Span) -> impl Iterator<Item = &'a Booking> {
        // Whoever has something in it entered the room before its end, and no longer before it than the longest session takes.
        let begin = |booking: &&Booking| booking.allocation().in_room.from;
        let first = self.by_begin.partition_point(|one| begin(one).0 + self.longest_minutes <= wanted.from.0);
        let end = self.by_begin.partition_point(|one| begin(one) < wanted.until);
        self.by_begin.get(first..end).unwrap_or_default().iter().copied()
    }

    /// Probes of a lot that are set aside.
    pub(super) fn probes_of(&self, model: &str, lot: &str) -> u32 {
        self.probes.get(&(model, lot)).copied().unwrap_or_default()
    }

    /// Freezes of a cylinder that are set aside.
    pub(super) fn cycles_of(&self, cylinder: &str) -> u32 {
        self.gas.get(cylinder).copied().unwrap_or_default()
    }
}
