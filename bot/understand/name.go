package understand

import (
	"slices"

	"yilu/bot"
)

// names says how names look.
type names struct {
	surname, doubtful    map[rune]bool
	aloneNot             map[rune]bool // surnames that say something else where they are the whole message
	before               map[rune]nickname
	double, stems, after *trie
	never                *trie
}

// nickname says what may follow 老, 小, 阿 and the like.
type nickname uint8

const (
	beforeAny     nickname = 1 << iota // one character
	beforeSurname                      // one character, a surname
	beforeTwo                          // two characters
)

// The lengths of a name, in characters: a single one is a surname that was introduced (§2.2 of the field rules: 2–20,
// and what to call somebody may be shorter).
const longestName = 20

// parseName finds a name or what to call somebody, introduced or alone.
func (w *Words) parseName(t *text) bot.Parsed {
	from, to, intro, ok := w.introduced(t)
	if ok {
		c := make(cover, len(t.low))
		c.mark(from, to)
		w.markSpelling(t, c, t.low[from])
		w.markSurname(t, c, from)
		return bot.Parsed{Value: bot.NewPersonal(string(t.orig[from:to])), Match: w.match(t, c, softAny|softName|softNameLead|softNameTail|softSpelt)}
	}
	if intro && to-from > longestName {
		return bot.Parsed{Fault: "fault.name"}
	}
	if from, to, ok = w.bareName(t); ok {
		c := make(cover, len(t.low))
		c.mark(from, to)
		return bot.Parsed{Value: bot.NewPersonal(string(t.orig[from:to])), Match: w.match(t, c, softAny|softName|softNameTail|softSpelt)}
	}
	if i, ok := w.loneSurname(t); ok {
		return bot.Parsed{Value: bot.NewPersonal(string(t.orig[i : i+1])), Match: bot.Whole}
	}
	digits := 0
	for _, r := range t.low {
		switch {
		case isDigit(r):
			digits++
		case !isMark(r):
			return bot.Parsed{}
		}
	}
	if digits > 0 {
		return bot.Parsed{Fault: "fault.name"}
	}
	return bot.Parsed{}
}

// markSpelling covers how the surname is spelt out: 耳东陈.
func (w *Words) markSpelling(t *text, c cover, surname rune) {
	for i := range t.low {
		if end := w.softAt(t.low, i, softSpelt); end > i && end < len(t.low) && t.low[end] == surname {
			c.mark(i, end+1)
		}
	}
}

// markSurname covers the surname that was told before the name: 我姓陈叫陈阿土.
func (w *Words) markSurname(t *text, c cover, from int) {
	for i := range from {
		if _, led := w.softBefore(t.low, i, softNameLead); led && w.names.surname[t.low[i]] && w.softAt(t.low, i+1, softNameCut) > i+1 {
			c.mark(i, i+1)
		}
	}
}

// loneSurname finds the one character that the message is, marks apart: 林.
func (w *Words) loneSurname(t *text) (i int, ok bool) {
	for j, r := range t.low {
		switch {
		case isMark(r):
		case ok || !w.names.surname[r] || w.names.aloneNot[r]:
			return 0, false
		default:
			i, ok = j, true
		}
	}
	return i, ok
}

// cutName ends a name where a clause without a mark before it begins: 我叫小林电话…
func (w *Words) cutName(r []rune, from, to int) int {
	for i := from; i < to && isHan(r[from]); i++ {
		if w.softAt(r, i, softNameCut) > i {
			return w.trimTail(r, from, i)
		}
	}
	return to
}

// unspelt cuts off how the surname is spelt out: 陈耳东陈 is 陈.
func (w *Words) unspelt(r []rune, from, to int) int {
	for i := from + 1; i < to; i++ {
		if end := w.softAt(r[:to], i, softSpelt); end > i && end < to && r[end] == r[from] {
			return i
		}
	}
	return to
}

// introducedIn is how far into a message, in runes, somebody may introduce themselves.
const introducedIn = 500

