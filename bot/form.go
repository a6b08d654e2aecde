package bot

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// FormOf reads the answers of the turn's dialogue into its form. A field that no longer fits is left zero and named in
// the error, and the others are read.
func FormOf[F any](t *Turn) (F, error) {
	var form F
	if readFields(t.Form, reflect.ValueOf(&form).Elem()) {
		return form, nil
	}
	var again F
	raw, err := json.Marshal(t.Form)
	if err != nil {
		return again, err
	}
	err = json.Unmarshal(raw, &again)
	var misfit *json.UnmarshalTypeError
	if errors.As(err, &misfit) {
		return again, &Error{Code: Invalid, Op: "read form", Field: misfit.Field, Say: "does not fit the form", Err: err}
	}
	return again, err
}

// layout is where the fields of a form are, by their json names; nil for a form that only encoding/json can read.
type layout map[string]int

var layouts sync.Map // of reflect.Type

func layoutOf(t reflect.Type) layout {
	if l, ok := layouts.Load(t); ok {
		return l.(layout)
	}
	l, _ := layouts.LoadOrStore(t, newLayout(t))
	return l.(layout)
}

func newLayout(t reflect.Type) layout {
	if t.Kind() != reflect.Struct {
		return nil
	}
	l := layout{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || !f.IsExported() || name == "" || name == "-" || strings.Contains(options, "string") {
			return nil
		}
		if _, twice := l[name]; twice {
			return nil
		}
		l[name] = i
	}
	return l
}

// readFields reads answers, each into its field, and reports whether all went well. A form is read several times in a
// turn, and writing it out as JSON to read it back takes longer than all that is decided on it.
func readFields(answers Fields, form reflect.Value) bool {
	l := layoutOf(form.Type())
	if l == nil {
		return false
	}
	for name, a := range answers {
		i, ok := l[name]
		if !ok {
			for known := range l {
				if strings.EqualFold(known, name) { // encoding/json would take it
					return false
				}
			}
			continue
		}
		if len(a.raw) > 0 && !readValue(a.raw, form.Field(i)) {
			return false
		}
	}
	return true
}

var (
	unmarshaler     = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshaler = reflect.TypeFor[interface{ UnmarshalText([]byte) error }]()
	readers         sync.Map // of reflect.Type: bool, whether the type reads JSON in its own way
)

// readsItself reports whether a type has its own way to be read.
func readsItself(t reflect.Type) bool {
	if own, ok := readers.Load(t); ok {
		return own.(bool)
	}
	p := reflect.PointerTo(t)
	own := p.Implements(unmarshaler) || p.Implements(textUnmarshaler)
	readers.Store(t, own)
	return own
}

// readValue reads JSON into a zero value, as encoding/json does: what is written in the plainest way by itself, which is
// nearly everything, and the rest by encoding/json.
func readValue(raw []byte, v reflect.Value) bool {
	if rest, ok := take(raw, v); ok && len(rest) == 0 {
		return true
	}
	v.SetZero()
	return json.Unmarshal(raw, v.Addr().Interface()) == nil
}

// take reads the JSON value that raw begins with, and returns what is behind it. It knows what encoding/json writes of
// texts without an escape, of whole numbers, and of lists and plain structs of them, without a space between.
func take(raw []byte, v reflect.Value) (rest []byte, ok bool) {
	t, kind := v.Type(), v.Kind()
	if t == personalType {
		text, rest, ok := takeText(raw)
		if ok {
			v.Addr().Interface().(*Personal).value = string(text)
		}
		return rest, ok
	}
	if readsItself(t) {
		return nil, false
	}
	if rest, ok = bytes.CutPrefix(raw, []byte("null")); ok {
		return rest, true
	}
	switch {
	case kind == reflect.String:
		text, rest, ok := takeText(raw)
		if ok {
			v.SetString(string(text))
		}
		return rest, ok
	case kind == reflect.Bool:
		if rest, ok = bytes.CutPrefix(raw, []byte("true")); ok {
			v.SetBool(true)
			return rest, true
		}
		return bytes.CutPrefix(raw, []byte("false"))
	case kind >= reflect.Int && kind <= reflect.Int64:
		n, rest, ok := takeNumber(raw)
		if !ok || v.OverflowInt(n) {
			return nil, false
		}
		v.SetInt(n)
		return rest, true
	case kind == reflect.Slice:
		return takeList(raw, v)
	case kind == reflect.Struct:
		return takeStruct(raw, v)
	}
	return nil, false
}

