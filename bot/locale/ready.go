package locale

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync/atomic"
	"text/template/parse"
)

// A text is read once, when it is loaded, into parts that are filled without go-i18n and text/template: going through
// them for each text was half of what deciding a turn costs. It knows what the texts of this service are written in:
// a field, a field that is said, and conditions on one. What is written in anything else, and any data that does not fit, is
// left to go-i18n: it decides what is a fault and how a value prints, and a test holds both to the same bytes.

// ready is a text that was read.
type ready struct {
	plain bool   // there is nothing to fill in
	text  string // as it stands, if plain
	parts []part // nil where go-i18n has to fill it
}

// part is a stretch of a text: words, a field, or a condition with what it guards.
type part struct {
	words string
	field *field
	say   bool  // the field is said, not printed
	test  *test // with then and other
	then  []part
	other []part
}

// test is "if .X", or "if eq .X 1".
type test struct {
	field *field
	equal bool
	to    int64
}

// field is a field of the data, or a field of one. The data of a text is nearly always of one type: where the field is
// found in it is remembered for the last one.
type field struct {
	names []string
	found atomic.Pointer[place]
}

// place is where a field is in a type of data.
type place struct {
	of    reflect.Type
	index []int // of the field in the data, then of the field in that
	plain bool  // it prints as its kind does
}

// makeReady reads a text.
func makeReady(source string) *ready {
	if !strings.Contains(source, "{{") {
		return &ready{plain: true, text: source}
	}
	r := &ready{text: source}
	tree := parse.New("text")
	tree.Mode = parse.SkipFuncCheck
	set := map[string]*parse.Tree{}
	tree, err := tree.Parse(source, "{{", "}}", set)
	if err != nil || tree.Root == nil || len(set) > 1 {
		return r
	}
	if parts, ok := readParts(tree.Root); ok {
		r.parts = parts
	}
	return r
}

// readParts reads a list of a template; ok is false where it has anything that parts are not made of.
func readParts(list *parse.ListNode) (parts []part, ok bool) {
	if list == nil {
		return nil, true
	}
	for _, node := range list.Nodes {
		var p part
		switch node := node.(type) {
		case *parse.TextNode:
			p.words = string(node.Text)
		case *parse.ActionNode:
			args := arguments(node.Pipe)
			if len(args) == 2 && named(args[0], "say") {
				p.say, args = true, args[1:]
			}
			if len(args) != 1 {
				return nil, false
			}
			if p.field = fieldOf(args[0]); p.field == nil {
				return nil, false
			}
		case *parse.IfNode:
			if p.test = testOf(arguments(node.Pipe)); p.test == nil {
				return nil, false
			}
			if p.then, ok = readParts(node.List); !ok {
				return nil, false
			}
			if p.other, ok = readParts(node.ElseList); !ok {
				return nil, false
			}
		default:
			return nil, false
		}
		parts = append(parts, p)
	}
	return parts, true
}

// arguments are the words of an action that is one command and declares nothing.
func arguments(p *parse.PipeNode) []parse.Node {
	if p == nil || len(p.Decl) > 0 || len(p.Cmds) != 1 {
		return nil
	}
	return p.Cmds[0].Args
}

func named(n parse.Node, name string) bool {
	id, ok := n.(*parse.IdentifierNode)
	return ok && id.Ident == name
}

func fieldOf(n parse.Node) *field {
	if f, ok := n.(*parse.FieldNode); ok {
		return &field{names: f.Ident}
	}
	return nil
}

func testOf(args []parse.Node) *test {
	switch {
	case len(args) == 1:
		if f := fieldOf(args[0]); f != nil {
			return &test{field: f}
		}
	case len(args) == 3 && named(args[0], "eq"):
		f := fieldOf(args[1])
		n, ok := args[2].(*parse.NumberNode)
		if f != nil && ok && n.IsInt && strconv.FormatInt(n.Int64, 10) == n.Text {
			return &test{field: f, equal: true, to: n.Int64}
		}
	}
	return nil
}

