//! All routes together, with what stands before and around them.

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::http::header;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::openapi::{InfoBuilder, OpenApi, OpenApiBuilder};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::doors::{DoorError, Doors};
use super::frame::{frame, panicked};
use super::guard::{Gate, guard};
use super::problem::{Kind, Problem};
use super::state::{AppState, Site};
use super::{describe, routes as all_routes};

/// Where the interface lies.
pub const PREFIX: &str = "/api/v1";

/// The routes of the interface. **Routes of cases are merged here.**
fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().merge(all_routes::routes()).routes(routes!(openapi))
}

/// The whole server: the interface under its prefix, and problems for everything else.
///
/// # Errors
/// Where a route asks for a permission that there is not.
pub fn router(state: AppState) -> Result<Router, DoorError> {
    let (api, description) = described(&state.site);
    let doors = Arc::new(Doors::of(&description)?);
    let largest = usize::try_from(state.numbers().server.largest_body_bytes).unwrap_or(usize::MAX);
    let gate = Gate { state: state.clone(), doors };
    let text: Arc<str> = serde_json::to_string_pretty(&description)?.into();
    Ok(api
        .method_not_allowed_fallback(|| async { Problem::new(Kind::WrongMethod, "this path knows other methods") })
        .layer(from_fn_with_state(gate, guard))
        .fallback(|| async { Problem::not_found() })
        .layer(Extension(Description(text)))
        .layer(DefaultBodyLimit::max(largest))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(state.clone(), frame))
        .with_state(state))
}

/// The routes with their description.
pub(super) fn described(site: &Site) -> (Router<AppState>, OpenApi) {
    let info = InfoBuilder::new().title("frostline").version(env!("CARGO_PKG_VERSION")).description(Some(
        "Plans, guides and records percutaneous cryoablation of leg nerves. Not a cleared medical device.",
    ));
    let empty = OpenApiBuilder::new().info(info.build()).build();
    let (router, mut description) = OpenApiRouter::with_openapi(empty).nest(PREFIX, api()).split_for_parts();
    describe::complete(&mut description, site);
    (router, description)
}

/// The description as it is served.
#[derive(Clone)]
struct Description(Arc<str>);

/// This description.
#[utoipa::path(get, path = "/openapi.json", security(()), responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json")))]
async fn openapi(Extension(description): Extension<Description>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], description.0.to_string()).into_response()
}
