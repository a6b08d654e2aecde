package web_test

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"yilu/adapters/adaptertest"
	"yilu/adapters/web"
	"yilu/bot"
)

// TestMain carries T30.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var langs = []string{"zh-CN", "en"}

// texts are read once; every mount of a test shares them.
func texts(t testing.TB) map[string]map[string]string {
	return adaptertest.Texts(t, "../../locales", "web", langs...)
}

func channel(t testing.TB) adaptertest.Channel {
	return adaptertest.Channel{
		Texts:   texts(t),
		Langs:   langs,
		New:     func() bot.Adapter { return web.New(rand.Reader) },
		Deliver: deliver,
		Press:   press,
		Shown:   shown,
		Secrets: []string{secretOf("person-1"), secretOf("person-2")},
		Refused: map[string]adaptertest.Refused{
			"replayed":     {Why: "requests are not signed: whoever holds the cookie speaks as its person"},
			"stale":        {Why: "requests say no time"},
			"forged":       {Request: header(deliver("message-1", "p", "一"), "Sec-Fetch-Site", "cross-site"), Status: 403},
			"foreign":      {Request: header(deliver("message-1", "p", "一"), "Origin", "https://evil.example"), Status: 403},
			"too large":    {Request: post(adaptertest.Body(1<<20), "application/json"), Status: 413},
			"too long":     {Request: deliver("message-1", "p", strings.Repeat("长", bot.MaxText+1)), Status: 413},
			"wrong type":   {Request: post(strings.NewReader(`{"id":"message-1","text":"一"}`), "text/plain"), Status: 415},
			"no type":      {Request: post(strings.NewReader(`{"id":"message-1","text":"一"}`), ""), Status: 415},
			"malformed":    {Request: post(strings.NewReader(`{"id":"message-1","text":`), "application/json"), Status: 400},
			"empty":        {Request: post(strings.NewReader(``), "application/json"), Status: 400},
			"an array":     {Request: post(strings.NewReader(`["message-1"]`), "application/json"), Status: 400},
			"number":       {Request: post(strings.NewReader(`{"id":"message-1","text":1}`), "application/json"), Status: 400},
			"more after":   {Request: post(strings.NewReader(`{"id":"message-1","text":"一"}{}`), "application/json"), Status: 400},
			"without id":   {Request: post(strings.NewReader(`{"text":"一"}`), "application/json"), Status: 400},
			"short id":     {Request: deliver("1234567", "p", "一"), Status: 400},
			"long id":      {Request: deliver(strings.Repeat("a", 65), "p", "一"), Status: 400},
			"odd id":       {Request: deliver("message 1", "p", "一"), Status: 400},
			"nothing said": {Request: deliver("message-1", "p", " \x00\u3000"), Status: 400},
			"long choice":  {Request: post(strings.NewReader(`{"id":"message-1","choice":"`+strings.Repeat("a", 65)+`"}`), "application/json"), Status: 400},
			"odd choice":   {Request: post(strings.NewReader(`{"id":"message-1","choice":"a\u0000"}`), "application/json"), Status: 400},
			"wrong method": {Request: httptest.NewRequest("PUT", "/messages", nil), Status: 405},
		},
	}
}

func TestSuite(t *testing.T) {
	t.Parallel()
	adaptertest.Suite(t, channel(t))
}

// deliver is what the script sends. Bytes that are no UTF-8 go out as they are.
func deliver(id, user, text string) *http.Request {
	quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "\x00", `\u0000`, "\x07", `\u0007`, "\x1b", `\u001b`)
	r := post(strings.NewReader(fmt.Sprintf(`{"id":%q,"text":"%s"}`, id, quote.Replace(text))), "application/json")
	r.AddCookie(&http.Cookie{Name: "yilu", Value: secretOf(user)})
	return r
}

// press is what the script sends for a button.
func press(id, user, send string) *http.Request {
	r := post(strings.NewReader(fmt.Sprintf(`{"id":%q,"choice":%q}`, id, send)), "application/json")
	r.AddCookie(&http.Cookie{Name: "yilu", Value: secretOf(user)})
	return r
}

// secretOf is the cookie of a person.
func secretOf(user string) string {
	secret := sha256.Sum256([]byte(user))
	return base64.RawURLEncoding.EncodeToString(secret[:24])
}

// somebody is the secret of a person who has been here before.
var somebody = strings.Repeat("A", 32)

func post(body io.Reader, kind string) *http.Request {
	r := httptest.NewRequest("POST", "/messages", body)
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	return r
}

// known is the request of somebody who has been here before.
func known(r *http.Request) *http.Request {
	return header(r, "Cookie", "yilu="+somebody)
}

func header(r *http.Request, name, value string) *http.Request {
	r.Header.Set(name, value)
	return r
}

func shown(t testing.TB, body []byte) []string {
	var got struct {
		ID    string
		Reply bot.Reply
	}
	if err := json.Unmarshal(body, &got); err != nil || got.ID == "" {
		t.Errorf("not an answer: %v: %s", err, body)
	}
	return got.Reply.Texts
}

// browser is a person with a cookie jar and no script.
type browser struct {
	t      testing.TB
	client *http.Client
	base   string
	status int
	body   string // the last page
	res    *http.Response
}

func open(t testing.TB, h http.Handler) *browser {
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	jar, _ := cookiejar.New(nil)
	client := &http.Client{Jar: jar, Transport: srv.Client().Transport}
	b := &browser{t: t, client: client, base: srv.URL}
	b.get("/")
	return b
}

func (b *browser) get(path string) { b.keep(b.client.Get(b.base + path)) }

// submit sends a form of the page that is open, with its hidden id.
func (b *browser) submit(name, value string) { b.send(b.pageID(), name, value) }

func (b *browser) send(id, name, value string) {
	b.keep(b.client.PostForm(b.base+"/", url.Values{"id": {id}, name: {value}}))
}

func (b *browser) keep(res *http.Response, err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.res, b.status, b.body = res, res.StatusCode, string(raw)
}

var idField = regexp.MustCompile(`name="id" value="([^"]+)"`)

func (b *browser) pageID() string {
	m := idField.FindStringSubmatch(b.body)
	if m == nil {
		b.t.Fatalf("the page has no id: %s", b.body)
	}
	return m[1]
}

func (b *browser) has(parts ...string) {
	b.t.Helper()
	for _, p := range parts {
		if !strings.Contains(b.body, p) {
			b.t.Errorf("the page lacks %q", p)
		}
	}
}

func (b *browser) hasNot(parts ...string) {
	b.t.Helper()
	for _, p := range parts {
		if strings.Contains(b.body, p) {
			b.t.Errorf("the page holds %q", p)
		}
	}
}

// text is a text of the page, as HTML.
func text(t testing.TB, lang, key string) string { return html.EscapeString(texts(t)[lang][key]) }
