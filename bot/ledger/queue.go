package ledger

import (
	"context"
	"slices"
	"sync"
)

// most is how many writes are done together. It bounds how long a reader of the same connection waits.
const most = 64

// spot is one write in the line.
type spot[T any] struct {
	what T
	err  error     // how it ended; to be read once call has said so
	call chan bool // false: it ended; true: lead
}

func newSpot[T any](what T) *spot[T] {
	return &spot[T]{what: what, err: errBroken, call: make(chan bool, 1)}
}

// queue lines up what is written to a store that does many things at once as cheaply as one. One of them at a time
// leads: it writes its own and those that wait behind it, then names the next to lead. There is no goroutine to start
// or stop.
type queue[T any] struct {
	mu      sync.Mutex
	waiting []*spot[T]
	led     bool // somebody leads; if nobody does, nobody waits
}

// await lines s up until it was written, or is to lead. A context that ends takes it out of the line, with nothing
// written; left says so.
func (q *queue[T]) await(ctx context.Context, s *spot[T]) (lead, left bool) {
	if q.join(s) {
		return true, false
	}
	select {
	case lead = <-s.call:
		return lead, false
	case <-ctx.Done():
		if q.leave(s) {
			return false, true
		}
		return <-s.call, false
	}
}

// join lines s up, or returns true: it leads.
func (q *queue[T]) join(s *spot[T]) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.led {
		q.led = true
		return true
	}
	q.waiting = append(q.waiting, s)
	return false
}

// leave takes s out of the line. It returns false if s is no longer in it: it is being written, or was named to lead.
func (q *queue[T]) leave(s *spot[T]) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.waiting, s)
	if i < 0 {
		return false
	}
	q.waiting = slices.Delete(q.waiting, i, i+1)
	return true
}

// take removes those that are written with the leader.
func (q *queue[T]) take() []*spot[T] {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(len(q.waiting), most-1)
	taken := slices.Clone(q.waiting[:n])
	q.waiting = slices.Delete(q.waiting, 0, n)
	return taken
}

// give tells everybody who waits that the store does not answer: each would wait as long as the one before, and whoever
// sent the message would be gone by then.
func (q *queue[T]) give(err error) {
	for {
		waiting := q.take()
		if len(waiting) == 0 {
			return
		}
		for _, s := range waiting {
			s.err = err
			s.call <- false
		}
	}
}

// pass names the next leader.
func (q *queue[T]) pass() {
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
