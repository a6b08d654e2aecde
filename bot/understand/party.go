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
	var best partyFound
	for i, tok := range t.tokens { // 四个人加我五个: five
		if v, whole := tok.num.whole(); tok.isNum && whole && !asked {
			if _, with := w.softBefore(t.low, tok.from, softWithMe); with && v >= 2 && v <= mostParty {
				return partyFound{n: v, ok: true, from: t.tokens[i].from, to: tok.to}
			}
		}
	}
	for i, tok := range t.tokens {
		if v, whole := tok.num.whole(); tok.isNum && whole {
			m, near := t.at(i+1, tok.to)
			if _, we := w.softBefore(t.low, tok.from, softPartyBefore); we && v >= 2 && v <= mostParty && w.clauseEnds(t, i) {
				return partyFound{n: v, ok: true, from: tok.from, to: tok.to}
			}
			if tok.num.high > 0 || tok.from > 0 && (t.low[tok.from-1] == w.nth || w.num.come[t.low[tok.from-1]]) {
				continue
			}
			if f := w.joined(t, i, v); !asked && f.ok {
				return f
			}
			if !near || !w.is(m, clsPeople) {
				continue
			}
			if !asked && (v < 2 || w.is(m, clsUnit) || !w.isOf(m, clsPeople) && !w.softIn(t.low, softPartyCue)) {
				continue
			}
			f := partyFound{n: v, from: tok.from, to: m.to, ok: v >= 1 && v <= mostParty}
			f.fault = !f.ok
			if _, total := w.softBefore(t.low, tok.from, softTotal); !total && f.ok && w.softIn(t.low[m.to:], softTotal) {
				best = f // 我同两个老乡 一共三个人
				continue
			}
			return f
		}
		switch {
		case best.ok:
		case w.is(tok, clsPair) && !w.unitFollows(t, i):
			n, _ := w.sense(tok, clsPair)
			best = partyFound{n: int(n), ok: true, from: tok.from, to: tok.to}
		case w.is(tok, clsAlone) && asked:
			best = partyFound{n: 1, ok: true, from: tok.from, to: tok.to}
		}
	}
	if best.ok {
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
	if !asked {
		return partyFound{}
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

// joined reads 我跟两个老乡, three in all, and 连我三个.
func (w *Words) joined(t *text, i, v int) partyFound {
	tok := t.tokens[i]
	if v < 1 || v >= mostParty {
		return partyFound{}
	}
	if _, with := w.softBefore(t.low, tok.from, softWithMe); with {
		return partyFound{n: v, ok: v > 1, from: tok.from, to: tok.to}
	}
	m, near := t.at(i+1, tok.to)
	if !near || !w.is(m, clsPeople) || w.softIn(t.low, softTotal) {
		return partyFound{}
	}
	c, near := t.at(i+2, m.to)
	fellows, _ := w.sense(m, clsPeople)
	companion := fellows == 2 || w.softAt(t.low, m.to, softRelative) > m.to || near && w.is(c, clsCompanion) || w.softAt(t.low, m.from, softRelative) > m.from
	if !companion {
		return partyFound{}
	}
	for j := i - 1; j >= 0 && j >= i-3; j-- {
		if w.is(t.tokens[j], clsWith) && tok.from-t.tokens[j].to <= 3 {
			return partyFound{n: v + 1, ok: true, from: tok.from, to: m.to}
		}
	}
	return partyFound{}
}

// isOf reports that the word counts people and nothing else.
func (w *Words) isOf(t token, c class) bool {
	if !w.is(t, c) {
		return false
	}
	val, _ := w.sense(t, c)
	return val >= 1
}

// unitFollows reports that 俩 counts something: 俩月.
func (w *Words) unitFollows(t *text, i int) bool {
	tok := t.tokens[i]
	m, near := t.at(i+1, tok.to)
	return near && m.from == tok.to && (w.is(m, clsUnit) || w.is(m, clsMonth) || w.is(m, clsYear) || w.is(m, clsPeople))
}
