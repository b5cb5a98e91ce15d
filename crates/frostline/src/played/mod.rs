//! A whole made-up case, played through the HTTP interface of a server of its own.
//!
//! It knows the way (`examples/pathway/way.json`), makes the accounts that the way names, moves the server's clock to the time
//! of each step, signs in as whoever signs, and holds what is refused against what the way expects. At the end it reads the
//! outcome of the case.

mod client;
mod outcome;
mod way;

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};
use frostline_record::case::steps::FollowUpAnswers;
use frostline_record::follow_up::given_by;
use frostline_record::rules::Role;
use serde_json::{Value, json};

use crate::cases::Knowledge;
use crate::server::Clock;
use crate::server::router::router;
use crate::server::state::{AppState, Site};
use crate::store::Store;

use client::{Answer, Client};
pub use outcome::PlayedOutcome;
pub use way::{Entry, Way, WayError};

/// One line of the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When, in UTC.
    pub at: String,
    /// Who.
    pub by: String,
    /// As what.
    pub role: &'static str,
    /// The kind of step.
    pub step: String,
    /// What the server said: the stage, or the refusal.
    pub said: Said,
}

/// What the server said to a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// Taken; the case stands there.
    Taken(String),
    /// Refused, as the way expects; in its own words.
    Refused(String),
}

/// What was played.
#[derive(Clone, Debug)]
pub struct Played {
    /// The name of the case.
    pub case: String,
    /// Every step.
    pub lines: Vec<Line>,
    /// How it went.
    pub outcome: PlayedOutcome,
    /// Requests that were sent.
    pub requests: usize,
}

/// Why it could not be played.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// The way cannot be read.
    #[error(transparent)]
    Way(#[from] WayError),
    /// The server said something else than the way expects.
    #[error("{step} at {at}: expected {expected}, the server said {status}: {said}")]
    Unexpected {
        /// The kind of step, or what was asked.
        step: String,
        /// When.
        at: String,
        /// What was expected.
        expected: String,
        /// HTTP status.
        status: StatusCode,
        /// The body.
        said: String,
    },
    /// The server cannot be set up.
    #[error("{0}")]
    SetUp(Box<dyn std::error::Error + Send + Sync>),
}

/// The password of every made-up account; the server that knows them lives as long as the play.
const PASSWORD: &str = "violet anchor 47 lantern";

/// Plays a way over an empty store.
///
/// # Errors
/// [`PlayError`] at the first step at which the server does otherwise than the way says.
pub async fn play(way: &Way, store: Store) -> Result<Played, PlayError> {
    let mut stage = Stage::set(way, store).await?;
    for entry in &way.entries {
        stage.step(entry).await?;
    }
    let outcome = stage.outcome().await?;
    Ok(Played { case: stage.case, lines: stage.lines, outcome, requests: stage.client.requests() })
}

struct Stage {
    client: Client,
    clock: Clock,
    logins: BTreeMap<(Role, String), String>,
    case: String,
    lines: Vec<Line>,
}

