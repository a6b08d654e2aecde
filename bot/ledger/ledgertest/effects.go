package ledgertest

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/ledger"
)

func effects(t *testing.T, l ledger.Ledger) {
	asked := []bot.Entry{effect("z"), effect("a"), effect("m")}
	commit(t, l, "web:a", turn(0, "m1", asked...))
	commit(t, l, "web:a", turn(1, "m2"))
	commit(t, l, "web:a", turn(2, "m3", effect("b")))
	s := load(t, l, "web:a", "m3", start)
	if ids(s.Effects) != "[z a m b]" {
		t.Fatalf("got effects %s, want [z a m b]", ids(s.Effects))
	}
	for i, e := range asked {
		got := s.Effects[i]
		if got.Kind != e.Kind || got.From != e.From || got.Lang != e.Lang || !got.At.Equal(e.At) || !bytes.Equal(got.Data, e.Data) {
			t.Errorf("effect %s came back changed", e.ID)
		}
	}
	settle(t, l, "web:a", "a", "nobody", "z")
	if s := load(t, l, "web:a", "m3", start); ids(s.Effects) != "[m b]" {
		t.Fatalf("after settling a and z: got %s, want [m b]", ids(s.Effects))
	}
	settle(t, l, "web:a", "a")
	settle(t, l, "web:a")
	settle(t, l, "web:nobody", "m")
	settle(t, l, "web:a", "m", "b")
	s = load(t, l, "web:a", "m3", start)
	want(t, s, 3, "m3")
	if len(s.Effects) != 0 {
		t.Fatalf("after settling all: got %s", ids(s.Effects))
	}
}

func settle(t *testing.T, l ledger.Ledger, key string, ids ...string) {
	t.Helper()
	if err := l.Settle(t.Context(), key, ids); err != nil {
		t.Fatalf("Settle(%q, %q): %v", key, ids, err)
	}
}

func effectTwice(t *testing.T, l ledger.Ledger) {
	commit(t, l, "web:a", turn(0, "m1", effect("e1"), effect("e2")))
	other := effect("e1")
	other.Kind, other.Data = "ask_staff", []byte(`{}`)
	commit(t, l, "web:a", turn(1, "m2", other, effect("e3"), effect("e3")))
	s := load(t, l, "web:a", "m2", start)
	if ids(s.Effects) != "[e1 e2 e3]" || s.Effects[0].Kind != "save_worker" {
		t.Fatalf("got effects %s, the first a %s, want [e1 e2 e3] with e1 as it was", ids(s.Effects), s.Effects[0].Kind)
	}
}

func effectsOfOthers(t *testing.T, l ledger.Ledger) {
	commit(t, l, "web:a", turn(0, "m1", effect("a1")))
	commit(t, l, "web:b", turn(0, "m1", effect("b1")))
	settle(t, l, "web:b", "a1")
	if s := load(t, l, "web:a", "m1", start); ids(s.Effects) != "[a1]" {
		t.Fatalf("got %s, want [a1]: it is not b's to settle", ids(s.Effects))
	}
}

func unsettled(t *testing.T, l ledger.Ledger) {
	// The key of each turn, the oldest first; every turn asks for two effects.
	for i, key := range []string{"web:b", "web:a", "web:b", "web:c", "web:a"} {
		s := load(t, l, key, fmt.Sprint("m", i), start)
		c := turn(s.Version, fmt.Sprint("m", i), effect(fmt.Sprint(i, "z")), effect(fmt.Sprint(i, "a")))
		c.Turn.At = later(time.Duration(i) * time.Second)
		commit(t, l, key, c)
	}
	for _, look := range []struct {
		before time.Time
		limit  int
		want   string
	}{
		{start, 100, "[]"},
		{later(time.Millisecond), 100, "[web:b/0z web:b/0a]"},
		{later(2 * time.Second), 100, "[web:b/0z web:b/0a web:a/1z web:a/1a]"},
		{later(time.Hour), 100, "[web:b/0z web:b/0a web:a/1z web:a/1a web:b/2z web:b/2a web:c/3z web:c/3a web:a/4z web:a/4a]"},
		{later(time.Hour), 3, "[web:b/0z web:b/0a web:a/1z]"},
		{later(time.Hour), 0, "[]"},
	} {
		if got := pending(t, l, look.before, look.limit); got != look.want {
			t.Errorf("unsettled before %v, at most %d: got %s, want %s", look.before.Sub(start), look.limit, got, look.want)
		}
	}
	settle(t, l, "web:b", "0a", "2z")
	settle(t, l, "web:a", "1z", "1a", "4z", "4a")
	if got := pending(t, l, later(time.Hour), 100); got != "[web:b/0z web:b/2a web:c/3z web:c/3a]" {
		t.Errorf("after settling: got %s", got)
	}
}

