package wechat

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"yilu/bot"
)

// maxContent is the longest text of one message, in bytes of UTF-8.
const maxContent = 2048

// openIDs are the ids of people, as the platform makes them.
var openIDs = regexp.MustCompile(`^[A-Za-z0-9_-]{6,64}$`)

type textBody struct {
	Content string `json:"content"`
}

// CustomerText sends a text to somebody who has written lately, as a customer message (message/custom/send): a text
// within 48 hours allows 5 of them, a pressed menu entry or a new follower 3 within a minute. A text longer than 2,048
// bytes goes out in the parts of TextParts, one after the other, each counting as a message. It returns how many parts
// went out: after a SendError whoever wants to go on sends the others of TextParts, and after Uncertain the next one may
// have gone out as well. An Error of code Invalid says that the openid or the text is none.
func (c *Client) CustomerText(ctx context.Context, openid, text string) (sent int, err error) {
	const op = "send customer message"
	if err := checkPerson(op, "touser", openid); err != nil {
		return 0, err
	}
	parts := TextParts(text)
	if len(parts) == 0 {
		return 0, invalid(op, "text.content", "there is nothing to send")
	}
	for _, part := range parts {
		body := struct {
			ToUser string   `json:"touser"`
			Type   string   `json:"msgtype"`
			Text   textBody `json:"text"`
		}{openid, "text", textBody{part}}
		if err := c.call(ctx, request{path: "message/custom/send", body: body}, nil); err != nil {
			return sent, err
		}
		sent++
	}
	return sent, nil
}

// TextParts cuts a text, cleaned, into what fits into one message each: at the last line end that fits, or else between
// characters. The same text has the same parts; one without anything to read has none. Nothing is lost but line ends and
// spaces at a cut.
func TextParts(text string) []string {
	var parts []string
	for text = bot.Clean(text); text != ""; {
		head := text
		if len(text) > maxContent {
			cut := maxContent
			for !utf8.RuneStart(text[cut]) {
				cut--
			}
			if i := strings.LastIndexByte(text[:cut+1], '\n'); i > 0 {
				cut = i
			}
			head = text[:cut]
		}
		text = strings.TrimSpace(text[len(head):])
		if head = strings.TrimSpace(head); head != "" {
			parts = append(parts, head)
		}
	}
	return parts
}

// CustomerTyping shows for some seconds that an answer is being written (message/custom/typing). It needs what
// CustomerText needs.
func (c *Client) CustomerTyping(ctx context.Context, openid string) error {
	if err := checkPerson("show typing", "touser", openid); err != nil {
		return err
	}
	body := struct {
		ToUser  string `json:"touser"`
		Command string `json:"command"`
	}{openid, "Typing"}
	return c.call(ctx, request{path: "message/custom/typing", body: body, repeat: harmless}, nil)
}

// MiniProgram is a page of a mini program that a notice leads to.
type MiniProgram struct {
	AppID    string `json:"appid"`
	PagePath string `json:"pagepath"`
}

// TemplateMessage is a service notice (message/template/send), which reaches any follower, whenever they last wrote.
type TemplateMessage struct {
	ToUser      string            // touser, an openid
	TemplateID  string            // template_id, as the account's list of templates has it
	URL         string            // url, where a tap leads; http or https, at most 1,024 bytes, "" for nowhere
	Mini        *MiniProgram      // miniprogram, instead of URL
	ClientMsgID string            // client_msg_id, at most 32 bytes: the platform sends a person one message of it within 10 minutes
	Data        map[string]string // data: the values by their names in the template, "thing4"; see checkData for the limits
}

// Template sends a service notice and returns the platform's number of it, which the event TEMPLATESENDJOBFINISH names
// when it was delivered. Where nobody knows whether it went out the fault is Uncertain even with a ClientMsgID: with one,
// the same message may be sent again within 10 minutes and will not come twice; later it might.
func (c *Client) Template(ctx context.Context, m TemplateMessage) (msgID int64, err error) {
	const op = "send template message"
	if err := checkPerson(op, "touser", m.ToUser); err != nil {
		return 0, err
	}
	if len(m.ClientMsgID) > 32 {
		return 0, invalid(op, "client_msg_id", "is longer than 32 bytes")
	}
	if m.URL != "" && (len(m.URL) > maxURL || !strings.HasPrefix(m.URL, "https://") && !strings.HasPrefix(m.URL, "http://")) {
		return 0, invalid(op, "url", "is no address of at most 1024 bytes that begins with https://")
	}
	data, err := checkData(op, m.TemplateID, m.Data)
	if err != nil {
		return 0, err
	}
	body := struct {
		ToUser      string           `json:"touser"`
		TemplateID  string           `json:"template_id"`
		URL         string           `json:"url,omitempty"`
		Mini        *MiniProgram     `json:"miniprogram,omitempty"`
		ClientMsgID string           `json:"client_msg_id,omitempty"`
		Data        map[string]value `json:"data"`
	}{m.ToUser, m.TemplateID, m.URL, m.Mini, m.ClientMsgID, data}
	var answer struct {
		MsgID int64 `json:"msgid"`
	}
	err = c.call(ctx, request{path: "message/template/send", body: body}, &answer)
	return answer.MsgID, err
}

