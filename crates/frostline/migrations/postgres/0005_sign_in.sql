-- Signing in by the site's OpenID provider.

-- Who of ours somebody is there. One identity for each account.
CREATE TABLE account_identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    account TEXT NOT NULL UNIQUE REFERENCES accounts (id),
    PRIMARY KEY (issuer, subject)
);

-- Browsers that are on their way to the provider. A row is taken out when its browser comes back.
CREATE TABLE openid_flows (
    state_hash TEXT NOT NULL PRIMARY KEY,
    -- Of the secret in the browser's cookie.
    browser_hash TEXT NOT NULL,
    nonce TEXT NOT NULL,
    verifier TEXT NOT NULL,
    -- As what they want to sign in.
    role TEXT,
    ends_s BIGINT NOT NULL
);
CREATE INDEX openid_flows_by_age ON openid_flows (ends_s);

-- 1 where the provider said that it saw two factors.
ALTER TABLE sessions ADD COLUMN second_factor BIGINT NOT NULL DEFAULT 0;
