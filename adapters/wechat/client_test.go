package wechat_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"yilu/adapters/adaptertest"
	"yilu/adapters/wechat"
	"yilu/adapters/wechat/wechattest"
	"yilu/bot"
)

// TestClientErrcodes is T9 for the platform's own codes: what each of them means to whoever sends.
func TestClientErrcodes(t *testing.T) {
	t.Parallel()
	toMidnight := 3*time.Hour + 45*time.Minute
	for _, c := range []struct {
		code  int
		fault bot.SendFault
		after time.Duration
		calls int // of message/custom/send
	}{
		{-1, bot.Busy, 0, 1},
		{40001, bot.Busy, 30 * time.Second, 2}, {40014, bot.Busy, 30 * time.Second, 2}, {42001, bot.Busy, 30 * time.Second, 2},
		{41001, bot.Refused, 0, 1},
		{40003, bot.NoSuchPerson, 0, 1},
		{43004, bot.Unreachable, 0, 1}, {48002, bot.Unreachable, 0, 1}, {50002, bot.Unreachable, 0, 1},
		{43101, bot.NoConsent, 0, 1},
		{45002, bot.TooLong, 0, 1},
		{45009, bot.QuotaSpent, toMidnight, 1}, {45028, bot.QuotaSpent, toMidnight, 1},
		{45011, bot.TooFast, time.Minute, 1}, {45066, bot.TooFast, time.Minute, 1},
		{45015, bot.WindowClosed, 0, 1}, {45047, bot.WindowClosed, 0, 1},
		{45065, bot.AlreadySent, 0, 1},
		{48001, bot.NotAllowed, 0, 1}, {48004, bot.NotAllowed, 0, 1}, {50001, bot.NotAllowed, 0, 1},
		{40164, bot.NotAllowed, 0, 1}, {89503, bot.NotAllowed, 0, 1}, {50007, bot.NotAllowed, 0, 1},
		{40013, bot.BadSecret, 0, 1}, {40125, bot.BadSecret, 0, 1}, {41002, bot.BadSecret, 0, 1}, {41004, bot.BadSecret, 0, 1},
		{40007, bot.Refused, 0, 1}, {40037, bot.Refused, 0, 1}, {47001, bot.Refused, 0, 1}, {47003, bot.Refused, 0, 1},
		{45067, bot.Refused, 0, 1}, {40018, bot.Refused, 0, 1}, {61004, bot.Refused, 0, 1}, {85001, bot.Refused, 0, 1},
		{123456, bot.Refused, 0, 1}, {-1000, bot.Refused, 0, 1},
	} {
		t.Run(fmt.Sprint(c.code), func(t *testing.T) {
			t.Parallel()
			k := newAPIKit(t)
			k.api.Fail("message/custom/send", wechattest.Fault{Code: c.code}, -1)
			sent, err := k.CustomerText(t.Context(), apiPerson, apiText)
			f := apiFault(t, err)
			if sent != 0 || f.Fault != c.fault || f.Code != c.code || f.RetryAfter != c.after || f.Call != "message/custom/send" {
				t.Errorf("sent %d, %#v; want fault %s, after %v", sent, f, c.fault, c.after)
			}
			if n := k.api.Calls("message/custom/send"); n != c.calls {
				t.Errorf("called %d times, want %d", n, c.calls)
			}
			noSecret(t, k.log.String())
		})
	}
}

