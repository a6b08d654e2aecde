package telegram_test

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"yilu/adapters/telegram"
	"yilu/adapters/telegram/telegramtest"
	"yilu/bot"
)

var poll = settings{"YILU_TELEGRAM_MODE": "poll", "YILU_TELEGRAM_SECRET": ""}

// virtual runs a channel in poll mode against a platform without a network, in a bubble of virtual time.
func virtual(t *testing.T, p *telegramtest.Platform) *running {
	return start(t, p, poll, telegram.Options{HTTP: &http.Client{Transport: direct{p}}})
}

// offsets are what was confirmed with each getUpdates, one after another.
func offsets(p *telegramtest.Platform) []int64 {
	var out []int64
	for _, c := range p.Calls("getUpdates") {
		n, _ := strconv.ParseInt(c.Params["offset"], 10, 64)
		out = append(out, n)
	}
	return slices.Compact(out)
}

// TestPoll: updates are answered in order over the network, and confirmed only then, the last ones at the stop.
func TestPoll(t *testing.T) {
	t.Parallel()
	r := run(t, poll, telegram.Options{})
	for i := range int64(20) {
		r.platform.Queue(telegramtest.Text(100+i, 1+i, 7, "zh-hans", fmt.Sprint("第", i)))
	}
	ok(t, r.platform.AwaitSent(within(t), 20))
	r.platform.Queue(telegramtest.Press(120, 9, 7, "zh-hans", "q1", "go:jobs"), telegramtest.Member(121, 7, "zh-hans", "kicked"), telegramtest.Press(122, 9, 7, "zh-hans", "q2", ""))
	ok(t, r.platform.AwaitEmpty(within(t)))
	ok(t, r.platform.Await(within(t), "editMessageReplyMarkup", 1))
	r.stop()
	for i, sent := range r.platform.Sent()[:20] {
		if sent.Text != fmt.Sprint("第", i) || sent.Chat != 7 {
			t.Errorf("sent %d: %+v", i, sent)
		}
	}
	turns := r.host.Turns()
	if len(turns) != 22 || turns[20].Choice != "go:jobs" || turns[21].Event != bot.Left {
		t.Errorf("%d turns", len(turns))
	}
	if n := len(r.platform.Calls("deleteWebhook")); n != 1 {
		t.Errorf("the webhook was deleted %d times", n)
	}
	call := r.platform.Calls("getUpdates")[0]
	if call.Params["timeout"] != "30" || call.Params["allowed_updates"] != `["message","edited_message","callback_query","my_chat_member"]` {
		t.Errorf("asked with %v", call.Params)
	}
}

// TestPollFailedTurn carries promise 3: an update whose turn fails is tried again with growing pauses and is not
// confirmed before, nor is any behind it.
func TestPollFailedTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := telegramtest.New(token)
		r := virtual(t, p)
		for range 3 {
			r.host.FailNext(&bot.Error{Code: bot.Unavailable, Op: "commit turn", Err: errors.New("quotes 瓦工")})
		}
		p.Queue(telegramtest.Text(100, 1, 7, "zh-hans", "小工"), telegramtest.Text(101, 2, 7, "zh-hans", "瓦工"))
		time.Sleep(6 * time.Second) // 1 + 2 + 4 are to be waited for
		if n := len(p.Sent()); n != 0 || r.host.Calls() != 3 || p.Waiting() != 2 {
			t.Errorf("%d sent after %d calls, %d waiting", n, r.host.Calls(), p.Waiting())
		}
		ok(t, p.AwaitEmpty(t.Context()))
		r.stop()
		if got := offsets(p); !slices.Equal(got, []int64{0, 102}) {
			t.Errorf("offsets %v", got)
		}
		if sent := p.Sent(); len(sent) != 2 || sent[0].Text != "小工" || sent[1].Text != "瓦工" {
			t.Errorf("sent %+v", sent)
		}
		if strings.Contains(r.host.Logged(), "瓦工") {
			t.Error("the log holds what was said")
		}
	})
}

// TestPollPanic carries T32.
func TestPollPanic(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := telegramtest.New(token)
		r := virtual(t, p)
		r.host.Panic("quotes 瓦工")
		p.Queue(telegramtest.Text(100, 1, 7, "zh-hans", "瓦工"))
		time.Sleep(5 * time.Minute)
		if p.Waiting() != 1 {
			t.Error("it was confirmed")
		}
		r.host.Panic(nil)
		ok(t, p.AwaitEmpty(t.Context()))
		r.stop()
		if len(p.Sent()) != 1 || strings.Contains(r.host.Logged(), "瓦工") {
			t.Errorf("sent %v, logged %s", p.Sent(), r.host.Logged())
		}
	})
}

