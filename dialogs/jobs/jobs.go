// Package jobs finds work. It needs no registration; it takes whatever of trade, place, pay, day, shift and settlement
// a worker names, in one message or in several, and shows a few posts a page. Where nothing fits it says so, and what
// it left out to find something that nearly does.
package jobs

import "yilu/bot"

// Page is how many posts a page holds.
const Page = 4

// Form holds the wishes, and what was found.
type Form struct {
	Trades  []bot.TradeID `json:"trades"`
	Places  []bot.Place   `json:"places"`
	Pay     bot.Pay       `json:"pay"`
	Settle  bot.Settle    `json:"settle"`
	Shift   bot.Shift     `json:"shift"`
	Date    bot.Date      `json:"date"`
	Shown   []bot.PostID  `json:"shown"`   // the page: it does not change under the worker's finger
	Offset  int           `json:"offset"`  // of the page
	More    bool          `json:"more"`    // there is another page
	Relaxed string        `json:"relaxed"` // the wish that was left out to find these, "" if none
	Post    bot.PostID    `json:"post"`    // the one that is open
	Party   int           `json:"party"`   // how many would come; apply takes it over
}

// Dialogue is the table.
var Dialogue = bot.Dialogue{
	Name:    "jobs",
	Version: 1,
	Intents: []bot.Intent{bot.JobsSearch},
	Form:    Form{},
	Start:   "begin",
	Quiet:   true,
	Hears: []bot.Heard{
		{Field: "settle", As: bot.Settlement},
		{Field: "shift", As: bot.WorkShift},
		{Field: "date", As: bot.StartDay},
		{Field: "party", As: bot.PartySize},
	},
	States: []bot.State{
		{Name: "begin", Decide: begin, Edges: []bot.Edge{
			{On: "wish", To: "wish"},
			{On: "which_trade", To: "trade"},
			{On: "which_place", To: "place"},
			{On: "which_pay", To: "pay"},
			{On: bot.Next, To: "search"},
			{On: "under16", To: bot.Enter("under16")},
		}},
		{Name: "wish", Accept: bot.TradeList, Field: "trades", Edges: []bot.Edge{
			{On: bot.Answered, To: "begin"},
			{On: bot.Refined, To: "begin"},
		}},
		{Name: "trade", Accept: bot.TradeList, Field: "trades", Edges: []bot.Edge{{On: bot.Answered, To: "begin"}}},
		{Name: "place", Accept: bot.Areas, Field: "places", Edges: []bot.Edge{{On: bot.Answered, To: "begin"}}},
		{Name: "pay", Accept: bot.PayWanted, Field: "pay", Optional: true, Edges: []bot.Edge{{On: bot.Answered, To: "begin"}}},
		{Name: "search", Decide: search, Edges: []bot.Edge{
			{On: "found", To: "results"},
			{On: "nothing", To: "nothing"},
		}},
		{Name: "results", List: list, Field: "post", Choices: []string{bot.More, "alert"}, Data: found, Decide: turnPage, Edges: []bot.Edge{
			{On: bot.Answered, To: "look"},
			{On: bot.More, To: "search"},
			{On: "alert", To: bot.Enter("alerts")},
			{On: bot.Refined, To: "refined"},
		}},
		{Name: "look", Decide: look, Edges: []bot.Edge{{On: "open", To: "post"}, {On: "closed", To: "closed"}}},
		{Name: "post", Choices: []string{"apply", "report", "list"}, Data: details, Edges: []bot.Edge{
			{On: "apply", To: bot.Enter("apply")},
			{On: "report", To: bot.Enter("report")},
			{On: "list", To: "results"},
			{On: bot.Refined, To: "several"},
		}},
		{Name: "several", Decide: several, Edges: []bot.Edge{
			{On: "apply", To: bot.Enter("apply")},
			{On: bot.Next, To: "refined"},
		}},
		{Name: "closed", Choices: []string{"list", "alert"}, Edges: []bot.Edge{
			{On: "list", To: "search"},
			{On: "alert", To: bot.Enter("alerts")},
			{On: bot.Refined, To: "refined"},
		}},
		{Name: "nothing", Choices: []string{"alert", "everything"}, Data: wishes, Edges: []bot.Edge{
			{On: "alert", To: bot.Enter("alerts")},
			{On: "everything", To: "everything"},
			{On: bot.Refined, To: "refined"},
		}},
		{Name: "refined", Decide: first, Edges: []bot.Edge{{On: bot.Next, To: "begin"}}},
		{Name: "everything", Decide: everything, Edges: []bot.Edge{{On: bot.Next, To: "search"}, {On: "nothing", To: "none"}}},
		{Name: "none", End: "none", Offer: []bot.Intent{bot.AlertAdd, bot.NavHome}},
	},
}
