package web_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"yilu/adapters/adaptertest"
	"yilu/bot"
)

func TestFirstLanguage(t *testing.T) {
	t.Parallel()
	_, h := channel(t).Mount(t)
	for accept, want := range map[string]string{
		"":                         "zh-CN",
		"en-GB,en;q=0.9":           "en",
		"zh-TW,zh;q=0.9,en;q=0.8":  "zh-CN",
		"fr-FR,en;q=0.5":           "en",
		"ug":                       "zh-CN",
		"q=;;,,":                   "zh-CN",
		strings.Repeat("a-", 5000): "zh-CN",
		"*":                        "zh-CN",
		"zh-CN;q=0.1,en;q=0.9":     "en",
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Language", accept)
		if w := adaptertest.Do(t, h, r); !strings.Contains(w.Body.String(), `<html lang="`+want+`">`) {
			t.Errorf("%.40q: not %s", accept, want)
		}
	}
}

// english speaks English from the second turn on, whatever the page is in.
func english(m bot.Message) bot.Reply {
	if m.Text == "English" {
		return bot.Reply{Lang: "en", Texts: []string{"All right."}}
	}
	return bot.Reply{Lang: "zh-CN", Texts: []string{"好。"}}
}

func TestLanguageSwitch(t *testing.T) {
	t.Parallel()
	host, h := channel(t).Mount(t)
	host.ReplyWith(english)
	b := open(t, h)
	b.has(`<html lang="zh-CN">`, `<a href="/?lang=en" lang="en" hreflang="en">English</a>`)
	b.submit("text", "我要找活")

	b.get("/?lang=en")
	b.has(`<html lang="en">`, text(t, "en", "web.free"), `<div class="reply" lang="zh-CN">`, `<a href="/?lang=zh-CN"`)
	b.get("/")
	b.has(`<html lang="en">`)
	b.submit("text", "bricklayer")
	if m := host.Turns()[1]; m.Lang != "en" {
		t.Errorf("the message says %q", m.Lang)
	}
	b.has(`<html lang="zh-CN">`) // the conversation still is in Chinese, and the page follows it

	b.get("/?lang=en")
	b.has(`<button name="text" value="English">` + text(t, "en", "web.lang.continue"))
	b.submit("text", "English")
	b.has(`<html lang="en">`, "All right.")
	b.hasNot(text(t, "en", "web.lang.continue"))

	b.get("/?lang=xx")
	b.has(`<html lang="en">`)
}

func TestDays(t *testing.T) {
	t.Parallel()
	host, h := channel(t).Mount(t)
	b := open(t, h)
	b.submit("text", "今天")
	b.hasNot(`<p class="day">`)
	host.Age(0, 30)
	b.submit("text", "又来了")
	b.has(`<time datetime="2026-10-24">10月24日</time>`, `<time datetime="2026-11-23">11月23日</time>`)
}
