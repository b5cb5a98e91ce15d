//! The last part of the search: on smooth stand-ins, with values trusted no more than they deserve.

use super::fit::{FitError, Search, Solved};
use super::surrogate::{Surrogate, places};

/// How far the parabolas reach from their centre: kelvins, or a quarter. Wide against the jumps that they even out, narrow
/// against what bends.
const SPAN: [f64; 2] = [5.0, 0.25];
/// A minimum nearer to the rim of the parabolas than this is looked at again from its own place.
const INNER: f64 = 0.75;
/// How often the parabolas are moved.
const MOST_CENTRES: usize = 4;
/// The lowest place of a parabola is read off a lattice of this many places each way, three times, each ten times finer:
/// to a five-hundredth of the span.
const LATTICE: i32 = 10;
const ZOOMS: usize = 3;
/// How often the values are reweighted; the second time moves a number by far less than its error.
const REWEIGHTINGS: usize = 2;

impl Search<'_> {
    /// The law at the minimum of the smooth stand-in, with its slopes.
    pub(super) fn smoothed(&mut self, mut solved: Solved) -> Result<Solved, FitError> {
        for _ in 0..MOST_CENTRES {
            let centre = self.centre(&solved);
            let Some(surrogate) = self.surrogate(&solved, centre)? else { return Ok(solved) };
            self.doubt_jumps(&surrogate);
            let x = self.lowest(&surrogate, &mut solved, centre);
            if x.iter().all(|x| x.abs() <= INNER) {
                break;
            }
        }
        Ok(solved)
    }

    fn span(&self, n: usize) -> f64 {
        SPAN[self.unknowns[n].scale as usize]
    }

    /// Where the parabolas are laid: around the best law, but inside the ranges.
    fn centre(&self, solved: &Solved) -> [f64; 2] {
        let mut centre = solved.at;
        for &n in &solved.free {
            let unknown = &self.unknowns[n];
            let (least, most) = (unknown.coordinate(unknown.least), unknown.coordinate(unknown.most));
            centre[n] = centre[n].clamp(least + self.span(n), most - self.span(n));
        }
        centre
    }

    fn coordinates(&self, solved: &Solved, centre: [f64; 2], x: &[f64]) -> [f64; 2] {
        let mut at = centre;
        for (&n, x) in solved.free.iter().zip(x) {
            at[n] += x * self.span(n);
        }
        at
    }

    fn surrogate(&mut self, solved: &Solved, centre: [f64; 2]) -> Result<Option<Surrogate>, FitError> {
        let places = places(solved.free.len());
        let mut simulated = Vec::with_capacity(places.len());
        for place in &places {
            let law = self.law(self.coordinates(solved, centre, place));
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
    fn lowest(&mut self, surrogate: &Surrogate, solved: &mut Solved, centre: [f64; 2]) -> Vec<f64> {
        self.inflation = 1.0;
        let mut x = self.lowest_on_lattice(surrogate, solved.free.len());
        self.take(surrogate, solved, centre, &x);
        for _ in 0..REWEIGHTINGS {
            self.inflation = self.scatter(solved);
            x = self.lowest_on_lattice(surrogate, solved.free.len());
            self.take(surrogate, solved, centre, &x);
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

    fn take(&self, surrogate: &Surrogate, solved: &mut Solved, centre: [f64; 2], x: &[f64]) {
        solved.at = self.coordinates(solved, centre, x);
        solved.prediction = surrogate.predict(x);
        (solved.offsets_mm, solved.objective) = self.judge(&solved.prediction);
        (solved.gains, solved.surface_gains) = solved
            .free
            .iter()
            .enumerate()
            .map(|(along, &n)| {
                let (gains, surface) = surrogate.gains(x, along);
                let span = self.span(n);
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
