//! The GPU back end, held to the CPU and to itself. Where there is no GPU, not even a software driver, every test asserts
//! that this is said clearly; nothing is skipped in silence.
#![cfg(feature = "gpu")]

use frostline_freeze::conformance::{Extent, Problem, as_text, conformance_on};
use frostline_freeze::{
    Backend, Continue, Cooling, FreezeHistory, FreezeScene, Freezing, Gpu, Held, LipidMelting, Medium, OuterFace,
    PhaseKind, ProbeShape, Reperfusion, SceneBox, SceneGrid, SceneParts, ScenePoint, SceneProbe, SceneVector, Schedule,
    Sensor, Shaft, SimulateError, SolverSettings, Start, TemperatureTable, TimeTable, TipShape, Tissue, gpu_available,
    simulate, simulate_keeping, simulate_many,
};

const SETTINGS: SolverSettings =
    SolverSettings { step_s: 2.0, threads: 2, record_every_s: 10.0, backend: Backend::Cpu };

/// The GPU, or `None` after it was asserted that its absence is said clearly.
fn gpu() -> Option<Gpu> {
    match Gpu::open("") {
        Ok(gpu) => {
            println!("GPU: {}", gpu.name());
            Some(gpu)
        }
        Err(error) => {
            println!("no GPU: {error}");
            assert_says_what_to_do(&error);
            None
        }
    }
}

fn assert_says_what_to_do(error: &SimulateError) {
    assert!(matches!(error, SimulateError::NoGpu { .. }), "{error:?}");
    let text = error.to_string();
    for words in ["no GPU can be used", "expected", "install", "the CPU needs neither"] {
        assert!(text.contains(words), "{words:?} is missing in: {text}");
    }
}

fn muscle() -> Tissue {
    Tissue {
        name: "muscle".into(),
        density_kg_per_m3: 1090.0,
        unfrozen_w_per_m_k: 0.5,
        unfrozen_j_per_kg_k: 3400.0,
        frozen_w_per_m_k: TemperatureTable::from_pairs(&[(-8.0, 1.5), (-40.0, 2.0), (-150.0, 3.0)]).unwrap(),
        frozen_j_per_kg_k: TemperatureTable::from_pairs(&[(-8.0, 2000.0), (-150.0, 1200.0)]).unwrap(),
        freezing_starts_c: -1.0,
        freezing: Freezing::Linear { ends_c: -8.0, latent_j_per_kg: 250e3 },
        lipid: None,
        perfusion_w_per_m3_k: 2500.0,
        metabolic_w_per_m3: 1000.0,
    }
}

fn fat() -> Tissue {
    Tissue {
        name: "fat".into(),
        density_kg_per_m3: 911.0,
        unfrozen_w_per_m_k: 0.21,
        unfrozen_j_per_kg_k: 2350.0,
        frozen_w_per_m_k: TemperatureTable::constant(0.3),
        frozen_j_per_kg_k: TemperatureTable::constant(1600.0),
        freezing_starts_c: -0.7,
        freezing: Freezing::WaterActivity { freezable_j_per_kg: 60e3, tables_from_c: -10.0 },
        lipid: Some(LipidMelting { liquid_above_c: 10.0, solid_below_c: -10.0, latent_j_per_kg: 40e3 }),
        perfusion_w_per_m3_k: 1300.0,
        metabolic_w_per_m3: 460.0,
    }
}

fn cube(half_mm: f64) -> SceneBox {
    SceneBox { least: ScenePoint::new(-half_mm, -half_mm, -half_mm), most: ScenePoint::new(half_mm, half_mm, half_mm) }
}

fn needle(cooling: Cooling, schedule: Schedule) -> SceneProbe {
    SceneProbe {
        name: "needle".into(),
        tip: ScenePoint::new(0.13, 0.21, -4.1),
        towards_hub: SceneVector::new(0.3, 0.1, 1.0).direction().unwrap(),
        shape: ProbeShape {
            radius_mm: 0.65,
            active_length_mm: 7.0,
            dead_tip_mm: 0.0,
            shaft_length_mm: 5.0,
            tip: TipShape::Cone,
            shaft: Shaft::HeldAtLeast { celsius: 5.0 },
        },
        cooling,
        warming: Some(TimeTable::constant(30.0)),
        schedule,
    }
}

