package understand

import (
	"fmt"
	"slices"
	"strings"

	"yilu/bot"
)

// maxGroups bounds the groups of phrases, so that those met fit on the stack.
const maxGroups = 2048

// maxPhrases bounds the phrases, for the same.
const maxPhrases = 1 << 14

// met says which groups of phrases a message meets, and what danger it tells.
type met struct {
	groups [maxGroups / 64]uint64
	seen   [maxPhrases / 64]uint64 // phrases that were met
	hits   []hit                   // of danger
	room   [8]hit
	sums   [maxLabels]int32 // what linear weighs
}

func (m *met) set(group int32)      { m.groups[group/64] |= 1 << (group % 64) }
func (m *met) has(group int32) bool { return m.groups[group/64]&(1<<(group%64)) != 0 }

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

// slotNames are what a rule may ask of what else was found, after "@". "slot" is a trade, place, pay, settlement, shift,
// day or board; "kind" is a kind of dispute but for an injury, which alone is none.
var slotNames = []string{"trade", "place", "pay", "settle", "shift", "date", "time", "party", "board", "name", "phone", "birth", "slot", "kind", "injury", "topic", "sum"}

const (
	bitKind   = 13
	bitInjury = 14
	bitTopic  = 15
	bitSum    = 16
)

// rule tells one thing: a wish, a kind of dispute, or what a question about insurance is after.
type rule struct {
	says       string
	own        bool   // an operator's: nothing weighs more
	reason     string // of a report
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

func (r *rule) holds(m *met, slots uint32) bool {
	if r.not.holds(m, slots) {
		return false
	}
	for _, need := range r.need {
		if !need.holds(m, slots) {
			return false
		}
	}
	return true
}

// phrase is what a word of the lexicon counts for as a phrase.
func (l *loader) phrase(key, word string) *phraseSense {
	i := l.w.phrases.add(l.fold(key, word))
	if i >= maxPhrases {
		_ = l.bad(key, "%q is one phrase too many: %d are the most", word, maxPhrases)
		return &phraseSense{}
	}
	if int(i) == len(l.w.phrase) {
		l.w.phrase = append(l.w.phrase, phraseSense{})
	}
	return &l.w.phrase[i]
}

// phrasesFor makes words and patterns meet a group.
func (l *loader) phrasesFor(key string, group int32, words []string) {
	for _, word := range words {
		if isPattern(word) {
			l.patternFor(key, word, group, 0)
			continue
		}
		if s := l.phrase(key, word); !slices.Contains(s.groups, group) {
			s.groups = append(s.groups, group)
		}
	}
}

// cues loads fields.toml and concepts.toml.
func (l *loader) cues() error {
	var fields fieldsFile
	if err := l.read("fields.toml", &fields); err != nil {
		return err
	}
	l.phrasesFor("cue.strong", groupStrong, fields.Cue.Strong)
	l.phrasesFor("cue.weak", groupWeak, fields.Cue.Weak)
	l.phrasesFor("cue.unless", groupUnless, fields.Cue.Unless)
	for field, words := range fields.Field {
		i := slices.Index(bot.Parsers, bot.Parser(field))
		if i < 0 {
			return l.bad("field."+field, "unknown kind of answer; use one of %v", bot.Parsers)
		}
		l.phrasesFor("field."+field, groupFields+int32(i), words)
	}
	if l.fault != nil {
		return l.fault
	}
	if err := l.read("concepts.toml", &l.concepts); err != nil {
		return err
	}
	for name, words := range l.concepts {
		if slices.Contains(slotNames, name) {
			return l.bad(name, "is the name of a value; give the concept another one")
		}
		for _, word := range words {
			if other, ref := strings.CutPrefix(word, "@"); ref && l.concepts[other] == nil {
				return l.bad(name, "there is no concept %q", other)
			}
		}
	}
	for _, concept := range []string{"work", "ask", "hire", "seek", "applying"} {
		l.phrasesFor(concept, groupJob, l.concept(concept, concept))
	}
	l.phrasesFor("post", groupPost, l.concept("post", "post"))
	l.next = groupFields + int32(len(bot.Parsers))
	return l.fault
}

// wishes loads intents.toml.
func (l *loader) wishes() error {
	var f intentsFile
	if err := l.read("intents.toml", &f); err != nil {
		return err
	}
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
		made := l.rule(key, r.Intent, r.Need, r.Not)
		made.reason, made.confidence = r.Reason, r.Confidence
		l.w.rules = append(l.w.rules, made)
	}
	return l.fault
}

