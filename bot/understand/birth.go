package understand

import (
	"time"

	"yilu/bot"
)

// birthFound is an age or a year of birth in a text.
type birthFound struct {
	birth    bot.Birth
	ok       bool
	fault    string
	from, to int
	extra    []token     // parts that say nothing more: 属龙
	either   []bot.Value // with ok false: the year and the age that the number may be
}

// oldest is the highest age that is believed.
const oldest = 100

// What a bare number of two digits means as an answer: from youngestAsAge an age, from youngestAsEither an age or a year,
// for those who are 68 now were born about then, and above oldestAsAge a year.
const (
	youngestAsAge    = 10
	youngestAsEither = 50
	oldestAsAge      = 75
)

// findBirth finds a year of birth, else an age. Bare numbers count only where it was asked for.
func (w *Words) findBirth(t *text, now time.Time, asked bool) birthFound {
	w.scan(t)
	year := now.In(bot.Xiamen).Year()
	var age, fault birthFound
	var extra []token
	for i, tok := range t.tokens {
		if w.is(tok, clsZodiac) {
			extra = append(extra, tok)
			if fault.fault == "" {
				fault = birthFound{fault: "fault.birth.vague"}
			}
		}
		if !tok.isNum || w.deniedAt(t, tok.from) || !asked && w.ofRelative(t, tok.from) {
			continue
		}
		f := w.yearAt(t, i, year, asked)
		if f.ok {
			f.extra = extra
			if age.ok {
				f.extra = append(f.extra, token{from: age.from, to: age.to})
			}
			for _, z := range t.tokens[i:] {
				if w.is(z, clsZodiac) {
					f.extra = append(f.extra, z)
				}
			}
			return f
		}
		if f.fault == "" {
			f = w.ageAt(t, i, now, asked)
		}
		switch {
		case f.ok && !age.ok:
			age = f
		case f.fault != "" && (fault.fault == "" || f.fault == "fault.birth.range"):
			fault = f
		}
	}
	switch {
	case age.ok:
		age.extra = extra
		return age
	case fault.fault != "":
		return fault
	case asked && len(t.tokens) == 1 && t.tokens[0].isNum:
		return w.bareBirth(t, t.tokens[0], now)
	case asked:
		if f, ok := w.writtenDate(t, year); ok {
			return f
		}
		if tok, ok := w.loneNumber(t, softAny|softBirth|softSelf); ok {
			return w.bareBirth(t, tok, now)
		}
	}
	return birthFound{}
}

// yearAt reads 68年的, 1985年3月, 七六年, 一九八五年.
func (w *Words) yearAt(t *text, i, thisYear int, asked bool) birthFound {
	tok := t.tokens[i]
	v, whole := tok.num.whole()
	if !whole || !tok.num.bare || tok.num.digits != 2 && tok.num.digits != 4 {
		return birthFound{}
	}
	mark, near := t.at(i+1, tok.to)
	before, born := w.softBefore(t.low, tok.from, softBornBefore)
	marked := near && (w.is(mark, clsBorn) || w.is(mark, clsYear))
	if !marked && !born {
		return birthFound{}
	}
	if !marked {
		if tok.num.digits == 2 { // 出生 68
			v = century(v, thisYear)
		}
		return inRange(birthFound{from: before, to: tok.to}, bot.Birth{Year: v}, thisYear)
	}
	born = born || w.is(mark, clsBorn)
	if !born && !asked && tok.num.digits == 4 && v > thisYear-youngestAsAge { // the year of something else
		return birthFound{}
	}
	if _, worked := w.softBefore(t.low, tok.from, softWorked); worked && !born {
		return birthFound{}
	}
	if tok.num.digits == 2 {
		plain := !born && !asked && v < 40 // 10年 may be a length of time
		if plain && !w.zodiacNear(t, i) {
			return birthFound{}
		}
		v = century(v, thisYear)
	}
	f := birthFound{from: tok.from, to: mark.to}
	if m, near := t.at(i+2, mark.to); near && m.isNum { // the month and day do not matter
		if x, near := t.at(i+3, m.to); near && w.is(x, clsMonth) {
			f.to = x.to
			if d, near := t.at(i+4, x.to); near && d.isNum {
				if y, near := t.at(i+5, d.to); near && w.is(y, clsDate) {
					f.to = y.to
				}
			}
		}
	}
	if v > thisYear && !asked {
		return birthFound{}
	}
	return inRange(f, bot.Birth{Year: v}, thisYear)
}

