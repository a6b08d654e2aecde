package wechat_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"yilu/adapters/adaptertest"
	"yilu/adapters/wechat"
	"yilu/adapters/wechat/wechattest"
	"yilu/bot"
)

// atOnce is a host that answers at once.
type atOnce struct{ *adaptertest.Host }

func (atOnce) Turn(context.Context, bot.Message) (bot.Reply, error) {
	return bot.Reply{
		Texts: []string{"您做什么工种？可以说几样。"}, Progress: "第 2 步，共 6 步",
		Choices: []bot.Choice{{Label: "瓦工", Send: "c:1"}, {Label: "木工", Send: "c:2"}}, Lang: "zh-CN",
	}, nil
}

// BenchmarkDelivery is the channel's own cost of one message, from the request to the answer, with a host that answers
// at once.
func BenchmarkDelivery(b *testing.B) {
	for name, mode := range map[string]wechattest.Mode{"plain": wechattest.Plain, "safe": wechattest.Safe} {
		b.Run(name, func(b *testing.B) {
			a := account(mode)
			host := atOnce{adaptertest.NewHost(b, texts(b), langs...)}
			for name, value := range settings(a) {
				host.Set(name, value)
			}
			m, err := wechat.New(wechat.Options{}).Mount(host)
			if err != nil {
				b.Fatal(err)
			}
			h := m.Routes[wechat.Route]
			r := a.Deliver(target, now, "1", a.Text(openid, "1", now, strings.Repeat("我要找活", 5)))
			raw, err := io.ReadAll(r.Body)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				r.Body = io.NopCloser(bytes.NewReader(raw))
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatal(w.Code)
				}
			}
		})
	}
}
