package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/datafile"
	"yilu/bot/ledger"
	"yilu/bot/ledger/ledgertest"
)

var start = time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)

func open(t testing.TB, path string) *ledger.Embedded {
	t.Helper()
	file, err := datafile.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	l, err := ledger.NewEmbedded(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestEmbedded(t *testing.T) {
	t.Parallel()
	ledgertest.Suite(t, func(t *testing.T) ledger.Ledger {
		return open(t, filepath.Join(t.TempDir(), "yilu.db"))
	})
}

// Two stores on one file stand for two processes.
func TestTwoStoresOnOneFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "yilu.db")
	stores := []*ledger.Embedded{open(t, path), open(t, path)}
	for n := range int64(20) {
		winner, loser := stores[n%2], stores[(n+1)%2]
		if err := winner.Commit(t.Context(), "web:a", turn(n, fmt.Sprint("m", n))); err != nil {
			t.Fatal(err)
		}
		if err := loser.Commit(t.Context(), "web:a", turn(n, fmt.Sprint("late", n))); bot.CodeOf(err) != bot.Conflict {
			t.Fatalf("the second commit on version %d: got %v, want code %s", n, err, bot.Conflict)
		}
	}
}

func TestReopen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "yilu.db")
	file, err := datafile.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	l, err := ledger.NewEmbedded(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	for n := range int64(3) {
		if err := l.Commit(t.Context(), "web:a", turn(n, fmt.Sprint("m", n), entry(fmt.Sprint("e", n)))); err != nil {
			t.Fatal(err)
		}
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.Commit(t.Context(), "web:a", turn(3, "m3")); bot.CodeOf(err) != bot.Unavailable {
		t.Fatalf("commit to a closed file: got %v, want code %s", err, bot.Unavailable)
	}
	if _, err := l.Load(t.Context(), "web:a", "m3", start); bot.CodeOf(err) != bot.Unavailable {
		t.Fatalf("load from a closed file: got %v, want code %s", err, bot.Unavailable)
	}

	l = open(t, path)
	s, err := l.Load(t.Context(), "web:a", "m1", start)
	if err != nil || s.Version != 3 || string(s.State) != "state m2" || string(s.Reply) != "reply m1" || len(s.Effects) != 3 {
		t.Fatalf("after reopening: got %+v, %v", s, err)
	}
	turns, err := l.History(t.Context(), "web:a")
	if err != nil || len(turns) != 3 {
		t.Fatalf("after reopening: got %d turns, %v", len(turns), err)
	}
}

// While somebody else holds the write connection commits wait. One whose context ends gives up, whether it leads the
// line or stands in it, writes nothing, and holds up nobody.
func TestWaitingCommits(t *testing.T) {
	t.Parallel()
	file, err := datafile.Open(filepath.Join(t.TempDir(), "yilu.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	l, err := ledger.NewEmbedded(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	held, err := file.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	patient, impatient := make(chan error, 8), make(chan error, 8)
	for i := range 8 {
		go func() { impatient <- l.Commit(ctx, fmt.Sprint("web:impatient", i), turn(0, "m")) }()
		go func() { patient <- l.Commit(t.Context(), fmt.Sprint("web:patient", i), turn(0, "m")) }()
	}
	cancel()
	for range 8 {
		if err := <-impatient; bot.CodeOf(err) != bot.Unavailable || !errors.Is(err, context.Canceled) {
			t.Errorf("a commit that gave up: got %v, want code %s", err, bot.Unavailable)
		}
	}
	held.Release()
	for range 8 {
		if err := <-patient; err != nil {
			t.Error(err)
		}
	}
	for i := range 8 {
		for who, want := range map[string]bool{"impatient": false, "patient": true} {
			s, err := l.Load(t.Context(), fmt.Sprint("web:", who, i), "m", start)
			if err != nil || s.Seen != want {
				t.Errorf("%s %d: seen %v, %v, want %v", who, i, s.Seen, err, want)
			}
		}
	}
}

func turn(expect int64, message string, effects ...bot.Entry) ledger.Commit {
	return ledger.Commit{
		Expect: expect, State: []byte("state " + message), Effects: effects, Expires: start.Add(time.Hour),
		Turn: ledger.Turn{Message: message, Said: "said " + message, Reply: []byte("reply " + message), At: start},
	}
}

func entry(id string) bot.Entry {
	return bot.Entry{ID: id, Kind: "ask_staff", From: bot.Identity{Channel: "web", User: "a"}, Lang: "zh-CN", At: start, Data: []byte(`{}`)}
}
