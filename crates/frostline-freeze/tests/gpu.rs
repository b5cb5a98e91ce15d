//! The GPU back end, held to the CPU and to itself. Where there is no GPU, not even a software driver, every test asserts
//! that this is said clearly; nothing is skipped in silence.
#![cfg(feature = "gpu")]

use frostline_freeze::{
    Backend, Continue, Cooling, FreezeHistory, FreezeScene, Gpu, Held, Medium, OuterFace, PhaseKind, ProbeShape,
    Reperfusion, SceneBox, SceneDirection, SceneGrid, SceneParts, ScenePoint, SceneProbe, SceneVector, Schedule,
    Sensor, Shaft, SimulateError, SolverSettings, Start, TemperatureTable, TimeTable, TipShape, Tissue, simulate,
    simulate_keeping,
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
        freezing_ends_c: -8.0,
        latent_j_per_kg: 250e3,
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
        latent_j_per_kg: 60e3,
        perfusion_w_per_m3_k: 1300.0,
        metabolic_w_per_m3: 460.0,
        ..muscle()
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

/// One tissue, one needle whose surface follows a table, faces held at 37 °C.
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
        start: Start::Uniform { celsius: 37.0 },
        outer: [OuterFace::Held { celsius: 37.0 }; 6],
        reperfusion: Reperfusion::Never,
        probes: vec![probe],
        sensors: vec![Sensor { name: "beside".into(), place: ScenePoint::new(3.2, 0.1, 0.5) }],
        isotherms_c: vec![0.0, -20.0],
        duration_s,
    }
}

/// Skin under air, fat, muscle, a vessel, a needle behind a gas film with a warm shaft, steady start, two freezes.
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

fn farthest(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

fn compare(cpu: &FreezeHistory, gpu: &FreezeHistory) {
    println!(
        "last {:.2e} K, coldest {:.2e} K, start {:.2e}, at {:.2e} s",
        farthest(&cpu.last_c, &gpu.last_c),
        farthest(&cpu.coldest_c, &gpu.coldest_c),
        farthest(&cpu.start_c, &gpu.start_c),
        farthest(&cpu.coldest_at_s, &gpu.coldest_at_s),
    );
    for (a, b) in cpu.below.iter().zip(&gpu.below) {
        println!("below {}: {:.2e} s", a.celsius, farthest(&a.seconds, &b.seconds));
    }
    let mut w = [0.0_f64; 3];
    for (a, b) in cpu.edges.iter().zip(&gpu.edges) {
        w[0] = w[0].max((a.width_mm - b.width_mm).abs());
        w[1] = w[1].max((a.length_mm - b.length_mm).abs());
        w[2] = w[2].max((a.volume_mm3 - b.volume_mm3).abs());
    }
    println!("edges {w:?}");
    for (a, b) in cpu.probe_traces.iter().zip(&gpu.probe_traces) {
        for ((c, d), (e, f)) in a.surface_c.iter().zip(&b.surface_c).zip(a.power_w.iter().zip(&b.power_w)) {
            println!("probe {c:?} {d:?} {e} {f}");
        }
    }
    for (a, b) in cpu.sensors.iter().zip(&gpu.sensors) {
        for (a, b) in a.celsius.iter().zip(&b.celsius) {
            println!("sensor {a} {b}");
        }
    }
    println!("{:?}\n{:?}\n{:.2e} {:.2e}", cpu.energy, gpu.energy, cpu.energy.error(), gpu.energy.error());
    println!("{:?} {:?}", cpu.counters, gpu.counters);
}

#[test]
fn one_tissue_and_one_needle_freeze_as_on_the_cpu() {
    let Some(gpu) = gpu() else { return };
    let parts = plain(140.0);
    let t = std::time::Instant::now();
    let a = cpu(&parts);
    println!("cpu {:?}", t.elapsed());
    let t = std::time::Instant::now();
    let b = on(&gpu, &parts);
    println!("gpu {:?}", t.elapsed());
    compare(&a, &b);
}

#[test]
fn skin_fat_vessel_and_a_gas_film_freeze_as_on_the_cpu() {
    let Some(gpu) = gpu() else { return };
    let parts = mixed(140.0);
    let t = std::time::Instant::now();
    let a = cpu(&parts);
    println!("cpu {:?}", t.elapsed());
    let t = std::time::Instant::now();
    let b = on(&gpu, &parts);
    println!("gpu {:?}", t.elapsed());
    compare(&a, &b);
}
