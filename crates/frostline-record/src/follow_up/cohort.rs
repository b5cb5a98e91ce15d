//! How a group of patients did at every time of the follow-up.

use frostline_plan::catalogue::Known;
use serde::{Deserialize, Serialize};

use crate::case::{Case, Judging};
use crate::rules::{Cohort, Day, Due, DueState, PainScore, RuleBook, Ruling};

use super::published::Comparison;

/// One patient of the group.
#[derive(Clone, Debug, PartialEq)]
pub struct PatientCourse {
    /// Pain before.
    pub baseline: Option<PainScore>,
    /// Average pain by the key of the time.
    pub pain: Vec<(String, PainScore)>,
    /// How each time stands today.
    pub due: Vec<Due>,
}

/// What a group keeps of a case: no name, and no words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FollowedPatient {
    /// Key of the nerve in the atlas.
    pub nerve: Option<String>,
    /// Day of the freeze.
    pub treated_on: Day,
    /// Pain before.
    pub baseline: Option<PainScore>,
    /// Average pain by the key of the time, of answers that came in the window of that time, or late.
    pub pain: Vec<(String, PainScore)>,
    /// Keys of the times that are answered.
    pub answered: Vec<String>,
}

impl FollowedPatient {
    /// Of a case; nothing before the nerve was frozen. Of several answers for one time the last counts.
    pub fn of(case: &Case, judging: &Judging) -> Option<Self> {
        let mut pain: Vec<(String, PainScore)> = Vec::new();
        for one in case.weighed_answers(judging).iter().filter(|one| one.came.counts()) {
            if let Some(score) = one.answers.average_pain {
                pain.retain(|(time, _)| *time != one.answers.time);
                pain.push((one.answers.time.clone(), score));
            }
        }
        Some(Self {
            nerve: case.site().map(|site| site.nerve),
            treated_on: case.treated_on()?,
            baseline: case.indication().and_then(|indication| indication.average_pain),
            pain,
            answered: case.answered_times(judging).into_iter().map(str::to_owned).collect(),
        })
    }

    /// As it stands on a day.
    pub fn course(&self, book: &RuleBook, today: Day) -> PatientCourse {
        let answered: Vec<&str> = self.answered.iter().map(String::as_str).collect();
        let due = book.follow_up_due(Known::Known(self.treated_on), &answered, today).result;
        PatientCourse { baseline: self.baseline, pain: self.pain.clone(), due }
    }
}

/// The group at one time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CohortAt {
    /// Key of the time.
    pub time: String,
    /// Days after the procedure.
    pub day: i64,
    /// Patients for whom that time is not over yet: neither counted nor missing.
    pub not_yet: usize,
    /// O-07.
    pub ruling: Ruling,
    /// The numbers; nothing when nobody has both scores.
    pub cohort: Option<Cohort>,
    /// Beside what others published; nothing without numbers of one's own.
    pub beside: Option<Comparison>,
}

impl CohortAt {
    /// The group at every time of the follow-up. Who has not answered although the time is over counts as missing.
    pub fn all(book: &RuleBook, patients: &[PatientCourse]) -> Vec<CohortAt> {
        let at = |row: &crate::rules::FollowUpRow| Self::at(book, &row.id, row.days(), patients);
        book.follow_up_times().iter().map(at).collect()
    }

    fn at(book: &RuleBook, time: &str, day: i64, patients: &[PatientCourse]) -> CohortAt {
        let is_over = |patient: &&PatientCourse| {
            let answered = patient.pain.iter().any(|(at, _)| at == time);
            let state = patient.due.iter().find(|due| due.id == time).map(|due| due.state);
            answered || matches!(state, Some(DueState::Answered | DueState::Overdue | DueState::Missed))
        };
        let known = |score: Option<PainScore>| score.map_or(Known::NotKnown, Known::Known);
        let scores: Vec<(Known<PainScore>, Known<PainScore>)> = patients
            .iter()
            .filter(is_over)
            .map(|patient| {
                let now = patient.pain.iter().find(|(at, _)| at == time).map(|(_, pain)| *pain);
                (known(patient.baseline), known(now))
            })
            .collect();
        let computed = book.cohort(&scores);
        let cohort = match computed.result {
            Known::Known(cohort) => Some(cohort),
            Known::NotKnown => None,
        };
        CohortAt {
            time: time.to_owned(),
            day,
            not_yet: patients.len() - scores.len(),
            ruling: computed.ruling,
            beside: cohort.map(|cohort| Comparison::of(book, day, cohort.median, cohort.counted)),
            cohort,
        }
    }
}
