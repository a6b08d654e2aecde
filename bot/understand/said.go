package understand

import (
	"slices"
	"unicode/utf8"
)

// Said is a message that was made ready once, to be read in several ways: what it means, as the answer to a question, as
// a choice. It is for one goroutine at a time.
type Said struct {
	words *Words
	raw   string
	text  text
	room  [2 * shortText]rune // of the text, where it is short

	plain  []rune // the text as Fold makes it
	folded bool   // it is there
}

// shortText is how many runes most messages have at most.
const shortText = 24

// Hear makes a message ready to be read.
func (w *Words) Hear(s string) *Said {
	m := &Said{words: w, raw: s}
	orig, low := m.room[:0:shortText], m.room[shortText:shortText:2*shortText]
	m.text.orig, m.text.low = cleanInto(orig, low, s, w.simple)
	return m
}

// Raw is the message as it was heard.
func (m *Said) Raw() string { return m.raw }

// Is reports whether the message is the label and nothing else, as Fold compares.
func (m *Said) Is(label string) bool {
	if !m.folded {
		var a [shortText]rune
		_, m.plain = cleanInto(a[:0], nil, m.raw, nil)
		m.folded = true
	}
	// Folding leaves a digit, a Chinese character and the marks beside them as they are: most labels end here.
	if first, _ := utf8.DecodeRuneInString(label); isDigit(first) || first > 0x3000 && first < 0x9FFF {
		if len(m.plain) == 0 || m.plain[0] != first {
			return false
		}
	}
	var a, b [64]rune
	_, low := cleanInto(a[:0], b[:0], label, nil)
	return slices.Equal(low, m.plain)
}
