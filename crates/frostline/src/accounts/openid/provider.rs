//! The provider: where it is, which keys it signs with, and whether a token is its word.

use chrono::{DateTime, Utc};
use frostline_record::rules::Role;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType, CoreGenderClaim,
    CoreIdTokenVerifier, CoreJsonWebKey, CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AuthorizationCode, ClaimsVerificationError, Client, CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, IdToken, IdTokenClaims, IdTokenFields, LogoutRequest, Nonce, PkceCodeChallenge,
    PkceCodeVerifier, PostLogoutRedirectUrl, ProviderMetadataWithLogout, RequestTokenError, Scope,
    SignatureVerificationError, StandardErrorResponse, StandardTokenResponse, TokenResponse,
};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::flow::{CameBack, Flow, WayIn};
use super::setting::{OpenIdSetting, is_guarded};
use super::web::{Web, WebError};
use crate::accounts::numbers::OpenIdNumbers;
use crate::accounts::refusal::Refusal;

/// The provider of a site.
pub struct Provider {
    /// What the site says of it.
    pub setting: OpenIdSetting,
    numbers: OpenIdNumbers,
    web: Web,
    /// What it said of itself, and when.
    known: Mutex<Option<(i64, ProviderMetadataWithLogout)>>,
}

/// Whom the provider vouches for.
pub struct Person {
    /// Unique at the provider, for ever.
    pub subject: String,
    /// What they are called there.
    pub name: Option<String>,
    /// Whether the provider says that it saw two factors.
    pub two_factors: bool,
    /// The roles that the token gives; nothing where the site maps no claim.
    pub roles: Option<Vec<Role>>,
}

/// All claims beyond the standard ones.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Others {
    #[serde(flatten)]
    claims: serde_json::Map<String, serde_json::Value>,
}

impl openidconnect::AdditionalClaims for Others {}

type Token = IdToken<Others, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
type Claims = IdTokenClaims<Others, CoreGenderClaim>;
type Tokens = StandardTokenResponse<
    IdTokenFields<
        Others,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;
type OurClient = Client<
    Others,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The only two that every provider can do and that a public key checks. `none` and those with a shared secret are not here.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 2] =
    [CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256, CoreJwsSigningAlgorithm::EcdsaP256Sha256];

fn refused(why: impl std::fmt::Display) -> Refusal {
    Refusal::ProviderRefused(why.to_string())
}

fn silent(why: impl std::fmt::Display) -> Refusal {
    Refusal::ProviderSilent(why.to_string())
}

impl Provider {
    /// Asked for nothing yet.
    ///
    /// # Errors
    /// Where the machine knows no certificate authority.
    pub fn new(setting: OpenIdSetting, numbers: &OpenIdNumbers) -> Result<Provider, WebError> {
        Ok(Provider { setting, numbers: numbers.clone(), web: Web::new(numbers)?, known: Mutex::new(None) })
    }

