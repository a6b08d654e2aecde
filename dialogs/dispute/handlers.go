package dispute

import (
	"slices"
	"time"
	"unicode/utf8"

	"yilu/bot"
)

// tells is how long the first message is, in runes, that is a story and not only a wish.
const tells = 10

// story is how long words are, in runes, that leave nothing to ask but what decides the way: whoever has told it all in one
// breath is not asked for parts of it again. Staff have the words.
const story = 25

// spare leaves out the questions whose answers are in a story, if anywhere; they can still be told in the summary.
func spare(t *bot.Turn, said string) {
	if utf8.RuneCountInString(said) < story {
		return
	}
	for _, field := range []string{"respondent", "period", "evidence"} {
		if !t.Form.Has(field) {
			t.Form[field] = bot.Skipped
		}
	}
}

// told reports that the first words are with staff.
func told(t *bot.Turn) (any, error) {
	return struct{ Told bool }{t.Form.Has("told")}, nil
}

// begin takes what the first message told, and lays it before staff before anything is asked: whoever stops half-way is
// not lost.
func begin(t *bot.Turn) (bot.Outcome, error) {
	if err := t.Form.Set("number", t.Number("TJ")); err != nil {
		return "", err
	}
	if w, err := t.Read.Worker(t.Context, t.Worker()); err == nil {
		for field, v := range map[string]bot.Personal{"name": w.Name, "phone": w.Phone} {
			if !v.IsZero() && !t.Form.Has(field) {
				if err := t.Form.Set(field, v); err != nil {
					return "", err
				}
			}
		}
	}
	t.Say("dispute.keep", nil)
	if t.Reading.Intent != bot.DisputeNew || t.Reading.Whole {
		return bot.Next, nil
	}
	if err := hear(t); err != nil {
		return "", err
	}
	heard(t)
	number := t.Number("RG")
	t.Do(bot.AskStaff{Number: number, About: bot.WantsPerson, Reason: string(bot.DisputeNew), Note: t.Said, Urgent: t.Fact(bot.FactUnder16) != ""})
	t.Say("dispute.told", struct{ Number string }{number})
	if err := t.Form.Set("told", true); err != nil {
		return "", err
	}
	if said := t.Said.Reveal(); utf8.RuneCountInString(said) >= tells && !t.Form.Has("facts") {
		spare(t, said)
		return bot.Next, t.Form.Set("facts", said)
	}
	return bot.Next, nil
}

