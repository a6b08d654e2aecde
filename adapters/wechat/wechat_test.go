package wechat_test

import (
	"hash/fnv"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"yilu/adapters/adaptertest"
	"yilu/adapters/wechat"
	"yilu/adapters/wechat/wechattest"
	"yilu/bot"
)

// TestMain carries T30.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var langs = []string{"zh-CN", "en"}

var words struct {
	sync.Once
	by map[string]map[string]string
}

// texts are read once; every mount of a test shares them.
func texts(t testing.TB) map[string]map[string]string {
	words.Do(func() { words.by = adaptertest.Texts(t, "../../locales", "wechat", langs...) })
	return words.by
}

const (
	target = wechat.Route
	openid = "oExample_0000000000000000001"
)

// now is the host's clock.
var now = time.Date(2026, 11, 23, 8, 5, 0, 0, bot.Xiamen)

// account is the example account in a mode. Its secrets are words that a log is easily searched for.
func account(mode wechattest.Mode) wechattest.Account {
	a := wechattest.Account{AppID: "wxexample0000000001", Token: "TokenMarker1", OriginalID: "gh_example0001", Mode: mode}
	if mode != wechattest.Plain {
		a.AESKey = "AESKeyMarker00000000000000000000000000000AB"
	}
	return a
}

// secrets are what no log may hold.
var secrets = []string{"TokenMarker1", "AESKeyMarker", "PreviousMarker", "SecretMarker"}

var modes = map[string]wechattest.Mode{"plain": wechattest.Plain, "compatible": wechattest.Compatible, "safe": wechattest.Safe}

// previousKey is the key that the account had before.
const previousKey = "PreviousMarker0000000000000000000000000000A"

func settings(a wechattest.Account) map[string]string {
	s := map[string]string{
		"YILU_WECHAT_APP_ID": a.AppID, "YILU_WECHAT_TOKEN": a.Token, "YILU_WECHAT_AES_KEY": a.AESKey,
		"YILU_WECHAT_ORIGINAL_ID": a.OriginalID, "YILU_WECHAT_APP_SECRET": a.AppSecret,
	}
	if a.Mode != wechattest.Plain {
		s["YILU_WECHAT_AES_KEY_PREVIOUS"] = previousKey
	}
	return s
}

// number makes WeChat's number out of the suite's id.
func number(id string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(id))
	return strconv.FormatUint(h.Sum64()>>1|1, 10)
}

func channel(t testing.TB, a wechattest.Account) adaptertest.Channel {
	return adaptertest.Channel{
		Texts:    texts(t),
		Langs:    langs,
		Settings: settings(a),
		Secrets:  secrets,
		New:      func() bot.Adapter { return wechat.New(wechat.Options{}) },
		Deliver: func(id, user, text string) *http.Request {
			return a.Deliver(target, now, number(id+user), a.Text(user, number(id), now, text))
		},
		Press: func(id, user, send string) *http.Request { // an event has no number: its time tells it apart
			h := fnv.New32a()
			_, _ = h.Write([]byte(id))
			at := now.Add(-time.Duration(h.Sum32()%500) * time.Second)
			return a.Deliver(target, now, number(id+user), a.Event(user, "CLICK", send, at))
		},
		Shown:      func(t testing.TB, body []byte) []string { return []string{shown(t, a, body).Content} },
		Unknown:    func() *http.Request { return a.Deliver(target, now, "1", a.Other(openid, "hologram", "1", now, "")) },
		Unreadable: true,
		Patience:   6500 * time.Millisecond, // WeChat hangs up after 5 s; of whoever does not the channel takes leave after 6
		Refused:    refused(a),
	}
}

