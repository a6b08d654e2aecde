package sheets_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"yilu/bot"
	"yilu/bot/sheets"
)

// awkward are pieces of text that files, spreadsheets and XML are known to bend.
var awkward = []string{
	"=", "+", "-", "@", "\t", "\n", "\r", "'", "\"", ",", ";", "、", "|", " ", "  ", "\u3000", "\\", "＝", "＋", "0", "007", "1e5", "2026-11-23", "46349",
	"=1+1", "=cmd|' /C calc'!A0", "''", "'=", "\u202eabc\u202c", "שלום", "مرحبا", "👷🏽‍♀️", "瓦工", "_x0041_", "_x005F_", "<b>&amp;</b>", "]]>", "#REF!", "TRUE", "null", "\ufffd", "a", "厦门",
}

func anyText(most int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		parts := rapid.SliceOfN(rapid.SampledFrom(awkward), 0, 6).Draw(t, "parts")
		s := strings.Join(parts, "")
		for strings.Contains(s, "\r\n") { // comes back as LF, and is documented so
			s = strings.ReplaceAll(s, "\r\n", "\n")
		}
		r := []rune(s)
		return string(r[:min(len(r), most)])
	})
}

// needText is text that is not blank.
func needText(most int) *rapid.Generator[string] {
	return rapid.Map(anyText(most-1), func(s string) string { return s + "x" })
}

// anyName is a personal value: no asterisks, since these are refused as masks.
func anyName(most int) *rapid.Generator[bot.Personal] {
	return rapid.Map(anyText(most), bot.NewPersonal)
}

func anyID[S ~string]() *rapid.Generator[S] {
	return rapid.Map(rapid.StringMatching(`[=+@'0]?[A-Za-z0-9-]{3,12}`), func(s string) S { return S(s) })
}

var anyMoment = named(rapid.Custom(func(t *rapid.T) time.Time {
	at := now.Add(time.Duration(rapid.IntRange(-600_000, 600_000).Draw(t, "minutes")) * time.Minute)
	switch rapid.IntRange(0, 3).Draw(t, "precision") {
	case 0:
		at = at.Add(time.Duration(rapid.IntRange(0, 59).Draw(t, "seconds")) * time.Second)
	case 1:
		at = at.Add(time.Duration(rapid.IntRange(0, 999_999_999).Draw(t, "ns")))
	}
	return at
}))

var anyDate = named(rapid.Custom(func(t *rapid.T) bot.Date {
	if rapid.Bool().Draw(t, "none") {
		return ""
	}
	return bot.DateOf(now.AddDate(0, 0, rapid.IntRange(-400, 400).Draw(t, "days")))
}))

var anyClock = named(rapid.Custom(func(t *rapid.T) bot.Clock {
	if rapid.Bool().Draw(t, "none") {
		return ""
	}
	return bot.Clock(fmt.Sprintf("%02d:%02d", rapid.IntRange(0, 23).Draw(t, "h"), rapid.IntRange(0, 59).Draw(t, "m")))
}))

var anyPay = named(rapid.Custom(func(t *rapid.T) bot.Pay {
	p := bot.Pay{Min: rapid.Int64Range(1, 2_000_000).Draw(t, "min")}
	if rapid.Bool().Draw(t, "range") {
		p.Max = p.Min + rapid.Int64Range(0, 100_000).Draw(t, "more")
	}
	p.Unit = rapid.SampledFrom([]bot.PayUnit{bot.PerHour, bot.PerDay, bot.PerWeek, bot.PerMonth, bot.PerPiece, bot.PerTrip, bot.PerSqm, bot.PerJob}).Draw(t, "unit")
	return p
}))

var (
	anyTrade    = named(rapid.Map(rapid.IntRange(1, 66), func(n int) bot.TradeID { return bot.TradeID(fmt.Sprintf("t%02d", n)) }))
	anyDistrict = named(rapid.SampledFrom(append(bot.Districts, bot.Outside)))
	anySettle   = named(rapid.SampledFrom([]bot.Settle{"", bot.Daily, bot.Weekly, bot.Monthly, bot.OnCompletion}))
	anyShift    = named(rapid.SampledFrom([]bot.Shift{"", bot.DayShift, bot.EveningShift, bot.NightShift}))
)

