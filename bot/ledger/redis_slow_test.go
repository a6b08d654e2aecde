package ledger_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/ledger"
	"yilu/bot/storetest"
)

// soon is how long a worker may be left without a word, and how soon things work again.
const soon = 2 * time.Second

// calls are what a turn asks of the ledger, of sessions that are held and of others.
func calls(t *testing.T, l *ledger.Redis) map[string]func() error {
	return map[string]func() error{
		"load":  func() error { _, err := l.Load(t.Context(), "web:new", "m", start); return err },
		"look":  func() error { _, err := l.Look(t.Context(), "web:a", "m", start); return err },
		"begin": func() error { return l.Commit(t.Context(), "web:new", turn(0, "m")) },
		"go on": func() error { return l.Commit(t.Context(), "web:a", turn(1, "m")) },
		"stale": func() error { return l.Commit(t.Context(), "web:b", turn(7, "m")) },
		"a whole turn": func() error {
			s, err := l.Load(t.Context(), "web:a", "n", start)
			if err == nil {
				err = l.Commit(t.Context(), "web:a", turn(s.Version, "n", entry("e")))
			}
			return err
		},
		"settle":    func() error { return l.Settle(t.Context(), "web:a", []string{"e"}) },
		"unsettled": func() error { _, err := l.Unsettled(t.Context(), start, 10); return err },
		"history":   func() error { _, err := l.History(t.Context(), "web:a"); return err },
		"ping":      func() error { return l.Ping(t.Context()) },
	}
}

// away checks that a ledger whose Redis does not answer says so soon, to one caller and to many at once, and that it
// works again soon after.
func away(t *testing.T, l *ledger.Redis, end, begin func()) {
	t.Helper()
	must(t, l.Commit(t.Context(), "web:a", turn(0, "m0")))
	asked := calls(t, l)
	for round := range 2 {
		end()
		if round > 0 { // one by one is seen once
			clear(asked)
		}
		for what, call := range asked {
			began := time.Now()
			err := call()
			if took := time.Since(began); bot.CodeOf(err) != bot.Unavailable || took > soon {
				t.Errorf("%s: %v after %v, want code %s within %v", what, err, took.Round(time.Millisecond), bot.Unavailable, soon)
			}
		}
		var wg sync.WaitGroup
		for i := range 128 { // more than go in one batch
			wg.Go(func() {
				began := time.Now()
				err := l.Commit(t.Context(), fmt.Sprint("web:crowd", round, "/", i), turn(0, "m"))
				if took := time.Since(began); bot.CodeOf(err) != bot.Unavailable || took > soon {
					t.Errorf("one of many: %v after %v", err, took.Round(time.Millisecond))
				}
			})
		}
		wg.Wait()
		begin()
		began := time.Now()
		for what, call := range map[string]func() error{
			"load": func() error { _, err := l.Load(t.Context(), "web:later", "m", start); return err },
			"turn": func() error {
				s, err := l.Load(t.Context(), "web:a", "again", start)
				if err == nil && !s.Seen {
					err = l.Commit(t.Context(), "web:a", turn(s.Version, "again"))
				}
				return err
			},
			"ping": func() error { return l.Ping(t.Context()) },
		} {
			_, err := patiently(t.Context(), func() (bool, error) {
				err := call()
				if bot.CodeOf(err) == bot.Conflict { // what could not be told then was kept after all
					err = call()
				}
				return true, err
			})
			if took := time.Since(began); err != nil || took > soon {
				t.Errorf("%s after the outage: %v after %v, want it within %v", what, err, took.Round(time.Millisecond), soon)
			}
		}
	}
}

func TestRedisPaused(t *testing.T) {
	t.Parallel()
	r := storetest.RedisFor(t, storetest.RedisOptions{})
	l := openRedisWith(t, ledger.RedisOptions{URL: r.URL(), Prefix: "t:"})
	away(t, l, func() { must(t, r.Pause()) }, func() { must(t, r.Resume()) })
}

func TestRedisDown(t *testing.T) {
	t.Parallel()
	r := storetest.RedisFor(t, storetest.RedisOptions{AppendOnly: "always"})
	l := openRedisWith(t, ledger.RedisOptions{URL: r.URL(), Prefix: "t:"})
	away(t, l, func() { must(t, r.Kill()) }, func() { must(t, r.Start()) })
}

// A network that answers after 5 s is one that does not answer.
func TestRedisFarAway(t *testing.T) {
	t.Parallel()
	r := storetest.RedisFor(t, storetest.RedisOptions{})
	l, p := proxied(t, r)
	away(t, l, func() { p.Delay(5 * time.Second) }, func() { p.Delay(0) })
}

// A network that lets nobody in.
func TestRedisRefused(t *testing.T) {
	t.Parallel()
	r := storetest.RedisFor(t, storetest.RedisOptions{})
	l, p := proxied(t, r)
	away(t, l, func() { p.Refuse(true); p.Cut() }, func() { p.Refuse(false) })
}

// A network that is slow, and not too slow, is only slow.
func TestRedisSlow(t *testing.T) {
	t.Parallel()
	r := storetest.RedisFor(t, storetest.RedisOptions{})
	l, p := proxied(t, r)
	p.Delay(150 * time.Millisecond)
	var tr traffic
	var wg sync.WaitGroup
	for w := range 64 {
		wg.Go(func() {
			for i := range 3 {
				tr.say(t, l, fmt.Sprint("web:", w), fmt.Sprintf("w%d-%d", w, i))
			}
		})
	}
	wg.Wait()
	p.Delay(0)
	if missing := tr.all(t, l); len(missing) > 0 || len(tr.failed) > 0 || tr.count() != 64*3 {
		t.Errorf("%d acknowledged, missing %v, failed calls %v", tr.count(), missing, tr.failed)
	}
	t.Logf("150 ms each way there: longest call %v", tr.longest.Round(time.Millisecond))
}
