package adaptertest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"

	"yilu/bot"
)

// Channel is what the suite must know of a channel that is spoken to over HTTP.
type Channel struct {
	Texts    map[string]map[string]string // its texts, see Texts
	Langs    []string
	Settings map[string]string // what makes it Mount

	// New makes the adapter.
	New func() bot.Adapter
	// Deliver is the platform's request for one text of one person. The same id is the same message, delivered
	// again. The text may hold any bytes.
	Deliver func(id, user, text string) *http.Request
	// Shown reads the paragraphs that the person gets out of an answer that acknowledged the message.
	Shown func(t testing.TB, body []byte) []string
	// Refused are requests that must not become a turn, by name, with the status that they get. Every name of
	// MustRefuse is there.
	Refused map[string]Refused
}

// Refused is a request with the status that it gets. A nil Request says that the case cannot arise on the platform, and
// Why says why.
type Refused struct {
	Request *http.Request
	Status  int
	Why     string
}

// MustRefuse names what every channel refuses.
var MustRefuse = []string{"forged", "too large", "wrong type", "malformed", "without id", "nothing said", "wrong method"}

// Suite holds the channel to it. Every case mounts the adapter anew on its own host.
func Suite(t *testing.T, c Channel) {
	t.Run("valid message is answered", c.answered)
	t.Run("repeated delivery gets identical bytes", c.repeated)
	t.Run("sixteen deliveries at once are one turn", c.atOnce)
	t.Run("two people are two identities", c.people)
	t.Run("awkward texts arrive clean and are answered", c.awkward)
	t.Run("host error is not acknowledged", c.hostError)
	t.Run("panic is a 500 and the channel lives", c.panics)
	t.Run("refused", c.refuses)
	t.Run("unknown path is not found", c.unknownPath)
}

// Mount mounts the channel on a new host, as a server would.
func (c Channel) Mount(t testing.TB) (*Host, http.Handler) {
	t.Helper()
	host := NewHost(t, c.Texts, c.Langs...)
	for name, value := range c.Settings {
		host.Set(name, value)
	}
	mount, err := c.New().Mount(host)
	if err != nil {
		t.Fatalf("mount: %v", err)
	}
	mux := http.NewServeMux()
	for pattern, handler := range mount.Routes {
		mux.Handle(pattern, handler)
	}
	return host, mux
}

// Do serves one request and fails if the handler lets a panic out.
func Do(t testing.TB, h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	func() {
		defer func() {
			if p := recover(); p != nil {
				t.Errorf("%s %s: the handler panicked: %v", r.Method, r.URL.Path, p)
			}
		}()
		h.ServeHTTP(w, r)
	}()
	return w
}

func (c Channel) answered(t *testing.T) {
	t.Parallel()
	host, h := c.Mount(t)
	w := Do(t, h, c.Deliver("message-1", "person-1", "我要找活"))
	if w.Code != http.StatusOK {
		t.Fatalf("status %d, want 200: %s", w.Code, w.Body)
	}
	if got := c.Shown(t, w.Body.Bytes()); !slices.Equal(got, []string{"我要找活"}) {
		t.Errorf("shown %q", got)
	}
	turns := host.Turns()
	if len(turns) != 1 || turns[0].Text != "我要找活" || turns[0].ID == "" {
		t.Fatalf("turns: %v", turns)
	}
	if strings.Contains(host.Logged(), "我要找活") {
		t.Error("the log holds what was said")
	}
}

func (c Channel) repeated(t *testing.T) {
	t.Parallel()
	host, h := c.Mount(t)
	first := Do(t, h, c.Deliver("message-1", "person-1", "我要找活"))
	Do(t, h, c.Deliver("message-2", "person-1", "瓦工"))
	again := Do(t, h, c.Deliver("message-1", "person-1", "我要找活"))
	if first.Code != again.Code || !bytes.Equal(first.Body.Bytes(), again.Body.Bytes()) {
		t.Errorf("first %d %s\nagain %d %s", first.Code, first.Body, again.Code, again.Body)
	}
	if n := len(host.Turns()); n != 2 {
		t.Errorf("%d turns, want 2", n)
	}
}

// atOnce carries T2.
func (c Channel) atOnce(t *testing.T) {
	t.Parallel()
	host, h := c.Mount(t)
	answers := make([]*httptest.ResponseRecorder, 16)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() { answers[i] = Do(t, h, c.Deliver("message-1", "person-1", "我要找活")) })
	}
	wg.Wait()
	for _, a := range answers {
		if a.Code != http.StatusOK || !bytes.Equal(a.Body.Bytes(), answers[0].Body.Bytes()) {
			t.Errorf("%d %s, the first was %s", a.Code, a.Body, answers[0].Body)
		}
	}
	if n := len(host.Turns()); n != 1 {
		t.Errorf("%d turns, want 1", n)
	}
}

