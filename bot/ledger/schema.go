package ledger

// The tables of the embedded store. Times are Unix milliseconds. The turns of a session lie side by side in the order
// of seq, which goes on counting when a session begins again, so that the oldest are dropped without a search. An
// effect's n only orders: it is always above that of every other effect that waits.
const schema = `
CREATE TABLE IF NOT EXISTS session (
	id      INTEGER PRIMARY KEY,
	key     TEXT    NOT NULL UNIQUE,
	version BIGINT  NOT NULL,
	seq     BIGINT  NOT NULL,
	state   BLOB,
	expires BIGINT  NOT NULL
);
CREATE INDEX IF NOT EXISTS session_expires ON session (expires);
CREATE TABLE IF NOT EXISTS turn (
	session INTEGER NOT NULL REFERENCES session (id),
	seq     BIGINT  NOT NULL,
	message TEXT    NOT NULL,
	at      BIGINT  NOT NULL,
	said    BLOB,
	reply   BLOB,
	PRIMARY KEY (session, seq)
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS turn_message ON turn (session, message);
CREATE TABLE IF NOT EXISTS effect (
	n         INTEGER PRIMARY KEY,
	session   INTEGER NOT NULL REFERENCES session (id),
	id        TEXT    NOT NULL,
	kind      TEXT    NOT NULL,
	channel   TEXT    NOT NULL,
	user_id   TEXT    NOT NULL,
	lang      TEXT    NOT NULL,
	at        BIGINT  NOT NULL,
	committed BIGINT  NOT NULL,
	data      BLOB,
	UNIQUE (session, id)
);
`

// The statements. A version is compared with what it is at the time of the turn: a session past its expiry is at 0,
// and is begun again in its place.
const (
	loadSQL = `
SELECT s.version, s.state, s.expires, t.seq, t.reply, EXISTS (SELECT 1 FROM effect e WHERE e.session = s.id)
FROM session s LEFT JOIN turn t ON t.session = s.id AND t.message = $2
WHERE s.key = $1`

	// $1 key, $2 message, $3 time of the turn, $4 state, $5 expires
	beginSQL = `
INSERT INTO session (key, version, seq, state, expires)
SELECT $1, 1, 1, $4, $5
WHERE NOT EXISTS (SELECT 1 FROM session s JOIN turn t ON t.session = s.id WHERE s.key = $1 AND t.message = $2)
ON CONFLICT (key) DO UPDATE SET version = 1, seq = session.seq + 1, state = excluded.state, expires = excluded.expires
WHERE session.expires <= $3
RETURNING id, seq`

	// the same, and $6 the version expected
	advanceSQL = `
UPDATE session SET version = version + 1, seq = seq + 1, state = $4, expires = $5
WHERE key = $1 AND version = $6 AND expires > $3
AND NOT EXISTS (SELECT 1 FROM turn t WHERE t.session = session.id AND t.message = $2)
RETURNING id, seq`

	turnSQL = `INSERT INTO turn (session, seq, message, at, said, reply) VALUES ($1, $2, $3, $4, $5, $6)`

	pruneSQL = `DELETE FROM turn WHERE session = $1 AND seq <= $2`

	effectSQL = `
INSERT INTO effect (session, id, kind, channel, user_id, lang, at, committed, data)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (session, id) DO NOTHING`

	settleSQL = `DELETE FROM effect WHERE id = $2 AND session = (SELECT id FROM session WHERE key = $1)`

	waitingSQL = `
SELECT e.id, e.kind, e.channel, e.user_id, e.lang, e.at, e.data
FROM effect e JOIN session s ON s.id = e.session
WHERE s.key = $1 ORDER BY e.n`

	unsettledSQL = `
SELECT s.key, e.id, e.kind, e.channel, e.user_id, e.lang, e.at, e.data
FROM effect e JOIN session s ON s.id = e.session
WHERE e.committed < $1 OR e.committed >= $3 ORDER BY e.n LIMIT $2`

	historySQL = `
SELECT t.message, t.said, t.reply, t.at
FROM turn t JOIN session s ON s.id = t.session
WHERE s.key = $1 ORDER BY t.seq`

	expiredSQL = `
SELECT id FROM session
WHERE expires <= $1 AND NOT EXISTS (SELECT 1 FROM effect e WHERE e.session = session.id)
ORDER BY expires LIMIT $2`

	forgetTurnsSQL = `DELETE FROM turn WHERE session = $1`

	forgetSQL = `DELETE FROM session WHERE id = $1`
)
