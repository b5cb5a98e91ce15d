//! Freezes of other lengths and numbers than the protocols have, and other thaws between them, for the kinds of plan that are
//! surest by guess.
//!
//! Knows: the bounds of `data/propose.toml`. Each gets a run in free tissue of its own; the last thaw stays that of the protocol.

use std::borrow::Cow;

use frostline_freeze::Continue;

use crate::catalogue::{Protocol, Step, StepKind};

use super::candidate::Candidate;
use super::climb::{Guessed, WORLDS, surest_first};
use super::error::ProposeError;
use super::parallel::in_parallel;
use super::proposals::PhaseRow;
use super::reach::Reach;
use super::site::Site;

/// Kinds of plan (probe and protocol) whose times are varied; each takes a few runs in free tissue.
const KINDS_VARIED: usize = 2;
/// Of what other times make of them, so many are improved by small changes of their way.
const IMPROVED: usize = 2;

impl Site<'_> {
    /// The surest kinds with other times, the surest by guess improved. Protocols are added to the models, and their reaches.
    /// None where a case names its protocols: then their times are those that a site wants.
    pub fn with_other_times(
        &mut self,
        surest: &[Guessed],
        reaches: &mut [Vec<Reach>],
        tell: &(dyn Fn(usize, usize) -> Continue + Sync),
    ) -> Result<Vec<Guessed>, ProposeError> {
        if self.settings.protocols.is_some() {
            return Ok(Vec::new());
        }
        let mut varied: Vec<(usize, usize, &Candidate)> = Vec::new();
        for one in kinds(surest) {
            for protocol in self.other_times(one) {
                let protocols = &mut self.models[one.model].protocols;
                protocols.push(Cow::Owned(protocol));
                varied.push((one.model, protocols.len() - 1, one));
            }
        }
        let pairs: Vec<_> = varied.iter().map(|&(model, protocol, _)| (model, protocol)).collect();
        for ((model, _), reach) in pairs.iter().zip(self.reaches_of(&pairs, tell)?) {
            reaches[*model].push(reach);
        }
        let threads = self.settings.evaluate.solver.threads;
        let mut guessed = in_parallel(&varied, threads, |&(model, protocol, one)| {
            let reach = &reaches[model][protocol];
            let estimate = reach.estimate(&self.spots[one.spot], &one.poses, self.goals.below_c);
            let candidate = Candidate { protocol, estimate, contact: self.contact_for(&estimate), ..one.clone() };
            (self.guessed(&candidate, reach, WORLDS), candidate)
        });
        surest_first(&mut guessed);
        let rest = guessed.split_off(IMPROVED.min(guessed.len()));
        let mut found = in_parallel(&guessed, threads, |(_, c)| self.climbed(c, &reaches[c.model][c.protocol]));
        found.extend(rest);
        surest_first(&mut found);
        Ok(found)
    }

    /// The phases of a candidate whose times are not those of a protocol of the catalogue.
    pub fn own_phases(&self, candidate: &Candidate) -> Option<Vec<PhaseRow>> {
        match &self.models[candidate.model].protocols[candidate.protocol] {
            Cow::Borrowed(_) => None,
            Cow::Owned(own) => {
                let row = |s: &Step| PhaseRow { kind: s.kind, seconds: s.seconds };
                Some(own.course.value.steps.iter().map(row).collect())
            }
        }
    }

    /// Protocols like that of a candidate: freezes longer and shorter together with thaws longer and shorter, one cycle more and
    /// one less with each of these thaws.
    fn other_times(&self, one: &Candidate) -> Vec<Protocol> {
        let rows = &self.catalogues.proposing;
        let (freeze, thaw) = (&rows.freeze.value, &rows.thaw.value);
        let longest_s = rows.protocol.value.longest_s;
        let known = &self.models[one.model].protocols;
        let of: &Protocol = &known[one.protocol];
        let count = of.freezes_s().len();
        let as_they_are = std::iter::once(&1.0);
        let freezes = as_they_are.clone().chain(&freeze.times).map(|&freeze| (freeze, Cycles::AsMany));
        let more = (count < freeze.most_cycles).then_some((1.0, Cycles::OneMore));
        let fewer = (count > 1).then_some((1.0, Cycles::OneLess));
        let thaws: Vec<f64> = as_they_are.chain(&thaw.times).copied().collect();
        let mut found: Vec<Protocol> = Vec::new();
        for (freeze_times, cycles) in freezes.chain(more).chain(fewer) {
            for &thaw_times in &thaws {
                let other = of.varied(&Times { freeze: freeze_times, thaw: thaw_times, cycles });
                let is_bounded = other.freezes_s().iter().all(|s| (freeze.least_s..=freeze.most_s).contains(s))
                    && (thaw_times == 1.0
                        || other.thaws_between_s().iter().all(|s| (thaw.least_s..=thaw.most_s).contains(s)));
                let is_new = |p: &Protocol| p.schedule() != other.schedule();
                let fits = is_bounded && other.schedule().duration_s() <= longest_s;
                if fits && known.iter().all(|p| is_new(p)) && found.iter().all(is_new) {
                    found.push(other);
                }
            }
        }
        found
    }
}

