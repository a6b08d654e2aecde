package engine

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"yilu/bot"
)

// readSession reads what was kept. Every turn does, so what write.go wrote is read by hand, in a quarter of the time; what
// is written in any other way is read with what is to become encoding/json/v2.
func readSession(raw []byte) (*session, error) {
	s := &session{}
	if raw == nil {
		return s, nil
	}
	if r := (reader{rest: string(raw)}); !r.whole(s) {
		*s = session{}
		if err := json.Unmarshal(raw, s); err != nil {
			return &session{}, err
		}
	}
	for _, f := range s.Stack {
		if f == nil {
			return &session{}, bot.Errorf(bot.Internal, "read session", "a dialogue is missing from the stack")
		}
		if f.Form == nil {
			f.Form = bot.Fields{}
		}
	}
	return s, nil
}

// reader takes JSON off the front of rest. Once something is not as a writer writes it, all of it is odd: what was read
// counts for nothing.
type reader struct {
	rest string
	odd  bool
}

// whole reads a session and nothing else.
func (r *reader) whole(s *session) bool {
	r.odd = !utf8.ValidString(r.rest)
	r.session(s)
	return !r.odd && r.rest == ""
}

// next takes a byte, if it is the one.
func (r *reader) next(c byte) bool {
	if r.rest == "" || r.rest[0] != c {
		return false
	}
	r.rest = r.rest[1:]
	return true
}

func (r *reader) want(c byte) {
	if !r.next(c) {
		r.odd = true
	}
}

// text takes a string.
func (r *reader) text() string {
	r.want('"')
	for i := 0; i < len(r.rest) && !r.odd; i++ {
		switch c := r.rest[i]; {
		case c == '"':
			text := r.rest[:i]
			r.rest = r.rest[i+1:]
			return text
		case c == '\\':
			return r.escaped(i)
		case c < ' ':
			r.odd = true
		}
	}
	r.odd = true
	return ""
}

// escaped takes a string whose first escape is at i, and whose quotation mark was taken.
func (r *reader) escaped(i int) string {
	for ; i < len(r.rest); i++ {
		switch r.rest[i] {
		case '\\':
			i++
		case '"':
			text, err := jsontext.AppendUnquote(nil, `"`+r.rest[:i+1])
			r.odd = r.odd || err != nil
			r.rest = r.rest[i+1:]
			return string(text)
		}
	}
	r.odd = true
	return ""
}

func (r *reader) number() int {
	n := 0
	for n < len(r.rest) && (r.rest[n] == '-' || '0' <= r.rest[n] && r.rest[n] <= '9') {
		n++
	}
	value, err := strconv.Atoi(r.rest[:n])
	r.odd = r.odd || err != nil || strconv.Itoa(value) != r.rest[:n]
	r.rest = r.rest[n:]
	return value
}

func (r *reader) time() time.Time {
	text := r.text()
	at, err := time.Parse(time.RFC3339Nano, text)
	var room [len(time.RFC3339Nano)]byte
	r.odd = r.odd || err != nil || string(at.AppendFormat(room[:0], time.RFC3339Nano)) != text
	return at
}

// null takes a null, if there is one.
func (r *reader) null() bool {
	rest, ok := strings.CutPrefix(r.rest, "null")
	if ok {
		r.rest = rest
	}
	return ok
}

// each takes an object or a list, and has one take each of its parts.
func (r *reader) each(opens, closes byte, one func()) {
	r.want(opens)
	if r.next(closes) {
		return
	}
	for !r.odd {
		one()
		if r.next(closes) {
			return
		}
		r.want(',')
	}
}

// object has field take the value of each field, by its name.
func (r *reader) object(field func(name string)) {
	var room [16]string
	names := room[:0]
	r.each('{', '}', func() {
		name := r.text()
		r.odd = r.odd || slices.Contains(names, name)
		names = append(names, name)
		r.want(':')
		field(name)
	})
}

// value takes any value, as it is written.
func (r *reader) value() string {
	from := r.rest
	switch {
	case from == "":
		r.odd = true
	case from[0] == '"':
		r.text()
	case from[0] == '{':
		r.object(func(string) { r.value() })
	case from[0] == '[':
		r.each('[', ']', func() { r.value() })
	default:
		n := strings.IndexAny(from, ",]}")
		if n < 0 {
			n = len(from)
		}
		r.rest = from[n:]
		r.odd = r.odd || !jsontext.Value(from[:n]).IsValid()
	}
	return from[:len(from)-len(r.rest)]
}

