package engine

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"yilu/bot"
)

// command follows a global command, and reports whether the intent was one that can be followed here.
func (d *decision) command(intent bot.Intent) (bool, error) {
	f, t, st, err := d.current()
	if err != nil {
		return true, err
	}
	if intent == bot.RegisterEdit && len(t.fields) > 0 {
		return false, nil // something here is wrong
	}
	if name := d.wishes[intent]; name != "" && intent != bot.NavHome {
		if name == t.Name && !f.Called {
			// It is under way: unless it is another wish, the dialogue reads the message.
			done, err := d.otherwise(f, t, st)
			if !done && err == nil && d.reading.Whole && d.Message.Choice == "" && len(st.Choices) > 0 && st.Accept == "" && st.List == nil && !st.Summary {
				return true, d.askIfPossible(f, t, st) // the same wish again is none of these choices
			}
			return done, err
		}
		if on, ok := leadsTo(st, name); ok {
			return true, d.pick(f, t, st, on)
		}
		return true, d.follow(name)
	}
	switch intent {
	case bot.NavBack:
		return true, d.back()
	case bot.NavCancel:
		return true, d.cancel()
	case bot.NavHome:
		return true, d.home()
	case bot.NavGreet:
		return true, d.askIfPossible(f, t, st)
	case bot.NavHelp:
		if err := d.help(f, t, st); err != nil {
			return true, err
		}
		return true, d.askIfPossible(f, t, st)
	case bot.NavSkip:
		return true, d.skip(f, t, st)
	case bot.NavMore:
		if slices.Contains(st.Choices, bot.More) && d.more(f, t, st) {
			return true, d.pick(f, t, st, "more")
		}
		if st.Accept == "" || st.List != nil {
			if err := d.sayText("common.nomore", nil); err != nil {
				return true, err
			}
			return true, d.askIfPossible(f, t, st)
		}
		return false, nil
	case bot.NavRestart:
		return true, d.restart()
	case bot.LangChinese, bot.LangEnglish:
		d.session.Lang = d.Texts.Lang(strings.TrimPrefix(string(intent), "lang."))
		if err := d.sayText("common.language", nil); err != nil {
			return true, err
		}
		return true, d.askIfPossible(f, t, st)
	}
	return false, nil
}

// follow begins the dialogue of a wish. Who says in the middle of applying that they are not coming has nothing to
// withdraw yet: the applying ends.
func (d *decision) follow(name string) error {
	if d.reading.Intent == bot.JobsWithdraw && d.applying() {
		return d.cancel()
	}
	return d.begin(name, &d.reading, nil)
}

// applying reports whether the dialogue that is talking is the one that applies, or was called by it.
func (d *decision) applying() bool {
	s := d.session.Stack
	i := len(s) - 1
	for i > 0 && s[i].Called {
		i--
	}
	return i >= 0 && s[i].Dialogue == d.wishes[bot.JobsApply]
}

// otherwise begins the dialogue that is talking again where the worker has another wish that it serves: "退订" in the
// middle of asking for alerts. A wish to write freely is no command.
func (d *decision) otherwise(f *frame, t *table, st *bot.State) (bool, error) {
	if d.reading.Intent == f.Wish || len(t.Intents) < 2 || st.Accept == bot.FreeText || !slices.Contains(t.Intents, d.reading.Intent) {
		return false, nil
	}
	d.session.pop()
	return true, d.begin(t.Name, &d.reading, nil)
}

// askIfPossible asks the question again; where it has to look something up that is away, what was said before stands,
// and the ways out are offered.
func (d *decision) askIfPossible(f *frame, t *table, st *bot.State) error {
	said := len(d.texts)
	err := d.ask(f, t, st, false)
	if bot.CodeOf(err) == bot.Unavailable {
		return d.waysOut(said)
	}
	return err
}

