package engine

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"yilu/bot"
	"yilu/bot/locale"
)

// Problem is one fault of a dialogue.
type Problem struct {
	Dialogue string
	State    string // "" where it is the dialogue's
	Reason   string
}

// String names dialogue and state, and says what is wrong.
func (p Problem) String() string {
	if p.State == "" {
		return p.Dialogue + ": " + p.Reason
	}
	return p.Dialogue + "." + p.State + ": " + p.Reason
}

func problemsError(problems []Problem) error {
	lines := make([]string, len(problems))
	for i, p := range problems {
		lines[i] = p.String()
	}
	return &bot.Error{Code: bot.Invalid, Op: "check dialogues", Say: strings.Join(lines, "\n")}
}

// commonTexts are the texts that the engine itself says.
var commonTexts = []string{
	"common.cancelled", "common.cancelled.draft", "common.crisis", "common.draft", "common.emergency", "common.expired",
	"common.colon", "common.gone", "common.help", "common.kept", "common.language", "common.needed", "common.no",
	"common.noted", "common.noted.separator", "common.offer.nav.home", "common.offer.nav.human", "common.offer.nav.skip",
	"common.progress", "common.recap", "common.recovered", "common.resume", "common.return", "common.stuck", "common.unavailable",
	"common.which", "common.which.birth", "common.which.pay", "common.which.places", "common.which.trades", "common.yes",
}

// longestSend is what every platform takes as the data of a button, in bytes: Telegram's callback_data.
const longestSend = 64

// Check finds what is wrong with the dialogues as a set: states that cannot be reached or cannot finish, outcomes that
// lead nowhere or twice, answers that do not fit their form, texts that a language lacks.
func Check(dialogues []bot.Dialogue, texts *locale.Texts) []Problem {
	c := checker{texts: texts, all: map[string]*bot.Dialogue{}}
	wishes := map[bot.Intent]string{}
	for i := range dialogues {
		d := &dialogues[i]
		if c.all[d.Name] != nil {
			c.add(d, "", "there are two dialogues of this name")
		}
		c.all[d.Name] = d
		for _, w := range d.Intents {
			if other := wishes[w]; other != "" {
				c.add(d, "", "the intent %s starts %s already", w, other)
			}
			wishes[w] = d.Name
		}
	}
	if wishes[bot.NavHome] == "" {
		c.problems = append(c.problems, Problem{Dialogue: "(all)", Reason: "no dialogue is started by " + string(bot.NavHome) + ": there is no menu"})
	}
	for _, key := range commonTexts {
		c.text(&bot.Dialogue{Name: "(engine)"}, "", key)
	}
	for i := range dialogues {
		c.dialogue(&dialogues[i])
	}
	return c.problems
}

type checker struct {
	texts    *locale.Texts
	all      map[string]*bot.Dialogue
	problems []Problem
}

func (c *checker) add(d *bot.Dialogue, state, format string, args ...any) {
	c.problems = append(c.problems, Problem{d.Name, state, fmt.Sprintf(format, args...)})
}

func (c *checker) text(d *bot.Dialogue, state, key string) {
	for _, lang := range c.texts.Langs() {
		if !c.texts.Has(lang, key) {
			c.add(d, state, "the text %s is missing in %s", key, lang)
		}
	}
}

func (c *checker) dialogue(d *bot.Dialogue) {
	if d.Version < 1 {
		c.add(d, "", "the version must be 1 or more")
	}
	c.text(d, "", d.Name+".title")
	states := map[string]*bot.State{}
	for i := range d.States {
		st := &d.States[i]
		if states[st.Name] != nil {
			c.add(d, st.Name, "there are two states of this name")
		}
		states[st.Name] = st
	}
	if states[d.Start] == nil {
		c.add(d, "", "the first state %q is not there", d.Start)
		return
	}
	for i := range d.States {
		c.state(d, states, &d.States[i])
	}
	for _, h := range d.Hears {
		if h.Field == "" || !slices.Contains(bot.Parsers, h.As) {
			c.add(d, "", "what it hears needs a field and a parser")
			continue
		}
		c.fits(d, "", h.Field, h.As)
		c.text(d, "", d.Name+".field."+h.Field)
	}
	c.paths(d, states)
}

func (c *checker) state(d *bot.Dialogue, states map[string]*bot.State, st *bot.State) {
	kinds := 0
	for _, is := range []bool{st.End != "", st.Call != "", st.Waits()} {
		if is {
			kinds++
		}
	}
	if kinds > 1 {
		c.add(d, st.Name, "a state waits, or calls, or ends; this one does several")
	}
	c.edges(d, states, st)
	c.answer(d, st)
	if (st.Waits() || st.End != "") && !st.Silent {
		c.text(d, st.Name, d.Name+"."+st.Name)
	}
	if st.Waits() {
		c.text(d, st.Name, d.Name+"."+st.Name+".again")
	}
	for _, name := range st.Choices {
		c.text(d, st.Name, d.Name+"."+st.Name+"."+name)
		if n := len(sendChoice+d.Name+"/"+st.Name+"/"+name+"#") + markLength; n > longestSend {
			c.add(d, st.Name, "the choice %s takes %d bytes to send; %d is the most", name, n, longestSend)
		}
	}
	for _, w := range st.Offer {
		c.text(d, st.Name, "common.offer."+string(w))
	}
}

