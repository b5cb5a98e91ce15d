//! V1 and V6: plane problems.

use super::{Check, Extent};
use crate::exact::{FreezingHalfSpace, Perfused, TwoPhase};
use crate::{
    Continue, FreezeHistory, FreezeScene, Held, Medium, OuterFace, Reperfusion, SceneGrid, SceneParts, ScenePoint,
    SolverSettings, Start, TemperatureTable, Tissue, simulate_keeping,
};
use crate::{SceneBox, SceneDirection, SceneVector};

/// Half of the range over which a medium that freezes at one temperature is let freeze. Unit: K.
const HALF_RANGE_K: f64 = 0.05;

/// A tissue with the volumetric properties of an exact problem.
pub(super) fn two_phase(medium: &TwoPhase) -> Tissue {
    Tissue {
        name: "two-phase medium".into(),
        density_kg_per_m3: 1.0,
        unfrozen_w_per_m_k: medium.liquid_w_per_m_k,
        unfrozen_j_per_kg_k: medium.liquid_j_per_m3_k,
        frozen_w_per_m_k: TemperatureTable::constant(medium.frozen_w_per_m_k),
        frozen_j_per_kg_k: TemperatureTable::constant(medium.frozen_j_per_m3_k),
        freezing_starts_c: medium.freezing_c + HALF_RANGE_K,
        freezing_ends_c: medium.freezing_c - HALF_RANGE_K,
        latent_j_per_kg: medium.latent_j_per_m3,
        perfusion_w_per_m3_k: 0.0,
        metabolic_w_per_m3: 0.0,
    }
}

pub(super) fn perfused_tissue(p: &Perfused) -> Tissue {
    Tissue {
        name: "perfused".into(),
        density_kg_per_m3: 1.0,
        unfrozen_w_per_m_k: p.w_per_m_k,
        unfrozen_j_per_kg_k: p.j_per_m3_k,
        frozen_w_per_m_k: TemperatureTable::constant(p.w_per_m_k),
        frozen_j_per_kg_k: TemperatureTable::constant(p.j_per_m3_k),
        freezing_starts_c: -100.0,
        freezing_ends_c: -101.0,
        latent_j_per_kg: 1.0,
        perfusion_w_per_m3_k: p.perfusion_w_per_m3_k,
        metabolic_w_per_m3: 0.0,
    }
}

