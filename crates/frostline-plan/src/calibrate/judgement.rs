//! How well a fit is known: scatter, standard errors, cells, residuals, and what is predicted when it was held out.

use super::bench::Bench;
use super::fit::{FitError, NOT_DETERMINED, Search, Solved};
use super::least_squares::{cholesky, inverse};
use super::model::predict;
use super::outcome::{Certainty, FittedParameter, HeldOut, SeriesResidual};

/// Errors of what was found.
pub(super) struct Numbers {
    /// Standard errors of the free coordinates.
    pub errors: Vec<f64>,
    pub correlation: Option<f64>,
    pub surface_k: f64,
    pub misfit: f64,
}

/// What finer cells change.
pub(super) struct FinerCells {
    /// Of the free coordinates.
    pub shifts: Vec<f64>,
    pub mean: f64,
    pub most: f64,
}

impl Numbers {
    /// With the doubt about the cells: the law is off by about twice what it moves from one grid to the next (the error
    /// goes with the square of the cell, and 0.7 squared is a half), taken as two standard errors.
    pub fn with(self, cells: &FinerCells, surface_gains: &[f64]) -> Self {
        let errors = self.errors.iter().zip(&cells.shifts).map(|(error, shift)| error.hypot(*shift)).collect();
        let surface_shift: f64 = surface_gains.iter().zip(&cells.shifts).map(|(gain, shift)| gain * shift).sum();
        Self { errors, surface_k: self.surface_k.hypot(2.0 * surface_shift), ..self }
    }
}

