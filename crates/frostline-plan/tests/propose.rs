//! Proposals in limbs that were planted with one difficulty each. Cells are coarse and the search is small, so that a test
//! takes a second or two; what is asserted does not depend on either.

use frostline_freeze::Continue;
use frostline_plan::anatomy::{
    Anatomy, Layer, LayerStack, Marked, Origin, Shape, Side, Structure, StructureKind, TargetNerve, TissueKind,
    TissueMap,
};
use frostline_plan::catalogue::Catalogues;
use frostline_plan::layers::{CaliperMeasurement, Target, anatomy_from_calipers};
use frostline_plan::propose::{
    Access, Effort, Label, Merits, PlanGrid, Proposals, ProposeError, ProposeSettings, ProposeStep, Rejection,
    Sureness, View, exhaustive, propose,
};
use frostline_plan::robust::RobustSettings;
use frostline_plan::{
    Accuracy, Goals, Level, Plan, PlanParts, PlannedProtocol, ProbePlacement, Resolution, Stretch, completed,
    crossings, evaluate,
};
use frostline_space::{Course, CoursePoint, Grid, PatientPoint, PatientVector, Volume, VoxelIndex, VoxelToPatient};

fn catalogues() -> Catalogues {
    Catalogues::bundled().unwrap()
}

/// One probe, two protocols, few runs on coarse cells.
fn quick(catalogues: &Catalogues) -> ProposeSettings<'static> {
    let mut settings = ProposeSettings::of(catalogues);
    settings.stock = Some(vec!["n2o-2.0".into()]);
    settings.protocols = Some(vec!["n2o-3x120".into(), "textbook-90-25-90".into()]);
    settings.effort = Effort { spots: 1, simulated: 4, refined: 1, least_shown: 1, shown: 1, ..Effort::default() };
    settings.evaluate.accuracy = Accuracy::Fixed(Resolution { fine_mm: 1.0, ..Resolution::default() });
    settings.evaluate.solver.step_s = 10.0;
    settings
}

fn straight(x: f64, y: f64, (from_z, to_z): (f64, f64), radius_mm: f64) -> Course {
    let end = |z| CoursePoint { centre: PatientPoint::new(x, y, z), radius_mm };
    Course::through(&[end(from_z), end(to_z)]).unwrap()
}

fn nerve(id: &str, course: Course) -> TargetNerve {
    TargetNerve { id: id.into(), course, distance_to_target_mm: Marked::NotMarked }
}

fn drawn(name: &str, kind: StructureKind, course: Course) -> Structure {
    Structure { name: name.into(), kind, shape: Marked::Marked(Shape::Course(course)) }
}

/// A flat limb with the nerve this deep.
fn layers(depth_mm: f64, structures: Vec<Structure>) -> Anatomy {
    let layers = vec![
        Layer { tissue: TissueKind::Skin, bottom_mm: 1.5 },
        Layer { tissue: TissueKind::Fat, bottom_mm: 14.0 },
        Layer { tissue: TissueKind::Muscle, bottom_mm: 60.0 },
    ];
    Anatomy {
        side: Side::Left,
        origin: Origin::Calipers,
        tissues: TissueMap::Layers(LayerStack::new(layers).unwrap()),
        nerve: nerve("sural", straight(0.0, depth_mm, (-40.0, 40.0), 0.7)),
        structures,
        remarks: vec![],
    }
}

/// A volume of 1 mm cells whose centres are whole millimetres from zero, `tissue` at every place.
fn volume((x, y, z): (usize, usize, usize), tissue: impl Fn(f64, f64, f64) -> TissueKind) -> TissueMap {
    let unit = |x, y, z| PatientVector::new(x, y, z);
    let place =
        VoxelToPatient::new(unit(1.0, 0.0, 0.0), unit(0.0, 1.0, 0.0), unit(0.0, 0.0, 1.0), PatientPoint::origin());
    let grid = Grid::new(VoxelIndex::new(x, y, z), place).unwrap();
    let at = |cell| {
        let p = grid.centre(cell);
        tissue(p.x, p.y, p.z)
    };
    TissueMap::Voxels(Volume::new(grid, grid.cells().map(at).collect()).unwrap())
}

