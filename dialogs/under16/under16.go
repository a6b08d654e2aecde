// Package under16 tells somebody who is not 16 yet that nobody may introduce them to work (禁止使用童工规定 §2), keeps
// nothing of them, and has a person at hand at once if they have been harmed or not paid. It never turns away who asks
// for help.
package under16

import "yilu/bot"

// Dialogue is the table.
var Dialogue = bot.Dialogue{
	Name:    "under16",
	Version: 2,
	Intents: []bot.Intent{bot.TooYoung},
	Start:   "known",
	Quiet:   true,
	States: []bot.State{
		{Name: "known", Decide: known, Edges: []bot.Edge{{On: bot.Next, To: "stop"}}},
		{Name: "stop", Choices: []string{"help", "wrong", "leave"}, Edges: []bot.Edge{
			{On: "help", To: bot.Enter("person")},
			{On: "wrong", To: "again"},
			{On: "leave", To: "left"},
		}},
		// By way of a state of its own: whoever just says that they want to register has not said that the age was wrong.
		{Name: "again", Decide: forget, Edges: []bot.Edge{{On: bot.Next, To: bot.Enter("registration")}}},
		{Name: "left", End: "left", Offer: []bot.Intent{bot.NavHuman}},
	},
}

// known has staff take back what the records hold of this person, if they hold anything: an application that was sent
// before the age was known.
func known(t *bot.Turn) (bot.Outcome, error) {
	if _, err := t.Read.Worker(t.Context, t.Worker()); bot.CodeOf(err) != bot.NotFound {
		t.Do(bot.AskStaff{Number: t.Number("SC"), About: bot.WantsErase, Reason: "under16", Urgent: true})
	}
	return bot.Next, nil
}

func forget(t *bot.Turn) (bot.Outcome, error) {
	t.Remember(bot.FactUnder16, "")
	return bot.Next, nil
}