// SubscriptionMessage is a notice that the person agreed to beforehand, once for each (message/subscribe/bizsend).
type SubscriptionMessage struct {
	ToUser     string            // touser, an openid
	TemplateID string            // template_id
	Page       string            // page, where a tap leads, "" for nowhere
	Mini       *MiniProgram      // miniprogram, instead of Page
	Data       map[string]string // data, as with TemplateMessage
}

// Subscription sends a notice that the person agreed to. There is no key: one of which nobody knows whether it went out
// is Uncertain. It has used the agreement up if it did.
func (c *Client) Subscription(ctx context.Context, m SubscriptionMessage) error {
	const op = "send subscription message"
	if err := checkPerson(op, "touser", m.ToUser); err != nil {
		return err
	}
	if len(m.Page) > maxURL {
		return invalid(op, "page", "is longer than 1024 bytes")
	}
	data, err := checkData(op, m.TemplateID, m.Data)
	if err != nil {
		return err
	}
	body := struct {
		ToUser     string           `json:"touser"`
		TemplateID string           `json:"template_id"`
		Page       string           `json:"page,omitempty"`
		Mini       *MiniProgram     `json:"miniprogram,omitempty"`
		Data       map[string]value `json:"data"`
	}{m.ToUser, m.TemplateID, m.Page, m.Mini, data}
	return c.call(ctx, request{path: "message/subscribe/bizsend", body: body}, nil)
}

// Mass sends a text to 2 to 10,000 people at once (message/mass/send), of which each gets 4 a month at most, and returns
// the platform's number of it (msg_id), which the event MASSSENDJOBFINISH names when it is through; the platform allows
// 60 requests a minute. The key (clientmsgid, at most 64 bytes) makes it one message however often it is sent within 24
// hours: a repeated one is AlreadySent, with the number of the first. So a failure after which nobody knows whether it
// went out is Busy, to be tried again after a minute and within the day.
func (c *Client) Mass(ctx context.Context, openids []string, text, key string) (msgID int64, err error) {
	const op = "send mass message"
	if len(openids) < 2 || len(openids) > 10_000 {
		return 0, invalid(op, "touser", fmt.Sprintf("names %d people; it must be 2 to 10000, so split the list, or send to one as a customer message", len(openids)))
	}
	seen := make(map[string]bool, len(openids))
	for i, id := range openids {
		field := fmt.Sprintf("touser[%d]", i)
		if err := checkPerson(op, field, id); err != nil {
			return 0, err
		}
		if seen[id] {
			return 0, invalid(op, field, "stands in the list twice")
		}
		seen[id] = true
	}
	text = bot.Clean(text)
	if text == "" || len(text) > maxContent {
		return 0, invalid(op, "text.content", fmt.Sprintf("has %d bytes; it must be 1 to 2048", len(text)))
	}
	if key == "" || len(key) > 64 {
		return 0, invalid(op, "clientmsgid", "must have 1 to 64 bytes: without it a repeated message is sent twice")
	}
	body := struct {
		ToUser []string `json:"touser"`
		Type   string   `json:"msgtype"`
		Text   textBody `json:"text"`
		Key    string   `json:"clientmsgid"`
	}{openids, "text", textBody{text}, key}
	var answer struct {
		MsgID int64 `json:"msg_id"`
	}
	err = c.call(ctx, request{path: "message/mass/send", body: body, repeat: keyed}, &answer)
	return answer.MsgID, err
}

type value struct {
	Value string `json:"value"`
}

// limits are how many characters the platform takes for a value, by the kind with which its name begins; older templates
// have other names and no such limits.
var limits = []struct {
	kind *regexp.Regexp
	most int
}{
	{regexp.MustCompile(`^thing\d+$`), 20},
	{regexp.MustCompile(`^(number|letter|character_string)\d+$`), 32},
	{regexp.MustCompile(`^(phrase|symbol)\d+$`), 5},
	{regexp.MustCompile(`^phone_number\d+$`), 17},
	{regexp.MustCompile(`^car_number\d+$`), 8},
}

// checkData makes the values of a template ready to be sent, or says which one the platform would refuse.
func checkData(op, template string, data map[string]string) (map[string]value, error) {
	if template == "" || len(template) > 128 {
		return nil, invalid(op, "template_id", "is none")
	}
	if len(data) == 0 {
		return nil, invalid(op, "data", "holds no value")
	}
	ready := make(map[string]value, len(data))
	for _, name := range slices.Sorted(maps.Keys(data)) {
		v := bot.Clean(data[name])
		if v == "" {
			return nil, invalid(op, "data."+name, "is empty")
		}
		for _, l := range limits {
			if n := utf8.RuneCountInString(v); l.kind.MatchString(name) && n > l.most {
				return nil, invalid(op, "data."+name, fmt.Sprintf("has %d characters; the platform takes %d, so shorten it", n, l.most))
			}
		}
		ready[name] = value{v}
	}
	return ready, nil
}

// checkPerson does not quote the id: it stands for a person.
func checkPerson(op, field, openid string) error {
	if !openIDs.MatchString(openid) {
		return invalid(op, field, "is no openid")
	}
	return nil
}

func invalid(op, field, say string) error {
	return &bot.Error{Code: bot.Invalid, Op: op, Field: field, Say: say}
}
