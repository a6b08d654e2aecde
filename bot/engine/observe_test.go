package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/engine"
	"yilu/bot/ledger"
)

// stumbling is a ledger whose next commits fail.
type stumbling struct {
	ledger.Ledger
	with  bot.Code
	times int
}

func (s *stumbling) Commit(ctx context.Context, key string, c ledger.Commit) error {
	if s.times > 0 {
		s.times--
		return bot.Errorf(s.with, "test", "stumbled")
	}
	return s.Ledger.Commit(ctx, key, c)
}

// What is observed of a turn is told once it is kept, once however often it was decided, and not again for a repeat.
func TestObserve(t *testing.T) {
	t.Parallel()
	intake := form
	intake.States = slices.Clone(form.States)
	intake.States[3].Decide = func(turn *bot.Turn) (bot.Outcome, error) {
		turn.Do(bot.SaveWorker{Complete: true})
		turn.Do(bot.AskStaff{About: bot.WantsPerson})
		return bot.Yes, nil
	}
	b := open(t, t.TempDir(), []bot.Dialogue{menu, intake})
	trip := &stumbling{Ledger: b.Engine.Ledger}
	b.Engine.Ledger = trip
	var got []string
	b.Engine.Observe = func(o *engine.Observed) {
		if o.Took < 0 || o.Took > time.Minute {
			t.Errorf("took %v", o.Took)
		}
		one := *o
		one.Took = 0
		got = append(got, fmt.Sprintf("%+v", one))
	}
	type seen struct{ code, rest string }
	want := func(channel string, s seen) string {
		return fmt.Sprintf("{Channel:%s Took:0s Code:%s %s}", channel, s.code, s.rest)
	}
	const nothing = "Missed:0 Away:false Recovered:false Danger: Began:[] Ended:[] Asked:[] Intakes:[]"
	var last bot.Message
	for i, c := range []struct {
		text string
		fail bot.Code
		seen seen
	}{
		{text: "我要登记", fail: bot.Conflict, seen: seen{"", "Repeated:false Conflicts:1 Missed:0 Away:false Recovered:false Danger: Began:[form] Ended:[] Asked:[] Intakes:[]"}},
		{text: "老陈", seen: seen{"", "Repeated:false Conflicts:0 " + nothing}},
		{text: "138059", seen: seen{"", "Repeated:false Conflicts:0 Missed:1 Away:false Recovered:false Danger: Began:[] Ended:[] Asked:[] Intakes:[]"}},
		{text: "13805921234", seen: seen{"", "Repeated:false Conflicts:0 " + nothing}},
		{text: "瓦工", seen: seen{"", "Repeated:false Conflicts:0 " + nothing}},
		{text: "对", fail: bot.Unavailable, seen: seen{"unavailable", "Repeated:false Conflicts:0 " + nothing}}, // not kept, so not counted
		{text: "对", seen: seen{"", "Repeated:false Conflicts:0 Missed:0 Away:false Recovered:false Danger: Began:[] Ended:[{Dialogue:form Outcome:done}] Asked:[{About:person Urgent:false}] Intakes:[registration]"}},
		{text: "", seen: seen{"", "Repeated:true Conflicts:0 " + nothing}}, // the last one again
		{text: "有人触电了", seen: seen{"", "Repeated:false Conflicts:0 Missed:0 Away:false Recovered:false Danger:emergency Began:[] Ended:[] Asked:[{About:danger Urgent:true}] Intakes:[]"}},
	} {
		if c.fail != "" {
			trip.with, trip.times = c.fail, 1
		}
		if c.text != "" {
			last = b.message("a", c.text)
		}
		if _, err := b.Turn(t.Context(), last); bot.CodeOf(err) != bot.Code(c.seen.code) {
			t.Fatalf("%q: %v", c.text, err)
		}
		if len(got) != i+1 || got[i] != want("test", c.seen) {
			t.Errorf("%q:\n%s\nwant\n%s", c.text, got[i], want("test", c.seen))
		}
	}
}

// What a turn costs is told without a thing allocated for it.
func TestObserveAllocatesNothing(t *testing.T) {
	b := open(t, t.TempDir(), both)
	b.Engine.Ledger = known{reply: []byte("{}")}
	m := b.message("a", "你好")
	turn := func() {
		if _, err := b.Turn(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	plain := testing.AllocsPerRun(200, turn)
	n := 0
	b.Engine.Observe = func(o *engine.Observed) { n++ }
	if seen := testing.AllocsPerRun(200, turn); seen > plain || n < 200 {
		t.Errorf("%v allocations for a turn that is observed, %v for one that is not; observed %d", seen, plain, n)
	}
}

// known is a ledger that has seen every message.
type known struct {
	ledger.Ledger
	reply json.RawMessage
}

func (k known) Load(context.Context, string, string, time.Time) (ledger.Snapshot, error) {
	return ledger.Snapshot{Version: 1, Seen: true, Reply: k.reply}, nil
}

// BenchmarkObserve is a turn that the ledger has seen before, with and without being observed.
func BenchmarkObserve(b *testing.B) {
	for _, observed := range []bool{false, true} {
		b.Run(fmt.Sprint(observed), func(b *testing.B) {
			e := open(b, b.TempDir(), both)
			e.Engine.Ledger = known{reply: []byte("{}")}
			if observed {
				e.Engine.Observe = func(*engine.Observed) {}
			}
			e.Engine.Now = time.Now
			m := e.message("a", "你好")
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Turn(b.Context(), m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