func (c Channel) people(t *testing.T) {
	t.Parallel()
	host, h := c.Mount(t)
	Do(t, h, c.Deliver("message-1", "person-1", "一"))
	Do(t, h, c.Deliver("message-1", "person-2", "二"))
	turns := host.Turns()
	if len(turns) != 2 || turns[0].From == turns[1].From {
		t.Errorf("turns: %v", turns)
	}
}

// awkward carries T24 for the channel: what it hands over is clean, and what comes back is shown whole.
func (c Channel) awkward(t *testing.T) {
	t.Parallel()
	for name, text := range Awkward {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host, h := c.Mount(t)
			w := Do(t, h, c.Deliver("message-1", "person-1", text))
			turns := host.Turns()
			if w.Code != http.StatusOK || len(turns) != 1 {
				t.Fatalf("status %d, %d turns: %s", w.Code, len(turns), w.Body)
			}
			got := turns[0].Text
			if got == "" || !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }) {
				t.Errorf("handed over %q", got)
			}
			if shown := c.Shown(t, w.Body.Bytes()); !slices.Equal(shown, []string{got}) {
				t.Errorf("shown %q, want %q", shown, got)
			}
		})
	}
}

func (c Channel) hostError(t *testing.T) {
	t.Parallel()
	host, h := c.Mount(t)
	host.Break(&bot.Error{Code: bot.Unavailable, Op: "commit turn", Err: errors.New("cause that quotes 我要找活")})
	w := Do(t, h, c.Deliver("message-1", "person-1", "我要找活"))
	if w.Code < 500 {
		t.Errorf("status %d acknowledges what was not kept: %s", w.Code, w.Body)
	}
	if len(host.Turns()) != 0 || strings.Contains(host.Logged(), "我要找活") {
		t.Errorf("%d turns; log: %s", len(host.Turns()), host.Logged())
	}
	host.Break(nil)
	if w := Do(t, h, c.Deliver("message-1", "person-1", "我要找活")); w.Code != http.StatusOK || len(host.Turns()) != 1 {
		t.Errorf("the repeat: status %d, %d turns", w.Code, len(host.Turns()))
	}
}

// panics carries T32.
func (c Channel) panics(t *testing.T) {
	t.Parallel()
	host, h := c.Mount(t)
	host.Panic("a fault that quotes 我要找活")
	if w := Do(t, h, c.Deliver("message-1", "person-1", "我要找活")); w.Code != http.StatusInternalServerError {
		t.Errorf("status %d, want 500", w.Code)
	}
	if log := host.Logged(); log == "" || strings.Contains(log, "我要找活") {
		t.Errorf("the log must tell of the panic, and not what was said: %s", log)
	}
	host.Panic(nil)
	if w := Do(t, h, c.Deliver("message-1", "person-1", "我要找活")); w.Code != http.StatusOK {
		t.Errorf("afterwards: status %d", w.Code)
	}
}

func (c Channel) refuses(t *testing.T) {
	t.Parallel()
	for _, name := range MustRefuse {
		if r, ok := c.Refused[name]; !ok || r.Request == nil && r.Why == "" {
			t.Errorf("the channel does not say what it does with %q", name)
		}
	}
	for name, r := range c.Refused {
		if r.Request == nil {
			continue
		}
		t.Run(name, func(t *testing.T) {
			host, h := c.Mount(t)
			w := Do(t, h, r.Request)
			if w.Code != r.Status {
				t.Errorf("status %d, want %d: %s", w.Code, r.Status, w.Body)
			}
			if host.Calls() != 0 {
				t.Error("it became a turn")
			}
		})
	}
}

func (c Channel) unknownPath(t *testing.T) {
	t.Parallel()
	host, h := c.Mount(t)
	r := c.Deliver("message-1", "person-1", "我要找活")
	r.URL.Path += "-no-such-path"
	if w := Do(t, h, r); w.Code != http.StatusNotFound || host.Calls() != 0 {
		t.Errorf("status %d, %d calls", w.Code, host.Calls())
	}
}

// Body is a request body of n bytes.
func Body(n int64) io.Reader { return io.LimitReader(endless{}, n) }

type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'a'
	}
	return len(b), nil
}
