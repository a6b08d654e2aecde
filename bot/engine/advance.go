package engine

import (
	"strings"

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

// fire moves a frame along the edge of an outcome, after the state's handler had its word on it.
func (d *decision) fire(f *frame, t *table, st *bot.State, on bot.Outcome) error {
	if st.Decide != nil {
		turn := d.turn(f)
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
		if d.guest && d.tables[next] != nil && d.tables[next].Own {
			if st.Waits() {
				return d.sayText("common.guest", nil) // and the question stands
			}
			d.session.pop()
			if d.session.top() == nil {
				d.session.Stack = []*frame{d.idle()}
			}
			if d.closed() {
				return d.notForGuests()
			}
			return d.sayText("common.guest", nil)
		}
		d.session.pop()
		if i := d.session.find(next); i >= 0 {
			if next == d.wishes[bot.TooYoung] {
				d.noted = nil // nothing is said to be kept
			}
			d.cut(i + 1)
			return nil
		}
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
	d.seen.ended(t.Name, st.End)
	s := d.session
	s.pop()
	delete(s.Drafts, f.Dialogue)
	if f.Called && s.top() != nil {
		caller := s.top()
		return caller.Form.Set(resultOf(caller.State), string(st.End))
	}
	if top := s.top(); top != nil && top.Dialogue != d.wishes[bot.NavHome] && d.joins == "" {
		return d.resume()
	}
	d.over = true
	d.choices = nil
	if d.joins == "" { // else the next message is another conversation's, and what was going on here waits as it is
		s.Stack = []*frame{d.idle()}
	}
	if len(st.Offer) == 0 {
		return d.offer(bot.NavHome)
	}
	return d.offer(st.Offer...)
}
