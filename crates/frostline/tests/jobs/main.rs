//! Long jobs with the program and both databases.

mod alike;
mod killed;
#[path = "../store/postgres.rs"]
mod postgres;
mod shared;
mod site;
#[path = "../store/support.rs"]
#[allow(dead_code, reason = "shared with the tests of the store, which need more of it")]
mod support;
