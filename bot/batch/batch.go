// Package batch lines up those who write to a store that does many things at once as cheaply as one. One of them at a
// time leads: it writes its own and what waits behind it, then names the next to lead. It guarantees that everybody in
// the line is told an end, or to lead, whatever happens to the others, and that whoever leaves before it was taken has
// nothing written. There is no goroutine to start or stop, and nothing waits where nobody writes.
package batch

import (
	"context"
	"slices"
	"sync"

	"yilu/bot"
)

// Most is how many are written together. It bounds how long a reader of the same connection waits.
const Most = 64

// Spot is one place in the line.
type Spot[T any] struct {
	What T
	Err  error // how it ended; to be read once Await said so

	call chan bool // false: it ended; true: lead
}

// NewSpot makes a place. Until its leader says otherwise it has ended badly.
func NewSpot[T any](what T) *Spot[T] {
	return &Spot[T]{What: what, Err: errBroken, call: make(chan bool, 1)}
}

// errBroken is what somebody is told if a panic in another goroutine ended the write before its end came to be known.
var errBroken = &bot.Error{Code: bot.Internal, Op: "write together", Say: "the write was broken off; load what was written to see"}

// End tells whoever waits that it is over.
func (s *Spot[T]) End() { s.call <- false }

// Queue is a line. Its zero value is ready.
type Queue[T any] struct {
	mu      sync.Mutex
	waiting []*Spot[T]
	led     bool // somebody leads; if nobody does, nobody waits
}

// Await lines s up until it was written, or is to lead; who leads must Take, End those that it took, and Pass. A context
// that ends takes s out of the line, with nothing written; left says so.
func (q *Queue[T]) Await(ctx context.Context, s *Spot[T]) (lead, left bool) {
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
func (q *Queue[T]) join(s *Spot[T]) bool {
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
func (q *Queue[T]) leave(s *Spot[T]) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.waiting, s)
	if i < 0 {
		return false
	}
	q.waiting = slices.Delete(q.waiting, i, i+1)
	return true
}

// Take removes those that are written with the leader.
func (q *Queue[T]) Take() []*Spot[T] {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(len(q.waiting), Most-1)
	taken := slices.Clone(q.waiting[:n])
	q.waiting = slices.Delete(q.waiting, 0, n)
	return taken
}

// Give tells everybody who waits that the store does not answer: each would wait as long as the one before, and whoever
// sent the message would be gone by then.
func (q *Queue[T]) Give(err error) {
	for {
		waiting := q.Take()
		if len(waiting) == 0 {
			return
		}
		for _, s := range waiting {
			s.Err = err
			s.End()
		}
	}
}

// Pass names the next leader.
func (q *Queue[T]) Pass() {
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
