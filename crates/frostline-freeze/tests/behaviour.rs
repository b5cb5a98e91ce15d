//! What a scene does, told as sentences.

use frostline_freeze::{
    Continue, Cooling, FreezeHistory, FreezeScene, Freezing, Held, LipidMelting, Medium, OuterFace, PhaseKind,
    ProbeShape, Reperfusion, SceneBox, SceneDirection, SceneGrid, SceneParts, ScenePoint, SceneProbe, Schedule, Sensor,
    Shaft, SimulateError, SolverSettings, Start, TemperatureTable, TimeTable, TipShape, Tissue, simulate,
    simulate_many,
};

fn muscle() -> Tissue {
    Tissue {
        name: "muscle".into(),
        density_kg_per_m3: 1000.0,
        unfrozen_w_per_m_k: 0.5,
        unfrozen_j_per_kg_k: 3600.0,
        frozen_w_per_m_k: TemperatureTable::constant(2.0),
        frozen_j_per_kg_k: TemperatureTable::constant(1800.0),
        freezing_starts_c: -1.0,
        freezing: Freezing::Linear { ends_c: -8.0, latent_j_per_kg: 250e3 },
        lipid: None,
        perfusion_w_per_m3_k: 2500.0,
        metabolic_w_per_m3: 0.0,
    }
}

fn probe(schedule: Schedule) -> SceneProbe {
    SceneProbe {
        name: "probe".into(),
        tip: ScenePoint::new(0.2, 0.1, -2.0),
        towards_hub: SceneDirection::along_z(),
        shape: ProbeShape {
            radius_mm: 0.65,
            active_length_mm: 4.0,
            dead_tip_mm: 0.0,
            shaft_length_mm: 20.0,
            tip: TipShape::Flat,
            shaft: Shaft::Insulated,
        },
        cooling: Cooling::Surface(TimeTable::constant(-70.0)),
        warming: None,
        schedule,
    }
}

/// A 20 mm cube of muscle in 1 mm cells, its faces at 37 °C, one probe in its middle.
fn block(schedule: Schedule, duration_s: f64) -> SceneParts {
    let cube = SceneBox { least: ScenePoint::new(-10.0, -10.0, -10.0), most: ScenePoint::new(10.0, 10.0, 10.0) };
    let grid = SceneGrid::uniform(cube, 1.0).unwrap();
    SceneParts {
        medium: vec![0; grid.cell_count()],
        grid,
        media: vec![Medium::Tissue(muscle())],
        arterial_c: 37.0,
        start: Start::Uniform { celsius: 37.0 },
        outer: [OuterFace::Held { celsius: 37.0 }; 6],
        reperfusion: Reperfusion::Never,
        probes: vec![probe(schedule)],
        sensors: vec![Sensor { name: "beside".into(), place: ScenePoint::new(2.2, 0.1, 0.0) }],
        isotherms_c: vec![0.0, -20.0],
        duration_s,
    }
}

fn answer(parts: SceneParts) -> FreezeHistory {
    let settings = SolverSettings { step_s: 2.0, threads: 2, record_every_s: 5.0, ..SolverSettings::default() };
    simulate(&FreezeScene::new(parts).unwrap(), &settings, &mut |_| Continue::Yes).unwrap()
}

/// Volume at or below 0 °C at the end.
fn ice_mm3(history: &FreezeHistory) -> f64 {
    history.edges.iter().rfind(|e| e.celsius == 0.0).unwrap().volume_mm3
}

#[test]
fn a_probe_that_never_opens_leaves_the_tissue_at_body_temperature() {
    let history = answer(block(Schedule::default(), 60.0));
    // f32 keeps 37 exactly.
    assert!(history.coldest_c.iter().all(|&t| (t - 37.0).abs() < 1e-4));
}

#[test]
fn the_sensor_beside_the_probe_cools_while_the_gas_is_on_and_warms_when_it_is_off() {
    let history = answer(block(Schedule::one_freeze(60.0), 120.0));
    let trace = &history.sensors[0];
    let at = |time_s: f64| {
        let n = trace.at_s.iter().position(|t| (t - time_s).abs() < 1e-6).unwrap();
        trace.celsius[n]
    };
    assert!(at(30.0) < 5.0 && at(60.0) < at(30.0) && at(120.0) > at(60.0), "{:?}", trace.celsius);
    assert_eq!(trace.at_s.len(), trace.celsius.len());
}

#[test]
fn the_surface_temperature_is_read_inside_the_probe_and_not_beside_it() {
    let history = answer(block(Schedule::one_freeze(60.0), 60.0));
    assert_eq!(history.coldest_at(ScenePoint::new(0.2, 0.1, 0.0)), Some(-70.0));
    let beside = history.coldest_at(ScenePoint::new(1.2, 0.1, 0.0)).unwrap();
    assert!(beside > -65.0 && beside < -20.0, "{beside}");
    assert_eq!(history.coldest_at(ScenePoint::new(0.0, 0.0, 11.0)), None);
}

