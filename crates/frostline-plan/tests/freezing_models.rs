//! What the choice of the freezing model does to the ice around a long needle, in the tissues of the catalogue.
//!
//! `docs/freezing.md` lists these numbers.

use frostline_freeze::{
    Continue, Cooling, FreezeScene, Medium, OuterFace, ProbeShape, Reperfusion, SceneBox, SceneDirection, SceneGrid,
    SceneParts, ScenePoint, SceneProbe, Schedule, Shaft, SolverSettings, Start, TimeTable, TipShape, Tissue,
    radius_along, simulate_keeping,
};
use frostline_plan::anatomy::TissueKind;
use frostline_plan::catalogue::{Catalogues, FreezingCurve, TissueModel};

const CELL_MM: f64 = 0.25;
const TIME_S: f64 = 120.0;

/// One layer of cells across an endless needle of 0.65 mm radius at -70 °C, in tissue at 37 °C without blood.
fn parts(tissue: Tissue) -> SceneParts {
    let square = |half_mm: f64| SceneBox {
        least: ScenePoint::new(-half_mm, -half_mm, -half_mm),
        most: ScenePoint::new(half_mm, half_mm, half_mm),
    };
    let [x, y, _] = SceneGrid::graded(square(7.0), CELL_MM, 1.15, 3.0, square(50.0)).unwrap().edges_mm().clone();
    let grid = SceneGrid::from_edges(x, y, vec![-0.5 * CELL_MM, 0.5 * CELL_MM]).unwrap();
    let shape = ProbeShape {
        radius_mm: 0.65,
        active_length_mm: 1.0,
        dead_tip_mm: 0.0,
        shaft_length_mm: 0.0,
        tip: TipShape::Endless,
        shaft: Shaft::Insulated,
    };
    SceneParts {
        medium: vec![0; grid.cell_count()],
        grid,
        media: vec![Medium::Tissue(tissue)],
        arterial_c: 37.0,
        start: Start::Uniform { celsius: 37.0 },
        outer: [OuterFace::Insulated; 6],
        reperfusion: Reperfusion::Never,
        probes: vec![SceneProbe {
            name: "needle".into(),
            tip: ScenePoint::new(0.07, 0.1, 0.0),
            towards_hub: SceneDirection::along_z(),
            shape,
            cooling: Cooling::Surface(TimeTable::constant(-70.0)),
            warming: None,
            schedule: Schedule::one_freeze(TIME_S),
        }],
        sensors: Vec::new(),
        isotherms_c: Vec::new(),
        duration_s: TIME_S,
    }
}

/// Radii of 0 °C, where freezing starts, -20 and -40 °C after 120 s. Unit: mm.
fn radii_mm(
    catalogues: &Catalogues,
    kind: TissueKind,
    freezing: FreezingCurve,
    lipid_crystallisation: bool,
) -> [f64; 4] {
    let model = TissueModel { freezing, lipid_crystallisation };
    let mut tissue = catalogues.tissues.thermal_with(kind, model).unwrap();
    (tissue.perfusion_w_per_m3_k, tissue.metabolic_w_per_m3) = (0.0, 0.0);
    let surfaces = [0.0, tissue.freezing_starts_c, -20.0, -40.0];
    let parts = parts(tissue);
    let middle = parts.probes[0].tip;
    let settings = SolverSettings { step_s: 2.0, ..SolverSettings::default() };
    let scene = FreezeScene::new(parts).unwrap();
    let history = simulate_keeping(&scene, &settings, &[TIME_S], &mut |_| Continue::Yes).unwrap();
    let field = |place: ScenePoint| history.snapshot_at(&history.snapshots[0], place);
    let rays: Vec<SceneDirection> = (0..16)
        .filter_map(|n| {
            let angle = std::f64::consts::TAU * f64::from(n) / 16.0;
            frostline_freeze::SceneVector::new(angle.cos(), angle.sin(), 0.0).direction()
        })
        .collect();
    surfaces.map(|celsius| {
        let radii = rays.iter().map(|&ray| radius_along(&field, middle, ray, celsius).unwrap());
        radii.sum::<f64>() / rays.len() as f64
    })
}

#[test]
fn the_freezing_curve_moves_the_ice_by_one_per_cent_and_lipid_by_five() {
    let catalogues = Catalogues::bundled().unwrap();
    for kind in [TissueKind::Muscle, TissueKind::Skin, TissueKind::Nerve, TissueKind::Fat] {
        let linear = radii_mm(&catalogues, kind, FreezingCurve::Linear, false);
        let real = radii_mm(&catalogues, kind, FreezingCurve::WaterActivity, false);
        println!("{kind:?}: linear {linear:.3?} water activity {real:.3?}");
        for (a, b) in linear.iter().zip(real) {
            // Found: at most 0.8 %. A fifth of doubt in the frozen conductivity is 10 %.
            assert!((b / a - 1.0).abs() < 0.012, "{kind:?}: {a} {b}");
        }
    }
    let plain = radii_mm(&catalogues, TissueKind::Fat, FreezingCurve::Linear, false);
    let lipid = radii_mm(&catalogues, TissueKind::Fat, FreezingCurve::Linear, true);
    println!("fat with lipid: {lipid:.3?}");
    // Found: 4.7, 4.6, 3.5 and 2.1 % smaller; 40 kJ/kg are 0.6 of the latent heat of its water.
    for (a, b) in plain.iter().zip(lipid) {
        assert!(b < 0.985 * a && b > 0.94 * a, "{a} {b}");
    }
}
