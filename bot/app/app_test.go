package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/app"
)

// morning is the clock of these tests. It stands still, so that two servers that are told the same say the same.
var morning = time.Date(2026, 11, 23, 9, 0, 0, 0, bot.Xiamen)

// open opens Yilu as the command does.
func open(t *testing.T, folder string) *app.App {
	t.Helper()
	a, err := app.Open(t.Context(), app.Config{
		Data: folder, Listen: "127.0.0.1:0", Samples: true, Now: func() time.Time { return morning }, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// serve serves on a free port, until stop is called or the test ends.
func serve(t *testing.T, a *app.App) (url string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	addr, served := make(chan string, 1), make(chan error, 1)
	go func() { served <- a.Serve(ctx, func(at string) { addr <- at }) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
		if err := a.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	t.Cleanup(stop)
	select {
	case at := <-addr:
		return "http://" + at, stop
	case err := <-served:
		served <- err
		t.Fatalf("serve: %v", err)
	}
	return "", nil
}

// words are what a person says over the web.
type words struct {
	ID     string `json:"id"`
	Text   string `json:"text,omitempty"`
	Choice string `json:"choice,omitempty"`
}

// cookie stands for one person; its value is a secret of the right length.
func cookie(person string) string {
	return "yilu=" + (person + strings.Repeat("A", 32))[:32]
}

// post sends a message and returns the status and the body.
func post(t *testing.T, url, cookie string, w words) (int, []byte) {
	t.Helper()
	raw, err := json.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/messages", bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Cookie", cookie)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Errorf("%s: %v", w.ID, err)
		return 0, nil
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Errorf("%s: %v", w.ID, err)
	}
	return resp.StatusCode, body
}

// history is what the ledger keeps of the conversation.
func history(t *testing.T, a *app.App, cookie string) []bot.Exchange {
	t.Helper()
	past, err := a.History(t.Context(), identity(cookie))
	if err != nil {
		t.Fatal(err)
	}
	return past
}

// locked is a writer for several at once.
type locked struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}