// calls are the kinds of call: by what doing them twice would mean.
var apiCalls = map[string]struct {
	path    string
	unknown bot.SendFault
	do      func(context.Context, *wechat.Client) error
}{
	"customer": {"message/custom/send", bot.Uncertain, func(ctx context.Context, c *wechat.Client) error {
		_, err := c.CustomerText(ctx, apiPerson, apiText)
		return err
	}},
	"template": {"message/template/send", bot.Uncertain, func(ctx context.Context, c *wechat.Client) error {
		_, err := c.Template(ctx, wechat.TemplateMessage{ToUser: apiPerson, TemplateID: "T1", ClientMsgID: "k1", Data: map[string]string{"thing1": "TEXT-MARK 【示例】"}})
		return err
	}},
	"subscription": {"message/subscribe/bizsend", bot.Uncertain, func(ctx context.Context, c *wechat.Client) error {
		return c.Subscription(ctx, wechat.SubscriptionMessage{ToUser: apiPerson, TemplateID: "T1", Data: map[string]string{"thing1": "TEXT-MARK 【示例】"}})
	}},
	"mass": {"message/mass/send", bot.Busy, func(ctx context.Context, c *wechat.Client) error {
		_, err := c.Mass(ctx, []string{apiPerson, apiPerson + "2"}, apiText, "k1")
		return err
	}},
	"typing": {"message/custom/typing", bot.Busy, func(ctx context.Context, c *wechat.Client) error {
		return c.CustomerTyping(ctx, apiPerson)
	}},
	"menu": {"menu/create", bot.Busy, func(ctx context.Context, c *wechat.Client) error {
		return c.PushMenu(ctx, wechat.Menu{Buttons: []wechat.Button{{Name: "TEXT-MARK", Type: "click", Key: "i:nav.home"}}})
	}},
	"current menu": {"get_current_selfmenu_info", bot.Busy, func(ctx context.Context, c *wechat.Client) error {
		_, err := c.CurrentMenu(ctx)
		return err
	}},
	"file": {"media/get", bot.Busy, func(ctx context.Context, c *wechat.Client) error {
		m, err := c.Fetch(ctx, "media:M1")
		if err == nil {
			_ = m.Body.Close()
		}
		return err
	}},
}

