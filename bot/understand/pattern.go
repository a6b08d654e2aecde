package understand

import (
	"slices"
	"strings"
)

// A pattern is a row of elements with room between them, for what people say in many orders and with many words in
// between:
//
//	没~给~<money>     one after the other, in one clause, with up to reach runes between two of them
//	<month>~~没       with up to farReach runes between, marks and spaces among them
//	(没|不)给<money>  directly one after the other; spaces may stand between
//	^还有吗$          the whole message, marks and fillers apart
//
// An element is a word, (one|of|several), or <the words of a concept>.
type pattern struct {
	steps      []step
	start, end bool
	groups     []int32    // that it meets
	danger     dangerKind // that it tells; then it may be denied
}

// step is one element and how many runes may stand before it.
type step struct {
	element int32
	room    int
	far     bool // marks may stand between
}

// How many runes may stand between two elements of a pattern.
const (
	reachNear = 6
	reachFar  = 18
)

// phraseSense says what a phrase counts for.
type phraseSense struct {
	groups   []int32 // that it meets
	elements []int32 // of patterns
}

// found is an element in a text.
type found struct {
	element, from, to uint16
	next              uint16 // the next one of the same element, as in firsts
}

// firsts says by element where its first one stands in a list of those found, one more than its index; 0 if there is none.
type firsts [maxElements]uint16

// maxElements bounds the elements, so that their firsts fit on the stack.
const maxElements = 4096

// patternMarks are the runes that make a word of the lexicon a pattern.
const patternMarks = "~<>()|^$"

func isPattern(word string) bool {
	return strings.ContainsAny(word, patternMarks) && len(word) > 2
}

// pattern compiles a pattern; a fault is told under the key.
func (l *loader) pattern(key, raw string) (p pattern) {
	rest, at := raw, step{}
	for rest != "" {
		switch rest[0] {
		case '^':
			if len(p.steps) > 0 {
				_ = l.bad(key, "%q: ^ stands at the beginning only", raw)
			}
			p.start, rest = true, rest[1:]
		case '$':
			if rest != "$" {
				_ = l.bad(key, "%q: $ stands at the end only", raw)
			}
			p.end, rest = true, rest[1:]
		case '~':
			at.room, rest = reachNear, rest[1:]
			if strings.HasPrefix(rest, "~") {
				at.room, at.far, rest = reachFar, true, rest[1:]
			}
		case '<', '(':
			closing := map[byte]string{'<': ">", '(': ")"}[rest[0]]
			name, after, ok := strings.Cut(rest[1:], closing)
			if !ok {
				_ = l.bad(key, "%q: %s is missing", raw, closing)
				return pattern{}
			}
			words := strings.Split(name, "|")
			if closing == ">" {
				if words = l.concept(key, name); words == nil {
					return pattern{}
				}
			}
			at.element, rest = l.element(key, rest[:len(rest)-len(after)], words), after
			p.steps, at = append(p.steps, at), step{}
		case ')', '>', '|':
			_ = l.bad(key, "%q: %q closes nothing", raw, rest[:1])
			return pattern{}
		default:
			end := strings.IndexAny(rest, patternMarks)
			if end < 0 {
				end = len(rest)
			}
			at.element, rest = l.element(key, rest[:end], []string{rest[:end]}), rest[end:]
			p.steps, at = append(p.steps, at), step{}
		}
	}
	if len(p.steps) == 0 || at.room > 0 {
		_ = l.bad(key, "%q: a pattern is made of words, with ~ between them", raw)
		return pattern{}
	}
	return p
}

// element numbers the words that may stand in one place of a pattern.
func (l *loader) element(key, name string, words []string) int32 {
	if i, ok := l.elements[name]; ok {
		return i
	}
	i := int32(len(l.elements))
	if i >= maxElements {
		_ = l.bad(key, "%q is one element of patterns too many: %d are the most", name, maxElements)
		return 0
	}
	l.elements[name] = i
	for _, word := range words {
		if isPattern(word) {
			_ = l.bad(key, "%s holds the pattern %q, and an element is made of words; take another concept", name, word)
			continue
		}
		if s := l.phrase(key, word); !slices.Contains(s.elements, i) {
			s.elements = append(s.elements, i)
		}
	}
	return i
}

