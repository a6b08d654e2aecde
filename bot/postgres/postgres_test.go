package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"yilu/bot"
	"yilu/bot/postgres"
	"yilu/bot/storetest"
)

const secret = "pässw0rd-MARKER"

// withSecrets is the address with a password that the server does not ask for.
func withSecrets(t testing.TB, address string) string {
	t.Helper()
	at, err := url.Parse(address)
	must(t, err)
	at.User = url.UserPassword(at.User.Username(), secret)
	return at.String()
}

func open(t testing.TB, address string) *postgres.Database {
	t.Helper()
	db, err := postgres.Open(t.Context(), withSecrets(t, address))
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// unavailable fails unless err is of that code, came in time, and tells nothing that must not be told.
func unavailable(t testing.TB, what string, began time.Time, err error) {
	t.Helper()
	if took := time.Since(began); bot.CodeOf(err) != bot.Unavailable || took > 3*time.Second {
		t.Errorf("%s: got %v after %v, want code %s within 3 s", what, err, took, bot.Unavailable)
	}
	closed(t, what, err)
}

func closed(t testing.TB, what string, err error) {
	t.Helper()
	for e := err; e != nil; e = errors.Unwrap(e) {
		if text := fmt.Sprintf("%v %+v %#v %q", e, e, e, bot.Failure(e)); strings.Contains(text, "MARKER") {
			t.Errorf("%s: a secret is in %T: %s", what, e, text)
		}
	}
}

// count makes a table with one number.
func count(t testing.TB, db *postgres.Database) {
	t.Helper()
	_, err := db.Reader().Exec("CREATE TABLE counter (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)")
	must(t, err)
	_, err = db.Reader().Exec("INSERT INTO counter VALUES (1, 0)")
	must(t, err)
}

// raise reads the number and writes the next, as one who trusts to being alone.
func raise(ctx context.Context, db *postgres.Database) error {
	return db.Tx(ctx, true, func(tx *sql.Tx) error {
		var n int
		if err := tx.QueryRow("SELECT n FROM counter WHERE id = $1", 1).Scan(&n); err != nil {
			return err
		}
		_, err := tx.Exec("UPDATE counter SET n = $1 WHERE id = $2", n+1, 1)
		return err
	})
}

func counted(t testing.TB, db *postgres.Database) (n int) {
	t.Helper()
	must(t, db.Reader().QueryRow("SELECT n FROM counter WHERE id = 1").Scan(&n))
	return n
}

func TestOpenWrong(t *testing.T) {
	t.Parallel()
	server := storetest.PostgresFor(t)
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	must(t, nobody.Close())
	for what, c := range map[string]struct {
		address string
		code    bot.Code
		say     string
	}{
		"empty":          {"", bot.Invalid, "must begin with postgres://"},
		"another scheme": {"mysql://u:" + secret + "@h/d", bot.Invalid, "must begin with postgres://"},
		"no port":        {"postgres://u:" + secret + "@h:MARKER/d", bot.Invalid, "no address"},
		"slash":          {"postgres://u:MARKER/2@h/d", "", ""},
		"question":       {"postgres://u:12?MARKER@h/d", "", ""},
		"hash":           {"postgres://u:12#MARKER@127.0.0.1:1/d", "", ""},
		"pool":           {withSecrets(t, server.URL()) + "&pool_max_conns=MARKER", bot.Invalid, "pool_max_conns"},
		"nobody there":   {"postgres://u:" + secret + "@" + nobody.Addr().String() + "/MARKER?sslmode=disable", bot.Unavailable, "nothing listens"},
		"no such host":   {"postgres://u:" + secret + "@MARKER.invalid/d?sslmode=disable", bot.Unavailable, "cannot be reached"},
		"no database":    {strings.Replace(withSecrets(t, server.URL()), "/"+name(t, server), "/MARKER", 1), bot.Unavailable, "there is no such database"},
		"no user":        {"postgres://MARKER:" + secret + "@" + server.Addr() + "/" + name(t, server) + "?sslmode=disable", bot.Unavailable, "refuses the user"},
	} {
		db, err := postgres.Open(t.Context(), c.address)
		if err == nil {
			_ = db.Close()
		}
		if c.code == "" && err != nil { // whatever it is taken for
			c.code = bot.CodeOf(err)
		}
		if err == nil || bot.CodeOf(err) != c.code || !strings.Contains(err.Error(), postgres.Setting) || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: got %v, want code %s that names the setting and says %q", what, err, c.code, c.say)
		}
		closed(t, what, err)
	}
}