/// Skin of 2 mm over fat over muscle, by depth under the surface.
fn by_depth(depth_mm: f64) -> TissueKind {
    match depth_mm {
        d if d < 0.0 => TissueKind::Outside,
        d if d < 2.0 => TissueKind::Skin,
        d if d < 14.0 => TissueKind::Fat,
        _ => TissueKind::Muscle,
    }
}

fn goals(disabled_mm: f64) -> Goals {
    Goals { disabled_mm, below_c: -20.0, stretch: Stretch::Anywhere }
}

fn found(anatomy: &Anatomy, goals: &Goals, settings: &ProposeSettings) -> Proposals {
    propose(anatomy, goals, &catalogues(), settings, &mut |_| Continue::Yes).unwrap()
}

fn rejected(found: &Proposals, reason: Rejection) -> usize {
    found.rejected.iter().find(|r| r.reason == reason).map_or(0, |r| r.ways)
}

fn coldest_c(found: &Proposals, kind: &str) -> f64 {
    let margins = &found.proposals[0].merits.margins;
    margins.iter().find(|m| m.kind == kind).and_then(|m| m.coldest_c).unwrap()
}

fn pierces(anatomy: &Anatomy, plan: &Plan) -> Vec<StructureKind> {
    let radius_mm = catalogues().probes.find(&plan.placements()[0].probe).unwrap().shape().unwrap().radius_mm;
    let ways = plan.placements().iter().flat_map(|p| crossings(anatomy, p.way(), radius_mm));
    ways.map(|c| c.kind).collect()
}

#[test]
fn no_way_leads_through_a_wall_of_bone_and_the_map_says_where_it_stands() {
    // The wall stands 5 mm to the left of the nerve, from under the fat's surface down.
    let is_wall = |x: f64, y: f64| (33.0..=36.0).contains(&x) && y >= 13.0;
    let tissues = volume((61, 50, 61), |x, y, _| match by_depth(y - 10.0) {
        TissueKind::Outside => TissueKind::Outside,
        _ if is_wall(x, y) => TissueKind::CorticalBone,
        tissue => tissue,
    });
    let limb =
        Anatomy { tissues, nerve: nerve("sural", straight(28.0, 19.0, (5.0, 55.0), 0.7)), ..layers(7.0, vec![]) };
    let found = found(&limb, &goals(4.0), &quick(&catalogues()));
    assert!(rejected(&found, Rejection::Bone) > 0, "{:?}", found.rejected);
    let best = &found.proposals[0];
    assert!(best.placements[0].entry_mm[0] < 33.0, "{:?}", best.placements);
    assert!(!best.findings.iter().any(|f| f.id == "way.bone"), "{:?}", best.findings);
    // Far behind the wall every way that there is meets bone.
    let behind = found.entry_map.iter().filter(|e| e.place_mm[0] > 42.0 && (25.0..35.0).contains(&e.place_mm[2]));
    let closed: Vec<_> = behind.filter(|e| e.against.iter().any(|r| r.reason == Rejection::Bone)).collect();
    assert!(!closed.is_empty() && closed.iter().all(|e| e.open_ways == 0), "{closed:?}");
}

#[test]
fn a_vein_along_the_nerve_is_passed_on_its_far_side() {
    let vein = drawn("vein", StructureKind::Vein, straight(3.6, 7.0, (-40.0, 40.0), 1.5));
    let limb = layers(7.0, vec![vein]);
    let found = found(&limb, &goals(4.0), &quick(&catalogues()));
    assert!(rejected(&found, Rejection::Vein) > 0, "{:?}", found.rejected);
    let plan = &found.proposals[0].plan;
    assert_eq!(pierces(&limb, plan), []);
    assert_eq!(found.proposals[0].merits.stops, 0, "{:?}", found.proposals[0].findings);
}

