//! A booking that is moved or cancelled, together with what the cases of its session say of it: never the one without the other.

use frostline_plan::catalogue::Known;
use frostline_record::case::steps::{Booking as StepBooking, Cancellation, SessionPart};
use frostline_record::case::{Case, Second, Signer, Step};
use frostline_record::rules::Moment;
use frostline_record::schedule::{Booking, Calendar, ChangeRefused, ScheduleSettings};

use super::practice::stream;
use super::{
    BookError, CaseError, Cases, ChangedBy, KeptCase, KeptPractice, PracticeError, PracticeNow, TRIES, Wanted,
};
use crate::store::{AppendError, Part};

/// What becomes of a booking that is ahead.
#[derive(Clone, Debug)]
pub enum Rebooking {
    /// It begins at another time.
    MovedTo(Moment),
    /// It does not take place, for a reason of the list.
    CancelledFor(String),
}

impl Rebooking {
    fn of(
        &self,
        calendar: Calendar,
        settings: &ScheduleSettings,
        id: &str,
        at: Moment,
    ) -> Result<Calendar, ChangeRefused> {
        match self {
            Self::MovedTo(start) => calendar.moved(settings, id, *start, at),
            Self::CancelledFor(reason) => calendar.cancel(settings, id, reason, at),
        }
    }

    /// What the step of a case says.
    fn step(&self, settings: &ScheduleSettings, told: StepBooking, parts: &[SessionPart]) -> Step {
        match self {
            Self::MovedTo(_) => Step::Booked(StepBooking { together_with: parts.to_vec(), ..told }),
            Self::CancelledFor(key) => {
                let reason = settings.cancellation(key);
                let code = reason.and_then(|reason| match &reason.code.value.icd10cm {
                    Known::Known(code) => Some(code.clone()),
                    Known::NotKnown => None,
                });
                Step::Cancelled(Cancellation { code, reason: reason.map_or(key, |reason| &reason.name).clone() })
            }
        }
    }
}

impl KeptPractice {
    /// Moves or cancels a booking, and signs it in every case of the session that says it is booked then, in one
    /// transaction. A case that says something else, that is erased or cannot be read, keeps what it says; worklists tell where the
    /// two differ.
    ///
    /// # Errors
    /// [`BookError`] when the calendar or one of the cases does not take it; nothing is changed then.
    pub async fn rebook(
        &self,
        cases: &Cases,
        (booking, what): (&str, &Rebooking),
        (by, at): (&Signer, Second),
    ) -> Result<PracticeNow, BookError> {
        let settings = self.settings();
        let mut tries = 0;
        loop {
            let found = self.now().await?;
            let calendar = what.of(Calendar::clone(&found.calendar), settings, booking, at.moment())?;
            let both = found.calendar.find(booking).zip(calendar.find(booking));
            let (before, after) = both.ok_or_else(|| ChangeRefused::NoSuchBooking { id: booking.to_owned() })?;
            let changed_by = ChangedBy { account: by.account.clone(), at };
            let Some(practice) = self.part(&found, &calendar, (&changed_by, None)) else { return Ok(found) };
            let mut parts = vec![practice];
            let told = after.told(settings, calendar.resources());
            for kept in cases.told_of(before).await? {
                let step = what.step(settings, told.clone(), kept.case.session_parts());
                parts.push(cases.signed_part(kept, Wanted { step, by: by.clone(), at, seen: None, command: None })?);
            }
            match self.store().append_together(&parts).await {
                Ok(_) => return Ok(self.kept(calendar, &parts[0])),
                Err(AppendError::SomebodyWasFaster { .. }) if tries < TRIES => tries += 1,
                Err(error) => return Err(not_kept(error)),
            }
        }
    }
}

/// The stream that did not take it is that of the calendar or of a case.
fn not_kept(error: AppendError) -> BookError {
    match error {
        AppendError::SomebodyWasFaster { stream: whose, seen, found, .. } if whose == stream() => {
            PracticeError::SomebodyWasFaster { seen, found }.into()
        }
        AppendError::SomebodyWasFaster { seen, found, .. } => CaseError::SomebodyWasFaster { seen, found }.into(),
        error => PracticeError::Append(error).into(),
    }
}

impl Cases {
    /// The cases that say they are booked when a booking is: that of the booking, and those of its session.
    async fn told_of(&self, booking: &Booking) -> Result<Vec<KeptCase>, CaseError> {
        let Some(first) = self.if_told_of(booking.case(), booking).await? else { return Ok(Vec::new()) };
        let mut told = Vec::new();
        for part in first.case.session_parts() {
            told.extend(self.if_told_of(&part.case, booking).await?);
        }
        told.insert(0, first);
        Ok(told)
    }

    async fn if_told_of(&self, case: &str, booking: &Booking) -> Result<Option<KeptCase>, CaseError> {
        let Ok(id) = case.parse() else { return Ok(None) };
        match self.read(id).await {
            Ok(kept) => Ok(says_it(&kept.case, booking).then_some(kept)),
            Err(CaseError::NoSuchCase(_) | CaseError::Erased(_)) => Ok(None),
            // Nobody waits for a room because of a case that cannot be read; worklists tell of it.
            Err(error) if error.is_damage() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What the stream of a case gets for one more step.
    fn signed_part(&self, kept: KeptCase, wanted: Wanted) -> Result<Part, CaseError> {
        let id = kept.id;
        let (case, step) = self.signed(kept, (&wanted, &[]))?;
        Ok(self.part(id, &case, (&step, wanted.command, wanted.at)))
    }
}

/// Nobody is in two places at once, so a case that says this time means this booking, whatever room was written.
fn says_it(case: &Case, booking: &Booking) -> bool {
    case.booking().is_some_and(|said| said.start == booking.allocation().in_room.from)
}
