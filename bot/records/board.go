package records

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unique"

	"yilu/bot"
)

// board holds the posts that can be found, in the order in which a search shows them: urgent ones, then those verified
// last, then by id. It is never changed: a new one takes its place.
//
// A search looks through it from the top. No index serves every mixture of wishes, and the worst ones, which fit
// nothing, would read half of a table; here a post is a hundred bytes in memory and a few nanoseconds of comparing.
// The posts themselves stay in the database. How far the board has read them is a number there, which every search
// asks for first, so that nobody has to be told of a change and several processes agree.
type board struct {
	last   int64
	offers []offer
}

// offer is a post as a search sees it.
type offer struct {
	id       bot.PostID
	verified int64
	expires  int64
	pay      int64 // the most that it pays, fen; 0 where that is to be agreed
	start    int32 // 20261123; 0 where it is open
	end      int32
	trade    unique.Handle[bot.TradeID]
	district unique.Handle[bot.District]
	place    unique.Handle[string]
	unit     unique.Handle[bot.PayUnit]
	settle   unique.Handle[bot.Settle]
	shift    unique.Handle[bot.Shift]
	urgent   bool
	meals    bool
	lodging  bool
	minor    bool
}

func offerOf(p bot.Post) offer {
	return offer{
		id: p.ID, verified: millis(p.Verified), expires: millis(p.Expires), pay: max(p.Pay.Min, p.Pay.Max),
		start: day(p.Start), end: day(p.End), trade: unique.Make(p.Trade), district: unique.Make(p.District),
		place: unique.Make(p.Place), unit: unique.Make(p.Pay.Unit), settle: unique.Make(p.Settle), shift: unique.Make(p.Shift),
		urgent: p.Urgent, meals: p.Meals, lodging: p.Lodging, minor: p.MinorOK,
	}
}

// day is a date that compares fast, 0 for none and for what is no date.
func day(d bot.Date) int32 {
	t := d.Time()
	if t.IsZero() {
		return 0
	}
	return int32(t.Year()*10000 + int(t.Month())*100 + t.Day())
}

// byRank orders the board.
func byRank(a, b offer) int {
	if a.urgent != b.urgent {
		if a.urgent {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(b.verified, a.verified), strings.Compare(string(a.id), string(b.id)))
}

// current is the board with every post that was committed before the call, or, by another process, before the lag.
func (r *Records) current(ctx context.Context) (*board, error) {
	if r.recent() {
		return r.board.Load(), nil
	}
	asking, known := r.asking(), r.board.Load().last
	var last int64
	if err := r.queryRow(ctx, "SELECT last FROM post_change WHERE id = 1").Scan(&last); err != nil {
		return nil, err
	}
	if last < known { // the database was set back: what is known is of another history
		r.catchUp.Lock()
		if r.board.Load().last == known {
			r.kept.emptied()
			r.board.Store(&board{})
		}
		r.catchUp.Unlock()
	}
	if b := r.board.Load(); b.last >= last {
		r.asked.Store(asking)
		return b, nil
	}
	r.catchUp.Lock()
	defer r.catchUp.Unlock()
	b := r.board.Load()
	if b.last >= last {
		r.asked.Store(asking)
		return b, nil
	}
	// Posts that are written meanwhile may be read too. They are read again next time, which does no harm.
	changed, live, err := r.changedSince(ctx, b.last)
	if err != nil {
		return nil, err
	}
	b = b.with(last, changed, live)
	r.kept.moved(last, changed)
	r.board.Store(b)
	r.asked.Store(asking)
	return b, nil
}

// changedSince reads the posts above a change: the ids of all, and those that can be found. To an empty board the
// others do not matter.
func (r *Records) changedSince(ctx context.Context, last int64) (changed map[bot.PostID]bool, live []offer, err error) {
	const columns = `SELECT id, state, headcount, filled, trade, district, place, pay_min, pay_max, pay_unit, settle,
	start_day, end_day, shift, minor_ok, meals, lodging, urgent, expires, verified FROM post `
	query, args, db := columns+"WHERE change > $1", []any{last}, r.db.Reader()
	if last == 0 {
		query, args, db = columns+"WHERE state = $1 AND headcount > filled", []any{bot.PostPublished}, r.db.Patient()
	}
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	changed = map[bot.PostID]bool{}
	for rows.Next() {
		var p bot.Post
		var expires, verified int64
		err := rows.Scan(&p.ID, &p.State, &p.Headcount, &p.Filled, &p.Trade, &p.District, &p.Place, &p.Pay.Min, &p.Pay.Max,
			&p.Pay.Unit, &p.Settle, &p.Start, &p.End, &p.Shift, &p.MinorOK, &p.Meals, &p.Lodging, &p.Urgent, &expires, &verified)
		if err != nil {
			return nil, nil, err
		}
		p.Expires, p.Verified = instant(expires), instant(verified)
		if last > 0 {
			changed[p.ID] = true
		}
		if p.State == bot.PostPublished && p.Left() > 0 {
			live = append(live, offerOf(p))
		}
	}
	slices.SortFunc(live, byRank)
	return changed, live, rows.Err()
}

// with is the board without the changed posts and with those that are live, which are in order.
func (b *board) with(last int64, changed map[bot.PostID]bool, live []offer) *board {
	if len(b.offers) == 0 {
		return &board{last, live}
	}
	merged := make([]offer, 0, len(b.offers)+len(live))
	for _, o := range b.offers {
		if changed[o.id] {
			continue
		}
		for len(live) > 0 && byRank(live[0], o) < 0 {
			merged, live = append(merged, live[0]), live[1:]
		}
		merged = append(merged, o)
	}
	return &board{last, append(merged, live...)}
}
