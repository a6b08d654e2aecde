package ledger_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"yilu/bot/ledger"
)

// TestIdleSessionIsShort holds that a session keeps all of its last turns while a platform may repeat them, and once it
// has fallen silent no more than is to be kept of it; whatever is repeated then of what is left gets its answer.
func TestIdleSessionIsShort(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	r, err := ledger.NewRedis(t.Context(), ledger.RedisOptions{URL: "redis://" + server.Addr()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	reply := func(i int) string { return fmt.Sprint(i, strings.Repeat(fmt.Sprint("ξ", i*7919), 30)) } // nothing of it is in the dictionary
	commit := func(i int) {
		t.Helper()
		err := r.Commit(t.Context(), "web:a", ledger.Commit{
			Expect: int64(i), State: []byte("state"), Expires: at.Add(time.Hour),
			Turn: ledger.Turn{Message: fmt.Sprint("m", i), Said: "said", Reply: []byte(reply(i)), At: at},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := range 40 {
		commit(i)
	}
	bytes := func() int {
		for _, key := range server.Keys() {
			if strings.Contains(key, ":s:") {
				v, _ := server.Get(key)
				return len(v)
			}
		}
		return 0
	}
	turns := func() []ledger.Turn {
		t.Helper()
		all, err := r.History(t.Context(), "web:a")
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	forget := func(now time.Time) {
		t.Helper()
		if _, err := r.Forget(t.Context(), now, 100); err != nil {
			t.Fatal(err)
		}
	}
	forget(at.Add(29 * time.Second))
	if n := len(turns()); n != ledger.Kept || bytes() < 4000 {
		t.Fatalf("%d turns in %d bytes while they may be repeated, want %d", n, bytes(), ledger.Kept)
	}
	admin := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer admin.Close()
	if err := admin.ScriptFlush(t.Context()).Err(); err != nil { // as after a new start of Redis
		t.Fatal(err)
	}
	forget(at.Add(31 * time.Second))
	left := turns()
	if n := len(left); n < 4 || n >= ledger.Kept || bytes() > 1700 {
		t.Fatalf("%d turns in %d bytes of a silent session, want some in 1,700", n, bytes())
	}
	for i, turn := range left {
		want := 40 - len(left) + i
		s, err := r.Look(t.Context(), "web:a", turn.Message, at)
		if err != nil || turn.Message != fmt.Sprint("m", want) || !s.Seen || string(s.Reply) != reply(want) || s.Version != 40 {
			t.Errorf("turn %d is %s: seen %v, version %d, %v", i, turn.Message, s.Seen, s.Version, err)
		}
	}
	for i := range 40 - len(left) { // those whose replies are gone are known, the last Kept of all
		s, err := r.Look(t.Context(), "web:a", fmt.Sprint("m", i), at)
		if known := i >= 40-ledger.Kept; err != nil || s.Seen != known || known && string(s.Reply) != reply(39) {
			t.Errorf("m%d: seen %v with %.10q, %v", i, s.Seen, s.Reply, err)
		}
	}
	other, err := ledger.NewRedis(t.Context(), ledger.RedisOptions{URL: "redis://" + server.Addr()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	commit(40) // goes on where it was
	if s, err := other.Load(t.Context(), "web:a", "m40", at); err != nil || !s.Seen || s.Version != 41 {
		t.Errorf("after it: seen %v, version %d, %v", s.Seen, s.Version, err)
	}
}