// waysOut says, after the texts that stand, that something cannot be looked up, and offers the menu and a person.
func (d *decision) waysOut(stand int) error {
	d.texts, d.choices, d.progress, d.want = d.texts[:stand], nil, "", ""
	if err := d.sayText("common.unavailable", nil); err != nil {
		return err
	}
	return d.offer(bot.NavHome, bot.NavHuman)
}

// help says what can be done here: what the dialogue has to say of it, and the ways out.
func (d *decision) help(f *frame, t *table, st *bot.State) error {
	for _, key := range []string{t.Name + "." + st.Name + ".help", t.Name + ".help"} {
		if d.Texts.Has(d.session.Lang, key) {
			if err := d.sayText(key, nil); err != nil {
				return err
			}
			break
		}
	}
	return d.sayText("common.help", nil)
}

// back goes one question back, through a called dialogue into its caller, and says so where there is nothing before.
func (d *decision) back() error {
	s := d.session
	f := s.top()
	for !f.back() {
		if !f.Called {
			if len(s.Stack) > 1 {
				d.cut(len(s.Stack) - 1) // a side question: back to what was going on
				return d.resume()
			}
			if f.Dialogue == d.wishes[bot.NavHome] {
				return d.prompt()
			}
			return d.cancel()
		}
		s.pop()
		f = s.top()
	}
	return d.advance()
}

// cancel ends the dialogue and keeps what was answered for later.
func (d *decision) cancel() error {
	s := d.session
	if s.top().Dialogue == d.wishes[bot.NavHome] {
		return d.home()
	}
	f := s.pop()
	for f.Called && len(s.Stack) > 0 {
		f = s.pop()
	}
	key := "common.cancelled"
	if d.draft(f) {
		key = "common.cancelled.draft"
	}
	if err := d.sayOf(key, f.Dialogue); err != nil {
		return err
	}
	return d.resume()
}

// draft keeps an unfinished dialogue's answers, and reports whether there were any worth keeping.
func (d *decision) draft(f *frame) bool {
	t := d.tables[f.Dialogue]
	if t == nil || t.Quiet || !slices.ContainsFunc(t.fields, func(fd field) bool { return f.Form.Has(fd.name) }) {
		return false
	}
	if d.session.Drafts == nil {
		d.session.Drafts = map[string]*frame{}
	}
	f.Trail, f.Asks, f.Last, f.Called, f.Began = nil, nil, nil, false, d.now
	d.session.Drafts[f.Dialogue] = f
	return true
}

// home leaves everything that is under way for the menu, and keeps what was answered.
func (d *decision) home() error {
	s := d.session
	for _, f := range s.Stack {
		if !d.draft(f) {
			continue
		}
		if err := d.sayOf("common.kept", f.Dialogue); err != nil {
			return err
		}
	}
	s.Stack = []*frame{d.idle()}
	return d.prompt()
}

// skip leaves an optional question unanswered, for good; a question that is needed says so.
func (d *decision) skip(f *frame, t *table, st *bot.State) error {
	if st.Field == "" {
		return d.ask(f, t, st, true) // there is nothing here to skip
	}
	if !st.Optional {
		if err := d.sayText("common.needed", nil); err != nil {
			return err
		}
		return d.ask(f, t, st, true)
	}
	before := maps.Clone(f.Form)
	f.Form[st.Field] = bot.Skipped
	f.Last = nil
	d.settled(f, st.Accept)
	return d.leave(f, t, st, bot.Answered, before)
}

// restart begins the dialogue again with an empty form.
func (d *decision) restart() error {
	f := d.session.pop()
	for f.Called && len(d.session.Stack) > 0 {
		f = d.session.pop()
	}
	delete(d.session.Drafts, f.Dialogue)
	return d.begin(f.Dialogue, nil, nil)
}

