package telegram_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"yilu/adapters/adaptertest"
	"yilu/adapters/telegram"
	"yilu/adapters/telegram/telegramtest"
	"yilu/bot"
)

// client is a Client of a platform on the loopback interface.
func client(t testing.TB) (*telegram.Client, *telegramtest.Platform) {
	t.Helper()
	p, err := telegramtest.Start(token)
	ok(t, err)
	transport := &http.Transport{}
	t.Cleanup(func() {
		p.Close()
		transport.CloseIdleConnections()
	})
	c, err := telegram.NewClient(token, p.URL, &http.Client{Transport: keep{adaptertest.LocalOnly{T: t}, transport}, Timeout: time.Nanosecond}) // its Timeout is not used
	ok(t, err)
	return c, p
}

// sendError is the SendError in err's chain; a test fails without one, or if anything secret stands in it.
func sendError(t testing.TB, err error) *bot.SendError {
	t.Helper()
	var e *bot.SendError
	if !errors.As(fmt.Errorf("wrapped: %w", err), &e) {
		t.Fatalf("no SendError: %v", err)
	}
	for _, text := range []string{err.Error(), fmt.Sprintf("%+v %#v", e, *e)} {
		if strings.Contains(text, token) || strings.Contains(text, "AAsample") || strings.Contains(text, "我要找活") {
			t.Errorf("it holds a secret, or what was to be sent: %s", text)
		}
	}
	if e.Channel != "telegram" || e.Call == "" || e.Say == "" {
		t.Errorf("%+v", *e)
	}
	return e
}

