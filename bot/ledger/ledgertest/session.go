package ledgertest

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/ledger"
)

func firstTurn(t *testing.T, l ledger.Ledger) {
	s := load(t, l, "web:a", "m1", start)
	absent(t, s)
	unseen(t, s)
	commit(t, l, "web:a", turn(0, "m1"))
	s = load(t, l, "web:a", "m1", start)
	want(t, s, 1, "m1")
	seen(t, s, "reply to m1")
	commit(t, l, "web:a", turn(1, "m2"))
	s = load(t, l, "web:a", "m3", start)
	want(t, s, 2, "m2")
	unseen(t, s)
	absent(t, load(t, l, "web:b", "m1", start))
}

// lookAlone: Look finds what Load finds, and a commit may be decided on either.
func lookAlone(t *testing.T, l ledger.Ledger) {
	if _, err := l.Look(t.Context(), "", "m1", start); bot.CodeOf(err) != bot.Invalid {
		t.Fatalf("Look without key: got %v, want code %s", err, bot.Invalid)
	}
	if _, err := l.Look(t.Context(), "web:a", "", start); bot.CodeOf(err) != bot.Invalid {
		t.Fatalf("Look without message: got %v, want code %s", err, bot.Invalid)
	}
	absent(t, look(t, l, "web:a", "m1"))
	for i := range 4 {
		message := fmt.Sprint("m", i)
		find := load
		if i%2 == 1 {
			find = func(t *testing.T, l ledger.Ledger, key, message string, _ time.Time) ledger.Snapshot {
				return look(t, l, key, message)
			}
		}
		s := find(t, l, "web:a", message, start)
		unseen(t, s)
		c := turn(s.Version, message, effect(fmt.Sprint("e", i)))
		c.Mark = s.Mark
		commit(t, l, "web:a", c)
		s, held := look(t, l, "web:a", message), load(t, l, "web:a", message, start)
		want(t, s, int64(i+1), message)
		seen(t, s, "reply to "+message)
		want(t, held, s.Version, message)
		seen(t, held, "reply to "+message)
		if s.Mark != held.Mark || ids(s.Effects) != ids(held.Effects) || len(s.Effects) != i+1 {
			t.Fatalf("Look and Load differ: effects %s and %s", ids(s.Effects), ids(held.Effects))
		}
	}
	past, err := l.Look(t.Context(), "web:a", "none", later(time.Hour))
	if err != nil || past.Version != 0 || past.State != nil {
		t.Fatalf("past its time: got version %d, %v, want none", past.Version, err)
	}
}

func staleVersion(t *testing.T, l ledger.Ledger) {
	conflict(t, l, "web:a", turn(1, "m1")) // there is nothing at version 1 yet
	commit(t, l, "web:a", turn(0, "m1"))
	commit(t, l, "web:a", turn(1, "m2"))
	for _, expect := range []int64{0, 1, 3, -1} {
		conflict(t, l, "web:a", turn(expect, "late", effect("late")))
	}
	s := load(t, l, "web:a", "late", start)
	want(t, s, 2, "m2")
	unseen(t, s)
	if len(s.Effects) != 0 {
		t.Fatalf("a commit that failed left effects %s", ids(s.Effects))
	}
	commit(t, l, "web:a", turn(2, "late"))
}

func repeatedMessage(t *testing.T, l ledger.Ledger) {
	first := turn(0, "m1")
	first.Turn.Reply = []byte{0, 0xff, 'r', 0xc3, '\n', 0}
	commit(t, l, "web:a", first)
	commit(t, l, "web:a", turn(1, "m2"))
	again := turn(2, "m1", effect("e1"))
	again.Turn.Reply = []byte("another reply")
	conflict(t, l, "web:a", again)
	s := load(t, l, "web:a", "m1", start)
	want(t, s, 2, "m2")
	seen(t, s, string(first.Turn.Reply))
	if len(s.Effects) != 0 {
		t.Fatalf("a commit that failed left effects %s", ids(s.Effects))
	}
	commit(t, l, "web:b", turn(0, "m1")) // the id is another person's message there
}

