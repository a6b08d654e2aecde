package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	tg "github.com/go-telegram/bot"

	"yilu/bot"
)

const (
	pollWait  = 30 * time.Second // how long Telegram holds an empty answer
	confirmIn = 2 * time.Second  // for the last word at a stop
	answerIn  = 2 * time.Minute  // the most pauses for one answer
	mostAside = 64               // answers to groups that wait to be sent
)

// poll asks for updates until the context ends. It is for one laptop without a public address: updates are taken one by
// one, and the next ones are asked for, which confirms these, only when each turn is kept and answered, or its answer
// given up. A turn that fails holds up all behind it for as long as it does; the log says which update it is, and how
// often it was tried, once a minute at most.
func (c *channel) poll(ctx context.Context) {
	if c.setUp(ctx, []step{c.deleteWebhook}) {
		c.host.Log().InfoContext(ctx, "telegram: asking for updates")
	}
	var offset int64
	for failed := 0; ctx.Err() == nil; {
		updates, err := c.api.updates(ctx, offset, pollWait)
		if err != nil {
			if ctx.Err() == nil {
				wait(ctx, max(pauseAfter(failed), c.complain(ctx, err)))
				failed++
			}
			continue
		}
		failed = 0
		before := offset
		for _, raw := range updates {
			id, ok := c.take(ctx, raw)
			if !ok {
				break
			}
			if id > 0 {
				offset = id + 1 // it may be less than before: after a quiet week Telegram begins at random
			}
		}
		if len(updates) > 0 && offset == before {
			wait(ctx, mostPause) // the same would come again at once
		}
	}
	if offset > 0 {
		// Without it the last updates would come again at the next start, and be answered twice.
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), confirmIn)
		defer cancel()
		_, _ = c.api.updates(last, offset, 0)
	}
}

func (c *channel) deleteWebhook(ctx context.Context) error {
	return c.api.call(ctx, "deleteWebhook", func(ctx context.Context) error {
		_, err := c.api.sdk.DeleteWebhook(ctx, &tg.DeleteWebhookParams{})
		return err
	})
}

// take answers one update. It reports false if the context ended before its turn was kept and answered.
func (c *channel) take(ctx context.Context, raw json.RawMessage) (id int64, done bool) {
	u, bad := decode(raw)
	if bad != nil {
		c.logUnread(ctx, bad)
		return bad.id, true
	}
	call, ok := c.keep(ctx, u)
	switch {
	case !ok:
		return 0, false
	case call == nil:
	case call.aside:
		select {
		case c.asides <- call:
		default: // so many are waiting that nobody would read one more
		}
	case !c.send(ctx, *u.ID, call):
		return 0, false
	}
	return *u.ID, true
}

// keep takes the turn of an update, however often it has to try: what is not kept must not be confirmed. It reports
// false if the context ended before.
func (c *channel) keep(ctx context.Context, u *update) (*outgoing, bool) {
	for n := 0; ; n++ {
		call, err := c.try(ctx, u, n+1)
		if err == nil {
			return call, true
		}
		if !wait(ctx, pauseAfter(n)) {
			return nil, false
		}
	}
}

// try answers within the time of a turn.
func (c *channel) try(ctx context.Context, u *update, tries int) (*outgoing, error) {
	ctx, cancel := context.WithTimeout(ctx, turnIn)
	defer cancel()
	return c.answer(ctx, u, "tries", tries)
}

// send sends the answer to an update until Telegram has taken it, or has refused it for good, or the pauses between the
// attempts would come to more than answerIn: then it is given up, and the turn stays kept. Attempts that did not reach
// Telegram at all do not count, for nobody else could be answered either. It reports false if the context ended before.
func (c *channel) send(ctx context.Context, update int64, call *outgoing) bool {
	var paused time.Duration
	for n := 0; ; n++ {
		err := c.api.deliver(ctx, call)
		var e *bot.SendError
		if !errors.As(err, &e) {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		attrs := []any{"update", update, "tries", n + 1}
		if !e.Again() && e.Fault != bot.Uncertain && e.Fault != bot.BadSecret {
			c.host.Log().WarnContext(ctx, "telegram: an answer cannot be sent", append(attrs, "fault", string(e.Fault), "code", e.Code, "say", e.Say)...)
			return true
		}
		pause := max(pauseAfter(n), e.RetryAfter)
		if reached := e.Fault != bot.Busy || e.Code != 0; reached {
			paused += pause
		}
		if paused > answerIn {
			c.host.Log().ErrorContext(ctx, "telegram: gave an answer up; the turn is kept, but whoever wrote has not seen the reply", append(attrs, "fault", string(e.Fault), "code", e.Code, "say", e.Say)...)
			return true
		}
		c.complain(ctx, err, attrs...)
		if !wait(ctx, pause) {
			return false
		}
	}
}

// sendAsides sends what nobody waits for, each once, until the context ends.
func (c *channel) sendAsides(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case call := <-c.asides:
			var e *bot.SendError
			if errors.As(c.api.deliver(ctx, call), &e) && ctx.Err() == nil {
				c.host.Log().WarnContext(ctx, "telegram: an answer that nobody waits for was not sent", "call", e.Call, "fault", string(e.Fault), "code", e.Code, "say", e.Say)
			}
		}
	}
}
