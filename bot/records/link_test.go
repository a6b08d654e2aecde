package records_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"yilu/bot"
	"yilu/bot/records"
)

// The people of these tests: one worker on several channels.
var (
	anna  = bot.Identity{Channel: "web", User: "a"}
	bella = bot.Identity{Channel: "telegram", User: "b"}
	dora  = bot.Identity{Channel: "wechat", User: "d"}
)

// by is entry for somebody else than chen.
func by(t testing.TB, who bot.Identity, id string, seconds int, e bot.Effect) bot.Entry {
	one := entry(t, id, seconds, e)
	one.From = who
	return one
}

func link(t testing.TB, id string, seconds int, from, into bot.Identity) bot.Entry {
	return by(t, from, id, seconds, bot.LinkIdentity{Into: into})
}

func workerOf(t testing.TB, r *records.Records, id bot.WorkerID) bot.Worker {
	t.Helper()
	w, err := r.Worker(t.Context(), id)
	must(t, err)
	return w
}

func channels(t testing.TB, r *records.Records, id bot.WorkerID) []bot.Identity {
	t.Helper()
	list, err := r.Identities(t.Context(), id)
	must(t, err)
	return list
}

// whole fails unless every row that names a worker names one who is there. It looks at the tables themselves, so that a
// new one with a worker in it is not forgotten.
func whole(t testing.TB, file *store) {
	t.Helper()
	query := "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'worker'"
	if file.postgres {
		query = "SELECT table_name FROM information_schema.columns WHERE table_schema = current_schema() AND column_name = 'worker'"
	}
	rows, err := file.Read.Query(query)
	must(t, err)
	var tables []string
	for rows.Next() {
		var name string
		must(t, rows.Scan(&name))
		tables = append(tables, name)
	}
	must(t, rows.Close())
	if len(tables) < 7 {
		t.Fatalf("only %v name a worker", tables)
	}
	for _, table := range tables {
		var n int
		must(t, file.Read.QueryRow("SELECT COUNT(*) FROM "+table+" WHERE worker NOT IN (SELECT id FROM worker)").Scan(&n))
		if n > 0 {
			t.Errorf("%d rows of %s are of nobody", n, table)
		}
	}
	var n int
	must(t, file.Read.QueryRow("SELECT COUNT(*) FROM worker_alias WHERE id IN (SELECT id FROM worker)").Scan(&n))
	if n > 0 {
		t.Errorf("%d ids mean two workers", n)
	}
}

// twoLives is what anna and bella did before they turned out to be one person.
func twoLives(t testing.TB) []bot.Entry {
	alert := func(trades ...bot.TradeID) bot.AddAlert { return bot.AddAlert{Trades: trades} }
	apply := func(number string, post bot.PostID) bot.SubmitApplication {
		return bot.SubmitApplication{Number: number, Post: post, Party: 1}
	}
	say := func(notice string, agreed bool) bot.RecordConsent {
		return bot.RecordConsent{Notice: notice, Purpose: "placement", Agreed: agreed, Shown: "【示例】"}
	}
	return []bot.Entry{
		by(t, anna, "a1", 1, bot.SaveWorker{Name: bot.NewPersonal("【示例】安"), Trades: []bot.TradeID{"t01"}, Birth: bot.Birth{Year: 1990}, Number: "DJ1"}),
		by(t, anna, "a2", 2, apply("BM1", "p1")),
		by(t, anna, "a3", 9, apply("BM2", "p2")),
		by(t, anna, "a4", 3, alert("t01", "t02")),
		by(t, anna, "a5", 3, say("n1", true)),
		by(t, anna, "a6", 3, bot.AskStaff{Number: "GD1", About: bot.WantsPerson}),
		by(t, anna, "a7", 3, bot.KeepFile{File: bot.File{Ref: "r1", Kind: bot.Photo}}),
		by(t, bella, "b1", 4, bot.SaveWorker{Name: bot.NewPersonal("【示例】贝"), Phone: bot.NewPersonal("13800000000"), Places: []bot.Place{{District: bot.Huli}}, Complete: true, Number: "DJ2"}),
		by(t, bella, "b2", 5, apply("BM3", "p1")), // later than anna's
		by(t, bella, "b3", 6, apply("BM4", "p2")), // earlier than anna's
		by(t, bella, "b4", 7, apply("BM5", "p3")),
		by(t, bella, "b5", 1, alert("t02", "t01")), // means the same as anna's, and is older
		by(t, bella, "b6", 8, alert("t03")),
		by(t, bella, "b7", 8, say("n2", true)),
		by(t, bella, "b8", 8, bot.AskStaff{Number: "GD2", About: bot.InDanger}),
		by(t, bella, "b9", 8, bot.KeepFile{File: bot.File{Ref: "r2", Kind: bot.Voice}}),
		by(t, bella, "bc", 8, bot.NoteContact{Reachable: true}),
		by(t, bella, "bd", 8, bot.FileCase{Number: "TJ2", Dispute: bot.Dispute{Name: bot.NewPersonal("【示例】贝")}}),
	}
}

