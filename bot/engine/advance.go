package engine

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"yilu/bot"
)

// loops bounds how many states one turn may pass without waiting for the worker.
const loops = 100

// current finds the frame that is talking, its table and its state. Where the dialogue has changed since, the worker
// goes on at the first unanswered question of the new one, with the answers kept (promise 6); where it is gone, at the
// menu.
func (d *decision) current() (*frame, *table, *bot.State, error) {
	for range loops {
		f := d.session.top()
		t := d.tables[f.Dialogue]
		if t == nil {
			d.fault("dialogue " + f.Dialogue + " is no longer there")
			d.session.Stack = []*frame{d.idle()}
			if err := d.sayText("common.recovered", nil); err != nil {
				return nil, nil, nil, err
			}
			continue
		}
		st := t.states[f.State]
		if f.Version == t.Version && st != nil && st.Waits() {
			return f, t, st, nil
		}
		if f.Version == t.Version && st == nil {
			d.fault("state " + f.Dialogue + "." + f.State + " is unknown")
		}
		if f.Version != t.Version || st == nil {
			d.migrate(f, t)
		}
		if err := d.pass(); err != nil {
			return nil, nil, nil, err
		}
	}
	return nil, nil, nil, bot.Errorf(bot.Internal, "current state", "no state waits")
}

// migrate puts a frame of another version at the start of today's dialogue, with every answer that still fits.
func (d *decision) migrate(f *frame, t *table) {
	for name, a := range f.Form {
		if !t.holds(name, a) {
			delete(f.Form, name)
		}
	}
	f.Version, f.State, f.Misses, f.Trail, f.Asks, f.Last = t.Version, t.Start, 0, nil, nil, nil
}

// holds reports whether an answer still is one of the dialogue's.
func (t *table) holds(name string, a bot.Answer) bool {
	if strings.HasPrefix(name, "@") {
		return true
	}
	fd := t.field(name)
	switch {
	case fd != nil && a.IsSkipped():
		return fd.state.Optional
	case fd != nil && fd.state.Accept == "":
		v, err := bot.FreeText.Decode(a.Reveal())
		choice, _ := v.(string)
		return err == nil && slices.Contains(fd.state.Choices, choice)
	case fd != nil:
		_, err := fd.state.Accept.Decode(a.Reveal())
		return err == nil
	}
	raw, err := json.Marshal(bot.Fields{name: a})
	return t.Form != nil && err == nil && json.Unmarshal(raw, reflect.New(reflect.TypeOf(t.Form)).Interface()) == nil
}

// fire moves a frame along the edge of an outcome, after the state's handler had its word on it.
func (d *decision) fire(f *frame, t *table, st *bot.State, on bot.Outcome) error {
	if st.Decide != nil {
		turn := d.turn(f, t)
		if st.Field == "" || st.List != nil {
			turn.Choice = string(on)
		}
		decided, err := st.Decide(turn)
		if err != nil {
			return err
		}
		on = decided
	}
	to, err := t.fire(st.Name, on)
	if err != nil {
		return err
	}
	if d.Trace != nil {
		d.Trace(t.Name, st.Name, on, to)
	}
	if next, ok := strings.CutPrefix(to, ">"); ok {
		d.session.pop()
		return d.open(next, &d.reading, f.Form)
	}
	f.State = to
	return nil
}

// advance goes on until a state waits for the worker, and asks its question.
func (d *decision) advance() error {
	if err := d.pass(); err != nil || d.over {
		return err
	}
	return d.prompt()
}

// pass runs what is on top of the stack, what it calls and what follows it, through all states that do not wait.
func (d *decision) pass() error {
	for range loops {
		f := d.session.top()
		t := d.tables[f.Dialogue]
		if t == nil || t.states[f.State] == nil || f.Version != t.Version {
			return nil // current mends it
		}
		st := t.states[f.State]
		var err error
		switch {
		case st.End != "":
			if err = d.end(f, t, st); err == nil && d.over {
				return nil
			}
		case st.Call != "":
			err = d.call(f, t, st)
		case !st.Waits():
			err = d.fire(f, t, st, bot.Next)
		case st.Field != "" && st.List == nil && f.Form.Has(st.Field):
			err = d.fire(f, t, st, bot.Answered)
		default:
			return nil
		}
		if err != nil {
			return err
		}
	}
	f := d.session.top()
	return bot.Errorf(bot.Internal, "advance", "%s.%s: no state waits after %d steps", f.Dialogue, f.State, loops)
}

