//! What a probe would do while somebody drags it: coarse, quick, and marked as such.
//!
//! It is the same line as [`evaluate`](crate::evaluate) on wide cells and few records. It knows how far off it was on the
//! stories that were measured; it does not know how far off it is here. A preview cannot be approved.

use frostline_freeze::{Continue, FreezeHistory, SolverSettings, simulate};
use serde::Serialize;

use crate::accuracy::Answer;
use crate::anatomy::Anatomy;
use crate::approve::CaseInputs;
use crate::assess::{Assessment, Known};
use crate::build_scene::{BuiltScene, Correction, Resolution, build_scene};
use crate::catalogue::Catalogues;
use crate::evaluate::EvaluateError;
use crate::finding::{FROM_GEOMETRY, Finding, Level};
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

/// How far previews were from full answers, at most, over the placements that were measured; see `docs/preview.md`.
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
    threads: usize,
}

impl<'a> Previewer<'a> {
    /// Looks at what all previews of a case have in common.
    pub fn new(anatomy: &'a Anatomy, catalogues: &'a Catalogues, threads: usize) -> Self {
        Self { anatomy, catalogues, inputs: CaseInputs::of(anatomy, catalogues), threads }
    }

    /// What this plan would do, roughly.
    ///
    /// # Errors
    /// [`EvaluateError`] when the scene cannot be built or has no answer.
    pub fn preview(&self, plan: &Plan) -> Result<Preview, EvaluateError> {
        let resolution = Resolution { fine_mm: PREVIEW_CELLS_MM, coarsest_mm: COARSEST_MM, after_s: AFTER_S };
        let built = build_scene(self.anatomy, plan, self.catalogues, &Correction::none(), &resolution)?;
        let solver = SolverSettings {
            step_s: STEP_S,
            record_every_s: RECORD_EVERY_S,
            threads: self.threads,
            ..SolverSettings::default()
        };
        let answer = Answer::Fixed(Box::new(simulate(&built.scene, &solver, &mut |_| Continue::Yes)?));
        let known = Known { anatomy: self.anatomy, catalogues: self.catalogues, inputs: &self.inputs };
        let mut assessment = known.assess_preview(plan, &built, &answer);
        assessment.findings.insert(0, is_a_preview());
        Ok(Preview { is_preview: true, likely_error: MEASURED, assessment, built, history: answer.into_history() })
    }
}

/// Largest differences that were measured, rounded up.
const MEASURED: PreviewError = PreviewError { disabled_length_mm: 0.5, radius_mm: 0.1, skin_k: 1.5, vessel_k: 5.0 };

fn is_a_preview() -> Finding {
    let PreviewError { disabled_length_mm, radius_mm, skin_k, vessel_k } = MEASURED;
    let text = format!(
        "a preview on cells of {PREVIEW_CELLS_MM} mm, not to be decided on: where it was measured it was off by up to \
         {disabled_length_mm:.1} mm of disabled nerve, {radius_mm:.1} mm of ice radius, {skin_k:.1} K at the skin and {vessel_k:.0} K at a vessel"
    );
    Finding::new("preview", Level::Warn, text, FROM_GEOMETRY)
}
