package ops

import (
	"net/http"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"yilu/bot"
	"yilu/bot/engine"
)

// The bounds of the histograms, in seconds: a turn takes from half a millisecond to what WeChat waits for.
var (
	turnBuckets  = []float64{.0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5}
	storeBuckets = []float64{.0001, .0002, .0005, .001, .002, .005, .01, .02, .05, .1, .5, 1, 2, 5}
)

// Metrics counts. It is safe for concurrent use, and the handler of /metrics.
type Metrics struct {
	registry *prometheus.Registry
	page     http.Handler

	turns, failures, conflicts, missed, away, recovered *prometheus.CounterVec
	emergencies, requests, intakes, began, ended        *prometheus.CounterVec
	effects, storeErrors, roundTrips, loads             *prometheus.CounterVec
	turnSeconds, storeSeconds                           *prometheus.HistogramVec
	pending, oldest, refused, sampled                   prometheus.Gauge
	files, up                                           *prometheus.GaugeVec

	channels, dialogues, outcomes, kinds map[string]bool
}

// NewMetrics makes the metrics of channels and dialogues, which are the values that their labels can have.
func NewMetrics(channels []string, dialogues []bot.Dialogue) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		channels: set(channels...), dialogues: map[string]bool{}, outcomes: map[string]bool{}, kinds: set(effectKinds()...),
	}
	for _, d := range dialogues {
		m.dialogues[d.Name] = true
		for _, st := range d.States {
			if st.End != "" {
				m.outcomes[string(st.End)] = true
			}
		}
	}
	m.page = promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
	m.turns = m.counter("yilu_turns_total", "Turns by what came of them: answered, repeated (a repeat that got the stored reply), failed (the platform was left to repeat).", "channel", "outcome")
	m.turnSeconds = m.histogram("yilu_turn_seconds", "Time from a message's arrival to its reply, with the wait for the worker's messages before it.", turnBuckets, "channel")
	m.failures = m.counter("yilu_turn_failures_total", "Turns that failed, by the code of the failure.", "channel", "code")
	m.conflicts = m.counter("yilu_turn_conflicts_total", "Times that a turn was decided again because another process was first.", "channel")
	m.missed = m.counter("yilu_not_understood_total", "Answers that were not understood, so that the question was asked again.", "channel")
	m.away = m.counter("yilu_lookups_away_total", "Turns that were answered with the word that something cannot be looked up now.", "channel")
	m.recovered = m.counter("yilu_turns_recovered_total", "Turns that failed through a fault of ours and gave the worker a way on.", "channel")
	m.emergencies = m.counter("yilu_emergencies_total", "Answers to words of danger.", "channel", "kind")
	m.requests = m.counter("yilu_requests_total", "Requests that were handed over to a person.", "kind", "urgent")
	m.intakes = m.counter("yilu_intakes_total", "Intakes whose number a worker was given.", "kind")
	m.began = m.counter("yilu_dialogues_started_total", "Dialogues that were begun.", "dialogue")
	m.ended = m.counter("yilu_dialogues_finished_total", "Dialogues that came to their end.", "dialogue", "outcome")
	m.effects = m.counter("yilu_effects_total", "Effects that this process brought to the records (applied), and those that stayed in the ledger for now (failed).", "kind", "outcome")
	m.pending = m.gauge("yilu_effects_pending", "Effects that wait in the ledger; 1000 for that many or more.")
	m.oldest = m.gauge("yilu_effects_oldest_pending_seconds", "Age of the effect that has waited longest.")
	m.refused = m.gauge("yilu_effects_refused", "Effects that the records refuse, as far as this process has found; they wait for a release that knows them, or for a hand.")
	m.sampled = m.gauge("yilu_last_sample_timestamp_seconds", "When the stores were last looked at for what waits.")
	m.storeSeconds = m.histogram("yilu_store_seconds", "Time of a call to a store.", storeBuckets, "store", "op")
	m.storeErrors = m.counter("yilu_store_errors_total", "Calls to a store that failed. A conflict is no failure.", "store", "op", "code")
	m.roundTrips = m.counter("yilu_store_round_trips_total", "Requests that went over the network to a store.", "store")
	m.loads = m.counter("yilu_session_loads_total", "Sessions that were read, from the store or from this process's memory.", "from")
	m.files = m.gauges("yilu_files", "Photos, recordings and documents by what became of them: waits, kept, lost.", "state")
	m.up = m.gauges("yilu_dependency_up", "1 if the dependency answered when it was last asked, else 0.", "dependency")
	m.begin()
	m.process()
	return m
}