#[test]
fn a_nerve_four_millimetres_deep_is_disabled_without_freezing_the_skin_or_the_conflict_is_named() {
    let limb = layers(4.0, vec![]);
    let mut settings = quick(&catalogues());
    let with_warmth = found(&limb, &goals(4.0), &settings);
    assert!(with_warmth.goals_met, "{:?}", with_warmth.conflicts);
    assert!(coldest_c(&with_warmth, "skin") > 0.0);
    // Bare skin, a large probe and a long stretch cannot be had together.
    settings.contacts = vec!["room-air".into()];
    settings.protocols = Some(vec!["n2o-3x120".into()]);
    settings.most_positions = 2;
    let bare = found(&limb, &goals(9.0), &settings);
    assert!(!bare.goals_met);
    let conflict = &bare.conflicts[0];
    assert_eq!((conflict.limit.as_str(), conflict.goal), ("skin.coldest", "disabled_mm"), "{conflict:?}");
    assert!(conflict.over_k.is_some_and(|k| k > 0.0) && conflict.text.contains("skin"), "{conflict:?}");
    let nearest = &bare.proposals[0];
    assert_eq!(nearest.labels, [Label::Nearest]);
    assert!(!nearest.shortfalls.is_empty());
}

#[test]
fn a_motor_nerve_eight_millimetres_away_stays_out_of_the_ice() {
    let motor = drawn("motor branch", StructureKind::MotorNerve, straight(8.0, 8.0, (-40.0, 40.0), 1.0));
    let limb = layers(7.0, vec![motor]);
    let found = found(&limb, &goals(4.0), &quick(&catalogues()));
    assert!(rejected(&found, Rejection::MotorNerve) > 0, "{:?}", found.rejected);
    assert!(found.goals_met, "{:?}", found.conflicts);
    assert!(coldest_c(&found, "motor-nerve") > 0.0);
}

#[test]
fn between_two_legs_there_is_no_room_for_a_hand() {
    // Two legs of 40 mm with 10 mm of air between; the nerve lies at the inner side of the first.
    let tissues = volume((95, 46, 61), |x, _, _| match x {
        x if x < 40.0 => by_depth(39.5 - x),
        x if x < 50.0 => TissueKind::Outside,
        x => by_depth(x - 50.0),
    });
    let course = straight(32.0, 22.0, (5.0, 55.0), 0.7);
    let limb = Anatomy { tissues, nerve: nerve("sural", course), ..layers(7.0, vec![]) };
    let found = found(&limb, &goals(4.0), &quick(&catalogues()));
    assert!(rejected(&found, Rejection::NoRoomBehind) > 0, "{:?}", found.rejected);
    // What is left are ways along the gap, which leave the image before they would meet the other leg.
    for placement in found.proposals.iter().flat_map(|p| p.plan.placements()) {
        let outward = placement.way().direction().unwrap();
        let behind = (1..60).map(|mm| placement.entry - outward * f64::from(mm));
        let met: Vec<_> = behind.filter(|p| limb.tissues.at(*p).is_some_and(|t| t != TissueKind::Outside)).collect();
        assert!(met.is_empty(), "{placement:?} {met:?}");
    }
}

#[test]
fn nothing_is_aimed_at_a_nerve_where_it_has_left_the_image() {
    let tissues = volume((61, 50, 41), |_, y, _| by_depth(y - 10.0));
    let leaving = straight(30.0, 17.0, (10.0, 70.0), 0.7);
    let limb = Anatomy { tissues, nerve: nerve("sural", leaving), ..layers(7.0, vec![]) };
    let mut settings = quick(&catalogues());
    settings.effort.spots = 4;
    let found = found(&limb, &goals(4.0), &settings);
    assert!(found.remarks.iter().any(|r| r.contains("leaves the image")), "{:?}", found.remarks);
    assert!(rejected(&found, Rejection::OutsideView) > 0, "{:?}", found.rejected);
    let placement = &found.proposals[0].placements[0];
    assert!([placement.tip_mm[2], placement.entry_mm[2]].iter().all(|z| *z <= 40.5), "{placement:?}");
}

