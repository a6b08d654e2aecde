package records

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"yilu/bot"
	"yilu/bot/cases"
)

const disputeColumns = "number, worker, state, version, assigned, form, opened, modified"

func scanDispute(r row) (c bot.Case, err error) {
	var form string
	var opened, modified int64
	if err := r.Scan(&c.Number, &c.Worker, &c.State, &c.Version, &c.Assigned, &form, &opened, &modified); err != nil {
		return c, err
	}
	c.Opened, c.Modified = instant(opened), instant(modified)
	return c, json.Unmarshal([]byte(unseal(form).Reveal()), &c.Dispute)
}

func scanEvent(r row) (number string, e bot.CaseEvent, err error) {
	var at int64
	var note, told string
	err = r.Scan(&number, &e.Seq, &at, &e.Action, &e.Actor, &e.From, &e.To, &note, &told)
	e.At, e.Note, e.Told = instant(at), unseal(note), unseal(told)
	return number, e, err
}

const eventColumns = "number, seq, at, action, actor, from_state, to_state, note, told"

// Case returns a case with its history; NotFound says that there is none of that number.
func (r *Records) Case(ctx context.Context, number string) (bot.Case, error) {
	const op = "read case"
	c, err := scanDispute(r.queryRow(ctx, "SELECT "+disputeColumns+" FROM dispute WHERE number = $1", number))
	if err != nil {
		return bot.Case{}, r.misread(op, err)
	}
	c.History, err = all(ctx, r, op, "SELECT "+eventColumns+" FROM dispute_event WHERE number = $1 ORDER BY seq", func(r row) (bot.CaseEvent, error) {
		_, e, err := scanEvent(r)
		return e, err
	}, number)
	return c, err
}

// Cases implements bot.Reader.
func (r *Records) Cases(ctx context.Context, id bot.WorkerID) ([]bot.Case, error) {
	const op = "list cases"
	list, err := all(ctx, r, op, "SELECT "+disputeColumns+" FROM dispute WHERE worker = "+present+" ORDER BY opened DESC, number DESC", scanDispute, id)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	byNumber := make(map[string]*bot.Case, len(list))
	for i := range list {
		byNumber[list[i].Number] = &list[i]
	}
	_, err = all(ctx, r, op, "SELECT "+eventColumns+" FROM dispute_event WHERE number IN (SELECT number FROM dispute WHERE worker = "+present+") ORDER BY number, seq", func(r row) (struct{}, error) {
		number, e, err := scanEvent(r)
		if c := byNumber[number]; err == nil && c != nil {
			c.History = append(c.History, e)
		}
		return struct{}{}, err
	}, id)
	return list, err
}

// EachCase runs fn on every case in the order of their numbers, without their histories. An error of fn ends it and is
// returned.
func (r *Records) EachCase(ctx context.Context, fn func(bot.Case) error) error {
	return each(ctx, r, "export cases", "SELECT "+disputeColumns+" FROM dispute ORDER BY number", scanDispute, fn)
}

// Act takes a step in a case for somebody on the staff. Version is that of the case as they saw it: a Conflict says that
// somebody else was faster, and what they did. What is not allowed comes as cases.Take has it, and nothing is changed.
func (r *Records) Act(ctx context.Context, number string, version int64, actor string, s cases.Request, now time.Time) (c bot.Case, err error) {
	const op = "act on case"
	if actor == "" {
		return c, &bot.Error{Code: bot.Invalid, Op: op, Field: "actor", Say: "is empty; say who it is that acts"}
	}
	err = r.write(ctx, true, func(tx tx) error {
		c, err = scanDispute(tx.QueryRow("SELECT "+disputeColumns+" FROM dispute WHERE number = $1", number))
		if errors.Is(err, sql.ErrNoRows) {
			return &bot.Error{Code: bot.NotFound, Op: op, Field: number, Say: "there is no case of this number"}
		}
		if err != nil {
			return err
		}
		if version != 0 && c.Version != version {
			_, last, err := scanEvent(tx.QueryRow("SELECT "+eventColumns+" FROM dispute_event WHERE number = $1 AND seq = $2", number, c.Version))
			if err != nil {
				return err
			}
			return &bot.Error{
				Code: bot.Conflict, Op: op, Field: number,
				Say: "somebody was faster: " + last.Actor + " took the step " + last.Action + " at " + last.At.In(bot.Xiamen).Format("15:04:05") + ", and it is " + string(c.State) + " now; look again",
			}
		}
		to, err := cases.Take(c.State, s)
		if err != nil {
			return err
		}
		return happen(tx, &c, bot.CaseEvent{At: now, Action: s.Action, Actor: actor, From: c.State, To: to, Note: s.Note, Told: s.Told}, s.Whom)
	})
	if err != nil {
		return bot.Case{}, r.misread(op, err)
	}
	return c, nil
}

