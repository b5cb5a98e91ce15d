//! An approval is given only by a named clinician who saw the assessment, and falls with any change.

mod leg_support;

use frostline_freeze::Continue;
use frostline_plan::anatomy::StructureKind;
use frostline_plan::catalogue::{CatalogueTexts, Catalogues, Variation};
use frostline_plan::{
    Accuracy, Approval, ApproveError, ApprovedPlan, Clinician, Fingerprint, Made, PlanParts, Resolution, Revoked,
    Signatures, Timestamp, evaluate,
};
use leg_support::{assessed, catalogues, coarse, leg, parts, plan, with_tube};

fn anna() -> Clinician {
    Clinician::new("Anna Berg", "interventional radiologist").unwrap()
}

fn bo() -> Clinician {
    Clinician::new("Bo Lind", "pain physician").unwrap()
}

fn noon() -> Timestamp {
    Timestamp::from_unix_s(1_795_521_600)
}

/// Computed as the assessments of these tests.
fn made() -> Made {
    Made { image: None, settings: coarse() }
}

fn of_image(image: &Fingerprint) -> Made {
    Made { image: Some(image.clone()), ..made() }
}

fn harmless() -> PlanParts {
    parts([-1.9, 11.0, 3.0], 30.0)
}

fn approved() -> ApprovedPlan {
    let anatomy = leg("sural", 11.0);
    let plan = plan(&anatomy, harmless());
    plan.clone().approve(&assessed(&anatomy, &plan), anna(), noon()).unwrap()
}

fn what(revoked: Result<(), Vec<Revoked>>) -> Vec<String> {
    revoked.err().unwrap_or_default().into_iter().map(|r| r.what).collect()
}

#[test]
fn an_approval_stands_while_nothing_changes() {
    let anatomy = leg("sural", 11.0);
    let approved = approved();
    assert_eq!(approved.still_stands(&anatomy, &plan(&anatomy, harmless()), &catalogues(), &made()), Ok(()));
    assert_eq!((approved.approval().by(), approved.approval().at()), (&anna(), noon()));
}

#[test]
fn any_change_revokes_an_approval_and_names_what_changed() {
    let (approved, anatomy, bundled) = (approved(), leg("sural", 11.0), catalogues());
    let same = plan(&anatomy, harmless());

    let moved = plan(&anatomy, parts([-1.9, 11.0, 3.5], 30.0));
    assert_eq!(what(approved.still_stands(&anatomy, &moved, &bundled, &made())), ["probe 1"]);
    let longer = plan(&anatomy, parts([-1.9, 11.0, 3.0], 31.0));
    let revoked = approved.still_stands(&anatomy, &longer, &bundled, &made()).unwrap_err();
    assert!(revoked[0].approved.contains("freeze 30 s") && revoked[0].found.contains("freeze 31 s"), "{revoked:?}");
    let warmed = plan(&anatomy, PlanParts { skin_contact: "warm-compress".into(), ..harmless() });
    assert_eq!(what(approved.still_stands(&anatomy, &warmed, &bundled, &made())), ["skin contact"]);

    let nearer = leg("sural", 10.9);
    assert_eq!(what(approved.still_stands(&nearer, &same, &bundled, &made())), ["nerve"]);
    let with_vein = with_tube(leg("sural", 11.0), StructureKind::Vein, 9.0, 9.0);
    assert_eq!(
        what(approved.still_stands(&with_vein, &same, &bundled, &made())),
        ["structure vein (lies beside this nerve)", "structure the tube beside"]
    );

    let image = Fingerprint::of_bytes(b"another series");
    assert_eq!(what(approved.still_stands(&anatomy, &same, &bundled, &of_image(&image))), ["image"]);
}

#[test]
fn a_limit_that_moved_revokes_an_approval_and_no_other_catalogue_is_blamed() {
    let (approved, anatomy) = (approved(), leg("sural", 11.0));
    let mut texts = CatalogueTexts::bundled();
    texts.limits = texts.limits.replacen("celsius = 5.0", "celsius = 6.0", 1);
    let stricter = Catalogues::from_toml(&texts).unwrap();
    let revoked = approved.still_stands(&anatomy, &plan(&anatomy, harmless()), &stricter, &made());
    assert_eq!(what(revoked), ["catalogue of limits"]);
}