/// How a protocol is changed.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Times {
    /// Freezes are so many times as long.
    freeze: f64,
    /// Thaws between freezes are so many times as long.
    thaw: f64,
    cycles: Cycles,
}

/// How many freezes there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cycles {
    AsMany,
    /// The first freeze and what follows it up to the next once more, at the beginning.
    OneMore,
    /// Without the first freeze and what follows it.
    OneLess,
}

/// The surest of each kind.
fn kinds(surest: &[Guessed]) -> Vec<&Candidate> {
    let mut found: Vec<&Candidate> = Vec::new();
    for (_, one) in surest {
        let is_new = found.iter().all(|c| (c.model, c.protocol) != (one.model, one.protocol));
        if is_new && found.len() < KINDS_VARIED {
            found.push(one);
        }
    }
    found
}

impl Protocol {
    fn freezes_s(&self) -> Vec<f64> {
        let freezes = self.course.value.steps.iter().filter(|s| s.kind == StepKind::Freeze);
        freezes.map(|s| s.seconds).collect()
    }

    /// Thaws that another freeze follows.
    fn thaws_between_s(&self) -> Vec<f64> {
        let steps = &self.course.value.steps;
        let thaws = steps[..last_freeze(steps)].iter().filter(|s| s.kind != StepKind::Freeze);
        thaws.map(|s| s.seconds).collect()
    }

    fn varied(&self, times: &Times) -> Self {
        let mut other = self.clone();
        let steps = &mut other.course.value.steps;
        match times.cycles {
            Cycles::AsMany => {}
            Cycles::OneMore => {
                let first = steps[..after_first(steps)].to_vec();
                steps.splice(0..0, first);
            }
            Cycles::OneLess => drop(steps.drain(..after_first(steps))),
        }
        let last = last_freeze(steps);
        for step in &mut steps[..=last] {
            let times = if step.kind == StepKind::Freeze { times.freeze } else { times.thaw };
            step.seconds = (times * step.seconds).round();
        }
        let mut with = format!("with freezes of {} s", joined(&other.freezes_s()));
        if times.thaw != 1.0 {
            with = format!("{with} and thaws of {} s between", joined(&other.thaws_between_s()));
        }
        other.name = format!("{}, {with}", self.name);
        other.id = format!("{} {with}", self.id);
        other
    }
}

fn joined(seconds: &[f64]) -> String {
    seconds.iter().map(|s| format!("{s:.0}")).collect::<Vec<_>>().join(" + ")
}

/// Which step the last freeze is; a protocol begins with a freeze.
fn last_freeze(steps: &[Step]) -> usize {
    steps.iter().rposition(|s| s.kind == StepKind::Freeze).unwrap_or(0)
}

/// How many steps the first freeze and its thaws are.
fn after_first(steps: &[Step]) -> usize {
    let next = steps.iter().skip(1).position(|s| s.kind == StepKind::Freeze);
    next.map_or(steps.len(), |n| n + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogues;

    fn varied(id: &str, freeze: f64, thaw: f64, cycles: Cycles) -> Protocol {
        let catalogues = Catalogues::bundled().unwrap();
        catalogues.protocols.find(id).unwrap().varied(&Times { freeze, thaw, cycles })
    }

    fn seconds(p: &Protocol) -> Vec<f64> {
        p.course.value.steps.iter().map(|s| s.seconds).collect()
    }

    #[test]
    fn other_times_change_freezes_and_the_thaws_between_them_and_keep_the_last_thaw() {
        let textbook = |freeze, thaw, cycles| varied("textbook-90-25-90", freeze, thaw, cycles);
        assert_eq!(seconds(&textbook(1.0, 1.0, Cycles::AsMany)), [90.0, 25.0, 90.0, 60.0]);
        assert_eq!(seconds(&textbook(2.0, 1.0, Cycles::AsMany)), [180.0, 25.0, 180.0, 60.0]);
        assert_eq!(seconds(&textbook(1.33, 2.0, Cycles::AsMany)), [120.0, 50.0, 120.0, 60.0]);
        assert_eq!(seconds(&textbook(1.0, 2.0, Cycles::OneMore)), [90.0, 50.0, 90.0, 50.0, 90.0, 60.0]);
        // One freeze has no thaw between, so there is nothing that a factor could change.
        assert_eq!(seconds(&textbook(1.0, 2.0, Cycles::OneLess)), [90.0, 60.0]);
    }

    #[test]
    fn a_name_tells_the_times_that_were_changed() {
        let named = |thaw, cycles| varied("textbook-90-25-90", 1.0, thaw, cycles).id;
        assert_eq!(named(1.0, Cycles::OneLess), "textbook-90-25-90 with freezes of 90 s");
        let with = "textbook-90-25-90 with freezes of 90 + 90 s and thaws of 50 s between";
        assert_eq!(named(2.0, Cycles::AsMany), with);
    }
}
