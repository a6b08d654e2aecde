package records

import (
	"context"
	"database/sql"
	"reflect"
	"strings"
	"sync"
	"unicode/utf8"

	"yilu/bot"
)

// statements keeps statements prepared: reading a statement is a third of what a small write costs. The texts are
// constants of this package, so there are few. A statement that is not prepared yet runs as it is, and is prepared
// when the connection is free again; preparing one while a transaction holds the only connection would wait for ever.
type statements struct {
	db     *sql.DB
	mu     sync.Mutex
	ready  map[string]*sql.Stmt
	wanted []string
}

// find returns the prepared statement, nil if there is none yet.
func (s *statements) find(text string) *sql.Stmt {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.ready[text]
	if st == nil {
		s.wanted = append(s.wanted, text)
	}
	return st
}

// prepare prepares what was asked for. It must not be called while the caller holds a connection. What cannot be
// prepared now is asked for again.
func (s *statements) prepare(ctx context.Context) {
	if s == nil {
		return
	}
	s.mu.Lock()
	wanted := s.wanted
	s.wanted = nil
	s.mu.Unlock()
	for _, text := range wanted {
		st, err := s.db.PrepareContext(ctx, text)
		if err != nil {
			continue
		}
		s.mu.Lock()
		if s.ready[text] != nil {
			_ = st.Close()
		} else {
			s.ready[text] = st
		}
		s.mu.Unlock()
	}
}

// tx is a transaction.
type tx struct {
	*sql.Tx
	statements *statements
	met        map[bot.Identity]person // who was looked up in it already
}

// write runs fn in one transaction. It may be run several times, see Database.
func (r *Records) write(ctx context.Context, durable bool, fn func(tx) error) error {
	err := r.db.Tx(ctx, durable, func(raw *sql.Tx) error { return fn(tx{raw, r.writes, map[bot.Identity]person{}}) })
	r.writes.prepare(ctx)
	return err
}

// Exec is that of sql.Tx.
func (t tx) Exec(text string, args ...any) (sql.Result, error) {
	args = storable(args)
	if st := t.statements.find(text); st != nil {
		return t.Stmt(st).Exec(args...)
	}
	return t.Tx.Exec(text, args...)
}

// Query is that of sql.Tx.
func (t tx) Query(text string, args ...any) (*sql.Rows, error) {
	args = storable(args)
	if st := t.statements.find(text); st != nil {
		return t.Stmt(st).Query(args...)
	}
	return t.Tx.Query(text, args...)
}

// QueryRow is that of sql.Tx.
func (t tx) QueryRow(text string, args ...any) *sql.Row {
	args = storable(args)
	if st := t.statements.find(text); st != nil {
		return t.Stmt(st).QueryRow(args...)
	}
	return t.Tx.QueryRow(text, args...)
}

// storable makes every text among the arguments one that each database can hold: PostgreSQL takes neither NUL nor what is
// not UTF-8, and an effect must not be refused for its bytes. U+FFFD stands in their place. All statements go through
// here, so that a key is looked up as it was written.
func storable(args []any) []any {
	for i, arg := range args {
		if v := reflect.ValueOf(arg); v.Kind() == reflect.String {
			if text := v.String(); strings.IndexByte(text, 0) >= 0 || !utf8.ValidString(text) {
				args[i] = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
			}
		}
	}
	return args
}

// bounded gives a small read its time.
func (r *Records) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if in := r.db.ReadIn(); in > 0 {
		return context.WithTimeout(ctx, in)
	}
	return ctx, func() {}
}

// query reads on the handle for that.
func (r *Records) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	args = storable(args)
	if st := r.read(ctx, text); st != nil {
		return st.QueryContext(ctx, args...)
	}
	return r.db.Reader().QueryContext(ctx, text, args...)
}

// queryRow reads one row, which must be scanned.
func (r *Records) queryRow(ctx context.Context, text string, args ...any) row {
	args = storable(args)
	ctx, cancel := r.bounded(ctx)
	if st := r.read(ctx, text); st != nil {
		return only{st.QueryRowContext(ctx, args...), cancel}
	}
	return only{r.db.Reader().QueryRowContext(ctx, text, args...), cancel}
}

// only is the one row of a bounded read.
type only struct {
	row  *sql.Row
	done context.CancelFunc
}

func (o only) Scan(dest ...any) error {
	defer o.done()
	return o.row.Scan(dest...)
}

func (r *Records) read(ctx context.Context, text string) *sql.Stmt {
	st := r.reads.find(text)
	if st == nil && r.reads != nil {
		r.reads.prepare(ctx)
		st = r.reads.find(text)
	}
	return st
}