#[test]
fn a_gas_film_with_little_power_keeps_to_its_power() {
    let mut parts = block(Schedule::one_freeze(60.0), 60.0);
    parts.probes[0].cooling =
        Cooling::Film { gas_c: TimeTable::constant(-88.0), film_w_per_m2_k: 20_000.0, most_power_w: 1.0 };
    let history = answer(parts);
    let trace = &history.probe_traces[0];
    // Records begin before the first stage, when nothing has passed yet.
    assert!(trace.power_w[1..].iter().all(|&w| (w - 1.0).abs() < 1e-6), "{:?}", trace.power_w);
    assert!(trace.surface_c.last().unwrap().unwrap() > -70.0);
}

#[test]
fn a_gas_film_takes_what_the_difference_between_surface_and_gas_drives() {
    let mut parts = block(Schedule::one_freeze(30.0), 30.0);
    let film_w_per_m2_k = 5000.0;
    parts.probes[0].cooling =
        Cooling::Film { gas_c: TimeTable::constant(-88.0), film_w_per_m2_k, most_power_w: f64::INFINITY };
    let history = answer(parts);
    let trace = &history.probe_traces[0];
    let (surface_c, power_w) = (trace.surface_c.last().unwrap().unwrap(), *trace.power_w.last().unwrap());
    // Cold area: 2 pi 0.65 x 4 + pi 0.65^2 = 17.66 mm2.
    let driven_w = film_w_per_m2_k * 17.66e-6 * (surface_c + 88.0);
    assert!((driven_w / power_w - 1.0).abs() < 1e-3, "{driven_w} {power_w}");
}

#[test]
fn active_thaw_melts_faster_than_passive_thaw() {
    let thawed = |kind| {
        let mut parts = block(Schedule::of(&[(PhaseKind::Freeze, 40.0), (kind, 20.0)]), 60.0);
        parts.probes[0].warming = Some(TimeTable::constant(40.0));
        ice_mm3(&answer(parts))
    };
    assert!(thawed(PhaseKind::ActiveThaw) < thawed(PhaseKind::PassiveThaw));
}

#[test]
fn blood_stays_away_from_what_was_frozen() {
    let warm = |reperfusion| {
        let mut parts = block(Schedule::one_freeze(30.0), 400.0);
        parts.reperfusion = reperfusion;
        answer(parts).energy.perfusion_j
    };
    assert!(warm(Reperfusion::OnThaw) > warm(Reperfusion::Never));
}

#[test]
fn a_steady_start_stays_as_it_is_without_a_probe() {
    let mut parts = block(Schedule::default(), 60.0);
    parts.media.push(Medium::Held(Held { name: "air".into(), celsius: 20.0, film_w_per_m2_k: 8.0 }));
    for n in 0..parts.medium.len() {
        if parts.grid.centre(parts.grid.cell(n)).z > 8.0 {
            parts.medium[n] = 1;
        }
    }
    parts.start = Start::Steady;
    parts.outer = [OuterFace::Insulated; 6];
    let history = answer(parts);
    let skin = history.start_at(ScenePoint::new(0.0, 0.0, 7.5)).unwrap();
    assert!(skin > 30.0 && skin < 36.0, "{skin}");
    for (start, last) in history.start_c.iter().zip(&history.last_c) {
        // f32 fields and a relative residual of 1e-10.
        assert!((start - last).abs() < 1e-4, "{start} {last}");
    }
}

#[test]
fn a_wall_behind_a_film_is_read_at_the_temperature_of_the_wall() {
    let mut parts = block(Schedule::default(), 1.0);
    parts.probes.clear();
    parts.media = vec![Medium::Tissue(Tissue { perfusion_w_per_m3_k: 0.0, ..muscle() })];
    parts.media.push(Medium::Held(Held { name: "blood".into(), celsius: 20.0, film_w_per_m2_k: 100.0 }));
    for n in 0..parts.medium.len() {
        if parts.grid.centre(parts.grid.cell(n)).z > 8.0 {
            parts.medium[n] = 1;
        }
    }
    parts.start = Start::Steady;
    parts.outer = [OuterFace::Insulated; 6];
    parts.outer[4] = OuterFace::Held { celsius: 37.0 };
    let history = answer(parts);
    // 17 K over 18 mm of 0.5 W/(m K) and a film of 100 W/(m2 K): 369.6 W/m2, so 3.70 K across the film and 0.37 K in half a
    // cell.
    for (z_mm, expected_c) in [(7.5, 24.065), (7.75, 23.880), (8.0, 23.696)] {
        let found_c = history.start_at(ScenePoint::new(1.3, 0.2, z_mm)).unwrap();
        // The steady start is found to 1e-4 of its heat, which leaves 0.03 K here.
        assert!((found_c - expected_c).abs() < 0.05, "{z_mm} mm: {found_c} C");
    }
}

