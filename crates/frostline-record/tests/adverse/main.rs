//! How bad, on three scales; what must be known before an event is closed.

use frostline_plan::catalogue::{Sources, Status};
use frostline_record::adverse::{AdverseTerms, EventRefused, Grades, allergies_after};
use frostline_record::case::steps::{AdverseEvent, EventOutcome, EventSettled, EventTreatment, Management, Severity};
use frostline_record::rules::{Answer, Causality, RuleBook, Verdict};

fn book() -> RuleBook {
    RuleBook::bundled().unwrap()
}

fn terms() -> AdverseTerms {
    AdverseTerms::bundled().unwrap()
}

/// Every question answered by no; no unplanned stay.
fn harmless() -> Severity {
    Severity {
        death: Answer::No,
        life_threatening: Answer::No,
        hospital: Answer::No,
        stay_hours: Some(0.0),
        severe_lasting: Answer::No,
        mild_lasting: Answer::No,
        self_care_limited: Answer::No,
        household_limited: Answer::No,
        treatment: Answer::No,
        intervention: Answer::No,
    }
}

fn grades(severity: Severity) -> (Option<u8>, Option<u8>, Option<u8>) {
    let found = Grades::of(&book(), &terms(), &severity, Answer::Yes);
    (found.cirse, found.ctcae, found.sir.map(|sir| sir.grade))
}

#[test]
fn one_set_of_answers_gives_a_grade_on_every_scale() {
    let yes = Answer::Yes;
    assert_eq!(grades(harmless()), (Some(1), Some(1), Some(1)));
    assert_eq!(grades(Severity { treatment: yes, ..harmless() }), (Some(3), Some(2), Some(2)));
    assert_eq!(grades(Severity { mild_lasting: yes, ..harmless() }), (Some(4), Some(1), Some(3)));
    assert_eq!(grades(Severity { hospital: yes, stay_hours: Some(24.0), ..harmless() }), (Some(2), Some(3), Some(3)));
    assert_eq!(grades(Severity { life_threatening: yes, ..harmless() }), (Some(1), Some(4), Some(4)));
    assert_eq!(grades(Severity { death: yes, ..harmless() }), (Some(6), Some(5), Some(5)));
}

#[test]
fn a_stay_of_48_hours_is_short_and_one_minute_more_is_long() {
    assert_eq!(grades(Severity { stay_hours: Some(48.0), ..harmless() }), (Some(2), Some(1), Some(2)));
    assert_eq!(grades(Severity { stay_hours: Some(48.02), ..harmless() }), (Some(3), Some(1), Some(3)));
}

#[test]
fn a_question_without_an_answer_leaves_the_grade_open_unless_something_worse_was_said() {
    assert_eq!(grades(Severity { death: Answer::NotAsked, ..harmless() }), (None, None, None));
    let worse = Severity { life_threatening: Answer::Yes, treatment: Answer::NotAsked, ..harmless() };
    assert_eq!(grades(worse), (None, Some(4), Some(4)));
    assert_eq!(grades(Severity { stay_hours: Some(-1.0), ..harmless() }).2, None);
    assert_eq!(grades(Severity { stay_hours: Some(f64::NAN), ..harmless() }).2, None);
}

#[test]
fn sir_says_that_its_grades_are_recalled() {
    let found = Grades::of(&book(), &terms(), &harmless(), Answer::Yes).sir.unwrap();
    assert_eq!((found.name.as_str(), found.status), ("mild", Status::RecalledUnverified));
}

#[test]
fn a_serious_or_unexpected_event_goes_to_quality() {
    let review = |severity, expected| Grades::of(&book(), &terms(), &severity, expected).rulings[3].verdict;
    assert_eq!(review(harmless(), Answer::Yes), Verdict::Ok);
    assert_eq!(review(harmless(), Answer::No), Verdict::Human);
    assert_eq!(review(Severity { hospital: Answer::Yes, ..harmless() }, Answer::Yes), Verdict::Human);
}

