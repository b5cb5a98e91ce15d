//! Whether an answer is one.

use std::collections::{BTreeMap, BTreeSet};

use crate::case::FieldProblem;
use crate::case::steps::{FollowUpAnswers, InstrumentScore, Question as OtherAnswer};
use crate::rules::{Answer, PainScore, RuleBook};

use super::questionnaires::{Kind, OtherInstrument, Question, Questionnaires};

/// What is wrong with the answer to one question.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{question}: {}", self.said())]
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
    /// It was given twice.
    #[error("found two scores of '{found}', expected one; leave one out")]
    Twice {
        /// What was given.
        found: String,
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

/// Answers as the case keeps them.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// They.
    pub answers: FollowUpAnswers,
    /// Keys of questions that must be answered at that time, and of red-flag questions, that were not. What was answered is
    /// kept all the same, but the time counts as answered only when nothing is open.
    pub open: Vec<String>,
}

impl Questionnaires {
    /// The answers of one time, as the case keeps them. Answers come as people type or tick them, by the keys of the
    /// questions and of the red flags.
    ///
    /// # Errors
    /// Every problem at once: what is none of the questions, and what is no answer. A question without an answer is none.
    pub fn answered(
        &self,
        book: &RuleBook,
        time: &str,
        given: &BTreeMap<String, String>,
    ) -> Result<Answered, Vec<AnswerProblem>> {
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
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Answered { open: self.open(book, time, &[&answers]), answers })
    }

    /// What several answers of one time together leave open: keys of questions that must be answered then, and of red flags.
    pub fn open(&self, book: &RuleBook, time: &str, answers: &[&FollowUpAnswers]) -> Vec<String> {
        let given: BTreeSet<String> = answers.iter().flat_map(|one| given_by(one)).map(|(key, _)| key).collect();
        let must = self.set(time).map(|set| set.must.as_slice()).unwrap_or_default();
        let flags = book.red_flag_questions().iter().map(|flag| &flag.id);
        must.iter().chain(flags).filter(|key| !given.contains(*key)).cloned().collect()
    }

    /// Everything in answers that is none, by the field of the step that holds it.
    pub fn unfit(&self, book: &RuleBook, answers: &FollowUpAnswers) -> Vec<FieldProblem> {
        let given = given_by(answers);
        let twice =
            given.iter().enumerate().filter(|(at, (key, _))| given[..*at].iter().any(|(earlier, _)| earlier == key));
        let twice = twice.map(|(_, (key, value))| problem(key, value, "one answer to a question"));
        let mut found: Vec<AnswerProblem> = twice.collect();
        let by_key = given.iter().cloned().collect();
        found.extend(self.answered(book, &answers.time, &by_key).err().unwrap_or_default());
        let scores = self.unfit_scores(&answers.scores).into_iter();
        let field = |one: AnswerProblem| FieldProblem { field: field_of(answers, &one.question), problem: one.said() };
        let score = |(at, problem): (usize, ScoreProblem)| FieldProblem {
            field: format!("/scores/{at}"),
            problem: problem.to_string(),
        };
        found.into_iter().map(field).chain(scores.map(score)).collect()
    }

    /// Scores that are none, by their place in the list.
    pub fn unfit_scores(&self, scores: &[InstrumentScore]) -> Vec<(usize, ScoreProblem)> {
        let refused = |(at, one): (usize, &InstrumentScore)| {
            if scores[..at].iter().any(|earlier| earlier.instrument == one.instrument) {
                return Some((at, ScoreProblem::Twice { found: one.instrument.clone() }));
            }
            self.scored(&one.instrument, one.score).err().map(|problem| (at, problem))
        };
        scores.iter().enumerate().filter_map(refused).collect()
    }

    /// A score of a questionnaire of others, which the site must have said that it may use.
    ///
    /// # Errors
    /// [`ScoreProblem`] when it is not listed, not allowed, or no such score exists.
    pub fn scored(&self, id: &str, score: f64) -> Result<&OtherInstrument, ScoreProblem> {
        let row = self.listed(id)?;
        let name = row.name.clone();
        if !self.site_may_use(id) {
            return Err(ScoreProblem::NoLicence { name, licence: row.licence.clone() });
        }
        if !(row.score.low..=row.score.high).contains(&score) {
            let (low, high) = (row.score.low, row.score.high);
            return Err(ScoreProblem::OutOfRange { name, found: score, low, high });
        }
        Ok(row)
    }

    /// The same questions at a site that says which questionnaires of others it may use.
    ///
    /// # Errors
    /// [`ScoreProblem::NotListed`] for one that nobody lists.
    pub fn at_site_with(self, may_use: &[String]) -> Result<Self, ScoreProblem> {
        may_use.iter().try_for_each(|id| self.listed(id).map(|_| ()))?;
        let mut at_site = self;
        at_site.may_use = may_use.to_vec();
        Ok(at_site)
    }

    fn listed(&self, id: &str) -> Result<&OtherInstrument, ScoreProblem> {
        self.instruments().iter().find(|row| row.id == id).ok_or_else(|| {
            let known = self.instruments().iter().map(|row| row.id.as_str()).collect::<Vec<_>>().join(", ");
            ScoreProblem::NotListed { found: id.to_owned(), known }
        })
    }
}

