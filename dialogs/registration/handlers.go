package registration

import "yilu/bot"

// begin fills in what is known, and sees what is left to ask.
func begin(t *bot.Turn) (bot.Outcome, error) {
	if t.Fact(bot.FactUnder16) != "" {
		return "under16", nil
	}
	w, err := t.Read.Worker(t.Context, t.Worker())
	if err == nil {
		if err := prefill(t, w); err != nil {
			return "", err
		}
	}
	form, err := bot.FormOf[Form](t)
	if err != nil {
		return "", err
	}
	bracket := form.Birth.Bracket(t.Now)
	all := t.Form.Has("name") && t.Form.Has("phone") && t.Form.Has("birth") && t.Form.Has("trades") && t.Form.Has("places")
	switch {
	case t.Form.Has("birth") && bracket == bot.Under16:
		return bot.JudgeAge(t)
	case all && bracket != bot.Birthday:
		return "complete", nil
	}
	return bot.Next, nil
}

// prefill takes what the records hold, where the message did not say otherwise.
func prefill(t *bot.Turn, w bot.Worker) error {
	known := []struct {
		field string
		there bool
		value any
	}{
		{"name", !w.Name.IsZero(), w.Name},
		{"phone", !w.Phone.IsZero(), w.Phone},
		{"birth", w.Birth != bot.Birth{}, w.Birth},
		{"trades", len(w.Trades) > 0, w.Trades},
		{"places", len(w.Places) > 0, w.Places},
		{"start", w.Start != "" && w.Start >= bot.DateOf(t.Now), w.Start},
		{"shift", w.Shift != "", w.Shift},
		{"pay", w.Pay != bot.Pay{}, w.Pay},
		{"settle", w.Settle != "", w.Settle},
		{"cert", w.Cert != "", w.Cert},
		{"known", w.Complete, true},
	}
	for _, k := range known {
		if k.there && !t.Form.Has(k.field) {
			if err := t.Form.Set(k.field, k.value); err != nil {
				return err
			}
		}
	}
	return nil
}

// ready tells whether the notice was agreed to, in this dialogue or before it.
func ready(t *bot.Turn) (bot.Outcome, error) {
	if t.Result("consent") == "agreed" {
		return "agreed", nil
	}
	w, err := t.Read.Worker(t.Context, t.Worker())
	if err == nil && w.Consent == bot.Notice {
		return "agreed", nil
	}
	return bot.Next, nil
}

// confirm writes the registration down.
func confirm(t *bot.Turn) (bot.Outcome, error) {
	if t.Choice != string(bot.Yes) {
		return bot.Outcome(t.Choice), nil
	}
	form, err := bot.FormOf[Form](t)
	if err != nil {
		return "", err
	}
	t.Do(bot.SaveWorker{
		Name: form.Name, Phone: form.Phone, Birth: form.Birth, Trades: form.Trades, Places: form.Places,
		Start: form.Start, Shift: form.Shift, Pay: form.Pay, Settle: form.Settle, Cert: form.Cert,
		Complete: true, Number: number(t, form),
	})
	return bot.Yes, nil
}

// agree takes the one answer for both: the notice was on the screen with the summary.
func agree(t *bot.Turn) (bot.Outcome, error) {
	shown, err := t.Text("registration.agree", struct{ Summary string }{""})
	if err != nil {
		return "", err
	}
	t.Do(bot.RecordConsent{Notice: bot.Notice, Purpose: "placement", Agreed: t.Choice == string(bot.Yes), Shown: shown})
	return confirm(t)
}

// number is the number of a registration; a correction keeps the one that is there, also where that was not known when it
// began: the records were away, or have not taken it yet. While they are away altogether, whoever was told a number in
// this conversation keeps that.
func number(t *bot.Turn, form Form) string {
	if form.Known {
		return ""
	}
	n := t.Number("DJ")
	switch w, err := t.Read.Worker(t.Context, t.Worker()); {
	case err == nil && w.Number != "":
		n = w.Number
	case bot.CodeOf(err) == bot.Unavailable && t.Fact(toldNumber) != "":
		n = t.Fact(toldNumber)
	default:
		for _, effect := range t.Waiting() {
			if save, ok := effect.(bot.SaveWorker); ok && save.Number != "" {
				n = save.Number
				break
			}
		}
	}
	t.Remember(toldNumber, n)
	return n
}

const toldNumber = "registration.number"

func done(t *bot.Turn) (any, error) {
	form, err := bot.FormOf[Form](t)
	return struct {
		Number       string
		Known, Minor bool
	}{t.Fact(toldNumber), form.Known, form.Birth.Bracket(t.Now) == bot.Minor}, err
}
