package records_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sort"
	"sync"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/records"
)

// shapes is the mix that BenchmarkSearch goes round in. Those that end in ! fit nothing.
var shapes = []struct {
	name string
	q    bot.Query
}{
	{"trade and district", bot.Query{Trades: []bot.TradeID{"t02"}, Districts: []bot.District{bot.Tongan}}},
	{"trade", bot.Query{Trades: []bot.TradeID{"t39"}}},
	{"three trades, island", bot.Query{Trades: []bot.TradeID{"t50", "t51", "t56"}, Districts: []bot.District{bot.Siming, bot.Huli}}},
	{"rare trade", bot.Query{Trades: []bot.TradeID{"t28"}}},
	{"unknown trade!", bot.Query{Trades: []bot.TradeID{"t99"}}},
	{"district", bot.Query{Districts: []bot.District{bot.Xiangan}}},
	{"outside!", bot.Query{Districts: []bot.District{bot.Outside}}},
	{"impossible pay!", bot.Query{Pay: bot.Pay{Min: 99_999_00, Unit: bot.PerDay}}},
	{"impossible pay in a district!", bot.Query{Districts: []bot.District{bot.Jimei}, Pay: bot.Pay{Min: 99_999_00, Unit: bot.PerDay}}},
	{"pay", bot.Query{Pay: bot.Pay{Min: 300_00, Unit: bot.PerDay}}},
	{"district and settle", bot.Query{Districts: []bot.District{bot.Huli}, Settle: bot.Daily}},
	{"date", bot.Query{Date: "2026-11-25"}},
	{"far date!", bot.Query{Date: "2031-01-01"}},
	{"nothing asked", bot.Query{}},
	{"place first", bot.Query{Place: "马巷", Trades: []bot.TradeID{"t39"}}},
	{"place alone", bot.Query{Place: "马巷"}},
	{"unknown place", bot.Query{Place: "月球"}},
	{"page 3", bot.Query{Trades: []bot.TradeID{"t30"}, Offset: 10}},
	{"deep page", bot.Query{Districts: []bot.District{bot.Xiangan}, Offset: 5000}},
	{"minor", bot.Query{Minor: true}},
	{"everything asked!", bot.Query{
		Trades: []bot.TradeID{"t09"}, Districts: []bot.District{bot.Siming}, Minor: true, Meals: true, Lodging: true,
		Settle: bot.Weekly, Shift: bot.NightShift, Date: "2026-11-25", Pay: bot.Pay{Min: 900_00, Unit: bot.PerDay},
	}},
	{"night, meals, lodging, weekly", bot.Query{Shift: bot.NightShift, Meals: true, Lodging: true, Settle: bot.Weekly}},
}

// BenchmarkSearch goes round in the shapes, five posts a page. It reports the median and the 99th percentile of all
// searches, and how long the board takes to read at start; with -v every shape by itself. A million posts take a minute to write; set YILU_BENCH_LONG for them.
func BenchmarkSearch(b *testing.B) { onEachBench(b, benchmarkSearch) }

func benchmarkSearch(b *testing.B, open opening) {
	for _, n := range []int{1000, 10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("posts=%d", n), func(b *testing.B) {
			if n > 100_000 && os.Getenv("YILU_BENCH_LONG") == "" {
				b.Skip("set YILU_BENCH_LONG for a million posts")
			}
			r, file := filled(b, open, n)
			opened := time.Now()
			if _, err := records.Open(b.Context(), file); err != nil {
				b.Fatal(err)
			}
			reading := time.Since(opened)
			took := make([][]time.Duration, len(shapes))
			b.ResetTimer()
			for i := range b.N {
				q := shapes[i%len(shapes)].q
				q.Now, q.Limit = now, 5
				from := time.Now()
				found, err := r.Search(b.Context(), q)
				took[i%len(shapes)] = append(took[i%len(shapes)], time.Since(from))
				if err != nil {
					b.Fatal(err)
				}
				if name := shapes[i%len(shapes)].name; name[len(name)-1] == '!' && len(found.Posts) > 0 {
					b.Fatalf("%s found %d posts", name, len(found.Posts))
				}
			}
			b.StopTimer()
			all := slices.Concat(took...)
			b.ReportMetric(ms(quantile(all, 50)), "p50-ms")
			b.ReportMetric(ms(quantile(all, 99)), "p99-ms")
			b.ReportMetric(ms(reading), "open-ms")
			if testing.Verbose() && b.N > 50*len(shapes) {
				for i, s := range shapes {
					b.Logf("%-32s p50 %.3f ms  p99 %.3f ms", s.name, ms(quantile(took[i], 50)), ms(quantile(took[i], 99)))
				}
			}
		})
	}
}

