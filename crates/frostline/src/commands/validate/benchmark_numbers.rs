//! Every number of `validation/benchmark`, computed again.

use frostline_freeze::conformance::{Extent, Problem, conformance, reference};
use frostline_freeze::exact::{
    ColdBody, DecayingProduct, FINITE_PROBES, FINITE_SURFACES_C, FINITE_TIMES_S, FreezingHalfSpace, FreezingRange,
    FrontFixing, FrozenCore, GEL, Layer, LineSink, PERFUSED_MUSCLE, Perfused, PointSink, RangeConductivity,
    RangeMedium, STEPPED, SteppedCase, TwoPhase,
};

/// Key and value.
pub type Number = (String, f64);

const MUSCLE_LIKE: TwoPhase = TwoPhase {
    frozen_w_per_m_k: 1.6,
    liquid_w_per_m_k: 0.49,
    frozen_j_per_m3_k: 1090.0 * 2000.0,
    liquid_j_per_m3_k: 1090.0 * 3421.0,
    latent_j_per_m3: 1090.0 * 247e3,
    freezing_c: -1.0,
    start_c: 37.0,
};

const WATER: TwoPhase = TwoPhase {
    frozen_w_per_m_k: 2.22,
    liquid_w_per_m_k: 0.60,
    frozen_j_per_m3_k: 2.09e6,
    liquid_j_per_m3_k: 4.18e6,
    latent_j_per_m3: 334e6,
    freezing_c: 0.0,
    start_c: 20.0,
};

/// All of them, by what they were computed from.
pub fn computed() -> Vec<Number> {
    [v1(), v2_and_v3(), v4(), v5(), v6(), v7(), v8(), v9(), tip(), v11(), v12(), r1()].concat()
}

/// ".65" rather than "0.65", as keys have it.
fn short(radius_mm: f64) -> String {
    format!("{radius_mm}").trim_start_matches('0').to_owned()
}

fn v1() -> Vec<Number> {
    let mut all = Vec::new();
    for (case, medium, wall_c) in [("A", WATER, -70.0), ("B", MUSCLE_LIKE, -70.0), ("C", MUSCLE_LIKE, -140.0)] {
        let exact = FreezingHalfSpace::new(medium, wall_c);
        let times = [10.0, 60.0, 120.0, 180.0, 300.0, 600.0];
        all.extend(times.map(|t| (format!("v1.{case}.front.{t}s"), 1e3 * exact.front_m(t))));
        let depths = [1.0, 2.0, 4.0, 8.0, 16.0];
        all.extend(depths.map(|mm| (format!("v1.{case}.t.{mm}mm.60s"), exact.celsius(mm * 1e-3, 60.0))));
    }
    all
}

fn v2_and_v3() -> Vec<Number> {
    let times = [60.0, 180.0, 300.0, 600.0];
    let mut all = Vec::new();
    for strength in [300.0, 600.0, 1000.0] {
        let exact = LineSink::new(MUSCLE_LIKE, strength);
        all.extend(times.map(|t| (format!("v2.{strength}.front.{t}s"), 1e3 * exact.front_m(t))));
        let places = [3.0, 5.0, 8.0, 12.0];
        all.extend(places.map(|mm| (format!("v2.{strength}.t.{mm}mm.180s"), exact.celsius(mm * 1e-3, 180.0))));
    }
    for strength in [0.2, 0.5] {
        let exact = PointSink::new(MUSCLE_LIKE, strength);
        all.extend(times.map(|t| (format!("v3.{strength}.front.{t}s"), 1e3 * exact.front_m(t))));
        let places = [2.0, 3.0, 5.0, 8.0, 12.0];
        all.extend(places.map(|mm| (format!("v3.{strength}.t.{mm}mm.180s"), exact.celsius(mm * 1e-3, 180.0))));
    }
    all
}

fn v4() -> Vec<Number> {
    let mut all = Vec::new();
    for (law, conductivity) in [("", RangeConductivity::Mean), ("linear.", RangeConductivity::Linear)] {
        let range = |ends_c| RangeMedium { medium: MUSCLE_LIKE, ends_c, conductivity };
        let mut both = |name: String, exact: FreezingRange| {
            for t in [60.0, 180.0, 600.0] {
                all.push((format!("v4.{law}{name}.frozen.{t}s"), 1e3 * exact.ended_m(t)));
                all.push((format!("v4.{law}{name}.freezing.{t}s"), 1e3 * exact.started_m(t)));
            }
        };
        for below in [2.0, 8.0, 20.0] {
            both(format!("slab.{below}"), FreezingRange::half_space(range(-below), -70.0));
        }
        for strength in [300.0, 1000.0] {
            both(format!("line.{strength}"), FreezingRange::line(range(-8.0), strength));
        }
    }
    all
}

