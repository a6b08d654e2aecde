// Package applications shows a worker what they have applied for, and takes an application back when they say so twice.
package applications

import "yilu/bot"

// Form is the application that is open.
type Form struct {
	Number string `json:"number"`
}

// shown is how many applications are listed; older ones are told by staff.
const shown = 9

// Dialogue is the table.
var Dialogue = bot.Dialogue{
	Name:    "applications",
	Version: 1,
	Own:     true,
	Intents: []bot.Intent{bot.JobsMine, bot.JobsWithdraw},
	Form:    Form{},
	Start:   "begin",
	Quiet:   true,
	States: []bot.State{
		{Name: "begin", Decide: begin, Edges: []bot.Edge{
			{On: bot.Next, To: "list"},
			{On: "only", To: "sure"},
			{On: "none", To: "none"},
		}},
		{Name: "list", List: list, Field: "number", Edges: []bot.Edge{{On: bot.Answered, To: "one"}}},
		{Name: "one", Choices: []string{"withdraw", "list"}, Data: one, Edges: []bot.Edge{
			{On: "withdraw", To: "sure"},
			{On: "list", To: "list"},
		}},
		{Name: "sure", Accept: bot.YesNo, Data: one, Decide: withdraw, Edges: []bot.Edge{
			{On: bot.Yes, To: "withdrawn"},
			{On: bot.No, To: "kept"},
		}},
		{Name: "withdrawn", End: "withdrawn", Data: one, Offer: []bot.Intent{bot.JobsSearch, bot.NavHome}},
		{Name: "kept", End: "kept", Offer: []bot.Intent{bot.JobsMine, bot.NavHome}},
		{Name: "none", End: "none", Offer: []bot.Intent{bot.JobsSearch, bot.NavHome}},
	},
}

// begin goes straight to the question when there is one application and the worker wants it back.
func begin(t *bot.Turn) (bot.Outcome, error) {
	mine, err := t.Read.Applications(t.Context, t.Worker())
	switch {
	case err != nil:
		return "", err
	case len(mine) == 0:
		return "none", nil
	case len(mine) == 1 && t.Reading.Intent == bot.JobsWithdraw:
		return "only", t.Form.Set("number", mine[0].Number)
	}
	return bot.Next, nil
}

func list(t *bot.Turn) ([]bot.Option, error) {
	mine, err := t.Read.Applications(t.Context, t.Worker())
	if err != nil {
		return nil, err
	}
	var out []bot.Option
	for _, a := range mine[:min(len(mine), shown)] {
		title, err := titleOf(t, a.Post)
		if err != nil {
			return nil, err
		}
		label, err := t.Text("applications.line", struct {
			Title, Number string
			Party         int
		}{title, a.Number, a.Party})
		if err != nil {
			return nil, err
		}
		out = append(out, bot.Option{Value: a.Number, Label: label})
	}
	return out, nil
}

func titleOf(t *bot.Turn, id bot.PostID) (string, error) {
	p, err := t.Read.Post(t.Context, id)
	if bot.CodeOf(err) == bot.NotFound {
		return string(id), nil
	}
	return p.Title, err
}

// one is the application that is open. Where it was withdrawn in the meantime, its number is all there is to say.
func one(t *bot.Turn) (any, error) {
	form, err := bot.FormOf[Form](t)
	if err != nil {
		return nil, err
	}
	data := struct {
		Title, Number string
		Party         int
		Day           bot.Date
	}{Number: form.Number}
	mine, err := t.Read.Applications(t.Context, t.Worker())
	if err != nil {
		return nil, err
	}
	for _, a := range mine {
		if a.Number == form.Number {
			data.Party, data.Day = a.Party, bot.DateOf(a.At)
			data.Title, err = titleOf(t, a.Post)
		}
	}
	return data, err
}

func withdraw(t *bot.Turn) (bot.Outcome, error) {
	if t.Choice == string(bot.Yes) {
		form, err := bot.FormOf[Form](t)
		if err != nil {
			return "", err
		}
		t.Do(bot.WithdrawApplication{Number: form.Number})
	}
	return bot.Outcome(t.Choice), nil
}
