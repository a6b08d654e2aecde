package soak

import (
	"fmt"
	"maps"
	"strings"

	"yilu/bot"
	"yilu/bot/app"
)

// contents are what intakes say, as workers confirmed them: a number in the records is worth nothing with somebody
// else's telephone beside it.
type contents struct {
	confirmed map[*life]map[string]string // the line of each field that a worker said yes to last
	posts     map[string]string           // the post that was shown when its number was given, by number
}

// noteContents takes down what a worker confirmed.
func (b *books) noteContents(l *life) {
	var summary map[string]string
	confirmed, post := map[string]string{}, ""
	b.contents.confirmed[l] = confirmed
	for _, m := range l.sent {
		if !m.acked && !m.taken {
			continue
		}
		if lines := b.labelled(m.visible); len(lines) > 0 {
			summary = lines
		}
		switch m.state {
		case "post":
			post = m.visible
		case "registered", "changed":
			maps.Copy(confirmed, summary)
		case "applied":
			maps.Copy(confirmed, summary)
			b.contents.posts[numbers.FindString(m.visible)] = post // others are of what it goes back to
		}
	}
}

// fields are the answers of a registration that are compared, by their names in the form.
var fields = []string{"name", "phone", "birth", "trades", "places"}

// label is how the line of an answer begins.
func (b *books) label(field string) string {
	label, err := b.app.Texts.Text(app.Lang, "registration.field."+field, nil)
	if err != nil {
		return field
	}
	colon, _ := b.app.Texts.Text(app.Lang, "common.colon", nil)
	return label + colon
}

// labelled are the lines of a summary, by their fields.
func (b *books) labelled(visible string) map[string]string {
	lines := map[string]string{}
	for line := range strings.Lines(visible) {
		for _, field := range fields {
			if line = strings.TrimSpace(line); strings.HasPrefix(line, b.label(field)) {
				lines[field] = line
			}
		}
	}
	return lines
}

// worker compares a worker in the records with what was confirmed last.
func (b *books) worker(l *life, w bot.Worker) {
	confirmed := b.contents.confirmed[l]
	if len(confirmed) == 0 || !b.exact || l.unread {
		return
	}
	b.result.Compared++
	for i, value := range []any{w.Name, w.Phone, w.Birth, w.Trades, w.Places} {
		said, err := b.app.Texts.Say(app.Lang, value)
		if err != nil {
			b.breach(l, "what is in the records can be said", err.Error())
			return
		}
		have, want := b.label(fields[i])+said, confirmed[fields[i]]
		if want != "" && have != want {
			b.breach(l, "the records say what the worker confirmed last", fmt.Sprintf("they say %q, confirmed was %q\n%s", have, want, l.lines(0, len(l.sent))))
		}
	}
}

// application compares an application with the post that was on the worker's screen.
func (b *books) application(l *life, a bot.Application, title string) {
	shown := b.contents.posts[a.Number]
	if shown == "" || !b.exact || l.unread {
		return
	}
	b.result.Compared++
	if !strings.Contains(shown, title) {
		b.breach(l, "an application is for the post that was shown", fmt.Sprintf("%s is for %q", a.Number, title))
	}
}
