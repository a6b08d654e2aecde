package engine

import (
	"context"
	"slices"
	"sync"
	"time"

	"yilu/bot"
)

// gather is how long a message whose place in the platform's order is known waits for one that belongs before it:
// a platform sends a worker's messages on several connections at once, and they overtake each other on the way.
// Messages of channels that know no order do not wait.
const gather = 2 * time.Millisecond

// queue lets one turn of a worker run at a time: of the messages that wait, the one that the platform has first; where
// it does not say, the one that came first. It holds nothing for workers who are silent.
type queue struct {
	mu    sync.Mutex
	lines map[string]*line
}

// line is one worker's messages.
type line struct {
	busy    bool // a turn runs
	waiting []*waiter
}

// waiter is one message that waits.
type waiter struct {
	order bot.Order
	ripe  bool // it has waited long enough for those before it
	call  chan struct{}
}

// enter waits for the turns before this one. What it returns leaves the queue, and must be called once.
func (q *queue) enter(ctx context.Context, key string, order bot.Order) (func(), error) {
	known := order != bot.Order{}
	q.mu.Lock()
	if q.lines == nil {
		q.lines = map[string]*line{}
	}
	l := q.lines[key]
	if l == nil {
		l = &line{}
		q.lines[key] = l
		if !known { // as nearly always where there is no order: nobody else is there
			l.busy = true
			q.mu.Unlock()
			return func() { q.leave(key, l) }, nil
		}
	}
	w := &waiter{order: order, ripe: !known, call: make(chan struct{})}
	l.waiting = append(l.waiting, w)
	if !w.ripe {
		time.AfterFunc(gather, func() {
			q.mu.Lock()
			defer q.mu.Unlock()
			w.ripe = true
			l.next()
		})
	}
	l.next()
	q.mu.Unlock()

	select {
	case <-w.call:
		return func() { q.leave(key, l) }, nil
	case <-ctx.Done():
	}
	q.mu.Lock()
	i := slices.Index(l.waiting, w)
	if i >= 0 {
		l.waiting = slices.Delete(l.waiting, i, i+1)
		q.pass(key, l)
	}
	q.mu.Unlock()
	if i < 0 {
		q.leave(key, l) // it was called at the same moment
	}
	return nil, ctx.Err()
}

// leave ends a turn.
func (q *queue) leave(key string, l *line) {
	q.mu.Lock()
	defer q.mu.Unlock()
	l.busy = false
	q.pass(key, l)
}

// pass calls the next one, and forgets a line in which nobody is left.
func (q *queue) pass(key string, l *line) {
	if l.next(); !l.busy && len(l.waiting) == 0 {
		delete(q.lines, key)
	}
}

// next calls the message whose turn it is, if none runs and it has waited long enough.
func (l *line) next() {
	if l.busy || len(l.waiting) == 0 {
		return
	}
	first := 0
	for i, w := range l.waiting {
		if w.order == (bot.Order{}) {
			break // what came before it goes before it, and what came after it after
		}
		if w.order.Less(l.waiting[first].order) {
			first = i
		}
	}
	w := l.waiting[first]
	if !w.ripe {
		return
	}
	l.waiting = slices.Delete(l.waiting, first, first+1)
	l.busy = true
	close(w.call)
}
