// Package dispute takes down once what somebody wants to have mediated: what happened, who had them work, how much it is
// about, what they have to show. It judges nothing and promises nothing: the way that it will probably go is marked as
// provisional, nobody is refused for their age or for a contract, a paper or a name that is missing, and the other side is
// not spoken to before the worker agrees and staff take the case on. The first words are with staff before anything is
// asked; the case has its number once its worker has heard it read back and said yes (劳动争议调解仲裁法 §12: an application
// may be made by word of mouth, and is written down).
package dispute

import (
	"slices"

	"yilu/bot"
)

// Form is what is asked.
type Form struct {
	Number     string            `json:"number"` // of the case, for the files that come on the way
	Told       bool              `json:"told"`   // the first words are with staff
	Kinds      []bot.DisputeKind `json:"kinds"`
	Kind       string            `json:"kind"` // asked only where nothing that was said tells
	Facts      string            `json:"facts"`
	Hirer      string            `json:"hirer"`
	Respondent string            `json:"respondent"`
	Places     []bot.Place       `json:"places"`
	Period     string            `json:"period"`
	Amount     bot.Money         `json:"amount"`
	Rate       bot.Pay           `json:"rate"`
	Count      int               `json:"count"`
	Paid       bot.Money         `json:"paid"`
	Contract   string            `json:"contract"`
	Still      bool              `json:"still"`
	Party      int               `json:"party"`
	Evidence   string            `json:"evidence"`
	Name       bot.Personal      `json:"name"`
	Phone      bot.Personal      `json:"phone"`
}

// kinds are the choices of what it is about.
var kinds = func() (names []string) {
	for _, k := range bot.DisputeKinds {
		names = append(names, string(k))
	}
	return names
}()

// Dialogue is the table.
var Dialogue = bot.Dialogue{
	Name:    "dispute",
	Version: 1,
	Aid:     true,
	Intents: []bot.Intent{bot.DisputeNew},
	Form:    Form{},
	Hears:   []bot.Heard{{Field: "places", As: bot.Areas}, {Field: "party", As: bot.PartySize}},
	Start:   "begin",
	States: []bot.State{
		{Name: "begin", Decide: begin, Edges: []bot.Edge{{On: bot.Next, To: "agree"}}},
		{Name: "agree", Accept: bot.YesNo, Decide: agree, Edges: []bot.Edge{{On: bot.Yes, To: "facts"}, {On: bot.No, To: "declined"}}},
		{Name: "facts", Accept: bot.FreeText, Field: "facts", Sensitive: true, Decide: facts, Edges: []bot.Edge{
			{On: bot.Answered, To: "hirer"},
			{On: "unclear", To: "kind"},
		}},
		{Name: "kind", Choices: kinds, Field: "kind", Aside: true, Decide: kind, Edges: []bot.Edge{{On: bot.Answered, To: "hirer"}}},
		{Name: "hirer", Choices: bot.Hirers, Field: "hirer", Edges: []bot.Edge{{On: bot.Answered, To: "respondent"}}},
		{Name: "respondent", Accept: bot.FreeText, Field: "respondent", Optional: true, Sensitive: true, Decide: respondent,
			Edges: []bot.Edge{{On: bot.Answered, To: "period"}}},
		{Name: "period", Accept: bot.FreeText, Field: "period", Optional: true, Decide: period, Edges: []bot.Edge{
			{On: bot.Answered, To: "amount"},
			{On: "no_money", To: "contract"},
		}},

		// How much; who cannot say works it out with us, line by line.
		{Name: "amount", Accept: bot.Sum, Field: "amount", Optional: true, Decide: amount, Edges: []bot.Edge{
			{On: bot.Answered, To: "contract"},
			{On: "work_out", To: "rate"},
		}},
		{Name: "rate", Accept: bot.PayWanted, Field: "rate", Optional: true, Aside: true, Decide: rate, Edges: []bot.Edge{
			{On: bot.Answered, To: "count"},
			{On: "unknown", To: "contract"},
		}},
		{Name: "count", Accept: bot.Count, Field: "count", Optional: true, Aside: true, Data: perUnit, Decide: count, Edges: []bot.Edge{
			{On: bot.Answered, To: "paid"},
			{On: "unknown", To: "contract"},
		}},
		{Name: "paid", Accept: bot.Sum, Field: "paid", Optional: true, Aside: true, Decide: workOut, Edges: []bot.Edge{{On: bot.Answered, To: "contract"}}},

		{Name: "contract", Choices: bot.Contracts, Field: "contract", Edges: []bot.Edge{{On: bot.Answered, To: "still"}}},
		{Name: "still", Accept: bot.YesNo, Field: "still", Edges: []bot.Edge{{On: bot.Answered, To: "evidence"}}},
		{Name: "evidence", Accept: bot.FreeText, Field: "evidence", Optional: true, Sensitive: true, Edges: []bot.Edge{{On: bot.Answered, To: "name"}}},
		{Name: "name", Accept: bot.PersonName, Field: "name", Edges: []bot.Edge{{On: bot.Answered, To: "phone"}}},
		{Name: "phone", Accept: bot.Phone, Field: "phone", Edges: []bot.Edge{{On: bot.Answered, To: "ready"}}},
		{Name: "ready", Decide: ready, Edges: []bot.Edge{{On: bot.Next, To: "summary"}}},
		{Name: "summary", Summary: true, Decide: confirm, Edges: []bot.Edge{{On: bot.Yes, To: "done"}}},

		{Name: "done", End: "filed", Data: done, Offer: []bot.Intent{bot.DisputeStatus, bot.NavHuman, bot.NavHome}},
		{Name: "declined", End: "declined", Data: told, Offer: []bot.Intent{bot.NavHuman, bot.NavHome}},
	},
}

// ofMoney are the kinds that are about a sum.
var ofMoney = []bot.DisputeKind{"wage_arrears", "deduction", "deposit", "overtime", "dismissal", "other"}

func aboutMoney(list []bot.DisputeKind) bool {
	return slices.ContainsFunc(list, func(k bot.DisputeKind) bool { return slices.Contains(ofMoney, k) })
}

// route is the way that a dispute will probably go. The brief's table decides by who had the worker work; what it does not
// tell is for staff.
func route(d bot.Dispute) bot.Route {
	wages := slices.Contains(d.Kinds, "wage_arrears") || slices.Contains(d.Kinds, "deduction")
	switch {
	case d.Young || slices.Contains(d.Kinds, "injury"):
		return bot.RouteStaff
	case len(d.Kinds) == 1 && d.Kinds[0] == "insurance_refusal":
		return bot.RouteInsurer
	}
	switch d.Hirer {
	case "company":
		return bot.RouteLabour
	case "platform":
		return bot.RoutePlatform
	case "foreman":
		if wages {
			return bot.RouteSite
		}
		return bot.RouteCivil
	case "household":
		return bot.RouteCivil
	}
	return bot.RouteStaff
}
