package understand

import (
	"unicode"
	"unicode/utf8"
)

// maxRunes is how much of a text is read: what a person types in one message is far shorter.
const maxRunes = 2000

// Fold brings a text into the form in which it is compared: at most 2,000 runes of it, full-width forms as half-width,
// lower case, one space for every run of space, without control, invisible and direction marks and invalid UTF-8.
func Fold(s string) string {
	var a, b [64]rune
	_, low := cleanInto(a[:0], b[:0], s, nil)
	return string(low)
}

// clean folds s twice, rune for rune: once keeping the case, for what is kept of it, and once lowered, with traditional
// characters as simplified ones, for what is compared.
func clean(s string, simple map[rune]rune) (orig, low []rune) {
	n := min(utf8.RuneCountInString(s), maxRunes)
	return cleanInto(make([]rune, 0, n), make([]rune, 0, n), s, simple)
}

// cleanInto is clean into memory that is there already; both slices are empty.
func cleanInto(orig, low []rune, s string, simple map[rune]rune) (_, _ []rune) {
	space := false
	for read := 0; len(s) > 0 && read < maxRunes; read++ {
		r, size := utf8.DecodeRuneInString(s)
		s = s[size:]
		if r == utf8.RuneError && size <= 1 {
			continue
		}
		switch {
		case r > 0xFF00 && r < 0xFF5F:
			r -= 0xFEE0
		case unicode.IsSpace(r):
			r = ' '
		case r >= 0x20 && r < 0x7F:
		case invisible(r):
			continue
		}
		if r == ' ' {
			space = len(low) > 0
			continue
		}
		if invisible(r) {
			continue
		}
		if space {
			orig, low, space = append(orig, ' '), append(low, ' '), false
		}
		orig = append(orig, r)
		l := r
		if r >= 'A' {
			l = unicode.ToLower(r)
			if x, ok := simple[l]; ok {
				l = x
			}
		}
		low = append(low, l)
	}
	return orig, low
}

// invisible reports control, format and direction marks and variation selectors.
func invisible(r rune) bool {
	if r >= 0x20 && r < 0x7F || r >= 0x4E00 && r < 0x9FFF {
		return false
	}
	return unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) || r == 0x2028 || r == 0x2029
}

func isLatin(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }
func isDigit(r rune) bool { return r >= '0' && r <= '9' }
func isHan(r rune) bool {
	return r >= 0x4E00 && r <= 0x9FFF || r >= 0x3400 && r <= 0x4DBF || r == 0x3007 /* the zero of dates */ || r >= 0x20000 && r <= 0x3FFFF
}

// isMark reports what stands between words: spaces, punctuation and symbols.
func isMark(r rune) bool {
	return !isLatin(r) && !isDigit(r) && !isHan(r) && (r == ' ' || unicode.IsPunct(r) || unicode.IsSymbol(r))
}

// joined reports that a word cannot end between the two: they are letters of one word or digits of one number.
func joined(a, b rune) bool {
	return (isLatin(a) || a == '\'') && isLatin(b) || isDigit(a) && isDigit(b)
}