fn event(term: &str) -> AdverseEvent {
    AdverseEvent {
        event: "1".to_owned(),
        term: term.to_owned(),
        words: "a bruise of 3 cm".to_owned(),
        severity: harmless(),
        expected: Answer::Yes,
        causality: Causality::ProbablyLikely,
        step: None,
        done: None,
        treated: Vec::new(),
        allergen: None,
        began: None,
        due: None,
        answers_for: Vec::new(),
    }
}

fn close(event: &AdverseEvent, outcome: EventOutcome, severity: Severity) -> Result<(), EventRefused> {
    let words = "gone".to_owned();
    let settled = EventSettled { event: "1".to_owned(), outcome, severity, treated: Vec::new(), words, due: None };
    terms().may_close(&book(), event, &settled)
}

#[test]
fn an_event_is_closed_only_with_an_outcome_that_ends_it() {
    let bruise = event("bruise");
    assert_eq!(close(&bruise, EventOutcome::Resolved, harmless()), Ok(()));
    assert_eq!(close(&bruise, EventOutcome::Unknown, harmless()), Ok(()));
    for open in [EventOutcome::Ongoing, EventOutcome::Recovering] {
        assert!(matches!(close(&bruise, open, harmless()), Err(EventRefused::NotOver { .. })));
    }
}

#[test]
fn an_event_without_a_grade_is_not_closed_and_the_scales_are_named() {
    let open = Severity { treatment: Answer::NotAsked, ..harmless() };
    let refused = close(&event("bruise"), EventOutcome::Resolved, open).unwrap_err().to_string();
    assert!(refused.contains("CIRSE, CTCAE, SIR"), "{refused}");
}

#[test]
fn an_outcome_that_contradicts_the_answers_is_refused() {
    let bruise = event("bruise");
    let lasting = Severity { mild_lasting: Answer::Yes, ..harmless() };
    assert!(matches!(close(&bruise, EventOutcome::Resolved, lasting), Err(EventRefused::Contradiction { .. })));
    assert_eq!(close(&bruise, EventOutcome::ResolvedWithSequelae, lasting), Ok(()));
    let sequelae = close(&bruise, EventOutcome::ResolvedWithSequelae, harmless());
    assert!(matches!(sequelae, Err(EventRefused::Contradiction { .. })));
    assert!(matches!(close(&bruise, EventOutcome::Fatal, harmless()), Err(EventRefused::Contradiction { .. })));
    let death = Severity { death: Answer::Yes, ..harmless() };
    assert_eq!(close(&bruise, EventOutcome::Fatal, death), Ok(()));
    assert!(matches!(close(&bruise, EventOutcome::Resolved, death), Err(EventRefused::Contradiction { .. })));
}

#[test]
fn an_allergic_reaction_needs_its_agent_which_joins_the_allergies_once() {
    let mut reaction = event("allergy");
    assert!(matches!(close(&reaction, EventOutcome::Resolved, harmless()), Err(EventRefused::Lacks { .. })));
    reaction.allergen = Some(" Chlorhexidine".to_owned());
    assert_eq!(close(&reaction, EventOutcome::Resolved, harmless()), Ok(()));
    assert_eq!(allergies_after(&["latex"], &reaction), ["latex", "Chlorhexidine"]);
    assert_eq!(allergies_after(&["chlorhexidine", "latex"], &reaction), ["chlorhexidine", "latex"]);
    assert_eq!(allergies_after(&["latex"], &event("bruise")), ["latex"]);
}

#[test]
fn a_term_that_nobody_lists_is_refused() {
    let refused = terms().sound(&event("brusie")).unwrap_err().to_string();
    assert!(refused.contains("found the term 'brusie'") && refused.contains("such as bruise;"), "{refused}");
    assert!(refused.contains("'other', with what happened in words"), "{refused}");
    // Nothing looks like it: every key is named.
    let refused = terms().sound(&event("qqqqqq")).unwrap_err().to_string();
    assert!(terms().all().iter().all(|term| refused.contains(&term.id)), "{refused}");
}

