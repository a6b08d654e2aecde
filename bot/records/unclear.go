package records

import (
	"context"
	"time"

	"yilu/bot"
)

// keepUnclear is how long what was not understood is kept after it was last said.
const keepUnclear = 90 * 24 * time.Hour

// noteUnclear counts what was not understood, and forgets what nobody says any more.
func noteUnclear(tx tx, e bot.Entry, n bot.NoteUnclear) error {
	at := millis(e.At)
	if _, err := tx.Exec("DELETE FROM unclear WHERE latest < $1", at-keepUnclear.Milliseconds()); err != nil {
		return err
	}
	_, err := tx.Exec(`INSERT INTO unclear (text, made_in, times, since, latest) VALUES ($1, $2, 1, $3, $3)
ON CONFLICT (text, made_in) DO UPDATE SET
	times = unclear.times + 1,
	since = CASE WHEN excluded.since < unclear.since THEN excluded.since ELSE unclear.since END,
	latest = CASE WHEN excluded.latest > unclear.latest THEN excluded.latest ELSE unclear.latest END`, n.Text, n.Where, at)
	return err
}

// EachUnclear runs fn on all that was not understood, what was said most often first. An error of fn ends it and is
// returned.
func (r *Records) EachUnclear(ctx context.Context, fn func(bot.Unclear) error) error {
	return each(ctx, r, "export unclear", `SELECT text, made_in, times, since, latest FROM unclear
ORDER BY times DESC, latest DESC, text, made_in`, func(r row) (u bot.Unclear, err error) {
		var first, last int64
		err = r.Scan(&u.Text, &u.Where, &u.Times, &first, &last)
		u.First, u.Last = instant(first), instant(last)
		return u, err
	}, fn)
}
