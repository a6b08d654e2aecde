package telegram

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-telegram/bot/models"

	"yilu/bot"
)

// heard is what an update comes to: a turn, a fixed answer, or nothing.
type heard struct {
	chat    place
	lang    string
	turn    *bot.Message
	aside   bool     // without a turn: nobody waits for the answer, see outgoing
	voice   bool     // the turn's first file is a recording that a Recogniser may read
	pressed *pressed // the button that led to the turn
	say     string   // without a turn: key of the fixed answer, "" for none
	settle  string   // without a turn: id of a query that is over
}

// place is where an answer goes.
type place struct {
	chat   int64
	thread int // 0 outside of topics
}

// hear says what an update comes to.
func (c *channel) hear(u *update) heard {
	switch {
	case u.Message != nil:
		return c.hearMessage(*u.ID, u.Message)
	case u.Edited != nil:
		return c.hearEdited(u.Edited)
	case u.Pressed != nil:
		return c.hearPressed(*u.ID, u.Pressed)
	case u.Member != nil:
		return c.hearMember(*u.ID, u.Member)
	}
	return heard{}
}

// turn begins a turn of a person. Updates are numbered one after another, presses and messages alike, so the update's
// number is a message's place among those that wait with it: message_id would leave the presses out. For an id it is
// second best, since after a week without any update Telegram goes on from a number at random.
//
// The message's id begins with the bot's: each bot numbers its messages with a person from 1, so that after a change
// from one bot to another on the same data a new message would pass for an old one, and get its answer.
func (c *channel) turn(update int64, id string, from *models.User, date int64) *bot.Message {
	m := &bot.Message{
		ID:     c.api.bot + id,
		From:   bot.Identity{Channel: Channel, User: strconv.FormatInt(from.ID, 10)},
		Lang:   c.lang(from),
		Order:  bot.Order{Seq: update},
		Room:   room,
		Abroad: true,
	}
	if date > 0 {
		m.At = time.Unix(date, 0).In(bot.Xiamen)
	}
	return m
}

// lang is the language of ours that is the person's, "" if none is: "zh-hant" is our "zh-CN".
func (c *channel) lang(from *models.User) string {
	want := base(from.LanguageCode)
	for _, lang := range c.host.Langs() {
		if want != "" && base(lang) == want {
			return lang
		}
	}
	return ""
}

// base is a language without its script and country.
func base(lang string) string {
	b, _, _ := strings.Cut(strings.ToLower(lang), "-")
	return b
}

// fixed is an answer that is the same every time, and keeps nothing.
func (c *channel) fixed(m *message, say string) heard {
	return heard{chat: placeOf(m), say: say, lang: c.lang(m.From)}
}

// somebody reports that a person speaks in the message, and that they can be answered.
func somebody(m *message) bool {
	return m.From != nil && !m.From.IsBot && m.From.ID != 0 && m.Chat.ID != 0
}

func placeOf(m *message) place {
	p := place{chat: m.Chat.ID}
	if m.InThread {
		p.thread = m.Thread
	}
	return p
}

func (c *channel) hearMessage(update int64, m *message) heard {
	if !somebody(m) {
		return heard{}
	}
	switch m.Chat.Type {
	case models.ChatTypePrivate:
		return c.hearPrivate(update, m)
	case models.ChatTypeGroup, models.ChatTypeSupergroup:
		if c.addressed(m) {
			h := c.fixed(m, "telegram.group")
			h.aside = true
			return h
		}
	}
	return heard{}
}

func (c *channel) hearPrivate(update int64, m *message) heard {
	if m.service != (service{}) {
		return heard{}
	}
	in := c.turn(update, "m"+strconv.FormatInt(m.ID, 10), m.From, m.Date)
	h := heard{chat: placeOf(m), lang: in.Lang, turn: in}
	text := bot.Clean(m.Text + m.Caption) // never both
	if utf8.RuneCountInString(text) > bot.MaxText {
		return c.fixed(m, "telegram.too_long")
	}
	if file, ok := fileOf(m); ok {
		if file.Size > maxFile {
			return c.fixed(m, "telegram.too_big")
		}
		in.Text, in.Files = text, []bot.File{file}
		h.voice = file.Kind == bot.Voice
		return h
	}
	if text != "" {
		words(in, text)
		return h
	}
	if p, ok := pointOf(m); ok {
		in.Point = &p
		return h
	}
	if m.Contact != nil {
		in.Text = phoneOf(m.Contact)
	}
	if in.Text == "" {
		in.Event = bot.Unreadable // a sticker, a poll, a dice, or what is not invented yet
	}
	return h
}

// hearEdited asks for the change as a message of its own: the turn of the first one is over. A place that is shared
// live is edited every few seconds, and is left alone.
func (c *channel) hearEdited(m *message) heard {
	if m.Chat.Type != models.ChatTypePrivate || !somebody(m) || m.Text+m.Caption == "" {
		return heard{}
	}
	return c.fixed(m, "telegram.edited")
}

// hearPressed takes the press of a button. All buttons of ours stand in private chats; a press that comes from
// anywhere else, or without anything to say, is settled and no more.
func (c *channel) hearPressed(update int64, q *query) heard {
	if q.ID == "" || q.From.ID == 0 {
		return heard{}
	}
	elsewhere := q.Message != nil && q.Message.Chat.Type != models.ChatTypePrivate
	if elsewhere || q.Data == "" || len(q.Data) > maxSend || bot.Clean(q.Data) != q.Data {
		return heard{settle: q.ID, aside: true}
	}
	in := c.turn(update, "c"+q.ID, &q.From, 0)
	in.Choice = q.Data
	h := heard{chat: place{chat: q.From.ID}, lang: in.Lang, turn: in, pressed: &pressed{query: q.ID}}
	if q.Message != nil && q.Message.Date > 0 {
		h.pressed.chat, h.pressed.message = q.Message.Chat.ID, q.Message.ID
	}
	return h
}

// hearMember takes that somebody blocked the bot, or let it in again; Telegram tells nothing else of private chats. Who
// comes back by the button of the chat also sends /start, and is asked their question twice: nothing in this update says
// whether a /start will follow, and who comes back without one is not to be met with silence.
func (c *channel) hearMember(update int64, m *member) heard {
	if m.Chat.Type != models.ChatTypePrivate || m.From.ID == 0 || m.Chat.ID == 0 {
		return heard{}
	}
	in := c.turn(update, "u"+strconv.FormatInt(update, 10), &m.From, m.Date)
	switch m.Now.Status {
	case models.ChatMemberTypeBanned, models.ChatMemberTypeLeft:
		in.Event = bot.Left
	case models.ChatMemberTypeMember:
		in.Event = bot.Joined
	default:
		return heard{}
	}
	return heard{chat: place{chat: m.Chat.ID}, lang: in.Lang, turn: in}
}

// addressed reports whether somebody in a group speaks to the bot: a command for it or for any bot, a mention, or an
// answer to what it said.
func (c *channel) addressed(m *message) bool {
	text := strings.ToLower(m.Text + m.Caption)
	if name := c.username.Load(); name != nil && strings.Contains(text, "@"+strings.ToLower(*name)) {
		return true
	}
	if first, _, _ := strings.Cut(text, " "); strings.HasPrefix(first, "/") && !strings.Contains(first, "@") {
		return true
	}
	if m.ReplyTo != nil && m.ReplyTo.From != nil && m.ReplyTo.From.ID == c.api.id {
		return true
	}
	for _, e := range m.Entities {
		if e.User != nil && e.User.ID == c.api.id {
			return true
		}
	}
	return false
}
