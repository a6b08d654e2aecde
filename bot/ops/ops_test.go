package ops_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"yilu/bot"
	"yilu/bot/engine"
	"yilu/bot/ledger"
	"yilu/bot/ops"
)

var started = time.Date(2026, 11, 23, 9, 0, 0, 0, bot.Xiamen)

func metrics() *ops.Metrics {
	return ops.NewMetrics([]string{"web", "telegram"}, []bot.Dialogue{{Name: "form", States: []bot.State{{Name: "end", End: "done"}}}})
}

func page(t testing.TB, h http.Handler) string {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("status %d", w.Code)
	}
	return w.Body.String()
}

var (
	comment = regexp.MustCompile(`^# (HELP [a-zA-Z_:][a-zA-Z0-9_:]* .+|TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|summary))$`)
	sample  = regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\["\\n])*",?)*\})? (\S+)$`)
)

// samples reads a page as Prometheus does, and fails where it could not: every line must be of the format, every sample
// must follow its type, no series may come twice, and of a histogram the buckets must not fall and the last be the count.
func samples(t testing.TB, text string) map[string]float64 {
	t.Helper()
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	got, kind := map[string]float64{}, map[string]string{}
	last := map[string]float64{}
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		line := lines.Text()
		if strings.HasPrefix(line, "#") {
			m := comment.FindStringSubmatch(line)
			if m == nil {
				t.Fatalf("no comment of the format: %s", line)
			}
			if m[2] != "" {
				if kind[m[2]] != "" {
					t.Errorf("%s is there twice", m[2])
				}
				kind[m[2]] = m[3]
			}
			continue
		}
		m := sample.FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("no sample of the format: %s", line)
		}
		v, err := strconv.ParseFloat(m[5], 64)
		series := m[1] + m[2]
		if _, twice := got[series]; err != nil || twice {
			t.Errorf("%s: %v, twice %v", line, err, twice)
		}
		got[series] = v
		base := m[1]
		if kind[base] == "" {
			for _, suffix := range []string{"_bucket", "_sum", "_count"} {
				if cut, ok := strings.CutSuffix(m[1], suffix); ok && kind[cut] != "" {
					base = cut
				}
			}
		}
		if kind[base] == "" {
			t.Errorf("%s has no type before it", line)
		}
		if of, bound, ok := strings.Cut(series, `le="`); ok {
			if v < last[of] {
				t.Errorf("%s: buckets fall", line)
			}
			last[of] = v
			if strings.HasPrefix(bound, "+Inf") {
				count := strings.Replace(strings.TrimRight(strings.TrimSuffix(of, ","), "{"), "_bucket", "_count", 1)
				if strings.Contains(count, "{") {
					count += "}"
				}
				defer func() {
					if got[count] != v {
						t.Errorf("%s is %v, its last bucket %v", count, got[count], v)
					}
				}()
			}
		}
	}
	return got
}

