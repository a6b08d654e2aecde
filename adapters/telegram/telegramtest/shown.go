package telegramtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Shown is a message of the bot's as a person sees it.
type Shown struct {
	Method   string // "sendMessage", "answerCallbackQuery", "" for nothing at all
	Chat     int64
	Thread   int
	Text     string
	Buttons  [][]Button
	Keyboard Keyboard
	Query    string // that is answered, of answerCallbackQuery
}

// Keyboard is where buttons stand.
type Keyboard string

// The places of buttons.
const (
	None    Keyboard = ""        // what was there stays
	Inline  Keyboard = "inline"  // under the message
	Instead Keyboard = "reply"   // in place of the phone's own keyboard, until used
	Removed Keyboard = "removed" // what stood in place of the phone's own is gone
)

// Button is one button.
type Button struct {
	Label string
	Data  string // what it sends; "" where it sends its label
	Asks  string // "contact" or "location" where it gives that instead
}

// Answer reads what a webhook answered an update with, as strictly as Telegram does. An empty body shows nothing.
func Answer(body []byte) (Shown, error) {
	if len(body) == 0 {
		return Shown{}, nil
	}
	params, err := jsonParams(body)
	if err != nil {
		return Shown{}, err
	}
	c := Call{Method: params["method"], Params: params}
	switch c.Method {
	case "sendMessage":
		return show(c)
	case "answerCallbackQuery":
		if params["callback_query_id"] == "" {
			return Shown{}, errors.New("callback_query_id is missing")
		}
		return Shown{Method: c.Method, Query: params["callback_query_id"]}, nil
	}
	return Shown{}, fmt.Errorf("unknown method %q", c.Method)
}

// show reads a sendMessage, or says what Telegram would not take of it.
func show(c Call) (Shown, error) {
	s := Shown{Method: c.Method, Text: c.Params["text"]}
	var err error
	if s.Chat, err = strconv.ParseInt(c.Params["chat_id"], 10, 64); err != nil || s.Chat == 0 {
		return Shown{}, errors.New("chat not found")
	}
	if text := c.Params["message_thread_id"]; text != "" {
		if s.Thread, err = strconv.Atoi(text); err != nil {
			return Shown{}, errors.New("invalid message_thread_id")
		}
	}
	if strings.TrimSpace(s.Text) == "" {
		return Shown{}, errors.New("message text is empty")
	}
	if units(s.Text) > 4096 {
		return Shown{}, errors.New("message is too long")
	}
	if c.Params["parse_mode"] != "" {
		return Shown{}, errors.New("can't parse entities: this bot is to send plain text")
	}
	if markup := c.Params["reply_markup"]; markup != "" && markup != "null" {
		err = s.mark(markup)
	}
	return s, err
}

// mark reads a reply_markup.
func (s *Shown) mark(raw string) error {
	type button struct {
		Text     string
		Data     string          `json:"callback_data"`
		Contact  bool            `json:"request_contact"`
		Location bool            `json:"request_location"`
		Copy     json.RawMessage `json:"copy_text"`
	}
	var m struct {
		Inline  [][]button `json:"inline_keyboard"`
		Instead [][]button `json:"keyboard"`
		Remove  bool       `json:"remove_keyboard"`
	}
	if err := json.Unmarshal([]byte(raw), &m); err != nil {
		return errors.New("can't parse reply keyboard markup JSON object")
	}
	rows := m.Inline
	switch {
	case m.Inline != nil:
		s.Keyboard = Inline
	case m.Instead != nil:
		s.Keyboard, rows = Instead, m.Instead
	case m.Remove:
		s.Keyboard = Removed
	default:
		return errors.New("object expected as reply markup")
	}
	for _, row := range rows {
		var line []Button
		for _, b := range row {
			if strings.TrimSpace(b.Text) == "" {
				return errors.New("can't parse keyboard button: text is empty")
			}
			if s.Keyboard == Inline && (b.Data == "" || len(b.Data) > 64 || b.Copy != nil) {
				return errors.New("BUTTON_DATA_INVALID")
			}
			shown := Button{Label: b.Text, Data: b.Data}
			switch {
			case b.Contact:
				shown.Asks = "contact"
			case b.Location:
				shown.Asks = "location"
			}
			line = append(line, shown)
		}
		s.Buttons = append(s.Buttons, line)
	}
	return nil
}

// units is the length of a text as Telegram counts it.
func units(text string) int { return len(utf16.Encode([]rune(text))) }
