package records

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"yilu/bot"
)

// keepUnclear is how long what was not understood is kept after it was last said.
const keepUnclear = 90 * 24 * time.Hour

// noteUnclear counts what was not understood. The words are kept from the second person on that says them in the same
// place: what only one ever says may be about that one, and is of no use as a word of the lexicon.
func noteUnclear(tx tx, e bot.Entry, n bot.NoteUnclear) error {
	at := e.At.UTC().Truncate(24 * time.Hour).UnixMilli()
	done, err := tx.Exec(`UPDATE unclear SET times = times + 1,
	since = CASE WHEN $1 < since THEN $1 ELSE since END, latest = CASE WHEN $1 > latest THEN $1 ELSE latest END
WHERE text = $2 AND made_in = $3`, at, n.Text, n.Where)
	if err != nil {
		return err
	}
	if known, err := done.RowsAffected(); err != nil || known > 0 {
		return err
	}
	digest := short(16, n.Where, n.Text)
	sender := short(2, digest, e.From.Key())
	var first string
	var times, since, latest int64
	err = tx.QueryRow("SELECT sender, times, since, latest FROM unclear_once WHERE digest = $1", digest).Scan(&first, &times, &since, &latest)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		_, err = tx.Exec("INSERT INTO unclear_once (digest, sender, times, since, latest) VALUES ($1, $2, 1, $3, $3)", digest, sender, at)
	case err != nil:
	case first == sender:
		_, err = tx.Exec("UPDATE unclear_once SET times = times + 1, since = $1, latest = $2 WHERE digest = $3", min(since, at), max(latest, at), digest)
	default:
		if _, err = tx.Exec("DELETE FROM unclear_once WHERE digest = $1", digest); err == nil {
			_, err = tx.Exec("INSERT INTO unclear (text, made_in, times, since, latest) VALUES ($1, $2, $3, $4, $5)", n.Text, n.Where, times+1, min(since, at), max(latest, at))
		}
	}
	return err
}

// short is the beginning of a digest, so many bytes of it. Two bytes are the same for one person in 65,536: enough to tell
// a second one from the first, and too little to say of anybody that it was them.
func short(bytes int, parts ...string) string {
	h := sha256.New()
	for _, part := range append([]string{"yilu unclear"}, parts...) {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil)[:bytes])
}

// ForgetUnclear forgets what nobody has said for 90 days.
func (r *Records) ForgetUnclear(ctx context.Context, now time.Time) error {
	before := now.Add(-keepUnclear).UnixMilli()
	err := r.write(ctx, false, func(tx tx) error {
		for _, table := range []string{"unclear", "unclear_once"} {
			if _, err := tx.Exec("DELETE FROM "+table+" WHERE latest < $1", before); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return r.db.Fault("forget unclear", err)
	}
	return nil
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
