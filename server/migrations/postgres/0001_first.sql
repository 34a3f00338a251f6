-- Times are milliseconds since the Unix epoch, unless the database itself decides by them. Keys are 63-bit numbers that
-- begin with the time they were minted.

CREATE TABLE setting (
    name  text PRIMARY KEY,
    value bytea NOT NULL
);

CREATE TABLE account (
    key             bigint PRIMARY KEY,
    -- The event up to which records of attempts were removed.
    attempts_pruned bigint NOT NULL DEFAULT 0
);

-- Keys are 256 random bits or the operator's choice; only their SHA-256 is kept.
CREATE TABLE api_key (
    id      bigint PRIMARY KEY,
    hash    bytea NOT NULL UNIQUE,
    account bigint NOT NULL REFERENCES account (key),
    origin  text NOT NULL CHECK (origin IN ('api', 'environment', 'generated')),
    scope   text NOT NULL CHECK (scope IN ('admin', 'send', 'read')),
    tenant  text,
    name    text,
    -- A generated key that was never used may never have been seen: the next start replaces it.
    used    boolean NOT NULL DEFAULT false
);

CREATE INDEX api_key_by_account ON api_key (account, id);

CREATE TABLE endpoint (
    key             bigint PRIMARY KEY,
    account         bigint NOT NULL REFERENCES account (key),
    url             text NOT NULL,
    event_types     text[] NOT NULL,
    profile         text NOT NULL,
    tenant          text,
    description     text,
    state           text NOT NULL CHECK (state IN ('active', 'paused', 'disabled', 'deleted')),
    reason          text,
    secret_kind     text NOT NULL CHECK (secret_kind IN ('none', 'shared', 'one_way')),
    secret          bytea NOT NULL,
    previous_kind   text CHECK (previous_kind IN ('none', 'shared', 'one_way')),
    previous_secret bytea,
    previous_until  bigint,
    -- JSON, written and read by this program only.
    settings        text NOT NULL,
    version         bigint NOT NULL DEFAULT 1,
    -- More has to be changed of what waits for it than was changed at once: it is to be cancelled where the endpoint is
    -- gone, and let out of its order otherwise.
    sweeping        boolean NOT NULL DEFAULT false
);

CREATE INDEX endpoint_by_account ON endpoint (account, key) WHERE state <> 'deleted';
CREATE INDEX endpoint_by_tenant ON endpoint (account, tenant, key) WHERE tenant IS NOT NULL;
CREATE INDEX endpoint_sweeping ON endpoint (key) WHERE sweeping;

-- One row per pattern that an endpoint wants: a type, `prefix.*` or `*`. With its tenant, so that an event looks only at
-- those that may get it; empty where it has none, which no tenant is.
CREATE TABLE subscription (
    account  bigint NOT NULL,
    tenant   text NOT NULL,
    pattern  text NOT NULL,
    endpoint bigint NOT NULL REFERENCES endpoint (key),
    PRIMARY KEY (account, tenant, pattern, endpoint)
);

CREATE INDEX subscription_by_endpoint ON subscription (endpoint);

CREATE TABLE event (
    account         bigint NOT NULL,
    key             bigint NOT NULL,
    -- The caller's own id; without one the key is the id.
    id              text,
    idempotency_key text,
    -- To tell a repeat from a conflict; only where there is an id or a key.
    fingerprint     bytea,
    type            text NOT NULL,
    tenant          text,
    profile         text,
    ordering_key    text,
    -- The keys of the endpoints that it goes to, 8 bytes each, big-endian.
    targets         bytea NOT NULL,
    data            text NOT NULL,
    -- With the type, so that a list of one type reads no more than its events.
    PRIMARY KEY (account, key) INCLUDE (type)
);

