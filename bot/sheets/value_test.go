package sheets_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/sheets"
)

// Values as people write them, each read through a column of a post. "" is a fault.
func TestValuesAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	w := words(t)
	for _, c := range []struct{ column, cell, want string }{
		{"pay_min", "250", "25000"}, {"pay_min", "250.5元", "25050"}, {"pay_min", "¥1,200", "120000"}, {"pay_min", "２５０", "25000"}, {"pay_min", "250 yuan", "25000"},
		{"pay_min", "0.1", "10"}, {"pay_min", "1e3", ""}, {"pay_min", "NaN", ""}, {"pay_min", "1,20", ""}, {"pay_min", "300~380", ""},
		{"headcount", "6人", "6"}, {"headcount", "6.0", "6"}, {"headcount", "10001", ""},
		{"pay_unit", "元/每小时", "hour"}, {"pay_unit", "每天", "day"}, {"pay_unit", "Per month", "month"}, {"pay_unit", "SQM", "sqm"}, {"pay_unit", "包干", "job"},
		{"settle", "日结", "daily"}, {"settle", "WEEKLY", "weekly"}, {"settle", "on_completion", "on_completion"}, {"settle", "on completion", "on_completion"}, {"settle", "年结", ""},
		{"urgent", "是", "true"}, {"urgent", "Yes", "true"}, {"urgent", "√", "true"}, {"urgent", "1", "true"}, {"urgent", "否", "false"}, {"urgent", "n", "false"}, {"urgent", "", "false"},
		{"start", "2026-11-23", "2026-11-23"}, {"start", "2026/1/3", "2026-01-03"}, {"start", "2026.11.23", "2026-11-23"}, {"start", "2026年11月23日", "2026-11-23"},
		{"start", "20261123", "2026-11-23"}, {"start", "46349", "2026-11-23"}, {"start", "2026/11/23 0:00", "2026-11-23"}, {"start", "2026/11/23 8:00", ""}, {"start", "46349.5", ""},
		{"start", "2026-13-01", ""}, {"start", "1026-01-01", ""}, {"start", "+1d", ""},
		{"from", "7:00", "07:00"}, {"from", "07:00:00", "07:00"}, {"from", "７：３０", "07:30"}, {"from", "7:30 PM", "19:30"}, {"from", "12:00am", "00:00"}, {"from", "24:00", "00:00"}, {"from", "0.3125", "07:30"}, {"from", "7", ""}, {"from", "7:60", ""}, {"from", "13:00 PM", ""},
		{"expires", "2026-11-23T18:00:00+08:00", "2026-11-23 18:00:00"}, {"expires", "2026-11-23T10:00:00Z", "2026-11-23 18:00:00"}, {"expires", "2026-11-23 18:00", "2026-11-23 18:00:00"}, {"expires", "2026/11/23 18:00:05", "2026-11-23 18:00:05"},
		{"expires", "2026-11-23", "2026-11-23 23:59:00"}, {"verified", "2026-11-23", "2026-11-23 00:00:00"}, {"expires", "46349.75", "2026-11-23 18:00:00"}, {"expires", "46349", "2026-11-23 23:59:00"}, {"expires", "18:00", ""}, {"expires", "+2d 18:00", ""},
		{"trade", "t02", "t02"}, {"trade", "T02", "t02"}, {"trade", "瓦工(砌筑)", "t02"}, {"trade", "瓦工（砌筑）", "t02"}, {"trade", "bricklayer", "t02"}, {"trade", "瓦工", "t02"},
		{"district", "tongan", "tongan"}, {"district", "同安", "tongan"}, {"district", "同安区", "tongan"}, {"district", "TONG'AN", "tongan"}, {"district", "外地", "outside"}, {"district", "金门", ""},
	} {
		p, ok := readCell(t, sheets.Posts(w, sheets.Options{Now: now}), c.column, c.cell)
		got := ""
		if ok {
			got = valueOf(p, c.column)
		}
		if got != c.want {
			t.Errorf("%s %q: %q, want %q", c.column, c.cell, got, c.want)
		}
	}
}

func TestRelativeTimes(t *testing.T) {
	t.Parallel()
	s := sheets.Posts(words(t), sheets.Options{Now: now, Relative: true})
	for _, c := range []struct{ column, cell, want string }{
		{"start", "+1d", "2026-11-24"}, {"start", "-23d", "2026-10-31"}, {"start", "+1d 08:00", "2026-11-24"},
		{"expires", "+2d 18:00", "2026-11-25 18:00:00"}, {"expires", "+0d 7:05", "2026-11-23 07:05:00"}, {"expires", "-3h", "2026-11-23 07:20:00"}, {"expires", "+1d 25:00", ""}, {"expires", "+1w", ""}, {"expires", "+1h 07:00", ""},
	} {
		p, ok := readCell(t, s, c.column, c.cell)
		got := ""
		if ok {
			got = valueOf(p, c.column)
		}
		if got != c.want {
			t.Errorf("%s %q: %q, want %q", c.column, c.cell, got, c.want)
		}
	}
}

// readCell reads a draft with one more cell.
func readCell(t *testing.T, s sheets.Sheet[bot.Post], column, cell string) (bot.Post, bool) {
	t.Helper()
	heads, row := "id,state,title,"+column, `P1,draft,x,"`+cell+`"`
	if column == "pay_min" {
		heads, row = heads+",pay_unit", row+",day"
	}
	good, faults, err := sheets.Read(strings.NewReader(heads+"\n"+row+"\n"), sheets.CSV, s)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults {
		if f.Line != 2 || f.Column != column {
			t.Errorf("%s %q: %v", column, cell, f)
		}
	}
	return append(good, bot.Post{})[0], len(faults) == 0
}

func valueOf(p bot.Post, column string) string {
	switch column {
	case "pay_min":
		return strconv.FormatInt(p.Pay.Min, 10)
	case "headcount":
		return strconv.Itoa(p.Headcount)
	case "pay_unit":
		return string(p.Pay.Unit)
	case "settle":
		return string(p.Settle)
	case "urgent":
		return map[bool]string{true: "true", false: "false"}[p.Urgent]
	case "start":
		return string(p.Start)
	case "from":
		return string(p.From)
	case "expires":
		return p.Expires.In(bot.Xiamen).Format(time.DateTime)
	case "verified":
		return p.Verified.In(bot.Xiamen).Format(time.DateTime)
	case "trade":
		return string(p.Trade)
	case "district":
		return string(p.District)
	}
	return "?"
}
