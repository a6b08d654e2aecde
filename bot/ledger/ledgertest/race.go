package ledgertest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/ledger"
)

const racers = 64

// together runs do in as many goroutines as there are racers, and starts them at once.
func together(do func(i int)) {
	var wg sync.WaitGroup
	gate := make(chan struct{})
	for i := range racers {
		wg.Go(func() {
			<-gate
			do(i)
		})
	}
	close(gate)
	wg.Wait()
}

// raceOnOneKey carries T1 for the store: messages that come at once are turns one after another, each version won by exactly one.
func raceOnOneKey(t *testing.T, l ledger.Ledger) {
	var mu sync.Mutex
	var won []int64
	together(func(i int) {
		message := fmt.Sprint("m", i)
		for {
			s, err := l.Load(t.Context(), "web:a", message, start)
			if err != nil || s.Seen {
				t.Errorf("Load of %s before its commit: seen %v, %v", message, s.Seen, err)
				return
			}
			err = l.Commit(t.Context(), "web:a", turn(s.Version, message, effect(message)))
			if err == nil {
				mu.Lock()
				won = append(won, s.Version+1)
				mu.Unlock()
				return
			}
			if bot.CodeOf(err) != bot.Conflict {
				t.Errorf("Commit of %s: %v", message, err)
				return
			}
		}
	})
	slices.Sort(won)
	for i, v := range won {
		if v != int64(i+1) {
			t.Fatalf("versions won are %v, want 1 to %d, each once", won, racers)
		}
	}
	s := load(t, l, "web:a", "none", start)
	if s.Version != racers || len(won) != racers || len(s.Effects) != racers {
		t.Fatalf("got version %d, %d winners, %d effects, want %d of each", s.Version, len(won), len(s.Effects), racers)
	}
}

// raceOnOneMessage carries T2 for the store: one message delivered many times at once is one turn.
func raceOnOneMessage(t *testing.T, l ledger.Ledger) {
	var wins atomic.Int64
	together(func(i int) {
		c := turn(0, "m1", effect(fmt.Sprint("e", i)))
		c.Turn.Reply = fmt.Append(nil, "reply of ", i)
		switch err := l.Commit(t.Context(), "web:a", c); {
		case err == nil:
			wins.Add(1)
		case bot.CodeOf(err) != bot.Conflict:
			t.Errorf("Commit: %v", err)
		}
	})
	s := load(t, l, "web:a", "m1", start)
	if wins.Load() != 1 || s.Version != 1 || len(s.Effects) != 1 {
		t.Fatalf("got %d winners, version %d, %d effects, want one of each", wins.Load(), s.Version, len(s.Effects))
	}
	seen(t, s, "reply of "+s.Effects[0].ID[1:])
}

func raceOnManyKeys(t *testing.T, l ledger.Ledger) {
	const turns = 12
	together(func(i int) {
		key := fmt.Sprint("web:", i)
		for n := range turns {
			if err := l.Commit(t.Context(), key, turn(int64(n), fmt.Sprint("m", n), effect(fmt.Sprint(i, "/", n)))); err != nil {
				t.Errorf("Commit of turn %d on %s: %v", n, key, err)
				return
			}
			// A stale commit and a repeated message must not harm the neighbours.
			for _, late := range []ledger.Commit{turn(int64(n), fmt.Sprint("stale", n)), turn(int64(n+1), fmt.Sprint("m", n))} {
				if err := l.Commit(t.Context(), key, late); bot.CodeOf(err) != bot.Conflict {
					t.Errorf("late commit on %s: got %v", key, err)
				}
			}
		}
	})
	for i := range racers {
		s := load(t, l, fmt.Sprint("web:", i), "m0", start)
		want(t, s, turns, fmt.Sprint("m", turns-1))
		if len(s.Effects) != turns {
			t.Fatalf("web:%d: got %d effects, want %d", i, len(s.Effects), turns)
		}
	}
	all, err := l.Unsettled(t.Context(), later(time.Hour), racers*turns+1)
	if err != nil || len(all) != racers*turns {
		t.Fatalf("got %d unsettled, %v, want %d", len(all), err, racers*turns)
	}
}

// raceWithCancelling ends contexts while commits are under way: whatever Commit said, the next Load tells the truth,
// and after a nil error the turn is there.
func raceWithCancelling(t *testing.T, l ledger.Ledger) {
	together(func(i int) {
		key := fmt.Sprint("web:", i)
		var version int64
		for n := range 12 {
			ctx, cancel := context.WithCancel(t.Context())
			message := fmt.Sprint("m", n)
			ended := make(chan struct{})
			go func() {
				cancel()
				close(ended)
			}()
			err := l.Commit(ctx, key, turn(version, message, effect(fmt.Sprint(i, "/", n))))
			<-ended
			s, lerr := l.Load(t.Context(), key, message, start)
			switch {
			case lerr != nil:
				t.Errorf("Load: %v", lerr)
				return
			case err == nil && !s.Seen:
				t.Errorf("%s %s was acknowledged and is not there", key, message)
				return
			case s.Seen && s.Version != version+1, !s.Seen && s.Version != version:
				t.Errorf("%s %s: version %d after %d, seen %v: half a commit", key, message, s.Version, version, s.Seen)
				return
			case len(s.Effects) != int(s.Version):
				t.Errorf("%s %s: %d effects at version %d: half a commit", key, message, len(s.Effects), s.Version)
				return
			}
			version = s.Version
		}
	})
}
