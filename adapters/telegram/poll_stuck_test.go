package telegram_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"yilu/adapters/telegram"
	"yilu/adapters/telegram/telegramtest"
	"yilu/bot"
)

// TestPollGivesUp: an answer that Telegram never takes holds the others up for a few minutes and no longer. Its turn is
// kept, and the log says which it was.
func TestPollGivesUp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fail telegramtest.Failure
		most time.Duration
		says string
	}{
		"server error":   {telegramtest.Failure{Status: 500, Description: "Internal Server Error"}, 2 * time.Minute, `"update":100,"tries":7,`},
		"long wait":      {telegramtest.Failure{Status: 429, Params: telegramtest.Params{RetryAfter: 3600}}, time.Second, `"update":100,"tries":1,`},
		"too fast again": {telegramtest.Failure{Status: 429, Params: telegramtest.Params{RetryAfter: 50}}, 2 * time.Minute, `"update":100,"tries":3,`},
		"never answers":  {telegramtest.Failure{Hang: true}, 4 * time.Minute, `"update":100,"tries":7,`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := telegramtest.New(token)
				c.fail.Chat = "7"
				p.Fail("sendMessage", c.fail, -1)
				r := virtual(t, p)
				begin := time.Now()
				p.Queue(telegramtest.Text(100, 1, 7, "zh-hans", "一"), telegramtest.Text(101, 2, 8, "zh-hans", "二"))
				ok(t, p.AwaitEmpty(t.Context()))
				if took := time.Since(begin); took > c.most {
					t.Errorf("took %v", took)
				}
				r.stop()
				if sent := p.Sent(); len(sent) != 1 || sent[0].Text != "二" || len(r.host.Turns()) != 2 {
					t.Errorf("sent %v, %d turns", sent, len(r.host.Turns()))
				}
				var gaveUp []string
				for _, line := range strings.Split(r.host.Logged(), "\n") {
					if strings.Contains(line, `"level":"ERROR"`) {
						gaveUp = append(gaveUp, line)
					}
				}
				if len(gaveUp) != 1 || !strings.Contains(gaveUp[0], "gave an answer up") || !strings.Contains(gaveUp[0], c.says) {
					t.Errorf("errors %q, want one with %s", gaveUp, c.says)
				}
			})
		})
	}
}

// away is a platform to which there is no way.
type away struct{ http.RoundTripper }

func (away) RoundTrip(*http.Request) (*http.Response, error) { return nil, http.ErrServerClosed }

// switched is one way or another.
type switched struct{ way chan http.RoundTripper }

func (s switched) RoundTrip(r *http.Request) (*http.Response, error) {
	way := <-s.way
	s.way <- way
	return way.RoundTrip(r)
}

// TestPollOffline: while a laptop has no network no answer is given up, for nobody else could be answered.
func TestPollOffline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := telegramtest.New(token)
		s := switched{make(chan http.RoundTripper, 1)}
		s.way <- direct{p}
		r := start(t, p, poll, telegram.Options{HTTP: &http.Client{Transport: s}})
		synctest.Wait()
		release := r.host.Hold()
		p.Queue(telegramtest.Text(100, 1, 7, "zh-hans", "一"))
		synctest.Wait()
		<-s.way
		s.way <- away{}
		release()
		time.Sleep(5 * time.Hour)
		<-s.way
		s.way <- direct{p}
		ok(t, p.AwaitEmpty(t.Context()))
		r.stop()
		if sent := p.Sent(); len(sent) != 1 || sent[0].Text != "一" {
			t.Errorf("sent %v", sent)
		}
	})
}

// TestPollGroup: nobody waits for what is said to a group, nor for a button that has nothing to say, whatever becomes of
// it, and however much there is.
func TestPollGroup(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]telegramtest.Failure{
		"fine":     {},
		"too fast": {Status: 429, Params: telegramtest.Params{RetryAfter: 60}},
		"busy":     {Status: 502, HTML: true},
		"hangs":    {Hang: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := telegramtest.New(token)
				if fail != (telegramtest.Failure{}) {
					p.Fail("answerCallbackQuery", fail, -1)
					fail.Chat = "-100"
					p.Fail("sendMessage", fail, -1)
				}
				r := virtual(t, p)
				synctest.Wait()
				begin := time.Now()
				for i := range int64(200) {
					p.Queue(telegramtest.Group(100+2*i, i, -100, 9, "zh-hans", "/jobs"), telegramtest.Press(101+2*i, 9, 7, "zh-hans", decimal(i), ""))
				}
				p.Queue(telegramtest.Text(900, 1, 7, "zh-hans", "一"))
				ok(t, p.AwaitEmpty(t.Context()))
				if took := time.Since(begin); took != 0 {
					t.Errorf("took %v", took)
				}
				synctest.Wait()
				r.stop()
				var said []string
				for _, s := range p.Sent() {
					said = append(said, s.Text)
				}
				if !slices.Contains(said, "一") {
					t.Errorf("said %q", said)
				}
				if group := texts(t)["zh-CN"]["telegram.group"]; slices.Contains(said, group) != (name == "fine") {
					t.Errorf("%d said", len(said))
				}
			})
		})
	}
}

// TestPollSaysWhich: a turn that always fails is tried on and on, and the log says which it is and how often it was
// tried, once a minute at most.
func TestPollSaysWhich(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(*running){
		"fails":  func(r *running) { r.host.Break(&bot.Error{Code: bot.Internal, Op: "decide turn"}) },
		"panics": func(r *running) { r.host.Panic("quotes MARKER") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := telegramtest.New(token)
				r := virtual(t, p)
				fail(r)
				p.Queue(telegramtest.Text(100, 1, 7, "zh-hans", "一"))
				time.Sleep(time.Hour)
				log := r.host.Logged()
				if n := strings.Count(log, `"level":"ERROR"`); n < 50 || n > 70 {
					t.Errorf("%d errors in an hour", n)
				}
				for _, want := range []string{`"update":100,"tries":1`, `"update":100,"tries":50`} {
					if !strings.Contains(log, want) {
						t.Errorf("the log does not say %s", want)
					}
				}
				if p.Waiting() != 1 {
					t.Error("it was confirmed")
				}
				r.stop()
			})
		})
	}
}
