//! One probe for several places along the nerve: moved from place to place, or withdrawn along its way.

mod leg_support;

use frostline_freeze::{Continue, PhaseKind};
use frostline_plan::anatomy::Anatomy;
use frostline_plan::propose::{Effort, Label, ProposeSettings, propose};
use frostline_plan::robust::{RobustSettings, robust};
use frostline_plan::{
    Assessment, ForecastSettings, Goals, Plan, PlanError, PlanParts, PlannedProtocol, ProbePlacement, ProfileSample,
    Resolution, Sequence, Stretch, stop_now,
};
use frostline_space::PatientPoint;
use leg_support::{assessed, catalogues, coarse, leg, parts};

const TIP_MM: [f64; 3] = [-1.9, 11.0, 3.0];

/// The probe of [`parts`], and the same again so far along the limb.
fn two_places(apart_mm: f64, sequence: Sequence) -> PlanParts {
    let one = parts(TIP_MM, 60.0);
    let first = &one.placements[0];
    let along = |p: PatientPoint| PatientPoint::new(p.x, p.y, p.z + apart_mm);
    let second = ProbePlacement { entry: along(first.entry), tip: along(first.tip), ..first.clone() };
    PlanParts { placements: vec![first.clone(), second], sequence, ..one }
}

/// The probe of [`parts`], withdrawn by so much after its first freeze.
fn withdrawn(by_mm: f64) -> PlanParts {
    let one = parts(TIP_MM, 60.0);
    let first = &one.placements[0];
    let tip = first.tip - first.way().direction().unwrap() * by_mm;
    let second = ProbePlacement { tip, ..first.clone() };
    PlanParts { placements: vec![first.clone(), second], sequence: MOVED, ..one }
}

const MOVED: Sequence = Sequence::Moved { handling_s: 20.0 };

fn plan(parts: PlanParts) -> Plan {
    Plan::new(parts, &limb(), &catalogues()).unwrap()
}

fn limb() -> Anatomy {
    leg("sural", 11.0)
}

#[test]
fn a_probe_that_is_moved_freezes_one_place_after_the_other() {
    let plan = plan(two_places(12.0, MOVED));
    let one_s = plan.protocol().schedule.duration_s();
    assert_eq!([plan.start_s(0), plan.start_s(1)], [0.0, one_s + 20.0]);
    assert_eq!(plan.duration_s(), 2.0 * one_s + 20.0);
    assert_eq!(plan.gas().duration_s(), plan.duration_s());
    let second = plan.schedule_of(1);
    assert_eq!(second.at(one_s + 19.0).0, PhaseKind::PassiveThaw);
    assert_eq!(second.at(one_s + 21.0), (PhaseKind::Freeze, one_s + 20.0));
    assert_eq!((plan.probes_needed(), plan.punctures()), (1, 2));
    let together = Plan::new(two_places(12.0, Sequence::Together), &limb(), &catalogues()).unwrap();
    assert_eq!((together.probes_needed(), together.punctures(), together.duration_s()), (2, 2, one_s));
}

/// How much of the nerve is frozen over its whole cross-section, in one piece or more. Unit: mm.
fn frozen_mm(assessment: &Assessment) -> f64 {
    let frozen = |s: &&ProfileSample| s.least_cold_c.is_some_and(|c| c <= 0.0);
    // The profile has a sample every quarter of a millimetre.
    0.25 * assessment.nerve.profile.iter().filter(frozen).count() as f64
}

#[test]
fn places_far_apart_freeze_as_if_each_were_alone() {
    let limb = limb();
    let alone = assessed(&limb, &plan(parts(TIP_MM, 60.0)));
    let moved = assessed(&limb, &plan(two_places(30.0, MOVED)));
    assert!(moved.findings.iter().any(|f| f.id == "plan.moved"), "{:?}", moved.findings);
    let (alone_mm, moved_mm) = (frozen_mm(&alone), frozen_mm(&moved));
    // Cells of 1 mm: half a cell at each of four ends.
    assert!(alone_mm > 3.0 && (moved_mm - 2.0 * alone_mm).abs() < 2.0, "{moved_mm} {alone_mm}");
}

