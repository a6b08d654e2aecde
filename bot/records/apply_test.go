package records_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/records"
)

var chen = bot.Identity{Channel: "web", User: "chen"}

// entry makes an entry of chen's, some seconds after now.
func entry(t testing.TB, id string, seconds int, e bot.Effect) bot.Entry {
	t.Helper()
	data, err := bot.Pack(e)
	must(t, err)
	return bot.Entry{ID: id, Kind: e.Kind(), From: chen, Lang: "zh-CN", At: now.Add(time.Duration(seconds) * time.Second), Data: data}
}

func apply(t testing.TB, r *records.Records, entries ...bot.Entry) {
	t.Helper()
	applied, err := r.Apply(t.Context(), entries)
	must(t, err)
	if len(applied) != len(entries) {
		t.Fatalf("applied %v of %v", applied, entries)
	}
}

// applyAtLast is apply where others write the same rows, or the machine is busy: what was too long in waiting is asked
// again, as the sweeper does.
func applyAtLast(t testing.TB, r *records.Records, entries ...bot.Entry) {
	t.Helper()
	for range 100 {
		applied, err := r.Apply(t.Context(), entries)
		if bot.CodeOf(err) == bot.Unavailable {
			continue
		}
		if err != nil || len(applied) != len(entries) {
			t.Errorf("applied %v of %v: %v", applied, entries, err)
		}
		return
	}
	t.Error("not applied in a hundred times")
}

// dump is every row of every table, for comparing.
func dump(t testing.TB, file *store) string {
	t.Helper()
	var all []string
	for _, table := range []string{"worker", "identity", "consent", "application", "alert", "request", "file", "contact", "identity_link", "worker_alias", "applied_effect"} {
		rows, err := file.Read.Query("SELECT * FROM " + table)
		must(t, err)
		var lines []string
		columns, err := rows.Columns()
		must(t, err)
		for rows.Next() {
			values := make([]any, len(columns))
			for i := range values {
				values[i] = new(any)
			}
			must(t, rows.Scan(values...))
			line := table
			for i, v := range values {
				line += fmt.Sprintf(" %s=%v", columns[i], *v.(*any))
			}
			lines = append(lines, line)
		}
		must(t, rows.Close())
		slices.Sort(lines)
		all = append(all, lines...)
	}
	return strings.Join(all, "\n")
}

// intakes are effects of every kind. Those that write the same thing stand in the order in which they were asked for.
func intakes(t testing.TB) [][]bot.Entry {
	return [][]bot.Entry{
		{
			entry(t, "w1", 1, bot.SaveWorker{Name: bot.NewPersonal("老陈"), Phone: bot.NewPersonal("13800000000"), Trades: []bot.TradeID{"t02"}, Number: "DJ1"}),
			entry(t, "w2", 2, bot.SaveWorker{Pay: bot.Pay{Min: 30000, Unit: bot.PerDay}, Places: []bot.Place{{District: bot.Tongan}}, Complete: true}),
		},
		{entry(t, "c1", 3, bot.RecordConsent{Notice: "2026-10", Purpose: "placement", Agreed: true, Shown: "【示例】告知"})},
		{entry(t, "c2", 4, bot.RecordConsent{Notice: "2026-11", Purpose: "placement", Agreed: true, Shown: "【示例】告知二"})},
		{entry(t, "c3", 5, bot.RecordConsent{Notice: "2026-x", Purpose: "alerts", Agreed: false, Shown: "【示例】告知三"})},
		{
			entry(t, "a1", 6, bot.SubmitApplication{Number: "BM1", Post: "p1", Party: 2, Name: bot.NewPersonal("陈"), Phone: bot.NewPersonal("13900000000")}),
			entry(t, "a2", 7, bot.SubmitApplication{Number: "BM2", Post: "p1", Party: 3}), // a second one to the same post
			entry(t, "a3", 8, bot.WithdrawApplication{Number: "BM1"}),
			entry(t, "a4", 9, bot.SubmitApplication{Number: "BM3", Post: "p1", Party: 1}), // after withdrawing it is the first
		},
		{
			entry(t, "l1", 10, bot.AddAlert{Trades: []bot.TradeID{"t01", "t02"}}),
			entry(t, "l2", 11, bot.AddAlert{Trades: []bot.TradeID{"t03"}, Places: []bot.Place{{District: bot.Huli}}}),
			entry(t, "l3", 12, bot.StopAlerts{Trades: []bot.TradeID{"t02", "t03"}}),
		},
		{entry(t, "s1", 13, bot.AskStaff{Number: "GD1", About: bot.WantsPerson, Note: bot.NewPersonal("请回电"), Urgent: true, Where: "jobs.list"})},
		{
			entry(t, "d1", 12, bot.FileCase{Number: "TJ1", Dispute: bot.Dispute{Kinds: []bot.DisputeKind{"wage_arrears"}, Name: bot.NewPersonal("陈"), Amount: 420000}}),
			entry(t, "d2", 13, bot.AddToCase{Number: "TJ1", Note: bot.NewPersonal("有录音")}),
			entry(t, "d3", 14, bot.WithdrawCase{Number: "TJ1"}),
		},
		{entry(t, "f1", 14, bot.KeepFile{File: bot.File{Ref: "r1", Kind: bot.Voice, Type: "audio/amr", Name: bot.NewPersonal("【示例】.amr"), Size: 9, Till: now.Add(time.Hour)}, Number: "GD1", Where: "report.say"})},
		{entry(t, "n1", 15, bot.NoteContact{Reachable: true, Scene: "stop-1"})},
		{entry(t, "n2", 16, bot.NoteContact{Reachable: false})},
		{entry(t, "m1", 17, bot.NoteUnclear{Text: "整不来", Where: "menu.open"})},
	}
}

