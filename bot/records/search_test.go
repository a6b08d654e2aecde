package records_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"yilu/bot"
	"yilu/bot/records"
)

// reference is the search as its documentation says it, over plain posts.
func reference(posts map[bot.PostID]bot.Post, q bot.Query) bot.Found {
	var fit []bot.Post
	for _, p := range posts {
		if p.Open(q.Now) && fits(p, q) {
			fit = append(fit, p)
		}
	}
	slices.SortFunc(fit, func(a, b bot.Post) int {
		return cmp.Or(
			first(q.Place != "" && a.Place == q.Place, q.Place != "" && b.Place == q.Place),
			first(a.Urgent, b.Urgent),
			b.Verified.Compare(a.Verified),
			cmp.Compare(a.ID, b.ID))
	})
	limit := q.Limit
	if limit < 1 || limit > 50 {
		limit = 50
	}
	from := min(max(0, q.Offset), len(fit))
	to := min(from+limit, len(fit))
	return bot.Found{Posts: fit[from:to], More: to < len(fit)}
}

func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

func fits(p bot.Post, q bot.Query) bool {
	any := len(q.Trades) == 0 || slices.Contains(q.Trades, bot.AnyTrade)
	return (any || slices.Contains(q.Trades, p.Trade)) &&
		(len(q.Districts) == 0 || slices.Contains(q.Districts, p.District)) &&
		(q.Pay.Min == 0 || max(p.Pay.Min, p.Pay.Max) >= q.Pay.Min && (q.Pay.Unit == "" || p.Pay.Unit == q.Pay.Unit)) &&
		(q.Date == "" || (p.Start == "" || p.Start <= q.Date) && (p.End == "" || p.End >= q.Date)) &&
		(q.Settle == "" || p.Settle == q.Settle) && (q.Shift == "" || p.Shift == q.Shift) &&
		(q.Since.IsZero() || p.Verified.After(q.Since)) &&
		(!q.Meals || p.Meals) && (!q.Lodging || p.Lodging) && (!q.Minor || p.MinorOK)
}

var (
	trades    = named(rapid.SampledFrom([]bot.TradeID{"t01", "t02", "t39", bot.AnyTrade}))
	districts = named(rapid.SampledFrom(append([]bot.District{""}, bot.Districts[:3]...)))
	places    = named(rapid.SampledFrom([]string{"", "马巷", "新店"}))
	settles   = named(rapid.SampledFrom([]bot.Settle{"", bot.Daily, bot.Monthly}))
	shifts    = named(rapid.SampledFrom([]bot.Shift{"", bot.DayShift, bot.NightShift}))
	dates     = named(rapid.SampledFrom([]bot.Date{"", "2026-11-22", "2026-11-23", "2026-12-01"}))
	pays      = named(rapid.SampledFrom([]int64{0, 100, 20000, 30000, 50000}))
	units     = named(rapid.SampledFrom([]bot.PayUnit{"", bot.PerDay, bot.PerHour}))
	times     = named(rapid.Map(rapid.IntRange(-3, 3), func(h int) time.Time { return now.Add(time.Duration(h) * time.Hour) }))
	rarely    = named(rapid.Map(rapid.IntRange(0, 3), func(n int) bool { return n == 0 }))
)

// named is a generator that tests at the same time may share: rapid names one when it is first used in a slice, and
// guards the name by nothing.
func named[V any](g *rapid.Generator[V]) *rapid.Generator[V] {
	_ = g.String()
	return g
}

func somePost(t *rapid.T) bot.Post {
	start, end := dates.Draw(t, "start"), dates.Draw(t, "end")
	return bot.Post{
		ID:        bot.PostID(fmt.Sprintf("p%d", rapid.IntRange(1, 60).Draw(t, "id"))),
		State:     rapid.SampledFrom([]bot.PostState{bot.PostPublished, bot.PostPublished, bot.PostPublished, bot.PostPaused}).Draw(t, "state"),
		Trade:     trades.Draw(t, "trade"),
		Title:     "【示例】",
		Headcount: rapid.IntRange(0, 3).Draw(t, "headcount"),
		Filled:    rapid.IntRange(0, 1).Draw(t, "filled"),
		District:  districts.Draw(t, "district"),
		Place:     places.Draw(t, "place"),
		Pay:       bot.Pay{Min: pays.Draw(t, "pay"), Max: pays.Draw(t, "pay max"), Unit: units.Draw(t, "unit")},
		Settle:    settles.Draw(t, "settle"),
		Shift:     shifts.Draw(t, "shift"),
		Start:     start,
		End:       end,
		MinorOK:   rarely.Draw(t, "minor"),
		Meals:     rapid.Bool().Draw(t, "meals"),
		Lodging:   rapid.Bool().Draw(t, "lodging"),
		Urgent:    rarely.Draw(t, "urgent"),
		Expires:   times.Draw(t, "expires").UTC(),
		Verified:  times.Draw(t, "verified").UTC(),
	}
}