// TestClientAnswers is T9 for HTTP statuses and for answers that are none: what nobody can know is Uncertain where a second
// time would be a second message, and Busy where it would not.
func TestClientAnswers(t *testing.T) {
	t.Parallel()
	const unknown = bot.SendFault("")
	page := "<html><body>TEXT-MARK " + apiSecret + "</body></html>"
	for name, c := range map[string]struct {
		answer wechattest.Fault
		fault  bot.SendFault
		code   int
		after  time.Duration
	}{
		"100 of 2xx":         {wechattest.Fault{Status: 204}, unknown, 204, 0},
		"301":                {wechattest.Fault{Status: 301, Header: http.Header{"Location": {"http://127.0.0.1:1/" + apiSecret}}}, bot.NotAllowed, 301, 0},
		"302":                {wechattest.Fault{Status: 302, Header: http.Header{"Location": {"https://elsewhere.invalid/"}}}, bot.NotAllowed, 302, 0},
		"307":                {wechattest.Fault{Status: 307, Header: http.Header{"Location": {"https://elsewhere.invalid/"}}}, bot.NotAllowed, 307, 0},
		"400":                {wechattest.Fault{Status: 400, Body: page}, bot.Refused, 400, 0},
		"401":                {wechattest.Fault{Status: 401, Body: page}, bot.NotAllowed, 401, 0},
		"403":                {wechattest.Fault{Status: 403, Body: page}, bot.NotAllowed, 403, 0},
		"404":                {wechattest.Fault{Status: 404, Body: page}, bot.Refused, 404, 0},
		"407":                {wechattest.Fault{Status: 407, Body: page}, bot.NotAllowed, 407, 0},
		"408":                {wechattest.Fault{Status: 408}, bot.Busy, 408, 0},
		"413":                {wechattest.Fault{Status: 413}, bot.TooLong, 413, 0},
		"425":                {wechattest.Fault{Status: 425}, bot.Busy, 425, 0},
		"429":                {wechattest.Fault{Status: 429}, bot.TooFast, 429, time.Minute},
		"429 with a time":    {wechattest.Fault{Status: 429, Header: http.Header{"Retry-After": {"7"}}}, bot.TooFast, 429, 7 * time.Second},
		"500":                {wechattest.Fault{Status: 500, Body: page}, unknown, 500, 0},
		"501":                {wechattest.Fault{Status: 501}, unknown, 501, 0},
		"502":                {wechattest.Fault{Status: 502, Body: page}, unknown, 502, 0},
		"503":                {wechattest.Fault{Status: 503, Body: page}, bot.Busy, 503, 0},
		"503 with a time":    {wechattest.Fault{Status: 503, Header: http.Header{"Retry-After": {"30"}}}, bot.Busy, 503, 30 * time.Second},
		"504":                {wechattest.Fault{Status: 504, Body: page}, unknown, 504, 0},
		"500 with errcode":   {wechattest.Fault{Status: 500, Body: `{"errcode":45015,"errmsg":"TEXT-MARK"}`}, bot.WindowClosed, 45015, 0},
		"a page":             {wechattest.Fault{Body: page}, unknown, 0, 0},
		"JSON broken off":    {wechattest.Fault{Body: `{"errcode":0,"errms`}, unknown, 0, 0},
		"JSON of another":    {wechattest.Fault{Body: `["TEXT-MARK"]`}, unknown, 0, 0},
		"JSON null":          {wechattest.Fault{Body: `null`}, unknown, 0, 0},
		"JSON without code":  {wechattest.Fault{Body: `{"ok":"TEXT-MARK"}`}, unknown, 0, 0},
		"code as text":       {wechattest.Fault{Body: `{"errcode":"TEXT-MARK"}`}, unknown, 0, 0},
		"answer too large":   {wechattest.Fault{Body: `{"errcode":0,"errmsg":"` + strings.Repeat("x", 1<<20) + `"}`}, unknown, 0, 0},
		"closed":             {wechattest.Fault{Drop: true}, unknown, 0, 0},
		"closed after it":    {wechattest.Fault{Drop: true, After: true}, unknown, 0, 0},
		"head and then gone": {wechattest.Fault{Status: 200, Header: http.Header{"Content-Length": {"50"}}, Body: `{"errcode":0`}, unknown, 0, 0},
	} {
		for kind, call := range apiCalls {
			if kind == "file" && name == "code as text" {
				continue // as good as any other JSON
			}
			t.Run(name+" for "+kind, func(t *testing.T) {
				t.Parallel()
				k := newAPIKit(t)
				k.api.Fail(call.path, c.answer, -1)
				f := apiFault(t, call.do(t.Context(), k.Client))
				want, after := c.fault, c.after
				if want == unknown {
					if want = call.unknown; kind == "mass" {
						after = time.Minute // or the platform says that it is too soon
					}
				}
				if f.Fault != want || f.Code != c.code || f.RetryAfter != after {
					t.Errorf("%#v; want %s (%d) after %v", f, want, c.code, after)
				}
				if n := k.api.Calls(call.path); n != 1 && !(name == "closed" || name == "closed after it") { // a GET may be repeated by the transport
					t.Errorf("called %d times", n)
				}
				if n := len(k.api.Sent()); n > 1 {
					t.Errorf("sent %d times", n)
				}
				noSecret(t, k.log.String())
			})
		}
	}
}

