package wechat_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"yilu/adapters/adaptertest"
	"yilu/adapters/wechat/wechattest"
)

// vectors is what vectors.mjs makes.
type vectors struct {
	Account struct{ AppID, Token, OriginalID string }
	Keys    map[string]string
	OpenID  string
	Time    int64
	Cases   []vector
}

// vector is one delivery and the answer to it where the host repeats what was said.
type vector struct {
	Name, Mode, Key, ID, Nonce, Text, XML, Body, Answer string
	Query                                               map[string]string
	Derived                                             bool // the bytes before the text are those of wechattest
}

func readVectors(t testing.TB) (v vectors) {
	t.Helper()
	raw, err := os.ReadFile("testdata/vectors.json")
	if err == nil {
		err = json.Unmarshal(raw, &v)
	}
	if err != nil || len(v.Cases) < 50 || v.Time != now.Unix() || v.Keys["previous"] != previousKey {
		t.Fatalf("%d vectors of %d: %v", len(v.Cases), v.Time, err)
	}
	return v
}

// TestVectors holds both halves to a third party's: what it encrypts is read, and what comes back is, byte for byte,
// what it says must come back, also under the key of before.
func TestVectors(t *testing.T) {
	t.Parallel()
	all := readVectors(t)
	for _, v := range all.Cases {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			a := wechattest.Account{AppID: all.Account.AppID, Token: all.Account.Token, OriginalID: all.Account.OriginalID, Mode: modes[v.Mode], AESKey: all.Keys[v.Key]}
			c := channel(t, a)
			if v.Mode != "plain" {
				c.Settings["YILU_WECHAT_AES_KEY"] = all.Keys["current"]
			}
			host, h := c.Mount(t)
			q := url.Values{}
			for name, value := range v.Query {
				q.Set(name, value)
			}
			r := httptest.NewRequest("POST", target+"?"+q.Encode(), strings.NewReader(v.Body))
			r.Header.Set("Content-Type", "text/xml")
			w := adaptertest.Do(t, h, r)
			turns := host.Turns()
			if w.Code != 200 || len(turns) != 1 || turns[0].Text != v.Text || turns[0].From.User != all.OpenID || turns[0].ID != v.ID {
				t.Fatalf("status %d, turns %v: %s", w.Code, turns, host.Logged())
			}
			if got := w.Body.String(); got != v.Answer {
				t.Errorf("answered %s\nwant     %s", got, v.Answer)
			}
			if p := shown(t, a, []byte(v.Answer)); p.Content != v.Text || p.To != all.OpenID || p.From != a.OriginalID {
				t.Errorf("wechattest reads %+v", p)
			}
			ours := a.Text(all.OpenID, v.ID, time.Unix(all.Time, 0), v.Text)
			if string(ours) != v.XML {
				t.Errorf("wechattest writes %s\nwant %s", ours, v.XML)
			}
			if v.Derived {
				sent := a.Deliver(target, time.Unix(all.Time, 0), v.Nonce, ours)
				if got := read(t, sent); sent.URL.RawQuery != q.Encode() || got != v.Body {
					t.Errorf("wechattest delivers %s\n%s\nwant %s\n%s", sent.URL.RawQuery, got, q.Encode(), v.Body)
				}
			}
		})
	}
}

func read(t testing.TB, r *http.Request) string {
	t.Helper()
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
