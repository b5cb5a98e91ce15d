//! From trials to a short list that differs, confirmed at full accuracy.

use std::cmp::Ordering;

use frostline_freeze::{Continue, EstimateError, SolverSettings};

use crate::assess::Assessment;
use crate::evaluate::{EvaluateError, EvaluateSettings, evaluate};
use crate::finding::Level;
use crate::plan::Plan;
use crate::robust::Chance;

use super::error::ProposeError;
use super::parallel::in_parallel;
use super::proposals::{Label, ParetoPoint, PlacementRow, Proposal, VendorPlan};
use super::settings::Sureness;
use super::simulate::{Trial, one_choice};
use super::site::Site;
use super::sure::{FIRST_WORLDS, Tell};
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

    /// The short list, and what the plan by the brochure comes to, side by side where there is more than one thread.
    pub fn confirmed_and_vendor(
        &self,
        trials: &[Trial],
        mut tell: impl FnMut(usize, usize) -> Continue + Send,
    ) -> (Result<Vec<Confirmed>, ProposeError>, Result<VendorPlan, ProposeError>) {
        if self.settings.evaluate.solver.threads < 2 {
            return (self.confirmed(trials, &mut tell), self.vendor_plan(1));
        }
        std::thread::scope(|scope| {
            let confirmed = scope.spawn(|| self.confirmed(trials, &mut tell));
            let vendor = self.vendor_plan(1);
            // A panic there is passed on, not swallowed.
            (confirmed.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), vendor)
        })
    }

    /// The short list, best first.
    fn confirmed(
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
        let most = (wanted + if any_does { MORE_CONFIRMATIONS } else { 0 }).min(wishes.len());
        let mut found: Vec<Confirmed> = Vec::new();
        let mut next = 0;
        loop {
            let good = found.iter().filter(|c| self.does(&c.proposal.merits)).count();
            // A trial that does not do what is wanted is only looked at when nothing else is there.
            let is_worth_it = |n: &usize| *n < wanted || good == 0 || self.does(&trials[wishes[*n]].merits);
            let until = most.min(next + wanted.saturating_sub(good));
            let batch: Vec<usize> = (next..until).take_while(is_worth_it).map(|n| wishes[n]).collect();
            if batch.is_empty() {
                break;
            }
            next += batch.len();
            found.extend(self.confirm_all(&batch, trials)?);
            if tell(found.len(), wanted) == Continue::Stop {
                return Ok(found);
            }
        }
        // Where the goals cannot be met, what is offered as nearest is held against the plan that is there already.
        let by_hand = trials.iter().position(|t| t.candidate.is_by_hand()).filter(|_| !any_does);
        if let Some(n) = by_hand.filter(|n| found.iter().all(|c| c.trial != *n)) {
            found.extend(self.confirm_all(&[n], trials)?);
        }
        Ok(found)
    }

    /// Several at a time, each on one thread as long as that keeps all of them at work: a run of its own on each scales better.
    fn confirm_all(&self, numbers: &[usize], trials: &[Trial]) -> Result<Vec<Confirmed>, ProposeError> {
        let threads = self.settings.evaluate.solver.threads;
        let each = if numbers.len() >= threads { 1 } else { threads };
        let confirmed = in_parallel(numbers, threads / each, |&n| self.confirm(n, &trials[n], each));
        confirmed.into_iter().collect()
    }

    fn confirm(&self, number: usize, trial: &Trial, threads: usize) -> Result<Confirmed, ProposeError> {
        let (plan, catalogues) = (&trial.plan, self.catalogues);
        let assessment = self.in_full(plan, threads)?;
        let unknown = assessment.findings.iter().filter(|f| f.level == Level::Unknown);
        let proposal = Proposal {
            labels: vec![],
            placements: plan.placements().iter().map(PlacementRow::of).collect(),
            protocol: self.models[trial.candidate.model].protocols[trial.candidate.protocol].id.clone(),
            skin_contact: plan.skin_contact().to_owned(),
            merits: Merits::of(plan, &assessment, self.goals, catalogues),
            sureness: trial.sureness,
            chance: None,
            worlds: 0,
            own_phases: self.own_phases(&trial.candidate),
            fluid: plan.fluid().to_vec(),
            verdict: assessment.verdict(),
            not_known: unknown.map(|f| f.text.clone()).collect(),
            shortfalls: self.goals.shortfalls(&assessment),
            findings: assessment.findings.clone(),
            gas: "not known",
            gas_setting: "not known",
            plan: plan.clone(),
            assessment,
        };
        let cell_updates = proposal.assessment.solver.cell_updates;
        Ok(Confirmed { trial: number, proposal, cell_updates })
    }

    /// The verdict at full accuracy. Finer cells than those of the first estimate are left out where they cost much; where
    /// that is not even one estimate, it is computed as asked for.
    pub fn in_full(&self, plan: &Plan, threads: usize) -> Result<Assessment, ProposeError> {
        let run = |settings: EvaluateSettings| {
            let settings = EvaluateSettings { solver: SolverSettings { threads, ..settings.solver }, ..settings };
            evaluate(self.anatomy, plan, self.catalogues, &settings, &mut |_| Continue::Yes).map(|e| e.assessment)
        };
        match run(self.settings.confirming()) {
            Err(EvaluateError::Estimate(EstimateError::TooCostly { .. })) => Ok(run(self.settings.evaluate)?),
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
        // A chance in all worlds goes before one in fewer, and that before a guess; the sort keeps the order of what is as sure.
        let all = found.iter().map(|c| c.proposal.worlds).max().unwrap_or(0);
        let in_all = |p: &Proposal| if p.worlds == all { 2.0 } else { 1.0 };
        let sureness = |p: &Proposal| p.chance.map_or(p.sureness, |chance| in_all(p) + chance.probability);
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
    /// What is not the surest by the first half of the worlds is solved in that half alone, and its interval says so.
    fn find_chances(&self, trials: &mut [Trial], found: &mut [Confirmed], tell: Tell) -> Result<(), ProposeError> {
        let Some(settings) = &self.settings.chance else { return Ok(()) };
        let shown: Vec<usize> = found.iter().map(|c| c.trial).collect();
        let half = settings.samples.div_ceil(2).max(FIRST_WORLDS).min(settings.samples);
        self.solve(trials, &shown, half, tell)?;
        let first = |n: usize| trials[n].successes.iter().take(half).filter(|s| **s).count();
        let most = shown.iter().map(|&n| first(n)).max().unwrap_or(0);
        let leading: Vec<usize> = shown.into_iter().filter(|&n| first(n) == most).collect();
        self.solve(trials, &leading, settings.samples, tell)?;
        for Confirmed { trial, proposal, .. } in found {
            let solved = &trials[*trial].successes;
            let good = solved.iter().filter(|s| **s).count();
            proposal.chance = (solved.len() >= half).then(|| Chance::of(good, solved.len()));
            proposal.worlds = solved.len();
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
