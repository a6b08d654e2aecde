package main

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"yilu/bot"
)

// Window is what was measured of one subject in one stretch of time.
type Window struct {
	Turns   int
	Intakes int
	Failed  int // no answer, another status than 200, or nothing in it
	Wrong   int // answered, but not with what the dialogue has there
	Seconds float64

	PerSecond          float64
	P50, P95, P99, Max float64 // milliseconds
	Within5s           float64 // share of all that were sent

	ServerCPU, RedisCPU, DatabaseCPU, GeneratorCPU float64 // microseconds for each turn

	Others float64 // processors that everything else on the machine was using
}

// sample is one answer.
type sample struct {
	took          time.Duration
	failed, wrong bool
	intake        bool
}

// runner sends what people say to one subject.
type runner struct {
	s     *subject
	c     channel
	every int // of how many answers one is read; those of intakes always are
}

// turn has the person say the next thing.
func (r *runner) turn(w *wire, p *someone, from time.Time) sample {
	now, intake := p.say()
	if from.IsZero() {
		from = time.Now()
	}
	var out sample
	request, err := r.c.request(w.out[:0], w.host, p.id, p.sent, now.say)
	if err == nil {
		w.out = request
		var status int
		var body []byte
		status, body, err = w.send(request)
		out.took = time.Since(from)
		out.failed = err != nil || !ok(status, body)
		if !out.failed && r.s.talks && (intake || r.every > 0 && rand.IntN(r.every) == 0) {
			out.wrong = !r.says(body, now.want)
		}
	} else {
		out.took, out.failed = time.Since(from), true
	}
	out.intake = r.s.talks && intake && !out.failed && !out.wrong
	if out.failed || out.wrong {
		p.lost()
	} else {
		p.heard()
	}
	return out
}

// says reports whether the answer holds what the dialogue has there.
func (r *runner) says(body []byte, want string) bool {
	if r.c.read != nil {
		var err error
		if body, err = r.c.read(body); err != nil {
			return false
		}
	}
	return bytes.Contains(body, []byte(want))
}

// meter reads clocks before and after.
type meter struct {
	s      *subject
	at     time.Time
	took   time.Duration
	clocks clocks
	spent  clocks
}

func measure(s *subject) *meter { return &meter{s: s, at: time.Now(), clocks: s.clocks()} }

func (m *meter) stop() {
	m.took = time.Since(m.at)
	now := m.s.clocks()
	for i := range now {
		m.spent[i] = now[i] - m.clocks[i]
	}
}

// window makes a Window of the samples that were taken between measure and stop.
func (m *meter) window(all []sample) Window {
	w := Window{Turns: len(all), Seconds: m.took.Seconds()}
	if len(all) == 0 {
		return w
	}
	times := make([]time.Duration, 0, len(all))
	within := 0
	for _, one := range all {
		times = append(times, one.took)
		if one.failed {
			w.Failed++
		} else if one.took < 5*time.Second {
			within++
		}
		if one.wrong {
			w.Wrong++
		}
		if one.intake {
			w.Intakes++
		}
	}
	slices.Sort(times)
	at := func(q float64) float64 {
		return float64(times[min(len(times)-1, int(q*float64(len(times))))]) / float64(time.Millisecond)
	}
	w.P50, w.P95, w.P99, w.Max = at(0.50), at(0.95), at(0.99), at(1)
	w.Within5s = float64(within) / float64(len(all))
	w.PerSecond = float64(len(all)-w.Failed) / w.Seconds
	each := func(i int) float64 {
		return float64(m.spent[i]) / float64(time.Microsecond) / float64(len(all))
	}
	w.ServerCPU, w.RedisCPU, w.DatabaseCPU, w.GeneratorCPU = each(server), each(inRedis), each(database), each(generator)
	ours := m.spent[server] + m.spent[inRedis] + m.spent[database] + m.spent[generator]
	w.Others = max(0, (m.spent[machineWide]-ours).Seconds()/w.Seconds)
	return w
}

// clocks are the processor's times of those who take part.
type clocks [5]time.Duration

// Who they are.
const (
	server = iota
	inRedis
	database
	generator
	machineWide
)

func (s *subject) clocks() (all clocks) {
	all[machineWide] = busy()
	all[server] = cpu(s.child.pid(), false)
	if s.redis != nil {
		all[inRedis] = cpu(s.redis.PID(), false)
	}
	if s.postgres != nil {
		all[database] = cpu(s.postgres.PID(), true)
	}
	all[generator] = cpu(os.Getpid(), false)
	return all
}

// closed has n workers talk, each as soon as it was answered. The first stretch is not measured. While is called when
// the second one begins.
func (r *runner) closed(p *play, n int, warm, during time.Duration, while func()) Window {
	var phase atomic.Int32
	var wait sync.WaitGroup
	all := make([][]sample, n)
	for i := range n {
		wait.Go(func() {
			w := &wire{host: r.s.child.Addr}
			defer w.close()
			who := newSomeone(p, nextPerson, uint64(i))
			for {
				one := r.turn(w, who, time.Time{})
				switch phase.Load() {
				case 1:
					all[i] = append(all[i], one)
				case 2:
					return
				}
				if one.failed {
					time.Sleep(10 * time.Millisecond) // a server that is gone is not asked a million times
				}
			}
		})
	}
	time.Sleep(warm)
	m := measure(r.s)
	phase.Store(1)
	if while != nil {
		while()
	}
	time.Sleep(time.Until(m.at.Add(during)))
	m.stop()
	phase.Store(2)
	wait.Wait()
	return m.window(slices.Concat(all...))
}

// lines is how many connections an open loop has; more do not help on a machine of a few processors.
const lines = 256

// open has people talk at a rate, whether they are answered or not: the moments are a Poisson process, and the time of
// an answer counts from the moment at which the message should have gone out, so that a server that stands still is
// charged for everybody who waits meanwhile. One person says one thing at a time.
func (r *runner) open(ctx context.Context, people []*someone, rate float64, during time.Duration) Window {
	idle := make(chan *someone, len(people))
	for _, p := range people {
		idle <- p
	}
	due := make(chan time.Time, int(rate*during.Seconds()*2)+1000)
	var wait sync.WaitGroup
	var mu sync.Mutex
	var all []sample
	m := measure(r.s)
	for range lines {
		wait.Go(func() {
			w := &wire{host: r.s.child.Addr}
			defer w.close()
			var mine []sample
			for at := range due {
				p := <-idle
				mine = append(mine, r.turn(w, p, at))
				idle <- p
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, mine...)
		})
	}
	runtime.LockOSThread() // see pause
	defer runtime.UnlockOSThread()
	rng := rand.New(rand.NewPCG(uint64(rate), 11))
	for at := m.at; at.Sub(m.at) < during && ctx.Err() == nil; {
		at = at.Add(time.Duration(rng.ExpFloat64() / rate * float64(time.Second)))
		pause(time.Until(at))
		due <- at
	}
	close(due)
	wait.Wait()
	m.stop()
	return m.window(all)
}

// errSilent is a subject that cannot be measured.
func errSilent(s *subject, w Window) error {
	return bot.Errorf(bot.Internal, "measure "+s.Name, "of %d turns %d failed and %d were answered wrongly", w.Turns, w.Failed, w.Wrong)
}
