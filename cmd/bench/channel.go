package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"yilu/adapters/telegram/telegramtest"
	"yilu/adapters/wechat"
	"yilu/adapters/wechat/wechattest"
	"yilu/bot"
)

// The bot and the account, as both sides know them. They are made up.
const (
	telegramToken  = "1000000001:bench-token"
	telegramSecret = "bench-secret"
	telegramPath   = "/webhooks/telegram"
)

var account = wechattest.Account{
	AppID: "wxbench000000000001", Token: "benchtoken", AESKey: strings.Repeat("Example", 6) + "0", OriginalID: "gh_bench0000001",
}

// channel is a platform's half of a channel.
type channel struct {
	name  string
	title string
	// request is a delivery, as it goes over the wire.
	request func(into []byte, host string, person, n int64, text string) ([]byte, error)
	// read opens an answer; nil where the answer can be searched as it is.
	read func(body []byte) ([]byte, error)
}

// Channels by their names.
var channels = map[string]channel{
	"telegram":     {name: "telegram", title: "Telegram", request: telegramRequest},
	"wechat":       {name: "wechat", title: "WeChat, safe mode", request: wechatRequest(wechattest.Safe), read: openWeChat(wechattest.Safe)},
	"wechat-plain": {name: "wechat-plain", title: "WeChat, plain mode", request: wechatRequest(wechattest.Plain)},
}

// settings are those that a server gets for a channel.
func (c channel) settings(telegramAPI string) map[string]string {
	if c.name == "telegram" {
		return map[string]string{"YILU_TELEGRAM_TOKEN": telegramToken, "YILU_TELEGRAM_SECRET": telegramSecret, "YILU_TELEGRAM_API_URL": telegramAPI}
	}
	set := map[string]string{"YILU_WECHAT_APP_ID": account.AppID, "YILU_WECHAT_TOKEN": account.Token, "YILU_WECHAT_ORIGINAL_ID": account.OriginalID}
	if c.name == "wechat" {
		set["YILU_WECHAT_AES_KEY"] = account.AESKey
	}
	return set
}

// identity is the person as the ledger knows it.
func (c channel) identity(person int64) bot.Identity {
	if c.name == "telegram" {
		return bot.Identity{Channel: "telegram", User: strconv.FormatInt(person, 10)}
	}
	return bot.Identity{Channel: wechat.Channel, User: openID(person)}
}

// persons numbers people, from where Telegram's numbers are as long as today's.
var persons atomic.Int64

func init() { persons.Store(6_000_000_000) }

func nextPerson() int64 { return persons.Add(1) }

// updates numbers updates, and messages.
var updates atomic.Int64

// Marks that stand in an update where numbers go. telegramtest makes an update of each text once; what is done for a
// message is to put the numbers in, so that the generator takes little of the machine that the server needs.
const (
	markUpdate  = 111_111_111_111
	markMessage = 222_222_222_222
	markPerson  = 333_333_333_333
)

// templates are updates by their text, cut at the marks.
var templates sync.Map

type template struct {
	parts [][]byte
	marks []int64
}

func templateOf(text string) *template {
	if t, ok := templates.Load(text); ok {
		return t.(*template)
	}
	t := &template{}
	rest := telegramtest.Text(markUpdate, markMessage, markPerson, "zh-hans", text)
	for {
		at, mark := -1, int64(0)
		for _, m := range []int64{markUpdate, markMessage, markPerson} {
			if i := bytes.Index(rest, strconv.AppendInt(nil, m, 10)); i >= 0 && (at < 0 || i < at) {
				at, mark = i, m
			}
		}
		if at < 0 {
			t.parts = append(t.parts, rest)
			templates.Store(text, t)
			return t
		}
		t.parts, t.marks = append(t.parts, rest[:at]), append(t.marks, mark)
		rest = rest[at+12:]
	}
}

func telegramRequest(into []byte, host string, person, n int64, text string) ([]byte, error) {
	t := templateOf(text)
	id := updates.Add(1)
	values := map[int64]int64{markUpdate: id, markMessage: n, markPerson: person}
	var room [512]byte
	body := room[:0]
	for i, part := range t.parts {
		body = append(body, part...)
		if i < len(t.marks) {
			body = strconv.AppendInt(body, values[t.marks[i]], 10)
		}
	}
	into = append(into, "POST "+telegramPath+" HTTP/1.1\r\nHost: "...)
	into = append(into, host...)
	into = append(into, "\r\nContent-Type: application/json\r\nX-Telegram-Bot-Api-Secret-Token: "+telegramSecret+"\r\nContent-Length: "...)
	into = strconv.AppendInt(into, int64(len(body)), 10)
	into = append(into, "\r\n\r\n"...)
	return append(into, body...), nil
}

