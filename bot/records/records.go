// Package records keeps what outlives a dialogue: workers, consents, posts, stations, applications, alerts and
// requests to staff. It guarantees that an effect changes them once however often it is applied, that what was applied
// survives kill -9 and, together with the ledger in the same file, the loss of power (see Apply), and that a search
// answers from every post committed before it began. It does not judge the effects: what a worker may do is decided by
// the dialogue.
//
// One SQL text serves SQLite and PostgreSQL: placeholders $1, times as BIGINT in Unix milliseconds, ids made by the
// application, ON CONFLICT … DO UPDATE, and no function that only one of them has. Posts are searched in memory, see
// board.go.
package records

import (
	"context"
	"database/sql"
	"sync"
	"sync/atomic"
	"time"

	"yilu/bot"
	"yilu/bot/datafile"
)

// Records is the store. It is safe for concurrent use, by several processes on one file too.
type Records struct {
	file   *datafile.File
	reads  *statements
	writes *statements

	board   atomic.Pointer[board] // the posts that can be found, never nil
	catchUp sync.Mutex            // held by whoever brings the board up to date
}

var _ bot.Reader = (*Records)(nil)

// Open brings the tables up to date and reads the posts that can be found.
func Open(ctx context.Context, file *datafile.File) (*Records, error) {
	if err := migrate(ctx, file.Write); err != nil {
		return nil, err
	}
	r := &Records{
		file:   file,
		reads:  &statements{db: file.Read, ready: map[string]*sql.Stmt{}},
		writes: &statements{db: file.Write, ready: map[string]*sql.Stmt{}},
	}
	r.board.Store(&board{})
	if _, err := r.current(ctx); err != nil {
		return nil, datafile.Fault("open records", err)
	}
	return r, nil
}

// Ping reports whether the database answers.
func (r *Records) Ping(ctx context.Context) error {
	var one int
	return datafile.Fault("ping records", r.file.Read.QueryRowContext(ctx, "SELECT 1").Scan(&one))
}

// Empty reports that there is neither a post nor a station yet.
func (r *Records) Empty(ctx context.Context) (bool, error) {
	var some bool
	err := r.file.Read.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM post) OR EXISTS (SELECT 1 FROM station)").Scan(&some)
	return !some, datafile.Fault("look into records", err)
}

// each runs fn on every row of a query, one after another. The row is read by scan, which may keep nothing of it.
func each[T any](ctx context.Context, r *Records, op, query string, scan func(row) (T, error), fn func(T) error, args ...any) error {
	rows, err := r.query(ctx, query, args...)
	if err != nil {
		return datafile.Fault(op, err)
	}
	defer rows.Close()
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return misread(op, err)
		}
		if err := fn(one); err != nil {
			return err
		}
	}
	return datafile.Fault(op, rows.Err())
}

// all is each into a slice.
func all[T any](ctx context.Context, r *Records, op, query string, scan func(row) (T, error), args ...any) ([]T, error) {
	var list []T
	err := each(ctx, r, op, query, scan, func(one T) error {
		list = append(list, one)
		return nil
	}, args...)
	return list, err
}

// row is a sql.Row or the current one of sql.Rows.
type row interface{ Scan(dest ...any) error }

// millis is a time as it is kept: 0 for none.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
