//! Cases as they are kept: each a stream of events of the store, one event for each signed step.
//!
//! It knows how steps become events and come back, and what a list of cases shows. What a step means and whether it is taken
//! is decided by [`frostline_record::case`].

mod booked;
mod knowledge;
mod listed;
mod outlines;
mod pieces;
mod practice;
mod rebooked;
mod session;
mod summaries;
mod worklist;

use frostline_record::case::steps::{PlanApproval, PlanRecord};
use frostline_record::case::{
    Case, CaseBroken, Judging, LinkedCase, Refused, Second, SignedStep, Signer, Step, StepKind,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::store::{
    AppendError, AttachmentId, EventBody, NewEvent, Page, Part, ReadError, Store, StoredEvent, StreamId,
};

pub use booked::{BookError, BookedCase, Booker};
pub use knowledge::{Knowledge, KnowledgeError};
pub use listed::ListedCase;
pub use practice::{ChangedBy, KeptPractice, PracticeError, PracticeNow};
pub use rebooked::Rebooking;
pub use summaries::summarise;
pub use worklist::Worklist;

/// The kind of event that a signed step is.
const STEP: &str = "step";

/// The cases of a store. Cheap to clone.
#[derive(Clone)]
pub struct Cases {
    store: Store,
    knowledge: Knowledge,
}

/// A case with its name and everything that was signed.
#[derive(Clone, Debug)]
pub struct KeptCase {
    /// Its name.
    pub id: Uuid,
    /// What was signed.
    pub case: Case,
}

/// A step that somebody wants to sign.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What.
    pub step: Step,
    /// Who.
    pub by: Signer,
    /// When.
    pub at: Second,
    /// How many steps they had seen; absent when they sign on top of whatever is there.
    pub seen: Option<u64>,
    /// The same command sent again gives the first answer.
    pub command: Option<Uuid>,
}

/// Why a case cannot be read or a step was not kept.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// There is none.
    #[error("there is no case {0}; look at the list of cases")]
    NoSuchCase(Uuid),
    /// What is kept there was erased.
    #[error("case {0} was erased; only that it was there is kept")]
    Erased(Uuid),
    /// The step is not taken.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Somebody signed in between.
    #[error("the case had {seen} steps when it was read and has {found} now: somebody was faster; look at it again")]
    SomebodyWasFaster {
        /// How many were seen.
        seen: u64,
        /// How many there are.
        found: u64,
    },
    /// The kept steps are no case.
    #[error("case {id}: {broken}")]
    Broken {
        /// Which.
        id: Uuid,
        /// What is wrong.
        broken: CaseBroken,
    },
    /// A kept step cannot be read.
    #[error("case {id}, step {number}: {problem}; was it written by a newer version of this program?")]
    Unreadable {
        /// Which.
        id: Uuid,
        /// Which step.
        number: u64,
        /// What is wrong.
        problem: String,
    },
    /// The step names what was sent to another case, or to none.
    #[error("the attachment {0} was not sent to this case; send it there first, then name it")]
    AnothersAttachment(AttachmentId),
    /// The store did not take it.
    #[error(transparent)]
    Append(AppendError),
    /// The store cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// How often a step without a stated version is signed anew when somebody was faster.
const TRIES: usize = 8;

impl Cases {
    /// Over an open store.
    pub fn new(store: Store, knowledge: Knowledge) -> Self {
        Self { store, knowledge }
    }

    /// Rules, lists, atlas, limits, time zone.
    pub fn knowledge(&self) -> &Knowledge {
        &self.knowledge
    }

    /// Opens a case.
    ///
    /// # Errors
    /// [`CaseError`] when the first step is no sound referral or the store does not take it.
    pub async fn open(&self, wanted: Wanted) -> Result<KeptCase, CaseError> {
        let id = wanted.command.map_or_else(Uuid::now_v7, |command| Uuid::new_v5(&command, b"case"));
        if wanted.command.is_some() {
            match self.read(id).await {
                Err(CaseError::NoSuchCase(_)) => {}
                // The same command again: the case is there.
                earlier => return earlier,
            }
        }
        let judging = self.knowledge.judging(wanted.at);
        let case = Case::open(wanted.step, wanted.by, wanted.at, &judging)?;
        let step = case.steps()[0].clone();
        self.append(id, &case, (&step, wanted.command, wanted.at)).await?;
        Ok(KeptCase { id, case })
    }

