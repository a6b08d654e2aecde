package deadline_test

import (
	"strings"
	"testing"
	"time"

	"github.com/6tail/lunar-go/HolidayUtil"
	"pgregory.net/rapid"

	"yilu/bot"
	"yilu/bot/deadline"
)

func calendar(t testing.TB) *deadline.Calendar {
	t.Helper()
	c, err := deadline.NewCalendar()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var (
	firstDay = time.Date(2024, 1, 1, 0, 0, 0, 0, bot.Xiamen)
	lastDay  = time.Date(2026, 12, 31, 0, 0, 0, 0, bot.Xiamen)
)

// worksIn is what the library that others keep says of a day: its own list of days that are not as the week has them.
func worksIn(t testing.TB, day time.Time) bool {
	t.Helper()
	if h := HolidayUtil.GetHoliday(day.Format(time.DateOnly)); h != nil {
		return h.IsWork()
	}
	return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday
}

// The notices' days are those that the library knows, every day of three years.
func TestCalendarAsOthersHaveIt(t *testing.T) {
	t.Parallel()
	c := calendar(t)
	for day := firstDay; !day.After(lastDay); day = day.AddDate(0, 0, 1) {
		got, err := c.Working(bot.DateOf(day))
		if err != nil {
			t.Fatal(err)
		}
		if want := worksIn(t, day); got != want {
			t.Errorf("%s: works %v, the library says %v", day.Format(time.DateOnly), got, want)
		}
	}
}

// In 2024, 2025 and 2026 offices work on 251, 248 and 248 days: the sum of each year's notice.
func TestWorkingDaysOfYears(t *testing.T) {
	t.Parallel()
	c := calendar(t)
	for y := 2024; y <= 2026; y++ {
		last := time.Date(y-1, 12, 31, 0, 0, 0, 0, bot.Xiamen)
		n, err := c.WorkingBetween(bot.DateOf(last), bot.DateOf(last.AddDate(1, 0, 0)))
		if err != nil {
			t.Fatal(err)
		}
		brute := 0
		for day := last.AddDate(0, 0, 1); day.Year() == y; day = day.AddDate(0, 0, 1) {
			if worksIn(t, day) {
				brute++
			}
		}
		if n != brute || n < 240 || n > 255 {
			t.Errorf("%d: %d working days, counted by hand %d", y, n, brute)
		}
	}
}

// AddWorking against a count day by day, from any day of three years, across holidays, make-up days and month ends.
func TestAddWorking(t *testing.T) {
	t.Parallel()
	c := calendar(t)
	rapid.Check(t, func(t *rapid.T) {
		from := firstDay.AddDate(0, 0, rapid.IntRange(0, 3*365-90).Draw(t, "day"))
		n := rapid.IntRange(1, 60).Draw(t, "n")
		got, err := c.AddWorking(bot.DateOf(from), n)
		day, left := from, n
		for left > 0 && day.Year() <= 2026 {
			day = day.AddDate(0, 0, 1)
			if day.Year() <= 2026 && worksInRapid(day) {
				left--
			}
		}
		if day.Year() > 2026 {
			if bot.CodeOf(err) != bot.NotFound {
				t.Fatalf("beyond the years: %v %v", got, err)
			}
			return
		}
		if err != nil || got != bot.DateOf(day) {
			t.Fatalf("%d working days after %s: %s (%v), want %s", n, from.Format(time.DateOnly), got, err, bot.DateOf(day))
		}
		back, err := c.WorkingBetween(bot.DateOf(from), got)
		if err != nil || back != n {
			t.Fatalf("between %s and %s: %d (%v), want %d", from.Format(time.DateOnly), got, back, err, n)
		}
		if none, err := c.WorkingBetween(got, bot.DateOf(from)); none != 0 || err != nil { // the clock stepped back
			t.Fatalf("backwards: %d, %v", none, err)
		}
	})
}

func worksInRapid(day time.Time) bool {
	if h := HolidayUtil.GetHoliday(day.Format(time.DateOnly)); h != nil {
		return h.IsWork()
	}
	return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday
}

// A year that is not known is an error that names it and says what to add.
func TestUnknownYear(t *testing.T) {
	t.Parallel()
	c := calendar(t)
	for _, of := range []func() error{
		func() error { _, err := c.Working("2031-05-01"); return err },
		func() error { _, err := c.AddWorking("2026-12-31", 1); return err },
		func() error { _, err := c.WorkingBetween("2026-12-30", "2027-01-04"); return err },
	} {
		err := of()
		if bot.CodeOf(err) != bot.NotFound || !strings.Contains(err.Error(), "year 20") || !strings.Contains(err.Error(), "calendar.toml") {
			t.Errorf("got %v", err)
		}
	}
	if _, err := c.Working("no day"); bot.CodeOf(err) != bot.Invalid {
		t.Errorf("got %v", err)
	}
}

func TestReadCalendarFaults(t *testing.T) {
	t.Parallel()
	for say, raw := range map[string]string{
		"stands twice":             "[[year]]\nyear=2027\nnotice=\"n\"\n[[year]]\nyear=2027\nnotice=\"n\"\n",
		"names no notice":          "[[year]]\nyear=2027\n",
		"not between":              "[[year]]\nyear=27\nnotice=\"n\"\n",
		"rest \"2027-02-30\"":      "[[year]]\nyear=2027\nnotice=\"n\"\nrest=[\"2027-02-30\"]\n",
		"rest \"2028-01-01\"":      "[[year]]\nyear=2027\nnotice=\"n\"\nrest=[\"2028-01-01\"]\n",
		"work \"2027-01-04\"":      "[[year]]\nyear=2027\nnotice=\"n\"\nwork=[\"2027-01-04\"]\n", // a Monday
		"is a day of rest as well": "[[year]]\nyear=2027\nnotice=\"n\"\nrest=[\"2027-01-03\"]\nwork=[\"2027-01-03\"]\n",
		"is unknown":               "[[year]]\nyear=2027\nnotice=\"n\"\nholiday=[]\n",
		"it is no TOML":            "year",
	} {
		_, err := deadline.ReadCalendar([]byte(raw))
		if bot.CodeOf(err) != bot.Invalid || !strings.Contains(err.Error(), say) {
			t.Errorf("%q: %v, want %q", raw, err, say)
		}
	}
}