func TestLink(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		r, file := open(t)
		ctx := t.Context()
		apply(t, r, twoLives(t)...)
		before := contactOf(t, file, bella)
		apply(t, r, link(t, "l1", 20, bella, anna))
		whole(t, file)

		want := bot.Worker{
			ID: anna.Worker(), From: anna, Lang: "zh-CN", Name: bot.NewPersonal("【示例】安"), Phone: bot.NewPersonal("13800000000"),
			Birth: bot.Birth{Year: 1990}, Trades: []bot.TradeID{"t01"}, Places: []bot.Place{{District: bot.Huli}}, Complete: true, Number: "DJ1",
			Consent: "n2", Since: now.Add(time.Second), Modified: now.Add(20 * time.Second),
		}
		for _, id := range []bot.WorkerID{anna.Worker(), bella.Worker()} { // under both ids
			if got := workerOf(t, r, id); !reflect.DeepEqual(got, want) {
				t.Errorf("worker: got %+v\nwant %+v", got, want)
			}
			applications, err := r.Applications(ctx, id)
			must(t, err)
			var active []string
			for _, a := range applications {
				active = append(active, a.Number)
			}
			if !slices.Equal(active, []string{"BM5", "BM4", "BM1"}) {
				t.Errorf("applications: got %v, want of two to one post the earlier", active)
			}
			alerts, err := r.Alerts(ctx, id)
			must(t, err)
			if len(alerts) != 2 || !slices.Equal(alerts[0].Trades, []bot.TradeID{"t03"}) || !alerts[1].Since.Equal(now.Add(time.Second)) {
				t.Errorf("alerts: got %+v, want two, the one for the same trades as old as the older wish", alerts)
			}
			if got := channels(t, r, id); !slices.Equal(got, []bot.Identity{anna, bella}) && !slices.Equal(got, []bot.Identity{bella, anna}) {
				t.Errorf("channels: got %v", got)
			}
		}
		if n := len(every(t, r.EachApplication)); n != 5 {
			t.Errorf("%d applications, want all 5", n)
		}
		for _, q := range every(t, r.EachRequest) {
			if q.Worker != anna.Worker() {
				t.Errorf("request %s is of %s", q.Number, q.Worker)
			}
		}
		if contactOf(t, file, bella) != before {
			t.Error("the contact of the identity changed")
		}

		log := every(t, r.EachLink)
		wantLog := []bot.Link{{
			ID: "l1", At: now.Add(20 * time.Second), What: bot.LinkJoined, Who: bella, From: bella.Worker(), Into: anna.Worker(),
			Moved: bot.Moved{
				Registration: "DJ2", Applications: []string{"BM3", "BM4", "BM5"}, Withdrawn: []string{"BM2", "BM3"}, Requests: []string{"GD2"},
				Alerts: []string{"b6"}, Same: []string{"b5"}, Consents: []string{"b7"}, Files: []string{"b9"}, Cases: []string{"TJ2"},
				Taken: []string{"complete", "phone", "places"}, Superseded: []string{"name", "number"},
			},
		}}
		slices.Sort(log[0].Withdrawn)
		if !reflect.DeepEqual(log, wantLog) {
			t.Errorf("log: got %+v\nwant %+v", log, wantLog)
		}
		var moved string
		must(t, file.Read.QueryRow("SELECT moved FROM identity_link").Scan(&moved))
		if strings.Contains(moved, "13800000000") || strings.Contains(moved, "贝") {
			t.Errorf("the log holds a value: %s", moved)
		}

		// What either says from now on is of the one worker.
		apply(t, r,
			by(t, bella, "c1", 30, bot.SaveWorker{Phone: bot.NewPersonal("13900000000")}),
			by(t, bella, "c2", 31, bot.WithdrawApplication{Number: "BM1"}), // anna's
			by(t, bella, "c4", 32, bot.AddToCase{Number: "TJ2", Note: bot.NewPersonal("【示例】")}),
			by(t, bella, "c3", 32, bot.StopAlerts{}))
		whole(t, file)
		if w := workerOf(t, r, anna.Worker()); w.Phone.Reveal() != "13900000000" {
			t.Error("what bella said later was lost")
		}
		if list, err := r.Alerts(ctx, anna.Worker()); err != nil || len(list) != 0 {
			t.Errorf("alerts: got %v, %v, want none", list, err)
		}
		if list, err := r.Cases(ctx, anna.Worker()); err != nil || len(list) != 1 || len(list[0].History) != 2 {
			t.Errorf("cases: got %v, %v, want one to which something was added", list, err)
		}
		if list, err := r.Applications(ctx, anna.Worker()); err != nil || len(list) != 2 {
			t.Errorf("applications: got %v, %v, want two", list, err)
		}
	})
}

