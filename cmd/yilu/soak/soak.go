// Package soak holds Yilu to its promises under fire: simulated workers play whole dialogues over HTTP with real
// processes of Yilu, by all channels and with the repeats of their platforms, while processes are killed and stores
// fail; then every message and every intake is accounted for. It guarantees that what it calls kept was read back from
// the stores and from Yilu's own answers, and that nothing leaves this machine. A kill -9 loses no page of the kernel,
// so it says nothing about the loss of power.
//
// What a worker was told counts as a promise: each number that was shown is in the records once, nothing else is, and it
// says what was confirmed on the screen; each message that was answered is a turn of the session, in its order, and gets
// the same bytes again; and after any answer the dialogue goes on from what the answer asked. A message of WeChat that the
// platform gave up may have been taken or not; which of the two is read from the ledger. Where the dialogue goes on is not
// asked of whoever's message was given up, and until the menu not of whoever was told that nothing can be looked up.
package soak

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Options say what is played.
type Options struct {
	Binary     string        // the command, whose sub-command "soak child" is one process
	Folder     string        // where all is kept; must exist
	Store      string        // "embedded", "redis" or "redis+postgres"
	Durability string        // of Redis: "always", "everysec" or "none"
	Processes  int           // of Yilu
	Workers    int           // who write at the same time
	Turns      int64         // at least
	Kills      int           // at least, spread over the turns
	For        time.Duration // at most; 0 for no end but the two above
	Faults     []string      // by name, see Faults
	Seed       uint64
	Pause      time.Duration // that stands for the five seconds after which WeChat repeats
	Log        io.Writer     // of progress; may be nil
}

// soak is a run.
type soak struct {
	Options
	script *script
	fleet  *fleet
	store  store
	exact  bool // nothing may be lost
	began  time.Time

	lives, messages, turns, repeats, gaveUp, wentBack, forgotten, checked atomic.Int64
	over                                                                  atomic.Bool // nobody begins anything any more
	allHad                                                                atomic.Bool // every fault has had its turn

	mu          sync.Mutex
	people      []*life
	breaches    []Breach
	current     []string // faults that go on
	lastKill    time.Time
	healed      time.Time
	recordsBack time.Time // when a fault of the records ended
	faults      map[string]*Fault
	longest     time.Duration
	longestM    *message
	played      time.Duration // with faults
	retried     int64         // messages that needed several deliveries
	kills       map[string]int
}

// Breach is a promise that was not kept.
type Breach struct {
	Promise    string `json:"promise"`
	Detail     string `json:"detail"`
	Transcript string `json:"transcript,omitempty"`
}

// Fault is what one kind of fault did.
type Fault struct {
	Name     string        `json:"name"`
	Times    int           `json:"times"`
	Messages int64         `json:"messages"`   // of which a delivery failed while it went on
	Failed   int64         `json:"deliveries"` // that failed while it went on
	Longest  time.Duration `json:"longest_ns"` // that a worker waited for an answer, of those messages
}

// mostBreaches bounds what is kept.
const mostBreaches = 50

func (s *soak) breach(l *life, promise, detail string) {
	b := Breach{Promise: promise, Detail: detail}
	if l != nil {
		b.Transcript = l.transcript()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.breaches) < mostBreaches {
		s.breaches = append(s.breaches, b)
		s.logf("BROKEN (seed %d): %s: %s\n%s", s.Seed, promise, detail, b.Transcript)
	}
}

func (s *soak) logf(format string, args ...any) {
	if s.Log != nil {
		fmt.Fprintf(s.Log, "%7.1fs "+format+"\n", append([]any{time.Since(s.began).Seconds()}, args...)...)
	}
}

// calm is what a failure is put down to while no fault goes on.
const calm = "none"

// going names what goes on.
func (s *soak) going() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case len(s.current) > 0 && time.Since(s.lastKill) < time.Second:
		return s.current[0] + " and kill"
	case len(s.current) > 0:
		return s.current[0]
	case time.Since(s.lastKill) < time.Second:
		return "kill"
	case time.Since(s.healed) < 2*time.Second:
		return "after a fault"
	}
	return calm
}

// fault is the account of a kind of fault. The caller holds mu.
func (s *soak) fault(name string) *Fault {
	f := s.faults[name]
	if f == nil {
		f = &Fault{Name: name}
		s.faults[name] = f
	}
	return f
}

// failed counts a delivery that failed.
func (s *soak) failed(fault string, m *message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.fault(fault)
	f.Failed++
	if m.tries == 1 {
		f.Messages++
	}
}

