package engine_test

import (
	"fmt"
	"slices"
	"testing"

	"yilu/bot"
)

// answers are what a worker says to each question of the form, in every version of it.
var answers = map[string]string{
	"name": "老陈", "phone": "13805921234", "trades": "瓦工", "places": "同安", "birth": "1980年", "start": "明天", "call": "13805921234", "pay": "一天300",
}

type formV2 struct {
	Name   bot.Personal  `json:"name"`
	Phone  bot.Personal  `json:"phone"`
	Trades []bot.TradeID `json:"trades"`
	Places []bot.Place   `json:"places"`
	Birth  bot.Birth     `json:"birth"`
	Start  bot.Date      `json:"start"`
	Pay    bot.Pay       `json:"pay"`
}

type formOtherType struct {
	Name   bot.Personal `json:"name"`
	Phone  bot.Personal `json:"phone"`
	Trades []bot.Place  `json:"trades"` // the same name means another thing
}

func ask(name, field string, p bot.Parser, next string) bot.State {
	return bot.State{Name: name, Accept: p, Field: field, Edges: []bot.Edge{{On: bot.Answered, To: next}}}
}

func version(n int, form any, states ...bot.State) bot.Dialogue {
	states = append(states,
		bot.State{Name: "summary", Summary: true, Edges: []bot.Edge{{On: bot.Yes, To: "done"}}},
		bot.State{Name: "done", End: "done"})
	return bot.Dialogue{Name: "form", Version: n, Intents: []bot.Intent{bot.RegisterStart}, Form: form, Start: states[0].Name, States: states}
}

// releases are what version 1 may become.
var releases = map[string]bot.Dialogue{
	"same states": version(2, formV1{}, form.States[0], form.States[1], form.States[2]),
	"question added at the front": version(2, formV2{}, ask("birth", "birth", bot.BirthOrAge, "name"), ask("name", "name", bot.PersonName, "phone"),
		ask("phone", "phone", bot.Phone, "trades"), ask("trades", "trades", bot.TradeList, "summary")),
	"question added in the middle": version(2, formV2{}, ask("name", "name", bot.PersonName, "birth"), ask("birth", "birth", bot.BirthOrAge, "phone"),
		ask("phone", "phone", bot.Phone, "trades"), ask("trades", "trades", bot.TradeList, "summary")),
	"question added at the end": version(2, formV2{}, ask("name", "name", bot.PersonName, "phone"), ask("phone", "phone", bot.Phone, "trades"),
		ask("trades", "trades", bot.TradeList, "pay"), ask("pay", "pay", bot.PayWanted, "summary")),
	"question taken out": version(2, formV1{}, ask("name", "name", bot.PersonName, "trades"), ask("trades", "trades", bot.TradeList, "summary")),
	"other order": version(2, formV1{}, ask("trades", "trades", bot.TradeList, "phone"), ask("phone", "phone", bot.Phone, "name"),
		ask("name", "name", bot.PersonName, "summary")),
	"states renamed": version(2, formV1{}, ask("who", "name", bot.PersonName, "call"), ask("call", "phone", bot.Phone, "what"),
		ask("what", "trades", bot.TradeList, "summary")),
	"field means another thing": version(2, formOtherType{}, ask("name", "name", bot.PersonName, "phone"), ask("phone", "phone", bot.Phone, "trades"),
		ask("trades", "trades", bot.Areas, "summary")),
	"everything new": version(2, formV2{}, ask("start", "start", bot.StartDay, "places"), ask("places", "places", bot.Areas, "summary")),
}

// Workers who are in any state of version 1 meet every new version at its first unanswered question, with the answers
// kept that still mean the same (promise 6, T13). Back from there leads on and not into a fault.
func TestNewVersionMeetsEveryOldState(t *testing.T) {
	t.Parallel()
	script := []string{"我要登记", "老陈", "13805921234", "瓦工"}
	answeredBy := [][]string{nil, {"name"}, {"name", "phone"}, {"name", "phone", "trades"}}
	for name, next := range releases {
		for at := range script {
			t.Run(fmt.Sprintf("%s/after %d", name, at), func(t *testing.T) {
				t.Parallel()
				b := open(t, t.TempDir(), both)
				for _, text := range script[:at+1] {
					b.say("a", text)
				}
				b.with([]bot.Dialogue{menu, next})
				r := b.say("a", "帮助")
				kept := slices.Clone(answeredBy[at])
				if name == "field means another thing" {
					kept = slices.DeleteFunc(kept, func(f string) bool { return f == "trades" })
				}
				want := ""
				for _, st := range next.States {
					if st.Field != "" && !slices.Contains(kept, st.Field) {
						want = "form." + st.Name
						break
					}
				}
				if want == "" {
					want = "form.summary"
				}
				if !said(r, want) {
					t.Fatalf("asked %q, want %s", r.Texts, want)
				}
				for steps := 0; !said(r, "form.summary"); steps++ {
					if steps > len(next.States) {
						t.Fatalf("never comes to the summary: %q", r.Texts)
					}
					r = b.say("a", answer(r, next))
				}
				for _, st := range next.States {
					if st.Field != "" && !said(r, st.Field) {
						t.Errorf("the summary lacks %s: %q", st.Field, r.Texts)
					}
				}
				if slices.Contains(kept, "name") && next.Form != nil && hasField(next, "name") && !said(r, "老陈") {
					t.Errorf("the name was not kept: %q", r.Texts)
				}
				if r = b.say("a", "对"); !said(r, "form.done") {
					t.Errorf("%q", r.Texts)
				}
			})
		}
	}
}

func hasField(d bot.Dialogue, field string) bool {
	return slices.ContainsFunc(d.States, func(st bot.State) bool { return st.Field == field })
}

// answer finds what to say to the question that was asked.
func answer(r bot.Reply, d bot.Dialogue) string {
	for _, st := range d.States {
		if st.Field != "" && r.Texts[len(r.Texts)-1] == "form."+st.Name {
			if st.Accept == bot.Areas {
				return answers["places"]
			}
			return answers[st.Field]
		}
	}
	return "帮助"
}
