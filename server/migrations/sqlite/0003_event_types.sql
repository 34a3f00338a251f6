-- Settings of accounts, and the types of events that they registered.

ALTER TABLE account ADD COLUMN name TEXT;
-- Which events are held against the schemas of their types when they are accepted.
ALTER TABLE account ADD COLUMN validation TEXT NOT NULL DEFAULT 'off' CHECK (validation = 'off' OR validation = 'known' OR validation = 'all');
-- Its keys open nothing.
ALTER TABLE account ADD COLUMN suspended INTEGER NOT NULL DEFAULT 0;

CREATE TABLE event_type (
    account     INTEGER NOT NULL,
    name        TEXT NOT NULL,
    description TEXT,
    archived    INTEGER NOT NULL DEFAULT 0,
    -- That of its newest schema; 0 where it has none.
    version     INTEGER NOT NULL DEFAULT 0,
    -- JSON that fits the newest schema.
    example     TEXT,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;

-- What the data of events has to look like. A version never changes.
CREATE TABLE event_schema (
    account    INTEGER NOT NULL,
    name       TEXT NOT NULL,
    version    INTEGER NOT NULL,
    schema     TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (account, name, version)
) STRICT;
