//! Freezes of other lengths and numbers than the protocols have, for the kinds of plan that are surest by guess.
//!
//! Knows: the bounds of `data/propose.toml`. Each gets a run in free tissue of its own; thaws stay those of the protocol.

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

    /// Protocols like that of a candidate, with freezes longer and shorter, one more and one less.
    fn other_times(&self, one: &Candidate) -> Vec<Protocol> {
        let bounds = &self.catalogues.proposing.freeze.value;
        let longest_s = self.catalogues.proposing.protocol.value.longest_s;
        let known = &self.models[one.model].protocols;
        let of: &Protocol = &known[one.protocol];
        let freezes_s = of.freezes_s();
        let longer = bounds.times.iter().map(|times| of.with_freezes(|s| (times * s).round()));
        let more = (freezes_s.len() < bounds.most_cycles).then(|| of.with_one_more());
        let fewer = (freezes_s.len() > 1).then(|| of.with_one_less());
        let mut found: Vec<Protocol> = Vec::new();
        for other in longer.chain(more).chain(fewer) {
            let is_bounded = other.freezes_s().iter().all(|s| (bounds.least_s..=bounds.most_s).contains(s));
            let is_new = |p: &Protocol| p.schedule() != other.schedule();
            let fits = is_bounded && other.schedule().duration_s() <= longest_s;
            if fits && known.iter().all(|p| is_new(p)) && found.iter().all(is_new) {
                found.push(other);
            }
        }
        found
    }
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

    fn with_freezes(&self, seconds: impl Fn(f64) -> f64) -> Self {
        self.with_steps(|steps| {
            let freezes = steps.iter_mut().filter(|s| s.kind == StepKind::Freeze);
            freezes.for_each(|s| s.seconds = seconds(s.seconds));
        })
    }

    /// The first freeze and what follows it up to the next once more, at the beginning.
    fn with_one_more(&self) -> Self {
        self.with_steps(|steps| {
            let first = steps[..after_first(steps)].to_vec();
            steps.splice(0..0, first);
        })
    }

    fn with_one_less(&self) -> Self {
        self.with_steps(|steps| {
            steps.drain(..after_first(steps));
        })
    }

    fn with_steps(&self, change: impl Fn(&mut Vec<Step>)) -> Self {
        let mut other = self.clone();
        change(&mut other.course.value.steps);
        let freezes: Vec<String> = other.freezes_s().iter().map(|s| format!("{s:.0}")).collect();
        let freezes = freezes.join(" + ");
        other.name = format!("{}, with freezes of {freezes} s", self.name);
        other.id = format!("{} with freezes of {freezes} s", self.id);
        other
    }
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

    #[test]
    fn other_times_change_freezes_and_keep_every_thaw() {
        let catalogues = Catalogues::bundled().unwrap();
        let textbook = catalogues.protocols.find("textbook-90-25-90").unwrap();
        let steps = |p: &Protocol| p.course.value.steps.iter().map(|s| s.seconds).collect::<Vec<_>>();
        assert_eq!(steps(textbook), [90.0, 25.0, 90.0, 60.0]);
        assert_eq!(steps(&textbook.with_freezes(|s| 2.0 * s)), [180.0, 25.0, 180.0, 60.0]);
        assert_eq!(steps(&textbook.with_one_more()), [90.0, 25.0, 90.0, 25.0, 90.0, 60.0]);
        assert_eq!(steps(&textbook.with_one_less()), [90.0, 60.0]);
        assert_eq!(textbook.with_one_less().id, "textbook-90-25-90 with freezes of 90 s");
    }
}
