package engine

import (
	"maps"
	"slices"
	"strings"

	"yilu/bot"
	"yilu/bot/understand"
)

// The ways in which a choice is sent: what it is, then what it names.
const (
	sendIntent = "i:" // an intent
	sendChoice = "c:" // dialogue/state/choice, a fixed choice
	sendOption = "o:" // dialogue/state/value, a choice of the moment
	sendMeant  = "a:" // dialogue/state/number, what an unclear word means
	sendField  = "e:" // dialogue/state/field, an answer to correct
	sendResume = "r:" // dialogue, one that was interrupted
)

// digress is the confidence from which another wish is followed in the middle of a dialogue, guess the one from which it
// is taken where nothing better is understood, and hunch the one from which it is taken at the menu.
const (
	digress = 0.8
	guess   = 0.5
	hunch   = 0.4
)

// tentative are the wishes that are followed on a hunch: those that end, delete or hand out nothing, should it be wrong.
var tentative = []bot.Intent{
	bot.JobsSearch, bot.JobsReport, bot.RegisterStart, bot.StationsFind, bot.InsuranceAsk, bot.InsuranceClaim, bot.DisputeNew, bot.DisputeStatus,
	bot.NavHelp, bot.NavHuman,
}

// hear answers what was typed.
func (d *decision) hear(first bool) error {
	f, t, st, err := d.current()
	if err != nil {
		return err
	}
	if young, err := d.tooYoung(st); young || err != nil {
		return err
	}
	back, err := d.recapped(f, st)
	if back || err != nil {
		return err
	}
	if d.stranger && d.blind(st) {
		return d.prompt()
	}
	if len(d.session.Offered) > 0 {
		if send, ok := d.offered(st); ok {
			return d.press(send)
		}
		if send, ok := d.named(); ok {
			return d.press(send)
		}
	}
	if d.reading.Whole {
		if done, err := d.command(d.reading.Intent); done || err != nil {
			return err
		}
	}
	if st.Sensitive && d.Abroad {
		return d.notHere(f, t, st)
	}
	if len(d.session.Offered) > 0 && !(edge(st, bot.Refined) && d.hears(t)) {
		offered := d.session.Offered
		if i, ok := d.text().Option(len(offered), func(i int) string { return offered[i].Label }); ok {
			return d.press(d.session.Offered[i-1].Send)
		}
	}
	if d.reading.Intent == bot.RegisterEdit && d.reading.Confidence >= guess && len(t.fields) > 0 {
		if done, err := d.correct(f, t); done || err != nil {
			return err
		}
	}
	if done, err := d.answer(f, t, st, first); done || err != nil {
		return err
	}
	if done, err := d.answerBelow(); done || err != nil {
		return err
	}
	return d.miss(f, t, st, "", 0)
}

// answerBelow takes the answer to the question that was interrupted, when it means nothing to the side question.
func (d *decision) answerBelow() (bool, error) {
	i := d.session.interrupted()
	if i < 0 || d.hushed {
		return false, nil
	}
	below := d.session.Stack[i]
	t := d.tables[below.Dialogue]
	if t == nil || t.states[below.State] == nil || below.Version != t.Version {
		return false, nil
	}
	st := t.states[below.State]
	if st.Accept == "" || st.Accept == bot.FreeText || st.Accept == bot.YesNo || st.Accept == bot.Certificate {
		return false, nil
	}
	p := d.text().Parse(st.Accept, d.now)
	if p.Match != bot.Whole || len(p.Options) > 0 {
		return false, nil
	}
	d.cut(i + 1)
	return true, d.fill(below, t, st, p)
}

// offered reads a number as one of the last reply's choices. A question whose answer is a number itself comes first,
// unless the choices are its own.
func (d *decision) offered(st *bot.State) (string, bool) {
	offered := d.session.Offered
	n, ok := d.text().Ordinal()
	if !ok || n > len(offered) {
		return "", false
	}
	send := offered[n-1].Send
	if st.Sensitive && d.Abroad {
		return send, true // what is typed here is no answer
	}
	if strings.HasPrefix(send, sendIntent) && st.Accept != "" && d.text().Parse(st.Accept, d.now).Match == bot.Whole {
		return "", false
	}
	return send, true
}

// named reads the text as the very label of one of the last reply's choices.
func (d *decision) named() (string, bool) {
	for i := range d.session.Offered {
		if c := &d.session.Offered[i]; d.text().Is(c.Label) {
			return c.Send, true
		}
	}
	return "", false
}

// text is the words of the message, made ready to be read.
func (d *decision) text() *understand.Said {
	if d.words == nil || d.words.Raw() != d.Message.Text {
		d.words = d.Words.Hear(d.Message.Text)
	}
	return d.words
}

