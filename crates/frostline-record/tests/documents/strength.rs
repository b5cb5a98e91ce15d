//! A weak or numb leg forbids driving, whatever it was before; what is weaker is held against the examination before the freeze.

use frostline_record::case::{Case, Judging};
use frostline_record::documents::*;
use serde_json::json;

use crate::fixture::{book, text_of};
use crate::way::{World, and, around, changed, played, power};

struct Papers {
    sheet: String,
    hoja: String,
    report: String,
    letter: String,
}

fn papers(case: &Case, judging: &Judging) -> Papers {
    let (book, visit, around) = (book(), visit_of(case, &around()), around());
    let home = discharge_of(case, judging, &around);
    let of_home = |language| text_of(&discharge(&book, language, &visit, &home).unwrap());
    let done = procedure_of(case, judging, &around);
    Papers {
        sheet: of_home(Language::English),
        hoja: of_home(Language::Spanish),
        report: text_of(&procedure_report(&book, Language::English, &visit, &done).unwrap()),
        letter: text_of(&letter(&book, Language::English, &visit, &letter_of(case, judging, &around)).unwrap()),
    }
}

const END: &str = "2026-03-25T00:00:00Z";

#[test]
fn an_examination_after_the_freeze_is_no_baseline_and_the_sheet_still_forbids_driving() {
    let world = World::new();
    let (case, judging) = played(&world, END);
    let case = and(
        case,
        "2026-03-24T12:00:00Z",
        json!({ "kind": "examined", "body": { "pain": 1, "feeling": "numb", "power": power(2.0, 5.0), "pulses": "yes" } }),
    );
    let body = json!({ "pain": 1, "power": power(2.0, 5.0) });
    let case = and(case, "2026-03-24T12:10:00Z", json!({ "kind": "recovered", "body": body }));
    let papers = papers(&case, &judging);
    assert!(papers.sheet.contains("Your leg is weak. Do not drive."), "{}", papers.sheet);
    assert!(papers.hoja.contains("Su pierna está débil. No maneje."), "{}", papers.hoja);
    assert!(papers.sheet.contains("Long walks | Ask us first"), "{}", papers.sheet);
    assert!(papers.report.contains("peroneus longus | 5 | 2 | 2"), "{}", papers.report);
    assert!(papers.letter.contains("weaker than before the procedure"), "{}", papers.letter);
    // The baseline has pain 7; the later examination 1.
    assert!(papers.report.contains("Pain before (of ten) | 7"), "{}", papers.report);
}

#[test]
fn a_leg_that_was_weak_before_and_is_so_still_forbids_driving_and_is_not_called_weaker() {
    let world = World::new();
    let (case, judging) = played(&world, END);
    let mut case = case;
    for kind in ["examined", "recovered"] {
        case = changed(&case, kind, |body| body["power"] = power(4.0, 5.0));
    }
    let found = discharge_of(&case, &judging, &around());
    assert_eq!((found.weak, letter_of(&case, &judging, &around()).weaker), (Some(true), Some(false)));
    let papers = papers(&case, &judging);
    assert!(papers.sheet.contains("Your leg is weak. Do not drive."), "{}", papers.sheet);
    assert!(papers.letter.contains("The leg was weak when it was last tested"), "{}", papers.letter);
    assert!(!papers.letter.contains("weaker than before the procedure"), "{}", papers.letter);
}

#[test]
fn power_that_came_back_is_shown_with_its_lowest_and_full_power_everywhere_allows_a_day() {
    let world = World::new();
    let (case, judging) = played(&world, END);
    let lost = changed(&case, "logged", |body| {
        if body.get("motor-tested").is_some() {
            body["motor-tested"]["power"] = power(3.0, 5.0);
        }
    });
    assert_eq!(discharge_of(&lost, &judging, &around()).weak, Some(false));
    let papers = papers(&lost, &judging);
    assert!(papers.report.contains("peroneus longus | 5 | 3 | 5"), "{}", papers.report);
    assert!(!papers.sheet.contains("Your leg is weak"), "{}", papers.sheet);
    // A little under full power is weak, and nobody rounds it.
    let almost = changed(&case, "recovered", |body| body["power"] = power(4.99, 5.0));
    assert_eq!(discharge_of(&almost, &judging, &around()).weak, Some(true));
}

#[test]
fn a_muscle_that_nobody_tested_again_is_not_known_unless_it_was_weak() {
    let world = World::new();
    let (case, judging) = played(&world, END);
    let without = |grade: f64| {
        let case = changed(&case, "recovered", |body| {
            body["power"] = json!([{ "muscle": "peroneus longus", "mrc": 5 }]);
        });
        changed(&case, "logged", |body| {
            if body.get("motor-tested").is_some() {
                body["motor-tested"]["power"] = power(5.0, grade);
            }
        })
    };
    assert_eq!(discharge_of(&without(5.0), &judging, &around()).weak, None);
    assert_eq!(discharge_of(&without(3.0), &judging, &around()).weak, Some(true));
    // Tested, and no grade could be said.
    let no_grade = changed(&case, "recovered", |body| body["power"][1]["mrc"] = json!(null));
    assert_eq!(discharge_of(&no_grade, &judging, &around()).weak, None);
}

#[test]
fn a_numb_leg_forbids_driving_in_both_languages_and_gives_no_day_for_sport() {
    let world = World::new();
    let (case, judging) = played(&world, END);
    let numb = changed(&case, "recovered", |body| body["numb_leg"] = json!("yes"));
    let found = papers(&numb, &judging);
    assert!(found.sheet.contains("Your leg is numb. Do not drive while it is numb."), "{}", found.sheet);
    assert!(found.hoja.contains("Su pierna está dormida. No maneje"), "{}", found.hoja);
    assert!(found.sheet.contains("Long walks | Ask us first"), "{}", found.sheet);
    assert!(found.letter.contains("The leg was numb after the procedure."), "{}", found.letter);
    let felt = changed(&case, "recovered", |body| body["numb_leg"] = json!("no"));
    let found = papers(&felt, &judging);
    assert!(!found.sheet.contains("Your leg is numb"), "{}", found.sheet);
    assert!(found.sheet.contains("Long walks | Friday"), "{}", found.sheet);
}
