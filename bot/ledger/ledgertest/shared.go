package ledgertest

import (
	"bytes"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/ledger"
)

// Shared runs the checks for a store that several processes use: each calls open once, for two handles of one store with
// nothing in it.
func Shared(t *testing.T, open func(t *testing.T) (one, other ledger.Ledger)) {
	for _, check := range []struct {
		name string
		run  func(t *testing.T, one, other ledger.Ledger)
	}{
		{"moved on elsewhere", movedOnElsewhere},
		{"begun elsewhere", begunElsewhere},
		{"effects elsewhere", effectsElsewhere},
		{"settled elsewhere", settledElsewhere},
		{"repeated elsewhere", repeatedElsewhere},
		{"marks", marks},
		{"race of two", raceOfTwo},
		{"race of two on one message", raceOfTwoOnOneMessage},
	} {
		t.Run(check.name, func(t *testing.T) {
			t.Parallel()
			one, other := open(t)
			check.run(t, one, other)
		})
	}
}

// look is Look that must not answer from memory.
func look(t *testing.T, l ledger.Ledger, key, message string) ledger.Snapshot {
	t.Helper()
	s, err := l.Look(t.Context(), key, message, start)
	if err != nil || s.Held {
		t.Fatalf("Look(%q, %q): held %v, %v", key, message, s.Held, err)
	}
	return s
}

// movedOnElsewhere commits through the other handle what the first does not know of. The first may still answer Load
// from memory; a commit on that conflicts and harms nothing, and after it Load knows.
func movedOnElsewhere(t *testing.T, one, other ledger.Ledger) {
	for i := range 3 {
		version := int64(3 * i)
		commit(t, one, "web:a", turn(version, fmt.Sprint("mine", i)))
		loaded := load(t, one, "web:a", "new", start)
		want(t, loaded, version+1, fmt.Sprint("mine", i))
		commit(t, other, "web:a", turn(version+1, fmt.Sprint("theirs", i), effect(fmt.Sprint("e", i))))

		stale := load(t, one, "web:a", "new", start)
		if stale.Version == version+2 {
			want(t, stale, version+2, fmt.Sprint("theirs", i))
		} else if !stale.Held {
			t.Fatalf("Load found version %d and says that it asked; it is %d", stale.Version, version+2)
		} else {
			want(t, stale, version+1, fmt.Sprint("mine", i))
		}
		s := look(t, one, "web:a", fmt.Sprint("theirs", i))
		want(t, s, version+2, fmt.Sprint("theirs", i))
		seen(t, s, fmt.Sprint("reply to theirs", i))

		late := turn(loaded.Version, fmt.Sprint("late", i), effect(fmt.Sprint("late", i)))
		late.Mark = loaded.Mark
		conflict(t, one, "web:a", late)
		s = load(t, one, "web:a", fmt.Sprint("late", i), start)
		want(t, s, version+2, fmt.Sprint("theirs", i))
		unseen(t, s)
		if ids(s.Effects) != fmt.Sprintf("[e%d]", i) {
			t.Fatalf("got effects %s, want [e%d] of the other handle alone", ids(s.Effects), i)
		}
		settle(t, one, "web:a", fmt.Sprint("e", i))
		again := turn(s.Version, fmt.Sprint("again", i))
		again.Mark = s.Mark
		commit(t, one, "web:a", again)
	}
	want(t, look(t, other, "web:a", "none"), 9, "again2")
}

// begunElsewhere is the same where the first handle knows that there is nobody.
func begunElsewhere(t *testing.T, one, other ledger.Ledger) {
	nobody := load(t, one, "web:a", "m1", start)
	absent(t, nobody)
	commit(t, other, "web:a", turn(0, "m1"))
	commit(t, other, "web:a", turn(1, "m2"))
	want(t, look(t, one, "web:a", "none"), 2, "m2")
	c := turn(0, "mine")
	c.Mark = nobody.Mark
	conflict(t, one, "web:a", c)
	want(t, load(t, one, "web:a", "mine", start), 2, "m2")
	if turns, err := one.History(t.Context(), "web:a"); err != nil || len(turns) != 2 {
		t.Fatalf("got %d turns, %v, want the 2 of the other handle", len(turns), err)
	}
}

// effectsElsewhere: who only looks sees what waits, whoever asked for it.
func effectsElsewhere(t *testing.T, one, other ledger.Ledger) {
	commit(t, one, "web:a", turn(0, "m1", effect("e1")))
	commit(t, other, "web:a", turn(1, "m2", effect("e2")))
	commit(t, other, "web:a", turn(2, "m3", effect("e1"), effect("e3")))
	for _, l := range []ledger.Ledger{one, other} {
		if s := look(t, l, "web:a", "none"); ids(s.Effects) != "[e1 e2 e3]" {
			t.Fatalf("got effects %s, want [e1 e2 e3]", ids(s.Effects))
		}
		if got := pending(t, l, later(time.Hour), 10); got != "[web:a/e1 web:a/e2 web:a/e3]" {
			t.Fatalf("got pending %s", got)
		}
	}
}

// settledElsewhere: an effect that another handle settled is no longer shown as one that waits.
func settledElsewhere(t *testing.T, one, other ledger.Ledger) {
	commit(t, one, "web:a", turn(0, "m1", effect("e1"), effect("e2")))
	settle(t, other, "web:a", "e1")
	if s := load(t, one, "web:a", "none", start); ids(s.Effects) != "[e2]" {
		t.Fatalf("Load shows %s, want [e2]: the other was settled", ids(s.Effects))
	}
	settle(t, other, "web:a", "e2")
	for _, l := range []ledger.Ledger{one, other} {
		if s := load(t, l, "web:a", "none", start); len(s.Effects) != 0 {
			t.Fatalf("Load shows %s, want none", ids(s.Effects))
		}
	}
	commit(t, one, "web:a", turn(1, "m2"))
	if got := pending(t, other, later(time.Hour), 10); got != "[]" {
		t.Fatalf("got pending %s, want none", got)
	}
}

