package understand

import (
	"errors"
	"strconv"
	"strings"
)

func (l *loader) values() error {
	var f valuesFile
	if err := l.read("values.toml", &f); err != nil {
		return err
	}
	simple := []rune(f.Simple)
	if len(simple)%2 != 0 {
		return l.bad("simple", "is not made of pairs; each traditional character needs its simplified one behind it")
	}
	for i := 0; i < len(simple); i += 2 {
		l.w.simple[simple[i]] = simple[i+1]
	}
	for _, r := range f.Common {
		l.w.common[r] = true
	}
	if err := l.numerals(f); err != nil {
		return err
	}
	if err := l.pay(f); err != nil {
		return err
	}
	if err := l.days(f); err != nil {
		return err
	}
	l.moments(f)
	for i, set := range []string{"any", "name", "phone", "birth", "places", "trades", "pay", "date", "time", "settle", "shift", "party", "yesno"} {
		words, ok := f.Filler[set]
		if !ok {
			return l.bad("filler."+set, "is missing; write a list, empty if need be")
		}
		l.softly("filler."+set, words, softAny<<i)
	}
	l.softly("choice.before", f.Choice["before"], softChoiceBefore)
	l.softly("choice.after", f.Choice["after"], softChoiceAfter)
	l.softly("choice.counter", f.Choice["counter"], softCounter)
	l.softly("choice.pick", f.Choice["pick"], softPick)
	l.softly("choice.count", f.Choice["count"], softCount)
	l.softly("choice.never", f.Choice["never"], softNoChoice)
	l.softly("deny", f.Deny, softDeny)
	l.softly("told.past", f.Told["past"], softPast)
	l.softly("told.gone", f.Told["gone"], softGone)
	l.softly("told.certificate", f.Told["certificate"], softCert)
	l.softly("told.pronoun", f.Told["pronoun"], softPronoun)
	l.softly("told.asks_for", f.Told["asks_for"], softAsksFor)
	l.softly("told.old_man", f.Told["old_man"], softSelf)
	l.softly("told.turn", f.Told["turn"], softTurn)
	l.softly("told.people", f.Told["people"], softPeople)
	return l.fault
}

func (l *loader) numerals(f valuesFile) error {
	n := numerals{digit: map[rune]int64{}, power: map[rune]int64{}, tens: map[rune]int64{}, k: map[rune]bool{}, w: map[rune]bool{}, come: map[rune]bool{}}
	if len(f.Number.Digits) != 10 {
		return l.bad("number.digits", "has %d entries; ten are wanted, for 0 to 9", len(f.Number.Digits))
	}
	for i, ways := range f.Number.Digits {
		for _, r := range ways {
			n.digit[r] = int64(i)
		}
	}
	for value, ways := range map[int64]string{10: f.Number.Ten, 100: f.Number.Hundred, 1000: f.Number.Thousand, 10000: f.Number.Myriad} {
		for _, r := range ways {
			n.power[r] = value
		}
	}
	for _, r := range f.Number.Twenty {
		n.tens[r] = 20
	}
	for _, r := range f.Number.Thirty {
		n.tens[r] = 30
	}
	for _, r := range f.Number.Come {
		n.come[r] = true
	}
	for _, r := range f.Number.Times {
		n.times = r
	}
	l.softly("number.check_x", f.Number.CheckX, softCert)
	for _, r := range f.Number.One {
		n.one = r
	}
	for _, s := range f.Number.K {
		n.k[[]rune(s + " ")[0]] = true
	}
	for _, s := range f.Number.W {
		n.w[[]rune(s + " ")[0]] = true
	}
	for _, r := range f.Number.Nth {
		l.w.nth = r
	}
	for i, r := range []rune(f.Number.Circled) {
		l.w.circled[r] = i + 1
	}
	l.w.num = n
	l.sense("number.block", f.Number.Block, clsBlock, 0)
	for word, value := range f.Number.Words {
		l.sense("number.words", []string{word}, clsNumber, value)
	}
	for word, value := range f.Number.Ordinals {
		l.w.ordinals[Fold(word)] = int(value)
	}
	return l.fault
}

