//! Several nerves, or both legs, in one session: each is a case of its own, and the booking of each names the others.

use frostline_record::case::steps::{Booking, SessionPart};
use frostline_record::case::{Case, LinkedCase, Refused, Step};
use uuid::Uuid;

use super::{CaseError, Cases, KeptCase};

impl Cases {
    /// The other cases of the session that a case is booked for. One that was erased since is left out; nothing more is signed
    /// about the session then.
    ///
    /// # Errors
    /// [`CaseError`] when one of them cannot be read.
    pub async fn of_session(&self, case: &Case) -> Result<Vec<LinkedCase>, CaseError> {
        self.linked(case.session_parts()).await
    }

    async fn linked(&self, parts: &[SessionPart]) -> Result<Vec<LinkedCase>, CaseError> {
        let mut linked = Vec::new();
        for part in parts {
            let Ok(id) = part.case.parse() else { continue };
            match self.read(id).await {
                Ok(KeptCase { case, .. }) => linked.push(LinkedCase { name: part.case.clone(), case }),
                Err(CaseError::NoSuchCase(_) | CaseError::Erased(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(linked)
    }

    /// Refuses a booking together with a case that is not there, of another patient, or about another nerve or leg.
    ///
    /// # Errors
    /// [`CaseError::Refused`] says which, and what was expected.
    pub async fn session_is_true(&self, kept: &KeptCase, step: &Step) -> Result<(), CaseError> {
        let parts = booked(step).map_or(&[][..], |booking| &booking.together_with);
        self.parts_are_true(kept, parts, step.kind().word()).await.map(|_| ())
    }

    /// The other cases of a session, each of the same patient and about what the session says.
    pub(super) async fn parts_are_true(
        &self,
        kept: &KeptCase,
        parts: &[SessionPart],
        step: &'static str,
    ) -> Result<Vec<KeptCase>, CaseError> {
        let mut others = Vec::new();
        for part in parts {
            match self.true_part(kept, part).await? {
                Ok(other) => others.push(other),
                Err(problem) => return Err(Refused::Wrong { step, field: "/together_with", problem }.into()),
            }
        }
        Ok(others)
    }

    async fn true_part(&self, kept: &KeptCase, part: &SessionPart) -> Result<Result<KeptCase, String>, CaseError> {
        let found = &part.case;
        // Whoever asks learns the same of a case that is not there and of one that is not this patient's.
        let missing =
            format!("found the case '{found}', expected the name of another case of this patient; open it first");
        let Some(id) = part.case.parse::<Uuid>().ok().filter(|id| *id != kept.id) else { return Ok(Err(missing)) };
        let other = match self.read(id).await {
            Err(CaseError::NoSuchCase(_) | CaseError::Erased(_)) => return Ok(Err(missing)),
            other => other?,
        };
        if !is_one_patient(&kept.case, &other.case) {
            return Ok(Err(missing));
        }
        Ok(match other.case.site() {
            Some(site) if site != part.site => Err(format!(
                "case {found} is about {site}, the booking says {}; look which, and correct one of them",
                part.site
            )),
            _ => Ok(other),
        })
    }
}

/// The booking that a step makes, or corrects another to.
fn booked(step: &Step) -> Option<&Booking> {
    match step {
        Step::Booked(booking) => Some(booking),
        Step::Corrected(correction) => correction.instead.as_deref().and_then(booked),
        _ => None,
    }
}

/// Same names and day of birth, and no two numbers of the record.
fn is_one_patient(one: &Case, other: &Case) -> bool {
    let (Some(one), Some(other)) = (one.referral(), other.referral()) else { return false };
    let (one, other) = (&one.patient, &other.patient);
    let numbers = one.record_number.as_ref().zip(other.record_number.as_ref());
    one.name().to_lowercase() == other.name().to_lowercase()
        && one.born == other.born
        && numbers.is_none_or(|(one, other)| one == other)
}
