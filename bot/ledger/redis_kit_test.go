package ledger_test

import (
	"context"
	"crypto/rand"
	"strings"
	"sync"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/ledger"
	"yilu/bot/storetest"
)

// openRedis opens a ledger on keys of its own, which waits as long as a busy machine takes.
func openRedis(t *testing.T, url string) *ledger.Redis {
	t.Helper()
	return openRedisWith(t, ledger.RedisOptions{URL: url, Prefix: rand.Text() + ":", AnswerIn: patience})
}

func openRedisWith(t *testing.T, o ledger.RedisOptions) *ledger.Redis {
	t.Helper()
	l, err := ledger.NewRedis(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// proxied is a ledger that reaches the server through a proxy.
func proxied(t *testing.T, r *storetest.Redis) (*ledger.Redis, *storetest.Proxy) {
	t.Helper()
	p := storetest.ProxyFor(t, r.Addr())
	return openRedisWith(t, ledger.RedisOptions{URL: "redis://" + p.Addr(), Prefix: "t:"}), p
}

// straight is another process's ledger on the same keys, without a proxy.
func straight(t *testing.T, r *storetest.Redis) *ledger.Redis {
	t.Helper()
	return openRedisWith(t, ledger.RedisOptions{URL: r.URL(), Prefix: "t:"})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// look is Look with a deadline of its own, which goes on asking while the store does not answer.
func look(t *testing.T, l ledger.Ledger, key, message string) ledger.Snapshot {
	t.Helper()
	s, err := patiently(t.Context(), func() (ledger.Snapshot, error) { return l.Look(t.Context(), key, message, start) })
	if err != nil {
		t.Fatalf("Look(%q, %q): %v", key, message, err)
	}
	return s
}

// patience is how long a store may be away before a test gives it up.
const patience = 30 * time.Second

// patiently asks again while the answer is Unavailable.
func patiently[T any](ctx context.Context, do func() (T, error)) (T, error) {
	end := time.After(patience)
	for {
		v, err := do()
		if bot.CodeOf(err) != bot.Unavailable {
			return v, err
		}
		select {
		case <-end:
			return v, err
		case <-ctx.Done():
			return v, err
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// step is a commit on a snapshot; its state lists all messages, so that what a turn was decided on is seen in the end.
func step(s ledger.Snapshot, message string) ledger.Commit {
	c := turn(s.Version, message, entry("e-"+message))
	c.Mark, c.State = s.Mark, append([]byte(listed(s)), message+" "...)
	return c
}

// listed is the list in a state that step made.
func listed(s ledger.Snapshot) string { return string(s.State) }

// sound complains of a session whose list is not what its version says, or names a message twice.
func sound(t *testing.T, key string, s ledger.Snapshot) {
	t.Helper()
	messages := strings.Fields(listed(s))
	seen := map[string]bool{}
	for _, m := range messages {
		if seen[m] {
			t.Errorf("%s: %s is in the state twice", key, m)
		}
		seen[m] = true
	}
	if len(messages) != int(s.Version) {
		t.Errorf("%s: version %d, and %d messages in the state: histories were mixed", key, s.Version, len(messages))
	}
	waits := map[string]bool{}
	for _, e := range s.Effects {
		if waits[e.ID] {
			t.Errorf("%s: the effect %s waits twice", key, e.ID)
		}
		waits[e.ID] = true
	}
	for m := range seen {
		if !waits["e-"+m] {
			t.Errorf("%s: %s was kept without its effect", key, m)
		}
	}
}

// acked is one nil that a Commit returned.
type acked struct {
	key, message string
	at           time.Time
}

// traffic is workers that write as people do: each message again until it is known to be kept.
type traffic struct {
	mu      sync.Mutex
	acked   []acked
	failed  map[bot.Code]int
	longest time.Duration // that one call took
}

// say brings one message to the ledger as the engine does: load, decide, commit, and again after a conflict or an
// outage. It returns once the message is known to be kept.
func (tr *traffic) say(t *testing.T, l ledger.Ledger, key, message string) bool {
	t.Helper()
	end := time.After(patience)
	for {
		began := time.Now()
		s, err := l.Load(t.Context(), key, message, start)
		if err == nil && s.Seen {
			return true // an earlier try was kept after all
		}
		if err == nil {
			if s.Version != int64(len(strings.Fields(listed(s)))) {
				t.Errorf("%s: loaded version %d with %q", key, s.Version, listed(s))
				return false
			}
			tr.took(time.Since(began))
			began = time.Now()
			err = l.Commit(t.Context(), key, step(s, message))
		}
		tr.took(time.Since(began))
		if err == nil {
			tr.mu.Lock()
			tr.acked = append(tr.acked, acked{key, message, time.Now()})
			tr.mu.Unlock()
			return true
		}
		tr.mu.Lock()
		if tr.failed == nil {
			tr.failed = map[bot.Code]int{}
		}
		code := bot.CodeOf(err)
		tr.failed[code]++
		tr.mu.Unlock()
		if code != bot.Unavailable && code != bot.Conflict {
			t.Errorf("%s %s: %v", key, message, err)
			return false
		}
		select {
		case <-end:
			t.Errorf("%s %s: not within %v: %v", key, message, patience, err)
			return false
		case <-t.Context().Done():
			return false
		case <-time.After(time.Millisecond):
		}
	}
}

func (tr *traffic) took(d time.Duration) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.longest = max(tr.longest, d)
}

// faults is how many calls ended with the code so far.
func (tr *traffic) faults(code bot.Code) int {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return tr.failed[code]
}

// count is how many were acknowledged up to now.
func (tr *traffic) count() int {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return len(tr.acked)
}

// all checks each key against what was acknowledged, and returns what is missing.
func (tr *traffic) all(t *testing.T, l ledger.Ledger) (missing []acked) {
	t.Helper()
	found := map[string]map[string]bool{}
	for _, a := range tr.acked {
		if found[a.key] == nil {
			s := look(t, l, a.key, a.message)
			sound(t, a.key, s)
			found[a.key] = map[string]bool{}
			for _, m := range strings.Fields(listed(s)) {
				found[a.key][m] = true
			}
		}
		if !found[a.key][a.message] {
			missing = append(missing, a)
		}
	}
	return missing
}

// eventually waits for a condition.
func eventually(t *testing.T, within time.Duration, what string, ok func() bool) {
	t.Helper()
	end := time.After(within)
	for !ok() {
		select {
		case <-end:
			t.Fatalf("%s: not within %v", what, within)
		case <-time.After(2 * time.Millisecond):
		}
	}
}
