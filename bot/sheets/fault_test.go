package sheets_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode"

	"yilu/bot"
	"yilu/bot/sheets"
)

// wanted reads the lines of a .want file: those that begin with "good" apart.
func wanted(t *testing.T, name string) (faults []string, good string) {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(line, "good "); ok {
			good = rest
		} else if line != "" && line[0] != '#' {
			faults = append(faults, line)
		}
	}
	return faults, good
}

func compare(t *testing.T, want []string, got []sheets.Fault) {
	t.Helper()
	var have []string
	for _, f := range got {
		have = append(have, fmt.Sprintf("%d %s %s", f.Line, f.Column, strings.TrimPrefix(f.Key, "sheets.fault.")))
		if f.Reason == "" || strings.HasPrefix(f.Reason, "sheets.") || strings.Contains(f.Reason, "<no value>") {
			t.Errorf("%s has no reason: %q", f.Key, f.Reason)
		}
	}
	a, b := strings.Join(want, "\n"), strings.Join(have, "\n")
	if a != b {
		t.Errorf("want\n%s\n\ngot\n%s", a, b)
	}
}

func TestPostFaults(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/posts.csv")
	if err != nil {
		t.Fatal(err)
	}
	want, goodIDs := wanted(t, "posts.want")
	for _, lang := range langs {
		good, faults, err := sheets.Read(bytes.NewReader(raw), sheets.CSV, sheets.Posts(words(t), sheets.Options{Lang: lang}))
		if err != nil {
			t.Fatal(err)
		}
		compare(t, want, faults)
		var ids []string
		for _, p := range good {
			ids = append(ids, string(p.ID))
		}
		if got := strings.Join(ids, " "); got != goodIDs {
			t.Errorf("good: %s, want %s", got, goodIDs)
		}
		for _, f := range faults {
			if f.Key == "sheets.fault.age_child" && !strings.Contains(f.Reason, "16") {
				t.Errorf("the age rule does not name the age: %s", f.Reason)
			}
			if han := strings.ContainsFunc(f.Reason, func(r rune) bool { return unicode.Is(unicode.Han, r) }); lang == "en" && han {
				t.Errorf("an English reason holds Chinese: %s", f.Reason)
			}
		}
	}
}

func TestAgreedPayAndDefaults(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/posts.csv")
	if err != nil {
		t.Fatal(err)
	}
	good, _, err := sheets.Read(bytes.NewReader(raw), sheets.CSV, sheets.Posts(words(t), sheets.Options{State: bot.PostReview}))
	if err != nil {
		t.Fatal(err)
	}
	p := good[0]
	if p.State != bot.PostReview || p.Trade != "t02" || p.District != bot.Tongan || p.Pay != (bot.Pay{Min: 30000, Unit: bot.PerDay}) || p.From != "07:00" {
		t.Errorf("%+v", p)
	}
	if agreed := good[2]; agreed.Pay.Min != 0 || agreed.PayText != "面议" {
		t.Errorf("%+v", agreed)
	}
}

func TestWorkerFaultsInGBK(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/workers.csv")
	if err != nil {
		t.Fatal(err)
	}
	want, count := wanted(t, "workers.want")
	good, faults, err := sheets.Read(bytes.NewReader(raw), sheets.CSV, sheets.Workers(words(t), sheets.Options{Now: now}))
	if err != nil {
		t.Fatal(err)
	}
	compare(t, want, faults)
	if fmt.Sprint(len(good)) != count {
		t.Fatalf("%d good, want %s", len(good), count)
	}
	if got := open(t, good[0].Name) + good[0].Cert; got != `"老陈"` {
		t.Error(got)
	}
	if w := good[0]; len(w.Places) != 2 || w.Places[0] != (bot.Place{District: bot.Tongan, Name: "马巷"}) || w.Places[1] != (bot.Place{District: bot.Jimei}) {
		t.Errorf("%+v", w.Places)
	}
	if w := good[1]; w.ID != w.From.Worker() || w.Birth != (bot.Birth{Age: 40, On: "2026-11-23"}) || open(t, w.Phone) != `"13800000003"` {
		t.Errorf("%+v", w)
	}
}

