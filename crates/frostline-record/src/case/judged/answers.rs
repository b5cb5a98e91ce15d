//! What the answers of the follow-up count for: an answer counts for the time that it names when it came in the window of that
//! time, or late; and a time is answered when nothing that must be answered is open any more.

use super::super::steps::FollowUpAnswers;
use super::super::{Case, Step};
use super::Judging;
use crate::rules::{Day, Timeliness};

/// An answer of the follow-up, and what it counts for.
#[derive(Clone, Debug, PartialEq)]
pub struct WeighedAnswer<'a> {
    /// The number of the step that holds it.
    pub step: u64,
    /// The day on which it came.
    pub on: Day,
    /// It.
    pub answers: &'a FollowUpAnswers,
    /// When it came, seen from the time that it names.
    pub came: Timeliness,
    /// Keys of questions that must be answered at that time, and of red-flag questions, which it leaves open.
    pub open: Vec<String>,
}

impl Case {
    /// Every answer of the follow-up in the order of coming, those that count for nothing too.
    pub fn weighed_answers(&self, judging: &Judging) -> Vec<WeighedAnswer<'_>> {
        let treated = self.treated_on();
        let weighed = self.effective().filter_map(|(signed, step)| {
            let Step::Answered(answers) = step else { return None };
            let came = |treated: Day| judging.book.came(&answers.time, signed.day.days_since(treated));
            Some(WeighedAnswer {
                step: signed.number,
                on: signed.day,
                answers,
                came: treated.map_or(Timeliness::NoSuchTime, came),
                open: judging.pathway.questionnaires().open(judging.book, &answers.time, &[answers]),
            })
        });
        weighed.collect()
    }

    /// What is still open of a time: of every answer that counts for it, what none of them answers.
    pub fn open_questions(&self, time: &str, judging: &Judging) -> Vec<String> {
        open_of(&self.weighed_answers(judging), time, judging)
    }

    /// Keys of the times that are answered.
    pub fn answered_times<'a>(&self, judging: &Judging<'a>) -> Vec<&'a str> {
        let weighed = self.weighed_answers(judging);
        let times = judging.book.follow_up_times().iter().map(|row| row.id.as_str());
        times.filter(|time| open_of(&weighed, time, judging).is_empty()).collect()
    }
}

fn open_of(weighed: &[WeighedAnswer], time: &str, judging: &Judging) -> Vec<String> {
    let counting = weighed.iter().filter(|one| one.answers.time == time && one.came.counts());
    let answers: Vec<&FollowUpAnswers> = counting.map(|one| one.answers).collect();
    judging.pathway.questionnaires().open(judging.book, time, &answers)
}
