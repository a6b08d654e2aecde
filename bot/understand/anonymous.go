package understand

import "yilu/bot"

// longestUnclear is how long a message may be, in runes, that is kept as it was said: a story is about somebody.
const longestUnclear = 40

// masked stands for what tells who somebody is.
const masked = '*'

// Anonymous is the message without what tells who said it or of whom it tells: numbers, accounts, addresses of mail and
// pages, names that were introduced, that are a part between marks, and those of somebody with a title. It is not ok where
// too little would be left, where it is too long, and where it holds any word of danger. The masks have gaps: whoever
// keeps what is left must see to it that more than one person has said it.
func (m *Said) Anonymous() (text string, ok bool) {
	w, t := m.words, &m.text
	if len(t.orig) == 0 || len(t.orig) > longestUnclear {
		return "", false
	}
	var met met
	w.meet(&met, t.low)
	if w.dangerWords(t.low, &met); len(met.hits) > 0 {
		return "", false
	}
	w.scan(t)
	hide := make(cover, len(t.low))
	w.hideNumbers(t, hide)
	w.hideNames(t, hide)
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

// hideNumbers hides every digit, numbers in characters of three and more, and accounts and addresses: long words of
// letters, and shorter ones with digits or what joins them.
func (w *Words) hideNumbers(t *text, hide cover) {
	for _, tok := range t.tokens {
		if tok.isPhone || tok.isID || tok.isNum && tok.to-tok.from >= longNumber {
			hide.mark(tok.from, tok.to)
		}
	}
	for i := 0; i < len(t.low); {
		end, joints := i, 0
		for end < len(t.low) && (isLatin(t.low[end]) || isDigit(t.low[end]) || end > i && isJoint(t.low[end])) {
			if isDigit(t.low[end]) || isJoint(t.low[end]) {
				joints++
			}
			end++
		}
		switch {
		case joints > 0 && end-i >= longNumber, end-i >= longWord:
			hide.mark(i, end)
		default:
			for j := i; j < end; j++ {
				hide[j] = hide[j] || isDigit(t.low[j])
			}
		}
		i = max(end, i+1)
	}
}

// hideNames hides names that were introduced, that are a part between marks, or that stand before a title or behind 老 or 小.
func (w *Words) hideNames(t *text, hide cover) {
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
	for i, r := range t.low {
		if !w.names.surname[r] || w.names.doubtful[r] {
			continue
		}
		for given := 0; given <= longestGiven; given++ { // 陈师傅, 陈建国师傅
			if w.titleAt(t.low, i+1+given) {
				hide.mark(i, i+1+given)
			}
		}
		if i > 0 && w.names.before[t.low[i-1]] != 0 { // 老陈
			hide.mark(i, i+1)
		}
	}
}

// The bounds of what is kept: how long a number and a word of letters may be, how long names are, and how much must be
// left.
const (
	longNumber   = 3
	longWord     = 6 // of letters
	longestPlain = 4
	longestGiven = 2
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
