//! The account of one person.

use frostline_record::rules::Role;

use super::permission::{ROLES, role_of_word};
use super::refusal::Refusal;
use super::{Accounts, new_id};
use crate::store::{Tx, on_db};

/// One person who may come in.
#[derive(Clone, Debug)]
pub struct Account {
    /// Never used again for somebody else.
    pub id: String,
    /// What they type; in lower case.
    pub login: String,
    /// What others read.
    pub display_name: String,
    /// What they may be; one of them at a time.
    pub roles: Vec<Role>,
    /// Whether they may come in.
    pub active: bool,
    /// Counts changes.
    pub version: i64,
    /// Unit: seconds since 1970.
    pub created_s: i64,
    /// Nothing until the first password is chosen.
    pub(super) password_hash: Option<String>,
    pub(super) totp_secret: Option<String>,
    pub(super) totp_pending: Option<String>,
}

/// What an administrator says of somebody new.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// What they will type.
    pub login: String,
    /// What others will read.
    pub display_name: String,
    /// What they may be.
    pub roles: Vec<Role>,
}

/// What an administrator changes; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// What others read.
    pub display_name: Option<String>,
    /// What they may be.
    pub roles: Option<Vec<Role>>,
    /// Whether they may come in.
    pub active: Option<bool>,
}

#[derive(sqlx::FromRow)]
pub(super) struct AccountRow {
    id: String,
    login: String,
    display_name: String,
    roles: String,
    active: i64,
    version: i64,
    created_s: i64,
    password_hash: Option<String>,
    totp_secret: Option<String>,
    totp_pending: Option<String>,
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Account {
        Account {
            id: row.id,
            login: row.login,
            display_name: row.display_name,
            roles: roles_of(&row.roles),
            active: row.active != 0,
            version: row.version,
            created_s: row.created_s,
            password_hash: row.password_hash,
            totp_secret: row.totp_secret,
            totp_pending: row.totp_pending,
        }
    }
}

impl Account {
    /// Whether a password was chosen.
    pub fn has_password(&self) -> bool {
        self.password_hash.is_some()
    }

    /// Whether an authenticator is asked for.
    pub fn has_second_factor(&self) -> bool {
        self.totp_secret.is_some()
    }
}

/// Longest names. They are printed on one line.
const LONGEST_NAME: usize = 100;

impl Accounts {
    /// Makes an account that cannot sign in before its owner chose a password.
    ///
    /// # Errors
    /// Where the name is taken or a value cannot be.
    pub async fn create(&self, new: NewAccount) -> Result<Account, Refusal> {
        let mut tx = self.db.begin().await?;
        let account = self.insert(&mut tx, new, None).await?;
        tx.commit().await?;
        Ok(account)
    }

    pub(super) async fn insert(
        &self,
        tx: &mut Tx,
        new: NewAccount,
        password_hash: Option<String>,
    ) -> Result<Account, Refusal> {
        let roles = checked_roles(&new.roles)?;
        self.insert_with(tx, NewAccount { roles, ..new }, password_hash).await
    }

    /// With roles that were checked, or with none: nobody can sign in without one.
    pub(super) async fn insert_with(
        &self,
        tx: &mut Tx,
        new: NewAccount,
        password_hash: Option<String>,
    ) -> Result<Account, Refusal> {
        let login = checked_login(&new.login)?;
        let display_name = checked_name(&new.display_name)?;
        let roles = new.roles;
        let (id, now_s) = (new_id(), self.now_s());
        let done = on_db!(*tx, |c| sqlx::query(
            "INSERT INTO accounts (id, login, display_name, password_hash, roles, active, version, created_s)
             VALUES ($1, $2, $3, $4, $5, 1, 1, $6) ON CONFLICT (login) DO NOTHING"
        )
        .bind(&id)
        .bind(&login)
        .bind(&display_name)
        .bind(&password_hash)
        .bind(roles_as_text(&roles))
        .bind(now_s)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        if done == 0 {
            return Err(Refusal::LoginTaken(login));
        }
        let account = Account {
            id,
            login,
            display_name,
            roles,
            active: true,
            version: 1,
            created_s: now_s,
            password_hash,
            totp_secret: None,
            totp_pending: None,
        };
        Ok(account)
    }

    /// One account.
    ///
    /// # Errors
    /// Where there is none.
    pub async fn account(&self, id: &str) -> Result<Account, Refusal> {
        let row: Option<AccountRow> =
            on_db!(self.db, read, |c| sqlx::query_as("SELECT * FROM accounts WHERE id = $1")
                .bind(id)
                .fetch_optional(c)
                .await)?;
        row.map(Account::from).ok_or(Refusal::NotFound)
    }

    pub(super) async fn account_by_login(&self, login: &str) -> Result<Option<Account>, Refusal> {
        let row: Option<AccountRow> =
            on_db!(self.db, read, |c| sqlx::query_as("SELECT * FROM accounts WHERE login = $1")
                .bind(login)
                .fetch_optional(c)
                .await)?;
        Ok(row.map(Account::from))
    }

    /// The account of a name, for the audit.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub async fn id_of(&self, login: &str) -> Result<Option<String>, Refusal> {
        Ok(self.account_by_login(&canonical(login)).await?.map(|account| account.id))
    }