// TestFaults carries T9: what every answer of Telegram's means for whoever wants to send.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fail telegramtest.Failure
		want bot.SendError
	}{
		{telegramtest.Failure{Status: 403, Description: "Forbidden: bot was blocked by the user"}, bot.SendError{Fault: bot.Unreachable, Code: 403}},
		{telegramtest.Failure{Status: 403, Description: "Forbidden: user is deactivated"}, bot.SendError{Fault: bot.Unreachable, Code: 403}},
		{telegramtest.Failure{Status: 403, Description: "Forbidden: bot can't initiate conversation with a user"}, bot.SendError{Fault: bot.Unreachable, Code: 403}},
		{telegramtest.Failure{Status: 403, Description: "Forbidden: bot was kicked from the group chat"}, bot.SendError{Fault: bot.Unreachable, Code: 403}},
		{telegramtest.Failure{Status: 403, Description: "Forbidden: bots can't send messages to bots"}, bot.SendError{Fault: bot.Unreachable, Code: 403}},
		{telegramtest.Failure{Status: 400, Description: "Bad Request: chat not found"}, bot.SendError{Fault: bot.NoSuchPerson, Code: 400}},
		{telegramtest.Failure{Status: 400, Description: "Bad Request: user not found"}, bot.SendError{Fault: bot.NoSuchPerson, Code: 400}},
		{telegramtest.Failure{Status: 400, Description: "Bad Request: PEER_ID_INVALID"}, bot.SendError{Fault: bot.NoSuchPerson, Code: 400}},
		{telegramtest.Failure{Status: 400, Description: "Bad Request: group chat was upgraded to a supergroup chat", Params: telegramtest.Params{MigrateTo: -1001234567890}}, bot.SendError{Fault: bot.MovedTo, Code: 400, Moved: "-1001234567890"}},
		{telegramtest.Failure{Status: 400, Description: "Bad Request: message is too long"}, bot.SendError{Fault: bot.TooLong, Code: 400}},
		{telegramtest.Failure{Status: 400, Description: "Bad Request: BUTTON_DATA_INVALID"}, bot.SendError{Fault: bot.Refused, Code: 400}},
		{telegramtest.Failure{Status: 400, Description: "Bad Request: message text is empty " + token}, bot.SendError{Fault: bot.Refused, Code: 400}},
		{telegramtest.Failure{Status: 401, Description: "Unauthorized"}, bot.SendError{Fault: bot.BadSecret, Code: 401}},
		{telegramtest.Failure{Status: 404, Description: "Not Found"}, bot.SendError{Fault: bot.BadSecret, Code: 404}},
		{telegramtest.Failure{Status: 409, Description: "Conflict: terminated by other getUpdates request"}, bot.SendError{Fault: bot.NotAllowed, Code: 409}},
		{telegramtest.Failure{Status: 429, Description: "Too Many Requests: retry after 17", Params: telegramtest.Params{RetryAfter: 17}}, bot.SendError{Fault: bot.TooFast, Code: 429, RetryAfter: 17 * time.Second}},
		{telegramtest.Failure{Status: 402, Description: "Payment Required"}, bot.SendError{Fault: bot.Refused, Code: 402}},
		{telegramtest.Failure{Status: 413, Description: "Request Entity Too Large"}, bot.SendError{Fault: bot.TooLong, Code: 413}},
		{telegramtest.Failure{Status: 500, Description: "Internal Server Error"}, bot.SendError{Fault: bot.Busy, Code: 500}},
		{telegramtest.Failure{Status: 502, Description: "Bad Gateway"}, bot.SendError{Fault: bot.Busy, Code: 502}},
		{telegramtest.Failure{Status: 504, Description: "Gateway Timeout"}, bot.SendError{Fault: bot.Busy, Code: 504}},
		{telegramtest.Failure{Status: 502, HTML: true, Description: token}, bot.SendError{Fault: bot.Busy, Code: 502}},
		{telegramtest.Failure{Status: 429, HTML: true, Description: token}, bot.SendError{Fault: bot.TooFast, Code: 429}},
		{telegramtest.Failure{Status: 413, HTML: true, Description: token}, bot.SendError{Fault: bot.TooLong, Code: 413}},
		{telegramtest.Failure{Status: 403, HTML: true, Description: token}, bot.SendError{Fault: bot.NotAllowed, Code: 403}},
		{telegramtest.Failure{Status: 404, HTML: true, Description: token}, bot.SendError{Fault: bot.NotAllowed, Code: 404}},
		{telegramtest.Failure{Status: 302, HTML: true, Description: token}, bot.SendError{Fault: bot.NotAllowed, Code: 302}},
		{telegramtest.Failure{Status: 200, HTML: true, Description: token}, bot.SendError{Fault: bot.Uncertain, Code: 200}},
		{telegramtest.Failure{Break: true}, bot.SendError{Fault: bot.Uncertain}},
	} {
		name := fmt.Sprintf("%d %s", c.fail.Status, strings.ReplaceAll(c.fail.Description, token, "token"))
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cl, p := client(t)
			p.Fail("sendMessage", c.fail, 1)
			err := cl.Send(t.Context(), "7", "我要找活")
			got := *sendError(t, err)
			got.Say, got.Channel, got.Call = "", "", ""
			if got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
			if err := cl.Send(t.Context(), "7", "我要找活"); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

// TestFaultsOnTheWay: nothing was sent for sure only before there was a connection.
func TestFaultsOnTheWay(t *testing.T) {
	t.Parallel()
	t.Run("no answer in time", func(t *testing.T) {
		t.Parallel()
		cl, p := client(t)
		p.Fail("sendMessage", telegramtest.Failure{Hang: true}, 1)
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			_ = p.Await(ctx, "sendMessage", 1)
			cancel()
		}()
		if e := sendError(t, cl.Send(ctx, "7", "我要找活")); e.Fault != bot.Uncertain || e.Again() {
			t.Errorf("%v", e)
		}
	})
	t.Run("nobody listens", func(t *testing.T) {
		t.Parallel()
		l, err := net.Listen("tcp", "127.0.0.1:0")
		ok(t, err)
		ok(t, l.Close())
		cl, err := telegram.NewClient(token, "http://"+l.Addr().String(), nil)
		ok(t, err)
		if e := sendError(t, cl.Send(t.Context(), "7", "我要找活")); e.Fault != bot.Busy || !e.Again() || !strings.Contains(e.Say, "refused") {
			t.Errorf("%v", e)
		}
	})
	t.Run("nobody's certificate", func(t *testing.T) {
		t.Parallel()
		srv := httptest.NewUnstartedServer(http.NotFoundHandler())
		srv.Config.ErrorLog = log.New(io.Discard, "", 0)
		srv.StartTLS()
		defer srv.Close()
		cl, err := telegram.NewClient(token, srv.URL, nil)
		ok(t, err)
		if e := sendError(t, cl.Send(t.Context(), "7", "我要找活")); e.Fault != bot.Busy || !strings.Contains(e.Say, "certificate") {
			t.Errorf("%v", e)
		}
	})
	t.Run("sent on to another host", func(t *testing.T) {
		t.Parallel()
		there := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			t.Errorf("the token went to another host: %s", r.URL.Path)
		}))
		defer there.Close()
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, there.URL+r.URL.Path, http.StatusFound)
		}))
		defer srv.Close()
		transport := &http.Transport{}
		defer transport.CloseIdleConnections()
		cl, err := telegram.NewClient(token, srv.URL, &http.Client{Transport: transport})
		ok(t, err)
		if e := sendError(t, cl.Send(t.Context(), "7", "我要找活")); e.Fault != bot.NotAllowed {
			t.Errorf("%v", e)
		}
	})
	for name, c := range map[string]struct {
		err  error
		says string
	}{
		"no such name":  {&net.DNSError{Err: "no such host", Name: token, IsNotFound: true}, "name"},
		"certificate":   {&tls.CertificateVerificationError{Err: errors.New(token)}, "certificate"},
		"refused":       {&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, "refused"},
		"slow to dial":  {context.DeadlineExceeded, "in time"},
		"anything else": {errors.New(token), "failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cl, err := telegram.NewClient(token, "https://api.example", &http.Client{Transport: failing{c.err}})
			ok(t, err)
			if e := sendError(t, cl.Send(t.Context(), "7", "我要找活")); e.Fault != bot.Busy || !strings.Contains(e.Say, c.says) {
				t.Errorf("%v", e)
			}
		})
	}
}

