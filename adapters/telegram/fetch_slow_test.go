package telegram_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"yilu/adapters/adaptertest"
	"yilu/adapters/telegram"
	"yilu/adapters/telegram/telegramtest"
	"yilu/bot"
)

// dripping is a platform whose downloads give a byte after each pause, and end after so many.
type dripping struct {
	direct
	pause time.Duration
	bytes int
}

func (d dripping) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.Contains(r.URL.Path, "/file/") {
		return d.direct.RoundTrip(r)
	}
	return &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: -1, Body: &drip{r.Context(), d.pause, d.bytes}}, nil
}

type drip struct {
	ctx   context.Context
	pause time.Duration
	left  int
}

func (d *drip) Read(p []byte) (int, error) {
	if d.left == 0 {
		return 0, io.EOF
	}
	t := time.NewTimer(d.pause)
	defer t.Stop()
	select {
	case <-d.ctx.Done():
		return 0, d.ctx.Err()
	case <-t.C:
		d.left--
		p[0] = 'x'
		return 1, nil
	}
}

func (d *drip) Close() error { return nil }

// TestFetchSlow: a file begins within ten seconds and ends within two minutes, or it is given up for now, so that it does
// not hold up those behind it. Time is virtual.
func TestFetchSlow(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		hangs string // this call
		pause time.Duration
		bytes int
		want  bot.Code
		takes time.Duration
	}{
		"slow":               {"", time.Second, 110, "", 110 * time.Second},
		"empty":              {"", time.Second, 0, "", 0},
		"begins late":        {"", 9 * time.Second, 13, "", 117 * time.Second},
		"too slow":           {"", time.Second, 1000, bot.Unavailable, 2 * time.Minute},
		"never begins":       {"", time.Hour, 1, bot.Unavailable, 10 * time.Second},
		"getFile hangs":      {"getFile", time.Second, 1, bot.Unavailable, 10 * time.Second},
		"stops in the midst": {"", 0, 0, bot.Unavailable, 2 * time.Minute},
		"the download hangs": {"download", 0, -1, bot.Unavailable, 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := telegramtest.New(token)
				p.AddFile("x", "image/jpeg", []byte("JPEG"))
				if c.hangs != "" {
					p.Fail(c.hangs, telegramtest.Failure{Hang: true}, -1)
				}
				var way http.RoundTripper = dripping{direct{p}, c.pause, c.bytes}
				switch {
				case c.bytes < 0:
					way = direct{p}
				case name == "stops in the midst":
					way = stalling{direct{p}}
				}
				host := adaptertest.NewHost(t, texts(t), langs...)
				configure(host, nil)
				mount, err := telegram.New(telegram.Options{HTTP: &http.Client{Transport: way}}).Mount(host)
				ok(t, err)
				begin := time.Now()
				media, err := mount.Fetch(t.Context(), "file:x")
				if err == nil {
					if waited := time.Since(begin); waited > 10*time.Second {
						t.Errorf("began after %v", waited)
					}
					var n int64
					n, err = io.Copy(io.Discard, media.Body)
					ok(t, media.Body.Close())
					if err == nil && n != int64(c.bytes) {
						t.Errorf("%d bytes", n)
					}
				}
				if took := time.Since(begin); bot.CodeOf(err) != c.want || took != c.takes {
					t.Errorf("%v after %v, want %q after %v", err, took, c.want, c.takes)
				}
			})
		})
	}
}

// stalling is a platform whose downloads begin and then hang.
type stalling struct{ direct }

func (s stalling) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.Contains(r.URL.Path, "/file/") {
		return s.direct.RoundTrip(r)
	}
	rest := &drip{r.Context(), time.Hour, 1}
	return &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: -1, Body: struct {
		io.Reader
		io.Closer
	}{io.MultiReader(strings.NewReader("begin"), rest), rest}}, nil
}
