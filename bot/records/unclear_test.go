package records_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"yilu/bot"
)

// What was not understood is counted by its words and place, once for every message, with nothing of who said it, and
// forgotten when nobody has said it for 90 days.
func TestNoteUnclear(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		r, _ := open(t)
		say := func(n, day int, text, where string) bot.Entry {
			e := entry(t, fmt.Sprint("m", n), 0, bot.NoteUnclear{Text: text, Where: where})
			e.At, e.From = now.AddDate(0, 0, day), bot.Identity{Channel: "web", User: fmt.Sprint("u", n)}
			return e
		}
		notes := []bot.Entry{say(1, 2, "整不来", "menu.open"), say(2, 0, "整不来", "menu.open"), say(3, 1, "整不来", "search.trades"), say(4, 1, "啥子嘛", "menu.open"), say(5, 3, "整不来", "menu.open")}
		apply(t, r, append(notes, notes...)...)
		all := func() (list []bot.Unclear) {
			must(t, r.EachUnclear(t.Context(), func(u bot.Unclear) error {
				u.First, u.Last = u.First.UTC(), u.Last.UTC()
				list = append(list, u)
				return nil
			}))
			return list
		}
		at := func(day int) time.Time { return now.AddDate(0, 0, day).UTC() }
		want := []bot.Unclear{
			{Text: "整不来", Where: "menu.open", Times: 3, First: at(0), Last: at(3)},
			{Text: "啥子嘛", Where: "menu.open", Times: 1, First: at(1), Last: at(1)},
			{Text: "整不来", Where: "search.trades", Times: 1, First: at(1), Last: at(1)},
		}
		if got := all(); !slices.Equal(got[:1], want[:1]) || len(got) != 3 || !slices.Contains(got, want[1]) || !slices.Contains(got, want[2]) {
			t.Errorf("got %v, want %v", got, want)
		}
		if _, err := r.Worker(t.Context(), notes[0].From.Worker()); bot.CodeOf(err) != bot.NotFound {
			t.Errorf("got %v, want no worker", err)
		}
		apply(t, r, say(6, 92, "新话", "menu.open"))
		if got := all(); len(got) != 2 || got[0].Text == "啥子嘛" || got[1].Text == "啥子嘛" {
			t.Errorf("after 92 days: %v", got)
		}
	})
}
