package wechat_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"yilu/adapters/adaptertest"
	"yilu/adapters/wechat"
	"yilu/adapters/wechat/wechattest"
	"yilu/bot"
)

// api is WeChat's API without a network: it gives tokens and takes customer messages.
type api struct {
	mu       sync.Mutex
	failures []int // errcodes of the next sends
	sent     []string
	bad      bool // the secret is wrong

	recording string
}

// RoundTrip answers like WeChat.
func (a *api) RoundTrip(r *http.Request) (*http.Response, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	answer := `{"errcode":0,"errmsg":"ok"}`
	switch {
	case strings.HasSuffix(r.URL.Path, "/stable_token"):
		answer = `{"access_token":"SecretMarkerToken","expires_in":7200}`
		if a.bad {
			answer = `{"errcode":40125,"errmsg":"x"}`
		}
	case strings.HasSuffix(r.URL.Path, "/message/custom/send"):
		var m struct {
			ToUser string
			Text   struct{ Content string }
		}
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
			return nil, err
		}
		if len(a.failures) > 0 {
			code := a.failures[0]
			a.failures = a.failures[1:]
			answer = `{"errcode":` + strconv.Itoa(code) + `,"errmsg":"x"}`
			break
		}
		a.sent = append(a.sent, m.ToUser+": "+m.Text.Content)
	case strings.HasSuffix(r.URL.Path, "/media/get"):
		return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"audio/amr"}}, ContentLength: int64(len(a.recording)), Body: io.NopCloser(strings.NewReader(a.recording))}, nil
	default:
		return nil, errors.New("an unknown call")
	}
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(answer)), ContentLength: -1}, nil
}

func (a *api) messages() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.sent)
}

// slow is a channel in virtual time.
type slow struct {
	t    *testing.T
	a    wechattest.Account
	api  *api
	host *adaptertest.Host
	id   string // of the message that is delivered
	h    http.Handler
	stop func() // ends Run and waits for it
}

func mountSlow(t *testing.T, secret string, recogniser bot.Recogniser) *slow {
	t.Helper()
	s := &slow{t: t, a: account(wechattest.Safe), api: &api{recording: "#!AMR"}, id: "1"}
	s.a.AppSecret = secret
	s.host = adaptertest.NewHost(t, texts(t), langs...)
	for name, value := range settings(s.a) {
		s.host.Set(name, value)
	}
	m, err := wechat.New(wechat.Options{HTTP: &http.Client{Transport: s.api}, Recogniser: recogniser}).Mount(s.host)
	if err != nil {
		t.Fatal(err)
	}
	s.h = m.Routes[wechat.Route]
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx) }()
	var once sync.Once
	s.stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
	return s
}

// answer is what a delivery got and when.
type answer struct {
	*httptest.ResponseRecorder
	after time.Duration
}

// deliver delivers the message and hangs up after five seconds, as WeChat does.
func (s *slow) deliver(ctx context.Context) answer { return s.deliverOld(ctx, 0) }

// deliverOld delivers the message as one that was sent before.
func (s *slow) deliverOld(ctx context.Context, age time.Duration) answer {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(ctx, hungUp)
	defer cancel()
	return s.patient(ctx, age)
}

// patient delivers it and hangs up when ctx ends.
func (s *slow) patient(ctx context.Context, age time.Duration) answer {
	s.t.Helper()
	start := time.Now()
	r := s.a.Deliver(target, now, s.id, s.a.Text(openid, s.id, now.Add(-age), "我要找活")).WithContext(ctx)
	return answer{adaptertest.Do(s.t, s.h, r), time.Since(start)}
}

// got checks a status, whether it is "success" or a text, and when it came.
func (s *slow) got(a answer, status int, content string, after time.Duration) {
	s.t.Helper()
	text := a.Body.String()
	if status == 200 && text != "success" {
		text = shown(s.t, s.a, a.Body.Bytes()).Content
	}
	if a.Code != status || text != content || a.after != after {
		s.t.Errorf("%d %q after %v, want %d %q after %v", a.Code, text, a.after, status, content, after)
	}
}

// sent checks the customer messages.
func (s *slow) sent(want ...string) {
	s.t.Helper()
	synctest.Wait()
	if got := s.api.messages(); !slices.Equal(got, want) {
		s.t.Errorf("sent %q, want %q", got, want)
	}
}

// late holds the next turns for d.
func (s *slow) late(d time.Duration) {
	release := s.host.Hold()
	time.AfterFunc(d, release)
}

const (
	gaveUp = 4200 * time.Millisecond
	hungUp = 5 * time.Second
	capped = 6 * time.Second
)

// inTime runs a case in virtual time, with and without what customer messages need, and looks for secrets in the log.
func inTime(t *testing.T, secret string, f func(t *testing.T, s *slow)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := mountSlow(t, secret, nil)
		f(t, s)
		s.stop()
		noSecrets(t, t.Name(), s.host.Logged())
		if strings.Contains(s.host.Logged(), "找活") || strings.Contains(s.host.Logged(), openid) {
			t.Errorf("the log quotes: %s", s.host.Logged())
		}
	})
}
