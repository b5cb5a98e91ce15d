//! From good candidates to surer ones: small changes of a way, kept where the guessed chance rises.

use super::candidate::{Candidate, manner};
use super::parallel::in_parallel;
use super::reach::Reach;
use super::simulate::alike;
use super::site::Site;
use super::way::{Approach, Placing};

/// Worlds in which many candidates are told apart, in which the best of them are, and in which one is improved: enough to see a
/// step of two points.
const FEWEST_WORLDS: usize = 8;
const FIRST_WORLDS: usize = 32;
pub(super) const WORLDS: usize = 128;
/// Candidates of one spot, model, protocol and approach that are guessed in more than the fewest worlds.
const GO_ON: usize = 3;
/// Starts of one model and protocol, of which the best kinds are taken.
const STARTS_OF_KIND: usize = 2;
const KINDS: usize = 6;
/// Kinds that start from every approach, since the guess is not sure enough to leave one out.
const KINDS_BY_EVERY_APPROACH: usize = 2;
/// Rounds of changes; each keeps the best of them, and few need more than half as many.
const ROUNDS: usize = 10;

/// A candidate and its guessed chance.
pub(super) type Guessed = (f64, Candidate);

impl Site<'_> {
    /// The surest candidates by guess, each of them improved; the surest first.
    pub fn surest(&self, all: &[Candidate], reaches: &[Vec<Reach>]) -> Vec<Guessed> {
        let threads = self.settings.evaluate.solver.threads;
        let reach = |c: &Candidate| &reaches[c.model][c.protocol];
        let guess = |asked: Vec<&Candidate>, worlds| {
            let guesses = in_parallel(&asked, threads, |c| self.guessed(c, reach(c), worlds));
            let mut guessed: Vec<Guessed> = guesses.into_iter().zip(asked.into_iter().cloned()).collect();
            surest_first(&mut guessed);
            guessed
        };
        let quickly = guess(self.asked(all), FEWEST_WORLDS);
        let mut guessed = guess(going_on(&quickly), FIRST_WORLDS);
        guessed.retain(|(guess, _)| *guess > 0.0);
        let starts = starts(guessed);
        let mut found = in_parallel(&starts, threads, |(_, c)| self.climbed(c, reach(c)));
        surest_first(&mut found);
        let mut unlike: Vec<Guessed> = Vec::new();
        for one in found {
            if !unlike.iter().any(|(_, known)| alike(known, &one.1)) {
                unlike.push(one);
            }
        }
        unlike
    }

    /// Those that do what is wanted by estimate, the best of every manner of each spot, model and protocol; where none does, all
    /// of these, since one may still do it in some worlds.
    fn asked<'c>(&self, all: &'c [Candidate]) -> Vec<&'c Candidate> {
        let does = |c: &Candidate| self.does_by_estimate(&c.estimate);
        let any_does = all.iter().any(does);
        let good = |c: &&Candidate| !any_does || does(c);
        let mut seen = std::collections::BTreeSet::new();
        let first_of_manner = |c: &&Candidate| {
            let manners = c.placings.first().map(manner);
            seen.insert((c.spot, c.model, c.protocol, c.poses.len(), manners))
        };
        all.iter().filter(good).filter(first_of_manner).collect()
    }

    /// The best that small changes of a candidate lead to which keep its approach: each approach is followed to its own best.
    pub(super) fn climbed(&self, start: &Candidate, reach: &Reach) -> Guessed {
        let mut best = (self.guessed(start, reach, WORLDS), start.clone());
        for size in SIZES {
            for _ in 0..ROUNDS {
                let alike = |c: &Candidate| c.approach() == start.approach();
                let around = self.around(&best.1, reach, size).into_iter().filter(alike);
                let guessed = around.map(|c| (self.guessed(&c, reach, WORLDS), c));
                let Some(next) = guessed.reduce(|a, b| if b.0 > a.0 { b } else { a }) else { break };
                if next.0 <= best.0 {
                    break;
                }
                best = next;
            }
        }
        best
    }

    /// Candidates a small step away, in every direction that is open.
    pub fn around(&self, one: &Candidate, reach: &Reach, size: f64) -> Vec<Candidate> {
        if one.is_by_hand() {
            return Vec::new();
        }
        let moved =
            |step: &Placing| self.moved(one, one.placings.iter().map(|p| stepped(p, step, size)).collect(), reach);
        let near = |c: &Candidate| {
            c.placings
                .iter()
                .all(|p| (p.along_mm - self.spots[c.spot].along_mm).abs() <= FROM_SPOT_MM || c.placings.len() > 1)
        };
        STEPS.iter().filter_map(moved).filter(near).collect()
    }
}

