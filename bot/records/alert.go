package records

import (
	"cmp"
	"context"
	"slices"

	"yilu/bot"
)

// kept is an alert with the id of its row.
type keptAlert struct {
	id string
	bot.Alert
}

const alertsSQL = "SELECT id, trades, places, since FROM alert WHERE worker = " + present + " ORDER BY since DESC, id DESC"

func scanAlert(r row) (keptAlert, error) {
	var a keptAlert
	var trades, places string
	var since int64
	if err := r.Scan(&a.id, &trades, &places, &since); err != nil {
		return a, err
	}
	a.Since = instant(since)
	if err := unpack(trades, &a.Trades); err != nil {
		return a, err
	}
	return a, unpack(places, &a.Places)
}

// Alerts implements bot.Reader.
func (r *Records) Alerts(ctx context.Context, id bot.WorkerID) ([]bot.Alert, error) {
	return all(ctx, r, "list alerts", alertsSQL, func(r row) (bot.Alert, error) {
		a, err := scanAlert(r)
		return a.Alert, err
	}, id)
}

func alertsOf(tx tx, worker bot.WorkerID) ([]keptAlert, error) {
	rows, err := tx.Query(alertsSQL, worker)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []keptAlert
	for rows.Next() {
		a, err := scanAlert(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, rows.Err()
}

// addAlert keeps the wish, unless the worker has one that means the same already; of two the older counts.
func addAlert(tx tx, p person, e bot.Entry, a bot.AddAlert) error {
	have, err := alertsOf(tx, p.id)
	if err != nil {
		return err
	}
	for _, h := range have {
		if sameAlert(h.Alert, a) {
			return alertSince(tx, h.id, millis(e.At))
		}
	}
	trades, err := pack(a.Trades)
	if err != nil {
		return err
	}
	places, err := pack(a.Places)
	if err != nil {
		return err
	}
	_, err = tx.Exec("INSERT INTO alert (id, worker, trades, places, since) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING",
		e.ID, p.id, trades, places, millis(e.At))
	return err
}

// sameAlert reports that two alerts tell of the same posts, in whatever order they name things.
func sameAlert(a bot.Alert, b bot.AddAlert) bool {
	return sameSet(a.Trades, b.Trades, cmp.Compare) && sameSet(a.Places, b.Places, func(p, q bot.Place) int {
		return cmp.Or(cmp.Compare(p.District, q.District), cmp.Compare(p.Name, q.Name))
	})
}

func sameSet[T comparable](a, b []T, order func(T, T) int) bool {
	set := func(list []T) []T { return slices.Compact(slices.SortedFunc(slices.Values(list), order)) }
	return slices.Equal(set(a), set(b))
}

// alertSince makes an alert as old as the older of two wishes for it.
func alertSince(tx tx, id string, at int64) error {
	_, err := tx.Exec("UPDATE alert SET since = CASE WHEN since > $2 THEN $2 ELSE since END WHERE id = $1", id, at)
	return err
}

// stopAlerts takes the trades out of the worker's alerts, and ends those that are left without one; where no trade is
// named it ends all. An alert for any trade names none, and so ends with all only.
func stopAlerts(tx tx, p person, s bot.StopAlerts) error {
	if len(s.Trades) == 0 {
		_, err := tx.Exec("DELETE FROM alert WHERE worker = $1", p.id)
		return err
	}
	have, err := alertsOf(tx, p.id)
	if err != nil {
		return err
	}
	for _, h := range have {
		left := slices.DeleteFunc(slices.Clone(h.Trades), func(t bot.TradeID) bool { return slices.Contains(s.Trades, t) })
		switch len(left) {
		case len(h.Trades):
			continue
		case 0:
			_, err = tx.Exec("DELETE FROM alert WHERE id = $1", h.id)
		default:
			var trades string
			if trades, err = pack(left); err == nil {
				_, err = tx.Exec("UPDATE alert SET trades = $2 WHERE id = $1", h.id, trades)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}