// TestPollCrash carries T3 for the loop: stopped between the turn and the confirmation, the same update comes again, is
// the same turn, and gets the same reply.
func TestPollCrash(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := telegramtest.New(token)
		p.Fail("sendMessage", telegramtest.Failure{Status: 500, Description: "Internal Server Error"}, -1)
		first := virtual(t, p)
		p.Queue(telegramtest.Text(100, 1, 7, "zh-hans", "瓦工"))
		ok(t, p.Await(t.Context(), "sendMessage", 3))
		first.stop()
		if p.Waiting() != 1 || len(first.host.Turns()) != 1 {
			t.Fatalf("%d waiting, %d turns", p.Waiting(), len(first.host.Turns()))
		}
		p.Fail("sendMessage", telegramtest.Failure{}, 0)
		second := virtual(t, p)
		ok(t, p.AwaitEmpty(t.Context()))
		second.stop()
		a, b := first.host.Turns(), second.host.Turns()
		if len(b) != 1 || !reflect.DeepEqual(a[0], b[0]) {
			t.Errorf("first %s\nsecond %v", inside(a[0]), b)
		}
		if sent := p.Sent(); len(sent) != 1 || sent[0].Text != "瓦工" {
			t.Errorf("sent %+v", sent)
		}
	})
}

// TestPollSend: an answer that can go out later is tried until it does; one that never can does not hold up the rest.
func TestPollSend(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fail  telegramtest.Failure
		again bool
		least time.Duration
	}{
		"too fast":     {telegramtest.Failure{Status: 429, Description: "Too Many Requests", Params: telegramtest.Params{RetryAfter: 30}}, true, 30 * time.Second},
		"busy":         {telegramtest.Failure{Status: 502, HTML: true}, true, time.Second},
		"no answer":    {telegramtest.Failure{Hang: true}, true, time.Second},
		"breaks off":   {telegramtest.Failure{Break: true}, true, time.Second},
		"wrong token":  {telegramtest.Failure{Status: 401, Description: "Unauthorized"}, true, time.Second},
		"blocked":      {telegramtest.Failure{Status: 403, Description: "Forbidden: bot was blocked by the user"}, false, 0},
		"unknown chat": {telegramtest.Failure{Status: 400, Description: "Bad Request: chat not found"}, false, 0},
		"refused":      {telegramtest.Failure{Status: 400, Description: "Bad Request: BUTTON_DATA_INVALID"}, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := telegramtest.New(token)
				p.Fail("sendMessage", c.fail, 1)
				r := virtual(t, p)
				begin := time.Now()
				p.Queue(telegramtest.Text(100, 1, 7, "zh-hans", "一"), telegramtest.Text(101, 2, 8, "zh-hans", "二"))
				ok(t, p.AwaitEmpty(t.Context()))
				if took := time.Since(begin); took < c.least {
					t.Errorf("took %v, want %v at least", took, c.least)
				}
				r.stop()
				var got []string
				for _, s := range p.Sent() {
					got = append(got, s.Text)
				}
				want := []string{"一", "二"}
				if !c.again {
					want = want[1:]
				}
				if !slices.Equal(got, want) || len(r.host.Turns()) != 2 {
					t.Errorf("sent %q, %d turns", got, len(r.host.Turns()))
				}
				if r.host.Logged() == "" {
					t.Error("nothing was logged")
				}
			})
		})
	}
}

// TestPollUnreadable: an update that cannot be read is left out, and said to be, without its content.
func TestPollUnreadable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := telegramtest.New(token)
		r := virtual(t, p)
		p.Queue([]byte(`{"update_id":100,"message":"MARKER"}`), telegramtest.Text(101, 1, 7, "zh-hans", "一"))
		ok(t, p.AwaitEmpty(t.Context()))
		r.stop()
		if len(p.Sent()) != 1 || !strings.Contains(r.host.Logged(), `"update":100`) {
			t.Errorf("sent %v, logged %s", p.Sent(), r.host.Logged())
		}
	})
}

