package records

import (
	"context"
	"fmt"

	"yilu/bot"
)

const workerColumns = `id, number, channel, user_id, lang, name, phone, birth_year, birth_age, birth_on, trades, places,
	start_day, shift, pay_min, pay_max, pay_unit, settle, cert, home, consent, complete, since, modified`

func scanWorker(r row) (bot.Worker, error) {
	var w bot.Worker
	var name, phone, trades, places string
	var since, modified int64
	err := r.Scan(&w.ID, &w.Number, &w.From.Channel, &w.From.User, &w.Lang, &name, &phone, &w.Birth.Year, &w.Birth.Age, &w.Birth.On,
		&trades, &places, &w.Start, &w.Shift, &w.Pay.Min, &w.Pay.Max, &w.Pay.Unit, &w.Settle, &w.Cert, &w.Home,
		&w.Consent, &w.Complete, &since, &modified)
	if err != nil {
		return w, err
	}
	w.Name, w.Phone, w.Since, w.Modified = unseal(name), unseal(phone), instant(since), instant(modified)
	if err := unpack(trades, &w.Trades); err != nil {
		return w, err
	}
	return w, unpack(places, &w.Places)
}

// Worker implements bot.Reader. Whoever was joined with another is found under both ids, as who they are now.
func (r *Records) Worker(ctx context.Context, id bot.WorkerID) (bot.Worker, error) {
	w, err := scanWorker(r.queryRow(ctx, "SELECT "+workerColumns+" FROM worker WHERE id = "+present, id))
	if err != nil {
		return bot.Worker{}, r.misread("read worker", err)
	}
	return w, nil
}

// EachWorker runs fn on every worker in the order of their ids. An error of fn ends it and is returned.
func (r *Records) EachWorker(ctx context.Context, fn func(bot.Worker) error) error {
	return each(ctx, r, "export workers", "SELECT "+workerColumns+" FROM worker ORDER BY id", scanWorker, fn)
}

// PutWorkers writes whole workers, in place of those with their ids; all of them or none. One without an id gets that
// of its identity. One that was joined with another meanwhile is a Conflict: a list from before would part what belongs
// together. The history of consents is not touched.
func (r *Records) PutWorkers(ctx context.Context, workers []bot.Worker) error {
	const op = "import workers"
	return r.put(ctx, op, len(workers), func(tx tx, i int) error {
		w := workers[i]
		named := w.From.Channel != "" && w.From.User != ""
		if w.ID == "" {
			if !named {
				return noID(op, i, "id")
			}
			w.ID = w.From.Worker()
		}
		var now bot.WorkerID
		if err := tx.QueryRow("SELECT "+present, w.ID).Scan(&now); err != nil {
			return err
		}
		if now != w.ID {
			return &bot.Error{Code: bot.Conflict, Op: op, Field: fmt.Sprintf("number %d of the list, id", i+1), Say: "this worker is one with another now, " + string(now) + "; leave the row out"}
		}
		if err := putWorker(tx, w); err != nil || !named {
			return err
		}
		if err := meetAs(tx, w.From, w.ID, millis(w.Since)); err != nil || w.From.Worker() == w.ID {
			return err
		}
		return foundAs(tx, w.From, w.ID)
	})
}

// foundAs makes a worker whose id was given by somebody else found under the one that is made from the identity, unless
// the identity or that id is another worker's.
func foundAs(tx tx, who bot.Identity, id bot.WorkerID) error {
	_, err := tx.Exec(`INSERT INTO worker_alias (id, worker) SELECT $1, worker FROM identity
WHERE channel = $2 AND user_id = $3 AND worker = $4 AND NOT EXISTS (SELECT 1 FROM worker WHERE id = $1)
ON CONFLICT (id) DO NOTHING`, who.Worker(), who.Channel, who.User, id)
	return err
}

func putWorker(tx tx, w bot.Worker) error {
	trades, err := pack(w.Trades)
	if err != nil {
		return err
	}
	places, err := pack(w.Places)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO worker (`+workerColumns+`)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)
ON CONFLICT (id) DO UPDATE SET number = excluded.number, channel = excluded.channel, user_id = excluded.user_id, lang = excluded.lang,
	name = excluded.name, phone = excluded.phone, birth_year = excluded.birth_year, birth_age = excluded.birth_age,
	birth_on = excluded.birth_on, trades = excluded.trades, places = excluded.places, start_day = excluded.start_day,
	shift = excluded.shift, pay_min = excluded.pay_min, pay_max = excluded.pay_max, pay_unit = excluded.pay_unit,
	settle = excluded.settle, cert = excluded.cert, home = excluded.home, consent = excluded.consent,
	complete = excluded.complete, since = excluded.since, modified = excluded.modified`,
		w.ID, w.Number, w.From.Channel, w.From.User, w.Lang, seal(w.Name), seal(w.Phone), w.Birth.Year, w.Birth.Age, w.Birth.On,
		trades, places, w.Start, w.Shift, w.Pay.Min, w.Pay.Max, w.Pay.Unit, w.Settle, w.Cert, w.Home, w.Consent,
		w.Complete, millis(w.Since), millis(w.Modified))
	return err
}

// saveWorker writes what is set. The values are read and written again in Go: it keeps the statement the same. What
// comes late fills only what is empty, as it would have when the two workers became one.
func saveWorker(tx tx, p person, e bot.Entry, s bot.SaveWorker) error {
	w, err := workerOf(tx, p.id)
	if err != nil {
		return err
	}
	if p.late(e) {
		said := bot.Worker{
			Number: s.Number, Name: s.Name, Phone: s.Phone, Birth: s.Birth, Trades: s.Trades, Places: s.Places, Start: s.Start,
			Shift: s.Shift, Pay: s.Pay, Settle: s.Settle, Cert: s.Cert, Home: s.Home, Complete: s.Complete,
		}
		w, _ = joined(w, said, e.At)
		return putWorker(tx, w)
	}
	set(&w.Name, s.Name)
	set(&w.Phone, s.Phone)
	set(&w.Birth, s.Birth)
	set(&w.Start, s.Start)
	set(&w.Shift, s.Shift)
	set(&w.Pay, s.Pay)
	set(&w.Settle, s.Settle)
	set(&w.Cert, s.Cert)
	set(&w.Home, s.Home)
	set(&w.Complete, s.Complete)
	set(&w.Number, s.Number)
	if len(s.Trades) > 0 {
		w.Trades = s.Trades
	}
	if len(s.Places) > 0 {
		w.Places = s.Places
	}
	return putWorker(tx, w)
}

func workerOf(tx tx, id bot.WorkerID) (bot.Worker, error) {
	return scanWorker(tx.QueryRow("SELECT "+workerColumns+" FROM worker WHERE id = $1", id))
}

func set[T comparable](to *T, value T) {
	var zero T
	if value != zero {
		*to = value
	}
}