// BenchmarkSearchAfterChange measures the search that first learns of a changed post.
func BenchmarkSearchAfterChange(b *testing.B) { onEachBench(b, benchmarkSearchAfterChange) }

func benchmarkSearchAfterChange(b *testing.B, open opening) {
	r, _ := filled(b, open, 100_000)
	chance := rand.New(rand.NewPCG(3, 4))
	var took []time.Duration
	b.ResetTimer()
	for i := range b.N {
		if err := r.PutPosts(b.Context(), []bot.Post{anyPost(chance, i%100_000)}); err != nil {
			b.Fatal(err)
		}
		from := time.Now()
		if _, err := r.Search(b.Context(), bot.Query{Now: now, Limit: 5}); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(from))
	}
	b.ReportMetric(ms(quantile(took, 50)), "p50-ms")
	b.ReportMetric(ms(quantile(took, 99)), "p99-ms")
}

// BenchmarkApply measures the usual intake of somebody who is known: three effects in one transaction.
func BenchmarkApply(b *testing.B) { onEachBench(b, benchmarkApply) }

func benchmarkApply(b *testing.B, open opening) {
	r, _ := open(b)
	const people = 1000
	for i := range people {
		apply(b, r, intake(b, i, people)...)
	}
	took := make([]time.Duration, 0, b.N)
	b.ResetTimer()
	for i := range b.N {
		entries := intake(b, people+i, people)
		from := time.Now()
		apply(b, r, entries...)
		took = append(took, time.Since(from))
	}
	b.ReportMetric(ms(quantile(took, 50)), "p50-ms")
	b.ReportMetric(ms(quantile(took, 99)), "p99-ms")
}

// BenchmarkApplyAtOnce is BenchmarkApply by 32 who do so at once, each for other people. It reports how many were told
// to come again, because they met too many others.
func BenchmarkApplyAtOnce(b *testing.B) { onEachBench(b, benchmarkApplyAtOnce) }

