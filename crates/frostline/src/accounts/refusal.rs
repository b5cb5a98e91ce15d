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
    /// Only the emergency administrator signs in with a password here.
    #[error("this installation lets nobody sign in with a password; sign in with the account of your organisation")]
    PasswordsOff,
    /// The one who may use a password is not there.
    #[error(
        "only '{0}' may sign in with a password, and no active administrator with a password has that name; leave [password] out of the sign-in file, make that account, then put it back"
    )]
    NoEmergencyAdministrator(String),
    /// No provider is set up.
    #[error("this installation has no identity provider; sign in with name and password")]
    NoProvider,
    /// The provider does not answer, or not as it should.
    #[error("the identity provider cannot be asked: {0}; try again, and tell whoever runs the server if it stays so")]
    ProviderSilent(String),
    /// What came back cannot be trusted.
    #[error("the answer of the identity provider is refused: {0}; begin signing in anew from this site")]
    ProviderRefused(String),
    /// The provider knows them, this installation does not.
    #[error("nobody here is known as '{0}' at the identity provider; give an administrator this name to be let in")]
    NotLinked(String),
    /// Known, and without a role.
    #[error("you are known here and have no role yet; ask an administrator for one")]
    NoRole,
    /// The provider did not say that it saw two factors.
    #[error(
        "this installation asks for two factors, and the identity provider did not say that it saw them; sign in there with your second factor"
    )]
    OneFactorOnly,
    /// Somebody else has this identity, or the account has another.
    #[error("this identity belongs to another account, or the account has another identity; remove that one first")]
    IdentityTaken,
    /// The database.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// The password hash.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// A secret that cannot be encrypted or decrypted.
    #[error(transparent)]
    Vault(#[from] super::vault::VaultError),
    /// No random numbers.
    #[error("the machine gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}