// TestClientTransport is the other half of T9, and of T8: what never reached the platform is Busy for all calls, what
// may have is Busy or Uncertain, and no error says more than it should.
func TestClientTransport(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	stranger := httptest.NewUnstartedServer(http.NotFoundHandler())
	stranger.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	stranger.StartTLS()
	t.Cleanup(stranger.Close)
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	// The first call, for a token, is answered; then comes the fault.
	after := func(then apiTrip) apiTrip {
		api := wechattest.NewAPI(apiAppID, apiSecret)
		return func(r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "stable_token") {
				return apiMemory{api}.RoundTrip(r)
			}
			return then(r)
		}
	}
	fails := func(err error) apiTrip {
		return after(func(*http.Request) (*http.Response, error) { return nil, err })
	}
	to := func(address string) apiTrip {
		return after(func(r *http.Request) (*http.Response, error) {
			clone := r.Clone(r.Context())
			scheme, host, _ := strings.Cut(address, "://")
			clone.URL.Scheme, clone.URL.Host, clone.Host = scheme, host, host
			return adaptertest.LocalOnly{T: t}.RoundTrip(clone)
		})
	}
	leak := apiSecret + " access_token=" + wechattest.TokenMark
	for name, c := range map[string]struct {
		rt      apiTrip
		written bool
		say     string
	}{
		"DNS":             {fails(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host " + leak, Name: leak}}), false, "DNS"},
		"refused":         {to(gone.URL), false, "cannot be reached"},
		"TLS, a stranger": {to(stranger.URL), false, "TLS"},
		"TLS, none":       {to(strings.Replace(plain.URL, "http:", "https:", 1)), false, "nothing was sent"},
		"dial timed out":  {fails(&net.OpError{Op: "dial", Err: apiTimeout{leak}}), false, "nothing was sent"},
		"reset":           {fails(&net.OpError{Op: "read", Err: errors.New("connection reset " + leak)}), true, "broke"},
		"write broke":     {fails(&net.OpError{Op: "write", Err: errors.New("broken pipe " + leak)}), true, "broke"},
		"read timed out":  {fails(&net.OpError{Op: "read", Err: apiTimeout{leak}}), true, "in time"},
		"end of file":     {fails(io.ErrUnexpectedEOF), true, "broke"},
		"who knows what":  {fails(errors.New(leak)), true, "broke"},
		"body then broken": {after(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: -1, Body: io.NopCloser(io.MultiReader(strings.NewReader(`{"errcode":`), apiBroken{leak}))}, nil
		}), true, "broke off"},
	} {
		for kind, call := range apiCalls {
			t.Run(name+" for "+kind, func(t *testing.T) {
				t.Parallel()
				log := &adaptertest.Lines{}
				client := apiClient(t, "http://127.0.0.1:1", c.rt, newAPIClock().Now, log)
				f := apiFault(t, call.do(t.Context(), client))
				want := bot.Busy
				if c.written {
					want = call.unknown
				}
				if f.Fault != want || f.Code != 0 || !strings.Contains(f.Say, c.say) {
					t.Errorf("%#v; want %s that says %q", f, want, c.say)
				}
				noSecret(t, log.String())
			})
		}
	}
}

type apiTimeout struct{ leak string }

func (e apiTimeout) Error() string { return "timed out " + e.leak }
func (apiTimeout) Timeout() bool   { return true }
func (apiTimeout) Temporary() bool { return true }

type apiBroken struct{ leak string }

func (b apiBroken) Read([]byte) (int, error) { return 0, errors.New(b.leak) }

// TestClientSilence: an API that says nothing is given up on after ten seconds, and sooner by who has less time; it may have
// done what it was told.
func TestClientSilence(t *testing.T) {
	t.Parallel()
	for kind, call := range apiCalls {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := wechattest.NewAPI(apiAppID, apiSecret)
				api.Clock(time.Now)
				api.Fail(call.path, wechattest.Fault{Hang: true, After: true}, -1)
				client := apiClient(t, "http://127.0.0.1:1", apiMemory{api}, time.Now, io.Discard)
				const limit = 10 * time.Second
				begun := time.Now()
				f := apiFault(t, call.do(t.Context(), client))
				if took := time.Since(begun); f.Fault != call.unknown || took != limit {
					t.Errorf("%#v after %v, want %s after %v", f, took, call.unknown, limit)
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				begun = time.Now()
				f = apiFault(t, call.do(ctx, client))
				if took := time.Since(begun); f.Fault != call.unknown || took != time.Second {
					t.Errorf("%#v after %v, want %s after 1s", f, took, call.unknown)
				}
				ctx, stop := context.WithCancel(t.Context())
				time.AfterFunc(time.Second, stop)
				if f = apiFault(t, call.do(ctx, client)); f.Fault != call.unknown || !strings.Contains(f.Say, "called off") {
					t.Errorf("called off: %#v", f)
				}
			})
		})
	}
}

