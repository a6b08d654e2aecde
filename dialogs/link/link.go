// Package link makes one worker of two channels, and two of one again. A code that is shown on one channel is typed on
// the other; from then on both are the conversation of the channel that showed it, with one registration and one list of
// applications. It takes effect with the next message. Whoever undoes it on a channel is somebody new there; what was
// joined stays with the first. The code proves that both are in the same hands, so nothing less links: a phone number that
// was only typed is no proof.
package link

import "yilu/bot"

// Form is what linking needs.
type Form struct {
	Code    string `json:"code"`    // as typed
	Channel string `json:"channel"` // to be undone, see mark
}

// Dialogue is the table.
var Dialogue = bot.Dialogue{
	Name:    "link",
	Version: 1,
	Own:     true,
	Intents: []bot.Intent{bot.LinkAdd, bot.LinkRemove},
	Form:    Form{},
	Start:   "begin",
	Quiet:   true,
	States: []bot.State{
		{Name: "begin", Decide: begin, Edges: []bot.Edge{
			{On: bot.Next, To: "which"},
			{On: "remove", To: "any"},
			{On: "linked", To: "linked"},
			{On: "same", To: "same"},
			{On: "unknown", To: "code"},
			{On: "later", To: "later"},
		}},
		{Name: "which", Choices: []string{"show", "enter", "remove", "leave"}, Edges: []bot.Edge{
			{On: "show", To: "shown"},
			{On: "enter", To: "code"},
			{On: "remove", To: "any"},
			{On: "leave", To: "left"},
		}},
		{Name: "shown", End: "shown", Data: show, Offer: []bot.Intent{bot.NavHome}},
		{Name: "code", Accept: bot.FreeText, Field: "code", Decide: enter, Edges: []bot.Edge{
			{On: "linked", To: "linked"},
			{On: "same", To: "same"},
			{On: "unknown", To: "code"},
			{On: "later", To: "later"},
		}},
		{Name: "linked", End: "linked", Offer: []bot.Intent{bot.NavHome}},
		{Name: "same", End: "same", Offer: []bot.Intent{bot.NavHome}},
		{Name: "later", End: "later", Offer: []bot.Intent{bot.NavHome, bot.NavHuman}},
		{Name: "any", Decide: anyOther, Edges: []bot.Edge{{On: bot.Next, To: "remove"}, {On: "none", To: "none"}}},
		{Name: "remove", Data: keeper, List: others, Field: "channel", Choices: []string{"leave"}, Decide: remove, Edges: []bot.Edge{
			{On: bot.Answered, To: "removed"},
			{On: "leave", To: "left"},
		}},
		{Name: "removed", End: "removed", Data: keeper, Offer: []bot.Intent{bot.NavHome}},
		{Name: "none", End: "none", Offer: []bot.Intent{bot.LinkAdd, bot.NavHome}},
		{Name: "left", End: "left", Offer: []bot.Intent{bot.NavHome}},
	},
}
