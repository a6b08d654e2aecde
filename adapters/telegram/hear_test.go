package telegram_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"yilu/adapters/adaptertest"
	"yilu/adapters/telegram"
	"yilu/adapters/telegram/telegramtest"
	"yilu/bot"
)

// updateCase is an update and what comes of it: a turn, a fixed answer, an answered query, or nothing. What a turn does
// not say is as in usual.
type updateCase struct {
	Name       string
	Update     json.RawMessage
	Turn       json.RawMessage
	Unanswered bool // the turn has no answer
	Say        string
	Lang       string
	Chat       int64
	Thread     int
	Settles    string
	Silent     bool
}

// usual is the turn of whoever writes in the cases.
func usual() bot.Message {
	return bot.Message{
		From: bot.Identity{Channel: "telegram", User: "7"}, Lang: "zh-CN", At: time.Unix(1795392300, 0),
		Order: bot.Order{Seq: 900}, Room: 4096, Abroad: true,
	}
}

// cases reads every testdata/updates-*.json.
func cases(t testing.TB) []updateCase {
	t.Helper()
	paths, err := filepath.Glob("testdata/updates-*.json")
	if err != nil || len(paths) == 0 {
		t.Fatalf("%v: %v", paths, err)
	}
	var all []updateCase
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var some []updateCase
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		if err := d.Decode(&some); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for i := range some {
			some[i].Name = strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), "updates-"), ".json") + "/" + some[i].Name
		}
		all = append(all, some...)
	}
	return all
}

// TestUpdates holds what is made of every kind of update to testdata, and every answer to be the same when it is
// delivered again.
func TestUpdates(t *testing.T) {
	t.Parallel()
	for _, c := range cases(t) {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			host, h := channel(t).Mount(t)
			host.ReplyWith(func(bot.Message) bot.Reply { return bot.Reply{Texts: []string{"【示例】"}, Lang: "zh-CN"} })
			w := adaptertest.Do(t, h, post(secret, c.Update))
			if w.Code != http.StatusOK {
				t.Fatalf("status %d: %s", w.Code, w.Body)
			}
			if again := adaptertest.Do(t, h, post(secret, c.Update)); again.Code != 200 || again.Body.String() != w.Body.String() {
				t.Errorf("again: %d %s, before: %s", again.Code, again.Body, w.Body)
			}
			shown, err := telegramtest.Answer(w.Body.Bytes())
			if err != nil {
				t.Fatalf("%v: %s", err, w.Body)
			}
			c.turn(t, host.Turns())
			c.answer(t, shown)
			if log := host.Logged(); log != "" {
				t.Errorf("logged %s", log)
			}
		})
	}
}

func (c updateCase) turn(t *testing.T, turns []bot.Message) {
	t.Helper()
	if c.Turn == nil {
		if len(turns) != 0 {
			t.Errorf("it became a turn: %s", inside(turns[0]))
		}
		return
	}
	want := usual()
	d := json.NewDecoder(bytes.NewReader(c.Turn))
	d.DisallowUnknownFields()
	if err := d.Decode(&want); err != nil {
		t.Fatal(err)
	}
	if len(turns) != 1 {
		t.Fatalf("%d turns", len(turns))
	}
	got := turns[0]
	if !got.At.Equal(want.At) {
		t.Errorf("at %v, want %v", got.At, want.At)
	}
	got.At, want.At = time.Time{}, time.Time{}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("turn %s\nwant %s", inside(got), inside(want))
	}
}

// inside shows a message to whoever reads the test: it says nothing of itself.
func inside(m bot.Message) string {
	raw, _ := json.Marshal(m)
	return string(raw)
}

func (c updateCase) answer(t *testing.T, got telegramtest.Shown) {
	t.Helper()
	want := telegramtest.Shown{}
	chat := c.Chat
	if chat == 0 {
		chat = 7
	}
	switch {
	case c.Turn != nil && !c.Unanswered:
		want = telegramtest.Shown{Method: "sendMessage", Chat: chat, Thread: c.Thread, Text: "【示例】", Keyboard: telegramtest.Removed}
	case c.Say != "":
		want = telegramtest.Shown{Method: "sendMessage", Chat: chat, Text: texts(t)[c.Lang][c.Say]}
	case c.Settles != "":
		want = telegramtest.Shown{Method: "answerCallbackQuery", Query: c.Settles}
	case !c.Silent && !c.Unanswered:
		t.Fatal("the case says nothing of what is to happen")
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("shown %+v\nwant %+v", got, want)
	}
}

