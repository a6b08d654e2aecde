package records

import (
	"context"
	"database/sql"
	"sync"

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

// tx is a transaction on the write connection.
type tx struct {
	*sql.Tx
	statements *statements
	met        map[bot.Identity]person // who was looked up in it already
}

// write runs fn in one transaction.
func (r *Records) write(ctx context.Context, durable bool, fn func(tx) error) error {
	err := r.file.Tx(ctx, durable, func(raw *sql.Tx) error { return fn(tx{raw, r.writes, map[bot.Identity]person{}}) })
	r.writes.prepare(ctx)
	return err
}

// Exec is that of sql.Tx.
func (t tx) Exec(text string, args ...any) (sql.Result, error) {
	if st := t.statements.find(text); st != nil {
		return t.Stmt(st).Exec(args...)
	}
	return t.Tx.Exec(text, args...)
}

// Query is that of sql.Tx.
func (t tx) Query(text string, args ...any) (*sql.Rows, error) {
	if st := t.statements.find(text); st != nil {
		return t.Stmt(st).Query(args...)
	}
	return t.Tx.Query(text, args...)
}

// QueryRow is that of sql.Tx.
func (t tx) QueryRow(text string, args ...any) *sql.Row {
	if st := t.statements.find(text); st != nil {
		return t.Stmt(st).QueryRow(args...)
	}
	return t.Tx.QueryRow(text, args...)
}

// query reads on a connection that refuses to write.
func (r *Records) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if st := r.read(ctx, text); st != nil {
		return st.QueryContext(ctx, args...)
	}
	return r.file.Read.QueryContext(ctx, text, args...)
}

// queryRow reads one row on a connection that refuses to write.
func (r *Records) queryRow(ctx context.Context, text string, args ...any) *sql.Row {
	if st := r.read(ctx, text); st != nil {
		return st.QueryRowContext(ctx, args...)
	}
	return r.file.Read.QueryRowContext(ctx, text, args...)
}

func (r *Records) read(ctx context.Context, text string) *sql.Stmt {
	st := r.reads.find(text)
	if st == nil {
		r.reads.prepare(ctx)
		st = r.reads.find(text)
	}
	return st
}
