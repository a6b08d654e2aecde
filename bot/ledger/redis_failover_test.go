package ledger_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/ledger"
	"yilu/bot/storetest"
)

// The master dies while people write through two processes, and the last that it acknowledged had not come to the
// replica: that is lost, as Redis says; it is counted here. Commits fail until the replica takes over and then go on.
// What a process held of the lost turns is written over nothing: every session is one history, and nothing that was
// acknowledged after the failover is missing.
func TestSentinelFailover(t *testing.T) {
	// Not parallel: it fills the machine, and others measure time on it.
	const people = 16
	s := storetest.SentinelFor(t)
	o := ledger.RedisOptions{URL: s.URL(), Prefix: "t:"}
	handles := []*ledger.Redis{openRedisWith(t, o), openRedisWith(t, o)}
	var tr traffic
	var done atomic.Bool
	var wg sync.WaitGroup
	for w := range 2 * people { // both processes speak for everybody
		wg.Go(func() {
			for i := 0; !done.Load(); i++ {
				if !tr.say(t, handles[w%2], fmt.Sprint("web:", w/2), fmt.Sprintf("w%d-%d", w, i)) {
					return
				}
				<-time.After(10 * time.Millisecond) // the sentinels need the machine, too
			}
		})
	}
	more := func(n int) {
		t.Helper()
		from := tr.count()
		eventually(t, patience, "commits", func() bool { return tr.count() >= from+n })
	}
	more(100)
	back, err := s.CutOffReplica()
	must(t, err)
	more(50)
	master, err := s.KillMaster()
	must(t, err)
	killed := time.Now()
	must(t, back())
	before := tr.count()
	eventually(t, patience, "commits after the master was killed", func() bool { return tr.count() > before+people })
	took := time.Since(killed)
	// The first that was acknowledged after the kill: by the new master, since the old one is no more.
	more(300)
	must(t, master.Start())
	more(200) // the old one comes back as a replica, and its old data are of no account
	must(t, s.WaitForReplica())
	more(50)
	done.Store(true)
	wg.Wait()

	fresh := openRedisWith(t, o)
	missing := tr.all(t, fresh)
	for _, m := range missing {
		if m.at.After(killed) {
			t.Errorf("%s %s was acknowledged %v after the master was killed, and is missing", m.key, m.message, m.at.Sub(killed))
		}
	}
	if len(missing) == 0 {
		t.Error("nothing was lost: the replica had it all, so nothing was checked")
	}
	if took > 15*time.Second {
		t.Errorf("commits went on %v after the master was killed, want within 15 s", took)
	}
	for i := range people { // both processes go on with what is there
		for _, l := range append(handles, fresh) {
			if a, b := look(t, l, fmt.Sprint("web:", i), "none"), look(t, fresh, fmt.Sprint("web:", i), "none"); a.Mark != b.Mark || string(a.State) != string(b.State) {
				t.Errorf("person %d: two processes see two histories", i)
			}
		}
	}
	t.Logf("%d acknowledged, %d of them lost with the master; commits went on after %v; failed calls %v, longest call %v",
		tr.count(), len(missing), took.Round(time.Millisecond), tr.failed, tr.longest.Round(time.Millisecond))
}

// A session that is held with turns that died with the master conflicts, even where the new master has come to the same
// version by other turns.
func TestSentinelFailoverOfHeldSession(t *testing.T) {
	// Not parallel: it fills the machine, and others measure time on it.
	s := storetest.SentinelFor(t)
	o := ledger.RedisOptions{URL: s.URL(), Prefix: "t:"}
	l := openRedisWith(t, o)
	say := func(l ledger.Ledger, key, message string) {
		t.Helper()
		_, err := patiently(t.Context(), func() (bool, error) {
			s, err := l.Load(t.Context(), key, message, start)
			if err == nil && !s.Seen {
				c := step(s, message)
				c.Effects = nil
				err = l.Commit(t.Context(), key, c)
			}
			return true, err
		})
		must(t, err)
	}
	keys := []string{"web:behind", "web:level"}
	for _, key := range keys {
		for i := range 3 {
			say(l, key, fmt.Sprint("m", i))
		}
	}
	master, replica := s.Nodes()[0], s.Nodes()[1]
	must(t, s.WaitForReplica())
	if n, err := master.Do(t.Context(), "WAIT", 1, 5000); err != nil || n != int64(1) {
		t.Fatalf("WAIT: %v, %v", n, err)
	}
	back, err := s.CutOffReplica()
	must(t, err)
	held := map[string]ledger.Snapshot{}
	for _, key := range keys {
		say(l, key, "lost1")
		say(l, key, "lost2")
		snapshot, err := l.Load(t.Context(), key, "new", start)
		must(t, err)
		if !snapshot.Held || snapshot.Version != 5 {
			t.Fatalf("%s: held %v at version %d", key, snapshot.Held, snapshot.Version)
		}
		held[key] = snapshot
	}
	must(t, master.Kill())
	must(t, back())
	eventually(t, patience, "a new master", func() bool {
		now, err := s.Master()
		return err == nil && now == replica
	})
	other := openRedisWith(t, o)
	say(other, "web:level", "n1")
	say(other, "web:level", "n2")
	want := map[string]string{"web:behind": "m0 m1 m2", "web:level": "m0 m1 m2 n1 n2"}
	for key, snapshot := range held {
		_, err := patiently(t.Context(), func() (bool, error) { return true, l.Commit(t.Context(), key, step(snapshot, "new")) })
		if bot.CodeOf(err) != bot.Conflict {
			t.Errorf("%s: a commit on turns that died with the master: %v, want code %s", key, err, bot.Conflict)
		}
		if got := strings.TrimSpace(listed(look(t, other, key, "new"))); got != want[key] {
			t.Errorf("%s: %q, want %q", key, got, want[key])
		}
		say(l, key, "again")
		if got := strings.TrimSpace(listed(look(t, other, key, "again"))); got != want[key]+" again" {
			t.Errorf("%s: %q, want %q and again", key, got, want[key])
		}
	}
}
