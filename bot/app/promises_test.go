package app_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/app"
	"yilu/bot/engine"
)

// identity is how the web chat names the person of a cookie.
func identity(cookie string) bot.Identity {
	_, secret, _ := strings.Cut(cookie, "=")
	sum := sha256.Sum256([]byte("yilu web person " + secret))
	return bot.Identity{Channel: "web", User: hex.EncodeToString(sum[:16])}
}

// medley are twenty messages that mean something different after each other: whatever order they are taken in, nearly
// every reply depends on the turn before it.
var medley = []string{
	"登记", "同意", "老陈", "13800000000", "40岁", "瓦工", "同安", "对", "返回", "取消",
	"找活", "小工", "集美", "日结", "1", "更多", "菜单", "2", "帮助", "老林 13900000000",
}

// TestTwentyAtOnce carries T1 and promise 2 over HTTP: twenty messages of one person, sent at once, are twenty turns,
// one after another. Told the same messages one by one, in the order that the history shows, a second server gives the
// same twenty answers, byte for byte: so each of them was decided on the state that the turn before it left.
func TestTwentyAtOnce(t *testing.T) {
	t.Parallel()
	me := cookie("twenty")
	first := open(t, t.TempDir())
	url, _ := serve(t, first)
	bodies := map[string][]byte{}
	var mu sync.Mutex
	var wait sync.WaitGroup
	gate := make(chan struct{})
	for i, text := range medley {
		wait.Go(func() {
			<-gate
			id := fmt.Sprintf("message-%02d", i)
			status, body := post(t, url, me, words{ID: id, Text: text})
			if status != http.StatusOK {
				t.Errorf("%s: status %d: %s", id, status, body)
			}
			mu.Lock()
			bodies[id] = body
			mu.Unlock()
		})
	}
	close(gate)
	wait.Wait()

	past := history(t, first, me)
	if len(past) != len(medley) {
		t.Fatalf("%d turns, want %d", len(past), len(medley))
	}
	second, _ := serve(t, open(t, t.TempDir()))
	seen := map[string]bool{}
	var order []string
	for _, turn := range past {
		order = append(order, turn.Said)
		if seen[turn.ID] {
			t.Errorf("message %s is two turns", turn.ID)
		}
		seen[turn.ID] = true
		if _, body := post(t, second, me, words{ID: turn.ID, Text: turn.Said}); !bytes.Equal(body, bodies[turn.ID]) {
			t.Errorf("%s %q, at once:\n%s\none by one:\n%s", turn.ID, turn.Said, bodies[turn.ID], body)
		}
	}
	t.Logf("taken in the order %q", order)
}

// TestSixteenAtOnce carries T2 and promise 1 over HTTP: one message, delivered sixteen times at once, is one turn with
// one effect, and all sixteen get the same bytes; so do sixteen more after the server was started anew.
func TestSixteenAtOnce(t *testing.T) {
	t.Parallel()
	folder, me := t.TempDir(), cookie("sixteen")
	// Calling a person is an effect that would show if it were there twice.
	call := words{ID: "call-a-person", Text: "转人工"}
	sixteen := func(url string) []byte {
		bodies := make([][]byte, 16)
		var wait sync.WaitGroup
		gate := make(chan struct{})
		for i := range bodies {
			wait.Go(func() {
				<-gate
				status, body := post(t, url, me, call)
				if status != http.StatusOK {
					t.Errorf("status %d: %s", status, body)
				}
				bodies[i] = body
			})
		}
		close(gate)
		wait.Wait()
		for _, body := range bodies {
			if !bytes.Equal(body, bodies[0]) {
				t.Errorf("answers differ:\n%s\n%s", body, bodies[0])
			}
		}
		return bodies[0]
	}
	for range 2 {
		a := open(t, folder)
		url, stop := serve(t, a)
		body := sixteen(url)
		if !bytes.Contains(body, []byte("RG1123-")) {
			t.Errorf("no number was given: %s", body)
		}
		if again := sixteen(url); !bytes.Equal(again, body) {
			t.Errorf("later:\n%s\nat first:\n%s", again, body)
		}
		if past := history(t, a, me); len(past) != 1 {
			t.Errorf("%d turns, want 1", len(past))
		}
		if n := requests(t, a.Records.EachRequest); n != 1 {
			t.Errorf("%d requests in the records, want 1", n)
		}
		stop()
	}
}

