package records

import (
	"cmp"
	"context"
	"slices"
	"time"

	"yilu/bot"
)

// Lease is how long a file that FilesWaiting gave out is given to nobody else.
const Lease = 10 * time.Minute

const fileColumns = `id, channel, user_id, kind, ref, media_type, name, size, till, number, made_in, state, why, sum, bytes,
	tries, at`

func scanFile(r row) (bot.KeptFile, error) {
	var f bot.KeptFile
	var name string
	var till, at int64
	err := r.Scan(&f.ID, &f.From.Channel, &f.From.User, &f.File.Kind, &f.File.Ref, &f.File.Type, &name, &f.File.Size, &till,
		&f.Number, &f.Where, &f.State, &f.Why, &f.Sum, &f.Bytes, &f.Tries, &at)
	f.File.Name, f.File.Till, f.At = unseal(name), instant(till), instant(at)
	return f, err
}

// FileOf returns one file by its id.
func (r *Records) FileOf(ctx context.Context, id string) (bot.KeptFile, error) {
	f, err := scanFile(r.queryRow(ctx, "SELECT "+fileColumns+" FROM file WHERE id = $1", id))
	if err != nil {
		return bot.KeptFile{}, r.misread("read file", err)
	}
	return f, nil
}

// EachFile runs fn on every file that workers sent, the oldest first. An error of fn ends it and is returned.
func (r *Records) EachFile(ctx context.Context, fn func(bot.KeptFile) error) error {
	return each(ctx, r, "export files", "SELECT "+fileColumns+" FROM file ORDER BY at, id", scanFile, fn)
}

// FilesWaiting gives out files that wait to be fetched and are due at now: those that are due for longest, at most limit,
// the one that was sent first at the head. Each is given to one caller only, in every process, until Lease has passed or
// FileAgain names another time; so whoever dies with a file in its hands only delays it.
func (r *Records) FilesWaiting(ctx context.Context, now time.Time, limit int) ([]bot.KeptFile, error) {
	const op = "take waiting files"
	if limit <= 0 {
		return nil, nil
	}
	var files []bot.KeptFile
	err := r.write(ctx, false, func(tx tx) error {
		// The conditions stand twice: PostgreSQL looks at the outer ones again for a row that somebody has just taken.
		rows, err := tx.Query(`UPDATE file SET next_try = $2 WHERE state = 'waits' AND next_try <= $1 AND id IN (
	SELECT id FROM file WHERE state = 'waits' AND next_try <= $1 ORDER BY next_try, id LIMIT $3)
RETURNING `+fileColumns, millis(now), millis(now.Add(Lease)), limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		files = nil // of an attempt before
		for rows.Next() {
			f, err := scanFile(rows)
			if err != nil {
				return err
			}
			files = append(files, f)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, r.misread(op, err)
	}
	slices.SortFunc(files, func(a, b bot.KeptFile) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	return files, nil
}

// FileKept says that the file is in the store: its SHA-256 in hex, its size and what it was found to be. Saying so
// again changes nothing, and it holds even against an earlier FileLost. An unknown id is NotFound.
func (r *Records) FileKept(ctx context.Context, id, sum string, bytes int64, mediaType string) error {
	return r.markFile(ctx, "mark file as kept", "UPDATE file SET state = 'kept', why = '', sum = $2, bytes = $3, media_type = $4 WHERE id = $1",
		id, sum, bytes, mediaType)
}

// FileLost says that the file cannot be had any more, and why. One that is kept stays so. An unknown id is NotFound.
func (r *Records) FileLost(ctx context.Context, id, why string) error {
	return r.markFile(ctx, "mark file as lost", `UPDATE file SET
	why = CASE WHEN state = 'waits' THEN $2 ELSE why END,
	state = CASE WHEN state = 'waits' THEN 'lost' ELSE state END
WHERE id = $1`, id, why)
}

// FileAgain says that the file could not be had, and when to try next. One that does not wait stays as it is. An
// unknown id is NotFound.
func (r *Records) FileAgain(ctx context.Context, id string, next time.Time) error {
	return r.markFile(ctx, "put off file", `UPDATE file SET
	tries = CASE WHEN state = 'waits' THEN tries + 1 ELSE tries END,
	next_try = CASE WHEN state = 'waits' THEN $2 ELSE next_try END
WHERE id = $1`, id, millis(next))
}

// markFile runs a statement that must meet one file. It needs no sync: what the loss of power takes back is fetched
// again, or found in the store.
func (r *Records) markFile(ctx context.Context, op, statement, id string, args ...any) error {
	err := r.write(ctx, false, func(tx tx) error {
		done, err := tx.Exec(statement, append([]any{id}, args...)...)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n > 0 {
			return err
		}
		return &bot.Error{Code: bot.NotFound, Op: op, Field: id, Say: "there is no file of this id"}
	})
	return r.db.Fault(op, err)
}

// keepFile notes the file, due at once. What it holds comes later, see package evidence.
func keepFile(tx tx, p person, e bot.Entry, k bot.KeepFile) error {
	at := millis(e.At)
	_, err := tx.Exec(`INSERT INTO file (id, worker, channel, user_id, kind, ref, media_type, name, size, till, number, made_in, state, next_try, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14) ON CONFLICT (id) DO NOTHING`,
		e.ID, p.id, e.From.Channel, e.From.User, k.File.Kind, k.Ref, k.Type, seal(k.Name), k.Size, millis(k.Till), k.Number,
		k.Where, bot.FileWaits, at)
	return err
}
