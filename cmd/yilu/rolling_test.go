package main_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"yilu/adapters/telegram/telegramtest"
	"yilu/adapters/wechat"
	"yilu/bot"
	"yilu/bot/storetest"
)

// stopsIn is what a stop may take.
const stopsIn = 10 * time.Second

// fleet is two servers on the same stores, and a balancer before them that does not come by to one that is not there.
type fleet struct {
	t     *testing.T
	start func() *server

	mu      sync.Mutex
	servers [2]*server // nil while one is away
	next    int
}

// upstreams are the servers that there are, another one first each time.
func (f *fleet) upstreams() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next++
	var urls []string
	for i := range f.servers {
		if s := f.servers[(f.next+i)%len(f.servers)]; s != nil {
			urls = append(urls, s.url)
		}
	}
	return urls
}

// restart stops a server as an operator does, under load, and starts another in its place. The balancer learns of neither
// but by what it finds.
func (f *fleet) restart(i int) {
	f.t.Helper()
	f.mu.Lock()
	old := f.servers[i]
	f.mu.Unlock()
	began := time.Now()
	old.stop()
	if took := time.Since(began); took > stopsIn {
		f.t.Errorf("a stop under load took %v, want at most %v", took, stopsIn)
	} else {
		f.t.Logf("a stop under load took %v", took.Round(time.Millisecond))
	}
	fresh := f.start()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.servers[i] = fresh
}

// rider is somebody who writes over a platform, line after line of the script.
type rider struct {
	channel string
	n       int
	at      []time.Time // when they wrote each line
	bodies  [][]byte    // what they read
	most    int         // deliveries that one line took
}

// request is one delivery of a line.
func (r *rider) request(url string, i, nth int) (*http.Request, error) {
	said := script[i]
	if r.channel == "telegram" {
		user := int64(hookUser + r.n)
		id := int64(r.n*1000 + i + 1)
		update := telegramtest.Text(id, id, user, "zh-hans", said.Text)
		if said.Choice != "" {
			update = telegramtest.Press(id, id, user, "zh-hans", fmt.Sprint("query-", id), said.Choice)
		}
		return telegramtest.Deliver(url+"/webhooks/telegram", hookSecret, update)
	}
	openid := fmt.Sprint(hookOpenID, "-", r.n)
	message := hookAccount.Text(openid, strconv.Itoa(24_000_000_000_000_000+r.n*1000+i), r.at[i], said.Text)
	if said.Choice != "" {
		message = hookAccount.Event(openid, "CLICK", said.Choice, r.at[i])
	}
	return hookAccount.Deliver(url+wechat.Route, time.Now(), fmt.Sprint(r.n, "0", i, "0", nth), message), nil
}

// platforms deliver as Telegram and WeChat do: what is not answered with 200 comes again.
var platforms = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}

// tries is after how many deliveries WeChat gives up.
const tries = 3

