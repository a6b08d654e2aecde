// Package casefile writes a dispute down for people: line by line for a screen, and as the application that its worker signs
// (html to print, docx to go on with). It guarantees that every field that an application for arbitration needs
// (劳动争议调解仲裁法 §28) is there, that what nobody has said is an empty field and not a guess, and that it says itself that
// it was taken down from what the worker told.
package casefile

import (
	"strconv"
	"strings"

	"yilu/bot"
	"yilu/bot/locale"
)

// Line is one line of what a worker told, with its name.
type Line struct {
	Name, Value string // no value where nothing was said
}

// Lines are what a worker told, in the order of the form, those that are empty included. Masked hides what tells who
// somebody is.
func Lines(texts *locale.Texts, lang string, c bot.Case, masked bool) []Line {
	lang = texts.Lang(lang)
	word := func(key string) string {
		text, err := texts.Text(lang, key, nil)
		if err != nil {
			return ""
		}
		return text
	}
	value := func(v any) string {
		text, err := texts.Say(lang, v)
		if err != nil {
			return ""
		}
		return text
	}
	named := func(group, name string) string {
		if name == "" {
			return ""
		}
		return word("sheets." + group + "." + name)
	}
	d := &c.Dispute
	var kinds []string
	for _, k := range d.Kinds {
		kinds = append(kinds, named("dispute", string(k)))
	}
	still := ""
	if d.Still != "" {
		still = word("value." + d.Still)
	}
	rows := []struct{ key, value string }{
		{"number", c.Number},
		{"state", named("casestate", string(c.State))},
		{"opened", c.Opened.In(bot.Xiamen).Format("2006-01-02 15:04")},
		{"kinds", strings.Join(kinds, word("value.list"))},
		{"name", Shown(d.Name, masked)},
		{"phone", Shown(d.Phone, masked)},
		{"hirer", named("hirer", d.Hirer)},
		{"respondent", Shown(d.Respondent, masked)},
		{"place", value(d.Places)},
		{"period", Shown(d.Period, false)},
		{"contract", named("contract", d.Contract)},
		{"still", still},
		{"facts", Shown(d.Facts, masked)},
		{"rate", money(value, d.Rate.Min > 0, d.Rate)},
		{"count", count(d.Count)},
		{"paid", money(value, d.Paid > 0, d.Paid)},
		{"amount", money(value, d.Amount > 0, d.Amount)},
		{"evidence", Shown(d.Evidence, masked)},
		{"party", count(d.Party)},
		{"route", named("route", string(d.Route))},
		{"assigned", c.Assigned},
	}
	lines := make([]Line, len(rows))
	for i, r := range rows {
		if r.key != keys[i] {
			panic("the lines are not in the order of their keys")
		}
		lines[i] = Line{word("casefile." + r.key), r.value}
	}
	return lines
}

// keys are those of the lines, in their order.
var keys = []string{
	"number", "state", "opened", "kinds", "name", "phone", "hirer", "respondent", "place", "period", "contract", "still", "facts", "rate", "count", "paid",
	"amount", "evidence", "party", "route", "assigned",
}

func money(value func(any) string, there bool, v any) string {
	if !there {
		return ""
	}
	return value(v)
}

func count(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// Shown is a personal value for staff, masked or in full.
func Shown(p bot.Personal, masked bool) string {
	if masked {
		return p.Masked()
	}
	return p.Reveal()
}
