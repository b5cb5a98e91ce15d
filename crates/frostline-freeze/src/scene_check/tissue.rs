//! What a tissue must be: positive properties, and melting that happens over some range.

use super::{Named, SceneError};
use crate::tissue::{Freezing, LipidMelting, Tissue};

/// The narrowest range of freezing or melting: below it the heat capacity in the range stops a step from seeing it. Unit: K.
const NARROWEST_RANGE_K: f64 = 0.02;

pub(super) fn check_tissue(tissue: &Tissue) -> Result<(), SceneError> {
    let named = |what, found| Named { what, whose: &tissue.name, found };
    named("the density (kg/m3)", tissue.density_kg_per_m3).positive()?;
    named("the unfrozen conductivity (W/(m K))", tissue.unfrozen_w_per_m_k).positive()?;
    named("the unfrozen specific heat (J/(kg K))", tissue.unfrozen_j_per_kg_k).positive()?;
    for &(_, found) in tissue.frozen_w_per_m_k.pairs() {
        named("a frozen conductivity (W/(m K))", found).positive()?;
    }
    for &(_, found) in tissue.frozen_j_per_kg_k.pairs() {
        named("a frozen specific heat (J/(kg K))", found).positive()?;
    }
    check_freezing(tissue)?;
    if let Some(lipid) = &tissue.lipid {
        check_lipid(tissue, lipid)?;
    }
    named("the perfusion (W/(m3 K))", tissue.perfusion_w_per_m3_k).not_negative()?;
    named("the metabolism (W/m3)", tissue.metabolic_w_per_m3).not_negative()
}

fn check_freezing(tissue: &Tissue) -> Result<(), SceneError> {
    let named = |what, found| Named { what, whose: &tissue.name, found };
    let starts_c = tissue.freezing_starts_c;
    named("where freezing starts (°C)", starts_c).celsius()?;
    match tissue.freezing {
        Freezing::Linear { ends_c, latent_j_per_kg } => {
            named("where freezing ends (°C)", ends_c).celsius()?;
            let range_k = starts_c - ends_c;
            let expected = "freezing must end at least 0.02 K below where it starts";
            named("the freezing range (K)", range_k).must(range_k >= NARROWEST_RANGE_K, expected)?;
            named("the latent heat (J/kg)", latent_j_per_kg).not_negative()
        }
        Freezing::WaterActivity { freezable_j_per_kg, tables_from_c } => {
            let expected =
                "the ice share 1 - start/T needs a start at or below -0.02 °C; take the linear range for pure water";
            named("where freezing starts (°C)", starts_c).must(starts_c <= -NARROWEST_RANGE_K, expected)?;
            named("where the frozen tables begin (°C)", tables_from_c).celsius()?;
            let range_k = starts_c - tables_from_c;
            let expected = "the frozen tables must begin at least 0.02 K below where freezing starts";
            named("the range above the frozen tables (K)", range_k).must(range_k >= NARROWEST_RANGE_K, expected)?;
            named("the latent heat of all freezable water (J/kg)", freezable_j_per_kg).not_negative()
        }
    }
}

fn check_lipid(tissue: &Tissue, lipid: &LipidMelting) -> Result<(), SceneError> {
    let named = |what, found| Named { what, whose: &tissue.name, found };
    named("where all lipid is liquid (°C)", lipid.liquid_above_c).celsius()?;
    named("where all lipid is solid (°C)", lipid.solid_below_c).celsius()?;
    let range_k = lipid.liquid_above_c - lipid.solid_below_c;
    let expected = "lipid must be solid at least 0.02 K below where it is liquid";
    named("the melting range of the lipid (K)", range_k).must(range_k >= NARROWEST_RANGE_K, expected)?;
    named("the latent heat of the lipid (J/kg)", lipid.latent_j_per_kg).not_negative()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TemperatureTable;

    const LINEAR: Freezing = Freezing::Linear { ends_c: -8.0, latent_j_per_kg: 250e3 };
    const LIPID: LipidMelting = LipidMelting { liquid_above_c: 10.0, solid_below_c: -10.0, latent_j_per_kg: 40e3 };

    fn tissue(freezing: Freezing) -> Tissue {
        Tissue {
            name: "muscle".into(),
            density_kg_per_m3: 1000.0,
            unfrozen_w_per_m_k: 0.5,
            unfrozen_j_per_kg_k: 3600.0,
            frozen_w_per_m_k: TemperatureTable::constant(2.0),
            frozen_j_per_kg_k: TemperatureTable::constant(1800.0),
            freezing_starts_c: -1.0,
            freezing,
            lipid: None,
            perfusion_w_per_m3_k: 0.0,
            metabolic_w_per_m3: 0.0,
        }
    }

    fn refused(tissue: &Tissue) -> String {
        check_tissue(tissue).expect_err("refused").to_string()
    }

    #[test]
    fn a_conductivity_of_zero_is_refused_with_the_tissue() {
        let error = refused(&Tissue { unfrozen_w_per_m_k: 0.0, ..tissue(LINEAR) });
        assert!(error.contains("of muscle is 0; it must be above 0"), "{error}");
    }

    #[test]
    fn freezing_that_ends_above_its_start_is_refused() {
        let error = refused(&tissue(Freezing::Linear { ends_c: -0.5, latent_j_per_kg: 250e3 }));
        assert!(error.starts_with("the freezing range (K) of muscle is -0.5"), "{error}");
    }

    #[test]
    fn water_activity_without_freezing_point_depression_is_refused() {
        let water = Freezing::WaterActivity { freezable_j_per_kg: 334e3, tables_from_c: -10.0 };
        assert!(check_tissue(&tissue(water)).is_ok());
        let error = refused(&Tissue { freezing_starts_c: 0.0, ..tissue(water) });
        assert!(error.contains("take the linear range for pure water"), "{error}");
        let at_the_edge = Tissue { freezing_starts_c: -0.02, ..tissue(water) };
        assert!(check_tissue(&at_the_edge).is_ok());
    }

    #[test]
    fn frozen_tables_that_begin_above_freezing_are_refused() {
        let error = refused(&tissue(Freezing::WaterActivity { freezable_j_per_kg: 334e3, tables_from_c: -0.9 }));
        assert!(error.contains("must begin at least 0.02 K below"), "{error}");
    }

    #[test]
    fn lipid_that_is_solid_above_where_it_is_liquid_is_refused() {
        let with = |lipid| Tissue { lipid: Some(lipid), ..tissue(LINEAR) };
        assert!(check_tissue(&with(LIPID)).is_ok());
        let error = refused(&with(LipidMelting { solid_below_c: 10.0, ..LIPID }));
        assert!(error.contains("the melting range of the lipid (K) of muscle is 0"), "{error}");
        let error = refused(&with(LipidMelting { latent_j_per_kg: -1.0, ..LIPID }));
        assert!(error.contains("must be 0 or above"), "{error}");
        assert!(check_tissue(&with(LipidMelting { latent_j_per_kg: f64::NAN, ..LIPID })).is_err());
    }
}