/// Data M of the physics notes: like muscle, freezing at -1 °C.
pub(super) const MUSCLE_LIKE: TwoPhase = TwoPhase {
    frozen_w_per_m_k: 1.60,
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

const MUSCLE: Perfused =
    Perfused { w_per_m_k: 0.49497, j_per_m3_k: 3.730_476e6, perfusion_w_per_m3_k: 2535.038, arterial_c: 37.0 };

/// A scene of one row of cells along x, with everything but the row itself at its default.
fn row(edges_mm: Vec<f64>, tissue: Tissue, duration_s: f64) -> SceneParts {
    let cells = edges_mm.len() - 1;
    // Edges increase by construction.
    let grid = SceneGrid::from_edges(edges_mm, vec![0.0, 1.0], vec![0.0, 1.0]).expect("increasing edges");
    SceneParts {
        grid,
        medium: vec![0; cells],
        media: vec![Medium::Tissue(tissue)],
        arterial_c: 37.0,
        start: Start::Uniform { celsius: 37.0 },
        outer: [OuterFace::Insulated; 6],
        reperfusion: Reperfusion::Never,
        probes: Vec::new(),
        sensors: Vec::new(),
        isotherms_c: Vec::new(),
        duration_s,
    }
}

fn answer(parts: SceneParts, step_s: f64) -> FreezeHistory {
    answer_keeping(parts, step_s, &[])
}

fn answer_keeping(parts: SceneParts, step_s: f64, keep_at_s: &[f64]) -> FreezeHistory {
    let settings = SolverSettings { step_s, threads: 2, record_every_s: 10.0, ..SolverSettings::default() };
    let scene = FreezeScene::new(parts).expect("a scene of the suite is valid");
    simulate_keeping(&scene, &settings, keep_at_s, &mut |_| Continue::Yes).expect("a scene of the suite has an answer")
}

fn edges(from_mm: f64, to_mm: f64, count: usize) -> Vec<f64> {
    (0..=count).map(|n| from_mm + (to_mm - from_mm) * n as f64 / count as f64).collect()
}

/// V1, three media and walls.
pub(super) fn freezing_half_space(extent: Extent) -> Vec<Check> {
    let cases = [
        ("A water, -70", WATER, -70.0),
        ("B muscle, -70", MUSCLE_LIKE, -70.0),
        ("C muscle, -140", MUSCLE_LIKE, -140.0),
    ];
    let times: &[f64] = if extent == Extent::Full { &[60.0, 120.0, 180.0, 300.0, 600.0] } else { &[60.0] };
    let mut checks = Vec::new();
    for (name, medium, wall_c) in cases {
        for &time_s in times {
            checks.extend(one_half_space(name, medium, wall_c, time_s));
        }
    }
    checks
}

/// Cells of V1. Unit: mm.
const V1_CELL_MM: f64 = 0.5;

/// The front where the cell nearest to it is half frozen, and the field at that moment of the exact front. Only then does
/// a row of cells that freeze one after the other stand for a front at all; in between, the front that it shows runs
/// ahead and falls behind by up to half a cell.
fn one_half_space(name: &str, medium: TwoPhase, wall_c: f64, about_s: f64) -> Vec<Check> {
    let exact = FreezingHalfSpace::new(medium, wall_c);
    let front_mm = exact.front_m(about_s) * 1e3;
    let cell = (front_mm / V1_CELL_MM).floor() as usize;
    let centre_mm = (cell as f64 + 0.5) * V1_CELL_MM;
    let time_s = about_s * (centre_mm / front_mm).powi(2);
    let duration_s = 1.25 * time_s;
    let mut parts = row(edges(0.0, 100.0, 200), two_phase(&medium), duration_s);
    parts.start = Start::Uniform { celsius: medium.start_c };
    parts.outer[0] = OuterFace::Held { celsius: wall_c };
    parts.isotherms_c = vec![medium.freezing_c];
    let history = answer_keeping(parts, 1.0, &[time_s]);
    let half_frozen_s = duration_s - f64::from(history.below[0].seconds[cell]);
    let field = &history.snapshots[0].celsius;
    let near = history.grid.centres_mm()[0].iter().zip(field).take_while(|(x, _)| **x < 30.0);
    let squares: Vec<f64> = near.map(|(&x, &t)| (f64::from(t) - exact.celsius(x * 1e-3, time_s)).powi(2)).collect();
    let rms = (squares.iter().sum::<f64>() / squares.len() as f64).sqrt();
    let note = format!("Neumann; 0.5 mm cells, half frozen at {half_frozen_s:.1} s");
    vec![
        Check::of("V1", format!("{name}, {about_s} s: front"), "mm").near(
            exact.front_m(half_frozen_s) * 1e3,
            centre_mm,
            0.25 * V1_CELL_MM,
            note.clone(),
        ),
        Check::of("V1", format!("{name}, {about_s} s: rms of T to 30 mm"), "K").near(0.0, rms, 0.3, note),
    ]
}

/// V6a and V6b.
pub(super) fn perfused(extent: Extent) -> Vec<Check> {
    let times: &[f64] = if extent == Extent::Full { &[10.0, 60.0, 300.0] } else { &[60.0] };
    let mut checks = Vec::new();
    for &time_s in times {
        checks.push(slab(time_s));
        checks.push(film(time_s));
    }
    checks.extend(oblique_film(extent));
    checks.push(two_layers());
    checks
}

/// V6b with the surface oblique to the grid: stairs stand for a plane, and their film is scaled to its true area.
fn oblique_film(extent: Extent) -> Vec<Check> {
    let tilts: &[(f64, f64, f64)] =
        if extent == Extent::Full { &[(0.3, 0.1, 1.0), (1.0, 1.0, 1.0)] } else { &[(1.0, 1.0, 1.0)] };
    tilts
        .iter()
        .map(|&(x, y, z)| {
            let outward = SceneVector::new(x, y, z).direction().expect("not zero");
            let worst = oblique_worst_k(outward);
            Check::of("V6", format!("b film square to ({x}, {y}, {z}), 300 s: worst T"), "K").near(
                0.0,
                worst,
                OBLIQUE_K,
                "3 to 10 mm deep; 1 mm cells",
            )
        })
        .collect()
}

/// Stairs of 1 mm may stand up to 0.1 mm beside the plane they stand for, in a gradient of 2 K/mm.
const OBLIQUE_K: f64 = 0.2;

/// The plane's distance from the middle of the box: 9 / sqrt(3), half way between two layers of cells square to (1,1,1), so
/// that the stairs stand evenly around it. Unit: mm.
const WALL_MM: f64 = 5.196;

fn oblique_worst_k(outward: SceneDirection) -> f64 {
    const TIME_S: f64 = 300.0;
    // The insulated sides, which the plane meets at an angle, stay two diffusion lengths away from where it is read.
    let (least, most) = (ScenePoint::new(-22.0, -22.0, -22.0), ScenePoint::new(22.0, 22.0, 22.0));
    let grid = SceneGrid::uniform(SceneBox { least, most }, 1.0).expect("a grid of the suite");
    let height = |place: ScenePoint| (place - ScenePoint::origin()).dot(outward.as_vector()) - WALL_MM;
    let medium = (0..grid.cell_count()).map(|n| u8::from(height(grid.centre(grid.cell(n))) > 0.0)).collect();
    let mut parts = row(edges(0.0, 1.0, 1), perfused_tissue(&MUSCLE), TIME_S);
    parts.media.push(Medium::Held(Held { name: "coolant".into(), celsius: 0.0, film_w_per_m2_k: 100.0 }));
    (parts.grid, parts.medium) = (grid, medium);
    let history = answer(parts, 2.0);
    let errors = (3..=10).map(|depth_mm| {
        let depth_mm = f64::from(depth_mm);
        let found = history.last_at(ScenePoint::origin() + outward * (WALL_MM - depth_mm)).unwrap_or(f64::NAN);
        (found - MUSCLE.half_space_c(100.0, 0.0, depth_mm * 1e-3, TIME_S)).abs()
    });
    errors.fold(0.0, |a, b| if b > a || b.is_nan() { b } else { a })
}

/// Two tissues in series, one of them half frozen: the steady heat through both is known in closed form.
fn two_layers() -> Check {
    let frozen_from = |frozen, liquid| TwoPhase {
        frozen_w_per_m_k: frozen,
        liquid_w_per_m_k: liquid,
        frozen_j_per_m3_k: 1e5,
        liquid_j_per_m3_k: 1e5,
        latent_j_per_m3: 0.0,
        freezing_c: 0.0,
        start_c: 0.0,
    };
    let mut parts = row(edges(0.0, 20.0, 20), two_phase(&frozen_from(2.0, 0.5)), 600.0);
    parts.media.push(Medium::Tissue(two_phase(&frozen_from(0.3, 0.2))));
    parts.medium[10..].fill(1);
    parts.outer[0] = OuterFace::Held { celsius: -60.0 };
    parts.outer[1] = OuterFace::Held { celsius: 40.0 };
    let history = answer(parts, 5.0);
    // Heat potentials: -120 W/m at the cold face. With the interface at T < 0, 10 mm of the first tissue pass
    // 2 (T + 60) / 0.01 and 10 mm of the second (0.2 x 40 - 0.3 T) / 0.01: T = (8 - 120) / 2.3.
    let interface_c = (0.2 * 40.0 - 120.0) / 2.3;
    let heat = 2.0 * (interface_c + 60.0) / 0.01;
    // The last cell centre of the second tissue, 0.5 mm from the warm face.
    let expected = 40.0 - heat * 0.5e-3 / 0.2;
    let found = f64::from(history.last_c[19]);
    Check::of("V6", "two tissues in series, half frozen: T at 19.5 mm", "°C").near(
        expected,
        found,
        0.01,
        "closed form; the 0.1 K freezing range changes theta by 0.01 W/m",
    )
}

fn slab(time_s: f64) -> Check {
    let mut parts = row(edges(0.0, 20.0, 200), perfused_tissue(&MUSCLE), time_s);
    parts.outer[0] = OuterFace::Held { celsius: 5.0 };
    parts.outer[1] = OuterFace::Held { celsius: 37.0 };
    let worst = worst_k(&answer(parts, 1.0), 20.0, |x| MUSCLE.slab_c(0.02, 5.0, x * 1e-3, time_s));
    Check::of("V6", format!("a slab, {time_s} s: worst T"), "K").near(0.0, worst, 0.02, "series; 0.1 mm cells")
}

fn film(time_s: f64) -> Check {
    let mut x = edges(0.0, 100.0, 400);
    x.insert(0, -0.25);
    let mut parts = row(x, perfused_tissue(&MUSCLE), time_s);
    parts.media.push(Medium::Held(Held { name: "coolant".into(), celsius: 0.0, film_w_per_m2_k: 100.0 }));
    parts.medium[0] = 1;
    let worst = worst_k(&answer(parts, 1.0), 20.0, |x| MUSCLE.half_space_c(100.0, 0.0, x * 1e-3, time_s));
    Check::of("V6", format!("b film, {time_s} s: worst T"), "K").near(
        0.0,
        worst,
        0.02,
        "Laplace inversion; 0.25 mm cells",
    )
}

/// Worst difference over the cells between 0 and `to_mm`.
fn worst_k(history: &FreezeHistory, to_mm: f64, exact_c: impl Fn(f64) -> f64) -> f64 {
    let centres = &history.grid.centres_mm()[0];
    let cells = centres.iter().zip(&history.last_c).filter(|(x, _)| **x > 0.0 && **x < to_mm);
    cells.map(|(&x, &t)| (f64::from(t) - exact_c(x)).abs()).fold(0.0, |a, b| if b > a || b.is_nan() { b } else { a })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plane_problems_hold_in_brief() {
        for check in freezing_half_space(Extent::Brief).iter().chain(&perfused(Extent::Brief)) {
            assert!(check.passes(), "{check:?}");
        }
    }
}
