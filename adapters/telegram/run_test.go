package telegram_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"yilu/adapters/telegram"
	"yilu/adapters/telegram/telegramtest"
)

// TestSetUp: with a public address the webhook is registered with exactly what is decoded, and the menu in both
// languages.
func TestSetUp(t *testing.T) {
	t.Parallel()
	r := run(t, settings{"YILU_PUBLIC_URL": "https://chat.example/"}, telegram.Options{})
	ok(t, r.platform.Await(within(t), "setMyCommands", 3))
	r.stop()
	want := telegramtest.Webhook{
		URL: "https://chat.example/webhooks/telegram", Secret: secret, MaxConnections: 40,
		Allowed: []string{"message", "edited_message", "callback_query", "my_chat_member"},
	}
	if got := r.platform.Webhook(); !reflect.DeepEqual(got, want) {
		t.Errorf("webhook %+v", got)
	}
	if call := r.platform.Calls("setWebhook")[0]; call.Params["drop_pending_updates"] == "true" {
		t.Error("what waits would be dropped")
	}
	menus := map[string][]struct{ Command, Description string }{}
	for _, call := range r.platform.Calls("setMyCommands") {
		if !call.OK {
			t.Errorf("refused: %v", call)
		}
		var list []struct{ Command, Description string }
		if err := json.Unmarshal([]byte(call.Params["commands"]), &list); err != nil {
			t.Fatal(err)
		}
		menus[call.Params["language_code"]] = list
	}
	if len(menus) != 3 || !reflect.DeepEqual(menus[""], menus["zh"]) || len(menus["en"]) != len(menus["zh"]) || len(menus["zh"]) < 10 {
		t.Fatalf("menus %v", menus)
	}
	for i, zh := range menus["zh"] {
		if en := menus["en"][i]; zh.Command != en.Command || zh.Description == en.Description || zh.Description != texts(t)["zh-CN"]["telegram.command."+zh.Command] {
			t.Errorf("%v and %v", zh, en)
		}
		// Every entry of the menu is understood.
		host, h := channel(t).Mount(t)
		ask(t, h, telegramtest.Text(1, 1, 7, "zh-hans", "/"+zh.Command))
		if turns := host.Turns(); len(turns) != 1 || !strings.HasPrefix(turns[0].Choice, "i:") {
			t.Errorf("/%s is not understood", zh.Command)
		}
	}
}

// TestNoPublicAddress: the operator is told how to register the webhook, once, and nothing is changed.
func TestNoPublicAddress(t *testing.T) {
	t.Parallel()
	for _, public := range []string{"", "http://chat.example"} {
		r := run(t, settings{"YILU_PUBLIC_URL": public}, telegram.Options{})
		ok(t, r.platform.Await(within(t), "setMyCommands", 3))
		r.stop()
		if n := len(r.platform.Calls("setWebhook")) + len(r.platform.Calls("deleteWebhook")); n != 0 {
			t.Errorf("%d calls about the webhook", n)
		}
		if log := r.host.Logged(); strings.Count(log, "YILU_PUBLIC_URL is not set") != 1 || !strings.Contains(log, "setWebhook") {
			t.Errorf("logged %s", log)
		}
	}
}

// TestSetUpIsRetried: every failure is tried again, with growing pauses, and none holds up the other steps. Time is
// virtual.
func TestSetUpIsRetried(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fail telegramtest.Failure
		says string
	}{
		"busy":        {telegramtest.Failure{Status: 502, HTML: true, Description: "MARKER " + token}, `"fault":"busy"`},
		"too fast":    {telegramtest.Failure{Status: 429, Description: "Too Many Requests: retry after 100", Params: telegramtest.Params{RetryAfter: 100}}, `"fault":"too_fast"`},
		"wrong token": {telegramtest.Failure{Status: 401, Description: "Unauthorized " + token}, "YILU_TELEGRAM_TOKEN"},
		"bad address": {telegramtest.Failure{Status: 400, Description: "Bad Request: bad webhook: Failed to resolve host"}, "Failed to resolve host"},
		"no answer":   {telegramtest.Failure{Hang: true}, "no answer in time"},
		"breaks off":  {telegramtest.Failure{Break: true}, "the connection failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := telegramtest.New(token)
				const times = 9
				p.Fail("setWebhook", c.fail, times)
				begin := time.Now()
				r := start(t, p, settings{"YILU_PUBLIC_URL": "https://chat.example"}, telegram.Options{HTTP: &http.Client{Transport: direct{p}}})
				synctest.Wait()
				if n := len(p.Calls("setMyCommands")); n != 3 && !c.fail.Hang {
					t.Errorf("%d menus: the webhook holds them up", n)
				}
				ok(t, p.Await(t.Context(), "setWebhook", times+1))
				took := time.Since(begin)
				synctest.Wait()
				r.stop()
				if p.Webhook().URL == "" || len(p.Calls("setMyCommands")) != 3 {
					t.Error("not set up in the end")
				}
				// 1, 2, 4, 8, 16, 32, 60, 60, 60 seconds, or what was asked for, and the time until a call is given up.
				if took < 4*time.Minute || took > 20*time.Minute {
					t.Errorf("%d failures took %v", times, took)
				}
				if c.fail.Params.RetryAfter > 0 && took < times*100*time.Second {
					t.Errorf("took %v: retry_after was not obeyed", took)
				}
				if log := r.host.Logged(); !strings.Contains(log, c.says) {
					t.Errorf("the log does not say %q: %s", c.says, log)
				}
			})
		})
	}
}

