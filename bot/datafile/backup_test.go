package datafile_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"yilu/bot"
	"yilu/bot/datafile"
)

// TestBackup holds that a copy made while others write is one state of the file: rows are written in pairs, and no copy
// has half of one.
func TestBackup(t *testing.T) {
	t.Parallel()
	file, err := datafile.Open(filepath.Join(t.TempDir(), "yilu.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	exec(t, file.Write, "CREATE TABLE a (n BIGINT)")
	ctx, stop := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	first := make(chan struct{})
	wait.Go(func() {
		for n := 0; ctx.Err() == nil; n++ {
			err := file.Tx(context.WithoutCancel(ctx), false, func(tx *sql.Tx) error {
				for range 2 {
					if _, err := tx.Exec("INSERT INTO a VALUES ($1)", n); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
			if n == 0 {
				close(first)
			}
		}
	})
	<-first
	folder := t.TempDir()
	last := 0
	for _, name := range []string{"one.db", "odd ' ?#%20&name.db"} {
		to := filepath.Join(folder, name)
		if err := file.Backup(t.Context(), to); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(to); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v %v", info.Mode(), err)
		}
		copied, err := datafile.Open(to)
		if err != nil {
			t.Fatal(err)
		}
		if n := count(t, copied); n%2 != 0 || n <= last {
			t.Errorf("%d rows in the copy, %d in the one before", n, last)
		} else {
			last = n
		}
		if err := copied.Close(); err != nil {
			t.Error(err)
		}
	}
	stop()
	wait.Wait()

	before, err := os.ReadFile(filepath.Join(folder, "one.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Backup(t.Context(), filepath.Join(folder, "one.db")); bot.CodeOf(err) != bot.Conflict {
		t.Errorf("over another copy: %v", err)
	}
	if after, err := os.ReadFile(filepath.Join(folder, "one.db")); err != nil || string(after) != string(before) {
		t.Error("a copy was overwritten")
	}
	for _, to := range []string{"", filepath.Join(folder, "none", "x.db")} {
		if err := file.Backup(t.Context(), to); err == nil {
			t.Errorf("%q: no error", to)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := file.Backup(gone, filepath.Join(folder, "broken-off.db")); bot.CodeOf(err) != bot.Unavailable {
		t.Errorf("broken off: %v", err)
	}
	left, err := os.ReadDir(folder)
	if err != nil || len(left) != 2 {
		t.Errorf("%v is left beside the two copies: %v", left, err)
	}
}