fn two_freezes() -> Schedule {
    Schedule::of(&[
        (PhaseKind::Freeze, 50.0),
        (PhaseKind::PassiveThaw, 30.0),
        (PhaseKind::Freeze, 40.0),
        (PhaseKind::ActiveThaw, 10.0),
    ])
}

/// One tissue, one needle whose surface follows a table, faces held at 37 °C. It starts in balance: from a uniform start the CPU
/// lets tissue rest that is off its curve by less than 0.3 K here, and the GPU does not.
fn plain(duration_s: f64) -> SceneParts {
    let grid = SceneGrid::graded(cube(7.0), 0.9, 1.3, 3.0, cube(20.0)).unwrap();
    let table = TimeTable::from_pairs(&[(0.0, 37.0), (20.0, -120.0)]).unwrap();
    let mut probe = needle(Cooling::Surface(table), two_freezes());
    (probe.shape.tip, probe.shape.shaft) = (TipShape::Flat, Shaft::Insulated);
    SceneParts {
        medium: vec![0; grid.cell_count()],
        grid,
        media: vec![Medium::Tissue(muscle())],
        arterial_c: 37.0,
        start: Start::Steady,
        outer: [OuterFace::Held { celsius: 37.0 }; 6],
        reperfusion: Reperfusion::Never,
        probes: vec![probe],
        sensors: vec![Sensor { name: "beside".into(), place: ScenePoint::new(3.2, 0.1, 0.5) }],
        isotherms_c: vec![0.0, -20.0],
        duration_s,
    }
}

/// Skin under air, fat whose water freezes by its activity and whose lipid hardens, muscle, a vessel, a needle behind a gas film with a warm shaft, steady start, two freezes.
fn mixed(duration_s: f64) -> SceneParts {
    let mut parts = plain(duration_s);
    parts.media = vec![
        Medium::Tissue(muscle()),
        Medium::Tissue(fat()),
        Medium::Held(Held { name: "air".into(), celsius: 23.0, film_w_per_m2_k: 10.0 }),
        Medium::Held(Held { name: "blood".into(), celsius: 37.0, film_w_per_m2_k: 700.0 }),
    ];
    for n in 0..parts.medium.len() {
        let at = parts.grid.centre(parts.grid.cell(n));
        let in_vessel = (at.x - 5.5).hypot(at.z + 2.0) < 1.6;
        parts.medium[n] = match (at.y, in_vessel) {
            (y, _) if y > 9.0 => 2,
            (_, true) => 3,
            (y, _) if y > 1.5 => 1,
            _ => 0,
        };
    }
    parts.start = Start::Steady;
    parts.outer = [OuterFace::Insulated; 6];
    parts.outer[2] = OuterFace::Held { celsius: 37.0 };
    let gas_c = TimeTable::from_pairs(&[(0.0, 20.0), (10.0, -150.0)]).unwrap();
    parts.probes = vec![needle(Cooling::Film { gas_c, film_w_per_m2_k: 20_000.0, most_power_w: 9.0 }, two_freezes())];
    parts
}

fn cpu(parts: &SceneParts) -> FreezeHistory {
    simulate(&FreezeScene::new(parts.clone()).unwrap(), &SETTINGS, &mut |_| Continue::Yes).unwrap()
}

fn on(gpu: &Gpu, parts: &SceneParts) -> FreezeHistory {
    let scene = FreezeScene::new(parts.clone()).unwrap();
    gpu.simulate_batch(&[&scene], &SETTINGS, &[], &mut |_, _| Continue::Yes).remove(0).unwrap()
}

