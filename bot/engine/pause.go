package engine

import (
	"strings"
	"time"

	"yilu/bot"
)

// dropExpired ends what has waited longer than its dialogue allows, and says so.
func (d *decision) dropExpired() error {
	s := d.session
	if s.At.IsZero() {
		return nil
	}
	for name, f := range s.Drafts {
		if t := d.tables[name]; t == nil || d.now.Sub(f.Began) >= t.expires() {
			delete(s.Drafts, name)
		}
	}
	for i, f := range s.Stack {
		t := d.tables[f.Dialogue]
		if t == nil || d.now.Sub(s.At) < t.expires() {
			continue
		}
		s.Stack = s.Stack[:i]
		if f.Dialogue == d.wishes[bot.NavHome] || t.Quiet {
			return nil
		}
		return d.sayOf("common.expired", t.Name)
	}
	return nil
}

// recapped begins the turn after a pause with where the worker was. A message that could mean anything (a number, a
// greeting) is not taken as the answer to a question of days ago; then the question is asked again, and it reports true.
func (d *decision) recapped(f *frame, st *bot.State) (bool, error) {
	t := d.tables[f.Dialogue]
	if d.session.At.IsZero() || d.now.Sub(d.session.At) < t.pause() || t.Quiet || f.Dialogue == d.wishes[bot.NavHome] {
		return false, nil
	}
	if (d.reading.Whole || d.reading.Confidence >= digress) && d.reading.Intent != bot.NavGreet {
		return false, nil
	}
	if st.Summary {
		return true, d.ask(f, t, st, false) // it reads everything back itself
	}
	if err := d.recap(f, t, "common.recap"); err != nil {
		return false, err
	}
	if _, isNumber := d.text().Ordinal(); !isNumber && st.Accept != "" && st.Accept != bot.YesNo {
		if d.text().Parse(st.Accept, d.now).Match != bot.NoMatch {
			return false, nil
		}
	}
	return true, d.ask(f, t, st, false)
}

// recap says what was answered so far.
func (d *decision) recap(f *frame, t *table, key string) error {
	title, err := d.Texts.Text(d.session.Lang, t.Name+".title", nil)
	if err != nil {
		return err
	}
	lines, err := d.lines(f, t)
	if err != nil || len(lines) == 0 {
		return err
	}
	sep, err := d.Texts.Text(d.session.Lang, "common.noted.separator", nil)
	if err != nil {
		return err
	}
	return d.sayText(key, struct{ Title, Values string }{title, strings.Join(lines, sep)})
}

func (t *table) expires() time.Duration {
	if t.Expires > 0 {
		return t.Expires
	}
	return 30 * 24 * time.Hour
}

func (t *table) pause() time.Duration {
	if t.Pause > 0 {
		return t.Pause
	}
	return 6 * time.Hour
}
