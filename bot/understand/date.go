package understand

import (
	"time"

	"yilu/bot"
)

// dateFound is a day in a text.
type dateFound struct {
	day      time.Time
	ok       bool
	fault    string
	from, to int
}

// farthest is how many days ahead a start may be said: a year, and the month by which one of the lunar calendar is longer.
const farthest = 366 + 30

// overdue is how long ago a day and month without a year may lie to be taken for a mistake, in days; what is longer ago
// means next year.
const overdue = 60

// manner is how days are meant: as the answer to a question, when bare forms like 11.25 count, or as what has happened,
// when they look back.
type manner struct{ asked, back bool }

// findDate finds the first day that is said.
func (w *Words) findDate(t *text, now time.Time, m manner) dateFound {
	w.scan(t)
	today := bot.DateOf(now).Time()
	var fault, first dateFound
	done := 0
	for i, tok := range t.tokens {
		if tok.from < done {
			continue
		}
		f := w.dateAt(t, i, today, m)
		done = f.to
		if f.to == 0 {
			continue
		}
		switch {
		case !f.ok:
		case m.back && f.day.After(today), !m.back && f.day.Before(today):
			f.ok, f.fault = false, "fault.date.past"
		case f.day.After(today.AddDate(0, 0, farthest)), f.day.Before(today.AddDate(0, 0, -farthest)):
			f.ok, f.fault = false, "fault.date.none"
		}
		if f.ok && w.softIn(t.low[max(0, f.from-3):f.from], softRate) { // 每月15号发工资
			continue
		}
		if f.ok && !m.asked && !m.back && f.day.Equal(today) { // 今天没事 下周一有吗
			if !first.ok {
				first = f
			}
			continue
		}
		if f.ok {
			return f
		}
		if fault.fault == "" {
			fault = f
		}
	}
	if first.ok {
		return first
	}
	return fault
}

// dateAt reads a day whose first word is the i-th token; to is 0 where there is none.
func (w *Words) dateAt(t *text, i int, today time.Time, m manner) dateFound {
	tok := t.tokens[i]
	on := func(day time.Time, to int) dateFound { return dateFound{day: day, ok: true, from: tok.from, to: to} }
	fault := func(key string, to int) dateFound { return dateFound{fault: key, from: tok.from, to: to} }
	month := time.Date(today.Year(), today.Month(), 1, 0, 0, 0, 0, bot.Xiamen)
	if days, ok := w.sense(tok, clsDay); ok {
		return on(today.AddDate(0, 0, int(days)), tok.to)
	}
	if day, ok := w.sense(tok, clsEnglishDay); ok {
		return on(m.weekday(today, int(day), 0, false), tok.to)
	}
	if f := w.feastAt(t, i, today, m); f.to > 0 {
		return f
	}
	switch {
	case m.asked && w.is(tok, clsAtOnce):
		return on(today, tok.to)
	case w.is(tok, clsLunar):
		return fault("fault.date.lunar", tok.to)
	case w.is(tok, clsPast):
		return fault("fault.date.past", tok.to)
	case w.is(tok, clsMonthEnd):
		return on(month.AddDate(0, 1, -1), tok.to)
	case w.is(tok, clsNextMonthEnd):
		return on(month.AddDate(0, 2, -1), tok.to)
	case m.asked && w.is(tok, clsWeekend):
		return on(weekday(today, 6, 0, false), tok.to)
	case w.is(tok, clsLastMonth):
		if day, to, ok := w.dayAfter(t, i, tok.to); ok {
			last := month.AddDate(0, -1, 0)
			return w.onDay(tok, to, last.Year(), int(last.Month()), day)
		}
		return fault("fault.date.past", tok.to)
	case w.is(tok, clsNextMonth):
		if day, to, ok := w.dayAfter(t, i, tok.to); ok {
			next := month.AddDate(0, 1, 0)
			return w.onDay(tok, to, next.Year(), int(next.Month()), day)
		}
		if !m.asked {
			return dateFound{}
		}
		return on(month.AddDate(0, 1, 0), tok.to)
	}
	if f := w.weekdayAt(t, i, today, m); f.to > 0 {
		return f
	}
	if w.is(tok, clsInBefore) {
		if n, near := t.at(i+1, tok.to); near && n.isNum {
			if d, near := t.at(i+2, n.to); near && w.is(d, clsInAfter) {
				return w.later(today, tok.from, n, d.to)
			}
		}
	}
	if !tok.isNum {
		return dateFound{}
	}
	if d, near := t.at(i+1, tok.to); near && w.is(d, clsDaysLater) {
		return w.later(today, tok.from, tok, d.to)
	} else if near && w.is(d, clsWeeksLater) {
		tok.num.cents *= 7
		return w.later(today, tok.from, tok, d.to)
	} else if near && m.back && w.is(d, clsDaysAgo) {
		f := w.later(today, tok.from, tok, d.to)
		f.day = today.AddDate(0, 0, -int(tok.num.cents/100))
		return f
	}
	return w.calendar(t, i, today, m)
}

