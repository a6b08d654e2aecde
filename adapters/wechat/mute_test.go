package wechat_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestMute holds that a third delivery is acknowledged early only while customer messages work: after one that failed
// as any other would have, none is, until one has gone out again.
func TestMute(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for name, c := range map[string]struct {
		code  int // of custom/send, as often as it is asked
		bad   bool
		muted bool
	}{
		"may not send":              {48001, false, true},
		"frozen":                    {50007, false, true},
		"not from this address":     {40164, false, true},
		"the day's number is spent": {45009, false, true},
		"busy":                      {-1, false, true},
		"an unknown code":           {61000, false, true},
		"no token":                  {0, true, true},
		"out of the window":         {45015, false, false},
		"has left":                  {43004, false, false},
		"nobody":                    {40003, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inTime(t, appSecret, func(t *testing.T, s *slow) {
				slow := func(id int, third string) { // one message, of which the turn takes 20 s
					t.Helper()
					s.id = strconv.Itoa(id)
					s.late(20 * time.Second)
					s.got(s.deliver(ctx), 503, "", hungUp)
					s.got(s.deliver(ctx), 503, "", hungUp)
					if third == "" {
						s.got(s.deliver(ctx), 503, "", hungUp)
					} else {
						s.got(s.deliver(ctx), 200, third, gaveUp)
					}
					time.Sleep(time.Minute)
				}
				s.api.bad = c.bad
				if c.code != 0 {
					s.api.failures = []int{c.code, c.code, c.code}
				}
				slow(1, "success")
				s.sent()
				s.api.failures, s.api.bad = nil, false
				if !c.muted {
					slow(2, "success")
					s.sent(openid + ": 我要找活")
					return
				}
				if c.bad { // the client does not ask again at once, and the host's clock stands still
					return
				}
				slow(2, "")
				s.sent(openid + ": 我要找活") // tried all the same, and shows that it works again
				slow(3, "success")
				s.sent(openid+": 我要找活", openid+": 我要找活")
				if log := s.host.Logged(); strings.Count(log, "do not go out") != 1 || strings.Count(log, "go out again") != 1 {
					t.Errorf("logged %s", log)
				}
			})
		})
	}
}
