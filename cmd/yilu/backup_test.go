package main_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"yilu/bot/storetest"
)

// TestBackupAndRestore goes the way that OPERATIONS.md tells: a copy is made while the server runs and people write; the
// data is lost; the copy takes its place. Everything up to the copy is there, byte for byte; somebody who was in the
// middle of it goes on at the same question; and what was said after the copy is said again and is there once.
func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	data, copies := t.TempDir(), t.TempDir()
	s := serve(t, data)
	done, midway := newPerson(t, s.url), newPerson(t, s.url)
	const half = 11
	say := func(p *person, n, from, to int) (all [][]byte) {
		t.Helper()
		for i := from; i < to; i++ {
			body, err := p.send(s.url, id(n, i), script[i])
			if err != nil {
				s.hung(err)
				t.Fatalf("person %d, message %d: %v", n, i, err)
			}
			all = append(all, body)
		}
		return all
	}
	first, begun := say(done, 0, 0, len(script)), say(midway, 1, 0, half)
	if err := os.MkdirAll(filepath.Join(data, "files", "ab"), 0o700); err != nil {
		t.Fatal(err)
	}
	photo := filepath.Join("files", "ab", "photo【示例】")
	if err := os.WriteFile(filepath.Join(data, photo), []byte("a photo"), 0o600); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(copies, "yilu.db")
	if said := ok(t, "", "backup", "--data", data, "--to", to); !strings.Contains(said, "checked") {
		t.Errorf("backup said %q", said)
	}
	clone(t, filepath.Join(copies, "files"), filepath.Join(data, "files"))
	again := yilu(t, nil, "backup", "--data", data, "--to", to)
	refused(t, again, to, "not overwritten")
	rest := say(midway, 1, half, len(script))
	s.stop()
	inRecords(t, data, 2)

	// The disk is gone; what is left of the old file beside the copy must not be mixed with it.
	if err := os.RemoveAll(data); err != nil {
		t.Fatal(err)
	}
	clone(t, data, copies)
	s = serve(t, data)
	same := func(what string, got, want [][]byte) {
		t.Helper()
		for i := range want {
			if !bytes.Equal(got[i], want[i]) {
				t.Errorf("%s, message %d:\n%s\nbefore:\n%s", what, i, got[i], want[i])
			}
		}
	}
	same("who had ended, repeated", say(done, 0, 0, len(script)), first)
	same("who was midway, repeated", say(midway, 1, 0, half), begun)
	said := say(midway, 1, half, len(script))
	for i := range rest {
		if got, want := question(t, said[i]), question(t, rest[i]); got != want {
			t.Errorf("who was midway, message %d:\n%s\nbefore:\n%s", half+i, got, want)
		}
	}
	s.stop()
	inRecords(t, data, 2)
	if kept, err := os.ReadFile(filepath.Join(data, photo)); err != nil || string(kept) != "a photo" {
		t.Errorf("the photo: %q %v", kept, err)
	}
}

// TestBackupRefuses holds what is said where there is nothing to copy, or no place for it.
func TestBackupRefuses(t *testing.T) {
	t.Parallel()
	empty := t.TempDir()
	refused(t, yilu(t, nil, "backup", "--data", empty, "--to", filepath.Join(empty, "copy.db")), "there is no data file")
	if left, err := os.ReadDir(empty); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	refused(t, yilu(t, nil, "backup", "--data", empty), "--to")
	cmd := command(t, false, "backup", "--data", empty, "--to", filepath.Join(empty, "copy.db"))
	cmd.Env = append(cmd.Env, "YILU_DATABASE_URL=postgres://x", "YILU_REDIS_URL=redis://y")
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "pg_dump") {
		t.Errorf("with both stores elsewhere: %v %s", err, out)
	}
}

// pgTool finds a tool of PostgreSQL.
func pgTool(t *testing.T, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if err != nil || len(found) == 0 {
		t.Fatalf("PostgreSQL is here without its %s", name)
	}
	return found[len(found)-1]
}

// TestRestoreOfACity goes the way that OPERATIONS.md tells for Redis and PostgreSQL: while people write, first Redis's
// append-only files are copied, then the records are dumped; both stores are lost; new ones are made of the copies. Who had
// ended gets the same bytes again, who was in the middle goes on, and the records hold everybody once.
func TestRestoreOfACity(t *testing.T) {
	t.Parallel()
	redis, postgres := storetest.RedisFor(t, storetest.RedisOptions{AppendOnly: "always"}), storetest.PostgresFor(t)
	data, copies := t.TempDir(), t.TempDir()
	s := serve(t, data, "--redis-url="+redis.URL(), "--database-url="+postgres.URL())
	done, midway := newPerson(t, s.url), newPerson(t, s.url)
	const half = 11
	say := func(p *person, n, from, to int) (all [][]byte) {
		t.Helper()
		for i := from; i < to; i++ {
			body, err := p.send(s.url, id(n, i), script[i])
			if err != nil {
				s.hung(err)
				t.Fatalf("person %d, message %d: %v: %s", n, i, err, s.errs)
			}
			all = append(all, body)
		}
		return all
	}
	first, begun := say(done, 0, 0, len(script)), say(midway, 1, 0, half)
	clone(t, copies, redis.Dir())
	say(midway, 1, half, half+2) // after the copy of Redis and before that of the records: nothing is lost but said again
	dump := filepath.Join(t.TempDir(), "records.dump")
	if out, err := exec.Command(pgTool(t, "pg_dump"), "--format=custom", "--file="+dump, postgres.URL()).CombinedOutput(); err != nil {
		t.Fatalf("pg_dump: %v: %s", err, out)
	}
	say(midway, 1, half+2, len(script))
	s.stop()

	fresh, err := storetest.StartRedis(copies, storetest.RedisOptions{AppendOnly: "always"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = fresh.Stop() })
	database, err := postgres.NewDatabase("yilu_restored")
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(pgTool(t, "pg_restore"), "--no-owner", "--exit-on-error", "--single-transaction", "--dbname="+database, dump).CombinedOutput(); err != nil {
		t.Fatalf("pg_restore: %v: %s", err, out)
	}
	stores := []string{"--redis-url=" + fresh.URL(), "--database-url=" + database}
	s = serve(t, t.TempDir(), stores...)
	for what, c := range map[string]struct{ got, want [][]byte }{
		"who had ended":  {say(done, 0, 0, len(script)), first},
		"who was midway": {say(midway, 1, 0, half), begun},
	} {
		for i := range c.want {
			if !bytes.Equal(c.got[i], c.want[i]) {
				t.Errorf("%s, message %d, repeated:\n%s\nbefore:\n%s", what, i, c.got[i], c.want[i])
			}
		}
	}
	say(midway, 1, half, len(script))
	s.stop()
	inRecords(t, data, 2, stores...)
}
