// Package telegramtest is Telegram as a bot sees it, on this machine: enough of the Bot API to register a webhook, to
// ask for updates, to send, to settle buttons and to fetch files, with its limits checked and its refusals at will. It
// guarantees that what the real one would refuse for its form, it refuses too; it knows nothing of who may talk to whom,
// of pace, or of delivery by itself: Deliver makes the request, and the caller sends it.
package telegramtest

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Platform is the fake. It is safe for several callers.
type Platform struct {
	URL   string // for YILU_TELEGRAM_API_URL; "" for one that was made by New
	Token string

	server *http.Server

	mu       sync.Mutex
	changed  chan struct{} // closed and renewed at every change
	calls    []Call
	failures map[string][]Failure
	updates  []queued
	polling  int   // number of the latest getUpdates; an older one ends with 409
	highest  int64 // number of an update so far
	forgot   int64 // the offset that was current at Forget; it confirms nothing any more
	webhook  Webhook
	files    map[string]file
	messages int64
}

// Call is a method that was called, with its parameters as text: strings as they are, everything else as JSON.
type Call struct {
	Method string
	Params map[string]string
	OK     bool // it was answered with success
}

// Webhook is what setWebhook was told last; the zero value says that there is none.
type Webhook struct {
	URL            string
	Secret         string
	Allowed        []string
	MaxConnections int
}

// Failure is an answer other than success.
type Failure struct {
	Status      int    // of HTTP, and the error_code
	Description string // "Forbidden: bot was blocked by the user"
	Params      Params
	Chat        string // only calls with this chat_id fail; "" for all
	HTML        bool   // the answer is a page, as of a gateway on the way
	Hang        bool   // there is no answer until the caller gives up
	Break       bool   // the connection ends without an answer, after the request was read
}

// Params are what Telegram adds to a refusal; zero where it does not.
type Params struct {
	RetryAfter int   `json:"retry_after,omitempty"` // seconds
	MigrateTo  int64 `json:"migrate_to_chat_id,omitempty"`
}

type queued struct {
	id  int64
	raw json.RawMessage
}

type file struct {
	kind string
	body []byte
}

// New makes a platform that listens nowhere: it is an http.Handler.
func New(token string) *Platform {
	return &Platform{Token: token, changed: make(chan struct{}), failures: map[string][]Failure{}, files: map[string]file{}, messages: 1000}
}

// Start makes a platform that listens on a free port of 127.0.0.1 until Close.
func Start(token string) (*Platform, error) {
	p := New(token)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p.URL = "http://" + l.Addr().String()
	p.server = &http.Server{Handler: p}
	go func() { _ = p.server.Serve(l) }()
	return p, nil
}

// Close ends all calls at once.
func (p *Platform) Close() {
	if p.server != nil {
		_ = p.server.Close()
	}
}

// Fail makes the next calls of a method fail, times of them; -1 for all from now on, until Fail with 0.
func (p *Platform) Fail(method string, f Failure, times int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case times == 0:
		delete(p.failures, method)
	case times < 0:
		p.failures[method] = append(p.failures[method], slices.Repeat([]Failure{f}, 1<<10)...)
	default:
		p.failures[method] = append(p.failures[method], slices.Repeat([]Failure{f}, times)...)
	}
}

// Queue gives updates to whoever asks with getUpdates.
func (p *Platform) Queue(updates ...[]byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, raw := range updates {
		var u struct {
			ID int64 `json:"update_id"`
		}
		_ = json.Unmarshal(raw, &u) // one that cannot be read is of interest, too
		p.updates = append(p.updates, queued{u.ID, raw})
		p.highest = max(p.highest, u.ID)
	}
	p.change()
}

// Forget is a week without updates: the numbers of the next ones may be lower than those before, and an offset from
// before confirms nothing.
func (p *Platform) Forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.updates = nil
	p.forgot = p.highest + 1
}

// Waiting returns how many updates were not confirmed yet.
func (p *Platform) Waiting() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.updates)
}

// AddFile makes a file that can be fetched by its file_id.
func (p *Platform) AddFile(id, kind string, body []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.files[id] = file{kind, body}
}

// Calls returns the calls of a method so far, of all for "".
func (p *Platform) Calls(method string) []Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.callsOf(method)
}

