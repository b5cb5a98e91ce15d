//! The fit itself: which numbers the data determine, how well, and how far off the law remains.

use frostline_freeze::{SimulateError, SolverSettings};

use super::bench::{Bench, Measured};
use super::judgement::mean_and_most;
use super::law::{LawForm, Unknown};
use super::least_squares::Normal;
use super::model::{Observation, Prediction, observations, predict};
use super::outcome::Fit;
use crate::catalogue::{CoolingRow, SearchRanges};

/// What is fitted, and where the search may go.
#[derive(Clone, Debug, PartialEq)]
pub struct FitSettings {
    /// Which law.
    pub form: LawForm,
    /// Where its numbers may lie.
    pub ranges: SearchRanges,
    /// Boiling point of the cryogen: no surface is colder. Unit: °C.
    pub gas_c: f64,
    /// The law the catalogue holds, where the search begins.
    pub known: CoolingRow,
    /// How every trial is simulated.
    pub solver: SolverSettings,
}

/// Why there is no fit.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FitError {
    /// The engine gave no answer.
    #[error(transparent)]
    Simulate(#[from] SimulateError),
    /// Nothing in the data depends on the law.
    #[error(
        "no measured value depends on how cold the probe gets; measure nearer to the probe, later, or an isotherm that forms"
    )]
    NothingDependsOnIt,
    /// A place that cannot be read.
    #[error("\"{series}\" cannot be read from the simulation; it may lie in the shaft or outside the bath")]
    NotReadable {
        /// The couple or row.
        series: String,
    },
}

/// Fits a cooling law. `finer` is the same bench on smaller cells: how much the law would move on them is part of its
/// errors. `tell` hears the number of simulations so far. Same inputs, same bits.
///
/// # Errors
/// [`FitError`] when the engine has no answer or the data do not depend on the law.
pub fn fit_cooling(
    bench: &Bench,
    finer: &Bench,
    settings: &FitSettings,
    tell: &mut dyn FnMut(usize),
) -> Result<Fit, FitError> {
    let mut search = Search::new(bench, settings, tell);
    let catalogue_off = search.catalogue_off()?;
    let start = [0, 1].map(|n| search.unknowns[n].coordinate(search.unknowns[n].start));
    let one = search.solve(start, &[0])?;
    let (solved, why_held) = search.with_second(one, start)?;
    let solved = search.smoothed(solved)?;
    let cells = search.on_finer_cells(&solved, finer)?;
    let numbers = search.numbers(&solved).with(&cells, &solved.surface_gains);
    let held_out = search.held_out(&solved)?;
    Ok(Fit {
        law: search.law(solved.at),
        parameters: search.parameters(&solved, &numbers, &why_held),
        series: search.series(&solved),
        held_out,
        catalogue_off,
        surface_c: solved.prediction.surface_c,
        surface_k: numbers.surface_k,
        cells_matter: (cells.mean, cells.most),
        misfit: numbers.misfit,
        simulations: search.simulations,
    })
}

/// A search in progress.
pub(super) struct Search<'a> {
    pub(super) bench: &'a Bench,
    pub(super) settings: &'a FitSettings,
    pub(super) unknowns: [Unknown; 2],
    pub(super) seen: Vec<Observation>,
    /// Standard deviation of each value as it was measured; that in `seen` holds what the cells add.
    pub(super) accuracies: Vec<f64>,
    /// Variance that a value is taken to have, over that of its accuracy.
    pub(super) inflation: f64,
    pub(super) names: Vec<String>,
    pub(super) simulations: usize,
    pub(super) tell: &'a mut dyn FnMut(usize),
}

/// Where a search ended.
#[derive(Clone, Debug)]
pub(super) struct Solved {
    pub(super) at: [f64; 2],
    pub(super) free: Vec<usize>,
    pub(super) prediction: Prediction,
    /// How much farther out each couple seems to lie. Unit: mm.
    pub(super) offsets_mm: Vec<f64>,
    /// Change of every observation per free coordinate.
    pub(super) gains: Vec<Vec<f64>>,
    /// Change of the surface temperature per free coordinate.
    pub(super) surface_gains: Vec<f64>,
    pub(super) objective: f64,
    /// Other minima that fit nearly as well.
    pub(super) rivals: Vec<[f64; 2]>,
}

