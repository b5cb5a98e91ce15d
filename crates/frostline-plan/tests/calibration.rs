//! Cooling laws are found again from runs that the engine itself made, and bench runs that cannot be used are refused.

use frostline_freeze::{
    Continue, Cooling, FreezeScene, Freezing, Medium, OuterFace, Phase, PhaseKind, ProbeShape, Reperfusion, SceneBox,
    SceneGrid, SceneParts, ScenePoint, SceneProbe, SceneVector, Schedule, Sensor, Shaft, SolverSettings, Start,
    TemperatureTable, TimeTable, TipShape, Tissue, simulate,
};
use frostline_plan::calibrate::{
    Accuracy, Bench, BenchError, CalibrationError, CalibrationRecord, Certainty, Conditions, Couple, Fit, FitError,
    FitSettings, IceSize, LawForm, Measured, Origin, Reading, UsedDimensions, fit_cooling,
};
use frostline_plan::catalogue::{CalibrationState, Catalogues, CoolingRow};

const FREEZE_S: f64 = 90.0;
const GAS_C: f64 = -88.5;
/// Standard deviation of the noise that is added. Unit: K.
const NOISE_K: f64 = 0.3;

/// Places (from the axis, from the tip) of four couples. Unit: mm.
const PLACES: [(&str, f64, f64); 4] =
    [("near", 2.0, 3.0), ("middle", 3.2, 3.0), ("far", 4.5, 3.0), ("ahead", 0.0, -1.8)];

/// Water gel at 22 C around a probe of 2 mm, 6 mm of which are cold; small and coarse enough to be solved a hundred times.
fn parts(fine_mm: f64) -> SceneParts {
    let point = |x, y, z| ScenePoint::new(x, y, z);
    let focus = SceneBox { least: point(-3.0, -3.0, -3.0), most: point(3.0, 3.0, 9.0) };
    let outer = SceneBox { least: point(-18.0, -18.0, -15.0), most: point(18.0, 18.0, 21.0) };
    let grid = SceneGrid::graded(focus, fine_mm, 1.25, 4.0, outer).unwrap();
    let gel = Tissue {
        name: "gel".into(),
        density_kg_per_m3: 1000.0,
        unfrozen_w_per_m_k: 0.6,
        unfrozen_j_per_kg_k: 4180.0,
        frozen_w_per_m_k: TemperatureTable::constant(2.2),
        frozen_j_per_kg_k: TemperatureTable::constant(1900.0),
        freezing_starts_c: -0.2,
        freezing: Freezing::Linear { ends_c: -2.0, latent_j_per_kg: 300e3 },
        lipid: None,
        ..tissue_template()
    };
    SceneParts {
        medium: vec![0; grid.cell_count()],
        grid,
        media: vec![Medium::Tissue(gel)],
        arterial_c: 22.0,
        start: Start::Uniform { celsius: 22.0 },
        outer: [OuterFace::Held { celsius: 22.0 }; 6],
        reperfusion: Reperfusion::Never,
        probes: vec![SceneProbe {
            name: "probe".into(),
            tip: ScenePoint::origin(),
            towards_hub: SceneVector::new(0.0, 0.0, 1.0).direction().unwrap(),
            shape: ProbeShape {
                radius_mm: 1.0,
                active_length_mm: 6.0,
                dead_tip_mm: 0.0,
                shaft_length_mm: 12.0,
                tip: TipShape::Round,
                shaft: Shaft::Insulated,
            },
            cooling: Cooling::Surface(TimeTable::constant(-5.0)),
            warming: None,
            schedule: Schedule::one_freeze(FREEZE_S),
        }],
        sensors: Vec::new(),
        isotherms_c: Vec::new(),
        duration_s: FREEZE_S,
    }
}

fn tissue_template() -> Tissue {
    Catalogues::bundled()
        .unwrap()
        .tissues
        .thermal(frostline_plan::anatomy::TissueKind::Muscle)
        .map(|muscle| Tissue { perfusion_w_per_m3_k: 0.0, metabolic_w_per_m3: 0.0, ..muscle })
        .unwrap()
}

