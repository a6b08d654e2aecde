package engine

import (
	"maps"
	"slices"

	"yilu/bot"
)

// correct follows "电话写错了": it opens the answer that was named, or the last one, and takes the new value if the
// message already holds it. It reports false where there is nothing to correct.
func (d *decision) correct(f *frame, t *table) (bool, error) {
	names := f.Last
	if st := t.states[f.State]; st.Summary && d.reading.Edit == "" {
		return true, d.whichField(f, t, st)
	}
	if d.reading.Edit != "" {
		fd := t.asks(d.reading.Edit)
		if fd == nil || fd.state.Name == "" {
			return false, nil
		}
		names = []string{fd.name}
		if fd.state.Sensitive && d.Abroad {
			d.said, d.hushed = "", true // it may hold the value
		}
		if v, ok := d.reading.Slots.Get(d.reading.Edit); ok && !(fd.state.Sensitive && d.Abroad) {
			before := maps.Clone(f.Form)
			if err := f.Form.Set(fd.name, v); err != nil {
				return true, err
			}
			f.Last = names
			d.settled(f, d.reading.Edit)
			f.remember(f.State, before)
			return true, d.amend(f, t)
		}
		if i := slices.IndexFunc(d.reading.Ask, func(a bot.AskBack) bool { return a.Parser == d.reading.Edit }); i >= 0 {
			before := maps.Clone(f.Form)
			delete(f.Form, fd.name)
			d.doubt(f, d.reading.Edit, d.reading.Ask[i].Word, d.reading.Ask[i].Options)
			f.remember(f.State, before)
			return true, d.amend(f, t)
		}
	}
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return t.field(name).state.Name == "" })
	if len(names) == 0 {
		return false, nil
	}
	return true, d.reopen(f, t, names)
}

// reopen takes answers back and asks for the first of them again.
func (d *decision) reopen(f *frame, t *table, names []string) error {
	before := maps.Clone(f.Form)
	for _, name := range names {
		delete(f.Form, name)
	}
	f.remember(f.State, before)
	f.Last = nil
	d.rewind(f, t, names)
	return d.advance()
}

// amend takes values that were given again, and runs the dialogue from the first of their questions: an age that has
// changed is judged again, and what is answered is passed.
func (d *decision) amend(f *frame, t *table) error {
	names := f.Last
	if st := t.states[f.State]; st != nil && st.Field != "" && !f.Form.Has(st.Field) {
		names = append(slices.Clone(names), st.Field) // the question that waits, optional or not
	}
	d.rewind(f, t, names)
	d.note(f, t)
	return d.advance()
}

// rewind puts the frame at the first question, in the order of the table, that is named, unclear, or needed and not
// answered: a correction never jumps over a question.
func (d *decision) rewind(f *frame, t *table, names []string) {
	for _, fd := range t.fields {
		if fd.state.Name != "" && (slices.Contains(names, fd.name) || f.ask(fd.state.Accept) != nil || fd.needed(f)) {
			f.State, f.Misses = fd.state.Name, 0
			return
		}
	}
}

// needed reports whether the field's question must be answered and was not.
func (fd *field) needed(f *frame) bool {
	return !fd.state.Optional && !fd.state.Aside && !f.Form.Has(fd.name)
}

// whichField asks which of the answers is wrong.
func (d *decision) whichField(f *frame, t *table, st *bot.State) error {
	if err := d.sayText("common.which", nil); err != nil {
		return err
	}
	for _, fd := range t.fields {
		if !f.Form.Has(fd.name) || fd.state.Name == "" {
			continue
		}
		label, err := d.Texts.Text(d.session.Lang, t.Name+".field."+fd.name, nil)
		if err != nil {
			return err
		}
		d.choices = append(d.choices, bot.Choice{Label: label, Send: sendField + t.Name + "/" + st.Name + "/" + fd.name + d.mark(f)})
	}
	return nil
}