#[test]
fn a_probe_that_is_withdrawn_disables_more_through_one_puncture() {
    let limb = limb();
    // Ten degrees to the nerve and to the skin; the cold part of 6 mm lies half as far beyond the middle as it is then withdrawn.
    let middle = PatientPoint::new(-1.9, 11.0, 0.0);
    let entry = PatientPoint::new(-1.9, 0.0, -60.0);
    let deeper = (middle - entry).direction().unwrap();
    let placed = |tip_mm: f64| ProbePlacement { probe: "n2o-2.0".into(), entry, tip: middle + deeper * tip_mm };
    let one = PlanParts { placements: vec![placed(3.0)], ..parts(TIP_MM, 120.0) };
    let two = PlanParts { placements: vec![placed(7.05), placed(-1.05)], sequence: MOVED, ..parts(TIP_MM, 120.0) };
    let (one, two) = (plan(one), plan(two));
    assert_eq!((two.punctures(), two.probes_needed()), (1, 1));
    assert!((two.withdrawn_mm(1).unwrap() - 8.1).abs() < 0.1);
    let (one, two) = (assessed(&limb, &one), assessed(&limb, &two));
    let (alone_mm, longer_mm) = (frozen_mm(&one), frozen_mm(&two));
    assert!(longer_mm > alone_mm + 2.0, "{longer_mm} {alone_mm}");
}

#[test]
fn a_probe_that_is_withdrawn_stays_on_the_way_on_which_it_landed() {
    let (limb, catalogues) = (limb(), catalogues());
    let goals = Goals { disabled_mm: 3.0, below_c: -20.0, stretch: Stretch::Anywhere };
    let resolution = Resolution { fine_mm: 1.5, coarsest_mm: 6.0, after_s: 20.0 };
    let mut settings = RobustSettings { samples: 16, resolution, ..RobustSettings::default() };
    settings.solver.step_s = 20.0;
    let found = robust(&limb, &plan(withdrawn(8.1)), &goals, &catalogues, &settings, &|_| Continue::Yes).unwrap();
    // Two shafts that erred each on its own would cross in most worlds, and the solver knows no probes that do.
    assert!(found.not_answered.is_empty(), "{:?}", found.not_answered);
}

#[test]
fn a_sequence_that_cannot_be_done_is_refused_with_the_numbers() {
    let refused = |parts| Plan::new(parts, &limb(), &catalogues()).unwrap_err();
    let one = PlanParts { sequence: MOVED, ..parts(TIP_MM, 60.0) };
    assert_eq!(refused(one), PlanError::NowhereToMove);
    let never = PlanParts { sequence: Sequence::Moved { handling_s: f64::NAN }, ..two_places(12.0, MOVED) };
    assert!(matches!(refused(never), PlanError::BadHandling { .. }));
    let mut other = two_places(12.0, MOVED);
    other.placements[1].probe = "n2o-2.1".into();
    assert!(refused(other).to_string().contains("place 2 is for n2o-2.1"));
    let text = refused(withdrawn(2.0)).to_string();
    assert!(text.contains("withdrawn by 2.0 mm to place 2") && text.contains("or more"), "{text}");
}

#[test]
fn a_forecast_of_a_probe_that_is_moved_says_what_to_do_instead() {
    let error = stop_now(&limb(), &plan(two_places(12.0, MOVED)), &catalogues(), &ForecastSettings::default(), 30.0);
    assert!(error.unwrap_err().to_string().contains("case of its own"));
}

#[test]
fn a_protocol_for_two_places_must_fit_into_a_plan() {
    let mut parts = two_places(12.0, MOVED);
    let schedule = frostline_freeze::Schedule::one_freeze(3599.0);
    parts.protocol = PlannedProtocol { name: "an hour".into(), schedule };
    assert!(
        matches!(Plan::new(parts, &limb(), &catalogues()), Err(PlanError::TooLong { found_s, .. }) if found_s == 7218.0)
    );
}

#[test]
fn where_one_place_is_not_enough_a_plan_with_one_probe_is_proposed_beside_those_with_more() {
    let (limb, catalogues) = (leg("sural", 9.0), catalogues());
    let mut settings = ProposeSettings::of(&catalogues);
    settings.stock = Some(vec!["n2o-2.0".into()]);
    settings.protocols = Some(vec!["n2o-3x120".into()]);
    settings.most_positions = 2;
    settings.effort = Effort { spots: 1, simulated: 12, refined: 1, least_shown: 2, shown: 4, ..Effort::default() };
    settings.evaluate = coarse();
    let wanted = Goals { disabled_mm: 7.5, below_c: -20.0, stretch: Stretch::Anywhere };
    let found = propose(&limb, &wanted, &catalogues, &settings, &mut |_| Continue::Yes).unwrap();
    let moved = found.proposals.iter().find(|p| p.sequence != Sequence::Together);
    let moved = moved.unwrap_or_else(|| panic!("{:?}", found.proposals.iter().map(|p| &p.merits).collect::<Vec<_>>()));
    assert_eq!((moved.merits.probes, moved.placements.len()), (1, 2));
    assert!(moved.labels.contains(&Label::FewestProbes), "{:?}", moved.labels);
    assert!(moved.placements[1].start_s > moved.placements[0].start_s);
    assert!(found.pareto.iter().any(|p| p.probes == 1), "{:?}", found.pareto);
    assert!(found.remarks.iter().any(|r| r.contains("one probe is moved")), "{:?}", found.remarks);
}
