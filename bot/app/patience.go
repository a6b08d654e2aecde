package app

import (
	"context"
	"time"

	"yilu/bot"
	"yilu/bot/engine"
)

// How long people wait for stores that do not answer. A turn ends within patience, so that a person reads within two
// seconds that they should try again, and a platform repeats. What is asked of the records on the way is given up sooner:
// a turn is answered and kept without them, and must have reserve left for that. The data file needs none of it; it waits
// for a lock as long as it says itself, see datafile.Wait.
const (
	patience = 1500 * time.Millisecond
	recordIn = 600 * time.Millisecond
	reserve  = 500 * time.Millisecond
)

// bounded is a context for one call of a channel.
func (a *App) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if a.patience <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, a.patience)
}

// Turn answers a message, or fails within the patience that people have.
func (a *App) Turn(ctx context.Context, m bot.Message) (bot.Reply, error) {
	ctx, cancel := a.bounded(ctx)
	defer cancel()
	return a.Engine.Turn(ctx, m)
}

// History returns the last exchanges of a conversation, the oldest first, or fails within the patience that people have.
func (a *App) History(ctx context.Context, who bot.Identity) ([]bot.Exchange, error) {
	ctx, cancel := a.bounded(ctx)
	defer cancel()
	return a.Engine.History(ctx, who)
}

// Redeem opens a one-time link, or fails within the patience that people have.
func (a *App) Redeem(ctx context.Context, pass string, by bot.Identity) error {
	ctx, cancel := a.bounded(ctx)
	defer cancel()
	return a.Engine.Redeem(ctx, pass, by)
}

// hasty are records that are not waited for longer than a turn can spare.
type hasty struct {
	engine.Records
	most time.Duration
	near bool // in a file: reading waits for nobody, only writing does
}

func (h hasty) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	most := h.most
	if end, ok := ctx.Deadline(); ok {
		most = min(most, time.Until(end)-reserve)
	}
	return context.WithTimeout(ctx, most)
}

// read is sooner for what only reads.
func read[T any](h hasty, ctx context.Context, call func(context.Context) (T, error)) (T, error) {
	if h.near {
		return call(ctx)
	}
	return sooner(h, ctx, call)
}

func sooner[T any](h hasty, ctx context.Context, call func(context.Context) (T, error)) (T, error) {
	bound, cancel := h.bounded(ctx)
	defer cancel()
	v, err := call(bound)
	if err != nil && bound.Err() != nil && bot.CodeOf(err) != bot.Unavailable {
		err = &bot.Error{Code: bot.Unavailable, Op: "ask the records", Err: err}
	}
	return v, err
}

// Apply implements engine.Records. What the sweeper brings may take as long as it takes: it has no deadline.
func (h hasty) Apply(ctx context.Context, entries []bot.Entry) ([]string, error) {
	if _, ok := ctx.Deadline(); !ok {
		return h.Records.Apply(ctx, entries)
	}
	return sooner(h, ctx, func(ctx context.Context) ([]string, error) { return h.Records.Apply(ctx, entries) })
}

// Worker implements bot.Reader.
func (h hasty) Worker(ctx context.Context, id bot.WorkerID) (bot.Worker, error) {
	return read(h, ctx, func(ctx context.Context) (bot.Worker, error) { return h.Records.Worker(ctx, id) })
}

// Search implements bot.Reader.
func (h hasty) Search(ctx context.Context, q bot.Query) (bot.Found, error) {
	return read(h, ctx, func(ctx context.Context) (bot.Found, error) { return h.Records.Search(ctx, q) })
}

// Post implements bot.Reader.
func (h hasty) Post(ctx context.Context, id bot.PostID) (bot.Post, error) {
	return read(h, ctx, func(ctx context.Context) (bot.Post, error) { return h.Records.Post(ctx, id) })
}

// Applications implements bot.Reader.
func (h hasty) Applications(ctx context.Context, id bot.WorkerID) ([]bot.Application, error) {
	return read(h, ctx, func(ctx context.Context) ([]bot.Application, error) { return h.Records.Applications(ctx, id) })
}

// Alerts implements bot.Reader.
func (h hasty) Alerts(ctx context.Context, id bot.WorkerID) ([]bot.Alert, error) {
	return read(h, ctx, func(ctx context.Context) ([]bot.Alert, error) { return h.Records.Alerts(ctx, id) })
}

// Identities implements bot.Reader.
func (h hasty) Identities(ctx context.Context, id bot.WorkerID) ([]bot.Identity, error) {
	return read(h, ctx, func(ctx context.Context) ([]bot.Identity, error) { return h.Records.Identities(ctx, id) })
}
