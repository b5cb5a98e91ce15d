-- What must go when a case is erased, found by its name: kept answers, and files that were sent and no step names.

ALTER TABLE answers ADD COLUMN case_id TEXT;
CREATE INDEX answers_of_case ON answers (case_id) WHERE case_id IS NOT NULL;

CREATE TABLE uploads (
    digest TEXT NOT NULL,
    -- Of the case that it was sent to.
    stream TEXT COLLATE "C" NOT NULL,
    sent_ms BIGINT NOT NULL,
    PRIMARY KEY (stream, digest)
);
CREATE INDEX uploads_of_digest ON uploads (digest);