func TestApply(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		r, _ := open(t)
		apply(t, r, slices.Concat(intakes(t)...)...)

		w, err := r.Worker(t.Context(), chen.Worker())
		must(t, err)
		want := bot.Worker{
			ID: chen.Worker(), From: chen, Lang: "zh-CN", Name: bot.NewPersonal("老陈"), Phone: bot.NewPersonal("13800000000"),
			Trades: []bot.TradeID{"t02"}, Places: []bot.Place{{District: bot.Tongan}}, Pay: bot.Pay{Min: 30000, Unit: bot.PerDay},
			Number: "DJ1", Consent: "2026-11", Complete: true, Since: now.Add(time.Second), Modified: now.Add(14 * time.Second),
		}
		if !reflect.DeepEqual(w, want) {
			t.Errorf("worker: got %+v, want %+v", w, want)
		}
		applications, err := r.Applications(t.Context(), chen.Worker())
		must(t, err)
		if len(applications) != 1 || applications[0] != (bot.Application{Number: "BM3", Post: "p1", Worker: chen.Worker(), Party: 1, State: bot.Applied, At: now.Add(9 * time.Second)}) {
			t.Errorf("applications: got %+v", applications)
		}
		alerts, err := r.Alerts(t.Context(), chen.Worker())
		must(t, err)
		if len(alerts) != 1 || !slices.Equal(alerts[0].Trades, []bot.TradeID{"t01"}) {
			t.Errorf("alerts: got %+v, want the one that is left, for t01", alerts)
		}
		var requests []bot.Request
		must(t, r.EachRequest(t.Context(), func(q bot.Request) error { requests = append(requests, q); return nil }))
		if len(requests) != 1 || requests[0] != (bot.Request{Number: "GD1", Kind: bot.WantsPerson, Worker: chen.Worker(), Note: bot.NewPersonal("请回电"), Urgent: true, Where: "jobs.list", At: now.Add(13 * time.Second)}) {
			t.Errorf("requests: got %+v", requests)
		}
	})
}

// TestApplyTwice carries T2 for the records: however often and at once entries are applied, the rows are the same.
func TestApplyTwice(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		entries := slices.Concat(intakes(t)...)
		r, file := open(t)
		apply(t, r, entries...)
		want := dump(t, file)
		for range 3 {
			apply(t, r, entries...)
		}
		if got := dump(t, file); got != want {
			t.Errorf("after applying again:\n%s\nwant\n%s", got, want)
		}

		r, file = open(t)
		for i := range entries {
			apply(t, r, entries[:i+1]...) // a request and the sweeper overlap
		}
		if got := dump(t, file); got != want {
			t.Errorf("after applying ever more:\n%s\nwant\n%s", got, want)
		}

		r, file = open(t)
		other, err := records.Open(t.Context(), file.another(t))
		must(t, err)
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() { applyAtLast(t, []*records.Records{r, other}[i%2], entries...) })
		}
		wg.Wait()
		if got := dump(t, file); got != want {
			t.Errorf("after applying at once:\n%s\nwant\n%s", got, want)
		}
	})
}

