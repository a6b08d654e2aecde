package bot

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Value is what an answer means, in the type that its Parser names.
type Value any

// Parser names one of the shared ways to read an answer. The implementations are in bot/understand.
type Parser string

// The parsers, each with the type of its Value.
const (
	FreeText    Parser = "text"   // string, trimmed, at most MaxText runes
	PersonName  Parser = "name"   // Personal: a name or what to call somebody, 1–20 characters
	Phone       Parser = "phone"  // Personal: 11 digits of a mainland mobile
	YesNo       Parser = "yesno"  // bool
	BirthOrAge  Parser = "birth"  // Birth
	Areas       Parser = "places" // []Place, at least one
	TradeList   Parser = "trades" // []TradeID, one to five
	PayWanted   Parser = "pay"    // Pay, with its unit
	StartDay    Parser = "date"   // Date, today or later
	ClockTime   Parser = "time"   // Clock
	Settlement  Parser = "settle" // Settle
	WorkShift   Parser = "shift"  // Shift
	PartySize   Parser = "party"  // int, 1–99
	Certificate Parser = "cert"   // string, the certificates as said
	Sum         Parser = "sum"    // Money, above 0
	Count       Parser = "count"  // int, 1–9999: days, hours, trips
)

// Parsers lists all of them.
var Parsers = []Parser{FreeText, PersonName, Phone, YesNo, BirthOrAge, Areas, TradeList, PayWanted, StartDay, ClockTime, Settlement, WorkShift, PartySize, Certificate, Sum, Count}

// Decode reads a Value of the parser's type back from the JSON that Pack made of it.
func (p Parser) Decode(raw []byte) (Value, error) {
	switch p {
	case FreeText, Certificate:
		return decode[string](raw)
	case PersonName, Phone:
		return decode[Personal](raw)
	case YesNo:
		return decode[bool](raw)
	case BirthOrAge:
		return decode[Birth](raw)
	case Areas:
		return decode[[]Place](raw)
	case TradeList:
		return decode[[]TradeID](raw)
	case PayWanted:
		return decode[Pay](raw)
	case StartDay:
		return decode[Date](raw)
	case ClockTime:
		return decode[Clock](raw)
	case Settlement:
		return decode[Settle](raw)
	case WorkShift:
		return decode[Shift](raw)
	case PartySize, Count:
		return decode[int](raw)
	case Sum:
		return decode[Money](raw)
	}
	return nil, Errorf(Internal, "decode answer", "unknown parser %q", string(p))
}

func decode[T any](raw []byte) (Value, error) {
	var v T
	if readValue(raw, reflect.ValueOf(&v).Elem()) {
		return v, nil
	}
	var again T
	err := json.Unmarshal(raw, &again)
	return again, err
}

// TradeID names a trade of the lexicon: "t01" to "t66".
type TradeID string

// AnyTrade is the trade of somebody who takes whatever there is.
const AnyTrade TradeID = "t66"

// District is one of Xiamen's six districts.
type District string

// The six districts, GB/T 2260 codes 350203, 350206, 350205, 350211, 350212, 350213. The first two are the island.
const (
	Siming  District = "siming"
	Huli    District = "huli"
	Haicang District = "haicang"
	Jimei   District = "jimei"
	Tongan  District = "tongan"
	Xiangan District = "xiangan"
)

// Districts lists all six, the island first.
var Districts = []District{Siming, Huli, Haicang, Jimei, Tongan, Xiangan}

// Outside is the district of a place that is not in Xiamen.
const Outside District = "outside"

// Place is a district, or a place within it by the name that people use.
type Place struct {
	District District `json:"district"`
	Name     string   `json:"name,omitempty"` // "马巷"; empty for the whole district
}

// PayUnit says what a sum is paid for.
type PayUnit string

// The units of pay.
const (
	PerHour  PayUnit = "hour"
	PerDay   PayUnit = "day"
	PerWeek  PayUnit = "week"
	PerMonth PayUnit = "month"
	PerPiece PayUnit = "piece"
	PerTrip  PayUnit = "trip"
	PerSqm   PayUnit = "sqm"
	PerJob   PayUnit = "job" // a lump sum, 包干
)

// Pay is a sum or a range for a unit.
type Pay struct {
	Min  int64   `json:"min"`           // fen
	Max  int64   `json:"max,omitempty"` // fen; 0 where no upper end was said
	Unit PayUnit `json:"unit"`
}

// Money is a sum in fen.
type Money int64

// Settle says when pay is handed over.
type Settle string

// The ways of settling.
const (
	Daily        Settle = "daily"
	Weekly       Settle = "weekly"
	Monthly      Settle = "monthly"
	OnCompletion Settle = "on_completion"
)

// Shift is a part of the day.
type Shift string

// The shifts.
const (
	DayShift     Shift = "day"
	EveningShift Shift = "evening"
	NightShift   Shift = "night"
)

// Date is a day in Xiamen, "2006-01-02".
type Date string

// DateOf returns the day of t in Xiamen.
func DateOf(t time.Time) Date { return Date(t.In(Xiamen).Format(time.DateOnly)) }

// Time returns the first moment of the day, zero for what is no date.
func (d Date) Time() time.Time {
	if d == "" {
		return time.Time{} // what most are, without an error to be made for it
	}
	t, err := time.ParseInLocation(time.DateOnly, string(d), Xiamen)
	if err != nil {
		return time.Time{}
	}
	return t
}

// Clock is a time of day, "15:04".
type Clock string

// Hour is the hour of the day, 0 where there is none.
func (c Clock) Hour() int {
	h, err := strconv.Atoi(strings.SplitN(string(c), ":", 2)[0])
	if err != nil {
		return 0
	}
	return h
}

// Later is twelve hours later, of an hour in the first half of the day.
func (c Clock) Later() Clock {
	_, minute, _ := strings.Cut(string(c), ":")
	return Clock(strconv.Itoa(c.Hour()+12) + ":" + minute)
}

// Birth is what is known of somebody's age: the year they were born, the age that they said and when, or both.
type Birth struct {
	Year int  `json:"year,omitempty"` // 0 where only an age was said
	Age  int  `json:"age,omitempty"`  // full years on the day On; 0 where only the year was said
	On   Date `json:"on,omitempty"`
}

// AtLeast is the age that the person has surely reached at t.
func (b Birth) AtLeast(t time.Time) int {
	byYear, bySaid := 0, 0
	if b.Year > 0 {
		byYear = t.In(Xiamen).Year() - b.Year - 1
	}
	if b.Age > 0 {
		bySaid = b.Age
		if on := b.On.Time(); !on.IsZero() {
			bySaid += max(0, wholeYears(on, t))
		}
	}
	return max(byYear, bySaid)
}

// AtMost is the highest age that the person can have at t; it is AtLeast or one more.
func (b Birth) AtMost(t time.Time) int {
	if b.Year > 0 {
		top := t.In(Xiamen).Year() - b.Year
		if b.Age > 0 && b.On == DateOf(t) {
			return min(top, b.Age)
		}
		return top
	}
	if b.On == DateOf(t) {
		return b.Age
	}
	return b.AtLeast(t) + 1
}

// BirthYear is the year to keep: the one said, or the latest that fits the age said.
func (b Birth) BirthYear() int {
	if b.Year > 0 || b.Age == 0 {
		return b.Year
	}
	return b.On.Time().Year() - b.Age
}

func wholeYears(from, to time.Time) int {
	from, to = from.In(Xiamen), to.In(Xiamen)
	years := to.Year() - from.Year()
	if to.YearDay() < from.YearDay() {
		years--
	}
	return years
}
