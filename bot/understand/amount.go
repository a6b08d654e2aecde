package understand

import (
	"slices"
	"time"

	"yilu/bot"
)

// findAmount finds the sum that is owed or claimed in all, in hundredths of a yuan: what is left of several sums, else the
// total, else the one that is spoken of as owed. Rates, sums that were paid or offered, vague ones and ranges are none.
func (w *Words) findAmount(t *text, used cover) int64 {
	w.scan(t)
	best, rank := int64(0), 0
	for i, tok := range t.tokens {
		if !tok.isNum || used[tok.from] || tok.word != none {
			continue
		}
		cents, money, ok := w.owedSum(t, i)
		if !ok {
			continue
		}
		r := 1
		switch clause := w.clauseBefore(t, tok.from); {
		case w.softIn(clause, softLeft): // what is still owed
			r = 4
		case w.softIn(clause, softTotal):
			r = 3
		case w.softIn(clause, softOwed), money:
			r = 2
		}
		if r > rank || r == rank && r == 1 {
			best, rank = cents, r
		}
	}
	return best
}

// parseSum reads the answer to how much: a number alone, with 块 or 万 where that is said, or the sum that is owed among
// other words. 一分没给 is no sum, and a range is none.
func (w *Words) parseSum(t *text, now time.Time) bot.Parsed {
	numbers := 0
	for _, tok := range t.tokens {
		if tok.isNum {
			numbers++
		}
	}
	for i, tok := range t.tokens {
		if numbers > 1 || !tok.isNum || tok.word != none || tok.num.high > 0 {
			continue
		}
		cents := tok.num.cents
		to, _, money := w.moneyAfter(t, tok.to, i+1, &cents)
		c := make(cover, len(t.low))
		c.mark(tok.from, to)
		if w.match(t, c, softAny|softMoneyBefore|softTotal|softLeft|softOwed|softAbout|softPay) != bot.Whole {
			continue
		}
		if !money && cents >= 100 && cents < 10_00 { // a number to pick something by
			return bot.Parsed{}
		}
		if cents < 100 || cents > mostAmount {
			return bot.Parsed{Fault: "fault.sum"}
		}
		return bot.Parsed{Value: bot.Money(cents), Match: bot.Whole}
	}
	if cents := w.findAmount(t, w.notSums(t, now)); cents > 0 {
		return bot.Parsed{Value: bot.Money(cents), Match: bot.Within}
	}
	return bot.Parsed{}
}

// mostCount bounds what is counted: days, hours, trips.
const mostCount = 9999

// parseCount reads the answer to how many: a number, alone or with what it counts.
func (w *Words) parseCount(t *text) bot.Parsed {
	var found token
	n := 0
	for _, tok := range t.tokens {
		if tok.isNum {
			found, n = tok, n+1
		}
	}
	if n != 1 || found.num.high > 0 {
		return bot.Parsed{}
	}
	v, whole := found.num.whole()
	if !whole || v < 1 || v > mostCount {
		return bot.Parsed{Fault: "fault.count"}
	}
	c := make(cover, len(t.low))
	c.mark(found.from, found.to)
	for _, tok := range t.tokens { // what it counts
		if w.is(tok, clsUnit) || w.is(tok, clsMonth) || w.is(tok, clsApprox) {
			c.mark(tok.from, tok.to)
		}
	}
	return bot.Parsed{Value: v, Match: w.match(t, c, softAny|softWorked|softTotal|softAbout)}
}

// leastSum is what a sum without 块 must reach, in hundredths.
const leastSum = 100_00

// owedSum reads the sum at the i-th token, if it can be one that is owed. Money says that 块 or the like stands behind.
func (w *Words) owedSum(t *text, i int) (cents int64, money, ok bool) {
	tok := t.tokens[i]
	cents = tok.num.cents
	if tok.num.high > 0 || tok.num.digits > 8 || tok.num.zero {
		return 0, false, false
	}
	pos, next, money := w.moneyAfter(t, tok.to, i+1, &cents)
	if to, near := t.at(next, pos); near && w.is(to, clsTo) {
		if n, near := t.at(next+1, to.to); near && n.isNum {
			return 0, false, false // a range
		}
	}
	if i > 1 {
		if to := t.tokens[i-1]; w.is(to, clsTo) && t.near(to.to, tok.from) && t.tokens[i-2].isNum && t.near(t.tokens[i-2].to, to.from) {
			return 0, false, false
		}
	}
	if m, near := t.at(next, pos); !money && (cents < leastSum || near && m.from == pos && w.counted(t, next, pos)) {
		return 0, false, false
	}
	if m, near := t.at(next, pos); near && !money {
		if _, is := w.sense(m, clsUnit); is {
			return 0, false, false // 三百天, 七趟
		}
	}
	if _, per, _, found := w.unitAfter(t, next, pos); found && per {
		return 0, false, false // a rate
	}
	if _, from, before := w.unitBefore(t, i); before {
		if _, one := w.softBefore(t.low, from, softLastOf); !one { // 最后一个月工资三千九 is a sum
			return 0, false, false
		}
	}
	if !money && !tok.num.han && slices.Contains(hotlines, cents/100) {
		return 0, false, false
	}
	if clause := w.clauseBefore(t, tok.from); w.softIn(clause[max(0, len(clause)-rateReach):], softRate) {
		return 0, false, false
	}
	return cents, money, cents >= 100 && cents <= mostAmount
}

// hotlines are numbers that people call about work (12333 labour, 12345 city, 12348 legal aid, 12351 unions, 12378 insurance).
var hotlines = []int64{12315, 12320, 12333, 12345, 12348, 12351, 12378}

// mostAmount bounds an amount, in hundredths: ten million yuan.
const mostAmount = 1_000_000_000

// rateReach is how many runes before a sum a word may stand that says that it was paid, offered, or a rate.
const rateReach = 5

// clauseBefore is what stands before the place in its clause, at most a dozen runes of it.
func (w *Words) clauseBefore(t *text, to int) []rune {
	from := to
	for from > 0 && to-from < 12 && (!isMark(t.low[from-1]) || t.low[from-1] == ' ' && to-from < 2) {
		from--
	}
	return t.low[from:to]
}
