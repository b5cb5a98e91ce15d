//! How far predicted ice may be off, and where the numbers of a cooling law may lie; from `data/probes.toml`.
//!
//! Knows: how much the radius of an isotherm moves with the surface temperature of the probe and with the conductivity of
//! frozen tissue. Does not know: faults of the model beside these two.

use serde::Deserialize;

use super::rows::{CatalogueError, RowCheck};
use super::sources::Sourced;

/// Where the numbers of a cooling law may lie, and how well a bench is known when its file does not say.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchRanges {
    /// Surface temperature at gas on, as in the tables of the catalogue.
    pub surface_at_gas_on_c: f64,
    /// The warmest a fitted surface may end.
    pub warmest_surface_c: f64,
    /// Shortest time constant.
    pub time_constant_least_s: f64,
    /// Longest time constant.
    pub time_constant_most_s: f64,
    /// Poorest film.
    pub film_least_w_per_m2_k: f64,
    /// Best film.
    pub film_most_w_per_m2_k: f64,
    /// Least limit of power.
    pub power_least_w: f64,
    /// Greatest limit of power.
    pub power_most_w: f64,
    /// Standard deviation of a thermocouple.
    pub couple_k: f64,
    /// Standard deviation of its distance from the axis.
    pub place_mm: f64,
    /// Standard deviation of a measured size of ice.
    pub size_mm: f64,
}

impl SearchRanges {
    pub(super) fn check(&self, check: &RowCheck) -> Result<(), CatalogueError> {
        check.between("surface_at_gas_on_c", self.surface_at_gas_on_c, -50.0, 45.0)?;
        check.between("warmest_surface_c", self.warmest_surface_c, -100.0, self.surface_at_gas_on_c)?;
        check.between("time_constant_least_s", self.time_constant_least_s, 0.01, 100.0)?;
        check.between("time_constant_most_s", self.time_constant_most_s, self.time_constant_least_s, 7200.0)?;
        check.between("film_least_w_per_m2_k", self.film_least_w_per_m2_k, 1.0, 1e6)?;
        check.between("film_most_w_per_m2_k", self.film_most_w_per_m2_k, self.film_least_w_per_m2_k, 1e7)?;
        check.between("power_least_w", self.power_least_w, 0.001, 1000.0)?;
        check.between("power_most_w", self.power_most_w, self.power_least_w, 10_000.0)?;
        check.between("couple_k", self.couple_k, 0.01, 20.0)?;
        check.between("place_mm", self.place_mm, 0.01, 5.0)?;
        check.between("size_mm", self.size_mm, 0.01, 20.0)
    }
}

/// How much the radius of one isotherm moves.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sensitivity {
    /// The isotherm.
    pub celsius: f64,
    /// Change of radius per kelvin of surface temperature, at a surface of `at_surface_c`.
    pub percent_per_k: f64,
    /// The surface temperature for which that was computed; elsewhere it goes with 1 over the surface temperature.
    pub at_surface_c: f64,
    /// Change of radius for what is not known about the conductivity of frozen tissue.
    pub frozen_conductivity_percent: f64,
}

pub(super) fn check_sensitivities(rows: &[Sourced<Sensitivity>], check: &RowCheck) -> Result<(), CatalogueError> {
    if rows.is_empty() {
        return check.wrong("sensitivity", "no row".to_owned(), "at least one [[sensitivity]]".to_owned());
    }
    check.growing("celsius (warmest first)", rows.iter().map(|row| -row.value.celsius))?;
    for row in rows.iter().map(|row| row.value) {
        check.between("percent_per_k", row.percent_per_k, 0.01, 20.0)?;
        check.between("at_surface_c", row.at_surface_c, -200.0, -10.0)?;
        check.between("frozen_conductivity_percent", row.frozen_conductivity_percent, 0.0, 100.0)?;
    }
    Ok(())
}

/// How much smaller or larger real ice may be than predicted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IceBand {
    /// Of the radius, both ways; 100 means that the isotherm may not form at all. Unit: %.
    pub percent: f64,
}

impl IceBand {
    /// The least and the most that a predicted size may be.
    pub fn around_mm(&self, predicted_mm: f64) -> (f64, f64) {
        let part = self.percent / 100.0;
        (predicted_mm * (1.0 - part).max(0.0), predicted_mm * (1.0 + part))
    }
}

/// The two doubts are independent, so their squares add. Between two isotherms of the table the numbers are linear in
/// temperature, beyond its ends they are held.
pub(super) fn band_of(
    rows: &[Sourced<Sensitivity>],
    celsius: f64,
    coldest_surface_c: Option<f64>,
    surface_k: f64,
) -> IceBand {
    let of = |pick: fn(&Sensitivity) -> f64| {
        let after = rows.partition_point(|row| row.value.celsius > celsius);
        match (after.checked_sub(1), rows.get(after)) {
            (Some(before), Some(next)) => {
                let (a, b) = (&rows[before].value, &next.value);
                pick(a) + (pick(b) - pick(a)) * (celsius - a.celsius) / (b.celsius - a.celsius)
            }
            (None, Some(next)) => pick(&next.value),
            (Some(before), None) => pick(&rows[before].value),
            // `check_sensitivities` has refused an empty list.
            (None, None) => 0.0,
        }
    };
    let at_surface_c = of(|row| row.at_surface_c);
    // A surface warmer than the isotherm makes none of it, so the share is bounded by the isotherm's own temperature.
    let surface_c = coldest_surface_c.unwrap_or(at_surface_c).min(celsius).min(-1.0);
    let surface = of(|row| row.percent_per_k) * surface_k * at_surface_c / surface_c;
    let percent = surface.hypot(of(|row| row.frozen_conductivity_percent));
    IceBand { percent: percent.min(100.0) }
}
