package sheets

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"yilu/bot"
)

// Words are the names that sheets need from outside. Every function must be set and safe for use from several
// goroutines.
type Words struct {
	// Langs lists the languages, the default first.
	Langs []string
	// Text is a text of the locales by language and key. Data is a struct for the text, or nil.
	Text func(lang, key string, data any) (string, error)
	// Trades lists the trades.
	Trades []bot.TradeID
	// Trade finds a trade by a name that people use, and reports false where there is none or more than one.
	Trade func(said string) (bot.TradeID, bool)
	// TradeName names a trade.
	TradeName func(id bot.TradeID, lang string) string
	// District finds a district by a name that people use.
	District func(said string) (bot.District, bool)
	// DistrictName names a district.
	DistrictName func(d bot.District, lang string) string
}

// lexis is Words made ready for looking up in both directions.
type lexis struct {
	words     Words
	trades    map[string]bot.TradeID       // by folded id or name
	districts map[string]bot.District      // by folded id or name
	codes     map[string]map[string]string // group, folded word: code
}

func newLexis(w Words) *lexis {
	l := &lexis{words: w, trades: map[string]bot.TradeID{}, districts: map[string]bot.District{}, codes: map[string]map[string]string{}}
	for _, id := range w.Trades {
		l.trades[fold(string(id))] = id
	}
	for _, d := range bot.Districts {
		l.districts[fold(string(d))] = d
	}
	for _, lang := range w.Langs {
		for _, id := range w.Trades {
			addName(l.trades, w.TradeName(id, lang), id)
		}
		for _, d := range bot.Districts {
			addName(l.districts, w.DistrictName(d, lang), d)
		}
	}
	for group, codes := range groups {
		l.codes[group] = map[string]string{}
		for _, code := range codes {
			l.codes[group][fold(code)] = code
		}
		for _, code := range codes {
			for _, word := range l.said("sheets." + group + "." + code) {
				addName(l.codes[group], word, code)
			}
		}
	}
	l.districts[fold(string(bot.Outside))] = bot.Outside
	for _, word := range l.said("sheets.district.outside") {
		addName(l.districts, word, bot.Outside)
	}
	return l
}

// addName never takes a name away from what had it first.
func addName[V any](m map[string]V, name string, v V) {
	name = fold(name)
	if _, taken := m[name]; !taken && name != "" {
		m[name] = v
	}
}

// groups are the closed sets of values, by the part of the text key that names them.
var groups = map[string][]string{
	"flag":        {"yes", "no"},
	"state":       codesOf(bot.PostStates),
	"application": codesOf([]bot.ApplicationState{bot.Applied, bot.Withdrawn}),
	"kind":        codesOf([]bot.StationKind{bot.Market, bot.Stop}),
	"unit":        codesOf([]bot.PayUnit{bot.PerHour, bot.PerDay, bot.PerWeek, bot.PerMonth, bot.PerPiece, bot.PerTrip, bot.PerSqm, bot.PerJob}),
	"settle":      codesOf([]bot.Settle{bot.Daily, bot.Weekly, bot.Monthly, bot.OnCompletion}),
	"shift":       codesOf([]bot.Shift{bot.DayShift, bot.EveningShift, bot.NightShift}),
	"reason": {"fee", "wrong_address", "wrong_trade", "unreachable", "already_full", "unpaid", "scam",
		"nav.human", "stations.find", "insurance.ask", "insurance.claim", "dispute.new", "dispute.status", "dispute.withdraw", "case.add", "case.withdraw",
		"emergency", "crisis", "under16"},
	"casestate": codesOf(bot.CaseStates),
	"dispute":   codesOf(bot.DisputeKinds),
	"hirer":     bot.Hirers,
	"contract":  bot.Contracts,
	"route":     codesOf(bot.Routes),
	"scheme":    codesOf(bot.Schemes),
	"topic":     codesOf(bot.InsuranceTopics),
	"filekind":  codesOf([]bot.FileKind{bot.Photo, bot.Voice, bot.Video, bot.Document}),
	"filestate": codesOf([]bot.FileState{bot.FileWaits, bot.FileKept, bot.FileLost}),
	"link":      codesOf([]bot.LinkKind{bot.LinkJoined, bot.LinkParted}),
	"why":       {"gone", "refused", "too_large", "no_channel", "gave_up"},
	"request":   codesOf([]bot.RequestKind{bot.WantsPerson, bot.PostReport, bot.WantsErase, bot.WantsCopy, bot.InDanger, bot.OwnFault}),
}

func codesOf[S ~string](all []S) []string {
	codes := make([]string, len(all))
	for i, s := range all {
		codes[i] = string(s)
	}
	return codes
}

// text is a text, or the key where there is none.
func (l *lexis) text(lang, key string, data any) string {
	if text, err := l.words.Text(lang, key, data); err == nil && text != "" {
		return text
	}
	return key
}

// label is the first of the words that a text lists, or the fallback where there is no text.
func (l *lexis) label(lang, key, fallback string) string {
	text := l.text(lang, key, nil)
	if text == key {
		return fallback
	}
	first, _, _ := strings.Cut(text, "|")
	return first
}

// said lists the words of a text in all languages.
func (l *lexis) said(key string) []string {
	var all []string
	for _, lang := range l.words.Langs {
		if text := l.text(lang, key, nil); text != key {
			all = append(all, strings.Split(text, "|")...)
		}
	}
	return all
}

func (l *lexis) trade(said string) (bot.TradeID, bool) {
	if id, ok := l.trades[fold(said)]; ok {
		return id, true
	}
	return l.words.Trade(strings.TrimSpace(said))
}

func (l *lexis) district(said string) (bot.District, bool) {
	if d, ok := l.districts[fold(said)]; ok {
		return d, true
	}
	return l.words.District(strings.TrimSpace(said))
}

// nearTrade names the trade whose name is closest to what was said, "" where none is close.
func (l *lexis) nearTrade(lang, said string) string {
	names := make([]string, 0, len(l.trades))
	for name := range l.trades {
		if !slices.Contains(l.words.Trades, bot.TradeID(name)) {
			names = append(names, name)
		}
	}
	near := nearest(said, names)
	if near == "" {
		return ""
	}
	id := l.trades[near]
	return l.words.TradeName(id, lang) + " (" + string(id) + ")"
}

// fold makes words equal that people take for the same: width, case, spaces and underscores do not count.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '_' || r == '\ufeff' {
			return -1
		}
		return unicode.ToLower(r)
	}, width.Fold.String(s))
}