#[test]
fn a_nerve_that_is_to_be_avoided_is_never_proposed_for_and_a_specialist_one_says_what_it_needs() {
    let mut limb = layers(7.0, vec![]);
    limb.nerve.id = "cfn".into();
    let catalogues = catalogues();
    let mut settings = quick(&catalogues);
    let refused = propose(&limb, &goals(4.0), &catalogues, &settings, &mut |_| Continue::Yes);
    assert!(matches!(refused, Err(ProposeError::NeverATarget { .. })), "{refused:?}");
    limb.nerve.id = "tib_popl".into();
    settings.effort = Effort { spots: 1, simulated: 1, refined: 0, ..settings.effort };
    let found = found(&limb, &goals(4.0), &settings);
    assert!(found.remarks.iter().any(|r| r.contains("second signature")), "{:?}", found.remarks);
    // Its motor fibres stop every plan, and that is the conflict that is named.
    assert!(
        !found.goals_met && found.conflicts.iter().any(|c| c.limit == "nerve.motor-fibres"),
        "{:?}",
        found.conflicts
    );
}

#[test]
fn a_motor_nerve_that_nobody_marked_keeps_every_plan_from_being_ok() {
    let mut settings = quick(&catalogues());
    settings.effort = Effort { spots: 1, simulated: 2, refined: 0, ..settings.effort };
    let found = found(&layers(7.0, vec![]), &goals(3.0), &settings);
    let best = &found.proposals[0];
    assert!(best.verdict >= Level::Unknown);
    assert!(
        best.not_known.iter().any(|t| t.contains("motor nerve") && t.contains("not marked")),
        "{:?}",
        best.not_known
    );
}

#[test]
fn the_same_case_gives_the_same_proposals_on_one_thread_and_on_two() {
    let mut settings = quick(&catalogues());
    settings.effort = Effort { spots: 2, simulated: 3, refined: 1, ..settings.effort };
    let limb = layers(7.0, vec![]);
    settings.evaluate.solver.threads = 1;
    let one = found(&limb, &goals(4.0), &settings);
    settings.evaluate.solver.threads = 2;
    let two = found(&limb, &goals(4.0), &settings);
    assert_eq!(format!("{one:?}"), format!("{two:?}"));
}

#[test]
fn a_measure_of_the_caller_decides_what_is_surest() {
    let catalogues = catalogues();
    let mut settings = quick(&catalogues);
    settings.effort = Effort { spots: 1, simulated: 4, refined: 0, least_shown: 2, shown: 4, ..settings.effort };
    // Somebody who trusts only entries at the foot end.
    let score = |plan: &Plan| -plan.placements()[0].entry.z;
    settings.sureness = Sureness::By(&score);
    let found = found(&layers(7.0, vec![]), &goals(3.0), &settings);
    let surest = found.proposals.iter().find(|p| p.labels.contains(&Label::Surest)).unwrap();
    assert!(found.proposals.iter().all(|p| p.placements[0].entry_mm[2] >= surest.placements[0].entry_mm[2]));
    assert_eq!(surest.sureness, -surest.placements[0].entry_mm[2]);
}

#[test]
fn skin_that_cannot_be_reached_and_skin_under_the_transducer_are_never_entered() {
    let mut settings = quick(&catalogues());
    settings.effort = Effort { spots: 1, simulated: 2, refined: 0, ..settings.effort };
    settings.view = View::InPlane;
    settings.access = Access::From(PatientVector::new(0.0, 0.0, 1.0).direction().unwrap());
    let found = found(&layers(7.0, vec![]), &goals(3.0), &settings);
    assert!(rejected(&found, Rejection::OutOfReach) > 0 && rejected(&found, Rejection::UnderTransducer) > 0);
    let placement = &found.proposals[0].placements[0];
    assert!(placement.entry_mm[2] > placement.tip_mm[2], "{placement:?}");
    // Half of the 40 mm long foot, from the skin above the spot; along the nerve or across it.
    let open = found.entry_map.iter().filter(|e| e.open_ways > 0);
    assert!(open.clone().count() > 0);
    for entry in open {
        let [along, across] = entry.flat_mm;
        let spot = found.entry_map.iter().map(|e| e.flat_mm[0]).sum::<f64>() / found.entry_map.len() as f64;
        assert!((along - spot).hypot(across) > 10.0, "{entry:?}");
    }
}

