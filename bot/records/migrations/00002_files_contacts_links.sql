-- Runs on SQLite and on PostgreSQL; see 00001.

-- +goose Up

-- Whether a person can be written to on a channel. It is of the identity, not of the worker: whoever only followed an
-- account is no worker yet.
CREATE TABLE contact (
    channel   TEXT NOT NULL,
    user_id   TEXT NOT NULL,
    reachable BOOLEAN NOT NULL,
    since     BIGINT NOT NULL, -- first heard of
    changed   BIGINT NOT NULL, -- of the newest note; an older one changes nothing
    scene     TEXT NOT NULL,   -- of the newest code that was scanned, '' for none
    scene_at  BIGINT NOT NULL,
    PRIMARY KEY (channel, user_id)
);

-- What workers sent. The id is that of the effect, and the name of the file in the evidence store.
CREATE TABLE file (
    id         TEXT PRIMARY KEY,
    worker     TEXT NOT NULL,
    channel    TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    kind       TEXT NOT NULL,
    ref        TEXT NOT NULL,
    media_type TEXT NOT NULL,
    name       TEXT NOT NULL,
    size       BIGINT NOT NULL, -- as the platform says it
    till       BIGINT NOT NULL,
    number     TEXT NOT NULL,
    made_in    TEXT NOT NULL,
    state      TEXT NOT NULL,
    why        TEXT NOT NULL DEFAULT '',
    sum        TEXT NOT NULL DEFAULT '',
    bytes      BIGINT NOT NULL DEFAULT 0,
    tries      BIGINT NOT NULL DEFAULT 0,
    next_try   BIGINT NOT NULL,
    at         BIGINT NOT NULL
);
CREATE INDEX file_due ON file (next_try) WHERE state = 'waits';
CREATE INDEX file_worker ON file (worker);

-- Every joining of two workers and every parting of an identity. What was moved is named by numbers and ids, fields by
-- their names; there are no values in it.
CREATE TABLE identity_link (
    id          TEXT PRIMARY KEY,
    at          BIGINT NOT NULL,
    what        TEXT NOT NULL,
    channel     TEXT NOT NULL,
    user_id     TEXT NOT NULL,
    worker_from TEXT NOT NULL,
    worker_into TEXT NOT NULL,
    moved       TEXT NOT NULL
);

-- Ids under which nobody is kept any more, and who it is now. An id that is here is never in worker too.
CREATE TABLE worker_alias (
    id     TEXT PRIMARY KEY,
    worker TEXT NOT NULL REFERENCES worker (id) ON DELETE CASCADE
);
CREATE INDEX worker_alias_worker ON worker_alias (worker);

-- When the identity came over to its worker, and when it was let go last.
ALTER TABLE identity ADD COLUMN linked BIGINT NOT NULL DEFAULT 0;
ALTER TABLE identity ADD COLUMN parted BIGINT NOT NULL DEFAULT 0;

CREATE INDEX request_worker ON request (worker);

-- +goose Down
DROP INDEX request_worker;
ALTER TABLE identity DROP COLUMN parted;
ALTER TABLE identity DROP COLUMN linked;
DROP TABLE worker_alias;
DROP TABLE identity_link;
DROP TABLE file;
DROP TABLE contact;
