package simulate

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"yilu/adapters/telegram"
	"yilu/adapters/telegram/telegramtest"
	"yilu/bot"
)

// chatter is somebody who talks to the bot in a private chat, and Telegram between them.
type chatter struct {
	host    *host
	routes  map[string]http.Handler
	lang    string
	updates int64
}

// What Telegram knows of the person, and the bot of Telegram.
const (
	chatUser   = 5_000_000_001
	chatSecret = "example-secret"
)

func newTelegram(h *host) (*chatter, error) {
	h.settings = map[string]string{
		"YILU_TELEGRAM_TOKEN": "1000000001:example-token", "YILU_TELEGRAM_SECRET": chatSecret, "YILU_TELEGRAM_API_URL": "http://127.0.0.1:1",
	}
	mount, err := telegram.New(telegram.Options{HTTP: &http.Client{Transport: local{}}}).Mount(h)
	return &chatter{host: h, routes: mount.Routes, lang: h.Langs()[0]}, err
}

func (c *chatter) say(text string) (screen, error) {
	c.updates++
	return c.deliver(telegramtest.Text(c.updates, c.updates, chatUser, c.lang, text))
}

// press presses a button under the message; one that stands in place of the phone's keyboard sends its label.
func (c *chatter) press(last screen, label string) (screen, error) {
	data := last.sends[label]
	if data == "" {
		s, err := c.say(label)
		s.said = label
		return s, err
	}
	c.updates++
	return c.deliver(telegramtest.Press(c.updates, c.updates-1, chatUser, c.lang, fmt.Sprint("query-", c.updates), data))
}

func (c *chatter) send(what, rest string) (screen, error) {
	c.updates++
	n := c.updates
	file := fmt.Sprint("file-", n)
	switch what {
	case "photo":
		return c.deliver(telegramtest.Photo(n, n, chatUser, c.lang, file, rest))
	case "document":
		return c.deliver(telegramtest.Document(n, n, chatUser, c.lang, file, rest))
	case "voice":
		return c.deliver(telegramtest.Voice(n, n, chatUser, c.lang, file))
	case "unreadable":
		return c.deliver(telegramtest.Sticker(n, n, chatUser, c.lang))
	case "joined": // by a link that says where from, or by the button
		return c.deliver(telegramtest.Text(n, n, chatUser, c.lang, strings.TrimSpace("/start "+rest)))
	case "left":
		return c.deliver(telegramtest.Member(n, chatUser, c.lang, "kicked"))
	case "place":
		lat, lng, _, err := place(rest)
		if err != nil {
			return screen{}, err
		}
		return c.deliver(telegramtest.Location(n, n, chatUser, c.lang, lat, lng))
	}
	return screen{}, cannot(what)
}

func (c *chatter) speak(lang string) error {
	c.lang = lang
	return nil
}

func (c *chatter) close() error { return nil }

func (c *chatter) deliver(update []byte) (screen, error) {
	r, err := telegramtest.Deliver("http://127.0.0.1/webhooks/telegram", chatSecret, update)
	if err != nil {
		return screen{}, err
	}
	a := serve(c.routes, r)
	if a.status != http.StatusOK {
		return screen{}, refused(a)
	}
	shown, err := telegramtest.Answer(a.body.Bytes())
	if err != nil {
		return screen{}, bot.Errorf(bot.Internal, "read answer", "Telegram could not read it: %v", err)
	}
	s := screen{raw: bytes.Clone(a.body.Bytes()), sends: map[string]string{}}
	if shown.Method == "" {
		return s, nil
	}
	if shown.Method != "sendMessage" || shown.Chat != chatUser {
		return screen{}, bot.Errorf(bot.Internal, "read answer", "it is no message to the person")
	}
	text, labels := listed(shown)
	s.texts, s.progress = c.host.cutProgress(full(text))
	s.shown = strings.Split(shown.Text, "\n")
	for _, row := range shown.Buttons {
		var line []string
		for _, b := range row {
			line = append(line, "["+b.Label+"]")
			if b.Asks != "" {
				continue
			}
			label := b.Label
			if labels != nil {
				label = labels[len(s.choices)]
			}
			s.choices = append(s.choices, label)
			s.sends[label] = b.Data
		}
		s.shown = append(s.shown, strings.Join(line, " "))
	}
	return s, nil
}

// listed takes the choices off the end of a text that lists them by the numbers on its buttons; none where the buttons
// bear the labels themselves.
func listed(shown telegramtest.Shown) (text string, labels []string) {
	var buttons []string
	for _, row := range shown.Buttons {
		for _, b := range row {
			if b.Asks == "" {
				buttons = append(buttons, b.Label)
			}
		}
	}
	lines := strings.Split(shown.Text, "\n")
	from := len(lines) - len(buttons)
	if len(buttons) == 0 || from < 0 {
		return shown.Text, nil
	}
	for i, b := range buttons {
		number, label, ok := strings.Cut(lines[from+i], " ")
		if !ok || number != strconv.Itoa(i+1) || b != number && b != lines[from+i] {
			return shown.Text, nil
		}
		labels = append(labels, label)
	}
	return strings.TrimRight(strings.Join(lines[:from], "\n"), "\n"), labels
}
