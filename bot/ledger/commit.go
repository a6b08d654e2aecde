package ledger

import (
	"context"
	"database/sql"
	"errors"

	"yilu/bot"
	"yilu/bot/batch"
	"yilu/bot/datafile"
)

const opCommit = "commit turn"

// Commit implements Ledger. Commits that come while another is being written are written together after it, in one
// transaction; one that fails its conditions writes nothing and does not disturb its neighbours. A context that ends
// while the commit waits takes it out of the line, with nothing written; one that ends later is too late.
func (e *Embedded) Commit(ctx context.Context, key string, c Commit) error {
	if err := named(opCommit, key, c.Turn.Message); err != nil {
		return err
	}
	if err := identified(c.Effects); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return datafile.Fault(opCommit, err)
	}
	s := batch.NewSpot(write{c, key})
	switch lead, left := e.queue.Await(ctx, s); {
	case left:
		return datafile.Fault(opCommit, ctx.Err())
	case !lead:
		return s.Err
	}
	return e.lead(ctx, s)
}

// write is one commit on its way.
type write struct {
	Commit
	key string
}

// identified refuses effects without an id.
func identified(effects []bot.Entry) error {
	for _, entry := range effects {
		if entry.ID == "" {
			return &bot.Error{Code: bot.Invalid, Op: opCommit, Field: "effects", Say: "one has no id; make it from the dialogue instance"}
		}
	}
	return nil
}

// lead writes own and whoever waits behind it. The line forms while the connection is awaited.
func (e *Embedded) lead(ctx context.Context, own *batch.Spot[write]) error {
	defer e.queue.Pass()
	conn, err := e.file.Acquire(ctx)
	if err != nil {
		return datafile.Fault(opCommit, err)
	}
	defer conn.Release()
	others := e.queue.Take()
	defer func() {
		for _, s := range others {
			s.End()
		}
	}()
	all := append([]*batch.Spot[write]{own}, others...)
	stale := make([]bool, len(all))
	err = conn.Tx(effectful(all), func(tx *sql.Tx) error {
		for i, s := range all {
			err := e.put(tx, &s.What)
			if stale[i] = err == errStale; err != nil && !stale[i] {
				return err
			}
		}
		return nil
	})
	for i, s := range all {
		if s.Err = datafile.Fault(opCommit, err); err == nil && stale[i] {
			s.Err = errStale
		}
	}
	if bot.CodeOf(own.Err) == bot.Unavailable {
		e.queue.Give(own.Err)
	}
	return own.Err
}

func effectful(all []*batch.Spot[write]) bool {
	for _, s := range all {
		if len(s.What.Effects) > 0 {
			return true
		}
	}
	return false
}

// errStale is what every commit gets that came second.
var errStale error = &bot.Error{Code: bot.Conflict, Op: opCommit, Say: "the session moved on or the message was committed before; load it and decide again"}

// put writes one commit, or nothing of it and errStale.
func (e *Embedded) put(tx *sql.Tx, w *write) error {
	at := w.Turn.At.UnixMilli()
	var row *sql.Row
	switch {
	case w.Expect == 0:
		row = tx.Stmt(e.begin).QueryRow(w.key, w.Turn.Message, at, w.State, w.Expires.UnixMilli())
	default:
		row = tx.Stmt(e.advance).QueryRow(w.key, w.Turn.Message, at, w.State, w.Expires.UnixMilli(), w.Expect)
	}
	var session, seq int64
	if err := row.Scan(&session, &seq); errors.Is(err, sql.ErrNoRows) {
		return errStale
	} else if err != nil {
		return err
	}
	if _, err := tx.Stmt(e.turn).Exec(session, seq, w.Turn.Message, at, []byte(w.Turn.Said), w.Turn.Reply); err != nil {
		return err
	}
	if seq > Kept {
		if _, err := tx.Stmt(e.prune).Exec(session, seq-Kept); err != nil {
			return err
		}
	}
	for _, entry := range w.Effects {
		_, err := tx.Stmt(e.effect).Exec(session, entry.ID, entry.Kind, entry.From.Channel, entry.From.User, entry.Lang,
			entry.At.UnixMilli(), at, []byte(entry.Data))
		if err != nil {
			return err
		}
	}
	return nil
}
