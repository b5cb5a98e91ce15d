//! Documents of a case: made anew from its steps whenever somebody asks.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use frostline_record::case::{Case, Judging, LinkedCase};
use frostline_record::documents::{
    Audience, Date, Document as Written, DocumentBook, DocumentError, Kind as Document, Language, Surroundings,
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

/// In which language and form, how large, and on which paper.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DocumentAsked {
    /// `en` or `es`; that of the patient when absent, English for documents that exist in English only.
    pub language: Option<String>,
    /// Letters of 16 pt.
    #[serde(default)]
    pub large: bool,
    /// `html` when absent, or `pdf` where the server was built with it.
    pub format: Option<String>,
    /// `letter` when absent, or `a4`.
    pub paper: Option<String>,
}

/// How a document comes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Page,
    Pdf,
}

/// A document of a case: leaflet, consent, preparation, plan-report, procedure-report, discharge, letter, claim.
#[utoipa::path(get, path = "/cases/{case}/documents/{document}", security(("session" = ["read-case"])),
    params(("case" = Uuid, Path), ("document" = String, Path), DocumentAsked),
    responses((status = 200, content((String = "text/html"), (Vec<u8> = "application/pdf")))))]
pub async fn read_document(
    State(state): State<AppState>,
    Path((case, document)): Path<(String, String)>,
    Query(asked): Query<DocumentAsked>,
) -> Result<Response, Problem> {
    let kept = state.cases.read(name(&case)?).await?;
    answered(state, kept.case, (kind(&document)?, asked)).await
}

/// A document of the patient's own: leaflet, consent, preparation, discharge.
#[utoipa::path(get, path = "/patient/documents/{document}", security(("patient" = ["read-own"])),
    params(("document" = String, Path), DocumentAsked),
    responses((status = 200, content((String = "text/html"), (Vec<u8> = "application/pdf")))))]
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
    answered(state, kept.case, (kind, asked)).await
}

fn kind(word: &str) -> Result<Document, Problem> {
    Document::ALL.into_iter().find(|kind| kind.word() == word).ok_or_else(Problem::not_found)
}

/// Setting a PDF takes a core for a while, so it is done beside the other requests.
async fn answered(state: AppState, case: Case, what: (Document, DocumentAsked)) -> Result<Response, Problem> {
    let session = state.cases.of_session(&case).await?;
    let made = tokio::task::spawn_blocking(move || written(&state, (&case, &session), (what.0, &what.1)));
    made.await.map_err(Problem::broken)?
}

fn written(
    state: &AppState,
    (case, session): (&Case, &[LinkedCase]),
    (kind, asked): (Document, &DocumentAsked),
) -> Result<Response, Problem> {
    let language = language(case, kind, asked)?;
    let (form, print) = (form(asked)?, Print { paper: paper(asked)?, size: size(asked) });
    let knowledge = state.cases.knowledge();
    let at = now(state);
    let minutes_east = |moment: Moment| {
        const SECONDS_PER_MINUTE: i64 = 60;
        let time = Timestamp::from_second(moment.0 * SECONDS_PER_MINUTE).unwrap_or(Timestamp::UNIX_EPOCH);
        knowledge.zone().to_offset(time).seconds() / 60
    };
    let around = Surroundings {
        practice: knowledge.practice().clone(),
        minutes_east: &minutes_east,
        made_on: Date::of(knowledge.day_of(at)),
        program: concat!("frostline ", env!("CARGO_PKG_VERSION")).to_owned(),
    };
    let judging = Judging { session, ..knowledge.judging(at) };
    let inputs = DocumentInputs::of_case(case, &judging, &around);
    let book = DocumentBook::bundled().map_err(Problem::broken)?;
    let document = inputs.written(&book, kind, language).map_err(|error| match error {
        DocumentError::NotInThisLanguage { .. } => Problem::invalid("/language", error.to_string()),
        error => Problem::broken(error),
    })?;
    match form {
        Form::Page => Ok(page(&document, print)),
        Form::Pdf => file(&document, print),
    }
}

fn page(document: &Written, print: Print) -> Response {
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
    (headers, html(document, print)).into_response()
}

#[cfg(feature = "pdf")]
fn file(document: &Written, print: Print) -> Result<Response, Problem> {
    let bytes = crate::documents::pdf(document, print).map_err(Problem::broken)?;
    let named = format!("inline; filename=\"{}-{}.pdf\"", document.kind.word(), document.language.tag());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/pdf")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&named).map_err(Problem::broken)?),
    ];
    Ok((headers, bytes).into_response())
}

#[cfg(not(feature = "pdf"))]
fn file(_document: &Written, _print: Print) -> Result<Response, Problem> {
    Err(Problem::invalid("/format", "found pdf, which this server was built without; ask for html and print it"))
}

fn form(asked: &DocumentAsked) -> Result<Form, Problem> {
    match asked.format.as_deref() {
        None | Some("html") => Ok(Form::Page),
        Some("pdf") => Ok(Form::Pdf),
        Some(found) => Err(Problem::invalid("/format", format!("found '{found}', expected html or pdf"))),
    }
}

fn paper(asked: &DocumentAsked) -> Result<Paper, Problem> {
    match asked.paper.as_deref() {
        None => Ok(Paper::default()),
        Some("letter") => Ok(Paper::Letter),
        Some("a4") => Ok(Paper::A4),
        Some(found) => Err(Problem::invalid("/paper", format!("found '{found}', expected letter or a4"))),
    }
}

fn size(asked: &DocumentAsked) -> Size {
    if asked.large { Size::Large } else { Size::Usual }
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
