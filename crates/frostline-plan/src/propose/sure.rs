//! The chance of success in worlds that are solved: of the surest by guess first, then of what lies around the best of them.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use frostline_freeze::Continue;

use crate::plan::Plan;
use crate::robust::common::Compared;
use crate::robust::{RobustError, RobustSettings};

use super::candidate::Candidate;
use super::climb::{WORLDS, every_approach_first};
use super::error::ProposeError;
use super::parallel::in_parallel;
use super::reach::Reach;
use super::settings::Sureness;
use super::simulate::Trial;
use super::site::Site;

/// Worlds in which plans are told apart before the best are solved in all of them.
pub(super) const FIRST_WORLDS: usize = 16;
/// Worlds between two looks at who falls behind. One thread solves as many at a time.
const LAP: usize = 8;
/// A plan is given up when it is behind by so many standard deviations of the difference in worlds that are the same for
/// both: a plan that is as good falls so far behind in one lap of twenty.
const BEHIND: f64 = 1.6;
/// Plans that are solved in the first worlds.
const SCREENED: usize = 5;
/// Plans around the best of them that are solved next.
const AROUND: usize = 2;
/// Plans with fluid that are solved next, where fluid is worth trying.
const WET: usize = 2;
/// Plans that are then solved in all worlds.
const IN_ALL: usize = 2;

/// Longer than any freeze. Unit: s.
const SELDOM_S: f64 = 1e5;

/// How many worlds were solved, and how many will be.
pub(super) type Tell<'a> = &'a (dyn Fn(usize, usize) -> Continue + Sync);

/// A plan with the worlds in which it is to be solved.
type Job<'a> = (&'a Plan, Range<usize>);

