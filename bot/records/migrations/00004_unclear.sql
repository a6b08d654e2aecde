-- Runs on SQLite and on PostgreSQL; see 00001.

-- +goose Up

-- What was not understood. Nothing here tells who said it.
CREATE TABLE unclear (
    text    TEXT NOT NULL,
    made_in TEXT NOT NULL, -- dialogue and state
    times   BIGINT NOT NULL,
    since   BIGINT NOT NULL,
    latest  BIGINT NOT NULL,
    PRIMARY KEY (text, made_in)
);
CREATE INDEX unclear_latest ON unclear (latest);

-- +goose Down
DROP TABLE unclear;
