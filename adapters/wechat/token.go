package wechat

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"yilu/bot"
)

const (
	fetchTimeout = 8 * time.Second  // of one fetch of a token, whoever waits for it
	ahead        = 10 * time.Minute // before its end a token is renewed, or half of its life if that is less
	shortest     = 30 * time.Second // a token is used for, whatever the platform says of its life: 0 means no fetch a call
	renewPause   = 30 * time.Second // between attempts to renew a token that is still good
	badPause     = time.Minute      // for which a refusal for good (a wrong secret) is remembered instead of asked for again
	forceEvery   = 30 * time.Second // between forced refreshes; the platform ignores earlier ones
	forcePerDay  = 20               // forced refreshes, of which the platform allows no more
	lookAgain    = 5 * time.Minute  // at the latest, for the token of another process, while none may be forced
)

var forcePause = pause{after: forceEvery}

// tokens keeps the account's access token. However many ask at once, one fetch is under way at most. Tokens come from
// stable_token, which gives every process the same one, so processes share it without knowing of each other. A token
// that the platform refuses is asked for anew; only if the platform hands out the very same one is a new one forced.
//
// Across processes: when a token is refused everywhere at once, each process asks once and all get the new one, nothing
// forced. Only where the platform goes on handing out the refused one may each process force; within 30 s the platform
// carries out the first and gives its token to the others. The 20 a day are counted by process, and the platform counts
// them all.
type tokens struct {
	client *Client
	now    atomic.Pointer[grant]
	flight singleflight.Group

	mu      sync.Mutex     // guards what follows, and every change of now
	bad     string         // the token that the platform refused last
	refused *bot.SendError // no token is to be had …
	until   time.Time      // … until then
	forced  time.Time      // when a new token was forced last
	got     string         // the token that came of it
	futile  int            // how many in a row were refused like the ones before them
	day     string         // the day in China of which count counts
	count   int            // forced refreshes
}

// grant is a token and its times.
type grant struct {
	token string
	renew atomic.Int64 // when to ask for the next, in Unix nanoseconds
	end   time.Time
}

// get returns the token, fetching one if there is none. The caller's ctx ends the wait, not the fetch.
func (t *tokens) get(ctx context.Context) (string, *bot.SendError) {
	now := t.client.now()
	if g := t.now.Load(); g != nil {
		renew := g.renew.Load()
		if now.UnixNano() < renew {
			return g.token, nil
		}
		if now.Before(g.end) {
			// Still good. One of those who come by here has the next one fetched, and nobody waits for it.
			if g.renew.CompareAndSwap(renew, now.Add(renewPause).UnixNano()) {
				t.flight.DoChan("", func() (any, error) { return t.fetch(true), nil })
			}
			return g.token, nil
		}
	}
	return t.wait(ctx, "")
}

// replace returns another token than the one that the platform refused.
func (t *tokens) replace(ctx context.Context, failed string) (string, *bot.SendError) {
	t.spoil(failed)
	if g := t.now.Load(); g != nil {
		return g.token, nil
	}
	return t.wait(ctx, failed)
}

// spoil takes the token out of use, if it still is in use.
func (t *tokens) spoil(failed string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if failed != t.bad {
		if t.futile++; failed != t.got {
			t.futile = 0
		}
	}
	t.bad = failed
	if g := t.now.Load(); g != nil && g.token == failed {
		t.now.Store(nil)
	}
}

// wait joins the fetch that is under way, or begins one. A fetch that began before failed was known to be bad may
// return it: then another one is needed.
func (t *tokens) wait(ctx context.Context, failed string) (string, *bot.SendError) {
	call := request{path: tokenPath}
	for range 3 {
		if e := t.remembered(); e != nil {
			return "", e
		}
		select {
		case r := <-t.flight.DoChan("", func() (any, error) { return t.fetch(false), nil }):
			got := r.Val.(fetched)
			if got.fault != nil {
				return "", got.fault
			}
			if got.token != failed {
				return got.token, nil
			}
		case <-ctx.Done():
			return "", call.fault(bot.Busy, 0, "there was no token in time; nothing was sent")
		}
	}
	return "", call.fault(bot.Busy, 0, "the platform hands out a token that it refuses")
}

