package cases_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/cases"
	"yilu/bot/deadline"
)

// states are all states of a case.
var states = bot.CaseStates

// actions are all that the table names, each once.
func actions() (list []string) {
	for _, s := range cases.Steps {
		if !slices.Contains(list, s.Action) {
			list = append(list, s.Action)
		}
	}
	return list
}

func full(action string, by cases.Role) cases.Request {
	return cases.Request{Action: action, By: by, Note: bot.NewPersonal("why"), Told: bot.NewPersonal("words"), Whom: "Lin"}
}

// Every state with every action by every role against testdata/steps.txt, which was written by hand from the brief's
// states: what may be done, by whom, and where it leads. Whatever is not there must be refused.
func TestEveryStep(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/steps.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for line := range strings.Lines(string(raw)) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] == "#" {
			continue
		}
		for _, state := range strings.Split(f[0], ",") {
			for _, by := range strings.Split(f[2], ",") {
				key := fmt.Sprint(state, " ", f[1], " ", by)
				if want[key] != "" {
					t.Errorf("%s stands twice", key)
				}
				if want[key] = f[3]; f[3] == "=" {
					want[key] = state
				}
			}
		}
	}
	met := 0
	for _, state := range states {
		for _, action := range actions() {
			for _, by := range append([]cases.Role{cases.Worker}, cases.Roles...) {
				to, err := cases.Take(state, full(action, by))
				expected, ok := want[fmt.Sprint(state, " ", action, " ", by)]
				switch {
				case ok:
					met++
					if err != nil || string(to) != expected {
						t.Errorf("%s %s by %s: %s (%v), want %s", state, action, by, to, err, expected)
					}
				case err == nil:
					t.Errorf("%s %s by %s leads to %s, and should be refused", state, action, by, to)
				case bot.CodeOf(err) != bot.Conflict && bot.CodeOf(err) != bot.Invalid:
					t.Errorf("%s %s by %s: %v", state, action, by, err)
				}
			}
		}
	}
	if met != len(want) {
		t.Errorf("%d steps were met, %d are wanted", met, len(want))
	}
}

// What a step needs, it cannot be taken without, and the error names it.
func TestNeeds(t *testing.T) {
	t.Parallel()
	for _, s := range cases.Steps {
		for _, need := range s.Need {
			r := full(s.Action, s.By[len(s.By)-1])
			switch need {
			case cases.NeedNote:
				r.Note = bot.Personal{}
			case cases.NeedTold:
				r.Told = bot.Personal{}
			case cases.NeedWhom:
				r.Whom = ""
			}
			_, err := cases.Take(s.From[0], r)
			if bot.CodeOf(err) != bot.Invalid || !strings.Contains(err.Error(), string(need)) {
				t.Errorf("%s without %s: %v", s.Action, need, err)
			}
		}
	}
	for _, must := range []string{cases.Close, cases.Decline, cases.Refer, cases.NeedMore, cases.Agree, cases.Fail} { // nothing ends without a word
		for _, s := range cases.Steps {
			if s.Action == must && len(s.Need) == 0 {
				t.Errorf("%s needs nothing", must)
			}
		}
	}
	if _, err := cases.Take(bot.CaseSubmitted, full("dance", cases.Lead)); bot.CodeOf(err) != bot.Invalid {
		t.Errorf("an unknown action: %v", err)
	}
}

// From every state there is a way to the end, and staff can do something in every one but the last.
func TestNoDeadEnd(t *testing.T) {
	t.Parallel()
	for _, from := range states {
		reached, queue := map[bot.CaseState]bool{from: true}, []bot.CaseState{from}
		for len(queue) > 0 {
			state := queue[0]
			queue = queue[1:]
			for _, action := range actions() {
				if to, err := cases.Take(state, full(action, cases.Lead)); err == nil && !reached[to] {
					reached[to], queue = true, append(queue, to)
				}
			}
		}
		if !reached[bot.CaseArchived] {
			t.Errorf("no way leads from %s to the archive", from)
		}
	}
}

// The events that clocks know are actions of the table.
func TestClocksKnowTheActions(t *testing.T) {
	t.Parallel()
	rules, err := deadline.Rules()
	if err != nil {
		t.Fatal(err)
	}
	known := append(actions(), cases.Submit)
	for _, r := range rules {
		for _, name := range append([]string{r.Start}, r.Stop...) {
			if !slices.Contains(known, name) {
				t.Errorf("the clock %s knows the event %q, and no case does", r.ID, name)
			}
		}
	}
	if deadline.PauseEvent != cases.NeedMore || deadline.ResumeEvent != cases.Add || deadline.ReviewEvent != cases.Review || deadline.ExtendEvent != cases.Extend {
		t.Error("the events that pause, resume and extend are others")
	}
}

// What was submitted is not received: the period of the law runs from the receipt.
func TestSubmittedIsNotReceived(t *testing.T) {
	t.Parallel()
	c, err := cases.NewCounting()
	if err != nil {
		t.Fatal(err)
	}
	at := func(day int) time.Time { return time.Date(2026, 3, day, 10, 0, 0, 0, bot.Xiamen) }
	history := []bot.CaseEvent{{At: at(2), Action: cases.Submit}}
	for _, k := range c.Clocks(bot.RouteLabour, history, at(20)) {
		if k.ID == "mediation" {
			t.Error("the period runs, and nobody has received the case")
		}
	}
	history = append(history, bot.CaseEvent{At: at(5), Action: cases.Receive})
	found := false
	for _, k := range c.Clocks(bot.RouteLabour, history, at(6)) {
		if k.ID == "mediation" {
			found = k.Started == "2026-03-05" && k.Due == "2026-03-20" && k.Level == "green" && k.Running()
		}
	}
	if !found {
		t.Errorf("got %+v", c.Clocks(bot.RouteLabour, history, at(6)))
	}
}
