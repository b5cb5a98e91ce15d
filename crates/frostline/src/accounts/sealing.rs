//! Secrets that lie in the database as they were before, or encrypted with an older key, are encrypted anew.

use super::Accounts;
use super::refusal::Refusal;
use super::vault::{SecretKeys, is_sealed};
use crate::store::on_db;

/// The secrets of one account.
type Stored = (String, Option<String>, Option<String>);

impl Accounts {
    /// Encrypts every secret of an authenticator with the newest key, and says how many accounts it changed.
    ///
    /// # Errors
    /// Where a secret was encrypted with a key that is not there; then nothing is changed.
    pub async fn seal_secrets(&self, keys: &SecretKeys) -> Result<usize, Refusal> {
        let mut tx = self.db.begin().await?;
        let rows: Vec<Stored> = on_db!(tx, |c| {
            sqlx::query_as(
            "SELECT id, totp_secret, totp_pending FROM accounts WHERE totp_secret IS NOT NULL OR totp_pending IS NOT NULL"
        )
        .fetch_all(c)
        .await
        })?;
        let mut changed = 0;
        for (id, secret, pending) in rows {
            if [&secret, &pending].into_iter().flatten().all(|stored| keys.is_newest(stored)) {
                continue;
            }
            let (secret, pending) = (sealed(keys, &id, secret)?, sealed(keys, &id, pending)?);
            on_db!(tx, |c| sqlx::query("UPDATE accounts SET totp_secret = $1, totp_pending = $2 WHERE id = $3")
                .bind(&secret)
                .bind(&pending)
                .bind(&id)
                .execute(c)
                .await
                .map(|_| ()))?;
            changed += 1;
        }
        tx.commit().await?;
        Ok(changed)
    }

    /// The keys that this server works with.
    pub fn keys(&self) -> &SecretKeys {
        &self.keys
    }
}

fn sealed(keys: &SecretKeys, owner: &str, stored: Option<String>) -> Result<Option<String>, Refusal> {
    let Some(stored) = stored else { return Ok(None) };
    let plain = if is_sealed(&stored) { keys.open(owner, &stored)? } else { stored };
    Ok(Some(keys.seal(owner, &plain)?))
}
