package records

import (
	"context"
	"database/sql"
	"errors"

	"yilu/bot"
)

// present is the worker whom an id means now: the id itself unless that worker was joined with another. It stands in
// place of $1.
const present = "COALESCE((SELECT worker FROM worker_alias WHERE id = $1), $1)"

// person is the worker behind an identity.
type person struct {
	id     bot.WorkerID
	since  int64 // when the identity was first seen
	linked int64 // when it came over to this worker from another, 0 if it was never elsewhere
	parted int64 // when it was last let go
	known  bool  // the identity has a row
}

// late reports that an effect was asked for before its identity came over to the worker, and arrives only now. What
// the worker had from elsewhere stands then, as if it had arrived in time.
func (p person) late(e bot.Entry) bool { return millis(e.At) < p.linked }

// find looks up who is behind an identity. One that was never seen is the worker whose id is made from it. What meet
// found stands for the rest of the transaction; whoever moves an identity clears tx.met.
func find(tx tx, who bot.Identity) (person, error) {
	if p, ok := tx.met[who]; ok {
		return p, nil
	}
	p := person{known: true}
	err := tx.QueryRow("SELECT worker, since, linked, parted FROM identity WHERE channel = $1 AND user_id = $2", who.Channel, who.User).
		Scan(&p.id, &p.since, &p.linked, &p.parted)
	if errors.Is(err, sql.ErrNoRows) {
		p.known = false
		err = tx.QueryRow("SELECT "+present, who.Worker()).Scan(&p.id)
	}
	return p, err
}

// meet makes sure that the person behind an effect is known, so that effects may come in any order. The language is
// that of the latest.
func meet(tx tx, e bot.Entry) (person, error) {
	p, err := find(tx, e.From)
	if err != nil {
		return p, err
	}
	at := millis(e.At)
	_, err = tx.Exec(`INSERT INTO worker (id, channel, user_id, lang, since, modified) VALUES ($1, $2, $3, $4, $5, $5)
ON CONFLICT (id) DO UPDATE SET
	lang = CASE WHEN excluded.modified >= worker.modified AND excluded.lang <> '' THEN excluded.lang ELSE worker.lang END,
	since = CASE WHEN excluded.since < worker.since THEN excluded.since ELSE worker.since END,
	modified = CASE WHEN excluded.modified > worker.modified THEN excluded.modified ELSE worker.modified END`,
		p.id, e.From.Channel, e.From.User, e.Lang, at)
	if err != nil {
		return p, err
	}
	if !p.known || at < p.since {
		if err := meetAs(tx, e.From, p.id, at); err != nil {
			return p, err
		}
		p.known, p.since = true, at
	}
	tx.met[e.From] = p
	return p, nil
}

func meetAs(tx tx, from bot.Identity, id bot.WorkerID, at int64) error {
	_, err := tx.Exec(`INSERT INTO identity (channel, user_id, worker, since) VALUES ($1, $2, $3, $4)
ON CONFLICT (channel, user_id) DO UPDATE SET
	since = CASE WHEN excluded.since < identity.since THEN excluded.since ELSE identity.since END`, from.Channel, from.User, id, at)
	return err
}

// Identities implements bot.Reader. First is who was seen first; of somebody unknown there are none.
func (r *Records) Identities(ctx context.Context, id bot.WorkerID) ([]bot.Identity, error) {
	return all(ctx, r, "list identities", "SELECT channel, user_id FROM identity WHERE worker = "+present+`
ORDER BY since, channel, user_id`, func(r row) (who bot.Identity, err error) {
		return who, r.Scan(&who.Channel, &who.User)
	}, id)
}
