package records

import (
	"context"

	"yilu/bot"
)

func scanRequest(r row) (bot.Request, error) {
	var q bot.Request
	var note string
	var at int64
	err := r.Scan(&q.Number, &q.Kind, &q.Worker, &q.Post, &q.Reason, &note, &q.Urgent, &q.Where, &at)
	q.Note, q.At = unseal(note), instant(at)
	return q, err
}

// EachRequest runs fn on every request to staff in the order of their numbers. An error of fn ends it and is returned.
func (r *Records) EachRequest(ctx context.Context, fn func(bot.Request) error) error {
	return each(ctx, r, "export requests", `SELECT number, kind, worker, post, reason, note, urgent, made_in, at
FROM request ORDER BY number`, scanRequest, fn)
}

// askStaff keeps a request. Where another one has its number, for the ledger was set back and the worker said something
// else since, it gets a number beside it: no sentence is dropped.
func askStaff(tx tx, p person, e bot.Entry, a bot.AskStaff) error {
	add := func(number string) (fresh int64, err error) {
		done, err := tx.Exec(`INSERT INTO request (number, kind, worker, post, reason, note, urgent, made_in, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (number) DO NOTHING`,
			number, a.About, p.id, a.Post, a.Reason, seal(a.Note), a.Urgent, a.Where, millis(e.At))
		if err != nil {
			return 0, err
		}
		return done.RowsAffected()
	}
	fresh, err := add(a.Number)
	if err != nil || fresh > 0 {
		return err
	}
	var note, reason string
	if err := tx.QueryRow("SELECT note, reason FROM request WHERE number = $1", a.Number).Scan(&note, &reason); err != nil {
		return err
	}
	if unseal(note) == a.Note && reason == a.Reason {
		return nil
	}
	_, err = add(a.Number + "+" + e.ID[max(0, len(e.ID)-besides):])
	return err
}

// besides is how much of an effect's id tells two requests of one number apart.
const besides = 6