/// A candidate is estimated by the cross-sections around its spot, which reach so much further than what is wanted.
const FROM_SPOT_MM: f64 = 5.0;
/// Full steps first, then halves.
const SIZES: [f64; 2] = [1.0, 0.5];

/// Small changes of a placing: along the shaft, away from the nerve, around it, steeper and flatter, turned, along the nerve.
const STEPS: [Placing; 14] = {
    let none = Placing { along_mm: 0.0, angle_deg: 0.0, azimuth_deg: 0.0, around_deg: 0.0, gap_mm: 0.0, shift: 0.0 };
    [
        Placing { shift: 0.15, ..none },
        Placing { shift: -0.15, ..none },
        Placing { gap_mm: 0.5, ..none },
        Placing { gap_mm: -0.5, ..none },
        Placing { around_deg: 40.0, ..none },
        Placing { around_deg: -40.0, ..none },
        Placing { around_deg: 180.0, ..none },
        Placing { angle_deg: 6.0, ..none },
        Placing { angle_deg: -6.0, ..none },
        Placing { azimuth_deg: 20.0, ..none },
        Placing { azimuth_deg: -20.0, ..none },
        Placing { azimuth_deg: 180.0, ..none },
        Placing { along_mm: 2.0, ..none },
        Placing { along_mm: -2.0, ..none },
    ]
};

fn stepped(p: &Placing, step: &Placing, size: f64) -> Placing {
    // Half of a turn to the other side is no small step.
    let turn = |deg: f64| if deg.abs() == 180.0 { deg } else { size * deg };
    Placing {
        along_mm: p.along_mm + size * step.along_mm,
        angle_deg: (p.angle_deg + size * step.angle_deg).clamp(1.0, 90.0),
        azimuth_deg: p.azimuth_deg + turn(step.azimuth_deg),
        around_deg: p.around_deg + turn(step.around_deg),
        gap_mm: (p.gap_mm + size * step.gap_mm).max(LEAST_GAP_MM),
        shift: p.shift + size * step.shift,
    }
}

/// Touching the nerve, as the search begins. Unit: mm.
const LEAST_GAP_MM: f64 = 0.1;

pub(super) fn surest_first(found: &mut [Guessed]) {
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.estimate.margin_k.total_cmp(&a.1.estimate.margin_k)));
}

/// A few of every spot, kind and approach; the surest come first.
fn going_on(guessed: &[Guessed]) -> Vec<&Candidate> {
    let mut counts = std::collections::BTreeMap::new();
    let few = |c: &&Candidate| {
        let count = counts.entry((c.spot, c.model, c.protocol, c.poses.len(), c.approach())).or_insert(0);
        *count += 1;
        *count <= GO_ON
    };
    guessed.iter().map(|(_, c)| c).filter(few).collect()
}

/// The surest of every approach goes first, as far as it is not much less sure than the surest of all: the guess may be wrong by
/// so much, and solved worlds decide.
pub(super) fn every_approach_first<T>(surest_first: Vec<T>, of: impl Fn(&T) -> (f64, Option<Approach>)) -> Vec<T> {
    let most = surest_first.first().map_or(0.0, |one| of(one).0);
    let mut seen = std::collections::BTreeSet::new();
    let is_first = |one: &T| {
        let (guess, approach) = of(one);
        seen.insert(approach) && guess >= most - MUCH_LESS
    };
    let (first, rest): (Vec<T>, Vec<T>) = surest_first.into_iter().partition(is_first);
    first.into_iter().chain(rest).collect()
}

/// As far apart guesses of two approaches may be and the solved chances still be the other way around.
const MUCH_LESS: f64 = 0.25;

/// The surest of the best kinds, by every approach of the very best; a kind is a probe with a protocol.
fn starts(guessed: Vec<Guessed>) -> Vec<Guessed> {
    let mut taken: Vec<Guessed> = Vec::new();
    let kind = |c: &Candidate| (c.model, c.protocol, c.poses.len());
    for one in guessed {
        let of_kind = taken.iter().filter(|(_, c)| kind(c) == kind(&one.1)).count();
        let mut kinds: Vec<_> = Vec::new();
        for known in taken.iter().map(|(_, c)| kind(c)) {
            if !kinds.contains(&known) {
                kinds.push(known);
            }
        }
        let is_new = !taken.iter().any(|(_, c)| kind(c) == kind(&one.1) && c.approach() == one.1.approach());
        let rank = kinds.iter().position(|k| *k == kind(&one.1));
        let by_every = is_new && rank.is_some_and(|rank| rank < KINDS_BY_EVERY_APPROACH);
        let room = if of_kind == 0 { kinds.len() < KINDS } else { of_kind < STARTS_OF_KIND || by_every };
        if room && !taken.iter().any(|(_, c)| alike(c, &one.1)) {
            taken.push(one);
        }
    }
    taken
}
