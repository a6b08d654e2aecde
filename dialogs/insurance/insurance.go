// Package insurance answers questions about insurance with words that the operator has had approved, as they are, and with
// none of its own: it knows no terms, compares nothing, quotes nothing and sells nothing (domain brief, 6.2). Whoever takes
// orders from a platform is looked at first, then who is employed, then everybody else. Where there is no approved answer,
// or its time is over, it says so, and a person answers.
package insurance

import "yilu/bot"

// Form is what is asked.
type Form struct {
	Scheme string `json:"scheme"`
	Topic  string `json:"topic"`
	Number string `json:"number"` // of the request, where a person has to answer
}

// topics are those that are offered where the question does not name one.
var topics = []string{"what", "who_can_join", "scope", "price", "how_buy", "how_claim", "materials", "time_limit"}

// schemes are the choices of how somebody works.
var schemes = []string{"platform", "employee", "yilu"}

// Dialogue is the table.
var Dialogue = bot.Dialogue{
	Name:    "insurance",
	Version: 1,
	Aid:     true,
	Intents: []bot.Intent{bot.InsuranceAsk},
	Form:    Form{},
	Start:   "begin",
	Quiet:   true,
	States: []bot.State{
		{Name: "begin", Decide: begin, Edges: []bot.Edge{
			{On: bot.Next, To: "scheme"},
			{On: "own", To: "own"},
		}},
		{Name: "scheme", Choices: schemes, Field: "scheme", Decide: remember, Edges: []bot.Edge{{On: bot.Answered, To: "topic"}}},
		{Name: "topic", Choices: topics, Field: "topic", Edges: []bot.Edge{{On: bot.Answered, To: "look"}}},
		{Name: "look", Decide: look, Edges: []bot.Edge{{On: "answered", To: "answer"}, {On: "none", To: "unanswered"}}},
		{Name: "answer", Choices: []string{"other", "person", "leave"}, Data: answer, Decide: choose, Edges: []bot.Edge{
			{On: "other", To: "topic"},
			{On: "person", To: "own"},
			{On: "leave", To: "left"},
		}},
		{Name: "left", End: "left", Offer: []bot.Intent{bot.JobsSearch, bot.NavHome}},
		{Name: "own", End: "asked", Data: asked, Offer: []bot.Intent{bot.DisputeStatus, bot.NavHome}},
		{Name: "unanswered", End: "asked", Data: asked, Offer: []bot.Intent{bot.JobsSearch, bot.NavHome}},
	},
}

// own are the topics that are about somebody's own matter: no text answers them.
var own = map[bot.InsuranceTopic]bool{"progress": true, "refusal": true, "complaint": true, "verify_policy": true}

// begin takes the topic that was asked for.
func begin(t *bot.Turn) (bot.Outcome, error) {
	topic := t.Reading.Slots.Topic
	switch {
	case own[topic]:
		return "own", ask(t, topic)
	case topic == "rider":
		if err := t.Form.Set("scheme", string(bot.PlatformScheme)); err != nil {
			return "", err
		}
		topic = "what"
	}
	if known := t.Fact(factScheme); known != "" && !t.Form.Has("scheme") {
		if err := t.Form.Set("scheme", known); err != nil {
			return "", err
		}
	}
	if topic != "" && !t.Form.Has("topic") {
		return bot.Next, t.Form.Set("topic", string(topic))
	}
	return bot.Next, nil
}

// factScheme is how somebody works, as they said it before.
const factScheme = "insurance.scheme"

func remember(t *bot.Turn) (bot.Outcome, error) {
	form, err := bot.FormOf[Form](t)
	if err == nil {
		t.Remember(factScheme, form.Scheme)
	}
	return bot.Answered, err
}

// find is the answer that may be shown today.
func find(t *bot.Turn) (bot.Approved, bool, error) {
	form, err := bot.FormOf[Form](t)
	if err != nil {
		return bot.Approved{}, false, err
	}
	list, err := t.Read.Answers(t.Context, bot.Scheme(form.Scheme), bot.InsuranceTopic(form.Topic))
	for _, a := range list {
		if a.Valid(bot.DateOf(t.Now)) {
			return a, true, nil
		}
	}
	return bot.Approved{}, false, err
}

func look(t *bot.Turn) (bot.Outcome, error) {
	_, found, err := find(t)
	switch {
	case err != nil:
		return "", err
	case found:
		return "answered", nil
	}
	form, err := bot.FormOf[Form](t)
	if err != nil {
		return "", err
	}
	return "none", ask(t, bot.InsuranceTopic(form.Topic))
}

// ask lays the question before staff, with what was said.
func ask(t *bot.Turn, topic bot.InsuranceTopic) error {
	number := t.Number("RG")
	t.Do(bot.AskStaff{Number: number, About: bot.WantsPerson, Reason: string(bot.InsuranceAsk), Note: t.Said, Where: "insurance." + string(topic)})
	return t.Form.Set("number", number)
}

func answer(t *bot.Turn) (any, error) {
	a, _, err := find(t)
	return a, err
}

func choose(t *bot.Turn) (bot.Outcome, error) {
	form, err := bot.FormOf[Form](t)
	if err != nil {
		return "", err
	}
	switch t.Choice {
	case "other":
		delete(t.Form, "topic")
	case "person":
		return "person", ask(t, bot.InsuranceTopic(form.Topic))
	}
	return bot.Outcome(t.Choice), nil
}

func asked(t *bot.Turn) (any, error) {
	form, err := bot.FormOf[Form](t)
	return struct{ Number string }{form.Number}, err
}
