package sheets

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/width"

	"yilu/bot"
)

var (
	exponent  = regexp.MustCompile(`^\d(\.\d+)?[eE]\+\d{2}$`) // what spreadsheets make of long numbers
	plainNum  = regexp.MustCompile(`^\d{1,15}(\.\d+)?$`)
	thousands = regexp.MustCompile(`^\d{1,3}(,\d{3})+(\.\d+)?$`)
	twoNums   = regexp.MustCompile(`^\D*[\d.,]+\D+[\d.,]+\D*$`)
	mobileNum = regexp.MustCompile(`^1[3-9]\d{9}$`)
	dateParts = regexp.MustCompile(`^(\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2})|\p{Han}(\d{1,2})\p{Han}(\d{1,2})\p{Han}?|(\d{2})(\d{2}))(?:[T\s]+(.+))?$`)
	timeParts = regexp.MustCompile(`^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.0+)?)?(?:\s*([APap][Mm]))?$`)
	relParts  = regexp.MustCompile(`^([+-])(\d{1,3})([dh])(?:\s+(\d{1,2}:\d{2}))?$`)
)

// narrow is the text without blanks at the ends and with full-width letters and digits made plain.
func narrow(s string) string { return strings.TrimSpace(width.Fold.String(s)) }

// bare takes a unit off either end: "250 yuan". Units are the words of a text of the locales.
func (s scribe) bare(cell, units string) string {
	cell = strings.ToLower(narrow(cell))
	words := s.lexis.said(units)
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	for _, w := range words {
		w = strings.ToLower(narrow(w))
		if rest, ok := strings.CutSuffix(cell, w); ok && w != "" {
			cell = strings.TrimSpace(rest)
			break
		}
	}
	for _, w := range words {
		w = strings.ToLower(narrow(w))
		if rest, ok := strings.CutPrefix(cell, w); ok && w != "" {
			cell = strings.TrimSpace(rest)
			break
		}
	}
	if thousands.MatchString(cell) {
		cell = strings.ReplaceAll(cell, ",", "")
	}
	return cell
}

// whole reads a whole number: "6", "6.0".
func (s scribe) whole(cell string) (int, bool) {
	cell = s.bare(cell, "sheets.strip.count")
	if !plainNum.MatchString(cell) {
		return 0, false
	}
	f, err := strconv.ParseFloat(cell, 64)
	if err != nil || f != math.Trunc(f) || f > 1e9 {
		return 0, false
	}
	return int(f), true
}

// maxFen is where an amount is surely a slip: a million yuan.
const maxFen = 1_000_000_00

// fen reads an amount in yuan. A spreadsheet keeps amounts as binary fractions, so a millionth of a fen is forgiven.
func (s scribe) fen(cell string) (int64, *problem) {
	plain := s.bare(cell, "sheets.strip.money")
	if !plainNum.MatchString(plain) {
		if twoNums.MatchString(plain) {
			return 0, wrong("money_range")
		}
		return 0, wrong("money")
	}
	f, err := strconv.ParseFloat(plain, 64)
	if err != nil || f*100 > maxFen {
		return 0, wrong("money_limit", FaultData{Max: maxFen / 100})
	}
	fen := math.Round(f * 100)
	if math.Abs(f*100-fen) > 1e-6 {
		return 0, wrong("money")
	}
	return int64(fen), nil
}

// yuanText writes fen as yuan, with as many places as there are: "250", "250.5".
func yuanText(fen int64) string {
	if fen == 0 {
		return ""
	}
	return strconv.FormatFloat(float64(fen)/100, 'f', -1, 64)
}

// mobileDigits takes off what people write around a mobile number.
func mobileDigits(cell string) (string, bool) {
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -()", r) {
			return -1
		}
		return r
	}, narrow(cell))
	for _, prefix := range []string{"+86", "0086", "86"} {
		if rest, ok := strings.CutPrefix(digits, prefix); ok && mobileNum.MatchString(rest) {
			digits = rest
			break
		}
	}
	return digits, mobileNum.MatchString(digits)
}

// The days that a serial number may mean: 2000 to 2099. Outside of it a number is a slip.
const minYear, maxYear = 2000, 2099

// date reads a day. A time behind it counts only if it is midnight, which is what spreadsheets add by themselves.
func (s scribe) date(cell string) (bot.Date, bool) {
	cell = narrow(cell)
	if t, ok := s.relativeTime(cell); ok {
		return bot.DateOf(t), true
	}
	if t, ok := s.serial(cell); ok {
		return bot.DateOf(t), t.Equal(bot.DateOf(t).Time())
	}
	d, clock, ok := splitDate(cell)
	if !ok {
		return "", false
	}
	if clock != "" {
		if c, ok := clockOf(clock); !ok || c != "00:00" {
			return "", false
		}
	}
	return d, true
}

