//! Signing in by the site's own identity provider: OpenID Connect, authorisation code flow with PKCE.
//!
//! The protocol, the reading of keys and the checking of signatures are those of the crate `openidconnect`; here stand what
//! a site may choose, what binds a flow to one browser, and who of ours somebody is. Somebody is known by issuer and subject,
//! never by a mail address or a name.

mod flow;
mod identity;
mod provider;
mod setting;
mod web;

pub use flow::CameBack;
pub use identity::Identity;
pub use provider::Provider;
pub use setting::{FirstSignIn, OpenIdSetting, RoleClaim, is_guarded};
pub use web::WebError;
