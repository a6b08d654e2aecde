package web_test

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"yilu/adapters/adaptertest"
	"yilu/adapters/web"
	"yilu/bot"
)

// pass is a one-time link's; nothing else in the tests looks like it.
const pass = "zzpass0marked1zzpass2marke"

// joint is a host that holds a conversation of another channel, and shows it to whoever redeemed the pass.
type joint struct {
	*adaptertest.Host
	past   []bot.Exchange
	faulty bool
}

func (j *joint) Redeem(ctx context.Context, pass string, by bot.Identity) error {
	if j.faulty {
		panic("a fault that quotes " + pass)
	}
	return j.Host.Redeem(ctx, pass, by)
}

func (j *joint) History(ctx context.Context, who bot.Identity) ([]bot.Exchange, error) {
	own, err := j.Host.History(ctx, who)
	if err != nil || j.Redeemed(pass) != who {
		return own, err
	}
	return append(append([]bot.Exchange(nil), j.past...), own...), nil
}

// elsewhere is what was said on the other channel, ending with the event of coming over.
func elsewhere(now *adaptertest.Host) []bot.Exchange {
	at := now.Now()
	asked := bot.Reply{Lang: "zh-CN", Progress: "第 4 步,共 6 步", Texts: []string{"身体有没有要照顾的地方?"}, Choices: []bot.Choice{{Label: "没有", Send: "a:none"}, {Label: "不想说", Send: "a:refuse"}}}
	return []bot.Exchange{
		{ID: "tg-0", At: at, Reply: bot.Reply{Lang: "zh-CN", Texts: []string{"欢迎。"}}},
		{ID: "tg-1", Said: "登记", At: at, Reply: bot.Reply{Lang: "zh-CN", Texts: []string{"做哪一行?"}, Choices: []bot.Choice{{Label: "瓦工", Send: "a:mason"}}}},
		{ID: "tg-2", Said: "瓦工", At: at, Reply: bot.Reply{Lang: "zh-CN", Texts: []string{"这个不在这里问。"}, Choices: []bot.Choice{{Label: "先不说", Send: "a:later"}}}},
		{ID: "resumed-1", At: at, Reply: asked},
		{ID: "left-1", At: at, Reply: bot.Reply{Lang: "zh-CN"}},
	}
}

// mountJoint mounts the channel on a host with a pass that can be redeemed.
func mountJoint(t testing.TB) (*joint, http.Handler) {
	t.Helper()
	host := adaptertest.NewHost(t, texts(t), langs...)
	host.Pass(pass)
	j := &joint{Host: host, past: elsewhere(host)}
	mount, err := web.New(rand.Reader).Mount(j)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	for pattern, handler := range mount.Routes {
		mux.Handle(pattern, handler)
	}
	t.Cleanup(func() {
		if strings.Contains(host.Logged(), pass) {
			t.Errorf("the log holds the pass: %s", host.Logged())
		}
	})
	return j, mux
}

// press presses the button of the page that is open.
func (b *browser) press() { b.keep(b.client.Post(b.res.Request.URL.String(), "", nil)) }

// redeemed fails unless the pass was redeemed, or was not.
func (j *joint) redeemed(t testing.TB, want bool) {
	t.Helper()
	if by := j.Redeemed(pass); (by != bot.Identity{}) != want {
		t.Errorf("redeemed by %q, want redeemed: %v", by.User, want)
	}
}