// TestLinkOnce carries T2 for links: applied again, or of those who are one already, they change nothing.
func TestLinkOnce(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		r, file := open(t)
		apply(t, r, twoLives(t)...)
		apply(t, r, link(t, "l1", 20, bella, anna))
		want := dump(t, file)
		apply(t, r, link(t, "l1", 20, bella, anna))
		if got := dump(t, file); got != want {
			t.Errorf("applied again:\n%s\nwant\n%s", got, want)
		}
		apply(t, r, link(t, "l3", 22, anna, bella), link(t, "l4", 23, anna, anna))
		got := strings.Split(dump(t, file), "\n")
		got = slices.DeleteFunc(got, func(row string) bool {
			return strings.HasPrefix(row, "applied_effect id=l") && !strings.Contains(row, "id=l1 ")
		})
		if got := strings.Join(got, "\n"); got != want {
			t.Errorf("of those who are one:\n%s\nwant\n%s", got, want)
		}
	})
}

// Links form chains and go both ways; in whatever order they are applied, there is one worker in the end.
func TestLinkInAnyOrder(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		links := []bot.Entry{link(t, "l1", 20, bella, anna), link(t, "l2", 21, anna, dora), link(t, "l3", 22, dora, bella)}
		for _, order := range permutations(len(links)) {
			r, file := open(t)
			apply(t, r, twoLives(t)...)
			for _, i := range order {
				apply(t, r, links[i])
			}
			whole(t, file)
			if all := every(t, r.EachWorker); len(all) != 1 || len(channels(t, r, all[0].ID)) != 3 {
				t.Fatalf("in the order %v: got %d workers, want one on three channels", order, len(all))
			}
			one := workerOf(t, r, anna.Worker()).ID
			for _, who := range []bot.Identity{bella, dora} {
				if id := workerOf(t, r, who.Worker()).ID; id != one {
					t.Errorf("in the order %v: %s is %s, and anna %s", order, who, id, one)
				}
			}
			must(t, file.Close())
		}
	})
}

