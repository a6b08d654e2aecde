package simulate

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"yilu/adapters/web"
	"yilu/bot"
	"yilu/bot/talk"
)

// browser is the script of the chat page.
type browser struct {
	routes  map[string]http.Handler
	cookies map[string]string
	sent    int
}

// secret is the cookie of the person; the same each time, so that the same words get the same numbers.
var secret = base64.RawURLEncoding.EncodeToString([]byte("yilu simulated person..."))

func newWeb(h *host) (*browser, error) {
	mount, err := web.New(rand.Reader).Mount(h)
	return &browser{routes: mount.Routes, cookies: map[string]string{"yilu": secret}}, err
}

func (b *browser) say(text string) (screen, error) { return b.post("text", text) }

func (b *browser) press(last screen, label string) (screen, error) {
	return b.post("choice", last.sends[label])
}

func (b *browser) send(what, _ string) (screen, error) { return screen{}, cannot(what) }

// speak is the link at the top of the page.
func (b *browser) speak(lang string) error {
	a, err := b.do(http.MethodGet, "/?"+url.Values{"lang": {lang}}.Encode(), nil)
	if err == nil && a.status != http.StatusOK {
		err = refused(a)
	}
	return err
}

func (b *browser) close() error { return nil }

func (b *browser) post(what, value string) (screen, error) {
	b.sent++
	body, err := json.Marshal(map[string]string{"id": fmt.Sprintf("message-%04d", b.sent), what: value})
	if err != nil {
		return screen{}, err
	}
	a, err := b.do(http.MethodPost, "/messages", body)
	if err != nil {
		return screen{}, err
	}
	if a.status != http.StatusOK {
		return screen{}, refused(a)
	}
	var in struct{ Reply bot.Reply }
	if err := json.Unmarshal(a.body.Bytes(), &in); err != nil {
		return screen{}, bot.Errorf(bot.Internal, "read answer", "it is no JSON of a reply")
	}
	r := in.Reply
	s := screen{raw: a.body.Bytes(), texts: r.Texts, progress: r.Progress, sends: map[string]string{}}
	if r.Progress != "" {
		s.shown = append(s.shown, r.Progress)
	}
	s.shown = append(s.shown, talk.Lines(bot.Reply{Texts: r.Texts})...)
	for _, c := range r.Choices {
		s.choices = append(s.choices, c.Label)
		s.sends[c.Label] = c.Send
	}
	s.buttons(s.choices...)
	return s, nil
}

func (b *browser) do(method, path string, body []byte) (*answer, error) {
	r, err := http.NewRequest(method, "http://127.0.0.1"+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	a := serve(b.routes, r)
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		b.cookies[c.Name] = c.Value
	}
	return a, nil
}
