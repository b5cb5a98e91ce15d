//! Attachments of a case: images, cine, papers. They are named by what is in them.

use axum::Json;
use axum::body::Body as Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::TryStreamExt;
use serde::Serialize;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio_util::io::{ReaderStream, StreamReader};
use utoipa::ToSchema;

use super::cases::name;
use crate::server::input::Path;
use crate::server::kinds;
use crate::server::problem::{Kind, Problem};
use crate::server::signed::Signed;
use crate::server::state::AppState;
use crate::store::{AttachmentError, AttachmentId, StreamId, UploadError};

/// An attachment that is kept.
#[derive(Serialize, ToSchema)]
pub struct KeptAttachment {
    /// `sha256:` and the digest of its content; a step that names it makes it part of the case.
    #[schema(example = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    id: String,
}

/// Keeps what is sent. It belongs to the case once a step names it.
#[utoipa::path(post, path = "/cases/{case}/attachments", security(("session" = ["link-images", "procedure-log", "consent"])),
    params(("case" = Uuid, Path)), request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = KeptAttachment)))]
pub async fn keep_attachment(
    State(state): State<AppState>,
    _: Signed,
    Path(case): Path<String>,
    request: Request,
) -> Result<(StatusCode, Json<KeptAttachment>), Problem> {
    let id = name(&case)?;
    state.cases.read(id).await?;
    let content = request.into_body().into_data_stream().map_err(std::io::Error::other);
    let at_ms = state.clock.now().as_millisecond();
    let content = looked_into(StreamReader::new(content)).await?;
    let id = state.store.upload(&StreamId::case(id), content, at_ms).await?;
    Ok((StatusCode::CREATED, Json(KeptAttachment { id: id.to_string() })))
}

/// The same content, after its first bytes told that it is of a kind that is taken.
async fn looked_into(mut content: impl AsyncRead + Unpin) -> Result<impl AsyncRead + Unpin, Problem> {
    let mut head = Vec::new();
    let broken = |_| Problem::new(Kind::Malformed, "the body was cut off; send it again");
    (&mut content).take(kinds::LOOKED_AT as u64).read_to_end(&mut head).await.map_err(broken)?;
    if kinds::kind_of(&head).is_none() {
        let known = kinds::known();
        return Err(Problem::invalid(
            "",
            format!("found a file of a kind that is not kept, expected text in UTF-8 or one of: {known}"),
        ));
    }
    Ok(std::io::Cursor::new(head).chain(content))
}

/// An attachment that a step of the case names, as it was sent.
#[utoipa::path(get, path = "/cases/{case}/attachments/{attachment}", security(("session" = ["read-case"])),
    params(("case" = Uuid, Path), ("attachment" = String, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream")))]
pub async fn read_attachment(
    State(state): State<AppState>,
    Path((case, attachment)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let kept = state.cases.read(name(&case)?).await?;
    let id: AttachmentId = attachment.parse().map_err(|_| Problem::not_found())?;
    // A case's own attachments only: what another case holds is not found through this one.
    let named = kept.case.steps().iter().any(|step| {
        let body = serde_json::to_value(&step.step).unwrap_or_default();
        AttachmentId::named_in(&body).contains(&id)
    });
    if !named {
        return Err(Problem::not_found());
    }
    let file = state.store.attachments().open(&id).await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment")),
    ];
    Ok((headers, Bytes::from_stream(ReaderStream::new(file))).into_response())
}

impl From<UploadError> for Problem {
    fn from(error: UploadError) -> Problem {
        match error {
            UploadError::Attachment(error) => error.into(),
            UploadError::Erased(_) => Problem::new(Kind::Gone, error.to_string()),
            UploadError::Database(error) => error.into(),
        }
    }
}

impl From<AttachmentError> for Problem {
    fn from(error: AttachmentError) -> Problem {
        let said = error.to_string();
        match error {
            AttachmentError::TooLarge { .. } => Problem::new(Kind::TooLarge, said),
            AttachmentError::Broken(_) => Problem::new(Kind::Malformed, said),
            AttachmentError::NotThere(_) => Problem::not_found(),
            AttachmentError::File { .. } | AttachmentError::NotAsPromised { .. } | AttachmentError::Damaged(_) => {
                Problem::broken(said)
            }
        }
    }
}
