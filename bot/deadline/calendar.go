// Package deadline counts days as the law and the operator count them: calendar days, years, and working days by the
// State Council's arrangement of holidays. It guarantees that every period is data with the article that sets it, that the
// day of the event itself is never counted (民法典 §201), that a period of calendar days which would end on a day of rest
// ends on the next working day (§203), and that the same events give the same day whenever they are looked at. It knows no
// year whose arrangement is not in calendar.toml: working days there are an error that says what to add, and a period of
// calendar days is then not prolonged, which is the safe side for whoever has to act.
//
// Whether a period is over is for people to say: it may have been interrupted or suspended.
package deadline

import (
	"bytes"
	_ "embed"
	"fmt"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"yilu/bot"
)

//go:embed calendar.toml
var calendarData []byte

// Calendar knows which days are working days. It never changes.
type Calendar struct {
	years map[int]*year
}

type year struct {
	rest, work map[bot.Date]bool
}

// calendarFile is calendar.toml.
type calendarFile struct {
	Year []struct {
		Year       int
		Notice     string
		Rest, Work []string
	}
}

const opCalendar = "load calendar"

// NewCalendar reads the years that are known.
func NewCalendar() (*Calendar, error) { return ReadCalendar(calendarData) }

// ReadCalendar reads years from TOML as calendar.toml has them. A fault names the year and the day.
func ReadCalendar(raw []byte) (*Calendar, error) {
	var f calendarFile
	meta, err := toml.NewDecoder(bytes.NewReader(raw)).Decode(&f)
	if err != nil {
		return nil, &bot.Error{Code: bot.Invalid, Op: opCalendar, Say: "it is no TOML of years", Err: err}
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return nil, &bot.Error{Code: bot.Invalid, Op: opCalendar, Field: unknown[0].String(), Say: "is unknown; a year has year, notice, rest and work"}
	}
	c := &Calendar{years: map[int]*year{}}
	for _, of := range f.Year {
		bad := func(day, say string) error {
			return &bot.Error{Code: bot.Invalid, Op: opCalendar, Field: fmt.Sprintf("year %d", of.Year), Say: day + " " + say}
		}
		switch {
		case of.Year < 2000 || of.Year > 2100:
			return nil, bad("it", "is not between 2000 and 2100")
		case c.years[of.Year] != nil:
			return nil, bad("it", "stands twice")
		case of.Notice == "":
			return nil, bad("it", "names no notice; say where its days come from")
		}
		y := &year{rest: map[bot.Date]bool{}, work: map[bot.Date]bool{}}
		for _, span := range of.Rest {
			from, to, isSpan := strings.Cut(span, "..")
			if !isSpan {
				to = from
			}
			first, last := bot.Date(from).Time(), bot.Date(to).Time()
			if first.IsZero() || last.Before(first) || first.Year() != of.Year || last.Year() != of.Year {
				return nil, bad(fmt.Sprintf("rest %q", span), "is no day or span of days of that year, as 2026-10-01..2026-10-07")
			}
			for ; !first.After(last); first = first.AddDate(0, 0, 1) {
				y.rest[bot.DateOf(first)] = true
			}
		}
		for _, day := range of.Work {
			d := bot.Date(day)
			switch {
			case d.Time().IsZero() || d.Time().Year() != of.Year:
				return nil, bad(fmt.Sprintf("work %q", day), "is no day of that year")
			case !weekend(d.Time()):
				return nil, bad(fmt.Sprintf("work %q", day), "is neither a Saturday nor a Sunday: offices work then anyway")
			case y.rest[d]:
				return nil, bad(fmt.Sprintf("work %q", day), "is a day of rest as well")
			}
			y.work[d] = true
		}
		c.years[of.Year] = y
	}
	return c, nil
}

func weekend(t time.Time) bool { return t.Weekday() == time.Saturday || t.Weekday() == time.Sunday }

// Working reports whether offices work on the day. A year that is not known is an Error of code NotFound that says what to
// add; what is no day is Invalid.
func (c *Calendar) Working(d bot.Date) (bool, error) {
	t := d.Time()
	if t.IsZero() {
		return false, bot.Errorf(bot.Invalid, "count days", "%q is no day", string(d))
	}
	y := c.years[t.Year()]
	if y == nil {
		return false, &bot.Error{
			Code: bot.NotFound, Op: "count working days", Field: fmt.Sprintf("year %d", t.Year()),
			Say: "its holidays are not known; add the arrangement of the State Council to bot/deadline/calendar.toml",
		}
	}
	return y.work[d] || !weekend(t) && !y.rest[d], nil
}

// AddWorking is the n-th working day after the day, which is not counted itself; n is 1 or more.
func (c *Calendar) AddWorking(from bot.Date, n int) (bot.Date, error) {
	return c.count(from, n, true, nil)
}

// WorkingBetween is how many working days lie after from, up to and with to; 0 if to is not later.
func (c *Calendar) WorkingBetween(from, to bot.Date) (n int, err error) {
	for t := from.Time().AddDate(0, 0, 1); !t.After(to.Time()); t = t.AddDate(0, 0, 1) {
		works, err := c.Working(bot.DateOf(t))
		if err != nil {
			return 0, err
		}
		if works {
			n++
		}
	}
	return n, nil
}

// mostDays bounds how far is counted.
const mostDays = 4000

// count is the day on which n days after from have been counted, those apart on which the count stands.
func (c *Calendar) count(from bot.Date, n int, working bool, stands func(bot.Date) bool) (bot.Date, error) {
	t := from.Time()
	if t.IsZero() || n < 1 {
		return "", bot.Errorf(bot.Invalid, "count days", "%d days from %q cannot be counted", n, string(from))
	}
	for range mostDays {
		t = t.AddDate(0, 0, 1)
		d := bot.DateOf(t)
		if stands != nil && stands(d) {
			continue
		}
		if working {
			works, err := c.Working(d)
			if err != nil {
				return "", err
			}
			if !works {
				continue
			}
		}
		if n--; n == 0 {
			return d, nil
		}
	}
	return "", bot.Errorf(bot.Invalid, "count days", "the count from %q stands for more than ten years", string(from))
}

// next is the day itself, or the first working day behind it; the day itself in a year that is not known.
func (c *Calendar) next(d bot.Date) bot.Date {
	for t := d.Time(); ; t = t.AddDate(0, 0, 1) {
		works, err := c.Working(bot.DateOf(t))
		if err != nil {
			return d
		}
		if works {
			return bot.DateOf(t)
		}
	}
}