// listOf takes a list of whatever one takes.
func listOf[T any](r *reader, one func(*reader) T) (all []T) {
	all = []T{}
	r.each('[', ']', func() { all = append(all, one(r)) })
	return all
}

// mapOf takes an object with values of whatever one takes.
func mapOf[V any](r *reader, one func(*reader) V) map[string]V {
	all := map[string]V{}
	r.object(func(name string) { all[name] = one(r) })
	return all
}

func (r *reader) answer() (a bot.Answer) {
	if err := a.UnmarshalJSON([]byte(r.value())); err != nil {
		r.odd = true
	}
	return a
}

func (r *reader) choice() (c bot.Choice) {
	r.object(func(name string) {
		switch name {
		case "label":
			c.Label = r.text()
		case "send":
			c.Send = r.text()
		default:
			r.odd = true
		}
	})
	return c
}

func (r *reader) reply() *bot.Reply {
	out := &bot.Reply{}
	r.object(func(name string) {
		switch name {
		case "texts":
			if !r.null() {
				out.Texts = listOf(r, (*reader).text)
			}
		case "choices":
			out.Choices = listOf(r, (*reader).choice)
		case "progress":
			out.Progress = r.text()
		case "want":
			out.Want = bot.Parser(r.text())
		case "lang":
			out.Lang = r.text()
		default:
			r.odd = true
		}
	})
	return out
}

func (r *reader) session(s *session) {
	r.object(func(name string) {
		switch name {
		case "as":
			s.As = r.speaker()
		case "lang":
			s.Lang = r.text()
		case "hint":
			s.Hint = r.text()
		case "stack":
			s.Stack = listOf(r, (*reader).frame)
		case "drafts":
			s.Drafts = mapOf(r, (*reader).frame)
		case "offered":
			s.Offered = listOf(r, (*reader).choice)
		case "facts":
			s.Facts = mapOf(r, (*reader).text)
		case "at":
			s.At = r.time()
		case "faults":
			s.Faults = r.number()
		case "rest":
			s.Rest = r.reply()
		case "joined":
			s.Joined = listOf(r, (*reader).joining)
		case "by":
			s.By = r.text()
		default:
			r.odd = true
		}
	})
}

func (r *reader) joining() (j joining) {
	r.object(func(name string) {
		switch name {
		case "c":
			j.Channel = r.text()
		case "k":
			j.Key = r.text()
		case "t":
			j.At = r.time()
		case "to":
			j.Told = listOf(r, (*reader).text)
		default:
			r.odd = true
		}
	})
	return j
}

func (r *reader) speaker() *speaker {
	s := &speaker{}
	r.object(func(name string) {
		switch name {
		case "id":
			r.object(func(name string) {
				switch name {
				case "channel":
					s.ID.Channel = r.text()
				case "user":
					s.ID.User = r.text()
				default:
					r.odd = true
				}
			})
		case "till":
			s.Till = r.time()
		case "then":
			s.Then = r.speaker()
		default:
			r.odd = true
		}
	})
	return s
}

func (r *reader) frame() *frame {
	if r.null() {
		return nil
	}
	f := &frame{}
	r.object(func(name string) {
		switch name {
		case "d":
			f.Dialogue = r.text()
		case "v":
			f.Version = r.number()
		case "i":
			f.Instance = r.text()
		case "s":
			f.State = r.text()
		case "f":
			f.Form = mapOf(r, (*reader).answer)
		case "c":
			if r.rest, f.Called = strings.CutPrefix(r.rest, "true"); !f.Called {
				r.odd = true
			}
		case "b":
			f.Began = r.time()
		case "w":
			f.Wish = bot.Intent(r.text())
		case "m":
			f.Misses = r.number()
		case "e":
			f.Effects = r.number()
		case "l":
			f.Last = listOf(r, (*reader).text)
		case "t":
			f.Trail = listOf(r, (*reader).step)
		case "a":
			f.Asks = listOf(r, (*reader).ask)
		default:
			r.odd = true
		}
	})
	return f
}

func (r *reader) step() (st step) {
	r.object(func(name string) {
		switch name {
		case "s":
			st.State = r.text()
		case "u":
			st.Undo = mapOf(r, (*reader).answer)
		case "g":
			st.Gone = listOf(r, (*reader).text)
		default:
			r.odd = true
		}
	})
	return st
}

func (r *reader) ask() (a askBack) {
	r.object(func(name string) {
		switch name {
		case "p":
			a.Parser = bot.Parser(r.text())
		case "w":
			a.Word = r.text()
		case "o":
			if !r.null() {
				a.Options = listOf(r, (*reader).answer)
			}
		default:
			r.odd = true
		}
	})
	return a
}