// introduced finds a name after 我叫 and the like. Loose introductions (我是) introduce other things too, so what
// follows must look like a name. Lead is true where there was a strict one. A surname alone gives way to a fuller name
// behind it: 我姓陈叫陈阿土.
func (w *Words) introduced(t *text) (from, to int, lead, ok bool) {
	r := t.low
	alone, after := none, none // a surname alone, and where it ends
	for i := range min(len(r), introducedIn) {
		end := w.softAt(r, i, softNameLead)
		if end == i || end == i+1 && i > 0 && i != after && isHan(r[i]) && isHan(r[i-1]) && !w.boundary(t, i) {
			continue
		}
		call := w.softAt(r, i, softCall) == end
		if call && i > 0 && i != after && isHan(r[i-1]) && w.softAt(r, i, softNameLoose) == end { // in the middle 我是 begins a sentence
			continue
		}
		strict := w.softAt(r, i, softNameLoose) != end && !call
		at := end
		for at < len(r) && (r[at] == ' ' || r[at] == ':' || r[at] == ',') {
			at++
		}
		stop := w.unspelt(r, at, w.cutName(r, at, w.nameEnd(t, at)))
		if stop <= at {
			continue
		}
		stop = w.shorten(t, at, stop)
		if strict && alone == none {
			lead, from, to = true, at, stop
		}
		switch {
		case !w.nameShaped(t, at, stop, strict):
		case alone == none && stop == at+1:
			alone, after, from, to = at, stop, at, stop
		case alone == none, stop > at+1 && (strict || r[at] == r[alone] || w.names.before[r[at]] != 0):
			return at, stop, lead, true
		}
	}
	if alone != none {
		return alone, after, lead, true
	}
	return from, to, lead, false
}

// shorten ends a name of a surname and one or two characters where something else begins without a mark: 蔡文龙八八年.
func (w *Words) shorten(t *text, at, stop int) int {
	r := t.low
	if stop-at <= 3 || !w.names.surname[r[at]] {
		return stop
	}
	for _, n := range [...]int{3, 2} {
		i := at + n
		if _, num := w.num.read(r, i); num || w.softAt(r, i, softNameCut|softNameTail) > i {
			return i
		}
		if word, end := w.entities.longest(r, i); word != none && end-i >= 2 {
			return i
		}
	}
	return stop
}

// boundary reports that a clause may begin at i.
func (w *Words) boundary(t *text, i int) bool {
	return i == 0 || isMark(t.low[i-1])
}

// nameEnd finds where the run of name characters at i ends: the marks, tails and spelling aids after it are no part.
func (w *Words) nameEnd(t *text, i int) int {
	r := t.low
	latin := i < len(r) && isLatin(r[i])
	stop := i
	for stop < len(r) {
		x := r[stop]
		switch {
		case x == '·' || x == '•' || x == '.' && latin:
		case latin && x == ' ' && stop+1 < len(r) && isLatin(r[stop+1]):
		case latin && (isLatin(x) || x == '-' || x == '\''):
		case !latin && isHan(x):
		default:
			return w.trimTail(r, i, stop)
		}
		stop++
	}
	return w.trimTail(r, i, stop)
}

// trimTail takes 就行, 吧 and the like off the end.
func (w *Words) trimTail(r []rune, from, to int) int {
	for to > from {
		cut := to
		for j := to - 1; j > from && j >= to-5; j-- {
			w.soft.each(r[:to], j, func(word int32, end int) {
				if end == to && w.softBits[word]&softNameTail != 0 {
					cut = j
				}
			})
		}
		if cut == to {
			for to > from && r[to-1] == ' ' {
				to--
			}
			return to
		}
		to = cut
	}
	return to
}

// bareName finds a part between marks that has the shape of a name.
func (w *Words) bareName(t *text) (from, to int, ok bool) {
	r := t.low
	for i := 0; i < len(r); {
		if isMark(r[i]) {
			i++
			continue
		}
		stop := i
		for stop < len(r) && (!isMark(r[stop]) || r[stop] == '·' || r[stop] == '•') {
			stop++
		}
		if isLatin(r[i]) { // an English name is the whole text, or nothing
			end := w.nameEnd(t, i)
			if i == 0 && end == len(r) && w.nameShaped(t, i, end, false) {
				return i, end, true
			}
		} else if end := w.trimTail(r, i, stop); w.nameShaped(t, i, end, false) {
			return i, end, true
		} else if w.nameShaped(t, i, stop, false) {
			return i, stop, true
		}
		i = stop
	}
	return 0, 0, false
}

