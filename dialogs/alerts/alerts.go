// Package alerts keeps what a worker wants to hear of, and ends it at a word. What has come is told when they write the
// next time (dialogs/menu); sending it unasked is the outbox's, which is still to come.
package alerts

import (
	"slices"
	"time"

	"yilu/bot"
)

// Form is the wish.
type Form struct {
	Trades []bot.TradeID `json:"trades"`
	Places []bot.Place   `json:"places"`
}

// Dialogue is the table.
var Dialogue = bot.Dialogue{
	Name:    "alerts",
	Version: 1,
	Own:     true,
	Intents: []bot.Intent{bot.AlertAdd, bot.AlertRemove, bot.Unsubscribe},
	Form:    Form{},
	Start:   "begin",
	Quiet:   true,
	Hears:   []bot.Heard{{Field: "places", As: bot.Areas}},
	States: []bot.State{
		{Name: "begin", Decide: begin, Edges: []bot.Edge{
			{On: bot.Next, To: "consent"},
			{On: "stop", To: "stop"},
			{On: "under16", To: bot.Enter("under16")},
		}},
		{Name: "consent", Call: "consent", Edges: []bot.Edge{
			{On: "agreed", To: "trades"},
			{On: "declined", To: "declined"},
		}},
		{Name: "trades", Accept: bot.TradeList, Field: "trades", Decide: add, Edges: []bot.Edge{{On: bot.Answered, To: "added"}}},
		{Name: "added", End: "added", Data: wish, Offer: []bot.Intent{bot.JobsSearch, bot.NavHome}},
		{Name: "declined", End: "declined", Offer: []bot.Intent{bot.JobsSearch, bot.NavHome}},

		{Name: "stop", Decide: stop, Edges: []bot.Edge{
			{On: "all", To: "stopped"},
			{On: "some", To: "fewer"},
			{On: "none", To: "none"},
		}},
		{Name: "stopped", End: "stopped", Offer: []bot.Intent{bot.JobsSearch, bot.NavHome}},
		{Name: "fewer", End: "stopped", Data: wish, Offer: []bot.Intent{bot.JobsSearch, bot.NavHome}},
		{Name: "none", End: "none", Offer: []bot.Intent{bot.AlertAdd, bot.NavHome}},
	},
}

func begin(t *bot.Turn) (bot.Outcome, error) {
	switch {
	case t.Reading.Intent == bot.AlertRemove, t.Reading.Intent == bot.Unsubscribe:
		return "stop", nil
	case t.Fact(bot.FactUnder16) != "":
		return "under16", nil
	}
	return bot.Next, nil
}

func add(t *bot.Turn) (bot.Outcome, error) {
	form, err := bot.FormOf[Form](t)
	if err != nil {
		return "", err
	}
	t.Do(bot.AddAlert{Trades: form.Trades, Places: form.Places})
	t.Remember(bot.FactAlerts, t.Now.UTC().Format(time.RFC3339))
	return bot.Answered, nil
}

// stop ends the alerts for the trades that were named, or all of them. It asks the records only to say what was there:
// where they do not answer, everything is stopped, because that is what was wanted.
func stop(t *bot.Turn) (bot.Outcome, error) {
	form, err := bot.FormOf[Form](t)
	if err != nil {
		return "", err
	}
	if t.Reading.Intent == bot.Unsubscribe {
		form.Trades = nil
	}
	have, err := t.Read.Alerts(t.Context, t.Worker())
	if err == nil && !slices.ContainsFunc(have, func(a bot.Alert) bool { return covers(a, form.Trades) }) {
		return "none", nil
	}
	t.Do(bot.StopAlerts{Trades: form.Trades})
	if len(form.Trades) > 0 {
		return "some", nil
	}
	t.Remember(bot.FactAlerts, "")
	return "all", nil
}

// covers reports whether stopping the trades changes the alert; no trades means all.
func covers(a bot.Alert, trades []bot.TradeID) bool {
	return len(trades) == 0 || slices.ContainsFunc(trades, func(id bot.TradeID) bool { return slices.Contains(a.Trades, id) })
}

func wish(t *bot.Turn) (any, error) {
	form, err := bot.FormOf[Form](t)
	return form, err
}