// TestPassPageRedeemsNothing: previews, scanners and prefetchers open links before people do.
func TestPassPageRedeemsNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		method string
		head   [2]string
		cookie bool
	}{
		"somebody new":  {"GET", [2]string{}, false},
		"known":         {"GET", [2]string{}, true},
		"head":          {"HEAD", [2]string{}, true},
		"prefetch":      {"GET", [2]string{"Sec-Purpose", "prefetch;prerender"}, true},
		"from a chat":   {"GET", [2]string{"Sec-Fetch-Site", "cross-site"}, true},
		"other purpose": {"GET", [2]string{"Purpose", "prefetch"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j, h := mountJoint(t)
			r := httptest.NewRequest(c.method, "/go/"+pass, nil)
			if c.cookie {
				known(r)
			}
			if c.head[0] != "" {
				header(r, c.head[0], c.head[1])
			}
			w := adaptertest.Do(t, h, r)
			if w.Code != 200 || cookie(w, "yilu") == nil {
				t.Errorf("status %d, cookies %v", w.Code, w.Result().Cookies())
			}
			for k, want := range map[string]string{
				"Referrer-Policy": "strict-origin", "Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow",
				"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
			} {
				if got := w.Header().Get(k); got != want {
					t.Errorf("%s: %q", k, got)
				}
			}
			if page := w.Body.String(); strings.Contains(page, pass) || strings.Contains(page, "<script") || strings.Contains(page, "http-equiv") {
				t.Error("the page holds its own address, or goes on by itself")
			}
			j.redeemed(t, false)
			if j.Calls() != 0 {
				t.Error("there was a turn")
			}
		})
	}
}

func TestPassIsRedeemedByTheButton(t *testing.T) {
	t.Parallel()
	j, h := mountJoint(t)
	b := open(t, h)
	b.get("/go/" + pass)
	for _, key := range []string{"web.go.why", "web.go.how", "web.go.warn", "web.go.button"} {
		b.has(text(t, "zh-CN", key))
	}
	if warned, button := strings.Index(b.body, text(t, "zh-CN", "web.go.warn")), strings.Index(b.body, "<form"); warned > button {
		t.Error("the warning stands after the button")
	}
	first := b.res
	b.press()
	if b.status != 200 || b.res.Request.Method != "GET" || b.res.Request.URL.Path != "/" {
		t.Fatalf("%d from %s %s", b.status, b.res.Request.Method, b.res.Request.URL)
	}
	j.redeemed(t, true)

	// The conversation as it came over: no empty bubble, the past is past, the question can be answered.
	b.has("欢迎。", "瓦工</p>", "第 4 步,共 6 步", `<button name="choice" value="a:none">`, `<button name="choice" value="a:refuse">`, `<span dir="auto"><b>1</b> 先不说</span>`)
	b.hasNot(`value="a:later"`, `value="a:mason"`, `data-id="tg-0"`, `data-id="resumed-1"`, "left-1", `<p class="bubble" dir="auto"></p></div>`)
	if said, replies := strings.Count(b.body, `class="said" data-id`), strings.Count(b.body, `<div class="reply"`); said != 2 || replies != 4+1 { // the fifth is the script's pattern
		t.Errorf("%d things said and %d replies", said, replies)
	}
	b.submit("choice", "a:refuse")
	if turns := j.Turns(); len(turns) != 1 || turns[0].From != j.Redeemed(pass) || turns[0].Choice != "a:refuse" || turns[0].Abroad || turns[0].Room != 0 || turns[0].Order != (bot.Order{}) {
		t.Errorf("turns: %v", turns)
	}

	// Back and once more, as people do.
	b.res = first
	b.press()
	if b.status != 200 || b.res.Request.URL.Path != "/" {
		t.Errorf("pressed again: %d at %s", b.status, b.res.Request.URL)
	}

	other := open(t, h)
	other.get("/go/" + pass)
	other.press()
	if other.status != 410 || other.res.Header.Get("Referrer-Policy") != "strict-origin" {
		t.Errorf("another browser: status %d, headers %v", other.status, other.res.Header)
	}
	other.has(text(t, "zh-CN", "web.go.gone"), `href="/"`)
	other.hasNot(pass)
	other.get("/")
	other.hasNot("瓦工")
}

func TestPassPressedTwice(t *testing.T) {
	t.Parallel()
	j, h := mountJoint(t)
	b := open(t, h)
	b.get("/go/" + pass)
	led := make([]string, 4)
	var wg sync.WaitGroup
	for i := range led {
		wg.Go(func() {
			if res, err := b.client.Post(b.base+"/go/"+pass, "", nil); err == nil {
				res.Body.Close()
				led[i] = res.Request.URL.Path
			}
		})
	}
	wg.Wait()
	for _, at := range led {
		if at != "/" {
			t.Errorf("one press ended at %q", at)
		}
	}
	j.redeemed(t, true)
}

