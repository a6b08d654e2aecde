package sheets

import (
	"strings"
	"time"

	"yilu/bot"
)

// Workers is the sheet of workers. It holds names, phones and channel ids; see Options.Masked. A worker who is under 16
// on the day Options.Now is refused (禁止使用童工规定 §2): nobody may introduce them to work.
func Workers(w Words, o Options) Sheet[bot.Worker] {
	s := newSheet("worker", w, o, workerColumns())
	s.needNow = true
	s.id = func(t *bot.Worker) string { return string(t.ID) }
	s.prepare = prepareWorker
	s.check = checkWorker
	return s
}

func workerColumns() []column[bot.Worker] {
	return []column[bot.Worker]{
		text("id", func(w *bot.Worker) *bot.WorkerID { return &w.ID }, 64).neededIf(func(w *bot.Worker) bool { return w.ID == "" }),
		text("number", func(w *bot.Worker) *string { return &w.Number }, 64),
		text("channel", func(w *bot.Worker) *string { return &w.From.Channel }, 40),
		channelUser(),
		text("lang", func(w *bot.Worker) *string { return &w.Lang }, 20),
		person("name", func(w *bot.Worker) *bot.Personal { return &w.Name }, 40),
		mobile("phone", func(w *bot.Worker) *bot.Personal { return &w.Phone }),
		number("birth_year", func(w *bot.Worker) *int { return &w.Birth.Year }, 1900, maxYear),
		number("age", func(w *bot.Worker) *int { return &w.Birth.Age }, 1, 120),
		day("age_on", func(w *bot.Worker) *bot.Date { return &w.Birth.On }),
		trades("trades", func(w *bot.Worker) *[]bot.TradeID { return &w.Trades }),
		places("places", func(w *bot.Worker) *[]bot.Place { return &w.Places }),
		day("start", func(w *bot.Worker) *bot.Date { return &w.Start }),
		choice("shift", "shift", func(w *bot.Worker) *bot.Shift { return &w.Shift }),
		yuan("pay_min", func(w *bot.Worker) *int64 { return &w.Pay.Min }),
		yuan("pay_max", func(w *bot.Worker) *int64 { return &w.Pay.Max }),
		choice("pay_unit", "unit", func(w *bot.Worker) *bot.PayUnit { return &w.Pay.Unit }),
		choice("settle", "settle", func(w *bot.Worker) *bot.Settle { return &w.Settle }),
		text("cert", func(w *bot.Worker) *string { return &w.Cert }, bot.MaxText),
		text("home", func(w *bot.Worker) *string { return &w.Home }, 200),
		text("consent", func(w *bot.Worker) *string { return &w.Consent }, 40),
		moment("since", func(w *bot.Worker) *time.Time { return &w.Since }, false),
		moment("modified", func(w *bot.Worker) *time.Time { return &w.Modified }, false),
		flag("complete", func(w *bot.Worker) *bool { return &w.Complete }),
	}
}

// channelUser is the id by which a channel knows the person. It leads to them, so it is masked with the rest.
func channelUser() column[bot.Worker] {
	c := text("user", func(w *bot.Worker) *string { return &w.From.User }, 200)
	c.get = func(w *bot.Worker, v voice) string { return v.personal(bot.NewPersonal(w.From.User)) }
	set := c.set
	c.set = func(w *bot.Worker, cell string, s scribe) *problem {
		switch {
		case strings.ContainsRune(cell, '*'):
			return wrong("masked")
		case exponent.MatchString(cell):
			return wrong("exponent")
		}
		return set(w, cell, s)
	}
	return c
}

// prepareWorker makes the id out of the identity, and dates an age that nobody dated.
func prepareWorker(w *bot.Worker, s scribe) {
	if w.ID == "" && w.From.Channel != "" && w.From.User != "" {
		w.ID = w.From.Worker()
	}
	if w.Birth.Age > 0 && w.Birth.On == "" {
		w.Birth.On = bot.DateOf(s.now)
	}
}

func checkWorker(w *bot.Worker, c checker) {
	if isChild(w.Birth, c.scribe.now) {
		at := "age"
		if w.Birth.Year > 0 {
			at = "birth_year"
		}
		c.add(at, wrong("birth_child", FaultData{Min: adult16}))
	}
	checkPay(w.Pay, c)
}

// isChild reports that somebody is surely under 16, or said so and has not surely turned 16 since. Somebody of whom
// only the year is known, and who turns 16 in this one, is let through: whoever offers them work must ask.
func isChild(b bot.Birth, now time.Time) bool {
	if b.Year == 0 && b.Age == 0 {
		return false
	}
	return b.AtMost(now) < adult16 || b.Age > 0 && b.Age < adult16 && b.AtLeast(now) < adult16
}
