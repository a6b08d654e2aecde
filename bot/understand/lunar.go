package understand

import (
	"sync"
	"time"

	"github.com/6tail/lunar-go/calendar"

	"yilu/bot"
)

// The years of the lunar calendar that are understood. A day that lies outside is none.
const (
	firstLunarYear = 2000
	lastLunarYear  = 2099
)

// lunarYear says when the months of a year of the lunar calendar begin, leap months apart: a month without more said is
// the one before its leap month.
type lunarYear struct {
	begins   [12]time.Time
	days     [12]int
	qingming time.Time // Pure Brightness, by the sun
}

// lunarYears makes a year when it is first asked for, and once: the library computes it from the courses of sun and moon,
// which takes half a millisecond.
func lunarYears() []func() *lunarYear {
	years := make([]func() *lunarYear, 0, lastLunarYear-firstLunarYear+1)
	for y := firstLunarYear; y <= lastLunarYear; y++ {
		years = append(years, sync.OnceValue(func() *lunarYear { return newLunarYear(y) }))
	}
	return years
}

func newLunarYear(y int) *lunarYear {
	of, year := calendar.NewLunarYear(y), new(lunarYear)
	for e := of.GetMonths().Front(); e != nil; e = e.Next() {
		if m, ok := e.Value.(*calendar.LunarMonth); ok && m.GetYear() == y && m.GetMonth() >= 1 && m.GetMonth() <= 12 {
			year.begins[m.GetMonth()-1], year.days[m.GetMonth()-1] = julian(m.GetFirstJulianDay()), m.GetDayCount()
		}
	}
	year.qingming = julian(of.GetJieQiJulianDays()[qingmingTerm])
	return year
}

// qingmingTerm is where Pure Brightness stands among the terms of a year, which begin with the one before midwinter.
const qingmingTerm = 8

// julian is the day in Xiamen of a Julian date in Beijing's time.
func julian(date float64) time.Time {
	const first = 2451545 // noon of 1 January 2000
	return time.Date(2000, 1, 1+int(date+0.5)-first, 0, 0, 0, 0, bot.Xiamen)
}

// feast is a day of the year by one of the two calendars.
type feast struct {
	lunar      bool
	month, day int // day lastOfMonth: the last one
	qingming   bool
}

const lastOfMonth = 99

// on is when the feast is in the year, by its calendar.
func (w *Words) on(f feast, year int) (time.Time, bool) {
	if !f.lunar && !f.qingming {
		d := time.Date(year, time.Month(f.month), f.day, 0, 0, 0, 0, bot.Xiamen)
		return d, d.Day() == f.day
	}
	i := year - firstLunarYear
	if i < 0 || i >= len(w.lunar) {
		return time.Time{}, false
	}
	in := w.lunar[i]()
	if f.qingming {
		return in.qingming, true
	}
	day := f.day
	if day == lastOfMonth {
		day = in.days[f.month-1]
	}
	if f.month < 1 || f.month > 12 || day < 1 || day > in.days[f.month-1] {
		return time.Time{}, false
	}
	return in.begins[f.month-1].AddDate(0, 0, day-1), true
}

// nearest is the next such day from today on, or the last one up to today.
func (w *Words) nearest(f feast, today time.Time, back bool) (time.Time, bool) {
	if f.month == 0 && !f.qingming { // a day of any lunar month
		return w.nearestMonthDay(f.day, today, back)
	}
	var best time.Time
	for year := today.Year() - 2; year <= today.Year()+2; year++ {
		d, ok := w.on(f, year)
		switch {
		case !ok:
		case back && !d.After(today):
			best = d
		case !back && !d.Before(today):
			return d, true
		}
	}
	return best, !best.IsZero()
}

func (w *Words) nearestMonthDay(day int, today time.Time, back bool) (time.Time, bool) {
	var best time.Time
	for year := today.Year() - 1; year <= today.Year()+1; year++ {
		for month := 1; month <= 12; month++ {
			d, ok := w.on(feast{lunar: true, month: month, day: day}, year)
			switch {
			case !ok:
			case back && !d.After(today):
				best = d
			case !back && !d.Before(today):
				return d, true
			}
		}
	}
	return best, !best.IsZero()
}
