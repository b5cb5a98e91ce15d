//! The plan that counts, with what limits and rules say about each predicted number.

use frostline_plan::anatomy::StructureKind;
use frostline_plan::catalogue::{LimitLevel, Limits};

use super::Surroundings;
use super::before::known_before;
use crate::case::steps::{MotorMargin, PlanRecord};
use crate::case::{Case, Judging, Step};
use crate::documents::clinical_inputs::*;
use crate::documents::inputs::Signed;
use crate::rules::{IceMargin, MotorNeighbour};

/// What a level is called where the number that a rule or limit needs is not there.
const NOT_KNOWN: &str = "NOT KNOWN";

/// The plan that counts, as the record has it.
pub fn plan_of(case: &Case, judging: &Judging, around: &Surroundings) -> PlanInputs {
    let Some(plan) = case.plan() else { return PlanInputs::default() };
    let stands = case.approved_plan().is_some();
    let approvals: Vec<_> = case
        .effective()
        .filter_map(|(signed, step)| match step {
            Step::PlanApproved(approval) if stands && approval.fingerprint == plan.fingerprint => {
                Some((signed, approval))
            }
            _ => None,
        })
        .collect();
    let signed = approvals
        .iter()
        .map(|(signed, _)| Signed { name: signed.by.name.clone(), at: Some(around.local(signed.at.moment())) });
    let reasons = approvals.iter().filter_map(|(signed, approval)| {
        approval.reason.as_ref().map(|reason| format!("{}: {reason}", signed.by.name))
    });
    PlanInputs {
        verdict: Some(plan.verdict.to_uppercase()),
        verdict_sentence: Some(format!("{}.", plan.numbers().words())),
        predictions: predictions(plan, judging),
        approved: signed.collect(),
        approval_reasons: reasons.collect(),
        fingerprint: stands.then(|| format!("{} ({})", plan.fingerprint, plan.numbers().words())),
        overrides: overrides(case, judging),
        before: known_before(case, judging, around),
    }
}

fn predictions(plan: &PlanRecord, judging: &Judging) -> Vec<PredictionLine> {
    let unjudged = |what: &str, value: String| PredictionLine {
        what: what.to_owned(),
        value,
        compare: String::new(),
        level: None,
    };
    let mut lines = vec![
        unjudged("Probe", plan.probe.clone()),
        unjudged("Freezes", format!("{} of {} s, thaws of {} s", plan.cycles, plan.freeze_s, plan.thaw_s)),
        disabled(plan.disabled_mm, judging.limits),
        coldest_skin(plan.coldest_skin_c, judging.limits),
    ];
    lines.extend(plan.motor.iter().map(|margin| motor(margin, judging)));
    lines
}

fn known(value: Option<f64>, unit: &str) -> String {
    value.map_or("not known".to_owned(), |value| format!("{value} {unit}"))
}

/// As the planner judges it: less than what is wanted is a warning.
fn disabled(found_mm: Option<f64>, limits: &Limits) -> PredictionLine {
    let goals = limits.nerve();
    let (shortest_mm, wanted_mm) = (goals.shortest_disabled.value.millimetres, goals.wanted_disabled.value.millimetres);
    let level = match found_mm {
        Some(found_mm) if found_mm >= wanted_mm => "OK",
        Some(_) => "WARN",
        None => NOT_KNOWN,
    };
    PredictionLine {
        what: "Nerve disabled over its whole cross-section".to_owned(),
        value: known(found_mm, "mm"),
        compare: format!("wanted: {wanted_mm} mm or more; at least {shortest_mm} mm"),
        level: Some(level.to_owned()),
    }
}

/// The most serious limit of the skin that is crossed.
fn coldest_skin(found_c: Option<f64>, limits: &Limits) -> PredictionLine {
    let of_skin: Vec<_> = limits.for_structure(StructureKind::Skin).collect();
    let word = |level: LimitLevel| match level {
        LimitLevel::Warn => "WARN",
        LimitLevel::Stop => "STOP",
        LimitLevel::Unknown => NOT_KNOWN,
    };
    let crossed = |found_c: f64| {
        let crossed = of_skin.iter().filter(|limit| found_c < limit.below.value.celsius || found_c.is_nan());
        let levels: Vec<_> = crossed.map(|limit| limit.level).collect();
        [LimitLevel::Stop, LimitLevel::Warn, LimitLevel::Unknown].into_iter().find(|level| levels.contains(level))
    };
    let limit = |limit: &&frostline_plan::catalogue::Limit| {
        format!("{} below {} °C", limit.level.word(), limit.below.value.celsius)
    };
    PredictionLine {
        what: "Coldest skin".to_owned(),
        value: known(found_c, "°C"),
        compare: of_skin.iter().map(limit).collect::<Vec<_>>().join("; "),
        level: Some(found_c.map_or(NOT_KNOWN, |found_c| crossed(found_c).map_or("OK", word)).to_owned()),
    }
}

/// E-07, asked about one nerve.
fn motor(margin: &MotorMargin, judging: &Judging) -> PredictionLine {
    let away = match margin.margin_mm {
        None => IceMargin::NotTraced,
        Some(away_mm) if away_mm <= 0.0 => IceMargin::Inside,
        Some(away_mm) => IceMargin::AwayMm(away_mm),
    };
    let neighbour = MotorNeighbour { name: margin.nerve.clone(), margin: away };
    let ruling = judging.book.ice_margin(&[neighbour], judging.limits);
    PredictionLine {
        what: format!("Ice to the nerve {}", margin.nerve),
        value: known(margin.margin_mm, "mm"),
        compare: format!("{}: {}", ruling.rule, ruling.text),
        level: Some(ruling.verdict.word().to_uppercase()),
    }
}

/// Rules that somebody went over, with what each said to whoever did.
pub(super) fn overrides(case: &Case, judging: &Judging) -> Vec<OverrideLine> {
    let title = |rule: &crate::rules::RuleId| {
        let row = judging.book.rows().iter().find(|row| row.id == *rule);
        row.map_or(String::new(), |row| row.title.clone())
    };
    let lines = case.effective().filter_map(|(signed, step)| match step {
        Step::Overridden(request) => Some(OverrideLine {
            rule: request.rule.to_string(),
            // What it said is kept with the step; the rule's title stands in only where a record lost it.
            said: match signed.seen.first() {
                Some(ruling) => format!("{}: {}", ruling.verdict.word(), ruling.text),
                None => title(&request.rule),
            },
            reason: request.reason.clone(),
            by: signed.by.name.clone(),
        }),
        _ => None,
    });
    lines.collect()
}