// FuzzDecode carries T28: whatever the body, there is no panic and no 5xx, and what becomes a turn is clean and within
// its limits.
func FuzzDecode(f *testing.F) {
	for _, c := range cases(f) {
		f.Add([]byte(c.Update))
	}
	f.Add([]byte(`{"update_id":1,"message":null}`))
	f.Add([]byte(`{"update_id":1e3}`))
	f.Add([]byte(strings.Repeat(`{"a":`, 5000)))
	f.Add([]byte("{\"update_id\":1,\"message\":{\"message_id\":1,\"from\":{\"id\":7},\"chat\":{\"id\":7,\"type\":\"private\"},\"text\":\"\xff\xfe\"}}"))
	ch := channel(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		host, h := ch.Mount(t)
		w := adaptertest.Do(t, h, post(secret, raw))
		if w.Code != 200 && w.Code != 400 && w.Code != 413 {
			t.Fatalf("status %d: %s", w.Code, w.Body)
		}
		if w.Code == 200 {
			if _, err := telegramtest.Answer(w.Body.Bytes()); err != nil {
				t.Errorf("answered what Telegram would refuse: %v: %s", err, w.Body)
			}
		}
		for _, m := range host.Turns() {
			if _, err := strconv.ParseInt(m.From.User, 10, 64); err != nil || m.ID == "" {
				t.Errorf("identity %v, id %q", m.From, m.ID)
			}
			if bot.Clean(m.Text) != m.Text || utf8.RuneCountInString(m.Text) > bot.MaxText || len(m.Choice) > 64 || len(m.Scene) > 64 {
				t.Errorf("not clean, or too long: %s", inside(m))
			}
			if m.Text == "" && m.Choice == "" && m.Event == "" && m.Point == nil && len(m.Files) == 0 {
				t.Errorf("an empty turn: %s", inside(m))
			}
			for _, file := range m.Files {
				if bot.Clean(file.Name.Reveal()) != file.Name.Reveal() || strings.ContainsAny(file.Name.Reveal(), "/\\\n") || file.Size < 0 || !strings.HasPrefix(file.Ref, "file:") {
					t.Errorf("file %+v", file)
				}
			}
		}
	})
}

// TestAnotherBot: each bot counts a person's messages from 1, so what was said to one is no repeat of what was said to
// another on the same data. A new token of the same bot changes nothing (T2).
func TestAnotherBot(t *testing.T) {
	t.Parallel()
	host := adaptertest.NewHost(t, texts(t), langs...)
	mount := func(token string) http.Handler {
		host.Set("YILU_TELEGRAM_TOKEN", token)
		host.Set("YILU_TELEGRAM_SECRET", secret)
		m, err := telegram.New(telegram.Options{HTTP: local(t)}).Mount(host)
		ok(t, err)
		return m.Routes["POST "+target]
	}
	first, live, renewed := mount(token), mount("12345678:AAother"), mount(token+"renewed")
	for kind, c := range map[string]func(said string) []byte{
		"text":   func(said string) []byte { return telegramtest.Text(1, 1, 7, "zh-hans", said) },
		"press":  func(said string) []byte { return telegramtest.Press(1, 1, 7, "zh-hans", "9m1", said) },
		"member": func(string) []byte { return telegramtest.Member(1, 7, "zh-hans", "member") },
	} {
		before := len(host.Turns())
		ask(t, first, c("one"))
		if got := ask(t, live, c("two")); kind != "member" && got.Text != "two" {
			t.Errorf("%s: the new bot answers %q", kind, got.Text)
		}
		ask(t, renewed, c("one"))
		if n := len(host.Turns()) - before; n != 2 {
			t.Errorf("%s: %d turns, want one for each bot", kind, n)
		}
	}
}

// TestUnreadUpdate: an update of Telegram's that cannot be read is acknowledged, for it would come again for a day and
// hold up others, and is said to be left out, once and without its content. TestSuite holds that other bodies are
// refused.
func TestUnreadUpdate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ body, logs string }{
		"text for a number":  {`{"update_id":77,"message":{"message_id":"MARKER","text":"MARKER"}}`, `"update":77,"why":"a field has another form than Telegram's documentation says: message.message_id"`},
		"text for an object": {`{"update_id":77,"callback_query":"MARKER"}`, `"update":77,"why":"a field has another form than Telegram's documentation says: callback_query"`},
		"id comes last":      {`{"message":{"from":["MARKER"]},"update_id":77}`, `"update":77`},
		"id of another form": {`{"update_id":"MARKER"}`, `"update":0`},
		"id out of range":    {`{"update_id":1e30,"message":"MARKER"}`, `"update":0`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host, h := channel(t).Mount(t)
			w := adaptertest.Do(t, h, post(secret, []byte(c.body)))
			if w.Code != http.StatusOK || w.Body.Len() != 0 || host.Calls() != 0 {
				t.Errorf("status %d, %d turns: %s", w.Code, host.Calls(), w.Body)
			}
			log := host.Logged()
			if strings.Count(log, `"level":"ERROR"`) != 1 || strings.Count(log, "\n") != 1 || !strings.Contains(log, c.logs) || strings.Contains(log, "MARKER") {
				t.Errorf("logged %s", log)
			}
		})
	}
}