// press follows a choice, pressed or named by its number. A choice of something that is over is told so.
func (d *decision) press(send string) error {
	if intent, ok := strings.CutPrefix(send, sendIntent); ok {
		d.reading = bot.Reading{Intent: bot.Intent(intent), Confidence: 1, Whole: true} // as if it had been said in one word
		done, err := d.command(bot.Intent(intent))
		if !done && err == nil {
			return d.prompt()
		}
		return err
	}
	if name, ok := strings.CutPrefix(send, sendResume); ok {
		if i := d.session.interrupted(); i >= 0 && d.session.Stack[i].Dialogue == name {
			d.cut(i + 1)
			return d.resume()
		}
	}
	if name, ok := d.fromMenu(send); ok {
		return d.begin(name, &d.reading, nil)
	}
	f, t, st, err := d.current()
	if err != nil {
		return err
	}
	kind := send[:min(2, len(send))]
	rest, ok := strings.CutPrefix(send[len(kind):], t.Name+"/"+st.Name+"/")
	if kind != sendOption {
		rest, _ = strings.CutSuffix(rest, d.mark(f))
	}
	if ok {
		switch kind {
		case sendChoice:
			if slices.Contains(choicesOf(st), rest) && (rest != bot.More || d.more(f, t, st)) {
				return d.pick(f, t, st, bot.Outcome(rest))
			}
		case sendOption:
			if slices.ContainsFunc(d.session.Offered, func(c bot.Choice) bool { return c.Send == send }) {
				before := maps.Clone(f.Form)
				if err := f.Form.Set(st.Field, rest); err != nil {
					return err
				}
				f.Last = nil
				return d.leave(f, t, st, bot.Answered, before)
			}
		case sendMeant:
			if a := f.ask(st.Accept); a != nil {
				if n, err := strconv.Atoi(rest); err == nil && n >= 1 && n <= len(a.Options) {
					return d.meant(f, t, st, a.Options[n-1])
				}
			}
		case sendField:
			if fd := t.field(rest); fd != nil && fd.state.Name != "" {
				return d.reopen(f, t, []string{rest})
			}
		}
	}
	if err := d.sayText("common.gone", nil); err != nil {
		return err
	}
	return d.advance()
}

// fromMenu finds the dialogue that a choice of the menu begins, pressed while another one is talking: where a channel
// leaves old buttons in sight, the menu's are good for ever.
func (d *decision) fromMenu(send string) (dialogue string, ok bool) {
	menu := d.wishes[bot.NavHome]
	rest, ok := strings.CutPrefix(send, sendChoice+menu+"/")
	if !ok || d.session.top() == nil || d.session.top().Dialogue == menu {
		return "", false
	}
	state, choice, _ := strings.Cut(rest, "/")
	if st := d.tables[menu].states[state]; st != nil && slices.Contains(choicesOf(st), choice) {
		for _, e := range st.Edges {
			if e.On == bot.Outcome(choice) {
				return strings.CutPrefix(e.To, ">")
			}
		}
	}
	return "", false
}

// pick takes a fixed choice, or the yes and no of a summary or a question.
func (d *decision) pick(f *frame, t *table, st *bot.State, choice bot.Outcome) error {
	before := maps.Clone(f.Form)
	f.Last = nil
	if st.Summary && choice == bot.No {
		return d.whichField(f, t, st)
	}
	if st.Summary && choice == bot.Yes && slices.ContainsFunc(t.fields, func(fd field) bool { return fd.needed(f) }) {
		d.rewind(f, t, nil)
		return d.advance()
	}
	if st.Field != "" && st.List == nil {
		var v bot.Value = string(choice)
		if st.Accept == bot.YesNo {
			v = choice == bot.Yes
		}
		if err := f.Form.Set(st.Field, v); err != nil {
			return err
		}
		f.Last = []string{st.Field}
		return d.leave(f, t, st, bot.Answered, before)
	}
	return d.leave(f, t, st, choice, before)
}

// choicesOf lists the fixed choices of a state by name.
func choicesOf(st *bot.State) []string {
	switch {
	case st.Summary:
		return append([]string{string(bot.Yes), string(bot.No)}, st.Choices...)
	case st.Accept == bot.YesNo && len(st.Choices) == 0:
		return []string{string(bot.Yes), string(bot.No)}
	}
	return st.Choices
}
