//! A booking and the step `booked` of its case, written together: neither is ever there without the other.

use frostline_record::case::{Second, SignedStep, Signer, Step};
use frostline_record::schedule::{Booking, BookingRequest, Conflict};
use uuid::Uuid;

use super::practice::stream;
use super::{CaseError, Cases, ChangedBy, KeptCase, KeptPractice, PracticeError, TRIES, Wanted, append_error};
use crate::store::AppendError;

/// Who books, and what they had seen.
#[derive(Clone, Debug)]
pub struct Booker {
    /// Who.
    pub by: Signer,
    /// When.
    pub at: Second,
    /// How many steps of the case they had seen.
    pub seen: Option<u64>,
    /// The same command sent again gives the first answer.
    pub command: Option<Uuid>,
}

/// A booking that was kept with its step.
#[derive(Clone, Debug)]
pub struct BookedCase {
    /// The booking as it is now.
    pub booking: Booking,
    /// The case with the step.
    pub kept: KeptCase,
    /// The step.
    pub step: SignedStep,
}

/// Why neither booking nor step was kept.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// The case has another number than the path.
    #[error("found the case '{found}', expected the name of a case; look at the list of cases")]
    NoCase {
        /// What was found.
        found: String,
    },
    /// What stands in the way.
    #[error("the time cannot be had: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Conflicts(Vec<Conflict>),
    /// The case.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// Rooms, people and stock.
    #[error(transparent)]
    Practice(#[from] PracticeError),
    /// The booking of an earlier command is gone from the calendar.
    #[error("the step was signed, and the calendar has no booking {booking}; run 'frostline store verify'")]
    Lost {
        /// Its key.
        booking: String,
    },
}

impl KeptPractice {
    /// Books a session and signs that it is booked, in one transaction over both streams: a crash at any moment leaves both or
    /// neither.
    ///
    /// # Errors
    /// [`BookError`] with everything that stands in the way in the calendar or in the case; nothing is kept then.
    pub async fn book_case(
        &self,
        cases: &Cases,
        asked: &BookingRequest,
        booker: Booker,
    ) -> Result<BookedCase, BookError> {
        let id = asked.case.parse::<Uuid>().map_err(|_| BookError::NoCase { found: asked.case.clone() })?;
        let mut tries = 0;
        loop {
            let (kept, done) = cases.read_with(id, booker.command).await?;
            let found = self.now().await?;
            if let Some(step) = done {
                // The same command again: it was carried out, and gives its first answer.
                let booking = found.calendar.find(&asked.id).cloned();
                let booking = booking.ok_or_else(|| BookError::Lost { booking: asked.id.clone() })?;
                return Ok(BookedCase { booking, kept, step });
            }
            let settings = self.settings();
            let booking = found.calendar.book(settings, asked).map_err(BookError::Conflicts)?;
            let told = booking.told(settings, found.calendar.resources());
            let Booker { by, at, seen, command } = booker.clone();
            let changed_by = ChangedBy { account: by.account.clone(), at };
            let (case, step) = cases.signed(kept, &Wanted { step: Step::Booked(told), by, at, seen, command })?;
            let calendar = frostline_record::schedule::Calendar::clone(&found.calendar);
            let calendar = calendar.with(settings, booking.clone()).map_err(BookError::Conflicts)?;
            let calendar = calendar.has_a_time(&asked.case, changed_by.at.moment());
            let Some(practice) = self.part(&found, &calendar, (&changed_by, command)) else {
                return Err(BookError::Lost { booking: asked.id.clone() });
            };
            let parts = [practice, cases.part(id, &case, (&step, command, changed_by.at))];
            match self.store().append_together(&parts).await {
                Ok(_) => {
                    self.kept(calendar, &parts[0]);
                    return Ok(BookedCase { booking, kept: KeptCase { id, case }, step });
                }
                // Both are looked at again: what somebody else did may stand in the way now, or not.
                Err(AppendError::SomebodyWasFaster { stream: whose, .. })
                    if tries < TRIES && (whose == stream() || seen.is_none()) =>
                {
                    tries += 1;
                }
                Err(AppendError::SomebodyWasFaster { stream: whose, seen, found, .. }) if whose == stream() => {
                    return Err(PracticeError::SomebodyWasFaster { seen, found }.into());
                }
                Err(error) => return Err(append_error(id, error).into()),
            }
        }
    }
}