impl Site<'_> {
    /// Solves the surest trials in possible worlds, and adds trials around the best of them. Nothing without
    /// [`super::ProposeSettings::chance`]; what was solved stays when `tell` says stop.
    pub fn solve_surest(
        &self,
        trials: &mut Vec<Trial>,
        reaches: &[Vec<Reach>],
        tell: Tell,
    ) -> Result<(), ProposeError> {
        let Some(settings) = &self.settings.chance else { return Ok(()) };
        if matches!(self.settings.sureness, Sureness::By(_)) {
            return Ok(());
        }
        let first = FIRST_WORLDS.min(settings.samples);
        let surest = self.surest_of(trials);
        if self.race(trials, surest, first, tell)? == Continue::Stop {
            return Ok(());
        }
        let Some(best) = most_sure(trials, 1).first().copied() else { return Ok(()) };
        let before = trials.len();
        trials.extend(self.tried(self.around_best(trials, best, reaches), reaches, &|_, _| Continue::Yes)?);
        let new: Vec<usize> = (before..trials.len()).filter(|&n| self.does(&trials[n].merits)).collect();
        if self.race(trials, new, first, tell)? == Continue::Stop {
            return Ok(());
        }
        if self.race_with_fluid(trials, reaches, tell)? == Continue::Stop {
            return Ok(());
        }
        let leading = most_sure(trials, IN_ALL);
        self.race(trials, leading, settings.samples, tell).map(|_| ())
    }

    /// Adds the best of the surest trial with fluid, where that raises its chance by what another needle must be worth.
    fn race_with_fluid(
        &self,
        trials: &mut Vec<Trial>,
        reaches: &[Vec<Reach>],
        tell: Tell,
    ) -> Result<Continue, ProposeError> {
        let Some(dry) = most_sure(trials, 1).first().copied() else { return Ok(Continue::Yes) };
        let one = &trials[dry].candidate;
        let with_fluid = self.with_fluid(one, &reaches[one.model][one.protocol]);
        let mut wet = self.tried(with_fluid, reaches, &|_, _| Continue::Yes)?;
        wet.retain(|t| self.does(&t.merits));
        wet.sort_by(|a, b| a.merits.compare(&b.merits));
        wet.truncate(WET);
        let (before, until) = (trials.len(), trials[dry].successes.len());
        trials.extend(wet);
        let new = (before..trials.len()).collect();
        if self.race(trials, new, until, tell)? == Continue::Stop {
            trials.truncate(before);
            return Ok(Continue::Stop);
        }
        let mut wet = trials.split_off(before);
        let worth = 0.01 * self.catalogues.proposing.fluid.value.worth_percent;
        let gained = |t: &Trial| t.share().zip(trials[dry].share()).is_some_and(|(wet, dry)| wet - dry >= worth);
        wet.retain(|t| t.successes.len() == until && gained(t));
        wet.sort_by(|a, b| b.share().unwrap_or(0.0).total_cmp(&a.share().unwrap_or(0.0)));
        trials.extend(wet.into_iter().take(1));
        Ok(Continue::Yes)
    }

    /// Solves trials in the worlds up to a number, lap by lap, and gives up those that fall behind the best of all.
    fn race(
        &self,
        trials: &mut [Trial],
        mut running: Vec<usize>,
        until: usize,
        tell: Tell,
    ) -> Result<Continue, ProposeError> {
        let solved = |trials: &[Trial], n: usize| trials[n].successes.len();
        while let Some(lap) = running.iter().map(|&n| solved(trials, n)).filter(|n| *n < until).min() {
            let lap = until.min(lap + LAP);
            if self.solve(trials, &running, lap, tell)? == Continue::Stop {
                return Ok(Continue::Stop);
            }
            let Some(&best) = most_sure(trials, 1).first() else { break };
            running.retain(|&n| !is_behind(&trials[n].successes, &trials[best].successes));
        }
        Ok(Continue::Yes)
    }

    /// Trials that do what is wanted: the surest by guess of every approach, then the surest of all.
    fn surest_of(&self, trials: &[Trial]) -> Vec<usize> {
        let mut order: Vec<usize> = (0..trials.len()).filter(|&n| self.does(&trials[n].merits)).collect();
        order.sort_by(|&a, &b| trials[b].sureness.total_cmp(&trials[a].sureness));
        let mut order = every_approach_first(order, |&n| (trials[n].sureness, trials[n].candidate.approach()));
        order.truncate(SCREENED);
        order
    }

    /// Candidates a step away from the best trial that are the surest by guess and were not tried.
    fn around_best(&self, trials: &[Trial], best: usize, reaches: &[Vec<Reach>]) -> Vec<Candidate> {
        let one = &trials[best].candidate;
        let reach = &reaches[one.model][one.protocol];
        let known =
            |c: &Candidate| trials.iter().any(|t| t.candidate.poses == c.poses && t.candidate.protocol == c.protocol);
        let around = self.around(one, reach, 1.0).into_iter().filter(|c| !known(c));
        let mut guessed: Vec<_> = around.map(|c| (self.guessed(&c, reach, WORLDS), c)).collect();
        guessed.sort_by(|a, b| b.0.total_cmp(&a.0));
        guessed.into_iter().take(AROUND).map(|(_, c)| c).collect()
    }

    /// Solves trials in the worlds up to a number, as far as these were not solved before.
    pub fn solve(
        &self,
        trials: &mut [Trial],
        which: &[usize],
        until: usize,
        tell: Tell,
    ) -> Result<Continue, ProposeError> {
        let asked: Vec<_> = which.iter().map(|&n| (&trials[n].plan, trials[n].successes.len())).collect();
        let Some(answers) = self.solved(&asked, until, tell)? else { return Ok(Continue::Stop) };
        for (&n, answer) in which.iter().zip(answers) {
            trials[n].successes.extend(answer);
        }
        Ok(Continue::Yes)
    }

    /// Which of the worlds up to a number each plan survives, from the first that was not solved before; `None` when `tell`
    /// said stop.
    pub fn solved(
        &self,
        plans: &[(&Plan, usize)],
        until: usize,
        tell: Tell,
    ) -> Result<Option<Vec<Vec<bool>>>, ProposeError> {
        let jobs_of = |(n, &(_, from)): (usize, &(&Plan, usize))| chunks(from, until).map(move |numbers| (n, numbers));
        let jobs: Vec<(usize, Range<usize>)> = plans.iter().enumerate().flat_map(jobs_of).collect();
        let asked: Vec<Job> = jobs.iter().map(|(n, numbers)| (plans[*n].0, numbers.clone())).collect();
        let Some(answers) = self.in_worlds(&asked, tell)? else { return Ok(None) };
        let mut found: Vec<Vec<bool>> = vec![Vec::new(); plans.len()];
        for ((n, _), answer) in jobs.into_iter().zip(answers) {
            found[n].extend(answer);
        }
        Ok(Some(found))
    }

    /// Every job, over all threads; `None` when `tell` said stop.
    fn in_worlds(&self, jobs: &[Job], tell: Tell) -> Result<Option<Vec<Vec<bool>>>, ProposeError> {
        let threads = self.settings.evaluate.solver.threads;
        let mut settings: RobustSettings = self.worlds.clone();
        settings.solver.threads = 1;
        // Only sizes of surfaces are read from records, and nobody asks for them here.
        settings.solver.record_every_s = SELDOM_S;
        let compared = Compared { settings: &settings, ..self.compared() };
        let of = jobs.iter().map(|(_, numbers)| numbers.len()).sum();
        let (done, stopped) = (AtomicUsize::new(0), AtomicBool::new(false));
        let answers = in_parallel(jobs, threads, |(plan, numbers)| {
            if stopped.load(Ordering::Relaxed) {
                return Err(RobustError::Stopped);
            }
            let found = compared.successes(plan, numbers.clone(), &|_| Continue::Yes);
            let so_far = done.fetch_add(numbers.len(), Ordering::Relaxed) + numbers.len();
            if tell(so_far, of) == Continue::Stop {
                stopped.store(true, Ordering::Relaxed);
            }
            found
        });
        if stopped.load(Ordering::Relaxed) {
            return Ok(None);
        }
        Ok(Some(answers.into_iter().collect::<Result<_, _>>()?))
    }
}

