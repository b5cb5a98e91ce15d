//! Rules about what must not get cold.

use super::{Evidence, doubted, level_of};
use crate::anatomy::{Anatomy, StructureKind};
use crate::assess::StructureOutcome;
use crate::catalogue::{Catalogues, structure_called, structure_word};
use crate::coldest::Coldest;
use crate::finding::{FROM_GEOMETRY, Finding, Level};

pub(super) fn structure(catalogues: &Catalogues, outcome: &StructureOutcome) -> Finding {
    let id = format!("{}.coldest", outcome.kind);
    let name = &outcome.name;
    let kind = structure_called(outcome.kind);
    let (celsius, at_s) = match outcome.coldest {
        Coldest::NotMarked => {
            let text = format!("{name}: not marked, so nothing can be said about it");
            return Finding::new(id, Level::Unknown, text, FROM_GEOMETRY);
        }
        Coldest::OutsideScene => {
            let text = format!("{name} lies outside the simulated region, where nothing gets colder");
            return Finding::new(id, Level::Ok, text, FROM_GEOMETRY);
        }
        Coldest::Reached { celsius, at_s, .. } => (celsius, at_s),
    };
    let crossed = kind.into_iter().flat_map(|k| catalogues.limits.for_structure(k));
    let crossed = crossed.filter(|limit| celsius < limit.below.value.celsius);
    let worst = crossed.max_by_key(|limit| level_of(limit.level));
    let limits = kind.into_iter().flat_map(|k| catalogues.limits.for_structure(k));
    let nearest_k = limits.map(|limit| (celsius - limit.below.value.celsius).abs()).fold(f64::INFINITY, f64::min);
    let reached = format!("{name} reaches {celsius:.1} °C at {at_s:.0} s");
    let finding = match worst {
        Some(limit) => {
            let text = format!("{reached}, below {:.0} °C: {}", limit.below.value.celsius, limit.text);
            Finding::new(id, level_of(limit.level), text, &limit.below.source)
        }
        None => {
            let source = kind.and_then(|k| catalogues.limits.for_structure(k).next());
            let source = source.map_or(FROM_GEOMETRY, |limit| limit.below.source.as_str());
            Finding::new(id, Level::Ok, reached, source)
        }
    };
    doubted(finding, nearest_k, outcome.error_k, "K")
}

/// Nerves with motor fibres that nobody marked, and nobody even said to be unmarked, must not pass as harmless.
pub(super) fn nobody_named(anatomy: &Anatomy) -> Option<Finding> {
    let motor = StructureKind::MotorNerve;
    anatomy.structures.iter().all(|s| s.kind != motor).then(|| {
        let text = "motor nerve: not marked, so nothing can be said about it";
        Finding::new(format!("{}.coldest", structure_word(motor)), Level::Unknown, text, FROM_GEOMETRY)
    })
}

pub(super) fn motor_margin(
    catalogues: &Catalogues,
    outcome: &StructureOutcome,
    error_mm: Option<f64>,
) -> Option<Finding> {
    let motor = [StructureKind::MotorNerve, StructureKind::MixedNerve];
    if !motor.contains(&structure_called(outcome.kind)?) {
        return None;
    }
    let (margin, closest_mm) = (&catalogues.limits.nerve().motor_nerve_margin, outcome.closest_mm?);
    let beyond_mm = closest_mm - margin.value.millimetres;
    (beyond_mm < 0.0 || error_mm.is_some_and(|error_mm| beyond_mm <= error_mm)).then(|| {
        let text = format!(
            "the ice comes within {closest_mm:.1} mm of {}; {:.0} mm are wanted",
            outcome.name, margin.value.millimetres
        );
        let finding = Finding::new(format!("{}.margin", outcome.kind), Level::Warn, text, &margin.source);
        doubted(finding, beyond_mm.abs(), error_mm, "mm")
    })
}

/// A coldest value at the very end is not yet the coldest.
pub(super) fn still_cooling(e: &Evidence, outcome: &StructureOutcome) -> Option<Finding> {
    let Coldest::Reached { celsius, at_s, place } = outcome.coldest else { return None };
    let ends_s = e.built.scene.parts().duration_s;
    let start_c = e.history.start_at(e.built.patient_to_scene.apply(place))?;
    (at_s >= ends_s - 1.0 && start_c - celsius > WORTH_SAYING_K).then(|| {
        let text = format!(
            "{} is still cooling ({celsius:.1} °C) when the simulation ends at {ends_s:.0} s; its coldest is not known",
            outcome.name
        );
        Finding::new(format!("{}.still-cooling", outcome.kind), Level::Unknown, text, FROM_GEOMETRY)
    })
}

/// A structure that cooled by less is not affected.
const WORTH_SAYING_K: f64 = 1.0;
