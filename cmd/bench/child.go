package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"yilu/bot"
)

// child is a process under test.
type child struct {
	told
	cmd   *exec.Cmd
	in    io.Closer
	log   string
	began time.Duration // from its start until it could be talked to
}

// startIn is how long a process may take until it is ready.
const startIn = 5 * time.Minute

// start starts a server and waits until it is ready.
func start(dir, name string, r role) (*child, error) {
	c, out, err := launch(dir, name, r)
	if err != nil {
		return nil, err
	}
	at := time.Now()
	said := make(chan []byte, 1)
	go func() {
		line, _ := bufio.NewReader(out).ReadBytes('\n')
		said <- line
		_, _ = io.Copy(io.Discard, out)
	}()
	select {
	case line := <-said:
		if err := json.Unmarshal(line, &c.told); err != nil {
			return nil, c.failed("it did not start")
		}
	case <-time.After(startIn):
		return nil, c.failed("it was not ready in time")
	}
	c.began = time.Since(at)
	return c, nil
}

// finish runs a process to its end.
func finish(ctx context.Context, dir, name string, r role) error {
	c, out, err := launch(dir, name, r)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { _ = c.in.Close() })()
	_, _ = io.Copy(io.Discard, out)
	if c.cmd.Wait() != nil {
		return c.failed("it failed")
	}
	return ctx.Err()
}

// launch starts this program once more, in a role.
func launch(dir, name string, r role) (*child, io.Reader, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return nil, nil, err
	}
	program, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	c := &child{cmd: exec.Command(program), log: filepath.Join(dir, name+".log")}
	log, err := os.Create(c.log)
	if err != nil {
		return nil, nil, err
	}
	defer log.Close()
	c.cmd.Env = append(os.Environ(), roleName+"="+string(text))
	c.cmd.Stderr = log
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	return c, out, c.cmd.Start()
}

// failed ends the process and says how it went, with the end of its log.
func (c *child) failed(say string) error {
	_ = c.stop()
	log, _ := os.ReadFile(c.log)
	if len(log) > 2000 {
		log = log[len(log)-2000:]
	}
	return bot.Errorf(bot.Internal, "run "+filepath.Base(c.log), "%s: %s", say, bytes.TrimSpace(log))
}

// stop ends it in order.
func (c *child) stop() error {
	_ = c.in.Close()
	ended := make(chan error, 1)
	go func() { ended <- c.cmd.Wait() }()
	select {
	case err := <-ended:
		return err
	case <-time.After(time.Minute):
		_ = c.cmd.Process.Kill()
		return <-ended
	}
}

func (c *child) pid() int { return c.cmd.Process.Pid }

// profile writes a profile of the processor's time of the next seconds.
func (c *child) profile(ctx context.Context, file string, d time.Duration) error {
	return c.get(ctx, "/debug/pprof/profile?seconds="+strconv.Itoa(max(1, int(d.Seconds()))), file)
}

// free gives back the memory that is not used.
func (c *child) free(ctx context.Context) error { return c.get(ctx, "/free", "") }

func (c *child) get(ctx context.Context, path, file string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.Profile+path, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || file == "" {
		return err
	}
	return os.WriteFile(file, body, 0o600)
}
