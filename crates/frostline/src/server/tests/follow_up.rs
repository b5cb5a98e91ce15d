//! Questionnaires, outcomes, events and groups of patients over the interface.

use axum::http::Method;
use frostline_record::rules::Role;
use serde_json::{Value, json};

use super::clinic::{Browser, Clinic, PASSWORD, on_both};
use crate::cases::Knowledge;

/// The patient of the way was treated on 24 March 2026; month 3 is 23 June.
const MONTH_3: &str = "2026-06-23T09:00:00Z";

fn set_clock(clinic: &Clinic, at: &str) {
    clinic.state.clock.set(at.parse().unwrap());
}

/// Good answers to everything that must be answered after months, with changes; an empty one leaves a question out.
fn given(changes: &[(&str, &str)]) -> Value {
    let scores = ["average-pain", "worst-pain", "global-impression", "satisfaction", "activity"].map(|key| (key, "2"));
    let flags =
        ["weakness", "white-skin", "swelling", "fever", "spreading-burning", "bone-pain", "toxic-signs", "clot"];
    let all = scores.into_iter().chain([("would-repeat", "yes")]).chain(flags.map(|key| (key, "no")));
    let mut answers: serde_json::Map<String, Value> = all.map(|(key, said)| (key.to_owned(), json!(said))).collect();
    for (key, said) in changes {
        answers.insert((*key).to_owned(), json!(said));
    }
    Value::Object(answers)
}

fn body(time: &str, changes: &[(&str, &str)]) -> Value {
    json!({ "time": time, "answers": given(changes) })
}

fn time<'a>(view: &'a Value, key: &str) -> &'a Value {
    view["times"].as_array().unwrap().iter().find(|time| time["time"] == key).unwrap()
}

#[tokio::test]
async fn a_patient_is_asked_what_is_due_in_two_languages_and_answers_count_once_they_are_whole() {
    on_both(async |clinic| {
        set_clock(&clinic, MONTH_3);
        let by = clinic.account("inviter", &[Role::Nurse]).await;
        let mut nurse = clinic.signed_in(Role::Nurse).await;
        let case = clinic.case_until("report-signed").await;
        let mut patient = clinic.patient_of(&case, &by).await;
        let mut other = clinic.patient_of(&clinic.case().await, &by).await;
        let view = patient.get("/api/v1/patient/questionnaires").await.body;
        let month_3 = time(&view, "month-3");
        assert_eq!((&month_3["state"], &month_3["on"]), (&json!("open"), &json!("2026-06-23")));
        let first = &month_3["questions"][0];
        assert_eq!((&first["id"], &first["must"]), (&json!("average-pain"), &json!(true)));
        assert!(first["en"].as_str().unwrap().starts_with("How strong"), "{first}");
        assert!(first["es"].as_str().unwrap().starts_with("¿Qué tan fuerte"), "{first}");
        assert_eq!(month_3["open"].as_array().unwrap().len(), 6 + 8);
        assert_eq!(
            (&time(&view, "week-6")["state"], &time(&view, "month-6")["state"]),
            (&json!("missed"), &json!("later"))
        );
        assert_eq!(time(&view, "month-6")["questions"], json!([]));
        let flags = view["red_flags"].as_array().unwrap();
        assert!(flags.len() == 8 && flags.iter().all(|flag| flag["en"] != flag["es"]), "{flags:?}");

        let path = "/api/v1/patient/answers";
        let partial = patient.post(path, body("month-3", &[("activity", ""), ("clot", "")])).await;
        assert_eq!((partial.status, &partial.body["answered"]), (201, &json!(false)), "{partial:?}");
        assert_eq!(partial.body["open"], json!(["activity", "clot"]));
        let rest = json!({ "time": "month-3", "answers": { "activity": "8", "clot": "no" } });
        let rest = patient.post(path, rest).await;
        assert_eq!(
            (&rest.body["answered"], &rest.body["open"], &rest.body["came"]),
            (&json!(true), &json!([]), &json!("in-time"))
        );
        let early = patient.post(path, body("month-12", &[("fever", "yes")])).await;
        assert_eq!((&early.body["came"], &early.body["answered"]), (&json!("too-early"), &json!(false)));
        assert_eq!((&early.body["call_now"], &rest.body["call_now"]), (&json!(true), &json!(false)));

        let seen = nurse.get(&format!("/api/v1/cases/{case}/questionnaires")).await.body;
        assert_eq!(
            (&time(&seen, "month-3")["state"], &time(&seen, "month-12")["state"]),
            (&json!("answered"), &json!("later"))
        );
        assert_eq!(seen["answers"].as_array().unwrap().len(), 3, "what counts for nothing is shown as well");
        assert_eq!(seen["answers"][2]["came"], "too-early");
        let of_other = other.get("/api/v1/patient/questionnaires").await.body;
        assert_eq!((&of_other["times"], &of_other["answers"]), (&json!([]), &json!([])));
        assert_eq!(other.post(path, body("month-3", &[])).await.status, 409, "nobody froze a nerve of theirs");
    })
    .await;
}

