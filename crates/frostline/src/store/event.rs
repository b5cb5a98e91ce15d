//! What a stream is made of: events that were recorded, one after another, each with the hash of the one before.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// The name of a stream, such as `case/0192…`, `audit` or `site`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StreamId(String);

/// Why a text names no stream.
#[derive(Debug, thiserror::Error)]
#[error("found '{0}' as the name of a stream, expected up to 200 of a-z, 0-9, '-', '_' and '/', such as case/0192-ab")]
pub struct StreamIdError(String);

/// The longest name of a stream: room for a few parts and an identifier, short enough for an index.
const LONGEST_STREAM: usize = 200;

impl StreamId {
    /// A stream by its name.
    ///
    /// # Errors
    /// When the name has other characters than `a-z 0-9 - _ /`, is empty or too long.
    pub fn new(name: impl Into<String>) -> Result<Self, StreamIdError> {
        let name = name.into();
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_/".contains(c);
        let good = !name.is_empty()
            && name.len() <= LONGEST_STREAM
            && name.chars().all(allowed)
            && name.split('/').all(|part| !part.is_empty());
        if good { Ok(Self(name)) } else { Err(StreamIdError(name)) }
    }

    /// The stream of one case.
    #[must_use]
    pub fn case(id: Uuid) -> Self {
        Self(format!("case/{id}"))
    }

    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for StreamId {
    type Err = StreamIdError;

    fn from_str(name: &str) -> Result<Self, StreamIdError> {
        Self::new(name)
    }
}

impl TryFrom<String> for StreamId {
    type Error = StreamIdError;

    fn try_from(name: String) -> Result<Self, StreamIdError> {
        Self::new(name)
    }
}

impl From<StreamId> for String {
    fn from(stream: StreamId) -> Self {
        stream.0
    }
}

/// Something that happened and is to be recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// What kind of thing, such as `step` or `seen`; kinds that begin with `store.` are the store's own.
    pub kind: String,
    /// Everything about it. Texts of the form `sha256:…` refer to attachments, which must be there already.
    pub body: Value,
    /// Who, as an identifier that may stay when the case is erased: of an account, never a patient's name.
    pub by: String,
    /// The server's clock. Unit: ms since 1970.
    pub at_ms: i64,
    /// The same command sent again gives the first answer instead of a second event.
    pub command_id: Option<Uuid>,
}

/// An event as it lies in the store.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StoredEvent {
    /// Its place among all events of the store, from 1, without gaps.
    pub position: i64,
    /// Its stream.
    pub stream: StreamId,
    /// Its place in the stream, from 1, without gaps.
    pub seq: u64,
    /// What kind of thing.
    pub kind: String,
    /// Everything about it.
    pub body: EventBody,
    /// Who.
    pub by: String,
    /// The server's clock when it was written. Unit: ms since 1970.
    pub at_ms: i64,
    /// How far the clock lay behind the latest time in the stream; the order is that of `seq` all the same. Unit: ms.
    pub clock_back_ms: i64,
    /// The command that wrote it.
    pub command_id: Option<Uuid>,
    /// SHA-256 of the body and its salt, in hexadecimal; it stays when the body is erased.
    pub body_hash: String,
    /// The hash of the event before it in the stream; zeros for the first.
    pub previous: String,
    /// SHA-256 of the canonical text, in hexadecimal.
    pub hash: String,
}

/// The body of an event, which erasure removes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EventBody {
    /// It is there.
    Kept(Value),
    /// It was erased; the last event of the stream says by whom, when and why.
    Erased,
}

impl EventBody {
    /// The body, unless it was erased.
    #[must_use]
    pub fn kept(&self) -> Option<&Value> {
        match self {
            Self::Kept(value) => Some(value),
            Self::Erased => None,
        }
    }
}

/// An event as its row says, with the text that was hashed.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow, Serialize, Deserialize)]
pub(super) struct Row {
    #[serde(skip)]
    pub position: i64,
    pub stream: String,
    pub seq: i64,
    pub kind: String,
    pub by_whom: String,
    pub at_ms: i64,
    pub clock_back_ms: i64,
    pub command_id: Option<String>,
    pub body_hash: String,
    pub previous: String,
    pub hash: String,
    pub salt: Option<String>,
    pub body: Option<String>,
}

/// The columns of [`Row`], of `events e` left joined with `bodies b`.
macro_rules! select_rows {
    ($rest:literal) => {
        concat!(
            "SELECT e.position, e.stream, e.seq, e.kind, e.by_whom, e.at_ms, e.clock_back_ms, e.command_id, e.body_hash, ",
            "e.previous, e.hash, b.salt, b.body FROM events e LEFT JOIN bodies b ON b.stream = e.stream AND b.seq = e.seq ",
            $rest
        )
    };
}
pub(super) use select_rows;

