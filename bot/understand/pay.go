package understand

import "yilu/bot"

// mostPay bounds a sum, in fen: a million yuan.
const mostPay = 100_000_000

// payFound is what a text says of pay.
type payFound struct {
	pay      bot.Pay
	ok       bool
	sure     bool // something says that it is money
	tooMuch  bool
	from, to int
}

// findPay finds the first sum. Without strict, any number that is left may be one: it is the answer to the question for
// pay. With it, a sum needs a word of money or a unit beside it. Used says what belongs to other values.
func (w *Words) findPay(t *text, strict bool, used cover) payFound {
	w.scan(t)
	var weak, best payFound
	for i, tok := range t.tokens {
		if !tok.isNum || used != nil && used[tok.from] {
			continue
		}
		f, sure := w.sumAt(t, i)
		if !f.ok && !f.tooMuch {
			continue
		}
		if !sure && !strict && f.ok {
			_, sure = w.softBefore(t.low, tok.from, softMoneyBefore)
		}
		if f.sure = sure; !sure {
			if !strict && !weak.ok {
				weak = f
			}
			continue
		}
		if strict && w.refused(t, f) {
			continue
		}
		switch { // of two rates the lower is what will do
		case !best.ok:
			best = f
		case strict && f.ok && f.pay.Unit == best.pay.Unit && f.pay.Min < best.pay.Min:
			best = f
		case strict && f.ok && best.pay.Unit == "" && f.pay.Unit != "":
			best = f
		}
		if !strict {
			return f
		}
	}
	if best.ok || best.tooMuch {
		return best
	}
	return weak
}

// refused reports that the rate is one that is not wanted, or was.
func (w *Words) refused(t *text, f payFound) bool {
	if _, was := w.softBefore(t.low, f.from, softWas|softDeny); was {
		return true
	}
	for i := f.to; i < len(t.low) && i <= f.to+refusedIn; i++ {
		if isMark(t.low[i]) {
			return false
		}
		if end := w.softAt(t.low, i, softRefused); end > i {
			return t.low[i-1] != t.low[end-1] // 做不做
		}
	}
	return false
}

// refusedIn is within how many runes behind a rate it is refused.
const refusedIn = 4

// sumAt reads a sum whose first number is the i-th token, with the unit before or after it. It is sure where something
// says that it is money.
func (w *Words) sumAt(t *text, i int) (f payFound, sure bool) {
	tok := t.tokens[i]
	unit, from, before := w.unitBefore(t, i)
	low, pos := tok.num.cents, tok.to
	next, ok := i+1, true
	pos, next, money := w.moneyAfter(t, pos, next, &low)
	low2, high := low, int64(0)
	// A range: 一百八到两百, 250-300.
	if to, near := t.at(next, pos); near && w.is(to, clsTo) {
		if n, near := t.at(next+1, to.to); near && n.isNum {
			high = n.num.cents
			var more bool
			pos, next, more = w.moneyAfter(t, n.to, next+2, &high)
			money = money || more
			tok = n
			if low < 1000 && high >= 10*low && !before { // 2到3百 is said 两三百; leave odd ones to the lower end
				low2 = low
			}
		}
	}
	low = low2
	if n := t.tokens[i].num; high == 0 && n.high > 0 { // 五六千
		high = n.high
		if low != n.cents { // 三四张
			high = n.high * (low / max(n.cents, 1))
		}
	}
	// The 一 at the end of 两百一 belongs to the unit: 两百一天.
	if tok.num.shorter > 0 && !money && !before {
		if u, near := t.at(next, pos); near && u.from == pos {
			if val, is := w.sense(u, clsUnit); is && (tok.num.shorter >= 10000 || units[val] == bot.PerHour || units[val] == bot.PerSqm) {
				if high > 0 && tok.num.high == 0 {
					high = tok.num.shorter
				} else {
					low = tok.num.shorter
				}
				return w.sum(low, high, units[val], from, u.to, tok.from), true
			}
		}
	}
	above, end := false, pos
	for {
		m, near := t.at(next, end)
		if near && w.is(m, clsAbove) && isMark(t.low[m.from]) && m.to < len(t.low) && isDigit(t.low[m.to]) { // 1+1
			break
		}
		if !near || !w.is(m, clsAbove) && !w.is(m, clsApprox) && !w.is(m, clsBelow) && !w.is(m, clsYuan) {
			break
		}
		above = above || w.is(m, clsAbove)
		money = money || w.is(m, clsYuan)
		end, next = m.to, next+1
	}
	if !before {
		u, per, to, found := w.unitAfter(t, next, end)
		switch {
		case found && (per || money || low >= 1000):
			// 干了七天 and 三个月 count days, not money: without 块, 每 or 一 the number must look like a sum.
			if !per && !money {
				if _, worked := w.softBefore(t.low, t.tokens[i].from, softWorked); worked {
					return payFound{}, false
				}
			}
			return w.sum(low, high, u, from, to, t.tokens[i].from), per || money
		case found && !per:
			return payFound{}, false // 七天, 三小时
		}
		if w.counted(t, next, end) {
			return payFound{}, false
		}
		return w.sum(low, high, "", from, end, t.tokens[i].from), money || above || high > 0 && low >= 5000
	}
	if !money && w.counted(t, next, end) {
		return payFound{}, false
	}
	if !money && low < 1000 && (unit == bot.PerDay || unit == bot.PerWeek || unit == bot.PerMonth) {
		return payFound{}, false // 周一周三 are days, and nobody works a day for three
	}
	ok = low > 0
	f = w.sum(low, high, unit, from, end, t.tokens[i].from)
	return f, ok
}

