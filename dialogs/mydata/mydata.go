// Package mydata shows a worker what is kept of them and lets them correct it (个人信息保护法 §45, §46). A wish to have
// it all copied or erased goes to staff with a number at once; it is not refused and needs no reason.
package mydata

import "yilu/bot"

// Form is what can be corrected in one sentence: "电话换成…".
type Form struct {
	Name  bot.Personal `json:"name"`
	Phone bot.Personal `json:"phone"`
}

// Dialogue is the table.
var Dialogue = bot.Dialogue{
	Name:    "mydata",
	Version: 1,
	Own:     true,
	Intents: []bot.Intent{bot.PrivacyView, bot.PrivacyDelete, bot.PrivacyExport, bot.RegisterEdit},
	Form:    Form{},
	Start:   "begin",
	Quiet:   true,
	States: []bot.State{
		{Name: "begin", Decide: begin, Edges: []bot.Edge{
			{On: bot.Next, To: "show"},
			{On: "none", To: "none"},
			{On: "erase", To: "erase"},
			{On: "copy", To: "asked_copy"},
			{On: "name", To: "name"},
			{On: "phone", To: "phone"},
			{On: "edit", To: bot.Enter("registration")},
		}},
		{Name: "name", Accept: bot.PersonName, Field: "name", Decide: save, Edges: []bot.Edge{{On: bot.Answered, To: "changed"}}},
		{Name: "phone", Accept: bot.Phone, Field: "phone", Decide: save, Edges: []bot.Edge{{On: bot.Answered, To: "changed"}}},
		{Name: "changed", End: "changed", Data: changed, Offer: []bot.Intent{bot.PrivacyView, bot.NavHome}},
		{Name: "show", Choices: []string{"correct", "copy", "erase", "leave"}, Data: data, Decide: choose, Edges: []bot.Edge{
			{On: "correct", To: bot.Enter("registration")},
			{On: "copy", To: "asked_copy"},
			{On: "erase", To: "erase"},
			{On: "leave", To: "left"},
		}},
		{Name: "erase", Accept: bot.YesNo, Decide: erase, Edges: []bot.Edge{{On: bot.Yes, To: "asked_erase"}, {On: bot.No, To: "left"}}},
		{Name: "asked_erase", End: "asked", Data: eraseNumber, Offer: []bot.Intent{bot.NavHome}},
		{Name: "asked_copy", End: "asked", Data: copyNumber, Offer: []bot.Intent{bot.NavHome}},
		{Name: "left", End: "left", Offer: []bot.Intent{bot.JobsSearch, bot.NavHome}},
		{Name: "none", End: "none", Offer: []bot.Intent{bot.RegisterStart, bot.JobsSearch}},
	},
}

func begin(t *bot.Turn) (bot.Outcome, error) {
	switch t.Reading.Intent {
	case bot.PrivacyDelete:
		return "erase", nil
	case bot.PrivacyExport:
		askCopy(t)
		return "copy", nil
	}
	w, err := t.Read.Worker(t.Context, t.Worker())
	if bot.CodeOf(err) == bot.NotFound {
		return "none", nil
	}
	if err == nil && t.Reading.Intent == bot.RegisterEdit {
		switch t.Reading.Edit {
		case bot.PersonName:
			return "name", nil
		case bot.Phone:
			return "phone", nil
		case "":
			return bot.Next, nil
		}
		return "edit", nil
	}
	if err == nil && w.Name.IsZero() && w.Phone.IsZero() && w.Birth == (bot.Birth{}) && w.Consent == "" {
		// Somebody is known by a wish or a link alone.
		alerts, err := t.Read.Alerts(t.Context, t.Worker())
		if err != nil {
			return "", err
		}
		applications, err := t.Read.Applications(t.Context, t.Worker())
		if err != nil {
			return "", err
		}
		cases, err := t.Read.Cases(t.Context, t.Worker())
		if err != nil {
			return "", err
		}
		if len(alerts)+len(applications)+len(cases) == 0 {
			return "none", nil
		}
	}
	return bot.Next, err
}

func save(t *bot.Turn) (bot.Outcome, error) {
	form, err := bot.FormOf[Form](t)
	if err != nil {
		return "", err
	}
	t.Do(bot.SaveWorker{Name: form.Name, Phone: form.Phone})
	return bot.Answered, nil
}

func changed(t *bot.Turn) (any, error) {
	form, err := bot.FormOf[Form](t)
	return form, err
}

// data is what the records hold. The phone is shown in part: the screen may not be the worker's alone.
func data(t *bot.Turn) (any, error) {
	w, err := t.Read.Worker(t.Context, t.Worker())
	if err != nil {
		return nil, err
	}
	alerts, err := t.Read.Alerts(t.Context, t.Worker())
	if err != nil {
		return nil, err
	}
	applications, err := t.Read.Applications(t.Context, t.Worker())
	if err != nil {
		return nil, err
	}
	cases, err := t.Read.Cases(t.Context, t.Worker())
	if err != nil {
		return nil, err
	}
	return struct {
		Worker                      bot.Worker
		Phone                       string
		Name, Birth, Pay            bool
		Alerts, Applications, Cases int
	}{w, w.Phone.Masked(), !w.Name.IsZero(), w.Birth != bot.Birth{}, w.Pay != bot.Pay{}, len(alerts), len(applications), len(cases)}, nil
}

func choose(t *bot.Turn) (bot.Outcome, error) {
	if t.Choice == "copy" {
		askCopy(t)
	}
	return bot.Outcome(t.Choice), nil
}

func askCopy(t *bot.Turn) {
	t.Do(bot.AskStaff{Number: t.Number("FB"), About: bot.WantsCopy})
}

func erase(t *bot.Turn) (bot.Outcome, error) {
	if t.Choice == string(bot.Yes) {
		t.Do(bot.AskStaff{Number: t.Number("SC"), About: bot.WantsErase})
	}
	return bot.Outcome(t.Choice), nil
}

func eraseNumber(t *bot.Turn) (any, error) {
	return struct{ Number string }{t.Number("SC")}, nil
}

func copyNumber(t *bot.Turn) (any, error) {
	return struct{ Number string }{t.Number("FB")}, nil
}
