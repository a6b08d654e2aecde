package engine_test

import (
	"io/fs"
	"log/slog"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/engine"
	"yilu/bot/locale"
	"yilu/dialogs"
	"yilu/locales"
)

// house is an engine with the real dialogues and texts.
func house(t testing.TB, secret string) *bench {
	t.Helper()
	dir := t.TempDir()
	b := &bench{t: t, dir: dir, ledger: openLedger(t, dir), records: &shelf{applied: map[string]bot.Entry{}}, clock: &clock{at: time.Date(2026, 11, 23, 9, 0, 0, 0, bot.Xiamen)}}
	b.Engine = b.process(secret)
	return b
}

// process is one more engine over the same stores, as another process would be.
func (b *bench) process(secret string) *engine.Engine {
	b.t.Helper()
	w := words(b.t)
	files, err := fs.Sub(locales.Files, ".")
	if err != nil {
		b.t.Fatal(err)
	}
	said, err := locale.Load(files, "zh-CN", locale.Names{Trade: w.TradeName, District: w.DistrictName})
	if err != nil {
		b.t.Fatal(err)
	}
	e, err := engine.New(engine.Config{
		Dialogues: dialogs.All(), Texts: said, Words: w, Ledger: b.handle(), Records: b.records,
		Now: b.clock.now, Log: slog.New(slog.DiscardHandler), Secret: []byte(secret), Public: "https://chat.example/",
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return e
}

func (c *clock) wait(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// on sends a message of a person on a channel.
func (b *bench) on(channel, text string) bot.Reply {
	b.t.Helper()
	m := b.message("p", text)
	m.From = bot.Identity{Channel: channel, User: "p"}
	m.Abroad = channel == "telegram"
	return b.turn(m)
}

func (b *bench) turn(m bot.Message) bot.Reply {
	b.t.Helper()
	r, err := b.Turn(b.t.Context(), m)
	if err != nil {
		b.t.Fatalf("%s: %v", m.ID, err)
	}
	return r
}