func emptyNames(t *testing.T, l ledger.Ledger) {
	ctx := t.Context()
	for what, err := range map[string]error{
		"load without key":       second(l.Load(ctx, "", "m", start)),
		"load without message":   second(l.Load(ctx, "web:a", "", start)),
		"commit without key":     l.Commit(ctx, "", turn(0, "m")),
		"commit without message": l.Commit(ctx, "web:a", turn(0, "")),
		"settle without key":     l.Settle(ctx, "", []string{"e"}),
		"history without key":    second(l.History(ctx, "")),
	} {
		if bot.CodeOf(err) != bot.Invalid {
			t.Errorf("%s: got %v, want code %s", what, err, bot.Invalid)
		}
	}
	absent(t, load(t, l, "web:a", "m", start))
}

func second[T any](_ T, err error) error { return err }

func oddBytes(t *testing.T, l ledger.Ledger) {
	odd := []string{
		"web:\x00", "web:\x00\x00", "web:\xff\xfe", "web:{tag}", "web:%s*?[a]", "web:'; DROP TABLE session; --", " web: ",
		"web:A", "web:a", "web:\u00e9", "web:e\u0301", "web:\u9e6d", "web:\u202e", "\n", "|", ":", string(bytes.Repeat([]byte("k"), 2000)),
	}
	for i, key := range odd {
		c := turn(0, "m"+key, effect("e"+key))
		c.State = []byte(fmt.Sprintf("%d\x00\xff\xc3%s", i, key))
		c.Turn.Said = "said\x00\xff" + key
		c.Turn.Reply = []byte("reply\x00\xff" + key)
		commit(t, l, key, c)
	}
	for i, key := range odd {
		s := load(t, l, key, "m"+key, start)
		if s.Version != 1 || string(s.State) != fmt.Sprintf("%d\x00\xff\xc3%s", i, key) {
			t.Errorf("key %q: got version %d and state %q", key, s.Version, s.State)
		}
		seen(t, s, "reply\x00\xff"+key)
		if len(s.Effects) != 1 || s.Effects[0].ID != "e"+key {
			t.Errorf("key %q: got effects %s", key, ids(s.Effects))
		}
		turns, err := l.History(t.Context(), key)
		if err != nil || len(turns) != 1 || turns[0].Said != "said\x00\xff"+key || turns[0].Message != "m"+key {
			t.Errorf("key %q: got history %q, %v", key, turns, err)
		}
	}
}

func largeState(t *testing.T, l ledger.Ledger) {
	big := make([]byte, 100_000)
	for i := range big {
		big[i] = byte(i * 7)
	}
	c := turn(0, "m1")
	c.State, c.Turn.Reply = big, big
	commit(t, l, "web:a", c)
	s := load(t, l, "web:a", "m1", start)
	if !bytes.Equal(s.State, big) || !bytes.Equal(s.Reply, big) {
		t.Fatalf("got %d bytes of state and %d of reply, or other ones, want the same 100,000", len(s.State), len(s.Reply))
	}
	commit(t, l, "web:a", turn(1, "m2"))
	want(t, load(t, l, "web:a", "m3", start), 2, "m2")
}

func noBytes(t *testing.T, l ledger.Ledger) {
	c := turn(0, "m1")
	c.State, c.Turn.Said, c.Turn.Reply = nil, "", nil
	commit(t, l, "web:a", c)
	s := load(t, l, "web:a", "m1", start)
	if s.Version != 1 || len(s.State) != 0 || !s.Seen || len(s.Reply) != 0 {
		t.Fatalf("got %+v, want version 1 and the message seen, with no bytes", s)
	}
}

func cancelled(t *testing.T, l ledger.Ledger) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Commit(ctx, "web:a", turn(0, "m1", effect("e1"))); err == nil {
		t.Fatal("Commit under a context that has ended: got no error")
	}
	s := load(t, l, "web:a", "m1", start)
	absent(t, s)
	unseen(t, s)
	if len(s.Effects) != 0 {
		t.Fatalf("a commit that failed left effects %s", ids(s.Effects))
	}
	if _, err := l.Load(ctx, "web:a", "m1", start); bot.CodeOf(err) != bot.Unavailable {
		t.Fatalf("Load under a context that has ended: got %v, want code %s", err, bot.Unavailable)
	}
}

