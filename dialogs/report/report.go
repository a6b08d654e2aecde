// Package report takes down what is wrong with a post: that money is asked for, that the place or the work is another
// one. Three answers at most; money and fraud go to staff as urgent.
package report

import "yilu/bot"

// Form is the report.
type Form struct {
	Post   bot.PostID `json:"post"`
	Reason string     `json:"reason"`
	Note   string     `json:"note"`
}

// Dialogue is the table.
var Dialogue = bot.Dialogue{
	Name:    "report",
	Version: 1,
	Intents: []bot.Intent{bot.JobsReport},
	Form:    Form{},
	Start:   "begin",
	Quiet:   true,
	States: []bot.State{
		{Name: "begin", Decide: begin, Edges: []bot.Edge{{On: bot.Next, To: "reason"}}},
		{Name: "reason", Choices: []string{"fee", "wrong_address", "wrong_trade", "unreachable", "already_full", "unpaid", "scam"}, Field: "reason",
			Edges: []bot.Edge{{On: bot.Answered, To: "note"}}},
		{Name: "note", Accept: bot.FreeText, Field: "note", Optional: true, Decide: send, Edges: []bot.Edge{
			{On: bot.Answered, To: "done"},
			{On: "money", To: "money"},
		}},
		{Name: "money", End: "reported", Data: number, Offer: []bot.Intent{bot.NavHuman, bot.JobsSearch}},
		{Name: "done", End: "reported", Data: number, Offer: []bot.Intent{bot.JobsSearch, bot.NavHome}},
	},
}

// begin knows which post is meant, and takes the reason if the message named it.
func begin(t *bot.Turn) (bot.Outcome, error) {
	if post := t.Fact(bot.FactPost); post != "" && !t.Form.Has("post") {
		if err := t.Form.Set("post", post); err != nil {
			return "", err
		}
	}
	if reason := t.Reading.Slots.Reason; reason != "" && !t.Form.Has("reason") {
		return bot.Next, t.Form.Set("reason", reason)
	}
	return bot.Next, nil
}

// send lays the report before staff.
func send(t *bot.Turn) (bot.Outcome, error) {
	form, err := bot.FormOf[Form](t)
	if err != nil {
		return "", err
	}
	money := form.Reason == "fee" || form.Reason == "scam" || form.Reason == "unpaid"
	t.Do(bot.AskStaff{
		Number: t.Number("JB"), About: bot.PostReport, Post: form.Post, Reason: form.Reason,
		Note: bot.NewPersonal(form.Note), Urgent: money,
	})
	if money {
		return "money", nil
	}
	return bot.Answered, nil
}

func number(t *bot.Turn) (any, error) {
	return struct{ Number string }{t.Number("JB")}, nil
}
