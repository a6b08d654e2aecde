package cases

import (
	"time"

	"yilu/bot"
	"yilu/bot/deadline"
)

// Counting counts the days of cases.
type Counting struct {
	calendar *deadline.Calendar
	rules    []deadline.Rule
}

// NewCounting reads the calendar and the periods.
func NewCounting() (*Counting, error) {
	calendar, err := deadline.NewCalendar()
	if err != nil {
		return nil, err
	}
	rules, err := deadline.Rules()
	if err != nil {
		return nil, err
	}
	return &Counting{calendar, rules}, nil
}

// Clocks are the periods that have started in a case, and how they stand.
func (c *Counting) Clocks(route bot.Route, history []bot.CaseEvent, now time.Time) []bot.CaseClock {
	events := make([]deadline.Event, len(history))
	for i, e := range history {
		events[i] = deadline.Event{Name: e.Action, At: e.At}
	}
	var list []bot.CaseClock
	for _, k := range deadline.Clocks(c.calendar, c.rules, string(route), events) {
		list = append(list, bot.CaseClock{
			ID: k.Rule.ID, Started: k.Started, Due: k.Due, Level: string(k.Level(now)), Reminder: k.Rule.Reminder, Law: k.Rule.Law != "",
		})
	}
	return list
}