// hear adds the kinds that were told to those that are known.
func hear(t *bot.Turn) error {
	form, err := bot.FormOf[Form](t)
	if err != nil {
		return err
	}
	all := form.Kinds
	for _, k := range t.Reading.Slots.Kinds {
		if !slices.Contains(all, k) {
			all = append(all, k)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return t.Form.Set("kinds", all)
}

// heard reads back what was understood, so that it can be put right.
func heard(t *bot.Turn) {
	if kinds := t.Reading.Slots.Kinds; len(kinds) > 0 {
		t.Say("dispute.heard", struct{ Kinds []bot.DisputeKind }{kinds})
	}
}

func agree(t *bot.Turn) (bot.Outcome, error) {
	shown, err := t.Text("dispute.agree", nil)
	if err != nil {
		return "", err
	}
	t.Do(bot.RecordConsent{Notice: bot.Notice, Purpose: bot.ForMediation, Agreed: t.Choice == string(bot.Yes), Shown: shown})
	return bot.Outcome(t.Choice), nil
}

// facts takes what happened, and sees whether it tells what it is about.
func facts(t *bot.Turn) (bot.Outcome, error) {
	form, err := bot.FormOf[Form](t)
	if err != nil {
		return "", err
	}
	if form.Facts == t.Said.Reveal() { // it is what was just said, be it the first message or the answer
		spare(t, form.Facts)
		if err := hear(t); err != nil {
			return "", err
		}
		if a := t.Reading.Slots.Amount; a > 0 && !t.Form.Has("amount") {
			if err := t.Form.Set("amount", bot.Money(a)); err != nil {
				return "", err
			}
		}
		if p := t.Reading.Slots.Places; len(p) > 0 && !t.Form.Has("places") {
			if err := t.Form.Set("places", p); err != nil {
				return "", err
			}
		}
	}
	if form, err = bot.FormOf[Form](t); err != nil || len(form.Kinds) > 0 || form.Kind != "" {
		return bot.Answered, err
	}
	return "unclear", nil
}

func kind(t *bot.Turn) (bot.Outcome, error) {
	form, err := bot.FormOf[Form](t)
	if err != nil {
		return "", err
	}
	if k := bot.DisputeKind(form.Kind); k != "" && !slices.Contains(form.Kinds, k) {
		return bot.Answered, t.Form.Set("kinds", append(form.Kinds, k))
	}
	return bot.Answered, nil
}

// respondent hears where it was in the same words.
func respondent(t *bot.Turn) (bot.Outcome, error) {
	if p := t.Reading.Slots.Places; len(p) > 0 && !t.Form.Has("places") {
		return bot.Answered, t.Form.Set("places", p)
	}
	return bot.Answered, nil
}

func period(t *bot.Turn) (bot.Outcome, error) {
	form, err := bot.FormOf[Form](t)
	if err == nil && !aboutMoney(form.Kinds) {
		return "no_money", nil
	}
	return bot.Answered, err
}

func amount(t *bot.Turn) (bot.Outcome, error) {
	form, err := bot.FormOf[Form](t)
	if err == nil && form.Amount == 0 {
		return "work_out", nil
	}
	return bot.Answered, err
}

func rate(t *bot.Turn) (bot.Outcome, error) {
	form, err := bot.FormOf[Form](t)
	if err == nil && form.Rate.Min == 0 {
		return "unknown", nil
	}
	return bot.Answered, err
}

func count(t *bot.Turn) (bot.Outcome, error) {
	form, err := bot.FormOf[Form](t)
	if err == nil && form.Count == 0 {
		return "unknown", nil
	}
	return bot.Answered, err
}

func perUnit(t *bot.Turn) (any, error) {
	form, err := bot.FormOf[Form](t)
	return struct{ Unit string }{string(form.Rate.Unit)}, err
}

// workOut says line by line what it comes to. It is a suggestion until the worker confirms it in the summary.
func workOut(t *bot.Turn) (bot.Outcome, error) {
	form, err := bot.FormOf[Form](t)
	if err != nil {
		return "", err
	}
	sum := earned(form) - form.Paid
	if sum <= 0 {
		delete(t.Form, "paid")
		t.Say("dispute.worked.none", worked(form, sum))
		return bot.Answered, t.Form.Set("paid", bot.Skipped)
	}
	t.Say("dispute.worked", worked(form, sum))
	return bot.Answered, t.Form.Set("amount", sum)
}

func earned(f Form) bot.Money { return bot.Money(f.Rate.Min) * bot.Money(f.Count) }

type lines struct {
	Rate              bot.Pay
	Count             int
	Earned, Paid, Sum bot.Money
}

func worked(f Form, sum bot.Money) lines { return lines{f.Rate, f.Count, earned(f), f.Paid, sum} }

// ready says before the summary what stands in no answer: what it is about, and the way that it will probably go.
func ready(t *bot.Turn) (bot.Outcome, error) {
	d, _, err := collected(t)
	if err != nil {
		return "", err
	}
	t.Say("dispute.about", struct {
		Kinds []bot.DisputeKind
		Group bool
	}{d.Kinds, d.Party >= bot.GroupCase})
	return bot.Next, nil
}

// collected is the case as it stands in the form.
func collected(t *bot.Turn) (bot.Dispute, Form, error) {
	f, err := bot.FormOf[Form](t)
	if err != nil {
		return bot.Dispute{}, f, err
	}
	d := bot.Dispute{
		Kinds: f.Kinds, Name: f.Name, Phone: f.Phone, Young: t.Fact(bot.FactUnder16) != "", Hirer: f.Hirer, Respondent: bot.NewPersonal(f.Respondent),
		Places: f.Places, Period: bot.NewPersonal(f.Period), Contract: f.Contract, Amount: f.Amount, Party: f.Party,
		Facts: bot.NewPersonal(f.Facts), Evidence: bot.NewPersonal(f.Evidence),
	}
	if f.Rate.Min > 0 && f.Count > 0 {
		d.Rate, d.Count, d.Paid = f.Rate, f.Count, f.Paid
	}
	if a, ok := t.Form["still"]; ok && !a.IsSkipped() {
		d.Still = map[bool]string{true: "yes", false: "no"}[f.Still]
	}
	d.Route = route(d)
	return d, f, nil
}

// confirm files the case.
func confirm(t *bot.Turn) (bot.Outcome, error) {
	if t.Choice != string(bot.Yes) {
		return bot.Outcome(t.Choice), nil
	}
	d, f, err := collected(t)
	if err != nil {
		return "", err
	}
	t.Do(bot.FileCase{Number: f.Number, Dispute: d})
	t.Remember(bot.FactCase, f.Number+" "+t.Now.UTC().Format(time.RFC3339))
	return bot.Yes, nil
}

func done(t *bot.Turn) (any, error) {
	d, f, err := collected(t)
	if err != nil {
		return nil, err
	}
	way, err := t.Text("dispute.route."+string(d.Route), nil)
	return struct {
		Number, Route         string
		Urgent, Injury, Young bool
	}{f.Number, way, d.Urgent(), slices.Contains(d.Kinds, "injury"), d.Young}, err
}
