//! One patient's way, from referral to the last questionnaire: a list of dated, signed steps to which one can only add.
//!
//! Knows: which steps there are, what each holds, what must come before it, which rules stand against it, and what the
//! steps say together. Nothing is overwritten: a mistake is corrected by a later step that names the earlier one.
//! Does not know: databases, accounts, clocks. Who signs and when are arguments.

mod gates;
mod judged;
mod log;
mod pathway;
mod refused;
mod signed;
mod skipped;
mod stage;
mod step;
pub mod steps;
mod views;

pub use gates::Need;
pub use judged::{Judging, LinkedCase, Phase, WeighedAnswer};
pub(crate) use judged::{harm, limits, seriousness};
pub use log::{Freeze, Happened, RoomPhase, Thawed};
pub use pathway::{HomeDays, Item, ItemList, Pathway, Waits};
pub use refused::{CaseBroken, FieldProblem, Missing, Refused};
pub use signed::{Second, SignedStep, Signer};
pub use skipped::Skipped;
pub use stage::{Blocker, Stage};
pub use step::{Step, StepKind};
pub use views::Decided;

/// All steps of one patient's way, in the order in which they were signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    steps: Vec<SignedStep>,
}

impl Case {
    /// A new case; its first step is a referral.
    ///
    /// # Errors
    /// [`Refused`] when the first step is another one or says nothing.
    pub fn open(step: Step, by: Signer, at: Second, judging: &Judging) -> Result<Self, Refused> {
        let empty = Self { steps: Vec::new() };
        let first = empty.sign(step, by, at, judging)?;
        Ok(Self { steps: vec![first] })
    }

    /// A case as it was kept.
    ///
    /// # Errors
    /// [`CaseBroken`] when steps are missing, out of order, or a correction points nowhere.
    pub fn from_steps(steps: Vec<SignedStep>) -> Result<Self, CaseBroken> {
        let case = Self { steps };
        case.whole()?;
        Ok(case)
    }

    fn whole(&self) -> Result<(), CaseBroken> {
        match self.steps.first() {
            None => return Err(CaseBroken::Empty),
            Some(first) if first.step.kind() != StepKind::Referred => {
                return Err(CaseBroken::NoReferral { found: first.step.kind().word() });
            }
            Some(_) => {}
        }
        for (index, step) in self.steps.iter().enumerate() {
            let expected = index as u64 + 1;
            if step.number != expected {
                return Err(CaseBroken::Gap { expected, found: step.number });
            }
            if let Step::Corrected(correction) = &step.step
                && correction_target(&self.steps[..index], correction).is_none()
            {
                return Err(CaseBroken::CorrectsNothing { number: step.number, names: correction.step });
            }
        }
        Ok(())
    }

    /// Every step, in order.
    pub fn steps(&self) -> &[SignedStep] {
        &self.steps
    }

    /// The step, signed, with everything the rules said about it; nothing is added yet.
    ///
    /// # Errors
    /// [`Refused`] with everything that is missing before it, or what is wrong in it.
    pub fn sign(&self, step: Step, by: Signer, at: Second, judging: &Judging) -> Result<SignedStep, Refused> {
        if by.name.trim().is_empty() {
            return Err(Refused::NoName);
        }
        if let Some(last) = self.latest().filter(|last| at < *last) {
            return Err(Refused::ClockBack { now: at, last });
        }
        let number = self.steps.len() as u64 + 1;
        let unseen = SignedStep { number, step, by, at, day: judging.today, seen: Vec::new() };
        self.in_order(&unseen, judging)?;
        let seen = self.rulings_for(&unseen, judging)?;
        Ok(SignedStep { seen, ..unseen })
    }

    /// The case as it would be with a step; rules are asked about that.
    fn as_if(&self, step: &SignedStep) -> Case {
        let mut steps = self.steps.clone();
        steps.push(step.clone());
        Case { steps }
    }

    /// The same case without what the rules said when steps were signed, except where somebody went on in spite of it: all that
    /// is needed to tell how it stands, in little more than half the bytes.
    pub fn without_rulings(mut self) -> Self {
        for signed in &mut self.steps {
            if signed.step.kind() != StepKind::Overridden {
                signed.seen = Vec::new();
            }
        }
        self
    }

    /// The case with one more step.
    ///
    /// # Errors
    /// [`CaseBroken`] when it is not the next one.
    pub fn with(mut self, step: SignedStep) -> Result<Self, CaseBroken> {
        self.steps.push(step);
        self.whole()?;
        Ok(self)
    }
}

/// The step that a correction is about: an earlier one that is no correction itself and of the kind of what replaces it.
fn correction_target<'a>(earlier: &'a [SignedStep], correction: &steps::Correction) -> Option<&'a SignedStep> {
    let target = earlier.iter().find(|step| step.number == correction.step)?;
    let fits = match &correction.instead {
        None => target.step.kind() != StepKind::Referred,
        Some(instead) => of_one_kind(instead, &target.step),
    };
    (fits && target.step.kind() != StepKind::Corrected).then_some(target)
}

/// A line of the log is of one kind with a line that says the same sort of thing: a remark never becomes a freeze.
fn of_one_kind(one: &Step, other: &Step) -> bool {
    match (one, other) {
        (Step::Logged(one), Step::Logged(other)) => {
            std::mem::discriminant(&one.logged) == std::mem::discriminant(&other.logged)
        }
        (one, other) => one.kind() == other.kind(),
    }
}
