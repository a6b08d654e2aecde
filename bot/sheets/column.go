package sheets

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"yilu/bot"
)

// kind says how a column stands in json and in a workbook.
type kind int

const (
	asText   kind = iota
	asNumber      // a number
	asFlag        // true or false
	asList        // an array
)

// column is one row of a noun's table. get writes the value, "" for none; set reads a cell that is not empty.
type column[T any] struct {
	key   string
	kind  kind
	group string        // the closed set of its values, if it has one
	limit int           // characters, 0 = MaxCell
	need  func(*T) bool // whether a row must have it; nil = never
	get   func(*T, voice) string
	set   func(*T, string, scribe) *problem
}

// needed makes the column one that every row must have.
func (c column[T]) needed() column[T] { return c.neededIf(func(*T) bool { return true }) }

func (c column[T]) neededIf(when func(*T) bool) column[T] {
	c.need = when
	return c
}

// voice is how values are written.
type voice struct {
	lexis  *lexis
	lang   string
	masked bool
	codes  bool // ids and codes instead of names, RFC 3339 instead of "2026-11-23 18:00"
}

// personal is the one place where this package opens personal data: a file of names and phones is what an export is.
func (v voice) personal(p bot.Personal) string {
	if v.masked {
		return p.Masked()
	}
	return p.Reveal()
}

func (v voice) word(group, code string) string {
	if v.codes || code == "" || !slices.Contains(groups[group], code) {
		return code
	}
	return v.lexis.label(v.lang, "sheets."+group+"."+code, code)
}

func (v voice) trade(id bot.TradeID) string {
	name := v.lexis.words.TradeName(id, v.lang)
	if v.codes || v.lexis.trades[fold(name)] != id {
		return string(id)
	}
	return name
}

func (v voice) district(d bot.District) string {
	if v.codes || d == "" {
		return string(d)
	}
	name := ""
	if d == bot.Outside {
		name = v.lexis.label(v.lang, "sheets.district.outside", string(d))
	} else if slices.Contains(bot.Districts, d) {
		name = v.lexis.words.DistrictName(d, v.lang)
	}
	if v.lexis.districts[fold(name)] != d {
		return string(d)
	}
	return name
}

// scribe is what reading a cell needs to know.
type scribe struct {
	lexis    *lexis
	lang     string
	now      time.Time
	relative bool
	state    bot.PostState
	date1904 bool              // the workbook counts days from 1904
	near     map[string]string // trades that were looked for in vain in this file, and the nearest ones
}

// text is a column of plain text, at most limit characters.
func text[T any, S ~string](key string, at func(*T) *S, limit int) column[T] {
	return column[T]{
		key: key, limit: limit,
		get: func(t *T, _ voice) string { return string(*at(t)) },
		set: func(t *T, cell string, _ scribe) *problem { *at(t) = S(cell); return nil },
	}
}

// person is a column of a personal value. Masks are refused: reading one in would put it in the place of the value.
func person[T any](key string, at func(*T) *bot.Personal, limit int) column[T] {
	return column[T]{
		key: key, limit: limit,
		get: func(t *T, v voice) string { return v.personal(*at(t)) },
		set: func(t *T, cell string, _ scribe) *problem {
			if strings.ContainsRune(cell, '*') {
				return wrong("masked")
			}
			if exponent.MatchString(cell) {
				return wrong("exponent")
			}
			*at(t) = bot.NewPersonal(cell)
			return nil
		},
	}
}

// mobile is a column of mainland mobile numbers.
func mobile[T any](key string, at func(*T) *bot.Personal) column[T] {
	c := person(key, at, 40)
	set := c.set
	c.set = func(t *T, cell string, s scribe) *problem {
		if p := set(t, cell, s); p != nil {
			return p
		}
		digits, ok := mobileDigits(cell)
		if !ok {
			return wrong("phone")
		}
		*at(t) = bot.NewPersonal(digits)
		return nil
	}
	return c
}

// choice is a column of one of a closed set.
func choice[T any, S ~string](key, group string, at func(*T) *S) column[T] {
	return column[T]{
		key: key, group: group,
		get: func(t *T, v voice) string { return v.word(group, string(*at(t))) },
		set: func(t *T, cell string, s scribe) *problem {
			code, ok := s.lexis.codes[group][fold(cell)]
			if !ok {
				return wrong("choice", FaultData{Words: s.choices(group)})
			}
			*at(t) = S(code)
			return nil
		},
	}
}

func (s scribe) choices(group string) string {
	words := make([]string, len(groups[group]))
	for i, code := range groups[group] {
		words[i] = s.lexis.label(s.lang, "sheets."+group+"."+code, code)
	}
	return strings.Join(words, " / ")
}

