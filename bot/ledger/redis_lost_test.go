package ledger_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/ledger"
	"yilu/bot/storetest"
)

// A reply that is lost once or twice on the way is nobody's trouble: the commit is asked for again and is written once.
func TestRedisLostReply(t *testing.T) {
	t.Parallel()
	r := storetest.RedisFor(t, storetest.RedisOptions{})
	l, p := proxied(t, r)
	other := straight(t, r)
	for i := range 20 {
		message := fmt.Sprint("m", i)
		s, err := l.Load(t.Context(), "web:a", message, start)
		must(t, err)
		before := p.Swallowed()
		p.SwallowReplies(1 + i%2)
		if err := l.Commit(t.Context(), "web:a", step(s, message)); err != nil {
			t.Fatalf("%d replies lost: %v", 1+i%2, err)
		}
		if lost := p.Swallowed() - before; lost != 1+i%2 {
			t.Fatalf("%d replies were lost, want %d", lost, 1+i%2)
		}
		s = look(t, other, "web:a", message)
		sound(t, "web:a", s)
		if !s.Seen || s.Version != int64(i+1) || len(s.Effects) != i+1 {
			t.Fatalf("after %s: seen %v at version %d with %d effects", message, s.Seen, s.Version, len(s.Effects))
		}
	}
}

// When every reply is lost the commit ends as Unavailable, and Load tells what has become of it: it was written, once.
func TestRedisAllRepliesLost(t *testing.T) {
	t.Parallel()
	r := storetest.RedisFor(t, storetest.RedisOptions{})
	l, p := proxied(t, r)
	other := straight(t, r)
	must(t, l.Commit(t.Context(), "web:first", turn(0, "m"))) // Redis knows the script
	for i := range 6 {
		key, message, effects := "web:a", fmt.Sprint("m", i), i/2+1
		if i%2 == 1 {
			key, effects = "web:held", 0 // nothing waits for this one, so that it can be held in memory
		}
		s, err := l.Load(t.Context(), key, message, start)
		must(t, err)
		c := step(s, message)
		c.Effects = c.Effects[:min(1, effects)]
		p.SwallowReplies(1000)
		began := time.Now()
		err = l.Commit(t.Context(), key, c)
		if took := time.Since(began); bot.CodeOf(err) != bot.Unavailable || took > 2*time.Second {
			t.Fatalf("without any reply: %v after %v, want code %s within 2 s", err, took, bot.Unavailable)
		}
		p.SwallowReplies(0)
		loaded, err := patiently(t.Context(), func() (ledger.Snapshot, error) { return l.Load(t.Context(), key, message, start) })
		must(t, err)
		theirs := look(t, other, key, message)
		if !theirs.Seen || theirs.Version != int64(i/2+1) || len(theirs.Effects) != effects {
			t.Fatalf("%s: seen %v at version %d with %d effects, want it written once", message, theirs.Seen, theirs.Version, len(theirs.Effects))
		}
		if loaded.Seen != theirs.Seen || loaded.Version != theirs.Version || loaded.Mark != theirs.Mark {
			t.Fatalf("%s: Load finds version %d, seen %v; it is %d, %v", message, loaded.Version, loaded.Seen, theirs.Version, theirs.Seen)
		}
	}
}

// A commit whose reply was lost, and on which somebody else built before it was asked for again, is not written a second
// time, and does not take the other turn away.
func TestRedisLostReplyAndOvertaken(t *testing.T) {
	t.Parallel()
	r := storetest.RedisFor(t, storetest.RedisOptions{})
	l, p := proxied(t, r)
	other := straight(t, r)
	for i := range 30 {
		key, message := fmt.Sprint("web:", i), "m1"
		p.SwallowReplies(2)
		ended := make(chan error, 1)
		go func() {
			s, err := l.Load(t.Context(), key, message, start)
			if err == nil {
				err = l.Commit(t.Context(), key, step(s, message))
			}
			ended <- err
		}()
		for len(ended) == 0 { // as soon as the first is there
			if s := look(t, other, key, message); s.Seen {
				_ = other.Commit(t.Context(), key, step(s, "m2"))
				break
			}
		}
		err := <-ended
		if code := bot.CodeOf(err); err != nil && code != bot.Conflict && code != bot.Unavailable {
			t.Fatal(err)
		}
		p.SwallowReplies(0)
		s := look(t, l, key, message)
		sound(t, key, s)
		if err == nil && !s.Seen {
			t.Fatalf("%s was acknowledged and is not there", message)
		}
	}
}

// Connections are cut and replies lost at any moment while 64 write: every message is in its session once, with its
// effect, and none that was acknowledged is missing.
func TestRedisLostRepliesUnderTraffic(t *testing.T) {
	// Not parallel: it fills the machine, and others measure time on it.
	const workers, messages, people = 64, 10, 16
	r := storetest.RedisFor(t, storetest.RedisOptions{})
	l, p := proxied(t, r)
	other := straight(t, r)
	done := make(chan struct{})
	var harm sync.WaitGroup
	harm.Go(func() {
		for {
			select {
			case <-done:
				p.SwallowReplies(0)
				return
			case <-time.After(time.Duration(rand.IntN(100)) * time.Millisecond):
			}
			switch rand.IntN(3) {
			case 0:
				p.Cut()
			case 1:
				p.SwallowReplies(1 + rand.IntN(4))
			case 2:
				p.SwallowRepliesTo(2, "eval")
			}
		}
	})
	var tr traffic
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range messages { // four workers speak for each person, one of them through another process
				handle := l
				if w/people == 3 {
					handle = other
				}
				if !tr.say(t, handle, fmt.Sprint("web:", w%people), fmt.Sprintf("w%d-%d", w, i)) {
					return
				}
			}
		})
	}
	wg.Wait()
	close(done)
	harm.Wait()
	if missing := tr.all(t, other); len(missing) > 0 {
		t.Errorf("%d acknowledged messages are missing: %v", len(missing), missing)
	}
	for i := range people {
		s := look(t, other, fmt.Sprint("web:", i), "none")
		if want := workers / people * messages; s.Version != int64(want) || len(s.Effects) != want {
			t.Errorf("person %d: version %d with %d effects, want %d of each: every message once", i, s.Version, len(s.Effects), want)
		}
	}
	t.Logf("%d messages, %d acknowledged at once, failed calls %v, %d replies lost, longest call %v",
		workers*messages, tr.count(), tr.failed, p.Swallowed(), tr.longest)
}
