package understand_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/understand"
)

// clock is when the tests are: a Monday morning.
var clock = time.Date(2026, 11, 23, 9, 0, 0, 0, bot.Xiamen)

var words = func() *understand.Words {
	w, err := understand.Load(os.DirFS("../../locales/lexicon"))
	if err != nil {
		panic(err)
	}
	return w
}()

// cases reads lines of fields that are separated by " | ".
func cases(t testing.TB, file string, fields int) [][]string {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for i, line := range strings.Split(string(raw), "\n") {
		if line == "" || strings.HasPrefix(line, "# ") {
			continue
		}
		got := strings.Split(line, " | ")
		if len(got) < fields {
			t.Fatalf("%s:%d: %d fields, want %d", file, i+1, len(got), fields)
		}
		out = append(out, got)
	}
	return out
}

// outcome writes a Parsed as the data file does.
func outcome(p bot.Parsed) string {
	value := func(v any) string {
		raw, err := bot.Pack(v)
		if err != nil {
			return err.Error()
		}
		return string(raw)
	}
	switch {
	case p.Fault != "" && p.Count > 0:
		return fmt.Sprintf("fault %s %d", p.Fault, p.Count)
	case p.Fault != "":
		return "fault " + p.Fault
	case len(p.Options) > 0:
		return "ask " + p.Word + " " + value(p.Options)
	case p.Match == bot.Whole:
		return "whole " + value(p.Value)
	case p.Match == bot.Within:
		return "within " + value(p.Value)
	}
	return "none"
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range cases(t, "parsers.txt", 3) {
		if got := outcome(words.Parse(bot.Parser(c[0]), c[1], clock)); got != c[2] {
			t.Errorf("%s %q\n got %s\nwant %s", c[0], c[1], got, c[2])
		}
	}
}

// soundParsed is what holds of every answer, whatever the text.
func soundParsed(t testing.TB, p bot.Parser, text string, got bot.Parsed) {
	t.Helper()
	if has := got.Value != nil; has != (got.Match != bot.NoMatch && len(got.Options) == 0) {
		t.Fatalf("%s %q: value %v with match %v and %d options", p, text, got.Value, got.Match, len(got.Options))
	}
	if got.Fault != "" && (got.Match != bot.NoMatch || !strings.HasPrefix(got.Fault, "fault.")) {
		t.Fatalf("%s %q: fault %q with match %v", p, text, got.Fault, got.Match)
	}
	if len(got.Options) == 1 || len(got.Options) > 0 && got.Word == "" {
		t.Fatalf("%s %q: asks %q among %v", p, text, got.Word, got.Options)
	}
	for _, v := range append([]bot.Value{got.Value}, got.Options...) {
		if v != nil {
			soundValue(t, p, text, v)
		}
	}
}

func soundValue(t testing.TB, p bot.Parser, text string, v bot.Value) {
	t.Helper()
	raw, err := bot.Pack(v)
	if err != nil {
		t.Fatal(err)
	}
	back, err := p.Decode(raw)
	if err != nil {
		t.Fatalf("%s %q: %v", p, text, err)
	}
	if fmt.Sprintf("%T", back) != fmt.Sprintf("%T", v) {
		t.Fatalf("%s %q: value is a %T, want %T", p, text, v, back)
	}
	ok := true
	switch v := v.(type) {
	case bot.Personal:
		n := len([]rune(v.Reveal()))
		ok = n >= 1 && n <= 20 && v.Reveal() == strings.TrimSpace(v.Reveal())
		if p == bot.Phone {
			_, err := strconv.Atoi(v.Reveal())
			ok = err == nil && n == 11 && v.Reveal()[0] == '1' && v.Reveal()[1] >= '3'
		}
	case string:
		ok = v != "" && len([]rune(v)) <= bot.MaxText
	case bot.Birth:
		ok = v.Age >= 0 && v.Age <= 100 && (v.Year == 0 || v.Year >= 1926 && v.Year <= 2026) && v != bot.Birth{}
	case []bot.Place:
		ok = len(v) > 0 && len(v) <= 200
		for i, x := range v {
			ok = ok && words.DistrictName(x.District, "zh-CN") != string(x.District)
			for _, y := range v[:i] {
				ok = ok && x != y
			}
		}
	case []bot.TradeID:
		ok = len(v) >= 1 && len(v) <= 5
		for i, x := range v {
			_, known := words.Trade(string(x))
			ok = ok && known
			for _, y := range v[:i] {
				ok = ok && x != y
			}
		}
	case bot.Pay:
		ok = v.Min > 0 && v.Min <= 100_000_000 && (v.Max == 0 || v.Max > v.Min) && v.Unit != ""
	case bot.Date:
		ok = v >= bot.DateOf(clock) && !v.Time().IsZero()
	case bot.Clock:
		_, err := time.Parse("15:04", string(v))
		ok = err == nil
	case int:
		ok = v >= 1 && v <= 99 || p == bot.Count && v >= 1 && v <= 9999
	case bot.Money:
		ok = v >= 100 && v <= 1_000_000_000
	case bot.Settle, bot.Shift, bool:
	default:
		ok = false
	}
	if !ok {
		j, _ := json.Marshal(v)
		t.Fatalf("%s %q: unsound value %s", p, text, j)
	}
}
