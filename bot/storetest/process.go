package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"

	"yilu/bot"
)

// within is how long a server may take to answer once it was started, also on a machine that is busy with tests.
const within = 60 * time.Second

// again is how long is waited before a server is asked again.
const again = 20 * time.Millisecond

// process is one server: what it is started with, and the process while it runs.
type process struct {
	name string // also of its log file
	path string
	args []string
	dir  string
	as   *credential // nil: who we are

	mu      sync.Mutex
	running *exec.Cmd
	ended   chan struct{} // closed once running has been waited for
}

// start starts the server and waits until ready returns nil. ready is asked again and again until the deadline or
// until the process ends, which is an error that carries the end of the log.
func (p *process) start(ready func(context.Context) error) error {
	p.mu.Lock()
	if p.alive() {
		p.mu.Unlock()
		return p.fault(bot.Invalid, errors.New("it runs already"))
	}
	log, err := os.OpenFile(p.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		p.mu.Unlock()
		return p.fault(bot.Unavailable, err)
	}
	cmd := exec.Command(p.path, p.args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = p.dir, log, log, attributes(p.as)
	ended := make(chan struct{})
	started := make(chan error)
	go run(cmd, started, ended)
	err = <-started
	_ = log.Close()
	if err != nil {
		p.mu.Unlock()
		return p.fault(bot.Unavailable, err)
	}
	p.running, p.ended = cmd, ended
	p.mu.Unlock()

	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ended:
			return p.fault(bot.Unavailable, errors.New("it ended"))
		case <-ctx.Done():
			_ = p.kill()
			return p.fault(bot.Unavailable, fmt.Errorf("it does not answer: %w", err))
		case <-time.After(again):
		}
	}
}

// run starts the command and waits for it on one thread that it keeps: on Linux the death of the thread that started a
// process counts as the death of the parent.
func run(cmd *exec.Cmd, started chan<- error, ended chan<- struct{}) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := cmd.Start()
	started <- err
	if err == nil {
		_ = cmd.Wait() // how it ended is read from its log
	}
	close(ended)
}

// alive reports whether the process runs. The lock must be held.
func (p *process) alive() bool {
	if p.running == nil {
		return false
	}
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// pid is 0 while the server is down.
func (p *process) pid() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.alive() {
		return 0
	}
	return p.running.Process.Pid
}

// kill ends the server and its children at once, and waits. A server that is down stays so.
func (p *process) kill() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.alive() {
		return nil
	}
	err := signalAll(p.running.Process.Pid, syscall.SIGKILL)
	<-p.ended
	if err != nil {
		return p.fault(bot.Unavailable, err)
	}
	return nil
}

// stop asks the server to end and waits; one that does not within the deadline is killed, which is an error.
func (p *process) stop(sig syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.alive() {
		return nil
	}
	pid := p.running.Process.Pid
	if err := resumeAll(pid); err != nil { // one that is paused hears nothing
		return p.fault(bot.Unavailable, err)
	}
	if err := signal(pid, sig); err != nil {
		return p.fault(bot.Unavailable, err)
	}
	select {
	case <-p.ended:
		return nil
	case <-time.After(within):
		_ = signalAll(pid, syscall.SIGKILL)
		<-p.ended
		return p.fault(bot.Unavailable, errors.New("it did not stop and was killed"))
	}
}

// pause stops the clock of the server and its children; nothing of it runs until resume.
func (p *process) pause() error  { return p.still(pauseAll) }
func (p *process) resume() error { return p.still(resumeAll) }

func (p *process) still(do func(pid int) error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.alive() {
		return p.fault(bot.Unavailable, errors.New("it is down"))
	}
	if err := do(p.running.Process.Pid); err != nil {
		return p.fault(bot.Unavailable, err)
	}
	return nil
}

func (p *process) log() string { return filepath.Join(p.dir, p.name+".log") }

// fault makes an Error with the last lines of the log, which name no secret: the servers have none.
func (p *process) fault(code bot.Code, err error) error {
	e := &bot.Error{Code: code, Op: "run " + p.name, Err: err}
	if text, rerr := os.ReadFile(p.log()); rerr == nil && len(text) > 0 {
		text = bytes.TrimSpace(text)
		e.Say = "its log ends with: " + string(text[max(0, len(text)-800):])
	}
	return e
}

// find looks for a program in the path and then in folders where systems keep it. Code Off: it is not installed.
func find(name string, folders ...string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return filepath.Abs(path)
	}
	for _, pattern := range folders {
		found, _ := filepath.Glob(filepath.Join(pattern, name))
		if len(found) > 0 {
			return found[len(found)-1], nil
		}
	}
	return "", &bot.Error{Code: bot.Off, Op: "find server", Field: name, Say: "it is not installed; install it, or go without what needs it"}
}

// freePort is a port of the loopback that nobody had a moment ago. Whoever starts a server on it must be ready for
// somebody else to have been faster.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// ports is how many ports are tried before a server is given up.
const ports = 8

// onPort starts a server on free ports until it has one of its own.
func onPort(start func(port int) error) error {
	var last error
	for range ports {
		port, err := freePort()
		if err != nil {
			return &bot.Error{Code: bot.Unavailable, Op: "find a free port", Err: err}
		}
		if last = start(port); last == nil || bot.CodeOf(last) != bot.Conflict {
			return last
		}
	}
	return last
}

// taken turns an error into a Conflict if somebody listens on the port although the server is down.
func taken(port int, err error) error {
	if err == nil {
		return nil
	}
	l, lerr := net.Listen("tcp", loopback(port))
	if lerr != nil {
		return &bot.Error{Code: bot.Conflict, Op: "start server", Say: "its port was taken meanwhile", Err: err}
	}
	_ = l.Close()
	return err
}

// restart starts a server on the port that it had; sockets of the killed one may still hold it for a moment, and so
// may what the killed one had locked.
func restart(start func() error) error {
	ctx, cancel := context.WithTimeout(context.Background(), within/4)
	defer cancel()
	for {
		err := start()
		if err == nil || bot.CodeOf(err) == bot.Invalid {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(5 * again):
		}
	}
}

// until asks again and again until do returns nil or the deadline is past.
func until(what string, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	for {
		err := do(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return &bot.Error{Code: bot.Unavailable, Op: what, Err: err}
		case <-time.After(again):
		}
	}
}