// What was asked for before the link lands with the one worker when it comes after it, and does what it would have done.
func TestLinkBeforeWhatCameBefore(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		lives := twoLives(t)
		l := link(t, "l1", 20, bella, anna)
		r, file := open(t)
		apply(t, r, append(slices.Clone(lives), l)...)
		want := state(t, r)
		must(t, file.Close())
		for cut := range lives {
			r, file := open(t)
			apply(t, r, slices.Concat(lives[:cut], []bot.Entry{l}, lives[cut:])...)
			whole(t, file)
			if got := state(t, r); got != want {
				t.Errorf("linked after %d effects:\n%s\nwant\n%s", cut, got, want)
			}
			must(t, file.Close())
		}
	})
}

// state is what people see of anna: all but the log, and what depends on it.
func state(t testing.TB, r *records.Records) string {
	t.Helper()
	w := workerOf(t, r, anna.Worker())
	applications, err := r.Applications(t.Context(), w.ID)
	must(t, err)
	alerts, err := r.Alerts(t.Context(), w.ID)
	must(t, err)
	trades := map[bot.TradeID]time.Time{}
	for _, a := range alerts {
		for _, id := range a.Trades {
			trades[id] = a.Since
		}
	}
	n := 0
	must(t, r.EachApplication(t.Context(), func(a bot.Application) error { n++; return nil }))
	return fmt.Sprintf("%s %s %s %v %v %v %v %q %v\n%v\n%d applications\n%d alerts for %d\n%v", w.ID, w.Name.Reveal(), w.Phone.Reveal(), w.Birth, w.Trades, w.Places,
		w.Complete, w.Consent, w.Since, applications, n, len(alerts), len(trades), channels(t, r, w.ID))
}

// The person may be unknown on either side.
func TestLinkOfStrangers(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		r, file := open(t)
		apply(t, r, link(t, "l1", 1, bella, anna))
		apply(t, r, by(t, dora, "s1", 2, bot.SaveWorker{Name: bot.NewPersonal("【示例】朵"), Number: "DJ1"}))
		apply(t, r, link(t, "l2", 3, dora, anna))
		whole(t, file)
		if w := workerOf(t, r, dora.Worker()); w.ID != anna.Worker() || w.Name.Reveal() != "【示例】朵" || w.Number != "DJ1" || w.From != anna {
			t.Errorf("got %s with number %s", w.ID, w.Number)
		}
		if got := channels(t, r, bella.Worker()); !slices.Equal(got, []bot.Identity{bella, anna, dora}) && !slices.Equal(got, []bot.Identity{anna, bella, dora}) {
			t.Errorf("channels: got %v, want the first one first", got)
		}
		if got := channels(t, r, "nobody"); len(got) != 0 {
			t.Errorf("channels of nobody: got %v", got)
		}
	})
}

// Of two accounts of an age the one that protects more is believed.
func TestLinkKeepsProtection(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		today := bot.DateOf(now)
		said := func(age int) bot.Birth { return bot.Birth{Age: age, On: today} }
		for _, c := range []struct{ mine, theirs, want bot.Birth }{
			{bot.Birth{Year: 1990}, bot.Birth{}, bot.Birth{Year: 1990}},
			{bot.Birth{}, bot.Birth{Year: 1990}, bot.Birth{Year: 1990}},
			{bot.Birth{Year: 1990}, bot.Birth{Year: 1995}, bot.Birth{Year: 1990}}, // two adults: nothing to protect
			{bot.Birth{Year: 1990}, said(15), said(15)},
			{said(15), bot.Birth{Year: 1990}, said(15)},
			{said(17), said(15), said(15)},
			{said(16), said(17), said(16)},
			{bot.Birth{Year: 1990}, said(17), said(17)},
			{bot.Birth{Year: 2010}, said(15), said(15)}, // 15 or 16, and 15
			{said(15), bot.Birth{Year: 2010}, said(15)},
			{bot.Birth{Year: 2008}, said(18), bot.Birth{Year: 2008}}, // 17 or 18, and 18: asked again
			{said(18), bot.Birth{Year: 2008}, bot.Birth{Year: 2008}},
		} {
			r, file := open(t)
			apply(t, r,
				by(t, anna, "a1", 1, bot.SaveWorker{Birth: c.mine, Cert: "x"}),
				by(t, bella, "b1", 1, bot.SaveWorker{Birth: c.theirs, Cert: "x"}),
				link(t, "l1", 2, bella, anna))
			if got := workerOf(t, r, anna.Worker()).Birth; got != c.want {
				t.Errorf("%+v and %+v: got %+v, want %+v", c.mine, c.theirs, got, c.want)
			}
			must(t, file.Close())
		}
	})
}

