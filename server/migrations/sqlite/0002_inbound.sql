-- Whom webhooks are taken from.
CREATE TABLE source (
    key      INTEGER PRIMARY KEY,
    account  INTEGER NOT NULL REFERENCES account (key),
    tenant   TEXT,
    name     TEXT NOT NULL,
    -- The name of a scheme as a JSON string, or a scheme of one's own as a JSON object.
    scheme   TEXT NOT NULL,
    state    TEXT NOT NULL CHECK (state IN ('active', 'paused')),
    settings TEXT NOT NULL,
    -- The secrets, and the values that only the owner knows.
    sealed   BLOB NOT NULL,
    version  INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE INDEX source_by_account ON source (account, key);

-- How often a source was sent what: `accepted`, `duplicate`, or the code of a refusal.
CREATE TABLE source_count (
    source INTEGER NOT NULL,
    what   TEXT NOT NULL,
    count  INTEGER NOT NULL,
    PRIMARY KEY (source, what)
) STRICT, WITHOUT ROWID;

-- A few of the requests that were refused, each for a day at most.
CREATE TABLE refusal (
    source INTEGER NOT NULL,
    key    INTEGER NOT NULL,
    code   TEXT NOT NULL,
    -- The request.
    sealed BLOB NOT NULL,
    PRIMARY KEY (source, key)
) STRICT, WITHOUT ROWID;

-- The account of the server itself. No API key opens it.
INSERT INTO account (key) VALUES (-1);
