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

func askStaff(tx tx, p person, e bot.Entry, a bot.AskStaff) error {
	_, err := tx.Exec(`INSERT INTO request (number, kind, worker, post, reason, note, urgent, made_in, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (number) DO NOTHING`,
		a.Number, a.About, p.id, a.Post, a.Reason, seal(a.Note), a.Urgent, a.Where, millis(e.At))
	return err
}
