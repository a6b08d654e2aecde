package wechattest

import (
	"encoding/json"
	"time"
)

// window is how long, and how often, somebody can be sent customer messages.
type window struct {
	until time.Time
	left  int
}

// keyed is a message that is known again by its key.
type keyed struct {
	id    int64
	until time.Time
}

// maxContent is the longest text, in bytes.
const maxContent = 2048

// LimitCustomers switches the window on: nobody can be sent a customer message but after Wrote or Clicked.
func (a *API) LimitCustomers() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.windows = map[string]*window{}
}

// Wrote opens the window that a message of somebody's opens: 5 messages within 48 hours.
func (a *API) Wrote(openid string) { a.open(openid, window{a.clock().Add(48 * time.Hour), 5}) }

// Clicked opens the window of a pressed menu entry, a new follower or a scanned code: 3 messages within a minute. It
// does not end a larger one.
func (a *API) Clicked(openid string) { a.open(openid, window{a.clock().Add(time.Minute), 3}) }

func (a *API) clock() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.time()
}

func (a *API) open(openid string, w window) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.windows == nil {
		return
	}
	if old := a.windows[openid]; old != nil && old.until.After(w.until) && old.left >= w.left {
		return
	}
	a.windows[openid] = &w
}

// Refuse answers what is for somebody with an errcode: 40003, 43004, 43101, 48002 …; 0 takes that back.
func (a *API) Refuse(openid string, code int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refused[openid] = code
}

// SetVerified says whether the account is verified; one that is not may send nothing and have no menu (48001).
func (a *API) SetVerified(yes bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.verified = yes
}

// number makes the platform's number of a message.
func (a *API) number() int64 {
	a.numbers++
	return 3_000_000_000 + a.numbers
}

func (a *API) take(c call, to []string, text string, id int64) {
	a.sent = append(a.sent, Sent{Path: c.path, To: to, Text: text, Body: c.body, ID: id})
}

type message struct {
	To       string `json:"touser"`
	Type     string `json:"msgtype"`
	Command  string `json:"command"`
	Template string `json:"template_id"`
	Key      string `json:"client_msg_id"`
	Text     struct {
		Content string `json:"content"`
	} `json:"text"`
	Data map[string]struct {
		Value string `json:"value"`
	} `json:"data"`
}

// read reads a message to one person; code is what is wrong with it.
func (a *API) read(c call) (m message, code int) {
	switch {
	case json.Unmarshal(c.body, &m) != nil:
		return m, 47001
	case !a.verified:
		return m, 48001
	case m.To == "":
		return m, 40003
	}
	return m, a.refused[m.To]
}

// admit takes one of the messages that somebody's window allows.
func (a *API) admit(openid string, uses int) int {
	if a.windows == nil {
		return 0
	}
	w := a.windows[openid]
	switch {
	case w == nil || w.until.Before(a.time()):
		return 45015
	case w.left < uses:
		return 45047
	}
	w.left -= uses
	return 0
}

func (a *API) customSend(c call) any {
	m, code := a.read(c)
	switch {
	case code != 0:
		return code
	case m.Type != "text":
		return 40008
	case m.Text.Content == "":
		return 44004
	case len(m.Text.Content) > maxContent:
		return 45002
	}
	if code := a.admit(m.To, 1); code != 0 {
		return code
	}
	a.take(c, []string{m.To}, m.Text.Content, 0)
	return 0
}

func (a *API) customTyping(c call) any {
	m, code := a.read(c)
	if code == 0 && m.Command != "Typing" {
		code = 40008
	}
	if code == 0 {
		code = a.admit(m.To, 0)
	}
	return code
}

// templateSend takes the same client_msg_id for somebody once within ten minutes.
func (a *API) templateSend(c call) any {
	m, code := a.notice(c)
	if code != 0 {
		return code
	}
	key := m.To + " " + m.Key
	before, known := a.notices[key]
	if m.Key == "" || !known || before.until.Before(a.time()) {
		before = keyed{a.number(), a.time().Add(10 * time.Minute)}
		a.notices[key] = before
		a.take(c, []string{m.To}, "", before.id)
	}
	return map[string]any{"errcode": 0, "errmsg": "ok", "msgid": before.id}
}

func (a *API) bizSend(c call) any {
	m, code := a.notice(c)
	if code == 0 {
		a.take(c, []string{m.To}, "", 0)
	}
	return code
}

func (a *API) notice(c call) (message, int) {
	m, code := a.read(c)
	if code == 0 && m.Template == "" {
		code = 40037
	}
	if code == 0 && len(m.Data) == 0 {
		code = 47003
	}
	for _, v := range m.Data {
		if code == 0 && v.Value == "" {
			code = 47003
		}
	}
	return m, code
}

// massSend takes the same clientmsgid once within a day.
func (a *API) massSend(c call) any {
	var m struct {
		To   []string `json:"touser"`
		Type string   `json:"msgtype"`
		Key  string   `json:"clientmsgid"`
		Text struct {
			Content string `json:"content"`
		} `json:"text"`
	}
	switch {
	case json.Unmarshal(c.body, &m) != nil:
		return 47001
	case !a.verified:
		return 48001
	case len(m.To) < 2:
		return 40130
	case len(m.To) > 10_000:
		return 40031
	case len(m.Key) > 64:
		return 45067
	case m.Type != "text" || m.Text.Content == "":
		return 44004
	}
	if before, known := a.masses[m.Key]; m.Key != "" && known && before.until.After(a.time()) {
		return map[string]any{"errcode": 45065, "errmsg": "clientmsgid exist", "msg_id": before.id}
	}
	id := a.number()
	a.masses[m.Key] = keyed{id, a.time().Add(24 * time.Hour)}
	a.take(c, m.To, m.Text.Content, id)
	return map[string]any{"errcode": 0, "errmsg": "send job submission success", "msg_id": id, "msg_data_id": id + 1}
}
