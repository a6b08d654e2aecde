package adaptertest

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// patience is how long a platform waits for an answer that does not say.
const patience = 10 * time.Second

// slow carries promise 3 for a turn that takes longer than the platform waits: the channel is back in time and does not
// say that the message was taken, unless it is the delivery of which Slow speaks; once the turn has ended, the repeat
// gets its reply. Time is virtual.
func (c Channel) slow(t *testing.T) {
	t.Parallel()
	if c.Slow.Acknowledged > 0 && c.Slow.Why == "" {
		t.Error("the channel does not say why it acknowledges what is not kept")
	}
	wait := c.Patience
	if wait == 0 {
		wait = patience
	}
	synctest.Test(t, func(t *testing.T) {
		s := c.stage(t)
		release := s.host.Hold()
		for delivery := 1; delivery <= 3; delivery++ {
			over := time.NewTimer(wait)
			w := s.say("message-1", "person-1", "我要找活")
			if !over.Stop() {
				t.Errorf("delivery %d was not answered within %v, which is all that the platform waits", delivery, wait)
			}
			may := c.Slow.Acknowledged > 0 && delivery >= c.Slow.Acknowledged
			if w.Code < 500 && !(may && w.Code == http.StatusOK) {
				t.Errorf("delivery %d: status %d acknowledges what is not kept: %s", delivery, w.Code, w.Body)
			}
			s.turns(0)
		}
		release()
		synctest.Wait()
		w := s.say("message-1", "person-1", "我要找活")
		if w.Code != http.StatusOK {
			t.Fatalf("after the turn: status %d: %s", w.Code, w.Body)
		}
		s.shows(w, "我要找活")
		s.same(w, s.say("message-1", "person-1", "我要找活"))
		s.turns(1)
		s.quiet()
	})
}

// hangsUp is the platform that closes the connection before there is an answer, and delivers the message again.
func (c Channel) hangsUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := c.stage(t)
		release := s.host.Hold()
		ctx, hangUp := context.WithCancel(t.Context())
		gone := make(chan struct{})
		go func() {
			defer close(gone)
			s.do(c.Deliver("message-1", "person-1", "我要找活").WithContext(ctx)) // nobody reads the answer
		}()
		synctest.Wait()
		hangUp()
		<-gone
		release()
		synctest.Wait()
		w := s.say("message-1", "person-1", "我要找活")
		if w.Code != http.StatusOK {
			t.Fatalf("the repeat: status %d: %s", w.Code, w.Body)
		}
		s.shows(w, "我要找活")
		s.turns(1)
		s.quiet()
	})
}
