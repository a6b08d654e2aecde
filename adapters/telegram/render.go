package telegram

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"yilu/bot"
)

// What Telegram takes at most.
const (
	maxText = 4096 // of a message, in UTF-16 units
	maxSend = 64   // of a button, in bytes of UTF-8
)

// short is the width of a label that may share its row, and wide one that a phone would cut off, counting a Han
// character as two. numbersInRow is how many bare numbers stand side by side.
const (
	short        = 16
	wide         = 40
	numbersInRow = 5
)

// outgoing is a method to call, as it stands in the answer to an update.
type outgoing struct {
	Method string `json:"method"`
	*tg.SendMessageParams
	Query string `json:"callback_query_id,omitempty"` // of answerCallbackQuery

	aside bool // not worth that anybody behind it waits: what is said to a group, or a button that has nothing to say
}

// The markups are not the SDK's: its button writes an empty copy_text beside everything, which is another kind of
// button.
type inlineKeyboard struct {
	Rows [][]inlineButton `json:"inline_keyboard"`
}

type inlineButton struct {
	Text string `json:"text"`
	Data string `json:"callback_data"`
}

// plain is the answer to what is no turn.
func (c *channel) plain(h heard) *outgoing {
	switch {
	case h.settle != "":
		return &outgoing{Method: "answerCallbackQuery", Query: h.settle, aside: h.aside}
	case h.say != "":
		out := compose(h.chat, c.host.Text(c.known(h.lang), h.say), nil)
		out.aside = h.aside
		return out
	}
	return nil
}

// known is the language if it is one of ours, else the default.
func (c *channel) known(lang string) string {
	langs := c.host.Langs()
	for _, l := range langs {
		if l == lang {
			return l
		}
	}
	return langs[0]
}

// compose is one message of plain text: nothing in it can be taken for markup, and no link fetches a preview.
func compose(to place, text string, markup models.ReplyMarkup) *outgoing {
	return &outgoing{Method: "sendMessage", SendMessageParams: &tg.SendMessageParams{
		ChatID: to.chat, MessageThreadID: to.thread, Text: text,
		LinkPreviewOptions: &models.LinkPreviewOptions{IsDisabled: tg.True()}, ReplyMarkup: markup,
	}}
}

// render makes a message of a reply, nil if it says nothing. The same reply gives the same message.
func (c *channel) render(ctx context.Context, to place, r bot.Reply) *outgoing {
	choices := sendable(r.Choices)
	if len(choices) < len(r.Choices) {
		c.host.Log().ErrorContext(ctx, "telegram: choices left out, their labels are empty or what they send is longer than 64 bytes", "left_out", len(r.Choices)-len(choices))
	}
	text := joined(r)
	listed := slices.ContainsFunc(choices, func(c bot.Choice) bool { return width(c.Label) > wide }) && r.Want != bot.Phone && r.Want != bot.Areas
	if listed || text == "" { // Telegram takes no buttons without a text
		text = strings.TrimSpace(text + "\n\n" + numbered(choices))
	}
	if text == "" {
		return nil
	}
	if cut := fit(text); cut != text {
		c.host.Log().ErrorContext(ctx, "telegram: a reply is longer than Telegram takes, and was cut", "bytes", len(text))
		text = cut
	}
	lang := c.known(r.Lang)
	switch r.Want {
	case bot.Phone:
		return compose(to, text, keyboard(models.KeyboardButton{Text: c.host.Text(lang, "telegram.share_phone"), RequestContact: true}, choices))
	case bot.Areas:
		return compose(to, text, keyboard(models.KeyboardButton{Text: c.host.Text(lang, "telegram.share_place"), RequestLocation: true}, choices))
	}
	if listed {
		return compose(to, text, numbers(choices))
	}
	return compose(to, text, buttons(choices))
}

// sendable are the choices that fit into a button.
func sendable(choices []bot.Choice) []bot.Choice {
	out := choices[:0:0]
	for _, c := range choices {
		if c.Send != "" && len(c.Send) <= maxSend && strings.TrimSpace(c.Label) != "" {
			out = append(out, c)
		}
	}
	return out
}

