package main_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/app"
	"yilu/bot/engine"
	"yilu/bot/ledger"
)

// What makes the test binary the child of TestKillAtEveryWrite: the folder of its data, and the number of the write
// point at which it kills itself (0: never).
const (
	childData = "YILU_TEST_CHILD_DATA"
	childKill = "YILU_TEST_CHILD_KILL"
)

// crashDay is the child's clock. It stands still, so that every run says the same, byte for byte; and it lies in the
// past, so that the export, which has the real clock, takes up what the child left behind.
var crashDay = time.Date(2026, 1, 5, 9, 0, 0, 0, bot.Xiamen)

// child answers the messages of its standard input, one JSON line each, with the bytes of the reply.
func child(folder, kill string) error {
	at, err := strconv.Atoi(kill)
	if err != nil {
		return err
	}
	ctx := context.Background()
	a, err := app.Open(ctx, app.Config{Data: folder, Samples: true, Now: func() time.Time { return crashDay }, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	k := &killer{at: int64(at)}
	a.Engine.Ledger = &mortalLedger{a.Engine.Ledger, k}
	a.Engine.Records = &mortalRecords{a.Engine.Records, k}
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		var m bot.Message
		if err := json.Unmarshal(in.Bytes(), &m); err != nil {
			return err
		}
		reply, err := a.Turn(ctx, m)
		if err != nil {
			return err
		}
		raw, err := json.Marshal(reply)
		if err != nil {
			return err
		}
		fmt.Printf("%s\n", raw)
	}
	return a.Close()
}

// killer counts the write points, and kills the process at one of them, as kill -9 does.
type killer struct{ at, passed int64 }

func (k *killer) point() {
	if atomic.AddInt64(&k.passed, 1) == k.at {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // nothing more is done until the signal has come
	}
}

// mortalLedger has a write point before and after everything that it writes.
type mortalLedger struct {
	ledger.Ledger
	*killer
}

func (l *mortalLedger) Commit(ctx context.Context, key string, c ledger.Commit) error {
	l.point()
	defer l.point()
	return l.Ledger.Commit(ctx, key, c)
}

func (l *mortalLedger) Settle(ctx context.Context, key string, ids []string) error {
	l.point()
	defer l.point()
	return l.Ledger.Settle(ctx, key, ids)
}

// mortalRecords are the same for the records.
type mortalRecords struct {
	engine.Records
	*killer
}

func (r *mortalRecords) Apply(ctx context.Context, entries []bot.Entry) ([]string, error) {
	r.point()
	defer r.point()
	return r.Records.Apply(ctx, entries)
}

// run is one child process.
type run struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
	err strings.Builder
}

func start(t *testing.T, folder string, kill int) *run {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := &run{cmd: exec.Command(self)}
	r.cmd.Env = append(os.Environ(), childData+"="+folder, childKill+"="+strconv.Itoa(kill))
	r.cmd.Stderr = &r.err
	if r.in, err = r.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	r.out = bufio.NewReader(out)
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return r
}

// say delivers a message; false says that the child died before it answered.
func (r *run) say(m bot.Message) (reply string, answered bool) {
	if _, err := r.in.Write([]byte(mustJSON(m) + "\n")); err != nil {
		return "", false
	}
	reply, err := r.out.ReadString('\n')
	return reply, err == nil // a half line is no answer
}

// end waits for the child, and fails unless it died as it was meant to.
func (r *run) end(t *testing.T, killed bool) {
	t.Helper()
	_ = r.in.Close()
	err := r.cmd.Wait()
	var exit *exec.ExitError
	died := errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL
	if died != killed || !killed && err != nil {
		t.Fatalf("the child ended with %v: %s", err, r.err.String())
	}
}

func spoken(i int) bot.Message {
	return bot.Message{ID: fmt.Sprintf("m-%02d", i), From: bot.Identity{Channel: "test", User: "a"}, Text: script[i].Text, Choice: script[i].Choice, Lang: "zh-CN"}
}

func clone(t *testing.T, to, from string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

// perform goes through the script, with a child that dies at the points named, one after another, and is started again
// each time; what got no answer is delivered again. In the end the last child is given everything once more, and has to
// say the same. It returns the replies and how many children died.
func perform(t *testing.T, folder string, kills ...int) (replies []string, deaths int) {
	t.Helper()
	next := func() *run {
		if len(kills) == 0 {
			return start(t, folder, 0)
		}
		r := start(t, folder, kills[0])
		kills = kills[1:]
		return r
	}
	r := next()
	for i := range script {
		for {
			reply, answered := r.say(spoken(i))
			if answered {
				replies = append(replies, reply)
				break
			}
			r.end(t, true)
			deaths++
			r = next()
		}
	}
	for i := range script {
		if reply, answered := r.say(spoken(i)); !answered || reply != replies[i] {
			t.Errorf("message %d, delivered again, got\n%swant\n%s", i, reply, replies[i])
		}
	}
	r.end(t, false)
	return replies, deaths
}

// TestKillAtEveryWrite carries T3 and the promises 1, 3 and 4: a process that is killed before or after any write goes on
// as if nothing had been. The child runs a registration and an application; for every write point there is, it is
// killed at that point, started again, and given again what it had not answered.
func TestKillAtEveryWrite(t *testing.T) {
	t.Parallel()
	samples, calm := t.TempDir(), t.TempDir()
	start(t, samples, 0).end(t, false) // brings the samples, once for all
	clone(t, calm, samples)
	want, _ := perform(t, calm)
	if n := len(want); n != len(script) || !strings.Contains(want[n-1], `BM0105-`) {
		t.Fatalf("without a kill the script does not end with an application:\n%s", strings.Join(want, ""))
	}
	inRecords(t, calm, 1)

	var deaths atomic.Int64
	for first := 1; int64(first) <= deaths.Load()+1; first += batch { // until a whole script passed a point that it never reached
		t.Run("points from "+strconv.Itoa(first), func(t *testing.T) {
			for point := first; point < first+batch; point++ {
				t.Run(strconv.Itoa(point), func(t *testing.T) {
					t.Parallel()
					if killedAt(t, point, samples, want) {
						deaths.Add(1)
					}
				})
			}
		})
		if t.Failed() {
			return
		}
	}
	if deaths.Load() < int64(2*len(script)) {
		t.Errorf("killed at %d points, but a script of %d turns has more", deaths.Load(), len(script))
	}
	t.Logf("killed at each of %d write points", deaths.Load())
}

// batch is how many points are tried at a time.
const batch = 16

// killedAt kills the first child at the point, and the second one soon after it was started; then it looks at what is
// left. False says that the script ended before the point was reached.
func killedAt(t *testing.T, point int, samples string, want []string) bool {
	folder := t.TempDir()
	clone(t, folder, samples)
	replies, deaths := perform(t, folder, point, 1+point%3)
	if deaths == 0 {
		return false
	}
	for i := range want {
		if replies[i] != want[i] {
			t.Errorf("message %d %v was answered otherwise than without a kill:\n%swant\n%s", i, script[i], replies[i], want[i])
		}
	}
	inRecords(t, folder, 1)
	return true
}
