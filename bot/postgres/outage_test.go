package postgres_test

import (
	"context"
	"database/sql"
	"strings"
	"sync"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/postgres"
	"yilu/bot/storetest"
)

// busy opens several connections, all of which have just been used when it returns.
func busy(t testing.TB, db *postgres.Database) {
	t.Helper()
	for range 2 {
		use(t, db)
	}
}

func use(t testing.TB, db *postgres.Database) {
	t.Helper()
	var wg, all sync.WaitGroup
	all.Add(8)
	for range 8 {
		wg.Go(func() {
			conn, err := db.Reader().Conn(t.Context())
			all.Done()
			if err != nil {
				t.Error(err)
				return
			}
			all.Wait()
			_ = conn.Close()
		})
	}
	wg.Wait()
}

// TestKilled: a server that is gone is Unavailable, and nobody who comes after it is back notices that it was away,
// however many connections died with it.
func TestKilled(t *testing.T) {
	t.Parallel()
	server := storetest.PrivatePostgresFor(t)
	db := open(t, server.URL())
	count(t, db)
	for round, end := range []func() error{server.Kill, server.Stop} {
		busy(t, db)
		must(t, end())
		began := time.Now()
		unavailable(t, "writing without a server", began, raise(t.Context(), db))
		began = time.Now()
		unavailable(t, "reading without a server", began, db.Fault("op", db.Reader().PingContext(t.Context())))
		must(t, server.Start())
		busy(t, db)
		must(t, server.Cut()) // the connections are gone, and nobody has seen it
		must(t, raise(t.Context(), db))
		busy(t, db)
		must(t, server.Cut())
		if n := counted(t, db); n != round+1 {
			t.Errorf("counted %d, want %d", n, round+1)
		}
	}
}

// A transaction whose connection is lost before the commit is run again; nothing of the first time is left.
func TestCutInTransaction(t *testing.T) {
	t.Parallel()
	server := storetest.PrivatePostgresFor(t)
	db := open(t, server.URL())
	count(t, db)
	tries := 0
	err := db.Tx(t.Context(), true, func(tx *sql.Tx) error {
		if tries++; tries == 1 {
			if _, err := tx.Exec("UPDATE counter SET n = n + 1"); err != nil {
				return err
			}
			must(t, server.Cut())
		}
		_, err := tx.Exec("UPDATE counter SET n = n + 1")
		return err
	})
	if n := counted(t, db); err != nil || n != 1 || tries != 2 {
		t.Errorf("counted %d in %d tries, %v, want 1 in 2", n, tries, err)
	}
}

// A commit whose answer is lost is an error, and is not run again: it has been kept.
func TestCommitWithoutAnswer(t *testing.T) {
	t.Parallel()
	server := storetest.PostgresFor(t)
	proxy := storetest.ProxyFor(t, server.Addr())
	db := open(t, strings.Replace(server.URL(), server.Addr(), proxy.Addr(), 1))
	count(t, db)
	tries := 0
	err := db.Tx(t.Context(), true, func(tx *sql.Tx) error {
		tries++
		_, err := tx.Exec("UPDATE counter SET n = n + 1")
		proxy.SwallowReplies(1)
		return err
	})
	if n := counted(t, db); bot.CodeOf(err) != bot.Unavailable || tries != 1 || n != 1 {
		t.Errorf("got %v in %d tries, counted %d, want code %s in one, and 1", err, tries, n, bot.Unavailable)
	}
}

func TestReadOnly(t *testing.T) {
	t.Parallel()
	server := storetest.PrivatePostgresFor(t)
	db := open(t, server.URL())
	count(t, db)
	must(t, server.ReadOnly(true))
	unavailable(t, "writing to a standby", time.Now(), raise(t.Context(), db))
	if n := counted(t, db); n != 0 {
		t.Errorf("counted %d", n)
	}
	must(t, server.ReadOnly(false))
	must(t, raise(t.Context(), db))
}

// A server that hangs has its connections still, and takes new ones.
func TestPaused(t *testing.T) {
	t.Parallel()
	server := storetest.PrivatePostgresFor(t)
	db := open(t, server.URL())
	count(t, db)
	busy(t, db)
	must(t, server.Pause())
	var wg sync.WaitGroup
	for range 20 { // more than there are connections
		wg.Go(func() { unavailable(t, "writing", time.Now(), raise(t.Context(), db)) })
	}
	wg.Wait()
	unavailable(t, "writing when it was idle", time.Now(), raise(t.Context(), db))
	short, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	began := time.Now()
	if err := raise(short, db); bot.CodeOf(err) != bot.Unavailable || time.Since(began) > time.Second {
		t.Errorf("with little time: got %v after %v", err, time.Since(began))
	}
	must(t, server.Resume())
	for deadline := time.Now().Add(5 * time.Second); ; { // what hung is worked off first
		err := raise(t.Context(), db)
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}

	short, cancel = context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	began = time.Now()
	err := db.Tx(short, true, func(tx *sql.Tx) error { // in the middle, by somebody who has little time
		must(t, server.Pause())
		_, err := tx.Exec("UPDATE counter SET n = n + 1")
		return db.Fault("op", err)
	})
	if bot.CodeOf(err) != bot.Unavailable || time.Since(began) > time.Second {
		t.Errorf("in the middle with little time: got %v after %v", err, time.Since(began))
	}
	must(t, server.Resume())

	tries := 0
	err = db.Tx(t.Context(), true, func(tx *sql.Tx) error { // in the middle
		tries++
		must(t, server.Pause())
		began = time.Now()
		_, err := tx.Exec("UPDATE counter SET n = n + 1")
		return db.Fault("op", err)
	})
	unavailable(t, "in the middle", began, err)
	if tries != 1 {
		t.Errorf("run %d times", tries)
	}
	must(t, server.Resume())
}
