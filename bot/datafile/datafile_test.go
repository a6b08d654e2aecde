package datafile_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/datafile"
)

func open(t *testing.T, path string) *datafile.File {
	t.Helper()
	file, err := datafile.OpenWaiting(path, 50*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return file
}

func exec(t *testing.T, db interface {
	Exec(string, ...any) (sql.Result, error)
}, query string) {
	t.Helper()
	if _, err := db.Exec(query); err != nil {
		t.Fatal(err)
	}
}

func TestOpenMakesFolderAndFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "deep", "odd ?#%20&name", "yilu.db")
	file := open(t, path)
	exec(t, file.Write, "CREATE TABLE a (n BIGINT)")
	for path, want := range map[string]os.FileMode{filepath.Dir(path): 0o700, path: 0o600, path + "-wal": 0o600} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: got %v, %v, want mode %v", filepath.Base(path), info.Mode().Perm(), err, want)
		}
	}
	if file.Path() != path {
		t.Errorf("got path %q, want %q", file.Path(), path)
	}
}

func TestPragmas(t *testing.T) {
	t.Parallel()
	file := open(t, filepath.Join(t.TempDir(), "yilu.db"))
	for name, db := range map[string]*sql.DB{"write": file.Write, "read": file.Read} {
		for pragma, want := range map[string]string{"journal_mode": "wal", "foreign_keys": "1", "synchronous": "1", "busy_timeout": "50"} {
			var got string
			if err := db.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
				t.Errorf("%s: %s is %s, %v, want %s", name, pragma, got, err, want)
			}
		}
	}
	if _, err := file.Read.Exec("CREATE TABLE a (n BIGINT)"); err == nil {
		t.Error("a read connection wrote")
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	plain := filepath.Join(folder, "plain.txt")
	text := []byte(strings.Repeat("this is no database\n", 100))
	if err := os.WriteFile(plain, text, 0o600); err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		path string
		code bot.Code
		say  string
	}{
		"no path":              {"", bot.Invalid, "no path"},
		"a folder":             {folder, bot.Unavailable, "cannot be opened for writing"},
		"below a file":         {filepath.Join(plain, "yilu.db"), bot.Unavailable, "folder cannot be made"},
		"another kind of file": {plain, bot.Unavailable, "no SQLite database"},
	} {
		file, err := datafile.Open(c.path)
		if bot.CodeOf(err) != c.code || file != nil || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: got %v, want code %s that says %q", what, err, c.code, c.say)
		}
	}
	if after, err := os.ReadFile(plain); err != nil || string(after) != string(text) {
		t.Error("a file that is no database was changed")
	}
}

func TestLockedByAnother(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "yilu.db")
	mine, other := open(t, path), open(t, path)
	exec(t, mine.Write, "CREATE TABLE a (n BIGINT)")
	lock, err := other.Write.Begin()
	if err != nil {
		t.Fatal(err)
	}
	insert := func(tx *sql.Tx) error {
		_, err := tx.Exec("INSERT INTO a VALUES (1)")
		return err
	}
	if err := mine.Tx(t.Context(), false, insert); bot.CodeOf(err) != bot.Unavailable {
		t.Errorf("a write under another's lock: got %v, want code %s", err, bot.Unavailable)
	}
	if file, err := datafile.OpenWaiting(path, 10*time.Millisecond); bot.CodeOf(err) != bot.Unavailable || !strings.Contains(err.Error(), "write lock") {
		t.Errorf("opening under another's lock: got %v, %v, want code %s that names the lock", file, err, bot.Unavailable)
	}
	if got := count(t, mine); got != 0 {
		t.Errorf("got %d rows, want none", got)
	}
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := mine.Tx(t.Context(), false, insert); err != nil {
		t.Errorf("after the lock was given up: %v", err)
	}
}

