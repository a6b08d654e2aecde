package wechat_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"yilu/adapters/adaptertest"
	"yilu/adapters/wechat/wechattest"
	"yilu/bot"
)

// FuzzDecode carries T28: whatever stands in a rightly signed body, plain or encrypted, nothing panics, what becomes a
// turn is clean and within its bounds, and the answer is one that WeChat can read.
func FuzzDecode(f *testing.F) {
	a := account(wechattest.Safe)
	for _, text := range adaptertest.Awkward {
		f.Add(a.Text(openid, "1", now, text))
	}
	f.Add(a.Voice(openid, "1", now, "m1", "找活"))
	f.Add(a.Location(openid, "1", now, 24.4, 118.1, "厦门"))
	f.Add(a.Link(openid, "1", now, "a", "b", "c"))
	f.Add(a.Event(openid, "subscribe", "qrscene_1", now))
	f.Add(entity(a.Text(openid, "1", now, "转账给我")))
	f.Add([]byte("<xml>" + strings.Repeat("<a>", 100)))
	f.Add([]byte("\xff\xfe<\x00x\x00m\x00l\x00>\x00"))
	raw, err := os.ReadFile("testdata/kinds.json")
	if err != nil {
		f.Fatal(err)
	}
	var kinds []kind
	if err := json.Unmarshal(raw, &kinds); err != nil {
		f.Fatal(err)
	}
	for _, k := range kinds {
		f.Add([]byte(`<xml><ToUserName>` + a.OriginalID + `</ToUserName><FromUserName>` + openid + `</FromUserName><CreateTime>1795392300</CreateTime>` + k.XML + `</xml>`))
	}
	f.Fuzz(func(t *testing.T, xml []byte) {
		for _, mode := range []wechattest.Mode{wechattest.Plain, wechattest.Safe} {
			a := account(mode)
			host, h := mount(t, a)
			w := adaptertest.Do(t, h, a.Deliver(target, now, "1", xml))
			switch w.Code {
			case 200:
				shown(t, a, w.Body.Bytes())
			case 400, 403, 413:
				if host.Calls() != 0 {
					t.Error("what was refused became a turn")
				}
			default:
				t.Errorf("status %d: %s", w.Code, host.Logged())
			}
			for _, m := range host.Turns() {
				checkMessage(t, m)
			}
		}
	})
}

func checkMessage(t *testing.T, m bot.Message) {
	t.Helper()
	for _, text := range []string{m.Text, m.Choice, m.Scene} {
		if !utf8.ValidString(text) || bot.Clean(text) != text || strings.ContainsAny(text, "\ufffe\uffff") {
			t.Errorf("not clean: %q", text)
		}
	}
	if utf8.RuneCountInString(m.Text) > bot.MaxText || len(m.Choice) > 64 || len(m.Scene) > 64 || m.Room != 2048 || m.ID == "" || m.From.User == "" {
		t.Errorf("out of bounds: %d runes, choice %d, scene %d", utf8.RuneCountInString(m.Text), len(m.Choice), len(m.Scene))
	}
	if m.Text == "" && m.Choice == "" && m.Event == "" && m.Point == nil && m.Files == nil {
		t.Error("a turn of nothing")
	}
	if p := m.Point; p != nil && (p.Lat < -90 || p.Lat > 90 || p.Lng < -180 || p.Lng > 180 || strings.ContainsFunc(p.Label, unicode.IsControl) && bot.Clean(p.Label) != p.Label) {
		t.Errorf("point %v", p)
	}
}
