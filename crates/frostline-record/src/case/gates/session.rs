//! Several nerves, or both legs, in one session: each is a case of its own, and the booking of each names the others.

use super::super::refused::Missing;
use super::super::steps::{Booking, SessionPart};
use super::super::{Case, Judging, LinkedCase, Step};
use super::told;
use crate::rules::Site;

impl Case {
    /// What a step leaves out or adds of what is treated in the session.
    pub(super) fn of_session(&self, step: &Step) -> Vec<Missing> {
        let parts = self.session_parts();
        match step {
            Step::Booked(booking) => self.booked_twice(booking),
            Step::SignedIn(said) => {
                let consent = self.consent().map(|consent| consent.together_with.as_slice()).unwrap_or_default();
                let consented =
                    named(parts, consent, "the consent", "talk about all of it, and let the patient sign anew");
                let signed_in =
                    named(parts, &said.together_with, "the sign-in", "let the patient say every nerve and leg");
                [consented, signed_in].concat()
            }
            Step::TimedOut(said) => {
                named(parts, &said.together_with, "the time-out", "say every nerve and its leg aloud")
            }
            // The sign-out is about one case and need not name the others; what it names is true.
            Step::SignedOut(said) if !said.together_with.is_empty() => {
                named(parts, &said.together_with, "the sign-out", "name every nerve and its leg, or none")
            }
            _ => Vec::new(),
        }
    }

    /// The same nerve of the same leg in two cases of one session.
    fn booked_twice(&self, booking: &Booking) -> Vec<Missing> {
        let parts = booking.together_with.iter().map(|part| part.site.clone());
        let sites: Vec<Site> = self.site().into_iter().chain(parts).collect();
        let twice = sites.iter().enumerate().find(|(n, site)| sites[..*n].contains(site));
        let text = |site: &Site| {
            format!("the session has {site} in two cases, expected each nerve of each leg once; leave one of them out")
        };
        twice.into_iter().map(|(_, site)| told(&text(site))).collect()
    }

    /// Where this case and another of its session say different things about the session or the patient in it.
    pub(super) fn at_odds_with_session(&self, judging: &Judging) -> Vec<Missing> {
        let found = |part: &SessionPart| judging.session.iter().find(|linked| linked.name == part.case);
        let parts = self.session_parts().iter();
        let odds = parts.filter_map(|part| match found(part) {
            Some(linked) => self.at_odds_with(part, linked),
            None => Some(format!(
                "case {} of this session is not there any more; book the session anew without {}",
                part.case, part.site
            )),
        });
        odds.map(|text| told(&text)).collect()
    }

    fn at_odds_with(&self, part: &SessionPart, linked: &LinkedCase) -> Option<String> {
        let (name, other) = (&linked.name, &linked.case);
        let (own, Some(theirs)) = (self.booking()?, other.booking()) else {
            return Some(format!("case {name} ({}) is not booked; book both cases for one session", part.site));
        };
        if let Some(site) = other.site().filter(|site| *site != part.site) {
            let said = &part.site;
            return Some(format!("case {name} is about {site}, the booking says {said}; correct one of them"));
        }
        if (own.start, &own.room) != (theirs.start, &theirs.room) {
            return Some(format!("case {name} is booked for another time or room; book both cases for one session"));
        }
        if !same_places(self, other) {
            return Some(format!(
                "this case and case {name} name different nerves and legs for the session; book it anew in both"
            ));
        }
        (self.build() != other.build()).then(|| {
            format!(
                "this case and case {name} hold different weight, height, sex or frailty, and local anaesthetic counts over both; \
                 correct one of them"
            )
        })
    }

    /// Codes of the session that were confirmed in another of its cases, and cases that are not reported yet.
    pub(super) fn other_claims(&self, judging: &Judging) -> Vec<Missing> {
        let parts = self.session_parts();
        let linked = judging.session.iter().filter(|linked| parts.iter().any(|part| part.case == linked.name));
        let text = |LinkedCase { name, case }: &LinkedCase| match (case.coding(), case.report()) {
            (Some(_), _) => Some(format!(
                "the codes of this session are confirmed in case {name}, expected one claim for it; change them there"
            )),
            (None, None) => {
                Some(format!("the report of case {name} of this session is not signed; let the operator sign it"))
            }
            (None, Some(_)) => None,
        };
        linked.filter_map(text).map(|text| told(&text)).collect()
    }
}

/// Whether two cases name the same nerves and legs, each with its own.
fn same_places(one: &Case, other: &Case) -> bool {
    let within = |one: &[Site], other: &[Site]| one.iter().all(|site| other.contains(site));
    let (one, other) = (one.booked_sites(), other.booked_sites());
    within(&one, &other) && within(&other, &one)
}

/// What `who` did not name, and what is named without being of the session.
fn named(parts: &[SessionPart], said: &[Site], who: &str, to_do: &str) -> Vec<Missing> {
    let silent = parts.iter().filter(|part| !said.contains(&part.site)).map(|part| {
        let (site, case) = (&part.site, &part.case);
        told(&format!("the session also treats {site} (case {case}), which {who} does not name; {to_do}"))
    });
    let strange = said.iter().filter(|site| !parts.iter().any(|part| part.site == **site));
    let strange = strange.map(|site| {
        told(&format!("{who} names {site}, which is not booked in this session; book it together, or {to_do}"))
    });
    silent.chain(strange).collect()
}