// Reasons must not repeat what stood in the cells.
func TestReasonsTellNoValue(t *testing.T) {
	t.Parallel()
	const secret = "13912345678"
	for _, c := range []struct{ file, tell string }{
		{"id,name,phone\nw1,x," + secret + "9\n", ""},
		{"id,name,trades,places,age,pay_min\nw1," + secret + "*," + secret + "," + secret + "," + secret + ",x" + secret + "\n", ""},
		{"id," + secret + ",name\nw1,x,y\n", ""},
		{secret + ",x,y\nw1,x,y\n", ""},
		{"id,name\n" + secret + ",x\n" + secret + ",y\n", ""},
	} {
		_, faults, err := sheets.Read(strings.NewReader(c.file), sheets.CSV, sheets.Workers(words(t), sheets.Options{Now: now}))
		told := fmt.Sprint(faults, err)
		if strings.Contains(told, secret) {
			t.Errorf("%q tells: %s", c.file, told)
		}
		if err == nil && len(faults) == 0 {
			t.Errorf("%q has no fault", c.file)
		}
	}
}

func TestHeadings(t *testing.T) {
	t.Parallel()
	row := func(heads string) string { return heads + "\nA1,P1,w1,2026-11-23 10:00\n" }
	for name, c := range map[string]struct {
		file string
		want []string
		good int
		code bot.Code
	}{
		"keys":             {row("number,post,worker,at"), nil, 1, ""},
		"chinese":          {row("报名编号,岗位编号,工友编号,报名时间"), nil, 1, ""},
		"english":          {row("Application number,Post ID,Worker ID,Applied at"), nil, 1, ""},
		"case and width":   {row("ＮＵＭＢＥＲ, Post_Id ,WORKER id,applied  AT"), nil, 1, ""},
		"unknown":          {"number,post,worker,at,colour\nA1,P1,w1,2026-11-23 10:00,red\n", []string{"1 colour unknown_column"}, 1, ""},
		"nearly known":     {"number,post,worker,at,stat\nA1,P1,w1,2026-11-23 10:00,\n", []string{"1 stat unknown_column_near"}, 1, ""},
		"missing":          {"number,post,at\nA1,P1,2026-11-23\nA2,P1,2026-11-23\n", []string{"1 worker missing_column"}, 0, ""},
		"twice":            {"number,post,worker,at,岗位编号\nA1,P1,w1,2026-11-23,P2\n", []string{"1 post duplicate_column"}, 0, ""},
		"more cells":       {"number,post,worker,at\nA1,P1,w1,2026-11-23,x\n", []string{"2  extra_cell"}, 0, ""},
		"blank lines":      {"\n\nnumber,post,worker,at\n\r\n\n,,,\nA1,P1,w1,x\n", []string{"7 at moment"}, 0, ""},
		"cell of lines":    {"number,post,worker,at\n\"A\n1\",P1,w1,2026-11-23\nA2,P1,w1,x\n", []string{"3 at moment"}, 1, ""},
		"quote":            {"number,post,worker,at\nA1,\"P\"1,w1,2026-11-23\nA2,P1,w1,2026-11-23\n", []string{"2  quote"}, 1, ""},
		"quote never ends": {"number,post,worker,at\nA1,P1,w1,2026-11-23\n\"A2,P1,w1,2026-11-23\nA3,P1,w1,2026-11-23", []string{"3  quote"}, 1, ""},
		"quote in heading": {"number,\"post\"x,worker,at\nnumber,post,worker,at\nA2,P1,w1,2026-11-23\n", []string{"1  quote"}, 0, ""},
		"tabs":             {"number\tpost\tworker\tat\nA1\tP,1\tw1\t2026-11-23\n", nil, 1, ""},
		"no headings":      {"A1,P1,w1,2026-11-23\n", nil, 0, bot.Invalid},
		"empty":            {"", nil, 0, bot.Invalid},
		"bad bytes":        {"number,post\n\xff\xff\xff,\x81\n", nil, 0, bot.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			good, faults, err := sheets.Read(strings.NewReader(c.file), sheets.CSV, sheets.Applications(words(t), sheets.Options{}))
			if bot.CodeOf(err) != c.code {
				t.Fatalf("error %v, want code %q", err, c.code)
			}
			compare(t, c.want, faults)
			if len(good) != c.good {
				t.Errorf("%d good, want %d", len(good), c.good)
			}
		})
	}
}

func TestManyFaultsAreCounted(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("number,post,worker,at\n")
	for i := range sheets.MaxFaults + 7 {
		fmt.Fprintf(&b, "A%d,P1,w1,never\n", i)
	}
	b.WriteString("B,P1,w1,2026-11-23\n")
	good, faults, err := sheets.Read(strings.NewReader(b.String()), sheets.CSV, sheets.Applications(words(t), sheets.Options{}))
	if err != nil || len(good) != 1 || len(faults) != sheets.MaxFaults+1 {
		t.Fatalf("%v: %d good, %d faults", err, len(good), len(faults))
	}
	if last := faults[sheets.MaxFaults]; last.Key != "sheets.fault.more" || !strings.Contains(last.Reason, "7") {
		t.Errorf("%+v", last)
	}
}
