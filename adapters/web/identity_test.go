package web_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"yilu/adapters/adaptertest"
	"yilu/adapters/web"
	"yilu/bot"
)

// cookie returns the named cookie that the answer sets.
func cookie(w *httptest.ResponseRecorder, name string) *http.Cookie {
	for _, c := range w.Result().Cookies() {
		if c.Name == name {
			return c
		}
	}
	return nil
}

func TestCookie(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		public, proto string
		secure        bool
	}{
		"plain":            {},
		"behind a proxy":   {proto: "https", secure: true},
		"behind two":       {proto: "HTTPS, http", secure: true},
		"plain behind one": {proto: "http"},
		"public address":   {public: "https://chat.example.com", secure: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ch := channel(t)
			ch.Settings = map[string]string{"YILU_PUBLIC_URL": c.public}
			_, h := ch.Mount(t)
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set("X-Forwarded-Proto", c.proto)
			got := cookie(adaptertest.Do(t, h, r), map[bool]string{false: "yilu", true: "__Host-yilu"}[c.secure])
			if got == nil {
				t.Fatal("no cookie")
			}
			if !got.HttpOnly || got.SameSite != http.SameSiteLaxMode || got.Secure != c.secure || got.Path != "/" || got.Domain != "" || got.MaxAge <= 0 || len(got.Value) < 22 {
				t.Errorf("cookie %+v", got)
			}
		})
	}
}

func TestCookieStandsForOnePerson(t *testing.T) {
	t.Parallel()
	host, h := channel(t).Mount(t)
	first := cookie(adaptertest.Do(t, h, httptest.NewRequest("GET", "/", nil)), "yilu")
	say := func(id, secret string) string {
		r := post(strings.NewReader(`{"id":"`+id+`","text":"一"}`), "application/json")
		r.AddCookie(&http.Cookie{Name: "yilu", Value: secret})
		return cookie(adaptertest.Do(t, h, r), "yilu").Value
	}
	if again := say("message-1", first.Value); again != first.Value {
		t.Error("the cookie changed")
	}
	seen := map[string]bool{first.Value: true}
	for _, bad := range []string{"", "short", first.Value[:31], first.Value + "A", first.Value[:31] + "!", strings.Repeat("=", 32)} {
		given := say("message-2", bad)
		if given == bad || seen[given] {
			t.Errorf("the cookie %q was taken for somebody's", bad)
		}
		seen[given] = true
	}
	who := host.Turns()[0].From
	if strings.Contains(who.User, first.Value) || strings.Contains(host.Logged(), first.Value) || len(who.User) != 32 {
		t.Errorf("identity %q tells the cookie's secret", who.User)
	}
	for _, m := range host.Turns()[1:] {
		if m.From == who {
			t.Error("a broken cookie stands for the first person")
		}
	}
}

func TestFirstContactByScript(t *testing.T) {
	t.Parallel()
	host, h := channel(t).Mount(t)
	first := func() *http.Request {
		return post(strings.NewReader(`{"id":"message-1","text":"一"}`), "application/json")
	}
	// Nothing is kept until the cookie comes back: were it lost with the answer, the repeat would be another person's.
	w := adaptertest.Do(t, h, first())
	made := cookie(w, "yilu")
	if w.Code != 503 || w.Header().Get("Retry-After") == "" || made == nil || len(host.Turns()) != 0 {
		t.Fatalf("status %d, cookie %v, %d turns", w.Code, made, len(host.Turns()))
	}
	for range 2 {
		again := first()
		again.AddCookie(made)
		if w := adaptertest.Do(t, h, again); w.Code != 200 {
			t.Errorf("with the cookie: status %d", w.Code)
		}
	}
	if turns := host.Turns(); len(turns) != 1 {
		t.Errorf("%d turns, want 1", len(turns))
	}
}

type noRandom struct{}

func (noRandom) Read([]byte) (int, error) { return 0, errors.New("no entropy") }

func TestWithoutRandomnessNobodyIsMade(t *testing.T) {
	t.Parallel()
	ch := channel(t)
	ch.New = func() bot.Adapter { return web.New(noRandom{}) }
	host, h := ch.Mount(t)
	form := httptest.NewRequest("POST", "/", strings.NewReader("text=a"))
	form.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, r := range []*http.Request{httptest.NewRequest("GET", "/", nil), form, post(strings.NewReader(`{"id":"message-1","text":"一"}`), "application/json")} {
		if w := adaptertest.Do(t, h, r); w.Code != 503 || len(w.Result().Cookies()) != 0 {
			t.Errorf("%s %s: status %d, cookies %v", r.Method, r.URL, w.Code, w.Result().Cookies())
		}
	}
	if host.Calls() != 0 {
		t.Error("there was a turn")
	}
}

func TestPublicAddress(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"chat.example.com", "ftp://chat.example.com", "https://", "::", "https://chat.example.com/yilu", "https://me@chat.example.com"} {
		host := adaptertest.NewHost(t, texts(t), langs...)
		host.Set("YILU_PUBLIC_URL", bad)
		if _, err := web.New(rand.Reader).Mount(host); bot.CodeOf(err) != bot.Invalid || !strings.Contains(err.Error(), "YILU_PUBLIC_URL") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	// A proxy that changes Host, and a browser that knows Origin only.
	ch := channel(t)
	ch.Settings = map[string]string{"YILU_PUBLIC_URL": "https://Chat.example.com:443/"}
	host, h := ch.Mount(t)
	r := header(deliver("message-1", "p", "一"), "Origin", "https://chat.example.com")
	r.Header.Set("Cookie", "__Host-yilu="+somebody)
	if w := adaptertest.Do(t, h, r); w.Code != 200 || len(host.Turns()) != 1 {
		t.Errorf("status %d", w.Code)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	_, h := channel(t).Mount(t)
	form := httptest.NewRequest("POST", "/", bytes.NewReader(nil))
	for _, r := range []*http.Request{httptest.NewRequest("GET", "/", nil), httptest.NewRequest("HEAD", "/", nil), form, deliver("message-1", "p", "一")} {
		w := adaptertest.Do(t, h, r)
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
			"X-Content-Type-Options":  "nosniff",
			"Referrer-Policy":         "same-origin",
			"Cache-Control":           "no-store",
		} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s %s: %s: %q", r.Method, r.URL, name, got)
			}
		}
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	_, h := channel(t).Mount(t)
	for route, want := range map[string]int{
		"GET /": 200, "HEAD /": 200, "DELETE /": 405, "PUT /": 405, "GET /messages": 405, "GET /nothing": 404,
		"GET /assets/": 404, "GET /assets/app.css": 404, "GET /assets/page.123.html": 404, "GET /assets/..%2fpage.html": 404,
		"POST /assets/app.1.css": 405,
	} {
		method, path, _ := strings.Cut(route, " ")
		if w := adaptertest.Do(t, h, httptest.NewRequest(method, path, nil)); w.Code != want {
			t.Errorf("%s: %d, want %d", route, w.Code, want)
		}
	}
}
