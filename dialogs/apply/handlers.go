package apply

import "yilu/bot"

// begin finds the post that is meant, and what is known of the worker.
func begin(t *bot.Turn) (bot.Outcome, error) {
	form, err := bot.FormOf[Form](t)
	if err != nil {
		return "", err
	}
	if seen := t.Fact(bot.FactPost); seen != "" {
		form.Post = bot.PostID(seen) // an older draft may be about another one
	}
	switch {
	case t.Fact(bot.FactUnder16) != "":
		return "under16", nil
	case form.Post == "":
		t.Say("apply.no_post", nil)
		return "no_post", nil
	}
	p, err := t.Read.Post(t.Context, form.Post)
	if bot.CodeOf(err) == bot.NotFound {
		return "closed", nil
	}
	if err != nil {
		return "", err
	}
	if err := t.Form.Set("post", p.ID); err != nil {
		return "", err
	}
	if !p.Open(t.Now) {
		return "closed", nil
	}
	mine, err := t.Read.Applications(t.Context, t.Worker())
	if err != nil {
		return "", err
	}
	for _, a := range mine {
		if a.Post == p.ID {
			return "already", t.Form.Set("number", a.Number)
		}
	}
	if number := waiting(t, p.ID); number != "" {
		return "already", t.Form.Set("number", number)
	}
	if !t.Form.Has("party") {
		if err := t.Form.Set("party", 1); err != nil {
			return "", err
		}
	}
	return bot.Next, known(t)
}

// waiting is the number of an application for the post that is not in the records yet, "" if there is none.
func waiting(t *bot.Turn, post bot.PostID) string {
	number := ""
	for _, eff := range t.Waiting() {
		switch eff := eff.(type) {
		case bot.SubmitApplication:
			if eff.Post == post {
				number = eff.Number
			}
		case bot.WithdrawApplication:
			if eff.Number == number {
				number = ""
			}
		}
	}
	return number
}

// known takes what the records hold, where the message did not say otherwise.
func known(t *bot.Turn) error {
	w, err := t.Read.Worker(t.Context, t.Worker())
	if err != nil {
		return nil // then it is asked
	}
	if !w.Name.IsZero() && !t.Form.Has("name") {
		err = t.Form.Set("name", w.Name)
	}
	if err == nil && !w.Phone.IsZero() && !t.Form.Has("phone") {
		err = t.Form.Set("phone", w.Phone)
	}
	if err == nil && w.Birth != (bot.Birth{}) && !t.Form.Has("birth") {
		err = t.Form.Set("birth", w.Birth)
	}
	return err
}

// fit keeps who is 16 or 17 from posts that staff have not marked as fit for them.
func fit(t *bot.Turn) (bot.Outcome, error) {
	form, err := bot.FormOf[Form](t)
	if err != nil {
		return "", err
	}
	if form.Birth.AtLeast(t.Now) >= 18 {
		return bot.Next, nil
	}
	p, err := t.Read.Post(t.Context, form.Post)
	if err != nil {
		return "", err
	}
	if !p.MinorOK {
		return "unfit", nil
	}
	return bot.Next, nil
}

// title says which post the summary is about.
func title(t *bot.Turn) (bot.Outcome, error) {
	form, err := bot.FormOf[Form](t)
	if err != nil {
		return "", err
	}
	p, err := t.Read.Post(t.Context, form.Post)
	if err == nil {
		t.Say("apply.for", struct{ Title string }{p.Title})
	}
	return bot.Next, nil // without the records the application still goes on
}

// confirm applies, if the post still wants people. Where the records do not answer, the application is kept all the
// same: a place that was lost can be told later, an application that was lost cannot.
func confirm(t *bot.Turn) (bot.Outcome, error) {
	if t.Choice == "together" {
		delete(t.Form, "party")
		return "together", nil
	}
	form, err := bot.FormOf[Form](t)
	if err != nil {
		return "", err
	}
	p, err := t.Read.Post(t.Context, form.Post)
	if err == nil && !p.Open(t.Now) || bot.CodeOf(err) == bot.NotFound {
		return "closed", nil
	}
	t.Do(bot.SaveWorker{Name: form.Name, Phone: form.Phone, Birth: form.Birth})
	t.Do(bot.SubmitApplication{Number: t.Number("BM"), Post: form.Post, Party: form.Party, Name: form.Name, Phone: form.Phone})
	return bot.Yes, nil
}

func done(t *bot.Turn) (any, error) {
	return struct{ Number string }{t.Number("BM")}, nil
}

func already(t *bot.Turn) (any, error) {
	form, err := bot.FormOf[Form](t)
	return struct{ Number string }{form.Number}, err
}