func benchmarkApplyAtOnce(b *testing.B, open opening) {
	r, _ := open(b)
	const people, at = 1000, 32
	for i := range people {
		apply(b, r, intake(b, i, people)...)
	}
	var mu sync.Mutex
	var next, refused int
	took := make([]time.Duration, 0, b.N)
	var wg sync.WaitGroup
	b.ResetTimer()
	for range at {
		wg.Go(func() {
			for {
				mu.Lock()
				i := next
				next++
				mu.Unlock()
				if i >= b.N {
					return
				}
				entries := intake(b, people+i, people)
				from := time.Now()
				for again := 0; ; again++ {
					_, err := r.Apply(b.Context(), entries)
					if err == nil {
						mu.Lock()
						took, refused = append(took, time.Since(from)), refused+again
						mu.Unlock()
						break
					}
					if bot.CodeOf(err) != bot.Unavailable {
						b.Error(err)
						return
					}
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(ms(quantile(took, 50)), "p50-ms")
	b.ReportMetric(ms(quantile(took, 99)), "p99-ms")
	b.ReportMetric(float64(refused)/float64(b.N), "refused/op")
}

func intake(b *testing.B, i, people int) []bot.Entry {
	all := []bot.Entry{
		entry(b, fmt.Sprintf("s%d", i), i, bot.SaveWorker{Name: bot.NewPersonal("【示例】"), Trades: []bot.TradeID{"t01"}}),
		entry(b, fmt.Sprintf("a%d", i), i, bot.SubmitApplication{Number: fmt.Sprintf("BM%d", i), Post: bot.PostID(fmt.Sprintf("p%d", i)), Party: 1}),
		entry(b, fmt.Sprintf("q%d", i), i, bot.AskStaff{Number: fmt.Sprintf("GD%d", i), About: bot.WantsPerson}),
	}
	for j := range all {
		all[j].From.User = fmt.Sprintf("u%d", i%people)
	}
	return all
}

// onEachBench measures on every database.
func onEachBench(b *testing.B, measure func(*testing.B, opening)) {
	for _, name := range []string{"sqlite", "postgres"} {
		b.Run(name, func(b *testing.B) { measure(b, openingOn(databases[name])) })
	}
}

func quantile(took []time.Duration, percent int) time.Duration {
	if len(took) == 0 {
		return 0
	}
	took = slices.Clone(took)
	sort.Slice(took, func(i, j int) bool { return took[i] < took[j] })
	return took[min(len(took)-1, len(took)*percent/100)]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func filled(b *testing.B, open opening, n int) (*records.Records, *store) {
	b.Helper()
	r, file := open(b)
	defer func() {
		if _, err := r.Search(b.Context(), bot.Query{Now: now}); err != nil { // learns of all of them
			b.Fatal(err)
		}
	}()
	chance := rand.New(rand.NewPCG(1, 2))
	for at := 0; at < n; at += 10_000 {
		batch := make([]bot.Post, min(10_000, n-at))
		for i := range batch {
			batch[i] = anyPost(chance, at+i)
		}
		must(b, r.PutPosts(b.Context(), batch))
	}
	return r, file
}

// anyPost is one of a crowd: some trades, districts and units are common and others rare, one in ten is not open, and
// pay goes with the unit.
func anyPost(chance *rand.Rand, i int) bot.Post {
	skewed := func(n int) int { return int(float64(n) * chance.Float64() * chance.Float64()) }
	unit := []bot.PayUnit{bot.PerDay, bot.PerHour, bot.PerMonth, bot.PerPiece, bot.PerJob, bot.PerSqm, bot.PerTrip}[skewed(7)]
	base := map[bot.PayUnit]int64{bot.PerDay: 150_00, bot.PerHour: 18_00, bot.PerMonth: 4000_00}[unit] + 1_00
	p := bot.Post{
		ID: bot.PostID(fmt.Sprintf("p%07d", i)), State: bot.PostPublished, Trade: bot.TradeID(fmt.Sprintf("t%02d", 1+(skewed(66)+29)%66)),
		Title: "【示例】招工", Headcount: 1 + chance.IntN(20), Employer: "【示例】单位", Content: "【示例】工作内容,说明二十来个字,说明二十来个字",
		District: bot.Districts[skewed(6)], Place: []string{"马巷", "新店", "殿前", "灌口", "新阳", "梧村", "西柯", "江头"}[skewed(8)],
		Pay: bot.Pay{Min: base + int64(chance.IntN(20))*10_00, Unit: unit}, PayText: "【示例】", Settle: []bot.Settle{bot.Daily, bot.Monthly, bot.OnCompletion, bot.Weekly}[skewed(4)],
		Shift: []bot.Shift{bot.DayShift, bot.NightShift, bot.EveningShift}[skewed(3)], MinorOK: chance.IntN(20) == 0, Meals: chance.IntN(3) == 0,
		Lodging: chance.IntN(4) == 0, Urgent: chance.IntN(50) == 0, Expires: now.Add(time.Duration(1+chance.IntN(500)) * time.Hour),
		Verified: now.Add(-time.Duration(chance.IntN(500*3600)) * time.Second), Sample: true,
	}
	if chance.IntN(3) > 0 {
		p.Start = bot.DateOf(now.AddDate(0, 0, chance.IntN(5)-2))
	}
	if chance.IntN(2) > 0 || p.Start == "" {
		p.End = bot.DateOf(now.AddDate(0, 0, 5+chance.IntN(60)))
	} else {
		p.End = "2026-12-31"
	}
	switch chance.IntN(20) {
	case 0:
		p.State = bot.PostClosed
	case 1:
		p.Filled = p.Headcount
	case 2:
		p.Pay = bot.Pay{}
	}
	return p
}
