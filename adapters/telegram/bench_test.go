package telegram_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"yilu/adapters/adaptertest"
	"yilu/adapters/telegram/telegramtest"
	"yilu/bot"
)

// BenchmarkWebhook is the channel's own cost of one update: the host answers at once. A fifth of it or so is the request
// and the recorder.
func BenchmarkWebhook(b *testing.B) {
	reply := bot.Reply{Texts: []string{"【示例】今天有 3 个活，都核对过：", "1. 瓦工 · 同安 · 300元/天"}, Choices: choices("看第一个", "看第二个", "换个条件"), Lang: "zh-CN"}
	for name, raw := range map[string][]byte{
		"text":  telegramtest.Text(1, 1, 7, "zh-hans", "同安 瓦工 日结"),
		"press": telegramtest.Press(1, 1, 7, "zh-hans", "q1", "c:jobs/ask/more"),
	} {
		b.Run(name, func(b *testing.B) {
			under := adaptertest.NewHost(b, texts(b), langs...)
			h := mountOn(b, &instant{under, reply}, under)
			b.ReportAllocs()
			for b.Loop() {
				w := httptest.NewRecorder()
				if h.ServeHTTP(w, post(secret, raw)); w.Code != http.StatusOK {
					b.Fatal(w.Code)
				}
			}
		})
	}
}

// instant is a host that answers at once.
type instant struct {
	*adaptertest.Host
	reply bot.Reply
}

func (i *instant) Turn(context.Context, bot.Message) (bot.Reply, error) { return i.reply, nil }
