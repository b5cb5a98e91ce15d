//! How closely a plan is computed, and what is known of the error.

use frostline_freeze::{Ended, Estimated, FreezeHistory, SurfaceError, Tolerance};
use serde::Serialize;

use crate::build_scene::{BuiltScene, Resolution};

/// How closely a plan is computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Accuracy {
    /// On cells chosen by hand; nothing is then known of the error.
    Fixed(Resolution),
    /// On cells that are chosen so that surfaces are right to a tolerance.
    Within(Tolerance),
}

/// Half of what an image shows (0.5 mm), and what cells of 0.5 mm reach in a leg of layers at the cost of a second. Closer is
/// a matter of the staircase that cells make of skin and vessels, which goes away slowly: on the caliper story surfaces were
/// off by 0.25 mm on cells of 1 mm and still by 0.14 mm on cells of 0.3 mm. Unit: mm.
pub const USUAL_TOLERANCE_MM: f64 = 0.25;
/// Two cells across the thinnest nerve of the atlas. Unit: mm.
const COARSEST_MM: f64 = 0.5;

impl Accuracy {
    /// Surfaces within a tolerance (mm), on cells that show the thinnest nerve.
    pub fn within(surface_mm: f64) -> Self {
        Self::Within(Tolerance { coarsest_mm: COARSEST_MM, ..Tolerance::of(surface_mm) })
    }
}

impl Default for Accuracy {
    fn default() -> Self {
        Self::within(USUAL_TOLERANCE_MM)
    }
}

/// What the solver answered, with or without a second answer to compare it with.
#[derive(Clone, Debug)]
pub enum Answer {
    /// On cells chosen by hand.
    Fixed(Box<FreezeHistory>),
    /// With an estimate of its error.
    Estimated(Box<Estimated>),
}

impl Answer {
    /// What happened.
    pub fn history(&self) -> &FreezeHistory {
        match self {
            Answer::Fixed(history) => history,
            Answer::Estimated(found) => &found.history,
        }
    }

    /// How closely it was asked for, of a scene on whose cells it stands.
    pub(crate) fn asked_for(&self, built: &BuiltScene) -> Accuracy {
        match self {
            Answer::Fixed(_) => Accuracy::Fixed(built.resolution),
            Answer::Estimated(found) => Accuracy::Within(found.tolerance),
        }
    }

    /// The same, without its estimate.
    pub fn into_history(self) -> FreezeHistory {
        match self {
            Answer::Fixed(history) => *history,
            Answer::Estimated(found) => found.history,
        }
    }
}

/// What is known of the error of the computation. That of tissue, probe and drawing comes on top.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ErrorReport {
    /// Nothing: the cells were chosen by hand.
    FixedByHand {
        /// Always true; what a reader of the JSON finds instead of numbers.
        fixed_by_hand: bool,
    },
    /// Two answers were compared.
    Estimated(ErrorEstimate),
}

/// An estimate from two answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ErrorEstimate {
    /// What was asked for. Unit: mm.
    pub tolerance_mm: f64,
    /// Estimated largest error of any surface at any time. Unit: mm.
    pub error_mm: f64,
    /// Whether that is within what was asked for.
    pub is_within: bool,
    /// Why no finer cells were tried: `reached`, `finest-cells` or `cost-limit`.
    pub ended: &'static str,
    /// Cells around the probes. Unit: mm.
    pub fine_mm: f64,
    /// Those of the answer it was compared with. Unit: mm.
    pub compared_with_mm: f64,
    /// Each surface.
    pub surfaces: Vec<SurfaceReport>,
    /// Estimated error of the disabled length of the nerve. Unit: mm.
    pub nerve_length_error_mm: f64,
}

/// How far off one surface may be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SurfaceReport {
    /// Its temperature. Unit: °C.
    pub celsius: f64,
    /// Estimated largest error of its radius and half length. Unit: mm.
    pub error_mm: f64,
    /// When that was. Unit: s.
    pub at_s: f64,
}

impl From<&SurfaceError> for SurfaceReport {
    fn from(s: &SurfaceError) -> Self {
        Self { celsius: s.celsius, error_mm: s.error_mm, at_s: s.at_s }
    }
}

impl ErrorReport {
    /// What the answer says of itself; `lengths_mm` are the disabled lengths of both answers.
    pub(crate) fn of(answer: &Answer, lengths_mm: Option<(f64, f64)>) -> Self {
        match answer {
            Answer::Fixed(_) => Self::FixedByHand { fixed_by_hand: true },
            Answer::Estimated(found) => Self::Estimated(ErrorEstimate {
                tolerance_mm: found.tolerance.surface_mm,
                error_mm: found.error_mm(),
                is_within: found.is_within(),
                ended: ended_word(found.ended),
                fine_mm: found.fine_mm,
                compared_with_mm: found.compared_with_mm,
                surfaces: found.surfaces.iter().map(SurfaceReport::from).collect(),
                nerve_length_error_mm: lengths_mm.map_or(0.0, |(fine, coarse)| found.share() * (fine - coarse).abs()),
            }),
        }
    }

    /// The estimate, where there is one.
    pub fn estimate(&self) -> Option<&ErrorEstimate> {
        match self {
            ErrorReport::FixedByHand { .. } => None,
            ErrorReport::Estimated(estimate) => Some(estimate),
        }
    }

    /// Estimated error of the surface of a temperature. Unit: mm.
    pub fn surface_mm(&self, celsius: f64) -> Option<f64> {
        self.estimate()?.surfaces.iter().find(|s| s.celsius == celsius).map(|s| s.error_mm)
    }

    /// One line for a person.
    pub fn words(&self) -> String {
        let Some(e) = self.estimate() else { return "no error estimate: the grid was fixed by hand".into() };
        let verdict = if e.is_within { "within" } else { "NOT within" };
        format!(
            "estimated error {:.2} mm, {verdict} the {:.2} mm asked for; cells of {:.2} mm compared with {:.2} mm",
            e.error_mm, e.tolerance_mm, e.fine_mm, e.compared_with_mm
        )
    }
}

/// Why no finer cells were tried, as a word.
pub fn ended_word(ended: Ended) -> &'static str {
    match ended {
        Ended::Reached => "reached",
        Ended::FinestCells => "finest-cells",
        Ended::CostLimit => "cost-limit",
    }
}
