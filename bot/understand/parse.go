package understand

import (
	"strings"
	"time"

	"yilu/bot"
)

// Parse is Said.Parse of a text that is read once.
func (w *Words) Parse(p bot.Parser, s string, now time.Time) bot.Parsed {
	return w.Hear(s).Parse(p, now)
}

// Parse reads the text as the answer to one question. Match is Whole where nothing but fillers stands beside the
// answer. A Fault comes without a value, and so do Options: then one of them is to be picked, about Word.
func (m *Said) Parse(p bot.Parser, now time.Time) bot.Parsed {
	w, t := m.words, &m.text
	if t.empty() {
		return bot.Parsed{}
	}
	if p == bot.FreeText || p == bot.Certificate {
		return freeText(t)
	}
	w.scan(t)
	switch p {
	case bot.PersonName:
		return w.parseName(t)
	case bot.Phone:
		return w.parsePhone(t)
	case bot.YesNo:
		return w.parseYesNo(t)
	case bot.BirthOrAge:
		return w.parseBirth(t, now)
	case bot.Areas:
		return w.parsePlaces(t)
	case bot.TradeList:
		return w.parseTrades(t)
	case bot.PayWanted:
		return w.parsePay(t)
	case bot.StartDay:
		return w.parseDate(t, now)
	case bot.ClockTime:
		return w.parseClock(t)
	case bot.Settlement:
		if i, c, ok := w.one(t, clsSettle); ok {
			return bot.Parsed{Value: settles[i], Match: w.match(t, c, softAny|softSettle)}
		}
	case bot.WorkShift:
		if shift, c, ok := w.findShift(t); ok {
			return bot.Parsed{Value: shift, Match: w.match(t, c, softAny|softShift)}
		}
	case bot.PartySize:
		return w.parseParty(t)
	case bot.Sum:
		return w.parseSum(t, now)
	case bot.Count:
		return w.parseCount(t)
	}
	return bot.Parsed{}
}

// freeText keeps what was said.
func freeText(t *text) bot.Parsed {
	kept := t.orig[:min(len(t.orig), bot.MaxText)]
	said := false
	for _, r := range kept {
		said = said || !isMark(r)
	}
	if !said {
		return bot.Parsed{}
	}
	return bot.Parsed{Value: strings.TrimSpace(string(kept)), Match: bot.Whole}
}

// one finds the first word of a class that is not denied.
func (w *Words) one(t *text, c class) (val int32, used cover, ok bool) {
	w.scan(t)
	for _, tok := range t.tokens {
		if val, is := w.sense(tok, c); is {
			if _, no := w.softBefore(t.low, tok.from, softDeny); no {
				continue
			}
			used = make(cover, len(t.low))
			used.mark(tok.from, tok.to)
			return val, used, true
		}
	}
	return 0, nil, false
}

// parseYesNo reads consent: the word must begin the message and stand for itself, so that 可以不填吗 is no yes. Nor is
// 都行: who says that either will do has not agreed (个人信息保护法 §14 wants a clear yes).
func (w *Words) parseYesNo(t *text) bot.Parsed {
	if word, end := w.entities.longest(t.low, 0); word != none && w.is(token{word: word}, clsAnything) && end == len(t.low) {
		return bot.Parsed{}
	}
	start := w.skipSoft(t.low, 0, softYesNo)
	for _, from := range []int{0, start} {
		i := 0
		for i < len(t.tokens) && t.tokens[i].from < from {
			i++
		}
		word, end := w.entities.longest(t.low, from)
		if word == none {
			continue
		}
		tok := token{from: from, to: end, word: word}
		yes, no := w.is(tok, clsYes), w.is(tok, clsNo)
		if !yes && !no {
			continue
		}
		for end < len(t.low) { // 对的对的, 好的 可以
			at := w.skipSoft(t.low, end, softYesNo)
			for at < len(t.low) && isMark(t.low[at]) && t.low[at] != '?' {
				at++
			}
			next, to := w.entities.longest(t.low, at)
			if next == none || !w.is(token{word: next}, clsYes) && !w.is(token{word: next}, clsNo) {
				if at >= len(t.low) || at > end && isMark(t.low[at-1]) {
					end = at
				}
				break
			}
			if w.is(token{word: next}, clsYes) != yes {
				break
			}
			end = to
		}
		switch {
		case end >= len(t.low):
			return bot.Parsed{Value: yes, Match: bot.Whole}
		case end > 0 && isMark(t.low[end-1]) && t.low[end-1] != '?', isMark(t.low[end]) && t.low[end] != '?':
			return bot.Parsed{Value: yes, Match: bot.Within}
		}
	}
	return bot.Parsed{}
}
