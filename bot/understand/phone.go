package understand

import "yilu/bot"

// phoneSpan is a phone number in a text, or the digits nearest to one.
type phoneSpan struct {
	ok       bool
	from, to int
	digits   [11]byte
	count    int  // without a country code, where ok is false
	prefix   bool // eleven digits that begin like no mobile
}

// group is a run of digits in one script.
type group struct {
	from, to int
	times    int // 四个零: four times the digit that ends it
}

// findPhone finds the first mainland mobile: 1, then 3 to 9, then nine digits, in any script, with single marks between
// groups of digits, and a country code before it. Where there is none, it counts the digits of the longest try.
func (w *Words) findPhone(r []rune, id idSpan) phoneSpan {
	var buf [32]group
	groups := w.digitGroups(r, buf[:0])
	best := phoneSpan{}
	for i := range groups {
		if _, no := w.softBefore(r, groups[i].from, softDeny); no || id.ok && groups[i].to > id.from && groups[i].from < id.to { // 不是138…, 是139…
			continue
		}
		var digits [24]byte
		n := 0
		for j := i; j < len(groups); j++ {
			if j > i && !bridged(r, groups[j-1].to, groups[j].from) {
				break
			}
			if times := groups[j].times; times > 0 { // 四个零
				d, _ := w.num.single(r[groups[j].to-1])
				for range min(times, len(digits)-n) {
					digits[n] = '0' + byte(d)
					n++
				}
			}
			for k := groups[j].from; k < groups[j].to && n < len(digits) && groups[j].times == 0; k++ {
				d, _ := w.num.single(r[k])
				digits[n] = '0' + byte(d)
				n++
			}
			if n >= len(digits) {
				break
			}
			national := dropCountry(digits[:n])
			if len(national) == 11 && national[0] == '1' && national[1] >= '3' && (j+1 == len(groups) || groups[j+1].from > groups[j].to || isDigit(r[groups[j].to-1]) != isDigit(r[groups[j+1].from])) {
				span := phoneSpan{ok: true, from: groups[i].from, to: groups[j].to}
				if span.from > 0 && r[span.from-1] == '+' {
					span.from--
				}
				copy(span.digits[:], national)
				return span
			}
			if len(national) > best.count {
				best = phoneSpan{from: groups[i].from, to: groups[j].to, count: len(national), prefix: len(national) == 11}
			}
		}
	}
	return best
}

// digitGroups finds runs of digits; 十, 百 and the like end one.
func (w *Words) digitGroups(r []rune, groups []group) []group {
	for i := 0; i < len(r) && len(groups) < cap(groups); {
		if _, ok := w.num.single(r[i]); !ok {
			i++
			continue
		}
		if d, ok := w.num.single(r[i]); ok && d >= 2 && d <= 8 && i+2 < len(r) && r[i+1] == w.num.times {
			if zero, ok := w.num.single(r[i+2]); ok && zero == 0 {
				groups = append(groups, group{i, i + 3, int(d)})
				i += 3
				continue
			}
		}
		g := group{from: i}
		arabic := isDigit(r[i])
		for i < len(r) {
			if d, ok := w.num.single(r[i]); !ok || isDigit(r[i]) != arabic || i > g.from && d >= 2 && i+2 < len(r) && r[i+1] == w.num.times && r[i+2] != r[i] && w.zero(r[i+2]) {
				break
			}
			i++
		}
		g.to = i
		groups = append(groups, g)
	}
	return groups
}

func (w *Words) zero(x rune) bool {
	d, ok := w.num.single(x)
	return ok && d == 0
}

// bridged reports that the two groups may belong to one number.
func bridged(r []rune, from, to int) bool {
	if to-from > 3 {
		return false
	}
	for ; from < to; from++ {
		switch x := r[from]; {
		case x == ' ' || x == '-' || x == '.' || x == '(' || x == ')' || x == '/' || x == '_' || x == '*' || x == ',' || x == 0x3001:
		case x >= 0x2010 && x <= 0x2015 || x == 0xB7:
		default:
			return false
		}
	}
	return true
}

// dropCountry drops 86 or 0086 where what is left could be a mobile.
func dropCountry(d []byte) []byte {
	s := string(d)
	switch {
	case len(s) >= 14 && s[:4] == "0086":
		return d[4:]
	case len(s) >= 12 && s[:2] == "86":
		return d[2:]
	}
	return d
}

// shortestTry is how many digits look like somebody's try at a phone number.
const shortestTry = 3

func (w *Words) parsePhone(t *text) bot.Parsed {
	p := t.phone
	if p.ok {
		c := make(cover, len(t.low))
		c.mark(p.from, p.to)
		return bot.Parsed{Value: bot.NewPersonal(string(p.digits[:])), Match: w.match(t, c, softAny|softPhone|softName)}
	}
	if t.id.ok && p.count == 0 {
		return bot.Parsed{Fault: "fault.phone.length", Count: len(t.id.number)}
	}
	if p.count < shortestTry || p.count < 7 && !w.onlyAround(t, p.from, p.to, softAny|softPhone) {
		return bot.Parsed{}
	}
	if p.prefix {
		return bot.Parsed{Fault: "fault.phone.prefix", Count: p.count}
	}
	return bot.Parsed{Fault: "fault.phone.length", Count: p.count}
}

// onlyAround reports that only soft words stand around a part of the text.
func (w *Words) onlyAround(t *text, from, to int, sets uint64) bool {
	c := make(cover, len(t.low))
	c.mark(from, to)
	return w.match(t, c, sets) == bot.Whole
}

// othersPhone reports that the number is somebody's of whom the worker tells: 老板号码13900004321.
func (w *Words) othersPhone(t *text) bool {
	from := t.phone.from
	for from > 0 && t.phone.from-from < 8 && (t.low[from-1] == ' ' || !isMark(t.low[from-1])) {
		from--
	}
	return w.softIn(t.low[from:t.phone.from], softOthers) && !w.softIn(t.low[from:t.phone.from], softMine)
}
