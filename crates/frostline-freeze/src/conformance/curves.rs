//! V11: what the freezing curves promise, seen from outside through heat and temperature.

use super::slabs::{edges, row};
use super::{Check, Suite};
use crate::{
    Continue, FreezeHistory, FreezeScene, Freezing, LipidMelting, OuterFace, SceneParts, Start, TemperatureTable,
    Tissue, simulate,
};

/// Where it freezes, round so that five times it is -5 °C.
const STARTS_C: f64 = -1.0;
/// All its freezable water. Unit: J/kg.
const FREEZABLE_J_PER_KG: f64 = 219.4e3;
const DENSITY_KG_PER_M3: f64 = 1090.4;
/// Unfrozen and frozen, both constant so that sums are closed. Unit: J/(kg K), W/(m K).
const CAPACITY: (f64, f64) = (3421.2, 2195.0);
const CONDUCTIVITY: (f64, f64) = (0.495, 1.46);
/// Where the frozen values hold.
const TABLES_FROM_C: f64 = -10.0;
const LIPID: LipidMelting = LipidMelting { liquid_above_c: 10.0, solid_below_c: -10.0, latent_j_per_kg: 40e3 };

/// Muscle, without blood.
fn tissue(freezable_j_per_kg: f64, lipid: Option<LipidMelting>) -> Tissue {
    Tissue {
        name: "muscle".into(),
        density_kg_per_m3: DENSITY_KG_PER_M3,
        unfrozen_w_per_m_k: CONDUCTIVITY.0,
        unfrozen_j_per_kg_k: CAPACITY.0,
        frozen_w_per_m_k: TemperatureTable::constant(CONDUCTIVITY.1),
        frozen_j_per_kg_k: TemperatureTable::constant(CAPACITY.1),
        freezing_starts_c: STARTS_C,
        freezing: Freezing::WaterActivity { freezable_j_per_kg, tables_from_c: TABLES_FROM_C },
        lipid,
        perfusion_w_per_m3_k: 0.0,
        metabolic_w_per_m3: 0.0,
    }
}

/// The ice share summed over temperature from the start down. Unit: K.
fn summed_share_k(celsius: f64) -> f64 {
    (STARTS_C - celsius) + STARTS_C * (celsius / STARTS_C).ln()
}

/// A quantity that runs from `values.0` to `values.1` with the ice down to [`TABLES_FROM_C`], summed from the start down.
fn summed(values: (f64, f64), celsius: f64) -> f64 {
    let held_from_c = celsius.max(TABLES_FROM_C);
    let run = (values.1 - values.0) / (1.0 - STARTS_C / TABLES_FROM_C);
    values.0 * (STARTS_C - held_from_c) + run * summed_share_k(held_from_c) + values.1 * (held_from_c - celsius)
}

/// Where the rows start. Unit: °C.
const WARM_C: f64 = 37.0;

/// Heat that must leave per volume from [`WARM_C`] down to a temperature. Unit: J/m3.
fn to_leave(celsius: f64, freezable_j_per_kg: f64, lipid: Option<LipidMelting>) -> f64 {
    let sensible = CAPACITY.0 * (WARM_C - STARTS_C) + summed(CAPACITY, celsius);
    let latent = freezable_j_per_kg * (1.0 - STARTS_C / celsius);
    let hardened = lipid.map_or(0.0, |l| {
        l.latent_j_per_kg * ((l.liquid_above_c - celsius) / (l.liquid_above_c - l.solid_below_c)).clamp(0.0, 1.0)
    });
    DENSITY_KG_PER_M3 * (sensible + latent + hardened)
}

fn answer(suite: Suite, parts: SceneParts) -> FreezeHistory {
    let settings = suite.settings(10.0, 1, 5.0);
    let scene = FreezeScene::new(parts).expect("a scene of the suite is valid");
    simulate(&scene, &settings, &mut |_| Continue::Yes).expect("a scene of the suite has an answer")
}

