//! Who of ours somebody is at the provider: by issuer and subject, which are never given to anybody else.

use frostline_record::rules::Role;

use super::provider::Person;
use super::setting::{FirstSignIn, OpenIdSetting};
use crate::accounts::account::{checked_name, end_sessions, roles_as_text};
use crate::accounts::refusal::Refusal;
use crate::accounts::secret::SecretHash;
use crate::accounts::{Account, Accounts, NewAccount};
use crate::store::{Tx, on_db};

/// An account's name at the provider.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// The name there.
    pub subject: String,
}

/// Longest subject, as OpenID Connect Core 1.0 section 2 has it. Unit: characters.
const LONGEST_SUBJECT: usize = 255;

/// Letters of the name that is made up for somebody who was never here: 72 bits of a hash, so that two never meet.
const MADE_UP_LETTERS: usize = 12;

impl Accounts {
    /// The identity of an account, where it has one.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub async fn identity_of(&self, account: &str) -> Result<Option<Identity>, Refusal> {
        Ok(on_db!(self.db, read, |c| sqlx::query_as(
            "SELECT issuer, subject FROM account_identities WHERE account = $1"
        )
        .bind(account)
        .fetch_optional(c)
        .await)?)
    }

    /// Links an account with a subject of the site's provider.
    ///
    /// # Errors
    /// Where there is no provider, no such account, or either has another counterpart.
    pub async fn link_identity(&self, account: &str, subject: &str) -> Result<Identity, Refusal> {
        let fits = (1..=LONGEST_SUBJECT).contains(&subject.chars().count()) && !subject.chars().any(char::is_control);
        if !fits {
            let found =
                format!("expected 1 to {LONGEST_SUBJECT} characters, as the claim 'sub' of the provider says them");
            return Err(Refusal::Value { field: "subject", found });
        }
        let account = self.account(account).await?;
        let identity =
            Identity { issuer: self.provider()?.setting.issuer.as_str().to_owned(), subject: subject.to_owned() };
        let mut tx = self.db.begin().await?;
        insert(&mut tx, &account.id, &identity).await?;
        tx.commit().await?;
        Ok(identity)
    }

    /// Unlinks an account and signs it out everywhere.
    ///
    /// # Errors
    /// Where it was not linked.
    pub async fn unlink_identity(&self, account: &str) -> Result<(), Refusal> {
        let mut tx = self.db.begin().await?;
        let done = on_db!(tx, |c| sqlx::query("DELETE FROM account_identities WHERE account = $1")
            .bind(account)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        if done == 0 {
            return Err(Refusal::NotFound);
        }
        end_sessions(&mut tx, account, "").await?;
        tx.commit().await?;
        Ok(())
    }

    /// The account of somebody for whom the provider vouches, with the roles that the site takes from the token.
    pub(super) async fn account_of(&self, setting: &OpenIdSetting, person: &Person) -> Result<Account, Refusal> {
        let identity = Identity { issuer: setting.issuer.as_str().to_owned(), subject: person.subject.clone() };
        let row: Option<(String,)> = on_db!(self.db, read, |c| sqlx::query_as(
            "SELECT account FROM account_identities WHERE issuer = $1 AND subject = $2"
        )
        .bind(&identity.issuer)
        .bind(&identity.subject)
        .fetch_optional(c)
        .await)?;
        let account = match (row, setting.first_sign_in) {
            (Some((account,)), _) => self.account(&account).await?,
            (None, FirstSignIn::WithoutRole) => self.first_time(&identity, person).await?,
            (None, FirstSignIn::Refused) => return Err(Refusal::NotLinked(identity.subject)),
        };
        match &person.roles {
            Some(roles) if *roles != account.roles && account.active => self.take_roles(&account, roles).await,
            _ => Ok(account),
        }
    }

    /// An account without a role. Its name is made up, so that nobody at the provider can choose that of somebody here.
    async fn first_time(&self, identity: &Identity, person: &Person) -> Result<Account, Refusal> {
        let hash = SecretHash::salted(&identity.issuer, &identity.subject).0.to_lowercase();
        let letters = hash.chars().map(|letter| if letter == '_' { '.' } else { letter }).take(MADE_UP_LETTERS);
        let login = format!("openid-{}", letters.collect::<String>());
        let name = person.name.as_deref().and_then(|name| checked_name(name).ok());
        let new = NewAccount { display_name: name.unwrap_or_else(|| login.clone()), login, roles: Vec::new() };
        let mut tx = self.db.begin().await?;
        let account = self.insert_with(&mut tx, new, None).await?;
        insert(&mut tx, &account.id, identity).await?;
        tx.commit().await?;
        Ok(account)
    }

    /// Takes the roles of the token; whoever is signed in with others is signed out.
    async fn take_roles(&self, account: &Account, roles: &[Role]) -> Result<Account, Refusal> {
        let mut tx = self.db.begin().await?;
        on_db!(tx, |c| sqlx::query("UPDATE accounts SET roles = $1, version = version + 1 WHERE id = $2")
            .bind(roles_as_text(roles))
            .bind(&account.id)
            .execute(c)
            .await
            .map(|_| ()))?;
        self.must_have_administrator(&mut tx).await?;
        end_sessions(&mut tx, &account.id, "").await?;
        tx.commit().await?;
        self.account(&account.id).await
    }
}

async fn insert(tx: &mut Tx, account: &str, identity: &Identity) -> Result<(), Refusal> {
    let done = on_db!(*tx, |c| sqlx::query(
        "INSERT INTO account_identities (issuer, subject, account) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
    )
    .bind(&identity.issuer)
    .bind(&identity.subject)
    .bind(account)
    .execute(c)
    .await
    .map(|done| done.rows_affected()))?;
    if done == 1 { Ok(()) } else { Err(Refusal::IdentityTaken) }
}
