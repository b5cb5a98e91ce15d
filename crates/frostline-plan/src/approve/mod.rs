//! Approval: the one way from a plan to something that may be carried out.
//!
//! Knows: who approved which plan, on what grounds, and whether these still hold.
//! Does not know: whether a name belongs to the person who typed it, and what is in the room. The digest in a stored
//! approval shows that it was damaged or edited by hand. It is not a signature: whoever has this program can make another
//! approval, in any name. A signature needs a key that only the clinician holds.
//!
//! ```
//! # use frostline_plan::{*, anatomy::*, catalogue::Catalogues, layers::*};
//! # use frostline_freeze::{Continue, Schedule};
//! # use frostline_space::PatientPoint;
//! # let measured = CaliperMeasurement {
//! #     layers: vec![MeasuredLayer { tissue: TissueKind::Skin, bottom_mm: 1.5 }, MeasuredLayer { tissue: TissueKind::Fat, bottom_mm: 40.0 }],
//! #     nerve: MeasuredNerve { depth_mm: 9.0, lateral_mm: 0.0, width_mm: 1.5, height_mm: 1.5 }, beside: vec![], length_mm: 60.0 };
//! # let target = Target { side: Side::Left, nerve_id: "sural".into(), distance_to_target_mm: Marked::NotMarked };
//! # let catalogues = Catalogues::bundled().unwrap();
//! # let anatomy = completed(anatomy_from_calipers(&measured, &target).unwrap(), &catalogues);
//! # let placement = ProbePlacement { probe: "n2o-2.0".into(), entry: PatientPoint::new(-1.9, 0.0, -22.0), tip: PatientPoint::new(-1.9, 9.0, 3.0) };
//! # let protocol = PlannedProtocol { name: "one freeze".into(), schedule: Schedule::one_freeze(60.0) };
//! # let plan = Plan::new(PlanParts { placements: vec![placement], protocol, skin_contact: "room-air".into(), fluid: vec![] }, &anatomy, &catalogues).unwrap();
//! # let mut settings = EvaluateSettings::default();
//! # settings.accuracy = Accuracy::Fixed(Resolution { fine_mm: 0.75, ..Resolution::default() });
//! # let seen = evaluate(&anatomy, &plan, &catalogues, &settings, &mut |_| Continue::Yes).unwrap().assessment;
//! let by = Clinician::new("Anna Berg", "interventional radiologist")?;
//! let approved = plan.clone().approve(&seen, by, Timestamp::from_unix_s(1_795_500_000))?;
//! let made = Made { image: None, settings };
//! assert_eq!(approved.still_stands(&anatomy, &plan, &catalogues, &made), Ok(()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! There is no other way in. An approved plan cannot be put together,
//!
//! ```compile_fail,E0451
//! fn forge(plan: frostline_plan::Plan, approval: frostline_plan::Approval) -> frostline_plan::ApprovedPlan {
//!     frostline_plan::ApprovedPlan { plan, approval }
//! }
//! ```
//!
//! nor changed,
//!
//! ```compile_fail,E0616
//! fn swap(mut approved: frostline_plan::ApprovedPlan, other: frostline_plan::Plan) -> frostline_plan::ApprovedPlan {
//!     approved.plan = other;
//!     approved
//! }
//! ```
//!
//! nor read from a file without the plan it is for,
//!
//! ```compile_fail,E0277
//! fn read<'de, D: serde::Deserializer<'de>>(text: D) -> Result<frostline_plan::ApprovedPlan, D::Error> {
//!     <frostline_plan::ApprovedPlan as serde::Deserialize>::deserialize(text)
//! }
//! ```
//!
//! and an assessment that nobody made from a freeze cannot be put together either.
//!
//! ```compile_fail,E0451
//! fn better(seen: frostline_plan::Assessment) -> frostline_plan::Assessment {
//!     frostline_plan::Assessment { findings: vec![], ..seen }
//! }
//! ```

