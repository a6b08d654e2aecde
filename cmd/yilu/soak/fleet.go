package soak

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// fleet is the processes of Yilu, and the balancer before them.
type fleet struct {
	binary, folder string
	args, env      []string
	client         *http.Client
	broken         func(promise, detail string)
	excused        func() bool // a store is away, so that a process may fail to start

	mu      sync.Mutex
	serving []*process
	all     []*process
	made    int
	closing bool
	turn    atomic.Int64
	offset  atomic.Int64 // of every clock
	wait    sync.WaitGroup

	failedStarts, slowestStop atomic.Int64
	startTime, starts         atomic.Int64
}

// process is one Yilu.
type process struct {
	cmd    *exec.Cmd
	pipe   io.WriteCloser // whose end tells the process that we are gone
	url    string
	page   *page
	log    string
	killed atomic.Bool // by us
	asked  atomic.Bool // to stop
	done   chan struct{}
}

// startIn is how long a process may take to say its address.
const startIn = time.Minute

// spawn starts a process and waits until it serves.
func (f *fleet) spawn(ctx context.Context) (*process, error) {
	f.mu.Lock()
	f.made++
	name := filepath.Join(f.folder, fmt.Sprintf("process-%04d", f.made))
	f.mu.Unlock()
	began := time.Now()
	board, err := openPage(name + ".page")
	if err != nil {
		return nil, err
	}
	board.offset.Store(f.offset.Load())
	log, err := os.Create(name + ".log")
	if err != nil {
		return nil, err
	}
	defer log.Close()
	p := &process{page: board, log: name + ".log", done: make(chan struct{})}
	p.cmd = exec.Command(f.binary, append([]string{"soak", "child", "--page", name + ".page"}, f.args...)...)
	p.cmd.Env, p.cmd.Stderr = f.env, log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if p.pipe, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	slow := time.AfterFunc(startIn, func() { _ = p.cmd.Process.Kill() })
	stopped := context.AfterFunc(ctx, func() { _ = p.cmd.Process.Kill() })
	defer stopped()
	said, err := bufio.NewReader(out).ReadString('\n')
	if !slow.Stop() || err != nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
		p.page.close()
		return nil, fmt.Errorf("a process did not start: %s", tail(p.log))
	}
	p.url = strings.TrimSpace(said)
	f.startTime.Add(int64(time.Since(began)))
	f.starts.Add(1)
	f.mu.Lock()
	f.serving = append(f.serving, p)
	f.all = append(f.all, p)
	f.mu.Unlock()
	return p, nil
}

// tail is the end of a log.
func tail(name string) string {
	raw, _ := os.ReadFile(name)
	return strings.TrimSpace(string(raw[max(0, len(raw)-2000):]))
}

// run keeps n processes alive until the fleet is closed.
func (f *fleet) run(ctx context.Context, n int) error {
	for range n {
		p, err := f.spawn(ctx)
		if err != nil {
			return err
		}
		f.wait.Go(func() { f.keep(ctx, p) })
	}
	return nil
}