func (w *Words) later(today time.Time, from int, n token, to int) dateFound {
	days, ok := n.num.whole()
	if !ok || days > farthest || n.num.high > 0 {
		return dateFound{fault: "fault.date.none", from: from, to: to}
	}
	return dateFound{day: today.AddDate(0, 0, days), ok: true, from: from, to: to}
}

// dayAfter reads 15号 behind the i-th token.
func (w *Words) dayAfter(t *text, i, pos int) (day, to int, ok bool) {
	n, near := t.at(i+1, pos)
	if !near || !n.isNum {
		return 0, 0, false
	}
	d, near := t.at(i+2, n.to)
	day, ok = n.num.whole()
	return day, d.to, near && ok && w.is(d, clsDate)
}

// weekdayAt reads 下周一, 这周六, 礼拜天. Bare ones are the next such day; 下周 is the next calendar week, from Monday.
func (w *Words) weekdayAt(t *text, i int, today time.Time, m manner) dateFound {
	tok, ahead, this := t.tokens[i], 0, false
	week, at := tok, i
	if tok.from > 0 && w.is(tok, clsWeek) {
		if _, digit := w.num.single(t.low[tok.from-1]); digit { // 一周三次 is no Wednesday
			return dateFound{}
		}
	}
	switch {
	case w.is(tok, clsNextWeek):
		ahead = 1
	case w.is(tok, clsLastWeek):
		ahead = -1
	case w.is(tok, clsWeek):
	case w.is(tok, clsThis), w.is(tok, clsNext), w.is(tok, clsAfterNext), w.is(tok, clsLast), w.is(tok, clsBeforeLast):
		next, near := t.at(i+1, tok.to)
		if !near || !w.is(next, clsWeek) && !w.is(next, clsEnglishDay) {
			return dateFound{}
		}
		switch {
		case w.is(tok, clsThis):
			this = true
		case w.is(tok, clsNext):
			ahead = 1
		case w.is(tok, clsLast):
			ahead = -1
		case w.is(tok, clsBeforeLast):
			ahead = -2
		default:
			ahead = 2
		}
		week, at = next, i+1
		if day, ok := w.sense(next, clsEnglishDay); ok {
			return dateFound{day: m.weekday(today, int(day), ahead, this), ok: true, from: tok.from, to: next.to}
		}
	default:
		return dateFound{}
	}
	if week.to < len(t.low) {
		if day := w.weekdays[t.low[week.to]]; day > 0 && !w.longNumber(t, at+1) {
			return dateFound{day: m.weekday(today, day, ahead, this), ok: true, from: tok.from, to: week.to + 1}
		}
	}
	if ahead > 0 && m.asked {
		return dateFound{day: weekday(today, 1, ahead, false), ok: true, from: tok.from, to: week.to}
	}
	if ahead < 0 {
		return dateFound{fault: "fault.date.past", from: tok.from, to: week.to}
	}
	return dateFound{}
}

// longNumber reports that the token is a number of more than one character: 周三十 is no Wednesday.
func (w *Words) longNumber(t *text, i int) bool {
	return i < len(t.tokens) && t.tokens[i].isNum && t.tokens[i].to-t.tokens[i].from > 1
}

// weekday is the day as weekday says it, or the last such day where what was is told.
func (m manner) weekday(today time.Time, day, ahead int, this bool) time.Time {
	d := weekday(today, day, ahead, this)
	if m.back && ahead == 0 && d.After(today) {
		d = d.AddDate(0, 0, -7)
	}
	return d
}

// weekday is the day of the week (1 Monday), in the calendar week so many ahead, else the next one from today on.
func weekday(today time.Time, day, ahead int, this bool) time.Time {
	current := int(today.Weekday()+6)%7 + 1
	monday := today.AddDate(0, 0, 1-current+7*ahead)
	d := monday.AddDate(0, 0, day-1)
	if ahead == 0 && !this && d.Before(today) {
		d = d.AddDate(0, 0, 7)
	}
	return d
}

