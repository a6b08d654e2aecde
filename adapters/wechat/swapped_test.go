package wechat_test

import (
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"yilu/adapters/adaptertest"
	"yilu/adapters/wechat/wechattest"
)

// resplit makes the request one with another timestamp and nonce that are signed as the same.
func resplit(r *http.Request, timestamp, nonce string) *http.Request {
	return forge(r, func(q url.Values, body string) string {
		q.Set("timestamp", timestamp)
		q.Set("nonce", nonce)
		return body
	})
}

// TestSwapped carries T15: the signature is right for timestamp and nonce swapped, and for digits that go over from one
// to the other, for it covers them sorted and joined. Neither makes a request good for something else, nor for later.
func TestSwapped(t *testing.T) {
	t.Parallel()
	unix := func(d time.Duration) string { return strconv.FormatInt(now.Add(d).Unix(), 10) }
	for name, mode := range modes {
		a := account(mode)
		t.Run("later, "+name, func(t *testing.T) {
			t.Parallel()
			for _, xml := range [][]byte{a.Text(openid, "1", now, "找活"), a.Event(openid, "CLICK", "go:jobs", now), a.Event(openid, "VIEW", "x", now)} {
				host, h := mountClocked(t, a)
				later := unix(time.Hour) // a nonce that reads like a time
				if w := adaptertest.Do(t, h, a.Deliver(target, now, later, xml)); w.Code != 200 {
					t.Fatalf("status %d: %s", w.Code, host.Logged())
				}
				calls := host.Calls()
				host.ahead.Store(int64(time.Hour))
				w := adaptertest.Do(t, h, resplit(a.Deliver(target, now, later, xml), later, unix(0)))
				if w.Code != 403 || host.Calls() != calls {
					t.Errorf("status %d, %d calls", w.Code, host.Calls())
				}
			}
		})
		t.Run("an hour early, "+name, func(t *testing.T) {
			t.Parallel()
			host, h := mount(t, a)
			w := adaptertest.Do(t, h, a.Deliver(target, now, "1", a.Text(openid, "1", now.Add(time.Hour), "找活")))
			if w.Code != 403 || host.Calls() != 0 {
				t.Errorf("status %d, %d calls", w.Code, host.Calls())
			}
		})
		t.Run("nearly too late, "+name, func(t *testing.T) {
			t.Parallel()
			_, h := mount(t, a)
			for _, age := range []time.Duration{10 * time.Minute, -10 * time.Minute} {
				if w := adaptertest.Do(t, h, a.Deliver(target, now, number(age.String()), a.Text(openid, number(age.String()), now.Add(age), "找活"))); w.Code != 200 {
					t.Errorf("status %d", w.Code)
				}
			}
		})
	}
	a := account(wechattest.Plain)
	for name, c := range map[string]struct{ nonce, timestamp, other string }{
		"swapped":       {unix(time.Minute), unix(time.Minute), unix(0)},
		"digits gone":   {unix(-time.Minute) + "5", unix(-time.Minute), "5" + unix(0)},
		"not forgotten": {unix(5 * time.Minute), unix(5 * time.Minute), unix(0)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host, h := mount(t, a)
			if w := adaptertest.Do(t, h, a.Deliver(target, now, c.nonce, a.Text(openid, "1", now, "找活"))); w.Code != 200 {
				t.Fatalf("status %d: %s", w.Code, host.Logged())
			}
			r := resplit(a.Deliver(target, now, c.nonce, a.Text(openid, "2", now, "转账")), c.timestamp, c.other)
			if q := r.URL.Query(); a.Sign(q.Get("timestamp"), q.Get("nonce")) != q.Get("signature") {
				t.Fatal("the test is wrong: that is not signed")
			}
			if w := adaptertest.Do(t, h, r); w.Code != 403 || len(host.Turns()) != 1 {
				t.Errorf("status %d, %d turns", w.Code, len(host.Turns()))
			}
		})
	}
}
