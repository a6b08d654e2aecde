-- Runs on SQLite and on PostgreSQL; see 00001.

-- +goose Up

-- What workers ask to have mediated. form is what they told, as JSON; what staff look for stands in columns beside it.
CREATE TABLE dispute (
    number   TEXT PRIMARY KEY,
    worker   TEXT NOT NULL,
    state    TEXT NOT NULL,
    version  BIGINT NOT NULL,
    assigned TEXT NOT NULL,
    kinds    TEXT NOT NULL,
    amount   BIGINT NOT NULL,
    urgent   BOOLEAN NOT NULL,
    form     TEXT NOT NULL,
    opened   BIGINT NOT NULL,
    modified BIGINT NOT NULL
);
CREATE INDEX dispute_worker ON dispute (worker, opened);
CREATE INDEX dispute_state ON dispute (state, opened);

-- Everything that happened in a case, numbered from 1 without a gap; never changed.
CREATE TABLE dispute_event (
    number     TEXT NOT NULL,
    seq        BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    action     TEXT NOT NULL,
    actor      TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state   TEXT NOT NULL,
    note       TEXT NOT NULL,
    told       TEXT NOT NULL,
    PRIMARY KEY (number, seq)
);

-- What may be said to a question about insurance: the operator's words, each with its source and who approved it.
CREATE TABLE answer (
    id          TEXT PRIMARY KEY,
    scheme      TEXT NOT NULL,
    topic       TEXT NOT NULL,
    short       TEXT NOT NULL,
    long        TEXT NOT NULL,
    link        TEXT NOT NULL,
    hotline     TEXT NOT NULL,
    source      TEXT NOT NULL,
    approved_by TEXT NOT NULL,
    from_day    TEXT NOT NULL,
    to_day      TEXT NOT NULL,
    sample      BOOLEAN NOT NULL
);
CREATE INDEX answer_topic ON answer (scheme, topic);

-- +goose Down
DROP TABLE answer;
DROP TABLE dispute_event;
DROP TABLE dispute;