func (p *Platform) callsOf(method string) []Call {
	var out []Call
	for _, c := range p.calls {
		if method == "" || c.Method == method {
			out = append(out, c)
		}
	}
	return out
}

// AwaitSent waits until n messages were taken in all.
func (p *Platform) AwaitSent(ctx context.Context, n int) error {
	return p.until(ctx, func() bool {
		sent := 0
		for _, c := range p.calls {
			if c.Method == "sendMessage" && c.OK {
				sent++
			}
		}
		return sent >= n
	})
}

// Await waits until a method was called n times in all.
func (p *Platform) Await(ctx context.Context, method string, n int) error {
	return p.until(ctx, func() bool { return len(p.callsOf(method)) >= n })
}

// AwaitEmpty waits until every queued update was confirmed.
func (p *Platform) AwaitEmpty(ctx context.Context) error {
	return p.until(ctx, func() bool { return len(p.updates) == 0 })
}

// until waits for something that is looked at under the lock.
func (p *Platform) until(ctx context.Context, ok func() bool) error {
	for {
		p.mu.Lock()
		done, changed := ok(), p.changed
		p.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Sent returns what sendMessage was called with and took, as people see it.
func (p *Platform) Sent() []Shown {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []Shown
	for _, c := range p.calls {
		if c.Method == "sendMessage" && c.OK {
			s, _ := show(c)
			out = append(out, s)
		}
	}
	return out
}

// Webhook returns what is registered.
func (p *Platform) Webhook() Webhook {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.webhook
}

// change tells whoever waits. It is called with the lock.
func (p *Platform) change() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// ServeHTTP answers /bot<token>/<method> and /file/bot<token>/<path>.
func (p *Platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if name, ok := strings.CutPrefix(r.URL.Path, "/file/bot"+p.Token+"/"); ok {
		p.serveFile(w, r, name)
		return
	}
	method, ok := strings.CutPrefix(r.URL.Path, "/bot"+p.Token+"/")
	if !ok {
		if strings.HasPrefix(r.URL.Path, "/bot") && strings.Contains(r.URL.Path, ":") {
			refuse(w, Failure{Status: 401, Description: "Unauthorized"})
		} else {
			refuse(w, Failure{Status: 404, Description: "Not Found"})
		}
		return
	}
	params, err := readParams(r)
	if err != nil {
		refuse(w, Failure{Status: 400, Description: "Bad Request: " + err.Error()})
		return
	}
	p.serve(w, r, Call{Method: method, Params: params})
}

func (p *Platform) serve(w http.ResponseWriter, r *http.Request, c Call) {
	p.mu.Lock()
	p.calls = append(p.calls, c)
	at := len(p.calls) - 1
	f, failed := p.nextFailure(c)
	p.change()
	p.mu.Unlock()
	if failed {
		fail(w, r, f)
		return
	}
	if c.Method == "getUpdates" {
		p.getUpdates(w, r, c)
		return
	}
	p.mu.Lock()
	result, f := p.do(c)
	p.calls[at].OK = f.Status == 0
	p.change()
	p.mu.Unlock()
	if f.Status != 0 {
		refuse(w, f)
		return
	}
	answer(w, result)
}

func (p *Platform) nextFailure(c Call) (Failure, bool) {
	list := p.failures[c.Method]
	i := slices.IndexFunc(list, func(f Failure) bool { return f.Chat == "" || f.Chat == c.Params["chat_id"] })
	if i < 0 {
		return Failure{}, false
	}
	f := list[i]
	p.failures[c.Method] = slices.Delete(list, i, i+1)
	return f, true
}

func (p *Platform) serveFile(w http.ResponseWriter, r *http.Request, name string) {
	p.mu.Lock()
	f, ok := p.files[strings.TrimPrefix(name, "files/")]
	p.calls = append(p.calls, Call{Method: "download", Params: map[string]string{"path": name}})
	failure, failed := p.nextFailure(Call{Method: "download"})
	p.change()
	p.mu.Unlock()
	switch {
	case failed:
		fail(w, r, failure)
	case !ok:
		http.NotFound(w, r)
	default:
		w.Header().Set("Content-Type", f.kind)
		w.Header().Set("Content-Length", strconv.Itoa(len(f.body)))
		_, _ = w.Write(f.body)
	}
}