#[test]
fn a_steady_start_with_nothing_to_hold_it_is_refused() {
    let mut parts = block(Schedule::default(), 10.0);
    parts.media = vec![Medium::Tissue(Tissue { perfusion_w_per_m3_k: 0.0, ..muscle() })];
    parts.outer = [OuterFace::Insulated; 6];
    parts.start = Start::Steady;
    let scene = FreezeScene::new(parts).unwrap();
    let error = simulate(&scene, &SolverSettings::default(), &mut |_| Continue::Yes).unwrap_err();
    assert_eq!(error, SimulateError::NothingHoldsTheStart);
}

#[test]
fn a_vessel_beside_the_probe_stays_warm_and_makes_the_ice_smaller() {
    let with_vessel = |film_w_per_m2_k: f64| {
        let mut parts = block(Schedule::one_freeze(60.0), 60.0);
        parts.media.push(Medium::Held(Held { name: "blood".into(), celsius: 37.0, film_w_per_m2_k }));
        for n in 0..parts.medium.len() {
            let at = parts.grid.centre(parts.grid.cell(n));
            if (at.x - 3.5).abs() < 1.1 && at.z.abs() < 1.1 {
                parts.medium[n] = 1;
            }
        }
        parts.sensors.clear();
        ice_mm3(&answer(parts))
    };
    let none = ice_mm3(&answer(block(Schedule::one_freeze(60.0), 60.0)));
    assert!(with_vessel(600.0) < none);
    assert!(with_vessel(f64::INFINITY) < with_vessel(600.0));
}

#[test]
fn a_warm_shaft_keeps_the_tissue_behind_the_cold_length_warmer() {
    let behind = ScenePoint::new(1.4, 0.1, 3.5);
    let with = |shaft| {
        let mut parts = block(Schedule::one_freeze(60.0), 60.0);
        parts.probes[0].shape.shaft = shaft;
        answer(parts)
    };
    let warm = with(Shaft::HeldAtLeast { celsius: 5.0 });
    let plain = with(Shaft::Insulated);
    assert!(warm.last_at(behind).unwrap() > plain.last_at(behind).unwrap() + 1.0);
    assert!(warm.energy.error() < 1e-6);
}

#[test]
fn two_probes_make_more_ice_than_one_and_each_is_traced() {
    let mut parts = block(Schedule::one_freeze(60.0), 60.0);
    let mut second = parts.probes[0].clone();
    second.name = "second".into();
    second.tip = ScenePoint::new(-3.8, 0.3, -2.0);
    parts.probes.push(second);
    let two = answer(parts);
    let one = answer(block(Schedule::one_freeze(60.0), 60.0));
    assert!(ice_mm3(&two) > 1.7 * ice_mm3(&one));
    assert_eq!(two.probe_traces.len(), 2);
    assert!(two.energy.error() < 1e-6);
}

#[test]
fn steps_end_on_every_switch_and_the_counters_add_up() {
    let schedule = Schedule::of(&[(PhaseKind::Freeze, 13.7), (PhaseKind::PassiveThaw, 7.9)]);
    let history = answer(block(schedule, 30.0));
    let times = &history.probe_traces[0].at_s;
    for switch in [13.7, 21.6, 30.0] {
        assert!(times.iter().any(|t| (t - switch).abs() < 1e-9), "{switch} {times:?}");
    }
    let counters = history.counters;
    assert_eq!(counters.cells, 8000);
    // A step in two passes has stages of some cells only, but takes no cell through fewer than 3.
    assert!(counters.cell_updates < counters.cells * counters.stages, "{counters:?}");
    assert!(counters.cell_updates >= 3 * counters.cells * counters.steps, "{counters:?}");
    // Odd stages, at least 3 a step; a 2 s step at 1 mm needs 2 x 12 x 1.11 / 1.9 ... under 11, and 5 for what is warm.
    assert!(counters.stages >= 3 * counters.steps && counters.stages <= 16 * counters.steps, "{counters:?}");
}

#[test]
fn a_caller_who_says_stop_is_obeyed() {
    let scene = FreezeScene::new(block(Schedule::one_freeze(60.0), 60.0)).unwrap();
    let mut calls = 0;
    let error = simulate(&scene, &SolverSettings::default(), &mut |_| {
        calls += 1;
        if calls == 3 { Continue::Stop } else { Continue::Yes }
    });
    assert!(matches!(error, Err(SimulateError::Stopped { .. })));
    assert_eq!(calls, 3);
}