// line is one answer with the name of its field, "" for one that was not given.
func (d *decision) line(f *frame, t *table, name string) (string, error) {
	fd := t.field(name)
	a, ok := f.Form[name]
	if fd == nil || !ok || a.IsSkipped() {
		return "", nil
	}
	label, err := d.Texts.Text(d.session.Lang, t.Name+".field."+name, nil)
	if err != nil {
		return "", err
	}
	var value string
	if fd.state.Sensitive && d.Abroad {
		value, err = d.Texts.Text(d.session.Lang, "common.elsewhere", nil)
	} else {
		value, err = d.value(t, fd, a)
	}
	if err != nil {
		return "", err
	}
	colon, err := d.Texts.Text(d.session.Lang, "common.colon", nil)
	return label + colon + value, err
}

func (d *decision) value(t *table, fd *field, a bot.Answer) (string, error) {
	if fd.state.Accept == "" { // a fixed choice
		v, err := bot.FreeText.Decode(a.Reveal())
		if err != nil {
			return "", err
		}
		name, _ := v.(string)
		return d.Texts.Text(d.session.Lang, t.Name+"."+fd.state.Name+"."+name, nil)
	}
	v, err := fd.state.Accept.Decode(a.Reveal())
	if err != nil {
		return "", err
	}
	return d.Texts.Say(d.session.Lang, v)
}

// lines are the answers of the whole form, in the order of the table.
func (d *decision) lines(f *frame, t *table) ([]string, error) {
	var lines []string
	for _, fd := range t.fields {
		line, err := d.line(f, t, fd.name)
		if err != nil {
			return nil, err
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	return lines, nil
}

// ask returns the question back that is open for a kind of answer.
func (f *frame) ask(p bot.Parser) *askBack {
	for i := range f.Asks {
		if f.Asks[i].Parser == p {
			return &f.Asks[i]
		}
	}
	return nil
}

// settled drops the question back for a kind of answer.
func (d *decision) settled(f *frame, p bot.Parser) {
	f.Asks = slices.DeleteFunc(f.Asks, func(a askBack) bool { return a.Parser == p })
}

// doubt notes a word that has to be asked about.
func (d *decision) doubt(f *frame, p bot.Parser, word string, options []bot.Value) {
	a := askBack{Parser: p, Word: word}
	for _, o := range options {
		v, err := bot.NewAnswer(o)
		if err != nil {
			return
		}
		a.Options = append(a.Options, v)
	}
	d.settled(f, p)
	f.Asks = append(f.Asks, a)
}

// unclear asks what a word of the answer means.
func (d *decision) unclear(f *frame, st *bot.State, p bot.Parsed) error {
	d.doubt(f, st.Accept, p.Word, p.Options)
	f.Last = nil
	if len(d.tables[f.Dialogue].fields) > 1 {
		d.takeSlots(f, d.tables[f.Dialogue], false)
	}
	return d.advance()
}

// meant takes one of the meanings that were asked about.
func (d *decision) meant(f *frame, t *table, st *bot.State, a bot.Answer) error {
	before := maps.Clone(f.Form)
	f.Form[st.Field] = a
	f.Last = []string{st.Field}
	d.settled(f, st.Accept)
	return d.leave(f, t, st, bot.Answered, before)
}

// pickUnclear reads "同安那个" as one of the places that were asked about: the only one in that district.
func (d *decision) pickUnclear(f *frame, t *table, st *bot.State, p bot.Parsed) (bool, error) {
	a := f.ask(st.Accept)
	if a == nil || st.Accept != bot.Areas || len(d.reading.Slots.Places) != 1 || d.reading.Slots.Places[0].Name != "" {
		return false, nil
	}
	hit := -1
	for i, o := range a.Options {
		v, err := bot.Areas.Decode(o.Reveal())
		if err != nil {
			return false, err
		}
		places, _ := v.([]bot.Place)
		if len(places) == 1 && places[0].District == d.reading.Slots.Places[0].District {
			if hit >= 0 {
				return false, nil
			}
			hit = i
		}
	}
	if hit < 0 {
		return false, nil
	}
	return true, d.meant(f, t, st, a.Options[hit])
}
