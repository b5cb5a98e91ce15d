-- Event streams, each a chain of hashes; docs/store.md describes every column and the text that is hashed.

CREATE TABLE events (
    position BIGINT PRIMARY KEY,
    stream TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL CHECK (seq >= 1),
    kind TEXT NOT NULL,
    by_whom TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    clock_back_ms BIGINT NOT NULL,
    command_id TEXT,
    body_hash TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL,
    UNIQUE (stream, seq)
);
CREATE INDEX events_command ON events (stream, command_id) WHERE command_id IS NOT NULL;

-- Apart from the events, because erasure removes bodies and nothing else.
CREATE TABLE bodies (
    stream TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    salt TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (stream, seq),
    FOREIGN KEY (stream, seq) REFERENCES events (stream, seq)
);

-- The last event of each stream, so that a cut tail is found.
CREATE TABLE heads (
    stream TEXT COLLATE "C" PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL,
    latest_ms BIGINT NOT NULL
);

CREATE TABLE summaries (
    stream TEXT COLLATE "C" PRIMARY KEY,
    seq BIGINT NOT NULL,
    summary TEXT NOT NULL,
    digest TEXT NOT NULL
);

CREATE TABLE attachment_uses (
    digest TEXT NOT NULL,
    stream TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (digest, stream, seq)
);
CREATE INDEX attachment_uses_stream ON attachment_uses (stream);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% are never changed or removed; add a later event that corrects', TG_TABLE_NAME;
END $$;
CREATE TRIGGER events_are_never_changed BEFORE UPDATE OR DELETE ON events
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER events_are_never_emptied BEFORE TRUNCATE ON events
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bodies_are_never_changed BEFORE UPDATE ON bodies
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bodies_are_never_emptied BEFORE TRUNCATE ON bodies
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION refuse_unrecorded_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM events WHERE stream = OLD.stream AND kind = 'store.erased' AND seq > OLD.seq
    ) THEN
        RAISE EXCEPTION 'a body goes only after its stream has an event store.erased';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER bodies_go_only_by_erasure BEFORE DELETE ON bodies
FOR EACH ROW EXECUTE FUNCTION refuse_unrecorded_erasure();
