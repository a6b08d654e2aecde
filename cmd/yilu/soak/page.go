package soak

import (
	"os"
	"sync/atomic"
	"time"
	"unsafe"
)

// point is a place where a process can be told to kill itself.
type point int64

// The write points: before and after everything that a turn writes.
const (
	beforeCommit point = iota
	afterCommit
	beforeSettle
	afterSettle
	beforeApply
	afterApply
	points
)

// String names the point.
func (p point) String() string {
	return [...]string{"before commit", "after commit", "before settle", "after settle", "before apply", "after apply"}[p]
}

// page is memory that the soak and one of its processes share, by a file. Counts that stand in it survive a kill -9 of
// the process, and orders reach it without a request.
type page struct {
	memory []byte
	*board
}

// board is what stands in a page.
type board struct {
	offset    atomic.Int64         // of the process's clock, in nanoseconds
	armed     atomic.Int64         // 1 + the point at which the process kills itself, 0 for none
	left      atomic.Int64         // how often it still passes the point, that time included
	died      atomic.Int64         // 1 + the point at which it did
	passed    [points]atomic.Int64 // how often each point was passed
	conflicts atomic.Int64         // commits that came second
	seen      atomic.Int64         // messages that were answered with what was kept
}

const pageSize = 4096

// openPage maps the file, and makes it where there is none.
func openPage(name string) (*page, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := f.Truncate(pageSize); err != nil {
		return nil, err
	}
	memory, err := mapped(f, pageSize)
	if err != nil {
		return nil, err
	}
	return &page{memory, (*board)(unsafe.Pointer(&memory[0]))}, nil
}

// close lets go of the memory.
func (p *page) close() { unmap(p.memory) }

// now is the clock of the process.
func (p *page) now() time.Time { return time.Now().Add(time.Duration(p.offset.Load())) }

// pass is called at a write point, and does not return if the process has been told to die there.
func (p *page) pass(at point) {
	p.passed[at].Add(1)
	if p.armed.Load() == int64(at)+1 && p.left.Add(-1) == 0 {
		p.died.Store(int64(at) + 1)
		die()
	}
}
