package records_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/records"
)

var (
	fullPost = bot.Post{
		ID: "p1", State: bot.PostPublished, Trade: "t02", Title: "【示例】瓦工", Headcount: 3, Filled: 1, Employer: "【示例】单位",
		Contact: bot.NewPersonal("13800000001"), Content: "砌墙", Conditions: "室外", District: bot.Tongan, Place: "新民", Address: "【示例】路",
		Meet: "门口", Contract: "劳务", Pay: bot.Pay{Min: 30000, Max: 35000, Unit: bot.PerDay}, PayText: "三百到三百五一天", Settle: bot.Daily,
		Start: "2026-11-24", End: "2026-12-24", From: "07:30", To: "17:00", Shift: bot.DayShift, AgeMin: 18, AgeMax: 60, MinorOK: true,
		Cert: "证", Meals: true, Lodging: true, Insurance: "未知", Urgent: true, Expires: now.Add(time.Hour), Verified: now, Source: "表", Sample: true,
	}
	fullStation = bot.Station{
		ID: "s1", Name: "【示例】驿站", Aliases: []string{"甲", "乙"}, Kind: bot.Stop, District: bot.Jimei, Street: "侨英", Address: "【示例】路",
		Hours: "7-19", Phone: "0592", Services: "登记", Trades: []bot.TradeID{"t01"}, Manager: bot.NewPersonal("陈某"), Verified: now, Sample: true,
	}
	fullWorker = bot.Worker{
		ID: chen.Worker(), From: chen, Lang: "zh-CN", Name: bot.NewPersonal("老陈"), Phone: bot.NewPersonal("13800000000"),
		Birth: bot.Birth{Year: 1990, Age: 36, On: "2026-11-23"}, Trades: []bot.TradeID{"t02"}, Places: []bot.Place{{District: bot.Tongan, Name: "新民"}},
		Start: "2026-11-24", Shift: bot.DayShift, Pay: bot.Pay{Min: 30000, Unit: bot.PerDay}, Settle: bot.Daily, Cert: "证", Home: "漳州",
		Consent: "2026-11", Since: now, Modified: now, Complete: true,
	}
	fullApplication = bot.Application{Number: "BM1", Post: "p1", Worker: chen.Worker(), Party: 2, State: bot.Withdrawn, At: now}
)

// every collects what an export reads.
func every[T any](t *testing.T, each func(context.Context, func(T) error) error) []T {
	t.Helper()
	var list []T
	must(t, each(t.Context(), func(one T) error { list = append(list, one); return nil }))
	return list
}

func TestPutAndEach(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		r, _ := open(t)
		ctx := t.Context()
		for range 2 { // the second time in place of the first
			must(t, r.PutPosts(ctx, []bot.Post{{ID: "p2", State: bot.PostDraft}, fullPost}))
			must(t, r.PutStations(ctx, []bot.Station{{ID: "s2"}, fullStation}))
			must(t, r.PutApplications(ctx, []bot.Application{{Number: "BM2"}, fullApplication}))
			must(t, r.PutWorkers(ctx, []bot.Worker{{ID: "z"}, fullWorker}))
		}
		for _, c := range []struct {
			name      string
			got, want any
		}{
			{"posts", every(t, r.EachPost), []bot.Post{fullPost, {ID: "p2", State: bot.PostDraft}}},
			{"stations", every(t, r.EachStation), []bot.Station{fullStation, {ID: "s2"}}},
			{"applications", every(t, r.EachApplication), []bot.Application{fullApplication, {Number: "BM2"}}},
			{"workers", every(t, r.EachWorker), []bot.Worker{fullWorker, {ID: "z"}}},
		} {
			if !reflect.DeepEqual(c.got, c.want) {
				t.Errorf("%s: got %+v\nwant %+v", c.name, c.got, c.want)
			}
		}
		if p, err := r.Post(ctx, "p1"); err != nil || p != fullPost {
			t.Errorf("post: got %+v, %v", p, err)
		}
		if w, err := r.Worker(ctx, chen.Worker()); err != nil || !reflect.DeepEqual(w, fullWorker) {
			t.Errorf("worker: got %+v, %v", w, err)
		}
		stop := errors.New("stop")
		if err := r.EachPost(ctx, func(bot.Post) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("an export that is stopped: got %v", err)
		}
	})
}