func count(t *testing.T, file *datafile.File) int {
	t.Helper()
	var n int
	if err := file.Read.QueryRow("SELECT COUNT(*) FROM a").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTx(t *testing.T) {
	t.Parallel()
	file := open(t, filepath.Join(t.TempDir(), "yilu.db"))
	exec(t, file.Write, "CREATE TABLE a (n BIGINT PRIMARY KEY)")
	level := func(tx *sql.Tx) (n int) {
		t.Helper()
		if err := tx.QueryRow("PRAGMA synchronous").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for n, durable := range []bool{false, true, true, false, true} {
		err := file.Tx(t.Context(), durable, func(tx *sql.Tx) error {
			if got, want := level(tx), map[bool]int{false: 1, true: 2}[durable]; got != want {
				t.Errorf("durable %v: synchronous is %d, want %d", durable, got, want)
			}
			_, err := tx.Exec("INSERT INTO a VALUES ($1)", n)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := count(t, file); got != 5 {
		t.Fatalf("got %d rows, want 5", got)
	}

	own := errors.New("no")
	err := file.Tx(t.Context(), true, func(tx *sql.Tx) error {
		exec(t, tx, "INSERT INTO a VALUES (100)")
		return own
	})
	if err != own || count(t, file) != 5 {
		t.Errorf("after an error of its own: got %v and %d rows, want that error and 5", err, count(t, file))
	}
	err = file.Tx(t.Context(), true, func(tx *sql.Tx) error {
		_, err := tx.Exec("INSERT INTO a VALUES (1)")
		return datafile.Fault("insert", err)
	})
	if bot.CodeOf(err) != bot.Conflict {
		t.Errorf("a broken constraint: got %v, want code %s", err, bot.Conflict)
	}
	func() {
		defer func() { _ = recover() }()
		_ = file.Tx(t.Context(), true, func(tx *sql.Tx) error {
			exec(t, tx, "INSERT INTO a VALUES (100)")
			panic("in the middle")
		})
	}()
	if count(t, file) != 5 {
		t.Errorf("after a panic: got %d rows, want 5", count(t, file))
	}
}

// A connection that was lost comes back at NORMAL, and the next durable transaction must notice.
func TestTxAfterLostConnection(t *testing.T) {
	t.Parallel()
	file := open(t, filepath.Join(t.TempDir(), "yilu.db"))
	for range 3 {
		err := file.Tx(t.Context(), true, func(tx *sql.Tx) error {
			var n int
			if err := tx.QueryRow("PRAGMA synchronous").Scan(&n); err != nil || n != 2 {
				t.Errorf("synchronous is %d, %v, want 2", n, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		file.Write.SetMaxIdleConns(-1) // closes the connection
		file.Write.SetMaxIdleConns(1)
	}
}

func TestTxUnderEndedContext(t *testing.T) {
	t.Parallel()
	file := open(t, filepath.Join(t.TempDir(), "yilu.db"))
	exec(t, file.Write, "CREATE TABLE a (n BIGINT)")
	insert := func(tx *sql.Tx) error {
		_, err := tx.Exec("INSERT INTO a VALUES (1)")
		return err
	}
	ctx, cancel := context.WithCancel(t.Context())
	err := file.Tx(ctx, true, func(tx *sql.Tx) error {
		cancel() // too late: it has begun
		return insert(tx)
	})
	if err != nil || count(t, file) != 1 {
		t.Errorf("ended while it ran: got %v and %d rows, want it committed", err, count(t, file))
	}
	if err := file.Tx(ctx, true, insert); bot.CodeOf(err) != bot.Unavailable || !errors.Is(err, context.Canceled) || count(t, file) != 1 {
		t.Errorf("ended before: got %v and %d rows, want code %s and nothing written", err, count(t, file), bot.Unavailable)
	}

	// Waiting for its turn ends with the context.
	held, err := file.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- file.Tx(ctx, true, insert) }()
	cancel()
	if err := <-done; bot.CodeOf(err) != bot.Unavailable {
		t.Errorf("ended while it waited: got %v, want code %s", err, bot.Unavailable)
	}
	held.Release()
	if count(t, file) != 1 {
		t.Errorf("got %d rows, want 1", count(t, file))
	}
}

func TestTxAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "yilu.db")
	files := []*datafile.File{open(t, path)}
	exec(t, files[0].Write, "CREATE TABLE a (n BIGINT)")
	exec(t, files[0].Write, "INSERT INTO a VALUES (0)")
	second, err := datafile.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for range 10 {
				err := second.Tx(t.Context(), i%2 == 0, func(tx *sql.Tx) error {
					var n int
					if err := tx.QueryRow("SELECT n FROM a").Scan(&n); err != nil {
						return err
					}
					_, err := tx.Exec("UPDATE a SET n = $1", n+1)
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	var n int
	if err := files[0].Read.QueryRow("SELECT n FROM a").Scan(&n); err != nil || n != 160 {
		t.Fatalf("got %d, %v, want 160: an update was lost", n, err)
	}
}

func TestFault(t *testing.T) {
	t.Parallel()
	file := open(t, filepath.Join(t.TempDir(), "yilu.db"))
	known := bot.Errorf(bot.Off, "x", "y")
	_, syntax := file.Read.Exec("SELEKT")
	_, refused := file.Read.Exec("CREATE TABLE a (n BIGINT)")
	for what, c := range map[string]struct {
		err  error
		code bot.Code
	}{
		"none":              {nil, ""},
		"known":             {fmt.Errorf("z: %w", known), bot.Off},
		"no row":            {sql.ErrNoRows, bot.NotFound},
		"ended":             {context.DeadlineExceeded, bot.Unavailable},
		"closed":            {sql.ErrConnDone, bot.Unavailable},
		"wrong statement":   {syntax, bot.Internal},
		"read only":         {refused, bot.Unavailable},
		"something unknown": {errors.New("?"), bot.Internal},
	} {
		if got := bot.CodeOf(datafile.Fault("op", c.err)); got != c.code {
			t.Errorf("%s: got code %q, want %q", what, got, c.code)
		}
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if err := file.Tx(t.Context(), false, func(*sql.Tx) error { return nil }); bot.CodeOf(err) != bot.Unavailable {
		t.Errorf("a closed file: got %v, want code %s", err, bot.Unavailable)
	}
}
