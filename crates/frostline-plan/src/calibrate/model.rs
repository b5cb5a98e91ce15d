//! From a cooling law to what the bench would have read.

use frostline_freeze::{Continue, Cooling, FreezeHistory, FreezeScene, SimulateError, SolverSettings, simulate};

use super::bench::{Bench, IceSize, Measured, Outward, TURNS};

/// One measured value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Observation {
    /// Couple, or row of sizes.
    pub series: usize,
    pub at_s: f64,
    pub measured: f64,
    pub deviation: f64,
}

/// What a law predicts.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Prediction {
    /// One per observation.
    pub values: Vec<f64>,
    /// Change per mm farther from the probe, one per observation; 0 for sizes. Unit: K/mm.
    pub slopes: Vec<f64>,
    /// Surface temperature at the end of the last freeze. Unit: °C.
    pub surface_c: f64,
    /// Most heat taken after the first seconds. Unit: W.
    pub steady_power_w: f64,
}

/// Everything measured, series by series and in order of time.
pub(super) fn observations(bench: &Bench) -> Vec<Observation> {
    match bench.measured() {
        Measured::Couples(couples) => couples
            .iter()
            .enumerate()
            .flat_map(|(series, couple)| couple.readings.iter().map(move |reading| (series, reading)))
            .map(|(series, reading)| Observation {
                series,
                at_s: reading.at_s,
                measured: reading.celsius,
                deviation: bench.accuracy().couple_k,
            })
            .collect(),
        Measured::Sizes(sizes) => sizes.iter().enumerate().flat_map(|(series, size)| of_size(series, size)).collect(),
    }
}

fn of_size(series: usize, size: &IceSize) -> Vec<Observation> {
    let one = |measured, deviation| Observation { series, at_s: size.at_s, measured, deviation };
    let width = size.width_mm.map(|mm| one(mm, size.width_spread_mm));
    width.into_iter().chain(size.length_mm.map(|mm| one(mm, size.length_spread_mm))).collect()
}

/// Simulates the bench with a probe that cools like this.
pub(super) fn predict(
    bench: &Bench,
    cooling: Cooling,
    solver: &SolverSettings,
    observations: &[Observation],
) -> Result<Prediction, SimulateError> {
    let mut parts = bench.parts().clone();
    parts.probes[0].cooling = cooling;
    // `Bench::new` had the same parts checked; another cooling law within its ranges is as good.
    let Ok(scene) = FreezeScene::new(parts) else { return Err(SimulateError::BrokeDown { at_s: 0.0 }) };
    let history = simulate(&scene, solver, &mut |_| Continue::Yes)?;
    let (values, slopes) = match bench.measured() {
        Measured::Couples(_) => at_couples(bench, &history, observations),
        Measured::Sizes(sizes) => (of_ice(sizes, &history), vec![0.0; observations.len()]),
    };
    let trace = &history.probe_traces[0];
    let surface_c = trace.surface_c.iter().rev().find_map(|c| *c).unwrap_or(f64::NAN);
    let steady_power_w = trace.power_w.iter().zip(&trace.at_s).filter(|(_, at_s)| **at_s >= FIRST_RUSH_S);
    let steady_power_w = steady_power_w.map(|(w, _)| w.abs()).fold(0.0, f64::max);
    Ok(Prediction { values, slopes, surface_c, steady_power_w })
}

/// The rush of heat when the gas is turned on is over. Unit: s.
const FIRST_RUSH_S: f64 = 10.0;

fn at_couples(bench: &Bench, history: &FreezeHistory, observations: &[Observation]) -> (Vec<f64>, Vec<f64>) {
    let Measured::Couples(couples) = bench.measured() else { return (Vec::new(), Vec::new()) };
    let shape = &bench.parts().probes[0].shape;
    let at = |place: usize, at_s: f64| {
        let around = &history.sensors[TURNS * place..TURNS * (place + 1)];
        around.iter().map(|trace| linear(&trace.at_s, &trace.celsius, at_s)).sum::<f64>() / TURNS as f64
    };
    observations
        .iter()
        .map(|seen| {
            let apart_mm = Outward::of(&couples[seen.series], shape).apart_mm(bench.accuracy().place_mm);
            let first = 3 * seen.series;
            let rise_k = at(first + 2, seen.at_s) - at(first + 1, seen.at_s);
            (at(first, seen.at_s), rise_k / apart_mm)
        })
        .unzip()
}

fn of_ice(sizes: &[IceSize], history: &FreezeHistory) -> Vec<f64> {
    let mut values = Vec::new();
    for size in sizes {
        let records = history.edges.iter().filter(|edge| edge.celsius == size.celsius);
        let (at_s, (widths, lengths)): (Vec<f64>, (Vec<f64>, Vec<f64>)) =
            records.map(|edge| (edge.at_s, (edge.width_mm, edge.length_mm))).unzip();
        values.extend(size.width_mm.map(|_| linear(&at_s, &widths, size.at_s)));
        values.extend(size.length_mm.map(|_| linear(&at_s, &lengths, size.at_s)));
    }
    values
}

/// Linear between records, held outside them.
fn linear(at: &[f64], values: &[f64], x: f64) -> f64 {
    let after = at.partition_point(|a| *a < x);
    match (after.checked_sub(1), values.get(after)) {
        (None, Some(first)) => *first,
        (Some(before), None) => values[before],
        (Some(before), Some(next)) => {
            values[before] + (next - values[before]) * (x - at[before]) / (at[after] - at[before])
        }
        (None, None) => f64::NAN,
    }
}
