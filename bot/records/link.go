package records

import (
	"context"
	"encoding/json"
	"slices"

	"yilu/bot"
)

// EachLink runs fn on every joining and parting, the first one first. An error of fn ends it and is returned.
func (r *Records) EachLink(ctx context.Context, fn func(bot.Link) error) error {
	return each(ctx, r, "export links", `SELECT id, at, what, channel, user_id, worker_from, worker_into, moved
FROM identity_link ORDER BY at, id`, func(r row) (l bot.Link, err error) {
		var at int64
		var moved string
		if err := r.Scan(&l.ID, &at, &l.What, &l.Who.Channel, &l.Who.User, &l.From, &l.Into, &moved); err != nil {
			return l, err
		}
		l.At = instant(at)
		return l, json.Unmarshal([]byte(moved), &l.Moved)
	}, fn)
}

func logLink(tx tx, l bot.Link) error {
	moved, err := json.Marshal(l.Moved)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO identity_link (id, at, what, channel, user_id, worker_from, worker_into, moved)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, l.ID, millis(l.At), l.What, l.Who.Channel, l.Who.User, l.From, l.Into, string(moved))
	return err
}

// linkIdentity makes the worker behind the entry's From one with the worker behind Into, who stays. Where they are one
// already it changes nothing, so links may form chains and go both ways. A link that is older than the parting of its
// identity was undone before it came.
func linkIdentity(tx tx, e bot.Entry, l bot.LinkIdentity) error {
	from, err := find(tx, e.From)
	if err != nil {
		return err
	}
	into, err := find(tx, l.Into)
	if err != nil || from.parted > millis(e.At) {
		return err
	}
	if from.id == into.id {
		return linkedAgain(tx, e)
	}
	if from, err = meet(tx, e); err != nil {
		return err
	}
	other := e
	other.From = l.Into
	if into.known {
		other.Lang = "" // it was not they who spoke
	}
	if into, err = meet(tx, other); err != nil {
		return err
	}
	log := bot.Link{ID: e.ID, At: e.At, What: bot.LinkJoined, Who: e.From, From: from.id, Into: into.id}
	if log.Moved, err = join(tx, e, from.id, into.id); err != nil {
		return err
	}
	return logLink(tx, log)
}

// linkedAgain notes that an identity was linked anew to the worker that it is: a parting from before that is undone.
func linkedAgain(tx tx, e bot.Entry) error {
	clear(tx.met)
	_, err := tx.Exec(`UPDATE identity SET linked = $3 WHERE channel = $1 AND user_id = $2 AND linked > 0 AND linked < $3`,
		e.From.Channel, e.From.User, millis(e.At))
	return err
}

// unlinkIdentity makes an identity somebody of its own again: a new worker of whom nothing but the language is known.
// Whatever was joined stays with the others. Only whoever is that worker can ask for it; from anybody else it does
// nothing, as where the identity is alone anyway. If the worker's id is made from this identity, those who stay go on
// under the id of another of theirs, so that there are never two workers of one id.
func unlinkIdentity(tx tx, e bot.Entry, u bot.UnlinkIdentity) error {
	p, err := find(tx, u.Identity)
	if err != nil || !p.known || p.linked > millis(e.At) { // unknown, or linked since
		return err
	}
	others, err := identitiesBeside(tx, p.id, u.Identity)
	if err != nil {
		return err
	}
	if len(others) == 0 {
		return part(tx, e, u.Identity, p.id)
	}
	asks, err := find(tx, e.From)
	if err != nil || asks.id != p.id {
		return err
	}
	w, err := workerOf(tx, p.id)
	if err != nil {
		return err
	}
	own := u.Identity.Worker()
	log := bot.Link{ID: e.ID, At: e.At, What: bot.LinkParted, Who: u.Identity, From: p.id, Into: own}
	if own == p.id {
		heir := others[0]
		if slices.Contains(others, e.From) {
			heir = e.From
		}
		log.From = heir.Worker()
		if err := begin(tx, e, heir, ""); err != nil {
			return err
		}
		if log.Moved, err = join(tx, e, p.id, log.From); err != nil {
			return err
		}
	} else if w.From == u.Identity {
		if _, err := tx.Exec("UPDATE worker SET channel = $2, user_id = $3 WHERE id = $1", p.id, others[0].Channel, others[0].User); err != nil {
			return err
		}
	}
	if err := begin(tx, e, u.Identity, w.Lang); err != nil {
		return err
	}
	if err := part(tx, e, u.Identity, own); err != nil {
		return err
	}
	return logLink(tx, log)
}

// begin makes the worker whose id is made from an identity, and the id mean nobody else.
func begin(tx tx, e bot.Entry, who bot.Identity, lang string) error {
	if _, err := tx.Exec("DELETE FROM worker_alias WHERE id = $1", who.Worker()); err != nil {
		return err
	}
	_, err := tx.Exec(`INSERT INTO worker (id, channel, user_id, lang, since, modified) VALUES ($1, $2, $3, $4, $5, $5)
ON CONFLICT (id) DO NOTHING`, who.Worker(), who.Channel, who.User, lang, millis(e.At))
	return err
}

// part gives an identity to a worker as one that has never been elsewhere.
func part(tx tx, e bot.Entry, who bot.Identity, id bot.WorkerID) error {
	clear(tx.met)
	_, err := tx.Exec(`UPDATE identity SET worker = $3, linked = 0, parted = CASE WHEN parted < $4 THEN $4 ELSE parted END
WHERE channel = $1 AND user_id = $2`, who.Channel, who.User, id, millis(e.At))
	return err
}

func identitiesBeside(tx tx, id bot.WorkerID, one bot.Identity) ([]bot.Identity, error) {
	rows, err := tx.Query("SELECT channel, user_id FROM identity WHERE worker = $1 ORDER BY since, channel, user_id", id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []bot.Identity
	for rows.Next() {
		var who bot.Identity
		if err := rows.Scan(&who.Channel, &who.User); err != nil {
			return nil, err
		}
		list = append(list, who)
	}
	return slices.DeleteFunc(list, func(who bot.Identity) bool { return who == one }), rows.Err()
}
