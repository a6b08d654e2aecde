package understand_test

import (
	"os"
	"testing"

	"yilu/bot"
	"yilu/bot/understand"
)

const message = "明天有没有日结的小工同安这边的一天三百以上两个人一起去行吗"

func BenchmarkRead(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		words.Read(message, clock)
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

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := understand.Load(os.DirFS("../../locales/lexicon")); err != nil {
			b.Fatal(err)
		}
	}
}
