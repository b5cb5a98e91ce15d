//! How bad an event was, on three scales, from the same answers.

use frostline_plan::catalogue::Status;
use serde::Serialize;

use crate::case::steps::Severity;
use crate::case::{harm, limits, seriousness};
use crate::rules::{Answer, RuleBook, Ruling};

use super::terms::{AdverseTerms, Asked};

/// A grade of the Society of Interventional Radiology.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SirGrade {
    /// 1 to 5.
    pub grade: u8,
    /// What it is called.
    pub name: String,
    /// Key in `data/sources.toml` of what the grade rests on.
    pub source: String,
    /// How it came from there.
    pub status: Status,
}

/// All that the answers say about how bad an event was.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Grades {
    /// CIRSE, 1 to 6; nothing while answers are missing.
    pub cirse: Option<u8>,
    /// CTCAE, 1 to 5; nothing while answers are missing.
    pub ctcae: Option<u8>,
    /// SIR; nothing while answers are missing. Its grades are recalled: check before use.
    pub sir: Option<SirGrade>,
    /// Whether it is serious.
    pub serious: Answer,
    ///
    pub rulings: Vec<Ruling>,
}

impl Grades {
    /// Of the answers, and whether such an event was to be expected.
    pub fn of(book: &RuleBook, terms: &AdverseTerms, severity: &Severity, expected: Answer) -> Self {
        let (cirse, ctcae) = (book.cirse(harm(severity)), book.ctcae(limits(severity)));
        let serious = book.serious(seriousness(severity));
        let review = book.event_review(serious.result, expected);
        Self {
            cirse: cirse.result.known(),
            ctcae: ctcae.result.known(),
            sir: terms.sir(book, severity),
            serious: serious.result,
            rulings: vec![cirse.ruling, ctcae.ruling, serious.ruling, review],
        }
    }

    /// Whether every scale has its grade.
    pub fn is_whole(&self) -> bool {
        self.cirse.is_some() && self.ctcae.is_some() && self.sir.is_some() && self.serious != Answer::NotAsked
    }
}

impl AdverseTerms {
    /// From the worst down; a question without an answer before the first yes leaves the grade open, since it might have
    /// been worse.
    fn sir(&self, book: &RuleBook, severity: &Severity) -> Option<SirGrade> {
        for row in &self.sir {
            match Answer::any(row.meaning.value.when.iter().map(|asked| said(book, severity, *asked))) {
                Answer::Yes => {
                    let (source, status) = (row.meaning.source.clone(), row.meaning.status);
                    return Some(SirGrade { grade: row.grade, name: row.name.clone(), source, status });
                }
                Answer::NotAsked => return None,
                Answer::No => {}
            }
        }
        let last = self.sir.last()?;
        let (source, status) = (last.meaning.source.clone(), last.meaning.status);
        Some(SirGrade { grade: self.mildest.grade, name: self.mildest.name.clone(), source, status })
    }
}

fn said(book: &RuleBook, severity: &Severity, asked: Asked) -> Answer {
    match asked {
        Asked::Death => severity.death,
        Asked::LifeThreatening => severity.life_threatening,
        Asked::SevereLasting => severity.severe_lasting,
        Asked::MildLasting => severity.mild_lasting,
        Asked::Hospital => severity.hospital,
        Asked::Intervention => severity.intervention,
        Asked::Treatment => severity.treatment,
        Asked::Stay => longer_than(severity, 0.0),
        Asked::LongStay => longer_than(severity, book.long_stay_hours()),
    }
}

fn longer_than(severity: &Severity, hours: f64) -> Answer {
    match severity.stay_hours {
        Some(stay) if stay > hours => Answer::Yes,
        Some(stay) if stay >= 0.0 => Answer::No,
        // Negative or not a number is no answer.
        Some(_) | None => Answer::NotAsked,
    }
}