// sum makes the value, the smaller end first.
func (w *Words) sum(low, high int64, unit bot.PayUnit, from, to, first int) payFound {
	if high > 0 && high < low {
		low, high = high, low
	}
	if high == low {
		high = 0
	}
	f := payFound{pay: bot.Pay{Min: low, Max: high, Unit: unit}, ok: low > 0, from: min(from, first), to: to}
	if low > mostPay || high > mostPay {
		f.ok, f.tooMuch = false, true
	}
	return f
}

// moneyAfter moves over 块, 来块, 张 after a number; 张 makes hundreds of it.
func (w *Words) moneyAfter(t *text, pos, next int, cents *int64) (int, int, bool) {
	money := false
	for {
		m, near := t.at(next, pos)
		switch {
		case near && w.is(m, clsYuan):
			money = true
			// 两块五, 22块5: one digit more is tenths, unless it is the 一 of a unit or counts something.
			if d, near := t.at(next+1, m.to); near && d.from == m.to && d.isNum && d.num.bare && d.num.digits == 1 && d.num.cents > 100 && *cents < 100_00 && !w.counted(t, next+2, d.to) {
				*cents += d.num.cents / 10
				m, next = d, next+1
			}
		case near && w.is(m, clsDime) && *cents < 10_00:
			*cents /= 10
			money = true
		case near && w.is(m, clsSheet) && *cents < 100_00:
			*cents *= 100
			money = true
		case near && w.is(m, clsApprox):
		default:
			return pos, next, money
		}
		pos, next = m.to, next+1
	}
}

// unitAfter reads /天, 一天, 每小时, a day, and 天 alone. Per is true where something other than the unit joins them.
func (w *Words) unitAfter(t *text, next, pos int) (u bot.PayUnit, per bool, to int, ok bool) {
	for range 3 { // 块, 每, 一 and the like, and then the unit
		m, near := t.at(next, pos)
		if !near {
			return "", false, 0, false
		}
		if m.isNum && m.num.cents == 100 || w.is(m, clsPer) {
			per, pos, next = true, m.to, next+1
			continue
		}
		if val, is := w.sense(m, clsUnit); is {
			return units[val], per, m.to, true
		}
		break
	}
	return "", false, 0, false
}

// unitBefore reads 一天三百, 每天要250, 日薪300, 一个月六千五 backwards from the number.
func (w *Words) unitBefore(t *text, i int) (u bot.PayUnit, from int, ok bool) {
	first := t.tokens[i].from
	for j := i - 1; j >= 0 && j >= i-6; j-- {
		m := t.tokens[j]
		if w.skipSoft(t.low[:t.tokens[j+1].from], m.to, softBetween) < t.tokens[j+1].from {
			return "", first, false
		}
		if val, is := w.sense(m, clsPrefix); is {
			return units[val], m.from, true
		}
		if val, is := w.sense(m, clsUnit); is {
			if j == 0 {
				return "", first, false
			}
			b := t.tokens[j-1]
			if b.to == m.from && (b.isNum && b.num.cents == 100 || w.is(b, clsPer)) {
				return units[val], b.from, true
			}
			return "", first, false
		}
		if !w.is(m, clsApprox) && !w.is(m, clsAbove) && !w.is(m, clsNearly) && !w.is(m, clsYuan) && !w.is(m, clsYes) {
			return "", first, false
		}
		if m.from < 1 {
			return "", first, false
		}
	}
	return "", first, false
}

// counted reports that a number counts something else: people, years, hours of a clock.
func (w *Words) counted(t *text, next, pos int) bool {
	m, near := t.at(next, pos)
	if !near {
		return false
	}
	for _, c := range []class{clsPeople, clsYear, clsMonth, clsDate, clsHour, clsAge, clsMinute, clsDaysLater, clsBorn, clsDecade} {
		if w.is(m, c) {
			return true
		}
	}
	return false
}

// askedUnits are what a sum without a unit may be for.
var askedUnits = []bot.PayUnit{bot.PerDay, bot.PerHour, bot.PerMonth}

// payOptions are the sums that one without a unit may mean.
func payOptions(p bot.Pay) []bot.Value {
	var options []bot.Value
	for _, u := range askedUnits {
		p.Unit = u
		options = append(options, p)
	}
	return options
}

func (w *Words) parsePay(t *text) bot.Parsed {
	f := w.findPay(t, false, nil)
	if !f.ok {
		open := f.tooMuch
		for _, tok := range t.tokens {
			open = open || w.is(tok, clsOpen) || tok.isNum && tok.num.cents == 0
		}
		if open {
			return bot.Parsed{Fault: "fault.pay"}
		}
		return bot.Parsed{}
	}
	c := make(cover, len(t.low))
	c.mark(f.from, f.to)
	var met met
	w.meet(&met, t.low)
	hint := met.has(groupDayHint)
	for _, tok := range t.tokens {
		if w.is(tok, clsSettle) || w.is(tok, clsMeals) || w.is(tok, clsLodging) {
			c.mark(tok.from, tok.to)
		}
	}
	match := w.match(t, c, softAny|softPay|softBetween)
	if !f.sure && f.pay.Unit == "" && match != bot.Whole { // a number among other words may count anything
		return bot.Parsed{}
	}
	if f.pay.Unit == "" && hint {
		f.pay.Unit = bot.PerDay
	}
	if f.pay.Unit == "" {
		return bot.Parsed{Match: match, Word: string(t.orig[f.from:f.to]), Options: payOptions(f.pay)}
	}
	return bot.Parsed{Value: f.pay, Match: match}
}
