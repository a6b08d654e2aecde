package records

import (
	"context"
	"encoding/json"
	"errors"

	"yilu/bot"
	"yilu/bot/batch"
)

// Apply writes effects into the records in one transaction, each once by its id. It returns the ids that are in the
// records now, whether this call brought them or an earlier one; they can be settled.
//
// In a data file that is the ledger's too the transaction is not synced to the disk by itself. The ledger keeps an
// effect, synced, until it is settled, in the same file: a loss of power cuts the file's log at its end, so an effect is
// lost from here only together with its settling, and is then still in the ledger. Where the ledger is elsewhere, which
// LedgerElsewhere says, and on PostgreSQL, what was applied is on the disk.
//
// An entry that cannot be applied (an unknown kind, data that does not fit) is left out and named in the error, and
// holds up none of the others. If the database fails nothing is applied, and the error is of code Unavailable. No
// error holds a value of an effect.
func (r *Records) Apply(ctx context.Context, entries []bot.Entry) (applied []string, err error) {
	var faults []error
	good := make([]decoded, 0, len(entries))
	for _, e := range entries {
		d, err := decode(e)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		good = append(good, d)
	}
	applied, err = r.applyTogether(ctx, good)
	// The outage first: it is what the caller has to act on.
	return applied, errors.Join(append([]error{err}, faults...)...)
}

const opApply = "apply effect"

// decoded is an entry that was understood.
type decoded struct {
	bot.Entry
	effect bot.Effect
}

func decode(e bot.Entry) (decoded, error) {
	refuse := func(field, say string) (decoded, error) {
		return decoded{}, &bot.Error{Code: bot.Invalid, Op: opApply, Field: e.ID + " " + field, Say: say}
	}
	if e.ID == "" {
		return refuse(e.Kind, "it has no id; make it from the dialogue instance")
	}
	if e.From.Channel == "" || e.From.User == "" {
		return refuse(e.Kind, "it does not say who it is from")
	}
	effect, err := bot.DecodeEffect(e.Kind, e.Data)
	var misfit *json.UnmarshalTypeError
	switch {
	case bot.CodeOf(err) == bot.Invalid:
		return refuse(e.Kind, "its kind is unknown: written by a newer version, start that one")
	case errors.As(err, &misfit): // its text may hold the value
		return refuse(e.Kind+"."+misfit.Field, "its data does not fit the kind")
	case err != nil:
		return refuse(e.Kind, "its data cannot be read")
	}
	switch effect := effect.(type) {
	case bot.SubmitApplication:
		if effect.Post == "" {
			return refuse(e.Kind+".post", "it names no post")
		}
	case bot.LinkIdentity:
		if effect.Into.Channel == "" || effect.Into.User == "" {
			return refuse(e.Kind+".into", "it does not say with whom")
		}
	case bot.UnlinkIdentity:
		if effect.Identity.Channel == "" || effect.Identity.User == "" {
			return refuse(e.Kind+".identity", "it does not say who")
		}
	case bot.MakePass:
		return decoded{}, &bot.Error{Code: bot.Internal, Op: opApply, Field: e.ID + " " + e.Kind, Say: "passes are kept by the ledger, not by the records: whoever sent it here is at fault"}
	}
	return decoded{e, effect}, nil
}

// applyTogether applies entries together with those of turns that run at the same time, where the database has one writer
// anyway: that is one transaction instead of many, and one sync.
func (r *Records) applyTogether(ctx context.Context, entries []decoded) ([]string, error) {
	if r.writes == nil || len(entries) == 0 {
		return r.apply(ctx, entries)
	}
	if err := ctx.Err(); err != nil {
		return nil, r.db.Fault(opApply, err)
	}
	s := batch.NewSpot(&applying{entries: entries})
	switch lead, left := r.line.Await(ctx, s); {
	case left:
		return nil, r.db.Fault(opApply, ctx.Err())
	case lead:
		r.lead(ctx, s)
	}
	return s.What.applied, s.Err
}

// applying are the entries of one turn, and those of them that are applied.
type applying struct {
	entries []decoded
	applied []string
}