fn set_up(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> PlayError {
    PlayError::SetUp(error.into())
}

impl Stage {
    async fn set(way: &Way, store: Store) -> Result<Self, PlayError> {
        let clock = Clock::set_at(way.begins());
        let knowledge = Knowledge::bundled("UTC").map_err(set_up)?;
        let state = AppState::new(store, knowledge, (clock.clone(), Site::default())).map_err(set_up)?;
        let token = state.accounts.first_secret().await.map_err(set_up)?;
        let token = token.ok_or_else(|| set_up("the store has accounts already; play into an empty one"))?;
        let client = Client::over(router(state).map_err(set_up)?);
        let mut stage = Self { client, clock, logins: BTreeMap::new(), case: String::new(), lines: Vec::new() };
        stage.accounts(way, token.text()).await?;
        Ok(stage)
    }

    /// An administrator by the token of the console, and an account for everybody on the way but the patient.
    async fn accounts(&mut self, way: &Way, token: &str) -> Result<(), PlayError> {
        let first =
            json!({ "token": token, "login": "administrator", "display_name": "Ada Brandt", "password": PASSWORD });
        self.expect(Method::POST, "/first-administrator", Some(first), StatusCode::NO_CONTENT).await?;
        self.sign_in("administrator").await?;
        for (role, name) in way.staff() {
            let login = name.to_lowercase().replace(' ', ".");
            let asked = json!({ "login": login, "display_name": name, "roles": [role] });
            let made = self.expect(Method::POST, "/accounts", Some(asked), StatusCode::CREATED).await?;
            let chosen = json!({ "token": made["password_token"], "password": PASSWORD });
            self.client.forget_for_once();
            self.expect(Method::POST, "/password-choice", Some(chosen), StatusCode::NO_CONTENT).await?;
            self.logins.insert((role, name), login);
        }
        Ok(())
    }

    async fn sign_in(&mut self, login: &str) -> Result<(), PlayError> {
        self.client.leave();
        let asked = json!({ "login": login, "password": PASSWORD });
        self.expect(Method::POST, "/session", Some(asked), StatusCode::CREATED).await?;
        Ok(())
    }

    async fn step(&mut self, entry: &Entry) -> Result<(), PlayError> {
        self.clock.set(entry.time());
        let answer =
            if entry.role == Role::Patient { self.as_patient(entry).await? } else { self.as_staff(entry).await? };
        let said = self.said(entry, &answer)?;
        let step = entry.name();
        let line = Line { at: entry.at.clone(), by: entry.by.clone(), role: entry.role.word(), step, said };
        self.lines.push(line);
        Ok(())
    }

    async fn as_staff(&mut self, entry: &Entry) -> Result<Answer, PlayError> {
        let login = self.logins.get(&(entry.role, entry.by.clone())).cloned().unwrap_or_default();
        self.sign_in(&login).await?;
        let body = json!({ "step": entry.step });
        if self.case.is_empty() {
            let answer = self.client.send(Method::POST, "/cases", Some(body), None).await.map_err(set_up)?;
            self.case = answer.body["id"].as_str().unwrap_or_default().to_owned();
            return Ok(answer);
        }
        let path = format!("/cases/{}", self.case);
        let seen = self.client.send(Method::GET, &path, None, None).await.map_err(set_up)?;
        let path = format!("{path}/steps");
        self.client.send(Method::POST, &path, Some(body), seen.etag).await.map_err(set_up)
    }

    /// The patient comes by an invitation, with their date of birth.
    async fn as_patient(&mut self, entry: &Entry) -> Result<Answer, PlayError> {
        let inviting =
            self.logins.iter().find(|((role, _), _)| *role == Role::Coordinator).map(|(_, login)| login.clone());
        self.sign_in(&inviting.unwrap_or_default()).await?;
        let path = format!("/cases/{}/invitations", self.case);
        let born = &entry.born;
        let asked = json!({ "factor": "date-of-birth", "date_of_birth": born });
        let made = self.expect(Method::POST, &path, Some(asked), StatusCode::CREATED).await?;
        self.client.leave();
        let opened = json!({ "token": made["token"], "factor": born });
        self.expect(Method::POST, "/patient/session", Some(opened), StatusCode::CREATED).await?;
        let body = entry.step["body"].clone();
        if entry.kind() == "goal-said" {
            return self.client.send(Method::POST, "/patient/goal", Some(body), None).await.map_err(set_up);
        }
        let answers: FollowUpAnswers = serde_json::from_value(body).map_err(set_up)?;
        let given: BTreeMap<String, String> = given_by(&answers).into_iter().collect();
        let body = json!({ "time": answers.time, "answers": given });
        self.client.send(Method::POST, "/patient/answers", Some(body), None).await.map_err(set_up)
    }

    /// How it went, as an operator reads it after the last step.
    async fn outcome(&mut self) -> Result<PlayedOutcome, PlayError> {
        let operator =
            self.logins.iter().find(|((role, _), _)| *role == Role::Operator).map(|(_, login)| login.clone());
        self.sign_in(&operator.unwrap_or_default()).await?;
        let path = format!("/cases/{}/outcome", self.case);
        let read = self.expect(Method::GET, &path, None, StatusCode::OK).await?;
        PlayedOutcome::of(&read["result"])
            .ok_or_else(|| set_up(format!("found {read}, expected the outcome of the case")))
    }

    async fn expect(
        &mut self,
        method: Method,
        path: &str,
        body: Option<Value>,
        status: StatusCode,
    ) -> Result<Value, PlayError> {
        let answer = self.client.send(method, path, body, None).await.map_err(set_up)?;
        if answer.status == status {
            return Ok(answer.body);
        }
        let (expected, said) = (status.to_string(), answer.body.to_string());
        let at = self.clock.now().to_string();
        Err(PlayError::Unexpected { step: path.to_owned(), at, expected, status: answer.status, said })
    }

    fn said(&self, entry: &Entry, answer: &Answer) -> Result<Said, PlayError> {
        let unexpected = |expected: String| PlayError::Unexpected {
            step: entry.kind().to_owned(),
            at: entry.at.clone(),
            expected,
            status: answer.status,
            said: answer.body.to_string(),
        };
        if entry.refused.is_empty() {
            let stage = answer.body["stage"].as_str().unwrap_or("kept").to_owned();
            return if answer.status.is_success() {
                Ok(Said::Taken(stage))
            } else {
                Err(unexpected("it is taken".into()))
            };
        }
        let detail = answer.body["detail"].as_str().unwrap_or_default();
        let told = !answer.status.is_success() && entry.refused.iter().all(|word| detail.contains(word.as_str()));
        if told {
            Ok(Said::Refused(detail.to_owned()))
        } else {
            Err(unexpected(format!("a refusal with {:?}", entry.refused)))
        }
    }
}
