package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/chromedp"

	"yilu/bot"
)

// TestPassInBrowser opens a one-time link on a phone, as it is opened out of a chat. The server sees of each request
// what it sees over plain http, where browsers do not say from which site a request comes.
func TestPassInBrowser(t *testing.T) {
	root := chromium(t)

	t.Run("comes over", func(t *testing.T) {
		b, p := newPassTab(t, root, 360)
		b.want(`document.querySelectorAll('button').length`, 1.0)
		b.want(`document.querySelector('.pass .note').innerText`, texts(t)["zh-CN"]["web.go.warn"])
		b.want(`document.querySelector('.note').getBoundingClientRect().bottom < document.querySelector('button').getBoundingClientRect().top`, true)
		b.want(`document.querySelector('button').getBoundingClientRect().bottom <= innerHeight`, true) // without scrolling
		b.narrow()
		b.targets()
		b.shot("-pass")
		p.redeemed(t, false)

		b.run(chromedp.Click(chromedp.CSS("button")), chromedp.WaitVisible(chromedp.CSS(`button[value="a:none"]`)))
		b.want(`location.pathname`, "/")
		b.want(`document.referrer.includes('/go/')`, false)
		b.want(`Array.from(document.querySelectorAll('.bubble')).filter((n) => !n.textContent.trim()).length`, 0.0)
		b.want(`document.querySelectorAll('.said').length`, 2.0)
		p.redeemed(t, true)
		b.shot("-pass-over")

		// What was written before on the other channel is no longer to be pressed; the question is.
		b.want(`document.querySelectorAll('.choices button').length`, 2.0)
		b.run(chromedp.Click(chromedp.CSS(`button[value="a:refuse"]`)))
		b.until(`document.querySelectorAll('.said').length === 3 && !document.querySelector('.wait')`)
		if turns := p.Turns(); len(turns) != 1 || turns[0].From != p.Redeemed(pass) || turns[0].Choice != "a:refuse" {
			t.Errorf("turns: %v", turns)
		}
		p.silent(t)
		b.quiet("")
	})

	t.Run("dark", func(t *testing.T) {
		b, p := newPassTab(t, root, 360, dark())
		p.Break(outage)
		b.run(chromedp.Click(chromedp.CSS("button")), chromedp.WaitVisible(chromedp.CSS(".failed")))
		b.shot("-pass-dark")
		p.Break(nil)
		b.run(chromedp.Click(chromedp.CSS("button")), chromedp.WaitVisible(chromedp.CSS("#text")))
		p.redeemed(t, true)
		p.silent(t)
		b.quiet("503")
	})

	t.Run("narrow and enlarged", func(t *testing.T) {
		b, _ := newPassTab(t, root, 320)
		value[any](b, `document.documentElement.style.fontSize = '212.5%'`) // letters twice as large
		b.narrow()
		b.want(`scrollY`, 0.0) // the beginning is in view, and not the button
		b.want(`document.querySelector('h2').getBoundingClientRect().top < innerHeight`, true)
		b.want(`document.querySelector('.note').getBoundingClientRect().bottom <= document.querySelector('button').getBoundingClientRect().top`, true)
		b.want(`document.querySelector('.foot').getBoundingClientRect().top >= document.querySelector('button').getBoundingClientRect().bottom`, true)
		b.shot("-pass-enlarged")
		b.quiet("")
	})

	t.Run("spent", func(t *testing.T) {
		b, p := newPassTab(t, root, 360, withoutScript())
		if err := p.Redeem(t.Context(), pass, bot.Identity{Channel: "web", User: "somebody else"}); err != nil {
			t.Fatal(err)
		}
		b.run(chromedp.Click(chromedp.CSS("button")), chromedp.WaitVisible(chromedp.CSS(`.refused a[href="/"]`)))
		b.targets()
		b.shot("-pass-spent")
		b.run(chromedp.Click(chromedp.CSS(`.refused a`)), chromedp.WaitVisible(chromedp.CSS("#text")))
		b.want(`document.querySelectorAll('.said').length`, 0.0)
		p.silent(t)
		b.quiet("410")
	})

	t.Run("cookies switched off", func(t *testing.T) {
		b, p := newPassTab(t, root, 360)
		p.deaf.Store(true)
		b.run(chromedp.Click(chromedp.CSS("button")), chromedp.WaitVisible(chromedp.CSS(".failed")))
		b.want(`document.querySelector('.failed').innerText`, texts(t)["zh-CN"]["web.go.cookies"])
		p.redeemed(t, false)
		p.deaf.Store(false)
		b.run(chromedp.Click(chromedp.CSS("button")), chromedp.WaitVisible(chromedp.CSS("#text")))
		p.redeemed(t, true)
		b.quiet("400")
	})
}

// newPassTab opens the link on a phone of the given width, as somebody new who comes from a chat.
func newPassTab(t *testing.T, parent context.Context, width int64, before ...chromedp.Action[chromedp.Void]) (*tab, *passServer) {
	t.Helper()
	j, h := mountJoint(t)
	p := &passServer{joint: j}
	srv := httptest.NewServer(p.serve(h))
	t.Cleanup(srv.Close)
	ctx, cancel := chromedp.NewContext(parent, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	t.Cleanup(stop)
	b := &tab{t: t, ctx: ctx, host: j.Host}
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatal(err)
	}
	actions := append([]chromedp.Action[chromedp.Void]{call(log.Enable, cdp.Empty{}), chromedp.EmulateViewport(width, 740, chromedp.EmulateMobile, chromedp.EmulateScale(2))}, before...)
	b.run(append(actions, chromedp.Navigate(srv.URL+"/go/"+pass), chromedp.WaitVisible(chromedp.CSS(".pass button")))...)
	return b, p
}

// passServer serves a joint host, and keeps what browsers say about where they come from.
type passServer struct {
	*joint
	deaf atomic.Bool // cookies do not arrive

	mu      sync.Mutex
	leaks   []string
	origins []string
}

func (p *passServer) serve(h http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		if strings.Contains(r.Referer(), "/go") {
			p.leaks = append(p.leaks, fmt.Sprintf("%s %s from %s", r.Method, r.URL.Path, r.Referer()))
		}
		if r.Method == http.MethodPost {
			p.origins = append(p.origins, r.Header.Get("Origin"))
		}
		p.mu.Unlock()
		if p.deaf.Load() {
			r.Header.Del("Cookie")
		}
		r.Header.Del("Sec-Fetch-Site")
		h.ServeHTTP(w, r)
	}
}

// silent fails if a Referer told the pass, or a form came without saying where from.
func (p *passServer) silent(t *testing.T) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, leak := range p.leaks {
		t.Errorf("Referer: %s", leak)
	}
	for _, origin := range p.origins {
		if !strings.HasPrefix(origin, "http://127.0.0.1:") {
			t.Errorf("a form came with Origin %q", origin)
		}
	}
	if len(p.origins) == 0 {
		t.Error("no form came")
	}
}
