// Package registration takes down what a station writes down: what to call somebody, a phone, the age, the trades and
// where (tier A); and, only for who wants to tell, when, for how much and with which papers (tier B). Nothing is asked
// that finding work does not need. Who says everything in one message agrees and confirms in one answer.
package registration

import "yilu/bot"

// Form is what is asked.
type Form struct {
	Name     bot.Personal  `json:"name"`
	Phone    bot.Personal  `json:"phone"`
	Birth    bot.Birth     `json:"birth"`
	Birthday bool          `json:"birthday"` // whether this year's is past; asked only where the year does not tell
	Trades   []bot.TradeID `json:"trades"`
	Places   []bot.Place   `json:"places"`
	Start    bot.Date      `json:"start"`
	Shift    bot.Shift     `json:"shift"`
	Pay      bot.Pay       `json:"pay"`
	Settle   bot.Settle    `json:"settle"`
	Cert     string        `json:"cert"`
	Known    bool          `json:"known"` // has registered before: this is a correction
}

// Dialogue is the table.
var Dialogue = bot.Dialogue{
	Name:    "registration",
	Version: 1,
	Own:     true,
	Intents: []bot.Intent{bot.RegisterStart},
	Form:    Form{},
	Start:   "begin",
	States: []bot.State{
		{Name: "begin", Decide: begin, Edges: []bot.Edge{
			{On: bot.Next, To: "consent"},
			{On: "complete", To: "ready"},
			{On: "under16", To: bot.Enter("under16")},
		}},
		{Name: "consent", Call: "consent", Edges: []bot.Edge{
			{On: "agreed", To: "name"},
			{On: "declined", To: "declined"},
		}},
		{Name: "name", Accept: bot.PersonName, Field: "name", Edges: []bot.Edge{{On: bot.Answered, To: "phone"}}},
		{Name: "phone", Accept: bot.Phone, Field: "phone", Edges: []bot.Edge{{On: bot.Answered, To: "birth"}}},
		{Name: "birth", Accept: bot.BirthOrAge, Field: "birth", Decide: bot.JudgeAge, Edges: []bot.Edge{
			{On: bot.Answered, To: "trades"},
			{On: "birthday", To: "birthday"},
			{On: "under16", To: bot.Enter("under16")},
		}},
		{Name: "birthday", Accept: bot.YesNo, Field: "birthday", Aside: true, Decide: bot.JudgeAge, Edges: []bot.Edge{
			{On: bot.Answered, To: "trades"},
			{On: "under16", To: bot.Enter("under16")},
		}},
		{Name: "trades", Accept: bot.TradeList, Field: "trades", Edges: []bot.Edge{{On: bot.Answered, To: "places"}}},
		{Name: "places", Accept: bot.Areas, Field: "places", Edges: []bot.Edge{{On: bot.Answered, To: "ready"}}},
		{Name: "ready", Decide: ready, Edges: []bot.Edge{{On: "agreed", To: "summary"}, {On: bot.Next, To: "agree"}}},
		{Name: "summary", Summary: true, Choices: []string{bot.More}, Decide: confirm, Edges: []bot.Edge{
			{On: bot.Yes, To: "done"},
			{On: bot.More, To: "start"},
		}},

		// Tier B, for who wants to say more.
		{Name: "start", Accept: bot.StartDay, Field: "start", Optional: true, Edges: []bot.Edge{{On: bot.Answered, To: "shift"}}},
		{Name: "shift", Accept: bot.WorkShift, Field: "shift", Optional: true, Edges: []bot.Edge{{On: bot.Answered, To: "pay"}}},
		{Name: "pay", Accept: bot.PayWanted, Field: "pay", Optional: true, Edges: []bot.Edge{{On: bot.Answered, To: "settle"}}},
		{Name: "settle", Accept: bot.Settlement, Field: "settle", Optional: true, Edges: []bot.Edge{{On: bot.Answered, To: "cert"}}},
		{Name: "cert", Accept: bot.Certificate, Field: "cert", Optional: true, Edges: []bot.Edge{{On: bot.Answered, To: "ready"}}},

		// Everything was in the first message: the notice and the summary are one question.
		{Name: "agree", Summary: true, Choices: []string{"decline"}, Decide: agree, Edges: []bot.Edge{
			{On: bot.Yes, To: "done"},
			{On: "decline", To: "declined"},
		}},

		{Name: "done", End: "registered", Data: done, Offer: []bot.Intent{bot.JobsSearch, bot.AlertAdd, bot.NavHome}},
		{Name: "declined", End: "declined", Offer: []bot.Intent{bot.JobsSearch, bot.NavHome}},
	},
}
