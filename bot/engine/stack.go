package engine

import (
	"maps"
	"strings"

	"yilu/bot"
)

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
	if d.guest && d.tables[f.Dialogue] != nil && d.tables[f.Dialogue].Own {
		return d.notForGuests()
	}
	said := len(d.texts)
	if err := d.sayOf("common.resume", f.Dialogue); err != nil {
		return err
	}
	err := d.advance()
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
	if d.guest && d.tables[name] != nil && d.tables[name].Own {
		return d.notForGuests()
	}
	if top := s.top(); top != nil && top.Dialogue == d.wishes[bot.NavHome] {
		s.pop()
	}
	// A dialogue is on the stack once: the old run of it ends, and its answers go over.
	if i := s.find(name); i >= 0 {
		d.cut(i)
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
	d.seen.began(name)
	if name == d.wishes[bot.TooYoung] {
		d.session.Stack, d.session.Drafts = nil, nil // nothing that was under way goes on
		d.noted = nil                                // and nothing is said to be kept
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

// notForGuests sends a guest back to where they came from: what is kept of a worker is theirs to see and to change on
// their own channels.
func (d *decision) notForGuests() error {
	if !d.closed() {
		return d.prompted("common.guest") // and what they came for goes on
	}
	d.over, d.choices, d.progress, d.want = true, nil, "", ""
	if err := d.sayText("common.guest", nil); err != nil {
		return err
	}
	return d.offer(bot.NavHuman)
}

// closed reports whether the dialogue that is talking is not for whoever is writing.
func (d *decision) closed() bool {
	top := d.session.top()
	return d.guest && top != nil && d.tables[top.Dialogue] != nil && d.tables[top.Dialogue].Own
}

// wantsPerson reports whether a person is asked for, which is everybody's to do.
func (d *decision) wantsPerson() bool {
	return d.Message.Choice == sendIntent+string(bot.NavHuman) || d.reading.Confidence >= digress && d.wishes[d.reading.Intent] == d.wishes[bot.NavHuman]
}
