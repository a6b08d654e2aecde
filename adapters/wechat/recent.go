package wechat

import (
	"sync"
	"time"
)

// recent remembers values by key for a while, and never more than max of them: then the oldest goes. It is safe for
// concurrent use.
type recent[V any] struct {
	max  int
	keep time.Duration

	mu    sync.Mutex
	by    map[string]V
	order []arrival // the oldest first, from head on
	head  int
}

// arrival is when a key came first.
type arrival struct {
	key string
	at  time.Time
}

func newRecent[V any](max int, keep time.Duration) *recent[V] {
	return &recent[V]{max: max, keep: keep, by: map[string]V{}}
}

// visit hands what is kept under the key to next and keeps what next returns, until keep after the key came first.
func (r *recent[V]) visit(key string, now time.Time, next func(old V, known bool) V) V {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.head < len(r.order) && now.Sub(r.order[r.head].at) > r.keep {
		r.drop()
	}
	old, known := r.by[key]
	if !known {
		if len(r.by) >= r.max {
			r.drop()
		}
		r.order = append(r.order, arrival{key, now})
	}
	v := next(old, known)
	r.by[key] = v
	return v
}

// drop forgets the oldest. What is forgotten is given back once it is half of the list.
func (r *recent[V]) drop() {
	delete(r.by, r.order[r.head].key)
	r.order[r.head] = arrival{}
	r.head++
	if r.head*2 >= len(r.order) {
		r.order = append(r.order[:0:0], r.order[r.head:]...)
		r.head = 0
	}
}