mod clinician;
mod inputs;
mod record;

pub use clinician::{Clinician, SignatureError, Signatures, Timestamp};
pub use inputs::{Input, Revoked};
pub use record::{APPROVAL_SCHEMA, Approval, ApprovalTextError};

pub(crate) use inputs::{CaseInputs, Computed, with_image};

use crate::anatomy::Anatomy;
use crate::assess::{Assessment, Sealed};
use crate::catalogue::{Catalogues, Policy};
use crate::evaluate::EvaluateSettings;
use crate::finding::Level;
use crate::fingerprint::Fingerprint;
use crate::plan::Plan;
use crate::preview::PREVIEW_CELLS_MM;

/// A plan that a named clinician approved after its assessment. To change it, make a new plan and approve that.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovedPlan {
    plan: Plan,
    approval: Approval,
}

/// What an assessment was made from besides case and plan: what an approval is held against.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Made {
    /// Of the image that the anatomy was made from or drawn on; none where there is none.
    pub image: Option<Fingerprint>,
    /// With which correction, and how closely, it is computed now.
    pub settings: EvaluateSettings,
}

/// Why a plan is not approved.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ApproveError {
    /// An assessment of something else.
    #[error(
        "the assessment is of another plan (fingerprint {assessed}, this plan has {found}); evaluate this plan and look again"
    )]
    OtherPlan {
        /// Fingerprint of the plan that was assessed.
        assessed: String,
        /// That of this plan.
        found: String,
    },
    /// An assessment that was changed after it was made.
    #[error("the assessment was changed after it was made; evaluate the plan again")]
    AssessmentChanged,
    /// An assessment on cells too coarse to decide on.
    #[error("a preview cannot be approved: its cells are too coarse; evaluate the plan in full")]
    OnlyAPreview,
    /// An assessment on cells that somebody fixed wider than those of a preview.
    #[error(
        "the assessment is on cells of {grid_mm:.2} mm, wider than those of a preview (at most {most_mm} mm); leave out [solver] fine_mm, or \
         make it smaller, and evaluate the plan again"
    )]
    TooCoarse {
        /// Smallest cell. Unit: mm.
        grid_mm: f64,
        /// What is allowed. Unit: mm.
        most_mm: f64,
    },
    /// A nerve that is never frozen.
    #[error("{nerve} is never a target, for any reason and with any signature; choose a sensory branch")]
    NeverATarget {
        /// The nerve.
        nerve: String,
    },
    /// Something at level stop, and no reason.
    #[error("the assessment says stop ({stops}); change the plan, or give a written reason for going on")]
    StopWithoutReason {
        /// What was found at level stop.
        stops: String,
    },
    /// A nerve for specialists, and something is missing.
    #[error("{nerve} needs a written reason and the signature of a second clinician; {missing} is missing")]
    SpecialistNeedsMore {
        /// The nerve.
        nerve: String,
        /// What is missing.
        missing: &'static str,
    },
}

/// Cells as wide as those of a preview, and a little more since a whole number of them must fit in a box. Unit: mm.
const WIDEST_CELLS_MM: f64 = 1.1 * PREVIEW_CELLS_MM;

