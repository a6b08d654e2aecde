// Package person lays a worker's wish for a person before staff, at once and with what they said, and says the number
// under which it stands. Who is in trouble is asked what it is about and how they can be reached, and is listened to
// until they have said everything: each sentence is with staff before the next one. It promises no time of answer: who is on duty is the operator's to say.
package person

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"yilu/bot"
)

// Form is what somebody in trouble adds.
type Form struct {
	Number string `json:"number"`
	Topic  string `json:"topic"`
	Note   string `json:"note"`
	More   string `json:"more"`
}

// again is how long one request stands for the next ones on the same topic: asking twice does not make two.
const again = 4 * time.Hour

// topics are the wishes that a person takes up until they have dialogues of their own.
var topics = []bot.Intent{bot.InsuranceClaim}

// Dialogue is the table.
var Dialogue = bot.Dialogue{
	Name:    "person",
	Version: 2,
	Aid:     true,
	Intents: append([]bot.Intent{bot.NavHuman}, topics...),
	Form:    Form{},
	Start:   "ask",
	Quiet:   true,
	States: []bot.State{
		{Name: "ask", Decide: ask, Edges: []bot.Edge{
			{On: "asked", To: "asked"},
			{On: "trouble", To: "details"},
			{On: "young", To: "young"},
			{On: "waiting", To: "waiting"},
		}},
		{Name: "details", Accept: bot.FreeText, Field: "note", Optional: true, Sensitive: true, Data: number, Decide: details, Edges: []bot.Edge{
			{On: "more", To: "more"},
			{On: bot.Answered, To: "asked"},
			{On: "young", To: "young"},
		}},
		{Name: "more", Accept: bot.FreeText, Field: "more", Optional: true, Sensitive: true, Data: number, Decide: details, Edges: []bot.Edge{
			{On: "more", To: "more"},
			{On: bot.Answered, To: "asked"},
			{On: "young", To: "young"},
		}},
		{Name: "asked", End: "asked", Data: number, Offer: []bot.Intent{bot.JobsSearch, bot.NavHome}},
		{Name: "young", End: "asked", Data: number},
		{Name: "waiting", End: "waiting", Data: number, Offer: []bot.Intent{bot.JobsSearch, bot.NavHome}},
	},
}

// ask lays the wish before staff with the worker's own words, before anything more is asked.
func ask(t *bot.Turn) (bot.Outcome, error) {
	topic := bot.NavHuman
	for _, w := range topics {
		if t.Reading.Intent == w {
			topic = w
		}
	}
	if topic != bot.NavHuman {
		t.Say("person.topic."+string(topic), nil)
	}
	if topic == bot.InsuranceClaim {
		heard(t)
	}
	young := t.Fact(bot.FactUnder16) != ""
	number, at, ok := asked(t, topic)
	known := ok && t.Now.Sub(at) < again
	switch {
	case known && (topic != bot.NavHuman || !t.Reading.Whole && t.Choice == ""): // the same matter, and more of it
		note(t, number, string(topic), t.Said)
	case !known:
		number = t.Number("RG")
		t.Do(bot.AskStaff{
			Number: number, About: bot.WantsPerson, Reason: string(topic), Note: t.Said,
			Urgent: young || topic == bot.InsuranceClaim || ofChild(t),
		})
		t.Remember(fact(topic), number+" "+t.Now.UTC().Format(time.RFC3339))
	}
	if err := t.Form.Set("number", number); err != nil {
		return "", err
	}
	if err := t.Form.Set("topic", string(topic)); err != nil {
		return "", err
	}
	switch {
	case topic == bot.InsuranceClaim:
		return "trouble", nil
	case known:
		return "waiting", nil
	case young:
		return "young", nil
	}
	return "asked", nil
}

// ofChild reports that it is about somebody who is not 16 yet, whom nobody may have had work.
func ofChild(t *bot.Turn) bool {
	other := t.Reading.Slots.Other
	return other != (bot.Birth{}) && other.Bracket(t.Now) == bot.Under16
}

// details adds what was said to the request, and listens on; what is skipped ends it.
func details(t *bot.Turn) (bot.Outcome, error) {
	form, err := bot.FormOf[Form](t)
	if err != nil {
		return "", err
	}
	if said := form.Note + form.More; said != "" {
		heard(t)
		note(t, form.Number, form.Topic, bot.NewPersonal(said))
		t.Form["note"] = bot.Skipped // asked and answered
		delete(t.Form, "more")
		return "more", nil
	}
	if t.Fact(bot.FactUnder16) != "" {
		return "young", nil
	}
	return bot.Answered, nil
}

// otherKind says nothing that could be read back.
const otherKind bot.DisputeKind = "other"

// heard reads back what was understood of what somebody told, so that they can put it right; staff have their own words.
func heard(t *bot.Turn) {
	s := &t.Reading.Slots
	kinds := slices.DeleteFunc(slices.Clone(s.Kinds), func(k bot.DisputeKind) bool { return k == otherKind })
	said := struct {
		Kinds  []bot.DisputeKind
		Amount bot.Pay
		Day    bot.Date
		Before bool // something stands before the day
	}{kinds, bot.Pay{Min: s.Amount}, "", len(kinds) > 0 || s.Amount > 0}
	if t.Reading.Intent == bot.InsuranceClaim {
		said.Day = s.Date
	}
	if said.Before || said.Day != "" {
		t.Say("person.heard", said)
	}
}

// note lays more of a matter before staff, as a request of its own that begins with the number that the worker knows.
func note(t *bot.Turn, number, topic string, said bot.Personal) {
	n, err := strconv.Atoi(t.Fact("person.notes"))
	if err != nil {
		n = 0
	}
	t.Remember("person.notes", strconv.Itoa(n+1))
	t.Do(bot.AskStaff{
		Number: number + "/" + strconv.Itoa(n+1), About: bot.WantsPerson, Reason: topic, Note: said,
		Urgent: topic == string(bot.InsuranceClaim) || t.Fact(bot.FactUnder16) != "",
	})
}

func fact(topic bot.Intent) string { return "person." + string(topic) }

func asked(t *bot.Turn, topic bot.Intent) (number string, at time.Time, ok bool) {
	number, stamp, _ := strings.Cut(t.Fact(fact(topic)), " ")
	at, err := time.Parse(time.RFC3339, stamp)
	return number, at, err == nil
}

func number(t *bot.Turn) (any, error) {
	form, err := bot.FormOf[Form](t)
	return struct{ Number string }{form.Number}, err
}
