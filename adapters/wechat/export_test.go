package wechat

import "time"

// Recent is the memory of nonces and counts, with counts as values.
type Recent struct{ r *recent[int] }

// NewRecent makes one.
func NewRecent(max int, keep time.Duration) Recent { return Recent{newRecent[int](max, keep)} }

// Count adds one to the key's count and returns it.
func (r Recent) Count(key string, now time.Time) int {
	return r.r.visit(key, now, func(old int, _ bool) int { return old + 1 })
}

// Len is how much is remembered, and how much room that takes.
func (r Recent) Len() (kept, room int) { return len(r.r.by), len(r.r.order) }
