//! R1: one needle, two freezes, against the converged axisymmetric answer.
//!
//! The ramp from 37 to -140 °C in 30 s begins anew with the second freeze, and while the gas is off the needle's own volume
//! counts as tissue: with both, every tabulated radius is met (thaw included), so both belong to the problem.

use super::check::Spread;
use super::{Check, Suite};
use crate::exact::{Axisymmetric, RangeConductivity, RangeMedium, TwoPhase};
use crate::{
    Continue, Cooling, FreezeHistory, FreezeScene, Freezing, Medium, OuterFace, PhaseKind, ProbeShape, Reperfusion,
    SceneBox, SceneDirection, SceneGrid, SceneParts, ScenePoint, SceneProbe, SceneVector, Schedule, Shaft, Start,
    TemperatureTable, TimeTable, TipShape, Tissue, radius_along, simulate_keeping,
};

/// One row of the converged answer.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// When. Unit: s.
    pub at_s: f64,
    /// Of which surface. Unit: °C.
    pub celsius: f64,
    /// Across the middle of the needle. Unit: mm.
    pub radius_mm: f64,
    /// Along the axis from the middle, where it was computed. Unit: mm.
    pub axial_mm: Option<f64>,
}

/// Axisymmetric finite volumes at 0.25, 0.125 and 0.0625 mm with Richardson extrapolation; +-0.005 mm in radius and
/// +-0.01 mm along the axis.
pub const ROWS: [Row; 8] = [
    Row { at_s: 180.0, celsius: 0.0, radius_mm: 8.839, axial_mm: Some(13.122) },
    Row { at_s: 180.0, celsius: -20.0, radius_mm: 6.127, axial_mm: Some(10.690) },
    Row { at_s: 180.0, celsius: -40.0, radius_mm: 4.215, axial_mm: None },
    Row { at_s: 300.0, celsius: 0.0, radius_mm: 8.287, axial_mm: None },
    Row { at_s: 480.0, celsius: 0.0, radius_mm: 10.475, axial_mm: Some(14.151) },
    Row { at_s: 480.0, celsius: -20.0, radius_mm: 6.933, axial_mm: Some(11.109) },
    Row { at_s: 480.0, celsius: -40.0, radius_mm: 4.627, axial_mm: None },
    Row { at_s: 600.0, celsius: 0.0, radius_mm: 10.198, axial_mm: None },
];

/// How the needle lies on the grid.
#[derive(Clone, Copy, Debug)]
pub struct Pose {
    /// Where the middle of the needle lies, from a corner of cells. Unit: mm.
    pub offset_mm: (f64, f64, f64),
    /// Where the axis points; any length.
    pub towards: (f64, f64, f64),
}

/// How fine the grid is, and how long the steps are.
#[derive(Clone, Copy, Debug)]
pub struct Fineness {
    /// The finest cells reach so far around the needle. Unit: mm.
    pub margin_mm: f64,
    /// Each further cell over its inner neighbour.
    pub growth: f64,
    /// The finest cells. Unit: mm.
    pub fine_mm: f64,
    /// The longest time step. Unit: s.
    pub step_s: f64,
}

fn tissue() -> Tissue {
    Tissue {
        name: "tissue of R1".into(),
        density_kg_per_m3: 1000.0,
        unfrozen_w_per_m_k: 0.5,
        unfrozen_j_per_kg_k: 3600.0,
        frozen_w_per_m_k: TemperatureTable::constant(2.0),
        frozen_j_per_kg_k: TemperatureTable::constant(1800.0),
        freezing_starts_c: -1.0,
        freezing: Freezing::Linear { ends_c: -8.0, latent_j_per_kg: 250e3 },
        lipid: None,
        perfusion_w_per_m3_k: 0.0005 * 3.6e6,
        metabolic_w_per_m3: 4200.0,
    }
}

fn needle(middle: ScenePoint, towards_hub: SceneDirection) -> SceneProbe {
    let ramp = TimeTable::from_pairs(&[(0.0, 37.0), (30.0, -140.0)]).expect("two rows at two times");
    SceneProbe {
        name: "needle".into(),
        tip: middle - towards_hub * 7.5,
        towards_hub,
        shape: ProbeShape {
            radius_mm: 0.75,
            active_length_mm: 15.0,
            dead_tip_mm: 0.0,
            shaft_length_mm: 0.0,
            tip: TipShape::Flat,
            shaft: Shaft::Insulated,
        },
        cooling: Cooling::Surface(ramp),
        warming: None,
        schedule: Schedule::of(&[
            (PhaseKind::Freeze, 180.0),
            (PhaseKind::PassiveThaw, 120.0),
            (PhaseKind::Freeze, 180.0),
        ]),
    }
}