func name(t testing.TB, server *storetest.Postgres) string {
	at, err := url.Parse(server.URL())
	must(t, err)
	return strings.TrimPrefix(at.Path, "/")
}

func TestOpenOtherEncoding(t *testing.T) {
	t.Parallel()
	server := storetest.PostgresFor(t)
	db := open(t, server.URL())
	_, err := db.Reader().Exec("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'")
	must(t, err)
	if _, err := postgres.Open(t.Context(), strings.Replace(server.URL(), "/"+name(t, server), "/latin", 1)); bot.CodeOf(err) != bot.Invalid || !strings.Contains(err.Error(), "UTF8") {
		t.Errorf("got %v, want code %s that says which encoding", err, bot.Invalid)
	}
}

// What the connections are told: who we are, that a commit is on the disk, and not to wait for ever.
func TestParameters(t *testing.T) {
	t.Parallel()
	server := storetest.PostgresFor(t)
	db := open(t, server.URL()+"&synchronous_commit=off&pool_max_conns=3&application_name=night-shift")
	for name, want := range map[string]string{
		"synchronous_commit": "on", "application_name": "night-shift", "client_encoding": "UTF8", "lock_timeout": "1500ms", "idle_in_transaction_session_timeout": "10s",
	} {
		var got string
		must(t, db.Reader().QueryRow("SHOW "+name).Scan(&got))
		if got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	if got := db.Reader().Stats().MaxOpenConnections; got != 3 {
		t.Errorf("connections: got %d, want 3", got)
	}
	var lock string
	must(t, db.Patient().QueryRow("SHOW lock_timeout").Scan(&lock))
	if lock != "0" {
		t.Errorf("the patient handle: got %s, want no limit", lock)
	}
}

func TestFault(t *testing.T) {
	t.Parallel()
	db := open(t, storetest.PostgresFor(t).URL())
	server := func(state string) error {
		return fmt.Errorf("x: %w", &pgconn.PgError{Code: state, Message: "MARKER", Detail: "Key (phone)=(MARKER)", Hint: "MARKER", Where: "MARKER", InternalQuery: "MARKER"})
	}
	known := bot.Errorf(bot.Off, "x", "y")
	for what, c := range map[string]struct {
		err  error
		code bot.Code
	}{
		"none":                 {nil, ""},
		"known":                {fmt.Errorf("z: %w", known), bot.Off},
		"no row":               {sql.ErrNoRows, bot.NotFound},
		"ended":                {context.DeadlineExceeded, bot.Unavailable},
		"closed":               {sql.ErrConnDone, bot.Unavailable},
		"something unknown":    {errors.New("?"), bot.Internal},
		"unique":               {server("23505"), bot.Conflict},
		"foreign key":          {server("23503"), bot.Conflict},
		"disk full":            {server("53100"), bot.Unavailable},
		"no memory":            {server("53200"), bot.Unavailable},
		"too many connections": {server("53300"), bot.Unavailable},
		"shutdown":             {server("57P01"), bot.Unavailable},
		"crash":                {server("57P02"), bot.Unavailable},
		"starting":             {server("57P03"), bot.Unavailable},
		"cancelled":            {server("57014"), bot.Unavailable},
		"lock":                 {server("55P03"), bot.Unavailable},
		"read only":            {server("25006"), bot.Unavailable},
		"forgotten":            {server("25P03"), bot.Unavailable},
		"connection":           {server("08006"), bot.Unavailable},
		"disk":                 {server("58030"), bot.Unavailable},
		"damaged":              {server("XX001"), bot.Unavailable},
		"met another":          {server("40001"), bot.Unavailable},
		"deadlock":             {server("40P01"), bot.Unavailable},
		"password":             {server("28P01"), bot.Unavailable},
		"no right":             {server("42501"), bot.Unavailable},
		"too long":             {server("54000"), bot.Invalid},
		"no such column":       {server("42703"), bot.Internal},
		"no number":            {server("22P02"), bot.Internal},
	} {
		err := db.Fault("op", c.err)
		if got := bot.CodeOf(err); got != c.code {
			t.Errorf("%s: got code %q, want %q", what, got, c.code)
		}
		closed(t, what, err)
	}
	if !errors.Is(db.Fault("op", context.Canceled), context.Canceled) {
		t.Error("a caller does not see that it was their context")
	}
	count(t, db)
	_, err := db.Reader().Exec("INSERT INTO counter VALUES ($1, $2)", 1, "MARKER")
	if err = db.Fault("op", err); bot.CodeOf(err) != bot.Internal {
		t.Errorf("a text in place of a number: got %v, want code %s", err, bot.Internal)
	}
	closed(t, "a text in place of a number", err)
	_, err = db.Reader().Exec("INSERT INTO counter VALUES ($1, $2)", 1, 2)
	if err = db.Fault("op", err); bot.CodeOf(err) != bot.Conflict || !strings.Contains(err.Error(), "23505, constraint counter_pkey, table counter") {
		t.Errorf("got %v, want the names and no value", err)
	}
	must(t, db.Close())
	unavailable(t, "a closed database", time.Now(), db.Tx(t.Context(), false, func(*sql.Tx) error { return nil }))
	unavailable(t, "a closed database", time.Now(), db.Fault("op", db.Reader().Ping()))
}

// TestTxAlone carries T5: whoever reads and writes in a transaction, in two processes, is as if alone.
func TestTxAlone(t *testing.T) {
	t.Parallel()
	server := storetest.PostgresFor(t)
	dbs := []*postgres.Database{open(t, server.URL()), open(t, server.URL())}
	count(t, dbs[0])
	const each = 25
	var wg sync.WaitGroup
	var mu sync.Mutex
	done := 0
	for i := range 8 {
		wg.Go(func() {
			for range each {
				err := raise(t.Context(), dbs[i%2])
				if err != nil && bot.CodeOf(err) != bot.Unavailable {
					t.Error(err)
				}
				if err == nil {
					mu.Lock()
					done++
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	if n := counted(t, dbs[0]); n != done || done < 8*each*9/10 {
		t.Errorf("counted %d, %d of %d were acknowledged", n, done, 8*each)
	}
}

// Two who read what the other writes, each their own row, cannot both go on: one of them is run again and sees it.
func TestTxSkew(t *testing.T) {
	t.Parallel()
	db := open(t, storetest.PostgresFor(t).URL())
	count(t, db)
	var wg, both sync.WaitGroup
	both.Add(2)
	for id := range 2 {
		wg.Go(func() {
			tries := 0
			err := db.Tx(t.Context(), true, func(tx *sql.Tx) error {
				tries++
				var n int
				if err := tx.QueryRow("SELECT COUNT(*) FROM counter").Scan(&n); err != nil {
					return err
				}
				if tries == 1 { // until both have looked
					both.Done()
					both.Wait()
				}
				_, err := tx.Exec("INSERT INTO counter VALUES ($1, $2)", 10+id, n)
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var sum int
	must(t, db.Reader().QueryRow("SELECT SUM(n) FROM counter").Scan(&sum))
	if sum != 1+2 {
		t.Errorf("got %d: both saw the table without the other", sum)
	}
}

func TestTxNothing(t *testing.T) {
	t.Parallel()
	db := open(t, storetest.PostgresFor(t).URL())
	count(t, db)
	stop := errors.New("stop")
	write := func(then func() error) func(*sql.Tx) error {
		return func(tx *sql.Tx) error {
			if _, err := tx.Exec("UPDATE counter SET n = 9"); err != nil {
				return err
			}
			return then()
		}
	}
	if err := db.Tx(t.Context(), true, write(func() error { return stop })); err != stop {
		t.Errorf("got %v, want the error as it is", err)
	}
	func() {
		defer func() { _ = recover() }()
		_ = db.Tx(t.Context(), true, write(func() error { panic(stop) }))
	}()
	ctx, cancel := context.WithCancel(t.Context())
	if err := db.Tx(ctx, true, write(func() error { cancel(); return nil })); bot.CodeOf(err) != bot.Unavailable || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want code %s", err, bot.Unavailable)
	}
	if err := db.Tx(ctx, true, write(func() error { return nil })); bot.CodeOf(err) != bot.Unavailable {
		t.Errorf("got %v, want code %s", err, bot.Unavailable)
	}
	if n := counted(t, db); n != 0 {
		t.Errorf("counted %d, want nothing of it", n)
	}
	if open := db.Reader().Stats().InUse; open != 0 {
		t.Errorf("%d connections were not given back", open)
	}
}