#[test]
fn a_term_is_found_by_what_people_write_for_it() {
    let near = |written: &str| match terms().listed(written) {
        Err(EventRefused::UnknownTerm { near, .. }) => near,
        other => panic!("{written}: {other:?}"),
    };
    for (written, meant) in [
        ("Hematoma", "haematoma"),
        ("bruising", "bruise"),
        ("sore", "soreness"),
        ("moretón", "bruise"),
        ("allergic reaction", "allergy"),
        ("infected", "infection"),
        ("nerve pain", "dysaesthesia"),
    ] {
        assert!(near(written).contains(&meant.to_owned()), "{written}: {:?}", near(written));
    }
}

/// The events that the request names, as they usually go, each with its three grades: CIRSE, CTCAE, SIR.
#[test]
fn the_events_of_the_request_have_the_grades_of_their_usual_course() {
    let yes = Answer::Yes;
    let treated = Severity { treatment: yes, ..harmless() };
    let courses = [
        // Gone by itself, with cold packs and time.
        ("soreness", harmless(), (1, 1, 1)),
        ("bruise", harmless(), (1, 1, 1)),
        // Under an anticoagulant: pressed, imaged, watched for a night.
        ("haematoma", Severity { hospital: yes, stay_hours: Some(20.0), ..harmless() }, (2, 3, 3)),
        // The same, drained.
        (
            "haematoma",
            Severity { hospital: yes, stay_hours: Some(20.0), treatment: yes, intervention: yes, ..harmless() },
            (3, 3, 3),
        ),
        // Burning for weeks, with drugs for nerve pain; and one that stays.
        ("dysaesthesia", Severity { household_limited: yes, ..treated }, (3, 2, 2)),
        ("dysaesthesia", Severity { mild_lasting: yes, ..treated }, (4, 2, 3)),
        ("weakness", Severity { severe_lasting: yes, self_care_limited: yes, ..treated }, (5, 3, 4)),
        // Antibiotics by mouth; and a week in hospital.
        ("infection", treated, (3, 2, 2)),
        ("infection", Severity { hospital: yes, stay_hours: Some(168.0), ..treated }, (3, 3, 3)),
        // A rash with an antihistamine; and shock.
        ("allergy", treated, (3, 2, 2)),
        ("allergy", Severity { life_threatening: yes, hospital: yes, stay_hours: Some(24.0), ..treated }, (3, 4, 4)),
    ];
    for (term, severity, (cirse, ctcae, sir)) in courses {
        assert!(terms().find(term).is_some(), "{term}");
        assert_eq!(grades(severity), (Some(cirse), Some(ctcae), Some(sir)), "{term}: {severity:?}");
    }
}

#[test]
fn antibiotics_and_interventions_are_treatment_and_pain_relief_alone_is_not() {
    let with = |kind| {
        let treated = vec![EventTreatment { kind, what: "as named".to_owned(), dose: None, from: None, until: None }];
        AdverseEvent { treated, ..event("infection") }
    };
    for kind in [Management::Antibiotics, Management::FurtherIntervention] {
        let refused = close(&with(kind), EventOutcome::Resolved, harmless()).unwrap_err().to_string();
        assert!(refused.contains(kind.word()) && refused.contains("'no'"), "{refused}");
        let answered = Severity { treatment: Answer::Yes, ..harmless() };
        assert_eq!(close(&with(kind), EventOutcome::Resolved, answered), Ok(()));
    }
    assert_eq!(close(&with(Management::PainRelief), EventOutcome::Resolved, harmless()), Ok(()));
}

#[test]
fn weakness_says_what_to_do_at_once() {
    let terms = terms();
    let acts: Vec<&str> = terms.watch_for("weakness").map(|watch| watch.act.value.what.as_str()).collect();
    assert!(acts.len() == 1 && acts[0].starts_with("stop freezing"), "{acts:?}");
}

#[test]
fn grades_that_leave_one_out_are_refused() {
    let text = include_str!("../../../../data/adverse_terms.toml").replace("grade = 3\n", "grade = 7\n");
    let sources = Sources::from_toml(include_str!("../../../../data/sources.toml")).unwrap();
    let refused = AdverseTerms::from_toml(&text, &sources).unwrap_err().to_string();
    assert!(refused.contains("[5, 4, 7, 2, 1]"), "{refused}");
}