// remembered returns the refusal for good that is still fresh.
func (t *tokens) remembered() *bot.SendError {
	t.mu.Lock()
	defer t.mu.Unlock()
	left := t.until.Sub(t.client.now())
	if t.refused == nil || left <= 0 {
		return nil
	}
	e := *t.refused
	if e.Again() {
		e.RetryAfter = left
	}
	return &e
}

// fetched is what came of a fetch.
type fetched struct {
	token string
	fault *bot.SendError
}

// fetch gets a token and puts it to use. It runs once at a time.
func (t *tokens) fetch(renew bool) fetched {
	if g := t.now.Load(); !renew && g != nil && t.client.now().Before(g.end) {
		return fetched{token: g.token} // somebody else's fetch ended between our look and our turn
	}
	g, fault := t.ask(false)
	forced := fault == nil && t.isBad(g.token)
	if forced {
		if fault = t.mayForce(); fault == nil {
			g, fault = t.ask(true)
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if fault == nil && g.token == t.bad {
		// Forced, and still the same: the platform found that it was forced less than 30 s ago, by another process.
		fault = request{path: tokenPath}.fault(bot.Busy, 0, "the platform hands out a token that it refuses")
		fault.RetryAfter = forceEvery
	}
	if fault != nil {
		t.remember(fault)
		return fetched{fault: fault}
	}
	t.refused = nil
	if forced {
		t.got = g.token
	}
	t.now.Store(g)
	return fetched{token: g.token}
}

// remember keeps a refusal that the next call would meet too. What a short wait may mend is asked for again.
func (t *tokens) remember(fault *bot.SendError) {
	keep := badPause
	switch fault.Fault {
	case bot.Busy, bot.Uncertain:
		if keep = fault.RetryAfter; keep == 0 {
			return
		}
	case bot.TooFast, bot.QuotaSpent:
		keep = min(max(fault.RetryAfter, time.Second), 10*time.Minute)
	}
	t.refused, t.until = fault, t.client.now().Add(keep)
}

func (t *tokens) isBad(token string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return token == t.bad
}

// mayForce takes one of the forced refreshes, or says when there is one.
func (t *tokens) mayForce() *bot.SendError {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.client.now()
	fault := request{path: tokenPath}.fault(bot.Busy, 0, "the platform hands out a token that it refuses")
	gap := forceEvery << min(t.futile, 7) // a forced token that is refused too shows that forcing does not help
	if wait := t.forced.Add(gap).Sub(now); !t.forced.IsZero() && wait > 0 {
		fault.RetryAfter = min(wait, lookAgain)
		return fault
	}
	if day := now.In(bot.Xiamen).Format(time.DateOnly); day != t.day {
		t.day, t.count = day, 0
	}
	if t.count >= forcePerDay {
		fault.RetryAfter = lookAgain
		return fault
	}
	t.count++
	t.forced = now
	t.client.log.Warn("wechat: a new access token is forced, for the platform refuses the one that it hands out", "today", t.count)
	return nil
}

// ask calls stable_token.
func (t *tokens) ask(force bool) (*grant, *bot.SendError) {
	ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
	defer cancel()
	c := t.client
	var answer struct {
		Token   string `json:"access_token"`
		Expires int64  `json:"expires_in"` // seconds
	}
	r := request{path: tokenPath, repeat: harmless, bare: true, body: map[string]any{
		"grant_type": "client_credential", "appid": c.appID, "secret": c.secret, "force_refresh": force,
	}}
	asked := c.now()
	if fault := c.post(ctx, r, "", &answer); fault != nil {
		return nil, fault
	}
	if answer.Token == "" || len(answer.Token) > 4096 {
		return nil, r.unknown(0, "the answer holds no token")
	}
	life := time.Duration(min(max(answer.Expires, 0), 24*60*60)) * time.Second
	g := &grant{token: answer.Token, end: asked.Add(max(life, shortest))}
	g.renew.Store(asked.Add(max(life-min(ahead, life/2), shortest)).UnixNano())
	return g, nil
}
