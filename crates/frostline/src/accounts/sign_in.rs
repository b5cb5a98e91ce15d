//! Signing in.

use frostline_record::rules::Role;

use super::Accounts;
use super::account::{Account, canonical};
use super::refusal::Refusal;
use super::session::Opened;
use crate::store::on_db;

/// What somebody brings to sign in.
pub struct Credentials {
    /// Their name.
    pub login: String,
    /// Their password.
    pub password: String,
    /// Of their authenticator, or a recovery code.
    pub code: Option<String>,
    /// As what; their first role where nothing is said.
    pub role: Option<Role>,
}

/// Where somebody comes from.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The network address.
    pub address: String,
    /// What their browser calls itself.
    pub agent: String,
}

impl Accounts {
    /// Opens a session. An unknown name, a closed account and a wrong password get the same words after the same work.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub async fn sign_in(&self, credentials: Credentials, visit: &Visit) -> Result<Opened, Refusal> {
        let login = canonical(&credentials.login);
        if !self.sign_in.lets_sign_in_by_password(&login) {
            return Err(Refusal::PasswordsOff);
        }
        let guards = self.guards(&login, &visit.address);
        self.count_try(&guards).await?;
        let account = self.account_by_login(&login).await?.filter(|account| account.active);
        let stored = account.as_ref().and_then(|account| account.password_hash.as_deref());
        let fits = self.hasher.fits(credentials.password, stored).await?;
        let account = account.filter(|_| fits).ok_or(Refusal::WrongCredentials)?;
        self.check_second_factor(&account, credentials.code.as_deref()).await?;
        self.forgive(&guards).await?;
        let role = chosen_role(&account, credentials.role)?;
        self.forget_old_sessions().await?;
        self.open_session(&account, role, visit).await
    }

    /// Whether a password is that of somebody who is signed in; counted like signing in.
    ///
    /// # Errors
    /// [`Refusal::WrongCredentials`] where it is not.
    pub async fn confirm_password(&self, id: &str, password: String, visit: &Visit) -> Result<Account, Refusal> {
        let account = self.account(id).await?;
        let guards = self.guards(&account.login, &visit.address);
        self.count_try(&guards).await?;
        if !self.hasher.fits(password, account.password_hash.as_deref()).await? {
            return Err(Refusal::WrongCredentials);
        }
        self.forgive(&guards).await?;
        Ok(account)
    }

    /// Changes one's own password; every other session of the account ends.
    ///
    /// # Errors
    /// Where the old one is wrong or the new one is weak.
    pub async fn change_password(&self, account: &Account, session: &str, password: String) -> Result<(), Refusal> {
        let hash = self.hash_of_new(&account.login, password).await?;
        let mut tx = self.db.begin().await?;
        on_db!(tx, |c| sqlx::query("UPDATE accounts SET password_hash = $1, version = version + 1 WHERE id = $2")
            .bind(&hash)
            .bind(&account.id)
            .execute(c)
            .await
            .map(|_| ()))?;
        super::account::end_sessions(&mut tx, &account.id, session).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The hash of a new password that is good enough.
    pub(super) async fn hash_of_new(&self, login: &str, password: String) -> Result<String, Refusal> {
        if let Some(why) = super::password::weakness(&password, login, &self.numbers) {
            return Err(Refusal::WeakPassword(why));
        }
        Ok(self.hasher.hash(password).await?)
    }
}

/// The role that was asked for, if it was given to the account.
pub(super) fn chosen_role(account: &Account, asked: Option<Role>) -> Result<Role, Refusal> {
    match asked {
        Some(role) if account.roles.contains(&role) => Ok(role),
        Some(role) => Err(Refusal::NotYourRole(role.word())),
        None => account.roles.first().copied().ok_or(Refusal::NotYourRole("any")),
    }
}
