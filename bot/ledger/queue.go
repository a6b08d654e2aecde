package ledger

import (
	"slices"
	"sync"
)

// most is how many commits are written in one transaction. It bounds how long a reader of the write connection waits.
const most = 64

// write is one commit on its way.
type write struct {
	Commit
	key  string
	err  error     // how it ended; to be read once call has said so
	call chan bool // false: it ended; true: lead
}

// queue lines up the commits. One of them at a time leads: it writes its own and those that wait behind it, then names
// the next to lead. There is no goroutine to start or stop.
type queue struct {
	mu      sync.Mutex
	waiting []*write
	led     bool // somebody leads; if nobody does, nobody waits
}

// join lines w up, or returns true: it leads.
func (q *queue) join(w *write) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.led {
		q.led = true
		return true
	}
	q.waiting = append(q.waiting, w)
	return false
}

// leave takes w out of the line. It returns false if w is no longer in it: it is being written, or was named to lead.
func (q *queue) leave(w *write) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.waiting, w)
	if i < 0 {
		return false
	}
	q.waiting = slices.Delete(q.waiting, i, i+1)
	return true
}

// take removes those that are written with the leader.
func (q *queue) take() []*write {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(len(q.waiting), most-1)
	taken := slices.Clone(q.waiting[:n])
	q.waiting = slices.Delete(q.waiting, 0, n)
	return taken
}

// pass names the next leader.
func (q *queue) pass() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		q.led = false
		return
	}
	next := q.waiting[0]
	q.waiting = slices.Delete(q.waiting, 0, 1)
	next.call <- true
}