// century turns a year of two digits into one that is not to come.
func century(v, thisYear int) int {
	if 2000+v <= thisYear {
		return 2000 + v
	}
	return 1900 + v
}

func (w *Words) zodiacNear(t *text, i int) bool {
	for j := max(0, i-2); j < min(len(t.tokens), i+4); j++ {
		if w.is(t.tokens[j], clsZodiac) {
			return true
		}
	}
	return false
}

// inRange accepts people of up to a hundred who are born.
func inRange(f birthFound, b bot.Birth, thisYear int) birthFound {
	if b.Year > thisYear || b.Year != 0 && b.Year < thisYear-oldest || b.Age > oldest || b.Year == 0 && b.Age < 1 {
		f.fault = "fault.birth.range"
		return f
	}
	f.birth, f.ok = b, true
	return f
}

// ageAt reads 五十八岁, 我58了, 刚满十七. A loose one (五十多, 快六十) is a fault: it cannot say who is sixteen.
func (w *Words) ageAt(t *text, i int, now time.Time, asked bool) birthFound {
	tok := t.tokens[i]
	v, whole := tok.num.whole()
	if !whole || tok.num.zero {
		if d, near := t.at(i+1, tok.to); near && w.is(d, clsDecade) && tok.num.digits == 2 {
			return birthFound{fault: "fault.birth.vague"}
		}
		return birthFound{}
	}
	f := birthFound{from: tok.from, to: tok.to}
	next, near := t.at(i+1, tok.to)
	if near && w.is(next, clsDecade) && tok.num.bare && tok.num.digits == 2 {
		if after, ok := t.at(i+2, next.to); !ok || after.from > next.to {
			return birthFound{fault: "fault.birth.vague"}
		}
	}
	self := w.selfBefore(t, tok.from)
	about := w.softAt(t.low, tok.to, softAbout)
	nearly := i > 0 && t.near(t.tokens[i-1].to, tok.from) && w.is(t.tokens[i-1], clsNearly)
	age := near && w.is(next, clsAge)
	loose := about > tok.to || nearly
	if loose {
		said := age || self || asked
		for j := i + 1; j < len(t.tokens) && j < i+4; j++ {
			said = said || w.is(t.tokens[j], clsAge)
		}
		if said && v >= youngestAsAge && v <= oldest && !w.otherCount(t, i, about) {
			return birthFound{fault: "fault.birth.vague"}
		}
		return birthFound{}
	}
	switch {
	case age:
		f.to = next.to
	case self && v >= 6 && v <= 120 && !w.otherCount(t, i, tok.to):
	default:
		return birthFound{}
	}
	return inRange(f, bot.Birth{Age: v, On: bot.DateOf(now)}, now.In(bot.Xiamen).Year())
}

// otherCount reports that the number is followed by a unit of something else, so that it is no age.
func (w *Words) otherCount(t *text, i, pos int) bool {
	next, near := t.at(i+1, pos)
	if near && next.from == pos && !w.is(next, clsAge) && !w.is(next, clsYes) && !w.is(next, clsApprox) {
		for _, c := range []class{clsUnit, clsYuan, clsYear, clsMonth, clsDate, clsPeople, clsHour, clsBorn, clsSheet, clsMinute} {
			if w.is(next, c) {
				return true
			}
		}
	}
	return false
}

