package records

import (
	"context"
	"fmt"
	"slices"

	"yilu/bot"
)

const postColumns = `id, state, trade, title, headcount, filled, employer, contact, content, conditions, district, place,
	address, meet, contract, pay_min, pay_max, pay_unit, pay_text, settle, start_day, end_day, from_time, to_time, shift,
	age_min, age_max, minor_ok, cert, meals, lodging, insurance, urgent, expires, verified, source, sample`

func scanPost(r row) (bot.Post, error) {
	var p bot.Post
	var contact string
	var expires, verified int64
	err := r.Scan(&p.ID, &p.State, &p.Trade, &p.Title, &p.Headcount, &p.Filled, &p.Employer, &contact, &p.Content,
		&p.Conditions, &p.District, &p.Place, &p.Address, &p.Meet, &p.Contract, &p.Pay.Min, &p.Pay.Max, &p.Pay.Unit,
		&p.PayText, &p.Settle, &p.Start, &p.End, &p.From, &p.To, &p.Shift, &p.AgeMin, &p.AgeMax, &p.MinorOK, &p.Cert,
		&p.Meals, &p.Lodging, &p.Insurance, &p.Urgent, &expires, &verified, &p.Source, &p.Sample)
	p.Contact, p.Expires, p.Verified = unseal(contact), instant(expires), instant(verified)
	return p, err
}

// Post implements bot.Reader.
func (r *Records) Post(ctx context.Context, id bot.PostID) (bot.Post, error) {
	b, err := r.current(ctx)
	if err != nil {
		return bot.Post{}, r.misread("read post", err)
	}
	if p, ok := r.kept.get(id, b.last); ok {
		return p, nil
	}
	p, err := scanPost(r.queryRow(ctx, "SELECT "+postColumns+" FROM post WHERE id = $1", id))
	if err != nil {
		return bot.Post{}, r.misread("read post", err)
	}
	r.kept.put(b.last, p)
	return p, nil
}

// EachPost runs fn on every post in the order of their ids. An error of fn ends it and is returned.
func (r *Records) EachPost(ctx context.Context, fn func(bot.Post) error) error {
	return each(ctx, r, "export posts", "SELECT "+postColumns+" FROM post ORDER BY id", scanPost, fn)
}

const putPostSQL = `INSERT INTO post (` + postColumns + `, change)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
	$25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38)
ON CONFLICT (id) DO UPDATE SET state = excluded.state, trade = excluded.trade, title = excluded.title,
	headcount = excluded.headcount, filled = excluded.filled, employer = excluded.employer, contact = excluded.contact,
	content = excluded.content, conditions = excluded.conditions, district = excluded.district, place = excluded.place,
	address = excluded.address, meet = excluded.meet, contract = excluded.contract, pay_min = excluded.pay_min,
	pay_max = excluded.pay_max, pay_unit = excluded.pay_unit, pay_text = excluded.pay_text, settle = excluded.settle,
	start_day = excluded.start_day, end_day = excluded.end_day, from_time = excluded.from_time,
	to_time = excluded.to_time, shift = excluded.shift, age_min = excluded.age_min, age_max = excluded.age_max,
	minor_ok = excluded.minor_ok, cert = excluded.cert, meals = excluded.meals, lodging = excluded.lodging,
	insurance = excluded.insurance, urgent = excluded.urgent, expires = excluded.expires, verified = excluded.verified,
	source = excluded.source, sample = excluded.sample, change = excluded.change`

// longestPostID is how many bytes of a post's id fit into the data of a button on every platform: Telegram takes 64
// with what stands before it.
const longestPostID = 48

// PutPosts writes posts, in place of those with their ids; all of them or none. A search that begins after it returned
// finds them, in every process. The write connection is taken for as long as it lasts, some 60 µs a post; give a large
// import in parts if turns must not wait.
func (r *Records) PutPosts(ctx context.Context, posts []bot.Post) error {
	const op = "import posts"
	var change int64
	defer r.posted.Add(1)
	return r.put(ctx, op, len(posts), func(tx tx, i int) error {
		p := posts[i]
		if p.ID == "" {
			return noID(op, i, "id")
		}
		if len(p.ID) > longestPostID {
			return &bot.Error{Code: bot.Invalid, Op: op, Field: "post " + string(p.ID) + ", id", Say: fmt.Sprintf("it has %d bytes; give it one of at most %d, a Chinese character counts three", len(p.ID), longestPostID)}
		}
		if !slices.Contains(bot.PostStates, p.State) {
			return &bot.Error{Code: bot.Invalid, Op: op, Field: "post " + string(p.ID) + ", state", Say: "it is none of the states of a post"}
		}
		if i == 0 {
			if err := tx.QueryRow("UPDATE post_change SET last = last + 1 WHERE id = 1 RETURNING last").Scan(&change); err != nil {
				return err
			}
		}
		_, err := tx.Exec(putPostSQL, p.ID, p.State, p.Trade, p.Title, p.Headcount, p.Filled, p.Employer, seal(p.Contact),
			p.Content, p.Conditions, p.District, p.Place, p.Address, p.Meet, p.Contract, p.Pay.Min, p.Pay.Max, p.Pay.Unit,
			p.PayText, p.Settle, p.Start, p.End, p.From, p.To, p.Shift, p.AgeMin, p.AgeMax, p.MinorOK, p.Cert, p.Meals,
			p.Lodging, p.Insurance, p.Urgent, millis(p.Expires), millis(p.Verified), p.Source, p.Sample, change)
		return err
	})
}
