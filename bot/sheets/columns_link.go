package sheets

import (
	"strconv"
	"strings"
	"time"

	"yilu/bot"
)

// Links is the sheet of the log of identities that came over to a worker, or went. It goes out only.
func Links(w Words, o Options) Sheet[bot.Link] {
	s := newSheet("link", w, o, linkColumns())
	s.outOnly = true
	s.id = func(l *bot.Link) string { return l.ID }
	return s
}

func linkColumns() []column[bot.Link] {
	return []column[bot.Link]{
		moment("at", func(l *bot.Link) *time.Time { return &l.At }, false),
		choice("what", "link", func(l *bot.Link) *bot.LinkKind { return &l.What }),
		text("channel", func(l *bot.Link) *string { return &l.Who.Channel }, 40),
		hidden("user", func(l *bot.Link) *string { return &l.Who.User }),
		text("from", func(l *bot.Link) *bot.WorkerID { return &l.From }, 64),
		text("into", func(l *bot.Link) *bot.WorkerID { return &l.Into }, 64),
		{key: "moved", kind: asList, get: func(l *bot.Link, v voice) string { return joinList(v.moved(l.Moved)) }},
	}
}

// moved says what went from one worker to the other, one kind an item: numbers and fields by name, and of what has
// only an id how many.
func (v voice) moved(m bot.Moved) []string {
	var items []string
	add := func(key string, names ...string) {
		if len(names) > 0 {
			items = append(items, v.name(key)+": "+strings.Join(names, " + "))
		}
	}
	count := func(key string, ids []string) {
		if len(ids) > 0 {
			add(key, strconv.Itoa(len(ids)))
		}
	}
	if m.Registration != "" {
		add("registration", m.Registration)
	}
	add("applications", m.Applications...)
	add("withdrawn", m.Withdrawn...)
	add("requests", m.Requests...)
	count("alerts", m.Alerts)
	count("same", m.Same)
	count("consents", m.Consents)
	count("files", m.Files)
	add("cases", m.Cases...)
	add("taken", v.fields(m.Taken)...)
	add("superseded", v.fields(m.Superseded)...)
	return items
}

// fields names fields of a worker as the sheet of workers does, where it has them as one column.
func (v voice) fields(codes []string) []string {
	names := make([]string, len(codes))
	for i, code := range codes {
		names[i] = v.name(code)
	}
	return names
}

// name is a word of the sheet of links for a kind of thing or for a field.
func (v voice) name(code string) string {
	if v.codes {
		return code
	}
	return v.lexis.label(v.lang, "sheets.moved."+code, v.lexis.label(v.lang, "sheets.worker."+code, code))
}
