// Package adapters lists the channels. A channel is one folder here and one line in All; it imports bot and its own
// SDK, and never another channel or a store.
//
// The terminal is not in the list: it needs somebody's input and output, so the command that has them makes it with
// terminal.New and runs the Mount like any other.
package adapters

import (
	"crypto/rand"

	"yilu/adapters/telegram"
	"yilu/adapters/terminal"
	"yilu/adapters/web"
	"yilu/adapters/wechat"
	"yilu/bot"
)

// All lists the channels that a server mounts. A Mount that fails with code Off is a channel without its settings.
func All() []bot.Adapter {
	return []bot.Adapter{
		wechat.New(wechat.Options{}),
		telegram.New(telegram.Options{}),
		web.New(rand.Reader),
	}
}

// Names are the channels that there are, on or off, with the terminal.
func Names() []string {
	names := []string{terminal.Channel}
	for _, adapter := range All() {
		names = append(names, adapter.Name())
	}
	return names
}
