package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"yilu/bot"
	"yilu/bot/locale"
	"yilu/bot/understand"
)

// decision is one turn while it is being decided: what is known on the way in, and what has come of it on the way out.
type decision struct {
	*Engine
	input
	ctx     context.Context
	now     time.Time
	said    string           // what the worker said, or the label of what they pressed
	words   *understand.Said // the words of the message, see text
	reading bot.Reading

	session  *session
	texts    []string
	choices  []bot.Choice
	over     bool // nothing more is to be asked in this turn
	keep     bool // the choices offered before stay valid, because nothing new was asked
	progress string
	want     bot.Parser
	notedAt  int           // where noted goes among the texts
	noteOf   *frame        // whose values they are
	noted    func() string // reads back the values that were just understood; nil for nothing
	effects  []bot.Entry
	joins    string // hash of the code that was typed and is used up with this turn
	silent   bool   // there is nothing to say, or nobody who could read it
	passed   bool   // a link was made in this turn
	coded    bool   // a code was made in this turn
	dropped  bool   // what was sent was not kept, and the worker was told
	filed    bool   // the files of the message are kept
	hushed   bool   // what was said is kept nowhere, see hush
	stranger bool   // the last reply was shown on another channel: numbers and "yes" do not answer it
	reply    bot.Reply
	hands    *bot.Turn // what handlers see, see turn
	acting   *frame    // of the handler that runs
}

// input is what there is to decide on, beside the stored session.
type input struct {
	bot.Message
	via     bot.Identity // the channel's own identity; From is the one in whose session it speaks
	waiting []bot.Entry  // what this worker asked for and is not in the records yet
	young   bool         // they have said on another channel that they are not 16 yet
	guest   bool         // the channel speaks here for a while only
	seen    *Observed    // nil where nobody counts
}

// came is the message as it came, for the log: its id in another's session names whom it is from.
func (in input) came() bot.Message {
	if in.via != in.From {
		return back(in).Message
	}
	return in.Message
}

// decide answers a message out of the stored session. It always comes back with a reply.
func (e *Engine) decide(ctx context.Context, state []byte, in input, now time.Time) *decision {
	d, err := e.attempt(ctx, state, in, now, (*decision).run)
	if err == nil {
		d.session.Faults = 0
		return d
	}
	if bot.CodeOf(err) == bot.Unavailable {
		e.Log.Warn("a dialogue could not look something up", "message", in.came(), "error", err)
		d, again := e.attempt(ctx, state, in, now, (*decision).unavailable)
		if again == nil {
			in.seen.away()
			return d
		}
		err = again
	}
	e.Log.Error("a turn failed; the worker got a recovery message", "message", in.came(), "error", err)
	d, again := e.attempt(ctx, state, in, now, func(d *decision) error { return d.recovered(err) })
	in.seen.recovered()
	if again != nil {
		// Not even the recovery message could be written: give what needs no text at all, so that nothing is silent.
		d.reply = bot.Reply{Texts: []string{"…"}, Lang: d.session.Lang}
	}
	return d
}

// attempt runs one way of answering on a fresh reading of the session, so that what an earlier attempt left half done
// is gone. A panic becomes an error that says where, and nothing of what was said.
func (e *Engine) attempt(ctx context.Context, state []byte, in input, now time.Time, run func(*decision) error) (d *decision, err error) {
	in.seen.clear()
	s, broken := readSession(state)
	d = &decision{Engine: e, input: in, ctx: ctx, now: now, session: s}
	defer func() {
		if p := recover(); p != nil {
			err = bot.Errorf(bot.Internal, "decide", "panic of type %T at %s", p, panicAt(debug.Stack()))
		}
	}()
	if by := in.speaks(); s.By != by {
		s.By, d.stranger = by, true
		s.Offered, s.Rest = nil, nil
	}
	s.language(in.Message, d.stranger, e.Texts)
	d.hushed = d.hush()
	if d.said = d.label(); d.hushed && in.Choice == "" {
		d.said = ""
	}
	if broken != nil {
		d.fault("session unreadable")
		if err := d.sayText("common.recovered", nil); err != nil {
			return d, err
		}
	}
	if err := run(d); err != nil {
		return d, err
	}
	if len(d.texts) == 0 && !d.silent { // nothing is ever silent
		if err := d.prompt(); err != nil {
			return d, err
		}
	}
	d.finish()
	return d, nil
}