// TestPage holds what is counted of a turn, and that it is the format that Prometheus reads.
func TestPage(t *testing.T) {
	t.Parallel()
	m := metrics()
	m.Turn(&engine.Observed{
		Channel: "web", Took: 3 * time.Millisecond, Conflicts: 2, Missed: 1, Away: true, Recovered: true, Danger: bot.Crisis,
		Began: []string{"form"}, Ended: []engine.Ended{{Dialogue: "form", Outcome: "done"}},
		Asked: []engine.Asked{{About: bot.InDanger, Urgent: true}, {About: bot.WantsPerson}}, Intakes: []string{engine.Registration},
	})
	m.Turn(&engine.Observed{Channel: "web", Took: 700 * time.Microsecond, Repeated: true})
	m.Turn(&engine.Observed{Channel: "telegram", Took: time.Minute, Code: bot.Unavailable})
	m.Effects([]bot.Entry{{ID: "a", Kind: "ask_staff"}, {ID: "b", Kind: "keep_file"}}, []string{"b"})
	m.Call(ops.Ledger, "load", 300*time.Microsecond, nil)
	m.Call(ops.Ledger, "commit", time.Millisecond, bot.Errorf(bot.Conflict, "x", "y"))
	m.Call(ops.Ledger, "commit", time.Millisecond, bot.Errorf(bot.Unavailable, "x", "y"))
	m.RoundTrip(ops.Ledger)
	m.Sampled(ops.Sample{Pending: 7, Oldest: 90 * time.Second, Refused: 1, At: started})
	m.Files(1, 2, 3)
	m.Dependency("ledger (redis)", false)
	m.Gauge("yilu_sessions_held", "Sessions.", func() float64 { return 42 })
	got := samples(t, page(t, m))
	for series, want := range map[string]float64{
		`yilu_turns_total{channel="web",outcome="answered"}`:                     1,
		`yilu_turns_total{channel="web",outcome="repeated"}`:                     1,
		`yilu_turns_total{channel="telegram",outcome="failed"}`:                  1,
		`yilu_turns_total{channel="telegram",outcome="answered"}`:                0,
		`yilu_turn_failures_total{channel="telegram",code="unavailable"}`:        1,
		`yilu_turn_seconds_bucket{channel="web",le="0.0005"}`:                    0,
		`yilu_turn_seconds_bucket{channel="web",le="0.001"}`:                     1,
		`yilu_turn_seconds_bucket{channel="web",le="0.005"}`:                     2,
		`yilu_turn_seconds_count{channel="web"}`:                                 2,
		`yilu_turn_seconds_sum{channel="web"}`:                                   0.0037,
		`yilu_turn_seconds_bucket{channel="telegram",le="5"}`:                    0,
		`yilu_turn_seconds_bucket{channel="telegram",le="+Inf"}`:                 1,
		`yilu_turn_conflicts_total{channel="web"}`:                               2,
		`yilu_not_understood_total{channel="web"}`:                               1,
		`yilu_lookups_away_total{channel="web"}`:                                 1,
		`yilu_turns_recovered_total{channel="web"}`:                              1,
		`yilu_emergencies_total{channel="web",kind="crisis"}`:                    1,
		`yilu_requests_total{kind="danger",urgent="yes"}`:                        1,
		`yilu_requests_total{kind="person",urgent="no"}`:                         1,
		`yilu_intakes_total{kind="registration"}`:                                1,
		`yilu_intakes_total{kind="application"}`:                                 0,
		`yilu_dialogues_started_total{dialogue="form"}`:                          1,
		`yilu_dialogues_finished_total{dialogue="form",outcome="done"}`:          1,
		`yilu_effects_total{kind="ask_staff",outcome="failed"}`:                  1,
		`yilu_effects_total{kind="keep_file",outcome="applied"}`:                 1,
		`yilu_effects_pending`:                                                   7,
		`yilu_effects_oldest_pending_seconds`:                                    90,
		`yilu_effects_refused`:                                                   1,
		`yilu_store_seconds_count{op="commit",store="ledger"}`:                   2,
		`yilu_store_errors_total{code="unavailable",op="commit",store="ledger"}`: 1,
		`yilu_store_round_trips_total{store="ledger"}`:                           1,
		`yilu_files{state="lost"}`:                                               3,
		`yilu_dependency_up{dependency="ledger (redis)"}`:                        0,
		`yilu_sessions_held`:                                                     42,
	} {
		if v, ok := got[series]; !ok || v != want {
			t.Errorf("%s is %v (there %v), want %v", series, v, ok, want)
		}
	}
	if got["go_goroutines"] < 1 || got["go_memstats_heap_alloc_bytes"] < 1000 {
		t.Errorf("the process: %v goroutines, %v bytes", got["go_goroutines"], got["go_memstats_heap_alloc_bytes"])
	}
}

// TestClosedSets holds that no label takes a value that is not known at the start: the page grows neither with the people
// who write nor with what they write.
func TestClosedSets(t *testing.T) {
	t.Parallel()
	m := metrics()
	odd := func(i int) string { return fmt.Sprintf("odd\"\\\n%d【示例】", i) }
	fill := func(i int) {
		m.Turn(&engine.Observed{
			Channel: odd(i), Code: bot.Code(odd(i)), Danger: bot.Intent(odd(i)), Began: []string{odd(i)},
			Ended: []engine.Ended{{Dialogue: odd(i), Outcome: bot.Outcome(odd(i))}}, Asked: []engine.Asked{{About: bot.RequestKind(odd(i))}},
		})
		m.Effects([]bot.Entry{{ID: odd(i), Kind: odd(i)}}, nil)
		m.Call(ops.Ledger, "load", 0, &bot.Error{Code: bot.Code(odd(i))})
	}
	fill(0)
	first := len(samples(t, page(t, m)))
	for i := range 1000 {
		fill(i)
	}
	text := page(t, m)
	if got := len(samples(t, text)); got != first {
		t.Errorf("%d series after a thousand people, %d after one", got, first)
	}
	if strings.Contains(text, "odd") {
		t.Error("a value from outside is on the page")
	}
}

// TestNotThroughAProxy holds that the page is not given to whoever comes through a proxy.
func TestNotThroughAProxy(t *testing.T) {
	t.Parallel()
	for _, header := range []string{"X-Forwarded-For", "X-Real-IP", "Forwarded", "Via"} {
		r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		r.Header.Set(header, "192.0.2.1")
		w := httptest.NewRecorder()
		metrics().ServeHTTP(w, r)
		if w.Code != http.StatusNotFound || strings.Contains(w.Body.String(), "yilu_") {
			t.Errorf("%s: %d", header, w.Code)
		}
	}
}

