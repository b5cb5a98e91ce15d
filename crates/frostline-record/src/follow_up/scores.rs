//! Scores of questionnaires of others, before and after, and whether the change matters to people (O-03).

use frostline_plan::catalogue::Known;
use serde::Serialize;

use crate::case::steps::InstrumentScore;
use crate::case::{Case, Judging};
use crate::rules::Ruling;

/// One score after the procedure, against the one before.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScoreChange {
    /// Key of the questionnaire.
    pub instrument: String,
    /// What it is called.
    pub name: String,
    /// Key of the time that was answered.
    pub time: String,
    /// Days after the procedure.
    pub day: i64,
    /// Before; nothing when nobody wrote it.
    pub baseline: Option<f64>,
    /// Then.
    pub score: f64,
    /// O-03; nothing where the rule says nothing about this questionnaire.
    pub ruling: Option<Ruling>,
}

impl ScoreChange {
    /// Every score of a case after the procedure, in the order in which they came.
    pub fn of_case(case: &Case, judging: &Judging) -> Vec<Self> {
        let Some(treated) = case.treated_on() else { return Vec::new() };
        let before = case.indication().map(|indication| indication.scores.as_slice()).unwrap_or_default();
        let changes = case.answers().into_iter().flat_map(|(on, answers)| {
            let day = on.days_since(treated);
            answers.scores.iter().map(move |score| Self::of(before, (&answers.time, day), score, judging))
        });
        changes.collect()
    }

    fn of(before: &[InstrumentScore], (time, day): (&str, i64), now: &InstrumentScore, judging: &Judging) -> Self {
        let rows = judging.pathway.questionnaires().instruments();
        let row = rows.iter().find(|row| row.id == now.instrument);
        let baseline = before.iter().find(|score| score.instrument == now.instrument).map(|score| score.score);
        let known = baseline.map_or(Known::NotKnown, Known::Known);
        let judged = row.and_then(|row| row.changes);
        Self {
            instrument: now.instrument.clone(),
            name: row.map_or_else(|| now.instrument.clone(), |row| row.name.clone()),
            time: time.to_owned(),
            day,
            baseline,
            score: now.score,
            ruling: judged.map(|instrument| judging.book.change(instrument, known, Known::Known(now.score))),
        }
    }
}