// concept lists the words of a concept, those of others in it included.
func (l *loader) concept(key, name string) []string {
	words, ok := l.concepts[name]
	if !ok {
		_ = l.bad(key, "there is no concept %q", name)
		return nil
	}
	if l.inside[name] {
		_ = l.bad(key, "the concept %q holds itself", name)
		return nil
	}
	l.inside[name] = true
	defer delete(l.inside, name)
	out := make([]string, 0, len(words))
	for _, word := range words {
		if other, ref := strings.CutPrefix(word, "@"); ref && l.concepts[other] != nil {
			out = append(out, l.concept(key, other)...)
		} else {
			out = append(out, word)
		}
	}
	return out
}

// patternFor adds a pattern to those that are looked for.
func (l *loader) patternFor(key, raw string, group int32, danger dangerKind) {
	if i, ok := l.patterns[raw]; ok && danger == 0 && l.w.patterns[i].danger == 0 {
		if p := &l.w.patterns[i]; !slices.Contains(p.groups, group) {
			p.groups = append(p.groups, group)
		}
		return
	}
	p := l.pattern(key, raw)
	if len(p.steps) == 0 {
		return
	}
	if p.danger = danger; danger == 0 {
		p.groups = []int32{group}
		l.patterns[raw] = int32(len(l.w.patterns))
	}
	first := int(p.steps[0].element)
	for len(l.w.patternsFrom) <= first {
		l.w.patternsFrom = append(l.w.patternsFrom, nil)
	}
	l.w.patternsFrom[first] = append(l.w.patternsFrom[first], int32(len(l.w.patterns)))
	l.w.patterns = append(l.w.patterns, p)
}

// How many steps are made for patterns: more than what people write ever takes, for 没给钱没给钱… has very many.
const (
	stepsLeast   = 4000
	stepsPerRune = 6
)

// patternsIn calls f for every pattern that the elements in the text make, with where it stands. The elements are in the
// order in which they begin.
func (w *Words) patternsIn(r []rune, in []found, f func(p *pattern, from, to int)) {
	steps := stepsLeast + stepsPerRune*len(r)
	var behind firsts // of those that stand behind the one that is looked at
	for k := len(in) - 1; k >= 0; k-- {
		x := &in[k]
		if int(x.element) < len(w.patternsFrom) {
			for _, i := range w.patternsFrom[x.element] {
				p := &w.patterns[i]
				if p.start && !w.onlySoft(r[:x.from]) {
					continue
				}
				if to, ok := w.goesOn(r, in, &behind, int(x.to), p, 1, &steps); ok {
					f(p, int(x.from), to)
				}
			}
		}
		x.next = behind[x.element]
		behind[x.element] = uint16(k + 1)
	}
}

// goesOn reports whether the rest of the pattern follows what ends at the place, and where it ends.
func (w *Words) goesOn(r []rune, in []found, behind *firsts, at int, p *pattern, next int, steps *int) (to int, ok bool) {
	if next == len(p.steps) {
		return at, !p.end || w.onlySoft(r[at:])
	}
	want := p.steps[next]
	for j := behind[want.element]; j != 0 && *steps > 0; j = in[j-1].next {
		*steps--
		x := &in[j-1]
		if int(x.from) < at {
			continue
		}
		gap := r[at:x.from]
		if len(gap) > want.room && !onlySpace(gap) {
			return 0, false // and those behind are farther
		}
		if !want.far && !oneClause(gap) {
			continue
		}
		if to, ok := w.goesOn(r, in, behind, int(x.to), p, next+1, steps); ok {
			return to, true
		}
	}
	return 0, false
}

// oneClause reports that no mark stands in the gap, or nothing but spaces: many put one after every word.
func oneClause(gap []rune) bool {
	for _, x := range gap {
		if isMark(x) {
			return onlySpace(gap)
		}
	}
	return true
}

func onlySpace(r []rune) bool {
	for _, x := range r {
		if x != ' ' {
			return false
		}
	}
	return true
}

// onlySoft reports that nothing but marks and fillers stands there.
func (w *Words) onlySoft(r []rune) bool {
	for i := 0; i < len(r); {
		if isMark(r[i]) {
			i++
			continue
		}
		end := w.softAt(r, i, softAny)
		if end == i {
			return false
		}
		i = end
	}
	return true
}
