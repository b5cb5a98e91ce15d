//! V2, V3, V5 and V8: probes against exact fields around lines and balls.

use super::slabs::{MUSCLE_LIKE, two_phase};
use super::{Check, Extent};
use crate::exact::{FrozenCore, LineSink, PointSink, STEPPED, SteppedCase, TwoPhase};
use crate::{
    Continue, Cooling, FreezeHistory, FreezeScene, Medium, OuterFace, ProbeShape, Reperfusion, SceneBox,
    SceneDirection, SceneGrid, SceneParts, ScenePoint, SceneProbe, SceneVector, Schedule, Shaft, Snapshot,
    SolverSettings, Start, TimeTable, TipShape, Tissue, radius_along, simulate_keeping,
};

/// Exact fields start here, when the front has left the line.
const FIRST_S: f64 = 10.0;
/// Radius of the immersed cylinder of V2 and of the immersed ball of V3. Unit: mm.
const IMMERSED_MM: (f64, f64) = (1.0, 2.0);

fn shape(is_ball: bool, radius_mm: f64) -> ProbeShape {
    ProbeShape {
        radius_mm,
        active_length_mm: 2.0 * radius_mm,
        dead_tip_mm: 0.0,
        shaft_length_mm: 0.0,
        tip: if is_ball { TipShape::Round } else { TipShape::Endless },
        shaft: Shaft::Insulated,
    }
}

/// A probe whose axis (or middle, for a ball) passes through `through`.
fn probe(is_ball: bool, radius_mm: f64, through: ScenePoint, towards: SceneDirection, table: TimeTable) -> SceneProbe {
    SceneProbe {
        name: "immersed".into(),
        tip: if is_ball { through - towards * radius_mm } else { through },
        towards_hub: towards,
        shape: shape(is_ball, radius_mm),
        cooling: Cooling::Surface(table),
        warming: None,
        schedule: Schedule::one_freeze(4.0 * 3600.0),
    }
}

fn cube(half_mm: f64) -> SceneBox {
    SceneBox { least: ScenePoint::new(-half_mm, -half_mm, -half_mm), most: ScenePoint::new(half_mm, half_mm, half_mm) }
}

/// One layer of cells across the axis of an endless probe along z.
fn plane(fine_mm: f64, focus_mm: f64, half_mm: f64) -> SceneGrid {
    let grid = SceneGrid::graded(cube(focus_mm), fine_mm, 1.15, 3.0, cube(half_mm)).expect("a grid of the suite");
    let [x, y, _] = grid.edges_mm().clone();
    SceneGrid::from_edges(x, y, vec![-0.5 * fine_mm, 0.5 * fine_mm]).expect("increasing edges")
}

fn scene(grid: SceneGrid, tissue: Tissue, probe: SceneProbe, duration_s: f64) -> SceneParts {
    SceneParts {
        medium: vec![0; grid.cell_count()],
        grid,
        media: vec![Medium::Tissue(tissue)],
        arterial_c: 37.0,
        start: Start::Uniform { celsius: 37.0 },
        outer: [OuterFace::Insulated; 6],
        reperfusion: Reperfusion::Never,
        probes: vec![probe],
        sensors: Vec::new(),
        isotherms_c: Vec::new(),
        duration_s,
    }
}

fn run(parts: SceneParts, step_s: f64, keep_at_s: &[f64]) -> FreezeHistory {
    let settings = SolverSettings { step_s, threads: 2, record_every_s: 60.0, ..SolverSettings::default() };
    let scene = FreezeScene::new(parts).expect("a scene of the suite is valid");
    simulate_keeping(&scene, &settings, keep_at_s, &mut |_| Continue::Yes).expect("a scene of the suite has an answer")
}

/// How a field is looked at: from a place, across an axis or in all directions.
struct Look<'a> {
    history: &'a FreezeHistory,
    snapshot: &'a Snapshot,
    from: ScenePoint,
    towards: Vec<SceneDirection>,
}

impl<'a> Look<'a> {
    fn new(history: &'a FreezeHistory, snapshot: &'a Snapshot, from: ScenePoint, axis: SceneDirection) -> Self {
        let is_ball = history.lattice.probes[0].is_ball();
        let (first, second) = axis.perpendiculars();
        let mut towards = Vec::new();
        let tilts: &[f64] = if is_ball { &[-0.9, -0.4, 0.0, 0.4, 0.9] } else { &[0.0] };
        for tilt in tilts {
            for n in 0..16 {
                let angle = std::f64::consts::TAU * f64::from(n) / 16.0;
                let ray = first * angle.cos() + second * angle.sin() + axis * *tilt;
                towards.extend(ray.direction());
            }
        }
        Self { history, snapshot, from, towards }
    }