// nameShaped reports whether the part looks like a name. A sure one was introduced strictly, and only must not be
// something else.
func (w *Words) nameShaped(t *text, from, to int, sure bool) bool {
	r := t.low[from:to]
	n := len(r)
	if n == 0 || n > longestName || w.names.never.has(r) {
		return false
	}
	if isLatin(r[0]) {
		return w.latinName(r, sure)
	}
	dots := 0
	for _, x := range r {
		if x == '·' || x == '•' {
			dots++
		} else if !isHan(x) {
			return false
		}
	}
	if r[0] == '·' || r[n-1] == '·' {
		return false
	}
	if w.titled(r) {
		return true
	}
	if !sure && w.otherMeaning(t, from, to) || w.softIn(r, softSentence) || w.commands.has(r) {
		return false
	}
	if dots > 0 {
		return n >= 3
	}
	if sure {
		return n <= 8 && (n > 1 || w.names.surname[r[0]])
	}
	switch kind := w.names.before[r[0]]; {
	case n == 2 && (kind&beforeAny != 0 || kind&beforeSurname != 0 && w.names.surname[r[1]]), n == 3 && kind&beforeTwo != 0:
		return true
	case n <= 3 && kind != 0 && !w.names.surname[r[0]]:
		return false
	}
	if _, end := w.names.stems.longest(r, 0); end >= 2 && n <= 8 {
		return true
	}
	if _, end := w.names.double.longest(r, 0); end == 2 {
		return n >= 3 && n <= 4
	}
	if n == 2 && r[0] == r[1] {
		return true
	}
	if w.names.surname[r[0]] {
		return n >= 2 && n <= 3 && !w.names.doubtful[r[0]] || n == 3 && !w.hasWord(t, from, to) || n == 4 && w.names.surname[r[1]] && !w.names.doubtful[r[0]] && !w.hasWord(t, from, to)
	}
	return false
}

// titled reports 陈师傅, 王姐, 李先生, 欧阳老师.
func (w *Words) titled(r []rune) bool {
	for head := 1; head <= 3 && head < len(r); head++ {
		if !w.names.after.has(r[head:]) {
			continue
		}
		switch {
		case head == 1 && w.names.surname[r[0]] && !w.names.doubtful[r[0]]:
			return len(r)-head > 1 || !w.names.never.has(r)
		case head == 2 && (w.names.double.has(r[:2]) || w.names.before[r[0]] != 0 && w.names.surname[r[1]]):
			return true
		case head >= 2 && w.names.surname[r[0]] && len(r)-head > 1 && !w.names.doubtful[r[0]]:
			return true
		}
	}
	return false
}

// latinName accepts up to four words of letters that mean nothing else.
func (w *Words) latinName(r []rune, sure bool) bool {
	words, length := 1, 0
	for _, x := range r {
		if x == ' ' {
			words, length = words+1, 0
		} else {
			length++
		}
		if length > 15 {
			return false
		}
	}
	if words > 4 || len(r) < 2 {
		return false
	}
	if sure {
		return true
	}
	if words > 3 {
		return false
	}
	for i := range r {
		known := false
		w.entities.each(r, i, func(int32, int) { known = true })
		w.phrases.each(r, i, func(int32, int) { known = true })
		w.commands.each(r, i, func(int32, int) { known = true })
		w.soft.each(r, i, func(word int32, _ int) { known = known || w.softBits[word]&(softAny|softName|softNameLead) != 0 })
		w.names.never.each(r, i, func(int32, int) { known = true })
		if known {
			return false
		}
	}
	return true
}

// otherMeaning reports that the part is, from end to end, something else that the lexicon knows.
func (w *Words) otherMeaning(t *text, from, to int) bool {
	i := from
	for i < to {
		word, end := w.entities.longest(t.low[:to], i)
		if n, ok := w.num.read(t.low[:to], i); ok && n.end > i {
			end = max(end, n.end)
		} else if word == none {
			break
		}
		if i == from && end-i >= 2 && word != none && end < to && w.strongSense(word) {
			return true
		}
		i = end
	}
	return i == to && to > from
}

// strongSense reports a trade or a place.
func (w *Words) strongSense(word int32) bool {
	for _, s := range w.senses[word] {
		switch s.class {
		case clsTrade, clsAmbiguous, clsPlace, clsArea, clsCity, clsSettle, clsShift, clsDay, clsMeals, clsLodging, clsLunar, clsPast:
			return true
		}
	}
	return false
}

// hasWord reports that a word of two or more characters stands in the part.
func (w *Words) hasWord(t *text, from, to int) bool {
	for i := from; i < to; i++ {
		if word, end := w.entities.longest(t.low[:to], i); word != none && end-i >= 2 {
			return true
		}
	}
	return false
}

// softIn reports whether a word of the sets stands in r.
func (w *Words) softIn(r []rune, sets uint64) bool {
	for i := range r {
		if w.softAt(r, i, sets) > i {
			return true
		}
	}
	return false
}

// plainName reports a surname with one or two characters, or a title: what can hardly be something else.
func (w *Words) plainName(r []rune) bool {
	if slices.ContainsFunc(r, func(x rune) bool { return !isHan(x) }) {
		return false
	}
	return w.titled(r) || len(r) == 3 && w.names.surname[r[0]] || len(r) == 2 && w.names.before[r[0]] != 0 && w.names.surname[r[1]] || len(r) == 4 && w.names.double.has(r[:2])
}