    /// Signs a step.
    ///
    /// # Errors
    /// [`CaseError`] when it is not taken, somebody was faster than the version that was seen, or the store fails.
    pub async fn sign(&self, id: Uuid, wanted: Wanted) -> Result<(KeptCase, SignedStep), CaseError> {
        let mut tries = 0;
        loop {
            let (kept, done) = self.read_with(id, wanted.command).await?;
            if let Some(done) = done {
                // The same command again: it was carried out, and gives its first answer.
                return Ok((kept, done));
            }
            self.session_is_true(&kept, &wanted.step).await?;
            let session = self.of_session(&kept.case).await?;
            let (case, step) = self.signed(kept, (&wanted, &session))?;
            match self.append(id, &case, (&step, wanted.command, wanted.at)).await {
                Err(CaseError::SomebodyWasFaster { .. }) if wanted.seen.is_none() && tries < TRIES => tries += 1,
                Err(error) => return Err(error),
                Ok(()) => return Ok((KeptCase { id, case }, step)),
            }
        }
    }

    /// A case with one more step, not kept yet.
    fn signed(
        &self,
        kept: KeptCase,
        (wanted, session): (&Wanted, &[LinkedCase]),
    ) -> Result<(Case, SignedStep), CaseError> {
        let there = kept.case.steps().len() as u64;
        if let Some(seen) = wanted.seen.filter(|seen| *seen != there) {
            return Err(CaseError::SomebodyWasFaster { seen, found: there });
        }
        let step = self.tried(&kept.case, (wanted, session))?;
        let case = kept.case.with(step.clone()).map_err(|broken| CaseError::Broken { id: kept.id, broken })?;
        Ok((case, step))
    }

    /// The step as it would be signed now, beside the other cases of its session; nothing is kept.
    ///
    /// # Errors
    /// [`Refused`] with everything that is missing before it, or what is wrong in it.
    pub fn tried(&self, case: &Case, (wanted, session): (&Wanted, &[LinkedCase])) -> Result<SignedStep, Refused> {
        let at = after_the_last(case, wanted);
        let asked = with_what_is_approved(case, wanted.step.clone());
        // What somebody decides is judged by the clock as it stands, so that a clock that ran ahead makes no hour of fasting pass.
        let judged_at = if happened(wanted.step.kind()) { at } else { wanted.at };
        let judging = Judging { session, ..self.knowledge.judging(judged_at) };
        case.sign(asked, wanted.by.clone(), at, &judging)
    }

    /// Everything that was signed.
    ///
    /// # Errors
    /// [`CaseError`] when there is no such case or it cannot be read.
    pub async fn read(&self, id: Uuid) -> Result<KeptCase, CaseError> {
        self.read_with(id, None).await.map(|(kept, _)| kept)
    }

    /// The case, and the step that a command has signed already. What cannot be read is told on worklists from then on.
    async fn read_with(&self, id: Uuid, command: Option<Uuid>) -> Result<(KeptCase, Option<SignedStep>), CaseError> {
        let found = self.read_whole(id, command).await;
        if found.as_ref().is_err_and(CaseError::is_damage) {
            self.note_damage(id).await;
        }
        found
    }

    async fn read_whole(&self, id: Uuid, command: Option<Uuid>) -> Result<(KeptCase, Option<SignedStep>), CaseError> {
        let events = self.store.read(&StreamId::case(id)).await?;
        if events.is_empty() {
            return Err(CaseError::NoSuchCase(id));
        }
        let done = command.and_then(|command| events.iter().find(|event| event.command_id == Some(command)));
        let done = done.map(|event| read_step(id, event)).transpose()?;
        Ok((KeptCase { id, case: case_of(id, &events)? }, done))
    }

    /// A page of cases after one, in the order of their names, which is that of their opening.
    ///
    /// # Errors
    /// [`CaseError::Read`].
    pub async fn list(&self, after: Option<Uuid>, most: u32) -> Result<Vec<ListedCase>, CaseError> {
        let (mut listed, mut page) = (Vec::new(), Page { after: after.map(StreamId::case), most });
        // Erased cases leave gaps, so pages of the store are read until this one is full or nothing is left.
        loop {
            let found = self.store.streams("case/", &page).await?;
            page.after = found.last().map(|summary| summary.stream.clone());
            let last_page = (found.len() as u64) < u64::from(most);
            listed.extend(found.iter().filter_map(ListedCase::of_summary));
            if last_page || listed.len() as u64 >= u64::from(most) {
                listed.truncate(most as usize);
                return Ok(listed);
            }
        }
    }

