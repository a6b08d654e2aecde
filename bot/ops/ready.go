package ops

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"yilu/bot"
)

// askIn is how long a dependency may take to answer, so that a probe knows within two seconds.
const askIn = 1500 * time.Millisecond

// Dependency is something without which nobody can be served.
type Dependency struct {
	Name string                      // what it is for, with what it is: "ledger (redis)"
	Ping func(context.Context) error // reports whether it answers
}

// Readiness tells whether messages can be answered, and names what is missing. It is the handler of /readyz.
type Readiness struct {
	probes   []*probe
	log      *slog.Logger
	metrics  *Metrics // may be nil
	stopping atomic.Bool
}

// NewReadiness asks the dependencies, all at once, whenever it is asked itself.
func NewReadiness(log *slog.Logger, m *Metrics, on ...Dependency) *Readiness {
	r := &Readiness{log: log, metrics: m}
	for _, d := range on {
		r.probes = append(r.probes, &probe{Dependency: d, up: true})
	}
	return r
}

// Stop says from now on that the process is stopping, so that a balancer sends nothing more.
func (r *Readiness) Stop() { r.stopping.Store(true) }

// Missing names the dependencies that do not answer, within askIn.
func (r *Readiness) Missing(ctx context.Context) []string {
	ctx, cancel := context.WithTimeout(ctx, askIn)
	defer cancel()
	errs := make([]error, len(r.probes))
	var wait sync.WaitGroup
	for i, p := range r.probes {
		wait.Go(func() { errs[i] = p.ask(ctx) })
	}
	wait.Wait()
	var missing []string
	for i, p := range r.probes {
		up := errs[i] == nil
		if r.metrics != nil {
			r.metrics.Dependency(p.Name, up)
		}
		if p.changed(up) {
			if up {
				r.log.Info("dependency answers again", "dependency", p.Name)
			} else {
				r.log.Error("dependency does not answer", append([]any{"dependency", p.Name}, bot.Failure(errs[i])...)...)
			}
		}
		if !up {
			missing = append(missing, p.Name)
		}
	}
	return slices.Clip(missing)
}

// ServeHTTP answers 200 "ready", or 503 with a line for each dependency that is missing.
func (r *Readiness) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if r.stopping.Load() {
		http.Error(w, "stopping", http.StatusServiceUnavailable)
		return
	}
	if missing := r.Missing(req.Context()); len(missing) > 0 {
		http.Error(w, strings.Join(missing, " does not answer\n")+" does not answer", http.StatusServiceUnavailable)
		return
	}
	_, _ = w.Write([]byte("ready\n"))
}

// probe is a dependency that is asked by one at a time: one that hangs is not asked again until it has given up, however
// many want to know.
type probe struct {
	Dependency

	mu    sync.Mutex
	going chan struct{} // closed at the end of the ask under way; nil if there is none
	err   error         // of the ask that ended last
	up    bool          // what was said last
}

// ask waits for an answer, for as long as the context lasts.
func (p *probe) ask(ctx context.Context) error {
	p.mu.Lock()
	if p.going == nil {
		going := make(chan struct{})
		p.going = going
		go func() {
			// Its own time: whoever asked first may be gone long before the others.
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askIn)
			defer cancel()
			err := p.Ping(ctx)
			p.mu.Lock()
			p.err, p.going = err, nil
			p.mu.Unlock()
			close(going)
		}()
	}
	going := p.going
	p.mu.Unlock()
	select {
	case <-going:
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.err
	case <-ctx.Done():
		return &bot.Error{Code: bot.Unavailable, Op: "ask " + p.Name, Say: "no answer in time"}
	}
}

// changed keeps what is said now, and reports whether it is something else than before.
func (p *probe) changed(up bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	was := p.up
	p.up = up
	return was != up
}
