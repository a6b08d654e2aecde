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

// items is a list of whatever one writes.
func items[T any](w *writer, all []T, one func(*writer, T)) {
	w.raw("[")
	for _, v := range all {
		w.comma()
		one(w, v)
	}
	w.raw("]")
}

// list is a field with a list, left out if it is empty.
func list[T any](w *writer, n string, all []T, one func(*writer, T)) {
	if len(all) > 0 {
		w.name(n)
		items(w, all, one)
	}
}

// fields is a field with a map in the order of its keys, left out if it is empty.
func fields[V any](w *writer, n string, all map[string]V, one func(*writer, V)) {
	if len(all) == 0 {
		return
	}
	keys := make([]string, 0, len(all))
	for k := range all {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	w.name(n)
	w.raw("{")
	for _, k := range keys {
		w.comma()
		w.text(k)
		w.raw(":")
		one(w, all[k])
	}
	w.raw("}")
}

func (w *writer) choice(c bot.Choice) {
	w.raw("{")
	w.field("label", c.Label)
	w.field("send", c.Send)
	w.raw("}")
}

func (w *writer) answer(a bot.Answer) {
	if raw := a.Reveal(); len(raw) > 0 {
		*w = append(*w, raw...)
	} else {
		w.raw("null")
	}
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
		items(w, r.Texts, (*writer).text)
	}
	list(w, "choices", r.Choices, (*writer).choice)
	w.some("progress", r.Progress)
	w.some("want", string(r.Want))
	w.field("lang", r.Lang)
	w.raw("}")
}

func writeSession(s *session) []byte {
	buf := make(writer, 0, 768)
	w := &buf
	w.raw("{")
	if s.As != nil { // the first field, see pointed
		w.name("as")
		w.speaker(s.As)
	}
	w.field("lang", s.Lang)
	w.some("hint", s.Hint)
	list(w, "stack", s.Stack, (*writer).frame)
	fields(w, "drafts", s.Drafts, (*writer).frame)
	list(w, "offered", s.Offered, (*writer).choice)
	fields(w, "facts", s.Facts, (*writer).text)
	w.when("at", s.At)
	w.count("faults", s.Faults)
	if s.Rest != nil {
		w.name("rest")
		w.reply(s.Rest)
	}
	list(w, "joined", s.Joined, (*writer).joining)
	w.some("by", s.By)
	w.raw("}")
	return buf
}

func (w *writer) joining(j joining) {
	w.raw("{")
	w.field("c", j.Channel)
	w.field("k", j.Key)
	w.time("t", j.At)
	list(w, "to", j.Told, (*writer).text)
	w.raw("}")
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
	fields(w, "f", f.Form, (*writer).answer)
	if f.Called {
		w.name("c")
		w.raw("true")
	}
	w.when("b", f.Began)
	w.some("w", string(f.Wish))
	w.count("m", f.Misses)
	w.count("e", f.Effects)
	list(w, "l", f.Last, (*writer).text)
	list(w, "t", f.Trail, (*writer).step)
	list(w, "a", f.Asks, (*writer).ask)
	w.raw("}")
}

func (w *writer) step(st step) {
	w.raw("{")
	w.field("s", st.State)
	fields(w, "u", st.Undo, (*writer).answer)
	list(w, "g", st.Gone, (*writer).text)
	w.raw("}")
}

func (w *writer) ask(a askBack) {
	w.raw("{")
	w.field("p", string(a.Parser))
	w.field("w", a.Word)
	w.name("o")
	if a.Options == nil {
		w.raw("null")
	} else {
		items(w, a.Options, (*writer).answer)
	}
	w.raw("}")
}