func TestApplyInAnyOrder(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		r, file := open(t)
		groups := intakes(t)
		apply(t, r, slices.Concat(groups...)...)
		want := dump(t, file)
		chance := rand.New(rand.NewPCG(7, 7))
		for range 12 {
			chance.Shuffle(len(groups), func(i, j int) { groups[i], groups[j] = groups[j], groups[i] })
			r, file := open(t)
			for _, g := range groups {
				apply(t, r, g...)
			}
			if got := dump(t, file); got != want {
				t.Fatalf("in another order:\n%s\nwant\n%s", got, want)
			}
		}
	})
}

func TestApplyLeavesOutWhatCannotBe(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		r, file := open(t)
		const secret = "13812345678"
		bad := []bot.Entry{
			{ID: "unknown", Kind: "teleport", From: chen, At: now, Data: []byte(`{"phone":"` + secret + `"}`)},
			{ID: "broken", Kind: "save_worker", From: chen, At: now, Data: []byte(`{"phone":"` + secret)},
			{ID: "misfit", Kind: "save_worker", From: chen, At: now, Data: []byte(`{"birth":{"year":"` + secret + `"}}`)},
			{ID: "overflow", Kind: "submit_application", From: chen, At: now, Data: []byte(`{"post":"p1","party":` + strings.Repeat(secret, 3) + `}`)},
			{ID: "nobody", Kind: "save_worker", At: now, Data: []byte(`{}`)},
			{ID: "postless", Kind: "submit_application", From: chen, At: now, Data: []byte(`{"number":"BM9"}`)},
			{ID: "nowhere", Kind: "link_identity", From: chen, At: now, Data: []byte(`{"into":{"channel":"web"}}`)},
			{ID: "none", Kind: "unlink_identity", From: chen, At: now, Data: []byte(`{}`)},
			{ID: "", Kind: "save_worker", From: chen, At: now, Data: []byte(`{}`)},
			{ID: "empty", Kind: "save_worker", From: chen, At: now},
		}
		good := slices.Concat(intakes(t)...)
		mixed := slices.Concat(bad[:4], good[:5], bad[4:], good[5:])
		applied, err := r.Apply(t.Context(), mixed)
		if bot.CodeOf(err) != bot.Invalid {
			t.Fatalf("got %v, want code %s", err, bot.Invalid)
		}
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error holds personal data: %v", err)
		}
		for _, e := range bad {
			if !strings.Contains(err.Error(), e.ID+" "+e.Kind) {
				t.Errorf("the error does not name %q: %v", e.ID, err)
			}
			if slices.Contains(applied, e.ID) {
				t.Errorf("%q is said to be applied", e.ID)
			}
		}
		if len(applied) != len(good) {
			t.Errorf("applied %v, want the %d good ones", applied, len(good))
		}
		got := dump(t, file)
		r, file = open(t)
		apply(t, r, good...)
		if want := dump(t, file); got != want {
			t.Errorf("the bad ones left a trace:\n%s\nwant\n%s", got, want)
		}
	})
}

// A number that two people were told goes to the first; only its owner can withdraw it.
func TestWithdrawOnlyOwn(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		r, _ := open(t)
		apply(t, r, entry(t, "a1", 1, bot.SubmitApplication{Number: "BM1", Post: "p1", Party: 1}))
		stranger := entry(t, "a2", 2, bot.WithdrawApplication{Number: "BM1"})
		stranger.From.User = "lin"
		apply(t, r, stranger, entry(t, "a3", 3, bot.WithdrawApplication{Number: "BM404"}))
		if have, err := r.Applications(t.Context(), chen.Worker()); err != nil || len(have) != 1 {
			t.Fatalf("got %v, %v, want the application untouched", have, err)
		}
		apply(t, r, entry(t, "a4", 4, bot.WithdrawApplication{Number: "BM1"}))
		if have, err := r.Applications(t.Context(), chen.Worker()); err != nil || len(have) != 0 {
			t.Fatalf("got %v, %v, want none", have, err)
		}
	})
}