// The answers to notices of both are those of one person.
func TestLinkConsent(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		say := func(who bot.Identity, id string, at int, notice string, agreed bool) bot.Entry {
			return by(t, who, id, at, bot.RecordConsent{Notice: notice, Purpose: "p", Agreed: agreed, Shown: "【示例】"})
		}
		for _, c := range []struct {
			name    string
			entries []bot.Entry
			want    string
		}{
			{"neither", nil, ""},
			{"only theirs", []bot.Entry{say(bella, "1", 1, "n1", true)}, "n1"},
			{"the newer of both", []bot.Entry{say(anna, "1", 1, "n1", true), say(bella, "2", 2, "n2", true)}, "n2"},
			{"refused, then agreed elsewhere", []bot.Entry{say(anna, "1", 1, "n1", false), say(bella, "2", 2, "n2", true)}, "n2"},
			{"agreed, then withdrawn elsewhere", []bot.Entry{say(anna, "1", 1, "n1", true), say(bella, "2", 2, "n1", false)}, ""},
		} {
			r, file := open(t)
			apply(t, r, append(c.entries, link(t, "l1", 9, bella, anna))...)
			if got := workerOf(t, r, anna.Worker()).Consent; got != c.want {
				t.Errorf("%s: got %q, want %q", c.name, got, c.want)
			}
			must(t, file.Close())
		}

		r, _ := open(t) // from a list, without an answer
		must(t, r.PutWorkers(t.Context(), []bot.Worker{{From: bella, Consent: "n3"}}))
		apply(t, r, link(t, "l1", 9, bella, anna))
		if got := workerOf(t, r, anna.Worker()).Consent; got != "n3" {
			t.Errorf("from a list: got %q, want n3", got)
		}
	})
}

// Lists from before a link do not part what belongs together.
func TestPutAfterLink(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		r, file := open(t)
		ctx := t.Context()
		apply(t, r, twoLives(t)...)
		apply(t, r, link(t, "l1", 20, bella, anna))
		if err := r.PutWorkers(ctx, []bot.Worker{{ID: anna.Worker(), From: anna}, {ID: bella.Worker(), From: bella}}); bot.CodeOf(err) != bot.Conflict || !strings.Contains(err.Error(), "number 2") {
			t.Errorf("a worker who is gone: got %v, want code %s", err, bot.Conflict)
		}
		must(t, r.PutApplications(ctx, []bot.Application{{Number: "BM5", Post: "p3", Worker: bella.Worker(), Party: 1, State: bot.Applied, At: now}}))
		whole(t, file)

		// An id that somebody else gave is found under the one that is made from the identity, and effects land there.
		must(t, r.PutWorkers(ctx, []bot.Worker{{ID: "7", From: dora, Since: now}}))
		apply(t, r, by(t, dora, "d1", 1, bot.SaveWorker{Home: "漳州"}))
		whole(t, file)
		if w := workerOf(t, r, dora.Worker()); w.ID != "7" || w.Home != "漳州" {
			t.Errorf("got %+v, want worker 7", w)
		}
	})
}