fn v5() -> Vec<Number> {
    let muscle = ("muscle", 0.49497, 2535.04, 988.03);
    let (skin, nerve) = (("skin", 0.37218, 7466.0, 1827.0), ("nerve", 0.49, 10907.0, 2669.0));
    let cases = [
        (muscle, 0.35, -88.0),
        (muscle, 0.65, -70.0),
        (muscle, 0.75, -140.0),
        (muscle, 1.05, -70.0),
        (skin, 0.65, -70.0),
        (nerve, 0.65, -70.0),
    ];
    let of = |((tissue, unfrozen_w_per_m_k, perfusion_w_per_m3_k, metabolic_w_per_m3), radius_mm, probe_c)| {
        let exact = FrozenCore {
            frozen_w_per_m_k: 1.6,
            unfrozen_w_per_m_k,
            perfusion_w_per_m3_k,
            metabolic_w_per_m3,
            arterial_c: 37.0,
            freezing_c: -1.0,
            probe_c,
            probe_radius_m: radius_mm * 1e-3,
        };
        let name = format!("v5.{tissue}.{}.{probe_c}", short(radius_mm));
        [
            (format!("{name}.ball.front"), 1e3 * exact.ball_front_m()),
            (format!("{name}.ball.-20"), 1e3 * exact.ball_surface_m(-20.0)),
            (format!("{name}.cylinder.front"), 1e3 * exact.cylinder_front_m()),
            (format!("{name}.cylinder.-20"), 1e3 * exact.cylinder_surface_m(-20.0)),
        ]
    };
    cases.into_iter().flat_map(of).collect()
}

fn v6() -> Vec<Number> {
    let tissue =
        Perfused { w_per_m_k: 0.49497, j_per_m3_k: 3.730_476e6, perfusion_w_per_m3_k: 2535.038, arterial_c: 37.0 };
    let mut all = Vec::new();
    for t in [10.0, 60.0, 300.0] {
        let depths = [1.0, 2.0, 5.0, 10.0, 15.0];
        all.extend(depths.map(|mm| (format!("v6.a.t.{mm}mm.{t}s"), tissue.slab_c(0.02, 5.0, mm * 1e-3, t))));
    }
    for t in [10.0, 60.0, 300.0, 1800.0] {
        let depths = [0.0, 1.0, 2.0, 5.0];
        all.extend(depths.map(|mm| (format!("v6.b.t.{mm}mm.{t}s"), tissue.half_space_c(100.0, 0.0, mm * 1e-3, t))));
    }
    all
}

fn v7() -> Vec<Number> {
    let mut all = Vec::new();
    for below_k in [10.0, 70.0] {
        for (name, body) in [("cylinder", ColdBody::Cylinder), ("ball", ColdBody::Ball)] {
            let problem = FrontFixing {
                medium: TwoPhase { freezing_c: 0.0, start_c: 0.0, ..MUSCLE_LIKE },
                perfusion_w_per_m3_k: 0.0,
                metabolic_w_per_m3: 0.0,
                arterial_c: 0.0,
                body,
                radius_m: 1e-3,
                surface_c: -below_k,
            };
            // Beyond 5 mm in all four.
            let fronts = problem.solve(&[6000.0 / below_k]);
            all.extend([2.0, 3.0, 5.0].map(|mm| (format!("v7.{name}.{below_k}K.{mm}mm"), fronts.reached_s(mm * 1e-3))));
        }
    }
    all
}