// refused is what the suite asks for; more stands in forged_test.go.
func refused(a wechattest.Account) map[string]adaptertest.Refused {
	good := func() *http.Request { return a.Deliver(target, now, "1", a.Text(openid, "1", now, "找活")) }
	with := func(name, value string) *http.Request {
		r := good()
		q := r.URL.Query()
		q.Set(name, value)
		r.URL.RawQuery = q.Encode()
		return r
	}
	typed := func(kind string) *http.Request {
		r := good()
		r.Header.Set("Content-Type", kind)
		return r
	}
	put := good()
	put.Method = http.MethodPut
	huge := good()
	huge.Body, huge.ContentLength = http.NoBody, -1
	huge.Body = body(adaptertest.Body(1 << 20))
	replayed := adaptertest.Refused{Why: "one request alone does not tell: TestReplay delivers two"}
	if a.Mode != wechattest.Plain {
		other := a.Deliver(target, now, "1", a.Text(openid, "1", now, "转账"))
		r := good()
		r.Body, r.ContentLength = other.Body, other.ContentLength
		replayed = adaptertest.Refused{Request: r, Status: 403}
	}
	return map[string]adaptertest.Refused{
		"forged":        {Request: with("signature", strings.Repeat("0", 40)), Status: 403},
		"replayed":      replayed,
		"stale":         {Request: a.Deliver(target, now.Add(-6*time.Minute), "1", a.Text(openid, "1", now, "找活")), Status: 403},
		"too large":     {Request: huge, Status: 413},
		"wrong type":    {Request: typed("application/json"), Status: 415},
		"odd type":      {Request: typed(";"), Status: 415},
		"malformed":     {Request: a.Deliver(target, now, "1", []byte("<xml><FromUserName>")), Status: 400},
		"no XML":        {Request: a.Deliver(target, now, "1", []byte("找活")), Status: 400},
		"empty":         {Request: a.Deliver(target, now, "1", nil), Status: 400},
		"without id":    {Request: a.Deliver(target, now, "1", a.Text(openid, "", now, "找活")), Status: 400},
		"odd id":        {Request: a.Deliver(target, now, "1", a.Text(openid, "-1", now, "找活")), Status: 400},
		"without time":  {Request: a.Deliver(target, now, "1", a.Text(openid, "1", time.Unix(0, 0), "找活")), Status: 400},
		"without from":  {Request: a.Deliver(target, now, "1", a.Text("", "1", now, "找活")), Status: 400},
		"odd from":      {Request: a.Deliver(target, now, "1", a.Text("a b", "1", now, "找活")), Status: 400},
		"without event": {Request: a.Deliver(target, now, "1", a.Event(openid, "", "", now)), Status: 400},
		"without kind":  {Request: a.Deliver(target, now, "1", a.Other(openid, "", "1", now, "")), Status: 400},
		"nothing said":  {Request: a.Deliver(target, now, "1", a.Text(openid, "1", now, " \x00\u3000")), Status: 200},
		"too long":      {Request: a.Deliver(target, now, "1", a.Text(openid, "1", now, strings.Repeat("长", bot.MaxText+1))), Status: 200},
		"wrong method":  {Request: put, Status: 405},
	}
}

// TestSuite carries T6.
func TestSuite(t *testing.T) {
	t.Parallel()
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			adaptertest.Suite(t, channel(t, account(mode)))
		})
	}
	t.Run("safe, with customer messages", func(t *testing.T) {
		t.Parallel()
		a := account(wechattest.Safe)
		a.AppSecret = appSecret
		c := channel(t, a)
		c.New = func() bot.Adapter { return wechat.New(wechat.Options{HTTP: &http.Client{Transport: &api{}}}) }
		c.Slow = adaptertest.Slow{Acknowledged: 3, Why: "WeChat comes no fourth time; what comes of the turn goes out as a customer message"}
		adaptertest.Suite(t, c)
	})
}

// mount mounts the channel on a new host.
func mount(t testing.TB, a wechattest.Account) (*adaptertest.Host, http.Handler) {
	t.Helper()
	return channel(t, a).Mount(t)
}

// shown reads an answer as WeChat would.
func shown(t testing.TB, a wechattest.Account, body []byte) wechattest.Passive {
	t.Helper()
	p, err := a.Open(body)
	if err != nil {
		t.Errorf("%v: %s", err, body)
	}
	return p
}