// call begins the dialogue of a Call, or takes the result that it left.
func (d *decision) call(f *frame, t *table, st *bot.State) error {
	if on := f.result(st.Name); on != "" && edge(st, on) {
		return d.fire(f, t, st, on)
	}
	if err := d.open(st.Call, nil, nil); err != nil {
		return err
	}
	d.session.top().Called = true
	return nil
}

// resultOf names the field that keeps the result of a called dialogue.
func resultOf(state string) string { return "@" + state }

// result is what a called dialogue came to, "" if it has not run.
func (f *frame) result(state string) bot.Outcome {
	a, ok := f.Form[resultOf(state)]
	if !ok {
		return ""
	}
	v, err := bot.FreeText.Decode(a.Reveal())
	if err != nil {
		return ""
	}
	name, _ := v.(string)
	return bot.Outcome(name)
}

// end says a dialogue's last word and goes back to whoever called it or was interrupted by it.
func (d *decision) end(f *frame, t *table, st *bot.State) error {
	if !st.Silent {
		if err := d.say(f, t, st, ""); err != nil {
			return err
		}
	}
	if d.Trace != nil {
		d.Trace(t.Name, st.Name, st.End, "")
	}
	s := d.session
	s.pop()
	delete(s.Drafts, f.Dialogue)
	if f.Called && s.top() != nil {
		caller := s.top()
		return caller.Form.Set(resultOf(caller.State), string(st.End))
	}
	if top := s.top(); top != nil && top.Dialogue != d.wishes[bot.NavHome] {
		return d.resume()
	}
	d.over = true
	s.Stack = []*frame{d.idle()}
	d.choices = nil
	if len(st.Offer) == 0 {
		return d.offer(bot.NavHome)
	}
	return d.offer(st.Offer...)
}

// resume takes up what was going on before, with one question and no repetition of what was said.
func (d *decision) resume() error {
	s := d.session
	if s.top() == nil {
		s.Stack = []*frame{d.idle()}
	}
	if s.top().Dialogue == d.wishes[bot.NavHome] {
		d.over, d.choices = true, nil
		return d.offer(bot.NavHome)
	}
	f := s.top()
	for i := len(s.Stack) - 1; i > 0 && s.Stack[i].Called; i-- {
		f = s.Stack[i-1]
	}
	title, err := d.Texts.Text(s.Lang, f.Dialogue+".title", nil)
	if err != nil {
		return err
	}
	if err := d.sayText("common.resume", struct{ Title string }{title}); err != nil {
		return err
	}
	said := len(d.texts) - 1
	err = d.advance()
	d.over = true
	if bot.CodeOf(err) == bot.Unavailable {
		return d.waysOut(said) // what was just done stands; what is resumed waits where it is
	}
	return err
}

// idle is the frame of somebody who is in no dialogue: the menu.
func (d *decision) idle() *frame {
	name := d.wishes[bot.NavHome]
	t := d.tables[name]
	return &frame{Dialogue: name, Version: t.Version, Instance: d.instance(name), State: t.Start, Form: bot.Fields{}, Began: d.now}
}

// deepest bounds how many dialogues can wait for each other; the one interrupted first is kept as a draft then.
const deepest = 5

// begin starts a dialogue because the worker wants it, with what the message already holds, over whatever is going on.
func (d *decision) begin(name string, r *bot.Reading, carry bot.Fields) error {
	s := d.session
	if top := s.top(); top != nil && top.Dialogue == d.wishes[bot.NavHome] {
		s.pop()
	}
	// A dialogue is on the stack once: the old run of it ends, and its answers go over.
	for i, f := range s.Stack {
		if f.Dialogue == name && !f.Called {
			d.cut(i)
			break
		}
	}
	if len(s.Stack) >= deepest {
		d.draft(s.Stack[0])
		s.Stack = s.Stack[1:]
		for len(s.Stack) > 0 && s.Stack[0].Called { // what it called goes with it
			s.Stack = s.Stack[1:]
		}
	}
	if err := d.open(name, r, carry); err != nil {
		return err
	}
	return d.advance()
}

// cut ends the dialogues from the place on, and keeps what was answered in them.
func (d *decision) cut(i int) {
	for _, f := range d.session.Stack[i:] {
		d.draft(f)
	}
	d.session.Stack = d.session.Stack[:i]
}

