package wechat_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"yilu/adapters/adaptertest"
	"yilu/adapters/wechat"
	"yilu/adapters/wechat/wechattest"
	"yilu/bot"
)

// What must never be seen in an error or a log.
const (
	apiSecret = "APP-SECRET-MARK-0123456789abcdef"
	apiAppID  = "wx0000000000000001"
	apiPerson = "oPERSON-MARK_0000000000000001"
	apiText   = "TEXT-MARK 【示例】明天八点集合"
)

// apiClock is a clock that a test moves.
type apiClock struct {
	mu  sync.Mutex
	now time.Time
}

func newAPIClock() *apiClock {
	return &apiClock{now: time.Date(2026, 11, 23, 20, 15, 0, 0, bot.Xiamen)}
}

func (c *apiClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *apiClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// apiKit is a client of a fake account over real sockets.
type apiKit struct {
	*wechat.Client
	api   *wechattest.API
	clock *apiClock
	log   *adaptertest.Lines
}

func newAPIKit(t testing.TB) *apiKit {
	t.Helper()
	k := &apiKit{api: wechattest.StartAPI(apiAppID, apiSecret), clock: newAPIClock(), log: &adaptertest.Lines{}}
	t.Cleanup(k.api.Close)
	k.api.Clock(k.clock.Now)
	k.Client = apiClient(t, k.api.URL, adaptertest.LocalOnly{T: t}, k.clock.Now, k.log)
	return k
}

func apiClient(t testing.TB, address string, rt http.RoundTripper, now func() time.Time, log io.Writer) *wechat.Client {
	t.Helper()
	c, err := wechat.NewClient(wechat.ClientOptions{
		AppID: apiAppID, Secret: apiSecret, API: address, HTTP: &http.Client{Transport: rt}, Now: now,
		Log: slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// apiMemory is a transport without sockets, for virtual time.
type apiMemory struct{ handler http.Handler }

func (m apiMemory) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	defer func() {
		if p := recover(); p != nil {
			if resp, err = nil, r.Context().Err(); err == nil {
				err = io.ErrUnexpectedEOF
			}
		}
	}()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	m.handler.ServeHTTP(w, r)
	return w.Result(), nil
}

// apiTrip is a transport made of a function.
type apiTrip func(*http.Request) (*http.Response, error)

func (f apiTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// apiFault returns err as what it must be, and fails if it holds what it must not.
func apiFault(t testing.TB, err error) *bot.SendError {
	t.Helper()
	noSecret(t, fmt.Sprintf("%v %+v %#v", err, err, err))
	var fault *bot.SendError
	if !errors.As(err, &fault) {
		t.Fatalf("%v (%T) is no SendError", err, err)
	}
	if fault.Channel != "wechat" || fault.Call == "" || fault.Say == "" {
		t.Errorf("the error does not say which call of which channel, and what happened: %#v", fault)
	}
	return fault
}

func noSecret(t testing.TB, said string) {
	t.Helper()
	for _, mark := range []string{apiSecret, wechattest.TokenMark, "access_token=", apiPerson, "TEXT-MARK", "示例", "rid:"} {
		if strings.Contains(said, mark) {
			t.Errorf("it holds %q: %s", mark, said)
		}
	}
}
