package engine_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/engine"
	"yilu/bot/ledger"
)

var both = []bot.Dialogue{menu, form}

// The same message sixteen times at once is one turn with sixteen identical answers (promise 1, T2).
func TestSameMessageOnce(t *testing.T) {
	t.Parallel()
	b := open(t, t.TempDir(), both)
	for i, text := range []string{"我要登记", "老陈", "13805921234", "瓦工", "对"} {
		m := b.message("a", text)
		replies := make([]string, 16)
		var wait sync.WaitGroup
		for j := range replies {
			wait.Go(func() {
				r, err := b.Turn(t.Context(), m)
				if err != nil {
					t.Error(err)
				}
				raw, _ := json.Marshal(r)
				replies[j] = string(raw)
			})
		}
		wait.Wait()
		for j := range replies {
			if replies[j] != replies[0] {
				t.Fatalf("message %d: answers 0 and %d differ:\n%s\n%s", i, j, replies[0], replies[j])
			}
		}
	}
	if n := len(b.records.entries()); n != 1 {
		t.Errorf("%d effects in the records, want 1", n)
	}
	if left, err := b.ledger.Unsettled(t.Context(), b.clock.now().Add(time.Hour), 10); err != nil || len(left) != 0 {
		t.Errorf("%d effects stay in the ledger (%v)", len(left), err)
	}
	if h, err := b.History(t.Context(), bot.Identity{Channel: "test", User: "a"}); err != nil || len(h) != 5 {
		t.Errorf("history of %d turns (%v), want 5", len(h), err)
	}
}

