//! Wrong tries: counted before the secret is looked at, so that many at once gain nothing.

use super::Accounts;
use super::refusal::Refusal;
use crate::store::{Tx, on_db};

/// One counter: what it guards, and how many failures it bears.
pub(super) struct Guard {
    guarded: String,
    allowed: i64,
    /// Whether one success clears it. That of an address is not cleared: whoever has one account could guess at others.
    cleared_by_success: bool,
}

impl Accounts {
    /// The counters for signing in with a name from an address. Unknown names are counted like known ones.
    pub(super) fn guards(&self, login: &str, address: &str) -> [Guard; 3] {
        let tries = &self.numbers.tries;
        let guard = |guarded: String, allowed, cleared_by_success| Guard { guarded, allowed, cleared_by_success };
        [
            guard(format!("{login} from {address}"), tries.per_account_and_address, true),
            guard(format!("{login} from anywhere"), tries.per_account, true),
            guard(format!("any from {address}"), tries.per_address, false),
        ]
    }

    /// The counter for secrets that belong to no name.
    pub(super) fn guards_of_address(&self, address: &str) -> [Guard; 1] {
        let guarded = format!("any from {address}");
        [Guard { guarded, allowed: self.numbers.tries.per_address, cleared_by_success: false }]
    }

    /// Counts one try on every counter; refuses while one of them is closed.
    pub(super) async fn count_try(&self, guards: &[Guard]) -> Result<(), Refusal> {
        let mut tx = self.db.begin().await?;
        let mut wait_s = 0;
        for guard in guards {
            match self.counted(&mut tx, guard).await? {
                Some(failures) => self.close(&mut tx, guard, failures).await?,
                None => wait_s = wait_s.max(self.left_s(&mut tx, guard).await?),
            }
        }
        if wait_s > 0 {
            // Dropping the transaction: a try that was refused unseen does not lengthen the wait.
            return Err(Refusal::Wait { wait_s });
        }
        tx.commit().await?;
        Ok(())
    }

    /// The failures including this one; nothing while the counter is closed.
    async fn counted(&self, tx: &mut Tx, guard: &Guard) -> Result<Option<i64>, Refusal> {
        let now_s = self.now_s();
        let row: Option<(i64,)> = on_db!(*tx, |c| sqlx::query_as(
            "INSERT INTO tries (guarded, failures, first_s, closed_until_s) VALUES ($1, 1, $2, 0)
             ON CONFLICT (guarded) DO UPDATE SET
                failures = CASE WHEN tries.first_s < $3 THEN 1 ELSE tries.failures + 1 END,
                first_s = CASE WHEN tries.first_s < $3 THEN $2 ELSE tries.first_s END
             WHERE tries.closed_until_s <= $2
             RETURNING failures"
        )
        .bind(&guard.guarded)
        .bind(now_s)
        .bind(now_s - self.numbers.tries.forgotten_after_s)
        .fetch_optional(c)
        .await)?;
        Ok(row.map(|(failures,)| failures))
    }

    async fn close(&self, tx: &mut Tx, guard: &Guard, failures: i64) -> Result<(), Refusal> {
        let until_s = self.now_s() + self.wait_s(failures, guard.allowed);
        on_db!(*tx, |c| sqlx::query("UPDATE tries SET closed_until_s = $1 WHERE guarded = $2")
            .bind(until_s)
            .bind(&guard.guarded)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    async fn left_s(&self, tx: &mut Tx, guard: &Guard) -> Result<i64, Refusal> {
        let row: Option<(i64,)> =
            on_db!(*tx, |c| sqlx::query_as("SELECT closed_until_s FROM tries WHERE guarded = $1")
                .bind(&guard.guarded)
                .fetch_optional(c)
                .await)?;
        Ok(row.map_or(0, |(until_s,)| until_s - self.now_s()).max(1))
    }

    /// How long the next try must wait: nothing below the allowed number, then doubling. Unit: s.
    fn wait_s(&self, failures: i64, allowed: i64) -> i64 {
        let tries = &self.numbers.tries;
        let beyond = failures - allowed;
        if beyond < 0 {
            return 0;
        }
        // Sixteen doublings are beyond every longest wait that makes sense, and far from an overflow.
        (tries.first_wait_s << beyond.min(16)).min(tries.longest_wait_s)
    }

    /// The try was right: it was no failure.
    pub(super) async fn forgive(&self, guards: &[Guard]) -> Result<(), Refusal> {
        let mut tx = self.db.begin().await?;
        for guard in guards {
            on_db!(tx, |c| sqlx::query(
                "UPDATE tries SET closed_until_s = 0,
                    failures = CASE WHEN $1 = 1 OR failures < 1 THEN 0 ELSE failures - 1 END WHERE guarded = $2"
            )
            .bind(i64::from(guard.cleared_by_success))
            .bind(&guard.guarded)
            .execute(c)
            .await
            .map(|_| ()))?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// A new password was given by an administrator: its owner may try at once.
    pub(super) async fn reopen(&self, tx: &mut Tx, login: &str) -> Result<(), Refusal> {
        let (from_somewhere, from_anywhere) = (format!("{login} from "), format!("{login} from anywhere"));
        // Compared by length instead of LIKE, because a name may hold its wildcards.
        on_db!(*tx, |c| sqlx::query("DELETE FROM tries WHERE guarded = $1 OR substr(guarded, 1, length($2)) = $2")
            .bind(&from_anywhere)
            .bind(&from_somewhere)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }
}