// calendar reads 12月1日, 5号, 2026-12-01, 12/1, 2026年12月1日.
func (w *Words) calendar(t *text, i int, today time.Time, m manner) dateFound {
	asked := m.asked
	var part [3]int
	n, pos, sep := 0, 0, rune(0)
	year, month, day := 0, 0, 0
	named := false
	for j := i; j < len(t.tokens) && n < 3; {
		tok := t.tokens[j]
		v, whole := tok.num.whole()
		if !tok.isNum {
			break
		}
		if !whole { // 11.25 is read as a number with a fraction
			if !asked || n > 0 || tok.num.cents%100 == 0 || !tok.numDotted() {
				return dateFound{}
			}
			month, day = int(tok.num.cents/100), int(tok.num.cents%100)
			if t.low[tok.to-2] == '.' {
				day /= 10
			}
			return w.nextOn(t.tokens[i], tok.to, month, day, today, m)
		}
		part[n] = v
		n++
		pos = tok.to
		if to, near := t.at(j+1, tok.to); n == 1 && near && w.is(to, clsTo) { // 25到28号: the first
			if day, end, ok := w.dayAfter(t, j+1, to.to); ok && v >= 1 && v < day && day <= 31 {
				return m.dayOfMonth(w, tok, end, v, today)
			}
		}
		mark, near := t.at(j+1, tok.to)
		switch {
		case near && w.is(mark, clsYear) && v >= 1900:
			year, named = v, true
		case near && w.is(mark, clsMonth):
			month, named = v, true
		case near && w.is(mark, clsDate):
			day, named = v, true
		default:
			mark = token{}
		}
		if mark.to > 0 {
			pos = mark.to
			if day > 0 {
				break
			}
			j += 2
			continue
		}
		if month > 0 && day == 0 && named { // 12月1: the 日 is left out
			day = v
			break
		}
		if tok.to < len(t.low) && (t.low[tok.to] == '-' || t.low[tok.to] == '/') && !named && (sep == 0 || sep == t.low[tok.to]) && n < 3 {
			k := j + 1
			if k < len(t.tokens) && t.tokens[k].from == tok.to { // the mark is a word of its own
				k++
			}
			if k < len(t.tokens) && t.tokens[k].isNum && t.tokens[k].from == tok.to+1 {
				sep, j = t.low[tok.to], k
				continue
			}
		}
		break
	}
	first := t.tokens[i]
	switch {
	case named && day == 0 && asked && month == int(today.Month()) && year == 0:
		return dateFound{day: today, ok: true, from: first.from, to: pos}
	case named && day == 0 && asked && month > 0 && year == 0: // 12月: its first day
		return w.nextOn(first, pos, month, 1, today, m)
	case named && day == 0:
		return dateFound{}
	case named && year > 0:
		return w.onDay(first, pos, year, month, day)
	case named && month > 0:
		return w.nextOn(first, pos, month, day, today, m)
	case named:
		return m.dayOfMonth(w, first, pos, day, today)
	case n == 1 && asked && len(t.tokens) == 1 && part[0] <= 31 && !first.num.zero: // 26
		return w.nextDayOfMonth(first, pos, part[0], today)
	case n == 3 && part[0] >= 1900:
		return w.onDay(first, pos, part[0], part[1], part[2])
	case n == 2 && asked && part[0] <= 12 && part[1] <= 31 && (sep == '/' || sep == '-'):
		return w.nextOn(first, pos, part[0], part[1], today, m)
	}
	return dateFound{}
}

func (t token) numDotted() bool { return t.num.digits > 0 && !t.num.han }

// onDay is a day of the calendar, or the fault that there is none such.
func (w *Words) onDay(first token, to, year, month, day int) dateFound {
	d := time.Date(year, time.Month(month), day, 0, 0, 0, 0, bot.Xiamen)
	if year < 1900 || year > 9999 || month < 1 || month > 12 || d.Day() != day || d.Month() != time.Month(month) {
		return dateFound{fault: "fault.date.none", from: first.from, to: to}
	}
	return dateFound{day: d, ok: true, from: first.from, to: to}
}

// nextOn is the next such day; one that has just passed stays past, for it was probably misspoken.
func (w *Words) nextOn(first token, to, month, day int, today time.Time, m manner) dateFound {
	f := w.onDay(first, to, today.Year(), month, day)
	if m.back {
		if f.ok && f.day.After(today) {
			f = w.onDay(first, to, today.Year()-1, month, day)
		}
		return f
	}
	if !m.asked && f.ok && f.day.Before(today) {
		return w.onDay(first, to, today.Year()+1, month, day)
	}
	if !f.ok && month == 2 && day == 29 {
		f = w.onDay(first, to, today.Year()+1, month, day)
	}
	if f.ok && f.day.Before(today.AddDate(0, 0, -overdue)) {
		f = w.onDay(first, to, today.Year()+1, month, day)
	}
	return f
}

