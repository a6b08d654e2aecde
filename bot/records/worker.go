package records

import (
	"context"

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

// Worker implements bot.Reader.
func (r *Records) Worker(ctx context.Context, id bot.WorkerID) (bot.Worker, error) {
	w, err := scanWorker(r.queryRow(ctx, "SELECT "+workerColumns+" FROM worker WHERE id = $1", id))
	if err != nil {
		return bot.Worker{}, misread("read worker", err)
	}
	return w, nil
}

// EachWorker runs fn on every worker in the order of their ids. An error of fn ends it and is returned.
func (r *Records) EachWorker(ctx context.Context, fn func(bot.Worker) error) error {
	return each(ctx, r, "export workers", "SELECT "+workerColumns+" FROM worker ORDER BY id", scanWorker, fn)
}

// PutWorkers writes whole workers, in place of those with their ids; all of them or none. One without an id gets that
// of its identity. The history of consents is not touched.
func (r *Records) PutWorkers(ctx context.Context, workers []bot.Worker) error {
	const op = "import workers"
	return r.put(ctx, op, len(workers), func(tx tx, i int) error {
		w := workers[i]
		if w.ID == "" {
			if w.From.Channel == "" || w.From.User == "" {
				return noID(op, i, "id")
			}
			w.ID = w.From.Worker()
		}
		if err := putWorker(tx, w); err != nil || w.From.User == "" {
			return err
		}
		return meetAs(tx, w.From, w.ID, millis(w.Since))
	})
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

// meet makes sure that the person behind an effect is known, so that effects may come in any order. The language is
// that of the latest.
func meet(tx tx, e bot.Entry) error {
	at := millis(e.At)
	_, err := tx.Exec(`INSERT INTO worker (id, channel, user_id, lang, since, modified) VALUES ($1, $2, $3, $4, $5, $5)
ON CONFLICT (id) DO UPDATE SET
	lang = CASE WHEN excluded.modified >= worker.modified AND excluded.lang <> '' THEN excluded.lang ELSE worker.lang END,
	since = CASE WHEN excluded.since < worker.since THEN excluded.since ELSE worker.since END,
	modified = CASE WHEN excluded.modified > worker.modified THEN excluded.modified ELSE worker.modified END`,
		e.From.Worker(), e.From.Channel, e.From.User, e.Lang, at)
	if err != nil {
		return err
	}
	return meetAs(tx, e.From, e.From.Worker(), at)
}

func meetAs(tx tx, from bot.Identity, id bot.WorkerID, at int64) error {
	_, err := tx.Exec(`INSERT INTO identity (channel, user_id, worker, since) VALUES ($1, $2, $3, $4)
ON CONFLICT (channel, user_id) DO UPDATE SET
	since = CASE WHEN excluded.since < identity.since THEN excluded.since ELSE identity.since END`, from.Channel, from.User, id, at)
	return err
}

// saveWorker writes what is set. The values are read and written again in Go: it keeps the statement the same.
func saveWorker(tx tx, e bot.Entry, s bot.SaveWorker) error {
	w, err := scanWorker(tx.QueryRow("SELECT "+workerColumns+" FROM worker WHERE id = $1", e.From.Worker()))
	if err != nil {
		return err
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

func set[T comparable](to *T, value T) {
	var zero T
	if value != zero {
		*to = value
	}
}

// Identities returns the channels on which a worker is known, the first one first.
func (r *Records) Identities(ctx context.Context, id bot.WorkerID) ([]bot.Identity, error) {
	return nil, bot.Errorf(bot.NotFound, "read identities", "not there yet")
}
