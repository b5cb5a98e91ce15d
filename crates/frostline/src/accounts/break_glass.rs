//! Emergency access: a case opened beyond one's role, with a reason, for a short time, and seen by quality afterwards.

use super::refusal::Refusal;
use super::{Accounts, new_id};
use crate::store::on_db;

/// One use of emergency access.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct EmergencyAccess {
    /// Names it in the audit.
    pub id: String,
    /// Whose.
    pub account: String,
    /// To which case.
    pub case_id: String,
    /// Why, in their words.
    pub reason: String,
    /// Unit: seconds since 1970.
    pub started_s: i64,
    /// Unit: seconds since 1970.
    pub ends_s: i64,
    /// The account that reviewed it.
    pub reviewed_by: Option<String>,
    /// Unit: seconds since 1970.
    pub reviewed_s: Option<i64>,
}

impl Accounts {
    /// Opens a case in an emergency.
    ///
    /// # Errors
    /// Where the reason says nothing.
    pub async fn break_glass(&self, account: &str, case: &str, reason: &str) -> Result<EmergencyAccess, Refusal> {
        let (reason, shortest) = (reason.trim(), self.numbers.break_glass.shortest_reason);
        if i64::try_from(reason.chars().count()).unwrap_or(i64::MAX) < shortest {
            let found = format!("expected a reason of at least {shortest} characters");
            return Err(Refusal::Value { field: "reason", found });
        }
        let now_s = self.now_s();
        let access = EmergencyAccess {
            id: new_id(),
            account: account.to_string(),
            case_id: case.to_string(),
            reason: reason.to_string(),
            started_s: now_s,
            ends_s: now_s + self.numbers.break_glass.lasts_s,
            reviewed_by: None,
            reviewed_s: None,
        };
        on_db!(self.db, write, |c| sqlx::query(
            "INSERT INTO break_glass (id, account, case_id, reason, started_s, ends_s) VALUES ($1, $2, $3, $4, $5, $6)"
        )
        .bind(&access.id)
        .bind(account)
        .bind(case)
        .bind(&access.reason)
        .bind(now_s)
        .bind(access.ends_s)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(access)
    }

    /// The emergency access that somebody has to a case now.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub async fn emergency_access(&self, account: &str, case: &str) -> Result<Option<String>, Refusal> {
        let row: Option<(String,)> = on_db!(self.db, read, |c| {
            sqlx::query_as(
            "SELECT id FROM break_glass WHERE account = $1 AND case_id = $2 AND ends_s > $3 ORDER BY id DESC LIMIT 1"
        )
        .bind(account)
        .bind(case)
        .bind(self.now_s())
        .fetch_optional(c)
        .await
        })?;
        Ok(row.map(|(id,)| id))
    }

    /// Uses of emergency access in their order, from the one after `after` on.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub async fn emergency_accesses_after(&self, after: &str, limit: i64) -> Result<Vec<EmergencyAccess>, Refusal> {
        Ok(on_db!(self.db, read, |c| sqlx::query_as(
            "SELECT id, account, case_id, reason, started_s, ends_s, reviewed_by, reviewed_s
             FROM break_glass WHERE id > $1 ORDER BY id LIMIT $2"
        )
        .bind(after)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }

    /// Says that a use was reviewed. The first review stands.
    ///
    /// # Errors
    /// Where there is no such use, or it was reviewed.
    pub async fn review_emergency(&self, id: &str, by: &str) -> Result<(), Refusal> {
        let done = on_db!(self.db, write, |c| {
            sqlx::query(
            "UPDATE break_glass SET reviewed_by = $1, reviewed_s = $2 WHERE id = $3 AND reviewed_s IS NULL AND account <> $1"
        )
        .bind(by)
        .bind(self.now_s())
        .bind(id)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
        })?;
        if done == 1 { Ok(()) } else { Err(Refusal::NotFound) }
    }
}
