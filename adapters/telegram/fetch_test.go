package telegram_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"yilu/adapters/adaptertest"
	"yilu/adapters/telegram"
	"yilu/adapters/telegram/telegramtest"
	"yilu/bot"
)

// TestFetch: files come by the name that messages give them, and a failure says whether they can be had later.
func TestFetch(t *testing.T) {
	t.Parallel()
	r := run(t, nil, telegram.Options{})
	r.platform.AddFile("photo-1", "image/jpeg", []byte("JPEG"))
	ask(t, r.h, telegramtest.Photo(1, 1, 7, "zh-hans", "photo-1", "工地"))
	file := r.host.Turns()[0].Files[0]
	media, err := r.mount.Fetch(t.Context(), file.Ref)
	ok(t, err)
	body, err := io.ReadAll(media.Body)
	ok(t, err)
	ok(t, media.Body.Close())
	if string(body) != "JPEG" || media.Type != "image/jpeg" || media.Size != 4 {
		t.Errorf("%q %+v", body, media)
	}

	large := bytes.Repeat([]byte("a"), 20<<20)
	r.platform.AddFile("largest", "video/mp4", large)
	media, err = r.mount.Fetch(t.Context(), "file:largest")
	ok(t, err)
	if n, err := io.Copy(io.Discard, media.Body); n != 20<<20 || err != nil {
		t.Errorf("%d bytes, %v", n, err)
	}
	ok(t, media.Body.Close())
	r.platform.AddFile("larger", "video/mp4", append(large, 'a'))

	for name, c := range map[string]struct {
		ref    string
		method string
		fail   telegramtest.Failure
		want   bot.Code
	}{
		"another channel's": {"https://a.example/x", "", telegramtest.Failure{}, bot.Invalid},
		"empty":             {"file:", "", telegramtest.Failure{}, bot.Invalid},
		"unknown":           {"file:nothing", "", telegramtest.Failure{}, bot.NotFound},
		"too big":           {"file:larger", "", telegramtest.Failure{}, bot.Invalid},
		"not for now":       {"file:photo-1", "getFile", telegramtest.Failure{Status: 400, Description: "Bad Request: wrong file_id or the file is temporarily unavailable"}, bot.Unavailable},
		"busy":              {"file:photo-1", "getFile", telegramtest.Failure{Status: 502, HTML: true, Description: token}, bot.Unavailable},
		"token":             {"file:photo-1", "getFile", telegramtest.Failure{Status: 401, Description: "Unauthorized " + token}, bot.Unavailable},
		"too fast":          {"file:photo-1", "getFile", telegramtest.Failure{Status: 429, Params: telegramtest.Params{RetryAfter: 3}}, bot.Unavailable},
		"breaks off":        {"file:photo-1", "getFile", telegramtest.Failure{Break: true}, bot.Unavailable},
		"download busy":     {"file:photo-1", "download", telegramtest.Failure{Status: 503, HTML: true, Description: token}, bot.Unavailable},
		"download breaks":   {"file:photo-1", "download", telegramtest.Failure{Break: true}, bot.Unavailable},
		"download moved":    {"file:photo-1", "download", telegramtest.Failure{Status: 302, HTML: true}, bot.Unavailable},
	} {
		if c.method != "" {
			r.platform.Fail(c.method, c.fail, -1) // a download is tried twice where a kept connection breaks
		}
		_, err := r.mount.Fetch(t.Context(), c.ref)
		r.platform.Fail(c.method, telegramtest.Failure{}, 0)
		if bot.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
		if err != nil && (strings.Contains(err.Error(), token) || strings.Contains(err.Error(), "/file/bot")) {
			t.Errorf("%s: the error holds the link: %v", name, err)
		}
	}
	r.platform.Close()
	if _, err := r.mount.Fetch(t.Context(), "file:photo-1"); bot.CodeOf(err) != bot.Unavailable || strings.Contains(err.Error(), token) {
		t.Errorf("without Telegram: %v", err)
	}
}

