package wechat_test

import (
	"bytes"
	"net/http"
	"sync"
	"testing"
	"time"

	"yilu/adapters/adaptertest"
	"yilu/adapters/wechat/wechattest"
)

// TestIdentical carries T2 for every mode: three deliveries in a row, each signed anew, sixteen at once, and one to
// another process get the same bytes.
func TestIdentical(t *testing.T) {
	t.Parallel()
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := account(mode)
			host, h := mount(t, a)
			deliver := func(h http.Handler, nonce string) []byte {
				w := adaptertest.Do(t, h, a.Deliver(target, now.Add(time.Duration(len(nonce))*time.Second), nonce, a.Text(openid, "1", now, "我要找活")))
				if w.Code != 200 {
					t.Errorf("status %d", w.Code)
				}
				return w.Body.Bytes()
			}
			first := deliver(h, "1")
			answers := make([][]byte, 18)
			answers[0], answers[1] = deliver(h, "22"), deliver(h, "333")
			var wg sync.WaitGroup
			for i := range 16 {
				wg.Go(func() { answers[i+2] = deliver(h, number(string(rune('a'+i)))) })
			}
			wg.Wait()
			_, elsewhere := mount(t, a)
			answers = append(answers, deliver(elsewhere, "1"))
			for _, a := range answers {
				if !bytes.Equal(a, first) {
					t.Errorf("answered %s, first %s", a, first)
				}
			}
			if len(host.Turns()) != 1 {
				t.Errorf("%d turns", len(host.Turns()))
			}
			other := adaptertest.Do(t, h, a.Deliver(target, now, "5", a.Text(openid, "2", now, "我要找活"))).Body.Bytes()
			if mode != wechattest.Plain && bytes.Equal(other, first) {
				t.Error("another message with the same answer got the same bytes")
			}
		})
	}
}
