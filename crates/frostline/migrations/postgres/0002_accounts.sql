-- Accounts, sessions and what guards them. Times are seconds since 1970; secrets are stored as hashes.

CREATE TABLE accounts (
    id TEXT NOT NULL PRIMARY KEY,
    -- In lower case.
    login TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    -- Argon2id as PHC string; nothing until the first password is chosen.
    password_hash TEXT,
    -- Words with blanks between them.
    roles TEXT NOT NULL,
    active BIGINT NOT NULL,
    -- Counts changes, for If-Match.
    version BIGINT NOT NULL,
    created_s BIGINT NOT NULL,
    -- Of the authenticator, base32; `pending` until a first code proved that it works.
    totp_secret TEXT,
    totp_pending TEXT,
    -- The last time step whose code was used: none is taken twice.
    totp_last_step BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE recovery_codes (
    account TEXT NOT NULL REFERENCES accounts (id),
    code_hash TEXT NOT NULL,
    used_s BIGINT,
    PRIMARY KEY (account, code_hash)
);

CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    -- Either an account or an invitation of a patient.
    account TEXT REFERENCES accounts (id),
    invitation TEXT,
    role TEXT NOT NULL,
    created_s BIGINT NOT NULL,
    seen_s BIGINT NOT NULL,
    ends_s BIGINT NOT NULL,
    address TEXT NOT NULL,
    agent TEXT NOT NULL
);
CREATE INDEX sessions_of_account ON sessions (account);

CREATE TABLE one_time_links (
    token_hash TEXT NOT NULL PRIMARY KEY,
    -- first-administrator or password.
    purpose TEXT NOT NULL,
    account TEXT REFERENCES accounts (id),
    ends_s BIGINT NOT NULL
);

CREATE TABLE tries (
    -- What is guarded, and whom: account, address, or both.
    guarded TEXT NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    -- Of the first failure that is counted.
    first_s BIGINT NOT NULL,
    closed_until_s BIGINT NOT NULL
);

CREATE TABLE invitations (
    id TEXT NOT NULL PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    case_id TEXT NOT NULL,
    -- date-of-birth or code.
    factor TEXT NOT NULL,
    factor_hash TEXT NOT NULL,
    wrong_factors BIGINT NOT NULL,
    created_by TEXT NOT NULL REFERENCES accounts (id),
    created_s BIGINT NOT NULL,
    ends_s BIGINT NOT NULL,
    withdrawn BIGINT NOT NULL,
    -- A link opens once.
    used_s BIGINT
);
CREATE INDEX invitations_of_case ON invitations (case_id);

CREATE TABLE break_glass (
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (id),
    case_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    started_s BIGINT NOT NULL,
    ends_s BIGINT NOT NULL,
    -- Who reviewed it for quality, and when.
    reviewed_by TEXT,
    reviewed_s BIGINT
);
CREATE INDEX break_glass_of_account ON break_glass (account, case_id);

CREATE TABLE answers (
    who TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    -- SHA-256 of method, path and body.
    request_digest TEXT NOT NULL,
    -- Nothing while the request is being carried out.
    status BIGINT,
    -- JSON array of pairs.
    headers TEXT NOT NULL,
    body TEXT NOT NULL,
    asked_s BIGINT NOT NULL,
    PRIMARY KEY (who, idempotency_key)
);
