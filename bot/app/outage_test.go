package app_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"yilu/adapters/telegram/telegramtest"
	"yilu/adapters/terminal"
	"yilu/adapters/wechat"
	"yilu/bot"
	"yilu/bot/app"
	"yilu/bot/engine"
	"yilu/bot/ledger"
)

// The ways in which a store is away.
const (
	there   = ""
	fails   = "fails"   // every call, at once
	hangs   = "hangs"   // every call, until its context ends
	hangsOn = "commits" // hangs, but only for what is written
)

// weak is a ledger that can be away.
type weak struct {
	ledger.Ledger
	mu      sync.Mutex
	mode    string
	changed chan struct{} // closed with the next change
	hanging int
}

// waits is how many calls have hung.
func (w *weak) waits() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.hanging
}

func (w *weak) set(mode string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mode = mode
	if w.changed != nil {
		close(w.changed)
	}
	w.changed = make(chan struct{})
}

func (w *weak) away(ctx context.Context, writes bool) error {
	w.mu.Lock()
	mode, changed := w.mode, w.changed
	if mode == hangs {
		w.hanging++
	}
	w.mu.Unlock()
	switch {
	case mode == there, mode == hangsOn && !writes:
		return nil
	case mode == hangs, mode == hangsOn:
		select {
		case <-ctx.Done():
		case <-changed: // and still nothing was done
		}
	}
	return &bot.Error{Code: bot.Unavailable, Op: "test", Say: "the ledger is away"}
}

func (w *weak) Load(ctx context.Context, key, message string, now time.Time) (ledger.Snapshot, error) {
	if err := w.away(ctx, false); err != nil {
		return ledger.Snapshot{}, err
	}
	return w.Ledger.Load(ctx, key, message, now)
}

func (w *weak) Look(ctx context.Context, key, message string, now time.Time) (ledger.Snapshot, error) {
	if err := w.away(ctx, false); err != nil {
		return ledger.Snapshot{}, err
	}
	return w.Ledger.Look(ctx, key, message, now)
}

func (w *weak) Commit(ctx context.Context, key string, c ledger.Commit) error {
	if err := w.away(ctx, true); err != nil {
		return err
	}
	return w.Ledger.Commit(ctx, key, c)
}

func (w *weak) Settle(ctx context.Context, key string, ids []string) error {
	if err := w.away(ctx, true); err != nil {
		return err
	}
	return w.Ledger.Settle(ctx, key, ids)
}

func (w *weak) Unsettled(ctx context.Context, before time.Time, limit int) ([]ledger.Pending, error) {
	if err := w.away(ctx, false); err != nil {
		return nil, err
	}
	return w.Ledger.Unsettled(ctx, before, limit)
}

func (w *weak) History(ctx context.Context, key string) ([]ledger.Turn, error) {
	if err := w.away(ctx, false); err != nil {
		return nil, err
	}
	return w.Ledger.History(ctx, key)
}

func (w *weak) Forget(ctx context.Context, now time.Time, limit int) (int, error) {
	if err := w.away(ctx, true); err != nil {
		return 0, err
	}
	return w.Ledger.Forget(ctx, now, limit)
}

func (w *weak) Ping(ctx context.Context) error {
	if err := w.away(ctx, false); err != nil {
		return err
	}
	return w.Ledger.Ping(ctx)
}

// within is how soon people are told, readiness says why, and both are well again.
const within = 2 * time.Second

// answers sends a request and fails if the answer takes longer.
func answers(t *testing.T, what string, r *http.Request) (int, string) {
	t.Helper()
	began := time.Now()
	status, body := send(t, r)
	if took := time.Since(began); took > within {
		t.Errorf("%s took %v, want at most %v", what, took.Round(time.Millisecond), within)
	}
	return status, body
}

func get(t *testing.T, url, cookie string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Cookie", cookie)
	return r
}

func say(t *testing.T, url, cookie, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, url+"/messages", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Cookie", cookie)
	return r
}