/// What the CPU and a GPU may differ by. A GPU takes every cell through all stages, the CPU takes warm ones through fewer (two
/// passes), which moves single cells: by up to 0.031 K in the fields kept here, by 0.035 K at their coldest in the worst scene of
/// `stepper`. What single precision and another order of sums leave (4e-4 K found while both made one pass) is small beside
/// it. Surfaces are held more closely.
const NEAR_K: f32 = 0.05;
const NEAR_MM: f64 = 0.005;
/// A cell comes below a temperature earlier or later by the same over its rate, which is above 0.04 K/s but for single
/// cells at the edge. Unit: s.
const NEAR_S: f32 = 0.5;

fn farthest(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    // What is not a number counts as far.
    a.iter().zip(b).map(|(a, b)| if a == b { 0.0 } else { (a - b).abs() }).fold(0.0, |m, d| if d <= m { m } else { d })
}

fn assert_near(found: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((found - expected).abs() <= tolerance, "{what}: {found}, on the CPU {expected}");
}

/// Everything that a history says, on both.
fn assert_alike(gpu: &FreezeHistory, cpu: &FreezeHistory) {
    assert_eq!((gpu.counters.cells, gpu.counters.steps), (cpu.counters.cells, cpu.counters.steps));
    // Every cell in every stage.
    assert_eq!(gpu.counters.cell_updates, gpu.counters.cells * gpu.counters.stages);
    assert_eq!(gpu.start_c, cpu.start_c);
    let fields = [farthest(&gpu.last_c, &cpu.last_c), farthest(&gpu.coldest_c, &cpu.coldest_c)];
    let most = |pairs: &mut dyn Iterator<Item = (f64, f64)>| pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    let edges = || gpu.edges.iter().zip(&cpu.edges);
    let lengths_mm = most(&mut edges().flat_map(|(a, b)| [(a.width_mm, b.width_mm), (a.length_mm, b.length_mm)]));
    println!("last and coldest differ by {fields:?} K, surfaces by {lengths_mm:.1e} mm");
    assert!(fields.iter().all(|&k| k <= NEAR_K), "{fields:?}");
    for (a, b) in gpu.below.iter().zip(&cpu.below) {
        let apart = farthest(&a.seconds, &b.seconds);
        println!("times below {} °C differ by {apart:.1e} s", a.celsius);
        assert!(apart <= NEAR_S, "time below {} °C differs by {apart} s", a.celsius);
    }
    assert_eq!(gpu.edges.len(), cpu.edges.len());
    for (a, b) in gpu.edges.iter().zip(&cpu.edges) {
        assert_near(a.width_mm, b.width_mm, 2.0 * NEAR_MM, "width");
        assert_near(a.length_mm, b.length_mm, 2.0 * NEAR_MM, "length");
    }
    for (a, b) in gpu.sensors.iter().zip(&cpu.sensors) {
        assert_eq!(a.at_s, b.at_s);
        a.celsius.iter().zip(&b.celsius).for_each(|(&a, &b)| assert_near(a, b, f64::from(NEAR_K), "sensor"));
    }
    for (a, b) in gpu.probe_traces.iter().zip(&cpu.probe_traces) {
        assert_eq!(a.surface_c.len(), b.surface_c.len());
        for (&a, &b) in a.surface_c.iter().zip(&b.surface_c) {
            assert_eq!(a.is_some(), b.is_some());
            assert_near(a.unwrap_or(0.0), b.unwrap_or(0.0), f64::from(NEAR_K), "surface of a probe");
        }
        // A power of 10 W is the sum of a hundred links, each good to 1e-5 of its own.
        a.power_w.iter().zip(&b.power_w).for_each(|(&a, &b)| assert_near(a, b, 1e-3, "power of a probe"));
    }
    assert_energy_alike(gpu, cpu);
}

