package telegramtest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"yilu/adapters/telegram/telegramtest"
)

const token = "1:sample"

// answer is what Telegram answers any call with.
type answer struct {
	OK          bool            `json:"ok"`
	Code        int             `json:"error_code"`
	Description string          `json:"description"`
	Result      json.RawMessage `json:"result"`
	Parameters  struct {
		RetryAfter int   `json:"retry_after"`
		MigrateTo  int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

// call calls a method with JSON.
func call(t testing.TB, p *telegramtest.Platform, ctx context.Context, method, params string) answer {
	t.Helper()
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/bot"+token+"/"+method, strings.NewReader(params))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	var a answer
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	if !a.OK && a.Code != w.Code {
		t.Errorf("status %d, error_code %d", w.Code, a.Code)
	}
	return a
}

// TestLimits: what the real one refuses for its form is refused.
func TestLimits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method, params, refusal string // "" for success
	}{
		{"sendMessage", `{"chat_id":7,"text":"x","unheard_of":{"a":1}}`, ""},
		{"sendMessage", `{"chat_id":"7","text":"x"}`, ""},
		{"sendMessage", `{"chat_id":7,"text":"` + strings.Repeat("👷", 2048) + `"}`, ""},
		{"sendMessage", `{"chat_id":7,"text":"` + strings.Repeat("👷", 2048) + `."}`, "message is too long"},
		{"sendMessage", `{"chat_id":7,"text":" "}`, "message text is empty"},
		{"sendMessage", `{"text":"x"}`, "chat not found"},
		{"sendMessage", `{"chat_id":7,"text":"x","reply_markup":{"inline_keyboard":[[{"text":"a","callback_data":"` + strings.Repeat("a", 64) + `"}]]}}`, ""},
		{"sendMessage", `{"chat_id":7,"text":"x","reply_markup":{"inline_keyboard":[[{"text":"a","callback_data":"` + strings.Repeat("长", 22) + `"}]]}}`, "BUTTON_DATA_INVALID"},
		{"sendMessage", `{"chat_id":7,"text":"x","reply_markup":{"inline_keyboard":[[{"text":"a"}]]}}`, "BUTTON_DATA_INVALID"},
		{"sendMessage", `{"chat_id":7,"text":"x","reply_markup":{"inline_keyboard":[[{"text":" ","callback_data":"a"}]]}}`, "text is empty"},
		{"sendMessage", `{"chat_id":7,"text":"x","reply_markup":{"keyboard":[[{"text":"a","request_contact":true}]]}}`, ""},
		{"sendMessage", `{"chat_id":7,"text":"x","reply_markup":{"remove_keyboard":true}}`, ""},
		{"sendMessage", `{"chat_id":7,"text":"x","reply_markup":{}}`, "reply markup"},
		{"sendMessage", `{"chat_id":`, "can't parse"},
		{"setWebhook", `{"url":"http://a.example/"}`, "HTTPS"},
		{"setWebhook", `{"url":"https://a.example/"}`, ""},
		{"setMyCommands", `{"commands":[{"command":"jobs","description":"x"}],"language_code":"zh"}`, ""},
		{"setMyCommands", `{"commands":[{"command":"Jobs","description":"x"}]}`, "BOT_COMMAND_INVALID"},
		{"setMyCommands", `{"commands":[{"command":"jobs","description":""}]}`, "DESCRIPTION"},
		{"setMyCommands", `{"commands":[],"language_code":"zh-CN"}`, "language code"},
		{"answerCallbackQuery", `{}`, "query"},
		{"answerCallbackQuery", `{"callback_query_id":"1"}`, ""},
		{"editMessageReplyMarkup", `{"chat_id":7}`, "message identifier"},
		{"editMessageReplyMarkup", `{"chat_id":7,"message_id":3}`, ""},
		{"getFile", `{"file_id":"x"}`, "invalid file_id"},
		{"getMe", ``, ""},
		{"getNothing", ``, "Not Found"},
	} {
		p := telegramtest.New(token)
		a := call(t, p, t.Context(), c.method, c.params)
		if a.OK != (c.refusal == "") || !strings.Contains(a.Description, c.refusal) {
			t.Errorf("%s %.80s: %+v, want %q", c.method, c.params, a, c.refusal)
		}
	}
}

