//! What a fit gives: the law, its numbers with their errors, and what remains.

use serde::{Deserialize, Serialize};

use crate::catalogue::CoolingRow;

/// How well the data determine a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    /// Standard error under a tenth of the value.
    Well,
    /// Standard error under half of the value.
    Poorly,
    /// Standard error of half the value or more; the number is a guess.
    NotDetermined,
    /// Not fitted: these data say nothing about it, so it stayed where the search began.
    Held,
}

/// A number of the law.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FittedParameter {
    /// Its key in the law.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// The value; absent when there is no limit of power.
    pub value: Option<f64>,
    /// One standard error, in the unit; absent when it was held.
    pub standard_error: Option<f64>,
    /// Value two standard errors down.
    pub low: Option<f64>,
    /// Value two standard errors up.
    pub high: Option<f64>,
    /// How well it is determined.
    pub certainty: Certainty,
    /// Why it was held, and how it hangs together with the other number.
    pub note: String,
}

/// How far the law remains from one thermocouple or one row of sizes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesResidual {
    /// Which one.
    pub name: String,
    /// K or mm.
    pub unit: String,
    /// How many values.
    pub values: usize,
    /// Mean of the absolute residuals.
    pub mean: f64,
    /// Largest absolute residual.
    pub most: f64,
    /// How much farther from the probe the couple seems to lie than it is said to; absent for sizes. Unit: mm.
    pub seems_farther_mm: Option<f64>,
}

/// How far a law fitted without one series is from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldOut {
    /// What was left out and then predicted.
    pub name: String,
    /// K or mm.
    pub unit: String,
    /// Mean of the absolute errors.
    pub mean: f64,
    /// Largest absolute error.
    pub most: f64,
}

/// A fitted law and what is known about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// The law.
    pub law: CoolingRow,
    /// Its numbers.
    pub parameters: Vec<FittedParameter>,
    /// What remains, per series.
    pub series: Vec<SeriesResidual>,
    /// What a law fitted to the others is off, per series; empty when there are too few.
    pub held_out: Vec<HeldOut>,
    /// Mean and largest residual of the catalogue's own law, where it has one.
    pub catalogue_off: Option<(f64, f64)>,
    /// Surface temperature at the end of the last freeze. Unit: °C.
    pub surface_c: f64,
    /// Half width (two standard errors) of the band of that temperature. Unit: K.
    pub surface_k: f64,
    /// Mean squared residual over what the accuracies allow; above 1 the law or the accuracies do not do.
    pub misfit: f64,
    /// Mean and largest change of a predicted value on finer cells, in its unit.
    pub cells_matter: (f64, f64),
    /// Simulations this took.
    pub simulations: usize,
}