func (c *checker) edges(d *bot.Dialogue, states map[string]*bot.State, st *bot.State) {
	seen := map[bot.Outcome]bool{}
	for _, e := range st.Edges {
		if seen[e.On] {
			c.add(d, st.Name, "the outcome %s has two edges", e.On)
		}
		seen[e.On] = true
		if next, ok := strings.CutPrefix(e.To, ">"); ok {
			if c.all[next] == nil {
				c.add(d, st.Name, "the outcome %s enters %q, which is no dialogue", e.On, next)
			}
		} else if states[e.To] == nil {
			c.add(d, st.Name, "the outcome %s leads nowhere: there is no state %q", e.On, e.To)
		}
	}
	if st.End != "" && len(st.Edges) > 0 {
		c.add(d, st.Name, "it ends the dialogue, so no edge can be followed")
	}
	if st.Decide != nil {
		return // its handler chooses among the edges
	}
	for _, on := range c.outcomes(st) {
		if !seen[on] {
			c.add(d, st.Name, "the outcome %s leads nowhere: it has no edge", on)
		}
	}
}

// outcomes are those that a state without a handler can have.
func (c *checker) outcomes(st *bot.State) []bot.Outcome {
	var on []bot.Outcome
	switch {
	case st.End != "":
	case st.Call != "":
		if callee := c.all[st.Call]; callee != nil {
			for _, s := range callee.States {
				if s.End != "" && !slices.Contains(on, s.End) {
					on = append(on, s.End)
				}
			}
		}
	case st.Summary:
		on = append(on, bot.Yes)
		for _, name := range st.Choices {
			on = append(on, bot.Outcome(name))
		}
	case !st.Waits():
		on = append(on, bot.Next)
	case st.Field != "" && st.List == nil:
		on = append(on, bot.Answered)
	default:
		if st.List != nil {
			on = append(on, bot.Answered)
		}
		for _, name := range choicesOf(st) {
			on = append(on, bot.Outcome(name))
		}
	}
	return on
}

// answer checks what a state does with an answer against the form.
func (c *checker) answer(d *bot.Dialogue, st *bot.State) {
	if st.Call != "" && c.all[st.Call] == nil {
		c.add(d, st.Name, "it calls %q, which is no dialogue", st.Call)
	}
	if st.Accept != "" && !slices.Contains(bot.Parsers, st.Accept) {
		c.add(d, st.Name, "%q is no parser", st.Accept)
		return
	}
	if st.Optional && st.Field == "" {
		c.add(d, st.Name, "it can be skipped, but fills no field")
	}
	if st.Field == "" {
		if st.Accept != "" && st.Accept != bot.YesNo || st.List != nil {
			c.add(d, st.Name, "its answer fills no field")
		}
		return
	}
	if !st.Waits() {
		c.add(d, st.Name, "it fills a field, but does not wait for an answer")
	}
	c.fits(d, st.Name, st.Field, st.Accept)
	if st.List == nil {
		c.text(d, st.Name, d.Name+".field."+st.Field)
	}
}

// fits checks that the form has the field, of the type that the parser gives; without a parser it is a choice's name.
func (c *checker) fits(d *bot.Dialogue, state, field string, p bot.Parser) {
	ft, ok := formField(d.Form, field)
	if !ok {
		c.add(d, state, "the form has no field %q", field)
		return
	}
	want := reflect.TypeFor[string]()
	if p != "" {
		zero, err := p.Decode([]byte("null"))
		if err != nil {
			c.add(d, state, "%v", err)
			return
		}
		want = reflect.TypeOf(zero)
	}
	if !want.ConvertibleTo(ft) || want.Kind() != ft.Kind() {
		c.add(d, state, "the field %s is a %s, but the answer is a %s", field, ft, want)
	}
}

func formField(form any, name string) (reflect.Type, bool) {
	t := reflect.TypeOf(form)
	if t == nil || t.Kind() != reflect.Struct {
		return nil, false
	}
	for i := range t.NumField() {
		if tag, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); tag == name {
			return t.Field(i).Type, true
		}
	}
	return nil, false
}

// paths finds states that no path from the first state reaches, and states from which no path ends the dialogue.
func (c *checker) paths(d *bot.Dialogue, states map[string]*bot.State) {
	reached := map[string]bool{}
	var walk func(string)
	walk = func(name string) {
		st := states[name]
		if st == nil || reached[name] {
			return
		}
		reached[name] = true
		for _, e := range st.Edges {
			walk(e.To)
		}
	}
	walk(d.Start)
	ends := map[string]bool{}
	for range d.States {
		for i := range d.States {
			st := &d.States[i]
			if st.End != "" || slices.ContainsFunc(st.Edges, func(e bot.Edge) bool { return strings.HasPrefix(e.To, ">") || ends[e.To] }) {
				ends[st.Name] = true
			}
		}
	}
	for i := range d.States {
		name := d.States[i].Name
		if !reached[name] {
			c.add(d, name, "it cannot be reached from %s", d.Start)
		}
		if !ends[name] {
			c.add(d, name, "it cannot finish: no path leads to an end")
		}
	}
}
