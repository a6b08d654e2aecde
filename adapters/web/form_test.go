package web_test

import (
	"errors"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"yilu/adapters/adaptertest"
	"yilu/bot"
)

var outage = &bot.Error{Code: bot.Unavailable, Op: "commit turn", Err: errors.New("connection refused")}

// steps asks three things, one after the other.
func steps(m bot.Message) bot.Reply {
	if m.Choice == "go:register" {
		return bot.Reply{Lang: "zh-CN", Progress: "第 1 步,共 3 步", Texts: []string{"怎么称呼?"}, Want: bot.PersonName, Choices: []bot.Choice{{Label: "跳过", Send: "skip"}}}
	}
	return bot.Reply{Lang: "zh-CN", Progress: "第 2 步,共 3 步", Texts: []string{"记下了:" + m.Text, "电话多少?"}, Want: bot.Phone, Choices: []bot.Choice{{Label: "不想说", Send: "refuse"}}}
}

func TestFormsWithoutScript(t *testing.T) {
	t.Parallel()
	host, h := channel(t).Mount(t)
	host.ReplyWith(steps)
	b := open(t, h)
	b.has("您好,这里是益鹭。", `<button name="choice" value="go:register"><b>1</b> <span dir="auto">登记</span></button>`, text(t, "zh-CN", "web.free"))

	b.submit("choice", "go:register")
	if b.status != 200 || b.res.Request.Method != "GET" || b.res.Request.URL.Path != "/" {
		t.Fatalf("%d from %s %s, want to be led back to the page", b.status, b.res.Request.Method, b.res.Request.URL)
	}
	b.has("登记</p>", "第 1 步,共 3 步", "怎么称呼?", `autocomplete="name"`, `value="skip"`)
	b.hasNot("您好,这里是益鹭。", `value="go:register"`)

	b.submit("text", "老陈")
	b.has("老陈</p>", "记下了:老陈", `inputmode="tel"`, `autocomplete="tel"`, `value="refuse"`, `<span dir="auto"><b>1</b> 跳过</span>`)
	b.hasNot(`value="skip"`)
	if turns := host.Turns(); len(turns) != 2 || turns[0].From != turns[1].From || turns[0].Lang != "zh-CN" {
		t.Errorf("turns: %v", turns)
	}
}

func TestDoubleSubmitIsOneTurn(t *testing.T) {
	t.Parallel()
	host, h := channel(t).Mount(t)
	b := open(t, h)
	id := b.pageID()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			res, err := b.client.PostForm(b.base+"/", url.Values{"id": {id}, "text": {"我要找活"}})
			if err == nil {
				res.Body.Close()
			}
		})
	}
	wg.Wait()
	if n := len(host.Turns()); n != 1 {
		t.Errorf("%d turns, want 1", n)
	}
	b.send(id, "text", "瓦工") // the page was brought back, and something else written on it
	if n := len(host.Turns()); n != 2 {
		t.Errorf("%d turns, want 2: the second message is lost", n)
	}
	b.has("瓦工")
}

func TestNothingSaidIsNoTurn(t *testing.T) {
	t.Parallel()
	host, h := channel(t).Mount(t)
	b := open(t, h)
	b.submit("text", " \r\n\u3000")
	if b.status != 200 || host.Calls() != 0 {
		t.Errorf("status %d, %d calls", b.status, host.Calls())
	}
}

func TestTypedTextIsGivenBack(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fail   func(*adaptertest.Host)
		status int
	}{
		"store down for writing": {func(h *adaptertest.Host) { h.FailNext(outage) }, 503},
		"store down":             {func(h *adaptertest.Host) { h.Break(outage) }, 503},
		"panic":                  {func(h *adaptertest.Host) { h.Panic("我要找活") }, 500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host, h := channel(t).Mount(t)
			b := open(t, h)
			id := b.pageID()
			c.fail(host)
			b.submit("text", "我要<找>活")
			if b.status != c.status || b.res.Header.Get("Retry-After") == "" {
				t.Errorf("status %d, Retry-After %q", b.status, b.res.Header.Get("Retry-After"))
			}
			b.has(`enterkeyhint="send">我要&lt;找&gt;活</textarea>`, text(t, "zh-CN", "web.later"), `<button id="send">再试</button>`)
			if b.pageID() != id {
				t.Error("the second try would be another message")
			}
			if len(host.Turns()) != 0 || strings.Contains(host.Logged(), "找") {
				t.Errorf("%d turns; log: %s", len(host.Turns()), host.Logged())
			}
			host.Break(nil)
			host.Panic(nil)
			b.submit("text", "我要<找>活")
			b.has(`dir="auto">我要&lt;找&gt;活</p>`)
			if b.status != 200 || len(host.Turns()) != 1 {
				t.Errorf("second try: %d, %d turns", b.status, len(host.Turns()))
			}
		})
	}
}

func TestChoiceIsGivenBack(t *testing.T) {
	t.Parallel()
	host, h := channel(t).Mount(t)
	b := open(t, h)
	host.FailNext(outage)
	b.submit("choice", "go:jobs")
	b.has(text(t, "zh-CN", "web.later.choice"), `value="go:jobs">再试 <span dir="auto">“找活”</span></button>`)
	b.submit("choice", "go:jobs")
	if len(host.Turns()) != 1 {
		t.Errorf("%d turns", len(host.Turns()))
	}
}

