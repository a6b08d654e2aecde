package understand_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/6tail/lunar-go/calendar"

	"yilu/bot"
)

// spell writes a number in Chinese: with the digits given, with 两 where people say it, and with the last power left out
// where they leave it out (一百五 for 150).
func spell(n int, digits string, two, elide bool) string {
	d := []rune(digits)
	powers := []rune("十百千")
	if digits != plain {
		powers = []rune("拾佰仟")
	}
	part := func(n int, lead bool) string { // up to 9999
		var b strings.Builder
		zero := lead
		for i := 3; i >= 0; i-- {
			p := []int{1, 10, 100, 1000}[i]
			x := n / p % 10
			switch {
			case x == 0:
				zero = zero || b.Len() > 0
				continue
			case zero && (b.Len() > 0 || lead):
				b.WriteRune(d[0])
			}
			zero, lead = false, false
			switch {
			case two && x == 2 && i >= 2:
				b.WriteRune('两')
			case i == 1 && x == 1 && b.Len() == 0 && n < 20 && digits == plain:
			default:
				b.WriteRune(d[x])
			}
			if i > 0 {
				b.WriteRune(powers[i-1])
			}
		}
		return b.String()
	}
	s := ""
	if n >= 10000 {
		s = part(n/10000, false) + "万"
		if two && n/10000 == 2 {
			s = "两万"
		}
		if n%10000 > 0 {
			s += part(n%10000, n%10000 < 1000)
		}
	} else {
		s = part(n, false)
	}
	if elide {
		r := []rune(s)
		if last := r[len(r)-1]; len(r) >= 4 && strings.ContainsRune("十百千", last) && strings.ContainsRune("百千万", r[len(r)-3]) && last != r[len(r)-3] && below(r[len(r)-3]) == last {
			s = string(r[:len(r)-1])
		}
	}
	return s
}

// below is the power that is left out behind another.
func below(r rune) rune { return map[rune]rune{'百': '十', '千': '百', '万': '千'}[r] }

const (
	plain   = "零一二三四五六七八九"
	capital = "零壹贰叁肆伍陆柒捌玖"
)

// TestNumerals holds that every number up to 99,999 is read as it is said, in every spelling.
func TestNumerals(t *testing.T) {
	t.Parallel()
	bad := 0
	for n := 1; n <= 99_999 && bad < 20; n++ {
		spellings := []string{spell(n, plain, false, false), spell(n, plain, true, true), spell(n, capital, false, false), strconv.Itoa(n), wide(n)}
		for _, s := range spellings[n%len(spellings):][:1] { // all spellings of all numbers would take long: one each, in turn
			p := words.Parse(bot.PayWanted, "每件"+s+"块", clock)
			pay, ok := p.Value.(bot.Pay)
			if want := (bot.Pay{Min: int64(n) * 100, Unit: bot.PerPiece}); !ok || pay != want {
				bad++
				t.Errorf("%d as %q: %+v", n, s, p)
			}
		}
	}
	if p := words.Parse(bot.PayWanted, "零", clock); p.Fault == "" {
		t.Errorf("nothing for work: %+v", p)
	}
	if p := words.Parse(bot.PartySize, "零个人", clock); p.Fault != "fault.party" {
		t.Errorf("nobody: %+v", p)
	}
}

// wide writes a number in full-width digits.
func wide(n int) string {
	return strings.Map(func(r rune) rune { return r - '0' + '０' }, strconv.Itoa(n))
}

// next is the first day from today on for which f holds.
func next(today time.Time, f func(time.Time) bool) bot.Date {
	for d := today; ; d = d.AddDate(0, 0, 1) {
		if f(d) {
			return bot.DateOf(d)
		}
	}
}

// TestDates holds days against a calendar that is walked day by day.
func TestDates(t *testing.T) {
	t.Parallel()
	names := []string{"日", "一", "二", "三", "四", "五", "六"}
	lunarDays := []string{"初一", "初二", "初三", "初四", "初五", "初六", "初七", "初八", "初九", "初十", "十一", "十二", "十三", "十四", "十五", "十六", "十七", "十八", "十九", "二十", "廿一", "廿二", "廿三", "廿四", "廿五", "廿六", "廿七", "廿八", "廿九"}
	isLunar := func(month, day int) func(time.Time) bool {
		return func(d time.Time) bool {
			l := calendar.NewSolarFromYmd(d.Year(), int(d.Month()), d.Day()).GetLunar()
			return l.GetMonth() == month && l.GetDay() == day
		}
	}
	check := func(now time.Time, said string, want bot.Date) {
		t.Helper()
		if got := words.Frame("有没有瓦工的活 "+said+"能上", now).Slots.Date; got != want {
			t.Errorf("%s on %s (%s): %q, want %q", said, bot.DateOf(now), now.Weekday(), got, want)
		}
	}
	for day := time.Date(2026, 1, 1, 9, 0, 0, 0, bot.Xiamen); day.Year() < 2029; day = day.AddDate(0, 0, 2) {
		today := bot.DateOf(day).Time()
		n := day.YearDay()
		monday := today.AddDate(0, 0, -(int(today.Weekday())+6)%7)
		w := time.Weekday(n % 7)
		check(day, "周"+names[w], next(today, func(d time.Time) bool { return d.Weekday() == w }))
		check(day, "下周"+names[w], next(monday.AddDate(0, 0, 7), func(d time.Time) bool { return d.Weekday() == w }))
		check(day, "下下周"+names[w], next(monday.AddDate(0, 0, 14), func(d time.Time) bool { return d.Weekday() == w }))
		number := n%31 + 1
		check(day, fmt.Sprintf("%d号", number), next(today, func(d time.Time) bool { return d.Day() == number }))
		check(day, "月底", next(today, func(d time.Time) bool { return d.AddDate(0, 0, 1).Month() != d.Month() }))
		check(day, fmt.Sprintf("%d天后", n%60+1), bot.DateOf(today.AddDate(0, 0, n%60+1)))
		month := time.Month(n%12 + 1)
		check(day, fmt.Sprintf("%d月%d号", month, n%28+1), next(today, func(d time.Time) bool { return d.Month() == month && d.Day() == n%28+1 }))
		if n%31 == 0 { // walking the lunar calendar takes long
			check(day, "正月"+lunarDays[n%29], next(today, isLunar(1, n%29+1)))
			check(day, "腊月"+lunarDays[n%29], next(today, isLunar(12, n%29+1)))
			check(day, "中秋那天", next(today, isLunar(8, 15)))
			check(day, "端午那天", next(today, isLunar(5, 5)))
			check(day, "国庆那天", next(today, func(d time.Time) bool { return d.Month() == 10 && d.Day() == 1 }))
			check(day, "除夕那天", next(today, func(d time.Time) bool { return isLunar(1, 1)(d.AddDate(0, 0, 1)) }))
			check(day, "清明那天", next(today, func(d time.Time) bool {
				return calendar.NewSolarFromYmd(d.Year(), int(d.Month()), d.Day()).GetLunar().GetJieQi() == "清明"
			}))
		}
	}
}
