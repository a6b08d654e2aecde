package engine_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
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
	raw, err := os.ReadFile("../../dialogs/testdata/posts.json")
	var posts []bot.Post
	if err == nil {
		err = json.Unmarshal(raw, &posts)
	}
	if err == nil {
		err = rec.PutPosts(b.Context(), posts)
	}
	if err != nil {
		b.Fatal(err)
	}
	e, err := engine.New(engine.Config{
		Dialogues: dialogs.All(), Texts: texts, Words: w, Ledger: led, Records: rec,
		Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		b.Fatal(err)
	}
	return e
}

// scripts are what a worker says, one message after the other: a registration from the first word to the number and
// then a look at one's data, nine turns of which two carry effects; a search that changes its mind, eight turns that all
// look posts up; and eight turns that neither write into the records nor look anything up.
var scripts = map[string][]string{
	"registration": {"我要登记", "1", "老陈", "13805921234", "68年的", "瓦工", "同安", "对", "我的资料"},
	"plain":        {"你好", "帮助", "找活", "帮助", "返回", "English", "中文", "菜单"},
	"search":       {"你好", "同安有没有日结的瓦工", "1", "返回", "要周结的", "集美呢", "1", "菜单"},
}

// BenchmarkTurn is a whole turn, message in to stored reply out, durable through a process kill and, where it carries
// an intake, through a loss of power.
func BenchmarkTurn(b *testing.B) {
	for _, c := range []struct {
		script string
		users  int
	}{{"registration", 1}, {"registration", 64}, {"search", 1}, {"search", 64}, {"plain", 1}, {"plain", 64}} {
		script, users := scripts[c.script], c.users
		b.Run(fmt.Sprintf("%s/users=%d", c.script, users), func(b *testing.B) {
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
