//! Whether an answer is one.

use std::collections::BTreeMap;

use crate::case::steps::{FollowUpAnswers, Question as OtherAnswer};
use crate::rules::{Answer, PainScore, RuleBook};

use super::questionnaires::{Kind, OtherInstrument, Question, Questionnaires};

/// What is wrong with the answer to one question.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{question}: found {found}, expected {expected}")]
pub struct AnswerProblem {
    /// Key of the question, of the red flag, or `time`.
    pub question: String,
    /// What was answered.
    pub found: String,
    /// What an answer would be, and what to do.
    pub expected: String,
}

/// What is wrong with a score of a questionnaire of others.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ScoreProblem {
    /// Nobody lists it.
    #[error("found the questionnaire '{found}', expected one of {known}; choose one")]
    NotListed {
        /// What was given.
        found: String,
        /// Keys of the list.
        known: String,
    },
    /// The site has not said that it may.
    #[error("{name} belongs to others ({licence}); let the site write down that it may use it first")]
    NoLicence {
        /// Its name.
        name: String,
        /// Who may use it.
        licence: String,
    },
    /// No such score exists.
    #[error("{name}: found {found}, expected a number from {low} to {high}; look at the sheet again")]
    OutOfRange {
        /// Its name.
        name: String,
        /// What was given.
        found: f64,
        /// From.
        low: f64,
        /// To.
        high: f64,
    },
}

impl Questionnaires {
    /// The answers of one time, as the case keeps them. Answers come as people type or tick them, by the keys of the
    /// questions and of the red flags.
    ///
    /// # Errors
    /// Every problem at once: what is missing, what is none of the questions, and what is no answer.
    pub fn answered(
        &self,
        book: &RuleBook,
        time: &str,
        given: &BTreeMap<String, String>,
    ) -> Result<FollowUpAnswers, Vec<AnswerProblem>> {
        let Some(set) = self.set(time) else {
            let known: Vec<&str> = book.follow_up_times().iter().map(|row| row.id.as_str()).collect();
            return Err(vec![problem("time", time, &format!("one of {}", known.join(", ")))]);
        };
        let flags = book.red_flag_questions();
        let asked =
            |key: &str| set.must.iter().chain(&set.may).any(|id| id == key) || flags.iter().any(|flag| flag.id == key);
        let mut problems: Vec<AnswerProblem> = given
            .iter()
            .filter(|(key, _)| !asked(key))
            .map(|(key, value)| problem(key, value, "no answer, since it is not asked at this time"))
            .collect();
        let must = set.must.iter().chain(flags.iter().map(|flag| &flag.id));
        let unanswered = must.filter(|id| given.get(*id).is_none_or(|value| value.trim().is_empty()));
        problems.extend(unanswered.map(|id| problem(id, "", "an answer; ask again")));
        let mut answers = empty(time);
        for question in set.must.iter().chain(&set.may).filter_map(|id| self.question(id)) {
            if let Some(value) = given.get(&question.id).map(|value| value.trim()).filter(|value| !value.is_empty()) {
                match read(question, value) {
                    Ok(()) => fill(&mut answers, question, value),
                    Err(found) => problems.push(found),
                }
            }
        }
        for flag in flags {
            match given.get(&flag.id).map(|value| value.trim()) {
                Some("yes") => drop(answers.red_flags.insert(flag.id.clone(), Answer::Yes)),
                Some("no") => drop(answers.red_flags.insert(flag.id.clone(), Answer::No)),
                Some("") | None => {}
                Some(other) => problems.push(problem(&flag.id, other, "yes or no")),
            }
        }
        if problems.is_empty() { Ok(answers) } else { Err(problems) }
    }

    /// A score of a questionnaire of others; `allowed` are the keys of those that the site says it may use.
    ///
    /// # Errors
    /// [`ScoreProblem`] when it is not listed, not allowed, or no such score exists.
    pub fn scored(&self, id: &str, score: f64, allowed: &[&str]) -> Result<&OtherInstrument, ScoreProblem> {
        let Some(row) = self.instruments().iter().find(|row| row.id == id) else {
            let known = self.instruments().iter().map(|row| row.id.as_str()).collect::<Vec<_>>().join(", ");
            return Err(ScoreProblem::NotListed { found: id.to_owned(), known });
        };
        let name = row.name.clone();
        if !allowed.contains(&id) {
            return Err(ScoreProblem::NoLicence { name, licence: row.licence.clone() });
        }
        if !(row.score.low..=row.score.high).contains(&score) {
            let (low, high) = (row.score.low, row.score.high);
            return Err(ScoreProblem::OutOfRange { name, found: score, low, high });
        }
        Ok(row)
    }
}

fn problem(question: &str, found: &str, expected: &str) -> AnswerProblem {
    let found = if found.trim().is_empty() { "nothing".to_owned() } else { format!("'{found}'") };
    AnswerProblem { question: question.to_owned(), found, expected: expected.to_owned() }
}

fn read(question: &Question, value: &str) -> Result<(), AnswerProblem> {
    let expected = match &question.kind {
        Kind::Score { low, high } => match value.parse::<u8>() {
            Ok(score) if (*low..=*high).contains(&score) => return Ok(()),
            _ => format!("a whole number from {low} to {high}"),
        },
        Kind::Choice { options } => match options.iter().any(|option| option.value == value) {
            true => return Ok(()),
            false => {
                let values: Vec<&str> = options.iter().map(|option| option.value.as_str()).collect();
                format!("one of {}", values.join(", "))
            }
        },
        Kind::YesNo if ["yes", "no"].contains(&value) => return Ok(()),
        Kind::YesNo => "yes or no".to_owned(),
        Kind::Words { longest } if value.chars().count() <= *longest => return Ok(()),
        // What a patient wrote is not repeated in a message.
        Kind::Words { longest } => {
            let found = format!("{} characters", value.chars().count());
            let expected = format!("no more than {longest}");
            return Err(AnswerProblem { question: question.id.clone(), found, expected });
        }
    };
    Err(problem(&question.id, value, &expected))
}

fn empty(time: &str) -> FollowUpAnswers {
    FollowUpAnswers {
        time: time.to_owned(),
        average_pain: None,
        worst_pain: None,
        global_impression: None,
        satisfaction: None,
        would_repeat: Answer::NotAsked,
        activity: None,
        red_flags: BTreeMap::new(),
        others: Vec::new(),
    }
}

/// Puts an answer that was read where the case keeps it.
fn fill(answers: &mut FollowUpAnswers, question: &Question, value: &str) {
    let score = value.parse::<u8>().ok();
    let pain = score.and_then(|score| PainScore::new(f64::from(score)).ok());
    match question.id.as_str() {
        "average-pain" => answers.average_pain = pain,
        "worst-pain" => answers.worst_pain = pain,
        "global-impression" => answers.global_impression = score,
        "satisfaction" => answers.satisfaction = score,
        "activity" => answers.activity = score,
        "would-repeat" => answers.would_repeat = if value == "yes" { Answer::Yes } else { Answer::No },
        id => answers.others.push(OtherAnswer { id: id.to_owned(), answer: value.to_owned() }),
    }
}
