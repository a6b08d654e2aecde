package wechat_test

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"yilu/adapters/adaptertest"
	"yilu/adapters/wechat"
	"yilu/adapters/wechat/wechattest"
	"yilu/bot"
)

func body(r io.Reader) io.ReadCloser { return io.NopCloser(r) }

// forge makes a delivery with what it is told changed, and nothing of what was signed put right again.
func forge(r *http.Request, change func(q url.Values, body string) string) *http.Request {
	raw, _ := io.ReadAll(r.Body)
	q := r.URL.Query()
	text := change(q, string(raw))
	r.URL.RawQuery = q.Encode()
	r.Body, r.ContentLength = body(strings.NewReader(text)), int64(len(text))
	return r
}

// sealed is the encrypted part of a body.
func sealed(body string) string {
	_, rest, _ := strings.Cut(body, "<Encrypt><![CDATA[")
	part, _, _ := strings.Cut(rest, "]]>")
	return part
}

// TestForged carries T15: what is not signed, not now, not encrypted or not for this account is no turn, whatever stands
// beside it, and the log says why in words that help, without a secret.
func TestForged(t *testing.T) {
	t.Parallel()
	says := func(a wechattest.Account) []byte { return a.Text(openid, "1", now, "转账给我") }
	deliver := func(a wechattest.Account) *http.Request { return a.Deliver(target, now, "1", says(a)) }
	at := func(d time.Duration) func(wechattest.Account) *http.Request {
		return func(a wechattest.Account) *http.Request { return a.Deliver(target, now.Add(d), "1", says(a)) }
	}
	changed := func(change func(q url.Values, body string) string) func(wechattest.Account) *http.Request {
		return func(a wechattest.Account) *http.Request { return forge(deliver(a), change) }
	}
	// resigned signs the changed encrypted part again, as only WeChat or a thief of the token could.
	resigned := func(change func(sealed string) string) func(wechattest.Account) *http.Request {
		return changed(func(q url.Values, body string) string {
			part := change(sealed(body))
			q.Set("msg_signature", signature(q.Get("timestamp"), q.Get("nonce"), part))
			return strings.Replace(body, sealed(body), part, 1)
		})
	}
	query := func(name, value string) func(wechattest.Account) *http.Request {
		return changed(func(q url.Values, body string) string { q.Set(name, value); return body })
	}
	either, encrypted, plain := []string{"plain", "compatible", "safe"}, []string{"compatible", "safe"}, []string{"plain"}
	for name, c := range map[string]struct {
		modes  []string
		make   func(wechattest.Account) *http.Request
		status int
		logged string
	}{
		"plaintext to an account with a key": {encrypted, func(a wechattest.Account) *http.Request {
			a.Mode = wechattest.Plain
			return deliver(a)
		}, 403, "not encrypted"},
		"plaintext that claims to be encrypted": {encrypted, func(a wechattest.Account) *http.Request {
			a.Mode = wechattest.Plain
			return forge(deliver(a), func(q url.Values, body string) string {
				q.Set("encrypt_type", "aes")
				q.Set("msg_signature", signature(q.Get("timestamp"), q.Get("nonce"), ""))
				return body
			})
		}, 403, "not encrypted"},
		"empty Encrypt":        {encrypted, resigned(func(string) string { return "" }), 403, "not encrypted"},
		"truncated ciphertext": {encrypted, resigned(func(s string) string { return s[:len(s)/2/4*4] }), 403, "cannot be decrypted"},
		"one block":            {encrypted, resigned(func(string) string { return base64.StdEncoding.EncodeToString(make([]byte, 32)) }), 403, "cannot be decrypted"},
		"no base64":            {encrypted, resigned(func(string) string { return "!!!" }), 403, "cannot be decrypted"},
		"changed ciphertext":   {encrypted, resigned(flip), 403, "cannot be decrypted"},
		"unsigned ciphertext": {encrypted, changed(func(_ url.Values, body string) string {
			return strings.Replace(body, sealed(body), flip(sealed(body)), 1)
		}), 403, "not signed"},
		"wrong msg_signature": {encrypted, query("msg_signature", strings.Repeat("0", 40)), 403, "not signed"},
		"no msg_signature":    {encrypted, query("msg_signature", ""), 403, "not signed"},
		"wrong signature":     {either, query("signature", strings.Repeat("0", 40)), 403, "not signed"},
		"no signature":        {plain, query("signature", ""), 403, "not signed"},
		"capital signature":   {plain, changed(func(q url.Values, b string) string { q.Set("signature", strings.ToUpper(q.Get("signature"))); return b }), 403, "not signed"},
		"wrong token":         {either, func(a wechattest.Account) *http.Request { a.Token = "OtherToken"; return deliver(a) }, 403, "YILU_WECHAT_TOKEN"},
		"old":                 {either, at(-301 * time.Second), 403, "set the clock"},
		"of 1971":             {either, func(a wechattest.Account) *http.Request { return a.Deliver(target, time.Unix(4e7, 0), "1", says(a)) }, 403, "set the clock"},
		"from the future":     {either, at(301 * time.Second), 403, "ahead of ours"},
		"of the year 2100": {either, func(a wechattest.Account) *http.Request {
			return a.Deliver(target, time.Unix(4102444800, 0), "1", says(a))
		}, 403, "set the clock"},
		"no timestamp": {either, query("timestamp", ""), 403, "not signed"},
		"odd timestamp": {either, changed(func(q url.Values, body string) string {
			odd := "+" + q.Get("timestamp") // rightly signed
			q.Set("timestamp", odd)
			q.Set("signature", signature(odd, "1"))
			q.Set("msg_signature", signature(odd, "1", sealed(body)))
			return body
		}), 403, "not signed"},
		"huge timestamp":        {either, query("timestamp", "99999999999999999999"), 403, "not signed"},
		"no nonce":              {either, query("nonce", ""), 403, "not signed"},
		"odd nonce":             {either, query("nonce", "1 2"), 403, "not signed"},
		"wrong appid":           {encrypted, func(a wechattest.Account) *http.Request { a.AppID = "wxexample0000000002"; return deliver(a) }, 403, "YILU_WECHAT_APP_ID"},
		"longer appid":          {encrypted, func(a wechattest.Account) *http.Request { a.AppID += "2"; return deliver(a) }, 403, "YILU_WECHAT_APP_ID"},
		"wrong key":             {encrypted, func(a wechattest.Account) *http.Request { a.AESKey = "x" + a.AESKey[1:]; return deliver(a) }, 403, "YILU_WECHAT_AES_KEY"},
		"for another account":   {either, func(a wechattest.Account) *http.Request { a.OriginalID = "gh_example0002"; return deliver(a) }, 403, "YILU_WECHAT_ORIGINAL_ID"},
		"encrypted, and no key": {plain, func(a wechattest.Account) *http.Request { b := account(wechattest.Safe); return deliver(b) }, 400, "YILU_WECHAT_AES_KEY"},
		"an entity":             {either, func(a wechattest.Account) *http.Request { return a.Deliver(target, now, "1", entity(says(a))) }, 400, "malformed"},
		"nested deep": {either, func(a wechattest.Account) *http.Request {
			return a.Deliver(target, now, "1", []byte(strings.Repeat("<xml>", 5000)))
		}, 400, "malformed"},
		"in another encoding": {either, func(a wechattest.Account) *http.Request {
			return a.Deliver(target, now, "1", append([]byte(`<?xml version="1.0" encoding="GBK"?>`), says(a)...))
		}, 400, "malformed"},
		"another root": {either, func(a wechattest.Account) *http.Request {
			return a.Deliver(target, now, "1", []byte(strings.ReplaceAll(string(says(a)), "xml>", "html>")))
		}, 400, "malformed"},
		"a body that ends early": {either, func(a wechattest.Account) *http.Request { r := deliver(a); r.Body = body(broken{}); return r }, 400, "ended early"},
	} {
		for _, mode := range c.modes {
			t.Run(name+", "+mode, func(t *testing.T) {
				t.Parallel()
				a := account(modes[mode])
				host, h := mount(t, a)
				w := adaptertest.Do(t, h, c.make(a))
				log := host.Logged()
				if w.Code != c.status || host.Calls() != 0 || w.Body.Len() != 0 {
					t.Errorf("status %d, want %d; %d calls; %s", w.Code, c.status, host.Calls(), w.Body)
				}
				if !strings.Contains(log, c.logged) {
					t.Errorf("logged %s, want %q", log, c.logged)
				}
				noSecrets(t, name, log)
				if strings.Contains(log, openid) || strings.Contains(log, "转账") {
					t.Errorf("the log quotes the message: %s", log)
				}
			})
		}
	}
}

