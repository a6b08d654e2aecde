package sheets

import (
	"math"
	"time"

	"yilu/bot"
)

// Unclear is the sheet of what was not understood. It goes out only.
func Unclear(w Words, o Options) Sheet[bot.Unclear] {
	s := newSheet("unclear", w, o, []column[bot.Unclear]{
		text("text", func(u *bot.Unclear) *string { return &u.Text }, bot.MaxText),
		number("times", func(u *bot.Unclear) *int { return &u.Times }, 1, math.MaxInt32),
		text("where", func(u *bot.Unclear) *string { return &u.Where }, 80),
		moment("first", func(u *bot.Unclear) *time.Time { return &u.First }, false),
		moment("last", func(u *bot.Unclear) *time.Time { return &u.Last }, false),
	})
	s.outOnly = true
	s.id = func(u *bot.Unclear) string { return u.Where + " " + u.Text }
	return s
}