/// Sums of joules in single precision keep six digits of what was moved, and the balance closes like that of the CPU.
fn assert_energy_alike(gpu: &FreezeHistory, cpu: &FreezeHistory) {
    let moved_j = cpu.energy.probes_j.abs() + cpu.energy.boundaries_j.abs() + cpu.energy.perfusion_j.abs();
    for (a, b) in [
        (gpu.energy.stored_j, cpu.energy.stored_j),
        (gpu.energy.probes_j, cpu.energy.probes_j),
        (gpu.energy.boundaries_j, cpu.energy.boundaries_j),
        (gpu.energy.perfusion_j, cpu.energy.perfusion_j),
        (gpu.energy.metabolism_j, cpu.energy.metabolism_j),
    ] {
        println!("{:.1e} of what moved", (a - b).abs() / moved_j);
        assert_near(a, b, 1e-5 * moved_j, "joules");
    }
    println!("energy errors {:.1e}, on the CPU {:.1e}", gpu.energy.error(), cpu.energy.error());
    assert!(gpu.energy.error() < 1e-5, "{:?}", gpu.energy);
}

#[test]
fn one_tissue_and_one_needle_freeze_as_on_the_cpu() {
    let Some(gpu) = gpu() else { return };
    let parts = plain(140.0);
    assert_alike(&on(&gpu, &parts), &cpu(&parts));
}

#[test]
fn a_uniform_start_freezes_as_on_the_cpu_but_for_what_rests_there() {
    let Some(gpu) = gpu() else { return };
    let parts = SceneParts { start: Start::Uniform { celsius: 37.0 }, ..plain(140.0) };
    let (found, expected) = (on(&gpu, &parts), cpu(&parts));
    // 0.2 % of the 157 K that drive the scene.
    let resting_k = 0.002 * 157.0;
    let apart = [farthest(&found.last_c, &expected.last_c), farthest(&found.coldest_c, &expected.coldest_c)];
    println!("last and coldest differ by {apart:?} K");
    assert!(apart.iter().all(|&k| k <= resting_k + NEAR_K), "{apart:?}");
    // Ice feels nothing of it.
    let edges = found.edges.iter().zip(&expected.edges);
    edges.for_each(|(a, b)| assert_near(a.width_mm, b.width_mm, 2.0 * NEAR_MM, "width"));
    assert!(found.energy.error() < 1e-5 && expected.energy.error() < 1e-6);
}

#[test]
fn skin_fat_vessel_and_a_gas_film_freeze_as_on_the_cpu() {
    let Some(gpu) = gpu() else { return };
    let parts = mixed(140.0);
    let history = on(&gpu, &parts);
    assert_alike(&history, &cpu(&parts));
    // The scene is worth something only if fat, muscle and film took part.
    assert!(history.probe_traces[0].surface_c[1].is_some_and(|c| c > -149.0 && c < -100.0));
    assert!(history.energy.boundaries_j > 50.0, "{:?}", history.energy);
}

/// The mixed scene with another needle, another protocol and, for every third, another grid and reperfusion.
fn variant(n: usize) -> SceneParts {
    let mut parts = if n % 3 == 2 { plain(47.0) } else { mixed(60.0) };
    let shift = 0.11 * n as f64;
    parts.probes[0].tip = ScenePoint::new(0.13 + shift, 0.21 - 0.5 * shift, -4.1 + shift);
    parts.probes[0].schedule = Schedule::of(&[
        (PhaseKind::Freeze, 20.0 + 3.0 * n as f64),
        (PhaseKind::PassiveThaw, 8.0),
        (PhaseKind::Freeze, 15.0),
    ]);
    if n % 3 == 2 {
        // Nothing acts on single cells at first, so that the probe finds no room for its links when it opens.
        parts.outer = [OuterFace::Insulated; 6];
        parts.probes[0].schedule = Schedule::of(&[(PhaseKind::PassiveThaw, 4.0), (PhaseKind::Freeze, 30.0)]);
    }
    if n % 2 == 1 {
        parts.reperfusion = Reperfusion::OnThaw;
        let mut second = parts.probes[0].clone();
        second.name = "second".into();
        second.tip = ScenePoint::new(-4.0, 0.3, -3.0);
        second.schedule = Schedule::of(&[(PhaseKind::PassiveThaw, 12.0), (PhaseKind::Freeze, 20.0)]);
        parts.probes.push(second);
    }
    parts
}