// happen writes an event and what it makes of the case.
func happen(tx tx, c *bot.Case, e bot.CaseEvent, whom string) error {
	c.Version++
	e.Seq, c.State = c.Version, e.To
	if whom != "" {
		c.Assigned = whom
	}
	if at := e.At.Truncate(time.Millisecond); at.After(c.Modified) {
		c.Modified = at.UTC()
	}
	done, err := tx.Exec("UPDATE dispute SET state = $2, version = $3, assigned = $4, modified = $5 WHERE number = $1 AND version = $6",
		c.Number, c.State, c.Version, c.Assigned, millis(c.Modified), c.Version-1)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n != 1 {
		return errors.Join(err, &bot.Error{Code: bot.Conflict, Op: "act on case", Field: c.Number, Say: "somebody was faster; look again"})
	}
	_, err = tx.Exec("INSERT INTO dispute_event ("+eventColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
		c.Number, e.Seq, millis(e.At), e.Action, e.Actor, e.From, e.To, seal(e.Note), seal(e.Told))
	return err
}

// workerActor is who acts in a case when its worker does.
const workerActor = "worker"

// fileCase files a case. Where another one has its number, for the ledger was set back and the worker said something else
// since, it gets a number beside it: no case is dropped.
func fileCase(tx tx, p person, e bot.Entry, f bot.FileCase) error {
	form, err := bot.Pack(f.Dispute)
	if err != nil {
		return err
	}
	kinds, err := pack(f.Dispute.Kinds)
	if err != nil {
		return err
	}
	add := func(number string) (fresh int64, err error) {
		done, err := tx.Exec(`INSERT INTO dispute (number, worker, state, version, assigned, kinds, amount, urgent, form, opened, modified)
VALUES ($1, $2, $3, 1, '', $4, $5, $6, $7, $8, $8) ON CONFLICT (number) DO NOTHING`,
			number, p.id, bot.CaseSubmitted, kinds, int64(f.Dispute.Amount), f.Dispute.Urgent(), seal(bot.NewPersonal(string(form))), millis(e.At))
		if err != nil {
			return 0, err
		}
		if fresh, err = done.RowsAffected(); err != nil || fresh == 0 {
			return fresh, err
		}
		_, err = tx.Exec("INSERT INTO dispute_event ("+eventColumns+") VALUES ($1, 1, $2, $3, $4, '', $5, '', '')",
			number, millis(e.At), cases.Submit, workerActor, bot.CaseSubmitted)
		return fresh, err
	}
	fresh, err := add(f.Number)
	if err != nil || fresh > 0 {
		return err
	}
	var there string
	if err := tx.QueryRow("SELECT form FROM dispute WHERE number = $1", f.Number).Scan(&there); err != nil {
		return err
	}
	if unseal(there).Reveal() == string(form) {
		return nil
	}
	_, err = add(f.Number + "+" + e.ID[max(0, len(e.ID)-besides):])
	return err
}

// addToCase adds what the worker says, whatever the state: where nothing can be added any more it goes to staff as a request.
func addToCase(tx tx, p person, e bot.Entry, a bot.AddToCase) error {
	return byWorker(tx, p, e, a.Number, cases.Request{Action: cases.Add, By: cases.Worker, Note: a.Note})
}

// withdrawCase takes a case back; where that is too late staff are told of the wish.
func withdrawCase(tx tx, p person, e bot.Entry, w bot.WithdrawCase) error {
	return byWorker(tx, p, e, w.Number, cases.Request{Action: cases.Withdraw, By: cases.Worker, Note: w.Reason})
}

// byWorker takes a step of the case's worker. A wish that the case does not allow, or that is about a case that is not
// there, is laid before staff: nothing that was said is dropped.
func byWorker(tx tx, p person, e bot.Entry, number string, s cases.Request) error {
	c, err := scanDispute(tx.QueryRow("SELECT "+disputeColumns+" FROM dispute WHERE number = $1 AND worker = $2", number, p.id))
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if err == nil {
		to, refused := cases.Take(c.State, s)
		if refused == nil {
			return happen(tx, &c, bot.CaseEvent{At: e.At, Action: s.Action, Actor: workerActor, From: c.State, To: to, Note: s.Note}, "")
		}
	}
	return askStaff(tx, p, e, bot.AskStaff{Number: number + "/" + e.ID[max(0, len(e.ID)-besides):], About: bot.WantsPerson, Reason: "case." + s.Action, Note: s.Note})
}