// closed takes every post that somePost can make off the board.
var closed = func() (posts []bot.Post) {
	for i := range 61 {
		posts = append(posts, bot.Post{ID: bot.PostID(fmt.Sprintf("p%d", i)), State: bot.PostClosed})
	}
	return posts
}()

func someQuery(t *rapid.T) bot.Query {
	q := bot.Query{
		Now: times.Draw(t, "now"), Place: places.Draw(t, "place"),
		Offset: rapid.SampledFrom([]int{0, 0, 1, 5, -1, 1000}).Draw(t, "offset"),
		Limit:  rapid.SampledFrom([]int{0, 1, 3, 10, 50, 51, -1}).Draw(t, "limit"),
	}
	// Each wish is rare, or nothing would fit most queries.
	if rarely.Draw(t, "has trades") {
		q.Trades = rapid.SliceOfN(trades, 1, 2).Draw(t, "trades")
	}
	if rarely.Draw(t, "has districts") {
		q.Districts = rapid.SliceOfN(districts, 1, 2).Draw(t, "districts")
	}
	if rarely.Draw(t, "has pay") {
		q.Pay = bot.Pay{Min: pays.Draw(t, "pay"), Unit: units.Draw(t, "unit")}
	}
	if rarely.Draw(t, "has others") {
		q.Date, q.Settle, q.Shift = dates.Draw(t, "date"), settles.Draw(t, "settle"), shifts.Draw(t, "shift")
	}
	if rarely.Draw(t, "has since") {
		q.Since = times.Draw(t, "since")
	}
	if rarely.Draw(t, "has flags") {
		q.Meals, q.Lodging, q.Minor = rapid.Bool().Draw(t, "meals"), rapid.Bool().Draw(t, "lodging"), rapid.Bool().Draw(t, "minor")
	}
	return q
}

// Posts are written and searched in turns through two stores on one file, as two processes would.
func TestSearchAgainstReference(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		one, file := open(t)
		two, err := records.Open(t.Context(), file.another(t))
		must(t, err)
		stores := []*records.Records{one, two}
		rapid.Check(t, func(rt *rapid.T) {
			posts := map[bot.PostID]bot.Post{}
			must(t, one.PutPosts(t.Context(), closed)) // what an earlier run left
			for round := range 3 {
				batch := rapid.SliceOfN(rapid.Custom(somePost), 0, 40).Draw(rt, "posts")
				must(t, stores[round%2].PutPosts(t.Context(), batch))
				for _, p := range batch {
					posts[p.ID] = p
				}
				for i := range 12 {
					q := someQuery(rt)
					got, err := stores[i%2].Search(t.Context(), q)
					must(t, err)
					want := reference(posts, q)
					if got.More != want.More || !slices.Equal(got.Posts, want.Posts) {
						rt.Fatalf("query %+v:\ngot  %v more %v\nwant %v more %v", q, names(got.Posts), got.More, names(want.Posts), want.More)
					}
				}
			}
		})
	})
}

func names(posts []bot.Post) []bot.PostID {
	ids := make([]bot.PostID, len(posts))
	for i, p := range posts {
		ids[i] = p.ID
	}
	return ids
}

// TestDatabaseSetBack holds that posts of a history that is no more are not shown: a database that was set back to an
// older copy under a running process is noticed, and so is what was written since.
func TestDatabaseSetBack(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		r, s := open(t)
		post := func(id bot.PostID) bot.Post {
			return bot.Post{ID: id, State: bot.PostPublished, Trade: "t02", Headcount: 2, Expires: now.Add(time.Hour), Verified: now}
		}
		found := func() (ids []bot.PostID) {
			t.Helper()
			all, err := r.Search(t.Context(), bot.Query{Now: now})
			must(t, err)
			for _, p := range all.Posts {
				ids = append(ids, p.ID)
			}
			return ids
		}
		must(t, r.PutPosts(t.Context(), []bot.Post{post("p1")}))
		must(t, r.PutPosts(t.Context(), []bot.Post{post("p2")}))
		if got := found(); !slices.Equal(got, []bot.PostID{"p1", "p2"}) {
			t.Fatalf("found %v", got)
		}
		for _, statement := range []string{"DELETE FROM post WHERE id = 'p2'", "UPDATE post_change SET last = 1"} {
			_, err := s.Write.Exec(statement)
			must(t, err)
		}
		if got := found(); !slices.Equal(got, []bot.PostID{"p1"}) {
			t.Errorf("after it was set back: found %v", got)
		}
		if _, err := r.Post(t.Context(), "p2"); bot.CodeOf(err) != bot.NotFound {
			t.Errorf("a post that is no more: %v", err)
		}
		must(t, r.PutPosts(t.Context(), []bot.Post{post("p3")}))
		if got := found(); !slices.Equal(got, []bot.PostID{"p1", "p3"}) {
			t.Errorf("after it went on: found %v", got)
		}
	})
}
