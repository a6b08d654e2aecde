package ledger

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"yilu/bot/batch"
)

// lively are the sessions that keep more than a session is to keep once nobody repeats its messages any more: by when
// that is so. They are those of the last half minute, so they are few.
type lively struct {
	mu    sync.Mutex
	until map[string]time.Time
}

func (l *lively) note(key string, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.until == nil {
		l.until = map[string]time.Time{}
	}
	l.until[key] = until
}

func (l *lively) forget(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.until, key)
}

// idle takes out sessions whose time has come, at most so many.
func (l *lively) idle(now time.Time, most int) (keys []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for key, until := range l.until {
		if len(keys) == most {
			break
		}
		if !now.Before(until) {
			keys = append(keys, key)
			delete(l.until, key)
		}
	}
	return keys
}

// again puts sessions back that could not be looked at.
func (l *lively) again(keys []string, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, key := range keys {
		if _, newer := l.until[key]; !newer {
			l.until[key] = until
		}
	}
}

// Forget implements Ledger. Sessions go by themselves; what is dropped here is what those that have fallen silent keep
// of their past beyond what they are to keep. That is left to the process that wrote it: if it ends before, a session
// stays as large as it is until its next turn, and no harm is done. It returns how many it looked at.
func (r *Redis) Forget(ctx context.Context, now time.Time, limit int) (int, error) {
	const op = "shorten sessions"
	type short struct {
		key        string
		base, next value
		spot       *batch.Spot[*command]
	}
	lines := map[*line][]short{}
	silent := r.lively.idle(now, limit)
	for _, key := range silent {
		base, ok := r.held.get(key)
		if !ok { // too large to be held, or somebody else's turn came between
			var err error
			if base, _, err = r.read(ctx, op, key); err != nil {
				r.lively.again(silent, now)
				return 0, err
			}
		}
		if base.version(now) == 0 {
			continue
		}
		next := base.tightened(now, rand.Uint64())
		if next == nil {
			continue
		}
		l := r.line(ctx, partition(key))
		lines[l] = append(lines[l], short{key, base, next, batch.NewSpot(r.write(key, base, next, now))})
	}
	for l, all := range lines {
		for some := range slices.Chunk(all, batch.Most) {
			together := make([]*batch.Spot[*command], len(some))
			for i, s := range some {
				together[i] = s.spot
			}
			bounded, cancel := context.WithTimeout(ctx, r.in)
			l.run(bounded, together)
			cancel()
			for _, s := range some {
				if gone(s.spot.Err) {
					r.lively.again(silent, now)
					return 0, redisFault(op, s.spot.Err)
				}
				if _, other := s.spot.What.done.Val().(string); s.spot.Err == nil && !other {
					r.held.replace(s.key, s.base, s.next)
				}
			}
		}
	}
	return len(silent), nil
}