// tooYoung hears somebody say, unasked, that they are not 16 yet: nothing introduces them to work from then on. Who is
// in trouble with that is heard out first.
func (d *decision) tooYoung(st *bot.State) (bool, error) {
	name := d.wishes[bot.TooYoung]
	said := d.reading.Slots.Birth
	wish := d.wishes[d.reading.Intent]
	if name == "" || said == (bot.Birth{}) || said.Bracket(d.now) != bot.Under16 {
		return false, nil
	}
	if st.Accept == bot.BirthOrAge && (wish == "" || d.reading.Confidence < digress) {
		return false, nil // it is the answer
	}
	d.remember(bot.FactUnder16, "yes")
	switch top := d.session.top(); {
	case d.aids(top.Dialogue): // what they tell staff is heard out; nothing else goes on
		d.session.Stack, d.session.Drafts = []*frame{top}, nil
		return false, nil
	case d.aids(wish):
		d.session.Stack, d.session.Drafts = nil, nil
		return true, d.begin(wish, &d.reading, nil)
	}
	return true, d.begin(name, nil, nil)
}

// aids reports that a dialogue is for whoever is in trouble.
func (d *decision) aids(dialogue string) bool {
	t := d.tables[dialogue]
	return t != nil && t.Aid
}

// hears reports whether the message holds something that the dialogue's form takes.
func (d *decision) hears(t *table) bool {
	return len(d.reading.Ask) > 0 || slices.ContainsFunc(t.fields, func(fd field) bool {
		return d.reading.Slots.Has(fd.state.Accept)
	})
}

// answer reads the text as the answer to the state's question; where it is none, as another wish, and then as an
// answer that stands among other words. It reports whether anything was understood.
func (d *decision) answer(f *frame, t *table, st *bot.State, first bool) (bool, error) {
	var p bot.Parsed
	if st.Summary {
		p = d.text().Parse(bot.YesNo, d.now)
		if p.Match == bot.Whole {
			return true, d.pick(f, t, st, yesNo(p.Value))
		}
		p = bot.Parsed{}
		if (d.reading.Confidence < digress || d.wishes[d.reading.Intent] == t.Name) && d.refine(f, t) {
			return true, d.amend(f, t)
		}
	} else if st.Accept != "" {
		p = d.text().Parse(st.Accept, d.now)
		if p.Match == bot.Whole && len(p.Options) == 0 && !d.elsewhere(st, t) {
			return true, d.fill(f, t, st, p)
		}
	}
	if done, err := d.pickUnclear(f, t, st, p); done || err != nil {
		return done, err
	}
	r := d.reading
	if r.Confidence >= digress && d.wishes[r.Intent] != "" && d.wishes[r.Intent] != t.Name {
		if on, ok := leadsTo(st, d.wishes[r.Intent]); ok {
			return true, d.pick(f, t, st, on)
		}
		return true, d.follow(d.wishes[r.Intent])
	}
	if r.Confidence >= digress && d.wishes[r.Intent] == t.Name {
		if done, err := d.otherwise(f, t, st); done || err != nil {
			return true, err
		}
	}
	if len(p.Options) > 0 {
		return true, d.unclear(f, st, p)
	}
	if p.Match == bot.Within {
		return true, d.fill(f, t, st, p)
	}
	if edge(st, bot.Refined) {
		before := maps.Clone(f.Form)
		if d.refine(f, t) {
			return true, d.leave(f, t, st, bot.Refined, before)
		}
	}
	if p.Fault != "" {
		return true, d.miss(f, t, st, p.Fault, p.Count)
	}
	if st.Accept != "" && st.Accept != bot.FreeText && len(t.fields) > 1 {
		// The question was not answered, but others may have been.
		before, last := maps.Clone(f.Form), f.Last
		if f.Last = nil; d.takeSlots(f, t, false) {
			f.remember(st.Name, before)
			d.note(f, t)
			return true, d.advance()
		}
		f.Last = last
	}
	if r.Confidence >= guess && d.wishes[r.Intent] != "" {
		if d.wishes[r.Intent] == t.Name {
			return false, nil
		}
		return true, d.follow(d.wishes[r.Intent])
	}
	if t.Name != d.wishes[bot.NavHome] {
		return false, nil
	}
	if search := d.wishes[bot.JobsSearch]; search != "" && d.text().Parse(bot.Areas, d.now).Match == bot.Whole {
		return true, d.follow(search) // a place and nothing else: what is there to do
	}
	if r.Confidence >= hunch && slices.Contains(tentative, r.Intent) && d.wishes[r.Intent] != "" && d.wishes[r.Intent] != t.Name {
		return true, d.follow(d.wishes[r.Intent])
	}
	if first {
		d.noteUnclear(t, st)
		return true, d.prompt()
	}
	return false, nil
}

