//! Rules about what happens to the target nerve.

use super::{Evidence, doubted};
use crate::anatomy::Marked;
use crate::catalogue::NerveGoals;
use crate::finding::{FROM_GEOMETRY, Finding, Level};
use crate::nerve_outcome::NerveOutcome;

pub(super) fn nerve_length(goals: &NerveGoals, nerve: &NerveOutcome, error_mm: Option<f64>) -> Vec<Finding> {
    let (shortest, wanted) = (&goals.shortest_disabled, &goals.wanted_disabled);
    let length_mm = nerve.disabled_length_mm;
    let threshold_c = nerve.threshold_c;
    let (level, source, text) = if length_mm >= wanted.value.millimetres {
        let text = format!("{length_mm:.1} mm of nerve go below {threshold_c:.0} °C over the whole cross-section");
        (Level::Ok, &wanted.source, text)
    } else if length_mm >= shortest.value.millimetres {
        let text = format!(
            "{length_mm:.1} mm of nerve go below {threshold_c:.0} °C over the whole cross-section; at least {:.0} mm are wanted",
            wanted.value.millimetres
        );
        (Level::Warn, &wanted.source, text)
    } else {
        let text = format!(
            "only {length_mm:.1} mm of nerve go below {threshold_c:.0} °C over the whole cross-section; under {:.0} mm conduction may go on",
            shortest.value.millimetres
        );
        (Level::Warn, &shortest.source, text)
    };
    let finding = Finding::new("nerve.length", level, text, source);
    let near = [shortest, wanted].map(|goal| (length_mm - goal.value.millimetres).abs());
    let mut found = vec![doubted(finding, near.into_iter().fold(f64::INFINITY, f64::min), error_mm, "mm")];
    if length_mm == 0.0 && nerve.cold_block_length_mm > 0.0 {
        let text = format!(
            "the nerve is only blocked by cold over {:.1} mm, for as long as it is cold; nothing is disabled",
            nerve.cold_block_length_mm
        );
        found.push(Finding::new("nerve.cold-block", Level::Warn, text, &goals.cold_block.source));
    }
    found
}

pub(super) fn nerve_too_cold(goals: &NerveGoals, coldest_c: Option<f64>) -> Finding {
    let Some(coldest_c) = coldest_c else {
        let text = "the marked nerve lies outside the simulated region";
        return Finding::new("nerve.coldest", Level::Unknown, text, FROM_GEOMETRY);
    };
    let (caution, stop) = (&goals.caution_below, &goals.stop_below);
    if coldest_c <= stop.value.celsius {
        let text = format!(
            "part of the nerve reaches {coldest_c:.0} °C; below {:.0} °C its sheath may be destroyed",
            stop.value.celsius
        );
        Finding::new("nerve.coldest", Level::Stop, text, &stop.source)
    } else if coldest_c <= caution.value.celsius {
        let text = format!(
            "part of the nerve reaches {coldest_c:.0} °C; below {:.0} °C it may grow back slower",
            caution.value.celsius
        );
        Finding::new("nerve.coldest", Level::Warn, text, &caution.source)
    } else {
        let text = format!("the coldest place of the nerve is {coldest_c:.0} °C");
        Finding::new("nerve.coldest", Level::Ok, text, &caution.source)
    }
}

/// The cold may go on where nobody marked the nerve.
pub(super) fn nerve_end_reached(e: &Evidence) -> Option<Finding> {
    let ends = [e.nerve.profile.first()?, e.nerve.profile.last()?];
    let cold = ends.iter().any(|s| s.least_cold_c.is_some_and(|c| c <= e.nerve.threshold_c));
    cold.then(|| {
        let text = "the disabled stretch reaches the end of the marked nerve; mark it further to know its length";
        Finding::new("nerve.marked-too-short", Level::Unknown, text, FROM_GEOMETRY)
    })
}

pub(super) fn relief_known(e: &Evidence) -> Option<Finding> {
    (e.anatomy.nerve.distance_to_target_mm == Marked::NotMarked).then(|| {
        let text = "the distance from the lesion to what the nerve serves is not given, so the duration of relief is not known";
        Finding::new("relief.distance", Level::Unknown, text, FROM_GEOMETRY)
    })
}
