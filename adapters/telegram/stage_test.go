package telegram_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"testing"
	"time"

	"yilu/adapters/adaptertest"
	"yilu/adapters/telegram"
	"yilu/adapters/telegram/telegramtest"
	"yilu/bot"
)

// settings are what is set on a host, on top of token and secret.
type settings map[string]string

func configure(host *adaptertest.Host, set settings) {
	host.Set("YILU_TELEGRAM_TOKEN", token)
	host.Set("YILU_TELEGRAM_SECRET", secret)
	for name, value := range set {
		host.Set(name, value)
	}
}

// mountOn mounts the channel on a host that wraps another one.
func mountOn(t testing.TB, host bot.Host, under *adaptertest.Host) http.Handler {
	t.Helper()
	configure(under, nil)
	mount, err := telegram.New(telegram.Options{HTTP: local(t)}).Mount(host)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	for pattern, handler := range mount.Routes {
		mux.Handle(pattern, handler)
	}
	return mux
}

// running is a channel that runs against a platform until the test ends.
type running struct {
	t        testing.TB
	host     *adaptertest.Host
	platform *telegramtest.Platform
	mount    bot.Mount
	h        http.Handler
	stop     func() // waits for Run to end
}

// run starts the channel against a platform on the loopback interface. Nothing of what it logs may hold a secret (T8).
func run(t testing.TB, set settings, opts telegram.Options) *running {
	t.Helper()
	p, err := telegramtest.Start(token)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	opts.HTTP = &http.Client{Transport: keep{adaptertest.LocalOnly{T: t}, transport}}
	r := start(t, p, set, opts)
	t.Cleanup(func() {
		p.Close()
		transport.CloseIdleConnections()
	})
	return r
}

// keep checks a request as LocalOnly does, and sends it over connections that the test can close.
type keep struct {
	check adaptertest.LocalOnly
	http.RoundTripper
}

func (k keep) RoundTrip(r *http.Request) (*http.Response, error) {
	if host := r.URL.Hostname(); host != "127.0.0.1" {
		return k.check.RoundTrip(r)
	}
	return k.RoundTripper.RoundTrip(r)
}

// start runs the channel against a platform, whichever way it is reached.
func start(t testing.TB, p *telegramtest.Platform, set settings, opts telegram.Options) *running {
	t.Helper()
	r := &running{t: t, host: adaptertest.NewHost(t, texts(t), langs...), platform: p}
	if p.URL != "" {
		r.host.Set("YILU_TELEGRAM_API_URL", p.URL)
	}
	configure(r.host, set)
	var err error
	if r.mount, err = telegram.New(opts).Mount(r.host); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	for pattern, handler := range r.mount.Routes {
		mux.Handle(pattern, handler)
	}
	r.h = mux
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.mount.Run(ctx) }()
	stopped := false
	r.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
		r.quiet()
	}
	t.Cleanup(r.stop)
	return r
}

// quiet fails if a secret stands in the log.
func (r *running) quiet() {
	r.t.Helper()
	if log := r.host.Logged(); strings.Contains(log, token) || strings.Contains(log, secret) || strings.Contains(log, "MARKER") {
		r.t.Errorf("the log holds a secret: %s", log)
	}
}

// within is a context for what is to happen soon.
func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// ok fails the test if err is not nil.
func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// direct carries requests to a platform without a network, so that time can be virtual.
type direct struct{ p *telegramtest.Platform }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	done := make(chan *httptest.ResponseRecorder, 1)
	go func() {
		w := httptest.NewRecorder()
		defer func() {
			if recover() != nil { // http.ErrAbortHandler: the connection ends
				w = nil
			}
			done <- w
		}()
		d.p.ServeHTTP(w, r)
	}()
	select {
	case w := <-done:
		if w == nil {
			return nil, http.ErrServerClosed
		}
		if err := r.Context().Err(); err != nil {
			return nil, err
		}
		return w.Result(), nil
	case <-r.Context().Done():
		<-done
		return nil, r.Context().Err()
	}
}
