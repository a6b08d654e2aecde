package wechattest

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// API is a stand-in for WeChat's API server, for one account. It keeps the platform's rules as far as its documentation
// tells them: tokens, their two modes and their ends, the window and the number of customer messages, keys of mass and
// template messages, the sizes of a menu. What a person would see it does not know. It has a clock of its own, which
// stands still but for Advance, unless Clock gives it another.
type API struct {
	URL string // "http://127.0.0.1:…"; "" for one that was not started

	appID, secret string
	server        *http.Server
	closed        chan struct{}

	mu       sync.Mutex
	now      func() time.Time
	late     time.Duration // what Advance added
	tokens   tokens
	faults   map[string][]*fault
	calls    map[string]int
	sent     []Sent
	numbers  int64
	windows  map[string]*window // nil: anybody can be written to
	refused  map[string]int     // by openid
	masses   map[string]keyed
	notices  map[string]keyed
	menu     []menuEntry
	media    map[string]medium
	verified bool
}

// Fault is what a call meets instead of being carried out. The first of its fields that is set counts.
type Fault struct {
	Code   int           // an errcode
	Status int           // an HTTP status, with Body and Header
	Hang   bool          // no answer until the client gives up
	Drop   bool          // the connection is closed without an answer
	Body   string        // a 200 with this body
	Header http.Header   // with Status or Body
	After  bool          // the call is carried out first, and only its answer is lost
	Wait   chan struct{} // with any of them: not before this is closed
}

type fault struct {
	Fault
	times int // below zero: always
}

// Sent is a message that the API took.
type Sent struct {
	Path string   // "message/custom/send"
	To   []string // openids
	Text string   // of a customer or mass message
	Body json.RawMessage
	ID   int64 // the platform's number, where there is one
}

// NewAPI makes an API that listens nowhere: call its ServeHTTP.
func NewAPI(appID, secret string) *API {
	start := time.Date(2026, 11, 23, 8, 5, 0, 0, time.FixedZone("Asia/Shanghai", 8*60*60))
	a := &API{
		appID: appID, secret: secret, closed: make(chan struct{}), verified: true,
		now:    func() time.Time { return start },
		faults: map[string][]*fault{}, calls: map[string]int{}, refused: map[string]int{},
		masses: map[string]keyed{}, notices: map[string]keyed{}, media: map[string]medium{},
	}
	a.tokens.life = 2 * time.Hour
	a.tokens.known = map[string]*token{}
	return a
}

// StartAPI starts an API on a free port of this machine. Close must be called. It panics if there is none.
func StartAPI(appID, secret string) *API {
	a := NewAPI(appID, secret)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	a.URL = "http://" + listener.Addr().String()
	a.server = &http.Server{Handler: a, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = a.server.Serve(listener) }()
	return a
}

// Close ends all connections, those that hang too.
func (a *API) Close() {
	close(a.closed)
	if a.server != nil {
		_ = a.server.Close()
	}
}

// Clock makes now the API's clock.
func (a *API) Clock(now func() time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.now = now
}

// Advance sets the clock forward.
func (a *API) Advance(d time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.late += d
}

func (a *API) time() time.Time { return a.now().Add(a.late) }

// Fail makes the next calls of a path ("message/custom/send", "stable_token") meet a fault; below zero times, all of
// them. Faults of one path come one after the other.
func (a *API) Fail(path string, f Fault, times int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.faults[path] = append(a.faults[path], &fault{f, times})
}

// Heal takes the faults of a path away.
func (a *API) Heal(path string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.faults, path)
}

// Calls returns how often a path was called, whatever came of it.
func (a *API) Calls(path string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.calls[path]
}

// Sent returns the messages that were taken, in order.
func (a *API) Sent() []Sent {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]Sent(nil), a.sent...)
}

// call is a request while it is answered.
type call struct {
	path  string
	query url.Values
	body  []byte
}

