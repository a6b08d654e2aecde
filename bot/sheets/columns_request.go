package sheets

import (
	"time"

	"yilu/bot"
)

// Requests is the sheet of what waits for staff. It goes out only: requests come from workers, never from a file.
func Requests(w Words, o Options) Sheet[bot.Request] {
	s := newSheet("request", w, o, requestColumns())
	s.outOnly = true
	s.id = func(r *bot.Request) string { return r.Number }
	return s
}

func requestColumns() []column[bot.Request] {
	return []column[bot.Request]{
		text("number", func(r *bot.Request) *string { return &r.Number }, 64),
		choice("kind", "request", func(r *bot.Request) *bot.RequestKind { return &r.Kind }),
		flag("urgent", func(r *bot.Request) *bool { return &r.Urgent }),
		moment("at", func(r *bot.Request) *time.Time { return &r.At }, false),
		text("worker", func(r *bot.Request) *bot.WorkerID { return &r.Worker }, 64),
		text("post", func(r *bot.Request) *bot.PostID { return &r.Post }, 64),
		choice("reason", "reason", func(r *bot.Request) *string { return &r.Reason }),
		person("note", func(r *bot.Request) *bot.Personal { return &r.Note }, 0),
		text("where", func(r *bot.Request) *string { return &r.Where }, 100),
	}
}
