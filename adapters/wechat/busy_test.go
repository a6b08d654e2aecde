package wechat_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"yilu/adapters/adaptertest"
	"yilu/adapters/wechat"
	"yilu/adapters/wechat/wechattest"
)

// TestTooMany holds that over 1,000 turns under way a message is refused at once, with one line in the log, while the
// deliveries of those that are under way still wait for them.
func TestTooMany(t *testing.T) {
	t.Parallel()
	inTime(t, appSecret, func(t *testing.T, s *slow) {
		deliver := func(n int) answer {
			start := time.Now()
			id := fmt.Sprint(n + 1)
			r := s.a.Deliver(target, now, id, s.a.Text(fmt.Sprintf("oExample_%019d", n), id, now, "我要找活"))
			return answer{adaptertest.Do(t, s.h, r), time.Since(start)}
		}
		release := s.host.Hold()
		var wait sync.WaitGroup
		for n := range 1000 {
			wait.Go(func() { s.got(deliver(n), 200, "我要找活", 3*time.Second) })
		}
		synctest.Wait()
		for n := range 50 {
			s.got(deliver(1000+n), 503, "", 0)
		}
		wait.Go(func() { s.got(deliver(7), 200, "我要找活", 3*time.Second) })
		time.Sleep(3 * time.Second)
		release()
		wait.Wait()
		s.got(deliver(1000), 200, "我要找活", 0)
		if log := s.host.Logged(); strings.Count(log, "too many turns") != 1 {
			t.Errorf("logged %s", log)
		}
		s.stop()
		if log := s.host.Logged(); !strings.Contains(log, `"left_out":49`) {
			t.Errorf("logged %s", log)
		}
	})
}

// TestFewLines holds that of refusals with the same reason ten a minute are logged, and then how many were not.
func TestFewLines(t *testing.T) {
	t.Parallel()
	a := account(wechattest.Safe)
	wrong := a
	wrong.Token = "OtherToken"
	host, h := mountClocked(t, a)
	forged := func(n int) {
		for range n {
			adaptertest.Do(t, h, wrong.Deliver(target, now, "1", a.Text(openid, "1", now, "找活")))
		}
	}
	expect := func(when string, forged, old int, leftOut ...string) {
		t.Helper()
		log := host.Logged()
		if strings.Count(log, "refused: not signed") != forged || strings.Count(log, "but not now") != old || strings.Count(log, "left_out") != len(leftOut) {
			t.Errorf("%s: logged %s", when, log)
		}
		for _, n := range leftOut {
			if !strings.Contains(log, `"left_out":`+n+`}`) {
				t.Errorf("%s: not %s left out: %s", when, n, log)
			}
		}
	}
	forged(10)
	expect("ten", 10, 0)
	forged(90)
	expect("a hundred", 10, 0)
	for range 15 { // another reason
		adaptertest.Do(t, h, a.Deliver(target, now.Add(-time.Hour), "1", a.Text(openid, "1", now, "找活")))
	}
	expect("another reason", 10, 10)
	host.ahead.Store(int64(time.Minute))
	forged(10)
	// what was left out is told under its own name, so the reason stands there once more
	expect("a minute later", 21, 10, "90")
	host.ahead.Store(0)
	forged(1)
	expect("the clock was set back", 22, 10, "90")
}

// TestLeftOutInTime holds that what was left out is told within two minutes, also if nothing more is refused.
func TestLeftOutInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := account(wechattest.Plain)
		host := &running{adaptertest.NewHost(t, texts(t), langs...), time.Now()}
		for name, value := range settings(a) {
			host.Set(name, value)
		}
		m, err := wechat.New(wechat.Options{}).Mount(host)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error)
		go func() { done <- m.Run(ctx) }()
		a.Token = "OtherToken"
		for range 25 {
			adaptertest.Do(t, m.Routes[wechat.Route], a.Deliver(target, now, "1", a.Text(openid, "1", now, "找活")))
		}
		time.Sleep(2 * time.Minute)
		if log := host.Logged(); strings.Count(log, `"left_out":15}`) != 1 {
			t.Errorf("logged %s", log)
		}
		cancel()
		if err := <-done; err != nil || strings.Count(host.Logged(), "left_out") != 1 {
			t.Errorf("%v, logged %s", err, host.Logged())
		}
	})
}

// running is a host whose clock runs.
type running struct {
	*adaptertest.Host
	start time.Time
}

func (r *running) Now() time.Time { return now.Add(time.Since(r.start)) }
