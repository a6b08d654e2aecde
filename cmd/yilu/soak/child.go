package soak

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"yilu/bot"
	"yilu/bot/app"
	"yilu/bot/engine"
	"yilu/bot/ledger"
)

// Child serves as `yilu serve` does, until the context ends, as one of the processes of a soak: its clock and its write
// points obey the page. It says its address on out.
func Child(ctx context.Context, c app.Config, pageFile string, in io.Reader, out io.Writer) error {
	p, err := openPage(pageFile)
	if err != nil {
		return bot.Errorf(bot.Invalid, "soak", "the page of the process cannot be opened: %w", err)
	}
	go func() { // the soak is gone, however it ended, when the pipe to it is
		_, _ = io.Copy(io.Discard, in)
		os.Exit(1)
	}()
	survive()
	c.Now = p.now
	a, err := app.Open(ctx, c)
	if err != nil {
		return err
	}
	defer a.Close()
	a.Engine.Ledger = &mortalLedger{a.Engine.Ledger, p}
	a.Engine.Records = &mortalRecords{a.Engine.Records, p}
	return a.Serve(ctx, func(addr string) { fmt.Fprintf(out, "http://%s\n", addr) })
}

// mortalLedger has a write point before and after everything that it writes.
type mortalLedger struct {
	ledger.Ledger
	page *page
}

// Load implements ledger.Ledger.
func (l *mortalLedger) Load(ctx context.Context, key, message string, now time.Time) (ledger.Snapshot, error) {
	s, err := l.Ledger.Load(ctx, key, message, now)
	if s.Seen {
		l.page.seen.Add(1)
	}
	return s, err
}

// Commit implements ledger.Ledger.
func (l *mortalLedger) Commit(ctx context.Context, key string, c ledger.Commit) error {
	l.page.pass(beforeCommit)
	defer l.page.pass(afterCommit)
	err := l.Ledger.Commit(ctx, key, c)
	if bot.CodeOf(err) == bot.Conflict {
		l.page.conflicts.Add(1)
	}
	return err
}

// Settle implements ledger.Ledger.
func (l *mortalLedger) Settle(ctx context.Context, key string, ids []string) error {
	l.page.pass(beforeSettle)
	defer l.page.pass(afterSettle)
	return l.Ledger.Settle(ctx, key, ids)
}

// mortalRecords are the same for the records.
type mortalRecords struct {
	engine.Records
	page *page
}

// Apply implements engine.Records.
func (r *mortalRecords) Apply(ctx context.Context, entries []bot.Entry) ([]string, error) {
	r.page.pass(beforeApply)
	defer r.page.pass(afterApply)
	return r.Records.Apply(ctx, entries)
}
