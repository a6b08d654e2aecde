-- Runs on SQLite and on PostgreSQL. Times are Unix milliseconds, 0 where there is none; days are '2006-01-02'; lists
-- are JSON text; sums are fen. Columns with a personal value are named in seal.go.

-- +goose Up
CREATE TABLE worker (
    id         TEXT PRIMARY KEY,
    channel    TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    lang       TEXT NOT NULL DEFAULT '',
    name       TEXT NOT NULL DEFAULT '',
    phone      TEXT NOT NULL DEFAULT '',
    birth_year BIGINT NOT NULL DEFAULT 0,
    birth_age  BIGINT NOT NULL DEFAULT 0,
    birth_on   TEXT NOT NULL DEFAULT '',
    trades     TEXT NOT NULL DEFAULT '[]',
    places     TEXT NOT NULL DEFAULT '[]',
    start_day  TEXT NOT NULL DEFAULT '',
    shift      TEXT NOT NULL DEFAULT '',
    pay_min    BIGINT NOT NULL DEFAULT 0,
    pay_max    BIGINT NOT NULL DEFAULT 0,
    pay_unit   TEXT NOT NULL DEFAULT '',
    settle     TEXT NOT NULL DEFAULT '',
    cert       TEXT NOT NULL DEFAULT '',
    home       TEXT NOT NULL DEFAULT '',
    consent    TEXT NOT NULL DEFAULT '',
    complete   BOOLEAN NOT NULL DEFAULT FALSE,
    number     TEXT NOT NULL DEFAULT '',
    since      BIGINT NOT NULL,
    modified   BIGINT NOT NULL
);

-- Who a person is on a channel. A worker may come to have several.
CREATE TABLE identity (
    channel TEXT NOT NULL,
    user_id TEXT NOT NULL,
    worker  TEXT NOT NULL REFERENCES worker (id) ON DELETE CASCADE,
    since   BIGINT NOT NULL,
    PRIMARY KEY (channel, user_id)
);
CREATE INDEX identity_worker ON identity (worker);

-- Every answer to a notice, with the words that were shown.
CREATE TABLE consent (
    id      TEXT PRIMARY KEY,
    worker  TEXT NOT NULL REFERENCES worker (id) ON DELETE CASCADE,
    notice  TEXT NOT NULL,
    purpose TEXT NOT NULL,
    agreed  BOOLEAN NOT NULL,
    shown   TEXT NOT NULL,
    lang    TEXT NOT NULL,
    at      BIGINT NOT NULL
);
CREATE INDEX consent_worker ON consent (worker, at);

-- No reference to the post: an application is kept whatever becomes of what it was for.
CREATE TABLE application (
    number   TEXT PRIMARY KEY,
    post     TEXT NOT NULL,
    worker   TEXT NOT NULL,
    party    BIGINT NOT NULL,
    state    TEXT NOT NULL,
    name     TEXT NOT NULL DEFAULT '',
    phone    TEXT NOT NULL DEFAULT '',
    at       BIGINT NOT NULL,
    modified BIGINT NOT NULL
);
CREATE UNIQUE INDEX application_active ON application (worker, post) WHERE state = 'applied';
CREATE INDEX application_worker ON application (worker, at);
CREATE INDEX application_post ON application (post);

CREATE TABLE alert (
    id     TEXT PRIMARY KEY,
    worker TEXT NOT NULL REFERENCES worker (id) ON DELETE CASCADE,
    trades TEXT NOT NULL,
    places TEXT NOT NULL,
    since  BIGINT NOT NULL
);
CREATE INDEX alert_worker ON alert (worker, since);

CREATE TABLE request (
    number  TEXT PRIMARY KEY,
    kind    TEXT NOT NULL,
    worker  TEXT NOT NULL,
    post    TEXT NOT NULL,
    reason  TEXT NOT NULL,
    note    TEXT NOT NULL,
    urgent  BOOLEAN NOT NULL,
    made_in TEXT NOT NULL,
    at      BIGINT NOT NULL
);

-- The effects that are in, so that each is applied once.
CREATE TABLE applied_effect (
    id TEXT PRIMARY KEY,
    at BIGINT NOT NULL
);

CREATE TABLE station (
    id       TEXT PRIMARY KEY,
    name     TEXT NOT NULL,
    aliases  TEXT NOT NULL,
    kind     TEXT NOT NULL,
    district TEXT NOT NULL,
    street   TEXT NOT NULL,
    address  TEXT NOT NULL,
    hours    TEXT NOT NULL,
    phone    TEXT NOT NULL,
    services TEXT NOT NULL,
    trades   TEXT NOT NULL,
    manager  TEXT NOT NULL,
    verified BIGINT NOT NULL,
    sample   BOOLEAN NOT NULL
);

CREATE TABLE post (
    id         TEXT PRIMARY KEY,
    state      TEXT NOT NULL,
    trade      TEXT NOT NULL,
    title      TEXT NOT NULL,
    headcount  BIGINT NOT NULL,
    filled     BIGINT NOT NULL,
    employer   TEXT NOT NULL,
    contact    TEXT NOT NULL,
    content    TEXT NOT NULL,
    conditions TEXT NOT NULL,
    district   TEXT NOT NULL,
    place      TEXT NOT NULL,
    address    TEXT NOT NULL,
    meet       TEXT NOT NULL,
    contract   TEXT NOT NULL,
    pay_min    BIGINT NOT NULL,
    pay_max    BIGINT NOT NULL,
    pay_unit   TEXT NOT NULL,
    pay_text   TEXT NOT NULL,
    settle     TEXT NOT NULL,
    start_day  TEXT NOT NULL,
    end_day    TEXT NOT NULL,
    from_time  TEXT NOT NULL,
    to_time    TEXT NOT NULL,
    shift      TEXT NOT NULL,
    age_min    BIGINT NOT NULL,
    age_max    BIGINT NOT NULL,
    minor_ok   BOOLEAN NOT NULL,
    cert       TEXT NOT NULL,
    meals      BOOLEAN NOT NULL,
    lodging    BOOLEAN NOT NULL,
    insurance  TEXT NOT NULL,
    urgent     BOOLEAN NOT NULL,
    expires    BIGINT NOT NULL,
    verified   BIGINT NOT NULL,
    source     TEXT NOT NULL,
    sample     BOOLEAN NOT NULL,
    change     BIGINT NOT NULL
);
CREATE INDEX post_by_change ON post (change);

-- The number of the last change to any post; whoever writes posts raises it first, and so holds its row until commit.
-- A process that knows the posts up to a change asks for those above it.
CREATE TABLE post_change (
    id   BIGINT PRIMARY KEY,
    last BIGINT NOT NULL
);
INSERT INTO post_change (id, last) VALUES (1, 0);

-- +goose Down
DROP TABLE post_change;
DROP TABLE post;
DROP TABLE station;
DROP TABLE applied_effect;
DROP TABLE request;
DROP TABLE alert;
DROP TABLE application;
DROP TABLE consent;
DROP TABLE identity;
DROP TABLE worker;
