package understand

import "yilu/bot"

// findShift finds the shift wanted: its name, else 晚上 and the like, 夜里 for the night.
func (w *Words) findShift(t *text) (shift bot.Shift, used cover, ok bool) {
	if i, c, ok := w.one(t, clsShift); ok {
		return shifts[i], c, true
	}
	for _, tok := range t.tokens {
		if !w.is(tok, clsEvening) {
			continue
		}
		if _, no := w.softBefore(t.low, tok.from, softDeny); no {
			continue
		}
		used = make(cover, len(t.low))
		used.mark(tok.from, tok.to)
		if val, _ := w.sense(tok, clsEvening); val == 1 {
			return bot.NightShift, used, true
		}
		return bot.EveningShift, used, true
	}
	return "", nil, false
}