// TestSettle: a press is answered at once, and then its query is answered and its buttons go, once however often it is
// delivered.
func TestSettle(t *testing.T) {
	t.Parallel()
	r := run(t, nil, telegram.Options{})
	for range 5 {
		ask(t, r.h, telegramtest.Press(1, 40, 7, "zh-hans", "q1", "go:jobs"))
	}
	ok(t, r.platform.Await(within(t), "editMessageReplyMarkup", 1))
	ask(t, r.h, telegramtest.Press(2, 41, 7, "zh-hans", "q2", "go:jobs"))
	ok(t, r.platform.Await(within(t), "editMessageReplyMarkup", 2))
	r.stop()
	answers, edits := r.platform.Calls("answerCallbackQuery"), r.platform.Calls("editMessageReplyMarkup")
	if len(answers) != 2 || answers[0].Params["callback_query_id"] != "q1" || answers[1].Params["callback_query_id"] != "q2" {
		t.Errorf("answered %v", answers)
	}
	if len(edits) != 2 || edits[0].Params["message_id"] != "40" || edits[0].Params["chat_id"] != "7" || edits[0].Params["reply_markup"] != "" {
		t.Errorf("edited %v", edits)
	}
}

// TestSettleFailures: that buttons cannot be settled delays no answer, and is no more than a remark without secrets (T8).
func TestSettleFailures(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]telegramtest.Failure{
		"too old": {Status: 400, Description: "Bad Request: query is too old " + token},
		"token":   {Status: 401, Description: "Unauthorized"},
		"page":    {Status: 502, HTML: true, Description: token},
		"breaks":  {Break: true},
		"hangs":   {Hang: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := telegramtest.New(token)
				p.Fail("answerCallbackQuery", fail, -1)
				p.Fail("editMessageReplyMarkup", fail, -1)
				r := start(t, p, nil, telegram.Options{HTTP: &http.Client{Transport: direct{p}}})
				begin := time.Now()
				ask(t, r.h, telegramtest.Press(1, 40, 7, "zh-hans", "q1", "go:jobs"))
				if took := time.Since(begin); took != 0 {
					t.Errorf("the answer took %v", took)
				}
				ok(t, p.Await(t.Context(), "editMessageReplyMarkup", 1))
				time.Sleep(time.Minute) // of the bubble's
				r.stop()
				log := r.host.Logged()
				if strings.Count(log, "was not settled") != 2 || strings.Count(log, `"level":"WARN"`) != 1 || strings.Contains(log, `"level":"ERROR"`) {
					t.Errorf("logged %s", log)
				}
			})
		})
	}
}

// TestSettleIsBounded: while Telegram hangs, presses are answered all the same, and the queue does not grow.
func TestSettleIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := telegramtest.New(token)
		p.Fail("answerCallbackQuery", telegramtest.Failure{Hang: true}, -1)
		r := start(t, p, nil, telegram.Options{HTTP: &http.Client{Transport: direct{p}}})
		for i := range int64(1000) {
			ask(t, r.h, telegramtest.Press(i, 40, 7, "zh-hans", decimal(i), "go:jobs"))
		}
		time.Sleep(5 * time.Hour)
		if n := len(p.Calls("answerCallbackQuery")); n < 100 || n > 300 {
			t.Errorf("%d of 1000 presses were settled", n)
		}
		r.stop()
	})
}

// TestGroupByName: once Telegram has told the bot's name, a group can call it by that.
func TestGroupByName(t *testing.T) {
	t.Parallel()
	r := run(t, nil, telegram.Options{})
	ok(t, r.platform.Await(within(t), "setMyCommands", 3)) // the last step; the name came before
	for text, want := range map[string]string{
		"/jobs@Sample_Bot":  "telegram.group",
		"@sample_bot 找活":    "telegram.group",
		"/jobs@another_bot": "",
		"@another_bot 找活":   "",
	} {
		if got := ask(t, r.h, telegramtest.Group(1, 1, -100, 7, "en", text)); got.Text != texts(t)["en"][want] {
			t.Errorf("%q: %q", text, got.Text)
		}
	}
	if r.host.Calls() != 0 {
		t.Error("a group became a turn")
	}
}
