package telegram_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"yilu/adapters/adaptertest"
	"yilu/adapters/telegram"
	"yilu/adapters/telegram/telegramtest"
	"yilu/bot"
)

// TestMain carries T30.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	token  = "123456789:AAsampleTOKENMARKERsample_-0123456789"
	secret = "sample-SECRETMARKER_0"
	target = "/webhooks/telegram"
)

var langs = []string{"zh-CN", "en"}

// texts are read once; every mount of a test shares them.
func texts(t testing.TB) map[string]map[string]string {
	return adaptertest.Texts(t, "../../locales", "telegram", langs...)
}

// local keeps every request on this machine (T7).
func local(t testing.TB) *http.Client { return &http.Client{Transport: adaptertest.LocalOnly{T: t}} }

func channel(t testing.TB) adaptertest.Channel {
	said := telegramtest.Text(1, 1, 7, "zh-hans", "一")
	return adaptertest.Channel{
		Texts:    texts(t),
		Langs:    langs,
		Settings: map[string]string{"YILU_TELEGRAM_TOKEN": token, "YILU_TELEGRAM_SECRET": secret, "YILU_TELEGRAM_API_URL": "http://127.0.0.1:1"},
		Secrets:  []string{token, secret},
		New:      func() bot.Adapter { return telegram.New(telegram.Options{HTTP: local(t)}) },
		Deliver:  deliver,
		Press: func(id, user, send string) *http.Request {
			return post(secret, telegramtest.Press(number(id), 1, number(user), "zh-hans", id, send))
		},
		Shown: func(t testing.TB, body []byte) []string {
			s, err := telegramtest.Answer(body)
			if err != nil {
				t.Errorf("not an answer: %v: %s", err, body)
			}
			return strings.Split(s.Text, "\n\n")
		},
		Unknown: func() *http.Request {
			return post(secret, []byte(`{"update_id":1,"message":{"message_id":1,"date":1795392300,"from":{"id":7,"is_bot":false,"first_name":"x"},"chat":{"id":7,"type":"private"},"hologram":{"file_id":"x"}}}`))
		},
		Unreadable: true,
		Patience:   60 * time.Second,
		Refused: map[string]adaptertest.Refused{
			"forged":         {Request: post("another-secret", said), Status: 401},
			"no secret":      {Request: post("", said), Status: 401},
			"longer secret":  {Request: post(secret+"x", said), Status: 401},
			"shorter secret": {Request: post(secret[1:], said), Status: 401},
			"replayed":       {Why: "Telegram signs nothing but the secret: whoever has it is Telegram; the same update again gets the same answer"},
			"stale":          {Why: "Telegram delivers for a day what it could not deliver at once, and a late message is to be answered"},
			"too large":      {Request: postBody(adaptertest.Body(1<<20 + 1)), Status: 413},
			"wrong type":     {Request: kind(post(secret, said), "text/plain"), Status: 415},
			"no type":        {Request: kind(post(secret, said), ""), Status: 415},
			"malformed":      {Request: post(secret, said[:len(said)-1]), Status: 400},
			"more after":     {Request: post(secret, append(bytes.Clone(said), "{}"...)), Status: 400},
			"empty":          {Request: post(secret, nil), Status: 400},
			"null":           {Request: post(secret, []byte("null")), Status: 400},
			"an array":       {Request: post(secret, []byte("[]")), Status: 400},
			"null id":        {Request: post(secret, []byte(`{"update_id":null}`)), Status: 400},
			"without id":     {Request: post(secret, bytes.Replace(said, []byte("update_id"), []byte("update_no"), 1)), Status: 400},
			"nothing said":   {Why: "a message without anything in it does not exist, and one of which cleaning leaves nothing is answered as one that cannot be read"},
			"wrong method":   {Request: httptest.NewRequest(http.MethodGet, target, nil), Status: 405},
			"put":            {Request: method(post(secret, said), http.MethodPut), Status: 405},
		},
	}
}

func TestSuite(t *testing.T) {
	t.Parallel()
	adaptertest.Suite(t, channel(t))
}