CREATE UNIQUE INDEX event_by_id ON event (account, id) WHERE id IS NOT NULL;
CREATE UNIQUE INDEX event_by_idempotency_key ON event (account, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX event_by_tenant ON event (account, tenant, key) WHERE tenant IS NOT NULL;

-- A delivery that was taken into memory when it was accepted has no row until its first attempt is settled: it is in a
-- claim. The columns from `started_at` on are its last attempt.
CREATE TABLE delivery (
    endpoint         bigint NOT NULL,
    event            bigint NOT NULL,
    account          bigint NOT NULL,
    state            text NOT NULL CHECK (state IN ('pending', 'delivering', 'delivered', 'failed', 'cancelled')),
    reason           text,
    -- Set while pending, unless an earlier delivery of its order has to end first.
    due              bigint,
    -- Set while delivering: what it was taken with.
    claim            bigint,
    order_key        text,
    -- All attempts; of those, the ones before the last replay, and the interrupted ones since.
    attempts         integer NOT NULL DEFAULT 0,
    attempts_before  integer NOT NULL DEFAULT 0,
    interruptions    integer NOT NULL DEFAULT 0,
    first_attempt_at bigint,
    started_at       bigint,
    total_us         bigint,
    dns_us           bigint,
    connect_us       bigint,
    tls_us           bigint,
    first_byte_us    bigint,
    status           smallint,
    error            text,
    address          text,
    response_head    text,
    response_body    bytea,
    PRIMARY KEY (endpoint, event)
);

CREATE INDEX delivery_due ON delivery (endpoint, due, event) WHERE due IS NOT NULL;
CREATE INDEX delivery_order ON delivery (endpoint, order_key, event)
    WHERE order_key IS NOT NULL AND state IN ('pending', 'delivering');
CREATE INDEX delivery_unsettled ON delivery (account, state, event, endpoint) WHERE state <> 'delivered';
-- The same of one endpoint, without what is being sent, which is never much.
CREATE INDEX delivery_left ON delivery (endpoint, state, event) WHERE state IN ('pending', 'failed', 'cancelled');

-- The attempts before the last. The event first, because they are removed by their age.
CREATE TABLE attempt (
    endpoint      bigint NOT NULL,
    event         bigint NOT NULL,
    number        integer NOT NULL,
    started_at    bigint NOT NULL,
    total_us      bigint NOT NULL,
    dns_us        bigint,
    connect_us    bigint,
    tls_us        bigint,
    first_byte_us bigint,
    status        smallint,
    error         text,
    address       text,
    response_head text,
    response_body bytea,
    PRIMARY KEY (event, endpoint, number)
);

-- Endpoints that had something pending or failed. Whoever adds to what waits for one, or takes from it, locks its row, which
-- therefore stays.
CREATE TABLE lane (
    endpoint      bigint PRIMARY KEY,
    -- When it is worth a look: the earliest `due` of its deliveries, not before `hold_until`. Unset where nothing
    -- can be due.
    due           bigint,
    failures      integer NOT NULL DEFAULT 0,
    failing_since bigint,
    hold_until    bigint
) WITH (fillfactor = 70);

CREATE INDEX lane_due ON lane (due) WHERE due IS NOT NULL;

-- The nodes, by the number that is in the keys they mint.
CREATE TABLE node (
    id         smallint PRIMARY KEY CHECK (id BETWEEN 0 AND 1023),
    -- Tells it from others that had the number before.
    joined     bigint GENERATED ALWAYS AS IDENTITY,
    expires_at timestamptz NOT NULL,
    -- From when on it may say that others are dead.
    judges_at  timestamptz NOT NULL,
    -- Others take over what it had. It has to join anew.
    dead       boolean NOT NULL DEFAULT false
) WITH (fillfactor = 50);

-- What a node has taken to deliver: pairs of endpoint and event, 16 bytes each, big-endian.
CREATE TABLE claim (
    key        bigint PRIMARY KEY,
    node       smallint NOT NULL,
    deliveries bytea NOT NULL
);

CREATE INDEX claim_by_node ON claim (node);
