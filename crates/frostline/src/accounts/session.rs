//! Sessions: one browser that is signed in.

use frostline_record::rules::Role;

use super::account::Account;
use super::permission::role_of_word;
use super::refusal::Refusal;
use super::secret::{Secret, SecretHash};
use super::sign_in::{Visit, chosen_role};
use super::{Accounts, new_id};
use crate::store::on_db;

/// Whose session it is.
#[derive(Clone, Debug)]
pub enum Whose {
    /// Somebody with an account.
    Staff {
        /// Their account.
        account: String,
        /// Their name.
        display_name: String,
        /// Whether they have an authenticator on.
        second_factor: bool,
    },
    /// A patient, bound to one case.
    Patient {
        /// The invitation they came with.
        invitation: String,
        /// Their case.
        case: String,
    },
}

/// One browser that is signed in.
#[derive(Clone, Debug)]
pub struct Session {
    /// Names it in lists; opens nothing.
    pub id: String,
    /// Whose.
    pub whose: Whose,
    /// As what.
    pub role: Role,
    /// Unit: seconds since 1970.
    pub created_s: i64,
    /// The last request, give or take a minute. Unit: seconds since 1970.
    pub seen_s: i64,
    /// It ends then, whatever happens. Unit: seconds since 1970.
    pub ends_s: i64,
    /// From where.
    pub address: String,
    /// With what.
    pub agent: String,
}

/// A session that was just opened, with the secret that the browser keeps.
pub struct Opened {
    /// The session.
    pub session: Session,
    /// For the cookie.
    pub token: Secret,
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    id: String,
    account: Option<String>,
    display_name: Option<String>,
    second_factor: i64,
    invitation: Option<String>,
    case_id: Option<String>,
    role: String,
    created_s: i64,
    seen_s: i64,
    ends_s: i64,
    address: String,
    agent: String,
}

impl SessionRow {
    /// A row of an account that is active and has the role, or of an invitation that was not withdrawn.
    fn into_session(self) -> Option<Session> {
        let whose = match (self.account, self.display_name, self.invitation, self.case_id) {
            (Some(account), Some(display_name), ..) => {
                Whose::Staff { account, display_name, second_factor: self.second_factor != 0 }
            }
            (None, _, Some(invitation), Some(case)) => Whose::Patient { invitation, case },
            _ => return None,
        };
        let role = role_of_word(&self.role)?;
        Some(Session {
            id: self.id,
            whose,
            role,
            created_s: self.created_s,
            seen_s: self.seen_s,
            ends_s: self.ends_s,
            address: self.address,
            agent: self.agent,
        })
    }
}

/// Longest name of a browser that is kept.
const LONGEST_AGENT: usize = 200;

impl Accounts {
    pub(super) async fn open_session(&self, account: &Account, role: Role, visit: &Visit) -> Result<Opened, Refusal> {
        let whose = Whose::Staff {
            account: account.id.clone(),
            display_name: account.display_name.clone(),
            second_factor: account.has_second_factor(),
        };
        self.open(whose, role, visit, self.numbers.session.longest_s).await
    }

