package records

import (
	"slices"

	"yilu/bot"
)

// join moves everything that worker from has to worker into and takes from away. Whoever adds a table with a worker in
// it adds a step here; a test finds a row that was left behind.
func join(tx tx, e bot.Entry, from, into bot.WorkerID) (bot.Moved, error) {
	var m bot.Moved
	clear(tx.met)
	gone, err := workerOf(tx, from)
	if err != nil {
		return m, err
	}
	stays, err := workerOf(tx, into)
	if err != nil {
		return m, err
	}
	if stays.Number != "" {
		m.Registration = gone.Number // nowhere else any more, and the worker was told it
	}
	for _, step := range []func() error{
		func() (err error) { m.Withdrawn, err = withdrawDoubles(tx, e, from, into); return err },
		func() (err error) { m.Alerts, m.Same, err = joinAlerts(tx, from, into); return err },
		func() (err error) { m.Applications, err = move(tx, "application", "number", from, into); return err },
		func() (err error) { m.Requests, err = move(tx, "request", "number", from, into); return err },
		func() (err error) { m.Consents, err = move(tx, "consent", "id", from, into); return err },
		func() (err error) { m.Files, err = move(tx, "file", "id", from, into); return err },
		func() (err error) { m.Cases, err = move(tx, "dispute", "number", from, into); return err },
	} {
		if err := step(); err != nil {
			return m, err
		}
	}
	_, err = tx.Exec("UPDATE identity SET worker = $2, linked = CASE WHEN linked < $3 THEN $3 ELSE linked END WHERE worker = $1", from, into, millis(e.At))
	if err != nil {
		return m, err
	}
	if _, err = tx.Exec("UPDATE worker_alias SET worker = $2 WHERE worker = $1", from, into); err != nil {
		return m, err
	}
	// Nothing refers to it any more that would go with it.
	if _, err = tx.Exec("DELETE FROM worker WHERE id = $1", from); err != nil {
		return m, err
	}
	if _, err = tx.Exec("INSERT INTO worker_alias (id, worker) VALUES ($1, $2)", from, into); err != nil {
		return m, err
	}
	one, d := joined(stays, gone, e.At)
	m.Taken, m.Superseded = d.taken, d.superseded
	if one.Consent, err = joinedConsent(tx, stays, gone); err != nil {
		return m, err
	}
	return m, putWorker(tx, one)
}

// move gives the rows of a table to another worker and returns their keys in order. Table and key are constants.
func move(tx tx, table, key string, from, into bot.WorkerID) ([]string, error) {
	rows, err := tx.Query("UPDATE "+table+" SET worker = $2 WHERE worker = $1 RETURNING "+key, from, into)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var keys []string
	for rows.Next() {
		var k string
		if err := rows.Scan(&k); err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys, rows.Err()
}

// withdrawDoubles withdraws, of two active applications to one post, the later one; a worker has one at most.
func withdrawDoubles(tx tx, e bot.Entry, from, into bot.WorkerID) ([]string, error) {
	rows, err := tx.Query(`SELECT a.number, a.at, b.number, b.at FROM application a JOIN application b ON a.post = b.post
WHERE a.worker = $1 AND a.state = 'applied' AND b.worker = $2 AND b.state = 'applied' ORDER BY a.number`, from, into)
	if err != nil {
		return nil, err
	}
	var later []string
	for rows.Next() {
		var one, two string
		var oneAt, twoAt int64
		if err := rows.Scan(&one, &oneAt, &two, &twoAt); err != nil {
			_ = rows.Close()
			return nil, err
		}
		if oneAt < twoAt || oneAt == twoAt && one < two {
			one = two
		}
		later = append(later, one)
	}
	if err := rows.Close(); err != nil {
		return nil, err
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for _, number := range later {
		if _, err := tx.Exec("UPDATE application SET state = $2, modified = $3 WHERE number = $1", number, bot.Withdrawn, millis(e.At)); err != nil {
			return nil, err
		}
	}
	return later, nil
}

// joinAlerts moves the alerts, but for those that mean the same as one that is there: of the two the older wish counts.
func joinAlerts(tx tx, from, into bot.WorkerID) (moved, same []string, err error) {
	have, err := alertsOf(tx, into)
	if err != nil {
		return nil, nil, err
	}
	come, err := alertsOf(tx, from)
	if err != nil {
		return nil, nil, err
	}
	for _, a := range come {
		i := slices.IndexFunc(have, func(h keptAlert) bool { return sameAlert(h.Alert, bot.AddAlert{Trades: a.Trades, Places: a.Places}) })
		if i < 0 {
			_, err = tx.Exec("UPDATE alert SET worker = $2 WHERE id = $1", a.id, into)
			moved, have = append(moved, a.id), append(have, a)
		} else {
			if err = alertSince(tx, have[i].id, millis(a.Since)); err == nil {
				_, err = tx.Exec("DELETE FROM alert WHERE id = $1", a.id)
			}
			same = append(same, a.id)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	slices.Sort(moved)
	slices.Sort(same)
	return moved, same, nil
}

// joinedConsent is the notice that the one worker agrees to: what the answers of both say, taken as those of one. A
// refusal after an agreement to the same purpose counts on whatever channel it was said. Workers from a list may have a
// consent without an answer; it stands where there is no answer at all.
func joinedConsent(tx tx, stays, gone bot.Worker) (string, error) {
	var answered bool
	if err := tx.QueryRow("SELECT EXISTS (SELECT 1 FROM consent WHERE worker = $1)", stays.ID).Scan(&answered); err != nil {
		return "", err
	}
	if answered {
		return agreedTo(tx, stays.ID)
	}
	if stays.Consent != "" {
		return stays.Consent, nil
	}
	return gone.Consent, nil
}
