package main_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"yilu/adapters/telegram"
	"yilu/adapters/telegram/telegramtest"
	"yilu/adapters/wechat"
	"yilu/adapters/wechat/wechattest"
	"yilu/bot"
	"yilu/bot/app"
	"yilu/bot/ledger"
)

// What makes the test binary the child of TestKilledBeforeTheResponse, beside childData: the channel that it serves, and
// where it kills itself: "commit", "response" or "" for nowhere.
const (
	childChannel = "YILU_TEST_CHILD_CHANNEL"
	childMoment  = "YILU_TEST_CHILD_MOMENT"
)

// The account and the bot of these tests, as both sides know them.
var hookAccount = wechattest.Account{
	AppID: "wxexample0000000001", Token: "exampletoken", AESKey: strings.Repeat("Example", 6) + "0", OriginalID: "gh_example0001", Mode: wechattest.Safe,
}

const (
	hookSecret = "example-secret"
	hookUser   = 5_000_000_001
	hookOpenID = "oExample_0000000000000000001"
)

var hookSettings = map[string]string{
	"YILU_TELEGRAM_TOKEN": "1000000001:example-token", "YILU_TELEGRAM_SECRET": hookSecret, "YILU_TELEGRAM_API_URL": "http://127.0.0.1:1",
	"YILU_WECHAT_APP_ID": hookAccount.AppID, "YILU_WECHAT_TOKEN": hookAccount.Token, "YILU_WECHAT_AES_KEY": hookAccount.AESKey,
}

// hookChild serves one channel of the real application until its standard input ends. It says its address first.
func hookChild(folder, channel, moment string) error {
	a, err := app.Open(context.Background(), app.Config{
		Data: folder, Samples: true, Now: func() time.Time { return crashDay }, Log: slog.New(slog.DiscardHandler),
		Settings: func(name string) string { return hookSettings[name] },
	})
	if err != nil {
		return err
	}
	k := &lastBreath{moment: moment}
	a.Engine.Ledger = &breathingLedger{a.Engine.Ledger, k}
	mount, err := map[string]bot.Adapter{
		"telegram": telegram.New(telegram.Options{}), "wechat": wechat.New(wechat.Options{}),
	}[channel].Mount(a)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	for pattern, handler := range mount.Routes {
		mux.Handle(pattern, handler)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + l.Addr().String())
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mux.ServeHTTP(&breathingWriter{w, k}, r)
	})}
	go func() { _ = server.Serve(l) }()
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	if err := server.Close(); err != nil {
		return err
	}
	return a.Close()
}

// lastBreath kills the process once it has committed a turn: at once, or when the answer to it is about to be written.
type lastBreath struct {
	moment    string
	committed atomic.Bool
}

func (k *lastBreath) reached(moment string) {
	if moment == k.moment && k.committed.Load() {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // nothing more is done until the signal has come
	}
}

type breathingLedger struct {
	ledger.Ledger
	*lastBreath
}

func (l *breathingLedger) Commit(ctx context.Context, key string, c ledger.Commit) error {
	err := l.Ledger.Commit(ctx, key, c)
	if err == nil {
		l.committed.Store(true)
		l.reached("commit")
	}
	return err
}

type breathingWriter struct {
	http.ResponseWriter
	*lastBreath
}

func (w *breathingWriter) WriteHeader(status int) {
	w.reached("response")
	w.ResponseWriter.WriteHeader(status)
}

func (w *breathingWriter) Write(b []byte) (int, error) {
	w.reached("response")
	return w.ResponseWriter.Write(b)
}

// hooked is one child that serves a channel.
type hooked struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	url string
	err bytes.Buffer
}

func hook(t *testing.T, folder, channel, moment string) *hooked {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	h := &hooked{cmd: exec.Command(self)}
	h.cmd.Env = append(os.Environ(), childData+"="+folder, childChannel+"="+channel, childMoment+"="+moment)
	h.cmd.Stderr = &h.err
	if h.in, err = h.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := h.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := h.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		_ = h.cmd.Wait()
		t.Fatalf("the child said no address: %s", h.err.String())
	}
	h.url = strings.TrimSpace(address)
	return h
}

