package records_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"yilu/bot"
)

// What was not understood is kept once two people have said it in the same place, counted once for every message, by the
// day, with nothing of who said it, and forgotten when nobody has said it for 90 days.
func TestNoteUnclear(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		r, _ := open(t)
		say := func(n, who, day int, text, where string) bot.Entry {
			e := entry(t, fmt.Sprint("m", n), 0, bot.NoteUnclear{Text: text, Where: where})
			e.At, e.From = now.AddDate(0, 0, day), bot.Identity{Channel: "web", User: fmt.Sprint("u", who)}
			return e
		}
		all := func() (list []bot.Unclear) {
			must(t, r.EachUnclear(t.Context(), func(u bot.Unclear) error {
				u.First, u.Last = u.First.UTC(), u.Last.UTC()
				list = append(list, u)
				return nil
			}))
			return list
		}
		alone := []bot.Entry{
			say(1, 1, 2, "整不来", "menu.open"), say(2, 1, 4, "整不来", "menu.open"), say(3, 2, 1, "整不来", "search.trades"), say(4, 3, 1, "啥子嘛", "menu.open"),
		}
		apply(t, r, append(alone, alone...)...)
		if got := all(); len(got) > 0 {
			t.Errorf("one person's words are kept: %v", got)
		}
		more := []bot.Entry{say(5, 2, 0, "整不来", "menu.open"), say(6, 1, 3, "整不来", "menu.open"), say(7, 4, 1, "啥子嘛", "menu.open")}
		apply(t, r, append(more, more...)...)
		at := func(day int) time.Time { return now.AddDate(0, 0, day).UTC().Truncate(24 * time.Hour) }
		want := []bot.Unclear{
			{Text: "整不来", Where: "menu.open", Times: 4, First: at(0), Last: at(4)},
			{Text: "啥子嘛", Where: "menu.open", Times: 2, First: at(1), Last: at(1)},
		}
		if got := all(); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if _, err := r.Worker(t.Context(), more[0].From.Worker()); bot.CodeOf(err) != bot.NotFound {
			t.Errorf("got %v, want no worker", err)
		}
		must(t, r.ForgetUnclear(t.Context(), now.AddDate(0, 0, 90)))
		if got := all(); !slices.Equal(got, want) {
			t.Errorf("before 90 days are over: %v", got)
		}
		must(t, r.ForgetUnclear(t.Context(), now.AddDate(0, 0, 93)))
		if got := all(); !slices.Equal(got, want[:1]) {
			t.Errorf("after 93 days: %v", got)
		}
		apply(t, r, say(8, 5, 93, "整不来", "search.trades")) // the first one's was forgotten with the rest
		if got := all(); len(got) != 1 {
			t.Errorf("after 93 days, said again by another: %v", got)
		}
	})
}
