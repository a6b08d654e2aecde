package understand

import (
	"time"

	"yilu/bot"
)

// findOther finds the age or year of birth of somebody else for whom the message asks: 替我妈登记 她61了, 我爸七十一了 能买吗.
// Of others who are only mentioned it finds nothing.
func (w *Words) findOther(t *text, now time.Time) birthFound {
	w.scan(t)
	year := now.In(bot.Xiamen).Year()
	asked := w.behalf(t, 0, len(t.low))
	for i, tok := range t.tokens {
		if !tok.isNum || w.deniedAt(t, tok.from) {
			continue
		}
		other := w.ofRelative(t, tok.from) || w.softIn(t.low[max(0, tok.from-2):tok.from], softPronoun)
		if !other || !asked && !w.softIn(t.low[max(0, tok.from-personReach):min(len(t.low), tok.to+personReach)], softAsksFor) || w.selfAfter(t, tok.to) {
			continue
		}
		f := w.yearAt(t, i, year, false)
		if !f.ok && f.fault == "" {
			f = w.ageOf(t, i, now)
		}
		if f.ok {
			return f
		}
	}
	return birthFound{}
}

// ageOf reads the age of somebody who was named: 她61了, 他五十二.
func (w *Words) ageOf(t *text, i int, now time.Time) birthFound {
	if f := w.ageAt(t, i, now, false); f.ok || f.fault != "" {
		return f
	}
	tok := t.tokens[i]
	v, whole := tok.num.whole()
	if !whole || tok.num.high > 0 || v < youngestAsAge || v > oldest || w.otherCount(t, i, tok.to) || w.softAt(t.low, tok.to, softAbout) > tok.to {
		return birthFound{}
	}
	return inRange(birthFound{from: tok.from, to: tok.to}, bot.Birth{Age: v, On: bot.DateOf(now)}, now.In(bot.Xiamen).Year())
}

// selfAfter reports that the worker looks for something themselves: 我想找.
func (w *Words) selfAfter(t *text, from int) bool {
	for i := from; i < min(len(t.low), from+personReach); i++ {
		if end := w.softAt(t.low, i, softMine); end > i && w.softIn(t.low[end:min(len(t.low), end+4)], softTurn) {
			return true
		}
	}
	return false
}

// loneAge reads an age that is a clause of its own or ends one: 五十七了, 老汉六十三咯, 四十二.
func (w *Words) loneAge(t *text, now time.Time) birthFound {
	for i, tok := range t.tokens {
		v, whole := tok.num.whole()
		if !tok.isNum || !whole || tok.num.high > 0 || tok.num.zero || tok.num.digits > 2 || v < youngestLone || v > 85 || tok.word != none || w.counts(t, i) {
			continue
		}
		from, to := w.clause(t, tok.from, tok.to)
		end := w.softAt(t.low, tok.to, softAgeEnd)
		alone := from == tok.from && to == tok.to && tok.num.han && tok.to-tok.from >= 2 && (from > 0 || to < len(t.low))
		ended := end > tok.to && end == to && w.ageLead(t.low[from:tok.from])
		if !alone && !ended || w.ofRelative(t, tok.from) {
			continue
		}
		return inRange(birthFound{from: tok.from, to: max(tok.to, end)}, bot.Birth{Age: v, On: bot.DateOf(now)}, now.In(bot.Xiamen).Year())
	}
	return birthFound{}
}

// youngestLone is the lowest number that is taken for an age where nothing but its place says so: nobody is to be turned
// away as a child for the fifteenth of a month.
const youngestLone = 16

// counts reports that what the number counts stands behind it, spaces between or not.
func (w *Words) counts(t *text, i int) bool {
	m, near := t.at(i+1, t.tokens[i].to)
	return near && (w.is(m, clsUnit) || w.is(m, clsYuan) || w.counted(t, i+1, t.tokens[i].to))
}

// ageLead reports that what stands before an age speaks of the worker: nothing, 我, 老汉.
func (w *Words) ageLead(r []rune) bool {
	return len(r) == 0 || w.softIn(r, softSelf) || w.skipSoft(r, 0, softAny|softSelf) == len(r)
}
