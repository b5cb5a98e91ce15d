//! The last part of the search: on smooth stand-ins, with values trusted no more than they deserve.

use super::fit::{FitError, Search, Solved};
use super::surrogate::{Surrogate, places};

/// How far the parabolas reach from their centre: kelvins, or a quarter. Wide against the jumps that they even out, narrow
/// against what bends.
const SPAN: [f64; 2] = [5.0, 0.25];
/// They begin twice as wide: the law that a search over jumping values came to rest at may lie a few kelvins off.
const WIDTHS: [f64; 2] = [2.0, 1.0];
/// A minimum nearer to the rim of the parabolas than this is looked at again from its own place.
const INNER: f64 = 0.75;
/// How often the parabolas are moved.
const MOST_CENTRES: usize = 3;
/// The lowest place of a parabola is read off a lattice of this many places each way, three times, each ten times finer:
/// to a five-hundredth of the span.
const LATTICE: i32 = 10;
const ZOOMS: usize = 3;
/// How often the values are reweighted; the second time moves a number by far less than its error.
const REWEIGHTINGS: usize = 2;

/// Minima whose weighted squares differ by less cannot be told apart at two standard errors.
const NEARLY_AS_LOW: f64 = 4.0;

/// Standard deviations of the values, and what their variances are multiplied by.
type Weights = (Vec<f64>, f64);

/// The part of the ranges over which parabolas are laid.
struct Patch {
    centre: [f64; 2],
    free: Vec<usize>,
    /// Half widths, one per free number.
    spans: Vec<f64>,
}

impl Patch {
    /// Of a place in spans from the centre.
    fn coordinates(&self, x: &[f64]) -> [f64; 2] {
        let mut at = self.centre;
        for ((&n, span), x) in self.free.iter().zip(&self.spans).zip(x) {
            at[n] += x * span;
        }
        at
    }
}

