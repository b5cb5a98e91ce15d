//! Whether the server works.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::server::problem::Problem;
use crate::server::state::AppState;
use crate::store::on_db;

/// Whether the server works.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// Always `ok`; otherwise there is a problem instead.
    status: &'static str,
    /// Of the program.
    version: &'static str,
}

/// Says that the server and its database answer.
#[utoipa::path(get, path = "/health", security(()), responses((status = 200, body = Health)))]
pub async fn health(State(state): State<AppState>) -> Result<Json<Health>, Problem> {
    let _: (i64,) =
        on_db!(*state.store.db(), read, |c| sqlx::query_as("SELECT COUNT(*) FROM one_time_links").fetch_one(c).await)?;
    Ok(Json(Health { status: "ok", version: env!("CARGO_PKG_VERSION") }))
}