func requests(t *testing.T, each func(context.Context, func(bot.Request) error) error) (n int) {
	t.Helper()
	if err := each(t.Context(), func(bot.Request) error { n++; return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

// away are records that do not answer while they are down.
type away struct {
	engine.Records
	mu   sync.Mutex
	down bool
}

func (a *away) set(down bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.down = down
}

func (a *away) fault() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.down {
		return &bot.Error{Code: bot.Unavailable, Op: "test", Say: "the records are down"}
	}
	return nil
}

func (a *away) Apply(ctx context.Context, e []bot.Entry) ([]string, error) {
	if err := a.fault(); err != nil {
		return nil, err
	}
	return a.Records.Apply(ctx, e)
}

func (a *away) Worker(ctx context.Context, id bot.WorkerID) (bot.Worker, error) {
	if err := a.fault(); err != nil {
		return bot.Worker{}, err
	}
	return a.Records.Worker(ctx, id)
}

// TestIntakeOutlivesTheRecords carries promise 4: with the records away during the confirmation the worker still gets
// the number, and the registration is applied when they are back, once: by the sweep, or before that by the worker's
// own next message, which finds it there.
func TestIntakeOutlivesTheRecords(t *testing.T) {
	t.Parallel()
	for name, back := range map[string]func(t *testing.T, a *app.App, say func(text, choice string) string){
		"sweep": func(t *testing.T, a *app.App, _ func(string, string) string) {
			for round, want := range []int{1, 0} { // a second sweep finds nothing
				if done, err := a.Sweep(t.Context(), morning.Add(time.Hour)); err != nil || done != want {
					t.Errorf("sweep %d applied %d (%v), want %d", round+1, done, err, want)
				}
			}
		},
		"next message": func(t *testing.T, a *app.App, say func(string, string) string) {
			if said := say("我的资料", ""); !strings.Contains(said, "老陈") {
				t.Errorf("the worker's own data is not there yet: %s", said)
			}
			if done, err := a.Sweep(t.Context(), morning.Add(time.Hour)); err != nil || done != 0 {
				t.Errorf("afterwards the sweep applied %d (%v), want none", done, err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := open(t, t.TempDir())
			defer a.Close()
			registerWhileAway(t, a, back)
		})
	}
}

func registerWhileAway(t *testing.T, a *app.App, back func(t *testing.T, a *app.App, say func(text, choice string) string)) {
	t.Helper()
	store := &away{Records: a.Engine.Records}
	a.Engine.Records = store
	from := bot.Identity{Channel: "test", User: "a"}
	n := 0
	say := func(text, choice string) string {
		n++
		reply, err := a.Turn(t.Context(), bot.Message{ID: fmt.Sprint("m", n), From: from, Text: text, Choice: choice, Lang: "zh-CN"})
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(reply.Texts, "\n")
	}
	say("登记", "")
	say("", "c:consent/notice/yes")
	store.set(true)
	for _, text := range []string{"老陈", "13800000000", "1985", "瓦工", "同安"} {
		say(text, "")
	}
	if said := say("", "c:registration/summary/yes"); !strings.Contains(said, "DJ1123-") {
		t.Fatalf("no number with the records away: %s", said)
	}
	if _, err := a.Sweep(t.Context(), morning.Add(time.Hour)); bot.CodeOf(err) != bot.Unavailable {
		t.Errorf("sweep with the records away: %v", err)
	}
	if w, err := a.Records.Worker(t.Context(), from.Worker()); err == nil && w.Complete {
		t.Error("it was applied while the records were away: the test has no point")
	}
	store.set(false)
	back(t, a, say)
	var workers []bot.Worker
	if err := a.Records.EachWorker(t.Context(), func(w bot.Worker) error { workers = append(workers, w); return nil }); err != nil {
		t.Fatal(err)
	}
	if len(workers) != 1 || !workers[0].Complete || workers[0].Phone.Reveal() != "13800000000" || workers[0].Name.Reveal() != "老陈" {
		t.Errorf("%d workers; complete %v", len(workers), len(workers) > 0 && workers[0].Complete)
	}
}
