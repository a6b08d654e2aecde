package records_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/records"
	"yilu/bot/storetest"
)

// private opens records on a PostgreSQL that this test may kill.
func private(t *testing.T) (*storetest.Postgres, *records.Records, *store) {
	t.Helper()
	server := storetest.PrivatePostgresFor(t)
	s := postgresAt(t, server.URL())
	r, err := records.Open(t.Context(), s)
	must(t, err)
	return server, r, s
}

// unavailable fails unless a call ends in time with that code, and applies nothing.
func unavailable(t *testing.T, what string, call func() ([]string, error)) {
	t.Helper()
	began := time.Now()
	applied, err := call()
	if took := time.Since(began); bot.CodeOf(err) != bot.Unavailable || len(applied) > 0 || took > 3*time.Second {
		t.Errorf("%s: got %v, %v after %v, want nothing and code %s within 3 s", what, applied, err, took, bot.Unavailable)
	}
}

// TestKilledWhileApplying carries T19 for PostgreSQL: whatever moment its server is killed at, an effect is in the
// records once when it was applied again, and none that was acknowledged is missing.
func TestKilledWhileApplying(t *testing.T) {
	t.Parallel()
	server, r, s := private(t)
	const people, kills = 4, 4
	var wg sync.WaitGroup
	var mu sync.Mutex
	asked, acknowledged := map[string]bool{}, map[string]bool{}
	stop := make(chan struct{})
	progress := make(chan struct{}, 1)
	for p := range people {
		wg.Go(func() {
			for i := 0; ; i++ {
				id := fmt.Sprintf("%d-%d", p, i)
				e := entry(t, id, i, bot.AskStaff{Number: "GD" + id, About: bot.WantsPerson})
				e.From.User = fmt.Sprint(p)
				mu.Lock()
				asked[id] = true
				mu.Unlock()
				for {
					applied, err := r.Apply(t.Context(), []bot.Entry{e})
					if len(applied) == 1 {
						mu.Lock()
						acknowledged[id] = true
						mu.Unlock()
						break
					}
					if bot.CodeOf(err) != bot.Unavailable {
						t.Error(err)
						return
					}
				}
				select {
				case <-stop:
					return
				case progress <- struct{}{}:
				default:
				}
			}
		})
	}
	for range kills {
		for range 40 { // so many turns, and at whatever point the next ones are
			<-progress
		}
		must(t, server.Kill())
		must(t, server.Start())
	}
	close(stop)
	wg.Wait()
	kept := map[string]int{}
	for _, q := range every(t, r.EachRequest) {
		kept[q.Number[2:]]++
	}
	for id := range asked {
		if acknowledged[id] && kept[id] != 1 || kept[id] > 1 {
			t.Errorf("%s is there %d times", id, kept[id])
		}
	}
	whole(t, s)
	t.Logf("%d effects over %d kills", len(asked), kills)
}

func TestReadOnlyServer(t *testing.T) {
	t.Parallel()
	server, r, s := private(t)
	entries := intakes(t)[0]
	must(t, server.ReadOnly(true))
	unavailable(t, "apply", func() ([]string, error) { return r.Apply(t.Context(), entries) })
	unavailable(t, "import", func() ([]string, error) { return nil, r.PutPosts(t.Context(), []bot.Post{fullPost}) })
	if _, err := r.Search(t.Context(), bot.Query{Now: now}); err != nil {
		t.Errorf("a search: %v", err)
	}
	if got := dump(t, s); got != "" {
		t.Errorf("left a trace:\n%s", got)
	}
	must(t, server.ReadOnly(false))
	apply(t, r, entries...)
}

func TestServerHangs(t *testing.T) {
	t.Parallel()
	server, r, _ := private(t)
	apply(t, r, intakes(t)[0]...)
	must(t, server.Pause())
	unavailable(t, "apply", func() ([]string, error) { return r.Apply(t.Context(), intakes(t)[1]) })
	unavailable(t, "search", func() ([]string, error) { return nil, last(r.Search(t.Context(), bot.Query{Now: now})) })
	unavailable(t, "worker", func() ([]string, error) { return nil, last(r.Worker(t.Context(), chen.Worker())) })
	unavailable(t, "applications", func() ([]string, error) { return nil, last(r.Applications(t.Context(), chen.Worker())) })
	unavailable(t, "files", func() ([]string, error) { return nil, last(r.FilesWaiting(t.Context(), now, 1)) })
	unavailable(t, "ping", func() ([]string, error) { return nil, r.Ping(t.Context()) })
	must(t, server.Resume())
	apply(t, r, intakes(t)[1]...)
	if w := workerOf(t, r, chen.Worker()); w.Consent == "" {
		t.Errorf("got %+v", w)
	}
}

// A server that was started again is not noticed by whoever comes next.
func TestServerRestarts(t *testing.T) {
	t.Parallel()
	server, r, _ := private(t)
	for i, group := range intakes(t)[:4] {
		apply(t, r, group...)
		if i%2 == 0 {
			must(t, server.Kill())
		} else {
			must(t, server.Stop())
		}
		must(t, server.Start())
		if w := workerOf(t, r, chen.Worker()); w.Name.IsZero() {
			t.Errorf("got %+v", w)
		}
	}
}
