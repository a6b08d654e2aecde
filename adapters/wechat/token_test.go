package wechat_test

import (
	"context"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"yilu/adapters/adaptertest"
	"yilu/adapters/wechat"
	"yilu/adapters/wechat/wechattest"
	"yilu/bot"
)

// tokenKit is two clients of one account, as two processes have them, in virtual time.
func tokenKit(t *testing.T) (*wechattest.API, []*wechat.Client, *adaptertest.Lines) {
	api, log := wechattest.NewAPI(apiAppID, apiSecret), &adaptertest.Lines{}
	api.Clock(time.Now)
	clients := make([]*wechat.Client, 2)
	for i := range clients {
		clients[i] = apiClient(t, "http://127.0.0.1:1", apiMemory{api}, time.Now, log)
	}
	return api, clients, log
}

// stampede makes 200 calls at once on each of the clients, which all stand in the same place when gate opens.
func stampede(t *testing.T, clients []*wechat.Client, gate chan struct{}) (faults int) {
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, c := range clients {
		for range 200 {
			all.Go(func() {
				if err := c.CustomerTyping(t.Context(), apiPerson); err != nil {
					apiFault(t, err)
					mu.Lock()
					defer mu.Unlock()
					faults++
				}
			})
		}
	}
	synctest.Wait()
	close(gate)
	all.Wait()
	return faults
}

// TestTokenStampede: 200 callers of each of two processes make one fetch each, and all have the same token.
func TestTokenStampede(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api, clients, _ := tokenKit(t)
		gate := make(chan struct{})
		api.Fail("stable_token", wechattest.Fault{Wait: gate}, -1)
		if n := stampede(t, clients, gate); n != 0 {
			t.Errorf("%d calls failed", n)
		}
		asked, forces, made := api.Tokens()
		if asked != 2 || forces != 0 || made != 1 || api.Calls("message/custom/typing") != 400 {
			t.Errorf("%d fetches, %d forced, %d tokens, %d calls", asked, forces, made, api.Calls("message/custom/typing"))
		}
	})
}

// TestTokenStampedeOverSockets is the same over real connections.
func TestTokenStampedeOverSockets(t *testing.T) {
	t.Parallel()
	k := newAPIKit(t)
	gate := make(chan struct{})
	k.api.Fail("stable_token", wechattest.Fault{Wait: gate}, -1)
	other := apiClient(t, k.api.URL, adaptertest.LocalOnly{T: t}, k.clock.Now, io.Discard)
	var all sync.WaitGroup
	for _, c := range []*wechat.Client{k.Client, other} {
		for range 200 {
			all.Go(func() {
				if err := c.CustomerTyping(t.Context(), apiPerson); err != nil {
					t.Error(err)
				}
			})
		}
	}
	close(gate)
	all.Wait()
	if asked, forces, made := k.api.Tokens(); asked != 2 || forces != 0 || made != 1 {
		t.Errorf("%d fetches, %d forced, %d tokens", asked, forces, made)
	}
}

// TestTokenRefusedEverywhere: a token that ends early is seen by all callers of both processes at once. Every call is
// made again once and succeeds; each process asks once, and nothing is forced.
func TestTokenRefusedEverywhere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api, clients, _ := tokenKit(t)
		for _, c := range clients {
			if err := c.CustomerTyping(t.Context(), apiPerson); err != nil {
				t.Fatal(err)
			}
		}
		api.ExpireToken()
		gate := make(chan struct{})
		api.Fail("message/custom/typing", wechattest.Fault{Wait: gate}, -1)
		if n := stampede(t, clients, gate); n != 0 {
			t.Errorf("%d calls failed", n)
		}
		asked, forces, made := api.Tokens()
		if asked != 4 || forces != 0 || made != 2 {
			t.Errorf("%d fetches, %d forced, %d tokens; want 4, 0, 2", asked, forces, made)
		}
		if n := api.Calls("message/custom/typing"); n != 2+800 {
			t.Errorf("%d calls, want each of 400 twice", n-2)
		}
	})
}