// TestClientSettings: what is wrong with a setting is said by its name, without its value.
func TestClientSettings(t *testing.T) {
	t.Parallel()
	now := newAPIClock().Now
	for name, c := range map[string]struct {
		o     wechat.ClientOptions
		field string
	}{
		"no app id":      {wechat.ClientOptions{Secret: apiSecret, Now: now}, "YILU_WECHAT_APP_ID"},
		"app id, spaces": {wechat.ClientOptions{AppID: "wx 1", Secret: apiSecret, Now: now}, "YILU_WECHAT_APP_ID"},
		"no secret":      {wechat.ClientOptions{AppID: apiAppID, Now: now}, "YILU_WECHAT_APP_SECRET"},
		"secret, spaces": {wechat.ClientOptions{AppID: apiAppID, Secret: apiSecret + "\n1", Now: now}, "YILU_WECHAT_APP_SECRET"},
		"app id, dashes": {wechat.ClientOptions{AppID: "wx-1", Secret: apiSecret, Now: now}, "YILU_WECHAT_APP_ID"},
		"no address":     {wechat.ClientOptions{AppID: apiAppID, Secret: apiSecret, API: apiSecret, Now: now}, "YILU_WECHAT_API_URL"},
		"in the clear":   {wechat.ClientOptions{AppID: apiAppID, Secret: apiSecret, API: "http://api.invalid", Now: now}, "YILU_WECHAT_API_URL"},
		"with a user":    {wechat.ClientOptions{AppID: apiAppID, Secret: apiSecret, API: "https://u:" + apiSecret + "@api.invalid", Now: now}, "YILU_WECHAT_API_URL"},
		"no clock":       {wechat.ClientOptions{AppID: apiAppID, Secret: apiSecret}, "Now"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := wechat.NewClient(c.o)
			if err == nil || !strings.Contains(err.Error(), c.field) {
				t.Errorf("%v does not name %s", err, c.field)
			}
			noSecret(t, fmt.Sprint(err))
		})
	}
	for _, around := range []string{"", " ", "\n"} { // as somebody copied it
		if _, err := wechat.NewClient(wechat.ClientOptions{AppID: apiAppID + around, Secret: around + apiSecret, API: around, Now: now}); err != nil {
			t.Error(err)
		}
	}
}

// TestClientLeavesNothing: once connections are closed, nothing of a client goes on.
func TestClientLeavesNothing(t *testing.T) {
	before := goleak.IgnoreCurrent()
	api := wechattest.StartAPI(apiAppID, apiSecret)
	api.AddMedia("M1", "image/jpeg", []byte("\xff\xd8\xff"))
	rt := &http.Transport{}
	client := apiClient(t, api.URL, rt, newAPIClock().Now, io.Discard)
	for _, call := range apiCalls {
		if err := call.do(t.Context(), client); err != nil {
			t.Error(err)
		}
	}
	api.ExpireToken()
	for _, call := range apiCalls {
		api.Fail(call.path, wechattest.Fault{Drop: true}, 3)
		_ = call.do(t.Context(), client)
	}
	rt.CloseIdleConnections()
	api.Close()
	goleak.VerifyNone(t, before)
}

// TestClientReadsLittle: an answer that does not end is not read to its end.
func TestClientReadsLittle(t *testing.T) {
	t.Parallel()
	for kind, call := range apiCalls {
		api := wechattest.NewAPI(apiAppID, apiSecret)
		read := int64(0)
		client := apiClient(t, "http://127.0.0.1:1", apiTrip(func(r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "stable_token") {
				return apiMemory{api}.RoundTrip(r)
			}
			body := io.LimitReader(endless{&read}, 64<<20)
			return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"text/plain"}}, ContentLength: -1, Body: io.NopCloser(body)}, nil
		}), newAPIClock().Now, io.Discard)
		if f := apiFault(t, call.do(t.Context(), client)); f.Fault != call.unknown || read > 4<<20 {
			t.Errorf("%s: %v after %d bytes", kind, f, read)
		}
	}
}
