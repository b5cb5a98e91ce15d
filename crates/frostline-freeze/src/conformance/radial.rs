//! A body of round cross-section in a medium: scenes around it, and how fields around it are looked at.

use super::Suite;
use super::check::Spread;
use crate::{
    Continue, Cooling, FreezeHistory, FreezeScene, Medium, OuterFace, ProbeShape, Reperfusion, SceneBox,
    SceneDirection, SceneGrid, SceneParts, ScenePoint, SceneProbe, Schedule, Shaft, Snapshot, Start, TimeTable,
    TipShape, Tissue, radius_along, simulate_keeping,
};

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
pub(super) fn probe(
    is_ball: bool,
    radius_mm: f64,
    through: ScenePoint,
    towards: SceneDirection,
    table: TimeTable,
) -> SceneProbe {
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

pub(super) fn cube(half_mm: f64) -> SceneBox {
    SceneBox { least: ScenePoint::new(-half_mm, -half_mm, -half_mm), most: ScenePoint::new(half_mm, half_mm, half_mm) }
}

/// One layer of cells across the axis of an endless probe along z.
pub(super) fn plane(fine_mm: f64, focus_mm: f64, half_mm: f64) -> SceneGrid {
    let grid = SceneGrid::graded(cube(focus_mm), fine_mm, 1.15, 3.0, cube(half_mm)).expect("a grid of the suite");
    let [x, y, _] = grid.edges_mm().clone();
    SceneGrid::from_edges(x, y, vec![-0.5 * fine_mm, 0.5 * fine_mm]).expect("increasing edges")
}

pub(super) fn scene(grid: SceneGrid, tissue: Tissue, probe: SceneProbe, duration_s: f64) -> SceneParts {
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

pub(super) fn run(suite: Suite, parts: SceneParts, step_s: f64, keep_at_s: &[f64]) -> FreezeHistory {
    let settings = suite.settings(step_s, 2, 60.0);
    let scene = FreezeScene::new(parts).expect("a scene of the suite is valid");
    simulate_keeping(&scene, &settings, keep_at_s, &mut |_| Continue::Yes).expect("a scene of the suite has an answer")
}

/// How a field is looked at: from a place, across an axis or in all directions.
pub(super) struct Look<'a> {
    history: &'a FreezeHistory,
    snapshot: &'a Snapshot,
    from: ScenePoint,
    towards: Vec<SceneDirection>,
}

impl<'a> Look<'a> {
    pub(super) fn new(
        history: &'a FreezeHistory,
        snapshot: &'a Snapshot,
        from: ScenePoint,
        axis: SceneDirection,
    ) -> Self {
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

    /// Errors of the radius of a surface, in all directions. Unit: mm.
    pub(super) fn radius_errors_mm(&self, celsius: f64, expected_mm: f64) -> Spread {
        let field = |place: ScenePoint| self.at(place);
        let radius = |d: &SceneDirection| radius_along(&field, self.from, *d, celsius).unwrap_or(f64::NAN);
        Spread::of(self.towards.iter().map(|d| radius(d) - expected_mm))
    }

    /// Differences from an exact field at radii between two, in all directions. Unit: K.
    pub(super) fn field_errors_k(&self, least_mm: f64, most_mm: f64, exact_c: impl Fn(f64) -> f64) -> Spread {
        const RADII: usize = 40;
        let radii = (0..RADII).map(|n| least_mm + (most_mm - least_mm) * (n as f64 + 0.5) / RADII as f64);
        Spread::of(radii.flat_map(|r| {
            let exact = exact_c(r);
            self.towards.iter().map(move |&d| self.at(self.from + d * r).unwrap_or(f64::NAN) - exact)
        }))
    }
}

/// An exact field by distance (mm) and time (s).
pub(super) type Exact<'a> = &'a dyn Fn(f64, f64) -> f64;

/// The surface of an immersed body by the clock of a run that starts at `first_s`.
pub(super) fn surface(exact_c: Exact, radius_mm: f64, first_s: f64, duration_s: f64) -> TimeTable {
    let count = (2.0 * duration_s) as usize;
    let rows: Vec<(f64, f64)> = (0..=count)
        .map(|n| {
            let t = 0.5 * n as f64;
            (t, exact_c(radius_mm, first_s + t))
        })
        .collect();
    TimeTable::from_pairs(&rows).expect("times that increase")
}

/// Distance of a place from an axis or, for a ball, from its middle. Unit: mm.
pub(super) fn away_mm(place: ScenePoint, from: ScenePoint, axis: Option<SceneDirection>) -> f64 {
    let away = place - from;
    let along = axis.map_or(0.0, |a| away.dot(a.as_vector()));
    (away.dot(away) - along * along).max(0.0).sqrt()
}
