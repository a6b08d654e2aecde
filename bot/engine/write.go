package engine

import (
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"yilu/bot"
)

// Every turn writes its session and its reply, so they are written by hand, in a fraction of the time that reflection
// takes. The names are those of the fields' tags, by which they are read; a test compares it with encoding/json.

// writer appends JSON. A comma stands before whatever does not come first.
type writer []byte

func (w *writer) raw(s string) { *w = append(*w, s...) }

func (w *writer) comma() {
	if b := *w; len(b) > 0 && b[len(b)-1] != '{' && b[len(b)-1] != '[' && b[len(b)-1] != ':' {
		w.raw(",")
	}
}

// text is written with U+FFFD for what is not UTF-8.
func (w *writer) text(s string) { *w, _ = jsontext.AppendQuote(*w, s) }

// name begins a field: `"lang":`.
func (w *writer) name(n string) {
	w.comma()
	w.raw(`"`)
	w.raw(n)
	w.raw(`":`)
}

func (w *writer) field(n, s string) {
	w.name(n)
	w.text(s)
}

// some is a field that is left out if it is empty.
func (w *writer) some(n, s string) {
	if s != "" {
		w.field(n, s)
	}
}

func (w *writer) number(n string, i int) {
	w.name(n)
	*w = strconv.AppendInt(*w, int64(i), 10)
}

func (w *writer) count(n string, i int) {
	if i != 0 {
		w.number(n, i)
	}
}

func (w *writer) time(n string, t time.Time) {
	w.name(n)
	*w = append(t.AppendFormat(append(*w, '"'), time.RFC3339Nano), '"')
}

func (w *writer) when(n string, t time.Time) {
	if !t.IsZero() {
		w.time(n, t)
	}
}

func (w *writer) strings(all []string) {
	w.raw("[")
	for _, s := range all {
		w.comma()
		w.text(s)
	}
	w.raw("]")
}

func (w *writer) list(n string, all []string) {
	if len(all) > 0 {
		w.name(n)
		w.strings(all)
	}
}

func (w *writer) choices(n string, all []bot.Choice) {
	if len(all) == 0 {
		return
	}
	w.name(n)
	w.raw("[")
	for _, c := range all {
		w.comma()
		w.raw("{")
		w.field("label", c.Label)
		w.field("send", c.Send)
		w.raw("}")
	}
	w.raw("]")
}

// keys are those of a map in their order.
func keys[V any](m map[string]V) []string {
	all := make([]string, 0, len(m))
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}

func (w *writer) key(k string) {
	w.comma()
	w.text(k)
	w.raw(":")
}

func (w *writer) answer(a bot.Answer) {
	if raw := a.Reveal(); len(raw) > 0 {
		*w = append(*w, raw...)
	} else {
		w.raw("null")
	}
}

func (w *writer) answers(n string, f bot.Fields) {
	if len(f) == 0 {
		return
	}
	w.name(n)
	w.raw("{")
	for _, k := range keys(f) {
		w.key(k)
		w.answer(f[k])
	}
	w.raw("}")
}

func writeReply(r *bot.Reply) []byte {
	w := make(writer, 0, 512)
	w.reply(r)
	return w
}

func (w *writer) reply(r *bot.Reply) {
	w.raw("{")
	w.name("texts")
	if r.Texts == nil {
		w.raw("null")
	} else {
		w.strings(r.Texts)
	}
	w.choices("choices", r.Choices)
	w.some("progress", r.Progress)
	w.some("want", string(r.Want))
	w.field("lang", r.Lang)
	w.raw("}")
}

func writeSession(s *session) []byte {
	w := make(writer, 0, 768)
	w.raw("{")
	if s.As != nil { // the first field, see pointed
		w.name("as")
		w.speaker(s.As)
	}
	w.field("lang", s.Lang)
	w.some("hint", s.Hint)
	if len(s.Stack) > 0 {
		w.name("stack")
		w.raw("[")
		for _, f := range s.Stack {
			w.comma()
			w.frame(f)
		}
		w.raw("]")
	}
	if len(s.Drafts) > 0 {
		w.name("drafts")
		w.raw("{")
		for _, k := range keys(s.Drafts) {
			w.key(k)
			w.frame(s.Drafts[k])
		}
		w.raw("}")
	}
	w.choices("offered", s.Offered)
	if len(s.Facts) > 0 {
		w.name("facts")
		w.raw("{")
		for _, k := range keys(s.Facts) {
			w.key(k)
			w.text(s.Facts[k])
		}
		w.raw("}")
	}
	w.when("at", s.At)
	w.count("faults", s.Faults)
	if s.Rest != nil {
		w.name("rest")
		w.reply(s.Rest)
	}
	if len(s.Joined) > 0 {
		w.name("joined")
		w.raw("[")
		for _, j := range s.Joined {
			w.comma()
			w.raw("{")
			w.field("c", j.Channel)
			w.field("k", j.Key)
			w.time("t", j.At)
			w.list("to", j.Told)
			w.raw("}")
		}
		w.raw("]")
	}
	w.some("by", s.By)
	w.raw("}")
	return w
}

func (w *writer) speaker(s *speaker) {
	w.raw("{")
	w.name("id")
	w.raw("{")
	w.field("channel", s.ID.Channel)
	w.field("user", s.ID.User)
	w.raw("}")
	w.when("till", s.Till)
	if s.Then != nil {
		w.name("then")
		w.speaker(s.Then)
	}
	w.raw("}")
}

func (w *writer) frame(f *frame) {
	if f == nil {
		w.raw("null")
		return
	}
	w.raw("{")
	w.field("d", f.Dialogue)
	w.number("v", f.Version)
	w.field("i", f.Instance)
	w.field("s", f.State)
	w.answers("f", f.Form)
	if f.Called {
		w.name("c")
		w.raw("true")
	}
	w.when("b", f.Began)
	w.some("w", string(f.Wish))
	w.count("m", f.Misses)
	w.count("e", f.Effects)
	w.list("l", f.Last)
	if len(f.Trail) > 0 {
		w.name("t")
		w.raw("[")
		for _, st := range f.Trail {
			w.comma()
			w.raw("{")
			w.field("s", st.State)
			w.answers("u", st.Undo)
			w.list("g", st.Gone)
			w.raw("}")
		}
		w.raw("]")
	}
	if len(f.Asks) > 0 {
		w.name("a")
		w.raw("[")
		for _, a := range f.Asks {
			w.comma()
			w.raw("{")
			w.field("p", string(a.Parser))
			w.field("w", a.Word)
			w.name("o")
			if a.Options == nil {
				w.raw("null")
			} else {
				w.raw("[")
				for _, o := range a.Options {
					w.comma()
					w.answer(o)
				}
				w.raw("]")
			}
			w.raw("}")
		}
		w.raw("]")
	}
	w.raw("}")
}
