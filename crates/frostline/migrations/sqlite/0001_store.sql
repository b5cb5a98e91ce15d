-- Event streams, each a chain of hashes; docs/store.md describes every column and the text that is hashed.

CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream TEXT NOT NULL,
    seq INTEGER NOT NULL CHECK (seq >= 1),
    kind TEXT NOT NULL,
    by_whom TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    clock_back_ms INTEGER NOT NULL,
    command_id TEXT,
    body_hash TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL,
    UNIQUE (stream, seq)
) STRICT;
CREATE INDEX events_command ON events (stream, command_id) WHERE command_id IS NOT NULL;

-- Apart from the events, because erasure removes bodies and nothing else.
CREATE TABLE bodies (
    stream TEXT NOT NULL,
    seq INTEGER NOT NULL,
    salt TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (stream, seq),
    FOREIGN KEY (stream, seq) REFERENCES events (stream, seq)
) STRICT;

-- The last event of each stream, so that a cut tail is found.
CREATE TABLE heads (
    stream TEXT PRIMARY KEY,
    seq INTEGER NOT NULL,
    hash TEXT NOT NULL,
    latest_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE summaries (
    stream TEXT PRIMARY KEY,
    seq INTEGER NOT NULL,
    summary TEXT NOT NULL,
    digest TEXT NOT NULL
) STRICT;

CREATE TABLE attachment_uses (
    digest TEXT NOT NULL,
    stream TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (digest, stream, seq)
) STRICT;
CREATE INDEX attachment_uses_stream ON attachment_uses (stream);

CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are never changed; add a later one that corrects'); END;
CREATE TRIGGER events_are_never_removed BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are never removed'); END;
CREATE TRIGGER bodies_are_never_changed BEFORE UPDATE ON bodies
BEGIN SELECT RAISE(ABORT, 'bodies of events are never changed; add a later event that corrects'); END;
CREATE TRIGGER bodies_go_only_by_erasure BEFORE DELETE ON bodies
WHEN NOT EXISTS (
    SELECT 1 FROM events WHERE stream = OLD.stream AND kind = 'store.erased' AND seq > OLD.seq
)
BEGIN SELECT RAISE(ABORT, 'a body goes only after its stream has an event store.erased'); END;