// shortWish is how long a message is, in runes, that may be another wish where anything at all is an answer.
const shortWish = 12

// ofTrouble are the wishes that are words of the same matter where somebody tells their trouble: 对方叫什么? 某某保险公司.
var ofTrouble = []bot.Intent{bot.InsuranceAsk, bot.InsuranceClaim, bot.DisputeNew}

// elsewhere reports whether a short message clearly wants something else, although the state takes any text.
func (d *decision) elsewhere(st *bot.State, t *table) bool {
	wish := d.wishes[d.reading.Intent]
	if t.Aid && slices.Contains(ofTrouble, d.reading.Intent) {
		return false
	}
	return st.Accept == bot.FreeText && d.reading.Confidence >= digress && wish != "" && wish != t.Name &&
		(len([]rune(d.Message.Text)) <= shortWish || d.reading.Intent == bot.LinkAdd)
}

// blind reports whether a message answers something that was shown on another channel, where this one has not seen it: a
// number, or a yes or no. Values are what they are wherever they are said.
func (d *decision) blind(st *bot.State) bool {
	if _, ok := d.text().Ordinal(); ok && (st.Accept == "" || st.Accept == bot.YesNo || st.List != nil) {
		return true
	}
	return (st.Summary || st.Accept == bot.YesNo || len(st.Choices) > 0) && d.text().Parse(bot.YesNo, d.now).Match == bot.Whole
}

func yesNo(v bot.Value) bot.Outcome {
	if yes, _ := v.(bool); yes {
		return bot.Yes
	}
	return bot.No
}

// leadsTo finds the choice of the state that enters a dialogue.
func leadsTo(st *bot.State, dialogue string) (bot.Outcome, bool) {
	for _, e := range st.Edges {
		if e.To == bot.Enter(dialogue) && slices.Contains(st.Choices, string(e.On)) {
			return e.On, true
		}
	}
	return "", false
}

func edge(st *bot.State, on bot.Outcome) bool {
	return slices.ContainsFunc(st.Edges, func(e bot.Edge) bool { return e.On == on })
}

// fill takes the answer to a state's question; where it stands among other words, whatever else of the form they hold
// comes with it.
func (d *decision) fill(f *frame, t *table, st *bot.State, p bot.Parsed) error {
	before := maps.Clone(f.Form)
	if st.Field == "" {
		return d.leave(f, t, st, yesNo(p.Value), before)
	}
	if err := f.Form.Set(st.Field, p.Value); err != nil {
		return err
	}
	f.Last = []string{st.Field}
	d.settled(f, st.Accept)
	if p.Match == bot.Within {
		d.takeSlots(f, t, false)
	}
	return d.leave(f, t, st, bot.Answered, before)
}

// takeSlots fills empty fields of the form from what the message held, and reports whether there were any; where
// overwrite is set it also changes fields that were answered.
func (d *decision) takeSlots(f *frame, t *table, overwrite bool) bool {
	filled := false
	for _, fd := range t.fields {
		p := fd.state.Accept
		if f.Form.Has(fd.name) && !overwrite || fd.state.Sensitive && d.Abroad {
			continue
		}
		if first := t.asks(p); first.name != fd.name { // of two questions of a kind what is said unasked answers the first
			continue
		}
		v, ok := d.reading.Slots.Get(p)
		if !ok || f.Form.Set(fd.name, v) != nil {
			continue
		}
		f.Last = append(f.Last, fd.name)
		d.settled(f, p)
		filled = true
	}
	for _, a := range d.reading.Ask {
		if fd := t.asks(a.Parser); fd != nil && !(fd.state.Sensitive && d.Abroad) && (overwrite || !f.Form.Has(fd.name)) {
			d.doubt(f, a.Parser, a.Word, a.Options)
			if overwrite {
				delete(f.Form, fd.name)
			}
			filled = true
		}
	}
	return filled
}

// refine changes the wishes of a list to what the message names.
func (d *decision) refine(f *frame, t *table) bool {
	f.Last = nil
	return d.takeSlots(f, t, true)
}

// leave gives a state its outcome: what its handler makes of the answer, or the answer's own.
func (d *decision) leave(f *frame, t *table, st *bot.State, on bot.Outcome, before bot.Fields) error {
	f.Misses = 0
	if !t.Quiet {
		d.note(f, t)
	}
	if err := d.fire(f, t, st, on); err != nil {
		return err
	}
	if d.noteOf == f && !slices.Contains(d.session.Stack, f) {
		d.noted = nil // the dialogue is left, and what it noted with it
	}
	err := d.advance()
	f.remember(st.Name, before) // with what the states that were passed have changed
	return err
}
