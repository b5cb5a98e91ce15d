//! O-01, O-05, O-06 and O-08: who must be asked, called or looked at now.

use frostline_plan::catalogue::{CatalogueError, Known};
use serde::{Deserialize, Serialize};

use super::RuleBook;
use super::answer::Answer;
use super::moment::Day;
use super::quantity::{Count, Days};
use super::row::{NoNumbers, numbers, plain, rule_group, texts};
use super::ruling::{Computed, Ruling, Verdict};
use super::tables::{FollowUpRow, RedFlag};

numbers!(DueNumbers { window: Days });
texts!(DueTexts { nothing, open, overdue, missing });
texts!(RedFlagTexts { ok, now, unanswered, not_listed });
numbers!(NoReplyNumbers { phone_from: Count });
texts!(NoReplyTexts { ok, phone, missing });
numbers!(ReviewNumbers { cases_from: Count, serious_from: Count });
texts!(ReviewTexts { ok, review, missing });

rule_group! {
    /// O-01, O-05, O-06, O-08.
    FollowUpRules {
        due: O01, DueNumbers, DueTexts;
        red_flags: O05, NoNumbers, RedFlagTexts;
        no_reply: O06, NoReplyNumbers, NoReplyTexts;
        review: O08, ReviewNumbers, ReviewTexts;
    }
}

/// How one time of the schedule stands today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DueState {
    /// Its window has not begun.
    Later,
    /// It may be answered now.
    Open,
    /// Its window is over without an answer; one is still taken.
    Overdue,
    /// The window of the next time has begun, and no answer ever came.
    Missed,
    /// It was answered.
    Answered,
}

/// One time of the schedule for one patient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Due {
    /// Key of the row.
    pub id: String,
    /// The day.
    pub on: Day,
    /// How it stands.
    pub state: DueState,
}

/// When an answer came, seen from the time that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Timeliness {
    /// Before its window: it says nothing about that time.
    TooEarly,
    /// In its window.
    InTime,
    /// After its window and before that of the next time: late, and better than none.
    Late,
    /// When the next time was being asked already.
    TooLate,
    /// There is no such time.
    NoSuchTime,
}

impl Timeliness {
    /// Whether an answer that came then counts for the time that it names.
    pub fn counts(self) -> bool {
        matches!(self, Timeliness::InTime | Timeliness::Late)
    }

    /// The word on paper.
    pub fn word(self) -> &'static str {
        match self {
            Timeliness::TooEarly => "too early",
            Timeliness::InTime => "in time",
            Timeliness::Late => "late",
            Timeliness::TooLate => "too late",
            Timeliness::NoSuchTime => "at no time of the schedule",
        }
    }
}

impl RuleBook {
    /// The times of O-01, in their order.
    pub fn follow_up_times(&self) -> &[FollowUpRow] {
        &self.calls.times
    }

    /// The questions of O-05, in the order of the file.
    pub fn red_flag_questions(&self) -> &[RedFlag] {
        &self.calls.red_flags
    }

    /// O-01: what is due; `answered` by the keys of the rows.
    pub fn follow_up_due(&self, procedure: Known<Day>, answered: &[&str], today: Day) -> Computed<Vec<Due>> {
        let rule = &self.follow_up.due;
        let judge = self.judge(rule);
        let Some(procedure) = procedure.known() else {
            return Computed { ruling: judge.rules(Verdict::Human, &rule.texts.missing), result: Vec::new() };
        };
        let due = |row: &FollowUpRow| {
            let on = procedure.plus_days(row.due.value.days);
            let state = match self.came(&row.id, today.days_since(procedure)) {
                _ if answered.contains(&row.id.as_str()) => DueState::Answered,
                Timeliness::InTime => DueState::Open,
                Timeliness::Late => DueState::Overdue,
                Timeliness::TooLate => DueState::Missed,
                Timeliness::TooEarly | Timeliness::NoSuchTime => DueState::Later,
            };
            Due { id: row.id.clone(), on, state }
        };
        let list: Vec<Due> = self.calls.times.iter().map(due).collect();
        let names = |state: DueState| {
            list.iter().filter(|due| due.state == state).map(|due| due.id.as_str()).collect::<Vec<_>>().join(", ")
        };
        let (overdue, open) = (names(DueState::Overdue), names(DueState::Open));
        let ruling = if !overdue.is_empty() {
            judge.fact("due", overdue).rules_by(Verdict::Warn, &rule.texts.overdue, &rule.numbers.window)
        } else if !open.is_empty() {
            judge.fact("due", open).rules_by(Verdict::Info, &rule.texts.open, &rule.numbers.window)
        } else {
            judge.fact("due", "nothing").rules(Verdict::Ok, &rule.texts.nothing)
        };
        Computed { ruling, result: list }
    }

