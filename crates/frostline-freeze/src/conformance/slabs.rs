//! V1 and V6: plane problems.

use super::check::Spread;
use super::order::{Levels, levels};
use super::{Check, Suite};
use crate::exact::{FreezingHalfSpace, Perfused, RangeConductivity, RangeMedium, TwoPhase};
use crate::{
    Continue, FreezeHistory, FreezeScene, Freezing, Held, Medium, OuterFace, Reperfusion, SceneGrid, SceneParts,
    ScenePoint, Start, TemperatureTable, Tissue, simulate_keeping,
};
use crate::{SceneBox, SceneDirection, SceneVector};

/// Half of the range over which a medium that freezes at one temperature is let freeze. Unit: K.
const HALF_RANGE_K: f64 = 0.05;

/// A tissue with the volumetric properties of an exact problem.
pub(super) fn two_phase(medium: &TwoPhase) -> Tissue {
    two_phase_over(medium, (medium.freezing_c + HALF_RANGE_K, medium.freezing_c - HALF_RANGE_K))
}

/// The same, freezing from the first temperature to the second.
pub(super) fn two_phase_over(medium: &TwoPhase, (starts_c, ends_c): (f64, f64)) -> Tissue {
    Tissue {
        name: "two-phase medium".into(),
        density_kg_per_m3: 1.0,
        unfrozen_w_per_m_k: medium.liquid_w_per_m_k,
        unfrozen_j_per_kg_k: medium.liquid_j_per_m3_k,
        frozen_w_per_m_k: TemperatureTable::constant(medium.frozen_w_per_m_k),
        frozen_j_per_kg_k: TemperatureTable::constant(medium.frozen_j_per_m3_k),
        freezing_starts_c: starts_c,
        freezing: Freezing::Linear { ends_c, latent_j_per_kg: medium.latent_j_per_m3 },
        lipid: None,
        perfusion_w_per_m3_k: 0.0,
        metabolic_w_per_m3: 0.0,
    }
}

/// Data M freezing from -1 °C down to `ends_c`; for the constant conductivity of the textbooks with the frozen conductivity
/// throughout, so that a tissue, whose conductivity is linear within the range, is the same.
pub(super) fn range_medium(ends_c: f64, conductivity: RangeConductivity) -> RangeMedium {
    let medium = match conductivity {
        RangeConductivity::Linear => MUSCLE_LIKE,
        RangeConductivity::Mean => TwoPhase { liquid_w_per_m_k: MUSCLE_LIKE.frozen_w_per_m_k, ..MUSCLE_LIKE },
    };
    RangeMedium { medium, ends_c, conductivity }
}

