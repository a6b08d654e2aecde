// Package mycases tells a worker how their disputes stand: the state, what was last said to them, which period runs from
// when. It never says that a period is over, and what is taken back is with staff at once.
package mycases

import (
	"slices"
	"time"

	"yilu/bot"
)

// Form is the case that is open.
type Form struct {
	Number string `json:"number"`
}

// shown is how many cases are listed.
const shown = 9

// Dialogue is the table.
var Dialogue = bot.Dialogue{
	Name:    "mycases",
	Version: 1,
	Own:     true,
	Aid:     true,
	Intents: []bot.Intent{bot.DisputeStatus, bot.DisputeWithdraw},
	Form:    Form{},
	Start:   "begin",
	Quiet:   true,
	States: []bot.State{
		{Name: "begin", Decide: begin, Edges: []bot.Edge{
			{On: bot.Next, To: "list"},
			{On: "only", To: "open"},
			{On: "withdraw", To: "sure"},
			{On: "waiting", To: "waiting"},
			{On: "none", To: "none"},
		}},
		{Name: "list", List: list, Field: "number", Edges: []bot.Edge{{On: bot.Answered, To: "open"}}},
		{Name: "open", Decide: open, Edges: []bot.Edge{{On: bot.Next, To: "one"}}},
		{Name: "one", Choices: []string{"add", "withdraw", "leave"}, Data: one, Decide: choose, Edges: []bot.Edge{
			{On: "add", To: bot.Enter("addition")},
			{On: "withdraw", To: "sure"},
			{On: "over", To: "over"},
			{On: "leave", To: "left"},
		}},
		{Name: "sure", Accept: bot.YesNo, Data: one, Decide: withdraw, Edges: []bot.Edge{
			{On: bot.Yes, To: "withdrawn"},
			{On: bot.No, To: "kept"},
			{On: "over", To: "over"},
		}},
		{Name: "withdrawn", End: "withdrawn", Data: one, Offer: []bot.Intent{bot.NavHuman, bot.NavHome}},
		{Name: "over", End: "over", Data: one, Offer: []bot.Intent{bot.NavHuman, bot.NavHome}},
		{Name: "kept", End: "kept", Data: one, Offer: []bot.Intent{bot.DisputeStatus, bot.NavHome}},
		{Name: "left", End: "left", Offer: []bot.Intent{bot.NavHuman, bot.NavHome}},
		{Name: "waiting", End: "waiting", Data: filed, Offer: []bot.Intent{bot.NavHuman, bot.NavHome}},
		{Name: "none", End: "none", Offer: []bot.Intent{bot.DisputeNew, bot.NavHuman}},
	},
}

// begin goes straight to the case where there is one.
func begin(t *bot.Turn) (bot.Outcome, error) {
	mine, err := t.Read.Cases(t.Context, t.Worker())
	if bot.CodeOf(err) == bot.Unavailable && waiting(t) != "" {
		return "waiting", nil
	}
	if err != nil {
		return "", err
	}
	live := slices.DeleteFunc(slices.Clone(mine), over)
	switch {
	case t.Reading.Intent == bot.DisputeWithdraw && len(live) == 1:
		return "withdraw", t.Form.Set("number", live[0].Number)
	case len(mine) == 1:
		return "only", t.Form.Set("number", mine[0].Number)
	case len(mine) == 0 && waiting(t) != "":
		return "waiting", nil
	case len(mine) == 0:
		return "none", nil
	}
	return bot.Next, nil
}

// waiting is the number of a case that is not in the records yet.
func waiting(t *bot.Turn) string {
	for _, effect := range t.Waiting() {
		if f, ok := effect.(bot.FileCase); ok {
			return f.Number
		}
	}
	return ""
}

func filed(t *bot.Turn) (any, error) { return struct{ Number string }{waiting(t)}, nil }