// end fails unless the child died by the signal, or ended well, as it was meant to.
func (h *hooked) end(t *testing.T, killed bool) {
	t.Helper()
	_ = h.in.Close()
	err := h.cmd.Wait()
	var exit *exec.ExitError
	died := errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL
	if died != killed || !killed && err != nil {
		t.Fatalf("the child ended with %v, killed should be %v: %s", err, killed, h.err.String())
	}
}

// deliver delivers line i of the script as the platform does, for the nth time. WeChat makes a new nonce each time.
func (h *hooked) deliver(t *testing.T, channel string, i, nth int) (body []byte, answered bool) {
	t.Helper()
	var r *http.Request
	var err error
	n := int64(i + 1)
	switch said := script[i]; {
	case channel == "telegram" && said.Choice != "":
		r, err = telegramtest.Deliver(h.url+"/webhooks/telegram", hookSecret, telegramtest.Press(n, n, hookUser, "zh-hans", fmt.Sprint("query-", n), said.Choice))
	case channel == "telegram":
		r, err = telegramtest.Deliver(h.url+"/webhooks/telegram", hookSecret, telegramtest.Text(n, n, hookUser, "zh-hans", said.Text))
	default:
		message := hookAccount.Text(hookOpenID, strconv.FormatInt(24_000_000_000_000_000+n, 10), crashDay, said.Text)
		if said.Choice != "" {
			message = hookAccount.Event(hookOpenID, "CLICK", said.Choice, crashDay)
		}
		r = hookAccount.Deliver(h.url+wechat.Route, crashDay, fmt.Sprint(n, "0", nth), message)
	}
	if err != nil {
		t.Fatal(err)
	}
	r.Close = true
	client := &http.Client{Transport: &http.Transport{}, Timeout: patience}
	resp, err := client.Do(r)
	if os.IsTimeout(err) {
		t.Fatalf("message %d: no answer within %v", i, patience)
	}
	if err != nil {
		return nil, false
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		t.Fatalf("message %d, delivery %d: status %d: %s", i, nth, resp.StatusCode, body)
	}
	return body, err == nil
}

// TestKilledBeforeTheResponse carries T3 and the promises 1, 3 and 4 for the platforms: the process is killed with
// kill -9 after every single commit of a registration and an application, before the platform has its answer: right
// after the commit, with nothing applied yet, or when the first byte of the answer is about to be written. The platform
// delivers again, and the next process answers with what was kept: the same bytes that it would have been given without
// a kill. The records hold everything once.
func TestKilledBeforeTheResponse(t *testing.T) {
	t.Parallel()
	for _, channel := range []string{"telegram", "wechat"} {
		t.Run(channel, func(t *testing.T) {
			t.Parallel()
			samples := t.TempDir()
			hook(t, samples, channel, "").end(t, false) // brings the samples, once for all
			calm := t.TempDir()
			clone(t, calm, samples)
			whole := hook(t, calm, channel, "")
			want := make([][]byte, len(script))
			for i := range script {
				body, answered := whole.deliver(t, channel, i, 1)
				if !answered {
					t.Fatalf("message %d got no answer: %s", i, whole.err.String())
				}
				want[i] = body
			}
			whole.end(t, false)
			inRecords(t, calm, 1)
			for _, moment := range []string{"commit", "response"} {
				t.Run(moment, func(t *testing.T) {
					t.Parallel()
					folder := t.TempDir()
					clone(t, folder, samples)
					killedAfterEveryCommit(t, folder, channel, moment, want)
				})
			}
		})
	}
}

func killedAfterEveryCommit(t *testing.T, folder, channel, moment string, want [][]byte) {
	h := hook(t, folder, channel, moment)
	for i := range script {
		if body, answered := h.deliver(t, channel, i, 1); answered {
			t.Fatalf("message %d was answered, so the process was not killed: %s", i, body)
		}
		h.end(t, true)
		h = hook(t, folder, channel, moment)
		for nth := 2; nth <= 3; nth++ {
			body, answered := h.deliver(t, channel, i, nth)
			if !answered {
				t.Fatalf("message %d, delivery %d got no answer: it was taken as a new turn", i, nth)
			}
			if !bytes.Equal(body, want[i]) {
				t.Errorf("message %d %v, delivery %d got\n%s\nwant, as without a kill,\n%s", i, script[i], nth, body, want[i])
			}
		}
	}
	h.end(t, false)
	inRecords(t, folder, 1)
}
