//! The chance of success of the leading options, in few worlds.
//!
//! A probe that is in lies where it was seen, to what the catalogue says a confirmed tip is known to; one that is inserted
//! again lands as any other. A move along the way is taken to be as sure as the place itself.

use frostline_freeze::Continue;

use super::search::Found;
use super::{RescueError, RescueQuestion, RescueSettings};
use crate::robust::common::Compared;
use crate::robust::{Chance, RobustSettings};

/// Options from the first that are tried; the best with another insertion comes on top.
const LEADING: usize = 3;

/// Tries the leading options in the same worlds.
pub(super) fn find_chances(
    found: &mut [Found],
    question: &RescueQuestion,
    settings: &RescueSettings,
) -> Result<(), RescueError> {
    if settings.worlds == 0 {
        return Ok(());
    }
    let again = found.iter().position(|f| f.option.reinserts).filter(|n| *n >= LEADING);
    let leading = (0..LEADING.min(found.len())).chain(again);
    for n in leading {
        found[n].option.chance = Some(chance(&found[n], question, settings)?);
    }
    Ok(())
}

fn chance(found: &Found, question: &RescueQuestion, settings: &RescueSettings) -> Result<Chance, RescueError> {
    let mut worlds = RobustSettings { samples: settings.worlds, ..RobustSettings::default() };
    worlds.solver.threads = settings.full.solver.threads;
    let RescueQuestion { anatomy, catalogues, goals, .. } = question;
    let free = Compared { anatomy, goals, catalogues, settings: &worlds, confirmed: &[] };
    free.check()?;
    let seen = if found.option.reinserts { Vec::new() } else { free.of_a_seen_tip(&found.plan)? };
    let compared = Compared { confirmed: &seen, ..free };
    let good = compared.successes(&found.plan, 0..settings.worlds, &|_| Continue::Yes)?;
    let good = good.into_iter().filter(|s| *s).count();
    Ok(Chance::of(good, settings.worlds))
}
