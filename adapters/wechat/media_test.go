package wechat_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"yilu/adapters/adaptertest"
	"yilu/adapters/wechat/wechattest"
	"yilu/bot"
)

// TestFetch: photo, recording and video arrive byte for byte.
func TestFetch(t *testing.T) {
	t.Parallel()
	k := newAPIKit(t)
	big := bytes.Repeat([]byte("\x00\x01{}<html>"), 2<<20) // 20 MiB
	k.api.AddMedia("photo", "image/jpeg", []byte("\xff\xd8\xff\xe0{\"errcode\":40007}"))
	k.api.AddMedia("voice", "audio/amr", []byte("#!AMR\n"))
	k.api.AddMedia("big", "video/mp4", big)
	k.api.AddVideo("video", "", []byte("\x00\x00\x00\x18ftyp"))
	for id, want := range map[string]struct {
		kind string
		data []byte
	}{
		"photo": {"image/jpeg", []byte("\xff\xd8\xff\xe0{\"errcode\":40007}")},
		"voice": {"audio/amr", []byte("#!AMR\n")},
		"big":   {"video/mp4", big},
		"video": {"video/mp4", []byte("\x00\x00\x00\x18ftyp")},
	} {
		m, err := k.Fetch(t.Context(), "media:"+id)
		if err != nil {
			t.Fatal(id, err)
		}
		got, err := io.ReadAll(m.Body)
		if err != nil || !bytes.Equal(got, want.data) || m.Type != want.kind || m.Size != -1 && m.Size != int64(len(want.data)) {
			t.Errorf("%s: %d bytes of %q (%d said), %v", id, len(got), m.Type, m.Size, err)
		}
		if err := m.Body.Close(); err != nil {
			t.Error(err)
		}
	}
	k.api.ExpireToken()
	m, err := k.Fetch(t.Context(), "media:photo")
	if err != nil {
		t.Fatal("a token that had ended was not replaced:", err)
	}
	_ = m.Body.Close()
}

// TestFetchFaults: whoever wants a file learns whether to come again.
func TestFetchFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer wechattest.Fault
		code   bot.Code
		fault  bot.SendFault
	}{
		"gone":        {wechattest.Fault{Code: 40007}, bot.NotFound, bot.Refused},
		"quota":       {wechattest.Fault{Code: 45009}, bot.Unavailable, bot.QuotaSpent},
		"busy":        {wechattest.Fault{Code: -1}, bot.Unavailable, bot.Busy},
		"not allowed": {wechattest.Fault{Code: 48001}, bot.Unavailable, bot.NotAllowed},
		"token":       {wechattest.Fault{Code: 40001}, bot.Unavailable, bot.Busy},
		"502":         {wechattest.Fault{Status: 502, Body: "<html>"}, bot.Unavailable, bot.Busy},
		"502 binary":  {wechattest.Fault{Status: 502, Body: "\xff\xd8\xff"}, bot.Unavailable, bot.Busy},
		"a page":      {wechattest.Fault{Body: "<html>", Header: http.Header{"Content-Type": {"text/html"}}}, bot.Unavailable, bot.Busy},
		"plain error": {wechattest.Fault{Body: `{"errcode":40007,"errmsg":"invalid media_id"}`, Header: http.Header{"Content-Type": {"text/plain"}}}, bot.NotFound, bot.Refused},
		"image error": {wechattest.Fault{Body: `{"errcode":40007,"errmsg":"invalid media_id"}`, Header: http.Header{"Content-Type": {"image/jpeg"}}}, bot.NotFound, bot.Refused},
		"empty JSON":  {wechattest.Fault{Body: `{}`}, bot.Unavailable, bot.Busy},
		"redirect":    {wechattest.Fault{Status: 302, Header: http.Header{"Location": {"https://elsewhere.invalid/"}}}, bot.Unavailable, bot.NotAllowed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newAPIKit(t)
			k.api.Fail("media/get", c.answer, -1)
			_, err := k.Fetch(t.Context(), "media:M1")
			var e *bot.Error
			if !errors.As(err, &e) || e.Code != c.code {
				t.Errorf("%v, want code %s", err, c.code)
			}
			if f := apiFault(t, err); f.Fault != c.fault {
				t.Errorf("%#v, want %s", f, c.fault)
			}
		})
	}
}

// TestFetchSize: Fetch sets no limit, so that whoever reads finds out that a file is too large, and can say so: nothing of
// it is an error of the channel. What is not read is not transferred.
func TestFetchSize(t *testing.T) {
	t.Parallel()
	for _, size := range []int64{1 << 30, -1} {
		api := wechattest.NewAPI(apiAppID, apiSecret)
		read := int64(0)
		client := apiClient(t, "http://127.0.0.1:1", apiTrip(func(r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "stable_token") {
				return apiMemory{api}.RoundTrip(r)
			}
			return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"image/jpeg"}}, ContentLength: size, Body: io.NopCloser(endless{&read})}, nil
		}), newAPIClock().Now, io.Discard)
		m, err := client.Fetch(t.Context(), "media:M1")
		if err != nil || m.Size != size || read > 64<<10 {
			t.Fatalf("%d said, %v after %d bytes", m.Size, err, read)
		}
		if n, err := io.CopyN(io.Discard, m.Body, 70<<20); err != nil || read > 71<<20 { // more than evidence keeps
			t.Errorf("%d bytes, %d read, %v", n, read, err)
		}
		_ = m.Body.Close()
	}
}

type endless struct{ read *int64 }

func (e endless) Read(p []byte) (int, error) {
	*e.read += int64(len(p))
	return len(p), nil
}

