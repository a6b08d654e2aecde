package records_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"yilu/bot"
	"yilu/bot/records"
)

// bytes are texts that not every database can hold, and such that only look like it.
const bytes = "a\x00b\xffc\xc3(d\xed\xa0\x80e陈\uFFFD'\";--\\%_\U0001F477"

// odd are effects of every kind with bytes in every text. The effects themselves are as the ledger keeps them.
func odd(t testing.TB) []bot.Entry {
	p := bot.NewPersonal(bytes)
	id := func(s string) string { return s + bytes }
	list := []bot.Entry{
		entry(t, id("w"), 1, bot.SaveWorker{Name: p, Phone: p, Home: bytes, Cert: bytes, Number: bytes, Birth: bot.Birth{On: bytes}, Start: bytes,
			Trades: []bot.TradeID{bytes}, Places: []bot.Place{{District: bytes, Name: bytes}}, Pay: bot.Pay{Min: 1, Unit: bytes}, Settle: bytes, Shift: bytes}),
		entry(t, id("c"), 2, bot.RecordConsent{Notice: bytes, Purpose: bytes, Agreed: true, Shown: bytes}),
		entry(t, id("a"), 3, bot.SubmitApplication{Number: bytes, Post: bytes, Party: 1, Name: p, Phone: p}),
		entry(t, id("x"), 4, bot.WithdrawApplication{Number: bytes}),
		entry(t, id("l"), 5, bot.AddAlert{Trades: []bot.TradeID{bytes, "t01"}, Places: []bot.Place{{Name: bytes}}}),
		entry(t, id("s"), 6, bot.StopAlerts{Trades: []bot.TradeID{bytes}}),
		entry(t, id("q"), 7, bot.AskStaff{Number: bytes, About: bytes, Post: bytes, Reason: bytes, Note: p, Where: bytes}),
		entry(t, id("f"), 8, bot.KeepFile{File: bot.File{Ref: bytes, Kind: bytes, Type: bytes, Name: p, Size: 1}, Number: bytes, Where: bytes}),
		entry(t, id("d"), 8, bot.FileCase{Number: bytes, Dispute: bot.Dispute{Kinds: []bot.DisputeKind{bytes}, Name: p, Facts: p, Hirer: bytes, Rate: bot.Pay{Min: 1, Unit: bytes}, Route: bytes}}),
		entry(t, id("e"), 8, bot.AddToCase{Number: bytes, Note: p}),
		entry(t, id("g"), 8, bot.WithdrawCase{Number: bytes, Reason: p}),
		entry(t, id("n"), 9, bot.NoteContact{Reachable: true, Scene: bytes}),
		entry(t, id("m"), 9, bot.NoteUnclear{Text: bytes, Where: bytes}),
		entry(t, id("k"), 10, bot.LinkIdentity{Into: bot.Identity{Channel: "web", User: id("into")}}),
		entry(t, id("u"), 11, bot.UnlinkIdentity{Identity: bot.Identity{Channel: "web", User: id("into")}}),
	}
	for i := range list {
		list[i].From, list[i].Lang = bot.Identity{Channel: "web", User: bytes}, bytes
	}
	return list
}

// plain is a dump without what two databases write differently and mean alike.
func plain(t testing.TB, s *store) string {
	return strings.NewReplacer("=true", "=1", "=false", "=0").Replace(dump(t, s))
}

// TestAlike carries T5: the same effects leave the same rows in every database, byte by byte, whatever bytes they have.
func TestAlike(t *testing.T) {
	t.Parallel()
	entries := slices.Concat(slices.Concat(intakes(t)...), twoLives(t), []bot.Entry{link(t, "l9", 20, bella, anna), by(t, anna, "u9", 21, bot.UnlinkIdentity{Identity: bella})}, odd(t))
	states := map[string]string{}
	for name, empty := range databases {
		r, s := openingOn(empty)(t)
		for range 2 {
			for _, e := range entries {
				apply(t, r, e)
			}
			apply(t, r, entries...)
		}
		w, err := r.Worker(t.Context(), bot.Identity{Channel: "web", User: bytes}.Worker())
		if err != nil || !strings.Contains(w.Name.Reveal(), "陈") {
			t.Errorf("%s: the worker is not found: %v", name, err)
		}
		must(t, r.PutPosts(t.Context(), []bot.Post{{ID: "p\x00\xff", State: bot.PostDraft, Title: bytes}}))
		if p, err := r.Post(t.Context(), "p\x00\xff"); err != nil || p.ID != "p\uFFFD\uFFFD" || !strings.HasPrefix(p.Title, "a\uFFFDb\uFFFDc\uFFFD(d") {
			t.Errorf("%s: post: got %+v, %v", name, p, err)
		}
		if f := fileOf(t, r, "f"+bytes); f.File.Name.IsZero() {
			t.Errorf("%s: the file is not found", name)
		}
		states[name] = plain(t, s)
	}
	if states["sqlite"] != states["postgres"] {
		a, b := strings.Split(states["sqlite"], "\n"), strings.Split(states["postgres"], "\n")
		for i := range min(len(a), len(b)) {
			if a[i] != b[i] {
				t.Errorf("sqlite\n%q\npostgres\n%q", a[i], b[i])
			}
		}
		t.Errorf("%d and %d rows", len(a), len(b))
	}
}

