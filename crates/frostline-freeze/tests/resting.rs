//! Tissue that began at one temperature and that the cold has not reached: what it costs, and where it ends.

use frostline_freeze::{
    Continue, Cooling, FreezeHistory, FreezeScene, Freezing, Medium, OuterFace, ProbeShape, Reperfusion, SceneBox,
    SceneDirection, SceneGrid, SceneParts, ScenePoint, SceneProbe, Schedule, Shaft, SolverSettings, Start,
    TemperatureTable, TimeTable, TipShape, Tissue, simulate,
};

/// Heat capacity of every tissue here. Unit: J/(m3 K).
const CAPACITY: f64 = 3.6e6;
/// Every scene here is driven by a probe of -70 °C in tissue of 37 °C, and tissue may leave its curve unseen by 0.2 % of that.
const QUIET_K: f64 = 0.002 * 107.0;

fn tissue(perfusion_w_per_m3_k: f64, metabolic_w_per_m3: f64) -> Tissue {
    Tissue {
        name: format!("tissue that makes {metabolic_w_per_m3} W/m3"),
        density_kg_per_m3: 1000.0,
        unfrozen_w_per_m_k: 0.5,
        unfrozen_j_per_kg_k: CAPACITY / 1000.0,
        frozen_w_per_m_k: TemperatureTable::constant(2.0),
        frozen_j_per_kg_k: TemperatureTable::constant(1800.0),
        freezing_starts_c: -1.0,
        freezing: Freezing::Linear { ends_c: -8.0, latent_j_per_kg: 250e3 },
        lipid: None,
        perfusion_w_per_m3_k,
        metabolic_w_per_m3,
    }
}

/// A cube of cells of 1 mm, all at 37 °C, its faces held there, with a probe in its middle.
fn cube(half_mm: f64, schedule: Schedule, duration_s: f64) -> SceneParts {
    let corner = |mm: f64| ScenePoint::new(mm, mm, mm);
    let grid = SceneGrid::uniform(SceneBox { least: corner(-half_mm), most: corner(half_mm) }, 1.0).unwrap();
    let shape = ProbeShape {
        radius_mm: 0.65,
        active_length_mm: 4.0,
        dead_tip_mm: 0.0,
        shaft_length_mm: 0.0,
        tip: TipShape::Flat,
        shaft: Shaft::Insulated,
    };
    let probe = SceneProbe {
        name: "probe".into(),
        tip: ScenePoint::new(0.2, 0.1, -2.0),
        towards_hub: SceneDirection::along_z(),
        shape,
        cooling: Cooling::Surface(TimeTable::constant(-70.0)),
        warming: None,
        schedule,
    };
    SceneParts {
        medium: vec![0; grid.cell_count()],
        grid,
        media: vec![Medium::Tissue(tissue(1800.0, 4200.0))],
        arterial_c: 37.0,
        start: Start::Uniform { celsius: 37.0 },
        outer: [OuterFace::Held { celsius: 37.0 }; 6],
        reperfusion: Reperfusion::Never,
        probes: vec![probe],
        sensors: Vec::new(),
        isotherms_c: vec![0.0],
        duration_s,
    }
}

fn answer(parts: SceneParts, threads: usize) -> FreezeHistory {
    let settings = SolverSettings { step_s: 5.0, threads, record_every_s: 10.0, ..SolverSettings::default() };
    simulate(&FreezeScene::new(parts).unwrap(), &settings, &mut |_| Continue::Yes).unwrap()
}

#[test]
fn tissue_that_the_cold_has_not_reached_costs_nothing() {
    let cost = |half_mm| answer(cube(half_mm, Schedule::one_freeze(30.0), 30.0), 2).counters;
    let (small, large) = (cost(16.0), cost(28.0));
    assert!(large.cells > 5 * small.cells);
    assert_eq!(large.steps, small.steps);
    // Rows of 56 cells are cut into units elsewhere than rows of 32, which adds some cells at their ends.
    assert!(10 * large.cell_updates < 13 * small.cell_updates, "{small:?} {large:?}");
}

