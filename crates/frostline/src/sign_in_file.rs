//! The file in which a site says how its staff sign in: its OpenID provider, who may still use a password, and where the key
//! for secrets lies.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use frostline_record::rules::Role;
use openidconnect::url::Url;
use openidconnect::{ClientId, ClientSecret, IssuerUrl, RedirectUrl};
use serde::Deserialize;

use crate::accounts::{FirstSignIn, OpenIdSetting, RoleClaim, SignInSetting, is_guarded};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    openid: Option<OpenIdRow>,
    password: Option<PasswordRow>,
    #[serde(default)]
    keys: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PasswordRow {
    only: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OpenIdRow {
    issuer: String,
    client_id: String,
    client_secret_file: Option<PathBuf>,
    callback: String,
    #[serde(default = "first_page")]
    after: String,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    first_sign_in: FirstSignIn,
    #[serde(default)]
    two_factors: Vec<String>,
    roles: Option<RolesRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RolesRow {
    claim: String,
    map: BTreeMap<String, Role>,
}

fn first_page() -> String {
    "/".to_string()
}

/// What a sign-in file says.
#[derive(Debug, Default)]
pub struct SignInFile {
    /// How staff sign in.
    pub setting: SignInSetting,
    /// Where the key for secrets lies, where the file says it.
    pub keys: Option<PathBuf>,
}

/// Why a sign-in file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SignInFileError {
    /// It cannot be read.
    #[error("{path}: {source}; check that the file is there and may be read", path = .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// It says something else than is understood.
    #[error("the sign-in file: {0}")]
    Toml(#[from] Box<toml::de::Error>),
    /// An address that cannot be used.
    #[error(
        "the sign-in file: {key} = '{found}' ({problem}), expected https://.. (http:// only for this machine itself)"
    )]
    Address {
        /// Which.
        key: &'static str,
        /// What was found.
        found: String,
        /// What is wrong.
        problem: String,
    },
    /// A page of another site.
    #[error("the sign-in file: after = '{0}', expected a page of this site, such as /")]
    After(String),
    /// Patients do not sign in there.
    #[error(
        "the sign-in file: '{0}' stands for the role patient; patients come by their invitation, never by the provider"
    )]
    Patient(String),
}

impl SignInFile {
    /// Reads a file, and the file with the secret that it names.
    ///
    /// # Errors
    /// [`SignInFileError`] naming what was found and what was expected.
    pub fn read(path: &Path) -> Result<SignInFile, SignInFileError> {
        let text = read(path)?;
        let file: File = toml::from_str(&text).map_err(Box::new)?;
        // Paths are meant as seen from the file, so that it works wherever the server is started.
        let beside = |named: PathBuf| path.parent().map_or(named.clone(), |folder| folder.join(&named));
        let openid = file.openid.map(|row| row.setting(&beside)).transpose()?;
        let only_password = file.password.map(|row| row.only.trim().to_lowercase());
        Ok(SignInFile {
            setting: SignInSetting { openid, only_password, ..SignInSetting::default() },
            keys: file.keys.map(beside),
        })
    }
}

impl OpenIdRow {
    fn setting(self, beside: &dyn Fn(PathBuf) -> PathBuf) -> Result<OpenIdSetting, SignInFileError> {
        let secret = self.client_secret_file.map(|path| read(&beside(path))).transpose()?;
        // Two slashes, or a backslash that browsers read as one, would lead to another site.
        if !self.after.starts_with('/') || self.after.starts_with("//") || self.after.contains('\\') {
            return Err(SignInFileError::After(self.after));
        }
        guarded("issuer", &self.issuer)?;
        let callback = guarded("callback", &self.callback)?;
        let roles = self.roles.map(|row| RoleClaim { claim: row.claim, map: row.map });
        if let Some((word, _)) = roles.iter().flat_map(|roles| &roles.map).find(|(_, role)| **role == Role::Patient) {
            return Err(SignInFileError::Patient(word.clone()));
        }
        let issuer = IssuerUrl::new(self.issuer.clone()).map_err(|error| wrong("issuer", &self.issuer, &error))?;
        Ok(OpenIdSetting {
            issuer,
            client: ClientId::new(self.client_id),
            client_secret: secret.map(|secret| ClientSecret::new(secret.trim().to_owned())),
            callback: RedirectUrl::from_url(callback),
            after: self.after,
            scopes: self.scopes,
            first_sign_in: self.first_sign_in,
            two_factors: self.two_factors,
            roles,
        })
    }
}

fn read(path: &Path) -> Result<String, SignInFileError> {
    std::fs::read_to_string(path).map_err(|source| SignInFileError::File { path: path.to_owned(), source })
}

fn wrong(key: &'static str, found: &str, problem: &dyn std::fmt::Display) -> SignInFileError {
    SignInFileError::Address { key, found: found.to_owned(), problem: problem.to_string() }
}

fn guarded(key: &'static str, text: &str) -> Result<Url, SignInFileError> {
    let address: Url = text.parse().map_err(|error| wrong(key, text, &error))?;
    if is_guarded(&address) { Ok(address) } else { Err(wrong(key, text, &"others can read along")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Result<SignInFile, String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("secret"), "s3cret\n").unwrap();
        let path = folder.path().join("sign-in.toml");
        std::fs::write(&path, text).unwrap();
        SignInFile::read(&path).map_err(|error| error.to_string())
    }

    const PROVIDER: &str = "[openid]\nissuer = 'https://id.example'\nclient_id = 'frostline'\n\
        client_secret_file = 'secret'\ncallback = 'https://cryo.example/api/v1/openid/callback'\n";

    #[test]
    fn a_provider_is_read_with_its_secret_and_gives_no_roles_by_itself() {
        let openid = said(PROVIDER).unwrap().setting.openid.unwrap();
        assert_eq!(openid.client_secret.unwrap().secret(), "s3cret");
        assert_eq!((openid.first_sign_in, openid.roles, openid.after.as_str()), (FirstSignIn::Refused, None, "/"));
    }

    #[test]
    fn what_would_let_others_in_is_refused_with_what_to_write() {
        let with = |old: &str, new: &str| said(&PROVIDER.replace(old, new)).unwrap_err();
        assert!(with("https://id.example", "http://id.example").contains("expected https://"));
        assert!(with("https://cryo", "http://cryo").contains("callback"));
        assert!(said(&format!("{PROVIDER}after = '//evil.example'")).unwrap_err().contains("page of this site"));
        assert!(
            said(&format!("{PROVIDER}[openid.roles]\nclaim = 'g'\nmap = {{ x = 'patient' }}"))
                .unwrap_err()
                .contains("invitation")
        );
        assert!(said(&format!("{PROVIDER}trust_everybody = true")).is_err());
    }
}
