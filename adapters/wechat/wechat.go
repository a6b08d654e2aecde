// Package wechat is the channel of a WeChat official account. It guarantees that a message is taken only if it is
// signed and fresh, and, once YILU_WECHAT_AES_KEY is set, encrypted too; that however often and however many at once
// WeChat delivers it, it is one turn with one answer, byte for byte; that nothing is acknowledged before it is kept,
// but for the one case in turn.go where WeChat would not come again anyway and customer messages work; and that an answer
// is never cut in the middle of a character nor longer than WeChat takes. It does not guarantee that an answer arrives:
// WeChat takes one until five seconds after a delivery, delivers three times in all, and after that an answer can only go
// out as a customer message, which needs YILU_WECHAT_APP_SECRET and a verified account.
//
// WeChat speaks to one place:
//
//	GET  /webhooks/wechat   the check when the address is entered in the console: the echostr comes back
//	POST /webhooks/wechat   one message or event; 200 with the answer, or with "success" where nothing is to be said
//
// Without YILU_WECHAT_AES_KEY WeChat signs the address of a request and not its body: whoever gets to see such an address
// before it is used, or sends it to another of several processes within five minutes, or keeps it until its nonce reads
// like the time (see readStamp), can put words into it. An account for real people has the key.
//
// What is refused gets 400 (malformed), 403 (forged, stale, replayed, for somebody else), 405, 413 or 415, and of each
// reason ten lines a minute are logged. What could not be kept gets 503 or 500, or no answer until WeChat hangs up. Only
// that last one is WeChat documented to deliver again; what it does after a 503 nobody has verified, and at worst the
// person reads WeChat's own words, see turn.go.
//
// When Run's context ends, what is under way ends too, its late answers included, within 40 seconds. That must be after
// the server has stopped taking requests.
//
// What is kept for each process by itself: the nonces, how often a message came, whether customer messages work, and how
// many turns are under way (1,000 at most). Several processes do share the turns and their answers, which the host keeps.
package wechat

import (
	"context"
	"net/http"

	"yilu/bot"
)

// Channel is the name in identities.
const Channel = "wechat"

// Route is where WeChat delivers.
const Route = "/webhooks/wechat"

// Options are what the channel works with besides its settings.
type Options struct {
	HTTP       *http.Client   // for calls to WeChat
	Recogniser bot.Recogniser // makes text of voice messages that WeChat did not recognise; nil for none
}

// WeChat is the channel.
type WeChat struct{ options Options }

// New makes the channel.
func New(o Options) *WeChat { return &WeChat{o} }

// Name is the channel's name in identities.
func (w *WeChat) Name() string { return Channel }

// Mount readies the webhook. It reads the settings YILU_WECHAT_APP_ID, _TOKEN, _AES_KEY, _AES_KEY_PREVIOUS,
// _ORIGINAL_ID, _APP_SECRET and _API_URL. An Error of code Off says that none of the account's is set, Invalid which one is
// missing or malformed.
func (w *WeChat) Mount(host bot.Host) (bot.Mount, error) {
	acc, err := readAccount(host)
	if err != nil {
		return bot.Mount{}, err
	}
	client, err := newOutbound(host, acc, w.options.HTTP)
	if err != nil {
		return bot.Mount{}, err
	}
	if len(acc.keys) == 0 {
		host.Log().Warn("wechat: messages come in the clear, and nothing signs what is in them; set the console to safe mode and YILU_WECHAT_AES_KEY to its EncodingAESKey")
	}
	in := newInbound(host, acc, w.options.Recogniser)
	mount := bot.Mount{Routes: map[string]http.Handler{Route: in}, Run: in.run}
	if client != nil {
		mount.Fetch, in.fetch = client.Fetch, client.Fetch
		in.send = func(ctx context.Context, openid, text string) error {
			_, err := client.CustomerText(ctx, openid, text)
			return err
		}
	}
	return mount, nil
}