    fn at(&self, place: ScenePoint) -> Option<f64> {
        self.history.snapshot_at(self.snapshot, place)
    }

    /// Mean radius of a surface. Unit: mm.
    fn radius_mm(&self, celsius: f64) -> f64 {
        let field = |place: ScenePoint| self.at(place);
        let radii = self.towards.iter().map(|&d| radius_along(&field, self.from, d, celsius).unwrap_or(f64::NAN));
        radii.sum::<f64>() / self.towards.len() as f64
    }

    /// Root of the mean squared difference from an exact field at radii between two. Unit: K.
    fn rms_k(&self, least_mm: f64, most_mm: f64, exact_c: impl Fn(f64) -> f64) -> f64 {
        const RADII: usize = 40;
        let mut squares = 0.0;
        for &d in &self.towards {
            for n in 0..RADII {
                let r = least_mm + (most_mm - least_mm) * (n as f64 + 0.5) / RADII as f64;
                squares += (self.at(self.from + d * r).unwrap_or(f64::NAN) - exact_c(r)).powi(2);
            }
        }
        (squares / (RADII * self.towards.len()) as f64).sqrt()
    }
}

/// An exact field by distance (mm) and time (s).
type Exact<'a> = &'a dyn Fn(f64, f64) -> f64;

/// The surface of an immersed body by the clock of the run, which starts at [`FIRST_S`].
fn surface(exact_c: Exact, radius_mm: f64, duration_s: f64) -> TimeTable {
    let count = (2.0 * duration_s) as usize;
    let rows: Vec<(f64, f64)> = (0..=count)
        .map(|n| {
            let t = 0.5 * n as f64;
            (t, exact_c(radius_mm, FIRST_S + t))
        })
        .collect();
    TimeTable::from_pairs(&rows).expect("times that increase")
}

/// Distance of a place from an axis or, for a ball, from its middle. Unit: mm.
fn away_mm(place: ScenePoint, from: ScenePoint, axis: Option<SceneDirection>) -> f64 {
    let away = place - from;
    let along = axis.map_or(0.0, |a| away.dot(a.as_vector()));
    (away.dot(away) - along * along).max(0.0).sqrt()
}

/// A sink of V2 or V3 on a grid, from [`FIRST_S`] to 180 s.
struct Sink<'a> {
    problem: &'static str,
    name: String,
    grid: SceneGrid,
    middle: ScenePoint,
    towards: SceneDirection,
    is_ball: bool,
    exact_c: Exact<'a>,
    front_mm: f64,
}

impl Sink<'_> {
    fn checks(&self) -> Vec<Check> {
        let duration_s = 180.0 - FIRST_S;
        let radius_mm = if self.is_ball { IMMERSED_MM.1 } else { IMMERSED_MM.0 };
        let table = surface(self.exact_c, radius_mm, duration_s);
        let probe = probe(self.is_ball, radius_mm, self.middle, self.towards, table);
        let mut parts = scene(self.grid.clone(), two_phase(&MUSCLE_LIKE), probe, duration_s);
        let axis = (!self.is_ball).then_some(self.towards);
        let start = (0..self.grid.cell_count()).map(|n| {
            let r = away_mm(self.grid.centre(self.grid.cell(n)), self.middle, axis);
            (self.exact_c)(r.max(radius_mm), FIRST_S) as f32
        });
        parts.start = Start::Cells(start.collect());
        let history = run(parts, 4.0, &[duration_s]);
        let look = Look::new(&history, &history.snapshots[0], self.middle, self.towards);
        let cell_mm = self.grid.finest_mm();
        let note = format!("similarity solution; {cell_mm:.2} mm cells");
        let front = Check::of(self.problem, format!("{}: radius at 180 s", self.name), "mm").near(
            self.front_mm,
            look.radius_mm(MUSCLE_LIKE.freezing_c),
            0.5 * cell_mm,
            note.clone(),
        );
        let rms = look.rms_k(radius_mm, 16.0, |r| (self.exact_c)(r, 180.0));
        let rms = Check::of(self.problem, format!("{}: rms of T to 16 mm", self.name), "K").near(0.0, rms, 0.5, note);
        vec![front, rms]
    }
}

