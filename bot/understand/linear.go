package understand

import (
	"bytes"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"yilu/bot"
)

// linear weighs labels by what stands in a message: groups of one to three characters, with a trade, a place and a
// number each for one, and the kinds of values that were found. It is the sum of small whole numbers that Learn found
// in labelled messages; it knows no order beyond three characters and no words. Rules say what is certain, it says what a
// message that fits none is like.
type linear struct {
	labels  []string
	intents []bot.Intent     // by label: the first ones
	gram    map[uint64]int32 // its number
	first   []int32          // by gram: its first entry; those of the next gram follow
	entry   []weight
}

type weight struct {
	label int16
	by    int16
}

// What stands for a kind of thing in a gram, in the private part of Unicode.
const (
	gramStart rune = 0xE000 + iota
	gramEnd
	gramTrade
	gramPlace
	gramNumber
	gramPhone
	gramMark
	gramSlot rune = 0xE100 // and the bit of slotNames
)

// gramRunes is how much of a message is weighed.
const gramRunes = 160

// How the sums are weighed against the rules. They were found with TestFolds; half or double of each changes little.
const (
	ruleWorth   = 220  // of a rule's confidence of one
	graveWorth  = 260  // of a rule that tells of a harm: whoever was harmed is not to be left alone with it
	noRuleWorth = 160  // that no rule holds
	dangerLead  = 30   // by which danger must lead
	likeRunes   = 3    // of which a message must be that is like anything
	dangerRunes = 8    // of which it must be told: shorter ones hold too little to tell
	factWorth   = 120  // of a topic or reason that a rule found
	pickLeast   = 100  // that none is found: what is asked vaguely has no topic
	kindDrop    = -200 // below it a kind is none, whatever the rules found
	kindAdd     = 60   // above it it is one
)

// likely is the confidence of what a message is only like: enough to begin with at the menu, not to leave a dialogue. Danger
// is believed.
const (
	likely      = 0.4
	dangerLikes = 0.8
)

// graveIntents are the wishes of those who were harmed.
var graveIntents = []bot.Intent{bot.InsuranceClaim, bot.DisputeNew}

// likeness weighs what the rules found against what the message is like, and changes the reading where that is more, but
// not one that is firm. It reports whether it did.
func (w *Words) likeness(t *text, now time.Time, m *met, bits uint32, firm bool, r *bot.Reading) bool {
	w.linear.weigh(w, t, bits, &m.sums)
	if firm || len(t.low) < likeRunes || r.Intent != bot.Unknown && !slices.Contains(plainIntents, r.Intent) || !slices.ContainsFunc(t.low, isHan) { // what was learnt is Chinese
		return false
	}
	l, sums := &w.linear, &m.sums
	best, most, danger, alarm := bot.Unknown, int32(math.MinInt32), bot.Unknown, int32(math.MinInt32)
	for i, intent := range l.intents {
		n := sums[i]
		switch {
		case intent == bot.Emergency || intent == bot.Crisis:
			if n > alarm {
				danger, alarm = intent, n
			}
			continue
		case intent != r.Intent:
		case intent == bot.Unknown:
			n += noRuleWorth
		case r.Confidence >= digression && slices.Contains(graveIntents, intent):
			n += graveWorth
		default:
			n += int32(ruleWorth * r.Confidence)
		}
		if n > most {
			best, most = intent, n
		}
	}
	if alarm-most > dangerLead && len(t.low) >= dangerRunes && (danger == bot.Crisis || !w.over(t.low)) {
		best = danger
	}
	if best == r.Intent {
		return false
	}
	if best == bot.Unknown {
		if r.Confidence >= digression { // not for us, and so is what is in it
			r.Slots, r.Ask = ofChild(r.Slots, now), nil
		}
		r.Intent, r.Confidence, r.Slots.Reason = best, 0, ""
		return true
	}
	r.Intent, r.Confidence, r.Slots.Reason = best, likely, ""
	if best == danger {
		r.Confidence = dangerLikes
	}
	return true
}

