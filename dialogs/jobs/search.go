package jobs

import (
	"errors"
	"slices"

	"yilu/bot"
)

// begin sees whether there is anything to search by, or something to ask back.
func begin(t *bot.Turn) (bot.Outcome, error) {
	said := t.Reading.Slots.Birth
	if said != (bot.Birth{}) && said.Bracket(t.Now) == bot.Under16 {
		t.Remember(bot.FactUnder16, "yes")
	}
	form, err := bot.FormOf[Form](t)
	if err != nil {
		return "", err
	}
	switch {
	case t.Fact(bot.FactUnder16) != "":
		return "under16", nil
	case t.Unclear(bot.TradeList):
		return "which_trade", nil
	case t.Unclear(bot.Areas):
		return "which_place", nil
	case t.Unclear(bot.PayWanted):
		return "which_pay", nil
	case len(form.Trades)+len(form.Places) == 0 && form.Pay == (bot.Pay{}) && form.Settle == "" && form.Shift == "" && form.Date == "":
		return "wish", nil
	}
	return bot.Next, nil
}

// search fills the page with the posts that fit. If none does, it leaves out one wish, the least important that helps,
// then several, until something is found, and notes which. The pages that follow leave out the same.
func search(t *bot.Turn) (bot.Outcome, error) {
	form, err := bot.FormOf[Form](t)
	if err != nil {
		return "", err
	}
	minor := false
	if w, err := t.Read.Worker(t.Context, t.Worker()); err == nil && w.Birth != (bot.Birth{}) {
		minor = w.Birth.AtLeast(t.Now) < 18
	}
	q := query(form)
	q.Now, q.Minor, q.Offset, q.Limit = t.Now, minor, form.Offset, Page
	tries := []string{""}
	if form.Offset > 0 {
		tries = []string{form.Relaxed}
	} else {
		for _, r := range relaxations {
			tries = append(tries, r.wish)
		}
		tries = append(tries, fewer)
	}
	var got bot.Found
	relaxed := ""
	for _, relaxed = range tries {
		wider, less := relax(q, relaxed)
		if !less && relaxed != "" {
			continue
		}
		if got, err = t.Read.Search(t.Context, wider); err != nil {
			return "", err
		}
		if len(got.Posts) > 0 {
			break
		}
	}
	if len(got.Posts) == 0 {
		return "nothing", nil
	}
	form.Shown = make([]bot.PostID, len(got.Posts))
	for i := range got.Posts {
		form.Shown[i] = got.Posts[i].ID
	}
	return "found", errors.Join(t.Form.Set("shown", form.Shown), t.Form.Set("more", got.More), t.Form.Set("relaxed", relaxed))
}

func query(form Form) bot.Query {
	q := bot.Query{Pay: form.Pay, Settle: form.Settle, Shift: form.Shift, Date: form.Date}
	if !slices.Contains(form.Trades, bot.AnyTrade) {
		q.Trades = form.Trades
	}
	for _, p := range form.Places {
		if !slices.Contains(q.Districts, p.District) {
			q.Districts = append(q.Districts, p.District)
		}
		if p.Name != "" {
			q.Place = p.Name
		}
	}
	if len(q.Districts) == len(bot.Districts) {
		q.Districts = nil
	}
	return q
}

// relaxations are the wishes that can be left out, the least important first. Each reports whether it was there.
var relaxations = []struct {
	wish  string
	leave func(*bot.Query) bool
}{
	{"settle", func(q *bot.Query) bool { was := q.Settle != ""; q.Settle = ""; return was }},
	{"shift", func(q *bot.Query) bool { was := q.Shift != ""; q.Shift = ""; return was }},
	{"date", func(q *bot.Query) bool { was := q.Date != ""; q.Date = ""; return was }},
	{"pay", func(q *bot.Query) bool { was := q.Pay != (bot.Pay{}); q.Pay = bot.Pay{}; return was }},
	{"places", func(q *bot.Query) bool { was := q.Districts != nil; q.Districts, q.Place = nil, ""; return was }},
	{"trades", func(q *bot.Query) bool { was := q.Trades != nil; q.Trades = nil; return was }},
}

// fewer stands for leaving out all wishes but the trade.
const fewer = "several"

// relax leaves a wish out of the query, and reports whether it was there.
func relax(q bot.Query, wish string) (bot.Query, bool) {
	left := false
	for _, r := range relaxations {
		if r.wish == wish || wish == fewer && r.wish != "trades" {
			left = r.leave(&q) || left
		}
	}
	return q, left
}

// several hears "两个人" at a post as the wish to apply for it together.
func several(t *bot.Turn) (bot.Outcome, error) {
	if t.Reading.Slots.Party > 0 {
		return "apply", nil
	}
	return bot.Next, nil
}

// turnPage moves on in the list.
func turnPage(t *bot.Turn) (bot.Outcome, error) {
	if t.Choice == bot.More {
		form, err := bot.FormOf[Form](t)
		if err != nil {
			return "", err
		}
		return bot.More, t.Form.Set("offset", form.Offset+Page)
	}
	return bot.Outcome(t.Choice), nil
}

// first goes back to the first page, because the wishes have changed. A trade that is named in a new question ("有没有
// 保洁的活") begins a new search: what was wished of the last one is over.
func first(t *bot.Turn) (bot.Outcome, error) {
	s := t.Reading.Slots
	if t.Reading.Intent == bot.JobsSearch && t.Reading.Confidence >= 0.8 && len(s.Trades) > 0 {
		for _, wish := range []struct {
			field string
			said  bool
		}{{"pay", s.Pay != bot.Pay{}}, {"settle", s.Settle != ""}, {"shift", s.Shift != ""}, {"date", s.Date != ""}} {
			if !wish.said {
				delete(t.Form, wish.field)
			}
		}
	}
	return bot.Next, t.Form.Set("offset", 0)
}

// everything drops all wishes.
func everything(t *bot.Turn) (bot.Outcome, error) {
	for _, field := range []string{"trades", "places", "pay", "settle", "shift", "date", "offset", "relaxed"} {
		delete(t.Form, field)
	}
	got, err := t.Read.Search(t.Context, bot.Query{Now: t.Now, Limit: 1})
	if err != nil || len(got.Posts) == 0 {
		return "nothing", err
	}
	return bot.Next, nil
}