    /// Accounts in the order of making, from the one after `after` on.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub async fn accounts_after(&self, after: &str, limit: i64) -> Result<Vec<Account>, Refusal> {
        let rows: Vec<AccountRow> =
            on_db!(self.db, read, |c| sqlx::query_as("SELECT * FROM accounts WHERE id > $1 ORDER BY id LIMIT $2")
                .bind(after)
                .bind(limit)
                .fetch_all(c)
                .await)?;
        Ok(rows.into_iter().map(Account::from).collect())
    }

    /// Changes an account that nobody else changed since `version`. Whoever is signed in with it is signed out.
    ///
    /// # Errors
    /// Where it was changed meanwhile, or nobody could run the installation any more.
    pub async fn change(&self, id: &str, version: i64, change: Change) -> Result<Account, Refusal> {
        let now = self.account(id).await?;
        let display_name = change.display_name.as_deref().map_or(Ok(now.display_name.clone()), checked_name)?;
        let roles = change.roles.as_deref().map_or(Ok(now.roles.clone()), checked_roles)?;
        let active = change.active.unwrap_or(now.active);
        let mut tx = self.db.begin().await?;
        let done = on_db!(tx, |c| sqlx::query(
            "UPDATE accounts SET display_name = $1, roles = $2, active = $3, version = version + 1
             WHERE id = $4 AND version = $5"
        )
        .bind(&display_name)
        .bind(roles_as_text(&roles))
        .bind(i64::from(active))
        .bind(id)
        .bind(version)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        if done == 0 {
            return Err(Refusal::Stale);
        }
        self.must_have_administrator(&mut tx).await?;
        end_sessions(&mut tx, id, "").await?;
        tx.commit().await?;
        self.account(id).await
    }
}

impl Accounts {
    /// Refuses a change after which nobody could make accounts; where passwords are off for all but one, that one must stay.
    pub(super) async fn must_have_administrator(&self, tx: &mut Tx) -> Result<(), Refusal> {
        // On PostgreSQL two administrators could close each other at once; locking the rows makes the second one wait and see.
        if let Tx::Pg(tx) = tx {
            sqlx::query("SELECT id FROM accounts ORDER BY id FOR UPDATE").fetch_all(&mut **tx).await?;
        }
        let rows: Vec<(String, String)> = on_db!(*tx, |c| sqlx::query_as(
            "SELECT login, roles FROM accounts WHERE active = 1 AND password_hash IS NOT NULL"
        )
        .fetch_all(c)
        .await)?;
        let some = rows.iter().any(|(login, roles)| {
            self.sign_in.lets_sign_in_by_password(login) && roles_of(roles).contains(&Role::Administrator)
        });
        some.then_some(()).ok_or(Refusal::LastAdministrator)
    }
}

/// Ends the sessions of an account, all but one.
pub(super) async fn end_sessions(tx: &mut Tx, account: &str, but: &str) -> Result<(), sqlx::Error> {
    on_db!(*tx, |c| sqlx::query("DELETE FROM sessions WHERE account = $1 AND id <> $2")
        .bind(account)
        .bind(but)
        .execute(c)
        .await
        .map(|_| ()))
}

/// What could make two names look like one, or turn what stands around them: nothing that a person would write.
fn is_unseen(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}') || frostline_record::rules::is_unseen(letter)
}

/// In lower case, so that nobody can sit beside somebody else's name.
pub(super) fn canonical(login: &str) -> String {
    login.trim().to_lowercase()
}

fn checked_login(login: &str) -> Result<String, Refusal> {
    let login = canonical(login);
    let fits = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "._-@".contains(letter);
    if !login.is_empty() && login.len() <= LONGEST_NAME && login.chars().all(fits) {
        return Ok(login);
    }
    let found = format!("found '{login}', expected 1 to {LONGEST_NAME} letters a-z, digits and the signs . _ - @");
    Err(Refusal::Value { field: "login", found })
}

pub(super) fn checked_name(name: &str) -> Result<String, Refusal> {
    let name = name.trim();
    if !name.is_empty() && name.chars().count() <= LONGEST_NAME && !name.chars().any(is_unseen) {
        return Ok(name.to_string());
    }
    let found =
        format!("expected a name of 1 to {LONGEST_NAME} characters on one line, without signs that nobody sees");
    Err(Refusal::Value { field: "display_name", found })
}

fn checked_roles(roles: &[Role]) -> Result<Vec<Role>, Refusal> {
    let wrong = |found: &str| Err(Refusal::Value { field: "roles", found: found.to_string() });
    if roles.contains(&Role::Patient) {
        return wrong("patients have no account; invite them to their case instead");
    }
    if roles.is_empty() {
        return wrong("found no role, expected at least one");
    }
    // In the order of the table and each once, whatever was sent.
    Ok(ROLES.into_iter().filter(|role| roles.contains(role)).collect())
}

pub(super) fn roles_as_text(roles: &[Role]) -> String {
    roles.iter().map(|role| role.word()).collect::<Vec<_>>().join(" ")
}

fn roles_of(text: &str) -> Vec<Role> {
    text.split(' ').filter_map(role_of_word).collect()
}