impl AnswerProblem {
    /// What was found and expected, without the question.
    pub fn said(&self) -> String {
        format!("found {}, expected {}", self.found, self.expected)
    }
}

/// Answers as they were typed or ticked, by the keys of the questions; what nobody answered is left out.
pub fn given_by(answers: &FollowUpAnswers) -> Vec<(String, String)> {
    let word = |answer: Answer| (answer != Answer::NotAsked).then(|| answer.word().to_owned());
    let pain = |score: Option<PainScore>| score.map(|score| score.score().to_string());
    let number = |score: Option<u8>| score.map(|score| score.to_string());
    let fixed = [
        (AVERAGE_PAIN, pain(answers.average_pain)),
        (WORST_PAIN, pain(answers.worst_pain)),
        (GLOBAL_IMPRESSION, number(answers.global_impression)),
        (SATISFACTION, number(answers.satisfaction)),
        (WOULD_REPEAT, word(answers.would_repeat)),
        (ACTIVITY, number(answers.activity)),
    ];
    let fixed = fixed.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    let flags = answers.red_flags.iter().filter_map(|(key, said)| Some((key.clone(), word(*said)?)));
    let others = answers.others.iter().filter(|other| !other.answer.trim().is_empty());
    fixed.chain(flags).chain(others.map(|other| (other.id.clone(), other.answer.clone()))).collect()
}

/// Where a step holds the answer to a question.
fn field_of(answers: &FollowUpAnswers, key: &str) -> String {
    if let Some(at) = answers.others.iter().position(|other| other.id == key) {
        return format!("/others/{at}");
    }
    match key {
        key if answers.red_flags.contains_key(key) => format!("/red_flags/{key}"),
        key => format!("/{}", key.replace('-', "_")),
    }
}

/// Keys of the questions that have a field of their own in the case.
const AVERAGE_PAIN: &str = "average-pain";
const WORST_PAIN: &str = "worst-pain";
const GLOBAL_IMPRESSION: &str = "global-impression";
const SATISFACTION: &str = "satisfaction";
const WOULD_REPEAT: &str = "would-repeat";
const ACTIVITY: &str = "activity";

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
        scores: Vec::new(),
    }
}

/// Puts an answer that was read where the case keeps it.
fn fill(answers: &mut FollowUpAnswers, question: &Question, value: &str) {
    let score = value.parse::<u8>().ok();
    let pain = score.and_then(|score| PainScore::new(f64::from(score)).ok());
    match question.id.as_str() {
        AVERAGE_PAIN => answers.average_pain = pain,
        WORST_PAIN => answers.worst_pain = pain,
        GLOBAL_IMPRESSION => answers.global_impression = score,
        SATISFACTION => answers.satisfaction = score,
        ACTIVITY => answers.activity = score,
        WOULD_REPEAT => answers.would_repeat = if value == "yes" { Answer::Yes } else { Answer::No },
        id => answers.others.push(OtherAnswer { id: id.to_owned(), answer: value.to_owned() }),
    }
}