var anyPost = named(rapid.Custom(func(t *rapid.T) bot.Post {
	p := bot.Post{
		ID: anyID[bot.PostID]().Draw(t, "id"), State: rapid.SampledFrom(bot.PostStates).Draw(t, "state"),
		Trade: anyTrade.Draw(t, "trade"), Title: needText(100).Draw(t, "title"),
		Headcount: rapid.IntRange(1, 500).Draw(t, "headcount"), Filled: rapid.IntRange(0, 500).Draw(t, "filled"),
		Employer: needText(100).Draw(t, "employer"), Contact: anyName(100).Draw(t, "contact"),
		Content: needText(500).Draw(t, "content"), Conditions: anyText(500).Draw(t, "conditions"),
		District: anyDistrict.Draw(t, "district"), Place: anyText(100).Draw(t, "place"), Address: anyText(200).Draw(t, "address"),
		Meet: anyText(200).Draw(t, "meet"), Contract: needText(100).Draw(t, "contract"), PayText: anyText(200).Draw(t, "paytext"),
		Settle: anySettle.Draw(t, "settle"), Start: anyDate.Draw(t, "start"), From: anyClock.Draw(t, "from"), To: anyClock.Draw(t, "to"),
		Shift: anyShift.Draw(t, "shift"), MinorOK: rapid.Bool().Draw(t, "minor"), Cert: anyText(200).Draw(t, "cert"),
		Meals: rapid.Bool().Draw(t, "meals"), Lodging: rapid.Bool().Draw(t, "lodging"), Insurance: anyText(200).Draw(t, "insurance"),
		Urgent: rapid.Bool().Draw(t, "urgent"), Expires: anyMoment.Draw(t, "expires"), Source: anyText(200).Draw(t, "source"),
		Sample: rapid.Bool().Draw(t, "sample"),
	}
	if rapid.Bool().Draw(t, "paid") {
		p.Pay = anyPay.Draw(t, "pay")
	} else {
		p.PayText = needText(200).Draw(t, "agreed")
	}
	if p.Start != "" && rapid.Bool().Draw(t, "ends") {
		p.End = bot.DateOf(p.Start.Time().AddDate(0, 0, rapid.IntRange(0, 30).Draw(t, "lasts")))
	}
	if rapid.Bool().Draw(t, "aged") {
		p.AgeMin = rapid.IntRange(16, 17).Draw(t, "agemin")
		p.AgeMax = rapid.IntRange(p.AgeMin, 70).Draw(t, "agemax")
	}
	if rapid.Bool().Draw(t, "checked") {
		p.Verified = anyMoment.Draw(t, "verified")
	}
	return p
}))

var anyStation = named(rapid.Custom(func(t *rapid.T) bot.Station {
	s := bot.Station{
		ID: anyID[string]().Draw(t, "id"), Name: needText(100).Draw(t, "name"), Kind: rapid.SampledFrom([]bot.StationKind{bot.Market, bot.Stop}).Draw(t, "kind"),
		Street: anyText(100).Draw(t, "street"), Address: anyText(200).Draw(t, "address"), Hours: anyText(200).Draw(t, "hours"),
		Phone: anyText(100).Draw(t, "phone"), Services: anyText(500).Draw(t, "services"), Manager: anyName(100).Draw(t, "manager"),
		Sample: rapid.Bool().Draw(t, "sample"),
	}
	s.Aliases = orNil(rapid.SliceOfN(needText(30), 0, 4).Draw(t, "aliases"))
	s.Trades = orNil(rapid.SliceOfN(anyTrade, 0, 4).Draw(t, "trades"))
	if rapid.Bool().Draw(t, "settled") {
		s.District = anyDistrict.Draw(t, "district")
		s.Verified = anyMoment.Draw(t, "verified")
	}
	return s
}))

var anyWorker = named(rapid.Custom(func(t *rapid.T) bot.Worker {
	w := bot.Worker{
		From: bot.Identity{Channel: rapid.SampledFrom([]string{"web", "wechat"}).Draw(t, "channel"), User: string(anyID[string]().Draw(t, "user"))},
		ID:   anyID[bot.WorkerID]().Draw(t, "id"), Lang: rapid.SampledFrom(langs).Draw(t, "lang"), Name: anyName(20).Draw(t, "name"),
		Start: anyDate.Draw(t, "start"), Shift: anyShift.Draw(t, "shift"), Settle: anySettle.Draw(t, "settle"), Cert: anyText(300).Draw(t, "cert"),
		Home: anyText(100).Draw(t, "home"), Consent: "2026-11", Since: anyMoment.Draw(t, "since"), Modified: anyMoment.Draw(t, "modified"),
		Complete: rapid.Bool().Draw(t, "complete"),
	}
	w.Trades = orNil(rapid.SliceOfN(anyTrade, 0, 5).Draw(t, "trades"))
	for range rapid.IntRange(0, 3).Draw(t, "places") {
		place := bot.Place{District: anyDistrict.Draw(t, "in")}
		if rapid.Bool().Draw(t, "named") {
			place.Name = needText(20).Draw(t, "place")
		}
		w.Places = append(w.Places, place)
	}
	if rapid.Bool().Draw(t, "reachable") {
		w.Phone = bot.NewPersonal(rapid.StringMatching(`1[3-9][0-9]{9}`).Draw(t, "phone"))
		w.Pay = anyPay.Draw(t, "pay")
	}
	switch rapid.IntRange(0, 2).Draw(t, "birth") {
	case 0:
		w.Birth.Year = rapid.IntRange(1950, 2009).Draw(t, "year")
	case 1:
		w.Birth = bot.Birth{Age: rapid.IntRange(16, 70).Draw(t, "age"), On: bot.DateOf(now)}
	}
	return w
}))

