package datafile

import (
	"context"
	"database/sql"
	"database/sql/driver"
)

// Tx runs fn in one transaction on the write connection and commits it if fn returns nil. A durable one survives the
// loss of power, as does everything that was committed before it; any other may lose that much, but never a part of
// itself.
//
// The context bounds the wait for the connection. From then on the transaction runs to its end whatever becomes of the
// context, so that nil always means committed and an error always means that nothing was; an fn that may take long
// looks at the context itself. The errors of fn come back as they are, those of the database through Fault.
func (f *File) Tx(ctx context.Context, durable bool, fn func(*sql.Tx) error) error {
	w, err := f.Acquire(ctx)
	if err != nil {
		return err
	}
	defer w.Release()
	return w.Tx(durable, fn)
}

// Writer holds the write connection.
type Writer struct {
	file *File
	conn *sql.Conn
}

// Acquire waits for the write connection, for those who decide what to write only when it is their turn.
func (f *File) Acquire(ctx context.Context) (*Writer, error) {
	conn, err := f.Write.Conn(ctx)
	if err != nil {
		return nil, Fault(opTx, err)
	}
	if err := ctx.Err(); err != nil {
		_ = conn.Close()
		return nil, Fault(opTx, err)
	}
	return &Writer{f, conn}, nil
}

// Release gives the connection back.
func (w *Writer) Release() { _ = w.conn.Close() }

// Tx is File.Tx on the connection that is held.
func (w *Writer) Tx(durable bool, fn func(*sql.Tx) error) error {
	if err := w.synchronous(durable); err != nil {
		return Fault(opTx, err)
	}
	tx, err := w.conn.BeginTx(context.Background(), nil)
	if err != nil {
		return Fault(opTx, err)
	}
	committed := false
	defer func() {
		if !committed {
			_ = tx.Rollback() // after a failed commit it is over already, and this does nothing
		}
	}()
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		w.discard()
		return Fault(opTx, err)
	}
	committed = true
	return nil
}

const opTx = "write data file"

// synchronous sets the level of the connection where it differs from the one wanted. It cannot be changed inside a
// transaction, and a new connection starts at NORMAL.
func (w *Writer) synchronous(full bool) error {
	f := w.file
	err := w.conn.Raw(func(c any) error {
		if now := c.(driver.Conn); now != f.conn {
			f.conn, f.full = now, false
		}
		return nil
	})
	if err != nil || f.full == full {
		return err
	}
	level := "PRAGMA synchronous=NORMAL"
	if full {
		level = "PRAGMA synchronous=FULL"
	}
	if _, err := w.conn.ExecContext(context.Background(), level); err != nil {
		return err
	}
	f.full = full
	return nil
}

// discard closes the connection for good: after a commit that failed nobody knows what is still open on it.
func (w *Writer) discard() {
	_ = w.conn.Raw(func(any) error { return driver.ErrBadConn })
}
