package main_test

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
)

var (
	killSeed  = flag.Uint64("kill-seed", 1, "where TestKilledServer kills")
	killTimes = flag.Int("kills", 10, "how often TestKilledServer kills")
)

// The people of TestKilledServer, all writing at once, and how often each of them goes on.
const crowd = 8

// TestKilledServer carries T3 for the real command over HTTP: several people register and apply at once, and the server
// is killed with kill -9 again and again, each time after a number of answers out of the seed, while other messages are
// in flight. Whoever got no answer sends the same message again. In the end everybody was asked everything in the same
// order as without a kill, every message that is delivered again gets the bytes that were given the first time, and
// every worker and application is in the records once.
func TestKilledServer(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	calm := serve(t, data)
	want := make([]string, len(script))
	first := newPerson(t, calm.url)
	for i, l := range script {
		body, err := first.send(calm.url, fmt.Sprintf("calm-message-%02d", i), l)
		if err != nil {
			calm.hung(err)
			t.Fatal(err)
		}
		want[i] = question(t, body)
	}
	people := make([]*person, crowd)
	for p := range people {
		people[p] = newPerson(t, calm.url)
	}
	calm.stop()

	random := rand.New(rand.NewPCG(*killSeed, 0))
	answers := make([][][]byte, crowd)
	killed := 0
	for {
		left := 0
		for p := range people {
			left += len(script) - len(answers[p])
		}
		if left == 0 {
			break
		}
		s := serve(t, data)
		after := int64(-1)
		if killed < *killTimes {
			after = random.Int64N(int64(max(1, 2*left/(*killTimes-killed+1)))) // so that the kills are spread over the scripts
		}
		var given atomic.Int64
		var wait sync.WaitGroup
		var mu sync.Mutex
		if after == 0 {
			killed++
			s.kill()
		}
		for p := range people {
			wait.Go(func() {
				for i := len(answers[p]); i < len(script); i++ {
					body, err := people[p].send(s.url, id(p, i), script[i])
					if err != nil {
						mu.Lock()
						s.hung(err)
						if after < 0 && !t.Failed() { // this one is not killed, so it has to answer
							t.Errorf("person %d, message %d %v: %v", p, i, script[i], err)
						}
						mu.Unlock()
						return // the server is dead; the next one gets the same message
					}
					answers[p] = append(answers[p], body)
					if given.Add(1) == after {
						_ = s.cmd.Process.Kill() // the others are in flight
					}
				}
			})
		}
		wait.Wait()
		if t.Failed() {
			s.kill()
			t.Fatalf("the server said: %s", s.errs)
		}
		if after > 0 && given.Load() >= after {
			killed++
			s.kill()
		} else if after != 0 {
			s.stop()
		}
	}
	t.Logf("killed %d times", killed)
	if killed < *killTimes/2 {
		t.Errorf("killed %d times only", killed)
	}

	after := serve(t, data)
	for p := range people {
		for i := range script {
			if got := question(t, answers[p][i]); got != want[i] {
				t.Errorf("person %d, message %d %v:\n%s\nwant\n%s", p, i, script[i], got, want[i])
			}
			again, err := people[p].send(after.url, id(p, i), script[i])
			if err != nil || !bytes.Equal(again, answers[p][i]) {
				t.Errorf("person %d, message %d, delivered again (%v):\n%s\nat first:\n%s", p, i, err, again, answers[p][i])
			}
		}
	}
	after.stop()
	inRecords(t, data, crowd+1)
}

// id is the id of a person's message, the same whenever it is sent.
func id(person, message int) string { return fmt.Sprintf("message-%d-%02d", person, message) }