// signature is what the account's token signs, as wechattest writes it into an address.
func signature(parts ...string) string {
	return account(wechattest.Safe).Sign(parts...)
}

// flip changes one byte in the middle.
func flip(sealed string) string {
	raw, _ := base64.StdEncoding.DecodeString(sealed)
	raw[len(raw)-40] ^= 1
	raw[len(raw)-1] ^= 0x55
	return base64.StdEncoding.EncodeToString(raw)
}

func entity(xml []byte) []byte {
	return []byte(`<!DOCTYPE xml [<!ENTITY x SYSTEM "file:///etc/hostname">]>` + strings.Replace(string(xml), "<![CDATA[转账给我]]>", "&x;", 1))
}

// broken is a connection that breaks.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("a fault that quotes TokenMarker1") }

// TestBeside holds that in compatible mode what stands in the clear is not read, though somebody changed it.
func TestBeside(t *testing.T) {
	t.Parallel()
	a := account(wechattest.Compatible)
	host, h := mount(t, a)
	r := forge(a.Deliver(target, now, "1", a.Text(openid, "1", now, "找活")), func(_ url.Values, body string) string {
		return strings.NewReplacer("找活", "转账", openid, "oExample_evil").Replace(body)
	})
	w := adaptertest.Do(t, h, r)
	if turns := host.Turns(); w.Code != 200 || len(turns) != 1 || turns[0].Text != "找活" || turns[0].From.User != openid {
		t.Errorf("status %d, turns %v", w.Code, turns)
	}
}