fn solver() -> SolverSettings {
    SolverSettings { step_s: 2.0, threads: 2, record_every_s: 1.0, ..SolverSettings::default() }
}

/// Numbers with mean 0 and standard deviation 1: twelve even ones added up, from a fixed seed.
struct Noise(u64);

impl Noise {
    fn even(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn next(&mut self) -> f64 {
        (0..12).map(|_| self.even()).sum::<f64>() - 6.0
    }
}

/// What couples would have read, on cells other than those of the fit, with noise.
fn readings_of(law: &CoolingRow, noise_k: f64) -> Measured {
    let mut parts = parts(0.6);
    parts.probes[0].cooling = law.cooling().unwrap();
    parts.sensors = PLACES
        .iter()
        .map(|(name, r_mm, z_mm)| Sensor { name: (*name).into(), place: ScenePoint::new(*r_mm, 0.0, *z_mm) })
        .collect();
    let history = simulate(&FreezeScene::new(parts).unwrap(), &solver(), &mut |_| Continue::Yes).unwrap();
    let mut noise = Noise(7);
    let couple = |(trace, (name, r_mm, z_mm)): (&frostline_freeze::SensorTrace, &(&str, f64, f64))| {
        let pairs = trace.at_s.iter().zip(&trace.celsius).filter(|(at_s, _)| **at_s > 0.0 && **at_s % 5.0 == 0.0);
        let readings = pairs.map(|(at_s, c)| Reading { at_s: *at_s, celsius: c + noise_k * noise.next() }).collect();
        Couple { name: (*name).into(), r_mm: *r_mm, z_mm: *z_mm, readings }
    };
    Measured::Couples(history.sensors.iter().zip(&PLACES).map(couple).collect())
}

const USUAL: Accuracy = Accuracy { couple_k: NOISE_K, place_mm: 0.1 };

fn settings(form: LawForm) -> FitSettings {
    let ranges = Catalogues::bundled().unwrap().probes.search().value;
    let known = CoolingRow::Surface { table_s_c: vec![(0.0, 0.0), (10.0, -55.0), (30.0, -70.0)] };
    FitSettings { form, ranges, gas_c: GAS_C, known, solver: solver() }
}

fn fitted(measured: Measured, form: LawForm) -> Result<Fit, FitError> {
    let bench = |fine_mm| Bench::new(parts(fine_mm), measured.clone(), USUAL).unwrap();
    fit_cooling(&bench(0.7), &bench(0.5), &settings(form), &mut |_| {})
}

/// That a number lies within what the fit says about it, and that this says something.
fn is_found(fit: &Fit, name: &str, truth: f64, most_width: f64) {
    let p = fit.parameters.iter().find(|p| p.name == name).unwrap();
    let (low, high) = (p.low.unwrap().min(p.high.unwrap()), p.low.unwrap().max(p.high.unwrap()));
    assert!(low <= truth && truth <= high, "{name} is {truth}, found {p:?}");
    assert!(high - low < most_width, "{name} within {low} to {high} says nothing");
    assert_eq!(p.certainty, Certainty::Well, "{p:?}");
}

const TRUE_SURFACE: CoolingRow = CoolingRow::Exponential { start_c: 0.0, coldest_c: -58.0, time_constant_s: 12.0 };

#[test]
fn a_known_surface_law_is_found_within_its_interval_in_spite_of_noise() {
    let fit = fitted(readings_of(&TRUE_SURFACE, NOISE_K), LawForm::Surface).unwrap();
    // A tenth of a millimetre at slopes of 10 K/mm is 1 K at each of four couples: some 2 K of surface, 8 K both ways at most.
    is_found(&fit, "coldest_c", -58.0, 8.0);
    is_found(&fit, "time_constant_s", 12.0, 5.0);
    // What remains is noise (mean absolute 0.24 K) and a front that passes cell by cell (up to a kelvin for a while).
    assert!(fit.series.iter().all(|series| series.mean < 1.0), "{:?}", fit.series);
    assert_eq!(fit.held_out.len(), PLACES.len());
    let (before, after) = (fit.catalogue_off.unwrap().0, fit.series.iter().map(|s| s.mean).fold(0.0, f64::max));
    assert!(after < before, "the fit is no better ({after} K) than the law it began with ({before} K)");
}

#[test]
fn a_known_film_is_found_and_no_limit_of_power_is_made_up() {
    let truth = CoolingRow::Film { gas_c: GAS_C, film_w_per_m2_k: 2500.0, most_power_w: None };
    let fit = fitted(readings_of(&truth, NOISE_K), LawForm::Film).unwrap();
    is_found(&fit, "film_w_per_m2_k", 2500.0, 1000.0);
    let power = fit.parameters.iter().find(|p| p.name == "most_power_w").unwrap();
    assert_eq!((power.value, power.certainty), (None, Certainty::Held), "{power:?}");
    assert!(power.note.starts_with("held"), "{power:?}");
}

#[test]
fn readings_that_never_feel_the_probe_give_no_law() {
    let far = |at_s| Reading { at_s, celsius: 22.0 };
    let readings = (1..=6).map(|n| far(2.0 * f64::from(n))).collect();
    let couple = Couple { name: "far".into(), r_mm: 17.0, z_mm: 3.0, readings };
    let fit = fitted(Measured::Couples(vec![couple]), LawForm::Surface);
    match fit {
        Err(FitError::NothingDependsOnIt) => {}
        // A trace of the cold arrives after all; then nothing may be claimed.
        Ok(fit) => assert_ne!(fit.parameters[0].certainty, Certainty::Well, "{:?}", fit.parameters),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn one_size_of_ice_gives_one_number_and_says_why_the_other_was_held() {
    let size = IceSize {
        at_s: 90.0,
        celsius: 0.0,
        width_mm: Some(9.0),
        length_mm: None,
        width_spread_mm: 0.5,
        length_spread_mm: 0.5,
    };
    let fit = fitted(Measured::Sizes(vec![size]), LawForm::Surface).unwrap();
    assert!(fit.series[0].most < 0.1, "one number meets one size: {:?}", fit.series);
    assert_eq!(fit.parameters[1].certainty, Certainty::Held);
    assert!(fit.parameters[1].note.contains("do not determine two numbers"), "{}", fit.parameters[1].note);
    assert!(fit.held_out.is_empty(), "nothing is left when the only row is taken out");
}

#[test]
fn the_same_run_gives_the_same_bits_with_any_number_of_threads() {
    let measured = readings_of(&TRUE_SURFACE, NOISE_K);
    let fit = |threads| {
        let bench = |fine_mm| Bench::new(parts(fine_mm), measured.clone(), USUAL).unwrap();
        let mut settings = settings(LawForm::Surface);
        settings.solver.threads = threads;
        fit_cooling(&bench(0.9), &bench(0.7), &settings, &mut |_| {}).unwrap()
    };
    assert_eq!(fit(1), fit(2));
}

fn couple(readings: &[(f64, f64)]) -> Couple {
    let readings = readings.iter().map(|&(at_s, celsius)| Reading { at_s, celsius }).collect();
    Couple { name: "t1".into(), r_mm: 2.5, z_mm: 3.0, readings }
}

const FIVE: [(f64, f64); 5] = [(10.0, 20.0), (20.0, 10.0), (30.0, 0.0), (40.0, -5.0), (50.0, -8.0)];

fn refusal(couple: Couple) -> BenchError {
    Bench::new(parts(0.9), Measured::Couples(vec![couple]), USUAL).unwrap_err()
}

#[test]
fn five_readings_of_one_couple_are_enough_to_begin() {
    assert!(Bench::new(parts(0.9), Measured::Couples(vec![couple(&FIVE)]), USUAL).is_ok());
}

#[test]
fn a_couple_inside_the_probe_is_refused_and_one_on_its_wall_is_not() {
    let inside = Couple { r_mm: 0.99, ..couple(&FIVE) };
    assert!(matches!(refusal(inside), BenchError::InsideTheProbe { radius_mm: 1.0, .. }));
    let on_the_wall = Couple { r_mm: 1.0, ..couple(&FIVE) };
    assert!(Bench::new(parts(0.9), Measured::Couples(vec![on_the_wall]), USUAL).is_ok());
    let ahead_on_the_axis = Couple { r_mm: 0.0, z_mm: -0.5, ..couple(&FIVE) };
    assert!(Bench::new(parts(0.9), Measured::Couples(vec![ahead_on_the_axis]), USUAL).is_ok());
}

#[test]
fn a_couple_outside_the_bath_is_refused() {
    let outside = Couple { r_mm: 40.0, ..couple(&FIVE) };
    assert!(matches!(refusal(outside), BenchError::OutsideTheBath { .. }));
}

#[test]
fn times_out_of_order_are_refused_with_the_row() {
    let mut rows = FIVE;
    rows[3].0 = 30.0;
    assert_eq!(refusal(couple(&rows)), BenchError::TimesOutOfOrder { row: 4, at_s: 30.0, before_s: 30.0 });
}

#[test]
fn a_reading_that_is_not_a_number_or_impossible_is_refused() {
    for celsius in [f64::NAN, f64::INFINITY, -300.0, 451.0] {
        let mut rows = FIVE;
        rows[2].1 = celsius;
        assert!(matches!(refusal(couple(&rows)), BenchError::BadNumber { .. }), "{celsius}");
    }
}

#[test]
fn too_few_readings_are_refused_and_those_after_the_last_freeze_do_not_count() {
    assert_eq!(refusal(couple(&FIVE[..4])), BenchError::TooFew { found: 4, needed: 5 });
    let mut rows = FIVE;
    rows[4].0 = FREEZE_S + 1.0;
    assert_eq!(refusal(couple(&rows)), BenchError::TooFew { found: 4, needed: 5 });
}

#[test]
fn a_run_without_a_freeze_is_refused() {
    let mut parts = parts(0.9);
    parts.probes[0].schedule = Schedule { phases: vec![Phase { kind: PhaseKind::PassiveThaw, duration_s: 60.0 }] };
    let refused = Bench::new(parts, Measured::Couples(vec![couple(&FIVE)]), USUAL);
    assert_eq!(refused, Err(BenchError::NoFreeze));
}

#[test]
fn a_size_without_any_extent_is_refused() {
    let size = IceSize {
        at_s: 60.0,
        celsius: 0.0,
        width_mm: None,
        length_mm: None,
        width_spread_mm: 1.0,
        length_spread_mm: 1.0,
    };
    let refused = Bench::new(parts(0.9), Measured::Sizes(vec![size]), USUAL);
    assert_eq!(refused, Err(BenchError::NoExtent { row: 1 }));
}

/// A record as a fit leaves it, without the cost of one.
fn record(probe: &str, serial: &str) -> CalibrationRecord {
    let fit = Fit {
        law: CoolingRow::Exponential { start_c: 0.0, coldest_c: -61.123_456_7, time_constant_s: 9.0 },
        parameters: Vec::new(),
        series: Vec::new(),
        held_out: Vec::new(),
        catalogue_off: None,
        surface_c: -61.0,
        surface_k: 2.5,
        cells_matter: (0.1, 0.3),
        misfit: 1.2,
        simulations: 80,
    };
    CalibrationRecord::of_fit(
        fit,
        Origin {
            probe: probe.into(),
            serial: serial.into(),
            date: "2026-03-14".into(),
            fine_mm: 0.5,
            input_fingerprint: "00".into(),
            catalogue_fingerprint: "11".into(),
            unused_values: 0,
            conditions: Conditions {
                gas_pressure_bar: 45.0,
                medium: "gel".into(),
                bath_c: 22.0,
                protocol: "freeze 120 s".into(),
                note: String::new(),
            },
            dimensions: UsedDimensions { diameter_mm: 1.3, active_length_mm: 5.0, dead_tip_mm: 0.0 },
        },
    )
}

#[test]
fn a_record_reads_back_as_it_was_written() {
    let written = record("n2o-1.3", "A-1");
    let text = written.to_toml();
    assert_eq!(CalibrationRecord::from_toml(&text).unwrap(), written);
    assert_eq!(CalibrationRecord::from_toml(&text).unwrap().to_toml(), text);
    assert_eq!(written.file_name(), "n2o-1.3-A-1-2026-03-14.toml");
}

#[test]
fn a_record_of_another_format_solver_or_with_changed_numbers_is_refused() {
    let refused = |from: &str, to: &str| {
        let text = record("n2o-1.3", "A-1").to_toml();
        assert!(text.contains(from), "{text}");
        CalibrationRecord::from_toml(&text.replace(from, to)).unwrap_err()
    };
    let format = refused("frostline-calibration/1", "frostline-calibration/2");
    assert_eq!(format, CalibrationError::Format { found: "frostline-calibration/2".into() });
    let solver = refused(&format!("solver_version = \"{}\"", env!("CARGO_PKG_VERSION")), "solver_version = \"77.0\"");
    assert_eq!(solver, CalibrationError::Solver { found: "77.0".into() });
    let warm = refused("coldest_c = -61.1235", "coldest_c = 61.1235");
    assert!(matches!(warm, CalibrationError::WrongNumber { .. }));
    let nan = refused("surface_k = 2.5", "surface_k = nan");
    assert!(matches!(nan, CalibrationError::WrongNumber { .. }));
    let extra = refused("serial =", "colour = \"blue\"\nserial =");
    assert!(matches!(extra, CalibrationError::Unreadable { .. }));
}

#[test]
fn a_calibration_goes_before_the_catalogue_with_its_law_dimensions_and_band() {
    let bundled = Catalogues::bundled().unwrap();
    let calibrated = bundled.with_calibration(&record("n2o-1.3", "A-1")).unwrap();
    let probe = calibrated.probes.find("n2o-1.3").unwrap();
    assert_eq!(probe.cooling.value.coldest_c(), Some(-61.1235));
    assert_eq!(probe.calibration.state, CalibrationState::Calibrated);
    assert!(probe.calibration.against.starts_with("calibrated on 2026-03-14, serial A-1"), "{:?}", probe.calibration);
    assert_eq!(probe.uncertainty.value.surface_k, 2.5);
    assert_eq!(probe.shape().unwrap().active_length_mm, 5.0);
    assert!(calibrated.sources.find(&probe.cooling.source).is_some(), "the source is listed");
    // Others, and the catalogue itself, stay as they are.
    assert_eq!(calibrated.probes.find("n2o-2.0"), bundled.probes.find("n2o-2.0"));
    assert_ne!(bundled.probes.find("n2o-1.3"), Some(probe));
    assert_eq!(calibrated.calibrations.len(), 1, "it is part of the fingerprint");
}

#[test]
fn a_calibration_of_an_unknown_probe_and_a_second_one_of_the_same_are_refused() {
    let bundled = Catalogues::bundled().unwrap();
    let unknown = bundled.with_calibration(&record("n2o-9.9", "A-1"));
    assert!(matches!(unknown, Err(CalibrationError::UnknownProbe { .. })));
    let once = bundled.with_calibration(&record("n2o-1.3", "A-1")).unwrap();
    let twice = once.with_calibration(&record("n2o-1.3", "B-2")).unwrap_err();
    let expected = CalibrationError::Twice { probe: "n2o-1.3".into(), first: "A-1".into(), second: "B-2".into() };
    assert_eq!(twice, expected);
}

#[test]
fn the_exponential_law_is_followed_within_two_parts_in_a_thousand() {
    let Some(Cooling::Surface(table)) = TRUE_SURFACE.cooling() else { panic!("a surface law is a table") };
    for n in 0..1200 {
        let at_s = 0.1 * f64::from(n);
        let truth_c = -58.0 + 58.0 * (-at_s / 12.0).exp();
        // 0.2 % of the fall of 58 K, as the steps of the table promise.
        assert!((table.at(at_s) - truth_c).abs() < 0.12, "{at_s} s");
    }
}
