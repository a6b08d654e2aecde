package understand

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"yilu/bot"
)

// Load reads the lexicon folder. The first fault in it is an Error of code Invalid that names the file, the key, the
// fault and the way out. Own are words to add.
func Load(fsys fs.FS, own ...Own) (*Words, error) {
	l := &loader{fsys: fsys, w: &Words{
		sounds: newSounds(), common: map[rune]bool{}, spoken: newSpoken(), spokenCmds: newSpoken(),
		tradeByID: map[bot.TradeID]int{}, districts: map[bot.District]map[string]string{}, short: map[bot.District]string{},
		entities: newTrie(), soft: newTrie(), commands: newTrie(), phrases: newTrie(),
		simple: map[rune]rune{}, weekdays: map[rune]int{}, zodiac: map[rune]bool{}, circled: map[rune]int{}, ordinals: map[string]int{},
	}, elements: map[string]int32{}, patterns: map[string]int32{}, inside: map[string]bool{}}
	for _, step := range []func() error{l.values, l.trades, l.places, l.names, l.commands, l.cues, l.facts, l.wishes, l.danger, l.points, l.weights} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	for _, o := range own {
		if err := l.own(o); err != nil {
			return nil, err
		}
	}
	l.listen()
	return l.w, nil
}

// listen makes the trades, places and commands known by their sound, too.
func (l *loader) listen() {
	w := l.w
	w.entities.walk(func(text []rune, word int32) {
		for _, s := range w.senses[word] {
			switch s.class {
			case clsTrade, clsAmbiguous, clsPlace:
				w.spoken.add(w.sounds, text, word)
			}
		}
	})
	w.commands.walk(func(text []rune, word int32) {
		if len(text) >= 2 && w.command[word].intent != "" {
			w.spokenCmds.add(w.sounds, text, word)
		}
	})
}

// loader builds a Words.
type loader struct {
	fsys  fs.FS
	w     *Words
	file  string
	fault error
	next  int32 // the next group

	concepts map[string][]string
	inside   map[string]bool  // concepts that are being opened
	elements map[string]int32 // of patterns, by how they are written
	patterns map[string]int32 // by how they are written
}

// read decodes a file strictly: a key that nothing reads is a fault.
func (l *loader) read(name string, into any) error {
	l.file = name
	raw, err := fs.ReadFile(l.fsys, name)
	if err != nil {
		return &bot.Error{Code: bot.Invalid, Op: "load lexicon", Field: name, Say: "cannot be read; put the file back", Err: err}
	}
	meta, err := toml.Decode(string(raw), into)
	if err != nil {
		return &bot.Error{Code: bot.Invalid, Op: "load lexicon", Field: name, Say: "is not valid TOML", Err: err}
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		return l.bad(extra[0].String(), "unknown key; remove it or correct its spelling")
	}
	return nil
}

// bad keeps the first fault.
func (l *loader) bad(key, format string, args ...any) error {
	err := &bot.Error{Code: bot.Invalid, Op: "load lexicon", Field: l.file + ": " + key, Say: fmt.Sprintf(format, args...)}
	if l.fault == nil {
		l.fault = err
	}
	return l.fault
}

// fold prepares a word of the lexicon; an empty one is a fault.
func (l *loader) fold(key, word string) string {
	_, low := clean(word, l.w.simple)
	if len(low) == 0 {
		_ = l.bad(key, "holds an empty word; remove it")
	}
	return string(low)
}

// sense gives words a meaning.
func (l *loader) sense(key string, words []string, c class, val int32) {
	for _, word := range words {
		i := l.w.entities.add(l.fold(key, word))
		if int(i) == len(l.w.senses) {
			l.w.senses = append(l.w.senses, nil)
		}
		if s := (sense{c, val}); !slices.Contains(l.w.senses[i], s) {
			l.w.senses[i] = append(l.w.senses[i], s)
		}
	}
}

// softly puts words into a set of soft words.
func (l *loader) softly(key string, words []string, set uint64) {
	for _, word := range words {
		i := l.w.soft.add(l.fold(key, word))
		if int(i) == len(l.w.softBits) {
			l.w.softBits = append(l.w.softBits, 0)
		}
		l.w.softBits[i] |= set
	}
}

