package postgres

import (
	"context"
	"database/sql/driver"
	"net"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// watched is a connection that is closed when the other side is silent for too long while somebody waits for it. A
// server that hangs keeps its connections, so nothing else would end the wait; a limit for a whole statement would end
// an export that is merely long.
type watched struct {
	net.Conn
	most   time.Duration // of silence
	silent atomic.Bool   // it was
}

func (l limits) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &watched{Conn: conn, most: l.silent}, nil
}

func (w *watched) Read(b []byte) (int, error) { return w.limited(w.Conn.Read, b) }

func (w *watched) Write(b []byte) (int, error) { return w.limited(w.Conn.Write, b) }

func (w *watched) limited(do func([]byte) (int, error), b []byte) (int, error) {
	limit := time.AfterFunc(w.most, func() {
		w.silent.Store(true)
		_ = w.Conn.Close()
	})
	defer limit.Stop()
	return do(b)
}

// look is asked before a connection is used again. It closes one that the server has left, as after its restart, and
// one that has been idle and does not answer, so that database/sql takes another. It never asks for a ping of the
// driver's, which would wait for as long as the caller does.
func look(ctx context.Context, p stdlib.ShouldPingParams) bool {
	if !left(p.Conn) {
		if p.IdleDuration <= pingAfter {
			return false
		}
		ctx, cancel := context.WithTimeout(ctx, pingIn)
		err := p.Conn.PgConn().Ping(ctx)
		cancel()
		if err == nil {
			return false
		}
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_ = p.Conn.Close(ended) // at once: nobody is there to say goodbye to
	return false
}

// reset follows look.
func reset(_ context.Context, conn *pgx.Conn) error {
	if conn.IsClosed() {
		return driver.ErrBadConn
	}
	return nil
}

// left reports that the server has closed an idle connection, or has said something on it, which it does when it is
// about to.
func left(conn *pgx.Conn) bool {
	w := under(conn)
	return w != nil && said(w.Conn)
}

// under is the watched connection below a connection of the driver, nil where there is none.
func under(conn *pgx.Conn) *watched {
	for c := conn.PgConn().Conn(); ; {
		switch is := c.(type) {
		case *watched:
			return is
		case interface{ NetConn() net.Conn }: // encrypted
			c = is.NetConn()
		default:
			return nil
		}
	}
}
