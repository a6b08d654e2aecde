package records

import (
	"context"
	"slices"

	"yilu/bot"
)

// kept is an alert with the id of its row.
type keptAlert struct {
	id string
	bot.Alert
}

const alertsSQL = "SELECT id, trades, places, since FROM alert WHERE worker = $1 ORDER BY since DESC, id DESC"

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

// addAlert keeps the wish, unless the worker has the same already.
func addAlert(tx tx, e bot.Entry, a bot.AddAlert) error {
	have, err := alertsOf(tx, e.From.Worker())
	if err != nil {
		return err
	}
	for _, h := range have {
		if slices.Equal(h.Trades, a.Trades) && slices.Equal(h.Places, a.Places) {
			return nil
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
		e.ID, e.From.Worker(), trades, places, millis(e.At))
	return err
}

// stopAlerts takes the trades out of the worker's alerts, and ends those that are left without one; where no trade is
// named it ends all. An alert for any trade names none, and so ends with all only.
func stopAlerts(tx tx, e bot.Entry, s bot.StopAlerts) error {
	if len(s.Trades) == 0 {
		_, err := tx.Exec("DELETE FROM alert WHERE worker = $1", e.From.Worker())
		return err
	}
	have, err := alertsOf(tx, e.From.Worker())
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