// TestLedgerAway holds what happens while the ledger is gone, whether it refuses or hangs: the page, its script and the
// terminal say within two seconds that it should be tried again, Telegram and WeChat are left to repeat, readiness names
// what is missing, and the process lives. When it is back, so is all of this, and the same messages are one turn each.
func TestLedgerAway(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{fails, hangs, hangsOn} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			a, _, _ := openChannels(t, t.TempDir(), func(c *app.Config) { c.Patience = app.Patience })
			w := &weak{}
			a.Through(func(l ledger.Ledger) ledger.Ledger { w.Ledger = l; return w })
			base, _ := serve(t, a)
			me := "__Host-" + cookie("outage"+mode)
			ready := func() (int, string) { return answers(t, "/readyz", get(t, base+"/readyz", "")) }
			if status, body := ready(); status != http.StatusOK {
				t.Fatalf("before: /readyz %d %s", status, body)
			}

			w.set(mode)
			if mode != hangsOn { // it answers, so it is there
				ready() // who joins a look that began before the outage may still hear of before
				if status, body := ready(); status != http.StatusServiceUnavailable || !strings.Contains(body, "ledger (file) does not answer") || strings.Contains(body, "records") {
					t.Errorf("/readyz %d %s", status, body)
				}
				if status, body := answers(t, "the page", get(t, base+"/", me)); status != http.StatusServiceUnavailable || !strings.Contains(body, a.Text("zh-CN", "web.down")) {
					t.Errorf("the page: %d %s", status, body)
				}
			}
			if status, _ := answers(t, "/healthz", get(t, base+"/healthz", "")); status != http.StatusOK {
				t.Errorf("/healthz %d", status)
			}
			const words = `{"id":"message-in-the-outage","text":"转人工"}`
			status, body := answers(t, "the script", say(t, base, me, words))
			if status != http.StatusServiceUnavailable || !strings.Contains(body, a.Text("zh-CN", "web.fault")) || !strings.Contains(body, "过一会儿再") {
				t.Errorf("the script: %d %s", status, body)
			}
			update := telegramtest.Text(1, 1, 7001, "zh-hans", "转人工")
			telegram := func() *http.Request {
				r, err := telegramtest.Deliver(base+"/webhooks/telegram", telegramSecret, update)
				if err != nil {
					t.Fatal(err)
				}
				return client(r)
			}
			if status, body := answers(t, "telegram", telegram()); status != http.StatusServiceUnavailable {
				t.Errorf("telegram: %d %s, and would not repeat", status, body)
			}
			xml := account.Text("openid-outage", "24000000000000001", morning, "转人工")
			n := 0
			weChat := func() *http.Request {
				n++
				return client(account.Deliver(base+wechat.Route, morning, fmt.Sprint("9000", n), xml))
			}
			if status, body := answers(t, "wechat", weChat()); status == http.StatusOK || body != "" {
				t.Errorf("wechat: %d %q, and would not repeat", status, body)
			}
			if n := requests(t, a.Records.EachRequest); n != 0 {
				t.Errorf("%d requests while nothing could be kept", n)
			}

			w.set(there)
			back := time.Now()
			for status, body := ready(); status != http.StatusOK; status, body = ready() {
				if time.Since(back) > within {
					t.Fatalf("%v after its return: /readyz %d %s", within, status, body)
				}
			}
			for range 2 { // a repeat too much is no second request
				if status, body := answers(t, "the script", say(t, base, me, words)); status != http.StatusOK || !strings.Contains(body, "RG1123-") {
					t.Errorf("afterwards the script: %d %s", status, body)
				}
				if status, body := answers(t, "telegram", telegram()); status != http.StatusOK || !strings.Contains(body, "RG1123-") {
					t.Errorf("afterwards telegram: %d %s", status, body)
				}
				if status, body := answers(t, "wechat", weChat()); status != http.StatusOK || body == "" {
					t.Errorf("afterwards wechat: %d %q", status, body)
				}
			}
			if n := requests(t, a.Records.EachRequest); n != 3 {
				t.Errorf("%d requests of three people, want 3", n)
			}
		})
	}
}