// TestCountingAllocatesNothing holds what a turn may cost.
func TestCountingAllocatesNothing(t *testing.T) {
	m := metrics()
	o := &engine.Observed{Channel: "web", Took: time.Millisecond, Began: []string{"form"}, Asked: []engine.Asked{{About: bot.WantsPerson}}}
	if n := testing.AllocsPerRun(1000, func() {
		m.Turn(o)
		m.Call(ops.Ledger, "load", time.Microsecond, nil)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// BenchmarkTurn is what counting a turn with its two calls to the ledger costs.
func BenchmarkTurn(b *testing.B) {
	m := metrics()
	o := &engine.Observed{Channel: "web", Took: time.Millisecond}
	b.ReportAllocs()
	for b.Loop() {
		m.Turn(o)
		m.Call(ops.Ledger, "load", time.Microsecond, nil)
		m.Call(ops.Ledger, "commit", time.Microsecond, nil)
	}
}

// oneLoad is a ledger that answers Load from memory.
type oneLoad struct{ ledger.Ledger }

func (oneLoad) Load(context.Context, string, string, time.Time) (ledger.Snapshot, error) {
	return ledger.Snapshot{Held: true}, nil
}

// TestWatchLedger holds that a call is counted with the time that it took, and where a session came from.
func TestWatchLedger(t *testing.T) {
	t.Parallel()
	m := metrics()
	var ticks atomic.Int64
	now := func() time.Time { return started.Add(time.Duration(ticks.Add(1)) * time.Second) }
	if s, err := ops.WatchLedger(oneLoad{}, m, now).Load(t.Context(), "k", "m", started); err != nil || !s.Held {
		t.Fatalf("%+v %v", s, err)
	}
	got := samples(t, page(t, m))
	if got[`yilu_store_seconds_sum{op="load",store="ledger"}`] != 1 || got[`yilu_session_loads_total{from="memory"}`] != 1 {
		t.Errorf("counted %v", got)
	}
}

// dependency is one that can be taken away.
type dependency struct {
	mu   sync.Mutex
	hang bool
	err  error
	asks int
}

func (d *dependency) set(hang bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hang, d.err = hang, err
}

func (d *dependency) ping(ctx context.Context) error {
	d.mu.Lock()
	hang, err := d.hang, d.err
	d.asks++
	d.mu.Unlock()
	if hang {
		<-ctx.Done()
		return ctx.Err()
	}
	return err
}

// TestReadiness holds that /readyz names each dependency that is missing, within two seconds though all of them hang, and
// is well again within two seconds of their return; that one that hangs is asked by one at a time; and that a change is
// one line in the log.
func TestReadiness(t *testing.T) {
	t.Parallel()
	first, second := &dependency{}, &dependency{}
	var log bytes.Buffer
	m := metrics()
	r := ops.NewReadiness(slog.New(slog.NewTextHandler(&log, nil)), m,
		ops.Dependency{Name: "ledger (redis)", Ping: first.ping}, ops.Dependency{Name: "records (postgres)", Ping: second.ping})
	ask := func() (int, string) {
		began := time.Now()
		w := httptest.NewRecorder()
		r.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("took %v", took)
		}
		return w.Code, w.Body.String()
	}
	want := func(status int, body string) {
		t.Helper()
		if code, got := ask(); code != status || got != body+"\n" {
			t.Errorf("%d %q, want %d %q", code, got, status, body)
		}
	}
	want(200, "ready")
	second.set(false, bot.Errorf(bot.Unavailable, "ping", "gone"))
	want(503, "records (postgres) does not answer")
	want(503, "records (postgres) does not answer")
	if up := samples(t, page(t, m))[`yilu_dependency_up{dependency="records (postgres)"}`]; up != 0 {
		t.Errorf("up is %v", up)
	}
	first.set(true, nil)
	second.set(true, nil)
	var wait sync.WaitGroup
	for range 50 {
		wait.Go(func() { want(503, "ledger (redis) does not answer\nrecords (postgres) does not answer") })
	}
	wait.Wait()
	first.mu.Lock()
	if first.asks > 10 {
		t.Errorf("a dependency that hangs was asked %d times", first.asks)
	}
	first.mu.Unlock()
	first.set(false, nil)
	second.set(false, nil)
	back := time.Now()
	for code, body := ask(); code != 200; code, body = ask() {
		if time.Since(back) > 2*time.Second {
			t.Fatalf("%d %s", code, body)
		}
	}
	if n := strings.Count(log.String(), "does not answer"); n != 2 {
		t.Errorf("%d lines for two that went: %s", n, log.String())
	}
	if n := strings.Count(log.String(), "answers again"); n != 2 {
		t.Errorf("%d lines for two that came back: %s", n, log.String())
	}
	r.Stop()
	want(503, "stopping")
}
