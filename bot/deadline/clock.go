package deadline

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"time"

	"github.com/BurntSushi/toml"

	"yilu/bot"
)

//go:embed clocks.toml
var clocksData []byte

// Rule is one period: how long, from which event on, and who says so.
type Rule struct {
	ID       string
	Routes   []string // on which it runs; none for all
	Days     int      // 0 where it is counted in years
	Years    int
	Working  bool
	Extend   int // by how many days it may be prolonged
	Start    string
	Stop     []string
	Pauses   bool   // it stands while a case waits for the worker
	Reminder bool   // it is a reminder only: nobody is late by it
	Law      string // "" for one that the operator sets
	Article  string
	Since    bot.Date // of the version of the law
}

// Rules reads the periods of clocks.toml.
func Rules() ([]Rule, error) { return ReadRules(clocksData) }

// ReadRules reads periods from TOML as clocks.toml has them. A fault names the clock and its field.
func ReadRules(raw []byte) ([]Rule, error) {
	const op = "load clocks"
	var f struct{ Clock []Rule }
	meta, err := toml.NewDecoder(bytes.NewReader(raw)).Decode(&f)
	if err != nil {
		return nil, &bot.Error{Code: bot.Invalid, Op: op, Say: "it is no TOML of clocks", Err: err}
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return nil, &bot.Error{Code: bot.Invalid, Op: op, Field: unknown[0].String(), Say: "is unknown"}
	}
	seen := map[string]bool{}
	for _, r := range f.Clock {
		fault := ""
		switch {
		case r.ID == "":
			fault = "has no id"
		case seen[r.ID]:
			fault = "stands twice"
		case (r.Days > 0) == (r.Years > 0) || r.Days < 0 || r.Years < 0 || r.Extend < 0:
			fault = "needs days or years, one of them, above 0"
		case r.Years > 0 && (r.Working || r.Extend > 0 || r.Pauses):
			fault = "is counted in years: it knows no working days, no extension and no pause"
		case r.Start == "" || len(r.Stop) == 0:
			fault = "needs an event that starts it and one that stops it"
		case r.Law != "" && (r.Article == "" || r.Since.Time().IsZero()):
			fault = "names a law; name the article and since when that version is in force"
		case r.Law != "" && r.Pauses:
			fault = "is set by a law, and stands for nobody"
		}
		if fault != "" {
			return nil, &bot.Error{Code: bot.Invalid, Op: op, Field: fmt.Sprintf("clock %q", r.ID), Say: fault}
		}
		seen[r.ID] = true
	}
	return f.Clock, nil
}

// Event is something that happened in a case.
type Event struct {
	Name string
	At   time.Time
}

// The events that every clock understands, whatever a case calls its own.
const (
	PauseEvent  = "need_more" // from here on it is the worker's turn
	ResumeEvent = "add"       // and from here on it is the office's again,
	ReviewEvent = "review"    // also where the office goes on by itself
	ExtendEvent = "extend"    // of the clock that may be extended
)

// Clock is a period that has started.
type Clock struct {
	Rule     Rule
	Started  bot.Date
	Due      bot.Date // the last day on which it can be met; "" where it cannot be known, see Fault
	Stopped  bot.Date // "" while it runs
	Paused   bool     // it stands now
	Extended bool
	Fault    error // why there is no Due
}

// Level is how urgent a clock is.
type Level string

// The levels.
const (
	Green    Level = "green"
	Amber    Level = "amber" // three quarters of the days are over
	Red      Level = "red"   // the last day is over
	Standing Level = "paused"
	Met      Level = "met"
	Missed   Level = "missed" // it was stopped after its last day
)

// Clocks are the clocks that the events of a case on the route have started, in the order of the rules. Events may come in any order; those of
// one moment stay as they are.
func Clocks(c *Calendar, rules []Rule, route string, events []Event) []Clock {
	events = slices.Clone(events)
	slices.SortStableFunc(events, func(a, b Event) int { return a.At.Compare(b.At) })
	var list []Clock
	for _, r := range rules {
		if len(r.Routes) > 0 && !slices.Contains(r.Routes, route) {
			continue
		}
		if at := slices.IndexFunc(events, func(e Event) bool { return e.Name == r.Start }); at >= 0 {
			list = append(list, run(c, r, bot.DateOf(events[at].At), events[at+1:]))
		}
	}
	return list
}

// pause is a time in which a clock stands: from a day on, up to the day on which it goes on, which counts.
type pause struct{ from, to bot.Date }

func run(c *Calendar, r Rule, started bot.Date, events []Event) Clock {
	k := Clock{Rule: r, Started: started}
	var pauses []pause
	days := r.Days
	for _, e := range events {
		day := bot.DateOf(e.At)
		if slices.Contains(r.Stop, e.Name) {
			k.Stopped = day
			break
		}
		switch {
		case e.Name == ExtendEvent && r.Extend > 0 && !k.Extended:
			k.Extended, days = true, days+r.Extend
		case !r.Pauses:
		case e.Name == PauseEvent && !k.Paused:
			k.Paused, pauses = true, append(pauses, pause{from: day})
		case k.Paused && (e.Name == ResumeEvent || e.Name == ReviewEvent):
			k.Paused, pauses[len(pauses)-1].to = false, day
		}
	}
	if k.Stopped != "" {
		k.Paused = false
	}
	if r.Years > 0 {
		k.Due = c.next(years(started, r.Years))
		return k
	}
	stands := func(d bot.Date) bool {
		return slices.ContainsFunc(pauses, func(p pause) bool { return p.from <= d && (p.to == "" || d < p.to) })
	}
	if k.Paused { // when it will go on nobody knows
		return k
	}
	k.Due, k.Fault = c.count(started, days, r.Working, stands)
	if k.Due != "" && !r.Working {
		k.Due = c.next(k.Due)
	}
	return k
}

// years is the same day n years later, the last of the month where there is none (民法典 §202).
func years(d bot.Date, n int) bot.Date {
	t := d.Time()
	later := time.Date(t.Year()+n, t.Month(), t.Day(), 0, 0, 0, 0, bot.Xiamen)
	if later.Day() != t.Day() {
		later = time.Date(t.Year()+n, t.Month()+1, 0, 0, 0, 0, 0, bot.Xiamen)
	}
	return bot.DateOf(later)
}

// Level is how urgent the clock is at a time.
func (k Clock) Level(now time.Time) Level {
	today := bot.DateOf(now)
	switch {
	case k.Paused:
		return Standing
	case k.Stopped != "" && k.Due != "" && k.Stopped > k.Due && !k.Rule.Reminder:
		return Missed
	case k.Stopped != "":
		return Met
	case k.Due == "": // nobody knows: somebody has to look
		return Amber
	case today > k.Due && !k.Rule.Reminder:
		return Red
	}
	whole, gone := k.Due.Time().Sub(k.Started.Time()), today.Time().Sub(k.Started.Time())
	if gone*4 >= whole*3 {
		return Amber
	}
	return Green
}
