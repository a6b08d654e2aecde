package telegram

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"yilu/bot"
)

// Client sends messages that nobody asked for just now. It is safe for several callers.
type Client struct{ api *api }

// NewClient makes a client for the bot of a token. apiURL is "" for the real Telegram, client nil for one of the
// channel's own, see Options. Invalid says which of them is wrong. It makes no call.
func NewClient(token, apiURL string, client *http.Client) (*Client, error) {
	set, err := readSettings(func(name string) string {
		return map[string]string{"YILU_TELEGRAM_TOKEN": token, "YILU_TELEGRAM_API_URL": apiURL, "YILU_TELEGRAM_MODE": modePoll}[name]
	})
	if err != nil {
		return nil, err
	}
	api, err := newAPI(set.token, set.api, client)
	if err != nil {
		return nil, err
	}
	return &Client{api}, nil
}

// Send sends a plain text of 1 to 4096 UTF-16 units with buttons under it to a chat, by its number in decimal; of a
// private chat that is the User of the identity. Every error is a *bot.SendError. Telegram knows no idempotency key: after
// Uncertain the message may have been sent.
func (c *Client) Send(ctx context.Context, chatID, text string, choices ...bot.Choice) error {
	refuse := func(fault bot.SendFault, say string) error {
		return &bot.SendError{Fault: fault, Channel: Channel, Call: "sendMessage", Say: say}
	}
	chat, err := strconv.ParseInt(chatID, 10, 64)
	switch {
	case err != nil || chat == 0:
		return refuse(bot.NoSuchPerson, "the id of the chat is no number")
	case strings.TrimSpace(text) == "":
		return refuse(bot.Refused, "the text is empty")
	case fit(text) != text:
		return refuse(bot.TooLong, "the text is longer than 4096 UTF-16 units")
	case len(sendable(choices)) < len(choices):
		return refuse(bot.Refused, "a choice has no label, or sends nothing or more than 64 bytes")
	}
	out := compose(place{chat: chat}, text, nil)
	if len(choices) > 0 {
		out.ReplyMarkup = inline(choices)
	}
	return c.api.deliver(ctx, out)
}
