package wechat_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"yilu/adapters/wechat/wechattest"
	"yilu/bot"
)

// TestTokenRefusedForGood: a wrong secret, a wrong id and an address that is not allowed are said to the operator, and
// the platform is not asked again for a minute.
func TestTokenRefusedForGood(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		code  int
		fault bot.SendFault
		after time.Duration // when it is asked again
		say   string
	}{
		{40013, bot.BadSecret, time.Minute, "YILU_WECHAT_APP_ID"},
		{40125, bot.BadSecret, time.Minute, "YILU_WECHAT_APP_SECRET"},
		{40001, bot.BadSecret, time.Minute, "YILU_WECHAT_APP_SECRET"}, // of stable_token it is the secret
		{40164, bot.NotAllowed, time.Minute, "whitelist, beside the AppSecret on mp.weixin.qq.com (it is 203.0.113.7)"},
		{89503, bot.NotAllowed, time.Minute, "administrator"},
		{50002, bot.NotAllowed, time.Minute, "restricted"},
		{45011, bot.TooFast, time.Minute, "minute"},
		{45009, bot.QuotaSpent, 10 * time.Minute, "day"},
		{40002, bot.Refused, time.Minute, "code"},
	} {
		synctest.Test(t, func(t *testing.T) {
			api, clients, log := tokenKit(t)
			api.Fail("stable_token", wechattest.Fault{Code: c.code}, -1)
			for range 100 {
				f := apiFault(t, clients[0].CustomerTyping(t.Context(), apiPerson))
				if f.Fault != c.fault || f.Code != c.code || f.Call != "stable_token" || !strings.Contains(f.Say, c.say) {
					t.Fatalf("%#v", f)
				}
			}
			if n := api.Calls("stable_token"); n != 1 {
				t.Errorf("%d: asked %d times", c.code, n)
			}
			time.Sleep(c.after - time.Second)
			_ = clients[0].CustomerTyping(t.Context(), apiPerson)
			if n := api.Calls("stable_token"); n != 1 {
				t.Errorf("%d: asked %d times before %v", c.code, n, c.after)
			}
			time.Sleep(2 * time.Second)
			api.Heal("stable_token")
			if err := clients[0].CustomerTyping(t.Context(), apiPerson); err != nil {
				t.Errorf("%d: %v after it was put right", c.code, err)
			}
			if api.Calls("message/custom/typing") != 1 {
				t.Error("a call went out without a token")
			}
			noSecret(t, log.String())
		})
	}
}

// TestTokenFaults is T8 and T9 for the fetch itself: whatever comes of it, nothing of the message went out, so the
// message is never Uncertain.
func TestTokenFaults(t *testing.T) {
	t.Parallel()
	page := "<html>" + apiSecret + "</html>"
	for name, c := range map[string]struct {
		answer wechattest.Fault
		fault  bot.SendFault
	}{
		"closed":      {wechattest.Fault{Drop: true}, bot.Busy},
		"500":         {wechattest.Fault{Status: 500, Body: page}, bot.Busy},
		"503":         {wechattest.Fault{Status: 503, Body: page}, bot.Busy},
		"redirect":    {wechattest.Fault{Status: 307, Header: http.Header{"Location": {"https://elsewhere.invalid/" + apiSecret}}}, bot.NotAllowed},
		"a page":      {wechattest.Fault{Body: page}, bot.Busy},
		"broken off":  {wechattest.Fault{Body: `{"access_token":"` + wechattest.TokenMark}, bot.Busy},
		"no token":    {wechattest.Fault{Body: `{"expires_in":7200}`}, bot.Busy},
		"empty":       {wechattest.Fault{Body: `{"access_token":"","expires_in":7200}`}, bot.Busy},
		"endless":     {wechattest.Fault{Body: `{"access_token":"` + strings.Repeat("x", 5000) + `","expires_in":7200}`}, bot.Busy},
		"no number":   {wechattest.Fault{Body: `{"access_token":"x","expires_in":"` + wechattest.TokenMark + `"}`}, bot.Busy},
		"401":         {wechattest.Fault{Status: 401, Body: page}, bot.NotAllowed},
		"system busy": {wechattest.Fault{Code: -1}, bot.Busy},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newAPIKit(t)
			k.api.Fail("stable_token", c.answer, 1)
			for kind, call := range apiCalls {
				k := k
				if kind != "customer" {
					k = newAPIKit(t)
					k.api.Fail("stable_token", c.answer, 1)
				}
				f := apiFault(t, call.do(t.Context(), k.Client))
				if f.Fault != c.fault || f.Call != "stable_token" {
					t.Errorf("%s: %#v, want %s", kind, f, c.fault)
				}
				if len(k.api.Sent()) != 0 || k.api.Calls(call.path) != 0 {
					t.Errorf("%s: it went out without a token", kind)
				}
				noSecret(t, k.log.String())
			}
		})
	}
}

// TestTokenMeetsSecretBody: the secret goes out in the body of a POST to stable_token and nowhere else; the token goes
// nowhere but into the address of calls of the API.
func TestTokenMeetsSecretBody(t *testing.T) {
	t.Parallel()
	api := wechattest.NewAPI(apiAppID, apiSecret)
	api.AddMedia("M1", "image/jpeg", []byte("\xff\xd8\xff"))
	seen := 0
	rt := apiTrip(func(r *http.Request) (*http.Response, error) {
		seen++
		var body []byte
		if r.Body != nil {
			body, _ = io.ReadAll(r.Body)
			r.Body = io.NopCloser(strings.NewReader(string(body)))
		}
		isToken := r.URL.Path == "/cgi-bin/stable_token"
		if strings.Contains(r.URL.String(), apiSecret) || strings.Contains(string(body), apiSecret) != isToken || strings.Contains(r.URL.RawQuery, wechattest.TokenMark) == isToken || strings.Contains(string(body), wechattest.TokenMark) {
			t.Errorf("%s %s: a secret where it should not be, or none", r.Method, r.URL.Path)
		}
		for name := range r.Header {
			if name != "Content-Type" && name != "User-Agent" {
				t.Errorf("header %s goes out", name)
			}
		}
		return apiMemory{api}.RoundTrip(r)
	})
	client := apiClient(t, "http://127.0.0.1:1", rt, newAPIClock().Now, io.Discard)
	for kind, call := range apiCalls {
		if err := call.do(t.Context(), client); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
	if seen != 1+len(apiCalls) {
		t.Errorf("%d requests", seen)
	}
}
