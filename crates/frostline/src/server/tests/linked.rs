//! Two nerves of one patient in one session: who may be linked, how they are booked, what is counted over both.

use axum::http::Method;
use frostline_record::case::{Second, Signer};
use frostline_record::rules::Role;
use serde_json::{Value, json};

use super::clinic::{Answer, Browser, Clinic, on_both};
use super::practice::{session, steps_with_booked, supplied};
use crate::cases::Wanted;
use crate::played::Way;

/// A case of the made-up patient as far as its plan, about another nerve; `change` changes each of its steps.
async fn planned(clinic: &Clinic, nerve: &str, change: impl Fn(&mut Value)) -> String {
    let mut opened = None;
    for entry in Way::bundled().unwrap().entries {
        let text = entry.step.to_string().replace("\"sural\"", &format!("\"{nerve}\""));
        let mut step: Value = serde_json::from_str(&text).unwrap();
        change(&mut step);
        let by = Signer { account: entry.by.clone(), name: entry.by.clone(), role: entry.role };
        let at = Second(entry.time().as_second());
        let wanted = Wanted { step: serde_json::from_value(step).unwrap(), by, at, seen: None, command: None };
        match opened {
            None => opened = Some(clinic.state.cases.open(wanted).await.unwrap().id),
            Some(case) => drop(clinic.state.cases.sign(case, wanted).await.unwrap()),
        }
        if entry.kind() == "planned" {
            break;
        }
    }
    opened.unwrap().to_string()
}

fn born_later(step: &mut Value) {
    if step["kind"] == "referred" {
        step["body"]["patient"]["born"] = json!("1970-01-01");
    }
}

fn together(case: &str, nerve: &str) -> Value {
    json!([{ "case": case, "site": { "nerve": nerve, "side": "left" } }])
}

/// Asks for a session of 9 o'clock, with the case as it is now.
async fn book(browser: &mut Browser, case: &str, (id, minutes, parts): (&str, i64, Value)) -> Answer {
    let mut asked = session(id, "09:00");
    asked["needs"]["room_minutes"] = json!(minutes);
    asked["together_with"] = parts;
    let seen = browser.get(&format!("/api/v1/cases/{case}")).await.headers["etag"].to_str().unwrap().to_owned();
    let path = format!("/api/v1/cases/{case}/booking");
    browser.with("if-match", &seen, (Method::POST, path.as_str(), Some(asked))).await
}

#[tokio::test]
async fn a_session_of_two_nerves_is_booked_in_both_cases_or_in_none_and_coded_once() {
    on_both(async |clinic| {
        let mut nurse = clinic.signed_in(Role::Nurse).await;
        supplied(&mut nurse).await;
        let (sural, saphenous) = (planned(&clinic, "sural", |_| {}).await, planned(&clinic, "saph_leg", |_| {}).await);
        let somebody_else = planned(&clinic, "saph_leg", born_later).await;

        let refused = book(&mut nurse, &sural, ("b-1", 120, together(&somebody_else, "saph_leg"))).await;
        assert_eq!(refused.status, 422, "{refused:?}");
        assert!(refused.text("/errors/0/detail").contains("another case of this patient"), "{refused:?}");
        let refused = book(&mut nurse, &sural, ("b-1", 45, together(&saphenous, "saph_leg"))).await;
        assert_eq!(refused.status, 422, "{refused:?}");
        let said = refused.text("/errors/0/detail");
        assert!(said.contains("found 45 min") && said.contains("sural left and saph_leg left"), "{refused:?}");
        assert_eq!(nurse.get("/api/v1/site").await.body["bookings"], json!([]));
        for case in [&sural, &saphenous, &somebody_else] {
            assert_eq!(steps_with_booked(&mut nurse, case).await, 0);
        }

        let booked = book(&mut nurse, &sural, ("b-1", 120, together(&saphenous, "saph_leg"))).await;
        assert_eq!(booked.status, 201, "{booked:?}");
        assert_eq!(nurse.get("/api/v1/site").await.body["bookings"].as_array().unwrap().len(), 1);
        for (case, other, nerve) in [(&sural, &saphenous, "saph_leg"), (&saphenous, &sural, "sural")] {
            let steps = nurse.get(&format!("/api/v1/cases/{case}/steps")).await.body;
            let last = &steps.as_array().unwrap().last().unwrap()["step"];
            assert_eq!((&last["kind"], &last["body"]["minutes"]), (&json!("booked"), &json!(120)));
            assert_eq!(last["body"]["together_with"], together(other, nerve));
            let coding = nurse.get(&format!("/api/v1/cases/{case}/coding")).await;
            assert_eq!(
                coding.body["lines"][0]["units"],
                json!({ "units": 2, "modifiers": ["LT", "59"] }),
                "{coding:?}"
            );
        }
        let alone = nurse.get(&format!("/api/v1/cases/{somebody_else}/coding")).await;
        assert_eq!(alone.body["lines"][0]["units"], json!({ "units": 1, "modifiers": ["LT"] }), "{alone:?}");
    })
    .await;
}