// TestPollStopsWithinABatch: what was answered before a stop is confirmed and not answered again, what was not comes
// again.
func TestPollStopsWithinABatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := telegramtest.New(token)
		r := virtual(t, p)
		r.host.ReplyWith(func(m bot.Message) bot.Reply {
			if m.Text == "二" {
				panic("not now")
			}
			return bot.Reply{Texts: []string{m.Text}, Lang: "zh-CN"}
		})
		p.Queue(telegramtest.Text(100, 1, 7, "zh-hans", "一"), telegramtest.Text(101, 2, 7, "zh-hans", "二"), telegramtest.Text(102, 3, 7, "zh-hans", "三"))
		time.Sleep(time.Minute)
		r.stop()
		if sent := p.Sent(); len(sent) != 1 || sent[0].Text != "一" || p.Waiting() != 2 {
			t.Errorf("sent %+v, %d waiting", sent, p.Waiting())
		}
	})
}

// TestPollUnconfirmable: an answer of which nothing can be confirmed is asked for again at leisure.
func TestPollUnconfirmable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := telegramtest.New(token)
		r := virtual(t, p)
		p.Queue([]byte(`"MARKER"`))
		time.Sleep(time.Hour)
		if n := len(p.Calls("getUpdates")); n > 65 {
			t.Errorf("asked %d times within an hour", n)
		}
		r.stop()
	})
}

// TestPollBeginsAnew: after a quiet week Telegram's numbers go on anywhere, lower ones too; each update is still
// answered once.
func TestPollBeginsAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := telegramtest.New(token)
		r := virtual(t, p)
		p.Queue(telegramtest.Text(900, 1, 7, "zh-hans", "一"))
		ok(t, p.AwaitEmpty(t.Context()))
		p.Forget()
		p.Queue(telegramtest.Text(100, 2, 7, "zh-hans", "二"))
		ok(t, p.AwaitSent(t.Context(), 2))
		ok(t, p.AwaitEmpty(t.Context()))
		time.Sleep(time.Hour)
		r.stop()
		if sent := p.Sent(); len(sent) != 2 || sent[1].Text != "二" {
			t.Errorf("sent %+v", sent)
		}
	})
}

// TestPollTrouble: whatever getUpdates gives, the loop goes on with pauses, says what to do, and shows no secret (T8).
func TestPollTrouble(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fail telegramtest.Failure
		says string
	}{
		"webhook set":  {telegramtest.Failure{Status: 409, Description: "Conflict: can't use getUpdates method while webhook is active"}, "stop the other program"},
		"another loop": {telegramtest.Failure{Status: 409, Description: "Conflict: terminated by other getUpdates request"}, "stop the other program"},
		"wrong token":  {telegramtest.Failure{Status: 401, Description: "Unauthorized"}, "@BotFather"},
		"no bot":       {telegramtest.Failure{Status: 404, Description: "Not Found"}, "@BotFather"},
		"page":         {telegramtest.Failure{Status: 502, HTML: true, Description: token}, `"fault":"busy"`},
		"gateway":      {telegramtest.Failure{Status: 403, HTML: true, Description: token}, "is not Telegram"},
		"too fast":     {telegramtest.Failure{Status: 429, Params: telegramtest.Params{RetryAfter: 5}}, `"fault":"too_fast"`},
		"hangs":        {telegramtest.Failure{Hang: true}, "no answer in time"},
		"breaks off":   {telegramtest.Failure{Break: true}, "the connection failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := telegramtest.New(token)
				p.Fail("getUpdates", c.fail, 5)
				begin := time.Now()
				r := virtual(t, p)
				p.Queue(telegramtest.Text(100, 1, 7, "zh-hans", "一"))
				ok(t, p.AwaitEmpty(t.Context()))
				if took := time.Since(begin); took < 20*time.Second || took > 10*time.Minute {
					t.Errorf("took %v", took)
				}
				r.stop()
				if log := r.host.Logged(); !strings.Contains(log, c.says) {
					t.Errorf("the log does not say %q: %s", c.says, log)
				}
				if len(p.Sent()) != 1 {
					t.Errorf("sent %v", p.Sent())
				}
			})
		})
	}
}

// TestPollStops at once, wherever it is (T30 by TestMain).
func TestPollStops(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"", "deleteWebhook", "getUpdates", "sendMessage", "setMyCommands"} {
		t.Run("in "+method, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := telegramtest.New(token)
				if method != "" {
					p.Fail(method, telegramtest.Failure{Hang: true}, 1)
				}
				r := virtual(t, p)
				p.Queue(telegramtest.Text(100, 1, 7, "zh-hans", "一"))
				synctest.Wait()
				begin := time.Now()
				r.stop()
				if took := time.Since(begin); took > 2*time.Second {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}
