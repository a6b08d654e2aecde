package understand

import "yilu/bot"

// class says what kind of thing a word can be.
type class uint8

const (
	clsBlock class = iota + 1 // holds another word and is none
	clsTrade
	clsWeakTrade
	clsAmbiguous
	clsPlace // spots; several are asked back
	clsArea  // spots, all of them
	clsCity
	clsAnywhere
	clsAnything // any trade
	clsYuan
	clsSheet // a hundred yuan
	clsDime  // a tenth of a yuan
	clsApprox
	clsAbove
	clsBelow
	clsTo
	clsPer
	clsOpen
	clsPrefix // val: unit
	clsUnit   // val: unit
	clsSettle
	clsShift
	clsEvening // the evening shift, or when something was
	clsMeals
	clsLodging
	clsDay // val: days from today
	clsAtOnce
	clsPast
	clsDaysLater
	clsWeeksLater
	clsInBefore
	clsInAfter
	clsMonthEnd
	clsNextMonthEnd
	clsNextMonth
	clsNextWeek
	clsWeek
	clsThis
	clsNext
	clsAfterNext
	clsWeekend
	clsYear
	clsMonth
	clsDate
	clsLunar
	clsEnglishDay
	clsHour
	clsMinute
	clsHalf
	clsQuarter // val: minutes
	clsPart    // val: part of the day
	clsBorn
	clsAge
	clsNearly
	clsDecade
	clsZodiac
	clsPeople
	clsAlone
	clsPair
	clsWith
	clsCompanion
	clsNumber // val
	clsOrdinal
	clsYes
	clsNo
)

// sense is one meaning of a word.
type sense struct {
	class class
	val   int32
}

// Parts of the day.
const (
	partNight int32 = iota
	partMorning
	partNoon
	partAfternoon
	partEvening
)

var units = []bot.PayUnit{bot.PerHour, bot.PerDay, bot.PerWeek, bot.PerMonth, bot.PerPiece, bot.PerTrip, bot.PerSqm, bot.PerJob}
var settles = []bot.Settle{bot.Daily, bot.Weekly, bot.Monthly, bot.OnCompletion}
var shifts = []bot.Shift{bot.DayShift, bot.EveningShift, bot.NightShift}

// The sets of soft words, as bits.
const (
	softAny uint64 = 1 << iota
	softName
	softPhone
	softBirth
	softPlaces
	softTrades
	softPay
	softDate
	softTime
	softSettle
	softShift
	softParty
	softYesNo
	softBetween     // between "一天" and a sum
	softMoneyBefore // before a sum
	softSelf        // before an age
	softWorked      // before years of work
	softAbout       // after a loose age
	softBornBefore  // before a year of birth
	softRelative    // somebody else
	softOwn         // before a relative
	softMine        // the worker
	softPartyCue
	softPartyBefore // before a number of people
	softChoiceBefore
	softChoiceAfter
	softCounter
	softFromLead
	softFromTail
	softFromBefore
	softFromAfter // behind a home, enough alone
	softNameLead
	softNameLoose
	softNameTail
	softSpelt
	softSentence
	softNear // after a bare hour
	softDeny // before what is not wanted
	softNameCut
	softAfter    // behind an hour from which on somebody can work
	softPick     // before a number that picks, even with a counter
	softCount    // counters that do not pick alone
	softNoChoice // numerals that only count
)

// ambiguous is a word of several trades.
type ambiguous struct {
	trades []bot.TradeID
	settle map[bot.TradeID][][]rune
	weak   bool
}

// token is a word, a number or a phone number in a text.
type token struct {
	from, to int
	word     int32 // of entities, or none
	num      number
	isNum    bool
	isPhone  bool
}

// text is a message made ready.
type text struct {
	orig, low []rune
	tokens    []token
	phone     phoneSpan
}

func (t *text) empty() bool { return len(t.low) == 0 }

