package main

import (
	"slices"

	"yilu/bot"
)

// said is a Reading as the command prints it: sums in yuan, districts by their own names.
type said struct {
	Intent     bot.Intent `json:"intent"`
	Confidence float64    `json:"confidence"`
	Slots      slots      `json:"slots"`
}

type slots struct {
	Trades    []bot.TradeID `json:"trades,omitempty"`
	District  string        `json:"district,omitempty"`
	Date      bot.Date      `json:"date,omitempty"`
	Time      bot.Clock     `json:"time,omitempty"`
	Pay       *pay          `json:"pay,omitempty"`
	Settle    bot.Settle    `json:"settle,omitempty"`
	Shift     bot.Shift     `json:"shift,omitempty"`
	Party     int           `json:"party,omitempty"`
	Meals     bool          `json:"meals,omitempty"`
	Lodging   bool          `json:"lodging,omitempty"`
	Age       int           `json:"age,omitempty"`
	BirthYear int           `json:"birth_year,omitempty"`
	Name      string        `json:"name,omitempty"`
	Phone     string        `json:"phone,omitempty"`
	Reason    string        `json:"reason,omitempty"`
	Ask       []string      `json:"ask,omitempty"`
}

type pay struct {
	Min  float64     `json:"min"`
	Max  float64     `json:"max,omitempty"`
	Unit bot.PayUnit `json:"unit,omitempty"`
}

// asks names what is to be asked back, by the kind of answer.
var asks = map[bot.Parser]string{bot.TradeList: "trade", bot.Areas: "place", bot.PayWanted: "unit", bot.StartDay: "date"}

// meaning opens personal values: whoever runs the command gave them to it.
func meaning(r bot.Reading, district func(bot.District) string) said {
	s := r.Slots
	out := said{Intent: r.Intent, Confidence: r.Confidence, Slots: slots{
		Trades: s.Trades, Date: s.Date, Time: s.Time, Settle: s.Settle, Shift: s.Shift, Party: s.Party, Meals: s.Meals,
		Lodging: s.Lodging, Age: s.Birth.Age, BirthYear: s.Birth.Year, Name: s.Name.Reveal(), Phone: s.Phone.Reveal(), Reason: s.Reason,
	}}
	if r.Intent == bot.NavGreet {
		out.Intent, out.Confidence = bot.Unknown, 0 // a greeting is no wish
	}
	if s.Pay != (bot.Pay{}) {
		out.Slots.Pay = &pay{float64(s.Pay.Min) / 100, float64(s.Pay.Max) / 100, s.Pay.Unit}
	}
	if len(s.Places) == 1 {
		out.Slots.District = district(s.Places[0].District)
	}
	for _, a := range r.Ask {
		if name := asks[a.Parser]; name != "" && !slices.Contains(out.Slots.Ask, name) {
			out.Slots.Ask = append(out.Slots.Ask, name)
		}
	}
	return out
}
