//! E-08: what speaks against a freeze, question by question.

use frostline_plan::catalogue::CatalogueError;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::RuleBook;
use super::answer::Answer;
use super::row::{NoNumbers, rule_group, texts};
use super::ruling::{Ruling, Verdict};
use super::tables::{Contraindication, Weighs};

texts!(ContraindicationTexts { ok, asked, relative, absolute, unanswered, not_listed });

rule_group! {
    /// E-08.
    ScreeningRules {
        contraindications: E08, NoNumbers, ContraindicationTexts;
    }
}

/// What guides the probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Guidance {
    /// Ultrasound.
    Ultrasound,
    /// Computed tomography.
    Ct,
    /// Magnetic resonance.
    Mr,
    /// Fluoroscopy.
    Fluoroscopy,
}

impl Guidance {
    /// The word in files and on screens.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ultrasound => "ultrasound",
            Self::Ct => "ct",
            Self::Mr => "mr",
            Self::Fluoroscopy => "fluoroscopy",
        }
    }
}

impl RuleBook {
    /// The questions of E-08, in the order of the file.
    pub fn contraindication_questions(&self) -> &[Contraindication] {
        &self.contraindications
    }

    /// E-08: the answers to every question, by the key of its row. The most serious decides; a question without an
    /// answer is left open for a person, and so is an answer to a question that the list does not have.
    pub fn contraindications(&self, answers: &[(&str, Answer)], guidance: Guidance) -> Ruling {
        let texts = &self.screening.contraindications.texts;
        let judge = self.judge(&self.screening.contraindications);
        let answer = |row: &Contraindication| {
            answers.iter().find(|(key, _)| *key == row.id).map_or(Answer::NotAsked, |(_, answer)| *answer)
        };
        let strays = answers.iter().filter(|(key, _)| !self.contraindications.iter().any(|row| row.id == *key));
        let strays: Vec<&str> = strays.map(|(key, _)| *key).collect();
        let present = |weighs: Weighs| {
            let here = |row: &&Contraindication| answer(row) == Answer::Yes && row.weighs_with(guidance) == weighs;
            self.contraindications.iter().filter(here).collect::<Vec<_>>()
        };
        let names =
            |rows: &[&Contraindication]| rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>().join(", ");
        let (absolute, relative) = (present(Weighs::Absolute), present(Weighs::Relative));
        let open: Vec<&Contraindication> =
            self.contraindications.iter().filter(|row| answer(row) == Answer::NotAsked).collect();
        let asked = present(Weighs::Ask);
        if let Some(first) = absolute.first() {
            return judge.fact("found", names(&absolute)).rules_by(Verdict::Stop, &texts.absolute, &first.weighs);
        }
        if !strays.is_empty() {
            return judge.fact("found", strays.join(", ")).rules(Verdict::Human, &texts.not_listed);
        }
        if !open.is_empty() {
            return judge.fact("found", names(&open)).rules(Verdict::Human, &texts.unanswered);
        }
        if let Some(first) = relative.first() {
            return judge.fact("found", names(&relative)).rules_by(Verdict::Warn, &texts.relative, &first.weighs);
        }
        if let Some(first) = asked.first() {
            return judge.fact("found", names(&asked)).rules_by(Verdict::Info, &texts.asked, &first.weighs);
        }
        judge.fact("found", "none").rules(Verdict::Ok, &texts.ok)
    }
}
