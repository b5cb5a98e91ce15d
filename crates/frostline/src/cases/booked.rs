//! A booking and the step `booked` of its case, written together: neither is ever there without the other.

use frostline_record::case::steps::{Booking as StepBooking, SessionPart};
use frostline_record::case::{Second, SignedStep, Signer, Step, StepKind};
use frostline_record::rules::Site;
use frostline_record::schedule::{
    Booking, BookingRequest, ChangeRefused, Conflict, NoSlotLength, PlannedNerve, ScheduleSettings,
};
use uuid::Uuid;

use super::practice::stream;
use super::{CaseError, Cases, ChangedBy, KeptCase, KeptPractice, PracticeError, TRIES, Wanted, append_error};
use crate::store::{AppendError, StreamId};

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
    /// Other cases of the same patient that are treated in the session; each is told the booking with a step of its own.
    pub together_with: Vec<SessionPart>,
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
    /// A case of a session of several has no plan, so nobody can say how long the session takes.
    #[error(
        "found no plan for {site}, expected one for every nerve and leg of the session, which is as long as all of them; plan it first"
    )]
    NoPlan {
        /// What is not planned.
        site: String,
    },
    /// No length of the session can be said.
    #[error(transparent)]
    NoLength(#[from] NoSlotLength),
    /// The session is shorter than all of its nerves take.
    #[error("found {found} min, expected at least {expected} min for {sites}; book a longer session, or two")]
    TooShort {
        /// What was asked. Unit: min.
        found: i64,
        /// What the plans take. Unit: min.
        expected: i64,
        /// What is treated.
        sites: String,
    },
    /// The session is not what the case says it must be.
    #[error("{problem}")]
    Unfit {
        /// Which part of the request.
        field: &'static str,
        /// What was found, what was expected and what to do.
        problem: String,
    },
    /// The case.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// The calendar does not take the change.
    #[error(transparent)]
    Change(#[from] ChangeRefused),
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
    /// Books a session and signs that it is booked, in every case of it, in one transaction over all streams: a crash at any
    /// moment leaves all or none. A session of several is as long as the plans of all of them take.
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
            let Booker { by, at, seen, command, together_with } = booker.clone();
            let others = cases.parts_are_true(&kept, &together_with, StepKind::Booked.word()).await?;
            if !others.is_empty() || kept.case.plan().is_some() {
                long_enough(settings, std::iter::once(&kept).chain(&others), asked.needs.room_minutes)?;
            }
            for case in std::iter::once(&kept).chain(&others) {
                fits_case(case, asked)?;
            }
            let places = Places::of(&kept, &others);
            let in_case = |id: Uuid| Step::Booked(StepBooking { together_with: places.beside(id), ..told.clone() });
            let changed_by = ChangedBy { account: by.account.clone(), at };
            let wanted = |id: Uuid, seen: Option<u64>| Wanted { step: in_case(id), by: by.clone(), at, seen, command };
            let (case, step) = cases.signed(kept, (&wanted(id, seen), &[]))?;
            let mut told_others = Vec::new();
            for other in others {
                let other_id = other.id;
                let (case, step) = cases.signed(other, (&wanted(other_id, None), &[]))?;
                told_others.push(cases.part(other_id, &case, (&step, command, changed_by.at)));
            }
            let calendar = frostline_record::schedule::Calendar::clone(&found.calendar);
            let calendar = calendar.with(settings, booking.clone()).map_err(BookError::Conflicts)?;
            let calendar = calendar.has_a_time(&asked.case, changed_by.at.moment());
            let Some(practice) = self.part(&found, &calendar, (&changed_by, command)) else {
                return Err(BookError::Lost { booking: asked.id.clone() });
            };
            let mut parts = vec![practice, cases.part(id, &case, (&step, command, changed_by.at))];
            parts.extend(told_others);
            match self.store().append_together(&parts).await {
                Ok(_) => {
                    self.kept(calendar, &parts[0]);
                    return Ok(BookedCase { booking, kept: KeptCase { id, case }, step });
                }
                // Both are looked at again: what somebody else did may stand in the way now, or not.
                Err(AppendError::SomebodyWasFaster { stream: whose, .. })
                    if tries < TRIES && (whose != StreamId::case(id) || seen.is_none()) =>
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

/// Whether the session is booked for no less sedation than was chosen, and under the guidance of the plan.
fn fits_case(kept: &KeptCase, asked: &BookingRequest) -> Result<(), BookError> {
    let (needs, case) = (&asked.needs, &kept.case);
    if let Some(chosen) = case.sedation().map(|sedation| sedation.level).filter(|level| needs.sedation < *level) {
        let (found, expected) = (needs.sedation.word(), chosen.word());
        let field = "/needs/sedation";
        let problem = format!(
            "found '{found}', expected at least '{expected}', which was chosen in the case; book people for that"
        );
        return Err(BookError::Unfit { field, problem });
    }
    if let Some(planned) = case.plan().map(|plan| plan.guidance).filter(|planned| *planned != needs.guidance) {
        let (found, expected) = (needs.guidance.word(), planned.word());
        let field = "/needs/guidance";
        let problem = format!("found '{found}', expected '{expected}' as planned; book a room for that, or plan again");
        return Err(BookError::Unfit { field, problem });
    }
    Ok(())
}

/// What is treated in a session, case by case.
struct Places(Vec<(Uuid, Option<Site>)>);

impl Places {
    fn of(kept: &KeptCase, others: &[KeptCase]) -> Self {
        Self(std::iter::once(kept).chain(others).map(|kept| (kept.id, kept.case.site())).collect())
    }

    /// The others, as seen from one case.
    fn beside(&self, id: Uuid) -> Vec<SessionPart> {
        let others = self.0.iter().filter(|(other, _)| *other != id);
        others.filter_map(|(other, site)| Some(SessionPart { case: other.to_string(), site: site.clone()? })).collect()
    }
}

/// Whether the room is taken for as long as the plans of all cases need.
fn long_enough<'a>(
    settings: &ScheduleSettings,
    cases: impl Iterator<Item = &'a KeptCase>,
    found: i64,
) -> Result<(), BookError> {
    let (mut nerves, mut sites) = (Vec::new(), Vec::new());
    for kept in cases {
        let site = kept.case.site().map_or_else(|| format!("case {}", kept.id), |site| site.to_string());
        let plan = kept.case.plan().ok_or_else(|| BookError::NoPlan { site: site.clone() })?;
        nerves.push(PlannedNerve::of_plan(plan));
        sites.push(site);
    }
    let expected = settings.slot_minutes(&nerves)?.room_minutes;
    if found < expected {
        return Err(BookError::TooShort { found, expected, sites: sites.join(" and ") });
    }
    Ok(())
}
