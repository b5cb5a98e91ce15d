//! The rules that turn numbers into findings. Each rule is a small function; limits come from `data/limits.toml`.

use frostline_freeze::FreezeHistory;

use crate::accuracy::ErrorReport;
use crate::anatomy::{Anatomy, Marked, Shape, StructureKind, TissueKind};
use crate::assess::StructureOutcome;
use crate::build_scene::BuiltScene;
use crate::catalogue::{
    CalibrationState, Catalogues, Fibre, LimitLevel, MotorRisk, NerveGoals, Policy, structure_called, structure_word,
};
use crate::coldest::Coldest;
use crate::finding::{FROM_GEOMETRY, Finding, Level};
use crate::nerve_outcome::NerveOutcome;
use crate::path::crossings;
use crate::plan::{Plan, ProbePlacement};

/// Everything the rules look at.
pub struct Evidence<'a> {
    /// What lies where.
    pub anatomy: &'a Anatomy,
    /// What is planned.
    pub plan: &'a Plan,
    /// Limits, probes, nerves.
    pub catalogues: &'a Catalogues,
    /// The scene.
    pub built: &'a BuiltScene,
    /// The answer.
    pub history: &'a FreezeHistory,
    /// What happens to the target.
    pub nerve: &'a NerveOutcome,
    /// What happens to everything else.
    pub structures: &'a [StructureOutcome],
    /// What is known of the error.
    pub accuracy: &'a ErrorReport,
}

/// All findings, most serious first; findings of one level keep the order of the rules.
pub fn findings(evidence: &Evidence) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(target_policy(evidence));
    found.extend(ways(evidence));
    found.extend(nerve_pierced(evidence));
    let goals = evidence.catalogues.limits.nerve();
    let length_error_mm = evidence.accuracy.estimate().map(|e| e.nerve_length_error_mm);
    found.extend(nerve_length(goals, evidence.nerve, length_error_mm));
    found.push(nerve_too_cold(goals, evidence.nerve.coldest_c));
    found.extend(nerve_end_reached(evidence));
    for outcome in evidence.structures {
        found.push(structure(evidence.catalogues, outcome));
        found.extend(motor_margin(evidence.catalogues, outcome, evidence.accuracy.surface_mm(0.0)));
        found.extend(still_cooling(evidence, outcome));
    }
    found.extend(nobody_named(evidence.anatomy));
    found.extend(drawn_outside(evidence));
    found.extend(calibration(evidence));
    found.extend(field_of_view(evidence));
    found.extend(rim(evidence));
    found.extend(coarse_grid(evidence));
    found.push(accuracy(evidence.accuracy));
    found.extend(energy(evidence));
    found.extend(relief_known(evidence));
    found.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    found
}

fn target_policy(e: &Evidence) -> Vec<Finding> {
    let id = &e.anatomy.nerve.id;
    let Some(nerve) = e.catalogues.nerves.find(id) else {
        let text = format!("'{id}' is not in the atlas, so its fibres and its neighbours are not known");
        return vec![Finding::new("nerve.policy", Level::Unknown, text, FROM_GEOMETRY)];
    };
    let (role, source) = (nerve.role.value, nerve.role.source.as_str());
    let mut found = vec![match role.policy {
        Policy::Target => {
            Finding::new("nerve.policy", Level::Ok, format!("{}: a usual sensory target", nerve.name), source)
        }
        Policy::Specialist => {
            let text = format!("{}: needs a written reason and a second signature before it is frozen", nerve.name);
            Finding::new("nerve.policy", Level::Warn, text, source)
        }
        Policy::Avoid => {
            let text = format!("{}: never offered as a target; choose a sensory branch", nerve.name);
            Finding::new("nerve.policy", Level::Stop, text, source)
        }
    }];
    if role.fibre != Fibre::Sensory {
        let fibres = if role.fibre == Fibre::Mixed { "mixed" } else { "motor" };
        let (level, risk) = match role.motor_risk {
            MotorRisk::Major => (Level::Stop, "major weakness is expected while it is disabled"),
            MotorRisk::Minor => (Level::Warn, "some weakness is expected while it is disabled"),
            MotorRisk::None => (Level::Warn, "its motor fibres are said to be of no consequence"),
        };
        let text = format!("{}: {fibres} fibres; {risk}", nerve.name);
        found.push(Finding::new("nerve.motor-fibres", level, text, source));
    }
    found
}

