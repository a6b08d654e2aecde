package engine

import (
	"context"
	"sync"
)

// queue lets one turn of a worker run at a time, in the order of arrival. It holds nothing for workers who are silent.
type queue struct {
	mu   sync.Mutex
	tail map[string]chan struct{} // closed when the last one who entered has left
}

// enter waits for the turn before this one. What it returns leaves the queue, and must be called once.
func (q *queue) enter(ctx context.Context, key string) (func(), error) {
	mine := make(chan struct{})
	q.mu.Lock()
	if q.tail == nil {
		q.tail = map[string]chan struct{}{}
	}
	before := q.tail[key]
	q.tail[key] = mine
	q.mu.Unlock()

	leave := func() {
		q.mu.Lock()
		if q.tail[key] == mine {
			delete(q.tail, key)
		}
		q.mu.Unlock()
		close(mine)
	}
	if before == nil {
		return leave, nil
	}
	select {
	case <-before:
		return leave, nil
	case <-ctx.Done():
		// Whoever waits for us must still wait for the one before us.
		go func() { <-before; leave() }()
		return nil, ctx.Err()
	}
}