// flag is a column of yes or no; empty is no.
func flag[T any](key string, at func(*T) *bool) column[T] {
	return column[T]{
		key: key, kind: asFlag, group: "flag",
		get: func(t *T, v voice) string {
			if *at(t) {
				return v.word("flag", "yes")
			}
			return v.word("flag", "no")
		},
		set: func(t *T, cell string, s scribe) *problem {
			code, ok := s.lexis.codes["flag"][fold(cell)]
			if !ok {
				return wrong("choice", FaultData{Words: s.choices("flag")})
			}
			*at(t) = code == "yes"
			return nil
		},
	}
}

// number is a column of whole numbers from low to high; 0 is written as nothing unless low is 0 or less than 0.
func number[T any](key string, at func(*T) *int, low, high int) column[T] {
	return column[T]{
		key: key, kind: asNumber,
		get: func(t *T, _ voice) string {
			if *at(t) == 0 && low > 0 {
				return ""
			}
			return strconv.Itoa(*at(t))
		},
		set: func(t *T, cell string, s scribe) *problem {
			n, ok := s.whole(cell)
			if !ok {
				return wrong("number", FaultData{Min: low, Max: high})
			}
			if n < low || n > high {
				return wrong("range", FaultData{Min: low, Max: high})
			}
			*at(t) = n
			return nil
		},
	}
}

// yuan is a column of amounts: yuan in the file, fen in the noun. 0 is written as nothing.
func yuan[T any](key string, at func(*T) *int64) column[T] {
	return column[T]{
		key: key, kind: asNumber,
		get: func(t *T, _ voice) string { return yuanText(*at(t)) },
		set: func(t *T, cell string, s scribe) (p *problem) {
			*at(t), p = s.fen(cell)
			return p
		},
	}
}

// day is a column of dates.
func day[T any](key string, at func(*T) *bot.Date) column[T] {
	return column[T]{
		key: key,
		get: func(t *T, _ voice) string { return string(*at(t)) },
		set: func(t *T, cell string, s scribe) *problem {
			d, ok := s.date(cell)
			if !ok {
				return wrong("date", FaultData{Sample: "2026-11-23"})
			}
			*at(t) = d
			return nil
		},
	}
}

// moment is a column of points in time. A date alone is the first minute of the day, or the last where late is set.
func moment[T any](key string, at func(*T) *time.Time, late bool) column[T] {
	return column[T]{
		key: key,
		get: func(t *T, v voice) string { return momentText(*at(t), v.codes) },
		set: func(t *T, cell string, s scribe) *problem {
			m, ok := s.moment(cell, late)
			if !ok {
				return wrong("moment", FaultData{Sample: "2026-11-23 18:00"})
			}
			*at(t) = m
			return nil
		},
	}
}

// clock is a column of times of day.
func clock[T any](key string, at func(*T) *bot.Clock) column[T] {
	return column[T]{
		key: key,
		get: func(t *T, _ voice) string { return string(*at(t)) },
		set: func(t *T, cell string, _ scribe) *problem {
			c, ok := clockOf(cell)
			if !ok {
				return wrong("clock", FaultData{Sample: "07:00"})
			}
			*at(t) = c
			return nil
		},
	}
}

// trade is a column of one trade.
func trade[T any](key string, at func(*T) *bot.TradeID) column[T] {
	return column[T]{
		key: key,
		get: func(t *T, v voice) string { return v.trade(*at(t)) },
		set: func(t *T, cell string, s scribe) *problem {
			id, p := s.trade(cell)
			if p == nil {
				*at(t) = id
			}
			return p
		},
	}
}

func (s scribe) trade(said string) (bot.TradeID, *problem) {
	if id, ok := s.lexis.trade(said); ok {
		return id, nil
	}
	near, asked := s.near[said]
	if !asked && len(s.near) < MaxFaults { // looking takes time, and no more than that is told anyway
		near = s.lexis.nearTrade(s.lang, said)
		s.near[said] = near
	}
	if near == "" {
		return "", wrong("trade")
	}
	return "", wrong("trade_near", FaultData{Near: near})
}

// district is a column of one district.
func district[T any](key string, at func(*T) *bot.District) column[T] {
	return column[T]{
		key: key,
		get: func(t *T, v voice) string { return v.district(*at(t)) },
		set: func(t *T, cell string, s scribe) *problem {
			d, ok := s.lexis.district(cell)
			if !ok {
				return wrong("district", FaultData{Words: s.districts()})
			}
			*at(t) = d
			return nil
		},
	}
}

func (s scribe) districts() string {
	names := make([]string, len(bot.Districts))
	for i, d := range bot.Districts {
		names[i] = s.lexis.words.DistrictName(d, s.lang)
	}
	return strings.Join(names, " / ")
}

func tooLong(cell string, limit int) bool {
	if limit == 0 {
		limit = MaxCell
	}
	return len(cell) > limit && utf8.RuneCountInString(cell) > limit
}
