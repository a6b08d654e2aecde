// Package telegram is the channel of Telegram. It guarantees that an update is acknowledged only once its turn is kept,
// that the reply travels inside that very acknowledgement and is the same, byte for byte, however often Telegram
// delivers the update, and that neither the bot's token nor the webhook's secret nor anything that somebody wrote
// stands in a log or an error. It ends where Telegram does: a repeated acknowledgement shows the reply again, a button
// that was pressed is settled as well as it goes, and what Telegram dropped after a day of our absence is lost.
//
// Updates come one of two ways, see YILU_TELEGRAM_MODE. Telegram calls
//
//	POST /webhooks/telegram  200 once the turn is kept, or there is nothing to keep, or nothing that can be read
//	                         401 without the secret, 413, 415, 400: not an update of Telegram's
//	                         500, 503: not kept; Telegram delivers it again
//
// or a loop asks Telegram for updates. That is for a laptop without a public address: one update is taken after another,
// and the next ones are asked for only when the turns of these are kept. A turn that always fails holds up everybody
// behind it until it no longer does, for nothing is acknowledged that is not kept; an answer that Telegram does not take
// holds them up for some minutes, and is then given up, while its turn stays kept.
//
// Only private chats become turns. Everything said here is kept outside of the mainland, which Message.Abroad says.
package telegram

import (
	"context"
	"net/http"
	"sync/atomic"

	"yilu/bot"
)

// Channel is the name in identities.
const Channel = "telegram"

// room is how many bytes of UTF-8 an answer may hold. Telegram counts 4096 UTF-16 units; no character has fewer bytes
// than units, so what fits the one fits the other, whatever it is made of.
const room = 4096

// Options are what a channel can be given.
type Options struct {
	// HTTP carries the calls to Telegram; nil for one of the channel's own. Its Timeout and CheckRedirect are not used:
	// every call has a time limit that fits it, and a redirect would take the token elsewhere.
	HTTP *http.Client
	// Recogniser makes text of voice messages; nil for none.
	Recogniser bot.Recogniser
}

// Telegram is the channel.
type Telegram struct{ opts Options }

// New makes the channel.
func New(opts Options) *Telegram { return &Telegram{opts} }

// Name is the channel's name in identities.
func (t *Telegram) Name() string { return Channel }

// Mount readies the channel from YILU_TELEGRAM_TOKEN, YILU_TELEGRAM_SECRET, YILU_TELEGRAM_MODE, YILU_TELEGRAM_API_URL
// and YILU_PUBLIC_URL. Off says that there is no token, Invalid which setting is wrong. It calls nobody; Run does, until
// its context ends, and never returns an error.
func (t *Telegram) Mount(host bot.Host) (bot.Mount, error) {
	set, err := readSettings(host.Setting)
	if err != nil {
		return bot.Mount{}, err
	}
	api, err := newAPI(set.token, set.api, t.opts.HTTP)
	if err != nil {
		return bot.Mount{}, err
	}
	c := &channel{host: host, set: set, api: api, recogniser: t.opts.Recogniser, settler: newSettler(), asides: make(chan *outgoing, mostAside)}
	mount := bot.Mount{Run: c.run, Fetch: api.fetch}
	if set.mode == modeWebhook {
		mount.Routes = map[string]http.Handler{"POST /webhooks/telegram": c.guard(c.postUpdate)}
	}
	return mount, nil
}

// channel is Telegram once it is mounted.
type channel struct {
	host       bot.Host
	set        settings
	api        *api
	recogniser bot.Recogniser
	settler    *settler
	asides     chan *outgoing         // in poll mode: answers that nobody behind them waits for
	username   atomic.Pointer[string] // of the bot, once Telegram has told it
}

// answer takes an update and returns what is to be called in answer, nil for nothing. After an error nothing is kept; it
// is logged with the number of the update and attrs.
func (c *channel) answer(ctx context.Context, u *update, attrs ...any) (call *outgoing, err error) {
	attrs = append([]any{"update", *u.ID}, attrs...)
	defer func() {
		if p := recover(); p != nil {
			c.logPanic(ctx, p, attrs...)
			call, err = nil, errPanicked
		}
	}()
	h := c.hear(u)
	if h.turn == nil {
		return c.plain(h), nil
	}
	if h.voice {
		c.recognise(ctx, h.turn)
	}
	reply, err := c.host.Turn(ctx, *h.turn)
	if err != nil {
		c.logFailure(ctx, err, attrs...)
		return nil, err
	}
	if h.pressed != nil {
		c.settler.add(*h.pressed)
	}
	if h.turn.Event == bot.Left {
		return nil, nil // Telegram would refuse to send it
	}
	return c.render(ctx, h.chat, reply), nil
}