fn v8() -> Vec<Number> {
    // The words of the file describe these media.
    assert_eq!((PERFUSED_MUSCLE.liquid_w_per_m_k, GEL.start_c), (0.49497, 22.0));
    let mut all = Vec::new();
    for case in &STEPPED {
        let medium = if case.in_gel { "gel" } else { "muscle" };
        let body = if case.is_ball { "ball" } else { "cylinder" };
        let name = format!("v8.{medium}.{body}.{}.{}", short(case.radius_mm), case.probe_c);
        for row in &case.rows {
            let surfaces = [("front", row.front_mm), ("-20", row.minus_20_mm), ("-40", row.minus_40_mm)];
            all.extend(surfaces.map(|(surface, mm)| (format!("{name}.{surface}.{}s", row.at_s), mm)));
        }
    }
    // One ball that the suite does not solve.
    let thin = SteppedCase { is_ball: true, in_gel: false, radius_mm: 0.35, probe_c: -88.0, ..STEPPED[0] };
    for at in thin.front_fixing().solve(&STEPPED[0].rows.map(|row| row.at_s)).profiles {
        let surfaces = [("front", at.front_m), ("-20", at.surface_m(-20.0)), ("-40", at.surface_m(-40.0))];
        all.extend(surfaces.map(|(surface, m)| (format!("v8.muscle.ball..35.-88.{surface}.{}s", at.at_s), 1e3 * m)));
    }
    all
}

fn v9() -> Vec<Number> {
    let muscle = Layer { w_per_m_k: 0.495, j_per_m3_k: 3.73e6 };
    let fat = Layer { w_per_m_k: 0.21, j_per_m3_k: 2.14e6 };
    let stiff = Layer { w_per_m_k: 1.6, j_per_m3_k: 2.18e6 };
    let mut all = Vec::new();
    for (name, layers) in [("muscle", [muscle, muscle]), ("muscle-fat", [muscle, fat]), ("ice-fat", [stiff, fat])] {
        let field = DecayingProduct::new(0.02, 0.01, layers, 6.8e-4);
        all.push((format!("v9.{name}.rate"), 1e3 * field.rate_per_s()));
        for x_mm in [5.0, 15.0] {
            let celsius = 37.0 - 90.0 * field.shape((x_mm * 1e-3, 0.01, 0.01)) * (-60.0 * field.rate_per_s()).exp();
            all.push((format!("v9.{name}.t.{x_mm}mm.60s"), celsius));
        }
    }
    all
}

fn tip() -> Vec<Number> {
    let mut all = Vec::new();
    for case in &FINITE_PROBES {
        let name = format!("tip.{:?}.{}.{}", case.tip, short(case.radius_mm), case.surface_c).to_lowercase();
        for (row, at_s) in case.rows.iter().zip(FINITE_TIMES_S) {
            for (reach, celsius) in row.iter().zip(FINITE_SURFACES_C) {
                let sizes = [("width", reach.width_mm), ("length", reach.length_mm), ("beyond", reach.beyond_tip_mm)];
                all.extend(sizes.map(|(size, mm)| (format!("{name}.{size}.{celsius}.{at_s}s"), mm)));
            }
        }
    }
    all
}

/// The expected values of the suite, in its order.
fn expected(problem: Problem, keys: Vec<String>) -> Vec<Number> {
    let checks = conformance(&[problem], Extent::Full);
    assert_eq!(checks.len(), keys.len(), "{problem:?} has other checks than the benchmark has numbers");
    keys.into_iter().zip(checks.iter().map(|check| check.expected)).collect()
}

fn v11() -> Vec<Number> {
    let heat = |name: &str| [2, 5, 10, 20, 40].map(|below| format!("v11.{name}.-{below}")).to_vec();
    let others = vec!["v11.share".to_owned(), "v11.t.19.75mm".to_owned()];
    expected(Problem::FreezingCurves, [heat("heat"), heat("lipid.heat"), others].concat())
}

fn v12() -> Vec<Number> {
    let changes = [
        "as-it-is",
        "frozen-k-up",
        "probe-80",
        "frozen-k-down",
        "probe-60",
        "unfrozen-k-up",
        "frozen-c-up",
        "unfrozen-c-up",
        "latent-up",
        "perfusion-twice",
        "no-perfusion",
        "start-34",
    ];
    let keys = changes.iter().flat_map(|change| ["front", "-20", "-40"].map(|s| format!("v12.{change}.{s}")));
    expected(Problem::Sensitivity, keys.collect())
}

fn r1() -> Vec<Number> {
    let mut all = Vec::new();
    for row in &reference::ROWS {
        let end = format!("{}.{}s", row.celsius, row.at_s);
        all.push((format!("r1.radius.{end}"), row.radius_mm));
        all.extend(row.axial_mm.map(|mm| (format!("r1.axial.{end}"), mm)));
    }
    all
}
