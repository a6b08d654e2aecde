// Package menu is where a worker is who is in no other dialogue. It tells of new posts that they wanted to hear of, and
// shows what Yilu can do; anything that is said in plain words goes to the dialogue that it asks for.
package menu

import (
	"slices"
	"time"

	"yilu/bot"
)

// Dialogue is the table.
var Dialogue = bot.Dialogue{
	Name:    "menu",
	Version: 1,
	Intents: []bot.Intent{bot.NavHome},
	Start:   "news",
	Quiet:   true,
	States: []bot.State{
		{Name: "news", Decide: news, Edges: []bot.Edge{{On: bot.Next, To: "menu"}}},
		{Name: "menu", Choices: []string{"jobs", "register", "applications", "mydata", "dispute", "person"}, Edges: []bot.Edge{
			{On: "jobs", To: bot.Enter("jobs")},
			{On: "register", To: bot.Enter("registration")},
			{On: "applications", To: bot.Enter("applications")},
			{On: "mydata", To: bot.Enter("mydata")},
			{On: "dispute", To: bot.Enter("dispute")},
			{On: "person", To: bot.Enter("person")},
		}},
	},
}

// mostNews bounds how many wishes are told of at once.
const mostNews = 3

// news tells of what has come since it was last told, a line a wish. It reads the records only for who has wishes, and
// says nothing where they do not answer: there is a next time.
func news(t *bot.Turn) (bot.Outcome, error) {
	told, err := time.Parse(time.RFC3339, t.Fact(bot.FactAlerts))
	if err != nil || t.Fact(bot.FactUnder16) != "" {
		return bot.Next, nil
	}
	alerts, err := t.Read.Alerts(t.Context, t.Worker())
	if err != nil {
		return bot.Next, nil
	}
	w, err := t.Read.Worker(t.Context, t.Worker())
	minor := err == nil && w.Birth != (bot.Birth{}) && w.Birth.AtLeast(t.Now) < 18
	for _, a := range alerts[:min(len(alerts), mostNews)] {
		q := bot.Query{Trades: a.Trades, Since: told, Minor: minor, Now: t.Now, Limit: 1}
		if slices.Contains(a.Trades, bot.AnyTrade) {
			q.Trades = nil
		}
		for _, p := range a.Places {
			q.Districts = append(q.Districts, p.District)
		}
		found, err := t.Read.Search(t.Context, q)
		if err != nil {
			return bot.Next, nil
		}
		if len(found.Posts) > 0 {
			t.Say("menu.news", a)
		}
	}
	t.Remember(bot.FactAlerts, t.Now.UTC().Format(time.RFC3339))
	return bot.Next, nil
}