#[test]
fn the_image_of_an_approval_is_the_one_the_anatomy_was_made_from() {
    let anatomy = leg("sural", 11.0);
    let plan = plan(&anatomy, harmless());
    let image = Fingerprint::of_bytes(b"a series");
    let seen = assessed(&anatomy, &plan).made_from_image(image.clone());
    let approved = plan.clone().approve(&seen, anna(), noon()).unwrap();
    assert_eq!(approved.still_stands(&anatomy, &plan, &catalogues(), &of_image(&image)), Ok(()));
    assert_eq!(what(approved.still_stands(&anatomy, &plan, &catalogues(), &made())), ["image"]);
}

#[test]
fn an_assessment_of_another_plan_or_one_that_was_changed_is_refused() {
    let anatomy = leg("sural", 11.0);
    let (one, other) = (plan(&anatomy, harmless()), plan(&anatomy, parts([-1.9, 11.0, 4.0], 30.0)));
    let mut seen = assessed(&anatomy, &one);
    assert!(matches!(other.approve(&seen, anna(), noon()), Err(ApproveError::OtherPlan { .. })));
    // Time on the clock is filled in by the program and changes nothing that was seen.
    seen.solver.wall_s = Some(1.0);
    assert!(one.clone().approve(&seen, anna(), noon()).is_ok());
    seen.findings.retain(|f| f.id != "nerve.length");
    assert_eq!(one.clone().approve(&seen, anna(), noon()).unwrap_err(), ApproveError::AssessmentChanged);
    // Nor does naming the image afterwards make it whole.
    let named = seen.made_from_image(Fingerprint::of_bytes(b"a series"));
    assert_eq!(one.approve(&named, anna(), noon()).unwrap_err(), ApproveError::AssessmentChanged);
}

#[test]
fn an_assessment_on_wider_cells_than_those_of_a_preview_is_refused() {
    let anatomy = leg("sural", 11.0);
    let plan = plan(&anatomy, harmless());
    let mut settings = coarse();
    settings.accuracy = Accuracy::Fixed(Resolution { fine_mm: 1.5, ..Resolution::default() });
    let seen = evaluate(&anatomy, &plan, &catalogues(), &settings, &mut |_| Continue::Yes).unwrap().assessment;
    let refused = plan.approve(&seen, anna(), noon()).unwrap_err();
    assert!(matches!(refused, ApproveError::TooCoarse { .. }), "{refused}");
}

#[test]
fn a_plan_at_level_stop_needs_a_written_reason() {
    let anatomy = with_tube(leg("sural", 11.0), StructureKind::MotorNerve, -3.5, 11.0);
    let plan = plan(&anatomy, parts([-1.9, 11.0, 3.0], 90.0));
    let seen = assessed(&anatomy, &plan);
    let refused = plan.clone().approve(&seen, anna(), noon()).unwrap_err();
    assert!(
        matches!(&refused, ApproveError::StopWithoutReason { stops } if stops.contains("tube beside")),
        "{refused}"
    );
    let with_reason = Signatures::from(anna()).because("the limb is paralysed already, seen by neurology").unwrap();
    let approved = plan.approve(&seen, with_reason, noon()).unwrap();
    assert_eq!(approved.approval().reason(), Some("the limb is paralysed already, seen by neurology"));
}

#[test]
fn a_nerve_for_specialists_needs_a_reason_and_two_different_clinicians() {
    let anatomy = leg("tib_popl", 11.0);
    let plan = plan(&anatomy, harmless());
    let seen = assessed(&anatomy, &plan);
    let approve = |by: Signatures| plan.clone().approve(&seen, by, noon());
    let because = |s: Signatures| s.because("severe spasticity, agreed by the team").unwrap();
    let alone = Signatures::from(anna());
    assert!(matches!(approve(alone.clone()), Err(ApproveError::SpecialistNeedsMore { missing: "the reason", .. })));
    assert!(matches!(
        approve(because(alone.clone())),
        Err(ApproveError::SpecialistNeedsMore { missing: "the second signature", .. })
    ));
    assert!(approve(because(alone.seconded_by(bo()).unwrap())).is_ok());
}

