package engine_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/engine"
	"yilu/bot/ledger"
)

// Effects of one worker reach the records in the order in which they were asked for, also when an older one had to wait
// (promise 4): otherwise an old registration would overwrite a new one.
func TestEffectsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	b := open(t, t.TempDir(), both)
	fill := func(phone string) {
		for _, text := range []string{"我要登记", "老陈", phone, "瓦工"} {
			b.say("a", text)
		}
	}
	fill("13805921111")
	b.records.set(true)
	b.say("a", "对")
	fill("13805922222")
	b.records.set(false)
	b.records.failNext() // the effect that waits is tried first, and fails once more
	b.say("a", "对")
	if _, err := b.Sweep(t.Context(), b.clock.now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	entries := b.records.entries()
	if len(entries) != 2 || !strings.Contains(string(entries[0].Data), "1111") || !strings.Contains(string(entries[1].Data), "2222") {
		t.Errorf("in the records: %d effects, in another order", len(entries))
	}
}

// TestAnotherAnswerAfterALoss holds that what a worker says after the ledger was set back counts, though the same dialogue
// had said something else to the records before, and that the same once more changes nothing.
func TestAnotherAnswerAfterALoss(t *testing.T) {
	t.Parallel()
	first := open(t, t.TempDir(), both)
	play := func(b *bench, phone string) {
		for _, text := range []string{"我要登记", "老陈", phone, "瓦工", "对"} {
			b.say("a", text)
		}
	}
	play(first, "13805921111")
	for _, phone := range []string{"13805922222", "13805922222"} {
		again := open(t, t.TempDir(), both) // the same messages, and a ledger that knows nothing of the first time
		again.records = first.records
		again.with(both)
		play(again, phone)
	}
	entries := first.records.entries()
	if len(entries) != 2 || !strings.Contains(string(entries[1].Data), "2222") {
		t.Errorf("in the records: %d effects, want the first and the other one", len(entries))
	}
}

// TestLogNamesNobody holds that a message of a linked channel, whose id in the other session names whom it is from, stands
// in the log by the channel's own id.
func TestLogNamesNobody(t *testing.T) {
	t.Parallel()
	via, from := bot.Identity{Channel: "telegram", User: "123456789"}, bot.Identity{Channel: "web", User: "w"}
	if got := engine.LoggedID(via, from, via.Key()+" m7"); got != "m7" {
		t.Errorf("the log says %q", got)
	}
	if got := engine.LoggedID(from, from, "m8"); got != "m8" {
		t.Errorf("the log says %q", got)
	}
}

// refusing are records that do not answer for some workers.
type refusing struct {
	*shelf
	whom []string
}

func (r refusing) Apply(ctx context.Context, entries []bot.Entry) ([]string, error) {
	if slices.Contains(r.whom, entries[0].From.User) {
		return nil, &bot.Error{Code: bot.Unavailable, Op: "test", Say: "somebody holds the row"}
	}
	return r.shelf.Apply(ctx, entries)
}

// TestSweepPassesWhoCannotBeServed holds that a sweep passes over workers for whom the records do not answer, and stops
// where they answer for nobody.
func TestSweepPassesWhoCannotBeServed(t *testing.T) {
	t.Parallel()
	b := open(t, t.TempDir(), both)
	b.records.set(true)
	users := []string{"a", "b", "c", "d"}
	for _, user := range users {
		for _, text := range []string{"我要登记", "老陈", "13805921111", "瓦工", "对"} {
			b.say(user, text)
		}
	}
	b.records.set(false)
	sweep := func(whom ...string) (int, error) {
		b.Engine.Records = refusing{b.records, whom}
		return b.Sweep(t.Context(), b.clock.now().Add(time.Second))
	}
	if done, err := sweep(users...); done != 0 || bot.CodeOf(err) != bot.Unavailable {
		t.Errorf("nobody is served: %d, %v", done, err)
	}
	if done, err := sweep("a", "b"); done != 2 || bot.CodeOf(err) != bot.Unavailable {
		t.Errorf("two are not served: %d, %v, want 2 and that the records do not answer", done, err)
	}
	if done, err := sweep(); done != 2 || err != nil {
		t.Errorf("all are served: %d, %v", done, err)
	}
}

