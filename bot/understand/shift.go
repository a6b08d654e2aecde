package understand

import "yilu/bot"

// findShift finds the shift wanted: its name, else 晚上 and the like. Beside a day or a time of day these only say when
// something is: 明天晚上, 晚上六点.
func (w *Words) findShift(t *text) (shift bot.Shift, used cover, ok bool) {
	if i, c, ok := w.one(t, clsShift); ok {
		return shifts[i], c, true
	}
	for i, tok := range t.tokens {
		if !w.is(tok, clsEvening) {
			continue
		}
		if _, no := w.softBefore(t.low, tok.from, softDeny); no || w.dated(t, i) {
			continue
		}
		if f := w.findClock(t, false); f.ok || f.fault {
			return "", nil, false
		}
		used = make(cover, len(t.low))
		used.mark(tok.from, tok.to)
		return bot.EveningShift, used, true
	}
	return "", nil, false
}

// dated reports that a day stands directly before the i-th token, or a number directly behind it.
func (w *Words) dated(t *text, i int) bool {
	if next, near := t.at(i+1, t.tokens[i].to); near && next.isNum {
		return true
	}
	if i == 0 || !t.near(t.tokens[i-1].to, t.tokens[i].from) {
		return false
	}
	before := t.tokens[i-1]
	return w.is(before, clsDay) || w.is(before, clsPast) || w.is(before, clsEnglishDay)
}
