package sheets

import (
	"regexp"
	"strings"
	"unicode"
)

// guard prefixes an apostrophe to a text that a spreadsheet program would take for a formula (it begins with = + - @,
// their full-width forms, tab or a line break) and to one that would lose blanks at its ends. unguard takes it off, so
// that what was written comes back.
func guard(s string) string {
	if s != "" && (startsFormula(s) || s != strings.TrimSpace(s) || isGuarded(s)) {
		return "'" + s
	}
	return s
}

// unguard is what a person or guard meant by a cell: its text without blanks at the ends, or exactly what stands behind
// the apostrophe of guard.
func unguard(cell string) string {
	if isGuarded(cell) {
		return cell[1:]
	}
	return strings.TrimSpace(cell)
}

// isGuarded tells guard's apostrophe from one that is part of a text.
func isGuarded(cell string) bool {
	rest, ok := strings.CutPrefix(cell, "'")
	return ok && rest != "" && (startsFormula(rest) || rest[0] == '\'' || rest != strings.TrimSpace(rest))
}

func startsFormula(s string) bool {
	for _, r := range s {
		return strings.ContainsRune("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20", r)
	}
	return false
}

var crlf = regexp.MustCompile(`\r+\n`)

// clean leaves out what no spreadsheet can hold: control characters other than tab and line break, and code points
// that XML forbids. CR LF becomes LF, since csv.Reader does not tell them apart.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	s = crlf.ReplaceAllLiteralString(s, "\n")
	return strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r == '\r' {
			return r
		}
		if unicode.IsControl(r) || r == '\ufffe' || r == '\uffff' {
			return -1
		}
		return r
	}, s)
}

// listSeparators part the items of a list; the first is written.
const listSeparators = ";\uff1b,\uff0c\u3001|\n"

// joinList writes items as one cell. An item that would not come back as it is stands in double quotes.
func joinList(items []string) string {
	out := make([]string, len(items))
	for i, item := range items {
		if item == "" || item != strings.TrimSpace(item) || strings.ContainsAny(item, listSeparators+`"`) {
			item = `"` + strings.ReplaceAll(item, `"`, `""`) + `"`
		}
		out[i] = item
	}
	return strings.Join(out, "; ")
}

// splitList reads what joinList or a person wrote. Items that are left blank do not count.
func splitList(cell string) []string {
	var items []string
	for rest := strings.TrimSpace(cell); rest != ""; rest = strings.TrimSpace(rest) {
		if rest[0] == '"' {
			if item, after, ok := quoted(rest); ok {
				items, rest = append(items, item), after
				continue
			}
		}
		item := rest
		if i := strings.IndexAny(rest, listSeparators); i >= 0 {
			item, rest = rest[:i], afterSeparator(rest[i:])
		} else {
			rest = ""
		}
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// quoted reads an item in quotes with the separator behind it. It reports false where the quotes are no pair around a
// whole item: then they belong to the text.
func quoted(s string) (item, after string, ok bool) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		if s[i] != '"' {
			b.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == '"' {
			b.WriteByte('"')
			i++
			continue
		}
		after = strings.TrimLeft(s[i+1:], " \t")
		if after == "" {
			return b.String(), "", true
		}
		if strings.IndexAny(after, listSeparators) == 0 {
			return b.String(), afterSeparator(after), true
		}
		return "", "", false
	}
	return "", "", false
}

func afterSeparator(s string) string {
	for i := range s {
		if i > 0 {
			return s[i:]
		}
	}
	return ""
}
