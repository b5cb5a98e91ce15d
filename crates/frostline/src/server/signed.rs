//! Who asks: what a handler takes to know it.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use frostline_record::rules::Role;

use super::problem::{Kind, Problem};
use crate::accounts::{Permission, Session, Visit};

/// Somebody of the staff who is signed in. The guard before the handlers made sure of it.
#[derive(Clone, Debug)]
pub struct Signed {
    /// Their account.
    pub account: String,
    /// Their name, for signatures.
    pub display_name: String,
    /// What they are now.
    pub role: Role,
    /// Their session.
    pub session: Session,
    /// The emergency access to the case of this request, if there is one now.
    pub emergency: Option<String>,
}

/// A patient who is signed in, bound to one case.
#[derive(Clone, Debug)]
pub struct SignedPatient {
    /// The invitation they came with.
    pub invitation: String,
    /// Their case.
    pub case: String,
    /// Their session.
    pub session: Session,
}

/// Where a request comes from.
#[derive(Clone, Debug)]
pub struct Caller(pub Visit);

impl Signed {
    /// Whether they may do something, by their role or by emergency access to the case of this request.
    pub fn can(&self, permission: Permission) -> bool {
        permission.is_of(self.role) || (self.emergency.is_some() && permission.in_emergency())
    }

    /// Refuses where they may none of these.
    ///
    /// # Errors
    /// 403 with the role and what it lacks.
    pub fn may_any(&self, permissions: &[Permission]) -> Result<(), Problem> {
        if permissions.iter().any(|permission| self.can(*permission)) {
            return Ok(());
        }
        Err(lacks(self.role, permissions))
    }

    /// Refuses where they may not.
    ///
    /// # Errors
    /// 403 with the role and what it lacks.
    pub fn may(&self, permission: Permission) -> Result<(), Problem> {
        if self.can(permission) {
            return Ok(());
        }
        Err(lacks(self.role, &[permission]))
    }
}

/// The refusal for a role.
pub fn lacks(role: Role, permissions: &[Permission]) -> Problem {
    let words = permissions.iter().map(|permission| permission.word()).collect::<Vec<_>>().join(" or ");
    let role = role.word();
    Problem::new(
        Kind::NotAllowed,
        format!(
            "the role '{role}' lacks the permission '{words}'; sign in with another of your roles, or ask somebody who has it"
        ),
    )
}

macro_rules! from_guard {
    ($name:ident) => {
        impl<S: Send + Sync> FromRequestParts<S> for $name {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
                parts.extensions.get::<$name>().cloned().ok_or_else(not_signed_in)
            }
        }
    };
}

from_guard!(Signed);
from_guard!(SignedPatient);
from_guard!(Caller);

/// The refusal for somebody who is not signed in, or no longer.
pub fn not_signed_in() -> Problem {
    Problem::new(Kind::NotSignedIn, "nobody is signed in with this request, or the session ended; sign in again")
}
