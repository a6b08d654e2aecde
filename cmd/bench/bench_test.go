package main_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	bench "yilu/cmd/bench"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if bench.AsRole() {
		return
	}
	goleak.VerifyTestMain(m) // T30
}

// TestShort runs what there is for a moment, so that it cannot rot. The embedded file is part of it: the length of the
// floor's answers is taken from there.
func TestShort(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("redis-server is missing")
		}
		t.Skip("left out: redis-server is not installed")
	}
	file := filepath.Join(t.TempDir(), "report.json")
	var out, errs bytes.Buffer
	if err := bench.Run(t.Context(), []string{"--short", "--part", "closed,open,size", "--subject", "redis,floor-batched", "--json", file}, &out, &errs); err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got bench.Report
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	whole := func(what, subject string, rounds []bench.Window) {
		if len(rounds) != 1 || rounds[0].Turns == 0 || rounds[0].Failed != 0 || rounds[0].P50 <= 0 || rounds[0].P99 < rounds[0].P50 {
			t.Errorf("%s, %s: %+v", what, subject, rounds)
		}
	}
	if len(got.Closed) != 2 || len(got.Open) != 2 || len(got.Size) != 1 {
		t.Errorf("%d closed, %d open, %d sizes; want 2, 2 and 1", len(got.Closed), len(got.Open), len(got.Size))
	}
	for _, row := range got.Closed {
		whole("closed", row.Subject, row.Rounds)
	}
	for _, row := range got.Open {
		whole("open", row.Subject, row.Rounds)
	}
	for _, row := range got.Size {
		whole("size", row.Subject, row.Rounds)
		if row.Turns != 8 || (row.Subject == "redis") != (row.Memory != nil) {
			t.Errorf("size: %+v", row)
		}
		if m := row.Memory; m != nil && (m.Keys < int64(row.Sessions) || m.Mean < 300) {
			t.Errorf("the sessions are not in Redis: %+v", m)
		}
	}
	for _, want := range []string{"| Yilu, Redis / floor, batched |", "open loop, 100 messages a second", "| Yilu, Redis | 30 |"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the tables do not show %q:\n%s", want, out.String())
		}
	}
}

// TestBrokenIsNotFast holds that a server that answers at once, but not with what the dialogue has, is not measured.
func TestBrokenIsNotFast(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"something else": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"method":"sendMessage","text":"no"}`))
		},
		"nothing": func(http.ResponseWriter, *http.Request) {},
		"a refusal": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "您好，转人工", http.StatusServiceUnavailable)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewServer(answer)
			defer s.Close()
			if err := bench.Rehearse(s.Listener.Addr().String()); err == nil {
				t.Error("it was taken for Yilu")
			}
		})
	}
}

// TestOmission holds that who would have spoken while the server stood still is counted, with the time that they would
// have waited, although nothing was sent for them then.
func TestOmission(t *testing.T) {
	t.Parallel()
	const still, rate, during = 400 * time.Millisecond, 2000.0, 500 * time.Millisecond
	var once sync.Once
	var gate sync.RWMutex
	long := bytes.Repeat([]byte("long "), 2000) // an answer in chunks
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		once.Do(func() {
			gate.Lock()
			time.Sleep(still)
			gate.Unlock()
		})
		gate.RLock()
		defer gate.RUnlock()
		_, _ = w.Write(long)
	}))
	defer s.Close()
	got, err := bench.OpenLoop(t.Context(), s.Listener.Addr().String(), rate, during)
	if err != nil {
		t.Fatal(err)
	}
	if got.Failed != 0 || got.Turns < int(rate*during.Seconds()/2) {
		t.Errorf("%d of %d failed", got.Failed, got.Turns)
	}
	// Most came while nobody was answered, more of them than there are connections to wait on.
	if got.P50 < 80 || got.Max < 350 {
		t.Errorf("half waited %v ms or less, one %v ms", got.P50, got.Max)
	}
}