// keep watches over a process, and starts another one in its place, as a service manager does.
func (f *fleet) keep(ctx context.Context, p *process) {
	for {
		f.watch(p)
		if p.asked.Load() {
			return
		}
		for {
			f.mu.Lock()
			closing := f.closing
			f.mu.Unlock()
			if closing || ctx.Err() != nil {
				return
			}
			next, err := f.spawn(ctx)
			if err == nil {
				p = next
				break
			}
			f.failedStarts.Add(1)
			if !f.excused() && ctx.Err() == nil {
				f.broken("a process starts while its stores answer", err.Error())
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
}

// watch waits for the end of a process. One that ended otherwise than by our hand has broken a promise.
func (f *fleet) watch(p *process) {
	err := p.cmd.Wait()
	f.leave(p)
	close(p.done)
	var exit *exec.ExitError
	died := errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL
	switch {
	case died && (p.killed.Load() || p.page.died.Load() != 0), err == nil && p.asked.Load():
	default:
		f.broken("a process ends only when it is told to", fmt.Sprintf("it ended with %v:\n%s", err, tail(p.log)))
	}
}

// leave takes a process out of the balancer.
func (f *fleet) leave(p *process) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, s := range f.serving {
		if s == p {
			f.serving = append(f.serving[:i:i], f.serving[i+1:]...)
			return
		}
	}
}

// pick is a process that serves, nil if none does.
func (f *fleet) pick(n int64) *process {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.serving) == 0 {
		return nil
	}
	return f.serving[n%int64(len(f.serving))]
}

// kill ends a process as kill -9 does, and waits for its end.
func (f *fleet) kill(p *process) {
	p.killed.Store(true)
	f.leave(p)
	_ = p.cmd.Process.Kill()
	<-p.done
}

// killAt has a process kill itself at a write point, and reports whether it did so in time.
func (f *fleet) killAt(p *process, at point, after int64) bool {
	p.page.left.Store(after)
	p.page.armed.Store(int64(at) + 1)
	late := time.NewTimer(2 * time.Second)
	defer late.Stop()
	select {
	case <-p.done:
		return true
	case <-late.C:
		p.page.armed.Store(0)
		return false
	}
}

// stopIn is how long a process may take to stop in order.
const stopIn = 10 * time.Second

// roll starts a process in place of another, which is then told to stop and must do so in order and in time.
func (f *fleet) roll(ctx context.Context, p *process) {
	next, err := f.spawn(ctx)
	if err != nil {
		if !f.excused() && ctx.Err() == nil {
			f.broken("a process starts while its stores answer", err.Error())
		}
		return
	}
	f.wait.Go(func() { f.keep(ctx, next) })
	f.stop(p)
}

// stop tells a process to stop, and waits.
func (f *fleet) stop(p *process) {
	p.asked.Store(true)
	f.leave(p)
	began := time.Now()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	late := time.NewTimer(stopIn + 5*time.Second)
	defer late.Stop()
	select {
	case <-p.done:
	case <-late.C:
		p.killed.Store(true)
		_ = p.cmd.Process.Signal(syscall.SIGQUIT)
		<-p.done
	}
	took := time.Since(began)
	f.slowestStop.Store(max(f.slowestStop.Load(), int64(took)))
	if took > stopIn {
		f.broken("a process that is told to stop has ended within 10 s", fmt.Sprintf("it took %v:\n%s", took, tail(p.log)))
	}
}

// step sets every clock.
func (f *fleet) step(offset time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.offset.Store(int64(offset))
	for _, p := range f.all {
		p.page.offset.Store(int64(offset))
	}
}

// limit bounds the size of the files that the processes may write; less than 0 for no bound.
func (f *fleet) limit(size int64) error {
	f.mu.Lock()
	serving := slices.Clone(f.serving)
	f.mu.Unlock()
	to := "unlimited"
	if size >= 0 {
		to = strconv.FormatInt(size, 10)
	}
	for _, p := range serving {
		out, err := exec.Command("prlimit", "--pid", strconv.Itoa(p.cmd.Process.Pid), "--fsize="+to+":unlimited").CombinedOutput()
		if err == nil {
			continue
		}
		select {
		case <-p.done: // it was killed meanwhile
		case <-time.After(time.Second):
			return fmt.Errorf("prlimit: %w: %s", err, out)
		}
	}
	return nil
}

// close stops all processes in order.
func (f *fleet) close() {
	f.mu.Lock()
	f.closing = true
	f.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		f.wait.Wait()
		close(ended)
	}()
	for {
		f.mu.Lock()
		serving := slices.Clone(f.serving) // one may have started at the last moment
		f.mu.Unlock()
		var wait sync.WaitGroup
		for _, p := range serving {
			wait.Go(func() { f.stop(p) })
		}
		wait.Wait()
		select {
		case <-ended:
			f.client.CloseIdleConnections()
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// errNobody is what the balancer says while no process serves.
var errNobody = errors.New("no process serves")

// do delivers a request to one of the processes. Where one refuses the connection the next is asked, as a balancer does.
func (f *fleet) do(ctx context.Context, build func(base string) (*http.Request, error)) (status int, body []byte, err error) {
	for n := f.turn.Add(1); ; n++ {
		p := f.pick(n)
		if p == nil {
			return 0, nil, errNobody
		}
		r, err := build(p.url)
		if err != nil {
			return 0, nil, err
		}
		answer, err := f.client.Do(r.WithContext(ctx))
		if errors.Is(err, syscall.ECONNREFUSED) {
			f.leave(p)
			continue
		}
		if err != nil {
			return 0, nil, err
		}
		body, err = io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		return answer.StatusCode, body, err
	}
}

// counts are what stands in pages.
type counts struct {
	passed          [points]int64
	conflicts, seen int64
}

// counts adds up the pages of all processes there were.
func (f *fleet) counts() (sum counts) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.all {
		for i := range sum.passed {
			sum.passed[i] += p.page.passed[i].Load()
		}
		sum.conflicts += p.page.conflicts.Load()
		sum.seen += p.page.seen.Load()
	}
	return sum
}