#[test]
fn a_batch_answers_every_scene_as_if_it_were_alone_to_the_last_bit() {
    let Some(gpu) = gpu() else { return };
    let scenes: Vec<FreezeScene> = (0..5).map(|n| FreezeScene::new(variant(n)).unwrap()).collect();
    let all: Vec<&FreezeScene> = scenes.iter().collect();
    let keep_at_s = [10.0, 33.3];
    let together = gpu.simulate_batch(&all, &SETTINGS, &keep_at_s, &mut |_, _| Continue::Yes);
    for (scene, answer) in scenes.iter().zip(&together) {
        let alone = gpu.simulate_batch(&[scene], &SETTINGS, &keep_at_s, &mut |_, _| Continue::Yes).remove(0);
        let (alone, answer) = (alone.unwrap(), answer.as_ref().unwrap());
        assert_eq!(alone.snapshots.len(), 2);
        // Histories hold everything: fields, surfaces over time, sensors, energy. Debug tells apart what == does.
        assert!(alone.coldest_c.iter().any(|&c| c < -20.0), "no ice");
        assert_eq!(format!("{alone:?}"), format!("{answer:?}"));
    }
}

#[test]
fn two_needles_of_which_one_opens_late_freeze_as_on_the_cpu() {
    let Some(gpu) = gpu() else { return };
    let parts = variant(1);
    assert_alike(&on(&gpu, &parts), &cpu(&parts));
}

#[test]
fn whole_fields_are_kept_when_asked_for() {
    let Some(gpu) = gpu() else { return };
    let scene = FreezeScene::new(plain(30.0)).unwrap();
    let keep_at_s = [7.0, 30.0];
    let found = gpu.simulate_batch(&[&scene], &SETTINGS, &keep_at_s, &mut |_, _| Continue::Yes).remove(0).unwrap();
    let expected = simulate_keeping(&scene, &SETTINGS, &keep_at_s, &mut |_| Continue::Yes).unwrap();
    assert_eq!(found.snapshots.len(), 2);
    for (a, b) in found.snapshots.iter().zip(&expected.snapshots) {
        assert_eq!(a.at_s, b.at_s);
        let apart = farthest(&a.celsius, &b.celsius);
        println!("the field at {} s differs by {apart:.1e} K", a.at_s);
        assert!(apart <= NEAR_K, "{apart} K at {} s", a.at_s);
    }
}

#[test]
fn the_settings_choose_the_gpu_and_give_its_very_answer() {
    let Some(gpu) = gpu() else { return };
    let parts = plain(20.0);
    let scene = FreezeScene::new(parts.clone()).unwrap();
    let settings = SolverSettings { backend: Backend::Gpu, ..SETTINGS };
    let chosen = simulate(&scene, &settings, &mut |_| Continue::Yes).unwrap();
    let many = simulate_many(&[scene.clone(), scene], &settings, &|_| Continue::Yes);
    let direct = on(&gpu, &parts);
    assert_eq!(chosen, direct);
    for answer in many {
        assert_eq!(answer.unwrap(), direct);
    }
}

#[test]
fn a_scene_without_an_answer_leaves_the_others_alone() {
    let Some(gpu) = gpu() else { return };
    let mut parts = plain(10.0);
    parts.media = vec![Medium::Tissue(Tissue { perfusion_w_per_m3_k: 0.0, ..muscle() })];
    parts.outer = [OuterFace::Insulated; 6];
    parts.start = Start::Steady;
    let scenes = [FreezeScene::new(parts).unwrap(), FreezeScene::new(plain(10.0)).unwrap()];
    let answers = gpu.simulate_batch(&[&scenes[0], &scenes[1]], &SETTINGS, &[], &mut |_, _| Continue::Yes);
    assert_eq!(answers[0], Err(SimulateError::NothingHoldsTheStart));
    assert!(answers[1].is_ok());
}