fn ways(e: &Evidence) -> Vec<Finding> {
    let mut found = Vec::new();
    for (n, placement) in e.plan.placements().iter().enumerate() {
        let shape = e.catalogues.probes.find(&placement.probe).and_then(|p| p.shape().ok());
        let radius_mm = shape.map_or(0.0, |s| s.radius_mm);
        for crossing in crossings(e.anatomy, placement.way(), radius_mm) {
            let level = match crossing.kind {
                StructureKind::SensoryNerve | StructureKind::Tendon | StructureKind::Skin => Level::Warn,
                _ => Level::Stop,
            };
            let text = format!(
                "probe {} passes through {} ({}) {:.1} mm below the entry, over {:.1} mm; choose another way in",
                n + 1,
                crossing.name,
                structure_word(crossing.kind),
                crossing.from_mm,
                crossing.length_mm
            );
            found.push(Finding::new(format!("way.{}", structure_word(crossing.kind)), level, text, FROM_GEOMETRY));
        }
    }
    if found.is_empty() {
        let text = "no marked structure lies on the way of a probe";
        found.push(Finding::new("way.clear", Level::Ok, text, FROM_GEOMETRY));
    }
    found
}

/// A probe cannot lie where the nerve lies: it pushes the nerve aside or pierces it.
fn nerve_pierced(e: &Evidence) -> Option<Finding> {
    let deepest = |placement: &ProbePlacement| {
        let shape = e.catalogues.probes.find(&placement.probe).and_then(|p| p.shape().ok());
        let radius_mm = shape.map_or(0.0, |s| s.radius_mm);
        let on_the_way = placement.way().samples(0.25).into_iter();
        on_the_way.map(|p| radius_mm - e.anatomy.nerve.course.surface_distance_mm(p)).fold(f64::NEG_INFINITY, f64::max)
    };
    let inside_mm = e.plan.placements().iter().map(deepest).fold(f64::NEG_INFINITY, f64::max);
    (inside_mm > NERVE_CONTACT_MM).then(|| {
        let text = format!(
            "the probe as planned reaches {inside_mm:.1} mm into the nerve; plan it beside the nerve, where it will come to lie"
        );
        Finding::new("nerve.pierced", Level::Warn, text, FROM_GEOMETRY)
    })
}

/// A drawn nerve and a planned probe that touch are not told apart more finely than this.
const NERVE_CONTACT_MM: f64 = 0.1;

