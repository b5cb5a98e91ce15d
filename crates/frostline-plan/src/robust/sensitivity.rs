//! Which doubt matters most: how much of the scatter of an outcome goes with one number alone.
//!
//! First-order sensitivity from the worlds at hand: they are sorted by one number and cut into equal groups; the variance of
//! the groups' means over the variance of all worlds is the share that this number explains. Chance alone explains
//! (groups - 1)/(worlds - 1) of it, which is taken off (the adjusted correlation ratio), so a number without any influence
//! gives 0 in the mean and may come out below. The interval is that of resampled worlds.

use super::chance::TWO_SIDED_95;
use serde::Serialize;

use super::run::Sample;
use super::sobol::mixed;
use super::world::FACTORS;
use crate::catalogue::Factor;

/// How much of the scatter goes with one number.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Share {
    /// Share of the variance. Range: up to 1; a little below 0 where there is no influence.
    pub share: f64,
    /// Lower end of its 95 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// What one doubt does.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Sensitivity {
    /// Which doubt.
    pub factor: Factor,
    /// Of success against failure; absent where all worlds end alike.
    pub of_success: Option<Share>,
    /// Of the disabled length; absent where it is the same in all worlds.
    pub of_length: Option<Share>,
}

/// Worlds in a group, at least: the mean of fewer is mostly noise.
const GROUP: usize = 20;
/// Groups: at least enough to see a maximum in the middle, at most so many that none is noise.
const GROUPS: std::ops::RangeInclusive<usize> = 4..=12;
/// Resampled sets; the standard deviation of so many is known to 7 %.
const RESAMPLED: u64 = 100;

/// Every factor, the one that explains most of success first (most of the length where success is always the same).
pub(super) fn sensitivities(samples: &[Sample]) -> Vec<Sensitivity> {
    let success: Vec<f64> = samples.iter().map(|s| f64::from(u8::from(s.is_success()))).collect();
    let length: Vec<f64> = samples.iter().map(|s| s.told.as_ref().map_or(0.0, |t| t.disabled_mm)).collect();
    let one = |factor| {
        let groups = groups(samples, factor);
        Sensitivity { factor, of_success: share(&groups, &success), of_length: share(&groups, &length) }
    };
    let mut found: Vec<Sensitivity> = FACTORS.into_iter().map(one).collect();
    let size = |s: &Sensitivity| s.of_success.or(s.of_length).map_or(f64::NEG_INFINITY, |share| share.share);
    found.sort_by(|a, b| size(b).total_cmp(&size(a)));
    found
}

/// The worlds in groups of equal size by one number.
fn groups(samples: &[Sample], factor: Factor) -> Vec<Vec<usize>> {
    let count = samples.len();
    let groups = (count / GROUP).clamp(*GROUPS.start(), *GROUPS.end()).min(count);
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|&a, &b| samples[a].world.value(factor).total_cmp(&samples[b].world.value(factor)));
    (0..groups).map(|g| order[g * count / groups..(g + 1) * count / groups].to_vec()).collect()
}

fn share(groups: &[Vec<usize>], of: &[f64]) -> Option<Share> {
    let all = explained(groups, of)?;
    let resampled: Vec<f64> = (0..RESAMPLED).filter_map(|n| explained(&again(groups, n), of)).collect();
    let mean = resampled.iter().sum::<f64>() / resampled.len() as f64;
    let square = resampled.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / resampled.len() as f64;
    let half = TWO_SIDED_95 * square.sqrt();
    Some(Share { share: all, low: (all - half).max(0.0), high: (all + half).min(1.0) })
}

/// As many worlds of each group, drawn from it with repetition.
fn again(groups: &[Vec<usize>], round: u64) -> Vec<Vec<usize>> {
    let pick = |group: &Vec<usize>, n: usize| {
        let random = mixed(mixed(round) ^ group[n] as u64);
        group[random as usize % group.len()]
    };
    groups.iter().map(|group| (0..group.len()).map(|n| pick(group, n)).collect()).collect()
}

/// Variance of the means of groups over that of all, less what chance explains; `None` where all are alike.
fn explained(groups: &[Vec<usize>], of: &[f64]) -> Option<f64> {
    let count: usize = groups.iter().map(Vec::len).sum();
    let mean_of = |group: &[usize]| group.iter().map(|&n| of[n]).sum::<f64>() / group.len() as f64;
    let all: Vec<usize> = groups.iter().flatten().copied().collect();
    let mean = mean_of(&all);
    let total: f64 = all.iter().map(|&n| (of[n] - mean).powi(2)).sum();
    if total <= 0.0 || count <= groups.len() {
        return None;
    }
    let between: f64 = groups.iter().map(|g| g.len() as f64 * (mean_of(g) - mean).powi(2)).sum();
    let within = (total - between) / (count - groups.len()) as f64;
    Some((between - (groups.len() - 1) as f64 * within) / total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uniform(seed: u64, n: usize) -> f64 {
        mixed(seed ^ mixed(n as u64)) as f64 / u64::MAX as f64
    }

    /// Groups by a first number, of outcomes made from it and a second.
    fn found(worlds: usize, outcome: impl Fn(f64, f64) -> f64) -> Share {
        let mut order: Vec<usize> = (0..worlds).collect();
        order.sort_by(|&a, &b| uniform(1, a).total_cmp(&uniform(1, b)));
        let groups: Vec<Vec<usize>> = order.chunks(worlds / 10).map(<[usize]>::to_vec).collect();
        let of: Vec<f64> = (0..worlds).map(|n| outcome(uniform(1, n), uniform(2, n))).collect();
        share(&groups, &of).unwrap()
    }

    #[test]
    fn a_number_that_makes_a_fifth_of_the_variance_is_found_within_its_interval() {
        // x + 2 y of equal variances: 1/(1 + 4).
        let found = found(200, |x, y| x + 2.0 * y);
        assert!((found.low..=found.high).contains(&0.2) && found.low > 0.02 && found.high < 0.45, "{found:?}");
    }

    #[test]
    fn a_number_that_harms_at_both_ends_is_found_too() {
        // (x - 1/2)^2 has variance 1/180, y/4 has 1/192: 0.516.
        let found = found(2000, |x, y| (x - 0.5).powi(2) + 0.25 * y);
        assert!((found.share - 0.516).abs() < 0.06, "{found:?}");
    }

    #[test]
    fn a_number_without_influence_explains_nothing_in_the_mean() {
        // 200 worlds scatter by sqrt(18)/199 = 2 %; twenty sets by 0.5 %.
        let mean: f64 = (0..20)
            .map(|set| {
                let groups: Vec<Vec<usize>> = (0..10).map(|g| (g * 20..(g + 1) * 20).collect()).collect();
                let of: Vec<f64> = (0..200).map(|n| uniform(100 + set, n)).collect();
                share(&groups, &of).unwrap().share
            })
            .sum::<f64>()
            / 20.0;
        assert!(mean.abs() < 0.015, "{mean}");
    }

    #[test]
    fn outcomes_that_are_all_alike_have_no_cause() {
        let groups: Vec<Vec<usize>> = (0..4).map(|g| (g * 5..(g + 1) * 5).collect()).collect();
        assert_eq!(share(&groups, &[1.0; 20]), None);
    }
}