// dayOfMonth is the day of that number, as m says.
func (m manner) dayOfMonth(w *Words, first token, to, day int, today time.Time) dateFound {
	if !m.back {
		return w.nextDayOfMonth(first, to, day, today)
	}
	for back := 0; back < 12; back++ {
		month := time.Date(today.Year(), today.Month()-time.Month(back), 1, 0, 0, 0, 0, bot.Xiamen)
		if d := month.AddDate(0, 0, day-1); day >= 1 && d.Month() == month.Month() && !d.After(today) {
			return dateFound{day: d, ok: true, from: first.from, to: to}
		}
	}
	return dateFound{fault: "fault.date.none", from: first.from, to: to}
}

// nextDayOfMonth is the next day of that number, in the first month that has it.
func (w *Words) nextDayOfMonth(first token, to, day int, today time.Time) dateFound {
	if day < 1 || day > 31 {
		return dateFound{fault: "fault.date.none", from: first.from, to: to}
	}
	for ahead := 0; ; ahead++ {
		month := time.Date(today.Year(), today.Month()+time.Month(ahead), 1, 0, 0, 0, 0, bot.Xiamen)
		d := month.AddDate(0, 0, day-1)
		if d.Month() == month.Month() && !d.Before(today) {
			return dateFound{day: d, ok: true, from: first.from, to: to}
		}
	}
}

func (w *Words) parseDate(t *text, now time.Time) bot.Parsed {
	f := w.findDate(t, now, manner{asked: true})
	if !f.ok {
		return bot.Parsed{Fault: f.fault}
	}
	c := make(cover, len(t.low))
	c.mark(f.from, f.to)
	return bot.Parsed{Value: bot.DateOf(f.day), Match: w.match(t, c, softAny|softDate)}
}

// feastAt reads a feast, 国庆那天, or a day of the lunar calendar: 正月初八, 腊月二十, 农历十月初十, 大年初三, 初六.
func (w *Words) feastAt(t *text, i int, today time.Time, m manner) dateFound {
	tok := t.tokens[i]
	f, to := feast{lunar: true}, 0
	lunarDay := func(j, pos int) bool {
		next, near := t.at(j, pos)
		if !near {
			return false
		}
		if day, ok := w.sense(next, clsLunarDay); ok {
			f.day, to = int(day), next.to
		} else if day, ok := next.num.whole(); ok && next.isNum && next.num.han && next.num.high == 0 && day >= 10 && day <= 30 {
			f.day, to = day, next.to
		}
		return to > 0
	}
	if val, ok := w.sense(tok, clsFeast); ok {
		f, to = w.feasts[val], tok.to
	} else if month, ok := w.sense(tok, clsLunarMonth); ok {
		next, near := t.at(i+1, tok.to)
		if f.month = int(month); near && next.isNum && w.is(tok, clsYear) || !lunarDay(i+1, tok.to) {
			return dateFound{}
		}
	} else if w.is(tok, clsLunarCalendar) {
		n, near := t.at(i+1, tok.to)
		mark, next := t.at(i+2, n.to)
		if month, ok := n.num.whole(); near && n.isNum && ok && next && w.is(mark, clsMonth) {
			f.month = month
			lunarDay(i+3, mark.to)
		} else if month, ok := w.sense(n, clsLunarMonth); near && ok {
			f.month = int(month)
			lunarDay(i+2, n.to)
		} else if near {
			lunarDay(i+1, tok.to)
		}
		if to == 0 || f.month > 12 {
			return dateFound{fault: "fault.date.lunar", from: tok.from, to: tok.to}
		}
	} else if day, ok := w.sense(tok, clsLunarDay); ok {
		f.day, to = int(day), tok.to
	} else {
		return dateFound{}
	}
	if w.softAt(t.low, to, softVague) > to { // 春节后 is no day
		return dateFound{fault: "fault.date.lunar", from: tok.from, to: to}
	}
	day, ok := w.nearest(f, today, m.back)
	if !ok {
		return dateFound{fault: "fault.date.none", from: tok.from, to: to}
	}
	return dateFound{day: day, ok: true, from: tok.from, to: to}
}