#[test]
fn a_scene_larger_than_the_device_takes_is_refused_before_any_work_or_solved() {
    let Some(gpu) = gpu() else { return };
    let mut parts = plain(0.1);
    // 9.3 million cells: 149 MB in the longest list, more than the 128 MiB that every driver takes and some at most.
    parts.grid = SceneGrid::uniform(cube(21.0), 0.2).unwrap();
    parts.medium = vec![0; parts.grid.cell_count()];
    parts.probes.clear();
    parts.isotherms_c.clear();
    let scene = FreezeScene::new(parts).unwrap();
    match gpu.simulate_batch(&[&scene], &SETTINGS, &[], &mut |_, _| Continue::Yes).remove(0) {
        Ok(history) => assert_eq!(history.last_c.len(), 210 * 210 * 210),
        Err(error) => {
            let text = error.to_string();
            assert!(text.contains("9261000 cells need a list of") && text.contains("larger cells"), "{text}");
        }
    }
}

#[test]
fn a_caller_who_says_stop_is_heard() {
    let Some(gpu) = gpu() else { return };
    let scene = FreezeScene::new(plain(60.0)).unwrap();
    let mut calls = 0;
    let answer = gpu.simulate_batch(&[&scene], &SETTINGS, &[], &mut |n, report| {
        assert_eq!((n, report.duration_s), (0, 60.0));
        calls += 1;
        if calls == 3 { Continue::Stop } else { Continue::Yes }
    });
    assert!(matches!(answer[0], Err(SimulateError::Stopped { .. })), "{:?}", answer[0]);
    assert_eq!(calls, 3);
}

#[test]
fn a_gpu_that_is_not_there_is_named_with_those_that_are() {
    let error = Gpu::open("no card of this name").unwrap_err();
    assert_says_what_to_do(&error);
    if let Ok(name) = gpu_available() {
        println!("GPU: {name}");
        let text = error.to_string();
        assert!(text.contains("\"no card of this name\"") && text.contains("found: "), "{text}");
    }
}

/// The steady ice and the sensitivities are thousands of steps on a few cells, minutes on a software driver; the example
/// `conformance` solves these as well.
const LONG: [Problem; 2] = [Problem::FrozenCore, Problem::Sensitivity];

/// Problems without any probe, and the others: two tests, so that two cores work on them.
fn problems(with_probe: bool) -> Vec<Problem> {
    let without = [
        Problem::FreezingHalfSpace,
        Problem::FreezingRange,
        Problem::Perfused,
        Problem::DecayingProduct,
        Problem::FreezingCurves,
    ];
    let wanted = |problem: &Problem| !LONG.contains(problem) && without.contains(problem) != with_probe;
    Problem::ALL.into_iter().filter(wanted).collect()
}

#[test]
fn the_conformance_suite_without_probes_holds_on_the_gpu_with_the_numbers_of_the_cpu() {
    assert_suite_holds(&problems(false));
}

#[test]
fn the_conformance_suite_with_probes_holds_on_the_gpu_with_the_numbers_of_the_cpu() {
    assert_suite_holds(&problems(true));
}

fn assert_suite_holds(problems: &[Problem]) {
    if gpu().is_none() {
        return;
    }
    let found = conformance_on(Backend::Gpu, problems, Extent::Brief);
    let expected = conformance_on(Backend::Cpu, problems, Extent::Brief);
    println!("{}", as_text(&found));
    assert_eq!(found.len(), expected.len());
    for (gpu, cpu) in found.iter().zip(&expected) {
        assert!(gpu.passes(), "{gpu:?}");
        // Where a name ends in a mean, its digits differ.
        assert_eq!(gpu.quantity.split(" about ").next(), cpu.quantity.split(" about ").next());
        match gpu.unit {
            "mm" => assert_near(gpu.found, cpu.found, NEAR_MM, &gpu.quantity),
            "K" => assert_near(gpu.found, cpu.found, f64::from(NEAR_K), &gpu.quantity),
            // Volumes, heat, percentages and orders have tolerances of their own.
            _ => {}
        }
    }
}