// answered counts how long a worker had to wait.
func (s *soak) answered(took time.Duration, m *message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m.tries > 1 {
		s.retried++
		f := s.fault(m.fault)
		f.Longest = max(f.Longest, took)
	}
	if took > s.longest {
		s.longest, s.longestM = took, m
	}
}

// Run plays. The error says that it could not; broken promises are in the Result.
func Run(ctx context.Context, o Options) (*Result, error) {
	s := &soak{Options: o, began: time.Now(), faults: map[string]*Fault{}, kills: map[string]int{}}
	var err error
	if s.script, err = readScript(workerText); err != nil {
		return nil, err
	}
	if s.store, err = openStore(o, func(bytes int64) error { return s.fleet.limit(bytes) }); err != nil {
		return nil, err
	}
	defer s.store.close()
	for _, name := range o.Faults {
		if !slices.Contains(Faults(o.Store), name) {
			return nil, fmt.Errorf("--faults: %s has no fault %q, but %s", o.Store, name, strings.Join(Faults(o.Store), ", "))
		}
	}
	s.exact = s.store.exact(o.Faults)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	api := &http.Server{Handler: http.HandlerFunc(botAPI), ReadHeaderTimeout: time.Minute}
	go func() { _ = api.Serve(listener) }()
	defer api.Close()

	env := slices.DeleteFunc(os.Environ(), func(setting string) bool { return strings.HasPrefix(setting, "YILU_") })
	env = append(append(env, channelSettings("http://"+listener.Addr().String())...), s.store.settings()...)
	transport := &http.Transport{MaxIdleConnsPerHost: 2 * o.Workers, DisableCompression: true}
	s.fleet = &fleet{
		binary: o.Binary, folder: o.Folder, env: env, client: &http.Client{Transport: transport}, excused: s.excused,
		args:   []string{"--data", filepath.Join(o.Folder, "data"), "--listen", "127.0.0.1:0"},
		broken: func(promise, detail string) { s.breach(nil, promise, detail) },
	}
	defer s.fleet.close()
	first, err := s.fleet.spawn(ctx) // alone, to make the tables and bring the samples
	if err != nil {
		return nil, err
	}
	s.fleet.wait.Go(func() { s.fleet.keep(ctx, first) })
	if err := s.fleet.run(ctx, o.Processes-1); err != nil {
		return nil, err
	}
	s.play(ctx)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return s.account(ctx)
}

// excused reports that a process may fail to start, for a store is away.
func (s *soak) excused() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.current) > 0 || time.Since(s.healed) < 5*time.Second
}

// sawAway notes that somebody was told that nothing can be looked up: on a busy machine a fault lasts longer for the
// processes than it does for us.
func (s *soak) sawAway() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.recordsBack = time.Now()
}

// recordsAway reports that the records do not answer, or have not for long again.
func (s *soak) recordsAway() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Since(s.recordsBack) < time.Second || slices.ContainsFunc(s.current, ofRecords)
}

// play lets the workers talk and the faults happen until there was enough of both.
func (s *soak) play(ctx context.Context) {
	if s.For > 0 {
		defer time.AfterFunc(s.For, func() { s.over.Store(true) }).Stop()
	}
	var workers, troubles sync.WaitGroup
	for range s.Workers {
		workers.Go(func() {
			for !s.over.Load() && ctx.Err() == nil {
				s.live(ctx)
			}
		})
	}
	troubles.Go(func() { s.killing(ctx, rand.New(rand.NewPCG(s.Seed, 1<<40))) })
	troubles.Go(func() { s.troubling(ctx, rand.New(rand.NewPCG(s.Seed, 1<<41))) })
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	lastTurns, went := int64(0), time.Now()
	for n := 1; ctx.Err() == nil && !s.over.Load(); n++ {
		<-tick.C
		if turns := s.turns.Load(); turns > lastTurns {
			lastTurns, went = turns, time.Now()
		} else if time.Since(went) > patience {
			s.breach(nil, "every message is answered once all is well again", fmt.Sprintf("nobody has had an answer for %v", patience))
			s.over.Store(true)
		}
		s.mu.Lock()
		killed := 0
		for _, k := range s.kills {
			killed += k
		}
		broken := len(s.breaches)
		s.mu.Unlock()
		if s.turns.Load() >= s.Turns && killed >= s.Kills && s.allHad.Load() || broken >= mostBreaches {
			s.over.Store(true)
		}
		if n%50 == 0 {
			s.logf("%d turns, %d kills, %d broken", s.turns.Load(), killed, broken)
		}
	}
	troubles.Wait() // they heal what they broke, so that everybody gets an answer
	workers.Wait()
	s.played = time.Since(s.began)
}
