//! The log: nothing of what people typed.

use std::io::Write;
use std::sync::{Arc, Mutex};

use frostline_record::rules::Role;
use serde_json::json;
use tracing::instrument::WithSubscriber;

use super::clinic::Clinic;

/// Keeps what is logged.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// Runs something with everything logged, at the finest level.
    pub async fn of(play: impl Future<Output = ()>) -> String {
        // While only one subscriber is known, tracing asks the thread that comes by first whether a line is wanted, and that
        // may be the thread of another test. With two it asks all of them.
        let _second = tracing::Dispatch::new(tracing_subscriber::fmt().with_writer(std::io::sink).finish());
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(move || writer.clone())
            .finish();
        play.with_subscriber(subscriber).await;
        log.text()
    }
}

/// Everything that a person could type, in every place where one can type.
async fn play() {
    let clinic = Clinic::open().await;
    let mut nurse = clinic.signed_in(Role::Nurse).await;
    let case = clinic.case().await;
    nurse.get("/api/v1/Maria-Lopez?name=Maria-Lopez").await;
    nurse.get("/api/v1/audit?case=Maria-Lopez").await;
    nurse.post("/api/v1/session", json!({ "login": "Maria-Lopez", "password": "Maria-Lopez" })).await;
    nurse.post("/api/v1/session", json!({ "Maria-Lopez": ["Maria-Lopez"] })).await;
    nurse.post(&format!("/api/v1/cases/{case}/emergency-access"), json!({ "reason": "Maria-Lopez collapsed" })).await;
    let path = format!("/api/v1/cases/{case}/invitations");
    nurse.post(&path, json!({ "factor": "date-of-birth", "date_of_birth": "Maria-Lopez" })).await;
    let made = nurse.post(&path, json!({ "factor": "date-of-birth", "date_of_birth": "1961-05-14" })).await;
    let come = json!({ "token": made.text("/token"), "factor": "1961-05-14" });
    assert_eq!(clinic.browser().post("/api/v1/patient/session", come).await.status, 201);
}

#[tokio::test]
async fn neither_names_nor_dates_of_birth_nor_secrets_nor_case_numbers_are_logged() {
    let text = Log::of(play()).await;
    assert!(text.contains("/api/v1/cases/{case}/invitations"), "routes are logged as templates: {text}");
    assert!(text.contains("emergency access was taken"));
    for typed in ["Maria", "Lopez", "1961-05-14", super::clinic::PASSWORD, "collapsed"] {
        assert!(!text.contains(typed), "{typed} is in the log: {text}");
    }
}
