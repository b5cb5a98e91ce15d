//! Links by which a calendar program reads the feed of one person or one room: a secret in an address, since such programs sign
//! in nowhere. A feed names cases by number and nobody, and a link opens nothing else; it is ended by taking it out.

use super::refusal::Refusal;
use super::secret::{Secret, SecretHash};
use super::{Accounts, new_id};
use crate::store::on_db;

/// A link, without what opens it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct FeedLink {
    /// Names it in lists; opens nothing.
    pub id: String,
    /// `person` or `room`.
    pub kind: String,
    /// The key of the person or the room.
    pub whose: String,
    /// The account that made it.
    pub created_by: String,
    /// Unit: seconds since 1970.
    pub created_s: i64,
}

impl Accounts {
    /// A new link to the feed of a person or a room, and what opens it, shown once.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub async fn new_feed_link(&self, (kind, whose): (&str, &str), by: &str) -> Result<(FeedLink, Secret), Refusal> {
        let (secret, created_s) = (Secret::new()?, self.now_s());
        let (kind, whose, created_by) = (kind.to_owned(), whose.to_owned(), by.to_owned());
        let link = FeedLink { id: new_id(), kind, whose, created_by, created_s };
        on_db!(self.db, write, |c| {
            sqlx::query(
            "INSERT INTO feed_links (id, token_hash, kind, whose, created_by, created_s) VALUES ($1, $2, $3, $4, $5, $6)"
        )
        .bind(&link.id)
        .bind(&secret.hash().0)
        .bind(&link.kind)
        .bind(&link.whose)
        .bind(&link.created_by)
        .bind(link.created_s)
        .execute(c)
        .await
        .map(|_| ())
        })?;
        Ok((link, secret))
    }

    /// Every link, the newest first.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub async fn feed_links(&self) -> Result<Vec<FeedLink>, Refusal> {
        Ok(on_db!(self.db, read, |c| sqlx::query_as(
            "SELECT id, kind, whose, created_by, created_s FROM feed_links ORDER BY id DESC"
        )
        .fetch_all(c)
        .await)?)
    }

    /// What a secret opens; nothing where it opens nothing, whatever the reason.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub async fn feed_of(&self, secret: &str) -> Result<Option<FeedLink>, Refusal> {
        Ok(on_db!(self.db, read, |c| sqlx::query_as(
            "SELECT id, kind, whose, created_by, created_s FROM feed_links WHERE token_hash = $1"
        )
        .bind(&SecretHash::of(secret).0)
        .fetch_optional(c)
        .await)?)
    }

    /// Takes a link out; from then on it opens nothing.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] where there is none of this name.
    pub async fn end_feed_link(&self, id: &str) -> Result<(), Refusal> {
        let done = on_db!(self.db, write, |c| sqlx::query("DELETE FROM feed_links WHERE id = $1")
            .bind(id)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        if done == 0 { Err(Refusal::NotFound) } else { Ok(()) }
    }
}