    async fn append(
        &self,
        id: Uuid,
        case: &Case,
        signed: (&SignedStep, Option<Uuid>, Second),
    ) -> Result<(), CaseError> {
        let part = self.part(id, case, signed);
        let named = AttachmentId::named_in(&part.events[0].body);
        let stranger = self.store.stranger_to(&part.stream, &named).await.map_err(ReadError::from)?;
        if let Some(stranger) = stranger {
            return Err(CaseError::AnothersAttachment(stranger));
        }
        match self.store.append_together(&[part]).await {
            Ok(_) => Ok(()),
            Err(error) => Err(append_error(id, error)),
        }
    }

    /// What the stream of a case gets when a step was signed at a time of the clock: the event, and what lists show and read of the
    /// case with it.
    fn part(&self, id: Uuid, case: &Case, (step, command, clock): (&SignedStep, Option<Uuid>, Second)) -> Part {
        const MS_PER_SECOND: i64 = 1000;
        let event = NewEvent {
            kind: STEP.to_owned(),
            body: json!(step),
            by: step.by.account.clone(),
            at_ms: clock.0 * MS_PER_SECOND,
            command_id: command,
        };
        Part {
            stream: StreamId::case(id),
            seen: step.number - 1,
            events: vec![event],
            summary: ListedCase::of(id, case).summary(),
            outline: Some(self.outline_of(case)),
        }
    }
}

/// An approval says where the numbers of the plan come from that it is about, so that nobody reads it as more than it was.
fn with_what_is_approved(case: &Case, step: Step) -> Step {
    match step {
        Step::PlanApproved(approval) => {
            Step::PlanApproved(PlanApproval { numbers: case.plan().map(PlanRecord::numbers), ..approval })
        }
        step => step,
    }
}

impl CaseError {
    /// Whether what is kept is at fault, and not who asks or the database.
    fn is_damage(&self) -> bool {
        matches!(self, CaseError::Broken { .. } | CaseError::Unreadable { .. } | CaseError::Read(ReadError::Damaged(_)))
    }
}

fn append_error(id: Uuid, error: AppendError) -> CaseError {
    match error {
        AppendError::SomebodyWasFaster { seen, found, .. } => CaseError::SomebodyWasFaster { seen, found },
        AppendError::Erased(_) => CaseError::Erased(id),
        error => CaseError::Append(error),
    }
}

/// The clocks of two machines that share a database differ by a little, and one that ran ahead is set right while patients are in
/// the house: a day covers a wrong time zone and a wrong date. What somebody decides further back than this is refused, because then
/// it is the clock of now that is wrong. Unit: s.
const CLOCK_BACK_AT_MOST_S: i64 = 86_400;

/// When a step is signed: at the time of the step before it where the clock lies behind, so that steps stay in their order; the
/// event keeps what the clock said. What already happened is written down whatever the clock says.
fn after_the_last(case: &Case, wanted: &Wanted) -> Second {
    let at = wanted.at;
    let last = case.steps().last().map_or(at, |last| last.at);
    let takes_it = last.seconds_since(at) <= CLOCK_BACK_AT_MOST_S || happened(wanted.step.kind());
    if at < last && takes_it { last } else { at }
}

/// Whether a step of this kind tells what already happened, and not what somebody decides.
pub fn happened(kind: StepKind) -> bool {
    matches!(
        kind,
        StepKind::Logged
            | StepKind::Noted
            | StepKind::Recovered
            | StepKind::ContactTried
            | StepKind::Answered
            | StepKind::ConsentWithdrawn
            | StepKind::EventReported
    )
}

fn read_step(id: Uuid, event: &StoredEvent) -> Result<SignedStep, CaseError> {
    let EventBody::Kept(body) = &event.body else { return Err(CaseError::Erased(id)) };
    step_of(body).map_err(|problem| CaseError::Unreadable { id, number: event.seq, problem })
}

fn step_of(body: &Value) -> Result<SignedStep, String> {
    serde_json::from_value(body.clone()).map_err(|problem| problem.to_string())
}

/// The case that events make.
fn case_of(id: Uuid, events: &[StoredEvent]) -> Result<Case, CaseError> {
    let steps = events.iter().filter(|event| event.kind == STEP).map(|event| read_step(id, event));
    let steps = steps.collect::<Result<Vec<_>, _>>()?;
    Case::from_steps(steps).map_err(|broken| CaseError::Broken { id, broken })
}

/// The summary that the events of a case make; the store rebuilds its lists with it.
pub fn summary_of(id: Uuid, events: &[StoredEvent]) -> Result<Value, CaseError> {
    case_of(id, events).map(|case| ListedCase::of(id, &case).summary())
}
