-- Whom webhooks are taken from.
CREATE TABLE source (
    key      bigint PRIMARY KEY,
    account  bigint NOT NULL REFERENCES account (key),
    tenant   text,
    name     text NOT NULL,
    -- The name of a scheme as a JSON string, or a scheme of one's own as a JSON object.
    scheme   text NOT NULL,
    state    text NOT NULL CHECK (state IN ('active', 'paused')),
    settings text NOT NULL,
    -- The secrets, and the values that only the owner knows.
    sealed   bytea NOT NULL,
    version  bigint NOT NULL DEFAULT 1
);

CREATE INDEX source_by_account ON source (account, key);

-- How often a source was sent what: `accepted`, `duplicate`, or the code of a refusal.
CREATE TABLE source_count (
    source bigint NOT NULL,
    what   text NOT NULL,
    count  bigint NOT NULL,
    PRIMARY KEY (source, what)
) WITH (fillfactor = 50);

-- A few of the requests that were refused, each for a day at most.
CREATE TABLE refusal (
    source bigint NOT NULL,
    key    bigint NOT NULL,
    code   text NOT NULL,
    -- The request.
    sealed bytea NOT NULL,
    PRIMARY KEY (source, key)
);

-- The account of the server itself. No API key opens it.
INSERT INTO account (key) VALUES (-1);
