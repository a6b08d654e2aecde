package engine

import (
	"context"
	"errors"
	"sync"

	"github.com/looplab/fsm"

	"yilu/bot"
)

// table is a dialogue made ready: its states by name, its fields in the order in which they are asked, and where its
// state machine goes.
type table struct {
	bot.Dialogue
	states map[string]*bot.State
	fields []field
	leads  map[leaving]string
	pool   sync.Pool // of *fsm.FSM
}

// leaving is a state that is left with an outcome.
type leaving struct {
	from string
	on   bot.Outcome
}

// field is one answer of the form with the state that asks for it; one that is only heard has a state without a name.
type field struct {
	name  string
	state *bot.State
}

func newTable(d bot.Dialogue) *table {
	t := &table{Dialogue: d, states: map[string]*bot.State{}, leads: map[leaving]string{}}
	var events fsm.Events
	for i := range d.States {
		st := &d.States[i]
		t.states[st.Name] = st
		if st.Field != "" && (st.Accept != "" || len(st.Choices) > 0) && st.List == nil {
			t.fields = append(t.fields, field{st.Field, st})
		}
		for _, e := range st.Edges {
			events = append(events, fsm.EventDesc{Name: string(e.On), Src: []string{st.Name}, Dst: e.To})
		}
	}
	for _, h := range d.Hears {
		t.fields = append(t.fields, field{h.Field, &bot.State{Accept: h.As, Field: h.Field, Optional: true}})
	}
	t.pool.New = func() any { return fsm.NewFSM(d.Start, events, nil) }
	// The machine has no callbacks, so that it does the same every time: it is asked once for each edge.
	for i := range d.States {
		for _, e := range d.States[i].Edges {
			if to, err := t.run(d.States[i].Name, e.On); err == nil {
				t.leads[leaving{d.States[i].Name, e.On}] = to
			}
		}
	}
	return t
}

func (t *table) field(name string) *field {
	for i := range t.fields {
		if t.fields[i].name == name {
			return &t.fields[i]
		}
	}
	return nil
}

// asks returns the field that the parser fills, nil if the form has none.
func (t *table) asks(p bot.Parser) *field {
	for i := range t.fields {
		if t.fields[i].state.Accept == p {
			return &t.fields[i]
		}
	}
	return nil
}

// fire returns where an outcome leads.
func (t *table) fire(from string, on bot.Outcome) (string, error) {
	if to, ok := t.leads[leaving{from, on}]; ok {
		return to, nil
	}
	return t.run(from, on)
}

// run runs the state machine over one outcome and returns where it leads. A machine whose event failed in a way that
// may have left it in mid-transition is not used again: looplab/fsm keeps the transition pending then, and SetState
// does not clear it.
func (t *table) run(from string, on bot.Outcome) (string, error) {
	m := t.pool.Get().(*fsm.FSM)
	m.SetState(from)
	err := m.Event(context.Background(), string(on))
	var same fsm.NoTransitionError
	if err == nil || errors.As(err, &same) {
		to := m.Current()
		t.pool.Put(m)
		return to, nil
	}
	return "", &bot.Error{Code: bot.Internal, Op: "transition", Field: t.Name + "." + from, Say: "no edge for the outcome " + string(on), Err: err}
}

// progress counts the questions that have to be answered, and those that were.
func (t *table) progress(f *frame) (step, of int) {
	for _, fd := range t.fields {
		if fd.state.Optional || fd.state.Aside {
			continue
		}
		of++
		if f.Form.Has(fd.name) {
			step++
		}
	}
	return step + 1, of
}