// repeatedElsewhere: a message that the other handle has answered is refused here, and its reply found.
func repeatedElsewhere(t *testing.T, one, other ledger.Ledger) {
	commit(t, one, "web:a", turn(0, "m1"))
	known := load(t, one, "web:a", "m2", start)
	commit(t, other, "web:a", turn(1, "m2"))
	for _, version := range []int64{1, 2} { // also for who guesses the version
		c := turn(version, "m2")
		if version == 1 {
			c.Mark = known.Mark
		}
		c.Turn.Reply = []byte("another reply")
		conflict(t, one, "web:a", c)
	}
	seen(t, load(t, one, "web:a", "m2", start), "reply to m2")
}

// marks: a version alone does not make a session. A commit that was decided on another one of the same version, of
// before the person began anew or of somebody else, conflicts. A store that cannot be set back needs no marks.
func marks(t *testing.T, one, other ledger.Ledger) {
	short := turn(0, "m1")
	short.Expires = later(time.Minute)
	commit(t, one, "web:a", short)
	old := load(t, one, "web:a", "m2", start)
	anew := turn(0, "n1")
	anew.Turn.At, anew.Expires = later(time.Minute), later(time.Hour)
	commit(t, other, "web:a", anew)
	commit(t, other, "web:b", turn(0, "m1"))
	if old.Mark == "" {
		if s := look(t, other, "web:a", "m2"); s.Mark != "" {
			t.Fatal("one session has a mark and the next has none")
		}
		return
	}
	now := look(t, other, "web:a", "m2")
	want(t, now, 1, "n1")
	if now.Mark == old.Mark {
		t.Fatal("two sessions have one mark")
	}
	if again := look(t, one, "web:a", "m2"); again.Mark != now.Mark {
		t.Fatal("one session has two marks")
	}
	for _, l := range []ledger.Ledger{one, other} {
		for key, mark := range map[string]string{"web:a": old.Mark, "web:b": now.Mark} {
			c := turn(1, "m2", effect("e"))
			c.Mark = mark
			conflict(t, l, key, c)
		}
	}
	want(t, load(t, one, "web:a", "m2", start), 1, "n1")
	right := turn(1, "m2")
	right.Mark = now.Mark
	commit(t, one, "web:a", right)
	if s := look(t, one, "web:a", "m2"); len(s.Effects) != 0 || s.Mark == now.Mark {
		t.Fatalf("after a commit: effects %s, the mark has changed: %v", ids(s.Effects), s.Mark != now.Mark)
	}
}

// raceOfTwo is raceOnOneKey through two handles; each turn adds its message to the state, so that a turn which was
// decided on anything but the last is seen.
func raceOfTwo(t *testing.T, one, other ledger.Ledger) {
	together(func(i int) {
		l, message := one, fmt.Sprint("m", i)
		if i%2 == 1 {
			l = other
		}
		for {
			s, err := l.Load(t.Context(), "web:a", message, start)
			if err != nil || s.Seen {
				t.Errorf("Load of %s before its commit: seen %v, %v", message, s.Seen, err)
				return
			}
			c := turn(s.Version, message, effect(message))
			c.Mark, c.State = s.Mark, append(slices.Clone(s.State), message+" "...)
			err = l.Commit(t.Context(), "web:a", c)
			if err == nil {
				return
			}
			if bot.CodeOf(err) != bot.Conflict {
				t.Errorf("Commit of %s: %v", message, err)
				return
			}
		}
	})
	for _, l := range []ledger.Ledger{one, other} {
		s := look(t, l, "web:a", "none")
		words := bytes.Fields(s.State)
		slices.SortFunc(words, bytes.Compare)
		if distinct := len(slices.CompactFunc(words, bytes.Equal)); s.Version != racers || len(s.Effects) != racers || distinct != racers {
			t.Fatalf("got version %d, %d effects, %d turns in the state, want %d of each", s.Version, len(s.Effects), distinct, racers)
		}
	}
}

// raceOfTwoOnOneMessage delivers one message to both at once, on a session that both hold.
func raceOfTwoOnOneMessage(t *testing.T, one, other ledger.Ledger) {
	commit(t, one, "web:a", turn(0, "m0"))
	for round := range int64(10) {
		handles := []ledger.Ledger{one, other}
		for _, l := range handles {
			load(t, l, "web:a", "none", start)
		}
		var mu sync.Mutex
		var won []string
		together(func(i int) {
			c := turn(round+1, fmt.Sprint("n", round))
			c.Turn.Reply = fmt.Append(nil, "reply of ", i)
			switch err := handles[i%2].Commit(t.Context(), "web:a", c); {
			case err == nil:
				mu.Lock()
				won = append(won, fmt.Sprint("reply of ", i))
				mu.Unlock()
			case bot.CodeOf(err) != bot.Conflict:
				t.Errorf("Commit: %v", err)
			}
		})
		if len(won) != 1 {
			t.Fatalf("%d won, want one", len(won))
		}
		for _, l := range handles {
			s := look(t, l, "web:a", fmt.Sprint("n", round))
			seen(t, s, won[0])
			if s.Version != round+2 {
				t.Fatalf("got version %d, want %d", s.Version, round+2)
			}
		}
	}
}
