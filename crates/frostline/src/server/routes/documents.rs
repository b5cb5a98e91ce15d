//! Documents of a case: made anew from its steps whenever somebody asks.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use frostline_record::case::Case;
use frostline_record::documents::{
    Audience, Date, DocumentBook, DocumentError, Kind as Document, Language, Surroundings,
};
use frostline_record::rules::Moment;
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::IntoParams;

use super::cases::{name, now};
use crate::documents::{DocumentInputs, Paper, Print, Size, html};
use crate::server::input::{Path, Query};
use crate::server::problem::Problem;
use crate::server::signed::SignedPatient;
use crate::server::state::AppState;

/// In which language, and how large.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DocumentAsked {
    /// `en` or `es`; that of the patient when absent, English for documents that exist in English only.
    pub language: Option<String>,
    /// Letters of 16 pt.
    #[serde(default)]
    pub large: bool,
}

/// A document of a case, as a page: leaflet, consent, preparation, plan-report, procedure-report, discharge, letter, claim.
#[utoipa::path(get, path = "/cases/{case}/documents/{document}", security(("session" = ["read-case"])),
    params(("case" = Uuid, Path), ("document" = String, Path), DocumentAsked),
    responses((status = 200, body = String, content_type = "text/html")))]
pub async fn read_document(
    State(state): State<AppState>,
    Path((case, document)): Path<(String, String)>,
    Query(asked): Query<DocumentAsked>,
) -> Result<Response, Problem> {
    let kept = state.cases.read(name(&case)?).await?;
    written(&state, &kept.case, (kind(&document)?, &asked))
}

/// A document of the patient's own: leaflet, consent, preparation, discharge.
#[utoipa::path(get, path = "/patient/documents/{document}", security(("patient" = ["read-own"])),
    params(("document" = String, Path), DocumentAsked),
    responses((status = 200, body = String, content_type = "text/html")))]
pub async fn read_own_document(
    State(state): State<AppState>,
    patient: SignedPatient,
    Path(document): Path<String>,
    Query(asked): Query<DocumentAsked>,
) -> Result<Response, Problem> {
    let kind = kind(&document)?;
    if kind.audience() != Audience::Patient {
        return Err(Problem::not_found());
    }
    let kept = state.cases.read(name(&patient.case)?).await?;
    written(&state, &kept.case, (kind, &asked))
}

fn kind(word: &str) -> Result<Document, Problem> {
    Document::ALL.into_iter().find(|kind| kind.word() == word).ok_or_else(Problem::not_found)
}

fn written(state: &AppState, case: &Case, (kind, asked): (Document, &DocumentAsked)) -> Result<Response, Problem> {
    let language = language(case, kind, asked)?;
    let knowledge = state.cases.knowledge();
    let at = now(state);
    let minutes_east = |moment: Moment| {
        const SECONDS_PER_MINUTE: i64 = 60;
        let time = Timestamp::from_second(moment.0 * SECONDS_PER_MINUTE).unwrap_or(Timestamp::UNIX_EPOCH);
        knowledge.zone().to_offset(time).seconds() / 60
    };
    let around = Surroundings {
        practice: Default::default(),
        minutes_east: &minutes_east,
        made_on: Date::of(knowledge.day_of(at)),
        program: concat!("frostline ", env!("CARGO_PKG_VERSION")).to_owned(),
    };
    let inputs = DocumentInputs::of_case(case, &knowledge.judging(at), &around);
    let book = DocumentBook::bundled().map_err(Problem::broken)?;
    let document = inputs.written(&book, kind, language).map_err(|error| match error {
        DocumentError::NotInThisLanguage { .. } => Problem::invalid("/language", error.to_string()),
        error => Problem::broken(error),
    })?;
    let print = Print { paper: Paper::default(), size: if asked.large { Size::Large } else { Size::Usual } };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        // The page brings its own style and nothing else.
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(
                "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
            ),
        ),
    ];
    Ok((headers, html(&document, print)).into_response())
}

fn language(case: &Case, kind: Document, asked: &DocumentAsked) -> Result<Language, Problem> {
    let by_tag = |tag: &str| Language::ALL.into_iter().find(|language| language.tag() == tag);
    if let Some(tag) = &asked.language {
        return by_tag(tag).ok_or_else(|| Problem::invalid("/language", format!("found '{tag}', expected en or es")));
    }
    let own = case.referral().and_then(|referral| by_tag(&referral.patient.language));
    let for_patient = kind.audience() == Audience::Patient;
    Ok(own.filter(|_| for_patient).unwrap_or(Language::English))
}