// facts loads facts.toml: kinds of disputes and topics of questions.
func (l *loader) facts() error {
	var f factsFile
	if err := l.read("facts.toml", &f); err != nil {
		return err
	}
	for i, k := range f.Kind {
		key := fmt.Sprintf("kind[%d] (%s)", i, k.ID)
		if !slices.Contains(bot.DisputeKinds, bot.DisputeKind(k.ID)) {
			return l.bad(key, "unknown kind; use one of %v", bot.DisputeKinds)
		}
		l.w.kinds = append(l.w.kinds, l.rule(key, k.ID, k.Need, k.Not))
	}
	for i, t := range f.Topic {
		key := fmt.Sprintf("topic[%d] (%s)", i, t.ID)
		if !slices.Contains(bot.InsuranceTopics, bot.InsuranceTopic(t.ID)) {
			return l.bad(key, "unknown topic; use one of %v", bot.InsuranceTopics)
		}
		l.w.topics = append(l.w.topics, l.rule(key, t.ID, t.Need, t.Not))
	}
	return l.fault
}

func (l *loader) rule(key, says string, need [][]string, not []string) rule {
	r := rule{says: says}
	if len(need) == 0 {
		_ = l.bad(key+".need", "is empty: the rule would always hold")
	}
	for _, words := range need {
		r.need = append(r.need, l.condition(key+".need", words))
	}
	r.not = l.condition(key+".not", not)
	if l.next >= maxGroups {
		_ = l.bad(key, "is one rule too many: %d groups of words are the most", maxGroups)
	}
	return r
}

// condition makes a group of phrases; "@work" stands for a concept or a slot.
func (l *loader) condition(key string, words []string) condition {
	c := condition{group: min(l.next, maxGroups-1)}
	l.next++
	for _, word := range words {
		name, ref := strings.CutPrefix(word, "@")
		slot := slices.Index(slotNames, name)
		switch {
		case ref && slot >= 0:
			c.slots |= 1 << slot
		case ref && l.concepts[name] != nil:
			l.phrasesFor(key, c.group, l.concept(key, name))
		case ref && name != "":
			_ = l.bad(key, "%q is no concept and no slot", word)
		default:
			l.phrasesFor(key, c.group, []string{word})
		}
	}
	return c
}

// slotBits says which slots are filled, by slotNames.
func slotBits(s *bot.Slots, asks []bot.AskBack) uint32 {
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

// mostFound is how many elements of patterns a message may hold; what is behind them makes no pattern.
const mostFound = 10_000

// meet finds the groups that the message's words and patterns meet.
func (w *Words) meet(m *met, r []rune) {
	var room [768]found
	in := room[:0]
	for i := range r {
		w.phrases.each(r, i, func(word int32, end int) {
			s := &w.phrase[word]
			if m.seen[word/64]&(1<<(word%64)) == 0 {
				m.seen[word/64] |= 1 << (word % 64)
				for _, g := range s.groups {
					m.set(g)
				}
			}
			if len(in) >= mostFound {
				return
			}
			for _, e := range s.elements {
				in = append(in, found{element: uint16(e), from: uint16(i), to: uint16(end)})
			}
		})
	}
	w.patternsIn(r, in, func(p *pattern, from, to int) {
		for _, g := range p.groups {
			m.set(g)
		}
		if p.danger != 0 && !w.denied(r, from, dangerDeny) && !w.feared(r, from) {
			m.hit(from, to, p.danger, false)
		}
	})
}

// judge returns the rule that fits best.
func (w *Words) judge(m *met, slots uint32) (best *rule) {
	for i := range w.rules {
		if r := &w.rules[i]; (best == nil || r.confidence > best.confidence) && r.holds(m, slots) {
			best = r
		}
	}
	return best
}

// intents are those that the lexicon may name.
var intents = []bot.Intent{
	bot.RegisterStart, bot.RegisterEdit, bot.JobsSearch, bot.JobsApply, bot.JobsWithdraw, bot.JobsMine, bot.JobsReport, bot.AlertAdd, bot.AlertRemove,
	bot.StationsFind, bot.InsuranceAsk, bot.InsuranceClaim, bot.DisputeNew, bot.DisputeStatus, bot.DisputeWithdraw, bot.NavBack, bot.NavCancel,
	bot.NavHome, bot.NavGreet, bot.NavHelp, bot.NavHuman, bot.NavSkip, bot.NavMore, bot.NavRestart, bot.LangChinese, bot.LangEnglish, bot.Unsubscribe,
	bot.PrivacyDelete, bot.PrivacyExport, bot.PrivacyView, bot.LinkAdd, bot.LinkRemove, bot.Unknown,
}

// reasons are why a post is reported.
var reasons = []string{"fee", "wrong_address", "wrong_trade", "unreachable", "already_full", "unpaid", "scam"}
