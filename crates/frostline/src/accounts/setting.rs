//! How staff sign in at one site.

use super::openid::OpenIdSetting;
use super::vault::SecretKeys;

/// How staff sign in at one site. By default: with name and password, and no provider.
#[derive(Clone, Debug, Default)]
pub struct SignInSetting {
    /// The site's OpenID provider.
    pub openid: Option<OpenIdSetting>,
    /// The only name that may sign in with a password; everybody where nothing is said.
    pub only_password: Option<String>,
    /// With what secrets in the database are encrypted; where nothing is said, with a key that ends with the program.
    pub keys: Option<SecretKeys>,
}

impl SignInSetting {
    /// Whether a name, in lower case, may sign in with a password.
    pub fn lets_sign_in_by_password(&self, login: &str) -> bool {
        self.only_password.as_deref().is_none_or(|only| only == login)
    }
}