#[test]
fn time_below_zero_is_longer_than_time_below_minus_twenty() {
    let history = answer(block(Schedule::one_freeze(60.0), 60.0));
    let (zero, twenty) = (&history.below[0].seconds, &history.below[1].seconds);
    assert!(zero.iter().zip(twenty).all(|(z, t)| z >= t));
    assert!(twenty.iter().any(|&t| t > 30.0));
}

#[test]
fn a_needle_thinner_than_a_cell_makes_the_same_ice_wherever_it_lies_in_the_cell() {
    let with_tip = |x: f64, y: f64, z: f64| {
        let mut parts = block(Schedule::one_freeze(60.0), 60.0);
        parts.probes[0].tip = ScenePoint::new(x, y, z);
        parts.probes[0].shape.radius_mm = 0.35;
        parts.probes[0].shape.active_length_mm = 8.0;
        parts.sensors.clear();
        ice_mm3(&answer(parts))
    };
    let on_a_corner = with_tip(0.0, 0.0, -4.0);
    let on_a_centre = with_tip(0.5, 0.5, -4.0);
    let off_both = with_tip(0.2, 0.37, -3.8);
    for other in [on_a_centre, off_both] {
        // A tenth of a cell in radius of about 3.5 mm is 6 % of the volume of a long ball.
        assert!((other / on_a_corner - 1.0).abs() < 0.06, "{on_a_corner} {on_a_centre} {off_both}");
    }
}

#[test]
fn many_scenes_have_the_answers_that_each_has_alone() {
    let scene = |probe_c: f64, perfusion_w_per_m3_k: f64| {
        let mut parts = block(Schedule::one_freeze(20.0), 30.0);
        parts.probes[0].cooling = Cooling::Surface(TimeTable::constant(probe_c));
        parts.media = vec![Medium::Tissue(Tissue { perfusion_w_per_m3_k, ..muscle() })];
        parts.start = Start::Steady;
        FreezeScene::new(parts).unwrap()
    };
    // The first two share their start, the third has its own.
    let scenes = [scene(-70.0, 2500.0), scene(-80.0, 2500.0), scene(-70.0, 500.0)];
    let settings = SolverSettings { threads: 2, ..SolverSettings::default() };
    let together = simulate_many(&scenes, &settings, &|_| Continue::Yes);
    for (scene, found) in scenes.iter().zip(together) {
        assert_eq!(found.unwrap(), simulate(scene, &settings, &mut |_| Continue::Yes).unwrap());
    }
}

#[test]
fn a_scene_without_an_answer_leaves_the_others_theirs() {
    let good = FreezeScene::new(block(Schedule::one_freeze(10.0), 10.0)).unwrap();
    let mut parts = block(Schedule::default(), 10.0);
    parts.media = vec![Medium::Tissue(Tissue { perfusion_w_per_m3_k: 0.0, ..muscle() })];
    parts.outer = [OuterFace::Insulated; 6];
    parts.start = Start::Steady;
    let bad = FreezeScene::new(parts).unwrap();
    let settings = SolverSettings::default();
    let found = simulate_many(&[good.clone(), bad, good], &settings, &|_| Continue::Yes);
    assert!(found[0].is_ok() && found[2].is_ok());
    assert_eq!(found[1], Err(SimulateError::NothingHoldsTheStart));
    let stopped = simulate_many(&[block_scene(), block_scene(), block_scene()], &settings, &|_| Continue::Stop);
    assert!(stopped.iter().any(|s| matches!(s, Err(SimulateError::Stopped { .. }))), "{stopped:?}");
}

fn block_scene() -> FreezeScene {
    FreezeScene::new(block(Schedule::one_freeze(5.0), 5.0)).unwrap()
}

#[test]
fn a_steady_start_in_perfused_fat_stays_as_it_is_while_its_lipid_melts() {
    let mut parts = block(Schedule::default(), 60.0);
    let lipid = LipidMelting { liquid_above_c: 36.0, solid_below_c: 10.0, latent_j_per_kg: 40e3 };
    parts.media[0] = Medium::Tissue(Tissue { lipid: Some(lipid), ..muscle() });
    parts.media.push(Medium::Held(Held { name: "air".into(), celsius: 20.0, film_w_per_m2_k: 8.0 }));
    for n in 0..parts.medium.len() {
        if parts.grid.centre(parts.grid.cell(n)).z > 8.0 {
            parts.medium[n] = 1;
        }
    }
    parts.start = Start::Steady;
    parts.outer = [OuterFace::Insulated; 6];
    let history = answer(parts);
    let moved = history.start_c.iter().zip(&history.last_c).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(moved < 1e-3, "{moved}");
}