// TestLinkLosesNothing draws lives of four people, joins and parts them, and looks for everything that was told a
// number: it is there once, of a worker who is there. All of them live in one file: opening one takes longer than a life.
func TestLinkLosesNothing(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		r, file := open(t)
		lives := 0
		rapid.Check(t, func(rt *rapid.T) {
			lives++
			life := fmt.Sprintf("x%d-", lives)
			var people []bot.Identity
			for _, channel := range []string{"web", "telegram", "wechat", "terminal"} {
				people = append(people, bot.Identity{Channel: channel, User: life})
			}
			who := rapid.SampledFrom(people)
			post := rapid.SampledFrom([]bot.PostID{"p1", "p2", "p3"})
			trade := rapid.SliceOfNDistinct(rapid.SampledFrom([]bot.TradeID{"t01", "t02", "t03"}), 1, 2, rapid.ID)
			var applied []bot.Entry
			told, notices := map[string]bool{}, 0 // by number, or id of a file
			for i := range rapid.IntRange(1, 40).Draw(rt, "n") {
				id := fmt.Sprintf("%s%02d", life, i)
				var e bot.Effect
				switch rapid.IntRange(0, 8).Draw(rt, "kind") {
				case 0, 1:
					e = bot.SubmitApplication{Number: "BM" + id, Post: post.Draw(rt, "post"), Party: 1}
				case 2:
					e = bot.AskStaff{Number: "GD" + id, About: bot.WantsPerson}
				case 3:
					e = bot.KeepFile{File: bot.File{Ref: id, Kind: bot.Photo}}
				case 4:
					e = bot.AddAlert{Trades: trade.Draw(rt, "trades")}
				case 5:
					e = bot.RecordConsent{Notice: id, Purpose: "p", Agreed: rapid.Bool().Draw(rt, "agreed")}
				case 6, 7:
					e = bot.LinkIdentity{Into: who.Draw(rt, "into")}
				case 8:
					e = bot.UnlinkIdentity{Identity: who.Draw(rt, "who")}
				}
				one := by(t, who.Draw(rt, "from"), id, i, e)
				_, err := r.Apply(t.Context(), []bot.Entry{one})
				if err != nil {
					rt.Fatal(err)
				}
				applied = append(applied, one)
				switch e.(type) {
				case bot.SubmitApplication: // a second one to a post is not kept, as ever
					told["BM"+id] = rowsLike(t, file, "application", "number", "BM"+id) == 1
				case bot.AskStaff:
					told["GD"+id] = true
				case bot.KeepFile:
					told[id] = true
				case bot.RecordConsent:
					notices++
				}
			}
			whole(t, file)
			for key, kept := range told {
				n := rowsLike(t, file, "application", "number", key) + rowsLike(t, file, "request", "number", key) + rowsLike(t, file, "file", "id", key)
				if kept && n != 1 {
					rt.Errorf("%s is there %d times", key, n)
				}
			}
			if n := rowsLike(t, file, "consent", "id", life+"%"); n != notices {
				rt.Errorf("%d consents, want %d", n, notices)
			}
			var lonely int
			must(t, file.Read.QueryRow("SELECT COUNT(*) FROM worker WHERE id NOT IN (SELECT worker FROM identity)").Scan(&lonely))
			if lonely > 0 {
				rt.Errorf("%d workers are nobody", lonely)
			}
			if t.Failed() {
				rt.FailNow()
			}
			if lives%20 != 1 { // reading everything takes longer than a life
				return
			}
			want := dump(t, file)
			apply(t, r, applied...) // T2
			if got := dump(t, file); got != want && len(applied) > 0 {
				rt.Errorf("applied again:\n%s\nwant\n%s", got, want)
			}
		})
	})
}

func rowsLike(t testing.TB, file *store, table, column, value string) (n int) {
	t.Helper()
	must(t, file.Read.QueryRow("SELECT COUNT(*) FROM "+table+" WHERE "+column+" LIKE $1", value).Scan(&n))
	return n
}