func (l *loader) pay(f valuesFile) error {
	p := f.Pay
	for _, x := range []struct {
		key   string
		words []string
		class class
	}{
		{"yuan", p.Yuan, clsYuan}, {"hundred", p.Hundred, clsSheet}, {"dime", p.Dime, clsDime}, {"approx", p.Approx, clsApprox}, {"above", p.Above, clsAbove},
		{"below", p.Below, clsBelow}, {"to", p.To, clsTo}, {"per", p.Per, clsPer}, {"open", p.Open, clsOpen},
	} {
		l.sense("pay."+x.key, x.words, x.class, 0)
	}
	l.softly("pay.between", p.Between, softBetween)
	l.softly("pay.money_before", p.MoneyBefore, softMoneyBefore)
	l.softly("pay.refused", p.Refused, softRefused)
	l.softly("pay.was", p.Was, softWas)
	l.softly("amount.last_of", f.Amount["last_of"], softLastOf)
	l.softly("amount.left", f.Amount["left"], softLeft)
	l.softly("amount.total", f.Amount["total"], softTotal)
	l.softly("amount.owed", f.Amount["owed"], softOwed)
	l.softly("amount.rate", f.Amount["rate"], softRate)
	l.softly("phone.others", f.Phone["others"], softOthers)
	l.phrasesFor("pay.day_hint", groupDayHint, p.DayHint)
	for i, unit := range units {
		l.sense("pay.unit."+string(unit), p.Unit[string(unit)], clsUnit, int32(i))
		l.sense("pay.prefix."+string(unit), p.Prefix[string(unit)], clsPrefix, int32(i))
		delete(p.Unit, string(unit))
		delete(p.Prefix, string(unit))
	}
	for unit := range p.Unit {
		return l.bad("pay.unit."+unit, "unknown unit; use one of %v", units)
	}
	for unit := range p.Prefix {
		return l.bad("pay.prefix."+unit, "unknown unit; use one of %v", units)
	}
	for i, s := range settles {
		l.sense("settle."+string(s), f.Settle[string(s)], clsSettle, int32(i))
	}
	for i, s := range shifts {
		l.sense("shift."+string(s), f.Shift[string(s)], clsShift, int32(i))
	}
	l.sense("shift.evening_said", f.Shift["evening_said"], clsEvening, 0)
	l.sense("shift.night_said", f.Shift["night_said"], clsEvening, 1)
	l.sense("shift.block", f.Shift["block"], clsBlock, 0)
	for _, key := range []string{"meals", "both"} {
		l.sense("board."+key, f.Board[key], clsMeals, 0)
	}
	for _, key := range []string{"lodging", "both"} {
		l.sense("board."+key, f.Board[key], clsLodging, 0)
	}
	return l.fault
}

func (l *loader) days(f valuesFile) error {
	d := f.Day
	for i, words := range [][]string{d.Today, d.Tomorrow, d.AfterTomorrow, d.InThreeDays} {
		l.sense("day", words, clsDay, int32(i))
	}
	l.sense("day.any_time", d.AnyTime, clsDay, 0)
	l.sense("day.at_once", d.AtOnce, clsAtOnce, 0)
	for _, x := range []struct {
		key   string
		words []string
		class class
	}{
		{"past", d.Past, clsPast}, {"days_later", d.DaysLater, clsDaysLater}, {"weeks_later", d.WeeksLater, clsWeeksLater}, {"in_before", d.InBefore, clsInBefore}, {"in_after", d.InAfter, clsInAfter},
		{"month_end", d.MonthEnd, clsMonthEnd}, {"next_month_end", d.NextMonthEnd, clsNextMonthEnd}, {"next_month", d.NextMonth, clsNextMonth},
		{"next_week", d.NextWeek, clsNextWeek}, {"week", d.Week, clsWeek}, {"this", d.This, clsThis}, {"next", d.Next, clsNext},
		{"after_next", d.AfterNext, clsAfterNext}, {"weekend", d.Weekend, clsWeekend}, {"year", d.Year, clsYear}, {"month", d.Month, clsMonth},
		{"date", d.Date, clsDate}, {"lunar", d.Lunar, clsLunar}, {"lunar_calendar", d.LunarCalendar, clsLunarCalendar}, {"last", d.Last, clsLast},
		{"before_last", d.BeforeLast, clsBeforeLast}, {"last_week", d.LastWeek, clsLastWeek}, {"last_month", d.LastMonth, clsLastMonth}, {"days_ago", d.DaysAgo, clsDaysAgo},
	} {
		l.sense("day."+x.key, x.words, x.class, 0)
	}
	for i, words := range d.DayBefore {
		l.sense("day.day_before", words, clsDay, int32(-1-i))
	}
	for word, month := range d.LunarMonth {
		if month < 1 || month > 12 {
			return l.bad("day.lunar_month."+word, "%d is no month", month)
		}
		l.sense("day.lunar_month", []string{word}, clsLunarMonth, month)
	}
	for i, words := range d.LunarDay {
		l.sense("day.lunar_day", words, clsLunarDay, int32(i+1))
	}
	for key, words := range d.Feast {
		day, err := parseFeast(key)
		if err != nil {
			return l.bad("day.feast."+key, "is no day; write one like 10-01, lunar 8-15, lunar 12-last or qingming")
		}
		l.sense("day.feast."+key, words, clsFeast, int32(len(l.w.feasts)))
		l.w.feasts = append(l.w.feasts, day)
	}
	l.w.lunar = lunarYears()
	l.softly("day.vague", d.Vague, softVague)
	if len(d.Weekdays) != 7 {
		return l.bad("day.weekdays", "has %d entries; seven are wanted, from Monday", len(d.Weekdays))
	}
	for i, ways := range d.Weekdays {
		for _, r := range ways {
			l.w.weekdays[r] = i + 1
		}
	}
	for word, day := range d.English {
		if day < 1 || day > 7 {
			return l.bad("day.english."+word, "%d is no weekday; 1 is Monday, 7 Sunday", day)
		}
		l.sense("day.english", []string{word}, clsEnglishDay, day)
	}
	return l.fault
}

