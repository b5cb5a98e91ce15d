//! The two cooling laws, as a few numbers that can be searched.

use crate::catalogue::{CoolingRow, SearchRanges};

/// Which law is fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LawForm {
    /// The surface falls towards its coldest temperature with one time constant.
    Surface,
    /// Gas at its boiling point behind a film, perhaps with a limit of power.
    Film,
}

/// How a number is searched: evenly, or in even ratios.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    Even,
    Ratios,
}

/// A number of the law that is not known.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Unknown {
    pub name: &'static str,
    pub unit: &'static str,
    pub scale: Scale,
    pub least: f64,
    pub most: f64,
    pub start: f64,
}

impl Unknown {
    /// The searched coordinate of a value.
    pub fn coordinate(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Even => value,
            Scale::Ratios => value.ln(),
        }
    }

    /// The value of a searched coordinate.
    pub fn value(&self, coordinate: f64) -> f64 {
        match self.scale {
            Scale::Even => coordinate,
            Scale::Ratios => coordinate.exp(),
        }
    }

    /// The step over which a derivative is taken. Wide, because a front that passes from cell to cell makes single values
    /// jump by up to a kelvin; what bends over such a step is left to the trials that follow.
    pub fn probe_step(&self) -> f64 {
        match self.scale {
            Scale::Even => 4.0,
            Scale::Ratios => 0.15,
        }
    }

    /// The share of the value that an error of the coordinate is.
    pub fn share(&self, value: f64, coordinate_error: f64) -> f64 {
        match self.scale {
            Scale::Even => coordinate_error / value.abs(),
            Scale::Ratios => coordinate_error,
        }
    }
}

impl LawForm {
    /// The number that must be found, and the one that is found when the data allow it.
    pub(super) fn unknowns(self, ranges: &SearchRanges, gas_c: f64, known: &CoolingRow) -> [Unknown; 2] {
        match self {
            LawForm::Surface => {
                let (coldest_c, time_constant_s) = started_from(known, ranges, gas_c);
                let most = ranges.warmest_surface_c;
                [
                    Unknown {
                        name: "coldest_c",
                        unit: "°C",
                        scale: Scale::Even,
                        least: gas_c,
                        most,
                        start: coldest_c.clamp(gas_c, most),
                    },
                    Unknown {
                        name: "time_constant_s",
                        unit: "s",
                        scale: Scale::Ratios,
                        least: ranges.time_constant_least_s,
                        most: ranges.time_constant_most_s,
                        start: time_constant_s.clamp(ranges.time_constant_least_s, ranges.time_constant_most_s),
                    },
                ]
            }
            LawForm::Film => [
                Unknown {
                    name: "film_w_per_m2_k",
                    unit: "W/(m² K)",
                    scale: Scale::Ratios,
                    least: ranges.film_least_w_per_m2_k,
                    most: ranges.film_most_w_per_m2_k,
                    start: (ranges.film_least_w_per_m2_k * ranges.film_most_w_per_m2_k).sqrt(),
                },
                Unknown {
                    name: "most_power_w",
                    unit: "W",
                    scale: Scale::Ratios,
                    least: ranges.power_least_w,
                    most: ranges.power_most_w,
                    // Without a limit until the data ask for one.
                    start: f64::INFINITY,
                },
            ],
        }
    }

    /// The law with these two numbers.
    pub(super) fn law(self, values: [f64; 2], ranges: &SearchRanges, gas_c: f64) -> CoolingRow {
        match self {
            LawForm::Surface => CoolingRow::Exponential {
                start_c: ranges.surface_at_gas_on_c,
                coldest_c: values[0],
                time_constant_s: values[1],
            },
            LawForm::Film => CoolingRow::Film {
                gas_c,
                film_w_per_m2_k: values[0],
                most_power_w: Some(values[1]).filter(|power_w| power_w.is_finite()),
            },
        }
    }
}

/// Where the search begins: what the catalogue holds, put into the form of the law.
fn started_from(known: &CoolingRow, ranges: &SearchRanges, gas_c: f64) -> (f64, f64) {
    let middle = (0.5 * gas_c, (ranges.time_constant_least_s * ranges.time_constant_most_s).sqrt());
    match known {
        CoolingRow::Exponential { coldest_c, time_constant_s, .. } => (*coldest_c, *time_constant_s),
        CoolingRow::Surface { table_s_c } => {
            let Some(first_c) = table_s_c.first().map(|row| row.1) else { return middle };
            let coldest_c = table_s_c.iter().map(|row| row.1).fold(f64::INFINITY, f64::min);
            // After one time constant 63 % of the fall is done.
            let there_c = first_c + (1.0 - (-1.0_f64).exp()) * (coldest_c - first_c);
            let passed = table_s_c.windows(2).find(|pair| pair[1].1 <= there_c);
            let Some(pair) = passed else { return (coldest_c, middle.1) };
            let part = (there_c - pair[0].1) / (pair[1].1 - pair[0].1);
            (coldest_c, (pair[0].0 + part * (pair[1].0 - pair[0].0)).max(ranges.time_constant_least_s))
        }
        CoolingRow::Film { .. } | CoolingRow::NotKnown {} => middle,
    }
}