// TestSilence holds that what must not be a turn is still answered in words where somebody wrote it.
func TestSilence(t *testing.T) {
	t.Parallel()
	for name, mode := range modes {
		a := account(mode)
		for text, key := range map[string]string{" \x00": "wechat.nothing", strings.Repeat("长", bot.MaxText+1): "wechat.too_long"} {
			host, h := mount(t, a)
			w := adaptertest.Do(t, h, a.Deliver(target, now, "1", a.Text(openid, "1", now, text)))
			if p := shown(t, a, w.Body.Bytes()); p.Content != texts(t)["zh-CN"][key] || p.To != openid || p.From != a.OriginalID || host.Calls() != 0 {
				t.Errorf("%s: %q: %+v, %d calls", name, key, p, host.Calls())
			}
		}
	}
}

// TestLongest holds that the longest text that is allowed is taken.
func TestLongest(t *testing.T) {
	t.Parallel()
	a := account(wechattest.Safe)
	host, h := mount(t, a)
	w := adaptertest.Do(t, h, a.Deliver(target, now, "1", a.Text(openid, "1", now, strings.Repeat("👷", bot.MaxText))))
	if w.Code != 200 || len(host.Turns()) != 1 {
		t.Errorf("status %d, %d turns: %s", w.Code, len(host.Turns()), host.Logged())
	}
}

// TestSettings holds that a channel that is not set up is off, and that one that is set up wrongly says which setting
// is wrong, without its value.
func TestSettings(t *testing.T) {
	t.Parallel()
	good := account(wechattest.Safe)
	with := func(pairs ...string) map[string]string {
		s := settings(good)
		for i := 0; i < len(pairs); i += 2 {
			s["YILU_WECHAT_"+pairs[i]] = pairs[i+1]
		}
		return s
	}
	for name, c := range map[string]struct {
		settings map[string]string
		code     bot.Code
		field    string
	}{
		"none":              {nil, bot.Off, ""},
		"address only":      {map[string]string{"YILU_WECHAT_API_URL": "http://127.0.0.1:1"}, bot.Off, ""},
		"all":               {with(), "", ""},
		"all, with spaces":  {with("TOKEN", " TokenMarker1\n", "AES_KEY", good.AESKey+"\n"), "", ""},
		"plain":             {settings(account(wechattest.Plain)), "", ""},
		"one key":           {with("AES_KEY_PREVIOUS", ""), "", ""},
		"secret":            {with("APP_SECRET", "SecretMarker"), "", ""},
		"no app id":         {with("APP_ID", ""), bot.Invalid, "YILU_WECHAT_APP_ID"},
		"secret only":       {map[string]string{"YILU_WECHAT_APP_SECRET": "SecretMarker"}, bot.Invalid, "YILU_WECHAT_APP_ID"},
		"odd app id":        {with("APP_ID", "SecretMarker "+"x"), bot.Invalid, "YILU_WECHAT_APP_ID"},
		"app id with dash":  {with("APP_ID", "wx-SecretMarker"), bot.Invalid, "YILU_WECHAT_APP_ID"},
		"outward, spaces":   {with("APP_ID", good.AppID+" ", "APP_SECRET", " SecretMarker\n", "API_URL", "https://api.example.invalid "), "", ""},
		"blank secret only": {map[string]string{"YILU_WECHAT_APP_SECRET": " "}, bot.Off, ""},
		"no token":          {with("TOKEN", ""), bot.Invalid, "YILU_WECHAT_TOKEN"},
		"short token":       {with("TOKEN", "ab"), bot.Invalid, "YILU_WECHAT_TOKEN"},
		"long token":        {with("TOKEN", "SecretMarker"+strings.Repeat("a", 21)), bot.Invalid, "YILU_WECHAT_TOKEN"},
		"odd token":         {with("TOKEN", "SecretMarker!"), bot.Invalid, "YILU_WECHAT_TOKEN"},
		"odd original id":   {with("ORIGINAL_ID", "SecretMarker:"), bot.Invalid, "YILU_WECHAT_ORIGINAL_ID"},
		"short key":         {with("AES_KEY", "AESKeyMarker"), bot.Invalid, "YILU_WECHAT_AES_KEY"},
		"odd key":           {with("AES_KEY", "AESKeyMarker000000000000000000000000000000!"), bot.Invalid, "YILU_WECHAT_AES_KEY"},
		"key of 44":         {with("AES_KEY", good.AESKey+"="), bot.Invalid, "YILU_WECHAT_AES_KEY"},
		"odd previous key":  {with("AES_KEY_PREVIOUS", "PreviousMarker"), bot.Invalid, "YILU_WECHAT_AES_KEY_PREVIOUS"},
		"previous key only": {with("AES_KEY", ""), bot.Invalid, "YILU_WECHAT_AES_KEY"},
	} {
		host := adaptertest.NewHost(t, texts(t), langs...)
		for k, v := range c.settings {
			host.Set(k, v)
		}
		_, err := wechat.New(wechat.Options{}).Mount(host)
		if bot.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want code %q", name, err, c.code)
			continue
		}
		if err == nil {
			continue
		}
		e, _ := err.(*bot.Error)
		if e == nil || e.Field != c.field {
			t.Errorf("%s: %v, want field %q", name, err, c.field)
		}
		noSecrets(t, name, err.Error()+host.Logged())
	}
}