// TestTerminalWithoutLedger holds that somebody at a terminal is told within two seconds, too, and goes on when the
// ledger is back.
func TestTerminalWithoutLedger(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{fails, hangs} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			a, err := app.Open(t.Context(), app.Config{
				Data: t.TempDir(), Now: func() time.Time { return morning }, Log: slog.New(slog.DiscardHandler), Patience: app.Patience,
			})
			if err != nil {
				t.Fatal(err)
			}
			defer a.Close()
			w := &weak{}
			a.Through(func(l ledger.Ledger) ledger.Ledger { w.Ledger = l; return w })
			in, typed := io.Pipe()
			shown, out := io.Pipe()
			n := 0
			mount, err := terminal.New(in, out, terminal.Options{NewID: func() string { n++; return fmt.Sprint("line-", n) }}).Mount(a)
			if err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- mount.Run(t.Context()); _ = out.Close() }()
			page := make(chan string, 100)
			go func() {
				b := make([]byte, 64<<10)
				for {
					n, err := shown.Read(b)
					if n > 0 {
						page <- string(b[:n])
					}
					if err != nil {
						close(page)
						return
					}
				}
			}()
			expect := func(text string) {
				t.Helper()
				var so strings.Builder
				for began, late := time.Now(), time.After(time.Minute); ; {
					select {
					case part, open := <-page:
						so.WriteString(part)
						if strings.Contains(so.String(), text) {
							if took := time.Since(began); took > within {
								t.Errorf("%q took %v", text, took)
							}
							return
						}
						if !open {
							t.Fatalf("the terminal ended at %q", so.String())
						}
					case <-late:
						t.Fatalf("no %q in %q", text, so.String())
					}
				}
			}
			w.set(mode)
			_, _ = io.WriteString(typed, "登记\n")
			expect(a.Text("zh-CN", "terminal.fault"))
			w.set(there)
			_, _ = io.WriteString(typed, "转人工\n")
			expect("RG1123-")
			_ = typed.Close()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
}

// stuck are records that hang.
type stuck struct{ engine.Records }

func (stuck) Apply(ctx context.Context, _ []bot.Entry) ([]string, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (stuck) Worker(ctx context.Context, _ bot.WorkerID) (bot.Worker, error) {
	<-ctx.Done()
	return bot.Worker{}, ctx.Err()
}

// TestRecordsHang holds promise 4 for records that hang instead of failing: the worker gets the number within two
// seconds, and the request is there when the records are back.
func TestRecordsHang(t *testing.T) {
	t.Parallel()
	a, err := app.Open(t.Context(), app.Config{
		Data: t.TempDir(), Now: func() time.Time { return morning }, Log: slog.New(slog.DiscardHandler), Patience: app.Patience,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	well := a.Engine.Records
	a.Engine.Records = app.Hasty(stuck{well}, app.RecordIn)
	for _, text := range []string{"我的资料", "转人工"} {
		began := time.Now()
		reply, err := a.Turn(t.Context(), bot.Message{ID: text, From: bot.Identity{Channel: "web", User: "stuck"}, Text: text, Lang: "zh-CN"})
		if took := time.Since(began); err != nil || took > within {
			t.Fatalf("%s: %v after %v", text, err, took)
		}
		if said := strings.Join(reply.Texts, " "); text == "转人工" && !strings.Contains(said, "RG1123-") {
			t.Errorf("no number: %s", said)
		}
	}
	a.Engine.Records = well
	if done, err := a.Sweep(t.Context(), morning.Add(time.Hour)); err != nil || done != 1 {
		t.Errorf("the sweep applied %d, want 1: %v", done, err)
	}
	if n := requests(t, a.Records.EachRequest); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}
