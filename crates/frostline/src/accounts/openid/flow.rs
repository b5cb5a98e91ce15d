//! One way to the provider and back: bound to one browser, good once, for some minutes.

use frostline_record::rules::Role;

use super::provider::Provider;
use crate::accounts::permission::role_of_word;
use crate::accounts::refusal::Refusal;
use crate::accounts::secret::{Secret, SecretHash};
use crate::accounts::sign_in::chosen_role;
use crate::accounts::{Accounts, Opened, Visit};
use crate::store::on_db;

/// What must be the same when the browser comes back.
pub struct Flow {
    /// Must stand in the token.
    pub nonce: String,
    /// Shows the provider that who began also ends (PKCE).
    pub verifier: String,
}

/// Where to send a browser.
pub struct WayIn {
    /// At the provider.
    pub address: String,
    /// Comes back with the browser.
    pub state: String,
    /// What stays here.
    pub flow: Flow,
}

/// What a browser brings back.
pub struct CameBack {
    /// To be exchanged for a token.
    pub code: String,
    /// As it was sent.
    pub state: String,
    /// Who the provider says it is (RFC 9207).
    pub issuer: Option<String>,
    /// The secret of the browser's own cookie.
    pub browser: String,
}

impl Accounts {
    pub(super) fn provider(&self) -> Result<&Provider, Refusal> {
        self.provider.as_deref().ok_or(Refusal::NoProvider)
    }

    /// Whether there is a provider.
    pub fn has_provider(&self) -> bool {
        self.provider.is_some()
    }

    /// The page that follows signing in by the provider.
    pub fn page_after(&self) -> &str {
        self.provider.as_ref().map_or("/", |provider| &provider.setting.after)
    }

    /// Begins: an address at the provider, and the secret for the cookie of the browser that goes there.
    ///
    /// # Errors
    /// Where there is no provider or it does not answer.
    pub async fn begin_openid(&self, role: Option<Role>) -> Result<(String, Secret), Refusal> {
        let now_s = self.now_s();
        let way = self.provider()?.way_in(now_s).await?;
        let browser = Secret::new()?;
        on_db!(self.db, write, |c| sqlx::query("DELETE FROM openid_flows WHERE ends_s <= $1")
            .bind(now_s)
            .execute(c)
            .await
            .map(|_| ()))?;
        on_db!(self.db, write, |c| {
            sqlx::query(
            "INSERT INTO openid_flows (state_hash, browser_hash, nonce, verifier, role, ends_s) VALUES ($1, $2, $3, $4, $5, $6)"
        )
        .bind(&SecretHash::of(&way.state).0)
        .bind(&browser.hash().0)
        .bind(&way.flow.nonce)
        .bind(&way.flow.verifier)
        .bind(role.map(|role| role.word()))
        .bind(now_s + self.numbers.openid.flow_s)
        .execute(c)
        .await
        .map(|_| ())
        })?;
        Ok((way.address, browser))
    }

    /// Ends: a session for whom the provider vouches. Where `two_factors` are asked for, the provider must say that it saw
    /// them.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub async fn finish_openid(&self, came: CameBack, two_factors: bool, visit: &Visit) -> Result<Opened, Refusal> {
        let provider = self.provider()?;
        let (flow, role) = self.use_flow(&came).await?;
        let person = provider.person(&came, flow, self.now_s()).await?;
        let account = self.account_of(&provider.setting, &person).await?;
        if !account.active {
            return Err(Refusal::NotLinked(person.subject));
        }
        if two_factors && !person.two_factors {
            return Err(Refusal::OneFactorOnly);
        }
        if account.roles.is_empty() {
            return Err(Refusal::NoRole);
        }
        let role = chosen_role(&account, role)?;
        self.forget_old_sessions().await?;
        let opened = self.open_session(&account, role, visit).await?;
        if person.two_factors {
            self.saw_two_factors(&opened.session.id).await?;
        }
        Ok(opened)
    }

    /// Where to send a browser so that it is signed out at the provider as well.
    ///
    /// # Errors
    /// Where there is no provider, it does not answer, or it has no such place.
    pub async fn provider_sign_out(&self) -> Result<String, Refusal> {
        self.provider()?.way_out(self.now_s()).await?.ok_or(Refusal::NotFound)
    }

    /// Takes a flow out: two who come back with the same one find it once, another browser not at all.
    async fn use_flow(&self, came: &CameBack) -> Result<(Flow, Option<Role>), Refusal> {
        let row: Option<(String, String, Option<String>)> = on_db!(self.db, write, |c| sqlx::query_as(
            "DELETE FROM openid_flows WHERE state_hash = $1 AND browser_hash = $2 AND ends_s > $3
             RETURNING nonce, verifier, role"
        )
        .bind(&SecretHash::of(&came.state).0)
        .bind(&SecretHash::of(&came.browser).0)
        .bind(self.now_s())
        .fetch_optional(c)
        .await)?;
        let found = "it answers nothing that this browser asked in the last minutes";
        let (nonce, verifier, role) = row.ok_or_else(|| Refusal::ProviderRefused(found.to_string()))?;
        Ok((Flow { nonce, verifier }, role.as_deref().and_then(role_of_word)))
    }
}
