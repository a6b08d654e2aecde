package web_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"yilu/adapters/adaptertest"
)

// tab is a phone with the page open, and what its console said.
type tab struct {
	t    *testing.T
	ctx  context.Context
	host *adaptertest.Host
	lose atomic.Bool // the next answer to the script, after the message was kept

	mu      sync.Mutex
	console []string
}

// chromium starts one browser for all cases of a test. Without one it skips, or fails where CI=true.
func chromium(t *testing.T) context.Context {
	t.Helper()
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		const left = "no chromium, chromium-browser or google-chrome in PATH: the page was not tried in a real browser"
		if os.Getenv("CI") == "true" {
			t.Fatal(left)
		}
		t.Skip(left)
	}
	// Without a UserDataDir, chromedp makes a new one and removes it in the end.
	opts := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("accept-lang", "zh-CN"),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
	}
	limit, stop := context.WithTimeout(context.Background(), 3*time.Minute)
	t.Cleanup(stop)
	alloc, cancel := chromedp.NewExecAllocator(limit, opts...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	t.Cleanup(func() { _ = chromedp.Cancel(ctx) })
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	return ctx
}

// newTab opens the page on a phone of the given width, as somebody new.
func newTab(t *testing.T, parent context.Context, width int64, before ...chromedp.Action[chromedp.Void]) *tab {
	t.Helper()
	ch := channel(t)
	host, h := ch.Mount(t)
	b := &tab{t: t, host: host}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/messages" && b.lose.CompareAndSwap(true, false) {
			h.ServeHTTP(httptest.NewRecorder(), r)
			http.Error(w, "bad gateway", http.StatusBadGateway)
			return
		}
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	ctx, cancel := chromedp.NewContext(parent, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	t.Cleanup(stop)
	b.ctx = ctx
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatal(err)
	}
	actions := append([]chromedp.Action[chromedp.Void]{call(log.Enable, cdp.Empty{}), chromedp.EmulateViewport(width, 740, chromedp.EmulateMobile, chromedp.EmulateScale(2))}, before...)
	b.run(append(actions, chromedp.Navigate(srv.URL+"/"), chromedp.WaitVisible(chromedp.CSS("#text")))...)
	return b
}

func (b *tab) listen(ev any) {
	var line string
	switch e := ev.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" {
			line = "console " + string(e.Type)
		}
	case *runtime.EventExceptionThrown:
		line = "exception " + e.ExceptionDetails.Text
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			line = e.Entry.Text
		}
	}
	if line != "" {
		b.mu.Lock()
		b.console = append(b.console, line)
		b.mu.Unlock()
	}
}

// quiet fails if the console said anything but that the server was away, where it was.
func (b *tab) quiet(except string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, line := range b.console {
		if except == "" || !strings.Contains(line, except) {
			b.t.Errorf("console: %s", line)
		}
	}
}

func (b *tab) run(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// until waits for an expression of the page to be true, over reloads too.
func (b *tab) until(js string) {
	b.t.Helper()
	for {
		_, err := chromedp.Run(b.ctx, chromedp.Poll[chromedp.Void](js, chromedp.WithPollingInterval(20*time.Millisecond), chromedp.WithPollingTimeout(15*time.Second)))
		if err == nil {
			return
		}
		if b.ctx.Err() != nil || errors.Is(err, chromedp.ErrPollingTimeout) {
			page, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.body.innerText`))
			b.t.Fatalf("never true: %s: %v\n%s", js, err, page)
		}
	}
}

// value evaluates an expression of the page.
func value[T any](b *tab, js string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](js))
	if err != nil {
		b.t.Fatalf("%s: %v", js, err)
	}
	return v
}

func (b *tab) want(js string, want any) {
	b.t.Helper()
	if got := value[any](b, js); got != want {
		b.t.Errorf("%s is %v, want %v", js, got, want)
	}
}

// shot keeps a picture of the page if YILU_SCREENSHOT names a file; name goes before its ending.
func (b *tab) shot(name string) {
	path := os.Getenv("YILU_SCREENSHOT")
	if path == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(strings.TrimSuffix(path, ".png")+name+".png", png, 0o644); err != nil {
		b.t.Error(err)
	}
}

// say types into the field and presses Enter as a keyboard does: where the page takes the key for itself, no
// character follows.
func (b *tab) say(words string) {
	b.t.Helper()
	key := func(kind input.DispatchKeyEventType) chromedp.Action[chromedp.Void] {
		return call(input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: kind, Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13})
	}
	b.run(chromedp.Focus(chromedp.CSS("#text")))
	if words != "" {
		b.run(chromedp.SendKeys(chromedp.CSS("#text"), words))
	}
	b.run(key(input.DispatchKeyEventTypeRawKeyDown), key(input.DispatchKeyEventTypeKeyUp))
}

// call sends a command of the protocol.
func call[P, R any](cmd cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, cmd, params)
		return err
	})
}

func withoutScript() chromedp.Action[chromedp.Void] {
	return call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}

func dark() chromedp.Action[chromedp.Void] {
	return call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}})
}
