// Package person lays a worker's wish for a person before staff, at once and without a question, and says the number
// under which it stands. It promises no time of answer: who is on duty is the operator's to say.
package person

import (
	"strings"
	"time"

	"yilu/bot"
)

// again is how long one request stands for the next ones: asking twice does not make two.
const again = 4 * time.Hour

const fact = "person"

// Dialogue is the table.
var Dialogue = bot.Dialogue{
	Name:    "person",
	Version: 1,
	Intents: []bot.Intent{
		bot.NavHuman,
		// Until these have dialogues of their own, a person takes them up.
		bot.StationsFind, bot.InsuranceAsk, bot.InsuranceClaim, bot.DisputeNew, bot.DisputeStatus, bot.DisputeWithdraw,
	},
	Start: "ask",
	Quiet: true,
	States: []bot.State{
		{Name: "ask", Decide: ask, Edges: []bot.Edge{{On: "asked", To: "asked"}, {On: "waiting", To: "waiting"}}},
		{Name: "asked", End: "asked", Data: number, Offer: []bot.Intent{bot.JobsSearch, bot.NavHome}},
		{Name: "waiting", End: "waiting", Data: number, Offer: []bot.Intent{bot.JobsSearch, bot.NavHome}},
	},
}

func ask(t *bot.Turn) (bot.Outcome, error) {
	topic := string(bot.NavHuman)
	for _, w := range []bot.Intent{bot.StationsFind, bot.InsuranceAsk, bot.InsuranceClaim, bot.DisputeNew, bot.DisputeStatus, bot.DisputeWithdraw} {
		if t.Reading.Intent == w {
			topic = string(w)
		}
	}
	if topic == string(bot.NavHuman) {
		if _, at, ok := asked(t); ok && t.Now.Sub(at) < again {
			return "waiting", nil
		}
	} else {
		t.Say("person.topic."+topic, nil)
	}
	number := t.Number("RG")
	child := t.Fact(bot.FactUnder16) != ""
	t.Do(bot.AskStaff{Number: number, About: bot.WantsPerson, Reason: topic, Urgent: child || t.Reading.Intent == bot.InsuranceClaim})
	t.Remember(fact, number+" "+t.Now.UTC().Format(time.RFC3339))
	return "asked", nil
}

func asked(t *bot.Turn) (number string, at time.Time, ok bool) {
	number, stamp, _ := strings.Cut(t.Fact(fact), " ")
	at, err := time.Parse(time.RFC3339, stamp)
	return number, at, err == nil
}

func number(t *bot.Turn) (any, error) {
	n, _, _ := asked(t)
	return struct{ Number string }{n}, nil
}