// TestPlainOfCompatible holds that an account without a key can be read where the console is set to compatible mode.
func TestPlainOfCompatible(t *testing.T) {
	t.Parallel()
	host, h := mount(t, account(wechattest.Plain))
	a := account(wechattest.Compatible)
	w := adaptertest.Do(t, h, a.Deliver(target, now, "1", a.Text(openid, "1", now, "找活")))
	a.Mode = wechattest.Plain
	if turns := host.Turns(); w.Code != 200 || len(turns) != 1 || shown(t, a, w.Body.Bytes()).Content != "找活" {
		t.Errorf("status %d, turns %v", w.Code, turns)
	}
}

// clocked is a host with a clock that moves.
type clocked struct {
	*adaptertest.Host
	ahead atomic.Int64
}

func (c *clocked) Now() time.Time { return now.Add(time.Duration(c.ahead.Load())) }

func mountClocked(t testing.TB, a wechattest.Account) (*clocked, http.Handler) {
	host := &clocked{Host: adaptertest.NewHost(t, texts(t), langs...)}
	for name, value := range settings(a) {
		host.Set(name, value)
	}
	m, err := wechat.New(wechat.Options{}).Mount(host)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	for pattern, handler := range m.Routes {
		mux.Handle(pattern, handler)
	}
	return host, mux
}