// TestFetchBody: a file that is larger than it was said to be is not read on, and one that breaks off does not pass for
// whole.
func TestFetchBody(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		said, sent int
		early      bool // Fetch itself finds it
		want       bot.Code
	}{
		"just as large as allowed": {-1, 20 << 20, false, ""},
		"larger, not said":         {-1, 20<<20 + 1, false, bot.Invalid},
		"larger, said":             {20<<20 + 1, 0, true, bot.Invalid},
		"breaks off":               {10, 5, false, bot.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/getFile") {
					_, _ = io.WriteString(w, `{"ok":true,"result":{"file_id":"x","file_unique_id":"x","file_path":"odd names/一 %2F?.jpg"}}`)
					return
				}
				if r.URL.Path != "/file/bot"+token+"/odd names/一 %2F?.jpg" {
					t.Errorf("asked for %q", r.URL.Path)
				}
				if c.said >= 0 {
					w.Header().Set("Content-Length", strconv.Itoa(c.said))
				}
				_, _ = io.Copy(w, adaptertest.Body(int64(c.sent)))
			}))
			defer srv.Close()
			transport := &http.Transport{}
			defer transport.CloseIdleConnections()
			host := adaptertest.NewHost(t, texts(t), langs...)
			configure(host, settings{"YILU_TELEGRAM_API_URL": srv.URL})
			mount, err := telegram.New(telegram.Options{HTTP: &http.Client{Transport: transport}}).Mount(host)
			ok(t, err)
			media, err := mount.Fetch(t.Context(), "file:x")
			if c.early != (err != nil) {
				t.Fatalf("%v", err)
			}
			if err == nil {
				var n int64
				n, err = io.Copy(io.Discard, media.Body)
				ok(t, media.Body.Close())
				if n > 20<<20 {
					t.Errorf("gave %d bytes", n)
				}
			}
			if bot.CodeOf(err) != c.want || err != nil && strings.Contains(err.Error(), token) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

// ears is a Recogniser of tests.
type ears struct {
	text  string
	err   error
	panic bool
	heard string
	lang  string
}

func (e *ears) Recognise(_ context.Context, recording bot.Media, lang string) (string, error) {
	if e.panic {
		panic("quotes MARKER")
	}
	raw, err := io.ReadAll(recording.Body)
	e.heard, e.lang = string(raw), lang
	return e.text, errors.Join(err, e.err)
}

// TestVoice: a recording becomes text where there is somebody to hear it; whatever fails, it stays a recording.
func TestVoice(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ears *ears
		lose bool
		want string
	}{
		"heard":         {&ears{text: " 找瓦工\u0000 "}, false, "找瓦工"},
		"nothing heard": {&ears{}, false, ""},
		"failed":        {&ears{text: "x", err: errors.New("quotes MARKER")}, false, ""},
		"panicked":      {&ears{panic: true}, false, ""},
		"too much":      {&ears{text: strings.Repeat("长", bot.MaxText+1)}, false, ""},
		"lost":          {&ears{text: "x"}, true, ""},
		"no ears":       {nil, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := telegram.Options{}
			if c.ears != nil {
				opts.Recogniser = c.ears
			}
			r := run(t, nil, opts)
			if !c.lose {
				r.platform.AddFile("voice-1", "audio/ogg", []byte("OGG"))
			}
			ask(t, r.h, telegramtest.Voice(1, 1, 7, "zh-hans", "voice-1"))
			turns := r.host.Turns()
			if len(turns) != 1 || turns[0].Text != c.want || turns[0].Heard != (c.want != "") || len(turns[0].Files) != 1 || turns[0].Files[0].Kind != bot.Voice {
				t.Errorf("turns %v", turns)
			}
			if c.want != "" && (c.ears.heard != "OGG" || c.ears.lang != "zh-CN") {
				t.Errorf("heard %q in %q", c.ears.heard, c.ears.lang)
			}
			r.stop()
		})
	}
}
