//! Every probe of the catalogue is calibrated, or says how wide the doubt is.

use super::{CalibrationState, CatalogueError, CatalogueTexts, Catalogues};

fn with_probes(from: &str, to: &str) -> Result<Catalogues, CatalogueError> {
    let mut texts = CatalogueTexts::bundled();
    assert!(texts.probes.contains(from), "the file no longer says {from}");
    texts.probes = texts.probes.replacen(from, to, 1);
    Catalogues::from_toml(&texts)
}

fn refused(from: &str, to: &str) -> String {
    with_probes(from, to).unwrap_err().to_string()
}

#[test]
fn every_probe_has_a_residual_or_a_band_and_never_neither() {
    for probe in Catalogues::bundled().unwrap().probes.all() {
        let is_calibrated = probe.calibration.state == CalibrationState::Calibrated;
        assert_eq!(is_calibrated, probe.calibration.residual.is_some(), "{}", probe.id);
        assert!(probe.uncertainty.value.surface_k > 0.0, "{}", probe.id);
    }
}

#[test]
fn a_calibrated_probe_without_what_remains_is_refused() {
    let said = refused(", residual = { mean_mm = 1.56, most_mm = 2.77 } }", " }");
    assert!(said.contains("icesphere-1.5") && said.contains("without residual"), "{said}");
}

#[test]
fn an_uncalibrated_probe_without_a_band_is_refused() {
    let said = refused("surface_k = 15.0", "surface_k = 0.0");
    assert!(said.contains("n2o-1.3") && said.contains("0.1 to 100"), "{said}");
    let said = refused("uncertainty = { surface_k = 15.0,", "uncertainty = {");
    assert!(said.contains("n2o-1.3") && said.contains("surface_k"), "{said}");
}

#[test]
fn an_uncalibrated_probe_that_shows_a_residual_is_refused() {
    let said = refused("state = \"calibrated\"", "state = \"uncalibrated\"");
    assert!(said.contains("\"uncalibrated\" with a residual"), "{said}");
}

#[test]
fn the_band_of_ice_is_that_of_the_sensitivities() {
    let probes = Catalogues::bundled().unwrap().probes;
    let probe = probes.find("n2o-1.3").unwrap();
    // At -70 C: 15 K x 0.72 % per K = 10.8 %, with 10.5 % of conductivity: sqrt(10.8^2 + 10.5^2) = 15.063 %.
    assert!((probes.band(probe, 0.0).percent - 15.063).abs() < 1e-3);
    // At -40 C: 15 x 1.97 = 29.55 and 4.7: 29.921 %; half way between the rows, at -30 C: 15 x 1.66 = 24.9, 6.15: 25.648 %.
    assert!((probes.band(probe, -40.0).percent - 29.921).abs() < 1e-3);
    assert!((probes.band(probe, -30.0).percent - 25.648).abs() < 1e-3);
    // Colder than the last row it is held.
    assert_eq!(probes.band(probe, -60.0), probes.band(probe, -40.0));
}

#[test]
fn the_same_doubt_in_kelvin_matters_less_around_a_colder_probe() {
    let probes = Catalogues::bundled().unwrap().probes;
    let (mut warm, mut cold) = (probes.find("n2o-1.3").unwrap().clone(), probes.find("iceseed-1.5").unwrap().clone());
    (warm.uncertainty.value.surface_k, cold.uncertainty.value.surface_k) = (10.0, 10.0);
    assert!(probes.band(&cold, 0.0).percent < probes.band(&warm, 0.0).percent);
}

#[test]
fn a_size_has_its_band_on_both_sides_and_never_below_nothing() {
    let half = super::IceBand { percent: 50.0 };
    assert_eq!(half.around_mm(10.0), (5.0, 15.0));
    assert_eq!(super::IceBand { percent: 100.0 }.around_mm(3.0), (0.0, 6.0));
}
