package understand

import (
	"fmt"

	"yilu/bot"
)

// clockFound is a time of day in a text.
type clockFound struct {
	clock    bot.Clock
	ok       bool
	fault    bool
	from, to int
	at       int  // where the hour stands
	said     bool // with its part of the day, or as hours up to 24
}

// findClock finds the first time of day: 早上七点, 下午3点半, 7:30, 早七晚五 (its beginning), 6 pm.
func (w *Words) findClock(t *text, asked bool) clockFound {
	w.scan(t)
	fault, off := clockFound{}, clockFound{}
	for i := range t.tokens {
		f := w.clockAt(t, i, asked)
		if f.ok && !asked && (w.softAt(t.low, f.to, softOffWork) > f.to || w.until(t, f.from)) {
			if !off.ok {
				off = f
			}
			continue
		}
		if f.ok {
			return f
		}
		if f.fault && !fault.fault {
			fault = f
		}
	}
	if off.ok {
		return clockFound{}
	}
	return fault
}

// until reports that 到 stands directly before: 干到凌晨两点 tells no beginning.
func (w *Words) until(t *text, from int) bool {
	for _, tok := range t.tokens {
		if tok.to == from && w.is(tok, clsTo) && isHan(t.low[tok.from]) {
			return true
		}
	}
	return false
}

// clockAt reads a time whose hour is the i-th token.
func (w *Words) clockAt(t *text, i int, asked bool) clockFound {
	tok := t.tokens[i]
	hour, whole := tok.num.whole()
	if !tok.isNum || !whole || tok.num.digits > 4 {
		return clockFound{}
	}
	from, part, said := tok.from, int32(0), false
	if i > 0 {
		if p, near := t.tokens[i-1], t.near(t.tokens[i-1].to, tok.from); near {
			if part, said = w.sense(p, clsPart); said {
				from = p.from
			}
		}
	}
	minute, pos, marked := 0, tok.to, false
	switch next, near := t.at(i+1, tok.to); {
	case near && w.is(next, clsHour):
		pos, marked = next.to, true
		if m, near := t.at(i+2, pos); near && m.from == pos {
			if quarter, is := w.sense(m, clsQuarter); is {
				minute, pos = int(quarter), m.to
			} else if v, whole := m.num.whole(); m.isNum && whole && v < 60 && !w.counted(t, i+3, m.to) {
				minute, pos = v, m.to
			} else if m.isNum && whole && v < 60 {
				if minutes, near := t.at(i+3, m.to); near && w.is(minutes, clsMinute) {
					minute, pos = v, minutes.to
				}
			} else if w.is(m, clsHalf) {
				minute, pos = 30, m.to
			}
		}
		if !asked && !said && hour < 12 && w.softAt(t.low, pos, softAfter) > pos {
			return clockFound{}
		}
		// 一点 is also "a little": it needs a part of the day, minutes, or a word like 开工 behind it.
		if tok.num.han && hour == 1 && !said && minute == 0 && w.softAt(t.low, pos, softNear) == pos {
			return clockFound{}
		}
	case tok.to+2 < len(t.low) && t.low[tok.to] == ':' && isDigit(t.low[tok.to+1]) && isDigit(t.low[tok.to+2]):
		minute = int(t.low[tok.to+1]-'0')*10 + int(t.low[tok.to+2]-'0')
		pos, marked = tok.to+3, true
	case near && said && w.is(next, clsPart) && i+2 < len(t.tokens) && t.tokens[i+2].isNum && t.tokens[i+2].from == next.to: // 早七晚五
		pos, marked = t.tokens[i+2].to, true
	case said && asked, said && tok.num.digits > 0 && hour <= 12 && w.softAt(t.low, pos, softNear) > pos:
		marked = true
	}
	// "6 pm": the part of the day stands behind.
	for k := i + 1; !said && k <= i+3 && k < len(t.tokens); k++ {
		if p := t.tokens[k]; p.from >= pos && t.near(pos, p.from) && isLatin(t.low[p.from]) {
			if part, said = w.sense(p, clsPart); said {
				pos, marked = p.to, true
			}
			break
		}
	}
	if !marked && asked && len(t.tokens) == 1 && hour <= 24 {
		marked = true
	}
	if !marked {
		return clockFound{}
	}
	f := clockFound{from: from, to: pos, at: tok.from, said: said || hour == 0 || hour > 12}
	if hour > 24 || minute > 59 || hour == 24 && minute > 0 {
		f.fault = true
		return f
	}
	f.clock, f.ok = bot.Clock(fmt.Sprintf("%02d:%02d", inDay(hour, part, said), minute)), true
	return f
}

// inDay puts an hour of the twelve into its part of the day.
func inDay(hour int, part int32, said bool) int {
	if !said {
		return hour % 24
	}
	switch {
	case part == partNight && hour == 12, part == partEvening && hour == 12:
		return 0
	case part == partMorning && hour == 12:
		return 12
	case (part == partAfternoon || part == partEvening) && hour >= 1 && hour < 12:
		return hour + 12
	case part == partNoon && hour >= 1 && hour <= 3:
		return hour + 12
	}
	return hour % 24
}

func (w *Words) parseClock(t *text) bot.Parsed {
	f := w.findClock(t, true)
	if f.fault {
		return bot.Parsed{Fault: "fault.time"}
	}
	if !f.ok {
		return bot.Parsed{}
	}
	c := make(cover, len(t.low))
	c.mark(f.from, f.to)
	return bot.Parsed{Value: f.clock, Match: w.match(t, c, softAny|softTime)}
}
