package understand

import "yilu/bot"

// dangerKind says what a word means where life is in danger.
type dangerKind uint32

const (
	dangerEmergency dangerKind = 1 << iota
	dangerCrisis
	dangerUnless
	dangerDeny
	dangerBridge
	dangerSkip  // of work: before a climb
	dangerClimb // a crisis, or work
	dangerPast
	dangerFear
	dangerDone
	dangerBlow // an emergency, or a call by phone
	dangerNotBlow
	dangerFight // a crisis, or hard work
	dangerNotFight
	dangerCalm // tells what is over
	dangerNow
	dangerNotNow // holds a word of now and says nothing of it
)

// danger holds the words that come before everything.
type danger struct {
	words       *trie
	kinds       []dangerKind
	around      *trie // what may stand before them
	aroundKinds []dangerKind
	tone        *trie // of what is over, and what is now
	toneKinds   []dangerKind
}

// inDanger finds an emergency or a crisis. A crisis is the graver of the two: a person must answer now. But the words
// of a crisis within those of an emergency tell what has happened to somebody: 同事喝农药了. Met is what the patterns tell.
func (w *Words) inDanger(r []rune, met dangerKind) (bot.Intent, bool) {
	emergency, crisis, unless, done, past := met&dangerEmergency != 0, met&dangerCrisis != 0, false, false, false
	calm, urgent, shielded := false, false, 0 // to where nothing says now
	covered := 0                              // by the words of emergencies
	for i := range r {
		end, any := 0, false
		w.danger.words.each(r, i, func(word int32, to int) {
			any = true
			switch w.danger.kinds[word] {
			case dangerUnless:
				unless = true
			case dangerPast:
				past = true
			case dangerEmergency:
				end = to
			case dangerBlow:
				if !w.followed(r, to, dangerNotBlow) {
					end = to
				}
			}
		})
		w.danger.tone.each(r, i, func(word int32, to int) {
			k := w.danger.toneKinds[word]
			calm = calm || k&dangerCalm != 0
			urgent = urgent || k&dangerNow != 0 && i >= shielded
			if k&dangerNotNow != 0 {
				shielded = to
			}
		})
		if !any {
			continue
		}
		covered = max(covered, end)
		if end > 0 && !w.denied(r, i, dangerDeny) && !w.feared(r, i) {
			if w.doneAt(r, end) {
				done = true
			} else {
				emergency = true
			}
		}
		w.danger.words.each(r, i, func(word int32, to int) {
			kind := w.danger.kinds[word]
			if w.followed(r, to, dangerNotFight) { // 跳楼价
				return
			}
			if kind == dangerFight {
				kind = dangerCrisis
			}
			if kind&(dangerCrisis|dangerClimb) != 0 && to > covered {
				crisis = crisis || !w.denied(r, i, dangerDeny) && !(kind == dangerClimb && w.denied(r, i, dangerSkip))
			}
		})
	}
	emergency = (emergency || done && !past) && (!calm || urgent) // 上个月晕倒过 is over
	switch {
	case unless:
		return "", false
	case crisis:
		return bot.Crisis, true
	case emergency:
		return bot.Emergency, true
	}
	return "", false
}

// feared reports that 怕 or 小心 ends at i: what follows has not happened. The longest word decides, for 恐怕 says that
// it has.
func (w *Words) feared(r []rune, i int) bool {
	for i > 0 && r[i-1] == ' ' {
		i--
	}
	for from := max(0, i-longestFear); from < i; from++ {
		found, kind := false, dangerKind(0)
		w.danger.around.each(r[:i], from, func(word int32, end int) {
			if end == i {
				found, kind = true, w.danger.aroundKinds[word]
			}
		})
		if found {
			return kind&dangerFear != 0
		}
	}
	return false
}

// longestFear is how many runes a word of fear may have.
const longestFear = 12

// doneAt reports that 过 stands at i, and not 过去.
func (w *Words) doneAt(r []rune, i int) bool {
	kind := dangerKind(0)
	w.danger.around.each(r, i, func(word int32, _ int) { kind = w.danger.aroundKinds[word] })
	return kind&dangerDone != 0
}

// followed reports that a word of the kind stands directly at i.
func (w *Words) followed(r []rune, i int, kind dangerKind) bool {
	found := false
	w.danger.around.each(r, i, func(word int32, _ int) { found = found || w.danger.aroundKinds[word]&kind != 0 })
	return found
}

// reach is how far before a phrase its denial may stand.
const reach = 6

// denied reports whether a word of the kind stands before i with nothing but bridge words between.
func (w *Words) denied(r []rune, i int, kind dangerKind) bool {
	if i == 0 {
		return false
	}
	low := max(0, i-reach)
	open := [reach + 1]bool{} // by distance: only bridge words from there to i
	open[0] = true
	for j := i - 1; j >= low; j-- {
		hit := false
		w.danger.around.each(r[:i], j, func(word int32, end int) {
			if !open[i-end] {
				return
			}
			k := w.danger.aroundKinds[word]
			hit = hit || k&kind != 0
			open[i-j] = open[i-j] || k&dangerBridge != 0
		})
		if hit {
			return true
		}
	}
	return false
}