#[tokio::test]
async fn everything_that_is_no_answer_is_told_at_once_by_its_place() {
    on_both(async |clinic| {
        set_clock(&clinic, MONTH_3);
        let by = clinic.account("inviter", &[Role::Nurse]).await;
        let case = clinic.case_until("report-signed").await;
        let mut patient = clinic.patient_of(&case, &by).await;
        let mut nurse = clinic.signed_in(Role::Nurse).await;
        let wrong = [("average-pain", "11"), ("weakness", "perhaps"), ("a/b", "1")];
        let refused = patient.post("/api/v1/patient/answers", body("month-3", &wrong)).await;
        let pointers = |answer: &super::clinic::Answer| {
            let errors = answer.body["errors"].as_array().unwrap().iter();
            errors.map(|one| one["pointer"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(refused.status, 422, "{refused:?}");
        assert_eq!(pointers(&refused), ["/answers/a~1b", "/answers/average-pain", "/answers/weakness"]);
        let unknown = patient.post("/api/v1/patient/answers", body("month-5", &[])).await;
        assert_eq!((unknown.status, pointers(&unknown)), (422, vec!["/time".to_owned()]));
        // A site that says nothing may use no questionnaire of others.
        let path = format!("/api/v1/cases/{case}/answers");
        let mut scored = body("month-3", &[("activity", "ten")]);
        scored["scores"] = json!({ "lefs": 50.0, "sf-36": 1 });
        let refused = nurse.post(&path, scored).await;
        assert_eq!(pointers(&refused), ["/answers/activity", "/scores/lefs", "/scores/sf-36"], "{refused:?}");
        assert!(refused.body["errors"][1]["detail"].as_str().unwrap().contains("belongs to others"), "{refused:?}");
        // The step itself says the same.
        let step = json!({ "step": { "kind": "answered", "body": { "time": "month-3", "activity": 11, "satisfaction": 12,
            "red_flags": { "fewer": "no" } } } });
        let refused = nurse.post(&format!("/api/v1/cases/{case}/steps"), step).await;
        let expected = ["/step/body/red_flags/fewer", "/step/body/satisfaction", "/step/body/activity"];
        assert_eq!((refused.status, pointers(&refused)), (422, expected.map(str::to_owned).to_vec()), "{refused:?}");
        let none = nurse.get(&format!("/api/v1/cases/{case}/questionnaires")).await.body;
        assert_eq!((&none["answers"], &none["instruments"]), (&json!([]), &json!([])));
    })
    .await;
}

#[test]
fn a_site_says_which_questionnaires_of_others_it_may_use() {
    let site = Knowledge::bundled("UTC").unwrap().with_questionnaires(&["lefs".to_owned()]).unwrap();
    let questionnaires = site.pathway().questionnaires();
    assert!(questionnaires.scored("lefs", 50.0).is_ok() && questionnaires.scored("womac", 50.0).is_err());
    assert!(site.with_questionnaires(&["sf-36".to_owned()]).is_err());
}

#[tokio::test]
async fn the_outcome_lies_beside_every_study_and_the_site_sees_its_group_without_reading_a_case() {
    on_both(async |clinic| {
        set_clock(&clinic, "2027-03-27T09:00:00Z");
        let mut quality = clinic.signed_in(Role::Quality).await;
        let case = clinic.case_until("closed").await;
        clinic.case().await;
        let read = quality.get(&format!("/api/v1/cases/{case}/outcome")).await.body;
        let result = &read["result"];
        assert_eq!((&result["outcome"]["label"], &read["treated_on"]), (&json!("relapsed"), &json!("2026-03-24")));
        assert_eq!(result["beside"]["studies"].as_array().unwrap().len(), 16);
        assert!(result["beside"]["notice"].as_str().unwrap().starts_with("Not adjusted"));
        assert!(result["repeat"]["proposal"].as_str().unwrap().contains("new case"));
        assert_eq!((read["answers"].as_array().unwrap().len(), &result["escalations"]), (6, &json!([])));
        let events = quality.get(&format!("/api/v1/cases/{case}/events")).await.body;
        assert_eq!(
            (&events[0]["state"]["is"], &events[0]["lacks"], &events[0]["term"]),
            (&json!("closed"), &json!(null), &json!("bruise"))
        );

        let before = clinic.state.store.streams_read();
        let group = quality.get("/api/v1/quality/cohort").await.body;
        assert_eq!(clinic.state.store.streams_read(), before);
        assert_eq!((&group["patients"], &group["unreadable"]), (&json!(1), &json!(0)));
        assert!(group["notice"].as_str().unwrap().starts_with("Not adjusted"));
        let month_12 = &group["times"][5];
        assert_eq!(
            (&month_12["time"], &month_12["not_yet"], &month_12["ruling"]["rule"]),
            (&json!("month-12"), &json!(0), &json!("O-07"))
        );
        for (asked, patients) in [
            ("nerve=sural", 1),
            ("nerve=saph_leg", 0),
            ("from=2026-03-24", 1),
            ("from=2026-03-25", 0),
            ("until=2026-03-24", 1),
            ("until=2026-03-23", 0),
        ] {
            let found = quality.get(&format!("/api/v1/quality/cohort?{asked}")).await.body;
            assert_eq!(found["patients"], patients, "{asked}");
        }
        for wrong in ["nerve=ulnar", "from=yesterday"] {
            assert_eq!(quality.get(&format!("/api/v1/quality/cohort?{wrong}")).await.status, 400, "{wrong}");
        }
        let untreated = clinic.case().await;
        let read = quality.get(&format!("/api/v1/cases/{untreated}/outcome")).await;
        assert_eq!((read.status, &read.body["result"]), (200, &json!(null)));
    })
    .await;
}

async fn about(nurse: &mut Browser, case: &str) -> Vec<(String, String)> {
    let lines = nurse.get("/api/v1/worklist").await.body;
    let of_case = lines.as_array().unwrap().iter().filter(|line| line["case"] == case);
    of_case
        .map(|line| (line["topic"].as_str().unwrap().to_owned(), line["what"].as_str().unwrap().to_owned()))
        .collect()
}

#[tokio::test]
async fn a_case_that_was_closed_at_month_3_stays_on_the_lists_until_month_12_is_answered() {
    on_both(async |clinic| {
        set_clock(&clinic, "2026-06-25T09:00:00Z");
        let mut nurse = clinic.signed_in(Role::Nurse).await;
        let case = clinic.case_until("event-settled").await;
        let at = format!("/api/v1/cases/{case}");
        assert_eq!(nurse.post(&format!("{at}/answers"), body("month-3", &[])).await.status, 201);
        let end = json!({ "step": { "kind": "closed", "body": { "reason": "month 3 answered", "lost_to_follow_up": "no" } } });
        let tag = nurse.get(&at).await.headers["etag"].to_str().unwrap().to_owned();
        let closed = nurse.with("if-match", &tag, (Method::POST, &format!("{at}/steps"), Some(end))).await;
        assert_eq!((closed.status, closed.text("/stage")), (201, "closed"), "{closed:?}");
        assert_eq!(about(&mut nurse, &case).await, []);

        for (now, lines) in [("2026-09-25T09:00:00Z", 0), ("2026-09-26T09:00:00Z", 1), ("2027-03-21T09:00:00Z", 0), ("2027-03-28T09:00:00Z", 1)] {
            set_clock(&clinic, now);
            nurse.sign_in("nurse", PASSWORD).await;
            let found = about(&mut nurse, &case).await;
            assert!(found.len() == lines && found.iter().all(|(topic, _)| topic == "overdue"), "{now}: {found:?}");
        }
        let last = nurse.post(&format!("{at}/answers"), body("month-12", &[("swelling", "yes")])).await;
        assert_eq!((&last.body["came"], &last.body["answered"]), (&json!("late"), &json!(true)));
        let found = about(&mut nurse, &case).await;
        assert!(found.len() == 1 && found[0].0 == "red-flag" && found[0].1.contains("ultrasound"), "{found:?}");
        let reached = json!({ "step": { "kind": "contact-tried", "body": { "time": "month-12", "how": "phone", "reached": "yes" } } });
        assert_eq!(nurse.post(&format!("{at}/steps"), reached).await.status, 201);
        assert_eq!(about(&mut nurse, &case).await, []);
        // Now it is over: what is kept of it is a line of the group, and the group still has it.
        let (followed, _) = clinic.state.cases.followed(super::super::routes::cases::now(&clinic.state)).await.unwrap();
        assert_eq!(followed.len(), 1);
        assert!(followed[0].answered.contains(&"month-12".to_owned()), "{followed:?}");
    })
    .await;
}