// deliver delivers line i until it is answered. A server that is not there costs no delivery: the balancer tries the
// other one.
func (r *rider) deliver(f *fleet, i int) ([]byte, error) {
	var last error
	refused := 0
	for nth := 1; nth <= tries; {
		urls := f.upstreams()
		if len(urls) == 0 {
			return nil, errors.New("there is no server")
		}
		req, err := r.request(urls[0], i, nth*1000+refused)
		if err != nil {
			return nil, err
		}
		req.RequestURI = ""
		resp, err := platforms.Do(req)
		if errors.Is(err, syscall.ECONNREFUSED) {
			if refused++; refused > 10_000 {
				return nil, err
			}
			continue
		}
		r.most = max(r.most, nth)
		nth++
		if err != nil {
			last = err
			continue
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err == nil && resp.StatusCode == http.StatusOK && len(body) > 0 {
			return body, nil
		}
		last = fmt.Errorf("status %d (%v): %s", resp.StatusCode, err, body)
	}
	return nil, last
}

// TestRollingRestart holds that a stop loses nobody: two servers on the same stores are stopped with SIGTERM and replaced,
// one after the other, again and again, while people register and apply over the real webhooks. Every stop is over within
// ten seconds; every line is answered before WeChat would give up; a repeat of any of them afterwards gets the same bytes;
// and the records hold everybody once.
func TestRollingRestart(t *testing.T) {
	// Not parallel: it fills the machine, and others measure time on it.
	t.Run("file", func(t *testing.T) {
		data := t.TempDir()
		rolling(t, data, nil)
		inRecords(t, data, riders)
	})
	t.Run("redis and postgres", func(t *testing.T) {
		data := t.TempDir()
		stores := []string{
			"--redis-url=" + storetest.RedisFor(t, storetest.RedisOptions{AppendOnly: "always"}).URL(),
			"--database-url=" + storetest.PostgresFor(t).URL(),
		}
		rolling(t, data, stores)
		inRecords(t, data, riders, stores...)
	})
}

// riders is how many people write at once, half of them over each platform, and restarts how often a server is replaced
// meanwhile.
const (
	riders   = 16
	restarts = 4
)

func rolling(t *testing.T, data string, stores []string) {
	t.Helper()
	args := append([]string{
		"--telegram-token=" + hookSettings["YILU_TELEGRAM_TOKEN"], "--telegram-secret=" + hookSecret, "--telegram-api-url=" + hookSettings["YILU_TELEGRAM_API_URL"],
		"--wechat-app-id=" + hookAccount.AppID, "--wechat-token=" + hookAccount.Token, "--wechat-aes-key=" + hookAccount.AESKey,
	}, stores...)
	f := &fleet{t: t, start: func() *server { return serve(t, data, args...) }}
	f.servers = [2]*server{f.start(), f.start()}

	total := riders * len(script)
	var given atomic.Int64
	stages := make([]chan struct{}, restarts+1) // closed when a stage may begin
	for i := range stages {
		stages[i] = make(chan struct{})
	}
	close(stages[0])
	people := make([]*rider, riders)
	var wait sync.WaitGroup
	for n := range people {
		r := &rider{channel: []string{"telegram", "wechat"}[n%2], n: n}
		people[n] = r
		wait.Go(func() {
			for i := range script {
				<-stages[i*len(stages)/len(script)]
				r.at = append(r.at, time.Now())
				body, err := r.deliver(f, i)
				if err != nil {
					t.Errorf("%s %d, line %d %v: %v", r.channel, n, i, script[i], err)
					return
				}
				r.bodies = append(r.bodies, body)
				given.Add(1)
			}
		})
	}
	ended := make(chan struct{})
	go func() { wait.Wait(); close(ended) }()
	for k := range restarts {
		// In the middle of the stage, with the others in flight.
		for at := int64((2*k + 1) * total / (2 * len(stages))); given.Load() < at; {
			select {
			case <-ended:
				t.Fatalf("after %d answers of %d nobody goes on", given.Load(), total)
			case <-time.After(time.Millisecond):
			}
		}
		close(stages[k+1]) // so that nobody waits while the server goes
		f.restart(k % 2)
	}
	<-ended
	if t.Failed() {
		for _, s := range f.servers {
			s.kill()
			t.Logf("a server said: %s", s.errs)
		}
		t.FailNow()
	}
	most := 0
	for _, r := range people {
		most = max(most, r.most)
		for i, body := range r.bodies {
			if r.channel == "wechat" {
				body = opened(t, body)
			}
			for _, s := range f.servers {
				req, err := r.request(s.url, i, 9_000_000+int(s.cmd.Process.Pid))
				if err != nil {
					t.Fatal(err)
				}
				req.RequestURI = ""
				resp, err := platforms.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				again, err := io.ReadAll(resp.Body)
				_ = resp.Body.Close()
				if r.channel == "wechat" { // sealed anew each time
					again = opened(t, again)
				}
				if err != nil || !bytes.Equal(again, body) {
					t.Errorf("%s %d, line %d, delivered again (%v):\n%s\nat first:\n%s", r.channel, r.n, i, err, again, body)
				}
			}
		}
	}
	t.Logf("%d lines of %d people over %d restarts; no line took more than %d deliveries", total, riders, restarts, most)
	for _, s := range f.servers {
		s.stop()
		for line := range strings.Lines(s.errs.String()) {
			// A store that was too slow on a busy machine left a line to the platform, which brought it again.
			if strings.Contains(line, "level=ERROR") && !strings.Contains(line, "code="+string(bot.Unavailable)) {
				t.Errorf("a server logged an error: %s", line)
			}
		}
	}
}

// opened is what a sealed answer says.
func opened(t *testing.T, body []byte) []byte {
	t.Helper()
	p, err := hookAccount.Open(body)
	if err != nil {
		t.Fatalf("an answer cannot be opened: %v: %s", err, body)
	}
	return []byte(p.Content)
}