// takeText takes a string without an escape.
func takeText(raw []byte) (text, rest []byte, ok bool) {
	if len(raw) == 0 || raw[0] != '"' {
		return nil, nil, false
	}
	for i, c := range raw[1:] {
		switch {
		case c == '"':
			text = raw[1 : i+1]
			return text, raw[i+2:], utf8.Valid(text)
		case c < 0x20, c == '\\':
			return nil, nil, false
		}
	}
	return nil, nil, false
}

// takeNumber takes a whole number of 18 digits at most. A fraction or an exponent is left behind it, where it is none.
func takeNumber(raw []byte) (n int64, rest []byte, ok bool) {
	from := 0
	if len(raw) > 0 && raw[0] == '-' {
		from = 1
	}
	i := from
	for ; i < len(raw) && raw[i] >= '0' && raw[i] <= '9' && i-from < 19; i++ {
		n = n*10 + int64(raw[i]-'0')
	}
	if digits := i - from; digits == 0 || digits > 18 || digits > 1 && raw[from] == '0' {
		return 0, nil, false
	}
	if from > 0 {
		n = -n
	}
	return n, raw[i:], true
}

// takeList takes an array that is not empty.
func takeList(raw []byte, v reflect.Value) (rest []byte, ok bool) {
	rest, ok = bytes.CutPrefix(raw, []byte("["))
	if !ok || len(rest) == 0 || rest[0] == ']' {
		return nil, false
	}
	most := 1 + bytes.Count(rest, []byte(","))
	if v.Type().Elem().Kind() == reflect.Struct {
		most = min(most, 1+bytes.Count(rest, []byte(",{")))
	}
	v.Grow(most)
	v.SetLen(most)
	for n := range most {
		if rest, ok = take(rest, v.Index(n)); !ok || len(rest) == 0 {
			return nil, false
		}
		if rest[0] == ']' {
			v.SetLen(n + 1)
			return rest[1:], true
		}
		if rest[0] != ',' {
			return nil, false
		}
		rest = rest[1:]
	}
	return nil, false
}

// takeStruct takes an object whose names are those of fields, each once.
func takeStruct(raw []byte, v reflect.Value) (rest []byte, ok bool) {
	l := layoutOf(v.Type())
	rest, ok = bytes.CutPrefix(raw, []byte("{"))
	if l == nil || !ok || len(rest) == 0 {
		return nil, false
	}
	if rest[0] == '}' {
		return rest[1:], true
	}
	for seen := uint64(0); ; {
		var name []byte
		if name, rest, ok = takeText(rest); !ok {
			return nil, false
		}
		i, known := l[string(name)]
		if !known || i > 63 || seen&(1<<i) != 0 {
			return nil, false
		}
		seen |= 1 << i
		if rest, ok = bytes.CutPrefix(rest, []byte(":")); !ok {
			return nil, false
		}
		if rest, ok = take(rest, v.Field(i)); !ok || len(rest) == 0 {
			return nil, false
		}
		switch rest[0] {
		case '}':
			return rest[1:], true
		case ',':
			rest = rest[1:]
		default:
			return nil, false
		}
	}
}

// packed is what Pack makes of the values that most answers are; ok is false for all others.
func packed(v any) (raw []byte, ok bool) {
	switch v := v.(type) {
	case bool:
		return strconv.AppendBool(nil, v), true
	case int:
		return strconv.AppendInt(nil, int64(v), 10), true
	case string:
		return appendText(make([]byte, 0, len(v)+2), v)
	case Personal:
		return appendText(make([]byte, 0, len(v.value)+2), v.value)
	case Settle:
		return appendText(nil, string(v))
	case Shift:
		return appendText(nil, string(v))
	case Date:
		return appendText(nil, string(v))
	case []TradeID:
		return appendTexts(v)
	case []PostID:
		return appendTexts(v)
	}
	return nil, false
}

func appendTexts[T ~string](texts []T) (raw []byte, ok bool) {
	if texts == nil {
		return nil, false
	}
	raw = append(make([]byte, 0, 2+8*len(texts)), '[')
	for i, text := range texts {
		if i > 0 {
			raw = append(raw, ',')
		}
		if raw, ok = appendText(raw, string(text)); !ok {
			return nil, false
		}
	}
	return append(raw, ']'), true
}

// appendText appends a text as encoding/json writes it; ok is false where it would write anything in another way.
func appendText(raw []byte, text string) (_ []byte, ok bool) {
	for i := range len(text) {
		switch c := text[i]; {
		case c < 0x20, c == '"', c == '\\', c == '<', c == '>', c == '&', c == 0x7F:
			return nil, false
		case c == 0xE2: // two separators of lines, which JavaScript does not bear, begin with it
			return nil, false
		}
	}
	if !utf8.ValidString(text) {
		return nil, false
	}
	raw = append(raw, '"')
	raw = append(raw, text...)
	return append(raw, '"'), true
}
