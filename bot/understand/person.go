package understand

import (
	"time"

	"yilu/bot"
)

// ofRelative reports that somebody else is spoken of where the number at i stands: 我儿子15岁. A relative who is only
// mentioned, 会带孩子, counts within the clause; 我 after them turns back to the worker.
func (w *Words) ofRelative(t *text, i int) bool {
	r := t.low
	at, end, clause := none, none, max(0, i-personReach)
	for j := max(0, i-personReach); j < i; j++ {
		if isMark(r[j]) {
			clause = j + 1
			continue
		}
		if !starts(r, j) {
			continue
		}
		to := w.softAt(r[:i], j, softRelative)
		if to == j {
			continue
		}
		_, own := w.softBefore(r, j, softOwn)
		if own || j == clause || w.softAt(r, j, softOwn) > j || sameClause(r, to, i) {
			at, end = j, to
		}
	}
	if at == none {
		return false
	}
	for j := end; j < i; j++ {
		if w.softAt(r[:i], j, softMine) > j {
			return false
		}
	}
	return true
}

// personReach is how many runes away somebody may be named whose age it is.
const personReach = 40

// sameClause reports that no mark stands between two places.
func sameClause(r []rune, from, to int) bool {
	for ; from < to; from++ {
		if isMark(r[from]) {
			return false
		}
	}
	return true
}

// lineYear finds the year of birth in a line of details, 老陈 13800000000 1968: four digits between marks that count
// nothing, of somebody of an age to work.
func (w *Words) lineYear(t *text, now time.Time) birthFound {
	this := now.In(bot.Xiamen).Year()
	for i, tok := range t.tokens {
		v, whole := tok.num.whole()
		if !tok.isNum || !whole || !tok.num.bare || tok.num.digits != 4 || v < this-oldest || v > this-youngestAsAge {
			continue
		}
		if tok.from > 0 && !isMark(t.low[tok.from-1]) || tok.to < len(t.low) && !isMark(t.low[tok.to]) || w.counted(t, i+1, tok.to) {
			continue
		}
		if _, _, _, money := w.unitAfter(t, i+1, tok.to); money {
			continue
		}
		if _, owed := w.softBefore(t.low, tok.from, softWorked|softBetween); owed {
			continue
		}
		return inRange(birthFound{from: tok.from, to: tok.to}, bot.Birth{Year: v}, this)
	}
	return birthFound{}
}

// leadingLatin finds an English name at the beginning of a line of details: Chen 13800000000.
func (w *Words) leadingLatin(t *text) (from, to int, ok bool) {
	if !isLatin(t.low[0]) {
		return 0, 0, false
	}
	end := w.nameEnd(t, 0)
	return 0, end, end > 0 && w.nameShaped(t, 0, end, false)
}