// firstMessage is about as long as WeChat's numbers are.
const firstMessage = 24_000_000_000_000_000

func openID(person int64) string { return fmt.Sprintf("oBench_%021d", person) }

func wechatRequest(mode wechattest.Mode) func([]byte, string, int64, int64, string) ([]byte, error) {
	a := account
	a.Mode = mode
	return func(into []byte, host string, person, _ int64, text string) ([]byte, error) {
		id := updates.Add(1)
		now := time.Now()
		message := a.Text(openID(person), strconv.FormatInt(firstMessage+id, 10), now, text)
		r := a.Deliver("http://"+host+wechat.Route, now, strconv.FormatInt(id, 10), message)
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		into = append(into, "POST "+r.URL.RequestURI()+" HTTP/1.1\r\nHost: "+host+"\r\nContent-Type: text/xml\r\nContent-Length: "...)
		into = strconv.AppendInt(into, int64(len(body)), 10)
		into = append(into, "\r\n\r\n"...)
		return append(into, body...), nil
	}
}

func openWeChat(mode wechattest.Mode) func([]byte) ([]byte, error) {
	a := account
	a.Mode = mode
	return func(body []byte) ([]byte, error) {
		shown, err := a.Open(body)
		return []byte(shown.Content), err
	}
}

// wire is one keep-alive connection. It speaks just enough HTTP/1.1, for a full client would take about as much of the
// machine as the servers that are measured.
type wire struct {
	host string
	conn net.Conn
	in   *bufio.Reader
	out  []byte
	body []byte
}

// patience is how long an answer is waited for; WeChat waits 5 s.
const patience = 30 * time.Second

// send sends a request and reads the whole answer. The body is good until the next send.
func (w *wire) send(request []byte) (status int, body []byte, err error) {
	if w.conn == nil {
		if w.conn, err = net.DialTimeout("tcp", w.host, patience); err != nil {
			return 0, nil, err
		}
		w.in = bufio.NewReaderSize(w.conn, 8<<10)
	}
	defer func() {
		if err != nil {
			w.close()
		}
	}()
	if err = w.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return 0, nil, err
	}
	if _, err = w.conn.Write(request); err != nil {
		return 0, nil, err
	}
	return w.read()
}

func (w *wire) read() (status int, body []byte, err error) {
	line, err := w.in.ReadSlice('\n')
	if err != nil {
		return 0, nil, err
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return 0, nil, bot.Errorf(bot.Internal, "read answer", "it is not HTTP/1.1")
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, nil, err
	}
	length, chunked, ends := 0, false, false
	for {
		if line, err = w.in.ReadSlice('\n'); err != nil {
			return 0, nil, err
		}
		if len(line) <= 2 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch value = bytes.TrimSpace(value); string(name) {
		case "Content-Length":
			if length, err = strconv.Atoi(string(value)); err != nil {
				return 0, nil, err
			}
		case "Transfer-Encoding":
			chunked = string(value) == "chunked"
		case "Connection":
			ends = string(value) == "close"
		}
	}
	if chunked {
		if w.body, err = io.ReadAll(httputil.NewChunkedReader(w.in)); err == nil {
			_, err = w.in.Discard(2)
		}
	} else {
		if cap(w.body) < length {
			w.body = make([]byte, length)
		}
		w.body = w.body[:length]
		_, err = io.ReadFull(w.in, w.body)
	}
	if ends {
		w.close()
	}
	return status, w.body, err
}

func (w *wire) close() {
	if w.conn != nil {
		_ = w.conn.Close()
		w.conn = nil
	}
}

// opened is the text of an answer to a message of WeChat's.
func (c channel) opened(body []byte) ([]byte, error) {
	if c.read != nil {
		return c.read(body)
	}
	return openWeChat(wechattest.Plain)(body)
}

// ok reports whether an answer is a turn that was kept and answered.
func ok(status int, body []byte) bool { return status == http.StatusOK && len(body) > 0 }
