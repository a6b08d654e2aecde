package engine

import (
	"slices"
	"strings"

	"yilu/bot"
)

// note has the values that were just understood read back, unless a summary does it in the end.
func (d *decision) note(f *frame, t *table) {
	names := slices.Clone(f.Last)
	d.notedAt, d.noteOf = len(d.texts), f
	d.noted = func() string {
		var parts []string
		for _, name := range names {
			if fd := t.field(name); fd == nil || fd.state.Aside && fd.state.Accept == bot.YesNo {
				continue
			}
			if line, err := d.line(f, t, name); err == nil && line != "" {
				parts = append(parts, line)
			}
		}
		if len(parts) == 0 {
			return ""
		}
		sep, err := d.Texts.Text(d.session.Lang, "common.noted.separator", nil)
		if err != nil {
			return ""
		}
		text, err := d.Texts.Text(d.session.Lang, "common.noted", struct{ Values string }{strings.Join(parts, sep)})
		if err != nil {
			return ""
		}
		return text
	}
}

// personal are the answers that tell who somebody is, or anything at all: in dialogues that ask for one nothing is kept.
var personal = []bot.Parser{bot.PersonName, bot.Phone, bot.BirthOrAge, bot.FreeText, bot.Certificate}

// noteUnclear has what was not understood kept for whoever looks after the words, without what tells who said it; nothing
// of children, of what must be kept nowhere, and of dialogues that are about the person.
func (d *decision) noteUnclear(t *table, st *bot.State) {
	if said := d.reading.Slots.Birth; said != (bot.Birth{}) && said.Bracket(d.now) == bot.Under16 {
		return
	}
	if d.Message.Choice != "" || d.hushed || d.session.Facts[bot.FactUnder16] != "" {
		return
	}
	for _, f := range d.session.Stack {
		t := d.tables[f.Dialogue]
		if t == nil || t.Name == d.wishes[bot.NavHuman] || t.Name == d.wishes[bot.PrivacyView] || t.Name == d.wishes[bot.TooYoung] {
			return
		}
		for _, st := range t.states {
			if st.Sensitive || slices.Contains(personal, st.Accept) {
				return
			}
		}
	}
	if text, ok := d.text().Anonymous(); ok {
		d.do("unclear", bot.NoteUnclear{Text: text, Where: t.Name + "." + st.Name})
	}
}

// miss answers what was not understood: what is wrong if that is known, the question in simpler words, and from the
// third time on a person.
func (d *decision) miss(f *frame, t *table, st *bot.State, fault string, count int) error {
	f.Misses++
	d.seen.missed()
	d.noteUnclear(t, st)
	if fault != "" {
		if err := d.sayText(fault, struct{ Count int }{count}); err != nil {
			return err
		}
	}
	if err := d.ask(f, t, st, true); err != nil {
		return err
	}
	if f.Misses < 3 || t.Name == d.wishes[bot.NavHome] {
		return nil
	}
	if err := d.sayText("common.stuck", nil); err != nil {
		return err
	}
	return d.offer(bot.NavHuman)
}