#[tokio::test]
async fn a_case_that_is_not_there_and_one_of_somebody_else_are_told_alike() {
    let clinic = Clinic::open().await;
    let mut nurse = clinic.signed_in(Role::Nurse).await;
    let (sural, saphenous) = (planned(&clinic, "sural", |_| {}).await, planned(&clinic, "saph_leg", |_| {}).await);
    let somebody_else = planned(&clinic, "saph_leg", born_later).await;
    let mut booked = Way::bundled().unwrap().entries.into_iter().find(|entry| entry.kind() == "booked").unwrap().step;
    booked["body"]["start"] = json!("2027-01-16T09:00Z");
    let nobody = "018f0000-0000-7000-8000-000000000000";
    let (try_path, sign_path) = (format!("/api/v1/cases/{sural}/steps/try"), format!("/api/v1/cases/{sural}/steps"));
    let seen = nurse.get(&format!("/api/v1/cases/{sural}")).await.headers["etag"].to_str().unwrap().to_owned();
    let with = |case: &str, nerve: &str| {
        let mut step = booked.clone();
        step["body"]["together_with"] = together(case, nerve);
        json!({ "step": step })
    };
    let mut said = Vec::new();
    for case in [somebody_else.as_str(), nobody, sural.as_str()] {
        let tried = nurse.post(&try_path, with(case, "saph_leg")).await;
        assert_eq!(tried.body["possible"], json!(false), "{tried:?}");
        let refused = nurse.with("if-match", &seen, (Method::POST, &sign_path, Some(with(case, "saph_leg")))).await;
        assert_eq!(refused.status, 422, "{refused:?}");
        said.push(refused.text("/errors/0/detail").replace(case, "X"));
    }
    assert!(said[0].contains("expected the name of another case of this patient"), "{said:?}");
    assert!(said.iter().all(|one| *one == said[0]), "{said:?}");
    let other_nerve = nurse.post(&try_path, with(&saphenous, "saph_ankle")).await;
    assert!(other_nerve.text("/problem").contains("is about saph_leg left"), "{other_nerve:?}");
    let taken = nurse.with("if-match", &seen, (Method::POST, &sign_path, Some(with(&saphenous, "saph_leg")))).await;
    assert_eq!(taken.status, 201, "{taken:?}");
}

