package engine

import (
	"maps"
	"slices"
	"time"

	"yilu/bot"
)

// session is everything that is kept of one worker's conversation between two turns. It is stored as JSON in the
// ledger and nowhere else.
type session struct {
	As      *speaker          `json:"as,omitempty"` // the first field, see pointed
	Lang    string            `json:"lang"`
	Hint    string            `json:"hint,omitempty"`  // what the channel last said of the language
	Stack   []*frame          `json:"stack,omitempty"` // the dialogue that is talking is the last one
	Drafts  map[string]*frame `json:"drafts,omitempty"`
	Offered []bot.Choice      `json:"offered,omitempty"` // the choices of the last reply, so that numbers are read in context
	Facts   map[string]string `json:"facts,omitempty"`
	At      time.Time         `json:"at,omitzero"` // the last turn
	Faults  int               `json:"faults,omitempty"`
	Rest    *bot.Reply        `json:"rest,omitempty"`   // what did not fit into the last reply
	Joined  []joining         `json:"joined,omitempty"` // channels that were linked to this one, and of which not everybody was told
	By      string            `json:"by,omitempty"`     // the channel that the last reply was shown on, "" for the session's own
}

// joining is a channel that was linked.
type joining struct {
	Channel string    `json:"c"`
	Key     string    `json:"k"` // the identity that was linked
	At      time.Time `json:"t"`
	Told    []string  `json:"to,omitempty"` // the channels that have shown it
}

// keep is how long a session stays in the ledger without a message. One that points to another is a link between two
// channels, and a link is good until it is undone.
func (s *session) keep() time.Duration {
	for as := s.As; as != nil; as = as.Then {
		if as.Till.IsZero() {
			return keepLink
		}
	}
	return keepSession
}

// keepLink is longer than anybody's working life.
const keepLink = 100 * 365 * 24 * time.Hour

// runs reports whether a run of a dialogue is under way.
func (s *session) runs(instance string) bool {
	return slices.ContainsFunc(s.Stack, func(f *frame) bool { return f.Instance == instance })
}

// frame is one dialogue that is under way.
type frame struct {
	Dialogue string     `json:"d"`
	Version  int        `json:"v"`
	Instance string     `json:"i"` // names this run of the dialogue; numbers and effect ids are made from it
	State    string     `json:"s"`
	Form     bot.Fields `json:"f,omitempty"`
	Called   bool       `json:"c,omitempty"` // the frame below waits for the result in a Call
	Began    time.Time  `json:"b,omitzero"`
	Wish     bot.Intent `json:"w,omitempty"` // what it was begun for
	Misses   int        `json:"m,omitempty"`
	Effects  int        `json:"e,omitempty"` // how many were asked for
	Last     []string   `json:"l,omitempty"` // the fields that the last answer filled
	Trail    []step     `json:"t,omitempty"`
	Asks     []askBack  `json:"a,omitempty"` // words that mean several things, to be asked about
}

// step is one answered state, with what it takes to go back to it.
type step struct {
	State string     `json:"s"`
	Undo  bot.Fields `json:"u,omitempty"` // fields that were different, as they were
	Gone  []string   `json:"g,omitempty"` // fields that were not there
}

// askBack is a word to be asked about, with the values that it may mean.
type askBack struct {
	Parser  bot.Parser   `json:"p"`
	Word    string       `json:"w"`
	Options []bot.Answer `json:"o"`
}

const trailKept = 12

func (s *session) top() *frame {
	if len(s.Stack) == 0 {
		return nil
	}
	return s.Stack[len(s.Stack)-1]
}

func (s *session) pop() *frame {
	f := s.top()
	s.Stack = s.Stack[:len(s.Stack)-1]
	return f
}

// find is the place of a dialogue on the stack that nobody has called, -1 if it is not there.
func (s *session) find(dialogue string) int {
	return slices.IndexFunc(s.Stack, func(f *frame) bool { return f.Dialogue == dialogue && !f.Called })
}

// interrupted is the place on the stack of the dialogue that the one on top was begun over, -1 if there is none. What
// the one on top was called by is part of it.
func (s *session) interrupted() int {
	i := len(s.Stack) - 1
	for i > 0 && s.Stack[i].Called {
		i--
	}
	return i - 1
}

// remember notes a step for the way back: what the form was before, against what it is now.
func (f *frame) remember(state string, before bot.Fields) {
	st := step{State: state}
	for name, old := range before {
		if now, ok := f.Form[name]; !ok || string(now.Reveal()) != string(old.Reveal()) {
			if st.Undo == nil {
				st.Undo = bot.Fields{}
			}
			st.Undo[name] = old
		}
	}
	for name := range f.Form {
		if !before.Has(name) {
			st.Gone = append(st.Gone, name)
		}
	}
	slices.Sort(st.Gone)
	f.Trail = append(f.Trail, st)
	if len(f.Trail) > trailKept {
		f.Trail = f.Trail[len(f.Trail)-trailKept:]
	}
}

// back returns to the last step of the trail, false if there is none.
func (f *frame) back() bool {
	if len(f.Trail) == 0 {
		return false
	}
	st := f.Trail[len(f.Trail)-1]
	f.Trail = f.Trail[:len(f.Trail)-1]
	maps.Copy(f.Form, st.Undo)
	for _, name := range st.Gone {
		delete(f.Form, name)
	}
	f.State, f.Misses, f.Last, f.Asks = st.State, 0, nil, nil
	return true
}
