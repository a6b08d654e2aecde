package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
)

// A transaction that met another is run again, this many times at most. The pauses between grow, so that together they
// stay below a second.
const (
	attempts   = 12
	firstPause = 2 * time.Millisecond
	longPause  = 150 * time.Millisecond
)

const opTx = "write database"

// Tx runs fn in one transaction and commits it if fn returns nil. Whatever runs at the same time, here or in another
// process, the outcome is that of one after another: fn may be run several times, each time in a new transaction, and
// must begin anew each time. Every transaction is on the disk once it is committed, durable or not.
//
// The context bounds the whole. Nil always means committed. An error means that nothing was, but for one case: the
// connection was lost on the commit itself. Then nobody knows, and what is written must bear being written again. The
// errors of fn come back as they are, those of the database through Fault.
func (d *Database) Tx(ctx context.Context, _ bool, fn func(*sql.Tx) error) error {
	for attempt := 1; ; attempt++ {
		err, over := d.once(ctx, fn)
		if err == nil || over || attempt == attempts {
			return err
		}
		c := causeOf(err)
		if !c.again() || c.lost && attempt > 2 {
			return err
		}
		if c.lost {
			continue // look finds the other connections that are
		}
		pause := time.NewTimer(time.Duration(rand.Int64N(int64(min(longPause, firstPause<<(attempt-1))))))
		select {
		case <-ctx.Done():
			pause.Stop()
			return fault(opTx, ctx.Err())
		case <-pause.C:
		}
	}
}

// once runs fn in one transaction. Over says that it must not be run again, because it may have been committed.
func (d *Database) once(ctx context.Context, fn func(*sql.Tx) error) (err error, over bool) {
	conn, err := d.conn(ctx)
	if err != nil {
		return fault(opTx, err), false
	}
	defer func() {
		if err != nil && (ctx.Err() != nil || causeOf(err).discard()) {
			_ = conn.Raw(func(any) error { return driver.ErrBadConn })
		}
		_ = conn.Close()
	}()
	var wire *watched
	_ = conn.Raw(func(c any) error {
		wire = under(c.(*stdlib.Conn).Conn())
		return nil
	})
	if wire != nil { // the statements of fn know no context, and must not outlast this one
		defer context.AfterFunc(ctx, func() { _ = wire.Conn.Close() })()
	}
	heard := func(err error) error { // what became of the connection, which the driver may tell otherwise
		switch {
		case ctx.Err() != nil:
			return fault(opTx, ctx.Err())
		case wire != nil && wire.silent.Load():
			return fault(opTx, errSilent)
		}
		return err
	}
	tx, err := conn.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable})
	if err != nil {
		return heard(fault(opTx, err)), false
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	if err = fn(tx); err != nil {
		if *causeOf(err) != (cause{}) { // of the database
			err = heard(fault(opTx, err))
		}
		return err, false
	}
	if err = tx.Commit(); err != nil {
		c := causeOf(err)
		return heard(fault(opTx, err)), c.state == "" || c.lost
	}
	return nil, false
}

// conn waits for a connection.
func (d *Database) conn(ctx context.Context) (*sql.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, d.limits.free)
	defer cancel()
	return d.db.Conn(ctx)
}
