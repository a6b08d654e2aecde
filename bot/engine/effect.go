package engine

import (
	"context"
	"errors"

	"yilu/bot"
)

// carryOut applies effects: those about sessions here, all others in the records, in order. It returns the ids of those
// that are applied; the error names the others.
func (e *Engine) carryOut(ctx context.Context, entries []bot.Entry) (applied []string, err error) {
	theirs := make([]bot.Entry, 0, len(entries))
	for _, entry := range entries {
		mine, fault := e.ours(ctx, entry)
		switch {
		case fault != nil:
			err = errors.Join(err, fault)
		case mine:
			applied = append(applied, entry.ID)
		default:
			theirs = append(theirs, entry)
		}
	}
	if len(theirs) == 0 {
		return applied, err
	}
	ids, fault := e.Records.Apply(ctx, theirs)
	if fault == nil {
		return append(applied, ids...), err
	}
	return append(applied, ids...), errors.Join(fault, err) // an outage of the records first: it is what the caller acts on
}

// ours applies what an effect does to sessions, and reports whether that is all that it does.
func (e *Engine) ours(ctx context.Context, entry bot.Entry) (bool, error) {
	if entry.Kind != (bot.MakePass{}).Kind() && entry.Kind != (bot.UnlinkIdentity{}).Kind() {
		return false, nil
	}
	effect, err := bot.DecodeEffect(entry.Kind, entry.Data)
	if err != nil {
		return false, nil // the records say what is wrong with it
	}
	switch effect := effect.(type) {
	case bot.MakePass:
		if !e.Now().Before(effect.Till) {
			return true, nil // too late to be of use
		}
		return true, e.keepPass(ctx, entry, effect)
	case bot.UnlinkIdentity:
		return false, e.separate(ctx, entry, effect)
	}
	return false, nil
}