// deniedAt reports that what begins there is not meant: 不是68年.
func (w *Words) deniedAt(t *text, pos int) bool {
	_, ok := w.softBefore(t.low, pos, softDeny)
	return ok
}

// selfBefore reports that 我, 今年 or the like stands directly before.
func (w *Words) selfBefore(t *text, pos int) bool {
	_, ok := w.softBefore(t.low, pos, softSelf)
	return ok
}

// loneNumber is the only number of a text that else holds nothing but soft words.
func (w *Words) loneNumber(t *text, sets uint64) (token, bool) {
	c := make(cover, len(t.low))
	var lone token
	n := 0
	for _, tok := range t.tokens {
		if tok.isNum {
			lone, n = tok, n+1
			c.mark(tok.from, tok.to)
		}
	}
	return lone, n == 1 && w.match(t, c, sets) == bot.Whole
}

// writtenDate reads 1985-03-12 and 1985/3: of the whole date only the year is kept.
func (w *Words) writtenDate(t *text, thisYear int) (birthFound, bool) {
	f := birthFound{}
	year := 0
	for i, tok := range t.tokens {
		switch v, whole := tok.num.whole(); {
		case i == 0 && tok.isNum && whole && tok.num.digits == 4 && v >= 1900:
			year, f.from = v, tok.from
		case i == 0, !tok.isNum && !w.is(tok, clsTo) && !w.is(tok, clsPer), tok.isNum && tok.num.digits > 2:
			return f, false
		}
		f.to = tok.to
	}
	return inRange(f, bot.Birth{Year: year}, thisYear), year > 0
}

// bareBirth reads a number alone as the answer: an age, a year, or a date written in one.
func (w *Words) bareBirth(t *text, tok token, now time.Time) birthFound {
	f := birthFound{from: tok.from, to: tok.to}
	v, whole := tok.num.whole()
	this := now.In(bot.Xiamen).Year()
	n := tok.num
	if !whole && n.digits == 4 { // 1985.3
		v, whole = int(n.cents/100), true
	}
	switch {
	case !whole:
		return birthFound{}
	case n.digits == 6 && n.bare && v >= 190000 && v/100 <= this, n.digits == 8 && n.bare && v/10000 >= 1900 && v/10000 <= this:
		for v > 9999 {
			v /= 100
		}
		return inRange(f, bot.Birth{Year: v}, this)
	case n.digits > 4:
		return birthFound{}
	case v >= 1900:
		return inRange(f, bot.Birth{Year: v}, this)
	case n.digits == 2 && n.bare && !n.han && v >= youngestAsEither && v <= oldestAsAge:
		f.either = []bot.Value{bot.Birth{Year: century(v, this)}, bot.Birth{Age: v, On: bot.DateOf(now)}}
		return f
	case n.digits == 2 && n.bare && (n.zero || n.han || v > oldestAsAge):
		return inRange(f, bot.Birth{Year: century(v, this)}, this)
	case v >= youngestAsAge && v <= oldestAsAge, v <= oldest && !n.bare:
		return inRange(f, bot.Birth{Age: v, On: bot.DateOf(now)}, this)
	}
	f.fault = "fault.birth.range"
	return f
}

func (w *Words) parseBirth(t *text, now time.Time) bot.Parsed {
	f := w.findBirth(t, now, true)
	if !f.ok && f.either == nil {
		return bot.Parsed{Fault: f.fault}
	}
	c := make(cover, len(t.low))
	c.mark(f.from, f.to)
	if f.either != nil {
		return bot.Parsed{Match: w.match(t, c, softAny|softBirth|softSelf|softAbout), Word: string(t.orig[f.from:f.to]), Options: f.either}
	}
	for _, tok := range f.extra {
		c.mark(tok.from, tok.to)
	}
	return bot.Parsed{Value: f.birth, Match: w.match(t, c, softAny|softBirth|softSelf|softAbout)}
}