    /// Where to send a browser, with everything that must be the same when it comes back.
    pub async fn way_in(&self, now_s: i64) -> Result<WayIn, Refusal> {
        let metadata = self.metadata(now_s).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let scopes = self.setting.scopes.iter().cloned().map(Scope::new);
        let client = self.client(metadata);
        let asked =
            client.authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random);
        let (address, state, nonce) = asked.add_scopes(scopes).set_pkce_challenge(challenge).url();
        if !is_guarded(&address) {
            return Err(silent(WebError::NotGuarded(address.origin().ascii_serialization())));
        }
        let flow = Flow { nonce: nonce.secret().clone(), verifier: verifier.into_secret() };
        Ok(WayIn { address: address.to_string(), state: state.into_secret(), flow })
    }

    /// Whom the provider vouches for, in exchange for the code that a browser brought.
    pub async fn person(&self, came: &CameBack, flow: Flow, now_s: i64) -> Result<Person, Refusal> {
        if came.issuer.as_ref().is_some_and(|issuer| issuer != self.setting.issuer.as_str()) {
            return Err(refused("it names another issuer"));
        }
        let metadata = self.metadata(now_s).await?;
        let tokens = self.tokens(metadata.clone(), &came.code, flow.verifier).await?;
        let token = tokens.id_token().ok_or_else(|| refused("it holds no ID token"))?;
        let nonce = Nonce::new(flow.nonce);
        let claims = match self.claims(token, metadata.jwks(), &nonce, now_s) {
            // A key that is not known may be a new one: providers change them. Read again, once.
            Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) => {
                let metadata = self.read(now_s).await?;
                self.claims(token, metadata.jwks(), &nonce, now_s)
            }
            checked => checked,
        };
        self.person_of(claims.map_err(|error| refused(with_cause(&error)))?)
    }

    /// Where to send a browser so that it is signed out at the provider as well; nothing where the provider has no such place.
    pub async fn way_out(&self, now_s: i64) -> Result<Option<String>, Refusal> {
        let metadata = self.metadata(now_s).await?;
        let Some(end) = metadata.additional_metadata().end_session_endpoint.clone() else { return Ok(None) };
        let back = self.setting.callback.url().join(&self.setting.after).map_err(silent)?;
        let out = LogoutRequest::from(end)
            .set_client_id(self.setting.client.clone())
            .set_post_logout_redirect_uri(PostLogoutRedirectUrl::from_url(back))
            .http_get_url();
        if is_guarded(&out) { Ok(Some(out.to_string())) } else { Ok(None) }
    }

    async fn tokens(
        &self,
        metadata: ProviderMetadataWithLogout,
        code: &str,
        verifier: String,
    ) -> Result<Tokens, Refusal> {
        let client = self.client(metadata);
        let asked = client.exchange_code(AuthorizationCode::new(code.to_owned())).map_err(silent)?;
        let asked = asked.set_pkce_verifier(PkceCodeVerifier::new(verifier));
        asked.request_async(&self.web).await.map_err(|error| match error {
            RequestTokenError::Request(error) => silent(error),
            RequestTokenError::ServerResponse(said) => refused(format!("it does not take the code ({})", said.error())),
            // What it said instead may hold a token, so it is not repeated.
            RequestTokenError::Parse(error, _) => refused(format!("it cannot be read ({error})")),
            RequestTokenError::Other(_) => refused("it is not an answer of OpenID Connect"),
        })
    }

    fn claims<'t>(
        &self,
        token: &'t Token,
        keys: &CoreJsonWebKeySet,
        nonce: &Nonce,
        now_s: i64,
    ) -> Result<&'t Claims, ClaimsVerificationError> {
        let (slack_s, oldest_s) = (self.numbers.clock_slack_s, self.numbers.flow_s);
        let fresh = move |issued: DateTime<Utc>| match now_s - issued.timestamp() {
            age if age < -slack_s => Err("the token is from the future; compare the clocks".to_string()),
            age if age > oldest_s + slack_s => Err("the token is older than this sign-in".to_string()),
            _ => Ok(()),
        };
        let (client, issuer) = (self.setting.client.clone(), self.setting.issuer.clone());
        let verifier = CoreIdTokenVerifier::new_public_client(client, issuer, keys.clone())
            .set_allowed_algs(ALGORITHMS)
            .set_time_fn(move || DateTime::from_timestamp(now_s, 0).unwrap_or(DateTime::<Utc>::MAX_UTC))
            .set_issue_time_verifier_fn(fresh);
        let claims = token.claims(&verifier, nonce)?;
        // The library leaves this one to whoever uses it.
        if claims.authorized_party().is_some_and(|party| **party != *self.setting.client) {
            return Err(ClaimsVerificationError::Other("it was made for another party (azp)".to_string()));
        }
        Ok(claims)
    }

    fn person_of(&self, claims: &Claims) -> Result<Person, Refusal> {
        let methods = claims.auth_method_refs().into_iter().flatten().map(|method| method.as_str());
        let mut said = methods.chain(claims.auth_context_ref().map(|class| class.as_str()));
        let name = claims.name().and_then(|name| name.get(None)).map(|name| name.as_str().to_owned());
        let subject = claims.subject().as_str().to_owned();
        if subject.is_empty() || subject.chars().any(char::is_control) {
            return Err(refused("its subject is no name"));
        }
        Ok(Person {
            subject,
            name,
            two_factors: said.any(|word| self.setting.two_factors.iter().any(|known| known == word)),
            roles: self.setting.roles.as_ref().map(|claim| claim.roles(&claims.additional_claims().claims)),
        })
    }

    fn client(&self, metadata: ProviderMetadataWithLogout) -> OurClient {
        let (client, secret) = (self.setting.client.clone(), self.setting.client_secret.clone());
        OurClient::from_provider_metadata(metadata, client, secret).set_redirect_uri(self.setting.callback.clone())
    }

    /// What the provider says of itself, not older than is good.
    async fn metadata(&self, now_s: i64) -> Result<ProviderMetadataWithLogout, Refusal> {
        if let Some((read_s, metadata)) = &*self.known.lock().await
            && (0..self.numbers.keys_kept_s).contains(&(now_s - read_s))
        {
            return Ok(metadata.clone());
        }
        self.read(now_s).await
    }

    async fn read(&self, now_s: i64) -> Result<ProviderMetadataWithLogout, Refusal> {
        let read = ProviderMetadataWithLogout::discover_async(self.setting.issuer.clone(), &self.web).await;
        let metadata = read.map_err(|error| silent(with_cause(&error)))?;
        *self.known.lock().await = Some((now_s, metadata.clone()));
        Ok(metadata)
    }
}

/// An error with what is behind it; the library's own sentences keep that to themselves.
fn with_cause(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