func (l *loader) trades() error {
	var f tradesFile
	if err := l.read("trades.toml", &f); err != nil {
		return err
	}
	w := l.w
	owner := map[string]string{}
	l.sense("block", f.Block, clsBlock, 0)
	l.sense("anything", f.Anything, clsAnything, 0)
	for i, t := range f.Trade {
		id := bot.TradeID(t.ID)
		if t.ID == "" || t.ID != Fold(t.ID) {
			return l.bad(fmt.Sprintf("trade[%d].id", i), "%q is no id; write one like t67", t.ID)
		}
		if _, twice := w.tradeByID[id]; twice {
			return l.bad("trade."+t.ID, "duplicate id; give the second one another")
		}
		for _, lang := range []string{firstLang, "en"} {
			if t.Name[lang] == "" {
				return l.bad("trade."+t.ID+".name", "empty name in %s; write one", lang)
			}
		}
		flags, err := l.flags(t.ID, t.Flags)
		if err != nil {
			return err
		}
		w.tradeByID[id] = i
		w.trades = append(w.trades, Trade{ID: id, Name: t.Name, Synonyms: slices.Concat(t.Words, t.Weak), Group: t.Group, Flags: flags})
		words := slices.Concat(t.Words, []string{t.Name[firstLang], t.Name["en"]})
		for _, word := range slices.Concat(words, t.Weak) {
			if first, twice := owner[Fold(word)]; twice && first != t.ID {
				return l.bad("trade."+t.ID+".words", "%q belongs to %s already; move it to an [[ambiguous]] table", word, first)
			}
			owner[Fold(word)] = t.ID
		}
		l.sense("trade."+t.ID+".words", words, clsTrade, int32(i))
		l.sense("trade."+t.ID+".weak", t.Weak, clsWeakTrade, int32(i))
	}
	if _, ok := w.tradeByID[bot.AnyTrade]; !ok {
		return l.bad("trade", "%s, the trade of those who take anything, is missing", bot.AnyTrade)
	}
	for i, a := range f.Ambiguous {
		key := fmt.Sprintf("ambiguous[%d]", i)
		amb := ambiguous{settle: map[bot.TradeID][][]rune{}, weak: a.Weak}
		for _, id := range a.Trades {
			if _, ok := w.tradeByID[bot.TradeID(id)]; !ok {
				return l.bad(key, "unknown trade %q; use an id from this file", id)
			}
			amb.trades = append(amb.trades, bot.TradeID(id))
		}
		if len(amb.trades) < 2 {
			return l.bad(key, "names fewer than two trades; make it a word of the trade")
		}
		for id, words := range a.Settle {
			if !slices.Contains(a.Trades, id) {
				return l.bad(key+".settle", "%q is not among the trades", id)
			}
			for _, word := range words {
				amb.settle[bot.TradeID(id)] = append(amb.settle[bot.TradeID(id)], []rune(l.fold(key, word)))
			}
		}
		for _, word := range a.Words {
			if first, twice := owner[Fold(word)]; twice {
				return l.bad(key, "%q belongs to %s already; remove it there", word, first)
			}
		}
		l.sense(key, a.Words, clsAmbiguous, int32(len(w.ambiguous)))
		w.ambiguous = append(w.ambiguous, amb)
	}
	return l.fault
}

func (l *loader) flags(id string, names []string) (Flags, error) {
	var f Flags
	for _, name := range names {
		switch name {
		case "special":
			f.Special = true
		case "equipment":
			f.Equipment = true
		case "health":
			f.Health = true
		case "licence":
			f.Licence = true
		case "adult":
			f.Adult = true
		default:
			return f, l.bad("trade."+id+".flags", "unknown flag %q; use special, equipment, health, licence or adult", name)
		}
	}
	return f, nil
}

