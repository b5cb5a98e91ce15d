//! Worklists over what is kept of cases: one question to the database, whatever number of cases is open.

use std::sync::Arc;

use frostline_record::case::{Case, Second};
use frostline_record::rules::{Day, Moment, Role};
use frostline_record::schedule::Calendar;
use frostline_record::worklist::{CaseSummary, DamagedCase, Entry, Now, Practice, Quarter};

use super::outlines::CaseOutline;
use super::practice::KeptPractice;
use super::{Cases, Knowledge, PracticeError};
use crate::store::KeptOutline;

/// A worklist, and what it took.
#[derive(Clone, Debug)]
pub struct Worklist {
    /// What somebody of the role should do next, the most urgent first.
    pub entries: Vec<Entry>,
    /// Cases that were looked at.
    pub cases: usize,
    /// Cases whose events had to be read, because nothing fresh was kept beside them.
    pub streams_read: u64,
}

impl KeptPractice {
    /// What somebody of this role should do next.
    ///
    /// # Errors
    /// [`PracticeError`] when the database does not answer or the calendar cannot be read. A case that cannot be read is a line
    /// of the list.
    pub async fn worklist(&self, cases: &Cases, role: Role, at: Second) -> Result<Worklist, PracticeError> {
        let quarter_began = quarter_of(cases.knowledge().day_of(at));
        let (kept, caught_up) = cases.outlines(quarter_began).await?;
        let (calendar, practice, knowledge) = (self.now().await?.calendar, self.clone(), cases.knowledge().clone());
        let looked_at = kept.len();
        let judged = tokio::task::spawn_blocking(move || {
            let judged = Judged::of(&kept, &knowledge, at);
            practice.list(&judged, (&knowledge, at), &calendar, role)
        });
        // Ends only with the whole program, or with a panic, which goes on here.
        let entries = match judged.await {
            Ok(entries) => entries,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        };
        Ok(Worklist { entries, cases: looked_at, streams_read: caught_up.streams_read })
    }

    fn list(
        &self,
        judged: &Judged,
        (knowledge, at): (&Knowledge, Second),
        calendar: &Arc<Calendar>,
        role: Role,
    ) -> Vec<Entry> {
        let judging = knowledge.judging(at);
        let began = quarter_of(judging.today);
        let quarter = Quarter { cases: judged.treated, serious_events: judged.serious, since: knowledge.begins(began) };
        let now = Now {
            now: judging.now,
            today: judging.today,
            midnight: knowledge.begins(judging.today),
            tomorrow: knowledge.begins(judging.today.plus_days(1)),
            after_tomorrow: knowledge.begins(judging.today.plus_days(2)),
        };
        let (cases, damaged) = (&judged.open, &judged.damaged);
        Practice { book: judging.book, settings: self.settings(), cases, damaged, calendar, quarter, now }
            .worklist(role)
    }
}

/// Cases as they stand at a time.
#[derive(Default)]
struct Judged {
    open: Vec<CaseSummary>,
    damaged: Vec<DamagedCase>,
    treated: u32,
    serious: u32,
}

impl Judged {
    fn of(kept: &[KeptOutline], knowledge: &Knowledge, at: Second) -> Self {
        let (judging, mut judged) = (knowledge.judging(at), Self::default());
        let began = quarter_of(judging.today);
        let mut count = |treated_on: Option<Day>, serious_events: u32| {
            if treated_on.is_some_and(|day| day >= began) {
                judged.treated += 1;
                judged.serious += serious_events;
            }
        };
        for one in kept {
            let (case, outline) = CaseOutline::of_kept(one);
            match outline {
                CaseOutline::Closed { treated_on, serious_events, .. } => count(treated_on, serious_events),
                CaseOutline::Gone => {}
                CaseOutline::Damaged { why } => judged.damaged.push(DamagedCase { case, why }),
                CaseOutline::Open { steps } => match Case::from_steps(steps) {
                    Err(broken) => judged.damaged.push(DamagedCase { case, why: broken.to_string() }),
                    Ok(open) => {
                        count(open.treated_on(), open.serious_events(&judging));
                        judged.open.push(CaseSummary::of(&case, &open, &judging));
                    }
                },
            }
        }
        judged
    }
}

/// The first day of the quarter of a day.
fn quarter_of(day: Day) -> Day {
    const MONTHS: i64 = 3;
    let (year, month, _) = day.date();
    // The first of a month is always a day.
    Day::of_date(year, (month - 1) / MONTHS * MONTHS + 1, 1).unwrap_or(day)
}

impl Knowledge {
    /// The first minute of a day at the site.
    pub fn begins(&self, day: Day) -> Moment {
        const SECONDS_PER_MINUTE: i64 = 60;
        let (year, month, of_month) = day.date();
        let date = i16::try_from(year).ok().zip(i8::try_from(month).ok()).zip(i8::try_from(of_month).ok());
        let date = date.and_then(|((year, month), day)| jiff::civil::Date::new(year, month, day).ok());
        let zoned = date.and_then(|date| date.to_zoned(self.zone().clone()).ok());
        zoned.map_or(day.begins(), |zoned| Moment(zoned.timestamp().as_second().div_euclid(SECONDS_PER_MINUTE)))
    }
}
