package ledger_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"yilu/bot/ledger"
	"yilu/locales"
)

// standIn is a ledger on a Redis that can be looked into.
func standIn(t testing.TB) (*ledger.Redis, *miniredis.Miniredis) {
	t.Helper()
	server := miniredis.RunT(t)
	r, err := ledger.NewRedis(t.Context(), ledger.RedisOptions{URL: "redis://" + server.Addr(), Sessions: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r, server
}

// TestWhateverIsSaid holds that texts of all kinds come back as they were kept: those that are in the dictionary, those
// that are nearly in it, and those of its characters in any order. The first one once kept packing busy for ever.
func TestWhateverIsSaid(t *testing.T) {
	t.Parallel()
	texts := []string{"学我货的套完作消要时被台调", "", "a", strings.Repeat("找活", 4000), strings.Repeat("\x00\xff", 3000)}
	var runes []rune
	err := fs.WalkDir(locales.Files, "zh-CN", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(locales.Files, name)
		texts = append(texts, string(raw), string(raw)[:len(raw)/2])
		runes = append(runes, []rune(string(raw))...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 1500 {
		var b strings.Builder
		for range 200 {
			b.WriteRune(runes[random.IntN(len(runes))])
		}
		texts = append(texts, b.String())
	}
	r, _ := standIn(t)
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for i, text := range texts {
		key := fmt.Sprint("web:", i)
		c := ledger.Commit{State: []byte(text), Turn: ledger.Turn{Message: "m", Said: text, Reply: []byte(text + text), At: at}, Expires: at.Add(time.Hour)}
		if err := r.Commit(t.Context(), key, c); err != nil {
			t.Fatal(err)
		}
		s, err := r.Look(t.Context(), key, "m", at)
		if err != nil || string(s.State) != text || !s.Seen || string(s.Reply) != text+text {
			t.Fatalf("text %d came back otherwise (%v): %.100q", i, err, text)
		}
	}
}

// FuzzBrokenValues holds that whatever stands in Redis in place of a session or an effect, a worker is served: it is read
// without a panic, and a commit on what was read goes through.
func FuzzBrokenValues(f *testing.F) {
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	r, server := standIn(f)
	good := ledger.Commit{State: []byte("state"), Turn: ledger.Turn{Message: "m", Said: "said", Reply: []byte("reply"), At: at}, Expires: at.Add(time.Hour)}
	if err := r.Commit(f.Context(), "web:a", good); err != nil {
		f.Fatal(err)
	}
	key := ""
	for _, k := range server.Keys() {
		if strings.Contains(k, ":s:") {
			key = k
		}
	}
	value, _ := server.Get(key)
	f.Add([]byte(value), "i1", "1 x")
	f.Add([]byte(value+"junk"), "", "")
	f.Add([]byte(value[:20]), "n", "1")
	f.Add([]byte{1}, "ix", "\x01")
	f.Add([]byte{}, "i", "1 \x01\xff\xff\xff\xff\x0f")
	f.Add(append([]byte(value[:25]), 0xff, 0xff, 0xff, 0xff, 0x7f), "i2", "99999999999999999999 \x01")
	f.Fuzz(func(t *testing.T, raw []byte, name, effect string) {
		server.FlushAll()
		if err := server.Set(key, string(raw)); err != nil {
			t.Fatal(err)
		}
		server.HSet(strings.Replace(key, ":s:", ":e:", 1), name, effect)
		s, err := r.Look(t.Context(), "web:a", "new", at)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.History(t.Context(), "web:a"); err != nil {
			t.Fatal(err)
		}
		if s.Seen {
			return
		}
		if s.Version < 0 || s.Version == 1<<63-1 {
			return // it can be no longer one more than it was, as far as numbers go
		}
		next := good
		next.Expect, next.Mark, next.Turn.Message = s.Version, s.Mark, "new"
		if err := r.Commit(t.Context(), "web:a", next); err != nil {
			t.Fatal(err)
		}
		s, err = r.Look(t.Context(), "web:a", "new", at)
		if err != nil || !s.Seen || !bytes.Equal(s.State, good.State) {
			t.Fatalf("after a commit: seen %v, state %q, %v", s.Seen, s.State, err)
		}
	})
}