// number makes a number of an id of the suite's.
func number(id string) int64 {
	sum := sha256.Sum256([]byte(id))
	return int64(binary.BigEndian.Uint32(sum[:])) + 1
}

// deliver is one text. Its bytes go out as they are, even if they are no UTF-8.
func deliver(id, user, text string) *http.Request {
	raw := telegramtest.Text(number(id), number(id), number(user), "zh-hans", "TEXT")
	quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "\x00", `\u0000`, "\x07", `\u0007`, "\x1b", `\u001b`)
	return post(secret, bytes.Replace(raw, []byte("TEXT"), []byte(quote.Replace(text)), 1))
}

func post(secret string, update []byte) *http.Request {
	r, err := telegramtest.Deliver(target, secret, update)
	if err != nil {
		panic(err)
	}
	return r
}

func postBody(body interface{ Read([]byte) (int, error) }) *http.Request {
	r := httptest.NewRequest(http.MethodPost, target, body)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
	return r
}

func kind(r *http.Request, kind string) *http.Request {
	r.Header.Set("Content-Type", kind)
	return r
}

func method(r *http.Request, method string) *http.Request {
	r.Method = method
	return r
}

// ask delivers an update to a channel on its own and reads what is shown.
func ask(t testing.TB, h http.Handler, update []byte) telegramtest.Shown {
	t.Helper()
	w := adaptertest.Do(t, h, post(secret, update))
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	s, err := telegramtest.Answer(w.Body.Bytes())
	if err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	return s
}

// TestSettings: what is wrong is named with the way out, and its value is shown nowhere.
func TestSettings(t *testing.T) {
	t.Parallel()
	good := map[string]string{"YILU_TELEGRAM_TOKEN": token, "YILU_TELEGRAM_SECRET": secret}
	for name, c := range map[string]struct {
		set   map[string]string
		code  bot.Code // "" for none
		field string
	}{
		"all well":           {nil, "", ""},
		"no token":           {map[string]string{"YILU_TELEGRAM_TOKEN": ""}, bot.Off, "YILU_TELEGRAM_TOKEN"},
		"token without id":   {map[string]string{"YILU_TELEGRAM_TOKEN": "MARKER"}, bot.Invalid, "YILU_TELEGRAM_TOKEN"},
		"token with a slash": {map[string]string{"YILU_TELEGRAM_TOKEN": "1:MARKER/../x"}, bot.Invalid, "YILU_TELEGRAM_TOKEN"},
		"token with a break": {map[string]string{"YILU_TELEGRAM_TOKEN": token + "\n"}, bot.Invalid, "YILU_TELEGRAM_TOKEN"},
		"no secret":          {map[string]string{"YILU_TELEGRAM_SECRET": ""}, bot.Invalid, "YILU_TELEGRAM_SECRET"},
		"odd secret":         {map[string]string{"YILU_TELEGRAM_SECRET": "MARKER!"}, bot.Invalid, "YILU_TELEGRAM_SECRET"},
		"long secret":        {map[string]string{"YILU_TELEGRAM_SECRET": strings.Repeat("M", 257)}, bot.Invalid, "YILU_TELEGRAM_SECRET"},
		"longest secret":     {map[string]string{"YILU_TELEGRAM_SECRET": strings.Repeat("M", 256)}, "", ""},
		"webhook":            {map[string]string{"YILU_TELEGRAM_MODE": "webhook"}, "", ""},
		"poll":               {map[string]string{"YILU_TELEGRAM_MODE": "poll", "YILU_TELEGRAM_SECRET": ""}, "", ""},
		"unknown mode":       {map[string]string{"YILU_TELEGRAM_MODE": "MARKER"}, bot.Invalid, "YILU_TELEGRAM_MODE"},
		"no address":         {map[string]string{"YILU_TELEGRAM_API_URL": "MARKER"}, bot.Invalid, "YILU_TELEGRAM_API_URL"},
		"address with words": {map[string]string{"YILU_TELEGRAM_API_URL": "https://MARKER:MARKER@a.example"}, bot.Invalid, "YILU_TELEGRAM_API_URL"},
		"plain to others":    {map[string]string{"YILU_TELEGRAM_API_URL": "http://MARKER.example"}, bot.Invalid, "YILU_TELEGRAM_API_URL"},
		"plain to a network": {map[string]string{"YILU_TELEGRAM_API_URL": "http://192.0.2.1"}, bot.Invalid, "YILU_TELEGRAM_API_URL"},
		"plain to localhost": {map[string]string{"YILU_TELEGRAM_API_URL": "http://localhost:8081"}, "", ""},
		"plain to itself":    {map[string]string{"YILU_TELEGRAM_API_URL": "http://[::1]:8081"}, "", ""},
		"another address":    {map[string]string{"YILU_TELEGRAM_API_URL": "http://127.0.0.1:8081/"}, "", ""},
		"no public address":  {map[string]string{"YILU_PUBLIC_URL": "MARKER"}, bot.Invalid, "YILU_PUBLIC_URL"},
		"plain public":       {map[string]string{"YILU_PUBLIC_URL": "http://a.example"}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := adaptertest.NewHost(t, texts(t), langs...)
			for _, set := range []map[string]string{good, c.set} {
				for name, value := range set {
					host.Set(name, value)
				}
			}
			mount, err := telegram.New(telegram.Options{HTTP: local(t)}).Mount(host)
			if bot.CodeOf(err) != c.code {
				t.Fatalf("%v, want code %q", err, c.code)
			}
			if err == nil {
				if _, served := mount.Routes["POST "+target]; served == (host.Setting("YILU_TELEGRAM_MODE") == "poll") || mount.Run == nil || mount.Fetch == nil {
					t.Errorf("mounted %v", mount)
				}
				return
			}
			if text := err.Error(); !strings.Contains(text, c.field) || strings.Contains(text, "MARKER") || len(text) < len(c.field)+30 {
				t.Errorf("error %q must name %s and the way out, and not the value", text, c.field)
			}
		})
	}
}