#[test]
fn a_nerve_to_avoid_is_never_approved() {
    let anatomy = leg("cfn", 11.0);
    let plan = plan(&anatomy, harmless());
    let by = Signatures::from(anna()).seconded_by(bo()).unwrap().because("the patient insists on it").unwrap();
    let refused = plan.clone().approve(&assessed(&anatomy, &plan), by, noon());
    assert!(matches!(refused, Err(ApproveError::NeverATarget { .. })), "{refused:?}");
}

fn written(approved: &ApprovedPlan) -> String {
    toml::to_string(approved.approval()).unwrap()
}

#[test]
fn an_approval_that_was_written_reads_back_and_still_stands() {
    let (approved, anatomy) = (approved(), leg("sural", 11.0));
    let read: Approval = toml::from_str(&written(&approved)).unwrap();
    assert_eq!(&read, approved.approval());
    let restored = read.restore(&anatomy, plan(&anatomy, harmless()), &catalogues(), &made());
    assert_eq!(restored, Ok(approved));
}

#[test]
fn an_approval_that_was_edited_anywhere_does_not_read_back() {
    let text = written(&approved());
    for (from, to) in [
        ("Anna Berg", "Anna Borg"),
        ("freeze 30 s", "freeze 90 s"),
        ("2026-11-24", "2026-11-23"),
        ("policy = \"target\"", "policy = \"specialist\""),
        ("not a cleared", "a cleared"),
        ("what = \"skin contact\"", "what = \"skin cover\""),
    ] {
        assert!(text.contains(from), "the approval does not say '{from}': {text}");
        let edited: Result<Approval, _> = toml::from_str(&text.replacen(from, to, 1));
        let message = edited.unwrap_err().to_string();
        assert!(message.contains("changed after it was written"), "{from}: {message}");
    }
    let extended = format!("{text}\nforced = true\n");
    assert!(toml::from_str::<Approval>(&extended).is_err());
}

#[test]
fn another_correction_or_accuracy_revokes_an_approval_and_is_named() {
    let (approved, anatomy, bundled) = (approved(), leg("sural", 11.0), catalogues());
    let plan = plan(&anatomy, harmless());
    let mut corrected = made();
    corrected.settings.correction.probe_offset_k = 6.0;
    let revoked = approved.still_stands(&anatomy, &plan, &bundled, &corrected).unwrap_err();
    assert_eq!((revoked[0].what.as_str(), revoked[0].approved.as_str(), revoked.len()), ("correction", "none", 1));
    assert!(revoked[0].found.contains("probe 6 K warmer"), "{revoked:?}");
    let mut closer = made();
    closer.settings.accuracy = Accuracy::within(0.2);
    assert_eq!(what(approved.still_stands(&anatomy, &plan, &bundled, &closer)), ["accuracy"]);
    // On how many threads, and how long a step is at most, is not what was approved.
    let mut elsewhere = made();
    elsewhere.settings.solver.threads = 7;
    assert_eq!(approved.still_stands(&anatomy, &plan, &bundled, &elsewhere), Ok(()));
}

#[test]
fn an_approval_stands_on_the_catalogues_and_not_on_those_of_a_world_that_differs() {
    let (approved, anatomy) = (approved(), leg("sural", 11.0));
    let by = Variation { frozen_conductivity: 1.1, latent_heat: 1.0, probe_output: 0.0 };
    let differs = catalogues().varied(&by);
    let plan = plan(&anatomy, harmless());
    assert_eq!(what(approved.still_stands(&anatomy, &plan, &differs, &made())), ["choice 1 of the site"]);
    // Nor does one that was given in such a world stand in the one that is there.
    let seen = evaluate(&anatomy, &plan, &differs, &coarse(), &mut |_| Continue::Yes).unwrap().assessment;
    let there = plan.clone().approve(&seen, anna(), noon()).unwrap();
    assert_eq!(what(there.still_stands(&anatomy, &plan, &catalogues(), &made())), ["choice 1 of the site"]);
}
