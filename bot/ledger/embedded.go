package ledger

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"yilu/bot"
	"yilu/bot/batch"
	"yilu/bot/datafile"
)

// Embedded keeps the ledger in tables of the data file. Any number of goroutines may use it, and any number of
// processes on one machine may open the file. It needs no closing of its own.
type Embedded struct {
	file  *datafile.File
	queue batch.Queue[write]

	load, waiting, history, unsettled                                   *sql.Stmt // on the read connections
	begin, advance, turn, prune, effect, settle, forgetTurns, forgetRow *sql.Stmt // on the write connection
}

var _ Ledger = (*Embedded)(nil)

// NewEmbedded makes the tables where there are none.
func NewEmbedded(ctx context.Context, file *datafile.File) (*Embedded, error) {
	const op = "open ledger"
	err := file.Tx(ctx, true, func(tx *sql.Tx) error {
		_, err := tx.Exec(schema)
		return err
	})
	if err != nil {
		return nil, datafile.Fault(op, err)
	}
	e := &Embedded{file: file}
	for _, p := range []struct {
		to   **sql.Stmt
		on   *sql.DB
		text string
	}{
		{&e.load, file.Read, loadSQL},
		{&e.waiting, file.Read, waitingSQL},
		{&e.history, file.Read, historySQL},
		{&e.unsettled, file.Read, unsettledSQL},
		{&e.begin, file.Write, beginSQL},
		{&e.advance, file.Write, advanceSQL},
		{&e.turn, file.Write, turnSQL},
		{&e.prune, file.Write, pruneSQL},
		{&e.effect, file.Write, effectSQL},
		{&e.settle, file.Write, settleSQL},
		{&e.forgetTurns, file.Write, forgetTurnsSQL},
		{&e.forgetRow, file.Write, forgetSQL},
	} {
		if *p.to, err = p.on.PrepareContext(ctx, p.text); err != nil {
			return nil, datafile.Fault(op, err)
		}
	}
	return e, nil
}

// Load implements Ledger.
func (e *Embedded) Load(ctx context.Context, key, message string, now time.Time) (Snapshot, error) {
	const op = "load session"
	if err := named(op, key, message); err != nil {
		return Snapshot{}, err
	}
	var (
		found   Snapshot
		expires int64
		seq     sql.NullInt64
		waits   bool
	)
	err := e.load.QueryRowContext(ctx, key, message).Scan(&found.Version, &found.State, &expires, &seq, &found.Reply, &waits)
	if errors.Is(err, sql.ErrNoRows) {
		return Snapshot{}, nil
	}
	if err != nil {
		return Snapshot{}, datafile.Fault(op, err)
	}
	if expires <= now.UnixMilli() {
		found.Version, found.State = 0, nil
	}
	found.Seen = seq.Valid
	if waits {
		if found.Effects, err = e.effects(ctx, key); err != nil {
			return Snapshot{}, datafile.Fault(op, err)
		}
	}
	return found, nil
}

// Look implements Ledger. The file is always asked.
func (e *Embedded) Look(ctx context.Context, key, message string, now time.Time) (Snapshot, error) {
	return e.Load(ctx, key, message, now)
}

func (e *Embedded) effects(ctx context.Context, key string) ([]bot.Entry, error) {
	rows, err := e.waiting.QueryContext(ctx, key)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []bot.Entry
	for rows.Next() {
		var one bot.Entry
		if err := scanEntry(rows, &one); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// scanEntry reads the columns of an entry, which stand after those named before.
func scanEntry(rows *sql.Rows, one *bot.Entry, before ...any) error {
	var at int64
	var data []byte
	err := rows.Scan(append(before, &one.ID, &one.Kind, &one.From.Channel, &one.From.User, &one.Lang, &at, &data)...)
	one.At, one.Data = instant(at), data
	return err
}

// Settle implements Ledger.
func (e *Embedded) Settle(ctx context.Context, key string, ids []string) error {
	const op = "settle effects"
	if key == "" {
		return named(op, key, "-")
	}
	if len(ids) == 0 {
		return nil
	}
	err := e.file.Tx(ctx, false, func(tx *sql.Tx) error {
		settle := tx.Stmt(e.settle)
		for _, id := range ids {
			if _, err := settle.Exec(key, id); err != nil {
				return err
			}
		}
		return nil
	})
	return datafile.Fault(op, err)
}

// Unsettled implements Ledger.
func (e *Embedded) Unsettled(ctx context.Context, before time.Time, limit int) ([]Pending, error) {
	const op = "list unsettled effects"
	rows, err := e.unsettled.QueryContext(ctx, before.UnixMilli(), max(0, limit), before.Add(Ahead).UnixMilli())
	if err != nil {
		return nil, datafile.Fault(op, err)
	}
	defer rows.Close()
	var all []Pending
	for rows.Next() {
		var one Pending
		if err := scanEntry(rows, &one.Entry, &one.Key); err != nil {
			return nil, datafile.Fault(op, err)
		}
		all = append(all, one)
	}
	return all, datafile.Fault(op, rows.Err())
}

// History implements Ledger.
func (e *Embedded) History(ctx context.Context, key string) ([]Turn, error) {
	const op = "read history"
	if key == "" {
		return nil, named(op, key, "-")
	}
	rows, err := e.history.QueryContext(ctx, key)
	if err != nil {
		return nil, datafile.Fault(op, err)
	}
	defer rows.Close()
	var all []Turn
	for rows.Next() {
		var one Turn
		var said []byte
		var at int64
		if err := rows.Scan(&one.Message, &said, &one.Reply, &at); err != nil {
			return nil, datafile.Fault(op, err)
		}
		one.Said, one.At = string(said), instant(at)
		all = append(all, one)
	}
	return all, datafile.Fault(op, rows.Err())
}

// Forget implements Ledger.
func (e *Embedded) Forget(ctx context.Context, now time.Time, limit int) (int, error) {
	const op = "forget sessions"
	var gone []int64
	err := e.file.Tx(ctx, false, func(tx *sql.Tx) error {
		var err error
		if gone, err = expired(tx, now, limit); err != nil {
			return err
		}
		turns, row := tx.Stmt(e.forgetTurns), tx.Stmt(e.forgetRow)
		for _, id := range gone {
			if _, err := turns.Exec(id); err != nil {
				return err
			}
			if _, err := row.Exec(id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, datafile.Fault(op, err)
	}
	return len(gone), nil
}

func expired(tx *sql.Tx, now time.Time, limit int) ([]int64, error) {
	rows, err := tx.Query(expiredSQL, now.UnixMilli(), max(0, limit))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// Ping implements Ledger.
func (e *Embedded) Ping(ctx context.Context) error {
	return datafile.Fault("ping ledger", e.file.Write.PingContext(ctx))
}

// named refuses what has no name.
func named(op, key, message string) error {
	switch {
	case key == "":
		return &bot.Error{Code: bot.Invalid, Op: op, Field: "key", Say: "it is empty; a session is kept under its person's key"}
	case message == "":
		return &bot.Error{Code: bot.Invalid, Op: op, Field: "message", Say: "it is empty; give each message an id of its own"}
	}
	return nil
}

func instant(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