    /// O-01: what an answer that names a time is worth when it comes so many days after the procedure. Its window is that many
    /// days around its day; after that it is late until the next window begins. The last time has no next, and stays late.
    pub fn came(&self, time: &str, day: i64) -> Timeliness {
        let window = self.follow_up.due.numbers.window.value.days as i64;
        let times = &self.calls.times;
        let Some(at) = times.iter().position(|row| row.id == time) else { return Timeliness::NoSuchTime };
        let (first, last) = (times[at].days() - window, times[at].days() + window);
        let next = times.get(at + 1).map(|row| row.days() - window);
        match day {
            day if day < first.max(0) => Timeliness::TooEarly,
            day if day <= last => Timeliness::InTime,
            day if next.is_none_or(|next| day < next) => Timeliness::Late,
            _ => Timeliness::TooLate,
        }
    }

    /// O-05: answers that need somebody now, by the keys of the questions; with what to do.
    pub fn red_flags(&self, answers: &[(&str, Answer)]) -> Computed<Vec<String>> {
        let rule = &self.follow_up.red_flags;
        let judge = self.judge(rule);
        let answer = |flag: &RedFlag| {
            answers.iter().find(|(key, _)| *key == flag.id).map_or(Answer::NotAsked, |(_, answer)| *answer)
        };
        let listed = |key: &str| self.calls.red_flags.iter().any(|flag| flag.id == key);
        let strays: Vec<&str> = answers.iter().map(|(key, _)| *key).filter(|key| !listed(key)).collect();
        let raised: Vec<&RedFlag> = self.calls.red_flags.iter().filter(|flag| answer(flag) == Answer::Yes).collect();
        let open: Vec<&str> = self
            .calls
            .red_flags
            .iter()
            .filter(|flag| answer(flag) == Answer::NotAsked)
            .map(|flag| flag.id.as_str())
            .collect();
        let result: Vec<String> = raised.iter().map(|flag| format!("{}: {}", flag.id, flag.action.value.act)).collect();
        let ruling = if let Some(first) = raised.first() {
            judge.fact("signs", result.join("; ")).rules_by(Verdict::Human, &rule.texts.now, &first.action)
        } else if !strays.is_empty() {
            judge.fact("signs", strays.join(", ")).rules(Verdict::Human, &rule.texts.not_listed)
        } else if !open.is_empty() {
            judge.fact("signs", open.join(", ")).rules(Verdict::Human, &rule.texts.unanswered)
        } else {
            judge.fact("signs", "none").rules(Verdict::Ok, &rule.texts.ok)
        };
        Computed { ruling, result }
    }

    /// O-06: how many times in a row nobody answered.
    pub fn no_reply(&self, unanswered: Known<u32>) -> Ruling {
        let rule = &self.follow_up.no_reply;
        let limit = &rule.numbers.phone_from;
        let judge = self.judge(rule).number_if("times", unanswered.known().map(f64::from));
        match unanswered.known() {
            None => judge.rules(Verdict::Human, &rule.texts.missing),
            Some(times) if f64::from(times) >= limit.value.count => {
                judge.rules_by(Verdict::Human, &rule.texts.phone, limit)
            }
            Some(_) => judge.rules_by(Verdict::Ok, &rule.texts.ok, limit),
        }
    }

    /// O-08: whether a quarter of a year is due for review.
    pub fn quality_review(&self, cases: Known<u32>, serious_events: Known<u32>) -> Ruling {
        let rule = &self.follow_up.review;
        let (cases_from, serious_from) = (&rule.numbers.cases_from, &rule.numbers.serious_from);
        let judge = self.judge(rule).number_if("cases", cases.known().map(f64::from));
        let judge = judge.number_if("serious", serious_events.known().map(f64::from));
        let reached = |found: Known<u32>, limit: f64| found.known().is_some_and(|found| f64::from(found) >= limit);
        if reached(serious_events, serious_from.value.count) {
            return judge.rules_by(Verdict::Human, &rule.texts.review, serious_from);
        }
        if reached(cases, cases_from.value.count) {
            return judge.rules_by(Verdict::Human, &rule.texts.review, cases_from);
        }
        match (cases, serious_events) {
            (Known::Known(_), Known::Known(_)) => judge.rules_by(Verdict::Ok, &rule.texts.ok, cases_from),
            _ => judge.rules(Verdict::Human, &rule.texts.missing),
        }
    }
}

/// A list of days for a sentence.
pub(super) fn days(days: i64) -> String {
    plain(days as f64)
}
