package web_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"yilu/bot"
)

// long is a reply as long as they get.
func long(m bot.Message) bot.Reply {
	r := steps(m)
	if m.Text == "找活" {
		r.Progress = ""
		r.Texts = []string{"【示例】今天有 3 个活,都核对过:", "1. 瓦工 · 同安 · 300元/天 · 日结 · 包午饭\n2. 小工 · 翔安马巷 · 220元/天 · 日结\n3. 搬运 · 集美 · 25元/小时 · 完工结", "回复数字看详细。"}
		r.Choices = []bot.Choice{{Label: "瓦工 · 同安", Send: "a"}, {Label: "小工 · 马巷", Send: "b"}, {Label: "搬运 · 集美", Send: "c"}, {Label: "换个条件", Send: "d"}}
		r.Want = ""
	}
	return r
}

// TestBrowser drives a real browser on the loopback interface.
func TestBrowser(t *testing.T) {
	root := chromium(t)

	t.Run("conversation", func(t *testing.T) {
		b := newTab(t, root, 360)
		b.host.ReplyWith(long)
		b.shot("-greeting")
		b.want(`document.querySelectorAll('.choices button').length`, 2.0)
		b.run(chromedp.Focus(chromedp.CSS(`button[value="go:register"]`)), chromedp.KeyEvent(kb.Enter))
		b.until(`document.querySelectorAll('.reply').length === 2`)
		b.want(`document.querySelector('.said .bubble').textContent`, "登记")
		b.want(`document.querySelectorAll('.choices').length`, 1.0)
		b.want(`document.activeElement.id`, "text")
		b.want(`document.getElementById('text').autocomplete`, "name")

		b.say("老陈")
		b.until(`document.querySelectorAll('.reply').length === 3`)
		b.want(`document.getElementById('text').value`, "")
		b.want(`document.activeElement.id`, "text")
		b.want(`document.getElementById('text').inputMode`, "tel")
		b.shot("")
		b.say("找活")
		b.until(`document.querySelectorAll('.reply').length === 4`)
		b.want(`document.querySelectorAll('.wait').length`, 0.0)
		b.want(`document.getElementById('quick').hidden`, false)
		b.targets()
		b.shot("-posts")

		before := value[string](b, `document.getElementById('log').innerText`)
		b.run(chromedp.Reload(), chromedp.WaitVisible(chromedp.CSS("#text")))
		b.want(`document.querySelectorAll('.said').length`, 3.0)
		greeting, after, _ := strings.Cut(before, texts(t)["zh-CN"]["web.you"])
		if now := value[string](b, `document.getElementById('log').innerText`); !strings.Contains(squeeze(now), squeeze(after)) {
			t.Errorf("before %q (after %q)\nreloaded %q", after, greeting, now)
		}
		b.want(`(() => { const r = document.querySelector('#log > :last-child').getBoundingClientRect(), s = document.getElementById('scroll').getBoundingClientRect(); return r.bottom <= s.bottom + 1; })()`, true)
		if n := len(b.host.Turns()); n != 3 {
			t.Errorf("%d turns, want 3", n)
		}
		b.quiet("")
	})

	t.Run("dark", func(t *testing.T) {
		b := newTab(t, root, 360, dark())
		b.host.ReplyWith(long)
		b.say("老陈")
		b.until(`document.querySelectorAll('.reply').length === 2`)
		b.say("找活")
		b.until(`document.querySelectorAll('.reply').length === 3`)
		b.shot("-dark")
		b.quiet("")
	})

	t.Run("narrow and enlarged", func(t *testing.T) {
		b := newTab(t, root, 320)
		b.host.ReplyWith(func(m bot.Message) bot.Reply {
			wide := strings.Repeat("宽wide", 60)
			return bot.Reply{Lang: "zh-CN", Progress: wide, Texts: []string{"https://example.invalid/" + wide}, Choices: []bot.Choice{{Label: wide, Send: "a"}, {Label: "短", Send: "b"}}}
		})
		b.narrow()
		b.say(strings.Repeat("a", 300))
		b.until(`document.querySelectorAll('.reply').length === 2`)
		b.narrow()
		b.run(chromedp.Reload(), chromedp.WaitVisible(chromedp.CSS("#text")))
		b.narrow()
		b.targets()
		value[any](b, `document.documentElement.style.fontSize = '212.5%'`) // letters twice as large
		b.narrow()
		b.shot("-enlarged")
		b.want(`document.getElementById('scroll').clientHeight >= 200 && document.getElementById('text').clientWidth >= 200`, true)
		b.run(chromedp.EmulateViewport(320, 256, chromedp.EmulateMobile)) // 1280 by 1024 at 400 %
		b.narrow()
		b.say("还能写")
		b.until(`document.querySelectorAll('.reply').length === 2`)
		b.quiet("")
	})

	t.Run("server fails once", func(t *testing.T) {
		b := newTab(t, root, 360)
		b.host.FailNext(outage)
		b.say("我要找活")
		b.until(`document.querySelectorAll('.unsent:not([hidden])').length === 1`)
		b.shot("-unsent")
		b.until(`document.querySelectorAll('.reply').length === 2`)
		b.want(`document.querySelectorAll('.said').length`, 1.0)
		b.want(`document.querySelectorAll('.unsent:not([hidden])').length`, 0.0)
		if b.host.Calls() != 2 || len(b.host.Turns()) != 1 {
			t.Errorf("%d calls, %d turns", b.host.Calls(), len(b.host.Turns()))
		}
		b.run(chromedp.Reload(), chromedp.WaitVisible(chromedp.CSS("#text")))
		b.want(`document.querySelectorAll('.said').length`, 1.0)
		b.quiet("503")
	})

	t.Run("answer is lost on the way", func(t *testing.T) {
		b := newTab(t, root, 360)
		b.lose.Store(true)
		b.say("我要找活")
		b.until(`document.querySelectorAll('.reply').length === 2`)
		if b.host.Calls() != 2 || len(b.host.Turns()) != 1 {
			t.Errorf("%d calls, %d turns: the retry was another message", b.host.Calls(), len(b.host.Turns()))
		}
		b.quiet("502")
	})

	t.Run("unsent outlives a reload", func(t *testing.T) {
		b := newTab(t, root, 360)
		b.host.Break(outage)
		b.say("我要找活")
		b.until(`document.querySelectorAll('.unsent:not([hidden])').length === 1`)
		b.run(chromedp.Reload(), chromedp.WaitVisible(chromedp.CSS("#text")))
		b.want(`document.querySelector('.said .bubble').textContent`, "我要找活")
		b.until(`document.querySelectorAll('.unsent:not([hidden])').length === 1`)
		b.host.Break(nil)
		b.run(chromedp.Click(chromedp.CSS(".unsent button")))
		b.until(`document.querySelectorAll('.reply').length >= 1 && !document.querySelector('.wait')`)
		b.want(`document.querySelectorAll('.said').length`, 1.0)
		b.want(`sessionStorage.length`, 0.0)
		if len(b.host.Turns()) != 1 {
			t.Errorf("%d turns", len(b.host.Turns()))
		}
		b.quiet("503")
	})

	t.Run("refused text comes back", func(t *testing.T) {
		b := newTab(t, root, 360)
		words := strings.Repeat("长", bot.MaxText+1)
		b.run(chromedp.SetValue(chromedp.CSS("#text"), words))
		b.say("")
		b.until(`!document.getElementById('note').hidden`)
		b.want(`document.getElementById('text').value.length`, float64(bot.MaxText+1))
		b.want(`document.getElementById('note').textContent.trim()`, texts(t)["zh-CN"]["web.too_long"])
		if b.host.Calls() != 0 {
			t.Error("it was sent")
		}
		b.quiet("")
	})

	t.Run("in the order written", func(t *testing.T) {
		b := newTab(t, root, 360)
		gate := make(chan struct{})
		release := sync.OnceFunc(func() { close(gate) })
		defer release()
		b.host.ReplyWith(func(m bot.Message) bot.Reply {
			<-gate
			return bot.Reply{Lang: "zh-CN", Texts: []string{"答" + m.Text}, Choices: []bot.Choice{{Label: "好", Send: "ok"}}}
		})
		b.say("一")
		b.say("二")
		b.say("三")
		b.until(`document.querySelectorAll('.said').length === 3 && document.querySelectorAll('.wait').length === 1`)
		b.want(`Array.from(document.querySelectorAll('.choices button')).every((b) => b.disabled)`, true)
		b.shot("-waiting")
		release()
		b.until(`document.querySelectorAll('.reply').length === 4`)
		b.want(`Array.from(document.querySelectorAll('#log .bubble')).slice(1).map((p) => p.textContent).join(' ')`, "一 答一 二 答二 三 答三")
		b.want(`document.querySelectorAll('.choices button:enabled').length`, 1.0)
		b.quiet("")
	})

	t.Run("hostile text", func(t *testing.T) {
		b := newTab(t, root, 360)
		const hostile = `<img src=x onerror="window.taken=1"><script>window.taken=1</script>`
		b.host.ReplyWith(func(bot.Message) bot.Reply {
			return bot.Reply{Lang: "zh-CN", Progress: hostile, Texts: []string{hostile}, Choices: []bot.Choice{{Label: hostile, Send: "a"}}}
		})
		for i := range 2 {
			b.say(hostile)
			b.until(fmt.Sprintf(`document.querySelectorAll('.said + .reply').length === %d`, i+1))
			b.want(`document.querySelector('.said + .reply .bubble').textContent`, hostile)
			b.run(chromedp.Reload(), chromedp.WaitVisible(chromedp.CSS("#text")))
		}
		b.want(`String(window.taken)`, "undefined")
		b.want(`document.querySelectorAll('#log img, #log script').length`, 0.0)
		b.quiet("")
	})

	t.Run("page follows the language", func(t *testing.T) {
		b := newTab(t, root, 360)
		b.host.ReplyWith(english)
		b.say("English")
		b.until(`document.documentElement.lang === 'en' && document.querySelectorAll('.said').length === 1`)
		b.want(`document.getElementById('send').textContent`, "Send")
		b.shot("-english")
		b.quiet("")
	})

	t.Run("without script", func(t *testing.T) {
		b := newTab(t, root, 360, withoutScript())
		b.host.ReplyWith(long)
		b.run(chromedp.Click(chromedp.CSS(`button[value="go:register"]`)), chromedp.WaitVisible(chromedp.CSS(`button[value="skip"]`)))
		b.want(`document.querySelector('.said .bubble').textContent`, "登记")
		b.run(chromedp.SendKeys(chromedp.CSS("#text"), "老陈"), chromedp.Click(chromedp.CSS("#send")), chromedp.WaitVisible(chromedp.CSS(`button[value="refuse"]`)))
		b.host.FailNext(outage)
		b.run(chromedp.SendKeys(chromedp.CSS("#text"), "找活"), chromedp.Click(chromedp.CSS("#send")), chromedp.WaitVisible(chromedp.CSS(`#note`)))
		b.want(`document.getElementById('text').value`, "找活")
		b.shot("-noscript-unsent")
		b.run(chromedp.Click(chromedp.CSS("#send")), chromedp.WaitVisible(chromedp.CSS(`button[value="d"]`)))
		b.want(`(() => { const r = document.querySelector('#log > :last-child').getBoundingClientRect(), s = document.getElementById('scroll').getBoundingClientRect(); return r.bottom <= s.bottom + 1; })()`, true)
		b.targets()
		if n := len(b.host.Turns()); n != 3 {
			t.Errorf("%d turns, want 3", n)
		}
		b.quiet("503")
	})
}

// targets fails for anything to press that is under 44 CSS pixels either way (WCAG 2.2, 2.5.5).
func (b *tab) targets() {
	b.t.Helper()
	if small := value[[]string](b, `Array.from(document.querySelectorAll('button, a, textarea')).filter((n) => n.getClientRects().length).map((n) => [n, n.getBoundingClientRect()]).filter(([, r]) => r.width < 43.9 || r.height < 43.9).map(([n, r]) => n.outerHTML + r.width + 'x' + r.height)`); len(small) > 0 {
		b.t.Errorf("too small to press: %q", small)
	}
}

// narrow fails if anything stands out of the page sideways.
func (b *tab) narrow() {
	b.t.Helper()
	if wide := value[[]string](b, `Array.from(document.querySelectorAll('body *')).filter((n) => n.getBoundingClientRect().right > innerWidth + 0.5).map((n) => n.tagName + '.' + n.className)`); len(wide) > 0 {
		b.t.Errorf("stands out: %q", wide)
	}
	b.want(`document.documentElement.scrollWidth <= document.documentElement.clientWidth`, true)
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }
