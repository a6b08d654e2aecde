package soak

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"yilu/adapters/telegram/telegramtest"
	"yilu/adapters/wechat"
	"yilu/adapters/wechat/wechattest"
	"yilu/bot"
)

// The account of WeChat and the bot of Telegram, as both sides know them.
var account = wechattest.Account{
	AppID: "wxexample0000000001", Token: "exampletoken", AESKey: strings.Repeat("Example", 6) + "0", OriginalID: "gh_example0001", Mode: wechattest.Safe,
}

const hookSecret = "example-secret"

// channelSettings are what the processes are told of the channels. api stands in for Telegram's.
func channelSettings(api string) []string {
	return []string{
		"YILU_TELEGRAM_TOKEN=1000000001:example-token", "YILU_TELEGRAM_SECRET=" + hookSecret, "YILU_TELEGRAM_API_URL=" + api,
		"YILU_WECHAT_APP_ID=" + account.AppID, "YILU_WECHAT_TOKEN=" + account.Token, "YILU_WECHAT_AES_KEY=" + account.AESKey,
		"YILU_WECHAT_ORIGINAL_ID=" + account.OriginalID,
	}
}

// botAPI answers what a bot may call, as Telegram does where all is well.
func botAPI(w http.ResponseWriter, r *http.Request) {
	result := "true"
	if strings.HasSuffix(r.URL.Path, "/getMe") {
		result = `{"id":1000000001,"is_bot":true,"first_name":"bot","username":"sample_bot"}`
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(`{"ok":true,"result":` + result + `}`))
}

// message is one thing that a worker said.
type message struct {
	n      int64 // counts all messages
	words  string
	choice string // what a button sends, if one was pressed
	at     time.Time

	tries   int
	gaveUp  bool
	acked   bool
	taken   bool   // by Yilu, though it was given up
	found   bool   // in the session
	fault   string // what went on when a delivery failed
	sum     [32]byte
	visible string
	state   string
}

// shown is an answer as a worker sees it.
type shown struct {
	text  string
	sends map[string]string // by label, what a button sends
}

// channel is the platform's half of one.
type channel interface {
	name() string
	// user is whom the adapter names as the user of an identity.
	user(person int64) string
	// request makes the delivery of a message, for the nth time.
	request(base string, person int64, m *message, nth int) (*http.Request, error)
	// read reads an answer as strictly as the platform does.
	read(person int64, body []byte) (shown, error)
	// holds reports that the ledger's id of a message is this one's.
	holds(id string, m *message) bool
	// id is how the ledger's id of a message ends; before it may stand which bot it was.
	id(m *message) string
}

var channels = []channel{telegramChannel{}, wechatChannel{}, webChannel{}}

type telegramChannel struct{}

func query(m *message) string { return "query-" + strconv.FormatInt(m.n, 10) }

const firstChatter = 5_000_000_000

func (telegramChannel) name() string { return "telegram" }

func (telegramChannel) user(person int64) string { return strconv.FormatInt(firstChatter+person, 10) }

func (telegramChannel) request(base string, person int64, m *message, _ int) (*http.Request, error) {
	user := firstChatter + person
	update := telegramtest.Text(m.n, m.n, user, "zh-hans", m.words)
	if m.choice != "" {
		update = telegramtest.Press(m.n, m.n, user, "zh-hans", query(m), m.choice)
	}
	return telegramtest.Deliver(base+"/webhooks/telegram", hookSecret, update)
}

func (telegramChannel) read(person int64, body []byte) (shown, error) {
	answer, err := telegramtest.Answer(body)
	if err != nil || answer.Method != "sendMessage" || answer.Chat != firstChatter+person {
		return shown{}, fmt.Errorf("it is no message to the person: %v", err)
	}
	s := shown{text: answer.Text, sends: map[string]string{}}
	for _, row := range answer.Buttons {
		for _, b := range row {
			s.text += "\n" + b.Label
			if b.Data != "" {
				s.sends[b.Label] = b.Data
			}
		}
	}
	return s, nil
}

func (telegramChannel) id(m *message) string {
	if m.choice != "" {
		return "c" + query(m)
	}
	return "m" + strconv.FormatInt(m.n, 10)
}

func (c telegramChannel) holds(id string, m *message) bool {
	at, is := strings.CutSuffix(id, c.id(m))
	return is && !strings.ContainsAny(at, "mcu")
}

type wechatChannel struct{}

// firstMessage is about as long as WeChat's numbers are.
const firstMessage = 24_000_000_000_000_000

// nonces counts deliveries: every one has a nonce of its own.
var nonces atomic.Int64

func (wechatChannel) name() string { return "wechat" }

func (wechatChannel) user(person int64) string { return fmt.Sprintf("oExample_%019d", person) }

func (c wechatChannel) request(base string, person int64, m *message, _ int) (*http.Request, error) {
	xml := account.Text(c.user(person), strconv.FormatInt(firstMessage+m.n, 10), m.at, m.words)
	return account.Deliver(base+wechat.Route, time.Now(), strconv.FormatInt(nonces.Add(1), 10), xml), nil
}

func (c wechatChannel) read(person int64, body []byte) (shown, error) {
	answer, err := account.Open(body)
	if err != nil {
		return shown{}, err
	}
	if answer.To != c.user(person) || answer.From != account.OriginalID || answer.Kind != "text" {
		return shown{}, fmt.Errorf("it is no text from the account to the follower")
	}
	return shown{text: answer.Content}, nil
}

func (wechatChannel) id(m *message) string { return strconv.FormatInt(firstMessage+m.n, 10) }

func (c wechatChannel) holds(id string, m *message) bool { return id == c.id(m) }

type webChannel struct{}

// cookie is the secret by which a browser is known.
func (webChannel) cookie(person int64) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "yilu soak %014d", person))
}

func (webChannel) name() string { return "web" }

// user is made from the cookie as the channel does it, so that the ledger can be asked.
func (c webChannel) user(person int64) string {
	sum := sha256.Sum256([]byte("yilu web person " + c.cookie(person)))
	return hex.EncodeToString(sum[:16])
}

func (webChannel) id(m *message) string { return fmt.Sprintf("message-%012d", m.n) }

func (c webChannel) request(base string, person int64, m *message, _ int) (*http.Request, error) {
	said := map[string]string{"id": c.id(m)}
	if m.choice != "" {
		said["choice"] = m.choice
	} else {
		said["text"] = m.words
	}
	body, err := json.Marshal(said)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequest(http.MethodPost, base+"/messages", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Cookie", "yilu="+c.cookie(person))
	return r, nil
}

func (webChannel) read(_ int64, body []byte) (shown, error) {
	var in struct{ Reply bot.Reply }
	if err := json.Unmarshal(body, &in); err != nil || len(in.Reply.Texts) == 0 {
		return shown{}, fmt.Errorf("it is no JSON of a reply: %v", err)
	}
	s := shown{text: strings.Join(in.Reply.Texts, "\n"), sends: map[string]string{}}
	for _, c := range in.Reply.Choices {
		s.text += "\n" + c.Label
		s.sends[c.Label] = c.Send
	}
	return s, nil
}

func (c webChannel) holds(id string, m *message) bool { return id == c.id(m) }
