//! The session's cookie, and the token against requests that another site makes in its name.

use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::state::Site;
use crate::accounts::SecretHash;

/// The header that every change must bring, with the token that only this site's own pages can read.
pub const CSRF_HEADER: &str = "x-csrf-token";

/// Over TLS browsers keep the prefix's promise: only this host, only encrypted, the whole site.
fn name(site: &Site) -> &'static str {
    if site.encrypted { "__Host-frostline" } else { "frostline" }
}

/// The cookie's value in a request.
pub fn token(headers: &HeaderMap, site: &Site) -> Option<String> {
    value(headers, name(site))
}

fn value(headers: &HeaderMap, name: &str) -> Option<String> {
    let pairs = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = pairs.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(found, _)| *found == name).map(|(_, value)| value.to_string())
}

/// The header that keeps a token in the browser. Without an age: it goes when the browser closes.
pub fn keep(token: &str, site: &Site) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("{}={token}; {}", name(site), attributes(site))).ok()
}

/// The header that takes it away again.
pub fn forget(site: &Site) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("{}=; {}; Max-Age=0", name(site), attributes(site))).ok()
}

/// The cookie of a browser that is on its way to the OpenID provider.
fn flow_name(site: &Site) -> &'static str {
    if site.encrypted { "__Host-frostline-openid" } else { "frostline-openid" }
}

/// That cookie's value in a request.
pub fn flow(headers: &HeaderMap, site: &Site) -> Option<String> {
    value(headers, flow_name(site))
}

/// The header that keeps it for some time. Lax instead of Strict: it must come along when the provider sends the browser back.
pub fn keep_flow(secret: &str, for_s: i64, site: &Site) -> Option<HeaderValue> {
    let attributes = attributes(site).replace("SameSite=Strict", "SameSite=Lax");
    HeaderValue::from_str(&format!("{}={secret}; {attributes}; Max-Age={for_s}", flow_name(site))).ok()
}

/// The header that takes it away again.
pub fn forget_flow(site: &Site) -> Option<HeaderValue> {
    keep_flow("", 0, site)
}

fn attributes(site: &Site) -> &'static str {
    if site.encrypted { "Path=/; HttpOnly; SameSite=Strict; Secure" } else { "Path=/; HttpOnly; SameSite=Strict" }
}

/// The token that belongs to a session. Made from its secret, so nothing needs to be stored, and new with every new secret.
pub fn csrf_token(session_token: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!("frostline request token\n{session_token}")))
}

/// Whether a request brings the token of its session.
pub fn brings_csrf_token(headers: &HeaderMap, session_token: &str) -> bool {
    let found = headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    SecretHash::of(found).is(&SecretHash::of(&csrf_token(session_token)))
}

/// Whether a browser says that another site made this request. Programs say nothing and are let through to the token.
pub fn from_another_site(headers: &HeaderMap, host: Option<&str>) -> bool {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    if text(header::HeaderName::from_static("sec-fetch-site"))
        .is_some_and(|site| site != "same-origin" && site != "none")
    {
        return true;
    }
    let Some(origin) = text(header::ORIGIN) else { return false };
    let Some((_, origin_host)) = origin.split_once("://") else { return true };
    Some(origin_host) != host.or_else(|| text(header::HOST))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_cookie_is_found_among_others_and_only_by_its_whole_name() {
        let plain = Site::default();
        let found = headers(&[("cookie", "a=1; frostline=secret; frostline2=no")]);
        assert_eq!(token(&found, &plain).as_deref(), Some("secret"));
        let encrypted = Site { encrypted: true, ..Site::default() };
        assert_eq!(token(&found, &encrypted), None);
    }

    #[test]
    fn over_tls_the_cookie_has_the_host_prefix_and_is_secure() {
        let kept = keep("x", &Site { encrypted: true, ..Site::default() }).unwrap();
        let kept = kept.to_str().unwrap();
        for part in ["__Host-frostline=x;", "Secure", "HttpOnly", "SameSite=Strict", "Path=/"] {
            assert!(kept.contains(part), "{kept} lacks {part}");
        }
        assert!(!kept.contains("Domain"));
    }

    #[test]
    fn another_site_is_told_by_origin_and_by_fetch_metadata() {
        let from = |pairs: &[(&'static str, &'static str)]| from_another_site(&headers(pairs), None);
        assert!(!from(&[("host", "cryo.example:7477"), ("origin", "https://cryo.example:7477")]));
        assert!(from(&[("host", "cryo.example:7477"), ("origin", "https://evil.example")]));
        assert!(from(&[("host", "cryo.example"), ("origin", "null")]));
        assert!(from(&[("sec-fetch-site", "cross-site")]));
        assert!(from(&[("sec-fetch-site", "same-site")]));
        assert!(!from(&[("sec-fetch-site", "same-origin")]));
        assert!(!from(&[]));
    }

    #[test]
    fn the_request_token_belongs_to_one_session_only() {
        let token = csrf_token("one");
        let mut found = HeaderMap::new();
        found.insert(CSRF_HEADER, HeaderValue::from_str(&token).unwrap());
        assert!(brings_csrf_token(&found, "one"));
        assert!(!brings_csrf_token(&found, "two"));
        assert!(!brings_csrf_token(&HeaderMap::new(), "one"));
    }
}
