package bot

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"sync"
)

// Personal holds a value that tells who somebody is: a name, a phone number, an ID number. However it is printed,
// logged or marshalled it shows as a mask; only Reveal opens it, and Pack writes it out for storage. A value read from
// JSON is taken as it stands.
type Personal struct{ value string }

// NewPersonal closes a value.
func NewPersonal(value string) Personal { return Personal{value} }

// Reveal opens the value. Every call is a place where personal data leaves its cover; keep them few.
func (p Personal) Reveal() string { return p.value }

// IsZero reports that nothing is held.
func (p Personal) IsZero() bool { return p.value == "" }

// Masked shows as much as lets its owner recognise it: 138****1234, 3502**********1234, 陈**.
func (p Personal) Masked() string {
	r := []rune(p.value)
	keepHead, keepTail := 0, 0
	switch n := len(r); {
	case n >= 15:
		keepHead, keepTail = 4, 4
	case n >= 7:
		keepHead, keepTail = 3, 4
	case n >= 2:
		keepHead = 1
	}
	return string(r[:keepHead]) + strings.Repeat("*", len(r)-keepHead-keepTail) + string(r[len(r)-keepTail:])
}

const closed = "[personal]"

// String never tells the value.
func (p Personal) String() string { return closed }

// GoString never tells the value.
func (p Personal) GoString() string { return closed }

// Format never tells the value, whatever the verb.
func (p Personal) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(closed)) }

// LogValue never tells the value.
func (p Personal) LogValue() slog.Value { return slog.StringValue(closed) }

// MarshalJSON writes the mask. To keep the value, use Pack.
func (p Personal) MarshalJSON() ([]byte, error) { return json.Marshal(p.Masked()) }

// UnmarshalJSON takes a plain string.
func (p *Personal) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, &p.value) }

// Pack encodes v as JSON for storage, with every Personal inside it opened. What it returns belongs in a store and
// nowhere else: the ledger keeps it as a whole, and sealing at rest happens there.
func Pack(v any) ([]byte, error) {
	rv := reflect.ValueOf(v)
	if !mayHoldPersonal(rv.Type()) {
		return json.Marshal(v)
	}
	return json.Marshal(opened(rv))
}

var personalType = reflect.TypeFor[Personal]()

var holders sync.Map // of reflect.Type: bool

// mayHoldPersonal is holdsPersonal, asked once for each type.
func mayHoldPersonal(t reflect.Type) bool {
	if holds, ok := holders.Load(t); ok {
		return holds.(bool)
	}
	holds := holdsPersonal(t, nil)
	holders.Store(t, holds)
	return holds
}

func holdsPersonal(t reflect.Type, seen []reflect.Type) bool {
	if t == personalType {
		return true
	}
	for _, s := range seen {
		if s == t {
			return false
		}
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return holdsPersonal(t.Elem(), append(seen, t))
	case reflect.Struct:
		for i := range t.NumField() {
			if holdsPersonal(t.Field(i).Type, append(seen, t)) {
				return true
			}
		}
	case reflect.Interface:
		return true // it may
	}
	return false
}

// opened rebuilds v out of maps, slices and plain values, following the json tags.
func opened(v reflect.Value) any {
	if v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		return opened(v.Elem())
	}
	if v.Type() == personalType {
		return v.Interface().(Personal).value
	}
	if !mayHoldPersonal(v.Type()) {
		return v.Interface()
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		out := make([]any, v.Len())
		for i := range out {
			out[i] = opened(v.Index(i))
		}
		return out
	case reflect.Map:
		out := make(map[string]any, v.Len())
		for _, k := range v.MapKeys() {
			out[fmt.Sprint(k.Interface())] = opened(v.MapIndex(k))
		}
		return out
	case reflect.Struct:
		out := make(map[string]any, v.NumField())
		openFields(v, out)
		return out
	}
	return v.Interface()
}

// openFields adds the fields of a struct; those of an embedded one are its own, as in encoding/json.
func openFields(v reflect.Value, out map[string]any) {
	var embedded []reflect.Value
	for i := range v.NumField() {
		f, fv := v.Type().Field(i), v.Field(i)
		name, opts, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct && f.Type != personalType {
			embedded = append(embedded, fv)
			continue
		}
		if !f.IsExported() || name == "-" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		if (strings.Contains(opts, "omitempty") || strings.Contains(opts, "omitzero")) && fv.IsZero() {
			continue
		}
		if _, nearer := out[name]; !nearer {
			out[name] = opened(fv)
		}
	}
	for _, fv := range embedded {
		openFields(fv, out)
	}
}