// TestPassOfABrowserThatComesFirst: the identity that the page makes is the one that redeems.
func TestPassOfABrowserThatComesFirst(t *testing.T) {
	t.Parallel()
	j, h := mountJoint(t)
	w := adaptertest.Do(t, h, httptest.NewRequest("GET", "/go/"+pass, nil))
	r := httptest.NewRequest("POST", "/go/"+pass, nil)
	r.AddCookie(cookie(w, "yilu"))
	if w := adaptertest.Do(t, h, r); w.Code != 303 || w.Header().Get("Location") != "/" {
		t.Fatalf("status %d", w.Code)
	}
	by := j.Redeemed(pass)
	say := post(strings.NewReader(`{"id":"message-1","text":"一"}`), "application/json")
	say.AddCookie(cookie(w, "yilu"))
	adaptertest.Do(t, h, say)
	if turns := j.Turns(); len(turns) != 1 || turns[0].From != by || by.Channel != "web" {
		t.Errorf("redeemed by %v, turns %v", by, turns)
	}
}

func TestPassWithoutCookieIsKept(t *testing.T) {
	t.Parallel()
	j, h := mountJoint(t)
	w := adaptertest.Do(t, h, httptest.NewRequest("POST", "/go/"+pass, nil))
	page := w.Body.String()
	if w.Code != 400 || !strings.Contains(page, text(t, "zh-CN", "web.go.cookies")) || !strings.Contains(page, "<form method=\"post\">") || !strings.Contains(page, text(t, "zh-CN", "web.go.warn")) {
		t.Errorf("status %d: %s", w.Code, page)
	}
	j.redeemed(t, false)
	r := httptest.NewRequest("POST", "/go/"+pass, nil)
	r.AddCookie(cookie(w, "yilu"))
	if w := adaptertest.Do(t, h, r); w.Code != 303 {
		t.Errorf("pressed again: status %d", w.Code)
	}
	j.redeemed(t, true)
}

func TestPassIsNotRedeemedForAnotherSite(t *testing.T) {
	t.Parallel()
	for name, head := range map[string][2]string{
		"cross site": {"Sec-Fetch-Site", "cross-site"},
		"same site":  {"Sec-Fetch-Site", "same-site"},
		"foreign":    {"Origin", "https://evil.example"},
		"null":       {"Origin", "null"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j, h := mountJoint(t)
			w := adaptertest.Do(t, h, header(known(httptest.NewRequest("POST", "/go/"+pass, nil)), head[0], head[1]))
			if w.Code != 403 || len(w.Result().Cookies()) != 0 || w.Header().Get("Referrer-Policy") != "strict-origin" {
				t.Errorf("status %d, headers %v", w.Code, w.Header())
			}
			j.redeemed(t, false)
		})
	}
	// A form of ours over plain http, where browsers say Origin only.
	j, h := mountJoint(t)
	if w := adaptertest.Do(t, h, header(known(httptest.NewRequest("POST", "/go/"+pass, nil)), "Origin", "http://example.com")); w.Code != 303 {
		t.Errorf("our own form: status %d", w.Code)
	}
	j.redeemed(t, true)
}

func TestPassThatCannotBeOne(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{pass[:25], pass + "z", strings.ToUpper(pass), pass[:25] + "-", pass[:25] + "%2f", "%00" + pass[1:], strings.Repeat("%E5", 26), strings.Repeat("a", 5000)} {
		for _, method := range []string{"GET", "HEAD", "POST"} {
			j, h := mountJoint(t)
			j.faulty = true // were it asked, it would be a 500
			w := adaptertest.Do(t, h, known(httptest.NewRequest(method, "/go/"+bad, nil)))
			if w.Code != 404 || w.Header().Get("Retry-After") != "" || !strings.Contains(w.Body.String(), text(t, "zh-CN", "web.go.broken")) {
				t.Errorf("%s %.40q: %d", method, bad, w.Code)
			}
			if w.Header().Get("Referrer-Policy") != "strict-origin" || j.Logged() != "" {
				t.Errorf("%s %.40q: %v, log %s", method, bad, w.Header(), j.Logged())
			}
		}
	}
	_, h := mountJoint(t)
	for route, want := range map[string]int{"GET /go": 404, "GET /go/": 404, "GET /go/" + pass + "/": 404, "PUT /go/" + pass: 405, "DELETE /go/" + pass: 405} {
		method, path, _ := strings.Cut(route, " ")
		if w := adaptertest.Do(t, h, known(httptest.NewRequest(method, path, nil))); w.Code != want {
			t.Errorf("%s: %d, want %d", route, w.Code, want)
		}
	}
}