// TestThreeDeliveries carries T2 for everything that is answered, turn or not.
func TestThreeDeliveries(t *testing.T) {
	t.Parallel()
	for name, update := range map[string][]byte{
		"text":   telegramtest.Text(1, 1, 7, "zh-hans", "瓦工"),
		"press":  telegramtest.Press(1, 1, 7, "en", "q1", "go:jobs"),
		"start":  telegramtest.Text(1, 1, 7, "", "/start code_1"),
		"left":   telegramtest.Member(1, 7, "zh-hans", "kicked"),
		"edited": telegramtest.Edited(1, 1, 7, "en", "瓦工"),
		"group":  telegramtest.Group(1, 1, -100, 7, "en", "/jobs"),
		"long":   telegramtest.Text(1, 1, 7, "zh-hans", strings.Repeat("长", bot.MaxText+1)),
		"place":  telegramtest.Location(1, 1, 7, "zh-hans", 24.6, 118.1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, h := channel(t).Mount(t)
			first := adaptertest.Do(t, h, post(secret, update))
			results := make(chan *httptest.ResponseRecorder, 3)
			for range cap(results) {
				go func() { results <- adaptertest.Do(t, h, post(secret, update)) }()
			}
			for range cap(results) {
				if again := <-results; again.Code != 200 || !bytes.Equal(again.Body.Bytes(), first.Body.Bytes()) {
					t.Errorf("%d %s, the first was %s", again.Code, again.Body, first.Body)
				}
			}
		})
	}
}

// TestHangUp carries promise 3 the other way round: a turn that has begun is kept although Telegram hung up meanwhile.
func TestHangUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		host, h := channel(t).Mount(t)
		release := host.Hold()
		ctx, hangUp := context.WithCancel(t.Context())
		go adaptertest.Do(t, h, deliver("message-1", "person-1", "我要找活").WithContext(ctx))
		synctest.Wait()
		hangUp()
		synctest.Wait()
		release()
		synctest.Wait()
		if n := len(host.Turns()); n != 1 {
			t.Errorf("%d turns", n)
		}
	})
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
