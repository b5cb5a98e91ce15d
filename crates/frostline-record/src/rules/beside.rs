//! X: what the reference asks for in its text and has not in its list of rules.

use frostline_plan::catalogue::{CatalogueError, Known, Sourced};

use super::RuleBook;
use super::answer::Answer;
use super::quantity::{NerveArea, Ratio};
use super::row::{numbers, rule_group, texts};
use super::ruling::{Ruling, Verdict};

numbers!(SizeNumbers {
    other_leg_times: Ratio,
    tibial_knee: NerveArea,
    tibial_ankle: NerveArea,
    fibular: NerveArea,
    sural: NerveArea,
});
texts!(SizeTexts { ok, large, not_asked, lesion, alone, missing });

rule_group! {
    ///
    BesideRules {
        size: X01, SizeNumbers, SizeTexts;
    }
}

/// How large a nerve is in an image, and what presses on it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NerveSize {
    /// Cross-section of the nerve. Unit: mm2.
    pub area_mm2: Known<f64>,
    /// Cross-section of the same nerve at the same level of the other leg. Unit: mm2.
    pub other_leg_mm2: Known<f64>,
    /// Whether a lesion compresses the nerve.
    pub compressed: Answer,
}

impl RuleBook {
    /// the cross-section of a nerve against the upper limit of its level and against the other leg. A lesion that
    /// compresses the nerve wants an opinion about decompression before anything is frozen.
    pub fn nerve_size(&self, nerve: &str, size: NerveSize) -> Ruling {
        let rule = &self.beside.size;
        let (texts, numbers) = (&rule.texts, &rule.numbers);
        let limits = [&numbers.tibial_knee, &numbers.tibial_ankle, &numbers.fibular, &numbers.sural];
        let upper: Option<&Sourced<NerveArea>> = limits.into_iter().find(|limit| limit.value.is_of(nerve));
        let usable = |area: Known<f64>| area.known().filter(|mm2| mm2.is_finite() && *mm2 > 0.0);
        let (area, other) = (usable(size.area_mm2), usable(size.other_leg_mm2));
        let judge = self.judge(rule).fact("nerve", nerve).fact("lesion", size.compressed.word());
        let judge = judge.number_if("area", area).number_if("other_leg", other);
        let judge = judge.number_if("upper", upper.map(|limit| limit.value.mm2));
        if size.compressed == Answer::Yes {
            return judge.rules(Verdict::Warn, &texts.lesion);
        }
        let Some(area) = area else { return judge.rules(Verdict::Human, &texts.missing) };
        let times = &numbers.other_leg_times;
        let above_limit = upper.filter(|limit| area > limit.value.mm2);
        let above_other = other.is_some_and(|other| area >= times.value.ratio * other);
        let (verdict, words) = match size.compressed {
            _ if above_limit.is_none() && !above_other => match (upper, other) {
                (None, None) => (Verdict::Info, &texts.alone),
                _ => (Verdict::Ok, &texts.ok),
            },
            Answer::NotAsked => (Verdict::Human, &texts.not_asked),
            Answer::No | Answer::Yes => (Verdict::Info, &texts.large),
        };
        match (above_limit, upper) {
            (Some(limit), _) => judge.rules_by(verdict, words, limit),
            (None, _) if above_other => judge.rules_by(verdict, words, times),
            (None, Some(limit)) => judge.rules_by(verdict, words, limit),
            (None, None) if other.is_some() => judge.rules_by(verdict, words, times),
            (None, None) => judge.rules(verdict, words),
        }
    }
}