#[tokio::test]
async fn a_session_that_is_moved_or_cancelled_is_so_in_the_calendar_and_in_every_case_of_it() {
    on_both(async |clinic| {
        let mut nurse = clinic.signed_in(Role::Nurse).await;
        supplied(&mut nurse).await;
        let (sural, saphenous) = (planned(&clinic, "sural", |_| {}).await, planned(&clinic, "saph_leg", |_| {}).await);
        let booked = book(&mut nurse, &sural, ("b-1", 120, together(&saphenous, "saph_leg"))).await;
        assert_eq!(booked.status, 201, "{booked:?}");
        let last = async |nurse: &mut Browser, case: &str| {
            let steps = nurse.get(&format!("/api/v1/cases/{case}/steps")).await.body;
            let steps = steps.as_array().unwrap().clone();
            (steps.len(), steps.last().unwrap()["step"].clone())
        };
        let before = last(&mut nurse, &saphenous).await.0;

        let night = json!({ "start": "2027-01-15T22:00Z" });
        assert_eq!(nurse.post("/api/v1/site/bookings/b-1/move", night).await.status, 409, "the room is closed");
        assert_eq!(last(&mut nurse, &saphenous).await.0, before, "nothing is signed of what did not happen");

        let moved = nurse.post("/api/v1/site/bookings/b-1/move", json!({ "start": "2027-01-15T13:00Z" })).await;
        assert_eq!(moved.status, 200, "{moved:?}");
        assert_eq!(moved.body["bookings"][0]["allocation"]["in_room"]["from"], "2027-01-15T13:00Z");
        for (case, other, nerve) in [(&sural, &saphenous, "saph_leg"), (&saphenous, &sural, "sural")] {
            let (_, step) = last(&mut nurse, case).await;
            assert_eq!((&step["kind"], &step["body"]["start"]), (&json!("booked"), &json!("2027-01-15T13:00Z")));
            assert_eq!(step["body"]["together_with"], together(other, nerve));
        }

        let unknown = nurse.post("/api/v1/site/bookings/b-1/cancel", json!({ "reason": "because" })).await;
        assert_eq!(unknown.status, 422, "{unknown:?}");
        let off = nurse.post("/api/v1/site/bookings/b-1/cancel", json!({ "reason": "not-fasted" })).await;
        assert_eq!((off.status, &off.body["bookings"][0]["state"]), (200, &json!("cancelled")), "{off:?}");
        let audited = clinic.audited().await.pop().unwrap();
        assert_eq!((&audited["operation"], &audited["case"]), (&json!("cancel_booking"), &json!(sural)));
        for case in [&sural, &saphenous] {
            let (steps, step) = last(&mut nurse, case).await;
            assert_eq!((steps, &step["kind"]), (before + 2, &json!("cancelled")));
            assert_eq!(step["body"]["code"], "Z53.09");
            assert_eq!(step["body"]["reason"], "ate or drank too late before sedation");
        }
        assert!(clinic.state.store.verify(None, 0).await.unwrap().faults.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_case_that_says_another_time_keeps_it_and_the_worklist_tells_that_the_two_differ() {
    let clinic = Clinic::open().await;
    let mut nurse = clinic.signed_in(Role::Nurse).await;
    supplied(&mut nurse).await;
    let sural = planned(&clinic, "sural", |_| {}).await;
    assert_eq!(book(&mut nurse, &sural, ("b-1", 120, json!([]))).await.status, 201);
    let disagreements = async |nurse: &mut Browser| {
        let list = nurse.get("/api/v1/worklist").await.body;
        let list = list.as_array().unwrap().iter().filter(|entry| entry["topic"] == "disagreement");
        list.map(|entry| entry["what"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(disagreements(&mut nurse).await, Vec::<String>::new());
    // Somebody writes another time into the case, past the calendar.
    let mut step = Way::bundled().unwrap().entries.into_iter().find(|entry| entry.kind() == "booked").unwrap().step;
    step["body"]["start"] = json!("2027-01-16T09:00Z");
    let seen = nurse.get(&format!("/api/v1/cases/{sural}")).await.headers["etag"].to_str().unwrap().to_owned();
    let path = format!("/api/v1/cases/{sural}/steps");
    let signed = nurse.with("if-match", &seen, (Method::POST, &path, Some(json!({ "step": step })))).await;
    assert_eq!(signed.status, 201, "{signed:?}");
    let told = disagreements(&mut nurse).await;
    assert!(told.len() == 1 && told[0].contains("the case says 2027-01-16T09:00Z"), "{told:?}");

    // Another room at the same time is the same booking, and goes with it.
    let other = planned(&clinic, "saph_leg", |_| {}).await;
    let mut asked = session("b-2", "15:00");
    asked["needs"]["room_minutes"] = json!(120);
    let seen = nurse.get(&format!("/api/v1/cases/{other}")).await.headers["etag"].to_str().unwrap().to_owned();
    let to = format!("/api/v1/cases/{other}/booking");
    assert_eq!(nurse.with("if-match", &seen, (Method::POST, to.as_str(), Some(asked))).await.status, 201);
    step["body"]["start"] = json!("2027-01-15T15:00Z");
    step["body"]["room"] = json!("the room upstairs");
    let seen = nurse.get(&format!("/api/v1/cases/{other}")).await.headers["etag"].to_str().unwrap().to_owned();
    let of_other = format!("/api/v1/cases/{other}/steps");
    let signed = nurse.with("if-match", &seen, (Method::POST, &of_other, Some(json!({ "step": step })))).await;
    assert_eq!(signed.status, 201, "{signed:?}");
    let off = nurse.post("/api/v1/site/bookings/b-2/cancel", json!({ "reason": "patient-decided" })).await;
    assert_eq!(off.status, 200, "{off:?}");
    let steps = nurse.get(&of_other).await.body;
    assert_eq!(steps.as_array().unwrap().last().unwrap()["step"]["kind"], "cancelled");

    let off = nurse.post("/api/v1/site/bookings/b-1/cancel", json!({ "reason": "patient-decided" })).await;
    assert_eq!(off.status, 200, "{off:?}");
    let steps = nurse.get(&path).await.body;
    assert_eq!(steps.as_array().unwrap().last().unwrap()["step"]["kind"], "booked", "the case keeps its time");
    assert_eq!(disagreements(&mut nurse).await, Vec::<String>::new());
}
