package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"yilu/bot"
)

// prompt asks the question of the state that waits.
func (d *decision) prompt() error {
	f, t, st, err := d.current()
	if err != nil || d.over {
		return err
	}
	return d.ask(f, t, st, false)
}

// ask asks a state's question, in its simpler words if it was not understood before.
func (d *decision) ask(f *frame, t *table, st *bot.State, again bool) error {
	if st.Sensitive && d.Abroad {
		return d.handOver(f, t, st)
	}
	d.choices, d.progress, d.want = nil, "", st.Accept
	if st.Summary {
		d.noted = nil // the summary reads everything back
	}
	if a := f.ask(st.Accept); a != nil && st.Field != "" {
		return d.askMeaning(f, t, st, a)
	}
	variant := ""
	if again {
		variant = ".again"
	}
	if err := d.say(f, t, st, variant); err != nil {
		return err
	}
	if step, of := t.progress(f); of > 2 && !t.Quiet && st.Field != "" && !st.Optional && !st.Aside && !f.Form.Has(st.Field) && step <= of {
		text, err := d.Texts.Text(d.session.Lang, "common.progress", struct{ Step, Of int }{step, of})
		if err != nil {
			return err
		}
		d.progress = text
	}
	var options []bot.Option
	if st.List != nil {
		var err error
		if options, err = st.List(d.turn(f)); err != nil {
			return err
		}
	}
	fixed, mark := choicesOf(st), d.mark(f)
	if n := len(options) + len(fixed); n > 0 {
		d.choices = make([]bot.Choice, 0, n+2) // with the ways out
	}
	for _, o := range options {
		d.choices = append(d.choices, bot.Choice{Label: o.Label, Send: sendOption + t.Name + "/" + st.Name + "/" + o.Value})
	}
	for _, name := range fixed {
		if name == "more" && !d.more(f, t, st) {
			continue
		}
		label, err := d.choiceLabel(t, st, name)
		if err != nil {
			return err
		}
		d.choices = append(d.choices, bot.Choice{Label: label, Send: sendChoice + t.Name + "/" + st.Name + "/" + name + mark})
	}
	if st.Optional && st.Field != "" {
		if err := d.offer(bot.NavSkip); err != nil {
			return err
		}
	}
	return d.offerReturn()
}

// mark tells the choices of one run of a dialogue from those of another: an old "yes" is never the yes to a new summary.
// Those of the menu are good for ever.
func (d *decision) mark(f *frame) string {
	if f.Dialogue == d.wishes[bot.NavHome] {
		return ""
	}
	return "#" + f.Instance[:min(markLength, len(f.Instance))]
}

const markLength = 6

// offerReturn offers the way back to the dialogue that was interrupted.
func (d *decision) offerReturn() error {
	i := d.session.interrupted()
	if i < 0 {
		return nil
	}
	name, outer := d.session.Stack[i].Dialogue, i
	for outer > 0 && d.session.Stack[outer].Called {
		outer--
	}
	title, err := d.Texts.Text(d.session.Lang, d.session.Stack[outer].Dialogue+".title", nil)
	if err != nil {
		return err
	}
	label, err := d.Texts.Text(d.session.Lang, "common.return", struct{ Title string }{title})
	d.choices = append(d.choices, bot.Choice{Label: label, Send: sendResume + name})
	return err
}

// more reports whether the choice "more" leads anywhere: in a list, while the form's field "more" is true; in a summary,
// while an optional question has not been asked.
func (d *decision) more(f *frame, t *table, st *bot.State) bool {
	if st.Summary {
		return slices.ContainsFunc(t.fields, func(fd field) bool { return fd.state.Optional && !f.Form.Has(fd.name) })
	}
	a, ok := f.Form["more"]
	return st.List == nil || ok && string(a.Reveal()) == "true"
}

// choiceLabel is the state's own text for a choice, or the common one for yes and no.
func (d *decision) choiceLabel(t *table, st *bot.State, name string) (string, error) {
	key := t.Name + "." + st.Name + "." + name
	if !d.Texts.Has(d.session.Lang, key) && (name == string(bot.Yes) || name == string(bot.No)) {
		key = "common." + name
	}
	return d.Texts.Text(d.session.Lang, key, nil)
}

