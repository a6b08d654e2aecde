// Package stations says where there is a station or a market, whether somebody is there now, and when that was last
// looked at. Those of the place that was named come first, then those of its district, then the others.
package stations

import (
	"cmp"
	"slices"
	"strings"

	"yilu/bot"
)

// Form holds where it should be, and which one is open.
type Form struct {
	Places  []bot.Place `json:"places"`
	Station string      `json:"station"`
}

// shown is how many are listed.
const shown = 6

// Dialogue is the table.
var Dialogue = bot.Dialogue{
	Name:    "stations",
	Version: 1,
	Intents: []bot.Intent{bot.StationsFind},
	Form:    Form{},
	Start:   "begin",
	Quiet:   true,
	States: []bot.State{
		{Name: "begin", Decide: begin, Edges: []bot.Edge{
			{On: bot.Next, To: "list"},
			{On: "where", To: "place"},
			{On: "none", To: "none"},
		}},
		{Name: "place", Accept: bot.Areas, Field: "places", Optional: true, Edges: []bot.Edge{{On: bot.Answered, To: "list"}}},
		{Name: "list", List: list, Field: "station", Data: where, Edges: []bot.Edge{
			{On: bot.Answered, To: "one"},
			{On: bot.Refined, To: "again"},
		}},
		{Name: "again", Decide: again, Edges: []bot.Edge{{On: bot.Next, To: "list"}}},
		{Name: "one", Choices: []string{"jobs", "list", "leave"}, Data: one, Decide: choose, Edges: []bot.Edge{
			{On: "jobs", To: bot.Enter("jobs")},
			{On: "list", To: "list"},
			{On: "leave", To: "left"},
		}},
		{Name: "left", End: "left", Offer: []bot.Intent{bot.JobsSearch, bot.NavHome}},
		{Name: "none", End: "none", Offer: []bot.Intent{bot.NavHuman, bot.JobsSearch}},
	},
}

// begin asks where, unless that was said.
func begin(t *bot.Turn) (bot.Outcome, error) {
	all, err := t.Read.Stations(t.Context)
	switch {
	case err != nil:
		return "", err
	case len(all) == 0:
		return "none", nil
	case !t.Form.Has("places") && len(all) > shown:
		return "where", nil
	}
	return bot.Next, nil
}

// again forgets which one was open.
func again(t *bot.Turn) (bot.Outcome, error) {
	delete(t.Form, "station")
	return bot.Next, nil
}

// near are the stations, the nearest first.
func near(t *bot.Turn) ([]bot.Station, Form, error) {
	form, err := bot.FormOf[Form](t)
	if err != nil {
		return nil, form, err
	}
	all, err := t.Read.Stations(t.Context)
	if err != nil {
		return nil, form, err
	}
	slices.SortStableFunc(all, func(a, b bot.Station) int { return cmp.Compare(far(a, form.Places), far(b, form.Places)) })
	return all, form, nil
}

// far is how far a station is from the places: 0 for one that bears the name of one of them, 1 in its district, 2
// elsewhere.
func far(s bot.Station, places []bot.Place) int {
	best := 2
	for _, p := range places {
		named := func(text string) bool { return p.Name != "" && strings.Contains(text, p.Name) }
		switch {
		case named(s.Name) || named(s.Street) || named(s.Address) || slices.ContainsFunc(s.Aliases, named):
			return 0
		case s.District == p.District:
			best = 1
		}
	}
	return best
}

func list(t *bot.Turn) ([]bot.Option, error) {
	all, form, err := near(t)
	if err != nil {
		return nil, err
	}
	var out []bot.Option
	for _, s := range all {
		if len(out) == shown || len(out) > 0 && len(form.Places) > 0 && far(s, form.Places) == 2 {
			break
		}
		label, err := t.Text("stations.line", about(t, s))
		if err != nil {
			return nil, err
		}
		out = append(out, bot.Option{Value: s.ID, Label: label})
	}
	return out, nil
}

// where says whether there is one where it was asked for.
func where(t *bot.Turn) (any, error) {
	all, form, err := near(t)
	return struct {
		Places []bot.Place
		None   bool
	}{form.Places, len(form.Places) > 0 && len(all) > 0 && far(all[0], form.Places) == 2}, err
}

// view is a station as a worker reads it.
type view struct {
	bot.Station
	Open, Closed bool
	Seen         bot.Date
}

func about(t *bot.Turn, s bot.Station) view {
	open, known := bot.OpenAt(s.Hours, t.Now)
	v := view{Station: s, Open: known && open, Closed: known && !open}
	if !s.Verified.IsZero() {
		v.Seen = bot.DateOf(s.Verified)
	}
	return v
}

// one is the station that is open; one that is gone meanwhile has no name.
func one(t *bot.Turn) (any, error) {
	all, form, err := near(t)
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		if s.ID == form.Station {
			return about(t, s), nil
		}
	}
	return view{}, nil
}

// choose looks for work in the station's district, where that is what is wanted.
func choose(t *bot.Turn) (bot.Outcome, error) {
	all, form, err := near(t)
	if err != nil {
		return "", err
	}
	for _, s := range all {
		if t.Choice == "jobs" && s.ID == form.Station && s.District != "" {
			return "jobs", t.Form.Set("places", []bot.Place{{District: s.District}})
		}
	}
	return bot.Outcome(t.Choice), nil
}