// fill appends the text with the fields of data; ok is false where go-i18n has to.
//
// That it says values through t.say, and not by name, keeps the compiler from taking it for a part of Say, and what it
// fills from the heap.
func (t *Texts) fill(out []byte, lang string, parts []part, data reflect.Value) (filled []byte, ok bool) {
	for i := range parts {
		p := &parts[i]
		switch {
		case p.test != nil:
			holds, ok := p.test.holds(data)
			if !ok {
				return out, false
			}
			branch := p.other
			if holds {
				branch = p.then
			}
			if out, ok = t.fill(out, lang, branch, data); !ok {
				return out, false
			}
		case p.field == nil:
			out = append(out, p.words...)
		default:
			v, plain, ok := p.field.in(data)
			if !ok {
				return out, false
			}
			if p.say {
				said, err := t.say(lang, v.Interface())
				if err != nil {
					return out, false
				}
				out = append(out, said...)
				continue
			}
			if out, ok = appendValue(out, v, plain); !ok {
				return out, false
			}
		}
	}
	return out, true
}

// appendValue prints a value as text/template does.
func appendValue(out []byte, v reflect.Value, plain bool) ([]byte, bool) {
	switch kind := v.Kind(); {
	case plain && kind == reflect.String:
		return append(out, v.String()...), true
	case plain && kind >= reflect.Int && kind <= reflect.Int64:
		return strconv.AppendInt(out, v.Int(), 10), true
	case kind == reflect.Chan, kind == reflect.Func:
		return out, false
	}
	return fmt.Append(out, v.Interface()), true
}

// holds reports what a condition comes to.
func (t *test) holds(data reflect.Value) (holds, ok bool) {
	v, _, ok := t.field.in(data)
	if !ok {
		return false, false
	}
	kind := v.Kind()
	number := kind >= reflect.Int && kind <= reflect.Int64
	switch {
	case t.equal:
		return number && v.Int() == t.to, number
	case number:
		return v.Int() != 0, true
	case kind == reflect.Bool:
		return v.Bool(), true
	case kind == reflect.String, kind == reflect.Slice, kind == reflect.Array, kind == reflect.Map:
		return v.Len() > 0, true
	case kind == reflect.Struct:
		return true, true // as text/template has it
	}
	return false, false
}

// in is the field in the data.
func (f *field) in(data reflect.Value) (v reflect.Value, plain, ok bool) {
	if !data.IsValid() {
		return data, false, false
	}
	at := f.found.Load()
	if at == nil || at.of != data.Type() {
		if at = f.find(data.Type()); at == nil {
			return data, false, false
		}
		f.found.Store(at)
	}
	for _, i := range at.index {
		data = data.Field(i)
	}
	return data, at.plain, true
}

var (
	formatter = reflect.TypeFor[fmt.Formatter]()
	stringer  = reflect.TypeFor[fmt.Stringer]()
	failure   = reflect.TypeFor[error]()
)

// find looks the field up in a type; nil where text/template would do more than follow it: a method, a pointer, a map.
func (f *field) find(of reflect.Type) *place {
	at := &place{of: of}
	t := of
	for _, name := range f.names {
		if t.Kind() != reflect.Struct {
			return nil
		}
		if _, method := reflect.PointerTo(t).MethodByName(name); method {
			return nil
		}
		sf, ok := t.FieldByName(name)
		if !ok || !sf.IsExported() {
			return nil
		}
		for i, step := range sf.Index {
			if i > 0 && t.Kind() != reflect.Struct { // an embedded pointer
				return nil
			}
			at.index = append(at.index, step)
			t = t.Field(step).Type
		}
	}
	if t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface {
		return nil
	}
	at.plain = !t.Implements(formatter) && !t.Implements(stringer) && !t.Implements(failure)
	return at
}