// askMeaning asks which of several things a word means.
func (d *decision) askMeaning(f *frame, t *table, st *bot.State, a *askBack) error {
	if err := d.sayText("common.which."+string(st.Accept), struct{ Word string }{a.Word}); err != nil {
		return err
	}
	for i, o := range a.Options {
		v, err := st.Accept.Decode(o.Reveal())
		if err != nil {
			return err
		}
		label, err := d.Texts.Say(d.session.Lang, v)
		if err != nil {
			return err
		}
		d.choices = append(d.choices, bot.Choice{Label: label, Send: sendMeant + t.Name + "/" + st.Name + "/" + strconv.Itoa(i+1) + d.mark(f)})
	}
	return nil
}

// say appends a state's text.
func (d *decision) say(f *frame, t *table, st *bot.State, variant string) error {
	var data any
	switch {
	case st.Summary:
		lines, err := d.lines(f, t)
		if err != nil {
			return err
		}
		data = struct{ Summary string }{strings.Join(lines, "\n")}
	case st.Data != nil:
		var err error
		if data, err = st.Data(d.turn(f)); err != nil {
			return err
		}
	}
	return d.sayText(t.Name+"."+st.Name+variant, data)
}

// turn is what a handler sees. It is good until the next one is asked for: handlers run one after another, so that one
// is made for all of them.
func (d *decision) turn(f *frame) *bot.Turn {
	d.acting = f
	if d.hands == nil {
		d.hands = d.newHands()
	}
	h := d.hands
	h.Said, h.Lang, h.Reading, h.Choice, h.Form = bot.NewPersonal(d.said), d.session.Lang, d.reading, "", f.Form
	return h
}

// newHands makes a turn without what differs between handlers.
func (d *decision) newHands() *bot.Turn {
	s := d.session
	return &bot.Turn{
		Context: d.ctx, Now: d.now, From: d.From, Read: d.Records,
		Say: func(key string, data any) {
			if err := d.sayText(key, data); err != nil {
				panic(err) // becomes the recovery message
			}
		},
		Text: func(key string, data any) (string, error) { return d.Texts.Text(s.Lang, key, data) },
		Do: func(eff bot.Effect) {
			f := d.acting
			if introduces(eff) && s.Facts[bot.FactUnder16] != "" {
				panic("an effect of " + f.Dialogue + " introduces somebody to work who is under 16")
			}
			if u, ok := eff.(bot.UnlinkIdentity); ok && u.Identity == d.via {
				u.Message = d.ID
				eff = u
			}
			f.Effects++
			// What it says is part of its name: where a store that was set back lost the answer, and the worker gives
			// another one now, that is not taken for the first.
			data := packed(eff)
			sum := sha256.Sum256(append([]byte(eff.Kind()+"\x00"), data...))
			d.enter(f.Instance+"-"+strconv.Itoa(f.Effects)+"-"+hex.EncodeToString(sum[:6]), eff, data)
		},
		Number:   func(prefix string) string { return bot.Number(prefix, d.acting.Began, d.acting.Instance) },
		Result:   func(state string) bot.Outcome { return d.acting.result(state) },
		Waiting:  d.awaited,
		Unclear:  func(p bot.Parser) bool { return d.acting.ask(p) != nil },
		Fact:     func(name string) string { return s.Facts[name] },
		Remember: d.remember,
		Code:     d.code,
		Join:     d.join,
	}
}

// introduces reports whether an effect leads to work, which nobody under 16 may be led to (禁止使用童工规定 §2). No
// dialogue should ask for it then; this is the second lock.
func introduces(eff bot.Effect) bool {
	switch eff.(type) {
	case bot.SaveWorker, bot.SubmitApplication, bot.AddAlert:
		return true
	}
	return false
}

// awaited are the effects that wait for the records.
func (d *decision) awaited() []bot.Effect {
	var out []bot.Effect
	for _, entry := range d.waiting {
		if eff, err := bot.DecodeEffect(entry.Kind, entry.Data); err == nil {
			out = append(out, eff)
		}
	}
	return out
}

// remember keeps a fact across dialogues; "" forgets it.
func (d *decision) remember(name, value string) {
	if d.guest && name == bot.FactUnder16 && value == "" {
		return // a protection is lifted by the worker, on a channel of theirs
	}
	if d.session.Facts == nil {
		d.session.Facts = map[string]string{}
	}
	if d.session.Facts[name] = value; value == "" {
		delete(d.session.Facts, name)
	}
}

// carries reports whether the dialogue's form has the field.
func (t *table) carries(name string) bool {
	ft := reflect.TypeOf(t.Form)
	if ft == nil {
		return false
	}
	for i := range ft.NumField() {
		tag, _, _ := strings.Cut(ft.Field(i).Tag.Get("json"), ",")
		if tag == name {
			return true
		}
	}
	return false
}
