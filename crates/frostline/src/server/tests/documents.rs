//! Documents over HTTP: made of the case and of nothing else, for those who may see the case, and a patient's own only.

use frostline_record::documents::{Audience, Kind};
use frostline_record::rules::Role;

use super::clinic::{Answer, Browser, Clinic, on_both};

async fn page(browser: &mut Browser, path: &str) -> String {
    let (status, text) = browser.page(path).await;
    assert_eq!(status, 200, "{path}: {text}");
    text
}

fn is_problem(answer: &Answer, status: u16, pointer: &str) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.text("/errors/0/pointer"), pointer, "{answer:?}");
}

#[tokio::test]
async fn every_document_of_a_whole_case_names_the_clinic_and_what_the_case_knows() {
    let clinic = Clinic::open().await;
    let case = clinic.case_until("closed").await;
    let mut nurse = clinic.signed_in(Role::Nurse).await;
    for kind in Kind::ALL {
        let text = page(&mut nurse, &format!("/api/v1/cases/{case}/documents/{}?language=en", kind.word())).await;
        assert!(text.contains("Made-up Clinic") && text.contains("not a cleared medical device"), "{}", kind.word());
        let names_patient = text.contains("Rosa Vidal");
        assert!(names_patient || kind == Kind::Leaflet, "{}", kind.word());
        // The consent form is signed at the clinic; the others are read at home.
        if kind.audience() == Audience::Patient && kind != Kind::Consent {
            assert!(text.contains("555-0142"), "{}: the telephone", kind.word());
        }
    }
}

#[tokio::test]
async fn the_preparation_sheet_has_the_patient_s_own_day_and_drug() {
    let clinic = Clinic::open().await;
    let case = clinic.case_until("cleared").await;
    let mut nurse = clinic.signed_in(Role::Nurse).await;
    let english = page(&mut nurse, &format!("/api/v1/cases/{case}/documents/preparation?language=en")).await;
    for known in ["March 24", "apixaban"] {
        assert!(english.contains(known), "{known} is not in: {english}");
    }
    let spanish = page(&mut nurse, &format!("/api/v1/cases/{case}/documents/preparation?language=es")).await;
    assert!(spanish.contains("<html lang=\"es\">") && spanish.contains("24 de marzo"), "{spanish}");
}

#[tokio::test]
async fn documents_that_do_not_exist_or_cannot_be_had_so_are_refused_with_what_can() {
    let clinic = Clinic::open().await;
    let case = clinic.case().await;
    let mut nurse = clinic.signed_in(Role::Nurse).await;
    let path = |rest: &str| format!("/api/v1/cases/{case}/documents/{rest}");
    assert_eq!(nurse.get(&path("receipt")).await.status, 404);
    is_problem(&nurse.get(&path("letter?language=es")).await, 422, "/language");
    is_problem(&nurse.get(&path("leaflet?language=fr")).await, 422, "/language");
    is_problem(&nurse.get(&path("leaflet?format=odt")).await, 422, "/format");
    is_problem(&nurse.get(&path("leaflet?paper=a5")).await, 422, "/paper");
    assert!(page(&mut nurse, &path("leaflet?paper=a4&large=true")).await.contains("@page{size:A4"));
}

#[cfg(not(feature = "pdf"))]
#[tokio::test]
async fn a_pdf_is_refused_where_the_server_was_built_without() {
    let clinic = Clinic::open().await;
    let case = clinic.case().await;
    let mut nurse = clinic.signed_in(Role::Nurse).await;
    let asked = format!("/api/v1/cases/{case}/documents/leaflet?format=pdf");
    is_problem(&nurse.get(&asked).await, 422, "/format");
}

#[cfg(feature = "pdf")]
#[tokio::test]
async fn every_document_is_there_as_pdf_on_both_papers() {
    let clinic = Clinic::open().await;
    let case = clinic.case_until("closed").await;
    let mut nurse = clinic.signed_in(Role::Nurse).await;
    for kind in Kind::ALL {
        for paper in ["letter", "a4"] {
            let path = format!("/api/v1/cases/{case}/documents/{}?format=pdf&paper={paper}&language=en", kind.word());
            let answer = nurse.get(&path).await;
            assert_eq!(answer.status, 200, "{path}: {answer:?}");
            assert_eq!(answer.headers["content-type"], "application/pdf");
            let name = format!("inline; filename=\"{}-en.pdf\"", kind.word());
            assert_eq!(answer.headers["content-disposition"], name.as_str());
            let (_, text) = nurse.page(&path).await;
            assert!(text.starts_with("%PDF-"), "{path}");
        }
    }
}

#[tokio::test]
async fn a_role_that_reads_no_case_reads_no_document() {
    let clinic = Clinic::open().await;
    let case = clinic.case().await;
    for role in [Role::Operator, Role::Anaesthesia, Role::Technologist, Role::Coordinator, Role::Coder, Role::Quality] {
        let mut browser = clinic.signed_in(role).await;
        page(&mut browser, &format!("/api/v1/cases/{case}/documents/letter")).await;
    }
    let mut administrator = clinic.signed_in(Role::Administrator).await;
    for kind in Kind::ALL {
        let refused = administrator.get(&format!("/api/v1/cases/{case}/documents/{}", kind.word())).await;
        assert_eq!(refused.status, 403, "{}", kind.word());
    }
}

#[tokio::test]
async fn a_patient_has_their_own_four_documents_and_nothing_of_another_case() {
    on_both(async |clinic| {
        let by = clinic.account("nurse", &[Role::Nurse]).await;
        let (own, other) = (clinic.case().await, clinic.case_until("cleared").await);
        let mut patient = clinic.patient_of(&own, &by).await;
        for kind in Kind::ALL {
            let path = format!("/api/v1/patient/documents/{}", kind.word());
            let (status, text) = patient.page(&path).await;
            let is_own = kind.audience() == Audience::Patient;
            assert_eq!(status, if is_own { 200 } else { 404 }, "{}", kind.word());
            // Nobody has booked the patient's own case; the other one is booked for that day.
            assert!(!text.contains("March 24"), "{}: {text}", kind.word());
            for case in [&own, &other] {
                let staff = format!("/api/v1/cases/{case}/documents/{}", kind.word());
                assert_eq!(patient.page(&staff).await.0, 403, "{staff}");
            }
            let around = format!("/api/v1/patient/documents/{}?case={other}", kind.word());
            assert_eq!(patient.page(&around).await.1, text, "the case of the session counts, whatever is asked");
        }
        let mut stranger = clinic.browser();
        assert_eq!(stranger.get("/api/v1/patient/documents/leaflet").await.status, 401);
    })
    .await;
}
