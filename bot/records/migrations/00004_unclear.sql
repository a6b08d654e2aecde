-- Runs on SQLite and on PostgreSQL; see 00001.

-- +goose Up

-- What two people said at least and nobody understood. Nothing here tells who said it. Times are days.
CREATE TABLE unclear (
    text    TEXT NOT NULL,
    made_in TEXT NOT NULL, -- dialogue and state
    times   BIGINT NOT NULL,
    since   BIGINT NOT NULL,
    latest  BIGINT NOT NULL,
    PRIMARY KEY (text, made_in)
);
CREATE INDEX unclear_latest ON unclear (latest);

-- What one person only has said: a digest instead of the words, and one too short to find the person by.
CREATE TABLE unclear_once (
    digest TEXT PRIMARY KEY,
    sender TEXT NOT NULL,
    times  BIGINT NOT NULL,
    since  BIGINT NOT NULL,
    latest BIGINT NOT NULL
);
CREATE INDEX unclear_once_latest ON unclear_once (latest);

-- +goose Down
DROP TABLE unclear_once;
DROP TABLE unclear;