func (l *loader) places() error {
	var f placesFile
	if err := l.read("places.toml", &f); err != nil {
		return err
	}
	w := l.w
	l.sense("block", f.Block, clsBlock, 0)
	var order []string
	spots := map[string][]bot.Place{}
	put := func(key, word string, p bot.Place) {
		folded := l.fold(key, word)
		if _, ok := spots[folded]; !ok {
			order = append(order, folded)
		}
		if !slices.Contains(spots[folded], p) {
			spots[folded] = append(spots[folded], p)
		}
	}
	for i, d := range f.District {
		id := bot.District(d.ID)
		if !slices.Contains(bot.Districts, id) {
			return l.bad(fmt.Sprintf("district[%d].id", i), "unknown district %q; use one of %v", d.ID, bot.Districts)
		}
		if w.districts[id] != nil {
			return l.bad("district."+d.ID, "duplicate district; join the two")
		}
		if d.Name[firstLang] == "" || d.Name["en"] == "" {
			return l.bad("district."+d.ID+".name", "empty name; write one in %s and en", firstLang)
		}
		if len(d.Words) == 0 {
			return l.bad("district."+d.ID+".words", "is empty; write what people call the district, the usual word first")
		}
		w.districts[id], w.short[id] = d.Name, d.Words[0]
		for _, word := range d.Words {
			put("district."+d.ID+".words", word, bot.Place{District: id})
		}
		for j, name := range d.Places {
			if slices.Contains(d.Places[:j], name) {
				return l.bad("district."+d.ID+".places", "%q stands twice; remove one", name)
			}
			put("district."+d.ID+".places", name, bot.Place{District: id, Name: placeName(name)})
		}
		for name, aliases := range d.Aliases {
			if !slices.Contains(d.Places, name) {
				return l.bad("district."+d.ID+".aliases", "%q is not among the places; add it there", name)
			}
			for _, alias := range aliases {
				put("district."+d.ID+".aliases", alias, bot.Place{District: id, Name: placeName(name)})
			}
		}
	}
	if len(w.districts) != len(bot.Districts) {
		return l.bad("district", "has %d districts; all of %v are wanted", len(w.districts), bot.Districts)
	}
	w.districts[bot.Outside] = f.Outside.Name
	if f.Outside.Name[firstLang] == "" || f.Outside.Name["en"] == "" {
		return l.bad("outside.name", "empty name; write one in %s and en", firstLang)
	}
	for _, name := range f.Outside.Places {
		if folded := Fold(name); len(spots[folded]) > 0 {
			return l.bad("outside.places", "%q is in %s already; remove one", name, spots[folded][0].District)
		}
		put("outside.places", name, bot.Place{District: bot.Outside, Name: name})
	}
	for _, word := range order {
		slices.SortStableFunc(spots[word], func(a, b bot.Place) int {
			return slices.Index(bot.Districts, a.District) - slices.Index(bot.Districts, b.District)
		})
		l.sense("places", []string{word}, clsPlace, l.spots(spots[word]))
	}
	var all []bot.Place
	for _, d := range bot.Districts {
		all = append(all, bot.Place{District: d})
	}
	for i, s := range f.Several {
		var area []bot.Place
		for _, d := range s.Districts {
			if w.districts[bot.District(d)] == nil {
				return l.bad(fmt.Sprintf("several[%d]", i), "unknown district %q; use one of %v", d, bot.Districts)
			}
			area = append(area, bot.Place{District: bot.District(d)})
		}
		l.sense(fmt.Sprintf("several[%d].words", i), s.Words, clsArea, l.spots(area))
	}
	l.sense("city", f.City, clsCity, l.spots(all))
	l.sense("anywhere", f.Anywhere, clsAnywhere, l.spots(all))
	l.softly("from_before", f.FromBefore, softFromBefore)
	l.softly("from_lead", f.FromLead, softFromLead)
	l.softly("from_tail", f.FromTail, softFromTail)
	l.softly("from_after", f.FromAfter, softFromAfter)
	return l.fault
}

func (l *loader) spots(p []bot.Place) int32 {
	l.w.spots = append(l.w.spots, p)
	return int32(len(l.w.spots) - 1)
}

// placeName shows a Latin name as it is written on signs: SM.
func placeName(name string) string {
	if strings.ToUpper(name) == strings.ToLower(name) {
		return name
	}
	return strings.ToUpper(name)
}
