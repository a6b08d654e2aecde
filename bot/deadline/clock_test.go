package deadline_test

import (
	"cmp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"yilu/bot"
	"yilu/bot/deadline"
)

func at(t testing.TB, stamp string) time.Time {
	t.Helper()
	when, err := time.ParseInLocation("2006-01-02 15:04", stamp, bot.Xiamen)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func events(t testing.TB, pairs ...string) (list []deadline.Event) {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, deadline.Event{Name: pairs[i], At: at(t, pairs[i+1])})
	}
	return list
}

// What each clock of the data comes to.
func TestClocks(t *testing.T) {
	t.Parallel()
	rules, err := deadline.Rules()
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		events []deadline.Event
		clock  string
		route  string
		due    bot.Date
		now    string
		level  deadline.Level
	}{
		"fifteen days from the receipt": {events(t, "submit", "2026-03-02 09:00", "receive", "2026-03-03 10:00"), "mediation", "", "2026-03-18", "2026-03-10 09:00", deadline.Green},
		"three quarters of them":        {events(t, "receive", "2026-03-03 10:00"), "mediation", "", "2026-03-18", "2026-03-15 00:00", deadline.Amber},
		"the last moment":               {events(t, "receive", "2026-03-03 10:00"), "mediation", "", "2026-03-18", "2026-03-18 23:59", deadline.Amber},
		"the moment after":              {events(t, "receive", "2026-03-03 10:00"), "mediation", "", "2026-03-18", "2026-03-19 00:00", deadline.Red},
		"a last day in a holiday":       {events(t, "receive", "2026-09-19 10:00"), "mediation", "", "2026-10-08", "2026-10-05 09:00", deadline.Amber},
		"a last day on a Sunday":        {events(t, "receive", "2026-03-07 10:00"), "mediation", "", "2026-03-23", "2026-03-08 09:00", deadline.Green},
		"agreed in time":                {events(t, "receive", "2026-03-03 10:00", "agree", "2026-03-18 17:00"), "mediation", "", "2026-03-18", "2026-06-01 09:00", deadline.Met},
		"agreed late":                   {events(t, "receive", "2026-03-03 10:00", "agree", "2026-03-19 09:00"), "mediation", "", "2026-03-18", "2026-03-20 09:00", deadline.Missed},
		"the clock set back":            {events(t, "receive", "2026-03-03 10:00"), "mediation", "", "2026-03-18", "2026-01-01 09:00", deadline.Green},
		"a year":                        {events(t, "submit", "2025-03-03 10:00"), "arbitration_limit", "", "2026-03-03", "2025-06-01 09:00", deadline.Green},
		"a year from a leap day":        {events(t, "submit", "2024-02-29 10:00"), "arbitration_limit", "", "2025-02-28", "2024-06-01 09:00", deadline.Green},
		"nobody is told it is over":     {events(t, "submit", "2025-03-03 10:00"), "arbitration_limit", "", "2026-03-03", "2026-09-01 09:00", deadline.Amber},
		"one working day, on a Friday":  {events(t, "submit", "2026-03-06 16:00"), "first_contact", "", "2026-03-09", "2026-03-06 17:00", deadline.Green},
		"over a make-up Saturday":       {events(t, "submit", "2026-10-09 16:00"), "first_contact", "", "2026-10-10", "2026-10-09 17:00", deadline.Green},
		"at midnight, the next day":     {events(t, "submit", "2026-03-06 00:00"), "first_contact", "", "2026-03-09", "2026-03-06 17:00", deadline.Green},
		"over the spring festival":      {events(t, "receive", "2026-02-13 16:00"), "acceptance", "", "2026-02-25", "2026-02-14 17:00", deadline.Green},
		"while the worker looks":        {events(t, "receive", "2026-03-02 10:00", "need_more", "2026-03-03 10:00"), "acceptance", "", "", "2026-04-01 09:00", deadline.Standing},
		"and goes on then":              {events(t, "receive", "2026-03-02 10:00", "need_more", "2026-03-03 10:00", "add", "2026-03-10 10:00"), "acceptance", "", "2026-03-12", "2026-03-10 11:00", deadline.Amber},
		"a look does not end it":        {events(t, "receive", "2026-03-02 10:00", "need_more", "2026-03-03 10:00", "look", "2026-03-04 10:00", "note", "2026-03-05 10:00"), "acceptance", "", "", "2026-04-01 09:00", deadline.Standing},
		"the office goes on by itself":  {events(t, "receive", "2026-03-02 10:00", "need_more", "2026-03-03 10:00", "review", "2026-03-10 10:00"), "acceptance", "", "2026-03-12", "2026-03-10 11:00", deadline.Amber},
		"the law's stands for nobody":   {events(t, "receive", "2026-03-03 10:00", "need_more", "2026-03-04 10:00"), "mediation", "", "2026-03-18", "2026-03-10 09:00", deadline.Green},
		"in any order":                  {events(t, "agree", "2026-03-18 17:00", "receive", "2026-03-03 10:00"), "mediation", "", "2026-03-18", "2026-06-01 09:00", deadline.Met},
		"into a year that is not known": {events(t, "receive", "2026-12-30 10:00"), "acceptance", "", "", "2026-12-30 11:00", deadline.Amber},
		"days into such a year":         {events(t, "receive", "2026-12-30 10:00"), "mediation", "", "2027-01-14", "2026-12-30 11:00", deadline.Green},
		"the one-stop way":              {events(t, "receive", "2026-03-02 10:00", "accept", "2026-03-03 10:00"), "one_stop", "platform", "2026-03-18", "2026-03-04 09:00", deadline.Green},
		"prolonged once":                {events(t, "accept", "2026-03-03 10:00", "extend", "2026-03-10 10:00"), "one_stop", "platform", "2026-04-02", "2026-03-11 09:00", deadline.Green},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, k := range deadline.Clocks(calendar(t), rules, cmp.Or(test.route, "labour"), test.events) {
				if k.Rule.ID != test.clock {
					continue
				}
				if got := k.Level(at(t, test.now)); k.Due != test.due || got != test.level {
					t.Errorf("due %q at level %s (%v), want %q at %s", k.Due, got, k.Fault, test.due, test.level)
				}
				if k.Due == "" && k.Fault == nil && !k.Paused {
					t.Error("nothing says why nobody knows")
				}
				return
			}
			t.Errorf("the clock %s does not run", test.clock)
		})
	}
}