/// R1 as an axisymmetric problem; a cylinder of 32 mm for the cube moves no radius by more than 0.002 mm.
pub(super) fn axisymmetric(cell_mm: f64) -> Axisymmetric {
    let medium = TwoPhase {
        frozen_w_per_m_k: 2.0,
        liquid_w_per_m_k: 0.5,
        frozen_j_per_m3_k: 1.8e6,
        liquid_j_per_m3_k: 3.6e6,
        latent_j_per_m3: 250e6,
        freezing_c: -1.0,
        start_c: 37.0,
    };
    let probe = needle(ScenePoint::origin(), SceneDirection::along_z());
    let Cooling::Surface(surface_c) = probe.cooling else { unreachable!("the needle of R1 has a surface") };
    Axisymmetric {
        medium: RangeMedium { medium, ends_c: -8.0, conductivity: RangeConductivity::Linear },
        perfusion_w_per_m3_k: tissue().perfusion_w_per_m3_k,
        metabolic_w_per_m3: tissue().metabolic_w_per_m3,
        arterial_c: 37.0,
        reperfuses: true,
        shape: probe.shape,
        surface_c,
        schedule: probe.schedule,
        wall_mm: (32.0, 32.0),
        cell_mm,
    }
}

/// The scene of R1 on a graded grid whose focus has a corner of cells at the middle of the cube.
pub fn scene(pose: Pose, fineness: Fineness, duration_s: f64) -> SceneParts {
    let cube =
        |half: f64| SceneBox { least: ScenePoint::new(-half, -half, -half), most: ScenePoint::new(half, half, half) };
    let (x, y, z) = pose.towards;
    let towards = SceneVector::new(x, y, z).direction().expect("a tilt that points somewhere");
    let (x, y, z) = pose.offset_mm;
    let probe = needle(ScenePoint::new(x, y, z), towards);
    // The fine core holds the needle and 4 mm around it.
    let reach = towards * 7.5;
    let ends = [ScenePoint::origin() - reach, ScenePoint::origin() + reach];
    let focus = SceneBox::around(&ends, fineness.margin_mm).expect("two places");
    let snap = |x: f64| (x / fineness.fine_mm).ceil() * fineness.fine_mm;
    let most = ScenePoint::new(snap(focus.most.x), snap(focus.most.y), snap(focus.most.z));
    let focus = SceneBox { least: ScenePoint::new(-most.x, -most.y, -most.z), most };
    let grid =
        SceneGrid::graded(focus, fineness.fine_mm, fineness.growth, 3.0, cube(32.0)).expect("a grid of the suite");
    SceneParts {
        medium: vec![0; grid.cell_count()],
        grid,
        media: vec![Medium::Tissue(tissue())],
        arterial_c: 37.0,
        start: Start::Uniform { celsius: 37.0 },
        outer: [OuterFace::Held { celsius: 37.0 }; 6],
        // The problem lets blood return with the thaw.
        reperfusion: Reperfusion::OnThaw,
        probes: vec![probe],
        sensors: Vec::new(),
        isotherms_c: Vec::new(),
        duration_s,
    }
}

pub(super) fn run(suite: Suite, parts: SceneParts, step_s: f64) -> FreezeHistory {
    let settings = suite.settings(step_s, 2, 30.0);
    let scene = FreezeScene::new(parts).expect("a scene of the suite is valid");
    let times: Vec<f64> = ROWS.iter().map(|r| r.at_s).collect();
    simulate_keeping(&scene, &settings, &times, &mut |_| Continue::Yes).expect("a scene of the suite has an answer")
}

/// Radii in 16 directions across the middle.
#[derive(Clone, Copy, Debug)]
pub struct Radii {
    /// Their mean. Unit: mm.
    pub mean_mm: f64,
    /// The error of the direction that is farthest off, with its sign. Unit: mm.
    pub worst_mm: f64,
}

/// The radii of a row in a history that kept a snapshot at its time.
///
/// # Panics
/// When there is no such snapshot.
pub fn radii(history: &FreezeHistory, probe: &SceneProbe, row: &Row) -> Radii {
    let errors = radius_errors(history, probe, row);
    Radii { mean_mm: row.radius_mm + errors.mean, worst_mm: errors.worst }
}

