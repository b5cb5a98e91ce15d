//! Links that work once: for the first administrator, and for a password.

use frostline_record::rules::Role;

use super::Accounts;
use super::account::{Account, NewAccount, canonical, end_sessions};
use super::refusal::Refusal;
use super::secret::{Secret, SecretHash};
use crate::store::{Tx, on_db};

const FIRST_ADMINISTRATOR: &str = "first-administrator";
const PASSWORD: &str = "password";

impl Accounts {
    /// A secret with which somebody at the console makes the first account; nothing once there is one. Each start of the
    /// program makes a new secret and kills the old one.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub async fn first_secret(&self) -> Result<Option<Secret>, Refusal> {
        let mut tx = self.db.begin().await?;
        if account_count(&mut tx).await? > 0 {
            return Ok(None);
        }
        on_db!(tx, |c| sqlx::query("DELETE FROM one_time_links WHERE purpose = $1")
            .bind(FIRST_ADMINISTRATOR)
            .execute(c)
            .await
            .map(|_| ()))?;
        let secret =
            self.new_link(&mut tx, FIRST_ADMINISTRATOR, None, self.numbers.links.first_administrator_s).await?;
        tx.commit().await?;
        Ok(Some(secret))
    }

    /// Where passwords are off for all but one: refuses to start when that one could not come in.
    ///
    /// # Errors
    /// Where there are accounts, and no active administrator of that name with a password.
    pub async fn must_have_emergency_administrator(&self) -> Result<(), Refusal> {
        let Some(only) = self.sign_in.only_password.clone() else { return Ok(()) };
        let mut tx = self.db.begin().await?;
        if account_count(&mut tx).await? == 0 {
            return Ok(());
        }
        self.must_have_administrator(&mut tx).await.map_err(|refusal| match refusal {
            Refusal::LastAdministrator => Refusal::NoEmergencyAdministrator(only),
            other => other,
        })
    }

    /// Makes the first account, an administrator.
    ///
    /// # Errors
    /// Where the secret is not the one on the console, or there is an account already.
    pub async fn create_first(
        &self,
        secret: &str,
        login: String,
        display_name: String,
        password: String,
    ) -> Result<Account, Refusal> {
        if let Some(only) = self.sign_in.only_password.as_deref()
            && only != canonical(&login)
        {
            let found = format!("found '{login}', expected '{only}', the only name that may have a password here");
            return Err(Refusal::Value { field: "login", found });
        }
        // Looked at before hashing, so that strangers cannot make the machine hash; used up only when all else is right.
        let hash = match self.link_lives(secret, FIRST_ADMINISTRATOR).await? {
            true => self.hash_of_new(&login, password).await?,
            false => return Err(Refusal::LinkDead),
        };
        let mut tx = self.db.begin().await?;
        self.use_link(&mut tx, secret, FIRST_ADMINISTRATOR).await?;
        if account_count(&mut tx).await? > 0 {
            return Err(Refusal::LinkDead);
        }
        let new = NewAccount { login, display_name, roles: vec![Role::Administrator] };
        let account = self.insert(&mut tx, new, Some(hash)).await?;
        tx.commit().await?;
        Ok(account)
    }

    /// A link with which the owner of an account chooses a password. Links given before die; the old password stays until
    /// the new one is chosen, so that nobody is locked out by a link that got lost.
    ///
    /// # Errors
    /// Where there is no such account.
    pub async fn password_link(&self, account: &str) -> Result<Secret, Refusal> {
        let account = self.account(account).await?;
        let mut tx = self.db.begin().await?;
        on_db!(tx, |c| sqlx::query("DELETE FROM one_time_links WHERE purpose = $1 AND account = $2")
            .bind(PASSWORD)
            .bind(&account.id)
            .execute(c)
            .await
            .map(|_| ()))?;
        let secret = self.new_link(&mut tx, PASSWORD, Some(&account.id), self.numbers.links.password_s).await?;
        tx.commit().await?;
        Ok(secret)
    }

    /// Chooses a password with a link; whoever was signed in with the old one is signed out.
    ///
    /// # Errors
    /// Where the link is dead or the password weak.
    pub async fn choose_password(&self, secret: &str, password: String) -> Result<Account, Refusal> {
        let account = self.account_of_link(secret).await?.ok_or(Refusal::LinkDead)?;
        let hash = self.hash_of_new(&account.login, password).await?;
        let mut tx = self.db.begin().await?;
        self.use_link(&mut tx, secret, PASSWORD).await?;
        on_db!(tx, |c| sqlx::query("UPDATE accounts SET password_hash = $1, version = version + 1 WHERE id = $2")
            .bind(&hash)
            .bind(&account.id)
            .execute(c)
            .await
            .map(|_| ()))?;
        end_sessions(&mut tx, &account.id, "").await?;
        self.reopen(&mut tx, &account.login).await?;
        tx.commit().await?;
        Ok(account)
    }

    async fn new_link(
        &self,
        tx: &mut Tx,
        purpose: &str,
        account: Option<&str>,
        lasts_s: i64,
    ) -> Result<Secret, Refusal> {
        let secret = Secret::new()?;
        on_db!(*tx, |c| sqlx::query(
            "INSERT INTO one_time_links (token_hash, purpose, account, ends_s) VALUES ($1, $2, $3, $4)"
        )
        .bind(&secret.hash().0)
        .bind(purpose)
        .bind(account)
        .bind(self.now_s() + lasts_s)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(secret)
    }

    async fn link_lives(&self, secret: &str, purpose: &str) -> Result<bool, Refusal> {
        let row: Option<(i64,)> = on_db!(self.db, read, |c| sqlx::query_as(
            "SELECT ends_s FROM one_time_links WHERE token_hash = $1 AND purpose = $2 AND ends_s > $3"
        )
        .bind(&SecretHash::of(secret).0)
        .bind(purpose)
        .bind(self.now_s())
        .fetch_optional(c)
        .await)?;
        Ok(row.is_some())
    }

    async fn account_of_link(&self, secret: &str) -> Result<Option<Account>, Refusal> {
        let row: Option<(String,)> = on_db!(self.db, read, |c| sqlx::query_as(
            "SELECT a.id FROM one_time_links l JOIN accounts a ON a.id = l.account
             WHERE l.token_hash = $1 AND l.purpose = $2 AND l.ends_s > $3 AND a.active = 1"
        )
        .bind(&SecretHash::of(secret).0)
        .bind(PASSWORD)
        .bind(self.now_s())
        .fetch_optional(c)
        .await)?;
        match row {
            Some((id,)) => self.account(&id).await.map(Some),
            None => Ok(None),
        }
    }

    /// Uses a link up. Two who come with the same one at the same time: the second finds nothing to remove.
    async fn use_link(&self, tx: &mut Tx, secret: &str, purpose: &str) -> Result<(), Refusal> {
        let done = on_db!(*tx, |c| sqlx::query(
            "DELETE FROM one_time_links WHERE token_hash = $1 AND purpose = $2 AND ends_s > $3"
        )
        .bind(&SecretHash::of(secret).0)
        .bind(purpose)
        .bind(self.now_s())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        if done == 1 { Ok(()) } else { Err(Refusal::LinkDead) }
    }
}

async fn account_count(tx: &mut Tx) -> Result<i64, sqlx::Error> {
    let row: (i64,) = on_db!(*tx, |c| sqlx::query_as("SELECT COUNT(*) FROM accounts").fetch_one(c).await)?;
    Ok(row.0)
}