func TestConsent(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		say := func(id string, at int, notice, purpose string, agreed bool) bot.Entry {
			return entry(t, id, at, bot.RecordConsent{Notice: notice, Purpose: purpose, Agreed: agreed, Shown: "【示例】"})
		}
		for _, c := range []struct {
			name    string
			entries []bot.Entry
			want    string
		}{
			{"agreed", []bot.Entry{say("1", 1, "n1", "p", true)}, "n1"},
			{"refused", []bot.Entry{say("1", 1, "n1", "p", false)}, ""},
			{"withdrawn", []bot.Entry{say("1", 1, "n1", "p", true), say("2", 2, "n1", "p", false)}, ""},
			{"withdrawn, applied first", []bot.Entry{say("2", 2, "n1", "p", false), say("1", 1, "n1", "p", true)}, ""},
			{"agreed again", []bot.Entry{say("1", 1, "n1", "p", false), say("2", 2, "n2", "p", true)}, "n2"},
			{"another purpose refused", []bot.Entry{say("1", 1, "n1", "p", true), say("2", 2, "n2", "q", false)}, "n1"},
		} {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				r, file := open(t)
				for _, e := range c.entries {
					apply(t, r, e)
				}
				w, err := r.Worker(t.Context(), chen.Worker())
				must(t, err)
				if w.Consent != c.want {
					t.Errorf("got consent %q, want %q", w.Consent, c.want)
				}
				var kept int
				must(t, file.Read.QueryRow("SELECT COUNT(*) FROM consent WHERE shown <> ''").Scan(&kept))
				if kept != len(c.entries) {
					t.Errorf("%d answers kept, want %d", kept, len(c.entries))
				}
			})
		}
	})
}

func TestStopAllAlerts(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		r, _ := open(t)
		add := func(id string, trades ...bot.TradeID) bot.Entry { return entry(t, id, 1, bot.AddAlert{Trades: trades}) }
		apply(t, r, add("1", "t01"), add("2", "t01"), add("3"), add("4", "t02"))
		if have, err := r.Alerts(t.Context(), chen.Worker()); err != nil || len(have) != 3 {
			t.Fatalf("got %v, %v, want three: the second is the first again", have, err)
		}
		apply(t, r, entry(t, "5", 2, bot.StopAlerts{Trades: []bot.TradeID{"t01"}}))
		if have, err := r.Alerts(t.Context(), chen.Worker()); err != nil || len(have) != 2 {
			t.Fatalf("got %v, %v, want two", have, err)
		}
		apply(t, r, entry(t, "6", 3, bot.StopAlerts{}))
		if have, err := r.Alerts(t.Context(), chen.Worker()); err != nil || len(have) != 0 {
			t.Fatalf("got %v, %v, want none", have, err)
		}
	})
}

func TestApplyToClosedFile(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		r, file := open(t)
		must(t, file.Close())
		entries := slices.Concat(intakes(t)...)
		applied, err := r.Apply(t.Context(), entries)
		if bot.CodeOf(err) != bot.Unavailable || len(applied) != 0 {
			t.Fatalf("got %v, %v, want nothing and code %s", applied, err, bot.Unavailable)
		}
		if raw, _ := json.Marshal(err.Error()); strings.Contains(string(raw), "13800000000") {
			t.Errorf("the error holds personal data: %v", err)
		}
	})
}

func TestApplyUnderEndedContext(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		r, file := open(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if applied, err := r.Apply(ctx, slices.Concat(intakes(t)...)); bot.CodeOf(err) != bot.Unavailable || len(applied) != 0 {
			t.Fatalf("got %v, %v, want nothing and code %s", applied, err, bot.Unavailable)
		}
		if got := dump(t, file); got != "" {
			t.Fatalf("left a trace:\n%s", got)
		}
	})
}

// TestAnotherSentenceUnderOneNumber holds that what a worker says for staff after the ledger was set back is kept beside
// what has the number already, and that the same once more is not.
func TestAnotherSentenceUnderOneNumber(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		r, _ := open(t)
		ask := func(id, note string) {
			apply(t, r, entry(t, id, 1, bot.AskStaff{Number: "RG1/1", About: bot.WantsPerson, Note: bot.NewPersonal(note)}))
		}
		ask("run-1-aaaaaaaaaaaa", "手断了")
		ask("run-1-bbbbbbbbbbbb", "老板跑了")
		ask("run-2-aaaaaaaaaaaa", "手断了")
		var got []string
		must(t, r.EachRequest(t.Context(), func(q bot.Request) error {
			got = append(got, q.Number+" "+q.Note.Reveal())
			return nil
		}))
		if want := []string{"RG1/1 手断了", "RG1/1+bbbbbb 老板跑了"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}
