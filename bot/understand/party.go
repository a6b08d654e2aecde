package understand

import "yilu/bot"

// mostParty is how many people may come together.
const mostParty = 99

// companionNear is within how many runes of 我和 the companion stands: 我和我的老乡.
const companionNear = 6

// partyFound is how many people come.
type partyFound struct {
	n        int
	ok       bool
	fault    bool
	from, to int
}

// findParty finds how many come, the worker included: 就我一个, 两个人, 我和老乡一共三个人, 夫妻俩. Without being asked it needs
// a word of going together beside a number of people.
func (w *Words) findParty(t *text, asked bool) partyFound {
	w.scan(t)
	cue := asked || w.softIn(t.low, softPartyCue)
	var best partyFound
	for i, tok := range t.tokens {
		if v, whole := tok.num.whole(); tok.isNum && whole {
			m, near := t.at(i+1, tok.to)
			if _, we := w.softBefore(t.low, tok.from, softPartyBefore); we && v >= 2 && v <= mostParty && w.clauseEnds(t, i) {
				return partyFound{n: v, ok: true, from: tok.from, to: tok.to}
			}
			if !near || !w.is(m, clsPeople) || !cue || tok.from > 0 && t.low[tok.from-1] == w.nth {
				continue
			}
			f := partyFound{n: v, from: tok.from, to: m.to, ok: v >= 1 && v <= mostParty}
			f.fault = !f.ok
			return f
		}
		switch {
		case best.ok:
		case w.is(tok, clsPair):
			best = partyFound{n: 2, ok: true, from: tok.from, to: tok.to}
		case w.is(tok, clsAlone) && asked:
			best = partyFound{n: 1, ok: true, from: tok.from, to: tok.to}
		}
	}
	if best.ok || !asked {
		return best
	}
	for i, tok := range t.tokens { // 我和老乡
		if w.is(tok, clsWith) {
			if c, near := t.at(i+1, w.skipSoft(t.low[:min(len(t.low), tok.to+companionNear)], tok.to, softAny)); near && w.is(c, clsCompanion) {
				return partyFound{n: 2, ok: true, from: tok.from, to: c.to}
			}
			if c, near := t.at(i+1, tok.to); near && w.is(c, clsCompanion) {
				return partyFound{n: 2, ok: true, from: tok.from, to: c.to}
			}
		}
	}
	if tok, ok := w.loneNumber(t, softAny|softParty); ok {
		if v, whole := tok.num.whole(); whole {
			f := partyFound{n: v, from: tok.from, to: tok.to, ok: v >= 1 && v <= mostParty}
			f.fault = !f.ok
			return f
		}
	}
	return partyFound{}
}

// clauseEnds reports that nothing that it could count follows the i-th token: we are 3, and then the end, a mark or a
// trade.
func (w *Words) clauseEnds(t *text, i int) bool {
	end := t.tokens[i].to
	if end == len(t.low) || t.low[end] != ' ' && isMark(t.low[end]) && t.low[end] != '.' && t.low[end] != '-' {
		return true
	}
	next, near := t.at(i+1, end)
	return near && w.is(next, clsTrade)
}

func (w *Words) parseParty(t *text) bot.Parsed {
	f := w.findParty(t, true)
	if f.fault {
		return bot.Parsed{Fault: "fault.party"}
	}
	if !f.ok {
		return bot.Parsed{}
	}
	c := make(cover, len(t.low))
	c.mark(f.from, f.to)
	return bot.Parsed{Value: f.n, Match: w.match(t, c, softAny|softParty|softPartyCue)}
}
