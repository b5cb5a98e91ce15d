//! What worklists read of a case instead of its events, kept beside them (docs/store.md).

use frostline_record::case::{Case, Second, SignedStep};
use frostline_record::follow_up::FollowedPatient;
use frostline_record::rules::Day;
use frostline_record::worklist::is_over;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{CaseError, Cases, case_of};
use crate::store::{CaughtUp, KeptOutline, Outline, ReadError, StoredEvent, StreamId};

/// The streams of cases.
const CASES: &str = "case/";

/// What is kept of a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub(super) enum CaseOutline {
    /// Something is still to be done: its steps, without what the rules said then.
    Open {
        /// In their order.
        steps: Vec<SignedStep>,
    },
    /// Closed, and nothing will come of it any more: only reviews and groups of patients count it.
    Closed {
        /// Day of the freeze.
        treated_on: Option<Day>,
        /// Serious events.
        serious_events: u32,
        /// How it went; nothing where the nerve was not frozen.
        #[serde(default)]
        followed: Option<FollowedPatient>,
    },
    /// It cannot be read.
    Damaged {
        /// What is wrong.
        why: String,
    },
    /// Erased.
    Gone,
}

impl CaseOutline {
    /// Closed cases are listed as long as a quarter may hold their treatment, those that cannot be read until somebody mends them.
    fn kept(&self) -> Outline {
        let listed_until = match self {
            CaseOutline::Open { .. } | CaseOutline::Damaged { .. } => i64::MAX,
            CaseOutline::Closed { treated_on: Some(day), .. } => day.0,
            CaseOutline::Closed { treated_on: None, .. } | CaseOutline::Gone => i64::MIN,
        };
        Outline { listed_until, text: json!(self).to_string() }
    }

    /// Of what is kept; one that this program cannot read was written by another and stands for a case that cannot be read.
    pub(super) fn of_kept(kept: &KeptOutline) -> (String, Self) {
        let case = kept.stream.as_str().trim_start_matches(CASES).to_owned();
        let why = |error: serde_json::Error| format!("{error}; run 'frostline store rebuild' with the newest program");
        let read = serde_json::from_str(&kept.outline.text);
        (case, read.unwrap_or_else(|error| CaseOutline::Damaged { why: why(error) }))
    }
}

impl Cases {
    /// What is kept of a case beside its events.
    pub(super) fn outline_of(&self, case: &Case) -> Outline {
        self.outlined(case.clone()).kept()
    }

    fn outlined(&self, case: Case) -> CaseOutline {
        let judging = self.knowledge.judging(case.latest().unwrap_or(Second(0)));
        match is_over(&case, &judging) {
            true => CaseOutline::Closed {
                treated_on: case.treated_on(),
                serious_events: case.serious_events(&judging),
                followed: FollowedPatient::of(&case, &judging),
            },
            false => CaseOutline::Open { steps: case.without_rulings().steps().to_vec() },
        }
    }

    /// Everybody whose nerve was frozen, and how many cases could not be read. No stream is read of a case whose outline is
    /// up to date.
    ///
    /// # Errors
    /// [`CaseError::Read`] when the database does not answer.
    pub async fn followed(&self, at: Second) -> Result<(Vec<FollowedPatient>, usize), CaseError> {
        // What was never treated is wanted by no list after it is closed, and is left out.
        let (kept, _) = self.outlines(Day(i64::MIN + 1)).await?;
        let judging = self.knowledge.judging(at);
        let (mut followed, mut unreadable) = (Vec::new(), 0);
        for (_, outline) in kept.iter().map(CaseOutline::of_kept) {
            match outline {
                CaseOutline::Closed { followed: patient, .. } => followed.extend(patient),
                CaseOutline::Gone => {}
                CaseOutline::Damaged { .. } => unreadable += 1,
                CaseOutline::Open { steps } => match Case::from_steps(steps) {
                    Ok(case) => followed.extend(FollowedPatient::of(&case, &judging)),
                    Err(_) => unreadable += 1,
                },
            }
        }
        Ok((followed, unreadable))
    }

    fn outline_again(&self, stream: &StreamId, events: Result<&[StoredEvent], &ReadError>) -> Outline {
        let id = stream.as_str().strip_prefix(CASES).and_then(|id| Uuid::parse_str(id).ok());
        let made = match (id, events) {
            (None, _) => CaseOutline::Gone,
            (Some(_), Err(error)) => CaseOutline::Damaged { why: error.to_string() },
            (Some(id), Ok(events)) => match case_of(id, events) {
                Ok(case) => self.outlined(case),
                Err(CaseError::Erased(_)) => CaseOutline::Gone,
                Err(error) => CaseOutline::Damaged { why: error.to_string() },
            },
        };
        made.kept()
    }

    /// Every case that lists want on a day, and what it took to know it.
    pub(super) async fn outlines(&self, day: Day) -> Result<(Vec<KeptOutline>, CaughtUp), CaseError> {
        let again = |stream: &StreamId, events: Result<&[StoredEvent], &ReadError>| self.outline_again(stream, events);
        Ok(self.store.outlines(CASES, day.0, again).await?)
    }

    /// Makes every outline again from the events; gives how many streams were read.
    ///
    /// # Errors
    /// [`CaseError::Read`] when the database does not answer.
    pub async fn rebuild_outlines(&self) -> Result<u64, CaseError> {
        self.store.forget_outlines(CASES).await?;
        let (_, caught_up) = self.outlines(Day(i64::MAX)).await?;
        Ok(caught_up.streams_read)
    }

    /// Lets worklists tell that a case cannot be read, from now on. Where that cannot be written either, whoever asked for the case
    /// is told all the same.
    pub(super) async fn note_damage(&self, id: Uuid) {
        let again = |stream: &StreamId, events: Result<&[StoredEvent], &ReadError>| self.outline_again(stream, events);
        let noted = self.store.outline_again(&[StreamId::case(id)], &again).await;
        if let Err(error) = noted {
            tracing::error!(cause = %error, "worklists do not tell yet that a case is damaged");
        }
    }
}
