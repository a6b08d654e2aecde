package understand

import (
	"slices"
	"time"

	"yilu/bot"
)

// longestEdit is how many runes a correction may have; a longer message tells a story.
const longestEdit = 40

// correction reads 电话写错了, 改地方, 电话改成13900001111. What field it is may be told by the new value alone.
func (w *Words) correction(t *text, m *met, s bot.Slots, asks []bot.AskBack) (field bot.Parser, sure float64, ok bool) {
	strong := m.has(groupStrong)
	if !strong && !m.has(groupWeak) || m.has(groupUnless) || len(t.low) > longestEdit {
		return "", 0, false
	}
	for i, p := range bot.Parsers {
		if m.has(groupFields + int32(i)) {
			return p, sureEdit, true
		}
	}
	if !strong || values(s, asks) != 1 {
		return "", 0, false
	}
	for _, p := range bot.Parsers {
		if s.Has(p) {
			return p, likelyEdit, true
		}
	}
	return asks[0].Parser, likelyEdit, true
}

// corrected reads the new value behind 改成 or 写错了 as the answer to the question of its field: 人数改成3个.
func (w *Words) corrected(t *text, field bot.Parser, r *bot.Reading, now time.Time) {
	if r.Slots.Has(field) || asksFor(r.Ask, field) {
		return
	}
	end := w.cueEnd(t.low)
	if end == len(t.low) {
		return
	}
	p := w.Parse(field, string(t.orig[end:]), now)
	if p.Match != bot.Whole {
		return
	}
	if len(p.Options) > 0 {
		if pay, ok := p.Options[0].(bot.Pay); ok {
			pay.Unit = ""
			r.Slots.Pay = pay
		}
		r.Ask = append(r.Ask, bot.AskBack{Parser: field, Word: p.Word, Options: p.Options})
		return
	}
	put(&r.Slots, field, p.Value)
}

// renewed takes the values behind the last word of a correction for the new ones: 写了岛内 麻烦改成同安. A name behind it
// needs no introduction.
func (w *Words) renewed(t *text, r *bot.Reading, now time.Time) {
	end := w.cueEnd(t.low)
	if end == len(t.low) {
		return
	}
	tail := w.Hear(string(t.orig[end:]))
	var met met
	w.meet(&met, tail.text.low)
	slots, _ := w.slots(&tail.text, now, &met)
	for _, p := range bot.Parsers {
		if v, ok := slots.Get(p); ok {
			put(&r.Slots, p, v)
		}
	}
	if !slots.Name.IsZero() || !r.Slots.Name.IsZero() || !w.aboutName(t) {
		return
	}
	rest := tail.text.low
	for from := 0; from < len(rest); from++ {
		if from > 0 && !isMark(rest[from-1]) && w.softAt(rest, from-1, softAny|softName) != from {
			continue
		}
		to := from
		for to < len(rest) && !isMark(rest[to]) {
			to++
		}
		if _, no := w.softBefore(rest, from, softDeny); !no && to-from >= 2 && w.plainName(rest[from:to]) {
			r.Slots.Name = bot.NewPersonal(string(tail.text.orig[from:to]))
			return
		}
	}
}

// aboutName reports that the message speaks of a name.
func (w *Words) aboutName(t *text) bool {
	var met met
	w.meet(&met, t.low)
	return met.has(groupFields + int32(slices.Index(bot.Parsers, bot.PersonName)))
}

// cueEnd is where the last word of a correction ends.
func (w *Words) cueEnd(r []rune) int {
	last := len(r)
	found := 0
	for i := range r {
		w.phrases.each(r, i, func(word int32, end int) {
			for _, g := range w.phrase[word].groups {
				if g == groupStrong || g == groupWeak {
					found = max(found, end)
				}
			}
		})
	}
	if found == 0 {
		return last
	}
	return found
}

func asksFor(asks []bot.AskBack, p bot.Parser) bool {
	for _, a := range asks {
		if a.Parser == p {
			return true
		}
	}
	return false
}

// put sets the slot that the parser reads.
func put(s *bot.Slots, p bot.Parser, v bot.Value) {
	switch v := v.(type) {
	case bot.Personal:
		if p == bot.Phone {
			s.Phone = v
		} else {
			s.Name = v
		}
	case bot.Birth:
		s.Birth = v
	case []bot.TradeID:
		s.Trades = v
	case []bot.Place:
		s.Places = v
	case bot.Pay:
		s.Pay = v
	case bot.Settle:
		s.Settle = v
	case bot.Shift:
		s.Shift = v
	case bot.Date:
		s.Date = v
	case bot.Clock:
		s.Time = v
	case bot.Money:
		s.Amount = int64(v)
	case int:
		if p == bot.PartySize {
			s.Party = v
		}
	}
}
