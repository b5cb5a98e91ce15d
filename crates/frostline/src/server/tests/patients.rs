//! Patients: in by their own link and what they know, to their own case and to nothing else.

use frostline_record::rules::Role;
use serde_json::json;

use super::clinic::on_both;

#[tokio::test]
async fn an_invitation_opens_once_with_the_date_of_birth() {
    on_both(async |clinic| {
        let mut nurse = clinic.signed_in(Role::Nurse).await;
        let case = clinic.case().await;
        let path = format!("/api/v1/cases/{case}/invitations");
        let asked = json!({ "factor": "date-of-birth", "date_of_birth": "1961-05-14" });
        let made = nurse.post(&path, asked).await;
        assert_eq!(made.status, 201, "{made:?}");
        let token = made.text("/token");
        let mut browser = clinic.browser();
        let come = |token: &str, factor: &str| json!({ "token": token, "factor": factor });
        assert_eq!(browser.post("/api/v1/patient/session", come("guess", "1961-05-14")).await.status, 410);
        assert_eq!(browser.post("/api/v1/patient/session", come(token, "1961-03-04")).await.status, 401);
        let inside = browser.post("/api/v1/patient/session", come(token, " 1961-05-14 ")).await;
        assert_eq!((inside.status, inside.text("/case")), (201, case.as_str()));
        assert_eq!(browser.get("/api/v1/patient/session").await.text("/case"), case);
        assert_eq!(clinic.browser().post("/api/v1/patient/session", come(token, "1961-05-14")).await.status, 410);
        let listed = nurse.get(&path).await;
        assert!(listed.text("/0/used").starts_with("20"));
        assert!(listed.body[0].get("token").is_none());
        assert_eq!(browser.delete("/api/v1/patient/session").await.status, 204);
    })
    .await;
}

#[tokio::test]
async fn an_invitation_to_another_date_of_birth_than_the_patient_s_is_refused() {
    on_both(async |clinic| {
        let mut nurse = clinic.signed_in(Role::Nurse).await;
        let path = format!("/api/v1/cases/{}/invitations", clinic.case().await);
        let refused = nurse.post(&path, json!({ "factor": "date-of-birth", "date_of_birth": "1961-05-15" })).await;
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, "/date_of_birth"), "{refused:?}");
        assert_eq!(nurse.get(&path).await.body, json!([]));
    })
    .await;
}

#[tokio::test]
async fn a_code_given_on_another_way_serves_as_well_and_five_wrong_ones_kill_the_link() {
    on_both(async |clinic| {
        let mut nurse = clinic.signed_in(Role::Nurse).await;
        let path = format!("/api/v1/cases/{}/invitations", clinic.case().await);
        for (wrong, last) in [(4, 201), (5, 410)] {
            let made = nurse.post(&path, json!({ "factor": "code" })).await;
            let (token, code) = (made.text("/token"), made.text("/code"));
            assert_eq!(code.len(), 8);
            let mut browser = clinic.browser();
            for _ in 0..wrong {
                let asked = json!({ "token": token, "factor": "no" });
                assert_eq!(browser.post("/api/v1/patient/session", asked).await.status, 401);
            }
            let asked = json!({ "token": token, "factor": code });
            assert_eq!(browser.post("/api/v1/patient/session", asked).await.status, last);
        }
    })
    .await;
}

#[tokio::test]
async fn an_invitation_dies_after_two_weeks_and_when_it_is_withdrawn() {
    on_both(async |clinic| {
        let mut nurse = clinic.signed_in(Role::Nurse).await;
        let me = nurse.get("/api/v1/session").await.text("/account").to_string();
        let case = clinic.case().await;
        let mut patient = clinic.patient_of(&case, &me).await;
        assert_eq!(patient.get("/api/v1/patient/session").await.status, 200);
        let path = format!("/api/v1/cases/{case}/invitations");
        let made = nurse.post(&path, json!({ "factor": "code" })).await;
        let used = nurse.get(&path).await.text("/1/id").to_string();
        assert_eq!(nurse.delete(&format!("{path}/{used}")).await.status, 204);
        assert_eq!(patient.get("/api/v1/patient/session").await.status, 401, "out at once");
        let elsewhere = format!("/api/v1/cases/{}/invitations/{used}", clinic.case().await);
        assert_eq!(nurse.delete(&elsewhere).await.status, 404);
        clinic.state.clock.move_on_s(14 * 86_400);
        let asked = json!({ "token": made.text("/token"), "factor": made.text("/code") });
        assert_eq!(patient.post("/api/v1/patient/session", asked).await.status, 410);
    })
    .await;
}

#[tokio::test]
async fn a_patient_is_out_after_two_hours_whatever_they_do() {
    on_both(async |clinic| {
        let by = clinic.account("nurse", &[Role::Nurse]).await;
        let mut patient = clinic.patient_of(&clinic.case().await, &by).await;
        for _ in 0..4 {
            clinic.state.clock.move_on_s(1700);
            assert_eq!(patient.get("/api/v1/patient/session").await.status, 200);
        }
        clinic.state.clock.move_on_s(400);
        assert_eq!(patient.get("/api/v1/patient/session").await.status, 401);
    })
    .await;
}
