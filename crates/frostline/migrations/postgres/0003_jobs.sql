-- Long jobs: what was asked, how far it is, what came of it. Who carries a job out is settled by the queue beside this
-- table (docs/jobs.md); 'attempt' is the number that a worker must hold to write here.

CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    case_id TEXT,
    kind TEXT NOT NULL,
    input TEXT NOT NULL,
    input_digest TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
    progress DOUBLE PRECISION NOT NULL CHECK (progress >= 0 AND progress <= 1),
    doing TEXT NOT NULL,
    result TEXT,
    problem TEXT,
    asked_by TEXT NOT NULL,
    asked_ms BIGINT NOT NULL,
    started_ms BIGINT,
    ended_ms BIGINT,
    cancel_asked_ms BIGINT,
    attempt BIGINT NOT NULL,
    deaths BIGINT NOT NULL,
    worker TEXT
);
CREATE INDEX jobs_case ON jobs (case_id, id) WHERE case_id IS NOT NULL;
CREATE INDEX jobs_asked_by ON jobs (asked_by, id);
CREATE INDEX jobs_waiting ON jobs (asked_ms) WHERE state = 'waiting';
CREATE INDEX jobs_ended ON jobs (ended_ms) WHERE ended_ms IS NOT NULL;
