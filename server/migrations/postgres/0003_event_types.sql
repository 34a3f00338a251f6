-- Settings of accounts, and the types of events that they registered.

ALTER TABLE account ADD COLUMN name text;
-- Which events are held against the schemas of their types when they are accepted.
ALTER TABLE account ADD COLUMN validation text NOT NULL DEFAULT 'off' CHECK (validation IN ('off', 'known', 'all'));
-- Its keys open nothing.
ALTER TABLE account ADD COLUMN suspended boolean NOT NULL DEFAULT false;

CREATE TABLE event_type (
    account     bigint NOT NULL,
    -- By its bytes, as everywhere: lists go on after a name.
    name        text COLLATE "C" NOT NULL,
    description text,
    archived    boolean NOT NULL DEFAULT false,
    -- That of its newest schema; 0 where it has none.
    version     integer NOT NULL DEFAULT 0,
    -- JSON that fits the newest schema.
    example     text,
    created_at  bigint NOT NULL,
    PRIMARY KEY (account, name)
);

-- What the data of events has to look like. A version never changes.
CREATE TABLE event_schema (
    account    bigint NOT NULL,
    name       text COLLATE "C" NOT NULL,
    version    integer NOT NULL,
    schema     text NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (account, name, version)
);
