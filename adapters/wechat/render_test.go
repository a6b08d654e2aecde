package wechat_test

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"yilu/adapters/adaptertest"
	"yilu/adapters/wechat"
	"yilu/adapters/wechat/wechattest"
	"yilu/bot"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestRender compares what people read with testdata/replies: a reply as JSON, and beside it what it becomes; "success"
// where it says nothing.
func TestRender(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/replies/*.json")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d replies: %v", len(files), err)
	}
	for _, file := range files {
		for name, mode := range modes {
			t.Run(filepath.Base(file)+", "+name, func(t *testing.T) {
				t.Parallel()
				raw, err := os.ReadFile(file)
				var reply bot.Reply
				if err == nil {
					err = json.Unmarshal(raw, &reply)
				}
				if err != nil {
					t.Fatal(err)
				}
				a := account(mode)
				host := says{adaptertest.NewHost(t, texts(t), langs...), reply} // not fitted: very many choices are not, either
				for name, value := range settings(a) {
					host.Set(name, value)
				}
				m, err := wechat.New(wechat.Options{}).Mount(host)
				if err != nil {
					t.Fatal(err)
				}
				w := adaptertest.Do(t, m.Routes[wechat.Route], a.Deliver(target, now, "1", a.Text(openid, "1", now, "找活")))
				got := shown(t, a, w.Body.Bytes()).Content
				if w.Code != 200 || len(got) > 2048 || len(got) > reply.Size() || !utf8.ValidString(got) {
					t.Errorf("status %d, %d bytes of %d", w.Code, len(got), reply.Size())
				}
				if got == "" {
					got = w.Body.String()
				}
				golden := strings.TrimSuffix(file, "json") + "txt"
				if *update && name == "plain" {
					if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(golden)
				if err != nil || got != string(want) {
					t.Errorf("%v: shown\n%s\nwant\n%s", err, got, want)
				}
				if cut := reply.Size() > 2048; strings.Contains(host.Logged(), "left out") != cut || strings.Contains(host.Logged(), "示例") {
					t.Errorf("cut: %v, logged: %s", cut, host.Logged())
				}
			})
		}
	}
}

// says is a host with one reply, as it is.
type says struct {
	*adaptertest.Host
	reply bot.Reply
}

func (s says) Turn(context.Context, bot.Message) (bot.Reply, error) { return s.reply, nil }

// TestSize holds that no reply takes more than its Size says, whatever stands in it, and nothing more than WeChat takes.
func TestSize(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"a", "长\n", "\xffa", "\ufffe", "]]>", "\r\n", "👷", "\u202e"} {
		for n := range 40 {
			r := bot.Reply{Texts: []string{strings.Repeat(text, n), strings.Repeat(text, 2*n)}, Progress: strings.Repeat(text, n)}
			for range n {
				r.Choices = append(r.Choices, bot.Choice{Label: strings.Repeat(text, n)})
			}
			host := says{adaptertest.NewHost(t, texts(t), langs...), r}
			a := account(wechattest.Plain)
			for name, value := range settings(a) {
				host.Set(name, value)
			}
			m, err := wechat.New(wechat.Options{}).Mount(host)
			if err != nil {
				t.Fatal(err)
			}
			w := adaptertest.Do(t, m.Routes[wechat.Route], a.Deliver(target, now, "1", a.Text(openid, "1", now, "找活")))
			if got := shown(t, a, w.Body.Bytes()).Content; len(got) > min(2048, r.Size()) || !utf8.ValidString(got) {
				t.Errorf("%d times %q: %d bytes, the size is %d", n, text, len(got), r.Size())
			}
		}
	}
}
