package app_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"yilu/adapters/telegram"
	"yilu/adapters/telegram/telegramtest"
	"yilu/adapters/wechat"
	"yilu/adapters/wechat/wechattest"
	"yilu/bot"
	"yilu/bot/app"
)

// BenchmarkWebhook is a whole turn through the real handlers over the embedded ledger, by 64 workers at once, so that
// the 2 ms in which a message waits for those before it are filled with others' turns. "engine" is the same turn without a
// channel: the difference is what the channel costs, with the test's own request and recorder.
func BenchmarkWebhook(b *testing.B) {
	at := time.Now()
	account := wechattest.Account{
		AppID: "wx0123456789abcdef", Token: "benchtoken", OriginalID: "gh_0123456789ab",
		AESKey: "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
	}
	settings := map[string]string{
		"YILU_TELEGRAM_TOKEN": "123456:bench-token", "YILU_TELEGRAM_SECRET": "bench-secret",
		"YILU_WECHAT_APP_ID": account.AppID, "YILU_WECHAT_TOKEN": account.Token, "YILU_WECHAT_ORIGINAL_ID": account.OriginalID,
	}
	open := func(b *testing.B, extra map[string]string) *app.App {
		a, err := app.Open(b.Context(), app.Config{
			Data: b.TempDir(), Now: func() time.Time { return at }, Log: slog.New(slog.DiscardHandler),
			Settings: func(name string) string {
				if v, ok := extra[name]; ok {
					return v
				}
				return settings[name]
			},
		})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = a.Close() })
		return a
	}
	handler := func(b *testing.B, a *app.App, adapter bot.Adapter) http.Handler {
		mount, err := adapter.Mount(a)
		if err != nil {
			b.Fatal(err)
		}
		for _, h := range mount.Routes {
			return h
		}
		return nil
	}
	const text = "菜单"
	run := func(name string, prepare func(b *testing.B) func(user, n int64)) {
		b.Run(name, func(b *testing.B) {
			turn := prepare(b)
			var users, n atomic.Int64
			b.ReportAllocs()
			b.SetParallelism(32)
			b.RunParallel(func(pb *testing.PB) {
				user := users.Add(1)
				for pb.Next() {
					turn(user, n.Add(1))
				}
			})
		})
	}
	answered := func(b *testing.B, h http.Handler, r *http.Request) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK || w.Body.Len() < 50 {
			b.Errorf("%d %s", w.Code, w.Body)
		}
	}
	run("engine", func(b *testing.B) func(user, n int64) {
		a := open(b, nil)
		return func(user, n int64) {
			m := bot.Message{ID: strconv.FormatInt(n, 10), From: bot.Identity{Channel: "telegram", User: strconv.FormatInt(user, 10)}, Text: text, Order: bot.Order{Seq: n}}
			if _, err := a.Turn(b.Context(), m); err != nil {
				b.Error(err)
			}
		}
	})
	run("telegram", func(b *testing.B) func(user, n int64) {
		h := handler(b, open(b, nil), telegram.New(telegram.Options{}))
		return func(user, n int64) {
			update := telegramtest.Text(n, n, user, "zh-hans", text)
			r, err := telegramtest.Deliver("http://127.0.0.1/webhooks/telegram", "bench-secret", update)
			if err != nil {
				b.Error(err)
				return
			}
			answered(b, h, r)
		}
	})
	for mode, key := range map[wechattest.Mode]string{wechattest.Plain: "", wechattest.Safe: account.AESKey} {
		name := map[wechattest.Mode]string{wechattest.Plain: "wechat plain", wechattest.Safe: "wechat safe"}[mode]
		run(name, func(b *testing.B) func(user, n int64) {
			sender := account
			sender.Mode = mode
			h := handler(b, open(b, map[string]string{"YILU_WECHAT_AES_KEY": key}), wechat.New(wechat.Options{}))
			return func(user, n int64) {
				xml := sender.Text(fmt.Sprint("openid", user), strconv.FormatInt(n, 10), at, text)
				answered(b, h, sender.Deliver("http://127.0.0.1/webhooks/wechat", at, strconv.FormatInt(n, 10), xml))
			}
		})
	}
}
