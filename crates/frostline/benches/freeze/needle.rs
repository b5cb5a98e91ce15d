//! R1, R2, R3: one needle, two freezes, against the converged axisymmetric answer.

use frostline_freeze::conformance::reference::{Fineness, Pose, ROWS, axial_mm, radii, scene};
use frostline_freeze::{SceneBox, SceneGrid, SceneParts, ScenePoint};

use crate::Fault;
use crate::engine::Run;
use crate::engine_on::On;
use crate::sample::{Errors, Limits, Sample, farther};

/// Two freezes and two thaws. Unit: s.
pub const DURATION_S: f64 = 600.0;
/// The ends of the thaws. Unit: s.
const THAWS_S: [f64; 2] = [300.0, 600.0];
/// Half the side of the cube of the problem. Unit: mm.
pub const HALF_MM: f64 = 32.0;

/// A needle with a name.
#[derive(Clone, Copy, Debug)]
pub struct NamedPose {
    pub name: &'static str,
    pub pose: Pose,
}

const fn pose(name: &'static str, offset_mm: (f64, f64, f64), towards: (f64, f64, f64)) -> NamedPose {
    NamedPose { name, pose: Pose { offset_mm, towards } }
}

const ALONG_Z: (f64, f64, f64) = (0.0, 0.0, 1.0);
const OFF: (f64, f64, f64) = (0.1, 0.2, 0.0);

/// Every offset and tilt that R1 by accuracy must hold for.
pub const POSES: [NamedPose; 6] = [
    pose("along z, on a corner", (0.0, 0.0, 0.0), ALONG_Z),
    pose("along z, off by (.1,.2)", OFF, ALONG_Z),
    pose("along z, on a centre", (0.25, 0.25, 0.25), ALONG_Z),
    pose("along (.3,.1,1)", OFF, (0.3, 0.1, 1.0)),
    pose("along (1,0,1)", OFF, (1.0, 0.0, 1.0)),
    pose("along (1,1,1)", OFF, (1.0, 1.0, 1.0)),
];

/// One pose, for the literal grids.
pub const OFF_THE_CORNER: [NamedPose; 1] = [POSES[1]];

/// The cells of a run.
#[derive(Clone, Copy, Debug)]
pub enum Cells {
    /// Fine around the needle.
    Graded { fine_mm: f64, margin_mm: f64, growth: f64 },
    /// Cubes.
    Uniform { cell_mm: f64 },
}

/// A needle problem on a grid.
#[derive(Clone, Copy, Debug)]
pub struct NeedleTask {
    pub cells: Cells,
    pub step_s: f64,
    pub poses: &'static [NamedPose],
}

impl NeedleTask {
    /// One run; errors are read from fields that are kept, which costs memory and a little time.
    pub fn run(&self, variant: usize, on: On, limits: &Limits) -> Result<Sample, Fault> {
        let named = self.poses.get(variant).ok_or("no such pose")?;
        let keep_at_s: Vec<f64> = ROWS.iter().map(|row| row.at_s).filter(|_| limits.wants_errors).collect();
        let run = Run { variant: named.name, step_s: self.step_s, on, keep_at_s: &keep_at_s, cap_s: limits.engine_s };
        let mut probe = None;
        let (mut sample, history) = run.time(|| {
            let parts = self.parts(named.pose)?;
            probe = parts.probes.first().cloned();
            Ok(parts)
        })?;
        if let (true, Some(history), Some(probe)) = (limits.wants_errors, history, probe) {
            let found = ROWS.iter().map(|row| {
                let radii = radii(&history, &probe, row);
                Found {
                    mean_mm: radii.mean_mm,
                    worst_error_mm: radii.worst_mm,
                    axial_mm: axial_mm(&history, &probe, row),
                }
            });
            sample.errors = Some(errors(&found.collect::<Vec<_>>()));
        }
        Ok(sample)
    }

    fn parts(&self, pose: Pose) -> Result<SceneParts, Fault> {
        match self.cells {
            Cells::Graded { fine_mm, margin_mm, growth } => {
                let fineness = Fineness { margin_mm, growth, fine_mm, step_s: self.step_s };
                Ok(scene(pose, fineness, DURATION_S))
            }
            Cells::Uniform { cell_mm } => on_cubes(pose, cell_mm),
        }
    }
}

/// The problem on its literal grid.
pub fn on_cubes(pose: Pose, cell_mm: f64) -> Result<SceneParts, Fault> {
    // The graded grid of the suite is thrown away, so it may be coarse.
    let coarse = Fineness { margin_mm: 1.0, growth: 2.0, fine_mm: 2.0, step_s: 1.0 };
    let parts = scene(pose, coarse, DURATION_S);
    let corner = |mm: f64| ScenePoint::new(mm, mm, mm);
    let grid = SceneGrid::uniform(SceneBox { least: corner(-HALF_MM), most: corner(HALF_MM) }, cell_mm)?;
    Ok(SceneParts { medium: vec![0; grid.cell_count()], grid, ..parts })
}

/// What a run says about one row of the converged answer. Unit: mm.
pub struct Found {
    pub mean_mm: f64,
    /// Of the direction that is farthest off.
    pub worst_error_mm: f64,
    pub axial_mm: f64,
}

/// The errors of what was found for every row of the converged answer, in its order.
pub fn errors(found: &[Found]) -> Errors {
    let mut errors = Errors::default();
    for (row, found) in ROWS.iter().zip(found) {
        let is_thaw = THAWS_S.contains(&row.at_s);
        let kind = if is_thaw { &mut errors.thaw_mm } else { &mut errors.mean_mm };
        *kind = farther(*kind, Some(found.mean_mm - row.radius_mm));
        errors.direction_mm = farther(errors.direction_mm, Some(found.worst_error_mm));
        errors.axial_mm = farther(errors.axial_mm, row.axial_mm.map(|expected| found.axial_mm - expected));
    }
    errors
}