// TestSortedAlike: what has an order has the same one in every database, byte by byte, whatever the language of the
// database is.
func TestSortedAlike(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		r, _ := open(t)
		ctx := t.Context()
		keys := []string{"a", "B", "b", "A", "a1", "a-1", "A 1", "_", "0", "9", "é", "z", "陈", "安", "Ä"}
		var want []string
		for i, k := range keys {
			want = append(want, k)
			must(t, r.PutWorkers(ctx, []bot.Worker{{ID: bot.WorkerID(k)}}))
			must(t, r.PutPosts(ctx, []bot.Post{{ID: bot.PostID(k), State: bot.PostDraft}}))
			must(t, r.PutStations(ctx, []bot.Station{{ID: k}}))
			apply(t, r, entry(t, "a"+k, 1, bot.SubmitApplication{Number: k, Post: bot.PostID(fmt.Sprint(i)), Party: 1}),
				entry(t, k, 1, bot.KeepFile{File: bot.File{Ref: k}}), entry(t, "q"+k, 1, bot.AskStaff{Number: k}),
				entry(t, "l"+k, 1, bot.AddAlert{Trades: []bot.TradeID{bot.TradeID(k)}}))
		}
		slices.Sort(want)
		down := slices.Clone(want)
		slices.Reverse(down)
		mine, err := r.Applications(ctx, chen.Worker())
		must(t, err)
		alerts, err := r.Alerts(ctx, chen.Worker())
		must(t, err)
		due, err := r.FilesWaiting(ctx, now.AddDate(0, 0, 1), 5)
		must(t, err)
		for what, c := range map[string]struct{ got, want []string }{
			"posts":        {keysOf(every(t, r.EachPost), func(p bot.Post) string { return string(p.ID) }), want},
			"stations":     {keysOf(every(t, r.EachStation), func(s bot.Station) string { return s.ID }), want},
			"applications": {keysOf(every(t, r.EachApplication), func(a bot.Application) string { return a.Number }), want},
			"requests":     {keysOf(every(t, r.EachRequest), func(q bot.Request) string { return q.Number }), want},
			"files":        {ids(every(t, r.EachFile)), want},
			"due":          {ids(due), want[:5]},
			"of a worker":  {keysOf(mine, func(a bot.Application) string { return a.Number }), down},
			"alerts":       {keysOf(alerts, func(a bot.Alert) string { return string(a.Trades[0]) }), down},
			"workers": {slices.DeleteFunc(keysOf(every(t, r.EachWorker), func(w bot.Worker) string { return string(w.ID) }), func(id string) bool {
				return id == string(chen.Worker())
			}), want},
		} {
			if !slices.Equal(c.got, c.want) {
				t.Errorf("%s: got %q, want %q", what, c.got, c.want)
			}
		}
	})
}

func keysOf[T any](list []T, key func(T) string) (keys []string) {
	for _, one := range list {
		keys = append(keys, key(one))
	}
	return keys
}

// restless runs every transaction once in vain before it counts, as PostgreSQL does when two meet, and notes which of
// them were to be durable.
type restless struct {
	*store
	durable []bool
}

func (r *restless) Tx(ctx context.Context, durable bool, fn func(*sql.Tx) error) error {
	r.durable = append(r.durable, durable)
	undone := errors.New("undone")
	err := r.store.Tx(ctx, durable, func(tx *sql.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return undone
	})
	if !errors.Is(err, undone) {
		return err
	}
	return r.store.Tx(ctx, durable, fn)
}

