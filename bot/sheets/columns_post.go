package sheets

import (
	"strings"
	"time"

	"yilu/bot"
)

// Posts is the sheet of posts. A draft may be incomplete; any other post must name what a notice of recruitment must
// name: employer, number wanted, work, conditions, place, kind of employment and pay, and until when it holds
// (人力资源市场暂行条例 §24).
func Posts(w Words, o Options) Sheet[bot.Post] {
	s := newSheet("post", w, o, postColumns())
	s.id = func(p *bot.Post) string { return string(p.ID) }
	s.prepare = func(p *bot.Post, s scribe) {
		if p.State == "" {
			p.State = s.state
		}
	}
	s.check = checkPost
	return s
}

func postColumns() []column[bot.Post] {
	complete := func(p *bot.Post) bool { return p.State != bot.PostDraft }
	return []column[bot.Post]{
		text("id", func(p *bot.Post) *bot.PostID { return &p.ID }, 48).needed(),
		choice("state", "state", func(p *bot.Post) *bot.PostState { return &p.State }),
		trade("trade", func(p *bot.Post) *bot.TradeID { return &p.Trade }).neededIf(complete),
		text("title", func(p *bot.Post) *string { return &p.Title }, 100).needed(),
		number("headcount", func(p *bot.Post) *int { return &p.Headcount }, 1, 10_000).neededIf(complete),
		number("filled", func(p *bot.Post) *int { return &p.Filled }, 0, 10_000),
		text("employer", func(p *bot.Post) *string { return &p.Employer }, 100).neededIf(complete),
		person("contact", func(p *bot.Post) *bot.Personal { return &p.Contact }, 100),
		text("content", func(p *bot.Post) *string { return &p.Content }, 0).neededIf(complete),
		text("conditions", func(p *bot.Post) *string { return &p.Conditions }, 0),
		district("district", func(p *bot.Post) *bot.District { return &p.District }).neededIf(complete),
		text("place", func(p *bot.Post) *string { return &p.Place }, 100),
		text("address", func(p *bot.Post) *string { return &p.Address }, 200),
		text("meet", func(p *bot.Post) *string { return &p.Meet }, 200),
		text("contract", func(p *bot.Post) *string { return &p.Contract }, 100).neededIf(complete),
		agreed(yuan("pay_min", func(p *bot.Post) *int64 { return &p.Pay.Min })),
		yuan("pay_max", func(p *bot.Post) *int64 { return &p.Pay.Max }),
		choice("pay_unit", "unit", func(p *bot.Post) *bot.PayUnit { return &p.Pay.Unit }),
		text("pay_text", func(p *bot.Post) *string { return &p.PayText }, 200),
		choice("settle", "settle", func(p *bot.Post) *bot.Settle { return &p.Settle }),
		day("start", func(p *bot.Post) *bot.Date { return &p.Start }),
		day("end", func(p *bot.Post) *bot.Date { return &p.End }),
		clock("from", func(p *bot.Post) *bot.Clock { return &p.From }),
		clock("to", func(p *bot.Post) *bot.Clock { return &p.To }),
		choice("shift", "shift", func(p *bot.Post) *bot.Shift { return &p.Shift }),
		age("age_min", func(p *bot.Post) *int { return &p.AgeMin }),
		age("age_max", func(p *bot.Post) *int { return &p.AgeMax }),
		flag("minor_ok", func(p *bot.Post) *bool { return &p.MinorOK }),
		text("cert", func(p *bot.Post) *string { return &p.Cert }, 200),
		flag("meals", func(p *bot.Post) *bool { return &p.Meals }),
		flag("lodging", func(p *bot.Post) *bool { return &p.Lodging }),
		text("insurance", func(p *bot.Post) *string { return &p.Insurance }, 200),
		flag("urgent", func(p *bot.Post) *bool { return &p.Urgent }),
		moment("expires", func(p *bot.Post) *time.Time { return &p.Expires }, true).neededIf(complete),
		moment("verified", func(p *bot.Post) *time.Time { return &p.Verified }, false),
		text("source", func(p *bot.Post) *string { return &p.Source }, 200),
		flag("sample", func(p *bot.Post) *bool { return &p.Sample }),
	}
}

// agreed lets the column of pay say that pay is to be agreed.
func agreed(c column[bot.Post]) column[bot.Post] {
	set := c.set
	c.set = func(p *bot.Post, cell string, s scribe) *problem {
		for _, word := range s.lexis.said("sheets.word.agreed") {
			if fold(cell) == fold(word) {
				p.PayText = strings.TrimSpace(cell) // a text of the column for it, which comes later, takes its place
				return nil
			}
		}
		return set(p, cell, s)
	}
	return c
}

// adult16 is the age under which nobody may be employed, nor be introduced to work: 禁止使用童工规定 §2.
const adult16 = 16

// age is a column of an age that a post asks for, which no post may set under 16.
func age(key string, at func(*bot.Post) *int) column[bot.Post] {
	c := number(key, at, 1, 100)
	set := c.set
	c.set = func(p *bot.Post, cell string, s scribe) *problem {
		if pr := set(p, cell, s); pr != nil {
			return pr
		}
		if *at(p) < adult16 {
			return wrong("age_child", FaultData{Min: adult16})
		}
		return nil
	}
	return c
}

func checkPost(p *bot.Post, c checker) {
	draft := p.State == bot.PostDraft
	if !draft && p.Pay.Min == 0 && strings.TrimSpace(p.PayText) == "" && !c.broken("pay_min") {
		c.add("pay_min", wrong("pay_missing", FaultData{Label: c.label("pay_text")}))
	}
	checkPay(p.Pay, c)
	if p.Start != "" && p.End != "" && p.End < p.Start {
		c.add("end", wrong("end_before_start", FaultData{Label: c.label("start")}))
	}
	if p.AgeMin > 0 && p.AgeMax > 0 && p.AgeMax < p.AgeMin && !c.broken("age_min") && !c.broken("age_max") {
		c.add("age_max", wrong("max_below_min", FaultData{Label: c.label("age_min")}))
	}
	if p.MinorOK && p.AgeMin >= 18 {
		c.add("minor_ok", wrong("minor_adult", FaultData{Label: c.label("age_min")}))
	}
}

// checkPay checks the three columns of pay against each other.
func checkPay(p bot.Pay, c checker) {
	if c.broken("pay_min") || c.broken("pay_max") {
		return
	}
	if p.Max > 0 && p.Min == 0 {
		c.add("pay_min", wrong("max_without_min", FaultData{Label: c.label("pay_max")}))
	} else if p.Max > 0 && p.Max < p.Min {
		c.add("pay_max", wrong("max_below_min", FaultData{Label: c.label("pay_min")}))
	}
	if p.Min > 0 && p.Unit == "" && !c.broken("pay_unit") {
		c.add("pay_unit", wrong("unit_missing", FaultData{Words: c.scribe.choices("unit")}))
	}
}
