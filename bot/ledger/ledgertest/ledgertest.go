// Package ledgertest is the conformance suite of the ledger: whatever passes it can stand in for any other store. It
// checks the contract of package ledger through its methods alone, also under races. It does not check speed, nor what
// a crash leaves behind; that depends on the store, whose own tests do it.
package ledgertest

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/ledger"
)

// Suite runs every check (T5). Each calls open once, for a store with nothing in it.
func Suite(t *testing.T, open func(t *testing.T) ledger.Ledger) {
	for _, check := range []struct {
		name string
		run  func(*testing.T, ledger.Ledger)
	}{
		{"first turn", firstTurn},
		{"look", lookAlone},
		{"stale version", staleVersion},
		{"repeated message", repeatedMessage},
		{"empty names", emptyNames},
		{"odd bytes", oddBytes},
		{"large state", largeState},
		{"no bytes", noBytes},
		{"cancelled", cancelled},
		{"effects", effects},
		{"effect asked for twice", effectTwice},
		{"effects of others", effectsOfOthers},
		{"unsettled", unsettled},
		{"unsettled, clock set back", unsettledAhead},
		{"expiry", expiry},
		{"expired between load and commit", expiredMeanwhile},
		{"repeated message after expiry", repeatedAfterExpiry},
		{"forget", forget},
		{"history", history},
		{"race on one key", raceOnOneKey},
		{"race on one message", raceOnOneMessage},
		{"race on many keys", raceOnManyKeys},
		{"race with cancelling", raceWithCancelling},
		{"ping", ping},
	} {
		t.Run(check.name, func(t *testing.T) {
			t.Parallel()
			check.run(t, open(t))
		})
	}
}

// start is the time at which every check begins. Stores keep times to the millisecond.
var start = time.Date(2026, 11, 23, 9, 30, 0, 123e6, time.UTC)

// later is past the start, and before the expiry of what turn makes.
func later(d time.Duration) time.Time { return start.Add(d) }

// turn makes a commit whose bytes all tell its message.
func turn(expect int64, message string, effects ...bot.Entry) ledger.Commit {
	return ledger.Commit{
		Expect:  expect,
		State:   []byte("state after " + message),
		Turn:    ledger.Turn{Message: message, Said: "said in " + message, Reply: []byte("reply to " + message), At: start},
		Effects: effects,
		Expires: later(time.Hour),
	}
}

// effect makes an entry.
func effect(id string) bot.Entry {
	return bot.Entry{
		ID: id, Kind: "save_worker", From: bot.Identity{Channel: "web", User: "u\x00" + id}, Lang: "zh-CN", At: later(time.Second),
		Data: json.RawMessage(`{"name":"` + id + `"}`),
	}
}

func commit(t *testing.T, l ledger.Ledger, key string, c ledger.Commit) {
	t.Helper()
	if err := l.Commit(t.Context(), key, c); err != nil {
		t.Fatalf("Commit(%q, %q) on version %d: %v", key, c.Turn.Message, c.Expect, err)
	}
}

func conflict(t *testing.T, l ledger.Ledger, key string, c ledger.Commit) {
	t.Helper()
	if err := l.Commit(t.Context(), key, c); bot.CodeOf(err) != bot.Conflict {
		t.Fatalf("Commit(%q, %q) on version %d: got %v, want code %s", key, c.Turn.Message, c.Expect, err, bot.Conflict)
	}
}

func load(t *testing.T, l ledger.Ledger, key, message string, now time.Time) ledger.Snapshot {
	t.Helper()
	s, err := l.Load(t.Context(), key, message, now)
	if err != nil {
		t.Fatalf("Load(%q, %q): %v", key, message, err)
	}
	return s
}

// want compares a session with what the commit of a message left.
func want(t *testing.T, s ledger.Snapshot, version int64, message string) {
	t.Helper()
	if s.Version != version || string(s.State) != "state after "+message {
		t.Fatalf("got version %d with %q, want version %d with the state after %s", s.Version, s.State, version, message)
	}
}

func unseen(t *testing.T, s ledger.Snapshot) {
	t.Helper()
	if s.Seen || s.Reply != nil {
		t.Fatalf("got a message as seen with reply %q, want it as new", s.Reply)
	}
}

func seen(t *testing.T, s ledger.Snapshot, reply string) {
	t.Helper()
	if !s.Seen || string(s.Reply) != reply {
		t.Fatalf("got seen %v with reply %q, want the message seen with %q", s.Seen, s.Reply, reply)
	}
}

func absent(t *testing.T, s ledger.Snapshot) {
	t.Helper()
	if s.Version != 0 || s.State != nil {
		t.Fatalf("got version %d with %q, want no session", s.Version, s.State)
	}
}

// ids names the entries in their order.
func ids(entries []bot.Entry) string {
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.ID
	}
	return fmt.Sprint(names)
}

func ping(t *testing.T, l ledger.Ledger) {
	if err := l.Ping(context.Background()); err != nil {
		t.Fatalf("Ping: %v", err)
	}
}
