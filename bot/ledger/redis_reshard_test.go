package ledger_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/ledger"
	"yilu/bot/storetest"
)

// Slots move from node to node, key by key, while people write. Nothing reaches the caller but Unavailable, nothing is
// lost and nothing written twice.
func TestClusterReshard(t *testing.T) {
	// Not parallel: it fills the machine, and others measure time on it.
	const people = 32
	c := storetest.ClusterFor(t)
	o := ledger.RedisOptions{URL: c.URL(), Prefix: "t:"}
	l := openRedisWith(t, o)
	var tr traffic
	var done atomic.Bool
	var wg sync.WaitGroup
	for w := range people {
		wg.Go(func() {
			key := fmt.Sprint("web:", w)
			for i := 0; !done.Load(); i++ {
				if !tr.say(t, l, key, fmt.Sprintf("w%d-%d", w, i)) {
					return
				}
				<-time.After(40 * time.Millisecond) // people need longer; sessions that grow and grow are not what is tested
				if w == 0 && i%16 == 15 {           // what the others ask for is asked under way, too
					if err := l.Settle(t.Context(), key, []string{"nobody's"}); err != nil && bot.CodeOf(err) != bot.Unavailable {
						t.Errorf("Settle: %v", err)
					}
					if _, err := l.Unsettled(t.Context(), start.Add(time.Hour), 10); err != nil && bot.CodeOf(err) != bot.Unavailable {
						t.Errorf("Unsettled: %v", err)
					}
				}
			}
		})
	}
	from := tr.count()
	eventually(t, patience, "commits", func() bool { return tr.count() > from+people })
	var slots []int // where the sessions are
	for _, n := range c.Nodes() {
		keys, err := n.Do(t.Context(), "KEYS", "t:*")
		must(t, err)
		for _, key := range keys.([]any) {
			if slot := storetest.Slot(key.(string)); !slices.Contains(slots, slot) {
				slots = append(slots, slot)
			}
		}
	}
	began := time.Now()
	rounds := 0
	for ; rounds < 2; rounds++ {
		if err := c.Reshard(slots...); err != nil {
			t.Error(err)
			break
		}
	}
	took := time.Since(began)
	under := tr.count() - from
	eventually(t, patience, "commits", func() bool { return tr.count() > from+under+people })
	done.Store(true)
	wg.Wait()
	fresh := openRedisWith(t, o)
	if missing := tr.all(t, fresh); len(missing) > 0 {
		t.Errorf("%d acknowledged messages are missing: %v", len(missing), missing)
	}
	if n := tr.failed[bot.Conflict]; n > 0 {
		t.Errorf("%d conflicts, and nobody but one writes each session", n)
	}
	pending, err := fresh.Unsettled(t.Context(), start.Add(time.Hour), 1<<20)
	if err != nil || len(pending) < tr.count() {
		t.Errorf("%d effects wait, %v, want all of %d", len(pending), err, tr.count())
	}
	t.Logf("%d slots moved %d times in %v, %d commits meanwhile; failed calls %v, longest call %v",
		len(slots), rounds, took.Round(time.Millisecond), under, tr.failed, tr.longest.Round(time.Millisecond))
}

// A node that does not answer holds up the people of its own slots. The others go on.
func TestClusterNodePaused(t *testing.T) {
	// Not parallel: it fills the machine, and others measure time on it.
	const people = 48
	c := storetest.ClusterFor(t)
	l := openRedisWith(t, ledger.RedisOptions{URL: c.URL(), Prefix: "t:"})
	on := map[int][]string{} // by the number of keys that the nodes have before and after a commit
	size := func(n *storetest.Redis) int64 {
		v, err := n.Do(t.Context(), "DBSIZE")
		must(t, err)
		return v.(int64)
	}
	for i := range people {
		key := fmt.Sprint("web:", i)
		var before []int64
		for _, n := range c.Nodes() {
			before = append(before, size(n))
		}
		must(t, l.Commit(t.Context(), key, turn(0, "m0")))
		for at, n := range c.Nodes() {
			if size(n) > before[at] {
				on[at] = append(on[at], key)
			}
		}
	}
	for _, at := range []int{0, 1} {
		must(t, l.Commit(t.Context(), on[at][0], turn(1, "waits", entry(fmt.Sprint("e", at)))))
		on[at] = on[at][1:]
	}
	must(t, c.Nodes()[0].Pause())
	if waiting, err := l.Unsettled(t.Context(), start.Add(time.Hour), 10); err != nil || len(waiting) != 1 || waiting[0].Entry.ID != "e1" {
		t.Errorf("while a node does not answer, what waits on the others: %v, %v", waiting, err)
	}
	var wg sync.WaitGroup
	var good, bad atomic.Int64
	var slowest atomic.Int64
	for at, keys := range on {
		for _, key := range keys {
			wg.Go(func() {
				for n := range 4 {
					began := time.Now()
					err := l.Commit(t.Context(), key, turn(int64(n+1), fmt.Sprint("m", n+1)))
					took := time.Since(began)
					if took > 2*time.Second {
						t.Errorf("node %d: %v after %v", at, err, took)
					}
					if at == 0 {
						if err == nil || bot.CodeOf(err) != bot.Unavailable {
							t.Errorf("on the node that does not answer: %v", err)
						}
						return
					}
					slowest.Store(max(slowest.Load(), int64(took)))
					if err != nil {
						bad.Add(1)
						return
					}
					good.Add(1)
				}
			})
		}
	}
	wg.Wait()
	must(t, c.Nodes()[0].Resume())
	t.Logf("keys on the nodes: %d, %d, %d; on the others %d commits good, %d bad, the slowest took %v",
		len(on[0]), len(on[1]), len(on[2]), good.Load(), bad.Load(), time.Duration(slowest.Load()).Round(time.Millisecond))
	if bad.Load() > 0 {
		t.Errorf("%d commits failed on nodes that answer", bad.Load())
	}
}
