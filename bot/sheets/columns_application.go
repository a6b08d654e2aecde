package sheets

import (
	"time"

	"yilu/bot"
)

// Applications is the sheet of applications.
func Applications(w Words, o Options) Sheet[bot.Application] {
	s := newSheet("application", w, o, applicationColumns())
	s.id = func(a *bot.Application) string { return a.Number }
	s.prepare = func(a *bot.Application, _ scribe) {
		if a.Party == 0 {
			a.Party = 1
		}
		if a.State == "" {
			a.State = bot.Applied
		}
	}
	return s
}

func applicationColumns() []column[bot.Application] {
	return []column[bot.Application]{
		text("number", func(a *bot.Application) *string { return &a.Number }, 64).needed(),
		text("post", func(a *bot.Application) *bot.PostID { return &a.Post }, 64).needed(),
		text("worker", func(a *bot.Application) *bot.WorkerID { return &a.Worker }, 64).needed(),
		number("party", func(a *bot.Application) *int { return &a.Party }, 1, 99),
		choice("state", "application", func(a *bot.Application) *bot.ApplicationState { return &a.State }),
		moment("at", func(a *bot.Application) *time.Time { return &a.At }, false).needed(),
	}
}
