//! Why something with an account cannot be done.

use super::password::HashError;

/// Why something with an account cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Unknown, closed, or the wrong secret: all sound the same.
    #[error(
        "the name or the password or the code is wrong; try again, or ask an administrator for a new password link"
    )]
    WrongCredentials,
    /// The password was right, and there is an authenticator.
    #[error("send the code of your authenticator, or one of your recovery codes, as 'code'")]
    SecondFactorNeeded,
    /// Too many failures.
    #[error("too many wrong tries from here or for this name; wait {wait_s} s, then try again")]
    Wait {
        /// How long. Unit: s.
        wait_s: i64,
    },
    /// Not good enough.
    #[error("{0}")]
    WeakPassword(String),
    /// Somebody else has it.
    #[error("the name '{0}' belongs to another account; choose another")]
    LoginTaken(String),
    /// A value that cannot be.
    #[error("{found}")]
    Value {
        /// Name of the field.
        field: &'static str,
        /// What was found, what was expected.
        found: String,
    },
    /// Used, too old, withdrawn, or never there.
    #[error("this link was used, is too old or was withdrawn; ask for a new one")]
    LinkDead,
    /// There would be nobody left.
    #[error("this is the last administrator who can sign in; make another one first")]
    LastAdministrator,
    /// Somebody changed it meanwhile.
    #[error("somebody changed this since it was read; read it again, then decide")]
    Stale,
    /// No such thing.
    #[error("there is no such account, session or invitation")]
    NotFound,
    /// Not a role of this account.
    #[error("the role '{0}' was not given to this account; ask an administrator")]
    NotYourRole(&'static str),
    /// The database.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// The password hash.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// No random numbers.
    #[error("the machine gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}
