package understand

import (
	"bufio"
	"bytes"
	"fmt"
	"slices"
	"strings"

	"yilu/bot"
)

// Own are an operator's words, added to the lexicon without a release. A line is
//
//	trade t02 = word, word        what people call a trade
//	place jimei = name, name      places of a district
//	phrase jobs.search = words    words or patterns (see locales/lexicon/concepts.toml) that tell a wish
//	command nav.help = words      a whole message that is a command
//	emergency = words             danger to life now
//	crisis = words                self-harm, or a threat of it
//
// Empty lines and those that begin with # say nothing.
type Own struct {
	Name string // of the file, for errors
	Text []byte
}

// surePhrase is how sure a wish is that an operator's words tell.
const surePhrase = 0.949

// own adds the operator's words. An error names the file and the line.
func (l *loader) own(o Own) error {
	lines := bufio.NewScanner(bytes.NewReader(o.Text))
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		l.file = o.Name
		key := fmt.Sprintf("line %d", n)
		head, list, ok := strings.Cut(line, "=")
		kind, target, _ := strings.Cut(strings.TrimSpace(head), " ")
		words := slices.DeleteFunc(strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == 0xFF0C || r == 0x3001 }), func(s string) bool { return strings.TrimSpace(s) == "" })
		for i := range words {
			words[i] = strings.TrimSpace(words[i])
		}
		if !ok || len(words) == 0 {
			return l.bad(key, "is not of the form \"trade t02 = word, word\"")
		}
		if l.ownLine(key, kind, strings.TrimSpace(target), words); l.fault != nil {
			return l.fault
		}
	}
	if err := lines.Err(); err != nil {
		return &bot.Error{Code: bot.Invalid, Op: "load lexicon", Field: o.Name, Say: "cannot be read to its end; is it a text file?", Err: err}
	}
	return nil
}

func (l *loader) ownLine(key, kind, target string, words []string) {
	w := l.w
	switch kind {
	case "trade":
		i, ok := w.tradeByID[bot.TradeID(target)]
		if !ok {
			_ = l.bad(key, "there is no trade %q; use an id like t02", target)
			return
		}
		for _, word := range words {
			if s := w.entity(word); slices.ContainsFunc(s, func(s sense) bool {
				return (s.class == clsTrade || s.class == clsWeakTrade) && s.val != int32(i) || s.class == clsAmbiguous
			}) {
				_ = l.bad(key, "%q means another trade already, or several; take it out", word)
				return
			}
		}
		l.sense(key, words, clsTrade, int32(i))
	case "place":
		if w.districts[bot.District(target)] == nil || !slices.Contains(bot.Districts, bot.District(target)) {
			_ = l.bad(key, "there is no district %q; use one of %v", target, bot.Districts)
			return
		}
		for _, word := range words {
			if len(w.Place(word)) > 0 {
				_ = l.bad(key, "%q is a place of the lexicon already; take it out", word)
				return
			}
			l.sense(key, []string{word}, clsPlace, l.spots([]bot.Place{{District: bot.District(target), Name: word}}))
		}
	case "phrase":
		if !slices.Contains(intents, bot.Intent(target)) {
			_ = l.bad(key, "there is no wish %q; use one of %v", target, intents)
			return
		}
		r := l.rule(key, target, [][]string{words}, nil)
		r.confidence, r.own = surePhrase, true
		w.rules = append(w.rules, r)
	case "command":
		if !slices.Contains(intents, bot.Intent(target)) {
			_ = l.bad(key, "there is no wish %q; use one of %v", target, intents)
			return
		}
		for _, word := range words {
			l.command(key, bot.Intent(target), word)
		}
	case "emergency", "crisis":
		danger := dangerEmergency
		if kind == "crisis" {
			danger = dangerCrisis
		}
		for _, word := range words {
			if !isPattern(word) {
				word = "(" + word + ")"
			}
			l.patternFor(key, word, 0, danger)
		}
	default:
		_ = l.bad(key, "begins with %q; write trade, place, phrase, command, emergency or crisis", kind)
	}
}