// What was done in a transaction that is run again leaves nothing behind.
func TestTransactionsRunAgain(t *testing.T) {
	t.Parallel()
	var states []string
	for _, twice := range []bool{false, true} {
		s := databases["sqlite"](t)
		var db records.Database = s
		if twice {
			db = &restless{store: s}
		}
		r, err := records.Open(t.Context(), db)
		must(t, err)
		apply(t, r, slices.Concat(slices.Concat(intakes(t)...), twoLives(t))...)
		apply(t, r, link(t, "l1", 20, bella, anna), link(t, "l2", 21, dora, bella))
		apply(t, r, by(t, anna, "u1", 22, bot.UnlinkIdentity{Identity: anna}), by(t, bella, "b20", 23, bot.SaveWorker{Home: "漳州"}))
		must(t, r.PutPosts(t.Context(), []bot.Post{fullPost, {ID: "p2", State: bot.PostDraft}}))
		must(t, r.PutWorkers(t.Context(), []bot.Worker{{ID: "7", From: bot.Identity{Channel: "web", User: "z"}}}))
		files, err := r.FilesWaiting(t.Context(), now.AddDate(0, 0, 1), 2)
		must(t, err)
		must(t, r.FileAgain(t.Context(), files[0].ID, now))
		found, err := r.Search(t.Context(), bot.Query{Now: now})
		must(t, err)
		states = append(states, fmt.Sprint(dump(t, s), files, found.Posts))
	}
	if states[0] != states[1] {
		t.Errorf("once\n%s\ntwice\n%s", states[0], states[1])
	}
}

// Where the ledger is elsewhere, what was applied is on the disk before the ledger may forget it.
func TestApplyIsDurable(t *testing.T) {
	t.Parallel()
	for _, elsewhere := range []bool{false, true} {
		db := &restless{store: databases["sqlite"](t)}
		var options []records.Option
		if elsewhere {
			options = append(options, records.LedgerElsewhere())
		}
		r, err := records.Open(t.Context(), db, options...)
		must(t, err)
		apply(t, r, entry(t, "1", 1, bot.AskStaff{Number: "GD1"}))
		if !slices.Equal(db.durable, []bool{elsewhere}) {
			t.Errorf("ledger elsewhere %v: durable %v", elsewhere, db.durable)
		}
	}
}

// TestAtOnceAsInTurn: what four do at once to one person, in two processes, is what they would have done in some order.
func TestAtOnceAsInTurn(t *testing.T) {
	t.Parallel()
	lives := func(round string) [][]bot.Entry {
		who := func(channel string) bot.Identity { return bot.Identity{Channel: channel, User: round} }
		a, b := who("web"), who("telegram")
		e := func(by bot.Identity, id string, at int, eff bot.Effect) bot.Entry {
			one := entry(t, round+id, at, eff)
			one.From = by
			return one
		}
		alert := bot.AddAlert{Trades: []bot.TradeID{"t01"}}
		return [][]bot.Entry{
			{e(b, "k", 20, bot.LinkIdentity{Into: a})},
			{e(b, "s", 21, bot.SaveWorker{Name: bot.NewPersonal("乙"), Home: "漳州"}), e(b, "p", 21, bot.SubmitApplication{Number: round + "B", Post: "p1", Party: 1}), e(b, "l", 21, alert)},
			{e(a, "t", 22, bot.SaveWorker{Name: bot.NewPersonal("甲")}), e(a, "q", 22, bot.SubmitApplication{Number: round + "A", Post: "p1", Party: 2}), e(a, "m", 22, alert)},
			{e(a, "u", 23, bot.UnlinkIdentity{Identity: b}), e(b, "c", 24, bot.RecordConsent{Notice: "n", Purpose: "p", Agreed: true})},
		}
	}
	serial := map[string][]int{}
	for _, order := range permutations(4) {
		r, s := openingOn(databases["sqlite"])(t)
		for _, i := range order {
			apply(t, r, lives("x")[i]...)
		}
		serial[plain(t, s)] = order
		must(t, s.Close())
	}
	if len(serial) < 4 {
		t.Fatalf("the order does not matter: %d states", len(serial))
	}
	seen := map[string]int{}
	onEach(t, func(t *testing.T, open opening) {
		for range 6 {
			r, s := open(t)
			other, err := records.Open(t.Context(), s.another(t))
			must(t, err)
			gate := make(chan struct{})
			var wg sync.WaitGroup
			for i, group := range lives("x") {
				wg.Go(func() {
					<-gate
					for done := false; !done; { // as the sweeper does
						applied, err := []*records.Records{r, other}[i%2].Apply(t.Context(), group)
						if done = len(applied) == len(group); !done && bot.CodeOf(err) != bot.Unavailable {
							t.Error(err)
							return
						}
					}
				})
			}
			close(gate)
			wg.Wait()
			whole(t, s)
			state := plain(t, s)
			if _, known := serial[state]; !known {
				t.Fatalf("in no order:\n%s", state)
			}
			if s.postgres {
				seen[state]++
			}
			must(t, s.Close())
		}
	})
	t.Cleanup(func() { t.Logf("%d of %d states were met on PostgreSQL", len(seen), len(serial)) })
}
