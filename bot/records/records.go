// Package records keeps what outlives a dialogue: workers, consents, posts, stations, applications, alerts and
// requests to staff. It guarantees that an effect changes them once however often it is applied, that what was applied
// survives kill -9 and, together with the ledger in the same file, the loss of power (see Apply), and that a search
// answers from every post committed before it began. It does not judge the effects: what a worker may do is decided by
// the dialogue.
//
// One SQL text serves SQLite and PostgreSQL: placeholders $1, times as BIGINT in Unix milliseconds, ids made by the
// application, ON CONFLICT … DO UPDATE, and no function that only one of them has. Texts are compared and sorted byte by
// byte on both, and what one of them cannot hold in a text is replaced on both, see storable. Posts are searched in
// memory, see board.go.
package records

import (
	"context"
	"database/sql"
	"sync"
	"sync/atomic"
	"time"

	"yilu/bot"
	"yilu/bot/batch"
)

// Database is where records are kept: a data file, or PostgreSQL.
type Database interface {
	// Reader is for small reads. Each sees what was committed before it.
	Reader() *sql.DB
	// ReadIn is how long a small read may take, 0 for as long as its caller waits.
	ReadIn() time.Duration
	// Patient is for reads that take long.
	Patient() *sql.DB
	// Tx runs fn in a transaction; in whatever process they run, transactions have the outcome of one after another. It
	// may run fn several times, of which the last one counts. A durable one survives the loss of power.
	Tx(ctx context.Context, durable bool, fn func(*sql.Tx) error) error
	// Writer is where the statements of transactions are kept prepared, nil where the driver does so by itself.
	Writer() *sql.DB
	// Schema is the handle to change tables with, and the name that goose has for the dialect.
	Schema() (db *sql.DB, dialect string)
	// Fault turns an error into an Error without secrets and without values of rows.
	Fault(op string, err error) error
}

// Records is the store. It is safe for concurrent use, by several processes on one database too.
type Records struct {
	db     Database
	alone  bool        // the ledger is not in the same file
	reads  *statements // nil where the driver keeps statements prepared
	writes *statements
	line   batch.Queue[*applying]

	board   atomic.Pointer[board] // the posts that can be found, never nil
	catchUp sync.Mutex            // held by whoever brings the board up to date
	kept    kept

	now    func() time.Time // nil without a lag
	lag    time.Duration
	asked  atomic.Pointer[asked]
	posted atomic.Int64 // how often this process has written posts
}

var _ bot.Reader = (*Records)(nil)

// Option is a choice that Open is given.
type Option func(*Records)

// LedgerElsewhere says that the ledger is not in the data file that the records are in, so that what was applied must be
// on the disk before the ledger forgets it.
func LedgerElsewhere() Option { return func(r *Records) { r.alone = true } }

// Open brings the tables up to date and reads the posts that can be found.
func Open(ctx context.Context, db Database, options ...Option) (*Records, error) {
	if _, _, err := Migrate(ctx, db); err != nil {
		return nil, err
	}
	r := &Records{db: db}
	for _, choose := range options {
		choose(r)
	}
	if writer := db.Writer(); writer != nil {
		r.reads = &statements{db: db.Reader(), ready: map[string]*sql.Stmt{}}
		r.writes = &statements{db: writer, ready: map[string]*sql.Stmt{}}
	}
	r.board.Store(&board{})
	if _, err := r.current(ctx); err != nil {
		return nil, db.Fault("open records", err)
	}
	return r, nil
}

// Ping reports whether the database answers.
func (r *Records) Ping(ctx context.Context) error {
	var one int
	return r.db.Fault("ping records", r.queryRow(ctx, "SELECT 1").Scan(&one))
}

// Empty reports that there is neither a post nor a station yet.
func (r *Records) Empty(ctx context.Context) (bool, error) {
	var some bool
	err := r.queryRow(ctx, "SELECT EXISTS (SELECT 1 FROM post) OR EXISTS (SELECT 1 FROM station)").Scan(&some)
	return !some, r.db.Fault("look into records", err)
}

// each runs fn on every row of a query, one after another, for as long as that takes. The row is read by scan, which
// may keep nothing of it.
func each[T any](ctx context.Context, r *Records, op, query string, scan func(row) (T, error), fn func(T) error) error {
	rows, err := r.db.Patient().QueryContext(ctx, query)
	if err != nil {
		return r.db.Fault(op, err)
	}
	return r.walk(op, rows, func(row row) error {
		one, err := scan(row)
		if err != nil {
			return r.misread(op, err)
		}
		return fn(one)
	})
}

// all reads every row of a query into a slice.
func all[T any](ctx context.Context, r *Records, op, query string, scan func(row) (T, error), args ...any) ([]T, error) {
	ctx, cancel := r.bounded(ctx)
	defer cancel()
	rows, err := r.query(ctx, query, args...)
	if err != nil {
		return nil, r.db.Fault(op, err)
	}
	var list []T
	err = r.walk(op, rows, func(row row) error {
		one, err := scan(row)
		if err != nil {
			return r.misread(op, err)
		}
		list = append(list, one)
		return nil
	})
	return list, err
}

// walk runs fn on every row and closes the rows.
func (r *Records) walk(op string, rows *sql.Rows, fn func(row) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return r.db.Fault(op, rows.Err())
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