// over reports that a case can no longer be taken back.
func over(c bot.Case) bool {
	return slices.Contains([]bot.CaseState{
		bot.CaseWithdrawn, bot.CaseClosed, bot.CaseArchived, bot.CaseDeclined, bot.CaseReferred, bot.CaseFailed, bot.CaseRefused, bot.CasePerformed,
		bot.CaseAgreed, bot.CasePerforming, bot.CaseBreached,
	}, c.State)
}

func list(t *bot.Turn) ([]bot.Option, error) {
	mine, err := t.Read.Cases(t.Context, t.Worker())
	if err != nil {
		return nil, err
	}
	var out []bot.Option
	for _, c := range mine[:min(len(mine), shown)] {
		data, err := about(t, c)
		if err != nil {
			return nil, err
		}
		label, err := t.Text("mycases.line", data)
		if err != nil {
			return nil, err
		}
		out = append(out, bot.Option{Value: c.Number, Label: label})
	}
	return out, nil
}

// view is a case as its worker reads it.
type view struct {
	Number, State string
	Kinds         []bot.DisputeKind
	Opened        bot.Date
	Told          string   // what was last said to the worker
	Clocks        []string // a line each
}

func about(t *bot.Turn, c bot.Case) (view, error) {
	v := view{Number: c.Number, Kinds: c.Dispute.Kinds, Opened: bot.DateOf(c.Opened)}
	var err error
	if v.State, err = t.Text("mycases.state."+string(c.State), nil); err != nil {
		return v, err
	}
	for _, e := range c.History {
		if !e.Told.IsZero() {
			v.Told = e.Told.Reveal()
		}
	}
	for _, k := range c.Clocks {
		if !k.Running() || k.Due == "" || !k.Law { // what the operator aims at is no promise
			continue
		}
		line, err := t.Text("mycases.clock."+k.ID, struct {
			Started, Due bot.Date
			Year         int
		}{k.Started, k.Due, k.Due.Time().Year()})
		if err != nil {
			return v, err
		}
		v.Clocks = append(v.Clocks, line)
	}
	return v, nil
}

// one is the case that is open; where the records have it under another number meanwhile, the number is all there is.
func one(t *bot.Turn) (any, error) {
	form, err := bot.FormOf[Form](t)
	if err != nil {
		return nil, err
	}
	mine, err := t.Read.Cases(t.Context, t.Worker())
	if err != nil {
		return nil, err
	}
	for _, c := range mine {
		if c.Number == form.Number {
			return about(t, c)
		}
	}
	return view{Number: form.Number}, nil
}

// open remembers which case is looked at: photos that follow belong to it.
func open(t *bot.Turn) (bot.Outcome, error) {
	form, err := bot.FormOf[Form](t)
	if err == nil && form.Number != "" {
		t.Remember(bot.FactCase, form.Number+" "+t.Now.UTC().Format(time.RFC3339))
	}
	return bot.Next, err
}

// choose sees whether a case can still be taken back.
func choose(t *bot.Turn) (bot.Outcome, error) {
	if t.Choice != "withdraw" && t.Choice != string(bot.Yes) {
		return bot.Outcome(t.Choice), nil
	}
	form, err := bot.FormOf[Form](t)
	if err != nil {
		return "", err
	}
	mine, err := t.Read.Cases(t.Context, t.Worker())
	if err != nil {
		return "", err
	}
	if slices.ContainsFunc(mine, func(c bot.Case) bool { return c.Number == form.Number && over(c) }) {
		return "over", nil
	}
	return bot.Outcome(t.Choice), nil
}

// withdraw takes the case back, unless staff have ended it while the question stood.
func withdraw(t *bot.Turn) (bot.Outcome, error) {
	on, err := choose(t)
	if err != nil || on != bot.Yes {
		return on, err
	}
	form, err := bot.FormOf[Form](t)
	if err != nil {
		return "", err
	}
	t.Do(bot.WithdrawCase{Number: form.Number})
	return bot.Yes, nil
}