impl Plan {
    /// Approves a plan whose assessment was seen. `by` is a [`Clinician`], or [`Signatures`] with a second clinician and a
    /// written reason where these are needed: a finding at level stop needs the reason, a nerve of policy `specialist`
    /// both. A nerve of policy `avoid` is never approved. A nerve that the atlas does not have counts as `specialist`.
    ///
    /// # Errors
    /// [`ApproveError`] with what is missing or does not fit.
    pub fn approve(
        self,
        seen: &Assessment,
        by: impl Into<Signatures>,
        at: Timestamp,
    ) -> Result<ApprovedPlan, ApproveError> {
        let by = by.into();
        let Sealed::InFull { content, policy, inputs } = seen.sealed() else { return Err(ApproveError::OnlyAPreview) };
        let found = Fingerprint::of_debug(&self);
        if found != seen.fingerprints.plan {
            let (assessed, found) = (seen.fingerprints.plan.as_str().into(), found.as_str().into());
            return Err(ApproveError::OtherPlan { assessed, found });
        }
        if *content != seen.content() {
            return Err(ApproveError::AssessmentChanged);
        }
        let (grid_mm, most_mm) = (seen.solver.grid_mm, WIDEST_CELLS_MM);
        if grid_mm > most_mm {
            return Err(ApproveError::TooCoarse { grid_mm, most_mm });
        }
        let stops = seen.findings.iter().filter(|f| f.level == Level::Stop);
        let grounds =
            Grounds { nerve: seen.nerve.name.clone(), policy: *policy, stops: stops.map(|f| f.text.clone()).collect() };
        grounds.allow(&by)?;
        let verdict = seen.verdict();
        let approval = Approval::of(record::Content::new(grounds, verdict, by, (at, content.clone(), inputs.clone())));
        Ok(ApprovedPlan { plan: self, approval })
    }
}

/// What decides which signatures are needed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Grounds {
    nerve: String,
    /// `None` when the atlas does not have the nerve.
    policy: Option<Policy>,
    stops: Vec<String>,
}

impl Grounds {
    fn allow(&self, by: &Signatures) -> Result<(), ApproveError> {
        let nerve = self.nerve.clone();
        match self.policy {
            Some(Policy::Avoid) => return Err(ApproveError::NeverATarget { nerve }),
            Some(Policy::Specialist) | None => {
                let missing = match (&by.reason, &by.second) {
                    (None, _) => Some("the reason"),
                    (_, None) => Some("the second signature"),
                    _ => None,
                };
                if let Some(missing) = missing {
                    return Err(ApproveError::SpecialistNeedsMore { nerve, missing });
                }
            }
            Some(Policy::Target) => {}
        }
        if !self.stops.is_empty() && by.reason.is_none() {
            return Err(ApproveError::StopWithoutReason { stops: self.stops.join("; ") });
        }
        Ok(())
    }
}

impl ApprovedPlan {
    /// The plan that was approved.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Who approved it, when, why and on what grounds.
    pub fn approval(&self) -> &Approval {
        &self.approval
    }

    /// Whether the approval holds for what is there now.
    ///
    /// # Errors
    /// Everything that changed, as it was approved and as it is: the plan is then a new one, which nobody approved.
    pub fn still_stands(
        &self,
        anatomy: &Anatomy,
        plan: &Plan,
        catalogues: &Catalogues,
        made: &Made,
    ) -> Result<(), Vec<Revoked>> {
        self.approval.still_stands(anatomy, plan, catalogues, made)
    }
}

impl Approval {
    /// As [`ApprovedPlan::still_stands`], for an approval that was read from a file.
    ///
    /// # Errors
    /// Everything that changed, as it was approved and as it is.
    pub fn still_stands(
        &self,
        anatomy: &Anatomy,
        plan: &Plan,
        catalogues: &Catalogues,
        made: &Made,
    ) -> Result<(), Vec<Revoked>> {
        let computed = Computed { correction: made.settings.correction, accuracy: made.settings.accuracy };
        let now = CaseInputs::of(anatomy, catalogues).with(plan, made.image.as_ref(), &computed);
        let revoked = inputs::differences(self.inputs(), &now);
        if revoked.is_empty() { Ok(()) } else { Err(revoked) }
    }

    /// The approved plan, where the approval still stands.
    ///
    /// # Errors
    /// Everything that changed, as it was approved and as it is.
    pub fn restore(
        self,
        anatomy: &Anatomy,
        plan: Plan,
        catalogues: &Catalogues,
        made: &Made,
    ) -> Result<ApprovedPlan, Vec<Revoked>> {
        self.still_stands(anatomy, &plan, catalogues, made)?;
        Ok(ApprovedPlan { plan, approval: self })
    }
}