// moment reads a point in time, in Xiamen where no zone is named.
func (s scribe) moment(cell string, late bool) (time.Time, bool) {
	cell = narrow(cell)
	if t, ok := s.relativeTime(cell); ok {
		return t, true
	}
	if t, ok := s.serial(cell); ok {
		return endOf(t, late && t.Equal(bot.DateOf(t).Time())), true
	}
	if t, err := time.Parse(time.RFC3339Nano, strings.Replace(strings.ToUpper(cell), " ", "T", 1)); err == nil {
		return t.In(bot.Xiamen), inRange(t)
	}
	d, clock, ok := splitDate(cell)
	if !ok {
		return time.Time{}, false
	}
	if clock == "" {
		return endOf(d.Time(), late), true
	}
	h, m, sec, ok := clockParts(clock)
	return d.Time().Add(time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(sec)*time.Second), ok
}

func endOf(day time.Time, late bool) time.Time {
	if late {
		return day.Add(24*time.Hour - time.Minute)
	}
	return day
}

func inRange(t time.Time) bool {
	y := t.In(bot.Xiamen).Year()
	return y >= minYear && y <= maxYear
}

// splitDate reads the day at the front of a cell and leaves the rest.
func splitDate(cell string) (bot.Date, string, bool) {
	p := dateParts.FindStringSubmatch(cell)
	if p == nil {
		return "", "", false
	}
	y, _ := strconv.Atoi(p[1])
	m, _ := strconv.Atoi(p[2] + p[4] + p[6])
	d, _ := strconv.Atoi(p[3] + p[5] + p[7])
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, bot.Xiamen)
	if t.Month() != time.Month(m) || t.Day() != d || !inRange(t) {
		return "", "", false
	}
	return bot.DateOf(t), strings.TrimSpace(p[8]), true
}

// serial reads the number of days by which spreadsheets keep dates, its fraction the time of day.
func (s scribe) serial(cell string) (time.Time, bool) {
	if !plainNum.MatchString(cell) || len(cell) == 8 && !strings.Contains(cell, ".") {
		return time.Time{}, false
	}
	n, err := strconv.ParseFloat(cell, 64)
	if err != nil || n > 1e6 {
		return time.Time{}, false
	}
	first := time.Date(1899, time.December, 30, 0, 0, 0, 0, bot.Xiamen)
	if s.date1904 {
		first = time.Date(1904, time.January, 1, 0, 0, 0, 0, bot.Xiamen)
	}
	t := first.Add(time.Duration(math.Round(n*24*60*60)) * time.Second)
	return t, inRange(t)
}

// relativeTime reads "+1d 08:00", "-2d", "+3h". Hours count from the minute of now.
func (s scribe) relativeTime(cell string) (time.Time, bool) {
	p := relParts.FindStringSubmatch(cell)
	if p == nil || !s.relative || s.now.IsZero() {
		return time.Time{}, false
	}
	n, _ := strconv.Atoi(p[1] + p[2])
	if p[3] == "h" {
		return s.now.In(bot.Xiamen).Truncate(time.Minute).Add(time.Duration(n) * time.Hour), p[4] == ""
	}
	t := bot.DateOf(s.now).Time().AddDate(0, 0, n)
	if p[4] == "" {
		return t, true
	}
	h, m, _, ok := clockParts(p[4])
	return t.Add(time.Duration(h)*time.Hour + time.Duration(m)*time.Minute), ok
}

// clockOf reads a time of day: "7:00", "07:00:00", "7:00 PM", or the fraction of a day by which spreadsheets keep it.
func clockOf(cell string) (bot.Clock, bool) {
	cell = narrow(cell)
	if h, m, _, ok := clockParts(cell); ok {
		return clockText(h*60 + m), true
	}
	if plainNum.MatchString(cell) && strings.HasPrefix(cell, "0") {
		f, err := strconv.ParseFloat(cell, 64)
		return clockText(int(math.Round(f * 24 * 60))), err == nil && f < 1
	}
	return "", false
}

// clockText writes minutes of the day; 24:00 is the 00:00 that follows.
func clockText(minutes int) bot.Clock {
	t := time.Time{}.Add(time.Duration(minutes%(24*60)) * time.Minute)
	return bot.Clock(t.Format("15:04"))
}

func clockParts(cell string) (h, m, sec int, ok bool) {
	p := timeParts.FindStringSubmatch(cell)
	if p == nil {
		return 0, 0, 0, false
	}
	h, _ = strconv.Atoi(p[1])
	m, _ = strconv.Atoi(p[2])
	sec, _ = strconv.Atoi(p[3])
	if half := strings.ToUpper(p[4]); half != "" {
		if h < 1 || h > 12 {
			return 0, 0, 0, false
		}
		h %= 12
		if half == "PM" {
			h += 12
		}
	}
	whole := h < 24 || h == 24 && m == 0 && sec == 0
	return h, m, sec, whole && m < 60 && sec < 60
}

// momentText writes a point in time so that moment reads the same one.
func momentText(t time.Time, rfc bool) string {
	t = t.In(bot.Xiamen)
	switch {
	case t.IsZero():
		return ""
	case rfc || t.Nanosecond() != 0:
		return t.Format(time.RFC3339Nano)
	case t.Second() != 0:
		return t.Format("2006-01-02 15:04:05")
	}
	return t.Format("2006-01-02 15:04")
}
