package telegram

import (
	"context"
	"errors"
	"sync"
	"time"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"yilu/bot"
)

// The pauses between attempts: the first, and the longest.
const (
	firstPause = time.Second
	mostPause  = time.Minute
)

// run works until the context ends: it settles buttons, makes the bot known to Telegram, and in poll mode asks for
// updates.
func (c *channel) run(ctx context.Context) error {
	var wg sync.WaitGroup
	for range settleWorkers {
		wg.Go(func() { c.settle(ctx) })
	}
	switch {
	case c.set.mode == modePoll:
		wg.Go(func() { c.setUp(ctx, c.profile()) })
		wg.Go(func() { c.sendAsides(ctx) })
		c.poll(ctx)
	case c.set.public == "":
		c.host.Log().WarnContext(ctx, "telegram: YILU_PUBLIC_URL is not set to an https address, so the webhook is left as it is; set YILU_PUBLIC_URL, or call setWebhook yourself with the url <public address>"+path+" and the secret_token of YILU_TELEGRAM_SECRET, or set YILU_TELEGRAM_MODE=poll")
		c.setUp(ctx, c.profile())
	default:
		if c.setUp(ctx, append([]step{c.setWebhook}, c.profile()...)) {
			c.host.Log().InfoContext(ctx, "telegram: the webhook is set", "url", c.set.public+path)
		}
	}
	<-ctx.Done()
	wg.Wait()
	return nil
}

// step makes one thing known to Telegram.
type step func(context.Context) error

// setUp tries every step until it worked, with growing pauses. One that fails does not hold up the others. It reports
// false if the context ended before.
func (c *channel) setUp(ctx context.Context, steps []step) bool {
	for n := 0; len(steps) > 0; n++ {
		var failed []step
		pause := pauseAfter(n)
		for _, s := range steps {
			err := s(ctx)
			if ctx.Err() != nil {
				return false
			}
			if err != nil {
				failed = append(failed, s)
				pause = max(pause, c.complain(ctx, err))
			}
		}
		if steps = failed; len(steps) > 0 && !wait(ctx, pause) {
			return false
		}
	}
	return true
}

// profile is what is set up in either mode: the bot's own name, which groups mention, and the menu of commands, in the
// default language for everybody and in each for its own people.
func (c *channel) profile() []step {
	langs := c.host.Langs()
	steps := []step{c.getMe, func(ctx context.Context) error { return c.setCommands(ctx, langs[0], "") }}
	for _, lang := range langs {
		steps = append(steps, func(ctx context.Context) error { return c.setCommands(ctx, lang, base(lang)) })
	}
	return steps
}

func (c *channel) getMe(ctx context.Context) error {
	me, err := c.api.me(ctx)
	if err == nil && me.Username != "" {
		c.username.Store(&me.Username)
	}
	return err
}

func (c *channel) setWebhook(ctx context.Context) error {
	return c.api.call(ctx, "setWebhook", func(ctx context.Context) error {
		_, err := c.api.sdk.SetWebhook(ctx, &tg.SetWebhookParams{
			URL: c.set.public + path, SecretToken: c.set.secret, AllowedUpdates: allowed, MaxConnections: 40,
		})
		return err
	})
}

func (c *channel) setCommands(ctx context.Context, lang, code string) error {
	var list []models.BotCommand
	for _, cmd := range commands {
		if cmd.listed {
			list = append(list, models.BotCommand{Command: cmd.name, Description: c.host.Text(lang, "telegram.command."+cmd.name)})
		}
	}
	return c.api.call(ctx, "setMyCommands", func(ctx context.Context) error {
		_, err := c.api.sdk.SetMyCommands(ctx, &tg.SetMyCommandsParams{Commands: list, LanguageCode: code})
		return err
	})
}

// complain logs a call that will be made again, with what an operator can do about it, and returns the pause that
// Telegram asks for.
func (c *channel) complain(ctx context.Context, err error, attrs ...any) time.Duration {
	var e *bot.SendError
	if !errors.As(err, &e) {
		return 0
	}
	attrs = append(attrs, "call", e.Call, "fault", string(e.Fault), "code", e.Code, "say", e.Say)
	switch {
	case e.Fault == bot.BadSecret:
		c.host.Log().ErrorContext(ctx, "telegram: the token is unknown to Telegram; copy YILU_TELEGRAM_TOKEN from @BotFather once more, and see that YILU_TELEGRAM_API_URL is right", attrs...)
	case e.Code == 409:
		c.host.Log().ErrorContext(ctx, "telegram: somebody else takes the updates of this token; stop the other program, or leave YILU_TELEGRAM_MODE=poll to one of them", attrs...)
	default:
		c.host.Log().WarnContext(ctx, "telegram: a call failed and is made again", attrs...)
	}
	return e.RetryAfter
}

// pauseAfter is the pause after so many failures before.
func pauseAfter(n int) time.Duration {
	if n > 6 {
		return mostPause
	}
	return min(firstPause<<n, mostPause)
}

// wait pauses, and reports false when the context ends instead.
func wait(ctx context.Context, pause time.Duration) bool {
	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