func TestPutAllOrNothing(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		r, _ := open(t)
		ctx := t.Context()
		const secret = "13812345678"
		active := func(number string) bot.Application {
			return bot.Application{Number: number, Post: "p1", Worker: "w1", State: bot.Applied, Party: 1}
		}
		for what, c := range map[string]struct {
			err  error
			code bot.Code
			at   string
		}{
			"post without id":        {r.PutPosts(ctx, []bot.Post{fullPost, {State: bot.PostDraft, Contact: bot.NewPersonal(secret)}}), bot.Invalid, "number 2 of the list, id"},
			"post of no state":       {r.PutPosts(ctx, []bot.Post{fullPost, {ID: "p2", Contact: bot.NewPersonal(secret)}}), bot.Invalid, "post p2, state"},
			"station without id":     {r.PutStations(ctx, []bot.Station{fullStation, {}}), bot.Invalid, "number 2 of the list, id"},
			"worker without id":      {r.PutWorkers(ctx, []bot.Worker{fullWorker, {Phone: bot.NewPersonal(secret)}}), bot.Invalid, "number 2 of the list, id"},
			"application without id": {r.PutApplications(ctx, []bot.Application{fullApplication, {}}), bot.Invalid, "number 2 of the list, number"},
			"application twice":      {r.PutApplications(ctx, []bot.Application{active("BM1"), active("BM2")}), bot.Conflict, "number 2 of the list"},
		} {
			if bot.CodeOf(c.err) != c.code || !strings.Contains(c.err.Error(), c.at) || strings.Contains(c.err.Error(), secret) {
				t.Errorf("%s: got %v, want code %s that names %s and nobody", what, c.err, c.code, c.at)
			}
		}
		if n := len(every(t, r.EachPost)) + len(every(t, r.EachStation)) + len(every(t, r.EachWorker)) + len(every(t, r.EachApplication)); n != 0 {
			t.Errorf("%d rows were written by imports that failed", n)
		}
	})
}

func TestFaults(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		reads := map[string]func(context.Context, *records.Records) error{
			"worker":       func(ctx context.Context, r *records.Records) error { return last(r.Worker(ctx, "w")) },
			"post":         func(ctx context.Context, r *records.Records) error { return last(r.Post(ctx, "p")) },
			"search":       func(ctx context.Context, r *records.Records) error { return last(r.Search(ctx, bot.Query{Now: now})) },
			"applications": func(ctx context.Context, r *records.Records) error { return last(r.Applications(ctx, "w")) },
			"alerts":       func(ctx context.Context, r *records.Records) error { return last(r.Alerts(ctx, "w")) },
			"empty":        func(ctx context.Context, r *records.Records) error { return last(r.Empty(ctx)) },
			"ping":         func(ctx context.Context, r *records.Records) error { return r.Ping(ctx) },
			"put":          func(ctx context.Context, r *records.Records) error { return r.PutPosts(ctx, []bot.Post{fullPost}) },
		}
		r, file := open(t)
		for name, read := range reads {
			err := read(t.Context(), r)
			if want := map[string]bot.Code{"worker": bot.NotFound, "post": bot.NotFound}[name]; bot.CodeOf(err) != want {
				t.Errorf("%s of nothing: got %v, want code %q", name, err, want)
			}
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		for name, read := range reads {
			if err := read(ended, r); bot.CodeOf(err) != bot.Unavailable || !errors.Is(err, context.Canceled) {
				t.Errorf("%s under an ended context: got %v, want code %s", name, err, bot.Unavailable)
			}
		}
		must(t, file.Close())
		for name, read := range reads {
			if err := read(t.Context(), r); bot.CodeOf(err) != bot.Unavailable {
				t.Errorf("%s of a closed file: got %v, want code %s", name, err, bot.Unavailable)
			}
		}
	})
}

// A row that cannot be read is an error without the row's values.
func TestMisread(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		r, file := open(t)
		must(t, r.PutWorkers(t.Context(), []bot.Worker{fullWorker}))
		const secret = "13812345678"
		columns := []string{"trades", "places", "birth_year"}
		if file.postgres {
			columns = columns[:2] // there a number is a number
		}
		for _, column := range columns {
			_, err := file.Write.Exec("UPDATE worker SET " + column + " = '[\"x\"," + secret + "]'")
			must(t, err)
			if err := last(r.Worker(t.Context(), chen.Worker())); bot.CodeOf(err) != bot.Internal || strings.Contains(err.Error(), secret) {
				t.Errorf("%s: got %v, want code %s without the value", column, err, bot.Internal)
			}
		}
	})
}

func last[T any](_ T, err error) error { return err }
