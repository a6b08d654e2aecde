package engine

import (
	"context"
	"encoding/json"
	"io/fs"
	"log/slog"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/locale"
	"yilu/bot/understand"
	"yilu/dialogs"
	"yilu/locales"
)

// nobody are records that know nobody.
type nobody struct{ Records }

func (nobody) Worker(context.Context, bot.WorkerID) (bot.Worker, error) {
	return bot.Worker{}, &bot.Error{Code: bot.NotFound}
}

// BenchmarkDecide is deciding alone: a stored session and a message in, the reply and the new session out, over the
// real dialogues and words. It includes reading the stored session and leaves out the stores.
func BenchmarkDecide(b *testing.B) {
	lexicon, err := fs.Sub(locales.Files, "lexicon")
	if err != nil {
		b.Fatal(err)
	}
	words, err := understand.Load(lexicon)
	if err != nil {
		b.Fatal(err)
	}
	texts, err := locale.Load(locales.Files, "zh-CN", locale.Names{Trade: words.TradeName, District: words.DistrictName})
	if err != nil {
		b.Fatal(err)
	}
	e, err := New(Config{Dialogues: dialogs.All(), Texts: texts, Words: words, Records: nobody{}, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, bot.Xiamen)
	message := func(id, text string) bot.Message {
		return bot.Message{ID: id, From: bot.Identity{Channel: "bench", User: "a"}, Text: text}
	}
	var state []byte
	for i, text := range []string{"我要登记", "1", "老陈", "13805921234", "68年的", "瓦工", "同安"} {
		m := message(string(rune('a'+i)), text)
		before := state
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				e.decide(b.Context(), before, input{Message: m, via: m.From}, now)
			}
		})
		d := e.decide(b.Context(), state, input{Message: m, via: m.From}, now)
		if state, err = json.Marshal(d.session); err != nil {
			b.Fatal(err)
		}
	}
}
