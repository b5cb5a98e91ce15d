//! The line for a case that cannot be read.

use super::{DamagedCase, Entry, Topic, Urgency};
use crate::rules::Role;

/// Everybody who works with cases must know, since nobody's list says anything else about it.
pub(super) fn damaged(case: &DamagedCase) -> Entry {
    Entry {
        urgency: Urgency::Now,
        topic: Topic::Damaged,
        case: Some(case.case.clone()),
        what: "what is kept of this case is damaged, so nothing else is said about it; use the paper record and call whoever \
               runs the program"
            .to_owned(),
        rule: None,
        why: case.why.clone(),
        since: None,
        who: vec![
            Role::Operator,
            Role::Anaesthesia,
            Role::Nurse,
            Role::Technologist,
            Role::Coordinator,
            Role::Coder,
            Role::Quality,
        ],
    }
}