// TestGetUpdates: an empty answer is held, an offset confirms, a second caller takes over, a webhook excludes both.
func TestGetUpdates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := telegramtest.New(token)
		ctx := t.Context()
		begin := time.Now()
		if a := call(t, p, ctx, "getUpdates", `{"timeout":30}`); !a.OK || string(a.Result) != "[]" || time.Since(begin) != 30*time.Second {
			t.Errorf("%+v after %v", a, time.Since(begin))
		}
		for i := range int64(150) {
			p.Queue(telegramtest.Text(i, i, 7, "", "x"))
		}
		for offset, want := range []int{100, 100, 100} { // the offsets 0, 1 and 2 confirm 0, 1 and 2
			a := call(t, p, ctx, "getUpdates", fmt.Sprintf(`{"offset":%d}`, offset))
			var list []struct {
				ID int `json:"update_id"`
			}
			if err := json.Unmarshal(a.Result, &list); err != nil || len(list) != want || list[0].ID != offset || p.Waiting() != 150-offset {
				t.Errorf("offset %d: %v, %d updates, %d waiting", offset, err, len(list), p.Waiting())
			}
		}
		call(t, p, ctx, "getUpdates", `{"offset":150}`)
		if p.Waiting() != 0 {
			t.Errorf("%d waiting", p.Waiting())
		}

		first := make(chan answer, 1)
		go func() { first <- call(t, p, ctx, "getUpdates", `{"offset":150,"timeout":30}`) }()
		synctest.Wait()
		go p.Queue(telegramtest.Text(150, 1, 7, "", "x"))
		if a := <-first; !a.OK || string(a.Result) == "[]" {
			t.Errorf("%+v", a)
		}
		go func() { first <- call(t, p, ctx, "getUpdates", `{"offset":151,"timeout":30}`) }()
		synctest.Wait()
		call(t, p, ctx, "getUpdates", `{"offset":151}`)
		if a := <-first; a.Code != 409 || !strings.Contains(a.Description, "only one bot instance") {
			t.Errorf("%+v", a)
		}
		call(t, p, ctx, "setWebhook", `{"url":"https://a.example/","secret_token":"s"}`)
		if a := call(t, p, ctx, "getUpdates", `{}`); a.Code != 409 || !strings.Contains(a.Description, "deleteWebhook") || p.Webhook().Secret != "s" {
			t.Errorf("%+v", a)
		}
		call(t, p, ctx, "deleteWebhook", `{}`)
		if a := call(t, p, ctx, "getUpdates", `{}`); !a.OK {
			t.Errorf("%+v", a)
		}
	})
}

// TestFail: a refusal comes as often as was asked for, with its parameters.
func TestFail(t *testing.T) {
	t.Parallel()
	p := telegramtest.New(token)
	p.Fail("getMe", telegramtest.Failure{Status: 429, Description: "Too Many Requests", Params: telegramtest.Params{RetryAfter: 3}}, 2)
	for i, want := range []int{3, 3, 0} {
		if a := call(t, p, t.Context(), "getMe", ""); a.Parameters.RetryAfter != want {
			t.Errorf("call %d: %+v", i, a)
		}
	}
	if n := len(p.Calls("getMe")); n != 3 || !p.Calls("getMe")[2].OK || p.Calls("getMe")[1].OK {
		t.Errorf("%d calls", n)
	}
	if w := httptest.NewRecorder(); true {
		p.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/bot2:other/getMe", nil))
		if w.Code != http.StatusUnauthorized {
			t.Errorf("another token: %d", w.Code)
		}
	}
}

// TestOverTheNetwork: Start listens on the loopback interface, and serves files.
func TestOverTheNetwork(t *testing.T) {
	t.Parallel()
	p, err := telegramtest.Start(token)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if !strings.HasPrefix(p.URL, "http://127.0.0.1:") {
		t.Errorf("listens on %s", p.URL)
	}
	p.AddFile("x", "image/jpeg", []byte("JPEG"))
	a := call(t, p, t.Context(), "getFile", `{"file_id":"x"}`)
	var f struct {
		Path string `json:"file_path"`
	}
	if err := json.Unmarshal(a.Result, &f); err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	res, err := (&http.Client{Transport: transport}).Get(p.URL + "/file/bot" + token + "/" + f.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if body, err := io.ReadAll(res.Body); err != nil || !bytes.Equal(body, []byte("JPEG")) {
		t.Errorf("%v %q", err, body)
	}
}

// TestAnswer: what a webhook answers is read as strictly as what is sent.
func TestAnswer(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		``: true,
		`{"method":"sendMessage","chat_id":7,"text":"x"}`:          true,
		`{"method":"answerCallbackQuery","callback_query_id":"1"}`: true,
		`{"method":"answerCallbackQuery"}`:                         false,
		`{"method":"sendMessage","chat_id":7,"text":""}`:           false,
		`{"chat_id":7,"text":"x"}`:                                 false,
		`x`:                                                        false,
	} {
		if _, err := telegramtest.Answer([]byte(body)); (err == nil) != want {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// TestUpdates: every builder makes an update of its number that is one JSON object.
func TestUpdates(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string][]byte{
		"text": telegramtest.Text(5, 1, 7, "en", "x"), "edited": telegramtest.Edited(5, 1, 7, "en", "x"),
		"contact": telegramtest.Contact(5, 1, 7, "en", "+8613800000000", true), "location": telegramtest.Location(5, 1, 7, "en", 24, 118),
		"photo": telegramtest.Photo(5, 1, 7, "en", "p", ""), "voice": telegramtest.Voice(5, 1, 7, "en", "v"),
		"document": telegramtest.Document(5, 1, 7, "en", "d", "x.pdf"), "sticker": telegramtest.Sticker(5, 1, 7, "en"),
		"press": telegramtest.Press(5, 1, 7, "en", "q", "x"), "member": telegramtest.Member(5, 7, "en", "kicked"),
		"group": telegramtest.Group(5, 1, -100, 7, "en", "x"), "channel": telegramtest.ChannelPost(5, 1, -100, "x"),
	} {
		var u map[string]json.RawMessage
		if err := json.Unmarshal(raw, &u); err != nil || string(u["update_id"]) != "5" || len(u) != 2 {
			t.Errorf("%s: %v %s", name, err, raw)
		}
	}
}
