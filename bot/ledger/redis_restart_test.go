package ledger_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"yilu/bot"
	"yilu/bot/ledger"
	"yilu/bot/storetest"
)

// Redis is killed again and again while people write. With appendfsync always nothing that was acknowledged is lost.
func TestRedisKilled(t *testing.T) {
	// Not parallel: it fills the machine, and others measure time on it.
	r := storetest.RedisFor(t, storetest.RedisOptions{AppendOnly: "always"})
	l := openRedisWith(t, ledger.RedisOptions{URL: r.URL(), Prefix: "t:"})
	var tr traffic
	var done atomic.Bool
	var wg sync.WaitGroup
	for w := range 16 {
		wg.Go(func() {
			for i := 0; !done.Load(); i++ {
				if !tr.say(t, l, fmt.Sprint("web:", w), fmt.Sprintf("w%d-%d", w, i)) {
					return
				}
			}
		})
	}
	for round := range 4 {
		from := tr.count()
		eventually(t, patience, "commits", func() bool { return tr.count() > from+50 })
		must(t, r.Kill())
		if round%2 == 0 { // so long that it is noticed; else nobody need notice
			eventually(t, patience, "an error", func() bool { return tr.faults(bot.Unavailable) > round })
		}
		must(t, r.Start())
	}
	from := tr.count()
	eventually(t, patience, "commits", func() bool { return tr.count() > from+50 })
	done.Store(true)
	wg.Wait()
	if missing := tr.all(t, straight(t, r)); len(missing) > 0 {
		t.Errorf("%d of %d acknowledged messages are missing: %v", len(missing), tr.count(), missing)
	}
	t.Logf("%d acknowledged, failed calls %v, longest call %v", tr.count(), tr.failed, tr.longest)
}

// Redis is emptied while sessions are held in memory: what was decided on them conflicts, and everybody begins anew.
func TestRedisEmptied(t *testing.T) {
	t.Parallel()
	r := storetest.RedisFor(t, storetest.RedisOptions{})
	l := openRedisWith(t, ledger.RedisOptions{URL: r.URL(), Prefix: "t:"})
	held := map[string]ledger.Snapshot{}
	for i := range 10 {
		key := fmt.Sprint("web:", i)
		for n := range i + 1 {
			must(t, l.Commit(t.Context(), key, turn(int64(n), fmt.Sprint("m", n))))
		}
		s, err := l.Load(t.Context(), key, "new", start)
		must(t, err)
		held[key] = s
	}
	if _, err := r.Do(t.Context(), "FLUSHALL"); err != nil {
		t.Fatal(err)
	}
	for key, s := range held {
		c := turn(s.Version, "new", entry("e"))
		c.Mark = s.Mark
		if err := l.Commit(t.Context(), key, c); bot.CodeOf(err) != bot.Conflict {
			t.Errorf("%s at version %d after all was lost: %v, want code %s", key, s.Version, err, bot.Conflict)
		}
		anew, err := l.Load(t.Context(), key, "new", start)
		if err != nil || anew.Version != 0 || anew.State != nil || anew.Seen || len(anew.Effects) != 0 {
			t.Fatalf("%s: version %d, seen %v, %d effects, %v; want nobody", key, anew.Version, anew.Seen, len(anew.Effects), err)
		}
		if err := l.Commit(t.Context(), key, step(anew, "new")); err != nil {
			t.Errorf("%s begins anew: %v", key, err)
		}
		sound(t, key, look(t, l, key, "new"))
	}
}