// joined is progress and texts, with an empty line between any two.
func joined(r bot.Reply) string {
	parts := make([]string, 0, len(r.Texts)+1)
	for _, t := range append([]string{r.Progress}, r.Texts...) {
		if t != "" {
			parts = append(parts, t)
		}
	}
	return strings.TrimSpace(strings.Join(parts, "\n\n"))
}

func numbered(choices []bot.Choice) string {
	var b strings.Builder
	for i, c := range choices {
		b.WriteString(strconv.Itoa(i+1) + " " + c.Label + "\n")
	}
	return strings.TrimSpace(b.String())
}

// fit cuts a text to what Telegram takes, between characters.
func fit(text string) string {
	if len(text) <= maxText { // no character has more units than bytes
		return text
	}
	n := 0
	for i, r := range text {
		if n += units(r); n > maxText {
			return text[:i]
		}
	}
	return text
}

// units is how many UTF-16 units a character has.
func units(r rune) int { return max(utf16.RuneLen(r), 1) }

// buttons are the choices under the message. With none, whatever keyboard an earlier question left goes.
func buttons(choices []bot.Choice) models.ReplyMarkup {
	if len(choices) == 0 {
		return models.ReplyKeyboardRemove{RemoveKeyboard: true}
	}
	return inline(choices)
}

func inline(choices []bot.Choice) inlineKeyboard {
	var k inlineKeyboard
	for _, row := range rows(choices) {
		line := make([]inlineButton, len(row))
		for i, c := range row {
			line[i] = inlineButton{Text: c.Label, Data: c.Send}
		}
		k.Rows = append(k.Rows, line)
	}
	return k
}

// numbers are buttons for choices that stand in the text, because a phone would cut some of them off: of those the bare
// number, of the others number and label.
func numbers(choices []bot.Choice) inlineKeyboard {
	var k inlineKeyboard
	bare := false // the last row is of bare numbers
	for i, c := range choices {
		label := strconv.Itoa(i + 1)
		if width(c.Label) > wide {
			if !bare || len(k.Rows[len(k.Rows)-1]) == numbersInRow {
				k.Rows = append(k.Rows, nil)
			}
			bare = true
			last := len(k.Rows) - 1
			k.Rows[last] = append(k.Rows[last], inlineButton{Text: label, Data: c.Send})
			continue
		}
		bare = false
		k.Rows = append(k.Rows, []inlineButton{{Text: label + " " + c.Label, Data: c.Send}})
	}
	return k
}

// keyboard stands in place of the phone's own: one button that gives what is asked for, and the choices, whose labels
// are sent as text. It goes once it was used.
func keyboard(ask models.KeyboardButton, choices []bot.Choice) models.ReplyMarkup {
	k := models.ReplyKeyboardMarkup{Keyboard: [][]models.KeyboardButton{{ask}}, ResizeKeyboard: true, OneTimeKeyboard: true}
	for _, row := range rows(choices) {
		line := make([]models.KeyboardButton, len(row))
		for i, c := range row {
			line[i] = models.KeyboardButton{Text: c.Label}
		}
		k.Keyboard = append(k.Keyboard, line)
	}
	return k
}

// rows puts two short choices that follow each other side by side.
func rows(choices []bot.Choice) [][]bot.Choice {
	var out [][]bot.Choice
	for i := 0; i < len(choices); {
		n := 1
		if i+1 < len(choices) && isShort(choices[i].Label) && isShort(choices[i+1].Label) {
			n = 2
		}
		out = append(out, choices[i:i+n])
		i += n
	}
	return out
}

func isShort(label string) bool { return width(label) <= short }

// width counts what is about as wide as a Latin letter as one.
func width(label string) int {
	n := 0
	for _, r := range label {
		n++
		if r > utf8.RuneSelf { // Han and most of what is not Latin is twice as wide
			n++
		}
	}
	return n
}
