package records

import "yilu/bot"

// recordConsent keeps the answer, and says anew which notice the worker agrees to: the newest that was agreed to and
// not refused since for the same purpose. One that is asked for again with every case stands with the case alone. It looks at the whole history, so the order of applying does not matter.
func recordConsent(tx tx, p person, e bot.Entry, c bot.RecordConsent) error {
	_, err := tx.Exec(`INSERT INTO consent (id, worker, notice, purpose, agreed, shown, lang, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING`,
		e.ID, p.id, c.Notice, c.Purpose, c.Agreed, c.Shown, e.Lang, millis(e.At))
	if err != nil {
		return err
	}
	notice, err := agreedTo(tx, p.id)
	if err != nil {
		return err
	}
	_, err = tx.Exec("UPDATE worker SET consent = $2 WHERE id = $1", p.id, notice)
	return err
}

func agreedTo(tx tx, worker bot.WorkerID) (string, error) {
	rows, err := tx.Query("SELECT notice, purpose, agreed FROM consent WHERE worker = $1 AND purpose <> $2 ORDER BY at DESC, id DESC", worker, bot.ForMediation)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	answered := map[string]bool{} // the purposes whose last answer was met
	for rows.Next() {
		var c bot.Consent
		if err := rows.Scan(&c.Notice, &c.Purpose, &c.Agreed); err != nil {
			return "", err
		}
		if c.Agreed && !answered[c.Purpose] {
			return c.Notice, nil
		}
		answered[c.Purpose] = true
	}
	return "", rows.Err()
}