#[test]
fn a_cell_that_never_works_ends_where_blood_and_metabolism_take_it() {
    let duration_s = 60.0;
    let history = answer(cube(28.0, Schedule::one_freeze(duration_s), duration_s), 2);
    let corner = history.last_at(ScenePoint::new(20.0, 20.0, 20.0)).unwrap();
    // C dT/dt = q - w (T - 37).
    let expected = 37.0 + 4200.0 / 1800.0 * (1.0 - (-1800.0 * duration_s / CAPACITY).exp());
    // The first step has nothing to look back on, so it is of first order: w/C dt / 2 of what is gained in 0.2 s.
    assert!((corner - expected).abs() < 1e-5, "{corner} {expected}");
    assert_eq!(history.start_at(ScenePoint::new(20.0, 20.0, 20.0)), Some(37.0));
    assert_eq!(history.coldest_at(ScenePoint::new(20.0, 20.0, 20.0)), Some(37.0));
    assert!(history.energy.error() < 1e-6, "{:?}", history.energy);
}

#[test]
fn resting_tissue_that_cools_towards_its_blood_has_its_coldest_at_the_end() {
    let mut parts = cube(28.0, Schedule::one_freeze(20.0), 60.0);
    parts.media = vec![Medium::Tissue(tissue(1800.0, 0.0))];
    (parts.arterial_c, parts.isotherms_c) = (33.0, vec![36.9]);
    let history = answer(parts, 2);
    let place = ScenePoint::new(20.5, 20.5, 20.5);
    let cooled = |t: f64| 33.0 + 4.0 * (-1800.0 * t / CAPACITY).exp();
    assert!((history.coldest_at(place).unwrap() - cooled(60.0)).abs() < 1e-5);
    assert_eq!(history.coldest_time_at(place), Some(60.0));
    // 4 (1 - e^(-t/2000)) is 0.1 K after 50.6 s; within a step the temperature is taken as straight.
    let cell = history.grid.offset(history.grid.cell_at(place).unwrap());
    assert!((history.below[0].seconds[cell] - (60.0 - 50.64)).abs() < 0.05, "{}", history.below[0].seconds[cell]);
}

#[test]
fn two_tissues_that_drift_apart_exchange_heat() {
    // Nothing but a source in one half, s = q / C: a place at x in the other half gains 2 s t i2erfc(x / sqrt(4 D t)), and one as
    // deep in the first half lacks as much of s t (Carslaw and Jaeger, sections 2.4 and 2.9, by superposition).
    let (duration_s, metabolic) = (200.0, 72e3);
    let mut parts = cube(20.0, Schedule::default(), duration_s);
    parts.media = vec![Medium::Tissue(tissue(0.0, metabolic)), Medium::Tissue(tissue(0.0, 0.0))];
    for n in 0..parts.medium.len() {
        parts.medium[n] = u8::from(parts.grid.centre(parts.grid.cell(n)).x > 0.0);
    }
    parts.outer = [OuterFace::Insulated; 6];
    let history = answer(parts, 2);
    let gained = metabolic / CAPACITY * duration_s;
    // Away from the probe.
    let at = |x: f64| history.last_at(ScenePoint::new(x, 10.5, 10.5)).unwrap() - 37.0;
    // s t = 4 K; sqrt(4 D t) = 10.54 mm, so 2.5 mm are 0.2372 of it, where i2erfc is 0.1418.
    let crossed_k = 2.0 * gained * 0.1418;
    // They rest until they are apart by what may stay unseen; each half has then missed no more than that.
    assert!((at(2.5) - crossed_k).abs() < QUIET_K, "{} {crossed_k}", at(2.5));
    assert!((at(-2.5) - (gained - crossed_k)).abs() < QUIET_K, "{} {crossed_k}", at(-2.5));
    // At 19 mm i2erfc is 0.0009.
    assert!((at(-19.0) - gained).abs() < QUIET_K && at(19.0).abs() < QUIET_K, "{} {}", at(-19.0), at(19.0));
    assert!(history.energy.error() < 1e-6, "{:?}", history.energy);
}

#[test]
fn what_rests_has_the_same_bits_on_any_number_of_threads() {
    let one = answer(cube(16.0, Schedule::one_freeze(40.0), 60.0), 1);
    for threads in [2, 3] {
        assert_eq!(answer(cube(16.0, Schedule::one_freeze(40.0), 60.0), threads), one);
    }
}