func expiry(t *testing.T, l ledger.Ledger) {
	c := turn(0, "m1", effect("e1"))
	c.Expires = later(time.Minute)
	commit(t, l, "web:a", c)
	want(t, load(t, l, "web:a", "m9", later(time.Minute-time.Millisecond)), 1, "m1")
	for _, now := range []time.Time{later(time.Minute), later(time.Hour)} {
		s := load(t, l, "web:a", "m9", now)
		absent(t, s)
		if ids(s.Effects) != "[e1]" {
			t.Fatalf("an expired session has effects %s, want its unsettled [e1]", ids(s.Effects))
		}
	}
	fresh := turn(0, "m2")
	fresh.Turn.At, fresh.Expires = later(time.Hour), later(2*time.Hour)
	commit(t, l, "web:a", fresh)
	s := load(t, l, "web:a", "m2", later(time.Hour))
	want(t, s, 1, "m2")
	if ids(s.Effects) != "[e1]" {
		t.Fatalf("the session that began again has effects %s, want [e1]", ids(s.Effects))
	}
	turns, err := l.History(t.Context(), "web:a")
	if err != nil || len(turns) == 0 || turns[len(turns)-1].Message != "m2" {
		t.Fatalf("got history %v, %v, want m2 as its last", turns, err)
	}
}

func expiredMeanwhile(t *testing.T, l ledger.Ledger) {
	c := turn(0, "m1")
	c.Expires = later(time.Minute)
	commit(t, l, "web:a", c)
	late := turn(1, "m2")
	late.Turn.At, late.Expires = later(time.Minute), later(time.Hour)
	conflict(t, l, "web:a", late)
	late.Expect = 0
	commit(t, l, "web:a", late)
}

func repeatedAfterExpiry(t *testing.T, l ledger.Ledger) {
	c := turn(0, "m1")
	c.Expires = later(time.Minute)
	commit(t, l, "web:a", c)
	s := load(t, l, "web:a", "m1", later(time.Hour))
	absent(t, s)
	if !s.Seen {
		return // a store may forget an expired session at once
	}
	seen(t, s, "reply to m1")
	again := turn(0, "m1")
	again.Turn.At, again.Expires = later(time.Hour), later(2*time.Hour)
	conflict(t, l, "web:a", again)
}

func history(t *testing.T, l ledger.Ledger) {
	const turns = ledger.Kept + 12
	for i := range turns {
		c := turn(int64(i), fmt.Sprintf("m%d", i))
		c.Turn.At = later(time.Duration(i) * time.Second)
		commit(t, l, "web:a", c)
		if got, err := l.History(t.Context(), "web:a"); err != nil || len(got) != min(i+1, ledger.Kept) {
			t.Fatalf("after %d turns: got %d, %v, want no more than %d", i+1, len(got), err, ledger.Kept)
		}
	}
	commit(t, l, "web:b", turn(0, "other"))
	got, err := l.History(t.Context(), "web:a")
	if err != nil || len(got) != ledger.Kept {
		t.Fatalf("got %d turns, %v, want the last %d", len(got), err, ledger.Kept)
	}
	for i, one := range got {
		n := turns - ledger.Kept + i
		message := fmt.Sprintf("m%d", n)
		if one.Message != message || one.Said != "said in "+message || string(one.Reply) != "reply to "+message || !one.At.Equal(later(time.Duration(n)*time.Second)) {
			t.Fatalf("turn %d: got %q at %v, want %s with its own words", i, one.Message, one.At, message)
		}
	}
	oldest := turns - ledger.Kept
	seen(t, load(t, l, "web:a", fmt.Sprintf("m%d", oldest), start), fmt.Sprintf("reply to m%d", oldest))
	unseen(t, load(t, l, "web:a", fmt.Sprintf("m%d", oldest-1), start))
	if got, err := l.History(t.Context(), "web:nobody"); err != nil || len(got) != 0 {
		t.Fatalf("got %v, %v for nobody, want nothing", got, err)
	}
}