// Scripts that Redis has forgotten, by SCRIPT FLUSH or a new start, are sent again; nobody notices.
func TestRedisForgetsScripts(t *testing.T) {
	// Not parallel: it fills the machine, and others measure time on it.
	r := storetest.RedisFor(t, storetest.RedisOptions{})
	l := openRedisWith(t, ledger.RedisOptions{URL: r.URL(), Prefix: "t:"})
	var tr traffic
	var wg sync.WaitGroup
	var done atomic.Bool
	wg.Go(func() {
		for !done.Load() {
			if _, err := r.Do(context.WithoutCancel(t.Context()), "SCRIPT", "FLUSH"); err != nil {
				t.Error(err)
			}
		}
	})
	var workers sync.WaitGroup
	for w := range 32 {
		workers.Go(func() {
			key := fmt.Sprint("web:", w)
			for i := range 60 {
				message := fmt.Sprintf("w%d-%d", w, i)
				if !tr.say(t, l, key, message) {
					return
				}
				if i%10 == 9 {
					if err := l.Settle(t.Context(), key, []string{"nobody's"}); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	workers.Wait()
	done.Store(true)
	wg.Wait()
	if len(tr.failed) > 0 || tr.count() != 32*60 {
		t.Errorf("%d acknowledged of %d, failed calls %v; want none", tr.count(), 32*60, tr.failed)
	}
	if missing := tr.all(t, l); len(missing) > 0 {
		t.Errorf("missing: %v", missing)
	}
}

// setBack is Redis with an older copy of its data, while the ledger lives on.
func setBack(t *testing.T, o storetest.RedisOptions, before, after func(r *storetest.Redis)) *storetest.Redis {
	t.Helper()
	r := storetest.RedisFor(t, o)
	before(r)
	must(t, r.Stop()) // with --save, what it has is written now
	copied := filepath.Join(t.TempDir(), "copy")
	must(t, os.CopyFS(copied, os.DirFS(r.Dir())))
	must(t, r.Start())
	after(r)
	must(t, r.Kill())
	must(t, os.RemoveAll(r.Dir()))
	must(t, os.CopyFS(r.Dir(), os.DirFS(copied)))
	must(t, r.Start())
	return r
}

// Redis is set back to an older copy of its append-only file or of its snapshot. Sessions that are held in memory are of
// a history that is no more: what was decided on them conflicts, also when the other history has come to the same
// version, and writes nothing over it.
func TestRedisSetBack(t *testing.T) {
	t.Parallel()
	for kept, o := range map[string]storetest.RedisOptions{
		"append-only file": {AppendOnly: "always"},
		"snapshot":         {Args: []string{"--save", "3600", "1"}},
	} {
		t.Run(kept, func(t *testing.T) {
			t.Parallel()
			say := func(l ledger.Ledger, key, message string) {
				t.Helper()
				s, err := l.Load(t.Context(), key, message, start)
				must(t, err)
				c := step(s, message)
				c.Effects = nil // so that the session can be held
				must(t, l.Commit(t.Context(), key, c))
			}
			var l *ledger.Redis
			held := map[string]ledger.Snapshot{}
			// behind stays where the copy is; level comes to the version that is held; who is late is not in the copy.
			keys := []string{"web:behind", "web:level", "web:level-without-mark", "web:late"}
			r := setBack(t, o, func(r *storetest.Redis) {
				l = openRedisWith(t, ledger.RedisOptions{URL: r.URL(), Prefix: "t:"})
				for i := range 5 {
					for _, key := range keys[:3] {
						say(l, key, fmt.Sprint("m", i))
					}
				}
			}, func(*storetest.Redis) {
				_, err := patiently(t.Context(), func() (bool, error) { return true, l.Ping(t.Context()) })
				must(t, err)
				for _, key := range keys {
					for i := 5; i < 8; i++ {
						say(l, key, fmt.Sprint("m", i))
					}
					s, err := l.Load(t.Context(), key, "new", start)
					must(t, err)
					if !s.Held {
						t.Errorf("%s is not held: nothing is checked", key)
					}
					held[key] = s
				}
			})
			other := straight(t, r)
			want := map[string]string{keys[0]: "m0 m1 m2 m3 m4", keys[3]: "n5 n6 n7"}
			want[keys[1]] = want[keys[0]] + " n5 n6 n7"
			want[keys[2]] = want[keys[1]]
			for _, key := range keys[1:] {
				for _, m := range []string{"n5", "n6", "n7"} {
					say(other, key, m)
				}
			}
			for key, s := range held {
				if key == keys[2] {
					s.Mark = ""
				}
				_, err := patiently(t.Context(), func() (bool, error) { return true, l.Commit(t.Context(), key, step(s, "new")) })
				if bot.CodeOf(err) != bot.Conflict {
					t.Errorf("%s: a commit on a history that is no more: %v, want code %s", key, err, bot.Conflict)
				}
				now := look(t, other, key, "new")
				if got := strings.TrimSpace(listed(now)); got != want[key] || now.Seen || len(now.Effects) > 0 {
					t.Errorf("%s: %q with %d effects, want %q", key, got, len(now.Effects), want[key])
				}
				say(l, key, "again")
				if got := strings.TrimSpace(listed(look(t, other, key, "again"))); got != want[key]+" again" {
					t.Errorf("%s: %q, want %q and again", key, got, want[key])
				}
			}
		})
	}
}
