package main

import (
	"context"
	"io"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"yilu/bot"
	"yilu/bot/ledger"
)

// fillers is how many commits are under way at once, so that stores that write them together can.
const fillers = 64

// A store may shorten sessions that have fallen silent, in the process that wrote them. It is given the time to, after
// every so many, by a clock that is ahead.
const (
	silence = 2 * time.Minute
	chunk   = 5000
)

// copied is where the numbers of copied messages begin: above all that a run sends.
const copied = 1 << 40

// fill gives many people the session of one who has talked to Yilu: every turn that is kept of it is committed again
// under each of their names, through the ledger that the server uses, and the state with it. What was put into the
// records for that one is not copied.
func fill(ctx context.Context, r role, errs io.Writer) error {
	a, err := openYilu(ctx, r, errs)
	if err != nil {
		return err
	}
	defer a.Close()
	store := a.Ledger
	from, err := store.Look(ctx, r.From.Key(), "-", time.Now())
	if err != nil {
		return err
	}
	turns, err := store.History(ctx, r.From.Key())
	if err != nil {
		return err
	}
	if len(turns) == 0 || len(from.State) == 0 {
		return bot.Errorf(bot.NotFound, "fill", "nobody has talked whose session could be copied")
	}
	for done := 0; done < r.Count; done += chunk {
		if err := copySessions(ctx, store, r, from.State, turns, done, min(r.Count, done+chunk)); err != nil {
			return err
		}
		if !r.Silent {
			continue
		}
		if _, err := store.Forget(ctx, time.Now().Add(silence), chunk); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// copySessions makes the sessions from one number to another.
func copySessions(ctx context.Context, store ledger.Ledger, r role, state []byte, turns []ledger.Turn, from, to int) error {
	var next atomic.Int64
	next.Store(int64(from))
	var wait sync.WaitGroup
	failed := make(chan error, fillers)
	for range fillers {
		wait.Go(func() {
			for i := next.Add(1) - 1; i < int64(to) && ctx.Err() == nil; i = next.Add(1) - 1 {
				key := channels[r.Send].identity(r.First + i).Key()
				for n, t := range turns {
					t.Message = strconv.FormatInt(copied+i*int64(len(turns))+int64(n), 10)
					err := store.Commit(ctx, key, ledger.Commit{Expect: int64(n), State: state, Turn: t, Expires: t.At.Add(40 * 24 * time.Hour)})
					if err != nil {
						failed <- err
						return
					}
				}
			}
		})
	}
	wait.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}
