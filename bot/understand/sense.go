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
	clsLunarCalendar
	clsLunarMonth // val
	clsLunarDay   // val
	clsFeast      // val: index of feasts
	clsLast
	clsBeforeLast
	clsLastWeek
	clsLastMonth
	clsDaysAgo
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
	softVague    // behind a feast: no day
	softOthers   // before a phone number of somebody else's
	softRefused  // behind a rate that is not wanted
	softWas      // before a rate that was
	softLeft     // before what is still owed
	softTotal    // before a total
	softOwed     // before a sum that is owed
	softPast     // in a clause that tells what was
	softTurn     // behind such a clause: what is now
	softPeople   // of whom a clause tells
	softAgeEnd   // behind an age
	softBehalf   // before somebody for whom it is asked
	softCall     // an introduction by what to call somebody
	softOffWork  // behind an hour at which work ends
	softLastOf   // before a month or week that was one
	softWithMe   // before a number that counts the worker in
	softGone     // behind a trade that is not wanted any more
	softCert     // behind a trade: its certificate; behind an identity number: the last character that is no digit
	softPronoun  // he, she
	softAsksFor  // a question whether somebody may
	softRate     // before a sum that is a rate, was paid or is offered
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
	isID     bool
}

// text is a message made ready.
type text struct {
	orig, low []rune
	tokens    []token
	phone     phoneSpan
	id        idSpan
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
	t.id = w.findID(r)
	t.phone = w.findPhone(r, t.id)
	t.tokens = make([]token, 0, 4+len(r)/4)
	numbers := 0
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
		if t.id.ok && i == t.id.from {
			t.tokens = append(t.tokens, token{from: i, to: t.id.to, word: none, isID: true})
			i = t.id.to
			continue
		}
		word, end := w.entities.longest(r, i)
		if n, ok := w.splitNumber(t, i); ok {
			t.tokens = append(t.tokens, n)
			i = n.to
			continue
		}
		if isHan(r[i]) && end-i < 2 {
			if like, to := w.spoken.longest(w.sounds, r, i, w.common); like != none && !w.knownIn(r, i, to) {
				t.tokens = append(t.tokens, token{from: i, to: to, word: like})
				i = to
				continue
			}
		}
		if n, ok := w.num.read(r, i); ok && numbers < mostNumbers && (word == none || end-i < 2 || n.end > end) {
			numbers++
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

// knownIn reports that a word of two characters or more that is written as it should be begins in the part, behind its
// first character.
func (w *Words) knownIn(r []rune, from, to int) bool {
	for i := from + 1; i < to; i++ {
		if word, end := w.entities.longest(r, i); word != none && end-i >= 2 {
			return true
		}
	}
	return false
}

// mostNumbers is how many numbers of a message are read.
const mostNumbers = 64

// splitNumber splits the numerals of 礼拜三十一点, Wednesday and eleven, and of 两块八一件, 2.80 for one.
func (w *Words) splitNumber(t *text, i int) (token, bool) {
	r := t.low
	if len(t.tokens) == 0 || i+1 >= len(r) {
		return token{}, false
	}
	if last := t.tokens[len(t.tokens)-1]; last.to == i && w.is(last, clsYuan) && r[i+1] == w.num.one && i+2 < len(r) { // 两块八一件
		d, ok := w.num.single(r[i])
		word, end := w.entities.longest(r, i+2)
		if ok && d > 0 && !isDigit(r[i]) && end > i+2 && w.is(token{word: word}, clsUnit) {
			return token{from: i, to: i + 1, word: none, isNum: true, num: number{cents: d * 100, end: i + 1, digits: 1, bare: true, han: true}}, true
		}
	}
	if w.weekdays[r[i]] == 0 {
		return token{}, false
	}
	if last := t.tokens[len(t.tokens)-1]; last.to != i || !w.is(last, clsWeek) && !w.is(last, clsNextWeek) && !w.is(last, clsLastWeek) {
		return token{}, false
	}
	n, ok := w.num.read(r, i+1)
	if !ok || n.cents > 24_00 {
		return token{}, false
	}
	word, end := w.entities.longest(r, n.end)
	if word == none || !w.is(token{word: word}, clsHour) || end == n.end {
		return token{}, false
	}
	day, ok := w.num.single(r[i])
	if !ok {
		return token{}, false
	}
	return token{from: i, to: i + 1, word: none, isNum: true, num: number{cents: day * 100, end: i + 1, digits: 1, bare: true, han: !isDigit(r[i])}}, true
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
	at := i
	for i > 0 && (r[i-1] == ' ' || r[i-1] == ':') {
		i--
	}
	for from := max(0, i-12); from < i; from++ {
		hit := false
		w.soft.each(r[:i], from, func(word int32, end int) {
			hit = hit || end == i && w.softBits[word]&sets != 0
		})
		if hit && sets&softDeny != 0 && from > 0 && (from+1 < i && r[from-1] == r[from+1] || i < at && !isMark(r[from-1])) {
			return i, false // 要不要夜班 denies nothing, nor does 外卖不要 that which stands behind it
		}
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