/// Searches that need more steps than this do not settle.
const MOST_STEPS: usize = 12;
/// Trials with growing damping before a step is given up.
const MOST_TRIALS: usize = 3;
/// A step is never longer than this: kelvins, or a factor of three.
const LONGEST_STEP: [f64; 2] = [30.0, 1.1];
/// First steps of the look around: kelvins, or a ratio of 1.5.
const FIRST_LOOK: [f64; 2] = [8.0, 0.4];
/// The last look around is at a quarter of the first steps, two kelvins and a tenth: finer is for the parabolas.
const HALVINGS: usize = 3;
/// Moves at one step length before it is halved.
const MOVES_PER_LEVEL: usize = 3;
/// Where to look from a point; with one free number only along it.
const NEIGHBOURS: [[f64; 2]; 8] =
    [[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0], [1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]];
/// Steps shorter than this no longer matter: 0.05 K, or half a percent.
const SHORT_STEP: [f64; 2] = [0.05, 0.005];
/// The second number is kept when it lowers the weighted squares by more than chance does in 19 of 20 cases: the 95 %
/// point of chi squared with one degree of freedom.
const WORTH_A_NUMBER: f64 = 3.84;
/// Share of the value from which a number counts as not determined.
pub(super) const NOT_DETERMINED: f64 = 0.5;
/// Where a limit of power is searched first: it must bite to show.
const BITING_SHARE: f64 = 0.7;

impl<'a> Search<'a> {
    fn new(bench: &'a Bench, settings: &'a FitSettings, tell: &'a mut dyn FnMut(usize)) -> Self {
        let seen = observations(bench);
        let names = match bench.measured() {
            Measured::Couples(couples) => couples.iter().map(|couple| couple.name.clone()).collect(),
            Measured::Sizes(sizes) => {
                sizes.iter().map(|size| format!("{} °C at {} s", size.celsius, size.at_s)).collect()
            }
        };
        Self {
            bench,
            settings,
            unknowns: settings.form.unknowns(&settings.ranges, settings.gas_c, &settings.known),
            accuracies: seen.iter().map(|seen| seen.deviation).collect(),
            seen,
            inflation: 1.0,
            names,
            simulations: 0,
            tell,
        }
    }

    pub(super) fn law(&self, at: [f64; 2]) -> CoolingRow {
        let values = [0, 1].map(|n| self.unknowns[n].value(at[n]));
        self.settings.form.law(values, &self.settings.ranges, self.settings.gas_c)
    }

    pub(super) fn predict(&mut self, law: &CoolingRow) -> Result<Prediction, FitError> {
        let cooling = law.cooling().ok_or(FitError::NothingDependsOnIt)?;
        self.simulations += 1;
        (self.tell)(self.simulations);
        let prediction = predict(self.bench, cooling, &self.settings.solver, &self.seen)?;
        match prediction.values.iter().zip(&self.seen).find(|(value, _)| !value.is_finite()) {
            Some((_, seen)) => Err(FitError::NotReadable { series: self.names[seen.series].clone() }),
            None => Ok(prediction),
        }
    }

    /// Mean and largest residual of the law of the catalogue, with the couples where they are said to lie.
    fn catalogue_off(&mut self) -> Result<Option<(f64, f64)>, FitError> {
        if self.settings.known == (CoolingRow::NotKnown {}) {
            return Ok(None);
        }
        let known = self.settings.known.clone();
        let prediction = self.predict(&known)?;
        let off = prediction.values.iter().zip(&self.seen).map(|(value, seen)| (seen.measured - value).abs());
        Ok(Some(mean_and_most(off)))
    }

    pub(super) fn couples(&self) -> usize {
        match self.bench.measured() {
            Measured::Couples(couples) => couples.len(),
            Measured::Sizes(_) => 0,
        }
    }

    /// The offsets that fit best, and what is left of the weighted squares.
    pub(super) fn judge(&self, prediction: &Prediction) -> (Vec<f64>, f64) {
        let place_mm = self.bench.accuracy().place_mm;
        let mut sums = vec![(0.0, 1.0 / (place_mm * place_mm)); self.couples()];
        for (n, seen) in self.seen.iter().enumerate() {
            let Some((right, matrix)) = sums.get_mut(seen.series) else { continue };
            let weight = 1.0 / (self.inflation * seen.deviation * seen.deviation);
            let slope = prediction.slopes[n];
            *right += weight * slope * (seen.measured - prediction.values[n]);
            *matrix += weight * slope * slope;
        }
        let offsets_mm: Vec<f64> = sums.iter().map(|(right, matrix)| right / matrix).collect();
        let mut objective: f64 = offsets_mm.iter().map(|mm| (mm / place_mm).powi(2)).sum();
        for (residual, seen) in self.residuals(prediction, &offsets_mm).iter().zip(&self.seen) {
            objective += (residual / seen.deviation).powi(2) / self.inflation;
        }
        (offsets_mm, objective)
    }

