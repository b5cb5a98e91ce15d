//! Invitations: how a patient comes to their own case and to nothing else.

use frostline_record::rules::Role;

use super::refusal::Refusal;
use super::secret::{Secret, SecretHash, random_bytes};
use super::session::{Opened, Whose};
use super::sign_in::Visit;
use super::{Accounts, new_id};
use crate::store::on_db;

/// What a patient must know beside the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Factor {
    /// Their date of birth, as year, month, day.
    DateOfBirth(jiff::civil::Date),
    /// A code that was given to them on another way than the link.
    Code,
}

/// An invitation, without what opens it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Invitation {
    /// Names it in lists; opens nothing.
    pub id: String,
    /// The one case it opens.
    pub case_id: String,
    /// `date-of-birth` or `code`.
    pub factor: String,
    /// Wrong second factors so far.
    pub wrong_factors: i64,
    /// The account that invited.
    pub created_by: String,
    /// Unit: seconds since 1970.
    pub created_s: i64,
    /// Unit: seconds since 1970.
    pub ends_s: i64,
    /// Whether it was withdrawn.
    pub withdrawn: i64,
    /// When it was used. Unit: seconds since 1970.
    pub used_s: Option<i64>,
}

/// An invitation that was just made, with what opens it; shown once.
pub struct Invited {
    /// The invitation.
    pub invitation: Invitation,
    /// For the link.
    pub secret: Secret,
    /// For the other way, where a code was chosen.
    pub code: Option<String>,
}

/// What is read of an invitation when somebody brings its link.
#[derive(sqlx::FromRow)]
struct Door {
    id: String,
    case_id: String,
    factor_hash: String,
}

/// Digits of a code. It is typed from paper and guarded by a handful of tries.
const CODE_DIGITS: usize = 8;

impl Accounts {
    /// Invites a patient to one case.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub async fn invite(&self, case: &str, factor: Factor, by: &str) -> Result<Invited, Refusal> {
        let (secret, now_s) = (Secret::new()?, self.now_s());
        let (word, known, code) = match factor {
            Factor::DateOfBirth(date) => ("date-of-birth", date.to_string(), None),
            Factor::Code => {
                let code = new_code()?;
                ("code", code.clone(), Some(code))
            }
        };
        let invitation = Invitation {
            id: new_id(),
            case_id: case.to_string(),
            factor: word.to_string(),
            wrong_factors: 0,
            created_by: by.to_string(),
            created_s: now_s,
            ends_s: now_s + self.numbers.links.invitation_s,
            withdrawn: 0,
            used_s: None,
        };
        let factor_hash = self.hasher.hash(known).await?;
        self.insert_invitation(&invitation, &secret.hash(), &factor_hash).await?;
        Ok(Invited { invitation, secret, code })
    }

    async fn insert_invitation(
        &self,
        invitation: &Invitation,
        token: &SecretHash,
        factor: &str,
    ) -> Result<(), Refusal> {
        on_db!(self.db, write, |c| sqlx::query(
            "INSERT INTO invitations
                (id, token_hash, case_id, factor, factor_hash, wrong_factors, created_by, created_s, ends_s, withdrawn)
             VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8, 0)"
        )
        .bind(&invitation.id)
        .bind(&token.0)
        .bind(&invitation.case_id)
        .bind(&invitation.factor)
        .bind(factor)
        .bind(&invitation.created_by)
        .bind(invitation.created_s)
        .bind(invitation.ends_s)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// The invitations to a case, newest first.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub async fn invitations_to(&self, case: &str) -> Result<Vec<Invitation>, Refusal> {
        Ok(on_db!(self.db, read, |c| sqlx::query_as(
            "SELECT id, case_id, factor, wrong_factors, created_by, created_s, ends_s, withdrawn, used_s
             FROM invitations WHERE case_id = $1 ORDER BY id DESC"
        )
        .bind(case)
        .fetch_all(c)
        .await)?)
    }

    /// Withdraws an invitation; whoever is in with it is out.
    ///
    /// # Errors
    /// Where the case has no such invitation.
    pub async fn withdraw(&self, case: &str, invitation: &str) -> Result<(), Refusal> {
        let mut tx = self.db.begin().await?;
        let done = on_db!(tx, |c| sqlx::query("UPDATE invitations SET withdrawn = 1 WHERE id = $1 AND case_id = $2")
            .bind(invitation)
            .bind(case)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        if done == 0 {
            return Err(Refusal::NotFound);
        }
        on_db!(tx, |c| sqlx::query("DELETE FROM sessions WHERE invitation = $1")
            .bind(invitation)
            .execute(c)
            .await
            .map(|_| ()))?;
        tx.commit().await?;
        Ok(())
    }

    /// Opens a patient's session with the link and what they know beside it. The link opens once; after a handful of wrong
    /// second factors it opens nothing any more.
    ///
    /// # Errors
    /// [`Refusal::LinkDead`] for every link that opens nothing, whatever the reason.
    pub async fn accept(&self, secret: &str, factor: &str, visit: &Visit) -> Result<Opened, Refusal> {
        let guards = self.guards_of_address(&visit.address);
        self.count_try(&guards).await?;
        let door = self.knock(secret).await?.ok_or(Refusal::LinkDead)?;
        if !self.hasher.fits(factor.trim().to_string(), Some(&door.factor_hash)).await? {
            return Err(Refusal::WrongCredentials);
        }
        self.use_up(&door.id).await?;
        self.forgive(&guards).await?;
        let whose = Whose::Patient { invitation: door.id, case: door.case_id };
        self.open(whose, Role::Patient, visit, self.numbers.session.patient_longest_s).await
    }

    /// Counts a try and gives what is needed to judge it; nothing where the link is dead.
    async fn knock(&self, secret: &str) -> Result<Option<Door>, Refusal> {
        Ok(on_db!(self.db, write, |c| sqlx::query_as(
            "UPDATE invitations SET wrong_factors = wrong_factors + 1
             WHERE token_hash = $1 AND ends_s > $2 AND withdrawn = 0 AND used_s IS NULL AND wrong_factors < $3
             RETURNING id, case_id, factor_hash"
        )
        .bind(&SecretHash::of(secret).0)
        .bind(self.now_s())
        .bind(self.numbers.tries.per_invitation)
        .fetch_optional(c)
        .await)?)
    }

    async fn use_up(&self, invitation: &str) -> Result<(), Refusal> {
        let done = on_db!(self.db, write, |c| sqlx::query(
            "UPDATE invitations SET used_s = $1, wrong_factors = wrong_factors - 1 WHERE id = $2 AND used_s IS NULL"
        )
        .bind(self.now_s())
        .bind(invitation)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        if done == 1 { Ok(()) } else { Err(Refusal::LinkDead) }
    }
}

/// A code of digits, each as likely as the others.
fn new_code() -> Result<String, getrandom::Error> {
    let number = u128::from_le_bytes(random_bytes()?);
    // Of 128 bits the last eight digits are even to within one part in 10^30.
    Ok(format!("{:0width$}", number % 10_u128.pow(CODE_DIGITS as u32), width = CODE_DIGITS))
}