func noSecrets(t testing.TB, where, text string) {
	t.Helper()
	for _, s := range secrets {
		if strings.Contains(text, s) {
			t.Errorf("%s: a secret is out: %s", where, text)
		}
	}
}

// TestVerify is the check that the console makes of the address.
func TestVerify(t *testing.T) {
	t.Parallel()
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := account(mode)
			wrong := a
			wrong.Token = "OtherToken"
			head := a.Verify(target, now, "1", "4321")
			head.Method = http.MethodHead
			for name, c := range map[string]struct {
				r      *http.Request
				status int
				body   string
			}{
				"right":      {a.Verify(target, now, "1", "5837397520665436851"), 200, "5837397520665436851"},
				"markup":     {a.Verify(target, now, "1", "<script>"), 200, "<script>"}, // as plain text, see below
				"long":       {a.Verify(target, now, "1", strings.Repeat("1", 1000)), 400, ""},
				"wrong":      {wrong.Verify(target, now, "1", "4321"), 403, ""},
				"old":        {a.Verify(target, now.Add(-301*time.Second), "1", "4321"), 403, ""},
				"nearly old": {a.Verify(target, now.Add(-299*time.Second), "1", "4321"), 200, "4321"},
				"future":     {a.Verify(target, now.Add(301*time.Second), "1", "4321"), 403, ""},
				"no query":   {httptest.NewRequest("GET", target, nil), 403, ""},
				"head":       {head, 405, ""},
				"posted":     {posted(a.Verify(target, now, "1", "4321")), 400, ""},
			} {
				host, h := mount(t, a)
				w := adaptertest.Do(t, h, c.r)
				if w.Code != c.status || w.Body.String() != c.body || host.Calls() != 0 {
					t.Errorf("%s: %d %q, want %d %q", name, w.Code, w.Body, c.status, c.body)
				}
				if got := w.Header().Get("Content-Type"); got != "text/plain; charset=utf-8" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
					t.Errorf("%s: content type %q", name, got)
				}
				if allow := w.Header().Get("Allow"); c.status == 405 && allow != "GET, POST" {
					t.Errorf("Allow: %q", allow)
				}
				noSecrets(t, name, host.Logged())
			}
		})
	}
}

// posted is a request of GET sent by POST: echostr must not come back.
func posted(r *http.Request) *http.Request {
	r.Method = http.MethodPost
	r.Body = http.NoBody
	return r
}
