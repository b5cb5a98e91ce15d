//! Anatomy, plan and assessment of a nerve freeze.
//!
//! Knows: what lies where in the limb, the catalogues of probes, tissues, limits and nerves, how a plan becomes a scene
//! for the heat solver, and what its answer means for the nerve and everything near it.
//! Does not know: files, patients by name, screens. Anatomy has no goals; a plan never changes the anatomy.

pub mod anatomy;
pub mod calibrate;
pub mod catalogue;
pub mod label_map;
pub mod layers;
pub mod propose;
pub mod robust;
pub mod segment;
pub mod trace;
pub mod ultrasound;

mod accuracy;
mod approve;
mod assess;
mod build_scene;
mod coldest;
mod evaluate;
mod finding;
mod fingerprint;
mod fluid;
mod forecast;
mod goals;
mod marks;
mod nerve_outcome;
mod path;
mod plan;
mod preview;
mod rescue;
mod rules;

pub use accuracy::{Accuracy, Answer, ErrorEstimate, ErrorReport, SurfaceReport, USUAL_TOLERANCE_MM, ended_word};
pub use approve::{
    APPROVAL_SCHEMA, Approval, ApprovalTextError, ApproveError, ApprovedPlan, Clinician, Input, Made, Revoked,
    SignatureError, Signatures, Timestamp,
};
pub use assess::{
    ASSESSMENT_SCHEMA, Assessment, Fingerprints, IsothermOutcome, NOTICE, ProbeEvidence, Relief, SolverReport,
    StructureOutcome, VendorComparison, assess, side_word,
};
pub use build_scene::{BuildError, BuiltScene, Correction, Filling, Mixture, Resolution, build_scene};
pub use coldest::{Coldest, ColdestOf, IceEdge};
pub use evaluate::{EvaluateError, EvaluateSettings, Evaluation, evaluate};
pub use finding::{FROM_GEOMETRY, Finding, Level, worst};
pub use fingerprint::{Fingerprint, FingerprintWriter};
pub use fluid::{Displaced, FluidLens, ProtectiveFluid, displaced};
pub use forecast::{
    ForecastError, ForecastSettings, GrowthAfter, Left, LimitLeft, Met, StopForecast, StructureAfter, TimeLeft,
    TimeLeftSettings, going_on_until, stop_now, stopped_at, time_left,
};
pub use goals::{Goals, Shortfall, Stretch};
pub use marks::completed;
pub use nerve_outcome::{LengthBelow, NerveOutcome, ProfileSample, nerve_outcome};
pub use path::{Crossing, crossings, skin_on_line};
pub use plan::{Plan, PlanError, PlanParts, PlannedProtocol, ProbePlacement};
pub use preview::{PREVIEW_CELLS_MM, Preview, PreviewError, Previewer};
pub use rescue::{
    Change as RescueChange, Landed, Missed, Rescue, RescueError, RescueOption, RescueQuestion, RescueSettings,
    Standing, rescue,
};
pub use rules::target_policy;