/// Errors of the radii in 16 directions across the middle. Unit: mm.
fn radius_errors(history: &FreezeHistory, probe: &SceneProbe, row: &Row) -> Spread {
    let snapshot = history.snapshots.iter().find(|s| (s.at_s - row.at_s).abs() < 1e-6).expect("kept");
    let field = |place: ScenePoint| history.snapshot_at(snapshot, place);
    let middle = probe.tip + probe.towards_hub * 7.5;
    let (first, second) = probe.towards_hub.perpendiculars();
    Spread::of((0..16).map(|n| {
        let angle = std::f64::consts::TAU * f64::from(n) / 16.0;
        let towards = (first * angle.cos() + second * angle.sin()).direction().expect("a unit vector");
        radius_along(&field, middle, towards, row.celsius).unwrap_or(f64::NAN) - row.radius_mm
    }))
}

/// The mean half length of a row in a history that kept a snapshot at its time. Unit: mm.
///
/// # Panics
/// When there is no such snapshot.
pub fn axial_mm(history: &FreezeHistory, probe: &SceneProbe, row: &Row) -> f64 {
    let snapshot = history.snapshots.iter().find(|s| (s.at_s - row.at_s).abs() < 1e-6).expect("kept");
    let field = |place: ScenePoint| history.snapshot_at(snapshot, place);
    let middle = probe.tip + probe.towards_hub * 7.5;
    let both = [probe.towards_hub, -probe.towards_hub];
    let ends = both.map(|d| radius_along(&field, middle, d, row.celsius).unwrap_or(f64::NAN));
    0.5 * (ends[0] + ends[1])
}

/// In one direction the front may stand a third of a 0.75 mm cell beside the mean, less than the cell that freezes.
const ANY_DIRECTION_MM: f64 = 0.25;

/// Mean radii within 0.1 mm, ends within 0.15 mm.
fn checks_of(suite: Suite, name: &str, pose: Pose, fineness: Fineness, duration_s: f64) -> Vec<Check> {
    let parts = scene(pose, fineness, duration_s);
    let probe = parts.probes[0].clone();
    let history = run(suite, parts, fineness.step_s);
    let mut checks = Vec::new();
    for row in ROWS.iter().filter(|r| r.at_s <= duration_s) {
        let what = format!("{name}, {} s, {} °C", row.at_s, row.celsius);
        let radii = radius_errors(&history, &probe, row);
        let mean = Check::of("R1", format!("{what}: mean radius"), "mm");
        checks.push(
            mean.near(row.radius_mm, row.radius_mm + radii.mean, 0.1, "16 directions across the middle")
                .with_worst(radii.worst, ANY_DIRECTION_MM),
        );
        if let Some(expected) = row.axial_mm {
            let found = axial_mm(&history, &probe, row);
            checks.push(Check::of("R1", format!("{what}: half length"), "mm").near(expected, found, 0.15, ""));
        }
    }
    checks
}

/// R1 at several offsets and tilts.
pub(super) fn needle_twice(suite: Suite) -> Vec<Check> {
    let along_z = (0.0, 0.0, 1.0);
    let diagonal = (1.0, 1.0, 1.0);
    let oblique = (0.3, 0.1, 1.0);
    if !suite.is_full() {
        let pose = Pose { offset_mm: (0.1, 0.2, 0.0), towards: oblique };
        return checks_of(
            suite,
            "0.75 mm, oblique",
            pose,
            Fineness { fine_mm: 0.75, step_s: 4.0, margin_mm: 4.0, growth: 1.2 },
            180.0,
        );
    }
    let poses = [
        ("along z, on a corner", (0.0, 0.0, 0.0), along_z),
        ("along z, off by (.1,.2)", (0.1, 0.2, 0.0), along_z),
        ("along z, on a centre", (0.25, 0.25, 0.25), along_z),
        ("along (1,1,1)", (0.1, 0.2, 0.0), diagonal),
        ("along (.3,.1,1)", (0.1, 0.2, 0.0), oblique),
    ];
    let fineness = Fineness { fine_mm: 0.5, step_s: 4.0, margin_mm: 4.0, growth: 1.15 };
    let of = |(name, offset_mm, towards)| checks_of(suite, name, Pose { offset_mm, towards }, fineness, 600.0);
    poses.into_iter().flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_freeze_of_the_reference_needle_holds_in_brief() {
        for check in needle_twice(Suite::BRIEF) {
            assert!(check.passes(), "{check:?}");
        }
    }
}