// pick is the label of a kind that fits best, where what the rules found is worth more; that is what it is, too, where the
// weights know nothing.
func (l *linear) pick(sums *[maxLabels]int32, kind, found string) string {
	best, most := found, int32(pickLeast)
	for i, label := range l.labels {
		name, ok := strings.CutPrefix(label, kind)
		if !ok {
			continue
		}
		n := sums[i]
		if name == found {
			n += factWorth
		}
		if n > most {
			best, most = name, n
		}
	}
	return best
}

// kindsLike corrects the kinds of a dispute that the rules found.
func (w *Words) kindsLike(sums *[maxLabels]int32, s *bot.Slots) {
	for i, label := range w.linear.labels {
		name, ok := strings.CutPrefix(label, labelKind)
		if !ok {
			continue
		}
		kind := bot.DisputeKind(name)
		switch at := slices.Index(s.Kinds, kind); {
		case at >= 0 && sums[i] < kindDrop:
			s.Kinds = slices.Delete(s.Kinds, at, at+1)
		case at < 0 && sums[i] > kindAdd:
			s.Kinds = append(s.Kinds, kind)
		}
	}
}

// gramsOf calls f with every gram of the message, some twice.
func (w *Words) gramsOf(t *text, bits uint32, f func(gram uint64)) {
	w.scan(t)
	var room [gramRunes]rune
	seq := append(room[:0], gramStart)
	put := func(r rune) {
		if n := len(seq); n < gramRunes-1 && (r < gramStart || r != seq[n-1]) {
			seq = append(seq, r)
		}
	}
	at := 0
	plain := func(to int) {
		for ; at < to; at++ {
			if isMark(t.low[at]) {
				put(gramMark)
			} else {
				put(t.low[at])
			}
		}
	}
	for _, tok := range t.tokens {
		var as rune
		switch {
		case tok.isPhone || tok.isID:
			as = gramPhone
		case tok.isNum:
			as = gramNumber
		case w.is(tok, clsTrade) || w.is(tok, clsWeakTrade) || w.is(tok, clsAmbiguous):
			as = gramTrade
		case w.is(tok, clsPlace) || w.is(tok, clsArea):
			as = gramPlace
		default:
			continue
		}
		if tok.from < at {
			continue
		}
		plain(tok.from)
		put(as)
		at = tok.to
	}
	plain(len(t.low))
	seq = append(seq, gramEnd)
	for i := range seq {
		gram := uint64(0)
		for j := i; j < len(seq) && j < i+3; j++ {
			gram = gram<<21 | uint64(seq[j])
			f(gram)
		}
	}
	for i := range slotNames {
		if bits&(1<<i) != 0 {
			f(uint64(gramSlot) + uint64(i))
		}
	}
}

// weigh adds up the weights of every label. A gram counts once.
func (l *linear) weigh(w *Words, t *text, bits uint32, sums *[maxLabels]int32) {
	var seen [maxGrams / 64]uint64
	w.gramsOf(t, bits, func(gram uint64) {
		i, ok := l.gram[gram]
		if !ok || seen[i/64]&(1<<(i%64)) != 0 {
			return
		}
		seen[i/64] |= 1 << (i % 64)
		for _, e := range l.entry[l.first[i]:l.first[i+1]] {
			sums[e.label] += int32(e.by)
		}
	})
}

// These bound the labels, so that their sums fit on the stack, and the grams, for those that were seen.
const (
	maxLabels = 64
	maxGrams  = 1 << 15
)

// weightsFile holds what Learn wrote.
const weightsFile = "weights.tsv"

// gramLetters are how weights.tsv writes what stands for a kind of thing, in the order of gramStart and those behind it:
// texts are lower case, so that capitals are free.
const gramLetters = "SETPNHM"

