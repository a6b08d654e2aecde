package sheets_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"yilu/bot"
	"yilu/bot/sheets"
)

func TestSamples(t *testing.T) {
	t.Parallel()
	w := words(t)
	night := time.Date(2026, time.November, 23, 23, 59, 0, 0, bot.Xiamen)
	for _, at := range []time.Time{now, night, time.Date(2027, time.February, 28, 0, 0, 0, 0, bot.Xiamen)} {
		stations, posts, err := sheets.Samples(os.DirFS("../../locales"), w, at)
		if err != nil {
			t.Fatal(err)
		}
		if len(stations) < 6 || len(posts) < 40 {
			t.Errorf("%d stations, %d posts", len(stations), len(posts))
		}
		trades, districts, units, settles := map[bot.TradeID]int{}, map[bot.District]int{}, map[bot.PayUnit]int{}, map[bot.Settle]int{}
		bricklayers, minors := 0, 0
		for _, p := range posts {
			trades[p.Trade]++
			districts[p.District]++
			units[p.Pay.Unit]++
			settles[p.Settle]++
			if !p.Open(at) || p.Start < bot.DateOf(at) || p.Verified.After(at) || p.Verified.Before(at.AddDate(0, 0, -7)) {
				t.Errorf("%s is not open or not fresh at %s: starts %s, expires %s, verified %s", p.ID, at, p.Start, p.Expires, p.Verified)
			}
			if p.Trade == "t02" && p.District == bot.Tongan && p.Settle == bot.Daily && p.Pay.Unit == bot.PerDay && p.Pay.Min >= 30000 && p.Pay.Min <= 38000 && p.Pay.Max <= 38000 {
				bricklayers++
			}
			if p.MinorOK {
				minors++
				if p.Shift != bot.DayShift || p.AgeMin != 16 || p.Cert != "" || p.From < "07:00" || p.To > "19:00" {
					t.Errorf("%s is no work for 16- and 17-year-olds", p.ID)
				}
			}
			if !p.MinorOK && p.AgeMin < 18 {
				t.Errorf("%s takes people under 18 and is not marked for them", p.ID)
			}
			if !strings.HasPrefix(p.Employer, "【示例】") || !strings.HasPrefix(p.Address, "【示例】") || !p.Contact.IsZero() {
				t.Errorf("%s names an employer, an address or a contact that is not marked", p.ID)
			}
		}
		if bricklayers < 3 || minors < 3 || len(districts) != 6 || len(trades) < 25 || len(units) < 6 || len(settles) != 4 {
			t.Errorf("%d bricklayers, %d for minors, %d districts, %d trades, %d units, %d settlements", bricklayers, minors, len(districts), len(trades), len(units), len(settles))
		}
		for _, s := range stations {
			if s.Phone != "" || !s.Manager.IsZero() || !strings.HasPrefix(s.Address, "【示例】") {
				t.Errorf("%s names a phone, a manager or an address", s.ID)
			}
		}
	}
}

func TestSamplesHoldNoNumbersLikePhones(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"stations.json", "posts.json"} {
		raw, err := os.ReadFile("../../locales/samples/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if found := regexp.MustCompile(`\d[\d -]{5,}\d`).Find(raw); found != nil {
			t.Errorf("%s holds %s", name, found)
		}
	}
}

func TestSamplesMustBeMarked(t *testing.T) {
	t.Parallel()
	w := words(t)
	for _, change := range []func(map[string]any){
		func(m map[string]any) { m["sample"] = false },
		func(m map[string]any) { m["title"] = "瓦工" },
		func(m map[string]any) { m["trade"] = "t99" },
	} {
		fsys := fstest.MapFS{}
		for _, name := range []string{"stations.json", "posts.json"} {
			raw, err := os.ReadFile("../../locales/samples/" + name)
			if err != nil {
				t.Fatal(err)
			}
			if name == "posts.json" {
				var all []map[string]any
				if err := json.Unmarshal(raw, &all); err != nil {
					t.Fatal(err)
				}
				change(all[3])
				if raw, err = json.Marshal(all); err != nil {
					t.Fatal(err)
				}
			}
			fsys["samples/"+name] = &fstest.MapFile{Data: raw}
		}
		if _, _, err := sheets.Samples(fsys, w, now); bot.CodeOf(err) != bot.Internal {
			t.Errorf("%v", err)
		}
	}
}
