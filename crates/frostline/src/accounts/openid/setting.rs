//! What a site says of its provider.

use std::collections::BTreeMap;

use frostline_record::rules::Role;
use openidconnect::{ClientId, ClientSecret, IssuerUrl, RedirectUrl};

/// What a site says of its provider.
#[derive(Clone, Debug)]
pub struct OpenIdSetting {
    /// The provider, as its tokens name it.
    pub issuer: IssuerUrl,
    /// This installation's name at the provider.
    pub client: ClientId,
    /// Its secret there, where it has one.
    pub client_secret: Option<ClientSecret>,
    /// Where the provider sends the browser back to.
    pub callback: RedirectUrl,
    /// The page of this site that follows.
    pub after: String,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// What happens with somebody who was never here.
    pub first_sign_in: FirstSignIn,
    /// Words of `amr` or `acr` by which the provider says that it saw two factors.
    pub two_factors: Vec<String>,
    /// The claim that gives roles; by default none does.
    pub roles: Option<RoleClaim>,
}

/// What happens with somebody who was never here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FirstSignIn {
    /// They are sent away: an administrator links accounts beforehand.
    #[default]
    Refused,
    /// They get an account without a role, which opens nothing until an administrator gives one.
    WithoutRole,
}

/// A claim whose values stand for roles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleClaim {
    /// Its name, or a JSON pointer such as `/realm_access/roles`.
    pub claim: String,
    /// Which of its values stand for which role; all others for none.
    pub map: BTreeMap<String, Role>,
}

impl RoleClaim {
    /// The roles that claims give, each once.
    pub fn roles(&self, claims: &serde_json::Map<String, serde_json::Value>) -> Vec<Role> {
        let (first, rest) = match self.claim.strip_prefix('/') {
            Some(path) => path.split_once('/').unwrap_or((path, "")),
            None => (self.claim.as_str(), ""),
        };
        let pointer = if rest.is_empty() { String::new() } else { format!("/{rest}") };
        let Some(found) = claims.get(first).and_then(|value| value.pointer(&pointer)) else { return Vec::new() };
        let words = match found {
            serde_json::Value::Array(words) => words.iter().filter_map(serde_json::Value::as_str).collect(),
            serde_json::Value::String(word) => vec![word.as_str()],
            _ => Vec::new(),
        };
        let given: Vec<Role> = words.into_iter().filter_map(|word| self.map.get(word).copied()).collect();
        super::super::permission::ROLES.into_iter().filter(|role| given.contains(role)).collect()
    }
}

/// Whether nobody on the way can read or change what is sent there: HTTPS, or this machine itself.
pub fn is_guarded(address: &openidconnect::url::Url) -> bool {
    let is_loopback = match address.host() {
        Some(openidconnect::url::Host::Ipv4(address)) => address.is_loopback(),
        Some(openidconnect::url::Host::Ipv6(address)) => address.is_loopback(),
        Some(openidconnect::url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    address.scheme() == "https" || (address.scheme() == "http" && is_loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_this_machine_are_guarded() {
        let guarded = |address: &str| is_guarded(&address.parse().unwrap());
        assert!(guarded("https://id.example/realm") && guarded("http://127.0.0.1:8080") && guarded("http://[::1]/x"));
        assert!(!guarded("http://id.example/realm") && !guarded("http://10.0.0.8/x") && !guarded("ftp://127.0.0.1/"));
        assert!(!guarded("http://localhost.example/"));
    }

    #[test]
    fn a_claim_gives_the_mapped_roles_and_no_other() {
        let of = |claim: &str, claims: serde_json::Value| {
            let map =
                BTreeMap::from([("cryo-nurses".to_string(), Role::Nurse), ("it".to_string(), Role::Administrator)]);
            RoleClaim { claim: claim.into(), map }.roles(claims.as_object().unwrap())
        };
        let claims = serde_json::json!({ "groups": ["administrator", "cryo-nurses", 7], "realm": { "roles": "it" } });
        assert_eq!(of("groups", claims.clone()), [Role::Nurse]);
        assert_eq!(of("/realm/roles", claims.clone()), [Role::Administrator]);
        assert_eq!(of("realm", claims.clone()), []);
        assert_eq!(of("missing", claims), []);
    }
}