// The kinds of labels, before what they name.
const (
	labelIntent = "intent:"
	labelKind   = "kind:"
	labelTopic  = "topic:"
	labelReason = "reason:"
	noReason    = "none" // of a report that names none
)

// weights loads weights.tsv: a line of the labels, then a gram a line with what it weighs for which label.
func (l *loader) weights() error {
	l.file = weightsFile
	raw, err := fs.ReadFile(l.fsys, weightsFile)
	if err != nil {
		return &bot.Error{Code: bot.Invalid, Op: "load lexicon", Field: weightsFile, Say: "cannot be read; put the file back", Err: err}
	}
	lines := bytes.Count(raw, []byte{'\n'})
	w := linear{gram: make(map[uint64]int32, lines), first: make([]int32, 0, lines+1), entry: make([]weight, 0, 8*lines)}
	head, rest, _ := strings.Cut(string(raw), "\n")
	w.labels = strings.Fields(head)
	if len(w.labels) == 0 || len(w.labels) > maxLabels {
		return l.bad("line 1", "names %d labels; name 1 to %d", len(w.labels), maxLabels)
	}
	for _, label := range w.labels {
		if intent, ok := strings.CutPrefix(label, labelIntent); ok {
			w.intents = append(w.intents, bot.Intent(intent))
		}
	}
	for n := 2; rest != ""; n++ {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		gram, pairs, _ := strings.Cut(line, "\t")
		key, ok := gramOf(gram)
		if !ok {
			return l.bad(fmt.Sprintf("line %d", n), "%q is no group of one to three characters", gram)
		}
		if _, twice := w.gram[key]; twice || len(w.gram) == maxGrams {
			return l.bad(fmt.Sprintf("line %d", n), "%q stands twice, or is one too many: %d are the most", gram, maxGrams)
		}
		w.gram[key] = int32(len(w.first))
		w.first = append(w.first, int32(len(w.entry)))
		for pairs != "" {
			var pair string
			pair, pairs, _ = strings.Cut(pairs, " ")
			label, by, _ := strings.Cut(pair, ":")
			i, err1 := strconv.Atoi(label)
			x, err2 := strconv.ParseInt(by, 10, 16)
			if err1 != nil || err2 != nil || i < 0 || i >= len(w.labels) {
				return l.bad(fmt.Sprintf("line %d", n), "%q is no label with its weight", pair)
			}
			w.entry = append(w.entry, weight{int16(i), int16(x)})
		}
		if int(w.first[w.gram[key]]) == len(w.entry) {
			return l.bad(fmt.Sprintf("line %d", n), "%q weighs nothing; remove the line", gram)
		}
	}
	w.first = append(w.first, int32(len(w.entry)))
	l.w.linear = w
	return nil
}

// gramOf reads a gram as weights.tsv writes it.
func gramOf(s string) (gram uint64, ok bool) {
	if slot, is := strings.CutPrefix(s, "@"); is && len(slot) > 2 {
		for i, name := range slotNames {
			if name == slot {
				return uint64(gramSlot) + uint64(i), true
			}
		}
	}
	n := 0
	for _, r := range s {
		if i := strings.IndexRune(gramLetters, r); i >= 0 {
			r = gramStart + rune(i)
		}
		gram, n = gram<<21|uint64(r), n+1
	}
	return gram, n >= 1 && n <= 3
}

// spell writes a gram.
func spell(gram uint64) string {
	if gram >= uint64(gramSlot) && gram < uint64(gramSlot)+uint64(len(slotNames)) {
		return "@" + slotNames[gram-uint64(gramSlot)]
	}
	var b strings.Builder
	for shift := 42; shift >= 0; shift -= 21 {
		switch r := rune(gram >> shift & (1<<21 - 1)); {
		case r == 0:
		case r >= gramStart && r <= gramMark:
			b.WriteByte(gramLetters[r-gramStart])
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