// lead applies own and what waits behind it. It is not broken off with the context of its own, though its deadline holds:
// others wait for it.
func (r *Records) lead(ctx context.Context, own *batch.Spot[*applying]) {
	defer r.line.Pass()
	others := r.line.Take()
	defer func() {
		for _, s := range others {
			s.End()
		}
	}()
	detached := context.WithoutCancel(ctx)
	if end, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		detached, cancel = context.WithDeadline(detached, end)
		defer cancel()
	}
	together := append([]*batch.Spot[*applying]{own}, others...)
	var all []decoded
	for _, s := range together {
		all = append(all, s.What.entries...)
	}
	ids, err := r.all(detached, all)
	switch {
	case err == nil:
		for _, s := range together {
			n := len(s.What.entries)
			s.What.applied, ids, s.Err = ids[:n:n], ids[n:], nil
		}
	case bot.CodeOf(err) == bot.Unavailable:
		for _, s := range together {
			s.Err = err
		}
	default: // one of them contradicts the tables: each by itself
		for _, s := range together {
			s.What.applied, s.Err = r.apply(detached, s.What.entries)
		}
	}
}

// all applies entries in one transaction, all of them or none.
func (r *Records) all(ctx context.Context, entries []decoded) ([]string, error) {
	err := r.write(ctx, r.alone, func(tx tx) error {
		for _, d := range entries {
			if err := once(tx, d); err != nil {
				return r.about(d, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, r.db.Fault(opApply, err)
	}
	ids := make([]string, len(entries))
	for i, d := range entries {
		ids[i] = d.ID
	}
	return ids, nil
}

// apply writes all of the entries, or, where one of several contradicts the tables, each by itself, so that only that
// one is left out.
func (r *Records) apply(ctx context.Context, entries []decoded) ([]string, error) {
	if len(entries) == 0 {
		return nil, nil
	}
	ids, err := r.all(ctx, entries)
	if err == nil {
		return ids, nil
	}
	if len(entries) == 1 || bot.CodeOf(err) == bot.Unavailable {
		return nil, err
	}
	var faults []error
	for i := range entries {
		id, err := r.apply(ctx, entries[i:i+1])
		ids = append(ids, id...)
		if err != nil {
			faults = append(faults, err)
		}
	}
	return ids, errors.Join(faults...)
}

// about names the entry that a failure is about.
func (r *Records) about(d decoded, err error) error {
	var e *bot.Error
	if errors.As(r.misread(opApply, err), &e) {
		named := *e
		named.Field = d.ID + " " + d.Kind
		return &named
	}
	return err
}

// once applies an entry if it was not applied before.
func once(tx tx, d decoded) error {
	done, err := tx.Exec("INSERT INTO applied_effect (id, at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING", d.ID, millis(d.At))
	if err != nil {
		return err
	}
	if fresh, err := done.RowsAffected(); err != nil || fresh == 0 {
		return err
	}
	switch effect := d.effect.(type) { // those that are about an identity, whoever is behind it
	case bot.NoteContact:
		return noteContact(tx, d.Entry, effect)
	case bot.NoteUnclear:
		return noteUnclear(tx, d.Entry, effect)
	case bot.LinkIdentity:
		return linkIdentity(tx, d.Entry, effect)
	case bot.UnlinkIdentity:
		return unlinkIdentity(tx, d.Entry, effect)
	}
	p, err := meet(tx, d.Entry)
	if err != nil {
		return err
	}
	switch effect := d.effect.(type) {
	case bot.SaveWorker:
		return saveWorker(tx, p, d.Entry, effect)
	case bot.RecordConsent:
		return recordConsent(tx, p, d.Entry, effect)
	case bot.SubmitApplication:
		return submitApplication(tx, p, d.Entry, effect)
	case bot.WithdrawApplication:
		return withdrawApplication(tx, p, d.Entry, effect)
	case bot.AddAlert:
		return addAlert(tx, p, d.Entry, effect)
	case bot.StopAlerts:
		return stopAlerts(tx, p, effect)
	case bot.AskStaff:
		return askStaff(tx, p, d.Entry, effect)
	case bot.FileCase:
		return fileCase(tx, p, d.Entry, effect)
	case bot.AddToCase:
		return addToCase(tx, p, d.Entry, effect)
	case bot.WithdrawCase:
		return withdrawCase(tx, p, d.Entry, effect)
	case bot.KeepFile:
		return keepFile(tx, p, d.Entry, effect)
	}
	return bot.Errorf(bot.Internal, opApply, "kind %q is decoded but not applied: a fault of this version", d.Kind)
}
