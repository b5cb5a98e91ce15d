//! Accounts: who may come in, as whom, and for how long.
//!
//! Knows names, passwords, roles, sessions, invitations of patients, and the database they lie in. Does not know HTTP and
//! no clinical data: a case is an identifier here.

mod account;
mod break_glass;
mod feed_link;
mod invitation;
mod link;
mod numbers;
mod openid;
mod password;
pub mod permission;
mod refusal;
mod sealing;
mod second_factor;
mod secret;
mod session;
mod setting;
mod sign_in;
mod tries;
mod vault;

use std::sync::Arc;

pub use account::{Account, Change, NewAccount};
pub use break_glass::EmergencyAccess;
pub use feed_link::FeedLink;
pub use invitation::{Factor, Invitation, Invited};
pub use numbers::{SecurityNumbers, ServerBounds};
pub use openid::{CameBack, FirstSignIn, Identity, OpenIdSetting, RoleClaim, is_guarded};
pub use permission::Permission;
pub use refusal::Refusal;
pub use second_factor::NewAuthenticator;
pub use secret::{Secret, SecretHash};
pub use session::{Opened, Session, Whose};
pub use setting::SignInSetting;
pub use sign_in::{Credentials, Visit};
pub use vault::{SecretKeys, VaultError};

use crate::server::Clock;
use crate::store::{Beside, Db};
use password::Hasher;

/// What is known of a patient and of who looked, and goes when a case is erased. That emergency access was taken, by whom and
/// when, stays without its words.
pub const OF_A_CASE: &[Beside] = &[
    Beside {
        what: "sessions",
        sql: "DELETE FROM sessions WHERE invitation IN (SELECT id FROM invitations WHERE case_id = $1)",
    },
    Beside { what: "invitations", sql: "DELETE FROM invitations WHERE case_id = $1" },
    Beside {
        what: "reasons of emergency access",
        sql: "UPDATE break_glass SET reason = 'erased with the case' WHERE case_id = $1 AND reason <> 'erased with the case'",
    },
];

/// Everything about accounts, over one database. Cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    db: Db,
    hasher: Hasher,
    numbers: Arc<SecurityNumbers>,
    clock: Clock,
    sign_in: Arc<SignInSetting>,
    provider: Option<Arc<openid::Provider>>,
    keys: Arc<SecretKeys>,
}

/// Why accounts cannot be kept at all.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// The data.
    #[error("data/security.toml: {0}")]
    Numbers(#[from] toml::de::Error),
    /// Numbers of the practice.
    #[error(transparent)]
    Practice(#[from] frostline_plan::catalogue::CatalogueError),
    /// The machine cannot ask the provider.
    #[error(transparent)]
    Provider(#[from] openid::WebError),
    /// No key.
    #[error(transparent)]
    Keys(#[from] VaultError),
    /// The cost of hashes.
    #[error(transparent)]
    Hash(#[from] password::HashError),
}

impl Accounts {
    /// Over an open database.
    ///
    /// # Errors
    /// Where `data/security.toml` cannot be used, or the machine knows no certificate authority to check a provider with.
    pub fn new(db: Db, clock: Clock, sign_in: SignInSetting) -> Result<Accounts, SetUpError> {
        let numbers = SecurityNumbers::bundled()?;
        let hasher = Hasher::new(&numbers.password_hash)?;
        let provider =
            sign_in.openid.clone().map(|setting| openid::Provider::new(setting, &numbers.openid)).transpose()?;
        // A key that nobody keeps ends with the program: good for a test and for a played case.
        let keys = Arc::new(sign_in.keys.clone().map_or_else(SecretKeys::new, Ok)?);
        let (numbers, sign_in, provider) = (Arc::new(numbers), Arc::new(sign_in), provider.map(Arc::new));
        Ok(Accounts { db, hasher, numbers, clock, sign_in, provider, keys })
    }

    /// The numbers of `data/security.toml`.
    pub fn numbers(&self) -> &SecurityNumbers {
        &self.numbers
    }

    fn now_s(&self) -> i64 {
        self.clock.now_s()
    }
}

/// A new identifier, in the order of making.
fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}
