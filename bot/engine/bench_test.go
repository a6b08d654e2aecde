package engine_test

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/datafile"
	"yilu/bot/engine"
	"yilu/bot/ledger"
	"yilu/bot/locale"
	"yilu/bot/records"
	"yilu/dialogs"
	"yilu/locales"
)

// real is the engine as it is served: the dialogues of the list, the embedded ledger and records.
func real(b *testing.B) *engine.Engine {
	b.Helper()
	file, err := datafile.Open(filepath.Join(b.TempDir(), "yilu.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = file.Close() })
	led, err := ledger.NewEmbedded(b.Context(), file)
	if err != nil {
		b.Fatal(err)
	}
	rec, err := records.Open(b.Context(), file)
	if err != nil {
		b.Fatal(err)
	}
	w := words(b)
	texts, err := locale.Load(locales.Files, "zh-CN", locale.Names{Trade: w.TradeName, District: w.DistrictName})
	if err != nil {
		b.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, bot.Xiamen)
	e, err := engine.New(engine.Config{
		Dialogues: dialogs.All(), Texts: texts, Words: w, Ledger: led, Records: rec,
		Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		b.Fatal(err)
	}
	return e
}

// script is a registration from the first word to the number and then a look at one's data: nine turns, two of them
// with effects.
var script = []string{"我要登记", "1", "老陈", "13805921234", "68年的", "瓦工", "同安", "对", "我的资料"}

// BenchmarkTurn is a whole turn, message in to stored reply out, durable through a process kill and, where it carries
// an intake, through a loss of power. Users run registrations one message after the other.
func BenchmarkTurn(b *testing.B) {
	for _, users := range []int{1, 64} {
		b.Run(fmt.Sprintf("users=%d", users), func(b *testing.B) {
			e := real(b)
			var worker atomic.Int64
			b.SetParallelism((users + 1) / 2) // two cores
			if users == 1 {
				b.SetParallelism(1)
			}
			b.ReportAllocs()
			run := func(next func() bool) {
				for {
					from := bot.Identity{Channel: "bench", User: fmt.Sprint(worker.Add(1))}
					for i, text := range script {
						if !next() {
							return
						}
						if _, err := e.Turn(b.Context(), bot.Message{ID: fmt.Sprint(i), From: from, Text: text}); err != nil {
							b.Error(err)
							return
						}
					}
				}
			}
			if users == 1 {
				n := 0
				run(func() bool { n++; return n <= b.N })
			} else {
				b.RunParallel(func(pb *testing.PB) { run(pb.Next) })
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "turns/s")
		})
	}
}
