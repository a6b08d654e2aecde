package records

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unique"

	"yilu/bot"
)

// most is how many posts a page can have, and how many it has where the query does not say.
const most = 50

// Search implements bot.Reader. It finds published posts that have not expired at q.Now and still want people. Posts
// at q.Place come first; among them and among the others urgent ones, then those verified last, then by id. bot.AnyTrade
// among the trades means all of them. A post whose pay is to be agreed fits no wish for pay, one without days fits
// every day.
func (r *Records) Search(ctx context.Context, q bot.Query) (bot.Found, error) {
	const op = "search posts"
	b, err := r.current(ctx)
	if err != nil {
		return bot.Found{}, r.misread(op, err)
	}
	w := wishOf(q)
	ids, more := b.page(w, max(0, q.Offset), w.limit)
	posts, err := r.pick(ctx, b.last, ids)
	if err != nil {
		return bot.Found{}, r.misread(op, err)
	}
	// A post may have changed since the board was read.
	posts = slices.DeleteFunc(posts, func(p bot.Post) bool {
		o := offerOf(p)
		return !p.Open(q.Now) || !w.fits(&o)
	})
	return bot.Found{Posts: posts, More: more}, nil
}

// wish is a query in the terms of the board.
type wish struct {
	trades      []unique.Handle[bot.TradeID]
	districts   []unique.Handle[bot.District]
	place       unique.Handle[string]
	unit        unique.Handle[bot.PayUnit]
	settle      unique.Handle[bot.Settle]
	shift       unique.Handle[bot.Shift]
	now         int64
	since       int64
	pay         int64
	day         int32
	limit       int
	meals       bool
	lodging     bool
	minor       bool
	hasPlace    bool
	hasUnit     bool
	hasSettle   bool
	hasShift    bool
	hasTrade    bool
	hasDistrict bool
}

func wishOf(q bot.Query) wish {
	w := wish{
		place: unique.Make(q.Place), unit: unique.Make(q.Pay.Unit), settle: unique.Make(q.Settle), shift: unique.Make(q.Shift),
		now: millis(q.Now), since: millis(q.Since), pay: q.Pay.Min, day: day(q.Date), limit: q.Limit, meals: q.Meals, lodging: q.Lodging, minor: q.Minor,
		hasPlace: q.Place != "", hasUnit: q.Pay.Min > 0 && q.Pay.Unit != "", hasSettle: q.Settle != "", hasShift: q.Shift != "",
		hasTrade: len(q.Trades) > 0 && !slices.Contains(q.Trades, bot.AnyTrade), hasDistrict: len(q.Districts) > 0,
	}
	if w.limit < 1 || w.limit > most {
		w.limit = most
	}
	for _, t := range q.Trades {
		w.trades = append(w.trades, unique.Make(t))
	}
	for _, d := range q.Districts {
		w.districts = append(w.districts, unique.Make(d))
	}
	return w
}

// fits is asked of every post on the board, so the wishes that rule out most come first.
func (w *wish) fits(o *offer) bool {
	switch {
	case w.hasTrade && !slices.Contains(w.trades, o.trade),
		w.hasDistrict && !slices.Contains(w.districts, o.district),
		o.expires <= w.now,
		w.since != 0 && o.verified <= w.since,
		w.pay > 0 && o.pay < w.pay,
		w.hasUnit && o.unit != w.unit,
		w.minor && !o.minor,
		w.hasSettle && o.settle != w.settle,
		w.hasShift && o.shift != w.shift,
		w.meals && !o.meals,
		w.lodging && !o.lodging,
		w.day != 0 && o.start > w.day,
		w.day != 0 && o.end != 0 && o.end < w.day:
		return false
	}
	return true
}

// page returns the ids from the offset on, and whether there are others after them.
func (b *board) page(w wish, offset, limit int) (ids []bot.PostID, more bool) {
	need := offset + limit + 1
	var there, others []int // at the place, and elsewhere
	for i := range b.offers {
		o := &b.offers[i]
		if !w.fits(o) {
			continue
		}
		if w.hasPlace && o.place == w.place {
			there = append(there, i)
		} else if len(others) < need {
			others = append(others, i)
		}
		if len(there) == need || !w.hasPlace && len(others) == need {
			break
		}
	}
	found := append(there, others...)
	if len(found) <= offset {
		return nil, false
	}
	found = found[offset:]
	if more = len(found) > limit; more {
		found = found[:limit]
	}
	for _, i := range found {
		ids = append(ids, b.offers[i].id)
	}
	return ids, more
}

// posts reads posts by id, in the order of the ids; one that is gone is left out.
func (r *Records) posts(ctx context.Context, ids []bot.PostID) ([]bot.Post, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	marks, args := make([]string, len(ids)), make([]any, len(ids))
	for i, id := range ids {
		marks[i], args[i] = fmt.Sprint("$", i+1), id
	}
	query := "SELECT " + postColumns + " FROM post WHERE id IN (" + strings.Join(marks, ", ") + ")"
	posts, err := all(ctx, r, "read posts", query, scanPost, args...)
	if err != nil {
		return nil, err
	}
	place := make(map[bot.PostID]int, len(ids))
	for i, id := range ids {
		place[id] = i
	}
	slices.SortFunc(posts, func(a, b bot.Post) int { return place[a.ID] - place[b.ID] })
	return posts, nil
}
