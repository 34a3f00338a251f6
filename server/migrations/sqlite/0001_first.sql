-- Times are milliseconds since the Unix epoch. Keys are 63-bit numbers that begin with the time they were minted.

CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE account (
    key INTEGER PRIMARY KEY
) STRICT;

-- Keys are 256 random bits or the operator's choice; only their SHA-256 is kept.
CREATE TABLE api_key (
    id      INTEGER PRIMARY KEY,
    hash    BLOB NOT NULL UNIQUE,
    account INTEGER NOT NULL REFERENCES account (key),
    origin  TEXT NOT NULL CHECK (origin IN ('api', 'environment', 'generated')),
    scope   TEXT NOT NULL CHECK (scope IN ('admin', 'send', 'read')),
    tenant  TEXT,
    name    TEXT,
    -- A generated key that was never used may never have been seen: the next start replaces it.
    used    INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX api_key_by_account ON api_key (account, id);

CREATE TABLE endpoint (
    key                  INTEGER PRIMARY KEY,
    account              INTEGER NOT NULL REFERENCES account (key),
    url                  TEXT NOT NULL,
    -- A JSON list of strings.
    event_types          TEXT NOT NULL,
    profile              TEXT NOT NULL,
    tenant               TEXT,
    description          TEXT,
    state                TEXT NOT NULL CHECK (state IN ('active', 'paused', 'disabled', 'deleted')),
    reason               TEXT,
    secret_kind          TEXT NOT NULL CHECK (secret_kind IN ('none', 'shared', 'one_way')),
    secret               BLOB NOT NULL,
    previous_kind        TEXT CHECK (previous_kind IN ('none', 'shared', 'one_way')),
    previous_secret      BLOB,
    previous_until       INTEGER,
    settings             TEXT NOT NULL,
    version              INTEGER NOT NULL DEFAULT 1,
    -- More has to be changed of what waits for it than was changed at once: it is to be cancelled where the endpoint is
    -- gone, and let out of its order otherwise.
    sweeping             INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX endpoint_by_account ON endpoint (account, key) WHERE state <> 'deleted';
CREATE INDEX endpoint_by_tenant ON endpoint (account, tenant, key) WHERE tenant IS NOT NULL;
CREATE INDEX endpoint_sweeping ON endpoint (key) WHERE sweeping = 1;

-- One row per pattern that an endpoint wants: a type, `prefix.*` or `*`. With its tenant, so that an event looks only at
-- those that may get it; empty where it has none, which no tenant is.
CREATE TABLE subscription (
    account  INTEGER NOT NULL,
    tenant   TEXT NOT NULL,
    pattern  TEXT NOT NULL,
    endpoint INTEGER NOT NULL REFERENCES endpoint (key),
    PRIMARY KEY (account, tenant, pattern, endpoint)
) STRICT, WITHOUT ROWID;

CREATE INDEX subscription_by_endpoint ON subscription (endpoint);

CREATE TABLE event (
    key             INTEGER PRIMARY KEY,
    account         INTEGER NOT NULL,
    -- The caller's own id; without one the key is the id.
    id              TEXT,
    idempotency_key TEXT,
    -- To tell a repeat from a conflict; only where there is an id or a key.
    fingerprint     BLOB,
    type            TEXT NOT NULL,
    tenant          TEXT,
    profile         TEXT,
    ordering_key    TEXT,
    -- The keys of the endpoints that it goes to, 8 bytes each, big-endian.
    targets         BLOB NOT NULL,
    data            TEXT NOT NULL
) STRICT;

-- With the type, so that a list of one type reads no more than its events.
CREATE INDEX event_by_account ON event (account, key, type);
CREATE UNIQUE INDEX event_by_id ON event (account, id) WHERE id IS NOT NULL;
CREATE UNIQUE INDEX event_by_idempotency_key ON event (account, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX event_by_tenant ON event (account, tenant, key) WHERE tenant IS NOT NULL;

-- A delivery that was taken into memory when it was accepted has no row until its first attempt is settled: it is in a
-- claim. The columns from `started_at` on are its last attempt.
CREATE TABLE delivery (
    endpoint         INTEGER NOT NULL,
    event            INTEGER NOT NULL,
    account          INTEGER NOT NULL,
    -- A list of more than two would be built as a table of its own for each row that is written.
    state            TEXT NOT NULL CHECK (state = 'delivered' OR state = 'pending' OR state = 'delivering' OR state = 'failed' OR state = 'cancelled'),
    reason           TEXT,
    -- Set while pending, unless an earlier delivery of its order has to end first.
    due              INTEGER,
    order_key        TEXT,
    -- All attempts; of those, the ones before the last replay, and the interrupted ones since.
    attempts         INTEGER NOT NULL DEFAULT 0,
    attempts_before  INTEGER NOT NULL DEFAULT 0,
    interruptions    INTEGER NOT NULL DEFAULT 0,
    first_attempt_at INTEGER,
    started_at       INTEGER,
    total_us         INTEGER,
    dns_us           INTEGER,
    connect_us       INTEGER,
    tls_us           INTEGER,
    first_byte_us    INTEGER,
    status           INTEGER,
    error            TEXT,
    address          TEXT,
    response_head    TEXT,
    response_body    BLOB,
    PRIMARY KEY (endpoint, event)
) STRICT, WITHOUT ROWID;

CREATE INDEX delivery_due ON delivery (endpoint, due) WHERE due IS NOT NULL;
CREATE INDEX delivery_order ON delivery (endpoint, order_key, event)
    WHERE order_key IS NOT NULL AND state IN ('pending', 'delivering');
CREATE INDEX delivery_unsettled ON delivery (account, state, event, endpoint) WHERE state <> 'delivered' AND state <> 'delivering';
-- The same of one endpoint.
CREATE INDEX delivery_left ON delivery (endpoint, state, event) WHERE state <> 'delivered' AND state <> 'delivering';

-- The attempts before the last.
CREATE TABLE attempt (
    endpoint      INTEGER NOT NULL,
    event         INTEGER NOT NULL,
    number        INTEGER NOT NULL,
    started_at    INTEGER NOT NULL,
    total_us      INTEGER NOT NULL,
    dns_us        INTEGER,
    connect_us    INTEGER,
    tls_us        INTEGER,
    first_byte_us INTEGER,
    status        INTEGER,
    error         TEXT,
    address       TEXT,
    response_head TEXT,
    response_body BLOB,
    PRIMARY KEY (endpoint, event, number)
) STRICT, WITHOUT ROWID;

-- Endpoints that have something pending or that fail.
CREATE TABLE lane (
    endpoint      INTEGER PRIMARY KEY,
    -- When it is worth a look: the earliest `due` of its deliveries, not before `hold_until`. Unset where nothing
    -- can be due.
    due           INTEGER,
    failures      INTEGER NOT NULL DEFAULT 0,
    failing_since INTEGER,
    hold_until    INTEGER
) STRICT;

CREATE INDEX lane_due ON lane (due) WHERE due IS NOT NULL;

-- What a node has taken to deliver: pairs of endpoint and event, 16 bytes each, big-endian.
CREATE TABLE claim (
    key        INTEGER PRIMARY KEY,
    deliveries BLOB NOT NULL
) STRICT;
