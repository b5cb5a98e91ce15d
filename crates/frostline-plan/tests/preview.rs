//! A preview is quick, near to the full answer, and never taken for it.

mod leg_support;

use frostline_freeze::Continue;
use frostline_plan::anatomy::Anatomy;
use frostline_plan::{
    Accuracy, Answer, ApproveError, Assessment, Clinician, Coldest, EvaluateSettings, Plan, PlanParts, Preview,
    Previewer, Resolution, Timestamp, assess, evaluate,
};
use leg_support::{catalogues, leg, parts, plan};

/// Dragged by some millimetres from the plan around which the limb at rest was found.
fn previewed(anatomy: &Anatomy, from: &Plan, dragged: &Plan) -> Preview {
    let catalogues = catalogues();
    Previewer::around(anatomy, from, &catalogues, 2).unwrap().preview(dragged).unwrap()
}

fn skin_c(assessment: &Assessment) -> f64 {
    match assessment.structures.iter().find(|s| s.kind == "skin").map(|s| s.coldest) {
        Some(Coldest::Reached { celsius, .. }) => celsius,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_preview_of_a_dragged_probe_is_as_near_to_the_full_answer_as_it_says() {
    let anatomy = leg("sural", 7.0);
    let from = plan(&anatomy, parts([-1.8, 7.0, 3.0], 90.0));
    let dragged = plan(&anatomy, parts([-1.5, 7.5, 7.0], 90.0));
    let preview = previewed(&anatomy, &from, &dragged);
    let settings = EvaluateSettings {
        accuracy: Accuracy::Fixed(Resolution { fine_mm: 0.5, coarsest_mm: 4.0, after_s: 30.0 }),
        ..EvaluateSettings::default()
    };
    let full = evaluate(&anatomy, &dragged, &catalogues(), &settings, &mut |_| Continue::Yes).unwrap().assessment;
    let (said, rough) = (preview.likely_error, &preview.assessment);
    let off_mm = (rough.nerve.disabled_length_mm - full.nerve.disabled_length_mm).abs();
    assert!(full.nerve.disabled_length_mm > 2.0 && off_mm <= said.disabled_length_mm, "{off_mm}");
    for (a, b) in rough.isotherms.iter().zip(&full.isotherms) {
        assert!(0.5 * (a.width_mm - b.width_mm).abs() <= said.radius_mm, "{a:?} {b:?}");
    }
    let off_k = (skin_c(rough) - skin_c(&full)).abs();
    assert!(off_k <= said.skin_k, "{off_k}");
}

#[test]
fn a_preview_says_what_it_is_and_cannot_be_approved() {
    let anatomy = leg("sural", 11.0);
    let plan = plan(&anatomy, parts([-1.9, 11.0, 3.0], 30.0));
    let preview = previewed(&anatomy, &plan, &plan);
    assert!(preview.is_preview);
    assert!(
        preview.assessment.findings[0].id == "preview" && preview.assessment.findings[0].text.contains("not to be")
    );
    let by = Clinician::new("Anna Berg", "interventional radiologist").unwrap();
    let refused = plan.clone().approve(&preview.assessment, by.clone(), Timestamp::from_unix_s(0));
    assert_eq!(refused.unwrap_err(), ApproveError::OnlyAPreview);
    // Nor is it when its scene and its answer are judged again by hand.
    let answer = Answer::Fixed(Box::new(preview.history));
    let again = assess(&anatomy, &plan, &catalogues(), &preview.built, &answer);
    let refused = plan.approve(&again, by, Timestamp::from_unix_s(0));
    assert_eq!(refused.unwrap_err(), ApproveError::OnlyAPreview);
}

#[test]
fn the_same_drag_gives_the_same_bits_whatever_was_previewed_before() {
    let anatomy = leg("sural", 7.0);
    let catalogues = catalogues();
    let from = plan(&anatomy, parts([-1.8, 7.0, 3.0], 30.0));
    let elsewhere = plan(&anatomy, parts([-3.0, 9.0, 6.0], 30.0));
    let previewer = Previewer::around(&anatomy, &from, &catalogues, 2).unwrap();
    let before = previewer.preview(&elsewhere).unwrap().assessment.fingerprints.answer;
    previewer.preview(&from).unwrap();
    assert_eq!(previewer.preview(&elsewhere).unwrap().assessment.fingerprints.answer, before);
}

#[test]
fn something_warm_on_the_skin_is_seen_in_a_preview_around_a_plan_without_it() {
    let anatomy = leg("sural", 7.0);
    let bare = plan(&anatomy, parts([-1.8, 7.0, 3.0], 60.0));
    let warm = PlanParts { skin_contact: "warm-compress".into(), ..parts([-1.8, 7.0, 3.0], 60.0) };
    let warmed = previewed(&anatomy, &bare, &plan(&anatomy, warm));
    assert!(skin_c(&warmed.assessment) > skin_c(&previewed(&anatomy, &bare, &bare).assessment) + 3.0);
}
