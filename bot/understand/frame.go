package understand

import (
	"slices"
	"time"

	"yilu/bot"
)

// Frame is what a message means in the plain form in which it is printed and measured: sums in yuan, days as
// 2026-12-01, hours as 07:30, districts by their short Chinese names. Personal values stand open in it: it is for whoever
// gave them.
type Frame struct {
	Intent     bot.Intent `json:"intent"`
	Confidence float64    `json:"confidence"`
	Slots      FrameSlots `json:"slots"`
}

// FrameSlots are the values of a Frame; what was not said is left out.
type FrameSlots struct {
	Trades    []bot.TradeID      `json:"trades,omitempty"`
	District  string             `json:"district,omitempty"` // where one alone is meant
	Date      bot.Date           `json:"date,omitempty"`
	Time      bot.Clock          `json:"time,omitempty"`
	Pay       *FramePay          `json:"pay,omitempty"`
	Settle    bot.Settle         `json:"settle,omitempty"`
	Shift     bot.Shift          `json:"shift,omitempty"`
	Party     int                `json:"party,omitempty"`
	Meals     bool               `json:"meals,omitempty"`
	Lodging   bool               `json:"lodging,omitempty"`
	Age       int                `json:"age,omitempty"`
	BirthYear int                `json:"birth_year,omitempty"`
	Name      string             `json:"name,omitempty"`
	Phone     string             `json:"phone,omitempty"`
	IDNumber  string             `json:"id_number,omitempty"`
	Amount    float64            `json:"amount,omitempty"`
	Kinds     []bot.DisputeKind  `json:"kinds,omitempty"`
	Topic     bot.InsuranceTopic `json:"topic,omitempty"`
	Reason    string             `json:"reason,omitempty"`
	Ask       []string           `json:"ask,omitempty"` // trade, place, unit, date
}

// FramePay is a rate in yuan.
type FramePay struct {
	Min  float64     `json:"min"`
	Max  float64     `json:"max,omitempty"`
	Unit bot.PayUnit `json:"unit,omitempty"`
}

// asked names what is to be asked back, by the kind of answer.
var asked = map[bot.Parser]string{bot.TradeList: "trade", bot.Areas: "place", bot.PayWanted: "unit", bot.StartDay: "date"}

// plainIntents are those that a Frame names; the others are the service's own, and no wish of a worker's.
var plainIntents = []bot.Intent{
	bot.RegisterStart, bot.RegisterEdit, bot.JobsSearch, bot.JobsApply, bot.JobsWithdraw, bot.JobsReport, bot.AlertAdd, bot.AlertRemove, bot.StationsFind,
	bot.InsuranceAsk, bot.InsuranceClaim, bot.DisputeNew, bot.DisputeStatus, bot.DisputeWithdraw, bot.NavBack, bot.NavCancel, bot.NavHome, bot.NavHelp,
	bot.NavHuman, bot.Unsubscribe, bot.PrivacyDelete, bot.PrivacyExport, bot.PrivacyView, bot.Emergency, bot.Crisis, bot.Unknown,
}

// Frame reads a message alone, as if nothing had been asked.
func (w *Words) Frame(s string, now time.Time) Frame {
	r := w.Read(s, now)
	f := Frame{Intent: r.Intent, Confidence: r.Confidence, Slots: FrameSlots{
		Trades: r.Slots.Trades, Date: r.Slots.Date, Time: r.Slots.Time, Settle: r.Slots.Settle, Shift: r.Slots.Shift, Party: r.Slots.Party,
		Meals: r.Slots.Meals, Lodging: r.Slots.Lodging, Age: r.Slots.Birth.Age, BirthYear: r.Slots.Birth.Year, Name: r.Slots.Name.Reveal(),
		Phone: r.Slots.Phone.Reveal(), IDNumber: r.Slots.IDNumber.Reveal(), Amount: float64(r.Slots.Amount) / 100, Kinds: r.Slots.Kinds,
		Topic: r.Slots.Topic, Reason: r.Slots.Reason,
	}}
	if !slices.Contains(plainIntents, f.Intent) {
		f.Intent, f.Confidence = bot.Unknown, 0
	}
	if p := r.Slots.Pay; p != (bot.Pay{}) {
		f.Slots.Pay = &FramePay{float64(p.Min) / 100, float64(p.Max) / 100, p.Unit}
	}
	if f.Slots.Age == 0 && f.Slots.BirthYear == 0 {
		f.Slots.Age, f.Slots.BirthYear = r.Slots.Other.Age, r.Slots.Other.Year
	}
	f.Slots.District = w.oneDistrict(r.Slots.Places)
	for _, a := range r.Ask {
		if name := asked[a.Parser]; name != "" && !slices.Contains(f.Slots.Ask, name) {
			f.Slots.Ask = append(f.Slots.Ask, name)
		}
	}
	return f
}

// oneDistrict is the short name of the district in which all the places of Xiamen are.
func (w *Words) oneDistrict(places []bot.Place) string {
	var one bot.District
	for _, p := range places {
		switch {
		case p.District == bot.Outside || p.District == one:
		case one != "":
			return ""
		default:
			one = p.District
		}
	}
	return w.short[one]
}
