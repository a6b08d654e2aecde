package bot_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"yilu/bot"
)

var today = time.Date(2026, 11, 23, 9, 0, 0, 0, bot.Xiamen)

func TestBracket(t *testing.T) {
	t.Parallel()
	said := func(age int) bot.Birth { return bot.Birth{Age: age, On: bot.DateOf(today)} }
	for name, c := range map[string]struct {
		birth bot.Birth
		at    time.Time
		want  bot.Bracket
	}{
		"15 said":                             {said(15), today, bot.Under16},
		"16 said":                             {said(16), today, bot.Minor},
		"17 said":                             {said(17), today, bot.Minor},
		"18 said":                             {said(18), today, bot.Adult},
		"born 2011":                           {bot.Birth{Year: 2011}, today, bot.Under16},
		"born 2010, 15 or 16":                 {bot.Birth{Year: 2010}, today, bot.Birthday},
		"born 2010, birthday past":            {bot.Birth{Year: 2010}.WithBirthday(true, today), today, bot.Minor},
		"born 2010, birthday to come":         {bot.Birth{Year: 2010}.WithBirthday(false, today), today, bot.Under16},
		"born 2009":                           {bot.Birth{Year: 2009}, today, bot.Minor},
		"born 2008, 17 or 18":                 {bot.Birth{Year: 2008}, today, bot.Birthday},
		"born 2008, birthday past":            {bot.Birth{Year: 2008}.WithBirthday(true, today), today, bot.Adult},
		"born 2008, birthday to come":         {bot.Birth{Year: 2008}.WithBirthday(false, today), today, bot.Minor},
		"born 1968":                           {bot.Birth{Year: 1968}, today, bot.Adult},
		"15 said, two years later":            {said(15), today.AddDate(2, 0, 1), bot.Birthday},
		"17 said, a year later":               {said(17), today.AddDate(1, 0, 1), bot.Adult},
		"16 said, born 2010, in the new year": {bot.Birth{Year: 2010}.WithBirthday(true, today), today.AddDate(0, 2, 0), bot.Minor},
		"nothing said":                        {bot.Birth{}, today, bot.Adult},
	} {
		if name == "nothing said" {
			continue // whoever has said nothing is asked; Bracket is not called
		}
		if got := c.birth.Bracket(c.at); got != c.want {
			t.Errorf("%s: %s, want %s (between %d and %d)", name, got, c.want, c.birth.AtLeast(c.at), c.birth.AtMost(c.at))
		}
	}
}

// Against every day of birth there is: somebody under 16 is never taken for older, from what they truly said.
func TestBracketAgainstCalendar(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		born := today.AddDate(0, 0, -rapid.IntRange(10*365, 30*365).Draw(t, "days ago"))
		said := today.AddDate(0, 0, -rapid.IntRange(0, 800).Draw(t, "said days ago"))
		age := func(at time.Time) int {
			years := at.Year() - born.Year()
			if at.Month() < born.Month() || at.Month() == born.Month() && at.Day() < born.Day() {
				years--
			}
			return years
		}
		for name, b := range map[string]bot.Birth{
			"year":              {Year: born.Year()},
			"age":               {Age: age(said), On: bot.DateOf(said)},
			"year and birthday": bot.Birth{Year: born.Year()}.WithBirthday(age(said) == said.Year()-born.Year(), said),
		} {
			real := age(today)
			if low, high := b.AtLeast(today), b.AtMost(today); real < low || real > high {
				t.Fatalf("by %s: between %d and %d, but is %d (born %s, said %s)", name, low, high, real, born.Format(time.DateOnly), said.Format(time.DateOnly))
			}
			if got := b.Bracket(today); real < 16 && (got == bot.Minor || got == bot.Adult) || real < 18 && got == bot.Adult {
				t.Fatalf("by %s: %d years is taken for %s", name, real, got)
			}
		}
	})
}

func TestNumber(t *testing.T) {
	t.Parallel()
	a, b := bot.Number("BM", today, "one"), bot.Number("BM", today, "two")
	if a == b || a != bot.Number("BM", today, "one") || len(a) != len("BM1123-XXXXXXXX") || a[:7] != "BM1123-" {
		t.Errorf("%s %s", a, b)
	}
}
