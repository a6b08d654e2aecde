package understand

import (
	"slices"

	"yilu/bot"
)

// wanted leaves out the trades that a message only tells of: what somebody did before, what another one does, what they
// do not want any more. What remains is what is looked for; if nothing would, all that was said remains.
func (w *Words) wanted(t *text, f tradesFound) tradesFound {
	if len(f.spots) == 0 || len(f.spots) > mostTold {
		return f
	}
	var keep, over []bot.TradeID
	dropped := map[bot.TradeID]bool{}
	for _, s := range f.spots {
		if w.toldOf(t, s, len(f.spots) > 1) {
			dropped[s.id] = true
			continue
		}
		if w.gone(t, s) {
			over = append(over, s.id)
			continue
		}
		keep = append(keep, s.id)
	}
	if len(keep) == 0 && len(f.ask) == 0 {
		keep, over = over, nil
	}
	for _, id := range over {
		dropped[id] = true
	}
	f.ids = slices.DeleteFunc(slices.Clone(f.ids), func(id bot.TradeID) bool { return dropped[id] && !slices.Contains(keep, id) })
	return f
}

// mostTold is how many trades a message may name to tell anything of them: what names more is a list.
const mostTold = 40

// spot is a trade in a text.
type spot struct {
	id       bot.TradeID
	from, to int
}

// toldOf reports that the trade is not one that is looked for. More says that another one is named, too.
func (w *Words) toldOf(t *text, s spot, more bool) bool {
	from, to := w.clause(t, s.from, s.to)
	before, after := t.low[from:s.from], t.low[s.to:to]
	if w.certificate(t, s.to) && more {
		return true
	}
	turned := w.softIn(t.low[s.to:min(len(t.low), s.to+turnIn)], softTurn)
	if turned && (w.softIn(before, softPast) || w.softIn(after[:min(len(after), pastIn)], softPast)) {
		return true
	}
	return w.softIn(before, softPeople) && !w.behalf(t, from, s.from)
}

// gone reports that the trade is not wanted any more.
func (w *Words) gone(t *text, s spot) bool {
	_, to := w.clause(t, s.from, s.to)
	after := t.low[s.to:to]
	return w.softIn(after[:min(len(after), goneIn)], softGone)
}

// Within how many runes behind a trade it is said to be over, or done before.
const (
	goneIn = 5
	pastIn = 3
	turnIn = 60
)

// clause is the part between marks in which something stands. A message without other marks has spaces for them.
func (w *Words) clause(t *text, from, to int) (int, int) {
	for start := from; from > 0 && start-from < longestClause && !isMark(t.low[from-1]); {
		from--
	}
	for end := to; to < len(t.low) && to-end < longestClause && !isMark(t.low[to]); {
		to++
	}
	return from, to
}

// longestClause is how many runes of a clause are looked at on each side.
const longestClause = 60

// certificate reports that the word is the name of a certificate: 焊工证.
func (w *Words) certificate(t *text, to int) bool {
	return w.softAt(t.low, to, softCert) > to
}

// behalf reports that it is asked for somebody else: 替我妈问.
func (w *Words) behalf(t *text, from, to int) bool {
	for i := from; i < to; i++ {
		if end := w.softAt(t.low, i, softBehalf); end > i && (w.softAt(t.low, end, softRelative|softPeople|softOwn) > end) {
			return true
		}
	}
	return false
}
