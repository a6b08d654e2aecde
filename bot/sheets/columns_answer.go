package sheets

import "yilu/bot"

// Answers is the sheet of what may be said to questions about insurance. Who approved it, the source and the first day are
// needed: without them it is not shown.
func Answers(w Words, o Options) Sheet[bot.Approved] {
	s := newSheet("answer", w, o, answerColumns())
	s.id = func(a *bot.Approved) string { return a.ID }
	return s
}

func answerColumns() []column[bot.Approved] {
	return []column[bot.Approved]{
		text("id", func(a *bot.Approved) *string { return &a.ID }, 64).needed(),
		choice("scheme", "scheme", func(a *bot.Approved) *bot.Scheme { return &a.Scheme }).needed(),
		choice("topic", "topic", func(a *bot.Approved) *bot.InsuranceTopic { return &a.Topic }).needed(),
		text("short", func(a *bot.Approved) *string { return &a.Short }, 120).needed(),
		text("long", func(a *bot.Approved) *string { return &a.Long }, 600),
		text("link", func(a *bot.Approved) *string { return &a.Link }, 300),
		text("hotline", func(a *bot.Approved) *string { return &a.Hotline }, 60),
		text("source", func(a *bot.Approved) *string { return &a.Source }, 200).needed(),
		text("approved_by", func(a *bot.Approved) *string { return &a.ApprovedBy }, 60).needed(),
		day("from", func(a *bot.Approved) *bot.Date { return &a.From }).needed(),
		day("to", func(a *bot.Approved) *bot.Date { return &a.To }),
		flag("sample", func(a *bot.Approved) *bool { return &a.Sample }),
	}
}
