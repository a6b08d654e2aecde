package bot

import (
	"strings"
	"unicode"
)

// MaxText is the length of the longest message that a channel takes, in runes. A channel refuses a longer one as a
// whole and says so; it never cuts what somebody wrote.
const MaxText = 2000

// Clean makes a text fit to be kept and shown: valid UTF-8, lines ended by \n, no other control characters and no
// marks that turn the direction of the text around them, no space at either end. It never makes a text longer in
// runes, and cleaning twice changes nothing.
func Clean(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r == '\t':
			return ' '
		case r == '\n':
			return r
		case unicode.IsControl(r), r == '\uFEFF', r >= '\u202A' && r <= '\u202E', r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, text)
	return strings.TrimSpace(text)
}
