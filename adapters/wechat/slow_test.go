package wechat_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"yilu/bot"
)

const appSecret = "SecretMarker"

// TestSlow goes through the table in turn.go.
func TestSlow(t *testing.T) {
	t.Parallel()
	ctx := context.Background() // that of a test belongs to real time
	for name, c := range map[string]struct {
		secret string
		f      func(t *testing.T, s *slow)
	}{
		"a little": {appSecret, func(t *testing.T, s *slow) {
			s.late(4800 * time.Millisecond)
			s.got(s.deliver(ctx), 200, "我要找活", 4800*time.Millisecond)
			s.sent()
		}},
		"until the second": {appSecret, func(t *testing.T, s *slow) {
			s.late(7 * time.Second)
			s.got(s.deliver(ctx), 503, "", hungUp)
			s.got(s.deliver(ctx), 200, "我要找活", 7*time.Second-hungUp)
			s.got(s.deliver(ctx), 200, "我要找活", 0)
			s.sent()
		}},
		"until between the first and the second": {appSecret, func(t *testing.T, s *slow) {
			s.late(6 * time.Second)
			s.got(s.deliver(ctx), 503, "", hungUp)
			time.Sleep(2 * time.Second)
			s.sent() // WeChat comes again
			s.got(s.deliver(ctx), 200, "我要找活", 0)
			s.sent()
		}},
		"until the third": {appSecret, func(t *testing.T, s *slow) {
			s.late(13 * time.Second)
			s.got(s.deliver(ctx), 503, "", hungUp)
			s.got(s.deliver(ctx), 503, "", hungUp)
			s.got(s.deliver(ctx), 200, "我要找活", 13*time.Second-2*hungUp)
			s.sent()
		}},
		"beyond the third": {appSecret, func(t *testing.T, s *slow) {
			s.late(20 * time.Second)
			s.got(s.deliver(ctx), 503, "", hungUp)
			s.got(s.deliver(ctx), 503, "", hungUp)
			s.got(s.deliver(ctx), 200, "success", gaveUp)
			s.sent()
			time.Sleep(7 * time.Second)
			s.sent(openid + ": 我要找活")
		}},
		"beyond the third, without customer messages": {"", func(t *testing.T, s *slow) {
			s.late(20 * time.Second)
			for range 3 {
				s.got(s.deliver(ctx), 503, "", hungUp)
			}
			time.Sleep(7 * time.Second)
			s.got(s.deliver(ctx), 200, "我要找活", 0)
			s.sent()
		}},
		"beyond the third, and fails": {appSecret, func(t *testing.T, s *slow) {
			s.late(20 * time.Second)
			s.host.FailNext(&bot.Error{Code: bot.Unavailable, Err: errors.New("我要找活")})
			s.deliver(ctx)
			s.deliver(ctx)
			s.got(s.deliver(ctx), 200, "success", gaveUp)
			time.Sleep(7 * time.Second)
			s.sent(openid + ": " + texts(t)["zh-CN"]["wechat.resend"])
		}},
		"beyond the third, and panics": {appSecret, func(t *testing.T, s *slow) {
			s.late(20 * time.Second)
			s.host.Panic("我要找活")
			s.deliver(ctx)
			s.deliver(ctx)
			s.got(s.deliver(ctx), 200, "success", gaveUp)
			time.Sleep(7 * time.Second)
			s.sent(openid + ": " + texts(t)["zh-CN"]["wechat.resend"])
		}},
		"for ever": {appSecret, func(t *testing.T, s *slow) {
			release := s.host.Hold()
			defer release()
			s.deliver(ctx)
			s.deliver(ctx)
			s.got(s.deliver(ctx), 200, "success", gaveUp)
			time.Sleep(30*time.Second - 2*hungUp - gaveUp)
			s.sent(openid + ": " + texts(t)["zh-CN"]["wechat.resend"])
		}},
		"beyond the third, with nothing to say": {appSecret, func(t *testing.T, s *slow) {
			s.host.ReplyWith(func(bot.Message) bot.Reply { return bot.Reply{} })
			s.late(20 * time.Second)
			s.deliver(ctx)
			s.deliver(ctx)
			s.got(s.deliver(ctx), 200, "success", gaveUp)
			time.Sleep(7 * time.Second)
			s.sent()
		}},
		"beyond the third, with too many choices": {appSecret, func(t *testing.T, s *slow) {
			var lines []string
			var choices []bot.Choice
			for n := range 150 { // with labels that are not shortened any more
				choices = append(choices, bot.Choice{Label: "同安工地"})
				lines = append(lines, strconv.Itoa(n+1)+" 同安工地")
			}
			s.host.ReplyWith(func(bot.Message) bot.Reply { return bot.Reply{Choices: choices} })
			s.late(20 * time.Second)
			s.deliver(ctx)
			s.deliver(ctx)
			s.deliver(ctx)
			time.Sleep(7 * time.Second)
			got := s.api.messages()
			if len(got) != 2 || len(strings.TrimPrefix(got[0], openid+": ")) > 2048 || strings.ReplaceAll(strings.Join(got, "\n"), openid+": ", "") != strings.Join(lines, "\n") {
				t.Errorf("sent %q", got)
			}
		}},
		"beyond the third, and WeChat is busy": {appSecret, func(t *testing.T, s *slow) {
			s.api.failures = []int{-1, -1}
			s.late(20 * time.Second)
			s.deliver(ctx)
			s.deliver(ctx)
			s.deliver(ctx)
			time.Sleep(7*time.Second + 3*time.Second)
			s.sent(openid + ": 我要找活")
		}},
		"beyond the third, and may not be sent": {appSecret, func(t *testing.T, s *slow) {
			s.api.failures = []int{45015}
			s.late(20 * time.Second)
			s.deliver(ctx)
			s.deliver(ctx)
			s.deliver(ctx)
			time.Sleep(time.Minute)
			s.sent()
			if !strings.Contains(s.host.Logged(), `"errcode":45015`) {
				t.Errorf("logged %s", s.host.Logged())
			}
		}},
		"two at once, and the third after them": {appSecret, func(t *testing.T, s *slow) {
			s.late(6 * time.Second)
			var wg sync.WaitGroup
			for range 2 {
				wg.Go(func() { s.got(s.deliver(ctx), 503, "", hungUp) })
			}
			wg.Wait()
			s.got(s.deliver(ctx), 200, "我要找活", 6*time.Second-hungUp)
			s.sent()
		}},
		"three at once": {appSecret, func(t *testing.T, s *slow) { // the first two are still there when it ends
			s.late(4500 * time.Millisecond)
			var wg sync.WaitGroup
			codes := make(chan string, 3)
			for range 3 {
				wg.Go(func() { codes <- s.deliver(ctx).after.String() })
			}
			wg.Wait()
			got := []string{<-codes, <-codes, <-codes}
			slices.Sort(got)
			if !slices.Equal(got, []string{"4.2s", "4.5s", "4.5s"}) {
				t.Errorf("answered after %q", got)
			}
			s.sent()
		}},
		"three at once, and beyond all": {appSecret, func(t *testing.T, s *slow) {
			s.late(8 * time.Second)
			var wg sync.WaitGroup
			for range 3 {
				wg.Go(func() { s.deliver(ctx) })
			}
			wg.Wait()
			s.sent()
			time.Sleep(4 * time.Second)
			s.sent(openid + ": 我要找活")
		}},
		"WeChat hangs up early": {appSecret, func(t *testing.T, s *slow) {
			s.late(8 * time.Second)
			for range 3 {
				ctx, cancel := context.WithTimeout(ctx, time.Second)
				s.got(s.deliver(ctx), 503, "", time.Second)
				cancel()
			}
			s.sent()
			time.Sleep(6 * time.Second)
			s.sent(openid + ": 我要找活")
		}},
		"WeChat hangs up twice, and takes the third": {appSecret, func(t *testing.T, s *slow) {
			s.late(3 * time.Second)
			for range 2 {
				ctx, cancel := context.WithTimeout(ctx, time.Second)
				s.got(s.deliver(ctx), 503, "", time.Second)
				cancel()
			}
			s.got(s.deliver(ctx), 200, "我要找活", time.Second)
			s.sent()
		}},
		"fails twice, and then is slow": {appSecret, func(t *testing.T, s *slow) {
			for range 2 {
				s.host.FailNext(&bot.Error{Code: bot.Unavailable})
				s.got(s.deliver(ctx), 503, "", 0)
			}
			s.late(6 * time.Second)
			s.got(s.deliver(ctx), 200, "success", gaveUp)
			time.Sleep(3 * time.Second)
			s.sent(openid + ": 我要找活")
		}},
		"fails three times": {appSecret, func(t *testing.T, s *slow) { // WeChat itself says then that the account does not answer
			for range 3 {
				s.host.FailNext(&bot.Error{Code: bot.Unavailable})
				s.got(s.deliver(ctx), 503, "", 0)
			}
			time.Sleep(time.Minute)
			s.sent()
		}},
		"panics in time": {appSecret, func(t *testing.T, s *slow) {
			s.host.Panic("我要找活")
			s.got(s.deliver(ctx), 500, "", 0)
			s.sent()
		}},
		"stopped, and what is under way still goes out": {appSecret, func(t *testing.T, s *slow) {
			s.late(20 * time.Second)
			s.deliver(ctx)
			s.deliver(ctx)
			s.deliver(ctx)
			start := time.Now()
			s.stop()
			if took := time.Since(start); took != 20*time.Second-2*hungUp-gaveUp {
				t.Errorf("stopped after %v", took)
			}
			s.sent(openid + ": 我要找活")
		}},
		"stopped, and what is under way takes too long": {appSecret, func(t *testing.T, s *slow) {
			release := s.host.Hold()
			s.deliver(ctx)
			s.deliver(ctx)
			s.deliver(ctx)
			start := time.Now()
			s.stop()
			if took := time.Since(start); took != 30*time.Second-2*hungUp-gaveUp {
				t.Errorf("stopped after %v: %s", took, s.host.Logged())
			}
			s.sent(openid + ": " + texts(t)["zh-CN"]["wechat.resend"])
			release()
		}},
		"stopped, and a late answer takes too long": {appSecret, func(t *testing.T, s *slow) {
			s.api.failures = []int{45011} // again in a minute
			s.late(28 * time.Second)
			s.deliver(ctx)
			s.deliver(ctx)
			s.deliver(ctx)
			start := time.Now()
			s.stop()
			if took := time.Since(start); took != 40*time.Second || !strings.Contains(s.host.Logged(), "stopped before") {
				t.Errorf("stopped after %v: %s", took, s.host.Logged())
			}
			s.sent()
		}},
		"stopped, and WeChat still delivers": {appSecret, func(t *testing.T, s *slow) { // its turn is cut short, which is said
			release := s.host.Hold()
			stopped := make(chan struct{})
			time.AfterFunc(time.Second, func() {
				defer close(stopped)
				s.stop()
			})
			s.got(s.deliver(ctx), 503, "", hungUp)
			s.got(s.deliver(ctx), 503, "", hungUp)
			s.got(s.deliver(ctx), 200, "success", gaveUp)
			s.id = "2"
			for range 2 {
				s.got(s.deliver(ctx), 503, "", hungUp)
			}
			s.got(s.deliver(ctx), 200, "success", gaveUp) // its turn would last until 44 s
			<-stopped
			s.sent(openid+": "+texts(t)["zh-CN"]["wechat.resend"], openid+": "+texts(t)["zh-CN"]["wechat.resend"])
			release()
		}},
		"somebody who does not hang up": {appSecret, func(t *testing.T, s *slow) {
			s.late(11500 * time.Millisecond)
			s.got(s.patient(ctx, 0), 503, "", capped)
			s.got(s.patient(ctx, 0), 200, "我要找活", 5500*time.Millisecond)
			s.sent()
		}},
		"somebody who does not hang up, and is not WeChat any more": {appSecret, func(t *testing.T, s *slow) {
			s.late(5500 * time.Millisecond)
			s.got(s.patient(ctx, 10*time.Second), 200, "我要找活", 5500*time.Millisecond)
			s.sent(openid + ": 我要找活")
		}},
		"old, and the only one that comes here": {appSecret, func(t *testing.T, s *slow) {
			s.late(7 * time.Second)
			s.got(s.deliverOld(ctx, 10*time.Second), 503, "", hungUp) // never acknowledged early
			s.sent()
			time.Sleep(3 * time.Second)
			s.sent(openid + ": 我要找活")
		}},
		"old by a wrong clock": {appSecret, func(t *testing.T, s *slow) {
			s.late(7 * time.Second)
			s.got(s.deliverOld(ctx, 4*time.Minute), 503, "", hungUp)
			s.got(s.deliverOld(ctx, 4*time.Minute), 200, "我要找活", 2*time.Second)
			s.sent()
		}},
		"not old": {appSecret, func(t *testing.T, s *slow) {
			s.late(7 * time.Second)
			s.got(s.deliverOld(ctx, 9*time.Second), 503, "", hungUp)
			time.Sleep(3 * time.Second)
			s.sent()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inTime(t, c.secret, c.f)
		})
	}
}
