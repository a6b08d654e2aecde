package app

import (
	"context"
	"slices"
	"time"

	"yilu/adapters"
	"yilu/bot/engine"
	"yilu/bot/ledger"
	"yilu/bot/ops"
	"yilu/bot/postgres"
	"yilu/dialogs"
)

// mostPending bounds how many waiting effects are counted.
const mostPending = 1000

// filesEvery is how many rounds of the sweeper pass between two counts of the files.
const filesEvery = 12

// measuring readies the metrics, before the stores are opened, which may count too.
func (a *App) measuring() {
	a.metrics = ops.NewMetrics(adapters.Names(), dialogs.All())
}

// observing readies what looks at the stores.
func (a *App) observing() {
	held := func() float64 { return 0 } // the data file is asked every time
	if l, ok := a.ledger.(interface{ Held() int }); ok {
		held = func() float64 { return float64(l.Held()) }
	}
	a.metrics.Gauge("yilu_sessions_held", "Sessions that this process remembers, to spare asking the ledger.", held)
	a.ready = ops.NewReadiness(a.config.Log, a.metrics,
		ops.Dependency{Name: a.store(ops.Ledger, ledger.RedisSetting, "redis"), Ping: a.ledger.Ping},
		ops.Dependency{Name: a.store(ops.Records, postgres.Setting, "postgres"), Ping: a.Records.Ping},
	)
}

// store names a store with what it is.
func (a *App) store(name, setting, kind string) string {
	if a.Setting(setting) == "" {
		kind = "file"
	}
	return name + " (" + kind + ")"
}

// turned counts a turn, and logs one that failed: not what was said, nor by whom.
func (a *App) turned(o *engine.Observed) {
	a.metrics.Turn(o)
	if o.Code != "" {
		a.config.Log.Warn("turn failed", "channel", o.Channel, "code", string(o.Code), "took", o.Took.Round(10*time.Microsecond).String(), "conflicts", o.Conflicts)
	}
}

// sample looks at the stores for the metrics; round counts the looks.
func (a *App) sample(ctx context.Context, round int) {
	a.ready.Missing(ctx)
	now := a.config.Now()
	waiting, err := a.ledger.Unsettled(ctx, now, mostPending)
	if err != nil {
		return // readiness has said it
	}
	// What the records refuse waits for somebody to look at it, and for no store.
	waiting = slices.DeleteFunc(waiting, func(p ledger.Pending) bool { return a.Refuses(p.Entry.ID) })
	s := ops.Sample{Pending: len(waiting), Refused: a.Refused(), At: now}
	if len(waiting) > 0 {
		s.Oldest = max(0, now.Sub(waiting[0].Entry.At))
	}
	a.metrics.Sampled(s)
	if round%filesEvery != 0 {
		return
	}
	if waits, kept, lost, err := a.Records.FileCounts(ctx); err == nil {
		a.metrics.Files(waits, kept, lost)
	}
}
