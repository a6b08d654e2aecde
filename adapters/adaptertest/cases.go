package adaptertest

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"

	"yilu/bot"
)

func (c Channel) answered(t *testing.T) {
	t.Parallel()
	s := c.stage(t)
	w := s.say("message-1", "person-1", "我要找活")
	if w.Code != http.StatusOK {
		t.Fatalf("status %d, want 200: %s", w.Code, w.Body)
	}
	s.shows(w, "我要找活")
	turns := s.host.Turns()
	if len(turns) != 1 || turns[0].Text != "我要找活" || turns[0].ID == "" {
		t.Fatalf("turns: %v", turns)
	}
	s.quiet()
}

// repeated carries T2: in a row, and after a later message.
func (c Channel) repeated(t *testing.T) {
	t.Parallel()
	s := c.stage(t)
	first := s.say("message-1", "person-1", "我要找活")
	s.same(first, s.say("message-1", "person-1", "我要找活"))
	s.same(first, s.say("message-1", "person-1", "我要找活"))
	later := s.say("message-2", "person-1", "瓦工")
	s.same(first, s.say("message-1", "person-1", "我要找活"))
	s.same(later, s.say("message-2", "person-1", "瓦工"))
	s.shows(first, "我要找活")
	s.shows(later, "瓦工")
	s.turns(2)
	s.quiet()
}

// atOnce carries T2.
func (c Channel) atOnce(t *testing.T) {
	t.Parallel()
	s := c.stage(t)
	answers := make([]*httptest.ResponseRecorder, 16)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() { answers[i] = s.say("message-1", "person-1", "我要找活") })
	}
	wg.Wait()
	s.shows(answers[0], "我要找活")
	for _, a := range answers {
		if a.Code != http.StatusOK {
			t.Errorf("status %d: %s", a.Code, a.Body)
		}
		s.same(answers[0], a)
	}
	s.turns(1)
	s.quiet()
}

// pressed holds that a choice comes back as it was offered, up to the 64 bytes that one may be long, and is a message
// like any other.
func (c Channel) pressed(t *testing.T) {
	t.Parallel()
	for _, send := range []string{"m:", "c:consent/notice/yes", strings.Repeat("长", 21) + "a"} {
		s := c.stage(t)
		first := s.do(c.Press("message-1", "person-1", send))
		s.same(first, s.do(c.Press("message-1", "person-1", send)))
		if turns := s.host.Turns(); first.Code != http.StatusOK || len(turns) != 1 || turns[0].Choice != send || turns[0].Text != "" {
			t.Errorf("%q: status %d, turns %v", send, first.Code, turns)
		}
		s.quiet()
	}
}

func (c Channel) people(t *testing.T) {
	t.Parallel()
	s := c.stage(t)
	s.say("message-1", "person-1", "一")
	s.say("message-1", "person-2", "二")
	turns := s.host.Turns()
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
			s := c.stage(t)
			w := s.say("message-1", "person-1", text)
			turns := s.host.Turns()
			if w.Code != http.StatusOK || len(turns) != 1 {
				t.Fatalf("status %d, %d turns: %s", w.Code, len(turns), w.Body)
			}
			got := turns[0].Text
			if got == "" || !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }) {
				t.Errorf("handed over %q", got)
			}
			if parts := s.parts(w, s.byLabel); len(parts) == 1 {
				s.shows(w, got)
			} else if whole := joined(parts); whole != joined([]string{got}) {
				t.Errorf("shown in %d parts: %q, want %q", len(parts), whole, got)
			}
			s.quiet()
		})
	}
}

func (c Channel) hostError(t *testing.T) {
	t.Parallel()
	s := c.stage(t)
	s.host.Break(&bot.Error{Code: bot.Unavailable, Op: "commit turn", Err: errors.New("cause that quotes 我要找活")})
	w := s.say("message-1", "person-1", "我要找活")
	if w.Code < 500 || strings.Contains(w.Body.String(), "我要找活") {
		t.Errorf("status %d acknowledges what was not kept, or quotes it: %s", w.Code, w.Body)
	}
	s.turns(0)
	s.quiet()
	s.host.Break(nil)
	if w := s.say("message-1", "person-1", "我要找活"); w.Code != http.StatusOK {
		t.Errorf("the repeat: status %d", w.Code)
	} else {
		s.shows(w, "我要找活")
	}
	s.turns(1)
}

// panics carries T32.
func (c Channel) panics(t *testing.T) {
	t.Parallel()
	s := c.stage(t)
	s.host.Panic("a fault that quotes 我要找活")
	if w := s.say("message-1", "person-1", "我要找活"); w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "我要找活") {
		t.Errorf("status %d, want 500 and no quotation: %s", w.Code, w.Body)
	}
	if s.host.Logged() == "" {
		t.Error("the log does not tell of the panic")
	}
	s.quiet()
	s.host.Panic(nil)
	if w := s.say("message-1", "person-1", "我要找活"); w.Code != http.StatusOK {
		t.Errorf("afterwards: status %d", w.Code)
	}
	s.turns(1)
}

func (c Channel) unknownKind(t *testing.T) {
	t.Parallel()
	s := c.stage(t)
	first := s.do(c.Unknown())
	if first.Code != http.StatusOK {
		t.Fatalf("status %d, want 200: the platform would send it again and again: %s", first.Code, first.Body)
	}
	s.same(first, s.do(c.Unknown()))
	turns := s.host.Turns()
	switch {
	case !c.Unreadable && s.host.Calls() != 0:
		t.Errorf("it became a turn: %v", turns)
	case c.Unreadable && (len(turns) != 1 || turns[0].Event != bot.Unreadable || turns[0].Text+turns[0].Choice != ""):
		t.Errorf("turns %v, want one of the event %s", turns, bot.Unreadable)
	}
	s.quiet()
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
			s := c.stage(t)
			w := s.do(r.Request)
			if w.Code != r.Status {
				t.Errorf("status %d, want %d: %s", w.Code, r.Status, w.Body)
			}
			if s.host.Calls() != 0 {
				t.Error("it became a turn")
			}
			s.quiet()
		})
	}
}

func (c Channel) unknownPath(t *testing.T) {
	t.Parallel()
	s := c.stage(t)
	r := c.Deliver("message-1", "person-1", "我要找活")
	r.URL.Path += "-no-such-path"
	if w := s.do(r); w.Code != http.StatusNotFound || s.host.Calls() != 0 {
		t.Errorf("status %d, %d calls", w.Code, s.host.Calls())
	}
}
