package records

import (
	"context"

	"yilu/bot"
)

// FileCounts returns how many files wait to be fetched, are kept, and are lost. It reads the whole table of files, so it
// is for once a minute, not for every request.
func (r *Records) FileCounts(ctx context.Context) (waits, kept, lost int, err error) {
	const op = "count files"
	rows, err := r.query(ctx, "SELECT state, COUNT(*) FROM file GROUP BY state")
	if err != nil {
		return 0, 0, 0, r.db.Fault(op, err)
	}
	defer rows.Close()
	for rows.Next() {
		var state bot.FileState
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			return 0, 0, 0, r.db.Fault(op, err)
		}
		switch state {
		case bot.FileWaits:
			waits = n
		case bot.FileKept:
			kept = n
		case bot.FileLost:
			lost = n
		}
	}
	return waits, kept, lost, r.db.Fault(op, rows.Err())
}
