package understand

import (
	"fmt"
	"slices"
	"strings"

	"yilu/bot"
)

// maxGroups bounds the groups of phrases, so that those met fit on the stack.
const maxGroups = 1024

// met says which groups of phrases a message meets.
type met [maxGroups / 64]uint64

func (m *met) set(group int32)      { m[group/64] |= 1 << (group % 64) }
func (m *met) has(group int32) bool { return m[group/64]&(1<<(group%64)) != 0 }

// phraseSense lists the groups that a phrase meets.
type phraseSense []int32

// The groups that are not of a rule stand first; the fields follow in the order of bot.Parsers.
const (
	groupDayHint int32 = iota
	groupStrong
	groupWeak
	groupUnless
	groupJob  // a cue for work
	groupPost // a question about a post
	groupFields
)

// slotNames are what a rule may ask of the slots, after "@".
var slotNames = []string{"trade", "place", "pay", "settle", "shift", "date", "time", "party", "board", "name", "phone", "birth", "slot"}

// rule tells one wish.
type rule struct {
	intent     bot.Intent
	reason     string
	confidence float64
	need       []condition
	not        condition
}

// condition is met by a group of phrases or by one of the slots.
type condition struct {
	group int32
	slots uint32 // bits by slotNames
}

func (c condition) holds(m *met, slots uint32) bool { return m.has(c.group) || c.slots&slots != 0 }

// phrases makes words meet a group.
func (l *loader) phrases(key string, group int32, words []string) {
	for _, word := range words {
		i := l.w.phrases.add(l.fold(key, word))
		if int(i) == len(l.w.phrase) {
			l.w.phrase = append(l.w.phrase, nil)
		}
		if !slices.Contains(l.w.phrase[i], group) {
			l.w.phrase[i] = append(l.w.phrase[i], group)
		}
	}
}

// intents loads fields.toml and intents.toml.
func (l *loader) intents() error {
	var fields fieldsFile
	if err := l.read("fields.toml", &fields); err != nil {
		return err
	}
	l.phrases("cue.strong", groupStrong, fields.Cue.Strong)
	l.phrases("cue.weak", groupWeak, fields.Cue.Weak)
	l.phrases("cue.unless", groupUnless, fields.Cue.Unless)
	for field, words := range fields.Field {
		i := slices.Index(bot.Parsers, bot.Parser(field))
		if i < 0 {
			return l.bad("field."+field, "unknown kind of answer; use one of %v", bot.Parsers)
		}
		l.phrases("field."+field, groupFields+int32(i), words)
	}
	if l.fault != nil {
		return l.fault
	}

	var f intentsFile
	if err := l.read("intents.toml", &f); err != nil {
		return err
	}
	l.next = int(groupFields) + len(bot.Parsers)
	for _, concept := range []string{"work", "ask", "hire", "seek"} {
		l.phrases("concept."+concept, groupJob, f.Concept[concept])
	}
	l.phrases("concept.post", groupPost, f.Concept["post"])
	for i, r := range f.Rule {
		key := fmt.Sprintf("rule[%d] (%s)", i, r.Intent)
		if !slices.Contains(intents, bot.Intent(r.Intent)) {
			return l.bad(key, "unknown intent; use one of %v", intents)
		}
		if r.Confidence <= 0 || r.Confidence > 1 {
			return l.bad(key+".confidence", "%v is not above 0 and at most 1", r.Confidence)
		}
		if r.Reason != "" && !slices.Contains(reasons, r.Reason) {
			return l.bad(key+".reason", "unknown reason %q; use one of %v", r.Reason, reasons)
		}
		if len(r.Need) == 0 {
			return l.bad(key+".need", "is empty: the rule would always hold")
		}
		made := rule{intent: bot.Intent(r.Intent), reason: r.Reason, confidence: r.Confidence}
		for _, words := range r.Need {
			made.need = append(made.need, l.condition(key+".need", words, f.Concept))
		}
		made.not = l.condition(key+".not", r.Not, f.Concept)
		l.w.rules = append(l.w.rules, made)
		if l.next >= maxGroups {
			return l.bad(key, "is one rule too many: %d groups of words are the most", maxGroups)
		}
	}
	return l.fault
}

// condition makes a group of phrases; "@work" stands for a concept or a slot.
func (l *loader) condition(key string, words []string, concepts map[string][]string) condition {
	c := condition{group: int32(min(l.next, maxGroups-1))}
	l.next++
	for _, word := range words {
		name, ref := strings.CutPrefix(word, "@")
		slot := slices.Index(slotNames, name)
		switch {
		case ref && slot >= 0:
			c.slots |= 1 << slot
		case ref && concepts[name] != nil:
			l.phrases(key, c.group, concepts[name])
		case ref && name != "":
			_ = l.bad(key, "%q is no concept and no slot", word)
		default:
			l.phrases(key, c.group, []string{word})
		}
	}
	return c
}

// slotBits says which slots are filled, by slotNames.
func slotBits(s bot.Slots, asks []bot.AskBack) uint32 {
	trade, place, pay := len(s.Trades) > 0, len(s.Places) > 0, s.Pay != bot.Pay{}
	for _, a := range asks {
		trade, place = trade || a.Parser == bot.TradeList, place || a.Parser == bot.Areas
	}
	said := []bool{trade, place, pay, s.Settle != "", s.Shift != "", s.Date != "", s.Time != "", s.Party > 0, s.Meals || s.Lodging,
		!s.Name.IsZero(), !s.Phone.IsZero(), s.Birth != bot.Birth{},
		trade || place || pay || s.Settle != "" || s.Shift != "" || s.Date != "" || s.Meals || s.Lodging}
	var bits uint32
	for i, ok := range said {
		if ok {
			bits |= 1 << i
		}
	}
	return bits
}

// meet finds the groups that the message's words meet.
func (w *Words) meet(m *met, r []rune) *met {
	for i := range r {
		w.phrases.each(r, i, func(word int32, _ int) {
			for _, g := range w.phrase[word] {
				m.set(g)
			}
		})
	}
	return m
}

// judge returns the rule that fits best.
func (w *Words) judge(m *met, slots uint32) (best rule, ok bool) {
next:
	for _, r := range w.rules {
		if r.confidence <= best.confidence || r.not.holds(m, slots) {
			continue
		}
		for _, need := range r.need {
			if !need.holds(m, slots) {
				continue next
			}
		}
		best, ok = r, true
	}
	return best, ok
}

// intents are those that the lexicon may name.
var intents = []bot.Intent{
	bot.RegisterStart, bot.RegisterEdit, bot.JobsSearch, bot.JobsApply, bot.JobsWithdraw, bot.JobsMine, bot.JobsReport, bot.AlertAdd, bot.AlertRemove,
	bot.StationsFind, bot.InsuranceAsk, bot.InsuranceClaim, bot.DisputeNew, bot.DisputeStatus, bot.DisputeWithdraw, bot.NavBack, bot.NavCancel,
	bot.NavHome, bot.NavGreet, bot.NavHelp, bot.NavHuman, bot.NavSkip, bot.NavMore, bot.NavRestart, bot.LangChinese, bot.LangEnglish, bot.Unsubscribe,
	bot.PrivacyDelete, bot.PrivacyExport, bot.PrivacyView, bot.LinkAdd, bot.LinkRemove,
}

// reasons are why a post is reported.
var reasons = []string{"fee", "wrong_address", "wrong_trade", "unreachable", "already_full", "unpaid", "scam"}
