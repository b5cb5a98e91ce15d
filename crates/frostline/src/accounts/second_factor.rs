//! The second factor: codes of an authenticator (RFC 6238), and recovery codes for the day it is lost.

use totp_rs::{Algorithm, Builder, Secret as TotpSecret, Totp};

use super::Accounts;
use super::account::{Account, end_sessions};
use super::refusal::Refusal;
use super::secret::{SecretHash, random_bytes};
use crate::store::{Tx, on_db};

/// What its owner types into the authenticator, or scans.
pub struct NewAuthenticator {
    /// In base32.
    pub secret: String,
    /// The same as an `otpauth:` address, for a picture to scan.
    pub address: String,
}

/// Bytes of an authenticator's secret: 160 bits, as RFC 4226 recommends.
const SECRET_BYTES: usize = 20;

/// Bytes of a recovery code: 160 bits, too many to guess even with the stored hash in hand; 32 letters of base32.
const RECOVERY_BYTES: usize = 20;

impl Accounts {
    /// Makes a secret for an authenticator; it counts only once a code proved that it works.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub async fn begin_second_factor(&self, account: &Account) -> Result<NewAuthenticator, Refusal> {
        let secret = TotpSecret::new_stack(random_bytes::<SECRET_BYTES>()?).to_base32();
        let sealed = self.keys.seal(&account.id, &secret)?;
        on_db!(self.db, write, |c| sqlx::query("UPDATE accounts SET totp_pending = $1 WHERE id = $2")
            .bind(&sealed)
            .bind(&account.id)
            .execute(c)
            .await
            .map(|_| ()))?;
        let (login, numbers) = (&account.login, &self.numbers.one_time_code);
        let address = format!(
            "otpauth://totp/frostline:{login}?secret={secret}&issuer=frostline&algorithm=SHA1&digits={}&period={}",
            numbers.digits, numbers.step_s
        );
        Ok(NewAuthenticator { secret, address })
    }

    /// Turns the authenticator on and gives the recovery codes, which are shown once. Other sessions of the account end.
    ///
    /// # Errors
    /// Where the code is wrong, or nothing was begun.
    pub async fn finish_second_factor(&self, id: &str, session: &str, code: &str) -> Result<Vec<String>, Refusal> {
        let account = self.account(id).await?;
        let wrong = |found: &str| Refusal::Value { field: "code", found: found.to_string() };
        let sealed =
            account.totp_pending.as_deref().ok_or_else(|| wrong("no authenticator was begun; begin one first"))?;
        let step = self
            .step_of(&self.keys.open(id, sealed)?, code)
            .ok_or_else(|| wrong("the code does not fit; check the clock of the authenticator"))?;
        let mut tx = self.db.begin().await?;
        on_db!(tx, |c| {
            sqlx::query(
            "UPDATE accounts SET totp_secret = totp_pending, totp_pending = NULL, totp_last_step = $1, version = version + 1
             WHERE id = $2"
        )
        .bind(step)
        .bind(id)
        .execute(c)
        .await
        .map(|_| ())
        })?;
        let codes = self.replace_recovery_codes(&mut tx, id).await?;
        end_sessions(&mut tx, id, session).await?;
        tx.commit().await?;
        Ok(codes)
    }

    /// Turns the authenticator off, and recovery codes with it.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub async fn remove_second_factor(&self, id: &str) -> Result<(), Refusal> {
        let mut tx = self.db.begin().await?;
        on_db!(tx, |c| sqlx::query(
            "UPDATE accounts SET totp_secret = NULL, totp_pending = NULL, version = version + 1 WHERE id = $1"
        )
        .bind(id)
        .execute(c)
        .await
        .map(|_| ()))?;
        remove_recovery_codes(&mut tx, id).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Lets pass where no authenticator is on, or the code is right and was not used before.
    pub async fn check_second_factor(&self, account: &Account, code: Option<&str>) -> Result<(), Refusal> {
        let Some(sealed) = account.totp_secret.as_deref() else { return Ok(()) };
        let code = code.ok_or(Refusal::SecondFactorNeeded)?;
        let right = match self.step_of(&self.keys.open(&account.id, sealed)?, code) {
            Some(step) => self.is_first_use(&account.id, step).await?,
            None => self.use_recovery_code(&account.id, code).await?,
        };
        right.then_some(()).ok_or(Refusal::WrongCredentials)
    }

    /// The time step whose code this is.
    fn step_of(&self, secret: &str, code: &str) -> Option<i64> {
        let now_s = u64::try_from(self.now_s()).ok()?;
        let step = authenticator(secret, &self.numbers.one_time_code)?.check(code.trim(), now_s)?;
        i64::try_from(step).ok()
    }

    /// Remembers the step, so that a code that somebody read over a shoulder opens nothing.
    async fn is_first_use(&self, account: &str, step: i64) -> Result<bool, Refusal> {
        let done = on_db!(self.db, write, |c| sqlx::query(
            "UPDATE accounts SET totp_last_step = $1 WHERE id = $2 AND totp_last_step < $1"
        )
        .bind(step)
        .bind(account)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }

    async fn use_recovery_code(&self, account: &str, code: &str) -> Result<bool, Refusal> {
        let done = on_db!(self.db, write, |c| sqlx::query(
            "UPDATE recovery_codes SET used_s = $1 WHERE account = $2 AND code_hash = $3 AND used_s IS NULL"
        )
        .bind(self.now_s())
        .bind(account)
        .bind(&SecretHash::salted(account, &bare(code)).0)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }

    async fn replace_recovery_codes(&self, tx: &mut Tx, account: &str) -> Result<Vec<String>, Refusal> {
        remove_recovery_codes(tx, account).await?;
        let mut codes = Vec::new();
        for _ in 0..self.numbers.one_time_code.recovery_codes {
            let code = TotpSecret::from(random_bytes::<RECOVERY_BYTES>()?.to_vec()).to_base32();
            on_db!(*tx, |c| sqlx::query("INSERT INTO recovery_codes (account, code_hash) VALUES ($1, $2)")
                .bind(account)
                .bind(&SecretHash::salted(account, &bare(&code)).0)
                .execute(c)
                .await
                .map(|_| ()))?;
            codes.push(in_fours(&code));
        }
        Ok(codes)
    }
}

async fn remove_recovery_codes(tx: &mut Tx, account: &str) -> Result<(), sqlx::Error> {
    on_db!(*tx, |c| sqlx::query("DELETE FROM recovery_codes WHERE account = $1")
        .bind(account)
        .execute(c)
        .await
        .map(|_| ()))
}

fn authenticator(secret: &str, numbers: &super::numbers::OneTimeCode) -> Option<Totp> {
    let secret = TotpSecret::try_from_base32(secret).ok()?;
    let totp = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(u8::try_from(numbers.digits).ok()?)
        .with_skew(u16::try_from(numbers.steps_of_slack).ok()?)
        .with_step_duration(u64::try_from(numbers.step_s).ok()?)
        .with_secret(secret);
    totp.build().ok()
}

/// As stored: without the blanks and signs that make it readable.
fn bare(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase()).collect()
}

/// Readable: four letters at a time.
fn in_fours(code: &str) -> String {
    let letters: Vec<char> = code.chars().collect();
    letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}
