// Package apply applies for a post, for one or for several people. It asks only for what is missing: whoever has
// registered confirms, and that is all. Nobody under 16 gets through, and from 16 to 17 only posts that staff have
// marked as fit (未成年人保护法 §61); a post that has closed in the meantime says so.
package apply

import "yilu/bot"

// Form is what an application needs.
type Form struct {
	Post     bot.PostID   `json:"post"`
	Number   string       `json:"number"` // of an application for the post that is there already
	Name     bot.Personal `json:"name"`
	Phone    bot.Personal `json:"phone"`
	Birth    bot.Birth    `json:"birth"`
	Birthday bool         `json:"birthday"`
	Party    int          `json:"party"`
}

// Dialogue is the table.
var Dialogue = bot.Dialogue{
	Name:    "apply",
	Version: 1,
	Own:     true,
	Intents: []bot.Intent{bot.JobsApply},
	Form:    Form{},
	Start:   "begin",
	States: []bot.State{
		{Name: "begin", Decide: begin, Edges: []bot.Edge{
			{On: bot.Next, To: "consent"},
			{On: "no_post", To: bot.Enter("jobs")},
			{On: "closed", To: "closed"},
			{On: "already", To: "already"},
			{On: "under16", To: bot.Enter("under16")},
		}},
		{Name: "consent", Call: "consent", Edges: []bot.Edge{
			{On: "agreed", To: "name"},
			{On: "declined", To: "declined"},
		}},
		{Name: "name", Accept: bot.PersonName, Field: "name", Edges: []bot.Edge{{On: bot.Answered, To: "phone"}}},
		{Name: "phone", Accept: bot.Phone, Field: "phone", Edges: []bot.Edge{{On: bot.Answered, To: "birth"}}},
		{Name: "birth", Accept: bot.BirthOrAge, Field: "birth", Decide: bot.JudgeAge, Edges: []bot.Edge{
			{On: bot.Answered, To: "fit"},
			{On: "birthday", To: "birthday"},
			{On: "under16", To: bot.Enter("under16")},
		}},
		{Name: "birthday", Accept: bot.YesNo, Field: "birthday", Aside: true, Decide: bot.JudgeAge, Edges: []bot.Edge{
			{On: bot.Answered, To: "fit"},
			{On: "under16", To: bot.Enter("under16")},
		}},
		{Name: "fit", Decide: fit, Edges: []bot.Edge{{On: bot.Next, To: "party"}, {On: "unfit", To: "unfit"}}},
		{Name: "party", Accept: bot.PartySize, Field: "party", Aside: true, Edges: []bot.Edge{{On: bot.Answered, To: "title"}}},
		{Name: "title", Decide: title, Edges: []bot.Edge{{On: bot.Next, To: "summary"}}},
		{Name: "summary", Summary: true, Choices: []string{"together"}, Decide: confirm, Edges: []bot.Edge{
			{On: bot.Yes, To: "done"},
			{On: "together", To: "party"},
			{On: "closed", To: "closed"},
		}},
		{Name: "done", End: "applied", Data: done, Offer: []bot.Intent{bot.JobsMine, bot.JobsSearch, bot.NavHome}},
		{Name: "already", End: "already", Data: already, Offer: []bot.Intent{bot.JobsMine, bot.JobsSearch}},
		{Name: "closed", End: "closed", Offer: []bot.Intent{bot.JobsSearch, bot.AlertAdd}},
		{Name: "unfit", End: "unfit", Offer: []bot.Intent{bot.JobsSearch, bot.NavHuman}},
		{Name: "declined", End: "declined", Offer: []bot.Intent{bot.JobsSearch, bot.NavHuman}},
	},
}