// failing is a way on which nothing gets through.
type failing struct{ err error }

func (f failing) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
	return nil, &url.Error{Op: "Post", URL: r.URL.String(), Err: f.err}
}

// TestSend: what is sent is plain text with its buttons, and what Telegram would refuse for its form is not even tried.
func TestSend(t *testing.T) {
	t.Parallel()
	cl, p := client(t)
	ok(t, cl.Send(t.Context(), "7", "【示例】<b>有新活</b>", bot.Choice{Label: "看看", Send: "i:jobs.search"}))
	ok(t, cl.Send(t.Context(), "-1001234567890", strings.Repeat("👷", 2048)))
	sent := p.Sent()
	if len(sent) != 2 || sent[0].Chat != 7 || sent[0].Text != "【示例】<b>有新活</b>" || sent[0].Buttons[0][0] != (telegramtest.Button{Label: "看看", Data: "i:jobs.search"}) || sent[1].Keyboard != telegramtest.None {
		t.Errorf("sent %+v", sent)
	}
	for name, c := range map[string]struct {
		err  error
		want bot.SendFault
	}{
		"no number": {cl.Send(t.Context(), "@somebody", "一"), bot.NoSuchPerson},
		"zero":      {cl.Send(t.Context(), "0", "一"), bot.NoSuchPerson},
		"no text":   {cl.Send(t.Context(), "7", " \n"), bot.Refused},
		"too long":  {cl.Send(t.Context(), "7", strings.Repeat("👷", 2049)), bot.TooLong},
		"choice":    {cl.Send(t.Context(), "7", "一", bot.Choice{Label: "看看", Send: strings.Repeat("a", 65)}), bot.Refused},
	} {
		if e := sendError(t, c.err); e.Fault != c.want {
			t.Errorf("%s: %v", name, e)
		}
	}
	if n := len(p.Calls("sendMessage")); n != 2 {
		t.Errorf("%d calls", n)
	}
	for _, bad := range [][2]string{{"MARKER", ""}, {token, "MARKER"}, {"", ""}} {
		if _, err := telegram.NewClient(bad[0], bad[1], nil); err == nil || strings.Contains(err.Error(), "MARKER") {
			t.Errorf("%v", err)
		}
	}
}