// TestFetchBrokenOff: a file that ends early is an error, and one that quotes nothing.
func TestFetchBrokenOff(t *testing.T) {
	t.Parallel()
	k := newAPIKit(t)
	k.api.Fail("media/get", wechattest.Fault{Status: 200, Header: http.Header{"Content-Type": {"image/jpeg"}, "Content-Length": {"100"}}, Body: "\xff\xd8\xff"}, 1)
	m, err := k.Fetch(t.Context(), "media:M1")
	if err != nil {
		t.Fatal(err)
	}
	defer m.Body.Close()
	if _, err = io.ReadAll(m.Body); bot.CodeOf(err) != bot.Unavailable {
		t.Error(err)
	}
	noSecret(t, fmt.Sprintf("%v %#v", err, err))
}

// TestFetchVideoPlace: a video is fetched from where the platform keeps them, encrypted and without the token, and from
// nowhere else.
func TestFetchVideoPlace(t *testing.T) {
	t.Parallel()
	for place, want := range map[string]string{
		"https://mp.weixin.qq.com/v?a=1":           "https://mp.weixin.qq.com/v?a=1",
		"http://mp.weixin.qq.com/v?a=1":            "https://mp.weixin.qq.com/v?a=1",
		"http://vweixinp.tc.qq.com:80/1007_x.mp4":  "https://vweixinp.tc.qq.com/1007_x.mp4",
		"https://mmbiz.qpic.cn:443/v":              "https://mmbiz.qpic.cn/v",
		"https://MP.WEIXIN.QQ.COM/v":               "https://MP.WEIXIN.QQ.COM/v",
		"https://weixin.qq.com/v":                  "https://weixin.qq.com/v",
		"https://evil.invalid/v":                   "",
		"https://evilweixin.qq.com/v":              "",
		"https://weixin.qq.com.evil.invalid/v":     "",
		"https://mp.weixin.qq.com@evil.invalid/v":  "",
		"https://u:p@mp.weixin.qq.com/v":           "",
		"https://mp.weixin.qq.com:8443/v":          "",
		"http://169.254.169.254/latest/meta-data":  "",
		"http://127.0.0.1:22/":                     "",
		"file:///etc/passwd":                       "",
		"//mp.weixin.qq.com/v":                     "",
		"ftp://mp.weixin.qq.com/v":                 "",
		"::":                                       "",
		"http://127.0.0.1:1/video/V":               "http://127.0.0.1:1/video/V", // the API itself
		"https://mp.weixin.qq.com/v\u0000":         "",
		"https://x.evil.invalid#.mp.weixin.qq.com": "",
	} {
		t.Run(place, func(t *testing.T) {
			t.Parallel()
			api := wechattest.NewAPI(apiAppID, apiSecret)
			api.AddVideo("V", place, []byte("film"))
			asked := ""
			var log adaptertest.Lines
			client := apiClient(t, "http://127.0.0.1:1", apiTrip(func(r *http.Request) (*http.Response, error) {
				if strings.HasPrefix(r.URL.Path, "/cgi-bin/") {
					return apiMemory{api}.RoundTrip(r)
				}
				asked = r.URL.String()
				noSecret(t, fmt.Sprint(r.URL, r.Header))
				return &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: 4, Body: io.NopCloser(strings.NewReader("film"))}, nil
			}), newAPIClock().Now, &log)
			m, err := client.Fetch(t.Context(), "media:V")
			if asked != want {
				t.Errorf("asked %q, want %q", asked, want)
			}
			if want == "" { // tried again, and the operator told once of the host alone
				_, again := client.Fetch(t.Context(), "media:V")
				for _, err := range []error{err, again} {
					var e *bot.Error
					if !errors.As(err, &e) || e.Code != bot.Unavailable || e.Field != "video_url" {
						t.Errorf("%v, want one that may be had later", err)
					}
				}
				u, _ := url.Parse(place)
				said := log.String()
				if strings.Count(said, `"level":"ERROR"`) != 1 || strings.Contains(said, "latest") || strings.Contains(said, "passwd") || u != nil && u.User == nil && !strings.Contains(said, u.Hostname()) {
					t.Errorf("logged %s", said)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(m.Body)
			if string(got) != "film" || err != nil || m.Body.Close() != nil {
				t.Errorf("%q %v", got, err)
			}
		})
	}
}

// TestFetchVideoFaults: a place that fails, or leads on to another, is no file.
func TestFetchVideoFaults(t *testing.T) {
	t.Parallel()
	api := wechattest.NewAPI(apiAppID, apiSecret)
	api.AddVideo("V", "https://mp.weixin.qq.com/v", nil)
	for _, status := range []int{301, 403, 404, 500, 503} {
		client := apiClient(t, "http://127.0.0.1:1", apiTrip(func(r *http.Request) (*http.Response, error) {
			if strings.HasPrefix(r.URL.Path, "/cgi-bin/") {
				return apiMemory{api}.RoundTrip(r)
			}
			return &http.Response{StatusCode: status, Header: http.Header{"Location": {"https://evil.invalid/"}}, Body: http.NoBody}, nil
		}), newAPIClock().Now, io.Discard)
		_, err := client.Fetch(t.Context(), "media:V")
		if f := apiFault(t, err); bot.CodeOf(err) != bot.Unavailable || f.Code != status {
			t.Errorf("%v", err)
		}
	}
}

// TestFetchRef: what is no ref of ours asks nobody.
func TestFetchRef(t *testing.T) {
	t.Parallel()
	k := newAPIKit(t)
	for _, ref := range []string{"", "M1", "media:", "media:a/../b", "media:a&access_token=x", "media:" + strings.Repeat("x", 257), "file:M1", "media:TEXT-MARK\n"} {
		_, err := k.Fetch(t.Context(), ref)
		apiInvalid(t, err, "ref")
	}
	if k.api.Calls("stable_token") != 0 {
		t.Error("the platform was called")
	}
}