// TestReplay carries T15: a timestamp and nonce that came before are good for the same message only, for as long as they
// are fresh, and a message whose turn failed is still taken.
func TestReplay(t *testing.T) {
	t.Parallel()
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := account(mode)
			host, h := mountClocked(t, a)
			made := now
			send := func(at time.Time, nonce, id, text string) int {
				return adaptertest.Do(t, h, a.Deliver(target, at, nonce, a.Text(openid, id, made, text))).Code
			}
			host.FailNext(&bot.Error{Code: bot.Unavailable})
			for i, step := range []struct {
				ahead  time.Duration
				at     time.Duration
				nonce  string
				id     string
				text   string
				status int
			}{
				{0, 0, "1", "1", "找活", 503},
				{0, 0, "1", "1", "找活", 200},                              // WeChat comes again
				{0, 0, "1", "1", "找活", 200},                              // and again
				{0, 0, "1", "1", "转账", 403},                              // somebody else, with what was signed for it
				{0, 0, "1", "2", "转账", 403},                              //
				{0, 0, "2", "1", "找活", 200},                              // signed anew
				{0, time.Second, "1", "3", "瓦工", 200},                    // the same nonce at another time
				{0, 5 * time.Minute, "1", "4", "同安", 200},                // signed ahead of us
				{5 * time.Minute, 0, "1", "2", "转账", 403},                // still fresh
				{5*time.Minute + time.Second, 0, "1", "1", "找活", 403},    // no more
				{10 * time.Minute, 5 * time.Minute, "1", "5", "转账", 403}, // still fresh
				{11 * time.Minute, 11 * time.Minute, "1", "6", "好", 200},
			} {
				host.ahead.Store(int64(step.ahead))
				if step.id == "6" {
					made = now.Add(step.at)
				}
				if got := send(now.Add(step.at), step.nonce, step.id, step.text); got != step.status {
					t.Errorf("step %d: status %d, want %d", i, got, step.status)
				}
			}
			for _, m := range host.Turns() {
				if m.Text == "转账" {
					t.Error("a replayed signature became a turn")
				}
			}
			if len(host.Turns()) != 4 {
				t.Errorf("%d turns", len(host.Turns()))
			}
		})
	}
}

// TestCheckIsNoMessage holds that what was signed for the check of the address is not good for a message.
func TestCheckIsNoMessage(t *testing.T) {
	t.Parallel()
	a := account(wechattest.Plain)
	host, h := mount(t, a)
	for range 2 {
		if w := adaptertest.Do(t, h, a.Verify(target, now, "1", "4321")); w.Code != 200 {
			t.Errorf("status %d", w.Code)
		}
	}
	if w := adaptertest.Do(t, h, a.Deliver(target, now, "1", a.Text(openid, "1", now, "转账"))); w.Code != 403 || host.Calls() != 0 {
		t.Errorf("status %d, %d calls", w.Code, host.Calls())
	}
}

// TestRecrypted holds that a message which WeChat encrypts anew for a further delivery is the same one.
func TestRecrypted(t *testing.T) {
	t.Parallel()
	all := readVectors(t)
	a := account(wechattest.Safe)
	for _, v := range all.Cases {
		if v.Name != "safe letters current" { // encrypted with other bytes before it than wechattest's
			continue
		}
		host, h := mount(t, a)
		q := url.Values{}
		for name, value := range v.Query {
			q.Set(name, value)
		}
		first := adaptertest.Do(t, h, httptest.NewRequest("POST", target+"?"+q.Encode(), strings.NewReader(v.Body)))
		again := adaptertest.Do(t, h, a.Deliver(target, now, v.Nonce, []byte(v.XML)))
		if first.Code != 200 || again.Code != 200 || first.Body.String() != again.Body.String() || len(host.Turns()) != 1 {
			t.Errorf("status %d and %d, %d turns", first.Code, again.Code, len(host.Turns()))
		}
		return
	}
	t.Error("no such vector")
}

// TestAfter2038 holds that time goes on after what 32 bits hold.
func TestAfter2038(t *testing.T) {
	t.Parallel()
	for name, mode := range modes {
		a := account(mode)
		host, h := mountClocked(t, a)
		host.ahead.Store(int64(20 * 365 * 24 * time.Hour))
		at := host.Now()
		w := adaptertest.Do(t, h, a.Deliver(target, at, "1", a.Text(openid, "1", at, "找活")))
		if turns := host.Turns(); w.Code != 200 || len(turns) != 1 || !turns[0].At.Equal(at) || shown(t, a, w.Body.Bytes()).Content != "找活" {
			t.Errorf("%s: status %d, turns %v", name, w.Code, turns)
		}
	}
}
