// Package understand says what a worker's words mean: an intent and slots for any message, and the answer to one
// question by the shared parsers. It guarantees that it is a pure function of the text, the lexicon and the time given,
// that no text makes it fail or take long (2,000 runes are read), and that a value it returns is one that its parser
// promises: a phone is a mainland mobile, a day is not past, a trade is in the lexicon. It guesses no value: a word with
// two meanings is asked back. It knows words, patterns of words and small grammars of numbers, days and sums, and beside
// them weights of groups of characters that were learnt of labelled messages (Learn, weights.tsv): these say what a
// message that fits no rule is like, with a confidence that leaves no dialogue. What it does not know it calls Unknown.
// TestMeasure, TestUnseen and TestFolds say how well that serves.
//
// All words stand in the lexicon, TOML files in locales/lexicon; none are in this package.
package understand

import (
	"slices"

	"yilu/bot"
)

// Words is the lexicon, ready to read with. It never changes and may be used by many at once.
type Words struct {
	trades    []Trade
	tradeByID map[bot.TradeID]int
	ambiguous []ambiguous
	spots     [][]bot.Place // the places of a word
	districts map[bot.District]map[string]string
	short     map[bot.District]string // Chinese, as people say it
	names     names
	num       numerals
	simple    map[rune]rune

	sounds     *sounds
	common     map[rune]bool // characters that voice typing does not write for others
	spoken     *spoken       // trades and places, by sound; ids are words of entities
	spokenCmds *spoken       // commands, by sound; ids are words of commands

	entities *trie
	senses   [][]sense // by word of entities
	soft     *trie     // words that may stand around others
	softBits []uint64  // by word of soft: in which sets it is
	commands *trie
	command  []commandSense // by word of commands
	phrases  *trie          // words of rules, fields and corrections
	phrase   []phraseSense  // by word of phrases
	danger   danger
	patterns []pattern
	kinds    []rule // of disputes
	topics   []rule // of questions about insurance, the likelier first
	rules    []rule
	linear   linear

	patternsFrom [][]int32 // by first element

	weekdays map[rune]int // 1 Monday to 7 Sunday
	zodiac   map[rune]bool
	feasts   []feast
	lunar    []func() *lunarYear // from firstLunarYear on
	circled  map[rune]int
	ordinals map[string]int
	nth      rune // 第
	points   []point
}

// Trade is one trade of the lexicon.
type Trade struct {
	ID       bot.TradeID
	Name     map[string]string // by language: "zh-CN", "en"
	Synonyms []string          // what people call it, words with other meanings included
	Group    string
	Flags    Flags
}

// Flags are what a trade asks of those who do it. They warn; they do not bar.
type Flags struct {
	Special   bool // a certificate for special operations (特种作业操作证)
	Equipment bool // a certificate for special equipment (特种设备作业人员证)
	Health    bool // a health certificate
	Licence   bool // a driving or transport licence
	Adult     bool // not for minors, and usually not past retirement age
}

// Trades lists all trades in the order of their ids.
func (w *Words) Trades() []Trade { return slices.Clone(w.trades) }

// TradeName is the trade's name in the language, in the first one if it has none there, the id if it is unknown.
func (w *Words) TradeName(id bot.TradeID, lang string) string {
	i, ok := w.tradeByID[id]
	if !ok {
		return string(id)
	}
	return named(w.trades[i].Name, lang)
}

// DistrictName is the name of a district, or of what is outside Xiamen, in the language.
func (w *Words) DistrictName(d bot.District, lang string) string {
	if n := w.districts[d]; n != nil {
		return named(n, lang)
	}
	return string(d)
}

// firstLang is the language in which every name is there.
const firstLang = "zh-CN"

func named(names map[string]string, lang string) string {
	if n := names[lang]; n != "" {
		return n
	}
	return names[firstLang]
}

// Place returns all places of that name or alias: one for each district that has it, several for a name like 岛内, none
// if it is unknown.
func (w *Words) Place(name string) []bot.Place {
	for _, s := range w.entity(name) {
		if s.class == clsPlace || s.class == clsArea || s.class == clsCity {
			return slices.Clone(w.spots[s.val])
		}
	}
	return nil
}

// Trade returns the trade with that id, name, or word that means it alone.
func (w *Words) Trade(name string) (bot.TradeID, bool) {
	if i, ok := w.tradeByID[bot.TradeID(Fold(name))]; ok {
		return w.trades[i].ID, true
	}
	folded := Fold(name)
	for _, t := range w.trades {
		for _, n := range t.Name {
			if Fold(n) == folded {
				return t.ID, true
			}
		}
	}
	for _, s := range w.entity(name) {
		if s.class == clsTrade || s.class == clsWeakTrade {
			return w.trades[s.val].ID, true
		}
	}
	return "", false
}

// entity returns the senses of a word that is exactly s.
func (w *Words) entity(s string) []sense {
	_, low := clean(s, w.simple)
	if word, end := w.entities.longest(low, 0); word != none && end == len(low) {
		return w.senses[word]
	}
	return nil
}