    /// Measured less predicted, with every couple where it seems to lie.
    pub(super) fn residuals(&self, prediction: &Prediction, offsets_mm: &[f64]) -> Vec<f64> {
        let moved = |n: usize| offsets_mm.get(self.seen[n].series).map_or(0.0, |mm| mm * prediction.slopes[n]);
        (0..self.seen.len()).map(|n| self.seen[n].measured - prediction.values[n] - moved(n)).collect()
    }

    /// Damped Gauss-Newton over the free coordinates.
    fn solve(&mut self, start: [f64; 2], free: &[usize]) -> Result<Solved, FitError> {
        let solved = self.begin(start, free)?;
        let settled = self.settled(solved)?;
        let searched = self.searched(settled)?;
        self.settled(searched)
    }

    /// Looks around in ever smaller steps. Where cells freeze the weighted squares are not smooth, and a search by slopes
    /// alone comes to rest in a hollow beside the valley.
    fn searched(&mut self, mut solved: Solved) -> Result<Solved, FitError> {
        let mut part = 1.0;
        for _ in 0..HALVINGS {
            for _ in 0..MOVES_PER_LEVEL {
                let Some(next) = self.best_neighbour(&solved, part)? else { break };
                solved = next;
            }
            part *= 0.5;
        }
        self.differentiate(&mut solved)?;
        Ok(solved)
    }

    fn best_neighbour(&mut self, solved: &Solved, part: f64) -> Result<Option<Solved>, FitError> {
        let mut best: Option<Solved> = None;
        for direction in NEIGHBOURS.iter().filter(|d| solved.free.len() == 2 || d[1] == 0.0) {
            let step: Vec<f64> = solved
                .free
                .iter()
                .zip(direction)
                .map(|(&n, towards)| towards * part * FIRST_LOOK[self.unknowns[n].scale as usize])
                .collect();
            let at = self.moved(solved, &step);
            if at == solved.at {
                continue;
            }
            let prediction = self.predict(&self.law(at))?;
            let (offsets_mm, objective) = self.judge(&prediction);
            if objective < best.as_ref().map_or(solved.objective, |best| best.objective) {
                best = Some(Solved { at, prediction, offsets_mm, objective, ..solved.clone() });
            }
        }
        Ok(best)
    }

    fn settled(&mut self, mut solved: Solved) -> Result<Solved, FitError> {
        let mut damping = 1e-3;
        for _ in 0..MOST_STEPS {
            let normal = self.normal(&solved, None);
            let Some((next, step)) = self.better(&solved, &normal, &mut damping)? else { break };
            solved = next;
            let mut moves = solved.free.iter().zip(&step);
            let is_short = moves.all(|(&n, step)| step.abs() < SHORT_STEP[self.unknowns[n].scale as usize]);
            self.differentiate(&mut solved)?;
            if is_short {
                break;
            }
        }
        Ok(solved)
    }

    fn begin(&mut self, at: [f64; 2], free: &[usize]) -> Result<Solved, FitError> {
        let prediction = self.predict(&self.law(at))?;
        let (offsets_mm, objective) = self.judge(&prediction);
        let (gains, surface_gains, rivals) = (Vec::new(), Vec::new(), Vec::new());
        let mut solved =
            Solved { at, free: free.to_vec(), prediction, offsets_mm, gains, surface_gains, objective, rivals };
        self.differentiate(&mut solved)?;
        if solved.gains.iter().any(|gains| gains.iter().all(|gain| *gain == 0.0)) {
            return Err(FitError::NothingDependsOnIt);
        }
        Ok(solved)
    }

    fn differentiate(&mut self, solved: &mut Solved) -> Result<(), FitError> {
        solved.gains.clear();
        solved.surface_gains.clear();
        for n in solved.free.clone() {
            let unknown = &self.unknowns[n];
            let step = unknown.probe_step();
            // Towards the middle of the range, so that the trial stays inside it.
            let middle = 0.5 * (unknown.coordinate(unknown.least) + unknown.coordinate(unknown.most));
            let step = if solved.at[n] > middle { -step } else { step };
            let mut at = solved.at;
            at[n] += step;
            let moved = self.predict(&self.law(at))?;
            let gain = |to: f64, from: f64| (to - from) / step;
            let pairs = moved.values.iter().zip(&solved.prediction.values);
            solved.gains.push(pairs.map(|(to, from)| gain(*to, *from)).collect());
            solved.surface_gains.push(gain(moved.surface_c, solved.prediction.surface_c));
        }
        Ok(())
    }

