//! Power of the leg: before the first freeze, at its lowest since, and when it was last tested.

use crate::case::steps::{Logged, MusclePower};
use crate::case::{Case, Second, SignedStep, Step};
use crate::documents::clinical_inputs::PowerLine;
use crate::rules::Answer;

/// The top of the scale of the Medical Research Council (1976): full power.
const FULL_POWER: f64 = 5.0;

/// What the record says about power and feeling after the freeze.
pub(super) struct Strength {
    /// Every muscle that was tested before or since.
    pub(super) lines: Vec<PowerLine>,
    /// Whether a muscle lacks full power, whatever it was before. Full power counts once every muscle that was tested before
    /// was tested again after the probe came out.
    pub(super) weak: Option<bool>,
    /// Whether a muscle has less power than before the first freeze.
    pub(super) weaker: Option<bool>,
    /// Whether the leg was numb.
    pub(super) numb: Option<bool>,
}

/// One muscle.
struct Muscle {
    name: String,
    before: Option<f64>,
    lowest: Option<f64>,
    /// The newest test of it; a test without a grade is one.
    last: Option<f64>,
    /// Whether that was a look at the patient after the procedure.
    looked_at: bool,
}

impl Muscle {
    fn new(name: &str, before: Option<f64>) -> Self {
        Self { name: name.to_owned(), before, lowest: None, last: None, looked_at: false }
    }

    /// The last grade; where the newest test gave none, the lowest that was found, since nobody knows that it came back.
    fn now(&self) -> Option<f64> {
        self.last.or(self.lowest)
    }

    fn is_weak(&self) -> bool {
        self.now().is_some_and(|now| now < FULL_POWER)
    }

    fn is_weaker(&self) -> bool {
        matches!((self.before, self.now()), (Some(before), Some(now)) if now < before)
    }

    fn is_settled(&self) -> bool {
        self.before.is_none() || self.looked_at && self.last.is_some()
    }
}

/// A test of power after the first freeze.
struct Test<'a> {
    at: Second,
    looked_at: bool,
    power: &'a [MusclePower],
}

/// What the record says about power and feeling after the freeze.
pub(super) fn strength_of(case: &Case) -> Strength {
    let baseline = case.baseline_exam().map(|exam| exam.power.as_slice()).unwrap_or_default();
    let mut muscles: Vec<Muscle> = baseline.iter().map(|power| Muscle::new(&power.muscle, power.mrc)).collect();
    for test in tests_since(case) {
        for power in test.power {
            let found = muscles.iter().position(|muscle| muscle.name == power.muscle);
            let place = found.unwrap_or_else(|| {
                muscles.push(Muscle::new(&power.muscle, None));
                muscles.len() - 1
            });
            let muscle = &mut muscles[place];
            muscle.lowest = [muscle.lowest, power.mrc].into_iter().flatten().reduce(f64::min);
            (muscle.last, muscle.looked_at) = (power.mrc, test.looked_at);
        }
    }
    let all_settled = muscles.iter().any(|muscle| muscle.before.is_some())
        && baseline.iter().all(|power| power.mrc.is_some())
        && muscles.iter().all(Muscle::is_settled);
    let judged = |found: bool| if found { Some(true) } else { all_settled.then_some(false) };
    let grade = |grade: Option<f64>| grade.map(|grade| grade.to_string());
    Strength {
        weak: judged(muscles.iter().any(Muscle::is_weak)),
        weaker: judged(muscles.iter().any(Muscle::is_weaker)),
        numb: numb(case),
        lines: muscles
            .iter()
            .map(|muscle| PowerLine {
                muscle: muscle.name.clone(),
                before: grade(muscle.before),
                lowest: grade(muscle.lowest),
                after: grade(muscle.last),
            })
            .collect(),
    }
}

/// Every test after the first freeze, in the order of time: between freezes, looks in recovery, later examinations.
fn tests_since(case: &Case) -> Vec<Test<'_>> {
    let first = case.log().find(|(_, logged)| matches!(logged, Logged::FreezeStarted(_))).map(|(line, _)| line);
    let logged = case.log().filter_map(|(line, logged)| match logged {
        Logged::MotorTested(test) if first.is_none_or(|first| line.at >= first.at) => {
            Some(Test { at: line.at, looked_at: false, power: &test.power })
        }
        _ => None,
    });
    // As the case finds its baseline: a freeze that was written down later counts from when it happened.
    let is_later = |signed: &SignedStep| match first {
        Some(first) if first.at < first.signed.at => signed.at > first.at,
        Some(first) => signed.number > first.number,
        None => false,
    };
    let looked = case.effective().filter_map(|(signed, step)| match step {
        Step::Recovered(look) => Some(Test { at: signed.at, looked_at: true, power: &look.power }),
        Step::Examined(exam) if is_later(signed) => Some(Test { at: signed.at, looked_at: true, power: &exam.power }),
        _ => None,
    });
    let mut tests: Vec<Test> = logged.chain(looked).collect();
    tests.sort_by_key(|test| test.at);
    tests
}

/// As the newest look says that was asked about it.
fn numb(case: &Case) -> Option<bool> {
    case.effective().rev().find_map(|(_, step)| match step {
        Step::Recovered(look) => match look.numb_leg {
            Answer::Yes => Some(true),
            Answer::No => Some(false),
            Answer::NotAsked => None,
        },
        _ => None,
    })
}