/// V2 along the grid and along its diagonal.
pub(super) fn line_sinks(extent: Extent) -> Vec<Check> {
    let strengths: &[f64] = if extent == Extent::Full { &[300.0, 600.0, 1000.0] } else { &[600.0] };
    let diagonal = SceneVector::new(1.0, 1.0, 1.0).direction().expect("not zero");
    let mut checks = Vec::new();
    for &strength in strengths {
        let line = LineSink::new(MUSCLE_LIKE, strength);
        let exact_c = |r_mm: f64, t: f64| line.celsius(r_mm * 1e-3, t);
        let sink = |name: String, grid: SceneGrid, middle: ScenePoint, towards: SceneDirection| Sink {
            problem: "V2",
            name,
            grid,
            middle,
            towards,
            is_ball: false,
            exact_c: &exact_c,
            front_mm: line.front_m(180.0) * 1e3,
        };
        let offset = ScenePoint::new(0.13, 0.21, 0.0);
        let flat = plane(0.5, 10.0, 50.0);
        checks.extend(sink(format!("{strength} W/m along z"), flat, offset, SceneDirection::along_z()).checks());
        if extent == Extent::Full {
            let grid = SceneGrid::uniform(cube(24.0), 0.65).expect("a grid of the suite");
            checks.extend(sink(format!("{strength} W/m along (1,1,1)"), grid, offset, diagonal).checks());
        }
    }
    checks
}

/// V3.
pub(super) fn point_sinks(extent: Extent) -> Vec<Check> {
    let (strengths, fine_mm): (&[f64], f64) = if extent == Extent::Full { (&[0.2, 0.5], 0.5) } else { (&[0.5], 0.8) };
    let mut checks = Vec::new();
    for &strength in strengths {
        let point = PointSink::new(MUSCLE_LIKE, strength);
        let exact_c = |r_mm: f64, t: f64| point.celsius(r_mm * 1e-3, t);
        let sink = Sink {
            problem: "V3",
            name: format!("{strength} W/s^.5"),
            grid: SceneGrid::graded(cube(8.0), fine_mm, 1.2, 3.0, cube(36.0)).expect("a grid of the suite"),
            middle: ScenePoint::new(0.13, 0.21, 0.07),
            towards: SceneDirection::along_z(),
            is_ball: true,
            exact_c: &exact_c,
            front_mm: point.front_m(180.0) * 1e3,
        };
        checks.extend(sink.checks());
    }
    checks
}

/// Muscle of the physics notes ("MP") as a medium that freezes at -1 °C.
const PERFUSED_MUSCLE: TwoPhase = TwoPhase {
    frozen_w_per_m_k: 1.60,
    liquid_w_per_m_k: 0.49497,
    frozen_j_per_m3_k: 1090.4 * 2000.0,
    liquid_j_per_m3_k: 1090.4 * 3421.2,
    latent_j_per_m3: 1090.4 * 247e3,
    freezing_c: -1.0,
    start_c: 37.0,
};
const GEL: TwoPhase = TwoPhase {
    frozen_w_per_m_k: 2.22,
    liquid_w_per_m_k: 0.60,
    frozen_j_per_m3_k: 917.0 * 2090.0,
    liquid_j_per_m3_k: 4.18e6,
    latent_j_per_m3: 917.0 * 334e3,
    freezing_c: -0.5,
    start_c: 22.0,
};
const MUSCLE_W_PER_M3_K: f64 = 2535.04;
const MUSCLE_W_PER_M3: f64 = 988.03;

/// V5: the steady ice in muscle. Latent and sensible heat do not enter the steady state, so little of both is used.
pub(super) fn frozen_cores(extent: Extent) -> Vec<Check> {
    let all = [(false, 0.65, -70.0), (true, 0.65, -70.0), (true, 0.75, -140.0)];
    let cases = if extent == Extent::Full { &all[..] } else { &all[..1] };
    cases.iter().flat_map(|&(is_ball, radius_mm, probe_c)| frozen_core(is_ball, radius_mm, probe_c)).collect()
}

fn frozen_core(is_ball: bool, radius_mm: f64, probe_c: f64) -> Vec<Check> {
    let exact = FrozenCore {
        frozen_w_per_m_k: 1.6,
        unfrozen_w_per_m_k: 0.49497,
        perfusion_w_per_m3_k: MUSCLE_W_PER_M3_K,
        metabolic_w_per_m3: MUSCLE_W_PER_M3,
        arterial_c: 37.0,
        freezing_c: -1.0,
        probe_c,
        probe_radius_m: radius_mm * 1e-3,
    };
    // Equal diffusivity frozen and unfrozen lets the steps be longest.
    let tissue = Tissue {
        perfusion_w_per_m3_k: MUSCLE_W_PER_M3_K,
        metabolic_w_per_m3: MUSCLE_W_PER_M3,
        ..two_phase(&TwoPhase {
            frozen_j_per_m3_k: 3.2e6,
            liquid_j_per_m3_k: 1e6,
            latent_j_per_m3: 1e6,
            ..PERFUSED_MUSCLE
        })
    };
    let (grid, duration_s) = if is_ball {
        (SceneGrid::graded(cube(5.0), 0.4, 1.25, 5.0, cube(50.0)).expect("a grid of the suite"), 2000.0)
    } else {
        (plane(0.5, 8.0, 100.0), 6000.0)
    };
    let middle = ScenePoint::new(0.07, 0.11, if is_ball { 0.05 } else { 0.0 });
    let probe = probe(is_ball, radius_mm, middle, SceneDirection::along_z(), TimeTable::constant(probe_c));
    let history = run(scene(grid, tissue, probe, duration_s), 10.0, &[duration_s]);
    let look = Look::new(&history, &history.snapshots[0], middle, SceneDirection::along_z());
    let (front, inner) = if is_ball {
        (exact.ball_front_m(), exact.ball_surface_m(-20.0))
    } else {
        (exact.cylinder_front_m(), exact.cylinder_surface_m(-20.0))
    };
    let name = format!("{} {radius_mm} mm, {probe_c} °C", if is_ball { "ball" } else { "cylinder" });
    let check = |what: &str, expected_mm: f64, found_mm: f64| {
        Check::of("V5", format!("{name}: {what}"), "mm").near(expected_mm, found_mm, 0.01 * expected_mm, "1 %")
    };
    vec![check("front", front * 1e3, look.radius_mm(-1.0)), check("-20 °C", inner * 1e3, look.radius_mm(-20.0))]
}