// unsettledAhead: what was committed while the clock was fast waits no longer than anything else.
func unsettledAhead(t *testing.T, l ledger.Ledger) {
	for key, at := range map[string]time.Time{"web:a": later(6 * time.Hour), "web:b": later(ledger.Ahead), "web:c": later(ledger.Ahead - time.Second), "web:d": later(-time.Second)} {
		c := turn(0, "m1", effect("e"+key[4:]))
		c.Turn.At, c.Expires = at, at.Add(24*time.Hour)
		commit(t, l, key, c)
	}
	got := pending(t, l, start, 100)
	for _, want := range []string{"web:a/ea", "web:b/eb", "web:d/ed"} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s, want %s among them", got, want)
		}
	}
	if strings.Contains(got, "web:c/ec") {
		t.Errorf("got %s, and web:c is a turn of this minute", got)
	}
}

func pending(t *testing.T, l ledger.Ledger, before time.Time, limit int) string {
	t.Helper()
	all, err := l.Unsettled(t.Context(), before, limit)
	if err != nil {
		t.Fatalf("Unsettled: %v", err)
	}
	names := make([]string, len(all))
	for i, p := range all {
		names[i] = p.Key + "/" + p.Entry.ID
	}
	return fmt.Sprint(names)
}

func forget(t *testing.T, l ledger.Ledger) {
	for i := range 5 {
		c := turn(0, "m1")
		c.Expires = later(time.Duration(i) * time.Minute)
		if i == 1 {
			c.Effects = []bot.Entry{effect("e1")}
		}
		commit(t, l, fmt.Sprint("web:", i), c)
	}
	drop := func(now time.Time, limit, want int) {
		t.Helper()
		if n, err := l.Forget(t.Context(), now, limit); err != nil || n != want {
			t.Fatalf("Forget: got %d, %v, want %d", n, err, want)
		}
	}
	drop(start.Add(-time.Millisecond), 100, 0)
	drop(later(3*time.Minute), 0, 0)
	n, err := l.Forget(t.Context(), later(3*time.Minute), 2) // of 0, 2 and 3; 1 has an effect
	if err != nil || n != 0 && n != 2 {
		t.Fatalf("Forget: got %d, %v, want 2, or 0 of a store that forgets by itself", n, err)
	}
	if n == 0 {
		for i := range 4 {
			absent(t, load(t, l, fmt.Sprint("web:", i), "m9", later(3*time.Minute)))
		}
		if s := load(t, l, "web:1", "m1", later(3*time.Minute)); ids(s.Effects) != "[e1]" {
			t.Fatalf("got effects %s, want [e1] kept", ids(s.Effects))
		}
		want(t, load(t, l, "web:4", "m1", later(3*time.Minute)), 1, "m1")
		return
	}
	drop(later(3*time.Minute), 2, 1)
	drop(later(3*time.Minute), 2, 0)
	if s := load(t, l, "web:1", "m1", start); ids(s.Effects) != "[e1]" {
		t.Fatalf("got effects %s, want [e1] kept", ids(s.Effects))
	}
	settle(t, l, "web:1", "e1")
	drop(later(3*time.Minute), 100, 1)
	for i := range 4 {
		s := load(t, l, fmt.Sprint("web:", i), "m1", start)
		absent(t, s)
		unseen(t, s)
		if turns, err := l.History(t.Context(), fmt.Sprint("web:", i)); err != nil || len(turns) != 0 {
			t.Fatalf("web:%d: got %d turns, %v, want none", i, len(turns), err)
		}
	}
	want(t, load(t, l, "web:4", "m1", start), 1, "m1")
	commit(t, l, "web:0", turn(0, "m1")) // a person who comes back begins anew
}