func TestExtension(t *testing.T) {
	t.Parallel()
	rules, err := deadline.ReadRules([]byte(`[[clock]]
id="c"
days=15
extend=15
start="accept"
stop=["agree"]
law="a law"
article="1"
since="2024-01-01"`))
	if err != nil {
		t.Fatal(err)
	}
	k := deadline.Clocks(calendar(t), rules, "", events(t, "accept", "2026-03-02 10:00", "extend", "2026-03-10 10:00", "extend", "2026-03-12 10:00"))
	if len(k) != 1 || k[0].Due != "2026-04-01" || !k[0].Extended {
		t.Errorf("got %+v: a period is prolonged once", k)
	}
}

// A clock that stands for some days is due as many working days later as were lost, and never earlier.
func TestPausesAgainstCount(t *testing.T) {
	t.Parallel()
	c := calendar(t)
	rules, err := deadline.ReadRules([]byte("[[clock]]\nid=\"c\"\ndays=10\nworking=true\npauses=true\nstart=\"s\"\nstop=[\"e\"]\n"))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		from := firstDay.AddDate(0, 0, rapid.IntRange(0, 900).Draw(t, "start"))
		halt := from.AddDate(0, 0, rapid.IntRange(0, 9).Draw(t, "halt"))
		goOn := halt.AddDate(0, 0, rapid.IntRange(0, 20).Draw(t, "go on"))
		k := deadline.Clocks(c, rules, "", []deadline.Event{{"s", from}, {deadline.PauseEvent, halt}, {deadline.ResumeEvent, goOn}})[0]
		left, day := 10, from
		for left > 0 {
			day = day.AddDate(0, 0, 1)
			if worksInRapid(day) && (day.Before(halt) || !day.Before(goOn)) {
				left--
			}
		}
		if k.Due != bot.DateOf(day) {
			t.Fatalf("due %s, want %s", k.Due, bot.DateOf(day))
		}
	})
}

func TestReadRulesFaults(t *testing.T) {
	t.Parallel()
	const good = "[[clock]]\nid=\"c\"\nstart=\"s\"\nstop=[\"e\"]\n"
	for say, raw := range map[string]string{
		"has no id":               "[[clock]]\ndays=1\nstart=\"s\"\nstop=[\"e\"]\n",
		"stands twice":            good + "days=1\n" + good + "days=1\n",
		"needs days or years":     good,
		"is counted in years":     good + "years=1\nworking=true\n",
		"needs an event":          "[[clock]]\nid=\"c\"\ndays=1\nstart=\"s\"\n",
		"name the article":        good + "days=1\nlaw=\"l\"\n",
		"and stands for nobody":   good + "days=1\nlaw=\"l\"\narticle=\"1\"\nsince=\"2024-01-01\"\npauses=true\n",
		"is unknown":              good + "day=1\n",
		"it is no TOML of clocks": "clock",
	} {
		_, err := deadline.ReadRules([]byte(raw))
		if bot.CodeOf(err) != bot.Invalid || !strings.Contains(err.Error(), say) {
			t.Errorf("%q: %v, want %q", raw, err, say)
		}
	}
}

// Work for a household is not under the law of labour disputes: none of its periods is told.
func TestRoutes(t *testing.T) {
	t.Parallel()
	rules, err := deadline.Rules()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range deadline.Clocks(calendar(t), rules, "civil", events(t, "submit", "2026-03-02 10:00", "receive", "2026-03-03 10:00", "accept", "2026-03-04 10:00")) {
		if k.Rule.Law != "" {
			t.Errorf("the clock %s runs", k.Rule.ID)
		}
	}
}
