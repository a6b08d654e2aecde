package adaptertest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// stage is a channel on its host during one case. It remembers what was said, and looks for it in the log.
type stage struct {
	Channel
	t    testing.TB
	host *Host
	h    http.Handler

	mu   sync.Mutex
	said []string
}

func (c Channel) stage(t testing.TB) *stage {
	host, h := c.Mount(t)
	return &stage{Channel: c, t: t, host: host, h: h}
}

// say delivers a text.
func (s *stage) say(id, user, text string) *httptest.ResponseRecorder {
	s.t.Helper()
	s.mu.Lock()
	s.said = append(s.said, text)
	s.mu.Unlock()
	return s.do(s.Deliver(id, user, text))
}

// do serves a request, and fails if the answer holds a secret.
func (s *stage) do(r *http.Request) *httptest.ResponseRecorder {
	s.t.Helper()
	w := Do(s.t, s.h, r)
	for _, secret := range s.Secrets {
		if secret != "" && (strings.Contains(w.Body.String(), secret) || strings.Contains(headers(w), secret)) {
			s.t.Errorf("the answer to %s %s holds a secret", r.Method, r.URL.Path)
		}
	}
	return w
}

// headers are those of an answer, but for the cookie, which its owner gets back.
func headers(w *httptest.ResponseRecorder) string {
	var b strings.Builder
	_ = w.Header().WriteSubset(&b, map[string]bool{"Set-Cookie": true})
	return b.String()
}

// quiet fails if the log holds a secret or what was said, as it was written or as JSON writes it.
func (s *stage) quiet() {
	s.t.Helper()
	log := s.host.Logged()
	for _, secret := range s.Secrets {
		if secret != "" && strings.Contains(log, secret) {
			s.t.Errorf("the log holds a secret: %s", log)
		}
	}
	for _, text := range s.said {
		raw, _ := json.Marshal(text)
		if strings.Contains(log, text) || strings.Contains(log, strings.Trim(string(raw), `"`)) {
			s.t.Errorf("the log holds what was said: %s", log)
		}
	}
}

// opened is what an answer holds once what must differ is taken off.
func (s *stage) opened(w *httptest.ResponseRecorder) string {
	if s.Open == nil || w.Code != http.StatusOK {
		return w.Body.String()
	}
	return string(s.Open(s.t, w.Body.Bytes()))
}

// same fails unless two deliveries got the same answer.
func (s *stage) same(a, b *httptest.ResponseRecorder) {
	s.t.Helper()
	if one, other := s.opened(a), s.opened(b); a.Code != b.Code || one != other {
		s.t.Errorf("one delivery got %d %s\nanother %d %s", a.Code, one, b.Code, other)
	}
}

// shows fails unless the person is shown the text and nothing else.
func (s *stage) shows(w *httptest.ResponseRecorder, want string) {
	s.t.Helper()
	if got := strings.Join(s.Shown(s.t, w.Body.Bytes()), "\n"); got != want {
		s.t.Errorf("shown %q, want %q", got, want)
	}
}

// turns fails unless so many turns were kept.
func (s *stage) turns(want int) {
	s.t.Helper()
	if got := len(s.host.Turns()); got != want {
		s.t.Errorf("%d turns, want %d", got, want)
	}
}
