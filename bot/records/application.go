package records

import (
	"context"
	"database/sql"
	"errors"

	"yilu/bot"
)

const applicationColumns = "number, post, worker, party, state, at"

func scanApplication(r row) (bot.Application, error) {
	var a bot.Application
	var at int64
	err := r.Scan(&a.Number, &a.Post, &a.Worker, &a.Party, &a.State, &at)
	a.At = instant(at)
	return a, err
}

// Applications implements bot.Reader.
func (r *Records) Applications(ctx context.Context, id bot.WorkerID) ([]bot.Application, error) {
	return all(ctx, r, "list applications", "SELECT "+applicationColumns+" FROM application WHERE worker = "+present+`
	AND state <> $2 ORDER BY at DESC, number DESC`, scanApplication, id, bot.Withdrawn)
}

// EachApplication runs fn on every application in the order of their numbers. An error of fn ends it and is returned.
func (r *Records) EachApplication(ctx context.Context, fn func(bot.Application) error) error {
	return each(ctx, r, "export applications", "SELECT "+applicationColumns+" FROM application ORDER BY number", scanApplication, fn)
}

// PutApplications writes applications, in place of those with their numbers; all of them or none. A second active one
// of a worker to a post is a Conflict. One of a worker who was joined with another is that one's.
func (r *Records) PutApplications(ctx context.Context, applications []bot.Application) error {
	const op = "import applications"
	return r.put(ctx, op, len(applications), func(tx tx, i int) error {
		a := applications[i]
		if a.Number == "" {
			return noID(op, i, "number")
		}
		_, err := tx.Exec(`INSERT INTO application (number, post, worker, party, state, at, modified)
VALUES ($2, $3, `+present+`, $4, $5, $6, $6)
ON CONFLICT (number) DO UPDATE SET post = excluded.post, worker = excluded.worker, party = excluded.party,
	state = excluded.state, at = excluded.at`,
			a.Worker, a.Number, a.Post, a.Party, a.State, millis(a.At))
		return err
	})
}

// submitApplication keeps the application, unless there is an active one to the post or one of the number. What it
// tells of a worker of whom it was not known goes to the worker too.
func submitApplication(tx tx, p person, e bot.Entry, s bot.SubmitApplication) error {
	state, name, phone := bot.Applied, seal(s.Name), seal(s.Phone)
	if p.late(e) { // the worker was told its number, so it is kept beside the other
		var err error
		if state, err = amongOthers(tx, p, e, s); err != nil {
			return err
		}
	}
	_, err := tx.Exec(`INSERT INTO application (number, post, worker, party, state, name, phone, at, modified)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) ON CONFLICT DO NOTHING`,
		s.Number, s.Post, p.id, s.Party, state, name, phone, millis(e.At))
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE worker SET
	name = CASE WHEN name = '' THEN $2 ELSE name END,
	phone = CASE WHEN phone = '' THEN $3 ELSE phone END
WHERE id = $1`, p.id, name, phone)
	return err
}

// amongOthers finds the state of an application that comes late: of two active ones to a post the earlier stays.
func amongOthers(tx tx, p person, e bot.Entry, s bot.SubmitApplication) (bot.ApplicationState, error) {
	var number string
	var at int64
	err := tx.QueryRow("SELECT number, at FROM application WHERE worker = $1 AND post = $2 AND state = 'applied'", p.id, s.Post).Scan(&number, &at)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return bot.Applied, nil
	case err != nil:
		return "", err
	case number == s.Number || at < millis(e.At) || at == millis(e.At) && number < s.Number:
		return bot.Withdrawn, nil
	}
	_, err = tx.Exec("UPDATE application SET state = $2, modified = $3 WHERE number = $1", number, bot.Withdrawn, millis(e.At))
	return bot.Applied, err
}

// withdrawApplication takes back the worker's own application of the number. Any other is left alone: numbers are read
// aloud and may be mistyped.
func withdrawApplication(tx tx, p person, e bot.Entry, w bot.WithdrawApplication) error {
	_, err := tx.Exec("UPDATE application SET state = $3, modified = $4 WHERE number = $1 AND worker = $2 AND state = $5",
		w.Number, p.id, bot.Withdrawn, millis(e.At), bot.Applied)
	return err
}