impl Search<'_> {
    /// The law at the lowest minimum of smooth stand-ins, with its slopes. Others nearly as low are part of its errors.
    pub(super) fn smoothed(&mut self, solved: Solved) -> Result<Solved, FitError> {
        let mut best = self.settled_smoothly(solved, &WIDTHS)?;
        let mut weights = self.weights();
        let mut others = Vec::new();
        for towards in [-1.0, 1.0] {
            let mut beside = best.clone();
            let step: Vec<f64> = (0..best.free.len())
                .map(|k| if k == 0 { towards * SPAN[self.unknowns[best.free[0]].scale as usize] } else { 0.0 })
                .collect();
            beside.at = self.moved(&best, &step);
            let other = self.settled_smoothly(beside, &WIDTHS[1..])?;
            let own = self.weights();
            self.set_weights(&weights);
            if self.judge(&other.prediction).1 < self.judge(&best.prediction).1 {
                others.push(std::mem::replace(&mut best, other));
                weights = own;
            } else {
                others.push(other);
            }
        }
        self.set_weights(&weights);
        (best.offsets_mm, best.objective) = self.judge(&best.prediction);
        let low = |other: &Solved| self.judge(&other.prediction).1 < best.objective + NEARLY_AS_LOW;
        let rivals: Vec<[f64; 2]> = others.iter().filter(|other| low(other)).map(|other| other.at).collect();
        best.rivals = rivals;
        Ok(best)
    }

    fn weights(&self) -> Weights {
        (self.seen.iter().map(|seen| seen.deviation).collect(), self.inflation)
    }

    fn set_weights(&mut self, (deviations, inflation): &Weights) {
        self.seen.iter_mut().zip(deviations).for_each(|(seen, deviation)| seen.deviation = *deviation);
        self.inflation = *inflation;
    }

    fn settled_smoothly(&mut self, mut solved: Solved, widths: &[f64]) -> Result<Solved, FitError> {
        for &width in widths {
            for _ in 0..MOST_CENTRES {
                let patch = self.patch(&solved, width);
                let Some(surrogate) = self.surrogate(&patch)? else { return Ok(solved) };
                self.doubt_jumps(&surrogate);
                let x = self.lowest(&surrogate, &mut solved, &patch);
                if x.iter().all(|x| x.abs() <= INNER) {
                    break;
                }
            }
        }
        Ok(solved)
    }

    /// Around the best law, but inside the ranges.
    fn patch(&self, solved: &Solved, width: f64) -> Patch {
        let mut patch = Patch { centre: solved.at, free: solved.free.clone(), spans: Vec::new() };
        for &n in &solved.free {
            let unknown = &self.unknowns[n];
            let (least, most) = (unknown.coordinate(unknown.least), unknown.coordinate(unknown.most));
            let span = (width * SPAN[unknown.scale as usize]).min(0.5 * (most - least));
            patch.centre[n] = patch.centre[n].clamp(least + span, most - span);
            patch.spans.push(span);
        }
        patch
    }

    fn surrogate(&mut self, patch: &Patch) -> Result<Option<Surrogate>, FitError> {
        let places = places(patch.free.len());
        let mut simulated = Vec::with_capacity(places.len());
        for place in &places {
            let law = self.law(patch.coordinates(place));
            simulated.push(self.predict(&law)?);
        }
        Ok(Surrogate::through(&places, &simulated))
    }

    /// A value that jumps with the cells is known no better than its jumps.
    fn doubt_jumps(&mut self, surrogate: &Surrogate) {
        for ((seen, accuracy), jump) in self.seen.iter_mut().zip(&self.accuracies).zip(&surrogate.jumps) {
            seen.deviation = (accuracy * accuracy + jump).sqrt();
        }
    }

    /// Moves to the lowest place of the weighted squares. Values are trusted no more than the scatter they turn out to
    /// have: otherwise hundreds of readings, all a little off in the same way, would push the couples away from where they
    /// are known to lie.
    fn lowest(&mut self, surrogate: &Surrogate, solved: &mut Solved, patch: &Patch) -> Vec<f64> {
        self.inflation = 1.0;
        let mut x = self.lowest_on_lattice(surrogate, solved.free.len());
        self.take(surrogate, solved, patch, &x);
        for _ in 0..REWEIGHTINGS {
            self.inflation = self.scatter(solved);
            x = self.lowest_on_lattice(surrogate, solved.free.len());
            self.take(surrogate, solved, patch, &x);
        }
        x
    }

    fn lowest_on_lattice(&self, surrogate: &Surrogate, free: usize) -> Vec<f64> {
        let mut best = (f64::INFINITY, vec![0.0; free]);
        let mut part = 1.0;
        for _ in 0..ZOOMS {
            let middle = best.1.clone();
            for place in lattice(free) {
                let x: Vec<f64> = middle.iter().zip(&place).map(|(m, p)| (m + part * p).clamp(-1.0, 1.0)).collect();
                let (_, objective) = self.judge(&surrogate.predict(&x));
                if objective < best.0 {
                    best = (objective, x);
                }
            }
            part *= 0.1;
        }
        best.1
    }

    fn take(&self, surrogate: &Surrogate, solved: &mut Solved, patch: &Patch, x: &[f64]) {
        solved.at = patch.coordinates(x);
        solved.prediction = surrogate.predict(x);
        (solved.offsets_mm, solved.objective) = self.judge(&solved.prediction);
        (solved.gains, solved.surface_gains) = patch
            .spans
            .iter()
            .enumerate()
            .map(|(along, span)| {
                let (gains, surface) = surrogate.gains(x, along);
                (gains.iter().map(|gain| gain / span).collect::<Vec<f64>>(), surface / span)
            })
            .unzip();
    }
}

/// From -1 to 1 each way.
fn lattice(free: usize) -> Vec<Vec<f64>> {
    let line = || (-LATTICE..=LATTICE).map(|n| f64::from(n) / f64::from(LATTICE));
    if free == 1 {
        return line().map(|x| vec![x]).collect();
    }
    line().flat_map(|x| line().map(move |y| vec![x, y])).collect()
}
