//! What a search may choose beside places: times of freezes, and protective fluid.

use frostline_freeze::{Continue, PhaseKind};
use frostline_plan::anatomy::{Anatomy, Layer, LayerStack, Marked, Origin, Side, TargetNerve, TissueKind, TissueMap};
use frostline_plan::catalogue::Catalogues;
use frostline_plan::propose::{Effort, Proposal, Proposals, ProposeSettings, propose};
use frostline_plan::robust::RobustSettings;
use frostline_plan::{Accuracy, Goals, Resolution, Stretch};
use frostline_space::{Course, CoursePoint, PatientPoint};

/// One probe, few runs on coarse cells, sixteen worlds of a tracked needle.
fn settings(catalogues: &Catalogues) -> ProposeSettings<'static> {
    let mut settings = ProposeSettings::of(catalogues);
    settings.stock = Some(vec!["n2o-2.0".into()]);
    settings.contacts = vec!["warm-compress".into()];
    settings.effort = Effort { spots: 1, simulated: 4, refined: 0, least_shown: 2, shown: 2, ..Effort::default() };
    settings.evaluate.accuracy = Accuracy::Fixed(Resolution { fine_mm: 1.0, ..Resolution::default() });
    settings.evaluate.solver.step_s = 10.0;
    settings.chance =
        Some(RobustSettings { samples: 16, placement: Some("tracked".into()), ..RobustSettings::default() });
    settings
}

/// A flat limb with a nerve of 1 mm this deep.
fn limb(depth_mm: f64) -> Anatomy {
    let layers = vec![
        Layer { tissue: TissueKind::Skin, bottom_mm: 1.5 },
        Layer { tissue: TissueKind::Fat, bottom_mm: 8.0 },
        Layer { tissue: TissueKind::Muscle, bottom_mm: 60.0 },
    ];
    let end = |z| CoursePoint { centre: PatientPoint::new(0.0, depth_mm, z), radius_mm: 0.5 };
    let course = Course::through(&[end(-40.0), end(40.0)]).unwrap();
    Anatomy {
        side: Side::Left,
        origin: Origin::Calipers,
        tissues: TissueMap::Layers(LayerStack::new(layers).unwrap()),
        nerve: TargetNerve { id: "sural".into(), course, distance_to_target_mm: Marked::NotMarked },
        structures: vec![],
        remarks: vec![],
    }
}

fn found(anatomy: &Anatomy, settings: &ProposeSettings) -> Proposals {
    let goals = Goals { disabled_mm: 5.0, below_c: -20.0, stretch: Stretch::Anywhere };
    propose(anatomy, &goals, &Catalogues::bundled().unwrap(), settings, &mut |_| Continue::Yes).unwrap()
}

fn chance(proposal: &Proposal) -> f64 {
    proposal.chance.unwrap().probability
}

#[test]
fn fluid_is_proposed_under_a_skin_that_costs_the_chance_and_lies_between_nerve_and_skin() {
    let catalogues = Catalogues::bundled().unwrap();
    let mut settings = settings(&catalogues);
    settings.protocols = Some(vec!["textbook-90-25-90".into()]);
    let thin = found(&limb(4.0), &settings);
    let surest = &thin.proposals[0];
    let [fluid] = surest.fluid.as_slice() else { panic!("{:?}", surest.fluid) };
    assert!((1.5..4.0).contains(&fluid.place.y) && fluid.towards.y < fluid.place.y, "{fluid:?}");
    assert!(catalogues.surroundings.fluid().value.offered_millilitres.contains(&fluid.millilitres));
    assert_eq!(surest.plan.fluid(), surest.fluid);
    let dry = thin.proposals.iter().filter(|p| p.fluid.is_empty()).map(chance).fold(0.0, f64::max);
    assert!(chance(surest) > dry, "{} {dry}", chance(surest));
    // Where the skin is far, nobody is offered another needle.
    let deep = found(&limb(14.0), &settings);
    assert!(deep.proposals.iter().all(|p| p.fluid.is_empty()), "{:?}", deep.proposals[0].fluid);
}

#[test]
fn freezes_of_other_lengths_are_tried_within_bounds_unless_a_case_names_its_protocols() {
    let catalogues = Catalogues::bundled().unwrap();
    let mut settings = settings(&catalogues);
    settings.chance = None;
    let free = found(&limb(7.0), &settings);
    let rows = catalogues.protocols.all().iter().filter(|p| p.cryogens.contains(&"nitrous-oxide".to_owned()));
    let rows = rows.map(|p| p.id.clone()).collect::<Vec<_>>();
    assert!(free.work.reach_runs > rows.len(), "{} {rows:?}", free.work.reach_runs);
    let bounds = &catalogues.proposing.freeze.value;
    let own = free.proposals.iter().filter(|p| p.own_phases.is_some()).collect::<Vec<_>>();
    assert!(!own.is_empty(), "{:?}", free.proposals.iter().map(|p| &p.protocol).collect::<Vec<_>>());
    for proposal in own {
        let phases = &proposal.plan.protocol().schedule.phases;
        let mut freezes = phases.iter().filter(|p| p.kind == PhaseKind::Freeze);
        assert!(freezes.all(|p| (bounds.least_s..=bounds.most_s).contains(&p.duration_s)), "{phases:?}");
        let told: Vec<f64> = proposal.own_phases.iter().flatten().map(|p| p.seconds).collect();
        assert_eq!(told, phases.iter().map(|p| p.duration_s).collect::<Vec<_>>());
        assert!(rows.iter().any(|id| proposal.protocol.starts_with(id)), "{}", proposal.protocol);
    }
    settings.protocols = Some(rows.clone());
    let named = found(&limb(7.0), &settings);
    assert_eq!(named.work.reach_runs, rows.len());
    assert!(named.proposals.iter().all(|p| p.own_phases.is_none()));
}