var anyApplication = named(rapid.Custom(func(t *rapid.T) bot.Application {
	return bot.Application{
		Number: anyID[string]().Draw(t, "number"), Post: anyID[bot.PostID]().Draw(t, "post"), Worker: anyID[bot.WorkerID]().Draw(t, "worker"),
		Party: rapid.IntRange(1, 99).Draw(t, "party"), State: rapid.SampledFrom([]bot.ApplicationState{bot.Applied, bot.Withdrawn}).Draw(t, "state"), At: anyMoment.Draw(t, "at"),
	}
}))

// named is a generator that tests at the same time may share: rapid names one when it is first used in a slice, and
// guards the name by nothing.
func named[V any](g *rapid.Generator[V]) *rapid.Generator[V] {
	_ = g.String()
	return g
}

func orNil[V any](s []V) []V {
	if len(s) == 0 {
		return nil
	}
	return s
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	w := words(t)
	for _, lang := range langs {
		for _, f := range sheets.Formats {
			if f == sheets.XLSX && lang != langs[0] {
				continue // a workbook takes its time, and nothing in it depends on the language that csv does not show
			}
			o := sheets.Options{Lang: lang, Now: now}
			t.Run(lang+"/"+string(f), func(t *testing.T) {
				t.Parallel()
				t.Run("post", func(t *testing.T) { t.Parallel(); roundTrip(t, f, sheets.Posts(w, o), anyPost) })
				t.Run("station", func(t *testing.T) { t.Parallel(); roundTrip(t, f, sheets.Stations(w, o), anyStation) })
				t.Run("worker", func(t *testing.T) { t.Parallel(); roundTrip(t, f, sheets.Workers(w, o), anyWorker) })
				t.Run("application", func(t *testing.T) { t.Parallel(); roundTrip(t, f, sheets.Applications(w, o), anyApplication) })
			})
		}
	}
}

func roundTrip[T any](t *testing.T, f sheets.Format, s sheets.Sheet[T], any *rapid.Generator[T]) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfNDistinct(any, 0, 4, idOf[T]).Draw(t, "rows")
		var file bytes.Buffer
		if err := sheets.Write(&file, f, s, sheets.All(rows)); err != nil {
			t.Fatal(err)
		}
		got, faults, err := sheets.Read(&file, f, s)
		if err != nil || len(faults) > 0 {
			t.Fatalf("%v %v", err, faults)
		}
		if len(got) != len(rows) {
			t.Fatalf("wrote %d rows, read %d", len(rows), len(got))
		}
		for i := range rows {
			want, have := opened(t, rows[i]), opened(t, got[i])
			if want != have {
				t.Fatalf("row %d\nwrote %s\nread  %s", i+1, want, have)
			}
		}
	})
}

func opened(t *rapid.T, noun any) string {
	switch n := noun.(type) {
	case bot.Post:
		n.Expires, n.Verified = n.Expires.UTC(), n.Verified.UTC()
		noun = n
	case bot.Station:
		n.Verified = n.Verified.UTC()
		noun = n
	case bot.Worker:
		n.Since, n.Modified = n.Since.UTC(), n.Modified.UTC()
		noun = n
	case bot.Application:
		n.At = n.At.UTC()
		noun = n
	}
	raw, err := bot.Pack(noun)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func idOf[T any](noun T) string {
	switch n := any(noun).(type) {
	case bot.Post:
		return string(n.ID)
	case bot.Station:
		return n.ID
	case bot.Worker:
		return string(n.ID)
	case bot.Application:
		return n.Number
	}
	return ""
}
