//! The HTTP interface.
//!
//! A route is a function with `#[utoipa::path(..)]`. Its `security` says who may pass (see [`doors`]); the guard before it
//! checks that, and writes the audit. Routes of cases are added in `router::api`.

pub mod answers;
mod clock;
pub mod cookie;
mod describe;
pub mod doors;
mod frame;
pub mod guard;
pub mod idempotency;
pub mod input;
mod kinds;
pub mod limits;
mod listen;
pub mod page;
pub mod problem;
mod refused;
pub mod router;
mod routes;
pub mod signed;
pub mod state;
mod step_permission;
pub mod versions;

#[cfg(test)]
mod tests;

pub use answers::OF_A_CASE as KEPT_OF_A_CASE;
pub use clock::Clock;
pub use listen::{ListenError, Listening, listen};