func TestPassUnknown(t *testing.T) {
	t.Parallel()
	j, h := mountJoint(t)
	w := adaptertest.Do(t, h, known(httptest.NewRequest("POST", "/go/"+strings.Repeat("0", 26), nil)))
	if w.Code != 410 || w.Header().Get("Retry-After") != "" || !strings.Contains(w.Body.String(), text(t, "zh-CN", "web.go.gone")) {
		t.Errorf("status %d", w.Code)
	}
	if j.Logged() != "" {
		t.Errorf("coming late is no failure: %s", j.Logged())
	}
	j.redeemed(t, false)
}

func TestPassWhileTheHostIsAway(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fail   func(*joint)
		status int
	}{
		"store down": {func(j *joint) { j.Break(outage) }, 503},
		"conflict":   {func(j *joint) { j.Break(&bot.Error{Code: bot.Conflict, Op: "redeem pass"}) }, 503},
		"panic":      {func(j *joint) { j.faulty = true }, 500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j, h := mountJoint(t)
			b := open(t, h)
			c.fail(j)
			b.get("/go/" + pass)
			if b.status != 200 {
				t.Errorf("the page: status %d", b.status)
			}
			b.press()
			if b.status != c.status || b.res.Header.Get("Retry-After") == "" {
				t.Errorf("status %d, headers %v", b.status, b.res.Header)
			}
			b.has(text(t, "zh-CN", "web.go.later"), text(t, "zh-CN", "web.go.warn"), `<form method="post"><button class="button">`+text(t, "zh-CN", "web.retry"))
			j.redeemed(t, false)
			if j.Logged() == "" {
				t.Error("the log tells nothing")
			}
			j.Break(nil)
			j.faulty = false
			b.press()
			if b.status != 200 || b.res.Request.URL.Path != "/" {
				t.Errorf("second try: %d at %s", b.status, b.res.Request.URL)
			}
			j.redeemed(t, true)
		})
	}
}

func TestPassWithoutRandomness(t *testing.T) {
	t.Parallel()
	ch := channel(t)
	ch.New = func() bot.Adapter { return web.New(noRandom{}) }
	host, h := ch.Mount(t)
	host.Pass(pass)
	for _, method := range []string{"GET", "POST"} {
		if w := adaptertest.Do(t, h, httptest.NewRequest(method, "/go/"+pass, nil)); w.Code != 503 || len(w.Result().Cookies()) != 0 {
			t.Errorf("%s: status %d", method, w.Code)
		}
	}
	if host.Redeemed(pass) != (bot.Identity{}) {
		t.Error("it was redeemed")
	}
}

func TestPassSpeaksTheLanguage(t *testing.T) {
	t.Parallel()
	j, h := mountJoint(t)
	b := open(t, h)
	b.get("/go/" + pass)
	b.has(`<html lang="zh-CN">`, `<a href="?lang=en" lang="en" hreflang="en">English</a>`)
	b.get("/go/" + pass + "?lang=en")
	b.has(`<html lang="en">`, text(t, "en", "web.go.warn"))
	j.redeemed(t, false)
	j.Break(outage)
	b.press()
	b.has(`<html lang="en">`, text(t, "en", "web.go.later"))
	j.Break(nil)
	b.press()
	b.has(`<html lang="en">`)
	j.redeemed(t, true)
}

// TestPassPageIsLight: what a phone loads for it, beside what the chat page loads as well.
func TestPassPageIsLight(t *testing.T) {
	t.Parallel()
	_, h := mountJoint(t)
	w := adaptertest.Do(t, h, httptest.NewRequest("GET", "/go/"+pass, nil))
	if n := w.Body.Len(); n > 3000 {
		t.Errorf("%d bytes", n)
	}
	if out := regexp.MustCompile(`(src|href|action)="[^/?]`).FindAllString(w.Body.String(), -1); out != nil {
		t.Errorf("leads elsewhere: %q", out)
	}
}