// parseFeast reads "10-01", "lunar 8-15", "lunar 12-last" and "qingming".
func parseFeast(s string) (f feast, err error) {
	if s == "qingming" {
		return feast{qingming: true}, nil
	}
	s, f.lunar = strings.CutPrefix(s, "lunar ")
	month, day, _ := strings.Cut(s, "-")
	if f.month, err = strconv.Atoi(month); err != nil || f.month < 1 || f.month > 12 {
		return f, errFeast
	}
	if day == "last" && f.lunar {
		f.day = lastOfMonth
		return f, nil
	}
	if f.day, err = strconv.Atoi(day); err != nil || f.day < 1 || f.day > 31 {
		return f, errFeast
	}
	return f, nil
}

var errFeast = errors.New("no day of a year")

// moments loads the words of times of day, ages, companions and consent.
func (l *loader) moments(f valuesFile) {
	for i, part := range []string{"night", "morning", "noon", "afternoon", "evening"} {
		l.sense("time."+part, f.Time[part], clsPart, int32(i))
	}
	l.sense("time.hour", f.Time["hour"], clsHour, 0)
	l.sense("time.minute", f.Time["minute"], clsMinute, 0)
	l.sense("time.half", f.Time["half"], clsHalf, 0)
	l.sense("time.quarter", f.Time["quarter"], clsQuarter, 15)
	l.sense("time.three_quarters", f.Time["three_quarters"], clsQuarter, 45)
	l.softly("time.near", f.Time["near"], softNear)
	l.softly("time.off_work", f.Time["off_work"], softOffWork)
	l.softly("time.after", f.Time["after"], softAfter)

	l.sense("birth.year", f.Birth["year"], clsYear, 0)
	l.sense("birth.year_after", f.Birth["year_after"], clsBorn, 0)
	l.sense("birth.age", f.Birth["age"], clsAge, 0)
	l.sense("birth.nearly", f.Birth["nearly"], clsNearly, 0)
	l.sense("birth.decade", f.Birth["decade"], clsDecade, 0)
	for _, before := range f.Birth["zodiac_before"] {
		for _, animal := range f.Birth["zodiac"] {
			l.sense("birth.zodiac", []string{before + animal, before + animal + f.Birth["zodiac_after"][0]}, clsZodiac, 0)
		}
	}
	l.softly("birth.self", f.Birth["self"], softSelf)
	l.softly("birth.about", f.Birth["about"], softAbout)
	l.softly("birth.worked", f.Birth["worked"], softWorked)
	l.softly("birth.born_before", f.Birth["born_before"], softBornBefore)
	l.softly("birth.relative", f.Birth["relative"], softRelative)
	l.softly("birth.age_end", f.Birth["age_end"], softAgeEnd)
	l.softly("birth.behalf", f.Birth["behalf"], softBehalf)
	l.softly("birth.own", f.Birth["own"], softOwn)
	l.softly("birth.mine", f.Birth["mine"], softMine)

	l.sense("party.fellows", f.Party["fellows"], clsPeople, 2)
	l.sense("party.persons", f.Party["persons"], clsPeople, 1)
	l.sense("party.people", f.Party["people"], clsPeople, 0)
	l.softly("party.with_me", f.Party["with_me"], softWithMe)
	l.sense("party.alone", f.Party["alone"], clsAlone, 0)
	l.sense("party.pair", f.Party["pair"], clsPair, 2)
	l.sense("party.trio", f.Party["trio"], clsPair, 3)
	l.sense("party.companion_before", f.Party["companion_before"], clsWith, 0)
	l.sense("party.companion", f.Party["companion"], clsCompanion, 0)
	l.softly("party.cue", f.Party["cue"], softPartyCue)
	l.softly("party.before", f.Party["before"], softPartyBefore)

	l.sense("yesno.yes", f.YesNo["yes"], clsYes, 0)
	l.sense("yesno.no", f.YesNo["no"], clsNo, 0)
}