/// Four cells of 0.5 mm, insulated but for one face that is held cold until all of them are as cold: at -2 °C, where the ice
/// still grows fastest, the slowest time constant `C L^2 (2/pi)^2 / k` is 0.1 MJ/(m3 K) x 4 x 0.4 / 0.9 = 170 s, and 3000 s
/// are 17 of these.
///
/// Counted by what the tissue lost: close to the end heat through the wall falls below what single precision still adds to
/// a state. What was counted at the wall lay up to 0.04 MJ/m3 off, either way, with how the steps fell.
fn heat_that_left(suite: Suite, celsius: f64, tissue: Tissue) -> f64 {
    let mut parts = row(edges(0.0, 2.0, 4), tissue, 3000.0);
    parts.start = Start::Uniform { celsius: WARM_C };
    parts.outer[0] = OuterFace::Held { celsius };
    // 2 mm3, since the cells are 1 mm wide and high.
    -answer(suite, parts).energy.stored_j / 2e-9
}

/// All of V11.
pub(super) fn freezing_curves(suite: Suite) -> Vec<Check> {
    let temperatures: &[f64] = if suite.is_full() { &[-2.0, -5.0, -10.0, -20.0, -40.0] } else { &[-5.0, -10.0] };
    let mut checks = Vec::new();
    for lipid in [None, Some(LIPID)] {
        for &celsius in temperatures {
            checks.push(enthalpy(suite, celsius, lipid));
        }
    }
    checks.push(four_fifths(suite));
    checks.push(conductivity(suite));
    checks
}

/// The chords of the curve are within 0.01 K of it, and enthalpies of f32 within 1e-5 of the whole.
fn enthalpy(suite: Suite, celsius: f64, lipid: Option<LipidMelting>) -> Check {
    let expected = to_leave(celsius, FREEZABLE_J_PER_KG, lipid) * 1e-6;
    let found = heat_that_left(suite, celsius, tissue(FREEZABLE_J_PER_KG, lipid)) * 1e-6;
    let per_k = DENSITY_KG_PER_M3 * 1e-6 * (CAPACITY.0 + FREEZABLE_J_PER_KG * -STARTS_C / (celsius * celsius));
    let name = if lipid.is_some() { "water activity and lipid" } else { "water activity" };
    Check::of("V11", format!("{name}: heat from 37 to {celsius} °C"), "MJ/m3").near(
        expected,
        found,
        0.01 * per_k + 2e-5 * expected,
        "closed form of sensible and latent heat; chords within 0.01 K",
    )
}

/// What the latent heat alone adds, at five times the starting temperature.
fn four_fifths(suite: Suite) -> Check {
    let celsius = 5.0 * STARTS_C;
    let [with, without] = [FREEZABLE_J_PER_KG, 0.0].map(|latent| heat_that_left(suite, celsius, tissue(latent, None)));
    let found = (with - without) / (DENSITY_KG_PER_M3 * FREEZABLE_J_PER_KG);
    // 0.01 K of chord where the share changes by start/T^2 = 0.04 per K.
    Check::of("V11", "share of the latent heat given off at 5 T_f", "-").near(0.8, found, 5e-4, "1 - T_f/T")
}

/// Steady heat through 20 mm, frozen on one side, gives away the integral of k over temperature.
fn conductivity(suite: Suite) -> Check {
    // Without latent heat it settles in `C L^2 / (pi^2 k)` = 300 s at most, so 6000 s are 20 of these.
    let mut parts = row(edges(0.0, 20.0, 40), tissue(0.0, None), 6000.0);
    (parts.outer[0], parts.outer[1]) = (OuterFace::Held { celsius: -8.0 }, OuterFace::Held { celsius: 20.0 });
    let history = answer(suite, parts);
    let theta = |celsius: f64| {
        if celsius > STARTS_C { CONDUCTIVITY.0 * (celsius - STARTS_C) } else { -summed(CONDUCTIVITY, celsius) }
    };
    // The potential runs straight: 0.25 mm of 20 from the warm face.
    let there = theta(20.0) + (theta(-8.0) - theta(20.0)) * 0.25 / 20.0;
    let expected = STARTS_C + there / CONDUCTIVITY.0;
    let found = f64::from(history.last_c[39]);
    // 0.01 K x k = 0.013 W/m at -8 °C, of which 1/80 reaches here.
    Check::of("V11", "conductivity that follows the ice: T at 19.75 mm", "°C").near(
        expected,
        found,
        2e-3,
        "integral of k",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_freezing_curves_hold() {
        for check in freezing_curves(Suite::FULL) {
            assert!(check.passes(), "{check:?}");
        }
    }
}
