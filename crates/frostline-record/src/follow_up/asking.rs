//! When to ask what, and whom to remind today.

use frostline_plan::catalogue::Known;
use serde::Serialize;

use crate::rules::{Day, Due, DueState, FollowUpRow, RuleBook};

use super::questionnaires::{Question, Questionnaires};

/// One time of the follow-up of one patient.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Asked {
    /// Key of the time.
    pub time: String,
    /// What it is called, in English.
    pub name: String,
    /// The same in Spanish.
    pub es: String,
    /// How: call, app, visit.
    pub mode: String,
    /// When, and how it stands.
    pub due: Due,
    /// Questions that must be answered.
    pub must: Vec<Question>,
    /// Questions that may be.
    pub may: Vec<Question>,
    /// Days on which it is sent while nobody answers.
    pub sent_on: Vec<Day>,
}

/// What a patient is asked over the year.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Asking {
    /// Every time, in order.
    pub times: Vec<Asked>,
}

impl Asking {
    /// For a procedure of that day; `answered` by the keys of the times.
    pub fn of(
        (book, questionnaires): (&RuleBook, &Questionnaires),
        procedure: Known<Day>,
        answered: &[&str],
        today: Day,
    ) -> Self {
        let due = book.follow_up_due(procedure, answered, today).result;
        let asked = |due: Due| {
            let row: &FollowUpRow = book.follow_up_times().iter().find(|row| row.id == due.id)?;
            let set = questionnaires.set(&due.id)?;
            let questions = |ids: &[String]| ids.iter().filter_map(|id| questionnaires.question(id)).cloned().collect();
            let after = &questionnaires.reminders.sent.value.days_after_due;
            Some(Asked {
                time: row.id.clone(),
                name: row.name.clone(),
                es: row.es.clone(),
                mode: row.mode.clone(),
                must: questions(&set.must),
                may: questions(&set.may),
                sent_on: after.iter().map(|days| due.on.plus_days(*days)).collect(),
                due,
            })
        };
        Self { times: due.into_iter().filter_map(asked).collect() }
    }

    /// Which questionnaires are sent today.
    pub fn to_send(&self, today: Day) -> impl Iterator<Item = &Asked> {
        let is_open = |asked: &&Asked| matches!(asked.due.state, DueState::Open | DueState::Overdue);
        self.times.iter().filter(is_open).filter(move |asked| asked.sent_on.contains(&today))
    }
}