// Twenty messages at once of one worker are twenty turns, one after another, also over two engines on one ledger, which
// is what two processes are (promise 2, T1). Each turn must see what the one before it left: the counter counts them.
func TestMessagesInTurn(t *testing.T) {
	t.Parallel()
	count := bot.Dialogue{
		Name: "menu", Version: 1, Intents: []bot.Intent{bot.NavHome}, Start: "count", Quiet: true,
		Form: struct {
			Word string `json:"word"`
		}{},
		States: []bot.State{
			{Name: "count", Accept: bot.FreeText, Field: "word", Decide: func(t *bot.Turn) (bot.Outcome, error) {
				delete(t.Form, "word")
				t.Remember("count", t.Fact("count")+"|")
				t.Do(bot.WithdrawApplication{Number: fmt.Sprint(len(t.Fact("count")))})
				return bot.Answered, nil
			}, Edges: []bot.Edge{{On: bot.Answered, To: "count"}, {On: "stop", To: "end"}}},
			{Name: "end", End: "end"},
		},
	}
	one := open(t, t.TempDir(), []bot.Dialogue{count})
	two := &bench{t: t, ledger: one.handle(), records: one.records, clock: one.clock}
	two.with([]bot.Dialogue{count})

	const messages = 20
	var wait sync.WaitGroup
	for i := range messages {
		m := one.message("a", fmt.Sprintf("话%d", i))
		e := []*engine.Engine{one.Engine, two.Engine}[i%2]
		wait.Go(func() {
			if _, err := e.Turn(t.Context(), m); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	seen := map[string]bool{}
	for _, e := range one.records.entries() {
		eff, err := bot.DecodeEffect(e.Kind, e.Data)
		if err != nil {
			t.Fatal(err)
		}
		seen[eff.(bot.WithdrawApplication).Number] = true
	}
	for i := 1; i <= messages; i++ {
		if !seen[fmt.Sprint(i)] {
			t.Errorf("no turn was number %d: %v", i, seen)
		}
	}
	snap, err := one.ledger.Look(t.Context(), "test:a", "none", one.clock.now())
	if err != nil || snap.Version != messages {
		t.Errorf("version %d (%v), want %d", snap.Version, err, messages)
	}
}

// With the records away the worker gets the number, the intake waits in the ledger, and it is applied once when they
// are back (promise 4).
func TestIntakeWaitsForRecords(t *testing.T) {
	t.Parallel()
	b := open(t, t.TempDir(), both)
	for _, text := range []string{"我要登记", "老陈", "13805921234", "瓦工"} {
		b.say("a", text)
	}
	b.records.set(true)
	m := b.message("a", "对")
	r, err := b.Turn(t.Context(), m)
	if err != nil || !said(r, "form.done") {
		t.Fatalf("%v %v", r, err)
	}
	if n := len(b.records.entries()); n != 0 {
		t.Fatalf("%d effects while the records were away", n)
	}
	if _, err := b.Sweep(t.Context(), b.clock.now().Add(time.Second)); bot.CodeOf(err) != bot.Unavailable {
		t.Errorf("a sweep without records: %v", err)
	}
	b.records.set(false)
	if n, err := b.Sweep(t.Context(), b.clock.now().Add(time.Second)); n != 1 || err != nil {
		t.Errorf("the sweep applied %d (%v), want 1", n, err)
	}
	if n, err := b.Sweep(t.Context(), b.clock.now().Add(time.Second)); n != 0 || err != nil {
		t.Errorf("the second sweep applied %d (%v), want 0", n, err)
	}
	if _, err := b.Turn(t.Context(), m); err != nil {
		t.Error(err)
	}
	if n := len(b.records.entries()); n != 1 {
		t.Errorf("%d effects in the records, want 1", n)
	}
}

// A panic in a dialogue gives that worker a recovery message, staff a notice without personal data, and others are
// served as before (promise 5, T17). The second panic in a row leads out of the dialogue.
func TestPanicHarmsOne(t *testing.T) {
	t.Parallel()
	broken := form
	broken.States = append([]bot.State(nil), form.States...)
	broken.States[1].Decide = func(t *bot.Turn) (bot.Outcome, error) {
		v, _ := bot.Phone.Decode(t.Form["phone"].Reveal())
		panic(v.(bot.Personal).Reveal())
	}
	b := open(t, t.TempDir(), []bot.Dialogue{menu, broken})
	for _, user := range []string{"a", "b"} {
		b.say(user, "我要登记")
		b.say(user, "老陈")
	}
	m := b.message("a", "13805921234")
	first, err := b.Turn(t.Context(), m)
	if err != nil || !said(first, "出了点问题") {
		t.Fatalf("%v %v", first, err)
	}
	if again, _ := b.Turn(t.Context(), m); fmt.Sprint(again) != fmt.Sprint(first) {
		t.Error("the repeated delivery got another answer")
	}
	if r := b.say("b", "帮助"); !said(r, "form.phone") {
		t.Errorf("the other worker: %v", r.Texts)
	}
	entries := b.records.entries()
	if len(entries) != 1 {
		t.Fatalf("%d notices, want 1", len(entries))
	}
	if s := string(entries[0].Data); strings.Contains(s, "1380592") || !strings.Contains(s, "form.phone") {
		t.Errorf("the notice: %s", s)
	}
	b.say("a", "13805921234")
	if r := b.say("a", "你好"); !said(r, "menu.menu") {
		t.Errorf("after two faults the worker is still in the dialogue: %v", r.Texts)
	}
}

// Whatever stands in the ledger, the worker gets an answer, and staff hear of it (promise 5, T14).
func TestBrokenSessions(t *testing.T) {
	t.Parallel()
	states := map[string]string{
		"cut off":          `{"lang":"zh-CN","stack":[{"d":"form","v":1,`,
		"not json":         "\x00\xff",
		"another type":     `[1,2,3]`,
		"null frame":       `{"stack":[null]}`,
		"unknown state":    `{"lang":"zh-CN","at":"2026-11-23T00:59:00Z","stack":[{"d":"form","v":1,"i":"x","s":"gone","f":{"name":"老陈"}}]}`,
		"unknown dialogue": `{"lang":"zh-CN","at":"2026-11-23T00:59:00Z","stack":[{"d":"gone","v":1,"i":"x","s":"name"}]}`,
		"future version":   `{"lang":"zh-CN","at":"2026-11-23T00:59:00Z","stack":[{"d":"form","v":99,"i":"x","s":"somewhere","f":{"name":"老陈","phone":{"new":"shape"}}}]}`,
		"unknown language": `{"lang":"xx","at":"2026-11-23T00:59:00Z","stack":[{"d":"form","v":1,"i":"x","s":"name"}]}`,
	}
	for name, state := range states {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t, t.TempDir(), both)
			err := b.ledger.Commit(t.Context(), "test:a", ledger.Commit{State: []byte(state), Turn: ledger.Turn{Message: "before", Reply: []byte("{}"), At: b.clock.now()}, Expires: b.clock.now().Add(time.Hour)})
			if err != nil {
				t.Fatal(err)
			}
			for _, text := range []string{"在吗", "我要登记", "帮助"} {
				if r := b.say("a", text); len(r.Texts) == 0 || r.Texts[0] == "…" {
					t.Errorf("%s: no words: %v", text, r)
				}
			}
			alerted := name == "unknown language" || name == "future version"
			for _, e := range b.records.entries() {
				alerted = alerted || strings.Contains(string(e.Data), string(bot.OwnFault))
			}
			if !alerted {
				t.Error("staff were not told")
			}
		})
	}
}

// A context that ends while a message waits for its turn leaves the queue in order (T16).
func TestContextEndsInQueue(t *testing.T) {
	t.Parallel()
	b := open(t, t.TempDir(), both)
	entered, release := make(chan struct{}), make(chan struct{})
	slow := menu
	slow.States = append([]bot.State(nil), menu.States...)
	var once sync.Once
	slow.States[0].Data = func(*bot.Turn) (any, error) {
		once.Do(func() { close(entered); <-release })
		return struct{}{}, nil
	}
	b.with([]bot.Dialogue{slow, form})
	var wait sync.WaitGroup
	first, second, third := b.message("a", "你好"), b.message("a", "我要登记"), b.message("a", "老陈")
	wait.Go(func() {
		if _, err := b.Turn(t.Context(), first); err != nil {
			t.Error(err)
		}
	})
	<-entered
	ended, end := contextThatEnds(t)
	wait.Go(func() {
		if _, err := b.Turn(ended, second); bot.CodeOf(err) != bot.Unavailable {
			t.Errorf("a turn whose context ended: %v", err)
		}
	})
	end()
	wait.Go(func() {
		if _, err := b.Turn(t.Context(), third); err != nil {
			t.Error(err)
		}
	})
	close(release)
	wait.Wait()
	if r := b.say("a", "我要登记"); !said(r, "form.name") {
		t.Errorf("%v", r.Texts)
	}
}
