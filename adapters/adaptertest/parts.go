package adaptertest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"yilu/bot"
)

// mostParts bounds how often more is asked for.
const mostParts = 64

// long carries the promise that nothing of a reply is lost where one answer cannot hold it: all parts together, asked
// for in every way that there is, give every text back.
func (c Channel) long(t *testing.T) {
	t.Parallel()
	ways := map[string]func(*stage, int) *http.Request{
		"by its label":  (*stage).byLabel,
		"by its number": func(s *stage, n int) *http.Request { return c.Deliver(fmt.Sprint("number-", n), "person-1", "1") },
	}
	if c.Press != nil {
		ways["pressed"] = func(s *stage, n int) *http.Request {
			return c.Press(fmt.Sprint("pressed-", n), "person-1", More.Send)
		}
	}
	for name, more := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := c.stage(t)
			var want []string
			s.host.ReplyWith(func(m bot.Message) bot.Reply {
				if want == nil {
					want = lines(m.Room)
				}
				return bot.Reply{Texts: want, Lang: c.Langs[0]}
			})
			first := s.say("message-1", "person-1", "找活")
			if first.Code != http.StatusOK {
				t.Fatalf("status %d: %s", first.Code, first.Body)
			}
			room := s.host.Turns()[0].Room
			parts := s.parts(first, func(n int) *http.Request { return more(s, n) })
			if got := joined(parts); got != joined(want) {
				t.Errorf("in %d parts came %q\nwant %q", len(parts), got, joined(want))
			}
			for i, p := range parts {
				if room > 0 && len(p)+len(Note) > room {
					t.Errorf("part %d is %d bytes, and the room is %d", i+1, len(p)+len(Note), room)
				}
			}
			if room > 0 && len(parts) < 3 {
				t.Errorf("%d parts of a reply that is three times the room", len(parts))
			}
			s.same(first, s.say("message-1", "person-1", "找活"))
			s.quiet()
		})
	}
}

// lines are texts of three times the room, all different: many short ones, one of many lines, and one long line.
func lines(room int) []string {
	if room == 0 {
		room = 8 << 10
	}
	var texts []string
	for n := 0; n < room; n += len(texts[len(texts)-1]) {
		texts = append(texts, fmt.Sprintf("%d. 【示例】同安的活，每天三百元，日结，包午饭。", len(texts)+1))
	}
	var rows, row strings.Builder
	for i := 0; rows.Len() < room; i++ {
		fmt.Fprintf(&rows, "第%d行：早上七点到，下午五点走。\n", i)
	}
	for i := 0; row.Len() < room; i++ {
		fmt.Fprintf(&row, "长%d", i)
	}
	return append(texts, strings.TrimSpace(rows.String()), row.String())
}

// byLabel asks for more in words.
func (s *stage) byLabel(n int) *http.Request {
	return s.Deliver(fmt.Sprint("more-part-", n), "person-1", More.Label)
}

// parts reads an answer and all that follows when more is asked for: what each says, up to the note.
func (s *stage) parts(w *httptest.ResponseRecorder, more func(n int) *http.Request) (parts []string) {
	s.t.Helper()
	for n := 1; n < mostParts; n++ {
		if w.Code != http.StatusOK {
			s.t.Fatalf("part %d: status %d: %s", n, w.Code, w.Body)
		}
		text, _, goesOn := strings.Cut(strings.Join(s.Shown(s.t, w.Body.Bytes()), "\n"), Note)
		parts = append(parts, text)
		if !goesOn {
			return parts
		}
		w = s.do(more(n))
	}
	s.t.Fatalf("there is still more after %d parts", mostParts)
	return nil
}

// joined is what several texts say together, but for the line breaks, which may go at a cut.
func joined(texts []string) string {
	return strings.ReplaceAll(strings.Join(texts, ""), "\n", "")
}
