package understand

import "yilu/bot"

// dangerKind says what a word means where life is in danger.
type dangerKind uint32

const (
	dangerEmergency dangerKind = 1 << iota
	dangerCrisis
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
	dangerHarmless  // holds words of danger and means none
	dangerLesson    // training, work: in its clause nothing happens
	dangerTale      // from here on somebody tells what was heard or may happen
	dangerOver      // it is over
	dangerAftermath // who pays, whether it is insured: an accident may be over
	dangerAcute     // what goes on as it is said: it is not
	dangerNow
	dangerNotNow // holds a word of now and says nothing of it
	dangerSelf   // whoever writes
)

// danger holds the words that come before everything.
type danger struct {
	words       *trie
	kinds       []dangerKind
	around      *trie // what may stand before and behind them
	aroundKinds []dangerKind
	tone        *trie // what else is said
	toneKinds   []dangerKind
}

// hit is a part of a message that tells of danger.
type hit struct {
	from, to int
	kind     dangerKind // dangerEmergency or dangerCrisis
	done     bool       // 过 stands behind it
}

// mostHits is how many of them are looked at; who writes more of danger than that is in it.
const mostHits = 256

func (m *met) hit(from, to int, kind dangerKind, done bool) {
	if m.hits == nil {
		m.hits = m.room[:0]
	}
	if len(m.hits) < mostHits {
		m.hits = append(m.hits, hit{from, to, kind, done})
	}
}

// inDanger finds an emergency or a crisis; the hits of the patterns are in met already. A crisis is the graver of the
// two: a person must answer now.
func (w *Words) inDanger(r []rune, m *met) (bot.Intent, bool) {
	w.dangerWords(r, m)
	if len(m.hits) == 0 {
		return "", false
	}
	var s scene
	s.look(w, r)
	emergency := false
	for _, h := range m.hits {
		switch {
		case s.silences(r, h):
		case h.kind == dangerCrisis:
			return bot.Crisis, true
		default:
			emergency = true
		}
	}
	if emergency {
		return bot.Emergency, true
	}
	return "", false
}

// dangerWords adds the hits of the words. The words of a crisis within those of an emergency tell what has happened to
// somebody: 同事喝农药了.
func (w *Words) dangerWords(r []rune, m *met) {
	covered := 0 // by the words of emergencies
	for i := range r {
		end, any := 0, false
		w.danger.words.each(r, i, func(word int32, to int) {
			any = true
			switch w.danger.kinds[word] {
			case dangerEmergency:
				end = to
			case dangerBlow:
				if !w.followed(r, to, dangerNotBlow) {
					end = to
				}
			}
		})
		if !any {
			continue
		}
		covered = max(covered, end)
		if end > 0 && !w.denied(r, i, dangerDeny) && !w.feared(r, i) {
			m.hit(i, end, dangerEmergency, w.doneAt(r, end))
		}
		w.danger.words.each(r, i, func(word int32, to int) {
			kind := w.danger.kinds[word]
			if kind&(dangerCrisis|dangerClimb|dangerFight) == 0 || to <= covered || w.followed(r, to, dangerNotFight) { // 跳楼价
				return
			}
			if !w.denied(r, i, dangerDeny) && !(kind == dangerClimb && w.denied(r, i, dangerSkip)) {
				m.hit(i, to, dangerCrisis, false)
			}
		})
	}
}

// scene is what a message says besides.
type scene struct {
	spans                             []span
	room                              [8]span
	over, past, aftermath, acute, now bool
}

// span is a part of a message and what it is.
type span struct {
	from, to int
	kind     dangerKind
}

// look collects what is said besides.
func (s *scene) look(w *Words, r []rune) {
	s.spans = s.room[:0]
	shielded := 0 // to where nothing says now
	for i := range r {
		now := false
		w.danger.tone.each(r, i, func(word int32, to int) {
			k := w.danger.toneKinds[word]
			s.over = s.over || k&dangerOver != 0
			s.past = s.past || k&dangerPast != 0
			s.aftermath = s.aftermath || k&dangerAftermath != 0
			s.acute = s.acute || k&dangerAcute != 0 && !w.denied(r, i, dangerDeny)
			now = now || k&dangerNow != 0
			if k&dangerNotNow != 0 {
				shielded = max(shielded, to)
			}
			if k&(dangerHarmless|dangerLesson|dangerTale|dangerSelf) != 0 {
				s.spans = append(s.spans, span{i, to, k})
			}
		})
		s.now = s.now || now && i >= shielded // the words that hold one of now are longer
	}
}

// silences reports that what else is said makes a hit harmless. What is said of now makes an emergency one whatever else
// is said, and what somebody says of themselves is no tale: who is in doubt is asked, who is in danger must be heard.
func (s *scene) silences(r []rune, h hit) bool {
	from, to := clause(r, h.from, h.to)
	self := false
	for _, x := range s.spans {
		if x.kind&dangerHarmless != 0 && x.from < h.to && h.from < x.to {
			return true
		}
		self = self || x.kind&dangerSelf != 0 && x.from >= from && x.to <= h.to
	}
	if h.kind == dangerEmergency {
		if s.now {
			return false
		}
		if s.over || h.done && s.past || s.aftermath && !s.acute {
			return true
		}
	}
	for _, x := range s.spans {
		within := x.from >= from && x.to <= to
		switch {
		case x.kind&dangerLesson != 0 && within && (h.kind == dangerEmergency || !self):
			return true
		case x.kind&dangerTale != 0 && x.from < h.from && (!self || within && !s.selfBetween(x.to, h.to)):
			return true
		}
	}
	return false
}

// selfBetween reports that somebody speaks of themselves there.
func (s *scene) selfBetween(from, to int) bool {
	for _, x := range s.spans {
		if x.kind&dangerSelf != 0 && x.from >= from && x.to <= to {
			return true
		}
	}
	return false
}

// over reports that a message tells of what is over, or of others: what was learnt knows likeness only.
func (w *Words) over(r []rune) bool {
	var s scene
	s.look(w, r)
	if s.now {
		return false
	}
	for _, x := range s.spans {
		if x.kind != dangerSelf {
			return true
		}
	}
	return s.over || s.past || s.aftermath && !s.acute
}

// clause is the part between marks in which a hit stands, or those in which it does.
func clause(r []rune, from, to int) (int, int) {
	for from > 0 && !isMark(r[from-1]) {
		from--
	}
	for to < len(r) && !isMark(r[to]) {
		to++
	}
	return from, to
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
