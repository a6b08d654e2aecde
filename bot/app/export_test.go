package app

import (
	"net/http"
	"time"

	"yilu/bot/engine"
	"yilu/bot/ledger"
	"yilu/bot/ops"
)

// Patience and RecordIn are how long a turn waits for stores over the network.
const (
	Patience = patience
	RecordIn = recordIn
)

// Through puts something between the app and its ledger. It is called before anything is served.
func (a *App) Through(wrap func(ledger.Ledger) ledger.Ledger) {
	a.ledger = wrap(a.ledger)
	a.measuring()
	a.observing()
	a.Engine.Ledger = ops.WatchLedger(a.ledger, a.metrics, a.config.Now)
}

// Hasty are records that are not waited for longer than d.
func Hasty(r engine.Records, d time.Duration) engine.Records { return hasty{Records: r, most: d} }

// Metrics is the page of the metrics.
func (a *App) Metrics() http.Handler { return a.metrics }

// Sample looks at the stores for the metrics, as the sweeper does.
var Sample = (*App).sample
