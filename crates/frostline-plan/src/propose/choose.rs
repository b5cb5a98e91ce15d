//! From trials to a short list that differs, confirmed at full accuracy.

use std::cmp::Ordering;

use frostline_freeze::{Continue, EstimateError};

use crate::assess::Assessment;
use crate::evaluate::{EvaluateError, EvaluateSettings, evaluate};
use crate::finding::Level;
use crate::plan::Plan;
use crate::robust::Chance;

use super::error::ProposeError;
use super::proposals::{Label, ParetoPoint, PlacementRow, Proposal};
use super::settings::Sureness;
use super::simulate::{Trial, one_choice};
use super::site::Site;
use super::sure::Tell;
use super::trial::Merits;

/// A trial that was evaluated at full accuracy.
pub(super) struct Confirmed {
    pub trial: usize,
    pub proposal: Proposal,
    pub cell_updates: u64,
}

/// Confirmations beyond what is shown, for trials that do not stand up.
const MORE_CONFIRMATIONS: usize = 2;
/// What a short list is made of, in this order; where only one is shown, it is the first.
const LABELS: [Label; 4] = [Label::WidestMargin, Label::Shortest, Label::Surest, Label::FewestPunctures];
const LABELS_BY_CHANCE: [Label; 4] = [Label::Surest, Label::WidestMargin, Label::Shortest, Label::FewestPunctures];

/// Better first for a label.
fn by_label(label: Label, a: (&Merits, f64), b: (&Merits, f64)) -> Ordering {
    let ((x, x_sure), (y, y_sure)) = (a, b);
    let first = match label {
        Label::FewestPunctures => x.punctures.cmp(&y.punctures),
        Label::Shortest => x.time_s.total_cmp(&y.time_s),
        Label::Surest => y_sure.total_cmp(&x_sure),
        _ => Ordering::Equal,
    };
    first.then(x.compare(y))
}

