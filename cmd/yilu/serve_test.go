package main_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// server is a running `yilu serve`.
type server struct {
	t    testing.TB
	cmd  *exec.Cmd
	url  string
	errs *bytes.Buffer
	over bool
}

// serve starts the real command on a free port and waits until it says that it is open.
func serve(t testing.TB, data string, args ...string) *server {
	t.Helper()
	for again := 4; ; again-- { // where a store is too busy to answer it is started again, as by a service manager
		s, err := startServer(t, data, args...)
		if err == nil {
			return s
		}
		if again == 0 || !strings.Contains(s.errs.String(), "does not answer") {
			t.Fatalf("yilu serve: %v: %s", err, s.errs)
		}
	}
}

func startServer(t testing.TB, data string, args ...string) (*server, error) {
	t.Helper()
	s := &server{t: t, cmd: command(t, raced, append([]string{"serve", "--data", data, "--listen", "127.0.0.1:0"}, args...)...), errs: &bytes.Buffer{}}
	s.cmd.Stderr = s.errs
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.kill)
	said, err := bufio.NewReader(out).ReadString('\n')
	_, address, found := strings.Cut(strings.TrimSpace(said), "http://")
	if err != nil || !found {
		s.kill()
		return s, fmt.Errorf("it said %q (%w)", said, errors.Join(err, io.EOF))
	}
	s.url = "http://" + address
	return s, nil
}

// kill ends it as kill -9 does.
func (s *server) kill() {
	if !s.over {
		s.over = true
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
	}
}

// stop ends it as an operator does, and fails unless it ends well.
func (s *server) stop() {
	s.t.Helper()
	s.over = true
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	defer time.AfterFunc(patience, func() { _ = s.cmd.Process.Signal(syscall.SIGQUIT) }).Stop()
	if err := s.cmd.Wait(); err != nil {
		s.t.Errorf("yilu serve ended with %v: %s", err, s.errs)
	}
}

// hung fails with the goroutines of a server that gave no answer within patience.
func (s *server) hung(err error) {
	s.t.Helper()
	if !os.IsTimeout(err) || s.over {
		return
	}
	s.over = true
	_ = s.cmd.Process.Signal(syscall.SIGQUIT)
	_ = s.cmd.Wait()
	s.t.Errorf("no answer within %v:\n%s", patience, s.errs)
}

// patience is how long a message may take before the server is taken to hang. No test passes or fails by being faster.
const patience = 30 * time.Second

// person is a browser: it keeps its cookie.
type person struct {
	client *http.Client
	cookie string
}

// newPerson opens the page, as a browser does first, and keeps the cookie.
func newPerson(t testing.TB, url string) *person {
	t.Helper()
	p := &person{client: &http.Client{Transport: &http.Transport{}, Timeout: patience}}
	resp, err := p.client.Get(url + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	for _, c := range resp.Cookies() {
		if c.Name == "yilu" {
			p.cookie = c.Name + "=" + c.Value
		}
	}
	if page, err := io.ReadAll(resp.Body); resp.StatusCode != http.StatusOK || p.cookie == "" || err != nil {
		t.Fatalf("GET /: status %d, cookie %q, %v: %s", resp.StatusCode, p.cookie, err, page)
	}
	return p
}

// errNotKept is an answer of the server that tells to send the message again.
var errNotKept = errors.New("status 503")

// send delivers one message. An error says that there was no whole answer, and the message is to be delivered again.
func (p *person) send(url, id string, l line) ([]byte, error) {
	body := map[string]string{"id": id, "text": l.Text, "choice": l.Choice}
	req, err := http.NewRequest(http.MethodPost, url+"/messages", strings.NewReader(mustJSON(body)))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Cookie", p.cookie)
	resp, err := p.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if resp.StatusCode == http.StatusServiceUnavailable {
		return nil, errNotKept
	}
	return raw, err
}

// question is what a reply asks, without what differs between people: numbers and what was said around it.
func question(t testing.TB, body []byte) string {
	t.Helper()
	var in struct {
		Reply struct {
			Texts    []string
			Want     string
			Progress string
			Choices  []struct{ Send string }
		}
	}
	if err := json.Unmarshal(body, &in); err != nil || len(in.Reply.Texts) == 0 {
		t.Fatalf("no reply (%v): %s", err, body)
	}
	for i, c := range in.Reply.Choices {
		in.Reply.Choices[i].Send, _, _ = strings.Cut(c.Send, "#") // the mark of this run of the dialogue
	}
	return mustJSON([]any{in.Reply.Want, in.Reply.Progress, in.Reply.Choices})
}