// language is that of the first message if it is written in Chinese or in several Latin words, else the channel's hint; and the hint again when it
// changes: somebody has switched the page over. In between it is what the worker said in the chat.
func (s *session) language(m bot.Message, stranger bool, texts *locale.Texts) {
	switch {
	case s.Lang == "" && strings.ContainsFunc(m.Text, func(r rune) bool { return unicode.Is(unicode.Han, r) }):
		s.Lang = texts.Lang("zh")
	case s.Lang == "" && latinWords(m.Text) >= 2:
		s.Lang = texts.Lang("en")
	case s.Lang == "", m.Lang != "" && s.Hint != "" && m.Lang != s.Hint && !stranger:
		s.Lang = texts.Lang(m.Lang)
	}
	if m.Lang != "" {
		s.Hint = m.Lang
	}
}

func latinWords(text string) int {
	n := 0
	for word := range strings.FieldsSeq(text) {
		if strings.ContainsFunc(word, func(r rune) bool { return r < 0x80 && unicode.IsLetter(r) }) {
			n++
		}
	}
	return n
}

// panicAt finds the function of ours that panicked.
func panicAt(stack []byte) string {
	lines := strings.Split(string(stack), "\n")
	after := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "panic(") })
	for _, l := range lines[max(0, after+1):] {
		if name, _, ok := strings.Cut(l, "("); ok && strings.HasPrefix(name, "yilu/") {
			return name
		}
	}
	return "unknown"
}

// run is the order of the house: safety words, then what was offered, commands, the dialogue, and understanding.
func (d *decision) run() error {
	outside := d.place()
	d.reading = d.text().Read(d.now)
	if d.reading.Intent == bot.Emergency || d.reading.Intent == bot.Crisis {
		return d.danger()
	}
	if d.reading.Whole && d.said == "" {
		d.said = d.label() // a command tells nothing
	}
	if d.young && d.session.Facts[bot.FactUnder16] == "" {
		if over, err := d.becameYoung(); over || err != nil {
			return err
		}
	}
	if len(d.session.Joined) > 0 {
		if err := d.tellJoined(); err != nil {
			return err
		}
	}
	first := d.session.At.IsZero()
	rest := d.session.Rest
	d.session.Rest = nil
	if err := d.dropExpired(); err != nil {
		return err
	}
	switch top := d.session.top(); {
	case top == nil:
		d.session.Stack = append(d.session.Stack, d.idle())
	case top.Dialogue == d.wishes[bot.NavHome]:
		top.State = d.tables[top.Dialogue].Start // the menu has something to say first, whenever somebody comes to it
	}
	d.forgetGone()
	if as := d.session.As; as != nil && as.now(d.now) != as {
		d.session.As = as.now(d.now)
		// Only what is clear by itself is taken: the rest was meant for the other conversation.
		if d.reading.Confidence < digress && !d.reading.Whole && d.reading.Slots.Birth == (bot.Birth{}) {
			return d.prompted("common.apart")
		}
		if err := d.sayText("common.apart", nil); err != nil {
			return err
		}
	}
	if d.closed() && !d.wantsPerson() {
		return d.notForGuests()
	}
	if rest != nil && d.wantsRest() {
		return d.showRest(rest)
	}
	if done, err := d.happened(outside); done || err != nil {
		return err
	}
	if d.Message.Choice != "" {
		return d.press(d.Message.Choice)
	}
	if strings.TrimSpace(d.Message.Text) == "" {
		return d.prompt()
	}
	return d.hear(first)
}

// forgetGone drops dialogues that are no longer there from under the one that is talking, and what they called.
func (d *decision) forgetGone() {
	s := d.session
	kept := s.Stack[:0]
	dropped := false
	for i, f := range s.Stack {
		dropped = i < len(s.Stack)-1 && d.tables[f.Dialogue] == nil || dropped && f.Called
		if !dropped {
			kept = append(kept, f)
		}
	}
	if s.Stack = kept; len(kept) == 0 {
		s.Stack = []*frame{d.idle()}
	}
}

// danger answers words of emergency: help first, a person is called, the dialogue waits unharmed.
func (d *decision) danger() error {
	d.keep = true
	d.seen.danger(d.reading.Intent)
	if said := d.reading.Slots.Birth; said != (bot.Birth{}) && said.Bracket(d.now) == bot.Under16 {
		d.remember(bot.FactUnder16, "yes")
		d.session.Stack, d.session.Drafts, d.keep = []*frame{d.idle()}, nil, false
	}
	number := bot.Number("QZ", d.now, d.From.Key()+d.ID)
	where := ""
	if f := d.session.top(); f != nil {
		where = f.Dialogue + "." + f.State
	}
	d.file(number, where)
	d.do("danger", bot.AskStaff{Number: number, About: bot.InDanger, Urgent: true, Reason: string(d.reading.Intent), Note: bot.NewPersonal(cut(d.Message.Text, 500)), Where: where})
	return d.sayText("common."+string(d.reading.Intent), struct{ Number string }{number})
}

// unavailable answers when a store did not: nothing of the dialogue has moved.
func (d *decision) unavailable() error {
	return d.waysOut(0)
}

