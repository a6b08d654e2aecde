package ops

import (
	"context"
	"time"

	"yilu/bot"
	"yilu/bot/engine"
	"yilu/bot/ledger"
)

// The stores, as metrics, readiness and logs name them.
const (
	Ledger  = "ledger"
	Records = "records"
)

// WatchLedger is the ledger with its calls counted.
func WatchLedger(l ledger.Ledger, m *Metrics, now func() time.Time) ledger.Ledger {
	return &watchedLedger{l, m, now}
}

type watchedLedger struct {
	ledger.Ledger
	m   *Metrics
	now func() time.Time
}

func (w *watchedLedger) done(op string, began time.Time, err error) {
	w.m.Call(Ledger, op, w.now().Sub(began), err)
}

func (w *watchedLedger) loaded(s ledger.Snapshot) {
	from := fromStore
	if s.Held {
		from = fromMemory
	}
	w.m.loads.WithLabelValues(from).Inc()
}

// Load implements ledger.Ledger.
func (w *watchedLedger) Load(ctx context.Context, key, message string, now time.Time) (ledger.Snapshot, error) {
	began := w.now()
	s, err := w.Ledger.Load(ctx, key, message, now)
	w.done("load", began, err)
	if err == nil {
		w.loaded(s)
	}
	return s, err
}

// Look implements ledger.Ledger.
func (w *watchedLedger) Look(ctx context.Context, key, message string, now time.Time) (ledger.Snapshot, error) {
	began := w.now()
	s, err := w.Ledger.Look(ctx, key, message, now)
	w.done("look", began, err)
	return s, err
}

// Commit implements ledger.Ledger.
func (w *watchedLedger) Commit(ctx context.Context, key string, c ledger.Commit) error {
	began := w.now()
	err := w.Ledger.Commit(ctx, key, c)
	w.done("commit", began, err)
	return err
}

// Settle implements ledger.Ledger.
func (w *watchedLedger) Settle(ctx context.Context, key string, ids []string) error {
	began := w.now()
	err := w.Ledger.Settle(ctx, key, ids)
	w.done("settle", began, err)
	return err
}

// Unsettled implements ledger.Ledger.
func (w *watchedLedger) Unsettled(ctx context.Context, before time.Time, limit int) ([]ledger.Pending, error) {
	began := w.now()
	p, err := w.Ledger.Unsettled(ctx, before, limit)
	w.done("unsettled", began, err)
	return p, err
}

// History implements ledger.Ledger.
func (w *watchedLedger) History(ctx context.Context, key string) ([]ledger.Turn, error) {
	began := w.now()
	t, err := w.Ledger.History(ctx, key)
	w.done("history", began, err)
	return t, err
}

// Forget implements ledger.Ledger.
func (w *watchedLedger) Forget(ctx context.Context, now time.Time, limit int) (int, error) {
	began := w.now()
	n, err := w.Ledger.Forget(ctx, now, limit)
	w.done("forget", began, err)
	return n, err
}

// WatchRecords is what the engine asks of the records, with its calls and the effects counted.
func WatchRecords(r engine.Records, m *Metrics, now func() time.Time) engine.Records {
	return &watchedRecords{r, m, now}
}

type watchedRecords struct {
	engine.Records
	m   *Metrics
	now func() time.Time
}

func watch[T any](w *watchedRecords, op string, call func() (T, error)) (T, error) {
	began := w.now()
	v, err := call()
	w.m.Call(Records, op, w.now().Sub(began), err)
	return v, err
}

// Apply implements engine.Records.
func (w *watchedRecords) Apply(ctx context.Context, entries []bot.Entry) ([]string, error) {
	ids, err := watch(w, "apply", func() ([]string, error) { return w.Records.Apply(ctx, entries) })
	w.m.Effects(entries, ids)
	return ids, err
}

// Worker implements bot.Reader.
func (w *watchedRecords) Worker(ctx context.Context, id bot.WorkerID) (bot.Worker, error) {
	return watch(w, "worker", func() (bot.Worker, error) { return w.Records.Worker(ctx, id) })
}

// Search implements bot.Reader.
func (w *watchedRecords) Search(ctx context.Context, q bot.Query) (bot.Found, error) {
	return watch(w, "search", func() (bot.Found, error) { return w.Records.Search(ctx, q) })
}

// Post implements bot.Reader.
func (w *watchedRecords) Post(ctx context.Context, id bot.PostID) (bot.Post, error) {
	return watch(w, "post", func() (bot.Post, error) { return w.Records.Post(ctx, id) })
}

// Applications implements bot.Reader.
func (w *watchedRecords) Applications(ctx context.Context, id bot.WorkerID) ([]bot.Application, error) {
	return watch(w, "applications", func() ([]bot.Application, error) { return w.Records.Applications(ctx, id) })
}

// Alerts implements bot.Reader.
func (w *watchedRecords) Alerts(ctx context.Context, id bot.WorkerID) ([]bot.Alert, error) {
	return watch(w, "alerts", func() ([]bot.Alert, error) { return w.Records.Alerts(ctx, id) })
}

// Identities implements bot.Reader.
func (w *watchedRecords) Identities(ctx context.Context, id bot.WorkerID) ([]bot.Identity, error) {
	return watch(w, "identities", func() ([]bot.Identity, error) { return w.Records.Identities(ctx, id) })
}
