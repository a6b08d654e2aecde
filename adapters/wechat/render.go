package wechat

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"yilu/bot"
)

// render writes a reply as one text: where one is, what is said, and what can be chosen, last, nearest to the thumb. It
// is never longer than the reply's Size.
func render(r bot.Reply) string {
	var parts []string
	for _, text := range r.Texts {
		if text = clean(text); text != "" {
			parts = append(parts, text)
		}
	}
	if len(r.Choices) > 0 {
		lines := make([]string, len(r.Choices))
		for i, c := range r.Choices {
			lines[i] = strconv.Itoa(i+1) + " " + strings.ReplaceAll(clean(c.Label), "\n", " ")
		}
		parts = append(parts, strings.Join(lines, "\n"))
	}
	text := strings.Join(parts, "\n\n")
	if progress := clean(r.Progress); progress != "" {
		text = strings.TrimSuffix(progress+"\n"+text, "\n")
	}
	return text
}

// clean makes a text fit for XML and for a chat, never longer in bytes.
func clean(text string) string {
	text = bot.Clean(strings.ToValidUTF8(text, "?"))
	if strings.ContainsFunc(text, func(r rune) bool { return !isXML(r) }) {
		text = strings.Map(func(r rune) rune {
			if isXML(r) {
				return r
			}
			return -1
		}, text)
	}
	return text
}

// cut takes off the head of a text that is not longer than most bytes: up to the end of a line if there is one, else of
// a character. Nothing but the line break between head and rest is lost.
func cut(text string, most int) (head, rest string) {
	if len(text) <= most {
		return text, ""
	}
	if i := strings.LastIndexByte(text[:most+1], '\n'); i > 0 {
		return text[:i], text[i+1:]
	}
	i := most
	for i > 0 && !utf8.RuneStart(text[i]) {
		i--
	}
	return text[:i], text[i:]
}

// answerXML writes the answer to a delivery in WeChat's form. Its time is the message's, so that every delivery gets
// the same bytes.
func answerXML(d *delivery, text string) []byte {
	var b xmlWriter
	b.Grow(len(text) + 256)
	b.open()
	b.text("ToUserName", d.From)
	b.text("FromUserName", d.To)
	b.number("CreateTime", strconv.FormatInt(d.seconds, 10))
	b.text("MsgType", "text")
	b.text("Content", text)
	return b.close()
}