/// Numbers of worlds, as many at a time as one thread takes.
fn chunks(from: usize, until: usize) -> impl Iterator<Item = Range<usize>> {
    (from..until).step_by(LAP).map(move |first| first..(first + LAP).min(until))
}

/// Whether a plan is surely worse than another, by the worlds that both were solved in.
fn is_behind(one: &[bool], best: &[bool]) -> bool {
    let only = |a: &[bool], b: &[bool]| a.iter().zip(b).filter(|(a, b)| **a && !**b).count() as f64;
    let (lost, gained) = (only(best, one), only(one, best));
    lost - gained > 0.0 && lost - gained >= BEHIND * (lost + gained).sqrt()
}

/// The surest of what was solved, at most so many.
fn most_sure(trials: &[Trial], most: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..trials.len()).filter(|&n| !trials[n].successes.is_empty()).collect();
    // Worlds tell few plans apart for certain; among equals the guess decides, which stands on more worlds.
    let key = |n: usize| trials[n].share().unwrap_or(0.0);
    order.sort_by(|&a, &b| key(b).total_cmp(&key(a)).then(trials[b].sureness.total_cmp(&trials[a].sureness)));
    order.truncate(most);
    order
}

impl Trial {
    /// The share of the worlds that were solved in which it succeeds; `None` where none were.
    pub fn share(&self) -> Option<f64> {
        let good = self.successes.iter().filter(|s| **s).count();
        (!self.successes.is_empty()).then(|| good as f64 / self.successes.len() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_given_up_only_when_it_is_behind_by_more_than_luck() {
        let won = |count: usize| (0..8).map(|n| n < count).collect::<Vec<bool>>();
        // Three worlds that only the best survives: 3 / sqrt(3) = 1.73; two: 1.41.
        assert!(is_behind(&won(2), &won(5)));
        assert!(!is_behind(&won(3), &won(5)));
        // As many worlds each way, or more for the other: never.
        let other: Vec<bool> = won(4).into_iter().map(|s| !s).collect();
        assert!(!is_behind(&won(4), &other));
        assert!(!is_behind(&won(8), &won(1)));
    }
}
