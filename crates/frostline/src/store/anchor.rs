//! The anchor: the last event of every stream, written down elsewhere.
//!
//! A chain of hashes shows a change in the middle. Somebody who can write to the database could cut the end of a stream or
//! make the whole chain anew; only a copy of its hashes in another place shows that.

use serde::{Deserialize, Serialize};

use super::chain::hex_of;

/// What a file holds that says how far every stream went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    format: String,
    /// When it was made. Unit: ms since 1970.
    pub at_ms: i64,
    /// The position of the last event of the store.
    pub position: i64,
    /// The last event of each stream, by name.
    pub heads: Vec<AnchoredHead>,
    digest: String,
}

/// The last event of one stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnchoredHead {
    /// The stream.
    pub stream: String,
    /// How many events it had.
    pub seq: i64,
    /// The hash of the last one.
    pub hash: String,
}

/// Why a text is no anchor.
#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    /// Not the form.
    #[error("the anchor cannot be read ({0}); expected a file that 'frostline store verify --write-anchor' wrote")]
    Form(#[from] serde_json::Error),
    /// Another version.
    #[error("found an anchor of format '{0}', expected '{FORMAT}'")]
    Format(String),
    /// It was edited.
    #[error("the anchor was changed after it was written: its digest is another one. Use an older copy of it")]
    Changed,
}

const FORMAT: &str = "frostline-anchor-1";

impl Anchor {
    pub(super) fn new(at_ms: i64, position: i64, heads: Vec<AnchoredHead>) -> Self {
        let digest = digest(at_ms, position, &heads);
        Self { format: FORMAT.to_owned(), at_ms, position, heads, digest }
    }

    /// Reads the text of an anchor file.
    ///
    /// # Errors
    /// When it is another kind of file or was changed.
    pub fn from_json(text: &str) -> Result<Self, AnchorError> {
        let anchor: Self = serde_json::from_str(text)?;
        if anchor.format != FORMAT {
            return Err(AnchorError::Format(anchor.format));
        }
        let whole = anchor.digest == digest(anchor.at_ms, anchor.position, &anchor.heads);
        if whole { Ok(anchor) } else { Err(AnchorError::Changed) }
    }

    /// A digest of all of it, short enough to be printed and kept on paper.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }
}

fn digest(at_ms: i64, position: i64, heads: &[AnchoredHead]) -> String {
    let lines: String = heads.iter().map(|head| format!("{} {} {}\n", head.stream, head.seq, head.hash)).collect();
    hex_of(format!("frostline anchor 1\nat_ms {at_ms}\nposition {position}\n{lines}").as_bytes())
}