impl Row {
    /// The event, once its row was held against its hash.
    pub fn into_event(self) -> Result<StoredEvent, Wrong> {
        let stream = StreamId::new(self.stream).map_err(|_| Wrong::StreamName)?;
        let body = match self.body {
            Some(text) => EventBody::Kept(serde_json::from_str(&text).map_err(|_| Wrong::BodyIsNoJson)?),
            None => EventBody::Erased,
        };
        let command_id = self.command_id.map(|id| Uuid::parse_str(&id)).transpose().map_err(|_| Wrong::CommandId)?;
        Ok(StoredEvent {
            position: self.position,
            stream,
            seq: u64::try_from(self.seq).map_err(|_| Wrong::Seq { expected: 1 })?,
            kind: self.kind,
            body,
            by: self.by_whom,
            at_ms: self.at_ms,
            clock_back_ms: self.clock_back_ms,
            command_id,
            body_hash: self.body_hash,
            previous: self.previous,
            hash: self.hash,
        })
    }
}

/// What is wrong with something stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Wrong {
    /// The name of the stream is not one.
    #[error("the name of its stream has characters that no stream has")]
    StreamName,
    /// The identifier of the command is not one.
    #[error("the identifier of its command is not a UUID")]
    CommandId,
    /// The body is not JSON.
    #[error("its body is not JSON")]
    BodyIsNoJson,
    /// The body does not have the hash that was recorded with it.
    #[error("its body was changed after it was recorded")]
    BodyChanged,
    /// The body is gone, and no erasure says why.
    #[error("its body is missing and no erasure is recorded")]
    BodyMissing,
    /// The body came back after the erasure.
    #[error("it has a body although the stream was erased")]
    BodyAfterErasure,
    /// Kind, person, time, command, hash of the body or of the event before do not give the recorded hash.
    #[error("it was changed after it was recorded: its hash is another one")]
    Changed,
    /// The chain is broken before it.
    #[error("it does not follow the event before it: one was removed, inserted, changed or moved")]
    Unlinked,
    /// A number is missing or there twice.
    #[error("event {expected} was expected here: events were removed, inserted or moved")]
    Seq {
        /// The number that should follow.
        expected: u64,
    },
    /// The flag for a clock that went back does not fit the times.
    #[error("its times do not fit those before it")]
    Clock,
    /// It lies before an earlier event of its stream in the order of the whole store.
    #[error("its position in the store lies before that of an earlier event of its stream")]
    Position,
    /// The last events are gone.
    #[error("the stream ends here, but {head} events were recorded: its tail was cut")]
    TailCut {
        /// How many there were.
        head: u64,
    },
    /// The head row names another last event.
    #[error("the head of the stream names another event: an event was added, changed or removed by other means")]
    Head,
    /// The head row is gone.
    #[error("the stream has no head row")]
    HeadMissing,
    /// The summary was changed or is of another length.
    #[error("its summary was changed by other means or is out of date; 'frostline store rebuild' makes it again")]
    Summary,
    /// Positions of the whole store have gaps.
    #[error("{missing} positions of the store have no event: events or whole streams were removed")]
    PositionsMissing {
        /// How many.
        missing: i64,
    },
    /// The anchor knows a later or other event.
    #[error("an anchor recorded event {seq} of it with another hash or it is gone: history was replaced or cut")]
    Anchor {
        /// The event that the anchor names.
        seq: u64,
    },
    /// The witness beside the database knows a later or other event.
    #[error("the witness file says that event {position} of the store was acknowledged, and it is not there")]
    Witness {
        /// The position that was acknowledged.
        position: i64,
    },
    /// A guard of the database is gone.
    #[error("the trigger {0} that refuses changes is missing or off")]
    Trigger(String),
    /// The database says that its file is damaged.
    #[error("the database file is damaged: {0}")]
    File(String),
    /// An attachment is gone.
    #[error("the attachment is missing")]
    AttachmentMissing,
    /// An attachment has another content.
    #[error("the attachment was changed: its content has another digest")]
    AttachmentChanged,
    /// An attachment should be gone.
    #[error("the attachment belongs to nothing but erased cases and is still there; run the erasure again")]
    AttachmentNotErased,
}

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[error("{place}: {wrong}")]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// What.
    pub wrong: Wrong,
}

/// Where something is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// In one event.
    Event {
        /// The stream.
        stream: String,
        /// The event's place in it.
        seq: i64,
    },
    /// In a stream as a whole.
    Stream(String),
    /// In the store as a whole.
    Store,
    /// In an attachment.
    Attachment(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event { stream, seq } => write!(f, "{stream} event {seq}"),
            Self::Stream(stream) => write!(f, "{stream}"),
            Self::Store => write!(f, "store"),
            Self::Attachment(digest) => write!(f, "{digest}"),
        }
    }
}
