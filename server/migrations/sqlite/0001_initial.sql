-- Times are milliseconds since the Unix epoch.

CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE account (
    id         TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Keys are 256 random bits or the operator's choice; only their SHA-256 is kept.
CREATE TABLE api_key (
    hash       BLOB PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    origin     TEXT NOT NULL CHECK (origin IN ('generated', 'environment')),
    -- A generated key that was never used may never have been seen: the next start replaces it.
    used       INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE endpoint (
    id          TEXT PRIMARY KEY,
    account_id  TEXT NOT NULL REFERENCES account (id),
    url         TEXT NOT NULL,
    profile     TEXT NOT NULL,
    tenant      TEXT,
    description TEXT,
    state       TEXT NOT NULL CHECK (state IN ('active', 'disabled', 'deleted')),
    secret_kind TEXT NOT NULL CHECK (secret_kind IN ('none', 'shared', 'one_way')),
    secret      BLOB,
    created_at  INTEGER NOT NULL,
    changed_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX endpoint_by_account ON endpoint (account_id, id);

-- One row per type that an endpoint wants; '*' stands for all.
CREATE TABLE subscription (
    account_id  TEXT NOT NULL,
    event_type  TEXT NOT NULL,
    endpoint_id TEXT NOT NULL REFERENCES endpoint (id),
    PRIMARY KEY (account_id, event_type, endpoint_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX subscription_by_endpoint ON subscription (endpoint_id, event_type);

CREATE TABLE event (
    seq             INTEGER PRIMARY KEY,
    account_id      TEXT NOT NULL REFERENCES account (id),
    id              TEXT NOT NULL,
    type            TEXT NOT NULL,
    tenant          TEXT,
    profile         TEXT,
    data            TEXT NOT NULL,
    -- SHA-256 of what the caller sent, to tell a repeat from a conflict.
    fingerprint     BLOB NOT NULL,
    created_at      INTEGER NOT NULL,
    UNIQUE (account_id, id)
) STRICT;

-- Every key under which an event was sent; a repeat by id may bring another.
CREATE TABLE idempotency_key (
    account_id TEXT NOT NULL,
    value      TEXT NOT NULL,
    event_seq  INTEGER NOT NULL REFERENCES event (seq),
    PRIMARY KEY (account_id, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE delivery (
    seq              INTEGER PRIMARY KEY,
    id               TEXT NOT NULL UNIQUE,
    event_seq        INTEGER NOT NULL REFERENCES event (seq),
    endpoint_id      TEXT NOT NULL REFERENCES endpoint (id),
    state            TEXT NOT NULL CHECK (state IN ('pending', 'delivering', 'delivered', 'failed', 'cancelled')),
    reason           TEXT,
    attempts         INTEGER NOT NULL DEFAULT 0,
    first_attempt_at INTEGER,
    -- Set while pending, and only then.
    next_attempt_at  INTEGER CHECK ((next_attempt_at IS NOT NULL) = (state = 'pending')),
    created_at       INTEGER NOT NULL,
    changed_at       INTEGER NOT NULL
) STRICT;

CREATE INDEX delivery_by_event ON delivery (event_seq);
-- Leasing walks from endpoint to endpoint where much is due, so that the backlog of one costs the others nothing, and
-- asks what is due where that is little, so that endpoints that only wait cost nothing either.
CREATE INDEX delivery_due_by_endpoint ON delivery (endpoint_id, next_attempt_at) WHERE state = 'pending';
CREATE INDEX delivery_due ON delivery (next_attempt_at, endpoint_id) WHERE state = 'pending';
CREATE INDEX delivery_in_flight ON delivery (endpoint_id) WHERE state = 'delivering';

CREATE TABLE attempt (
    delivery_seq  INTEGER NOT NULL REFERENCES delivery (seq),
    number        INTEGER NOT NULL,
    started_at    INTEGER NOT NULL,
    duration_ms   INTEGER NOT NULL,
    status        INTEGER,
    error         TEXT,
    response_body BLOB NOT NULL,
    PRIMARY KEY (delivery_seq, number)
) STRICT;
