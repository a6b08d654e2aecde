package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"

	"yilu/bot"
)

// Fault turns an error of the database into an Error: no row is NotFound, a broken constraint Conflict, everything that
// may pass by itself or by an operator's hand (a server that is gone, starts, is full, is read only or refuses us, a
// lock, a context that ended) Unavailable, what does not fit Invalid, and the rest Internal. An Error is returned as it
// is, and nil for nil.
//
// Of what the server says only the code and the names of constraint, table and column are kept: its texts quote rows,
// and those of the driver the address.
func (d *Database) Fault(op string, err error) error { return fault(op, err) }

func fault(op string, err error) error {
	if err == nil {
		return nil
	}
	var known *bot.Error
	if errors.As(err, &known) {
		return err
	}
	if errors.Is(err, sql.ErrNoRows) {
		return &bot.Error{Code: bot.NotFound, Op: op, Say: "there is no such row"}
	}
	c := causeOf(err)
	code, say := c.judge()
	if c.why == "" && c.state == "" && c.over == nil && code == bot.Internal {
		// Not of the server: a fault of ours. The driver quotes a value that does not fit its column.
		return &bot.Error{Code: code, Op: op, Say: fmt.Sprintf("an error of the kind %T", err)}
	}
	return &bot.Error{Code: code, Op: op, Say: say, Err: c}
}

// cause is what is kept of an error of the server or the driver.
type cause struct {
	state  string // the SQLSTATE, "" where the server said nothing
	about  string // constraint, table and column by name
	why    string // what became of the connection
	lost   bool   // the connection is gone
	silent bool   // the server did not answer on it, so that it was closed
	over   error  // the error of the context, if that ended
}

func (c *cause) Error() string {
	switch {
	case c.state != "":
		return "SQLSTATE " + c.state + c.about
	case c.over != nil:
		return c.over.Error()
	}
	return c.why
}

// Unwrap lets callers see that it was their context that ended.
func (c *cause) Unwrap() error { return c.over }

func causeOf(err error) *cause {
	var known *cause
	if errors.As(err, &known) {
		return known
	}
	c := &cause{}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		c.state, c.lost = pg.Code, class(pg.Code) == "08" || class(pg.Code) == "57" && pg.Code != "57014" || pg.Code == "25P03"
		for _, named := range []struct{ what, name string }{
			{"constraint", pg.ConstraintName}, {"table", pg.TableName}, {"column", pg.ColumnName},
		} {
			if named.name != "" {
				c.about += ", " + named.what + " " + named.name
			}
		}
		return c
	}
	for _, over := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, over) {
			c.over = over
			return c
		}
	}
	var name *net.DNSError
	var opened *pgconn.ConnectError
	var failed net.Error
	switch {
	case errors.Is(err, sql.ErrTxDone):
		c.why = "the time for the transaction was over"
	case errors.Is(err, sql.ErrConnDone), err.Error() == closedText:
		c.why = closedText
	case errors.Is(err, errSilent):
		c.why, c.silent = silentText, true
	case errors.Is(err, syscall.ECONNREFUSED):
		c.why, c.lost = "connection refused", true
	case errors.As(err, &name):
		c.why, c.lost = "the host has no address", true
	case errors.As(err, &opened):
		c.why, c.lost = "no connection", true
	case errors.Is(err, driver.ErrBadConn), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, pgconn.ErrConnClosed), errors.As(err, &failed), pgconn.SafeToRetry(err):
		c.why, c.lost = "connection lost", true
	}
	return c
}

// errSilent stands for whatever the driver says when a connection was closed because the server was silent on it.
var errSilent = errors.New(silentText)

const silentText = "the server is silent"

// closedText is how database/sql says that a DB was closed; it has no exported error for it.
const closedText = "sql: database is closed"

// class is the first two characters of an SQLSTATE, of a group of errors.
func class(state string) string { return state[:min(2, len(state))] }

// judge gives the code, and the way out (https://www.postgresql.org/docs/current/errcodes-appendix.html).
func (c *cause) judge() (bot.Code, string) {
	switch {
	case c.over != nil:
		return bot.Unavailable, ""
	case c.why == closedText:
		return bot.Unavailable, "the database is closed"
	case c.why == "connection refused":
		return bot.Unavailable, "nothing listens where " + Setting + " says; is PostgreSQL running?"
	case c.silent:
		return bot.Unavailable, "the database does not answer; does its server hang?"
	case c.lost && c.state == "":
		return bot.Unavailable, "the database cannot be reached; see to PostgreSQL, the network and " + Setting
	case c.why != "":
		return bot.Unavailable, "the database is slow"
	}
	switch c.state {
	case "53100":
		return bot.Unavailable, "the disk of the database is full"
	case "53300":
		return bot.Unavailable, "the database has no connection left; raise max_connections, or set pool_max_conns in " + Setting
	case "57014":
		return bot.Unavailable, "the database takes too long"
	case "55P03":
		return bot.Unavailable, "somebody else holds the rows"
	case "25006":
		return bot.Unavailable, "the database cannot be written: it is a standby server, or was made read only"
	case "3D000":
		return bot.Unavailable, "there is no such database; make it, or mend " + Setting
	case "42501":
		return bot.Unavailable, "the user of " + Setting + " may not do that"
	case "0A000", "25P02":
		return bot.Unavailable, "the tables have just changed, or the transaction had failed before"
	case "XX001", "XX002":
		return bot.Unavailable, "the database is damaged; restore a backup"
	}
	switch class(c.state) {
	case "23":
		return bot.Conflict, "it contradicts what is there"
	case "28":
		return bot.Unavailable, "the database refuses the user or the password of " + Setting
	case "40":
		return bot.Unavailable, "too many write the same rows at once"
	case "08", "25", "57":
		return bot.Unavailable, "the database has ended the connection, or starts; see to PostgreSQL"
	case "53", "58":
		return bot.Unavailable, "the server of the database is short of something; see its log"
	case "54":
		return bot.Invalid, "a value is too long"
	}
	return bot.Internal, ""
}

// again reports that a transaction may succeed if it is run anew at once: it met another, or its connection was gone
// before it could commit.
func (c *cause) again() bool { return c.state == "40001" || c.state == "40P01" || c.lost }

// discard reports that the connection must not be used again: it is gone, or leads to a server that cannot write, and
// another one may not.
func (c *cause) discard() bool { return c.lost || c.silent || c.state == "25006" }
