//! Who may pass which route: read from the interface's own description, so that what is published is what is enforced.
//!
//! An operation says `security(("session" = ["read-case"]))` for staff who have one of the named permissions,
//! `security(("session" = []))` for everybody who is signed in, `security(("patient" = ["read-own"]))` for a patient, and
//! `security(())` where nobody needs to be signed in. An operation that says nothing lets nobody pass.

use std::collections::BTreeMap;

use axum::http::Method;
use serde_json::Value;
use utoipa::openapi::OpenApi;

use crate::accounts::Permission;

/// The name of the staff's sign-in in the description.
pub const SESSION: &str = "session";
/// The name of the patient's sign-in in the description.
pub const PATIENT: &str = "patient";

/// Who may pass one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Door {
    /// Everybody.
    Open,
    /// Staff with one of these permissions; where none is named, all staff.
    Staff(Vec<Permission>),
    /// The patient of the invitation.
    Patient,
    /// Nobody: the description does not say who.
    Shut,
}

/// One operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Who may pass.
    pub door: Door,
    /// Its name, for the audit.
    pub name: String,
}

/// All operations by the template of their path and by method.
#[derive(Clone, Debug, Default)]
pub struct Doors(BTreeMap<String, BTreeMap<String, Operation>>);

impl Doors {
    /// Reads a description.
    ///
    /// # Errors
    /// Where it is not what JSON can hold, or names a permission that there is not.
    pub fn of(description: &OpenApi) -> Result<Doors, DoorError> {
        let description = serde_json::to_value(description)?;
        let mut doors = Doors::default();
        for (path, item) in description["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let name = operation["operationId"].as_str().unwrap_or_default().to_string();
                let door = door_of(&operation["security"])
                    .map_err(|word| DoorError::UnknownPermission { path: path.clone(), word })?;
                doors.0.entry(path.clone()).or_default().insert(method.to_uppercase(), Operation { door, name });
            }
        }
        Ok(doors)
    }

    /// The operation of a route; a `HEAD` is the `GET` without its body.
    pub fn operation(&self, path: &str, method: &Method) -> Option<&Operation> {
        let method = if method == Method::HEAD { &Method::GET } else { method };
        self.0.get(path)?.get(method.as_str())
    }

    /// The methods that a path knows; nothing where there is no such path.
    pub fn methods(&self, path: &str) -> Option<String> {
        self.0.get(path).map(|operations| operations.keys().cloned().collect::<Vec<_>>().join(", "))
    }

    /// All of them.
    #[cfg(test)]
    pub fn all(&self) -> impl Iterator<Item = (&str, &str, &Operation)> {
        self.0.iter().flat_map(|(path, operations)| {
            operations.iter().map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
        })
    }
}

/// Why a description cannot be enforced.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// Not JSON.
    #[error("the description of the interface cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A word that is no permission.
    #[error("{path} asks for the permission '{word}', which is not in the table; add it in accounts/permission.rs")]
    UnknownPermission {
        /// Where.
        path: String,
        /// Which.
        word: String,
    },
}

/// Alternatives are read strictly: the first one counts.
fn door_of(security: &Value) -> Result<Door, String> {
    let Some(requirement) = security.get(0).and_then(Value::as_object) else { return Ok(Door::Shut) };
    if requirement.is_empty() {
        return Ok(Door::Open);
    }
    if requirement.contains_key(PATIENT) {
        return Ok(Door::Patient);
    }
    let Some(words) = requirement.get(SESSION).and_then(Value::as_array) else { return Ok(Door::Shut) };
    let permission = |word: &Value| {
        let word = word.as_str().unwrap_or_default();
        Permission::of_word(word).ok_or_else(|| word.to_string())
    };
    words.iter().map(permission).collect::<Result<_, _>>().map(Door::Staff)
}
