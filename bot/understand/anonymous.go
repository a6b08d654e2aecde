package understand

import "yilu/bot"

// longestUnclear is how long a message may be, in runes, that is kept as it was said: a story is about somebody.
const longestUnclear = 40

// masked stands for what tells who somebody is.
const masked = '*'

// Anonymous is the message without what tells who said it or of whom it tells: phone and identity numbers, other long
// numbers, accounts, addresses of mail and pages, names that were introduced, that are a part between marks, and those
// of somebody with a title. It is not ok where too little would be left, or where it is too long.
func (m *Said) Anonymous() (text string, ok bool) {
	w, t := m.words, &m.text
	if len(t.orig) == 0 || len(t.orig) > longestUnclear {
		return "", false
	}
	w.scan(t)
	hide := make(cover, len(t.low))
	for _, tok := range t.tokens {
		if tok.isPhone || tok.isID || tok.isNum && tok.to-tok.from >= longNumber {
			hide.mark(tok.from, tok.to)
		}
	}
	for i := 0; i < len(t.low); { // accounts and addresses: letters, digits and what joins them
		end, digits := i, 0
		for end < len(t.low) && (isLatin(t.low[end]) || isDigit(t.low[end]) || end > i && isJoint(t.low[end])) {
			if isDigit(t.low[end]) || isJoint(t.low[end]) {
				digits++
			}
			end++
		}
		if digits > 0 && end-i >= longNumber {
			hide.mark(i, end)
		}
		i = max(end, i+1)
	}
	if from, to, _, named := w.introduced(t); named {
		hide.mark(from, to)
	}
	for from := 0; from < len(t.low); { // a part between marks that looks like a name
		to := from
		for to < len(t.low) && !isMark(t.low[to]) {
			to++
		}
		if to > from && to-from <= longestPlain && w.plainName(t.low[from:to]) && !w.knownIn(t.low, from-1, to) {
			hide.mark(from, to)
		}
		from = to + 1
	}
	for i, r := range t.low { // 陈师傅, 老陈
		if w.names.surname[r] && !w.names.doubtful[r] && w.titleAt(t.low, i+1) {
			hide.mark(i, i+1)
		}
		if i > 0 && w.names.before[t.low[i-1]] != 0 && w.names.surname[r] && (i+1 == len(t.low) || isMark(t.low[i+1])) {
			hide.mark(i, i+1)
		}
	}
	var out []rune
	left := 0
	for i, r := range t.orig {
		switch {
		case !hide[i]:
			out = append(out, r)
			if isHan(r) || isLatin(r) {
				left++
			}
		case i == 0 || !hide[i-1]:
			out = append(out, masked)
		}
	}
	return bot.Clean(string(out)), left >= leastUnclear
}

// The bounds of what is kept: how long a number may be, how long a name between marks, and how much must be left.
const (
	longNumber   = 4
	longestPlain = 4
	leastUnclear = 2
)

// isJoint reports what joins the parts of an account or an address.
func isJoint(r rune) bool {
	return r == '@' || r == '.' || r == '_' || r == '-' || r == '/' || r == ':'
}

// titleAt reports that a title stands at i: 师傅.
func (w *Words) titleAt(r []rune, i int) bool {
	word, _ := w.names.after.longest(r, i)
	return word != none
}