#[test]
fn goals_without_room_are_refused_with_the_numbers() {
    let catalogues = catalogues();
    let settings = quick(&catalogues);
    let wanted = Goals { stretch: Stretch::Within { from_mm: 10.0, to_mm: 13.0 }, ..goals(5.0) };
    let refused = propose(&layers(7.0, vec![]), &wanted, &catalogues, &settings, &mut |_| Continue::Yes).unwrap_err();
    let text = refused.to_string();
    assert!(text.contains("5.0 mm") && text.contains("3.0 mm") && text.contains("80.0 mm"), "{text}");
}

/// The flat limb of an example, with the plan that was made by hand.
fn example(name: &str) -> (Anatomy, Plan, Catalogues) {
    #[derive(serde::Deserialize)]
    struct Case {
        nerve: NerveRow,
        protocol: ProtocolRow,
        skin: Option<SkinRow>,
        calipers: CaliperMeasurement,
        probe: Vec<ProbeRow>,
    }
    #[derive(serde::Deserialize)]
    struct NerveRow {
        id: String,
    }
    #[derive(serde::Deserialize)]
    struct ProtocolRow {
        id: String,
    }
    #[derive(serde::Deserialize)]
    struct SkinRow {
        contact: String,
    }
    #[derive(serde::Deserialize)]
    struct ProbeRow {
        model: String,
        entry_mm: [f64; 3],
        tip_mm: [f64; 3],
    }
    let catalogues = catalogues();
    let path = format!("{}/../../examples/{name}/case.toml", env!("CARGO_MANIFEST_DIR"));
    let case: Case = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let target = Target { side: Side::Left, nerve_id: case.nerve.id, distance_to_target_mm: Marked::NotMarked };
    let limb = completed(anatomy_from_calipers(&case.calipers, &target).unwrap(), &catalogues);
    let place = |mm: [f64; 3]| PatientPoint::new(mm[0], mm[1], mm[2]);
    let row = &case.probe[0];
    let placement = ProbePlacement { probe: row.model.clone(), entry: place(row.entry_mm), tip: place(row.tip_mm) };
    let protocol = catalogues.protocols.find(&case.protocol.id).unwrap();
    let parts = PlanParts {
        placements: vec![placement],
        protocol: PlannedProtocol { name: protocol.name.clone(), schedule: protocol.schedule() },
        skin_contact: case.skin.map_or("room-air".into(), |s| s.contact),
        fluid: vec![],
    };
    let plan = Plan::new(parts, &limb, &catalogues).unwrap();
    (limb, plan, catalogues)
}

/// Best proposal and hand-made plan, from the same probes, by the same evaluation.
fn against_the_hand(name: &str, stock: &[&str]) -> (Merits, Merits) {
    let (limb, by_hand, catalogues) = example(name);
    let mut settings = quick(&catalogues);
    settings.stock = Some(stock.iter().map(|s| s.to_string()).collect());
    settings.effort = Effort { spots: 2, simulated: 10, refined: 6, ..settings.effort };
    let wanted = Goals::of(&catalogues);
    let best = found(&limb, &wanted, &settings).proposals.remove(0).merits;
    let hand = evaluate(&limb, &by_hand, &catalogues, &settings.evaluate, &mut |_| Continue::Yes).unwrap();
    (best, Merits::of(&by_hand, &hand.assessment, &wanted, &catalogues))
}

#[test]
fn the_best_proposal_for_the_sural_nerve_is_never_worse_than_the_plan_made_by_hand() {
    let (best, hand) = against_the_hand("sural_calipers", &["n2o-2.0"]);
    assert!(best.compare(&hand).is_lt(), "{best:?} {hand:?}");
}

#[test]
fn the_best_proposal_spares_the_motor_nerve_that_the_plan_made_by_hand_freezes() {
    let (best, hand) = against_the_hand("motor_nerve_in_ice", &["n2o-2.0", "n2o-2.1"]);
    assert_eq!(hand.stops, 1);
    assert!(best.stops == 0 && best.compare(&hand).is_lt(), "{best:?} {hand:?}");
}

