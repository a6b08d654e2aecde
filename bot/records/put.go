package records

import (
	"context"
	"errors"
	"fmt"

	"yilu/bot"
)

// put writes n things in one transaction that survives the loss of power. It can be stopped by the context until the
// last one is written. An error names the place in the list, counted from 1, and none of the values.
func (r *Records) put(ctx context.Context, op string, n int, one func(tx tx, i int) error) error {
	if n == 0 {
		return nil
	}
	return r.write(ctx, true, func(tx tx) error {
		for i := range n {
			if err := ctx.Err(); err != nil {
				return r.db.Fault(op, err)
			}
			if err := one(tx, i); err != nil {
				return r.at(op, i, err)
			}
		}
		return nil
	})
}

// at says which of a list a failure is about.
func (r *Records) at(op string, i int, err error) error {
	err = r.misread(op, err)
	var e *bot.Error
	if errors.As(err, &e) && e.Field == "" {
		named := *e
		named.Field = fmt.Sprintf("number %d of the list", i+1)
		return &named
	}
	return err
}

func noID(op string, i int, field string) error {
	return &bot.Error{Code: bot.Invalid, Op: op, Field: fmt.Sprintf("number %d of the list, %s", i+1, field), Say: "it is empty; give each one an id of its own"}
}
