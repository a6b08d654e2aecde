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
)

// poll asks for updates until the context ends. It is for one machine without a public address: updates are taken one
// by one, and the next ones are asked for, which confirms these, only when each turn is kept and answered. One that
// fails holds up all behind it.
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

// take answers one update, however often it has to try. It reports false if the context ended before.
func (c *channel) take(ctx context.Context, raw json.RawMessage) (id int64, done bool) {
	u, why := decode(raw)
	if why != "" {
		var known struct {
			ID int64 `json:"update_id"`
		}
		_ = json.Unmarshal(raw, &known)
		c.host.Log().ErrorContext(ctx, "telegram: left an update out that cannot be read", "update", known.ID, "why", why)
		return known.ID, true
	}
	for n := 0; ; n++ {
		pause := pauseAfter(n)
		call, err := c.try(ctx, u)
		if err == nil && call != nil {
			err = c.api.deliver(ctx, call)
			var e *bot.SendError
			if errors.As(err, &e) && ctx.Err() == nil {
				if !e.Again() && e.Fault != bot.Uncertain && e.Fault != bot.BadSecret {
					c.host.Log().WarnContext(ctx, "telegram: an answer cannot be sent", "update", *u.ID, "fault", string(e.Fault), "code", e.Code, "say", e.Say)
					err = nil
				} else {
					pause = max(pause, c.complain(ctx, err))
				}
			}
		}
		if err == nil {
			return *u.ID, true
		}
		if !wait(ctx, pause) {
			return 0, false
		}
	}
}

// try answers within the time of a turn.
func (c *channel) try(ctx context.Context, u *update) (*outgoing, error) {
	ctx, cancel := context.WithTimeout(ctx, turnIn)
	defer cancel()
	return c.answer(ctx, u)
}
