//! What a probe would do while somebody drags it: coarse, quick, and marked as such.
//!
//! It is the same line as [`evaluate`](crate::evaluate) on wide cells and few records, and the limb at rest is found once
//! around the plan from which the dragging starts. It knows how far off it was on the stories that were measured; it does
//! not know how far off it is here. A preview cannot be approved.

use frostline_freeze::{Continue, FreezeHistory, FreezeScene, SceneBox, ScenePoint, SolverSettings, Start, simulate};
use serde::Serialize;

use crate::accuracy::Answer;
use crate::anatomy::Anatomy;
use crate::approve::CaseInputs;
use crate::assess::{Assessment, Known};
use crate::build_scene::{BuildError, BuiltScene, Correction, Resolution, build_scene};
use crate::catalogue::Catalogues;
use crate::evaluate::EvaluateError;
use crate::finding::{FROM_GEOMETRY, Finding, Level};
use crate::fluid::ProtectiveFluid;
use crate::plan::Plan;

/// Cells of a preview. On wider ones the staircase of a nerve of 1.4 mm made its disabled length wrong by 2 to 4 mm; these
/// cost twice as much as cells of 1.5 mm and still keep within a tenth of a second. Unit: mm.
pub const PREVIEW_CELLS_MM: f64 = 1.0;
/// Cells far away, where only the steady field of the limb is.
const COARSEST_MM: f64 = 6.0;
/// The skin is coldest some 15 s after the gas stops.
const AFTER_S: f64 = 30.0;
/// Surfaces are largest where the gas is switched, where records are made anyway.
const RECORD_EVERY_S: f64 = 60.0;
const STEP_S: f64 = 10.0;

/// How far previews were from full answers, at most, over the placements that were measured; see `docs/in-the-room.md`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PreviewError {
    /// Of the disabled length. Unit: mm.
    pub disabled_length_mm: f64,
    /// Of the radius of the 0 °C and -20 °C surfaces. Unit: mm.
    pub radius_mm: f64,
    /// Of the coldest skin. Unit: K.
    pub skin_k: f64,
    /// Of the coldest place of a vessel, whose wall runs in steps on such cells. Unit: K.
    pub vessel_k: f64,
}

/// A plan as a preview shows it.
#[derive(Clone, Debug, Serialize)]
pub struct Preview {
    /// Always true; what a reader of the JSON sees first.
    pub is_preview: bool,
    /// How far it may be off.
    pub likely_error: PreviewError,
    /// The verdict, with a finding that says what it is.
    pub assessment: Assessment,
    /// The scene.
    #[serde(skip)]
    pub built: BuiltScene,
    /// The answer.
    #[serde(skip)]
    pub history: FreezeHistory,
}

/// One case, previewed again and again.
pub struct Previewer<'a> {
    anatomy: &'a Anatomy,
    catalogues: &'a Catalogues,
    inputs: CaseInputs,
    solver: SolverSettings,
    rest: Rest,
}

impl<'a> Previewer<'a> {
    /// Looks at what all previews around a plan have in common: the inputs, and the limb at rest.
    ///
    /// # Errors
    /// [`EvaluateError`] when the scene of the plan cannot be built or has no steady start.
    pub fn around(
        anatomy: &'a Anatomy,
        plan: &Plan,
        catalogues: &'a Catalogues,
        threads: usize,
    ) -> Result<Self, EvaluateError> {
        let usual = SolverSettings::default();
        let solver = SolverSettings { step_s: STEP_S, record_every_s: RECORD_EVERY_S, threads, ..usual };
        let rest = Rest::of(built(anatomy, plan, catalogues)?, plan, &solver)?;
        Ok(Self { anatomy, catalogues, inputs: CaseInputs::of(anatomy, catalogues), solver, rest })
    }