// begin makes what is there from the start 0 instead of missing, so that a rate over it works from the first event on.
func (m *Metrics) begin() {
	for c := range m.channels {
		for _, outcome := range []string{answered, repeated, failed} {
			m.turns.WithLabelValues(c, outcome)
		}
		m.turnSeconds.WithLabelValues(c)
		m.failures.WithLabelValues(c, string(bot.Unavailable))
		for _, vec := range []*prometheus.CounterVec{m.conflicts, m.missed, m.away, m.recovered} {
			vec.WithLabelValues(c)
		}
		for _, kind := range []bot.Intent{bot.Emergency, bot.Crisis} {
			m.emergencies.WithLabelValues(c, string(kind))
		}
	}
	for d := range m.dialogues {
		m.began.WithLabelValues(d)
	}
	for _, kind := range []string{engine.Registration, engine.Application} {
		m.intakes.WithLabelValues(kind)
	}
	for _, from := range []string{fromStore, fromMemory} {
		m.loads.WithLabelValues(from)
	}
	m.requests.WithLabelValues(string(bot.WantsPerson), "no")
	m.roundTrips.WithLabelValues(Ledger)
	m.storeErrors.WithLabelValues(Ledger, "load", string(bot.Unavailable))
	m.storeErrors.WithLabelValues(Ledger, "commit", string(bot.Unavailable))
	m.storeErrors.WithLabelValues(Records, "apply", string(bot.Unavailable))
}

// The values of labels.
const (
	answered   = "answered"
	repeated   = "repeated"
	failed     = "failed"
	applied    = "applied"
	fromStore  = "store"
	fromMemory = "memory"
)

func (m *Metrics) counter(name, help string, labels ...string) *prometheus.CounterVec {
	vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	m.registry.MustRegister(vec)
	return vec
}

func (m *Metrics) histogram(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	vec := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
	m.registry.MustRegister(vec)
	return vec
}

func (m *Metrics) gauges(name, help string, labels ...string) *prometheus.GaugeVec {
	vec := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
	m.registry.MustRegister(vec)
	return vec
}

func (m *Metrics) gauge(name, help string) prometheus.Gauge {
	one := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
	m.registry.MustRegister(one)
	return one
}

// process adds what every program shows.
func (m *Metrics) process() {
	version, revision := "unknown", "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = s.Value
			}
		}
	}
	m.gauges("yilu_build_info", "1; the labels say what runs.", "version", "revision", "go").WithLabelValues(version, revision, runtime.Version()).Set(1)
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
}

// Gauge adds a gauge whose value is asked for at every scrape; it must not ask a store.
func (m *Metrics) Gauge(name, help string, value func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
}

// Turn counts a turn. It is engine.Config.Observe.
func (m *Metrics) Turn(o *engine.Observed) {
	channel := in(m.channels, o.Channel)
	outcome := answered
	switch {
	case o.Code != "":
		outcome = failed
		m.failures.WithLabelValues(channel, string(code(o.Code))).Inc()
	case o.Repeated:
		outcome = repeated
	}
	m.turns.WithLabelValues(channel, outcome).Inc()
	m.turnSeconds.WithLabelValues(channel).Observe(o.Took.Seconds())
	if o.Conflicts > 0 {
		m.conflicts.WithLabelValues(channel).Add(float64(o.Conflicts))
	}
	if o.Missed > 0 {
		m.missed.WithLabelValues(channel).Add(float64(o.Missed))
	}
	if o.Away {
		m.away.WithLabelValues(channel).Inc()
	}
	if o.Recovered {
		m.recovered.WithLabelValues(channel).Inc()
	}
	switch o.Danger {
	case "":
	case bot.Emergency, bot.Crisis:
		m.emergencies.WithLabelValues(channel, string(o.Danger)).Inc()
	default:
		m.emergencies.WithLabelValues(channel, other).Inc()
	}
	for _, asked := range o.Asked {
		urgent := "no"
		if asked.Urgent {
			urgent = "yes"
		}
		m.requests.WithLabelValues(requestKind(asked.About), urgent).Inc()
	}
	for _, kind := range o.Intakes {
		m.intakes.WithLabelValues(kind).Inc()
	}
	for _, d := range o.Began {
		m.began.WithLabelValues(in(m.dialogues, d)).Inc()
	}
	for _, e := range o.Ended {
		m.ended.WithLabelValues(in(m.dialogues, e.Dialogue), in(m.outcomes, string(e.Outcome))).Inc()
	}
}

