// Package postgres opens the PostgreSQL database of the records. It guarantees that transactions happen as if one after
// another, in however many processes, and that one that returned nil is on the server's disk; that a server that is
// gone, or hangs, is an error of code Unavailable within 3 s; and that no error holds the address, the password or a
// value of a row. What a standby server has of it when the first one is lost is for the operator to set
// (synchronous_standby_names). Poolers that share one connection among transactions are not supported: statements are
// prepared on connections, and a migration holds a lock of its session.
package postgres

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"yilu/bot"
)

// Setting is the name of the setting that holds the address of the database. Errors name it instead of its value.
const Setting = "YILU_DATABASE_URL"

// How long is waited. The sum of what one use may have to go through (two connections that do not answer, and a new one
// that does not come) stays below 3 s, so that there is time to answer within the 5 s that WeChat allows.
var people = limits{
	connect: time.Second,
	all:     1500 * time.Millisecond,
	free:    2 * time.Second,
	silent:  2500 * time.Millisecond,
	lock:    1500 * time.Millisecond,
}

// limits are how long is waited for what the machine's speed decides.
type limits struct {
	connect time.Duration // for a connection to one address; of several, each has as much
	all     time.Duration // for a connection, whatever was tried
	free    time.Duration // until one of the connections is free
	silent  time.Duration // on a statement; then the connection counts as lost
	lock    time.Duration // for a row that somebody else writes
}

const (
	pingIn      = 500 * time.Millisecond
	pingAfter   = time.Second // of idleness
	forgottenIn = 10 * time.Second
	lives       = 30 * time.Minute
	idles       = 5 * time.Minute
)

// connections is how many a process has at most, unless the address says pool_max_conns. A transaction takes a
// millisecond or two, so that few serve many workers, and a server allows 100 to all processes together as it comes.
const connections = 16

// patience is how many connections take as long as it needs, for exports and migrations.
const patience = 2

// Database is an open database. It is safe for concurrent use.
type Database struct {
	db      *sql.DB
	patient *sql.DB
	limits  limits
}

// Option is a choice that Open is given.
type Option func(*Database)

// AnswerIn lets the server take as long as this for anything, where nobody waits: the tests of what is right do not
// measure how fast a busy machine is.
func AnswerIn(d time.Duration) Option {
	return func(db *Database) { db.limits = limits{d, d, d, d, d} }
}

const opOpen = "open database"

// Open opens the database that a postgres:// address names, and makes sure that it answers and can be used.
func Open(ctx context.Context, address string, options ...Option) (*Database, error) {
	d := &Database{limits: people}
	for _, choose := range options {
		choose(d)
	}
	config, most, err := parse(address, d.limits)
	if err != nil {
		return nil, err
	}
	slow := config.Copy()
	slow.DialFunc = (&net.Dialer{}).DialContext
	for _, limit := range []string{"lock_timeout", "idle_in_transaction_session_timeout", "statement_timeout"} {
		slow.RuntimeParams[limit] = "0"
	}
	d.db, d.patient = open(config, most, d.limits), open(slow, patience, d.limits)
	d.patient.SetMaxIdleConns(0)
	if err := d.check(ctx); err != nil {
		_ = d.Close()
		return nil, err
	}
	return d, nil
}

func open(config *pgx.ConnConfig, most int, l limits) *sql.DB {
	db := sql.OpenDB(connector{stdlib.GetConnector(*config, stdlib.OptionShouldPing(look), stdlib.OptionResetSession(reset)), l.all})
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(most)
	db.SetConnMaxLifetime(lives)
	db.SetConnMaxIdleTime(idles)
	return db
}

// parse reads an address. What is wrong with it is not quoted: it may be a part of the password.
func parse(address string, l limits) (*pgx.ConnConfig, int, error) {
	wrong := func(say string) (*pgx.ConnConfig, int, error) {
		return nil, 0, &bot.Error{Code: bot.Invalid, Op: opOpen, Field: Setting, Say: say}
	}
	if !strings.HasPrefix(address, "postgres://") && !strings.HasPrefix(address, "postgresql://") {
		return wrong("it must begin with postgres://, as in postgres://user:password@host:5432/database; leave it empty to keep the records in the data file")
	}
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return wrong("it is no address of a database; write postgres://user:password@host:5432/database, and in the password %40 for @, %2F for / and %25 for %")
	}
	most := connections
	if text, set := config.RuntimeParams["pool_max_conns"]; set {
		delete(config.RuntimeParams, "pool_max_conns")
		if most, err = strconv.Atoi(text); err != nil || most < 2 || most > 1000 {
			return wrong("pool_max_conns must be a number from 2 to 1000")
		}
	}
	if config.ConnectTimeout <= 0 || config.ConnectTimeout > l.connect {
		config.ConnectTimeout = l.connect
	}
	config.DialFunc = l.dial
	for name, value := range map[string]string{
		"application_name":                    "yilu",
		"lock_timeout":                        inMillis(l.lock),
		"idle_in_transaction_session_timeout": inMillis(forgottenIn), // of a process that hangs and holds rows
	} {
		config.RuntimeParams[name] = cmp.Or(config.RuntimeParams[name], value)
	}
	config.RuntimeParams["client_encoding"] = "UTF8"
	config.RuntimeParams["synchronous_commit"] = "on" // what was committed is on the disk
	return config, most, nil
}

func inMillis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// check makes sure that the server answers, and that the database can hold every text.
func (d *Database) check(ctx context.Context) error {
	var encoding string
	if err := d.db.QueryRowContext(ctx, "SHOW server_encoding").Scan(&encoding); err != nil {
		return d.Fault(opOpen, err)
	}
	if encoding != "UTF8" {
		return &bot.Error{Code: bot.Invalid, Op: opOpen, Field: Setting, Say: "the database has the encoding " + encoding + "; make one with ENCODING 'UTF8' TEMPLATE template0"}
	}
	return nil
}

// Close closes the connections.
func (d *Database) Close() error {
	return d.Fault("close database", errors.Join(d.db.Close(), d.patient.Close()))
}

// Reader returns the handle for small reads.
func (d *Database) Reader() *sql.DB { return d.db }

// ReadIn is how long a small read may take, with the wait for a connection.
func (d *Database) ReadIn() time.Duration { return d.limits.free }

// Patient returns a handle for reads that take as long as they need.
func (d *Database) Patient() *sql.DB { return d.patient }

// Writer returns nil: the driver keeps statements prepared by itself, on each connection.
func (d *Database) Writer() *sql.DB { return nil }

// Schema returns the handle to change tables with, and the name of the dialect.
func (d *Database) Schema() (*sql.DB, string) { return d.patient, "postgres" }

// connector bounds the time for a new connection over all addresses and all ways of the driver to try them.
type connector struct {
	driver.Connector
	in time.Duration
}

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, c.in)
	defer cancel()
	return c.Connector.Connect(ctx)
}