    /// What this plan would do, roughly.
    ///
    /// # Errors
    /// [`EvaluateError`] when the scene cannot be built or has no answer.
    pub fn preview(&self, plan: &Plan) -> Result<Preview, EvaluateError> {
        let mut built = built(self.anatomy, plan, self.catalogues)?;
        self.rest.lies_under(&mut built, plan)?;
        let answer = Answer::Fixed(Box::new(simulate(&built.scene, &self.solver, &mut |_| Continue::Yes)?));
        let known = Known { anatomy: self.anatomy, catalogues: self.catalogues, inputs: &self.inputs };
        let mut assessment = known.assess_preview(plan, &built, &answer);
        assessment.findings.insert(0, is_a_preview());
        Ok(Preview { is_preview: true, likely_error: MEASURED, assessment, built, history: answer.into_history() })
    }
}

fn built(anatomy: &Anatomy, plan: &Plan, catalogues: &Catalogues) -> Result<BuiltScene, BuildError> {
    let resolution = Resolution { fine_mm: PREVIEW_CELLS_MM, coarsest_mm: COARSEST_MM, after_s: AFTER_S };
    let built = build_scene(anatomy, plan, catalogues, &Correction::none(), &resolution)?;
    Ok(BuiltScene { is_for_preview: true, ..built })
}

/// The limb before any gas, without probes. To find it takes as long as the freeze itself, and it moves with no probe.
struct Rest {
    built: BuiltScene,
    history: FreezeHistory,
    skin_contact: String,
    fluid: Vec<ProtectiveFluid>,
}

/// Long enough to be a run.
const REST_S: f64 = 0.1;

impl Rest {
    fn of(built: BuiltScene, plan: &Plan, solver: &SolverSettings) -> Result<Self, EvaluateError> {
        let mut parts = built.scene.parts().clone();
        parts.probes.clear();
        parts.sensors.clear();
        parts.duration_s = REST_S;
        let scene = FreezeScene::new(parts).map_err(BuildError::from)?;
        let history = simulate(&scene, solver, &mut |_| Continue::Yes)?;
        Ok(Self { built, history, skin_contact: plan.skin_contact().into(), fluid: plan.fluid().to_vec() })
    }

    /// Gives a scene its start, where the plan leaves the limb at rest as it is: with other fluid or something else on the
    /// skin, the scene finds its own.
    fn lies_under(&self, built: &mut BuiltScene, plan: &Plan) -> Result<(), BuildError> {
        if plan.skin_contact() != self.skin_contact || plan.fluid() != self.fluid {
            return Ok(());
        }
        let mut parts = built.scene.parts().clone();
        let outer = self.history.grid.outer_box();
        let grid = &parts.grid;
        let start_c = |n: usize| {
            let place = built.scene_to_patient.apply(grid.centre(grid.cell(n)));
            let there = clamped(self.built.patient_to_scene.apply(place), &outer);
            // Where only air lies around, nothing starts; the value is not read.
            self.history.start_at(there).unwrap_or(parts.arterial_c) as f32
        };
        parts.start = Start::Cells((0..grid.cell_count()).map(start_c).collect());
        built.scene = FreezeScene::new(parts)?;
        Ok(())
    }
}

/// The nearest place of a box; far from the skin the limb at rest is the same everywhere.
fn clamped(at: ScenePoint, to: &SceneBox) -> ScenePoint {
    let (least, most) = (to.least, to.most);
    ScenePoint::new(at.x.clamp(least.x, most.x), at.y.clamp(least.y, most.y), at.z.clamp(least.z, most.z))
}

/// Largest differences that were measured, rounded up.
const MEASURED: PreviewError = PreviewError { disabled_length_mm: 1.0, radius_mm: 0.2, skin_k: 3.5, vessel_k: 6.0 };

fn is_a_preview() -> Finding {
    let PreviewError { disabled_length_mm, radius_mm, skin_k, vessel_k } = MEASURED;
    let text = format!(
        "a preview on cells of {PREVIEW_CELLS_MM} mm, not to be decided on: where it was measured it was off by up to \
         {disabled_length_mm:.1} mm of disabled nerve, {radius_mm:.1} mm of ice radius, {skin_k:.1} K at the skin and {vessel_k:.0} K at a vessel"
    );
    Finding::new("preview", Level::Warn, text, FROM_GEOMETRY)
}