// TestTokenForced: only when the platform hands out the very token that it refuses is a new one forced, once.
func TestTokenForced(t *testing.T) {
	t.Parallel()
	for _, code := range []int{40001, 40014, 42001} {
		synctest.Test(t, func(t *testing.T) {
			api, clients, log := tokenKit(t)
			for _, c := range clients {
				if err := c.CustomerTyping(t.Context(), apiPerson); err != nil {
					t.Fatal(err)
				}
			}
			api.SpoilToken(code)
			gate := make(chan struct{})
			api.Fail("message/custom/typing", wechattest.Fault{Wait: gate}, -1)
			if n := stampede(t, clients, gate); n != 0 {
				t.Errorf("%d calls failed", n)
			}
			// Each process may have forced; the platform made one new token of it and gave it to both.
			asked, forces, made := api.Tokens()
			if asked > 2+4 || forces < 1 || forces > 2 || made != 2 {
				t.Errorf("%d: %d fetches, %d forced, %d tokens", code, asked, forces, made)
			}
			if n := strings.Count(log.String(), "forced"); n != forces {
				t.Errorf("%d forced, %d logged", forces, n)
			}
			noSecret(t, log.String())
		})
	}
}

// TestTokenForcedWithinLimits: a platform that goes on refusing what it hands out is forced every 30 seconds at most
// and 20 times a day, each call is made twice at most, and whoever calls meanwhile is told when to come again.
func TestTokenForcedWithinLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api, clients, _ := tokenKit(t)
		api.Fail("message/custom/typing", wechattest.Fault{Code: 40001}, -1)
		calls := 0
		for begun := time.Now(); time.Since(begun) < 20*time.Minute; time.Sleep(time.Second) {
			calls++
			f := apiFault(t, clients[0].CustomerTyping(t.Context(), apiPerson))
			if f.Fault != bot.Busy || f.RetryAfter <= 0 || f.RetryAfter > 5*time.Minute {
				t.Fatalf("%#v", f)
			}
			if n := api.Calls("message/custom/typing"); n > 2*calls {
				t.Fatalf("%d requests of %d calls", n, calls)
			}
		}
		if asked, forces, _ := api.Tokens(); forces < 3 || forces > 6 || asked > 60 {
			t.Errorf("%d forced and %d fetches in 20 minutes, though forcing does not help", forces, asked)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		api, clients, _ := tokenKit(t)
		forced := []time.Time{}
		for begun := time.Now(); time.Since(begun) < 23*time.Hour; time.Sleep(7 * time.Second) {
			_ = clients[0].CustomerTyping(t.Context(), apiPerson)
			if _, n, _ := api.Tokens(); n > len(forced) {
				forced = append(forced, time.Now())
			}
			api.SpoilToken(42001)
		}
		for i := 1; i < len(forced); i++ {
			if gap := forced[i].Sub(forced[i-1]); gap < 30*time.Second {
				t.Errorf("forced again after %v", gap)
			}
		}
		asked, n, _ := api.Tokens()
		if n < 15 || n > 40 || asked > 1000 { // 23 hours lie on two days at most
			t.Errorf("forced %d times in 23 hours, asked %d times", n, asked)
		}
	})
}

// TestTokenDay: over a day with a call every minute no call fails and the token is fetched a few times, though the
// platform gives a new one only in the last five minutes of the old one.
func TestTokenDay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api, clients, _ := tokenKit(t)
		for range 24 * 60 {
			for _, c := range clients {
				if err := c.CustomerTyping(t.Context(), apiPerson); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(time.Minute)
		}
		asked, forces, made := api.Tokens()
		if calls := api.Calls("message/custom/typing"); calls != 2*24*60 || forces != 0 || made < 12 || made > 14 || asked > 2*4*made {
			t.Errorf("%d calls, %d fetches, %d forced, %d tokens", calls, asked, forces, made)
		}
	})
}