// sense returns the meaning that the token has in the class.
func (w *Words) sense(t token, c class) (int32, bool) {
	if t.word == none {
		return 0, false
	}
	for _, s := range w.senses[t.word] {
		if s.class == c {
			return s.val, true
		}
	}
	return 0, false
}

func (w *Words) is(t token, c class) bool { _, ok := w.sense(t, c); return ok }

// scan finds the words, numbers and the phone number: at each place the longest.
func (w *Words) scan(t *text) {
	if t.tokens != nil {
		return
	}
	r := t.low
	t.phone = w.findPhone(r)
	t.tokens = make([]token, 0, 4+len(r)/4)
	for i := 0; i < len(r); {
		if r[i] == ' ' {
			i++
			continue
		}
		if t.phone.ok && i == t.phone.from {
			t.tokens = append(t.tokens, token{from: i, to: t.phone.to, word: none, isPhone: true})
			i = t.phone.to
			continue
		}
		word, end := w.entities.longest(r, i)
		if n, ok := w.num.read(r, i); ok && (word == none || end-i < 2 || n.end > end) {
			t.tokens = append(t.tokens, token{from: i, to: n.end, word: none, num: n, isNum: true})
			i = n.end
			continue
		}
		if word != none {
			tok := token{from: i, to: end, word: word}
			if n, ok := w.sense(tok, clsNumber); ok {
				tok.isNum, tok.num = true, number{cents: int64(n) * 100, end: end}
			}
			t.tokens = append(t.tokens, tok)
			i = end
			continue
		}
		for i++; i < len(r) && joined(r[i-1], r[i]); i++ {
		}
	}
}

// near reports that nothing but spaces stands between two places.
func (t *text) near(from, to int) bool {
	for ; from < to; from++ {
		if t.low[from] != ' ' {
			return false
		}
	}
	return true
}

// at returns the token with the number if it directly follows the place.
func (t *text) at(i, pos int) (token, bool) {
	if i < 0 || i >= len(t.tokens) || t.tokens[i].from < pos || !t.near(pos, t.tokens[i].from) {
		return token{}, false
	}
	return t.tokens[i], true
}

// skipSoft moves over words of the sets, and over spaces.
func (w *Words) skipSoft(r []rune, i int, sets uint64) int {
	for i < len(r) {
		if r[i] == ' ' {
			i++
			continue
		}
		end := w.softAt(r, i, sets)
		if end == i {
			return i
		}
		i = end
	}
	return i
}

// softAt returns where the longest word of the sets at i ends, i if there is none.
func (w *Words) softAt(r []rune, i int, sets uint64) int {
	best := i
	w.soft.each(r, i, func(word int32, end int) {
		if w.softBits[word]&sets != 0 {
			best = end
		}
	})
	return best
}

// softBefore reports whether a word of the sets ends at i, spaces apart, and where it begins.
func (w *Words) softBefore(r []rune, i int, sets uint64) (from int, ok bool) {
	for i > 0 && r[i-1] == ' ' {
		i--
	}
	for from := max(0, i-12); from < i; from++ {
		hit := false
		w.soft.each(r[:i], from, func(word int32, end int) {
			hit = hit || end == i && w.softBits[word]&sets != 0
		})
		if hit {
			return from, true
		}
	}
	return i, false
}

// cover marks the part of a text that an answer takes up.
type cover []bool

func (c cover) mark(from, to int) {
	for i := from; i < to && i < len(c); i++ {
		c[i] = true
	}
}

// match says whether anything but words of the sets stands beside what is covered.
func (w *Words) match(t *text, c cover, sets uint64) bot.Match {
	for i := 0; i < len(t.low); {
		if c[i] || isMark(t.low[i]) {
			i++
			continue
		}
		bound := i
		for bound < len(c) && !c[bound] {
			bound++
		}
		end := w.softAt(t.low[:bound], i, sets)
		if end == i {
			return bot.Within
		}
		i = end
	}
	return bot.Whole
}