#[test]
fn what_is_nearest_to_goals_that_cannot_be_met_is_never_worse_than_the_plan_made_by_hand() {
    let (limb, by_hand, catalogues) = example("sural_calipers");
    let mut settings = quick(&catalogues);
    settings.protocols = Some(vec!["textbook-90-25-90".into()]);
    // A search so small that it finds little by itself, and more nerve than one probe disables.
    settings.effort = Effort { spots: 1, simulated: 1, refined: 0, ..settings.effort };
    settings.most_positions = 1;
    settings.by_hand = Some(by_hand.clone());
    let wanted = goals(15.0);
    let found = found(&limb, &wanted, &settings);
    assert!(!found.goals_met);
    let hand = evaluate(&limb, &by_hand, &catalogues, &settings.evaluate, &mut |_| Continue::Yes).unwrap();
    let hand = Merits::of(&by_hand, &hand.assessment, &wanted, &catalogues);
    assert!(found.proposals[0].merits.compare(&hand).is_le(), "{:?} {hand:?}", found.proposals[0].merits);
}

#[test]
fn a_chance_that_is_asked_for_puts_the_surest_first_and_can_be_stopped() {
    let catalogues = catalogues();
    let mut settings = quick(&catalogues);
    settings.protocols = Some(vec!["textbook-90-25-90".into()]);
    settings.effort = Effort { spots: 1, simulated: 4, refined: 0, least_shown: 2, shown: 2, ..settings.effort };
    settings.chance = Some(RobustSettings { samples: 8, ..RobustSettings::default() });
    let limb = layers(7.0, vec![]);
    let all = found(&limb, &goals(3.0), &settings);
    assert!(all.proposals[0].labels.contains(&Label::Surest), "{:?}", all.proposals[0].labels);
    let chance = |p: &frostline_plan::propose::Proposal| p.chance.map(|c| c.probability).unwrap();
    assert!(all.proposals.iter().all(|p| chance(p) <= chance(&all.proposals[0])));
    assert!(all.work.worlds >= 8 * all.proposals.len());
    // Whoever stops while worlds are solved keeps what was found, without a chance.
    let stop = |p: frostline_plan::propose::ProposeProgress| match p.step {
        ProposeStep::Chances | ProposeStep::Confirming => Continue::Stop,
        _ => Continue::Yes,
    };
    let stopped = propose(&limb, &goals(3.0), &catalogues, &settings, &mut { stop }).unwrap();
    assert!(!stopped.proposals.is_empty() && stopped.proposals.iter().all(|p| p.chance.is_none()));
}

#[test]
fn the_surest_proposal_is_as_sure_as_the_best_plan_of_a_grid_around_the_nerve() {
    let catalogues = catalogues();
    let mut settings = quick(&catalogues);
    settings.protocols = Some(vec!["textbook-90-25-90".into()]);
    settings.contacts = vec!["warm-compress".into()];
    settings.chance =
        Some(RobustSettings { samples: 16, placement: Some("tracked".into()), ..RobustSettings::default() });
    let limb = layers(7.0, vec![]);
    let wanted = goals(4.0);
    let grid = PlanGrid {
        along_mm: vec![0.0],
        beside_mm: vec![0.0, 1.9],
        deeper_mm: vec![0.0, 1.9],
        angle_deg: vec![20.0],
        azimuth_deg: vec![0.0, 90.0],
    };
    let progress = |_: usize, _: usize| Continue::Yes;
    let best = exhaustive(&limb, &wanted, &catalogues, (&settings, &grid), &progress).unwrap();
    // The probe cannot lie where the nerve lies, whatever its direction.
    assert!(best.plans == 8 && (1..=6).contains(&best.open), "{} {}", best.plans, best.open);
    let surest = found(&limb, &wanted, &settings).proposals.remove(0);
    // The same sixteen worlds for both: one of them more or less is no difference.
    let missed = best.best[0].chance.probability - surest.chance.unwrap().probability;
    assert!(missed < 0.1, "{missed}: {:?} {:?}", best.best[0], surest.placements);
}