// TestTokenRenewal: a token near its end is renewed while calls go on with it, and a renewal that fails or hangs
// disturbs nobody and is tried again.
func TestTokenRenewal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api, clients, _ := tokenKit(t)
		ask := func() {
			t.Helper()
			begun := time.Now()
			if err := clients[0].CustomerTyping(t.Context(), apiPerson); err != nil || time.Since(begun) > 0 {
				t.Errorf("%v after %v", err, time.Since(begun))
			}
			synctest.Wait()
		}
		ask()
		time.Sleep(109 * time.Minute)
		ask()
		if n := api.Calls("stable_token"); n != 1 {
			t.Errorf("%d fetches, 11 minutes before the end", n)
		}
		api.Fail("stable_token", wechattest.Fault{Hang: true}, 1)
		api.Fail("stable_token", wechattest.Fault{Status: 500}, 1)
		time.Sleep(2 * time.Minute)
		ask() // this one hangs, until it is given up
		ask()
		if n := api.Calls("stable_token"); n != 2 {
			t.Errorf("%d fetches, want one that hangs", n)
		}
		time.Sleep(31 * time.Second)
		ask() // and this one fails
		ask()
		if n := api.Calls("stable_token"); n != 3 {
			t.Errorf("%d fetches, want no more than one in 30 seconds", n)
		}
		time.Sleep(31 * time.Second)
		ask()
		if n := api.Calls("stable_token"); n != 4 {
			t.Errorf("%d fetches, want the third renewal to be made", n)
		}
	})
}

// TestTokenShortLife: a token that is said to end at once does not mean a fetch for each call.
func TestTokenShortLife(t *testing.T) {
	t.Parallel()
	for _, life := range []time.Duration{0, time.Second, 200 * time.Second, 300 * time.Second, 301 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			api, clients, _ := tokenKit(t)
			api.TokenLife(life)
			for range 1000 {
				if err := clients[0].CustomerTyping(t.Context(), apiPerson); err != nil {
					t.Fatal(err)
				}
			}
			if n := api.Calls("stable_token"); n != 1 {
				t.Errorf("%v: %d fetches for 1000 calls", life, n)
			}
		})
	}
}

// TestTokenWaiter: whoever has no time left stops waiting for a token; the fetch goes on for the others, and is given up
// after eight seconds.
func TestTokenWaiter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api, clients, _ := tokenKit(t)
		gate := make(chan struct{})
		api.Fail("stable_token", wechattest.Fault{Wait: gate}, -1)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		begun := time.Now()
		f := apiFault(t, clients[0].CustomerTyping(ctx, apiPerson)) // the first: it began the fetch
		if took := time.Since(begun); f.Fault != bot.Busy || took != 100*time.Millisecond || !strings.Contains(f.Say, "nothing was sent") {
			t.Errorf("%#v after %v", f, took)
		}
		done := make(chan error)
		go func() { done <- clients[0].CustomerTyping(t.Context(), apiPerson) }()
		synctest.Wait()
		close(gate)
		if err := <-done; err != nil {
			t.Error(err)
		}
		if n := api.Calls("stable_token"); n != 1 {
			t.Errorf("%d fetches", n)
		}
		api.ExpireToken()
		api.Fail("message/custom/typing", wechattest.Fault{Code: 42001}, 1)
		api.Heal("stable_token")
		api.Fail("stable_token", wechattest.Fault{Hang: true}, 1)
		begun = time.Now()
		f = apiFault(t, clients[0].CustomerTyping(t.Context(), apiPerson))
		if took := time.Since(begun); f.Fault != bot.Busy || f.Call != "stable_token" || took != 8*time.Second {
			t.Errorf("%#v after %v", f, took)
		}
	})
}