// ServeHTTP answers one call.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 2<<20))
	if err != nil {
		return
	}
	if id, ok := strings.CutPrefix(r.URL.Path, "/video/"); ok {
		a.serveVideo(w, id)
		return
	}
	path, ok := strings.CutPrefix(r.URL.Path, "/cgi-bin/")
	handle, known := handlers[path]
	if !ok || !known {
		http.NotFound(w, r)
		return
	}
	f := a.fault(path)
	if f.Wait != nil {
		select {
		case <-f.Wait:
		case <-r.Context().Done():
		case <-a.closed:
		}
	}
	if !f.After && f.strike(w, r, a.closed) {
		return
	}
	out := w
	if f.After { // carried out, and not said
		out = unheard{http.Header{}}
	}
	a.answer(out, call{path, r.URL.Query(), body}, r.Method, handle)
	if f.After {
		f.strike(w, r, a.closed)
	}
}

// unheard takes an answer that nobody gets.
type unheard struct{ header http.Header }

func (u unheard) Header() http.Header         { return u.header }
func (u unheard) WriteHeader(int)             {}
func (u unheard) Write(b []byte) (int, error) { return len(b), nil }

// fault counts the call and returns what it meets, if anything.
func (a *API) fault(path string) Fault {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls[path]++
	queue := a.faults[path]
	if len(queue) == 0 {
		return Fault{}
	}
	f := queue[0]
	if f.times--; f.times == 0 {
		a.faults[path] = queue[1:]
	}
	return f.Fault
}

// strike answers with the fault, and reports whether there was one.
func (f Fault) strike(w http.ResponseWriter, r *http.Request, closed <-chan struct{}) bool {
	for name, values := range f.Header {
		w.Header()[name] = values
	}
	switch {
	case f.Code != 0:
		writeCode(w, f.Code)
	case f.Status != 0:
		w.WriteHeader(f.Status)
		_, _ = io.WriteString(w, f.Body)
	case f.Hang:
		select {
		case <-r.Context().Done():
		case <-closed:
		}
		panic(http.ErrAbortHandler)
	case f.Drop:
		panic(http.ErrAbortHandler)
	case f.Body != "":
		_, _ = io.WriteString(w, f.Body)
	default:
		return false
	}
	return true
}

// handlers answer the calls that need a token, and stable_token, which needs none.
var handlers = map[string]func(*API, call) any{
	"stable_token":              (*API).stableToken,
	"message/custom/send":       (*API).customSend,
	"message/custom/typing":     (*API).customTyping,
	"message/template/send":     (*API).templateSend,
	"message/subscribe/bizsend": (*API).bizSend,
	"message/mass/send":         (*API).massSend,
	"menu/create":               (*API).menuCreate,
	"get_current_selfmenu_info": (*API).menuInfo,
	"media/get":                 (*API).mediaGet,
}

func (a *API) answer(w http.ResponseWriter, c call, method string, handle func(*API, call) any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	get := c.path == "media/get" || c.path == "get_current_selfmenu_info"
	if get && method != http.MethodGet {
		writeCode(w, 43001)
		return
	}
	if !get && method != http.MethodPost {
		writeCode(w, 43002)
		return
	}
	if c.path != "stable_token" {
		if code := a.tokens.check(c.query.Get("access_token"), a.time()); code != 0 {
			writeCode(w, code)
			return
		}
	}
	switch said := handle(a, c).(type) {
	case int:
		writeCode(w, said)
	case medium:
		w.Header().Set("Content-Type", said.kind)
		w.Header().Set("Content-Disposition", `attachment; filename="file"`)
		_, _ = w.Write(said.data)
	default:
		writeJSON(w, said)
	}
}

func writeCode(w http.ResponseWriter, code int) {
	text := "ok"
	if code != 0 {
		text = fmt.Sprintf("fault %d rid: 66f3bd4d-25a283a9-73c6a452", code)
	}
	if code == 40164 {
		text = "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist rid: 66f3bd4d-25a283a9-73c6a452"
	}
	writeJSON(w, map[string]any{"errcode": code, "errmsg": text})
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; encoding=utf-8")
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v)
}