    /// The linear problem around a point; free coordinates first, then the offsets of the couples. A series may be left out.
    pub(super) fn normal(&self, solved: &Solved, without: Option<usize>) -> Normal {
        let free = solved.free.len();
        let mut normal = Normal::new(free + self.couples());
        let place_mm = self.bench.accuracy().place_mm;
        for couple in 0..self.couples() {
            normal.add(-solved.offsets_mm[couple], &[(free + couple, 1.0)], place_mm);
        }
        let residuals = self.residuals(&solved.prediction, &solved.offsets_mm);
        for (n, seen) in self.seen.iter().enumerate().filter(|(_, seen)| Some(seen.series) != without) {
            let mut gains: Vec<(usize, f64)> = (0..free).map(|k| (k, solved.gains[k][n])).collect();
            if seen.series < self.couples() {
                gains.push((free + seen.series, solved.prediction.slopes[n]));
            }
            normal.add(residuals[n], &gains, seen.deviation * self.inflation.sqrt());
        }
        normal
    }

    pub(super) fn moved(&self, solved: &Solved, step: &[f64]) -> [f64; 2] {
        let mut at = solved.at;
        for (&n, step) in solved.free.iter().zip(step) {
            let unknown = &self.unknowns[n];
            let longest = LONGEST_STEP[unknown.scale as usize];
            let (least, most) = (unknown.coordinate(unknown.least), unknown.coordinate(unknown.most));
            at[n] = (at[n] + step.clamp(-longest, longest)).clamp(least, most);
        }
        at
    }

    /// The next point that fits better, and the step there; `None` when there is none.
    fn better(
        &mut self,
        solved: &Solved,
        normal: &Normal,
        damping: &mut f64,
    ) -> Result<Option<(Solved, Vec<f64>)>, FitError> {
        for _ in 0..MOST_TRIALS {
            let Some(step) = normal.step(*damping, solved.free.len()) else { return Ok(None) };
            let at = self.moved(solved, &step);
            let taken: Vec<f64> = solved.free.iter().map(|&n| at[n] - solved.at[n]).collect();
            if taken.iter().all(|step| *step == 0.0) {
                return Ok(None);
            }
            let prediction = self.predict(&self.law(at))?;
            let (offsets_mm, objective) = self.judge(&prediction);
            if objective < solved.objective {
                *damping *= 0.1;
                return Ok(Some((Solved { at, prediction, offsets_mm, objective, ..solved.clone() }, taken)));
            }
            *damping *= 30.0;
        }
        Ok(None)
    }

    /// Frees the second number too, and keeps it where the data ask for it; with the reason where they do not.
    fn with_second(&mut self, one: Solved, start: [f64; 2]) -> Result<(Solved, String), FitError> {
        if self.seen.len() < 3 {
            let why = format!("held: {} measured value(s) do not determine two numbers", self.seen.len());
            return Ok((one, why));
        }
        let mut at = [one.at[0], start[1]];
        if !start[1].is_finite() {
            let unknown = &self.unknowns[1];
            let biting = (BITING_SHARE * one.prediction.steady_power_w).clamp(unknown.least, unknown.most);
            at[1] = unknown.coordinate(biting);
        }
        let two = match self.solve(at, &[0, 1]) {
            Ok(two) => two,
            Err(FitError::NothingDependsOnIt) => {
                return Ok((one, "held: no measured value depends on it".to_owned()));
            }
            Err(other) => return Err(other),
        };
        let numbers = self.numbers(&two);
        let (gain, needed) = (one.objective - two.objective, WORTH_A_NUMBER * self.scatter(&two));
        let share = self.unknowns[1].share(self.unknowns[1].value(two.at[1]), numbers.errors[1]);
        if gain >= needed && share < NOT_DETERMINED {
            return Ok((two, String::new()));
        }
        let why = format!(
            "held: freeing it lowers the weighted squares by {gain:.2} (worth it from {needed:.2}), its standard error would be \
             {:.0} % of its value",
            100.0 * share
        );
        Ok((one, why))
    }
}
