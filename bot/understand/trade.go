package understand

import (
	"slices"

	"yilu/bot"
)

// mostTrades is how many trades one person names.
const mostTrades = 5

// tradesFound is what a text says of trades.
type tradesFound struct {
	ids   []bot.TradeID
	word  string // the word to ask about
	ask   []bot.Value
	cover cover
	spots []spot
	any   bool
	loose bool // "anything" was said by weak words only
}

// findTrades collects the trades of a text in the order said, those not wanted left out, "anything" last. Weak words
// count where asked for. Of several ambiguous words the first is asked back and the others are taken in their likeliest
// sense, for there is one question at a time.
func (w *Words) findTrades(t *text, weak bool) tradesFound {
	f := tradesFound{cover: make(cover, len(t.low))}
	w.scan(t)
	var open []token
	for _, tok := range t.tokens {
		if tok.word == none {
			continue
		}
		for _, s := range w.senses[tok.word] {
			if s.class != clsTrade && s.class != clsAmbiguous && (s.class != clsWeakTrade || !weak) {
				continue
			}
			if from, no := w.softBefore(t.low, tok.from, softDeny); no {
				f.cover.mark(from, tok.to)
				break
			}
			if s.class == clsAmbiguous {
				open = append(open, tok)
				break
			}
			f.cover.mark(tok.from, tok.to)
			if w.trades[s.val].ID == bot.AnyTrade {
				f.loose = (f.loose || !f.any) && (w.is(tok, clsWeakTrade) || w.is(tok, clsAnything))
			}
			f.add(w.trades[s.val].ID)
			f.spots = append(f.spots, spot{w.trades[s.val].ID, tok.from, tok.to})
			break
		}
	}
	for _, tok := range open {
		i, _ := w.sense(tok, clsAmbiguous)
		amb := w.ambiguous[i]
		if amb.weak && (!weak || len(f.ids) > 0) {
			continue
		}
		f.cover.mark(tok.from, tok.to)
		switch id, ok := amb.settled(w, t.low, f.ids); {
		case ok:
			f.add(id)
			f.spots = append(f.spots, spot{id, tok.from, tok.to})
		case f.word == "":
			f.word = string(t.orig[tok.from:tok.to])
			for _, id := range amb.trades {
				f.ask = append(f.ask, []bot.TradeID{id})
			}
		default:
			f.add(amb.trades[0])
		}
	}
	if f.any && len(f.ids) < mostTrades {
		f.ids = append(f.ids, bot.AnyTrade)
	}
	for i, option := range f.ask { // each option is a whole answer, with what is settled already
		id := option.([]bot.TradeID)[0]
		whole := slices.Clone(f.ids)
		if !slices.Contains(whole, id) {
			whole = append(whole[:min(len(whole), mostTrades-1)], id)
		}
		f.ask[i] = whole
	}
	return f
}

func (f *tradesFound) add(id bot.TradeID) {
	if id == bot.AnyTrade {
		f.any = true
	} else if len(f.ids) < mostTrades && !slices.Contains(f.ids, id) {
		f.ids = append(f.ids, id)
	}
}

// settled finds the one trade that the rest of the message speaks for.
func (a ambiguous) settled(w *Words, r []rune, said []bot.TradeID) (bot.TradeID, bool) {
	var found []bot.TradeID
	for _, id := range a.trades {
		if slices.Contains(said, id) || slices.ContainsFunc(a.settle[id], func(word []rune) bool { return w.affirms(r, word) }) {
			found = append(found, id)
		}
	}
	if len(found) != 1 {
		return "", false
	}
	return found[0], true
}

// affirms reports that the word stands in the text and is not denied: 不是工地的.
func (w *Words) affirms(r, word []rune) bool {
	for i := 0; i+len(word) <= len(r); i++ {
		if slices.Equal(r[i:i+len(word)], word) {
			if _, no := w.softBefore(r, i, softDeny); !no {
				return true
			}
		}
	}
	return false
}

func contains(r, part []rune) bool {
	for i := 0; i+len(part) <= len(r); i++ {
		if slices.Equal(r[i:i+len(part)], part) {
			return true
		}
	}
	return false
}

func (w *Words) parseTrades(t *text) bot.Parsed {
	f := w.findTrades(t, true)
	switch {
	case len(f.ask) > 0:
		return bot.Parsed{Match: w.match(t, f.cover, softAny|softTrades), Word: f.word, Options: f.ask}
	case len(f.ids) > 0:
		return bot.Parsed{Value: f.ids, Match: w.match(t, f.cover, softAny|softTrades)}
	}
	// 都行 answers any question, so it says trades only where it is all that was said.
	for _, tok := range t.tokens {
		if w.is(tok, clsAnything) && !w.deniedAt(t, tok.from) {
			f.cover.mark(tok.from, tok.to)
			f.add(bot.AnyTrade)
		}
	}
	if f.any && w.match(t, f.cover, softAny|softTrades) == bot.Whole {
		return bot.Parsed{Value: []bot.TradeID{bot.AnyTrade}, Match: bot.Whole}
	}
	return bot.Parsed{}
}
