package understand_test

import (
	"os"
	"runtime"
	"strings"
	"testing"

	"yilu/bot"
	"yilu/bot/understand"
)

const message = "明天有没有日结的小工同安这边的一天三百以上两个人一起去行吗"

// told is a complaint in one breath, of 30 characters.
const told = "老板欠我三个月工资一万二电话不接微信拉黑了到现在一分没给怎么办"

func BenchmarkRead(b *testing.B) {
	for name, text := range map[string]string{"search": message, "dispute": told, "10kB": strings.Repeat(told, 110)[:9900]} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				words.Frame(text, clock)
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	for _, p := range bot.Parsers {
		b.Run(string(p), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				words.Parse(p, message, clock)
			}
		})
	}
}

// BenchmarkLoad also says how much of the heap the lexicon takes.
func BenchmarkLoad(b *testing.B) {
	var before, after runtime.MemStats
	var w *understand.Words
	runtime.GC()
	runtime.ReadMemStats(&before)
	for b.Loop() {
		var err error
		if w, err = understand.Load(os.DirFS("../../locales/lexicon")); err != nil {
			b.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB/lexicon")
	runtime.KeepAlive(w)
}