// recovered answers when a turn failed through a fault of ours. The second time in a row the dialogue is left, so that
// the worker is not stuck with it.
func (d *decision) recovered(cause error) error {
	s := d.session
	s.Faults++
	where := "none"
	if f := s.top(); f != nil {
		where = f.Dialogue + "." + f.State
	}
	d.texts, d.choices = nil, nil
	d.fault(fmt.Sprintf("turn failed in %s: %v", where, cause))
	if s.Faults >= 2 {
		s.Stack = nil
	}
	if err := d.sayText("common.recovered", nil); err != nil {
		return err
	}
	return d.offer(bot.NavHome, bot.NavHuman)
}

// fault tells staff of a fault of ours.
func (d *decision) fault(reason string) {
	d.do("fault", bot.AskStaff{Number: bot.Number("GZ", d.now, d.From.Key()+d.ID), About: bot.OwnFault, Urgent: true, Reason: reason})
}

// do asks for an effect that belongs to the message and to no dialogue.
func (d *decision) do(what string, eff bot.Effect) {
	sum := sha256.Sum256([]byte(d.From.Key() + "\x00" + d.ID))
	d.entry(what+"-"+hex.EncodeToString(sum[:12]), eff)
}

func (d *decision) entry(id string, eff bot.Effect) { d.enter(id, eff, packed(eff)) }

func packed(eff bot.Effect) []byte {
	data, err := bot.Pack(eff)
	if err != nil {
		panic(err) // effects are plain structs of ours
	}
	return data
}

func (d *decision) enter(id string, eff bot.Effect, data []byte) {
	d.seen.effect(eff)
	d.effects = append(d.effects, bot.Entry{ID: id, Kind: eff.Kind(), From: d.From, Lang: d.session.Lang, At: d.now, Data: data})
}

// finish makes the reply out of what was said and asked.
func (d *decision) finish() {
	s := d.session
	if f := s.top(); f != nil && !d.hushed {
		d.file("", f.Dialogue+"."+f.State) // whatever became of the turn, what was sent with it is not lost
	}
	s.At = d.now
	if !d.keep {
		s.Offered = d.choices
	}
	if d.noted != nil {
		if text := d.noted(); text != "" {
			d.texts = slices.Insert(d.texts, min(d.notedAt, len(d.texts)), text)
		}
	}
	d.reply = bot.Reply{Texts: d.texts, Choices: d.choices, Progress: d.progress, Want: d.want, Lang: s.Lang}
	d.fit()
}

// sayText appends a text to the reply.
func (d *decision) sayText(key string, data any) error {
	text, err := d.Texts.Text(d.session.Lang, key, data)
	if err == nil && text != "" {
		d.texts = append(d.texts, text)
	}
	return err
}

// sayOf appends a text about a dialogue, by the dialogue's title.
func (d *decision) sayOf(key, dialogue string) error {
	title, err := d.Texts.Text(d.session.Lang, dialogue+".title", nil)
	if err != nil {
		return err
	}
	return d.sayText(key, struct{ Title string }{title})
}

// offer appends choices for intents that the worker may have next.
func (d *decision) offer(wishes ...bot.Intent) error {
	for _, w := range wishes {
		label, err := d.Texts.Text(d.session.Lang, "common.offer."+string(w), nil)
		if err != nil {
			return err
		}
		d.choices = append(d.choices, bot.Choice{Label: label, Send: "i:" + string(w)})
	}
	return nil
}

// label is what the worker said: the words typed, or the label of the choice pressed.
func (d *decision) label() string {
	if d.Message.Text != "" || d.Message.Choice == "" {
		return cut(d.Message.Text, saidKept)
	}
	for _, c := range d.session.Offered {
		if c.Send == d.Message.Choice {
			return c.Label
		}
	}
	return ""
}

// saidKept bounds what is kept of a worker's words for the history, in runes.
const saidKept = 2000

func cut(s string, runes int) string {
	if len(s) <= runes {
		return strings.ToValidUTF8(s, "")
	}
	for i := range s {
		if runes == 0 {
			return strings.ToValidUTF8(s[:i], "")
		}
		runes--
	}
	return strings.ToValidUTF8(s, "")
}

// instance names a new run of a dialogue. The message is part of it, so that two runs never share a name, even where
// the session before was forgotten.
func (d *decision) instance(dialogue string) string {
	var room [160]byte
	all := append(append(append(append(room[:0], d.From.Channel...), ':'), d.From.User...), 0) // its Key
	all = append(append(all, d.ID...), 0)
	all = append(append(all, dialogue...), 0)
	sum := sha256.Sum256(strconv.AppendInt(all, int64(len(d.session.Stack)), 10))
	var name [24]byte
	hex.Encode(name[:], sum[:len(name)/2])
	return string(name[:])
}