// open puts a dialogue on the stack, with the draft of an earlier run, with what another dialogue hands over, and with
// what the message holds.
func (d *decision) open(name string, r *bot.Reading, carry bot.Fields) error {
	t := d.tables[name]
	if t == nil {
		return bot.Errorf(bot.Internal, "open dialogue", "there is no dialogue %q", name)
	}
	if name == d.wishes[bot.TooYoung] {
		d.session.Stack, d.session.Drafts = nil, nil // nothing that was under way goes on
	}
	f := &frame{Dialogue: name, Version: t.Version, Instance: d.instance(name), State: t.Start, Form: bot.Fields{}, Began: d.now}
	if old := d.session.Drafts[name]; old != nil {
		delete(d.session.Drafts, name)
		if d.now.Sub(old.Began) < t.expires() {
			maps.Copy(f.Form, old.Form)
			d.migrate(f, t)
			d.forgetResults(f)
			if err := d.recap(f, t, "common.draft"); err != nil {
				f.Form = bot.Fields{}
			}
		}
	}
	for field, a := range carry {
		if t.carries(field) {
			f.Form[field] = a
		}
	}
	d.session.Stack = append(d.session.Stack, f)
	if r != nil {
		f.Wish = r.Intent
		kept := d.reading
		d.reading = *r
		d.takeSlots(f, t, true)
		d.reading = kept
		if !t.Quiet {
			d.note(f, t)
		}
	}
	return nil
}

// forgetResults drops what called dialogues had answered, so that they are asked again in a new run.
func (d *decision) forgetResults(f *frame) {
	maps.DeleteFunc(f.Form, func(name string, _ bot.Answer) bool { return strings.HasPrefix(name, "@") })
}

// dropExpired ends what has waited longer than its dialogue allows, and says so.
func (d *decision) dropExpired() error {
	s := d.session
	if s.At.IsZero() {
		return nil
	}
	for name, f := range s.Drafts {
		if t := d.tables[name]; t == nil || d.now.Sub(f.Began) >= t.expires() {
			delete(s.Drafts, name)
		}
	}
	for i, f := range s.Stack {
		t := d.tables[f.Dialogue]
		if t == nil || d.now.Sub(s.At) < t.expires() {
			continue
		}
		s.Stack = s.Stack[:i]
		if f.Dialogue == d.wishes[bot.NavHome] || t.Quiet {
			return nil
		}
		title, err := d.Texts.Text(s.Lang, t.Name+".title", nil)
		if err != nil {
			return err
		}
		return d.sayText("common.expired", struct{ Title string }{title})
	}
	return nil
}

// recapped begins the turn after a pause with where the worker was. A message that could mean anything (a number, a
// greeting) is not taken as the answer to a question of days ago; then the question is asked again, and it reports true.
func (d *decision) recapped(f *frame, st *bot.State) (bool, error) {
	t := d.tables[f.Dialogue]
	if d.session.At.IsZero() || d.now.Sub(d.session.At) < t.pause() || t.Quiet || f.Dialogue == d.wishes[bot.NavHome] {
		return false, nil
	}
	if (d.reading.Whole || d.reading.Confidence >= digress) && d.reading.Intent != bot.NavGreet {
		return false, nil
	}
	if st.Summary {
		return true, d.ask(f, t, st, false) // it reads everything back itself
	}
	if err := d.recap(f, t, "common.recap"); err != nil {
		return false, err
	}
	if _, isNumber := d.Words.Ordinal(d.m.Text); !isNumber && st.Accept != "" && st.Accept != bot.YesNo {
		if d.Words.Parse(st.Accept, d.m.Text, d.now).Match != bot.NoMatch {
			return false, nil
		}
	}
	return true, d.ask(f, t, st, false)
}

// recap says what was answered so far.
func (d *decision) recap(f *frame, t *table, key string) error {
	title, err := d.Texts.Text(d.session.Lang, t.Name+".title", nil)
	if err != nil {
		return err
	}
	var lines []string
	for _, fd := range t.fields {
		line, err := d.line(f, t, fd.name)
		if err != nil {
			return err
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return nil
	}
	sep, err := d.Texts.Text(d.session.Lang, "common.noted.separator", nil)
	if err != nil {
		return err
	}
	return d.sayText(key, struct{ Title, Values string }{title, strings.Join(lines, sep)})
}

func (t *table) expires() time.Duration {
	if t.Expires > 0 {
		return t.Expires
	}
	return 30 * 24 * time.Hour
}

func (t *table) pause() time.Duration {
	if t.Pause > 0 {
		return t.Pause
	}
	return 6 * time.Hour
}
