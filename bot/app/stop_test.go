package app_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"yilu/adapters/telegram/telegramtest"
	"yilu/adapters/wechat"
	"yilu/bot/app"
	"yilu/bot/ledger"
)

// TestStopWhileTheLedgerHangs holds that a stop is over within ten seconds though no turn under way ever ends, that
// nobody was told that their message was received, and that a second process on the same stores answers every one of them.
func TestStopWhileTheLedgerHangs(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	first, _, log := openChannels(t, folder)
	w := &weak{}
	first.Through(func(l ledger.Ledger) ledger.Ledger { w.Ledger = l; return w })
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	addr, served := make(chan string, 1), make(chan error, 1)
	go func() { served <- first.Serve(ctx, func(at string) { addr <- at }) }()
	base := "http://" + <-addr
	me := "__Host-" + cookie("stop")
	n := 0
	senders := map[string]func(base string) *http.Request{
		"the script": func(base string) *http.Request {
			return say(t, base, me, `{"id":"message-at-the-stop","text":"转人工"}`)
		},
		"telegram": func(base string) *http.Request {
			r, err := telegramtest.Deliver(base+"/webhooks/telegram", telegramSecret, telegramtest.Text(1, 1, 7001, "zh-hans", "转人工"))
			if err != nil {
				t.Fatal(err)
			}
			return client(r)
		},
		"wechat": func(base string) *http.Request {
			n++
			return client(account.Deliver(base+wechat.Route, morning, fmt.Sprint("9100", n), account.Text("openid-stop", "24000000000000002", morning, "转人工")))
		},
	}
	w.set(hangs)
	told := make(chan string, len(senders))
	for what, request := range senders {
		r := request(base)
		go func() {
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				told <- ""
				return
			}
			defer resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				told <- what + " was told that it was received"
				return
			}
			told <- ""
		}()
	}
	for late := time.After(time.Minute); w.waits() < len(senders); { // all three are under way
		select {
		case <-late:
			t.Fatal("the messages do not come")
		case <-time.After(time.Millisecond):
		}
	}
	began := time.Now()
	cancel()
	if err := <-served; err != nil {
		t.Errorf("serve: %v", err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("the stop took %v", took)
	} else {
		t.Logf("the stop took %v", took.Round(time.Millisecond))
	}
	for range senders {
		if fault := <-told; fault != "" {
			t.Error(fault)
		}
	}
	if !strings.Contains(log.String(), "cut off") {
		t.Errorf("the log does not say what became of them: %s", log)
	}
	w.set(fails) // whatever still waits ends, with nothing done
	if err := first.Close(); err != nil {
		t.Error(err)
	}

	second, _, _ := openChannels(t, folder)
	base, _ = serve(t, second)
	for what, request := range senders {
		if status, body := send(t, request(base)); status != http.StatusOK || body == "" {
			t.Errorf("afterwards %s: %d %q", what, status, body)
		}
	}
	if n := requests(t, second.Records.EachRequest); n != len(senders) {
		t.Errorf("%d requests of %d people", n, len(senders))
	}
}

// TestDrain holds that a stop says on /readyz that it is stopping, and serves all the same, for as long as it is set.
func TestDrain(t *testing.T) {
	t.Parallel()
	a, _, _ := openChannels(t, t.TempDir(), func(c *app.Config) { c.Drain = time.Second })
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	defer a.Close()
	addr, served := make(chan string, 1), make(chan error, 1)
	go func() { served <- a.Serve(ctx, func(at string) { addr <- at }) }()
	base := "http://" + <-addr
	if status, body := send(t, get(t, base+"/readyz", "")); status != http.StatusOK {
		t.Fatalf("/readyz %d %s", status, body)
	}
	began := time.Now()
	cancel()
	for {
		status, body := send(t, get(t, base+"/readyz", ""))
		if status == http.StatusServiceUnavailable && strings.TrimSpace(body) == "stopping" {
			break
		}
		if time.Since(began) > time.Second {
			t.Fatalf("/readyz %d %s", status, body)
		}
	}
	if status, body := send(t, say(t, base, "__Host-"+cookie("drain"), `{"id":"message-in-the-drain","text":"菜单"}`)); status != http.StatusOK {
		t.Errorf("in the drain: %d %s", status, body)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took < time.Second || took > 10*time.Second {
		t.Errorf("the stop took %v", took)
	}
}

// gated is a ledger whose commits wait until they may go on.
type gated struct {
	ledger.Ledger
	came, goOn chan struct{}
}

func (g *gated) Commit(ctx context.Context, key string, c ledger.Commit) error {
	g.came <- struct{}{}
	<-g.goOn
	return g.Ledger.Commit(ctx, key, c)
}

// TestStopFinishesTurns holds that a turn that is under way when the stop comes is finished and answered, though no new
// connection is taken any more.
func TestStopFinishesTurns(t *testing.T) {
	t.Parallel()
	a, _, _ := openChannels(t, t.TempDir())
	g := &gated{came: make(chan struct{}, 10), goOn: make(chan struct{})}
	a.Through(func(l ledger.Ledger) ledger.Ledger { g.Ledger = l; return g })
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	defer a.Close()
	addr, served := make(chan string, 1), make(chan error, 1)
	go func() { served <- a.Serve(ctx, func(at string) { addr <- at }) }()
	at := <-addr
	type answer struct {
		status int
		err    error
	}
	answered := make(chan answer, 2)
	update, err := telegramtest.Deliver("http://"+at+"/webhooks/telegram", telegramSecret, telegramtest.Text(1, 1, 7001, "zh-hans", "菜单"))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []*http.Request{client(update), client(account.Deliver("http://"+at+wechat.Route, morning, "9200", account.Text("openid-finish", "24000000000000003", morning, "菜单")))} {
		go func() {
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				answered <- answer{0, err}
				return
			}
			_ = resp.Body.Close()
			answered <- answer{resp.StatusCode, nil}
		}()
	}
	for range 2 {
		<-g.came
	}
	cancel()
	for late := time.Now().Add(5 * time.Second); ; {
		conn, err := net.Dial("tcp", at)
		if err != nil {
			break
		}
		_ = conn.Close()
		if time.Now().After(late) {
			t.Fatal("connections are still taken")
		}
	}
	close(g.goOn)
	for range 2 {
		if got := <-answered; got.err != nil || got.status != http.StatusOK {
			t.Errorf("a turn under way was answered with %d %v", got.status, got.err)
		}
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}