fn nerve_length(goals: &NerveGoals, nerve: &NerveOutcome, error_mm: Option<f64>) -> Vec<Finding> {
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

fn nerve_too_cold(goals: &NerveGoals, coldest_c: Option<f64>) -> Finding {
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
fn nerve_end_reached(e: &Evidence) -> Option<Finding> {
    let ends = [e.nerve.profile.first()?, e.nerve.profile.last()?];
    let cold = ends.iter().any(|s| s.least_cold_c.is_some_and(|c| c <= e.nerve.threshold_c));
    cold.then(|| {
        let text = "the disabled stretch reaches the end of the marked nerve; mark it further to know its length";
        Finding::new("nerve.marked-too-short", Level::Unknown, text, FROM_GEOMETRY)
    })
}

fn structure(catalogues: &Catalogues, outcome: &StructureOutcome) -> Finding {
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

/// Says so where the limit lies within the error of the computation; what was ok is then for a person to decide.
fn doubted(mut finding: Finding, margin: f64, error: Option<f64>, unit: &str) -> Finding {
    let Some(error) = error.filter(|error| margin <= *error) else { return finding };
    finding.text += &format!(
        "; the limit is {margin:.1} {unit} away, within the estimated error of the computation, {error:.1} {unit}"
    );
    if finding.level == Level::Ok {
        finding.level = Level::Warn;
    }
    finding
}

/// Nerves with motor fibres that nobody marked, and nobody even said to be unmarked, must not pass as harmless.
fn nobody_named(anatomy: &Anatomy) -> Option<Finding> {
    let motor = StructureKind::MotorNerve;
    anatomy.structures.iter().all(|s| s.kind != motor).then(|| {
        let text = "motor nerve: not marked, so nothing can be said about it";
        Finding::new(format!("{}.coldest", structure_word(motor)), Level::Unknown, text, FROM_GEOMETRY)
    })
}

fn level_of(level: LimitLevel) -> Level {
    match level {
        LimitLevel::Warn => Level::Warn,
        LimitLevel::Stop => Level::Stop,
        LimitLevel::Unknown => Level::Unknown,
    }
}

fn motor_margin(catalogues: &Catalogues, outcome: &StructureOutcome, error_mm: Option<f64>) -> Option<Finding> {
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
fn still_cooling(e: &Evidence, outcome: &StructureOutcome) -> Option<Finding> {
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

/// A structure drawn in the air or off the image was drawn with wrong coordinates, and cannot be judged.
fn drawn_outside(e: &Evidence) -> Vec<Finding> {
    let mut found = Vec::new();
    for structure in &e.anatomy.structures {
        let Marked::Marked(Shape::Course(course)) = &structure.shape else { continue };
        let outside =
            |p: &frostline_space::CoursePoint| e.anatomy.tissues.at(p.centre).is_none_or(|t| t == TissueKind::Outside);
        if let Some(n) = course.points().iter().position(outside) {
            let text = format!(
                "point {} of {} at {} lies outside the limb or the image; correct its coordinates, it cannot be judged like this",
                n + 1,
                structure.name,
                course.points()[n].centre
            );
            let id = format!("{}.drawn-outside", structure_word(structure.kind));
            found.push(Finding::new(id, Level::Warn, text, FROM_GEOMETRY));
        }
    }
    found
}

fn calibration(e: &Evidence) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    for placement in e.plan.placements() {
        let Some(probe) = e.catalogues.probes.find(&placement.probe) else { continue };
        let id = "probe.calibration";
        let spread_k = probe.uncertainty.value.surface_k;
        if found.iter().any(|f| f.text.contains(&probe.name)) {
            continue;
        }
        if probe.calibration.state == CalibrationState::Calibrated {
            // A law that stands for a model needs no finding; one that stands for a single probe must meet that probe.
            found.extend(probe.calibration.serial.as_ref().map(|serial| {
                let against = &probe.calibration.against;
                let text = format!("{}: {against}; it holds for the probe with serial {serial} alone", probe.name);
                Finding::new(id, Level::Ok, text, &probe.uncertainty.source)
            }));
            continue;
        }
        let percent = e.catalogues.probes.band(probe, 0.0).percent;
        let text = format!(
            "{} is not calibrated against a published ice size; its surface may be {spread_k:.0} K warmer or colder, and 0 °C ice \
             {percent:.0} % smaller or larger",
            probe.name
        );
        found.push(Finding::new(id, Level::Warn, text, &probe.uncertainty.source));
    }
    found
}

/// Ice where the image shows nothing.
fn field_of_view(e: &Evidence) -> Option<Finding> {
    let grid = &e.history.grid;
    let unseen = (0..grid.cell_count()).any(|n| {
        e.history.coldest_c[n] <= 0.0
            && e.anatomy.tissues.at(e.built.scene_to_patient.apply(grid.centre(grid.cell(n)))).is_none()
    });
    unseen.then(|| {
        let text = "ice grows beyond the image; what lies there is not known, so its tissue was assumed";
        Finding::new("image.border", Level::Unknown, text, FROM_GEOMETRY)
    })
}

/// A rim that cools by more than this feels the probe, so it lies too near. Unit: K.
const MOST_RIM_COOLING_K: f32 = 0.5;

fn rim(e: &Evidence) -> Option<Finding> {
    let grid = &e.history.grid;
    let size = grid.size();
    let on_rim = |n: usize| {
        let c = grid.cell(n);
        c.i == 0 || c.j == 0 || c.k == 0 || c.i + 1 == size.i || c.j + 1 == size.j || c.k + 1 == size.k
    };
    let cooled = (0..grid.cell_count())
        .filter(|&n| on_rim(n))
        .map(|n| e.history.start_c[n] - e.history.coldest_c[n])
        .fold(0.0_f32, f32::max);
    (cooled > MOST_RIM_COOLING_K).then(|| {
        let text =
            format!("the rim of the simulated region cools by {cooled:.1} K; the ice may come out slightly large");
        Finding::new("solver.rim", Level::Warn, text, FROM_GEOMETRY)
    })
}

/// Cells up to this wide give the demo's lengths within 0.3 mm and its skin within 1.1 K of those of 0.35 mm. Unit: mm.
const WIDEST_CONFIRMED_CELL_MM: f64 = 0.55;

fn coarse_grid(e: &Evidence) -> Option<Finding> {
    let found_mm = e.history.counters.grid_mm;
    // Where the error was estimated, that is said instead.
    (e.accuracy.estimate().is_none() && found_mm > WIDEST_CONFIRMED_CELL_MM).then(|| {
        let text = format!("computed on cells of {found_mm:.2} mm, for a first look only; confirm with fine_mm = 0.5");
        Finding::new("solver.coarse", Level::Warn, text, FROM_GEOMETRY)
    })
}

/// The error of the computation: estimated and small enough, too large, or not known.
fn accuracy(accuracy: &ErrorReport) -> Finding {
    let words = accuracy.words();
    let (level, text) = match accuracy.estimate() {
        None => (Level::Warn, format!("{words}; leave out fine_mm to have it chosen and estimated")),
        Some(e) if e.is_within => (Level::Ok, words),
        Some(e) => {
            let remedy = match e.ended {
                "cost-limit" => "allow more with most_cell_updates in [accuracy], or ask for less",
                _ => "finer cells make no sense; allow for this error in every margin",
            };
            (Level::Warn, format!("{words}; {remedy}"))
        }
    };
    Finding::new("solver.accuracy", level, text, FROM_GEOMETRY)
}

/// Energy lost or gained by the solver beyond this share of what was moved means a wrong answer. Single precision rounds to
/// 6e-8 and the stories close to 2.5e-8 to 8e-6, so what is a hundred times that is no rounding.
const MOST_ENERGY_ERROR: f64 = 1e-3;

fn energy(e: &Evidence) -> Option<Finding> {
    let error = e.history.energy.error();
    (error.is_nan() || error > MOST_ENERGY_ERROR).then(|| {
        let text = format!("the solver lost track of {:.2} % of the heat; do not use this answer", 100.0 * error);
        Finding::new("solver.energy", Level::Stop, text, FROM_GEOMETRY)
    })
}

fn relief_known(e: &Evidence) -> Option<Finding> {
    (e.anatomy.nerve.distance_to_target_mm == Marked::NotMarked).then(|| {
        let text = "the distance from the lesion to what the nerve serves is not given, so the duration of relief is not known";
        Finding::new("relief.distance", Level::Unknown, text, FROM_GEOMETRY)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accuracy::{ErrorEstimate, SurfaceReport};
    use frostline_space::PatientPoint;

    fn catalogues() -> Catalogues {
        Catalogues::bundled().unwrap()
    }

    /// The level found when a structure of this kind reaches a temperature.
    fn level_at(kind: &'static str, celsius: f64) -> Level {
        judged(kind, celsius, None).level
    }

    fn judged(kind: &'static str, celsius: f64, error_k: Option<f64>) -> Finding {
        let coldest = Coldest::Reached { celsius, at_s: 100.0, place: PatientPoint::origin() };
        structure(&catalogues(), &StructureOutcome { name: kind.into(), kind, coldest, closest_mm: Some(3.0), error_k })
    }

    fn nerve(disabled_length_mm: f64, cold_block_length_mm: f64) -> NerveOutcome {
        NerveOutcome {
            id: "sural".into(),
            name: "Sural nerve".into(),
            side: "left",
            disabled_length_mm,
            threshold_c: -20.0,
            lengths: vec![],
            coldest_c: Some(-30.0),
            coldest_at_s: Some(100.0),
            cold_block_length_mm,
            probe_distance_mm: 0.5,
            profile: vec![],
        }
    }

    fn length_levels(disabled_length_mm: f64) -> Vec<(String, Level)> {
        let found = nerve_length(catalogues().limits.nerve(), &nerve(disabled_length_mm, 9.0), None);
        found.into_iter().map(|f| (f.id, f.level)).collect()
    }

    #[test]
    fn skin_at_five_degrees_is_ok_below_it_warns_and_below_zero_stops() {
        assert_eq!(level_at("skin", 5.0), Level::Ok);
        assert_eq!(level_at("skin", 4.99), Level::Warn);
        assert_eq!(level_at("skin", 0.0), Level::Warn);
        assert_eq!(level_at("skin", -0.01), Level::Stop);
    }

    #[test]
    fn a_motor_nerve_warns_below_ten_degrees_and_stops_below_zero() {
        assert_eq!(level_at("motor-nerve", 10.0), Level::Ok);
        assert_eq!(level_at("motor-nerve", 9.99), Level::Warn);
        assert_eq!(level_at("motor-nerve", 0.0), Level::Warn);
        assert_eq!(level_at("motor-nerve", -0.01), Level::Stop);
    }

    #[test]
    fn a_structure_that_nobody_marked_is_never_ok() {
        let outcome = StructureOutcome {
            name: "artery".into(),
            kind: "artery",
            coldest: Coldest::NotMarked,
            closest_mm: None,
            error_k: None,
        };
        assert_eq!(structure(&catalogues(), &outcome).level, Level::Unknown);
    }

    #[test]
    fn five_millimetres_of_nerve_are_enough_and_less_warns() {
        assert_eq!(length_levels(5.0), [("nerve.length".to_owned(), Level::Ok)]);
        assert_eq!(length_levels(4.99), [("nerve.length".to_owned(), Level::Warn)]);
        assert_eq!(length_levels(3.99), [("nerve.length".to_owned(), Level::Warn)]);
    }

    #[test]
    fn under_four_millimetres_the_sentence_says_that_conduction_may_go_on() {
        let text = |mm| nerve_length(catalogues().limits.nerve(), &nerve(mm, 0.0), None).remove(0).text;
        assert!(text(3.99).contains("conduction may go on"), "{}", text(3.99));
        assert!(!text(4.0).contains("conduction may go on"), "{}", text(4.0));
    }

    #[test]
    fn a_nerve_that_only_gets_cold_is_said_to_be_blocked_only_while_cold() {
        assert_eq!(length_levels(0.0)[1], ("nerve.cold-block".to_owned(), Level::Warn));
        assert_eq!(length_levels(0.1).len(), 1);
    }

    #[test]
    fn a_nerve_at_minus_a_hundred_warns_and_at_minus_a_hundred_and_forty_stops() {
        let level = |c| nerve_too_cold(catalogues().limits.nerve(), c).level;
        assert_eq!(level(Some(-99.9)), Level::Ok);
        assert_eq!(level(Some(-100.0)), Level::Warn);
        assert_eq!(level(Some(-139.9)), Level::Warn);
        assert_eq!(level(Some(-140.0)), Level::Stop);
        assert_eq!(level(None), Level::Unknown);
    }

    fn estimated(error_mm: f64, ended: &'static str) -> ErrorReport {
        ErrorReport::Estimated(ErrorEstimate {
            tolerance_mm: 0.25,
            error_mm,
            is_within: error_mm <= 0.25,
            ended,
            fine_mm: 0.8,
            compared_with_mm: 1.2,
            surfaces: vec![SurfaceReport { celsius: 0.0, error_mm, at_s: 60.0 }],
            nerve_length_error_mm: error_mm,
        })
    }

    #[test]
    fn an_estimate_at_the_tolerance_is_ok_and_one_above_it_warns_with_what_to_do() {
        let at = |error_mm| accuracy(&estimated(error_mm, "finest-cells"));
        assert_eq!([at(0.249).level, at(0.25).level, at(0.251).level], [Level::Ok, Level::Ok, Level::Warn]);
        assert!(at(0.251).text.contains("NOT within the 0.25 mm asked for"), "{}", at(0.251).text);
        let costly = accuracy(&estimated(0.3, "cost-limit")).text;
        assert!(costly.contains("most_cell_updates"), "{costly}");
    }

    #[test]
    fn a_grid_fixed_by_hand_warns_that_there_is_no_estimate() {
        let found = accuracy(&ErrorReport::FixedByHand { fixed_by_hand: true });
        assert_eq!(found.level, Level::Warn);
        assert!(found.text.starts_with("no error estimate: the grid was fixed by hand"), "{}", found.text);
    }

    #[test]
    fn a_limit_within_the_error_of_the_computation_is_said_and_is_not_ok() {
        // Skin warns below 5 °C; eighths of a kelvin are exact.
        for (celsius, level, is_said) in [
            (5.25, Level::Warn, true),
            (5.125, Level::Warn, true),
            (5.375, Level::Ok, false),
            (4.5, Level::Warn, false),
        ] {
            let found = judged("skin", celsius, Some(0.25));
            assert_eq!((found.level, found.text.contains("within the estimated error")), (level, is_said), "{celsius}");
        }
        assert_eq!(judged("skin", 5.125, None).level, Level::Ok);
    }

    #[test]
    fn a_disabled_length_within_its_error_of_the_goal_is_not_ok() {
        let level = |mm| nerve_length(catalogues().limits.nerve(), &nerve(mm, 0.0), Some(0.25)).remove(0).level;
        assert_eq!([level(5.125), level(5.25), level(5.375)], [Level::Warn, Level::Warn, Level::Ok]);
    }

    #[test]
    fn ice_that_keeps_the_motor_margin_by_less_than_its_error_warns() {
        let wanted_mm = catalogues().limits.nerve().motor_nerve_margin.value.millimetres;
        let found = |beyond_mm: f64, error_mm| {
            let coldest = Coldest::Reached { celsius: 20.0, at_s: 1.0, place: PatientPoint::origin() };
            let closest_mm = Some(wanted_mm + beyond_mm);
            let outcome =
                StructureOutcome { name: "n".into(), kind: "motor-nerve", coldest, closest_mm, error_k: None };
            motor_margin(&catalogues(), &outcome, error_mm).is_some()
        };
        assert_eq!([found(0.125, Some(0.25)), found(0.25, Some(0.25)), found(0.375, Some(0.25))], [true, true, false]);
        assert!(!found(0.0, None) && found(-0.125, None));
    }
}