func TestLongTextIsGivenBackWhole(t *testing.T) {
	t.Parallel()
	host, h := channel(t).Mount(t)
	b := open(t, h)
	long := strings.Repeat("长", bot.MaxText) + "尾"
	b.submit("text", long)
	b.has(long+"</textarea>", text(t, "zh-CN", "web.too_long"))
	if b.status != 413 || host.Calls() != 0 {
		t.Errorf("status %d, %d calls", b.status, host.Calls())
	}
	b.submit("text", strings.Repeat("😀", bot.MaxText))
	if b.status != 200 || len(host.Turns()) != 1 {
		t.Errorf("the longest text: status %d, %d turns", b.status, len(host.Turns()))
	}
}

func TestFormsThatAreNotTaken(t *testing.T) {
	t.Parallel()
	form := "application/x-www-form-urlencoded"
	for name, c := range map[string]struct {
		body, kind string
		head       [2]string
		status     int
		text       string
	}{
		"too large":  {"text=" + strings.Repeat("a", 70<<10), form, [2]string{}, 413, "web.too_large"},
		"multipart":  {"", "multipart/form-data; boundary=x", [2]string{}, 415, "web.bad"},
		"broken":     {"text=%zz", form, [2]string{}, 400, "web.bad"},
		"choice":     {"choice=" + strings.Repeat("a", 65), form, [2]string{}, 400, "web.bad"},
		"cross site": {"text=a", form, [2]string{"Sec-Fetch-Site", "cross-site"}, 403, "web.foreign"},
		"foreign":    {"text=a", form, [2]string{"Origin", "https://evil.example"}, 403, "web.foreign"},
		"no origin":  {"text=a", form, [2]string{"Origin", "null"}, 403, "web.foreign"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host, h := channel(t).Mount(t)
			r := httptest.NewRequest("POST", "/", strings.NewReader(c.body))
			r.Header.Set("Content-Type", c.kind)
			if c.head[0] != "" {
				r.Header.Set(c.head[0], c.head[1])
			}
			w := adaptertest.Do(t, h, r)
			if w.Code != c.status || host.Calls() != 0 || !strings.Contains(w.Body.String(), text(t, "zh-CN", c.text)) {
				t.Errorf("status %d, %d calls: %s", w.Code, host.Calls(), w.Body)
			}
		})
	}
}

func TestFirstContactByForm(t *testing.T) {
	t.Parallel()
	host, h := channel(t).Mount(t)
	r := httptest.NewRequest("POST", "/", strings.NewReader(url.Values{"text": {"我要找活"}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	w := adaptertest.Do(t, h, r)
	if w.Code != http.StatusOK || len(host.Turns()) != 1 || len(w.Result().Cookies()) == 0 {
		t.Fatalf("status %d, %d turns, cookies %v", w.Code, len(host.Turns()), w.Result().Cookies())
	}
	for _, want := range []string{`dir="auto">我要找活</p>`, text(t, "zh-CN", "web.cookies")} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestHostileTextStaysText(t *testing.T) {
	t.Parallel()
	for name, hostile := range adaptertest.Awkward {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host, h := channel(t).Mount(t)
			host.ReplyWith(func(m bot.Message) bot.Reply {
				return bot.Reply{Lang: `en" onload="x`, Progress: hostile, Texts: []string{hostile}, Choices: []bot.Choice{{Label: hostile, Send: `"><script>`}}}
			})
			b := open(t, h)
			before := strings.Count(b.body, "<script")
			b.submit("text", hostile)
			b.submit("text", "again")
			if n := strings.Count(b.body, "<script"); n != before {
				t.Errorf("%d scripts in the page, want %d", n, before)
			}
			b.hasNot("<img src=x", `onload="x`, "<!--]]>", `value=""`)
			if clean := bot.Clean(hostile); !strings.Contains(html.UnescapeString(b.body), clean+"</p>") {
				t.Errorf("the page does not show %q whole", clean)
			}
		})
	}
}

func TestPageDownCanStillBeWrittenOn(t *testing.T) {
	t.Parallel()
	host, h := channel(t).Mount(t)
	b := open(t, h)
	host.Break(outage)
	b.get("/")
	if b.status != 503 || b.res.Header.Get("Retry-After") == "" {
		t.Errorf("status %d", b.status)
	}
	b.has(text(t, "zh-CN", "web.down"), `<textarea id="text"`)
	host.Break(nil)
	b.submit("text", "我要找活")
	if b.status != 200 || len(host.Turns()) != 1 {
		t.Errorf("afterwards: %d, %d turns", b.status, len(host.Turns()))
	}
}

func TestOnlyTheLastThirty(t *testing.T) {
	t.Parallel()
	_, h := channel(t).Mount(t)
	b := open(t, h)
	for range 33 {
		b.submit("text", "话")
	}
	if n := strings.Count(b.body, `class="said" data-id`); n != 30 {
		t.Errorf("%d exchanges shown, want 30", n)
	}
}