impl Site<'_> {
    /// Does what is wanted and crosses no stop but those that the target itself brings.
    pub fn does(&self, merits: &Merits) -> bool {
        merits.stops <= self.target_stops() && merits.lack_mm <= 0.0
    }

    fn labels(&self) -> [Label; 4] {
        if self.settings.chance.is_some() { LABELS_BY_CHANCE } else { LABELS }
    }

    /// How sure a trial is: what was solved in more worlds goes before what was solved in fewer, and that before a guess.
    fn sure(&self, trial: &Trial) -> f64 {
        let whole = self.settings.chance.as_ref().is_some_and(|c| trial.successes.len() >= c.samples);
        trial.share().map_or(trial.sureness, |share| share + if whole { 2.0 } else { 1.0 })
    }

    /// Trials in the order in which they are confirmed, how many of them are best at something, and how many differ.
    fn wishes(&self, trials: &[Trial]) -> (Vec<usize>, usize, usize) {
        let sure = |n: &usize| self.does(&trials[*n].merits) && trials[*n].merits.disabled_mm >= self.aim_mm();
        let all: Vec<usize> = (0..trials.len()).collect();
        let mut good: Vec<usize> = all.iter().copied().filter(|n| sure(n)).collect();
        if good.is_empty() {
            good = all.iter().copied().filter(|n| self.does(&trials[*n].merits)).collect();
        }
        let mut wishes: Vec<usize> = Vec::new();
        let differs = |n: &usize, wishes: &[usize]| {
            wishes.iter().all(|w| !one_choice(&trials[*w].candidate, &trials[*n].candidate))
        };
        for label in self.labels() {
            let key = |n: usize| (&trials[n].merits, self.sure(&trials[n]));
            good.sort_by(|&a, &b| by_label(label, key(a), key(b)));
            wishes.extend(good.first().copied().filter(|n| differs(n, &wishes)));
        }
        let best_at = wishes.len();
        good.sort_by(|&a, &b| trials[a].merits.compare(&trials[b].merits));
        // Then what differs most: another probe, then another way.
        let another_probe = |n: &usize, wishes: &[usize]| {
            wishes.iter().all(|w| trials[*w].candidate.model != trials[*n].candidate.model)
        };
        while let Some(n) = good.iter().copied().find(|n| another_probe(n, &wishes)) {
            wishes.push(n);
        }
        while let Some(n) = good.iter().copied().find(|n| differs(n, &wishes)) {
            wishes.push(n);
        }
        let differing = wishes.len();
        let mut rest: Vec<usize> = all.into_iter().filter(|n| !wishes.contains(n)).collect();
        rest.sort_by(|&a, &b| trials[a].merits.compare(&trials[b].merits));
        wishes.extend(rest);
        (wishes, best_at, differing)
    }

    /// The short list, best first.
    pub fn confirmed(
        &self,
        trials: &[Trial],
        tell: &mut dyn FnMut(usize, usize) -> Continue,
    ) -> Result<Vec<Confirmed>, ProposeError> {
        let effort = self.settings.effort;
        let (wishes, best_at, differing) = self.wishes(trials);
        let shown = best_at.max(effort.least_shown.min(differing)).min(effort.shown).max(1);
        let any_does = trials.iter().any(|t| self.does(&t.merits));
        // Where the goals cannot be met, the nearest plan is offered, and one more in case the coarse cells were wrong.
        let wanted = if any_does { shown } else { shown.min(NEAREST_TRIED) };
        let mut found: Vec<Confirmed> = Vec::new();
        for (n, trial) in wishes.into_iter().enumerate() {
            let good = found.iter().filter(|c| self.does(&c.proposal.merits)).count();
            if good >= wanted || found.len() >= wanted + if any_does { MORE_CONFIRMATIONS } else { 0 } {
                break;
            }
            // A trial that does not do what is wanted is only looked at when nothing else is there.
            if n >= wanted && good > 0 && !self.does(&trials[trial].merits) {
                break;
            }
            found.push(self.confirm(trial, &trials[trial])?);
            if tell(found.len(), wanted) == Continue::Stop {
                break;
            }
        }
        Ok(found)
    }

    fn confirm(&self, number: usize, trial: &Trial) -> Result<Confirmed, ProposeError> {
        let (plan, catalogues) = (&trial.plan, self.catalogues);
        let assessment = self.in_full(plan)?;
        let unknown = assessment.findings.iter().filter(|f| f.level == Level::Unknown);
        let proposal = Proposal {
            labels: vec![],
            placements: plan.placements().iter().map(PlacementRow::of).collect(),
            protocol: self.models[trial.candidate.model].protocols[trial.candidate.protocol].id.clone(),
            skin_contact: plan.skin_contact().to_owned(),
            merits: Merits::of(plan, &assessment, self.goals, catalogues),
            sureness: trial.sureness,
            chance: None,
            verdict: assessment.verdict(),
            not_known: unknown.map(|f| f.text.clone()).collect(),
            shortfalls: self.goals.shortfalls(&assessment),
            findings: assessment.findings.clone(),
            gas: "not known",
            plan: plan.clone(),
            assessment,
        };
        let cell_updates = proposal.assessment.solver.cell_updates;
        Ok(Confirmed { trial: number, proposal, cell_updates })
    }

    /// The verdict at full accuracy. Finer cells than those of the first estimate are left out where they cost much; where
    /// that is not even one estimate, it is computed as asked for.
    pub fn in_full(&self, plan: &Plan) -> Result<Assessment, ProposeError> {
        let run = |settings: &EvaluateSettings| {
            evaluate(self.anatomy, plan, self.catalogues, settings, &mut |_| Continue::Yes).map(|e| e.assessment)
        };
        match run(&self.settings.confirming()) {
            Err(EvaluateError::Estimate(EstimateError::TooCostly { .. })) => Ok(run(&self.settings.evaluate)?),
            other => Ok(other?),
        }
    }

    /// Best first, each with what it is best at; those that do not do what is wanted are dropped when others do. Where
    /// chances are asked for, those that are missing are solved, and the surest stands first.
    pub fn label(&self, trials: &mut [Trial], found: &mut Vec<Confirmed>, tell: Tell) -> Result<(), ProposeError> {
        found.sort_by(|a, b| a.proposal.merits.compare(&b.proposal.merits));
        if !found.iter().any(|c| self.does(&c.proposal.merits)) {
            found.truncate(1);
            found.iter_mut().for_each(|c| c.proposal.labels.push(Label::Nearest));
            return self.find_chances(trials, found, tell);
        }
        found.retain(|c| self.does(&c.proposal.merits));
        self.find_chances(trials, found, tell)?;
        // A chance that was computed goes before a guess; the sort keeps the order of what is as sure.
        let sureness = |p: &Proposal| p.chance.map_or(p.sureness, |chance| 1.0 + chance.probability);
        if matches!(self.settings.sureness, Sureness::Chance) && self.settings.chance.is_some() {
            found.sort_by(|a, b| sureness(&b.proposal).total_cmp(&sureness(&a.proposal)));
        }
        for label in self.labels() {
            let key = |c: &Confirmed| (c.proposal.merits.clone(), sureness(&c.proposal));
            let keys: Vec<_> = found.iter().map(key).collect();
            let best =
                (0..keys.len()).min_by(|&a, &b| by_label(label, (&keys[a].0, keys[a].1), (&keys[b].0, keys[b].1)));
            if let Some(best) = best.and_then(|n| found.get_mut(n)) {
                best.proposal.labels.push(label);
            }
        }
        for other in found.iter_mut().filter(|c| c.proposal.labels.is_empty()) {
            other.proposal.labels.push(Label::AnotherWay);
        }
        Ok(())
    }

    /// The chance of success of what is shown, in the same worlds for all; none of what was not solved when `tell` said stop.
    fn find_chances(&self, trials: &mut [Trial], found: &mut [Confirmed], tell: Tell) -> Result<(), ProposeError> {
        let Some(settings) = &self.settings.chance else { return Ok(()) };
        let shown: Vec<usize> = found.iter().map(|c| c.trial).collect();
        self.solve(trials, &shown, settings.samples, tell)?;
        for Confirmed { trial, proposal, .. } in found {
            let solved = &trials[*trial].successes;
            let good = solved.iter().filter(|s| **s).count();
            proposal.chance = (solved.len() >= settings.samples).then(|| Chance::of(good, solved.len()));
        }
        Ok(())
    }

    /// Plans that no other beats in every respect; what was confirmed stands with its confirmed numbers.
    pub fn pareto(&self, trials: &[Trial], confirmed: &[Confirmed]) -> Vec<ParetoPoint> {
        let merits_of = |n: usize| {
            let full = confirmed.iter().find(|c| c.trial == n);
            full.map_or((&trials[n].merits, false), |c| (&c.proposal.merits, true))
        };
        // What crosses a stop is not traded for anything.
        let allowed: Vec<usize> = (0..trials.len()).filter(|&n| merits_of(n).0.stops <= self.target_stops()).collect();
        let beaten = |n: usize| allowed.iter().any(|&m| merits_of(m).0.dominates(merits_of(n).0));
        let front = allowed.iter().copied().filter(|&n| !beaten(n));
        let point = |n: usize| {
            let (merits, is_confirmed) = merits_of(n);
            let candidate = &trials[n].candidate;
            let model = &self.models[candidate.model];
            ParetoPoint {
                probe: model.probe.id.clone(),
                protocol: model.protocols[candidate.protocol].id.clone(),
                skin_contact: candidate.contact.clone(),
                thinnest_margin_k: merits.thinnest_margin_k,
                time_s: merits.time_s,
                punctures: merits.punctures,
                disabled_mm: merits.disabled_mm,
                confirmed: is_confirmed,
            }
        };
        let mut points: Vec<_> = front.map(point).collect();
        points.sort_by(|a, b| b.disabled_mm.total_cmp(&a.disabled_mm));
        points
    }
}

/// Plans that are confirmed where the goals cannot be met.
const NEAREST_TRIED: usize = 2;