// Effects counts effects that were brought to the records, and those of them that are there.
func (m *Metrics) Effects(entries []bot.Entry, there []string) {
	for _, e := range entries {
		outcome := failed
		if slices.Contains(there, e.ID) {
			outcome = applied
		}
		m.effects.WithLabelValues(in(m.kinds, e.Kind), outcome).Inc()
	}
}

// Call counts a call to a store. Store and op are names of ours.
func (m *Metrics) Call(store, op string, took time.Duration, err error) {
	m.storeSeconds.WithLabelValues(store, op).Observe(took.Seconds())
	switch c := bot.CodeOf(err); c {
	case "", bot.Conflict, bot.NotFound: // what a store answers when it is well
	default:
		m.storeErrors.WithLabelValues(store, op, string(code(c))).Inc()
	}
}

// RoundTrip counts requests that went over the network to a store, for the clients that can tell.
func (m *Metrics) RoundTrip(store string) { m.roundTrips.WithLabelValues(store).Inc() }

// Sample is what the stores were found to hold.
type Sample struct {
	Pending int           // effects that wait
	Oldest  time.Duration // how long the first of them has
	Refused int
	At      time.Time
}

// Sampled keeps a sample.
func (m *Metrics) Sampled(s Sample) {
	m.pending.Set(float64(s.Pending))
	m.oldest.Set(max(0, s.Oldest.Seconds()))
	m.refused.Set(float64(s.Refused))
	m.sampled.Set(float64(s.At.UnixMilli()) / 1000)
}

// Files keeps how many files there are of each state.
func (m *Metrics) Files(waits, kept, lost int) {
	m.files.WithLabelValues("waits").Set(float64(waits))
	m.files.WithLabelValues("kept").Set(float64(kept))
	m.files.WithLabelValues("lost").Set(float64(lost))
}

// Dependency keeps whether a dependency answered. The name is ours.
func (m *Metrics) Dependency(name string, up bool) {
	value := 0.0
	if up {
		value = 1
	}
	m.up.WithLabelValues(name).Set(value)
}

// ServeHTTP writes the page. Whoever comes through a proxy does not get it: the proxy is where the public is, and what
// scrapes comes straight. (Nothing of a person is on the page; how many workers write at night is still nobody's business.)
func (m *Metrics) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for _, header := range []string{"X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Forwarded", "Via"} {
		if r.Header.Get(header) != "" {
			http.NotFound(w, r)
			return
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	m.page.ServeHTTP(w, r)
}

func set(values ...string) map[string]bool {
	s := make(map[string]bool, len(values))
	for _, v := range values {
		s[v] = true
	}
	return s
}

// in is the value if the set has it.
func in(set map[string]bool, value string) string {
	if set[value] {
		return value
	}
	return other
}

// code is one of the codes that there are.
func code(c bot.Code) bot.Code {
	switch c {
	case bot.Invalid, bot.NotFound, bot.Conflict, bot.Unavailable, bot.Off, bot.Internal:
		return c
	}
	return other
}

func requestKind(k bot.RequestKind) string {
	switch k {
	case bot.WantsPerson, bot.PostReport, bot.WantsErase, bot.WantsCopy, bot.InDanger, bot.OwnFault:
		return string(k)
	}
	return other
}

func effectKinds() []string {
	var kinds []string
	for _, e := range []bot.Effect{
		bot.SaveWorker{}, bot.RecordConsent{}, bot.SubmitApplication{}, bot.WithdrawApplication{}, bot.AddAlert{}, bot.StopAlerts{},
		bot.AskStaff{}, bot.KeepFile{}, bot.FileCase{}, bot.AddToCase{}, bot.WithdrawCase{}, bot.NoteContact{}, bot.LinkIdentity{}, bot.UnlinkIdentity{}, bot.MakePass{},
	} {
		kinds = append(kinds, e.Kind())
	}
	return kinds
}