/// V8.
pub(super) fn stepped_probes(extent: Extent) -> Vec<Check> {
    let wanted =
        |case: &&SteppedCase| extent == Extent::Full || (!case.is_ball && !case.in_gel && case.radius_mm == 0.65);
    STEPPED.iter().filter(wanted).flat_map(|case| stepped_probe(case, extent)).collect()
}

fn stepped_probe(case: &SteppedCase, extent: Extent) -> Vec<Check> {
    let medium = if case.in_gel { GEL } else { PERFUSED_MUSCLE };
    let mut tissue = two_phase(&medium);
    if !case.in_gel {
        (tissue.perfusion_w_per_m3_k, tissue.metabolic_w_per_m3) = (MUSCLE_W_PER_M3_K, MUSCLE_W_PER_M3);
    }
    let last_s = match (extent, case.is_ball) {
        (Extent::Brief, _) => 60.0,
        (Extent::Full, true) => 180.0,
        (Extent::Full, false) => 600.0,
    };
    let fine_mm = 0.5;
    let grid = if case.is_ball {
        SceneGrid::graded(cube(4.0), fine_mm, 1.15, 3.0, cube(30.0)).expect("a grid of the suite")
    } else {
        plane(fine_mm, 14.0, 70.0)
    };
    let middle = ScenePoint::new(0.13, 0.21, if case.is_ball { 0.07 } else { 0.0 });
    let probe =
        probe(case.is_ball, case.radius_mm, middle, SceneDirection::along_z(), TimeTable::constant(case.probe_c));
    let mut parts = scene(grid, tissue, probe, last_s);
    parts.start = Start::Uniform { celsius: medium.start_c };
    let rows: Vec<_> = case.rows.iter().filter(|r| r.at_s >= 60.0 && r.at_s <= last_s).collect();
    let times: Vec<f64> = rows.iter().map(|r| r.at_s).collect();
    let history = run(parts, 4.0, &times);
    let name = format!(
        "{} {} mm, {} °C in {}",
        if case.is_ball { "ball" } else { "cylinder" },
        case.radius_mm,
        case.probe_c,
        if case.in_gel { "gel" } else { "muscle" }
    );
    let mut checks = Vec::new();
    for (row, snapshot) in rows.iter().zip(&history.snapshots) {
        let look = Look::new(&history, snapshot, middle, SceneDirection::along_z());
        let surfaces = [
            ("front", medium.freezing_c, row.front_mm),
            ("-20 °C", -20.0, row.minus_20_mm),
            ("-40 °C", -40.0, row.minus_40_mm),
        ];
        for (what, celsius, expected_mm) in surfaces {
            let found_mm = look.radius_mm(celsius);
            let tolerance_mm = (0.25 * fine_mm).max(0.02 * expected_mm);
            checks.push(Check::of("V8", format!("{name}, {} s: {what}", row.at_s), "mm").near(
                expected_mm,
                found_mm,
                tolerance_mm,
                "front fixing; a quarter cell or 2 %",
            ));
        }
    }
    checks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold(checks: &[Check]) {
        for check in checks {
            assert!(check.passes(), "{check:?}");
        }
    }

    #[test]
    fn a_line_sink_holds_in_brief() {
        hold(&line_sinks(Extent::Brief));
    }

    #[test]
    fn a_point_sink_holds_in_brief() {
        hold(&point_sinks(Extent::Brief));
    }

    #[test]
    fn a_stepped_probe_holds_in_brief() {
        hold(&stepped_probes(Extent::Brief));
    }
}