pub(super) fn range_tissue(range: &RangeMedium) -> Tissue {
    two_phase_over(&range.medium, (range.medium.freezing_c, range.ends_c))
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
        freezing: Freezing::Linear { ends_c: -101.0, latent_j_per_kg: 1.0 },
        lipid: None,
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
pub(super) fn row(edges_mm: Vec<f64>, tissue: Tissue, duration_s: f64) -> SceneParts {
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

pub(super) fn answer(suite: Suite, parts: SceneParts, step_s: f64) -> FreezeHistory {
    answer_keeping(suite, parts, step_s, &[])
}

pub(super) fn answer_keeping(suite: Suite, parts: SceneParts, step_s: f64, keep_at_s: &[f64]) -> FreezeHistory {
    let settings = suite.settings(step_s, 2, 10.0);
    let scene = FreezeScene::new(parts).expect("a scene of the suite is valid");
    simulate_keeping(&scene, &settings, keep_at_s, &mut |_| Continue::Yes).expect("a scene of the suite has an answer")
}

pub(super) fn edges(from_mm: f64, to_mm: f64, count: usize) -> Vec<f64> {
    (0..=count).map(|n| from_mm + (to_mm - from_mm) * n as f64 / count as f64).collect()
}

/// V1, three media and walls.
pub(super) fn freezing_half_space(suite: Suite) -> Vec<Check> {
    let cases = [
        ("A water, -70", WATER, -70.0),
        ("B muscle, -70", MUSCLE_LIKE, -70.0),
        ("C muscle, -140", MUSCLE_LIKE, -140.0),
    ];
    let times: &[f64] = if suite.is_full() { &[60.0, 120.0, 180.0, 300.0, 600.0] } else { &[60.0] };
    let mut checks = Vec::new();
    for (name, medium, wall_c) in cases {
        for &about_s in times {
            let case = HalfSpace { suite, medium, wall_c, about_s, cell_mm: V1_CELL_MM };
            checks.extend(case.checks(name));
        }
        let error = |cell_mm| HalfSpace { suite, medium, wall_c, about_s: 180.0, cell_mm }.solved().field_k.rms;
        let list = levels([1.0, 0.5, 0.25], error);
        let name = format!("{name}, 180 s, rms of T");
        checks.push(Levels { problem: "V1", name: &name, units: ("mm", "K"), list }.check(V1_FLOOR, V1_WHY));
    }
    checks
}

/// Cells of V1. Unit: mm.
const V1_CELL_MM: f64 = 0.5;
const V1_FLOOR: f64 = 0.75;
const V1_WHY: &str = "a sharp front is known to a cell: first order";

/// V1 on cells of one size, at about one time.
struct HalfSpace {
    suite: Suite,
    medium: TwoPhase,
    wall_c: f64,
    about_s: f64,
    cell_mm: f64,
}

/// What V1 came to.
struct HalfSpaceFound {
    half_frozen_s: f64,
    centre_mm: f64,
    exact_mm: f64,
    field_k: Spread,
}

impl HalfSpace {
    /// The front where the cell nearest to it is half frozen, and the field at that moment of the exact front. Only then
    /// does a row of cells that freeze one after the other stand for a front at all; in between, the front that it shows
    /// runs ahead and falls behind by up to half a cell.
    fn solved(&self) -> HalfSpaceFound {
        let exact = FreezingHalfSpace::new(self.medium, self.wall_c);
        let front_mm = exact.front_m(self.about_s) * 1e3;
        let cell = (front_mm / self.cell_mm).floor() as usize;
        let centre_mm = (cell as f64 + 0.5) * self.cell_mm;
        let time_s = self.about_s * (centre_mm / front_mm).powi(2);
        let duration_s = 1.25 * time_s;
        let count = (100.0 / self.cell_mm).round() as usize;
        let mut parts = row(edges(0.0, 100.0, count), two_phase(&self.medium), duration_s);
        parts.start = Start::Uniform { celsius: self.medium.start_c };
        parts.outer[0] = OuterFace::Held { celsius: self.wall_c };
        parts.isotherms_c = vec![self.medium.freezing_c];
        let history = answer_keeping(self.suite, parts, 1.0, &[time_s]);
        let half_frozen_s = duration_s - f64::from(history.below[0].seconds[cell]);
        let exact_c = |x_mm: f64| exact.celsius(x_mm * 1e-3, time_s);
        let field_k = row_errors_k(&history, &history.snapshots[0].celsius, 30.0, exact_c);
        HalfSpaceFound { half_frozen_s, centre_mm, exact_mm: exact.front_m(half_frozen_s) * 1e3, field_k }
    }

    fn checks(&self, name: &str) -> Vec<Check> {
        let found = self.solved();
        let note = format!("Neumann; {} mm cells, half frozen at {:.1} s", self.cell_mm, found.half_frozen_s);
        // The cell at the front is at freezing until it has frozen, half a cell of the steepest field beside it.
        let worst_k = V1_WORST_K * (self.medium.freezing_c - self.wall_c) / 69.0;
        let about_s = self.about_s;
        vec![
            Check::of("V1", format!("{name}, {about_s} s: front"), "mm").near(
                found.exact_mm,
                found.centre_mm,
                0.25 * self.cell_mm,
                note.clone(),
            ),
            Check::of("V1", format!("{name}, {about_s} s: rms of T to 30 mm"), "K").error_of(
                found.field_k,
                0.3,
                worst_k,
                note,
            ),
        ]
    }
}

/// Worst place of a wall at -70 °C; in proportion for a colder wall. Unit: K.
const V1_WORST_K: f64 = 1.5;

/// Differences of a row of cells between 0 and `to_mm` from an exact field. Unit: K.
pub(super) fn row_errors_k(history: &FreezeHistory, field: &[f32], to_mm: f64, exact_c: impl Fn(f64) -> f64) -> Spread {
    let centres = &history.grid.centres_mm()[0];
    let cells = centres.iter().zip(field).filter(|(x, _)| **x > 0.0 && **x < to_mm);
    Spread::of(cells.map(|(&x, &t)| f64::from(t) - exact_c(x)))
}

/// V6a and V6b.
pub(super) fn perfused(suite: Suite) -> Vec<Check> {
    let times: &[f64] = if suite.is_full() { &[10.0, 60.0, 300.0] } else { &[60.0] };
    let mut checks = Vec::new();
    for &time_s in times {
        let limit =
            |what: String, spread: Spread, note: &str| Check::of("V6", what, "K").error_of(spread, 0.02, 0.02, note);
        checks.push(limit(format!("a slab, {time_s} s: rms of T"), slab(suite, 0.1, time_s), "series; 0.1 mm cells"));
        let note = "Laplace inversion; 0.25 mm cells";
        checks.push(limit(format!("b film, {time_s} s: rms of T"), film(suite, 0.25, time_s), note));
    }
    checks.extend(perfused_orders(suite));
    checks.extend(oblique_film(suite));
    checks.push(two_layers(suite));
    checks
}

/// Nothing bends but the field itself, so cells are of second order; 0.1 is left to the steep start.
fn perfused_orders(suite: Suite) -> [Check; 2] {
    let of = |name: &str, sizes: [f64; 3], error: &dyn Fn(f64) -> f64| {
        let list = levels(sizes, error);
        Levels { problem: "V6", name, units: ("mm", "K"), list }.check(1.9, "smooth field: second order")
    };
    [
        of("a slab, 60 s, rms of T", [1.0, 0.5, 0.25], &|mm| slab(suite, mm, 60.0).rms),
        of("b film, 60 s, rms of T", [2.0, 1.0, 0.5], &|mm| film(suite, mm, 60.0).rms),
    ]
}

/// V6b with the surface oblique to the grid: stairs stand for a plane, and their film is scaled to its true area.
fn oblique_film(suite: Suite) -> Vec<Check> {
    let tilts: &[(f64, f64, f64)] =
        if suite.is_full() { &[(0.3, 0.1, 1.0), (1.0, 1.0, 1.0)] } else { &[(1.0, 1.0, 1.0)] };
    tilts
        .iter()
        .map(|&(x, y, z)| {
            let outward = SceneVector::new(x, y, z).direction().expect("not zero");
            let errors = oblique_errors_k(suite, outward);
            Check::of("V6", format!("b film square to ({x}, {y}, {z}), 300 s: rms of T"), "K").error_of(
                errors,
                OBLIQUE_K,
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

fn oblique_errors_k(suite: Suite, outward: SceneDirection) -> Spread {
    const TIME_S: f64 = 300.0;
    // The insulated sides, which the plane meets at an angle, stay two diffusion lengths away from where it is read.
    let (least, most) = (ScenePoint::new(-22.0, -22.0, -22.0), ScenePoint::new(22.0, 22.0, 22.0));
    let grid = SceneGrid::uniform(SceneBox { least, most }, 1.0).expect("a grid of the suite");
    let height = |place: ScenePoint| (place - ScenePoint::origin()).dot(outward.as_vector()) - WALL_MM;
    let medium = (0..grid.cell_count()).map(|n| u8::from(height(grid.centre(grid.cell(n))) > 0.0)).collect();
    let mut parts = row(edges(0.0, 1.0, 1), perfused_tissue(&MUSCLE), TIME_S);
    parts.media.push(Medium::Held(Held { name: "coolant".into(), celsius: 0.0, film_w_per_m2_k: 100.0 }));
    (parts.grid, parts.medium) = (grid, medium);
    let history = answer(suite, parts, 2.0);
    Spread::of((3..=10).map(|depth_mm| {
        let depth_mm = f64::from(depth_mm);
        let found = history.last_at(ScenePoint::origin() + outward * (WALL_MM - depth_mm)).unwrap_or(f64::NAN);
        found - MUSCLE.half_space_c(100.0, 0.0, depth_mm * 1e-3, TIME_S)
    }))
}

/// Two tissues in series, one of them half frozen: the steady heat through both is known in closed form.
fn two_layers(suite: Suite) -> Check {
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
    let history = answer(suite, parts, 5.0);
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

fn slab(suite: Suite, cell_mm: f64, time_s: f64) -> Spread {
    let count = (20.0 / cell_mm).round() as usize;
    let mut parts = row(edges(0.0, 20.0, count), perfused_tissue(&MUSCLE), time_s);
    parts.outer[0] = OuterFace::Held { celsius: 5.0 };
    parts.outer[1] = OuterFace::Held { celsius: 37.0 };
    let history = answer(suite, parts, 1.0);
    row_errors_k(&history, &history.last_c, 20.0, |x| MUSCLE.slab_c(0.02, 5.0, x * 1e-3, time_s))
}

fn film(suite: Suite, cell_mm: f64, time_s: f64) -> Spread {
    let mut x = edges(0.0, 100.0, (100.0 / cell_mm).round() as usize);
    x.insert(0, -cell_mm);
    let mut parts = row(x, perfused_tissue(&MUSCLE), time_s);
    parts.media.push(Medium::Held(Held { name: "coolant".into(), celsius: 0.0, film_w_per_m2_k: 100.0 }));
    parts.medium[0] = 1;
    let history = answer(suite, parts, 1.0);
    row_errors_k(&history, &history.last_c, 20.0, |x| MUSCLE.half_space_c(100.0, 0.0, x * 1e-3, time_s))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plane_problems_hold_in_brief() {
        for check in freezing_half_space(Suite::BRIEF).iter().chain(&perfused(Suite::BRIEF)) {
            assert!(check.passes(), "{check:?}");
        }
    }
}
