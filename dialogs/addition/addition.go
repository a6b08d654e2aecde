// Package addition takes what a worker has to add to a dispute that they filed. It is with staff at once. It is a dialogue
// of its own so that it can be finished on the web page, by a link, where the worker's channel stores data abroad; the rest of
// what is kept of a case is not shown there.
package addition

import "yilu/bot"

// Form is the case and what is added to it.
type Form struct {
	Number string `json:"number"`
	Note   string `json:"note"`
}

// Dialogue is the table.
var Dialogue = bot.Dialogue{
	Name:    "addition",
	Version: 1,
	Aid:     true,
	Form:    Form{},
	Start:   "note",
	Quiet:   true,
	States: []bot.State{
		{Name: "note", Accept: bot.FreeText, Field: "note", Sensitive: true, Data: number, Decide: add, Edges: []bot.Edge{{On: bot.Answered, To: "added"}}},
		{Name: "added", End: "added", Data: number, Offer: []bot.Intent{bot.DisputeStatus, bot.NavHome}},
	},
}

func add(t *bot.Turn) (bot.Outcome, error) {
	form, err := bot.FormOf[Form](t)
	if err != nil {
		return "", err
	}
	t.Do(bot.AddToCase{Number: form.Number, Note: bot.NewPersonal(form.Note)})
	return bot.Answered, nil
}

func number(t *bot.Turn) (any, error) {
	form, err := bot.FormOf[Form](t)
	return struct{ Number string }{form.Number}, err
}