/// Share of the value below which it counts as well determined.
const WELL: f64 = 0.1;
impl Search<'_> {
    /// The law on the finer bench: what it predicts there, and how far the best law would move.
    pub(super) fn on_finer_cells(&mut self, solved: &Solved, finer: &Bench) -> Result<FinerCells, FitError> {
        let cooling = self.law(solved.at).cooling().ok_or(FitError::NothingDependsOnIt)?;
        self.simulations += 1;
        (self.tell)(self.simulations);
        let prediction = predict(finer, cooling, &self.settings.solver, &self.seen)?;
        let changes = prediction.values.iter().zip(&solved.prediction.values).map(|(fine, value)| (fine - value).abs());
        let (mean, most) = mean_and_most(changes);
        let there = Solved { prediction, ..solved.clone() };
        let free = solved.free.len();
        let step = |of: &Solved| self.normal(of, None).step(0.0, 0).unwrap_or_else(|| vec![0.0; free]);
        // The step left at the end of the search is not the fault of the cells.
        let shifts = step(&there).iter().zip(step(solved)).take(free).map(|(fine, rest)| fine - rest).collect();
        Ok(FinerCells { shifts, mean, most })
    }

    /// Mean squared residual over what the accuracies allow.
    fn misfit(&self, solved: &Solved) -> f64 {
        let freedom = self.seen.len().saturating_sub(solved.free.len());
        let residuals = self.residuals(&solved.prediction, &solved.offsets_mm);
        let squares = residuals.iter().zip(&self.seen).map(|(residual, seen)| (residual / seen.deviation).powi(2));
        if freedom == 0 { 1.0 } else { squares.sum::<f64>() / freedom as f64 }
    }

    /// Variance of an independent value over that of its accuracy.
    pub(super) fn scatter(&self, solved: &Solved) -> f64 {
        self.misfit(solved).max(1.0) * self.memory(solved)
    }

    pub(super) fn numbers(&self, solved: &Solved) -> Numbers {
        let free = solved.free.len();
        let misfit = self.misfit(solved);
        // Before the values are reweighted, their scatter widens the errors after the fact.
        let inflation = self.scatter(solved) / self.inflation;
        let normal = self.normal(solved, None);
        // Without a Cholesky form the data do not determine the numbers: the errors are without bound.
        let Some(lower) = cholesky(&normal.matrix) else {
            return Numbers { errors: vec![f64::INFINITY; free], correlation: None, surface_k: f64::INFINITY, misfit };
        };
        let covariance = inverse(&lower);
        // A rival minimum is as good at two standard errors, so half the way to it is one.
        let apart =
            |n: usize| solved.rivals.iter().map(move |at| 0.5 * (at[solved.free[n]] - solved.at[solved.free[n]]).abs());
        let errors: Vec<f64> =
            (0..free).map(|n| apart(n).fold((inflation * covariance[n][n]).sqrt(), f64::max)).collect();
        let correlation = (free == 2).then(|| covariance[0][1] / (covariance[0][0] * covariance[1][1]).sqrt());
        let mut surface = 0.0;
        for (a, row) in solved.surface_gains.iter().zip(&covariance) {
            surface += solved.surface_gains.iter().zip(row).map(|(b, c)| a * b * c).sum::<f64>();
        }
        let rival_k =
            (0..free).map(|n| solved.surface_gains[n].abs() * apart(n).fold(0.0, f64::max)).fold(0.0, f64::max);
        let surface_k = 2.0 * (inflation * surface.max(0.0)).sqrt().max(rival_k);
        Numbers { errors, correlation, surface_k, misfit }
    }

    /// Readings per independent reading: (1 + c) / (1 - c) with the correlation c from one residual to the next.
    fn memory(&self, solved: &Solved) -> f64 {
        let residuals = self.residuals(&solved.prediction, &solved.offsets_mm);
        let (mut product, mut square) = (0.0, 0.0);
        for n in 1..residuals.len() {
            if self.couples() > 0 && self.seen[n].series == self.seen[n - 1].series {
                product += residuals[n] * residuals[n - 1];
                square += 0.5 * (residuals[n].powi(2) + residuals[n - 1].powi(2));
            }
        }
        // More than 99 in 100 would say that one series is half a reading.
        let correlation = if square > 0.0 { (product / square).clamp(0.0, 0.99) } else { 0.0 };
        (1.0 + correlation) / (1.0 - correlation)
    }

    fn unit(&self) -> &'static str {
        if self.couples() > 0 { "K" } else { "mm" }
    }

    pub(super) fn parameters(&self, solved: &Solved, numbers: &Numbers, why_held: &str) -> Vec<FittedParameter> {
        (0..2).map(|n| self.parameter(n, solved, numbers, why_held)).collect()
    }

    fn parameter(&self, n: usize, solved: &Solved, numbers: &Numbers, why_held: &str) -> FittedParameter {
        let unknown = &self.unknowns[n];
        let value = unknown.value(solved.at[n]);
        let fitted = solved.free.iter().position(|free| *free == n).map(|k| numbers.errors[k]);
        let share = fitted.map(|error| unknown.share(value, error));
        let at = |error: f64| Some(unknown.value(solved.at[n] + error)).filter(|v| v.is_finite());
        let bound = |value: f64, limit: f64| (value - limit).abs() <= 1e-9 * limit.abs();
        let mut note = if fitted.is_none() { why_held.to_owned() } else { String::new() };
        if let (Some(_), Some(correlation)) = (fitted, numbers.correlation) {
            note = format!("correlation with the other number {correlation:.2}");
        }
        if fitted.is_some() && (bound(value, unknown.least) || bound(value, unknown.most)) {
            note = format!("at the end of its range ({} to {}); {note}", unknown.least, unknown.most);
        }
        FittedParameter {
            name: unknown.name.to_owned(),
            unit: unknown.unit.to_owned(),
            value: Some(value).filter(|v| v.is_finite()),
            standard_error: share.map(|share| share * value.abs()).filter(|v| v.is_finite()),
            low: fitted.and_then(|error| at(-2.0 * error)),
            high: fitted.and_then(|error| at(2.0 * error)),
            certainty: match share {
                None => Certainty::Held,
                Some(share) if share < WELL => Certainty::Well,
                Some(share) if share < NOT_DETERMINED => Certainty::Poorly,
                Some(_) => Certainty::NotDetermined,
            },
            note,
        }
    }

    pub(super) fn series(&self, solved: &Solved) -> Vec<SeriesResidual> {
        let residuals = self.residuals(&solved.prediction, &solved.offsets_mm);
        let of = |series: usize| {
            let own = self.seen.iter().zip(&residuals).filter(move |(seen, _)| seen.series == series);
            own.map(|(_, residual)| residual.abs()).collect::<Vec<_>>()
        };
        let used = (0..self.names.len()).filter(|series| !of(*series).is_empty());
        used.map(|series| {
            let (mean, most) = mean_and_most(of(series).into_iter());
            SeriesResidual {
                name: self.names[series].clone(),
                unit: self.unit().to_owned(),
                values: of(series).len(),
                mean,
                most,
                seems_farther_mm: solved.offsets_mm.get(series).copied(),
            }
        })
        .collect()
    }

    /// Each series predicted by the law that the others give, with the couple where it is said to lie.
    pub(super) fn held_out(&mut self, solved: &Solved) -> Result<Vec<HeldOut>, FitError> {
        let mut found = Vec::new();
        for series in 0..self.names.len() {
            let others = self.seen.iter().filter(|seen| seen.series != series).count();
            if others < solved.free.len() || others == self.seen.len() {
                continue;
            }
            let normal = self.normal(solved, Some(series));
            let Some(step) = normal.step(0.0, 0) else { continue };
            let prediction = self.predict(&self.law(self.moved(solved, &step)))?;
            let own = prediction.values.iter().zip(&self.seen).filter(|(_, seen)| seen.series == series);
            let (mean, most) = mean_and_most(own.map(|(value, seen)| (seen.measured - value).abs()));
            found.push(HeldOut { name: self.names[series].clone(), unit: self.unit().to_owned(), mean, most });
        }
        Ok(found)
    }
}

pub(super) fn mean_and_most(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (mut sum, mut most, mut count) = (0.0, 0.0_f64, 0_usize);
    for value in values {
        sum += value;
        most = most.max(value);
        count += 1;
    }
    (sum / count.max(1) as f64, most)
}