    /// Opens a session of anybody.
    pub(super) async fn open(
        &self,
        whose: Whose,
        role: Role,
        visit: &Visit,
        longest_s: i64,
    ) -> Result<Opened, Refusal> {
        let (token, now_s) = (Secret::new()?, self.now_s());
        let session = Session {
            id: new_id(),
            whose,
            role,
            created_s: now_s,
            seen_s: now_s,
            ends_s: now_s + longest_s,
            address: visit.address.clone(),
            agent: visit.agent.chars().take(LONGEST_AGENT).collect(),
        };
        let (account, invitation) = match &session.whose {
            Whose::Staff { account, .. } => (Some(account), None),
            Whose::Patient { invitation, .. } => (None, Some(invitation)),
        };
        on_db!(self.db, write, |c| {
            sqlx::query(
            "INSERT INTO sessions (id, token_hash, account, invitation, role, created_s, seen_s, ends_s, address, agent)
             VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9)"
        )
        .bind(&session.id)
        .bind(&token.hash().0)
        .bind(account)
        .bind(invitation)
        .bind(role.word())
        .bind(now_s)
        .bind(session.ends_s)
        .bind(&session.address)
        .bind(&session.agent)
        .execute(c)
        .await
        .map(|_| ())
        })?;
        Ok(Opened { session, token })
    }

    /// The session that a cookie opens; nothing where it ended, was idle too long, or its owner may no longer come in.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub async fn session(&self, token: &str) -> Result<Option<Session>, Refusal> {
        let now_s = self.now_s();
        let times = &self.numbers.session;
        let row: Option<SessionRow> = on_db!(self.db, read, |c| {
            sqlx::query_as(
            "SELECT s.id, s.account, a.display_name,
                    CAST(CASE WHEN a.totp_secret IS NULL AND s.second_factor = 0 THEN 0 ELSE 1 END AS BIGINT) AS second_factor, s.invitation, i.case_id, s.role, s.created_s, s.seen_s, s.ends_s,
                    s.address, s.agent
             FROM sessions s
             LEFT JOIN accounts a ON a.id = s.account AND a.active = 1
             LEFT JOIN invitations i ON i.id = s.invitation AND i.withdrawn = 0
             WHERE s.token_hash = $1 AND s.ends_s > $2
               AND s.seen_s > CASE WHEN s.account IS NULL THEN $3 ELSE $4 END"
        )
        .bind(&SecretHash::of(token).0)
        .bind(now_s)
        .bind(now_s - times.patient_idle_s)
        .bind(now_s - times.idle_s)
        .fetch_optional(c)
        .await
        })?;
        let session = row.and_then(SessionRow::into_session);
        if let Some(session) = &session
            && now_s - session.seen_s >= times.seen_every_s
        {
            self.seen(&session.id, now_s).await?;
        }
        Ok(session)
    }

    /// Remembers that the provider saw two factors before this session was opened.
    pub(super) async fn saw_two_factors(&self, session: &str) -> Result<(), Refusal> {
        on_db!(self.db, write, |c| sqlx::query("UPDATE sessions SET second_factor = 1 WHERE id = $1")
            .bind(session)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    async fn seen(&self, session: &str, now_s: i64) -> Result<(), Refusal> {
        on_db!(self.db, write, |c| sqlx::query("UPDATE sessions SET seen_s = $1 WHERE id = $2")
            .bind(now_s)
            .bind(session)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// The same person in another of their roles, with a new secret: the old cookie opens nothing any more.
    ///
    /// # Errors
    /// Where the role was not given to the account.
    pub async fn change_role(&self, session: &Session, account: &str, role: Role) -> Result<Opened, Refusal> {
        chosen_role(&self.account(account).await?, Some(role))?;
        let token = Secret::new()?;
        let done =
            on_db!(self.db, write, |c| sqlx::query("UPDATE sessions SET token_hash = $1, role = $2 WHERE id = $3")
                .bind(&token.hash().0)
                .bind(role.word())
                .bind(&session.id)
                .execute(c)
                .await
                .map(|done| done.rows_affected()))?;
        if done == 0 {
            return Err(Refusal::NotFound);
        }
        Ok(Opened { session: Session { role, ..session.clone() }, token })
    }

    /// The sessions of an account that have not ended, newest first.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub async fn sessions_of(&self, account: &str) -> Result<Vec<Session>, Refusal> {
        let now_s = self.now_s();
        let rows: Vec<SessionRow> = on_db!(self.db, read, |c| {
            sqlx::query_as(
            "SELECT s.id, s.account, a.display_name,
                    CAST(CASE WHEN a.totp_secret IS NULL AND s.second_factor = 0 THEN 0 ELSE 1 END AS BIGINT) AS second_factor, s.invitation, NULL AS case_id, s.role, s.created_s, s.seen_s, s.ends_s,
                    s.address, s.agent
             FROM sessions s JOIN accounts a ON a.id = s.account
             WHERE s.account = $1 AND s.ends_s > $2 AND s.seen_s > $3 ORDER BY s.id DESC"
        )
        .bind(account)
        .bind(now_s)
        .bind(now_s - self.numbers.session.idle_s)
        .fetch_all(c)
        .await
        })?;
        Ok(rows.into_iter().filter_map(SessionRow::into_session).collect())
    }

    /// Ends one session.
    ///
    /// # Errors
    /// Where there is none.
    pub async fn end_session(&self, session: &str) -> Result<(), Refusal> {
        let done = on_db!(self.db, write, |c| sqlx::query("DELETE FROM sessions WHERE id = $1")
            .bind(session)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        if done == 0 { Err(Refusal::NotFound) } else { Ok(()) }
    }

    /// Ends the session that a cookie opens, if it opens one.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub async fn end_token(&self, token: &str) -> Result<(), Refusal> {
        on_db!(self.db, write, |c| sqlx::query("DELETE FROM sessions WHERE token_hash = $1")
            .bind(&SecretHash::of(token).0)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Ends every session of an account.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub async fn end_sessions_of(&self, account: &str) -> Result<(), Refusal> {
        on_db!(self.db, write, |c| sqlx::query("DELETE FROM sessions WHERE account = $1")
            .bind(account)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    pub(super) async fn forget_old_sessions(&self) -> Result<(), Refusal> {
        let now_s = self.now_s();
        on_db!(self.db, write, |c| sqlx::query("DELETE FROM sessions WHERE ends_s <= $1 OR seen_s <= $2")
            .bind(now_s)
            .bind(now_s - self.numbers.session.idle_s.max(self.numbers.session.patient_idle_s))
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }
}