func (l *loader) names() error {
	var f namesFile
	if err := l.read("names.toml", &f); err != nil {
		return err
	}
	n := names{surname: map[rune]bool{}, doubtful: map[rune]bool{}, aloneNot: map[rune]bool{}, double: newTrie(), stems: newTrie(), before: map[rune]nickname{}, after: newTrie(), never: newTrie()}
	for _, r := range strings.Join(strings.Fields(f.Surnames), "") {
		n.surname[r] = true
	}
	for _, r := range f.Doubtful {
		n.doubtful[r] = true
	}
	for kind, list := range map[nickname]string{beforeAny: f.Before, beforeSurname: f.BeforeSurname, beforeTwo: f.BeforeTwo} {
		for _, r := range list {
			n.before[r] |= kind
		}
	}
	for _, x := range []struct {
		to    *trie
		words []string
	}{{n.double, f.Double}, {n.stems, f.Stems}, {n.after, f.After}, {n.never, f.Never}} {
		for _, word := range x.words {
			x.to.add(l.fold("words", word))
		}
	}
	l.softly("lead", f.Lead, softNameLead)
	l.softly("call", f.Call, softCall)
	l.softly("call", f.Call, softNameLead)
	l.softly("loose", f.Loose, softNameLoose)
	l.softly("tail", f.Tail, softNameTail)
	l.softly("spelt", f.Spelt, softSpelt)
	l.softly("cut", f.Cut, softNameCut)
	for _, r := range f.AloneNot {
		n.aloneNot[r] = true
	}
	l.softly("sentence", f.Sentence, softSentence)
	l.w.names = n
	return l.fault
}

func (l *loader) danger() error {
	var f emergencyFile
	if err := l.read("emergency.toml", &f); err != nil {
		return err
	}
	d := danger{words: newTrie(), around: newTrie(), tone: newTrie()}
	put := func(key string, words []string, kind dangerKind) {
		for _, word := range words {
			i := d.words.add(l.fold(key, word))
			if int(i) == len(d.kinds) {
				d.kinds = append(d.kinds, kind)
			}
		}
	}
	put("emergency.words", f.Emergency.Words, dangerEmergency)
	put("crisis.words", f.Crisis.Words, dangerCrisis)
	put("crisis.climb", f.Crisis.Climb, dangerClimb)
	put("emergency.blows", f.Emergency.Blows, dangerBlow)
	put("crisis.fights", f.Crisis.Fights, dangerFight)
	tone := func(key string, words []string, kind dangerKind) {
		for _, word := range words {
			i := d.tone.add(l.fold(key, word))
			for int(i) >= len(d.toneKinds) {
				d.toneKinds = append(d.toneKinds, 0)
			}
			d.toneKinds[i] |= kind
		}
	}
	for key, said := range map[string]struct {
		words []string
		kind  dangerKind
	}{
		"past": {f.Past, dangerPast}, "harmless": {f.Harmless, dangerHarmless}, "lesson": {f.Lesson, dangerLesson}, "tale": {f.Tale, dangerTale},
		"over": {f.Over, dangerOver}, "aftermath": {f.Aftermath, dangerAftermath}, "acute": {f.Acute, dangerAcute}, "now": {f.Now, dangerNow},
		"not_now": {f.NotNow, dangerNotNow}, "self": {f.Self, dangerSelf},
	} {
		tone(key, said.words, said.kind)
	}
	around := func(key string, words []string, kind dangerKind) {
		for _, word := range words {
			i := d.around.add(word)
			for int(i) >= len(d.aroundKinds) {
				d.aroundKinds = append(d.aroundKinds, 0)
			}
			d.aroundKinds[i] |= kind
		}
	}
	around("deny", f.Deny, dangerDeny)
	around("bridge", f.Bridge, dangerBridge)
	around("crisis.skip_after", f.Crisis.SkipAfter, dangerSkip)
	around("emergency.skip_after", f.Emergency.SkipAfter, dangerFear)
	around("emergency.certain", f.Emergency.Certain, 0)
	around("emergency.not_blow", f.Emergency.NotBlow, dangerNotBlow)
	around("crisis.not_fight", f.Crisis.NotFight, dangerNotFight)
	around("done", f.Done, dangerDone)
	around("not_done", f.NotDone, 0)
	if len(d.kinds) == 0 {
		return l.bad("emergency.words", "is empty; emergencies must be understood")
	}
	for _, p := range f.Emergency.Patterns {
		l.patternFor("emergency.patterns", p, 0, dangerEmergency)
	}
	for _, p := range f.Crisis.Patterns {
		l.patternFor("crisis.patterns", p, 0, dangerCrisis)
	}
	l.w.danger = d
	return l.fault
}
