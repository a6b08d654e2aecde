// Package terminal is the channel of somebody who sits at a terminal, and of a script that writes into a pipe. Every
// line is one message and is answered before the next one is read; whatever a line holds, the conversation goes on
// until the input ends. It keeps nothing: a line that could not be answered is said to be lost, not tried again.
package terminal

import (
	"context"
	"errors"
	"io"

	"yilu/bot"
)

// Options say who is talking and how the output may look.
type Options struct {
	User  string        // the user of the identity, "" for "me"
	Lang  string        // the language hint, "" for none
	TTY   bool          // somebody is watching: show a prompt
	Color bool          // use ANSI colours; see Color
	NewID func() string // makes the id of each message; no two may be the same within one ledger
}

// Color decides about colours as terminals and users expect it: on a terminal, unless NO_COLOR holds anything or TERM
// is "dumb". Source: https://no-color.org.
func Color(tty bool, getenv func(string) string) bool {
	return tty && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
}

// Channel is the name in identities.
const Channel = "terminal"

// Terminal is the channel.
type Terminal struct {
	in   io.Reader
	out  io.Writer
	opts Options
}

// New makes the channel of one input and one output.
func New(in io.Reader, out io.Writer, opts Options) *Terminal {
	if opts.User == "" {
		opts.User = "me"
	}
	return &Terminal{in: in, out: out, opts: opts}
}

// Name is the channel's name in identities.
func (t *Terminal) Name() string { return Channel }

// Mount returns a loop and no routes. The loop ends without an error at the end of the input or of its context; a
// context that ends during a read leaves that read behind, until the input gives something or is closed.
func (t *Terminal) Mount(host bot.Host) (bot.Mount, error) {
	if t.opts.NewID == nil {
		return bot.Mount{}, &bot.Error{Code: bot.Internal, Op: "mount terminal", Field: "Options.NewID", Say: "is nil; give a source of message ids"}
	}
	c := &conversation{
		host: host,
		opts: t.opts,
		lang: t.opts.Lang,
		from: bot.Identity{Channel: Channel, User: t.opts.User},
		page: &page{out: t.out, color: t.opts.Color},
	}
	return bot.Mount{Run: func(ctx context.Context) error { return c.run(ctx, t.in) }}, nil
}

// conversation is one run of the loop.
type conversation struct {
	host bot.Host
	opts Options
	lang string // of the last reply; the hint before there is one
	from bot.Identity
	page *page
}

func (c *conversation) run(ctx context.Context, in io.Reader) error {
	c.greet(ctx)
	lines := make(chan line)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go read(ctx, in, lines)
	for {
		if c.opts.TTY {
			c.page.prompt()
		}
		select {
		case <-ctx.Done():
			return c.page.end(c.opts.TTY)
		case l := <-lines:
			if l.err != nil {
				return errors.Join(c.page.end(c.opts.TTY), failure(l.err))
			}
			c.take(ctx, l)
		}
		if c.page.err != nil { // nobody reads any more
			return c.page.end(false)
		}
	}
}

// failure leaves the plain end of the input out.
func failure(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return &bot.Error{Code: bot.Unavailable, Op: "read terminal", Say: "the input failed", Err: err}
}

func (c *conversation) greet(ctx context.Context) {
	reply, err := c.host.Greet(ctx, c.language())
	if err != nil {
		c.log(ctx, "terminal: no greeting", err)
		return // the first line will tell
	}
	c.page.reply(reply)
	if c.opts.TTY {
		c.page.note(c.host.Text(c.language(), "terminal.end"))
	}
}

func (c *conversation) take(ctx context.Context, l line) {
	text := bot.Clean(l.text)
	if l.long || len([]rune(text)) > bot.MaxText {
		c.page.note(c.host.Text(c.language(), "terminal.too_long"))
		return
	}
	if text == "" {
		return
	}
	reply, err := c.turn(ctx, bot.Message{ID: c.opts.NewID(), From: c.from, Text: text, Lang: c.lang})
	if err != nil {
		c.log(ctx, "terminal: no answer", err)
		c.page.note(c.host.Text(c.language(), "terminal.fault"))
		return
	}
	if reply.Lang != "" {
		c.lang = reply.Lang
	}
	c.page.reply(reply)
}

// turn makes an error of a panic, so that the next line is answered.
func (c *conversation) turn(ctx context.Context, m bot.Message) (reply bot.Reply, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = bot.Errorf(bot.Internal, "answer", "panic of type %T", p)
		}
	}()
	return c.host.Turn(ctx, m)
}

func (c *conversation) log(ctx context.Context, what string, err error) {
	c.host.Log().ErrorContext(ctx, what, bot.Failure(err)...)
}

func (c *conversation) language() string {
	if c.lang == "" {
		return c.host.Langs()[0]
	}
	return c.lang
}