// A release without a dialogue that stands in the middle of somebody's stack harms neither the one above it nor the one
// below.
func TestDialogueIsTakenOut(t *testing.T) {
	t.Parallel()
	side := bot.Dialogue{
		Name: "side", Version: 1, Intents: []bot.Intent{bot.JobsMine}, Form: formV1{}, Start: "phone",
		States: []bot.State{{Name: "phone", Accept: bot.Phone, Field: "phone", Edges: []bot.Edge{{On: bot.Answered, To: "done"}}}, {Name: "done", End: "done"}},
	}
	b := open(t, t.TempDir(), []bot.Dialogue{menu, form, side})
	b.say("a", "我报的名")
	b.say("a", "我要登记")
	b.say("a", "老陈")
	b.with(both)
	for _, c := range [][2]string{{"13805921234", "form.trades"}, {"瓦工", "form.summary"}, {"对", "form.done"}} {
		if r := b.say("a", c[0]); !said(r, c[1]) {
			t.Fatalf("%s: %q", c[0], r.Texts)
		}
	}
	if n := len(b.records.entries()); n != 1 {
		t.Errorf("%d effects, want the registration alone", n)
	}
}

// What no longer fits a new version is asked again, and breaks nothing: a choice that is gone, a skipped question that
// is needed now, a field of another type that nobody asks for.
func TestMigrationDropsWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	type v1 struct {
		Kind  string       `json:"kind"`
		Name  bot.Personal `json:"name"`
		Note  string       `json:"note"`
		Phone bot.Personal `json:"phone"`
	}
	type v2 struct {
		Kind  string       `json:"kind"`
		Name  bot.Personal `json:"name"`
		Note  int          `json:"note"`
		Phone bot.Personal `json:"phone"`
	}
	table := func(version int, form any, choices []string, optional bool) bot.Dialogue {
		return bot.Dialogue{
			Name: "form", Version: version, Intents: []bot.Intent{bot.RegisterStart}, Form: form, Start: "kind",
			States: []bot.State{
				{Name: "kind", Choices: choices, Field: "kind", Edges: []bot.Edge{{On: bot.Answered, To: "name"}}, Decide: func(t *bot.Turn) (bot.Outcome, error) {
					if version == 1 {
						return bot.Answered, t.Form.Set("note", "a text")
					}
					return bot.Answered, nil
				}},
				{Name: "name", Accept: bot.PersonName, Field: "name", Optional: optional, Edges: []bot.Edge{{On: bot.Answered, To: "phone"}}},
				{Name: "phone", Accept: bot.Phone, Field: "phone", Edges: []bot.Edge{{On: bot.Answered, To: "summary"}}},
				{Name: "summary", Summary: true, Edges: []bot.Edge{{On: bot.Yes, To: "done"}}, Decide: func(t *bot.Turn) (bot.Outcome, error) {
					_, err := bot.FormOf[v2](t)
					return bot.Yes, err
				}},
				{Name: "done", End: "done"},
			},
		}
	}
	for _, way := range []string{"under way", "a draft"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			b := open(t, t.TempDir(), []bot.Dialogue{menu, table(1, v1{}, []string{"old", "both"}, true)})
			b.say("a", "我要登记")
			b.say("a", "old")
			b.say("a", "跳过")
			if way == "a draft" {
				b.say("a", "取消")
			}
			b.with([]bot.Dialogue{menu, table(2, v2{}, []string{"new", "both"}, false)})
			for _, c := range [][2]string{{"我要登记", "form.kind"}, {"new", "form.name"}, {"老陈", "form.phone"}, {"13805921234", "form.summary"}, {"对", "form.done"}} {
				if r := b.say("a", c[0]); !said(r, c[1]) {
					t.Fatalf("%s: %q", c[0], r.Texts)
				}
			}
		})
	}
}

// Effects that the records refuse for good do not hold up those behind them, however many they are.
func TestSweepLooksPastTheRefused(t *testing.T) {
	t.Parallel()
	b := open(t, t.TempDir(), both)
	const refused = 1200
	var effects []bot.Entry
	for i := range refused {
		effects = append(effects, bot.Entry{ID: fmt.Sprintf("bad%d", i), Kind: "from_the_future", From: bot.Identity{Channel: "test", User: "z"}, At: b.clock.now(), Data: []byte("{}")})
	}
	b.records.refuse = "from_the_future"
	commit := func(key string, effects []bot.Entry, at time.Time) {
		t.Helper()
		err := b.ledger.Commit(context.Background(), key, ledger.Commit{State: []byte("{}"), Turn: ledger.Turn{Message: "m", Reply: []byte("{}"), At: at}, Effects: effects, Expires: at.Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
	}
	commit("test:z", effects, b.clock.now())
	commit("test:y", []bot.Entry{{ID: "good", Kind: "ask_staff", From: bot.Identity{Channel: "test", User: "y"}, At: b.clock.now(), Data: []byte("{}")}}, b.clock.now().Add(time.Second))
	for range 5 {
		if _, err := b.Sweep(t.Context(), b.clock.now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.ContainsFunc(b.records.entries(), func(e bot.Entry) bool { return e.ID == "good" }) {
		t.Error("the effect behind the refused ones was never applied")
	}
}
