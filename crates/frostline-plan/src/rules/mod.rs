//! The rules that turn numbers into findings. Each rule is a small function; limits come from `data/limits.toml`.

mod nerve;
mod solution;
mod structure;
mod way;

use frostline_freeze::FreezeHistory;

use crate::accuracy::ErrorReport;
use crate::anatomy::Anatomy;
use crate::assess::StructureOutcome;
use crate::build_scene::BuiltScene;
use crate::catalogue::{Catalogues, LimitLevel, SiteChoice};
use crate::finding::{Finding, Level};
use crate::nerve_outcome::NerveOutcome;
use crate::plan::Plan;
use nerve::{nerve_end_reached, nerve_length, nerve_too_cold, relief_known};
use solution::{accuracy, coarse_grid, energy, field_of_view, rim};
use structure::{motor_margin, nobody_named, still_cooling, structure};
pub use way::target_policy;
use way::{calibration, drawn_outside, fluid, nerve_pierced, ways};

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
    found.extend(target_policy(evidence.anatomy, evidence.catalogues));
    found.extend(of_site(evidence.catalogues));
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
    found.extend(fluid(evidence));
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

/// What a site chose is said of every plan: a limit that is not crossed because it was moved must not pass unseen.
fn of_site(catalogues: &Catalogues) -> Vec<Finding> {
    let choices = catalogues.limits.of_site().iter();
    let of = |choice: &SiteChoice| {
        let (level, than) = if choice.is_looser { (Level::Warn, "looser") } else { (Level::Ok, "not looser") };
        let why = if choice.why.trim().is_empty() { "no reason is given" } else { choice.why.as_str() };
        let SiteChoice { id, words, .. } = choice;
        Finding::new(
            "site.choice",
            level,
            format!("this site sets {id} to {words}, {than} than the catalogue: {why}"),
            "site",
        )
    };
    choices.map(of).collect()
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

fn level_of(level: LimitLevel) -> Level {
    match level {
        LimitLevel::Warn => Level::Warn,
        LimitLevel::Stop => Level::Stop,
        LimitLevel::Unknown => Level::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accuracy::{ErrorEstimate, SurfaceReport};
    use crate::catalogue::{SiteGoals, SiteLimit};
    use crate::coldest::Coldest;
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
    fn a_limit_that_a_site_moved_out_of_the_way_is_said_of_every_plan() {
        let own = |below_c| SiteLimit {
            id: "skin-frozen".into(),
            below_c: Some(below_c),
            millimetres: None,
            level: None,
            why: "agreed here".into(),
        };
        let found = |below_c| {
            let site = catalogues().with_site(&[own(below_c)], &SiteGoals::default()).unwrap();
            of_site(&site)
        };
        let looser = found(-50.0);
        assert_eq!((looser.len(), looser[0].level), (1, Level::Warn));
        for piece in ["skin-frozen", "-50 °C", "instead of 0 °C", "agreed here"] {
            assert!(looser[0].text.contains(piece), "'{piece}' is not in {}", looser[0].text);
        }
        assert_eq!(found(2.0)[0].level, Level::Ok);
        assert!(of_site(&catalogues()).is_empty());
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
