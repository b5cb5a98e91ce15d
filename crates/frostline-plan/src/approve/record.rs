//! The written form of an approval.

use serde::{Deserialize, Serialize};

use super::clinician::{Clinician, SignatureError, Signatures, Timestamp};
use super::inputs::Input;
use super::{ApproveError, Grounds};
use crate::assess::NOTICE;
use crate::catalogue::Policy;
use crate::finding::Level;
use crate::fingerprint::Fingerprint;

/// Version of the layout of [`Approval`].
pub const APPROVAL_SCHEMA: &str = "frostline-approval/1";

/// Who approved what, when and on what grounds. It reads back only with the digest of what it says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Approval {
    content: Content,
    digest: Fingerprint,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Content {
    schema: String,
    by: Clinician,
    second: Option<Clinician>,
    at: Timestamp,
    reason: Option<String>,
    nerve: String,
    policy: Option<Policy>,
    verdict: Level,
    stops: Vec<String>,
    assessment: Fingerprint,
    inputs: Vec<Input>,
    notice: String,
}

/// As it stands in a file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    approval: Content,
    digest: Fingerprint,
}

/// Why a text is not an approval.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ApprovalTextError {
    /// Another layout.
    #[error("the approval has the layout '{found}', expected '{APPROVAL_SCHEMA}'; approve the plan again")]
    OtherLayout {
        /// What was found.
        found: String,
    },
    /// Something in it was changed.
    #[error(
        "the approval was changed after it was written: its content has the digest {found}, it says {said}; approve the plan again"
    )]
    Edited {
        /// The digest of what it says now.
        found: String,
        /// The digest it carries.
        said: String,
    },
    /// Signatures that no plan could have been approved with.
    #[error(transparent)]
    Signatures(#[from] SignatureError),
    /// Grounds on which no plan is approved.
    #[error(transparent)]
    Grounds(#[from] ApproveError),
}

impl Content {
    pub(super) fn new(
        grounds: Grounds,
        verdict: Level,
        by: Signatures,
        (at, assessment, inputs): (Timestamp, Fingerprint, Vec<Input>),
    ) -> Self {
        Self {
            schema: APPROVAL_SCHEMA.into(),
            by: by.first,
            second: by.second,
            at,
            reason: by.reason,
            nerve: grounds.nerve,
            policy: grounds.policy,
            verdict,
            stops: grounds.stops,
            assessment,
            inputs,
            notice: NOTICE.into(),
        }
    }

    fn digest(&self) -> Fingerprint {
        Fingerprint::of_debug(self)
    }

    /// What was required when it was approved is required when it is read.
    fn check(&self) -> Result<(), ApprovalTextError> {
        let mut signatures = Signatures::from(self.by.clone());
        if let Some(second) = &self.second {
            signatures = signatures.seconded_by(second.clone())?;
        }
        if let Some(reason) = &self.reason {
            signatures = signatures.because(reason)?;
        }
        let grounds = Grounds { nerve: self.nerve.clone(), policy: self.policy, stops: self.stops.clone() };
        Ok(grounds.allow(&signatures)?)
    }
}

impl TryFrom<Written> for Approval {
    type Error = ApprovalTextError;

    fn try_from(written: Written) -> Result<Self, ApprovalTextError> {
        let content = written.approval;
        if content.schema != APPROVAL_SCHEMA {
            return Err(ApprovalTextError::OtherLayout { found: content.schema });
        }
        let found = content.digest();
        if found != written.digest {
            let (found, said) = (found.as_str().into(), written.digest.as_str().into());
            return Err(ApprovalTextError::Edited { found, said });
        }
        content.check()?;
        Ok(Self { content, digest: found })
    }
}

impl From<Approval> for Written {
    fn from(approval: Approval) -> Self {
        Self { approval: approval.content, digest: approval.digest }
    }
}

impl Approval {
    pub(super) fn of(content: Content) -> Self {
        let digest = content.digest();
        Self { content, digest }
    }

    /// Who approved.
    pub fn by(&self) -> &Clinician {
        &self.content.by
    }

    /// Who approved beside them.
    pub fn second(&self) -> Option<&Clinician> {
        self.content.second.as_ref()
    }

    /// When.
    pub fn at(&self) -> Timestamp {
        self.content.at
    }

    /// Why, where a reason was needed or given.
    pub fn reason(&self) -> Option<&str> {
        self.content.reason.as_deref()
    }

    /// The verdict that was seen.
    pub fn verdict(&self) -> Level {
        self.content.verdict
    }

    /// Fingerprint of the assessment that was seen.
    pub fn assessment(&self) -> &Fingerprint {
        &self.content.assessment
    }

    /// Everything that was approved, piece by piece.
    pub fn inputs(&self) -> &[Input] {
        &self.content.inputs
    }

    /// Digest of everything it says. It shows damage and edits by hand; it is not a signature.
    pub fn digest(&self) -> &Fingerprint {
        &self.digest
    }
}
