package ledger

import (
	"slices"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// held are the sessions that this process wrote or read last, the least used ones dropped. They may be behind what is in
// Redis: who decides on one finds out when it commits.
type held struct {
	mu  sync.Mutex
	all *simplelru.LRU[string, hold] // nil holds nothing
}

// mostHeld is how large a session may be to be held, so that the number of them bounds the memory.
const mostHeld = 16 << 10

// add holds a session, if it is not too large.
func (h *held) add(key string, s hold) {
	if len(s.value) > mostHeld {
		h.all.Remove(key)
		return
	}
	h.all.Add(key, s)
}

// hold is one session.
type hold struct {
	value  value
	waits  []string // effects that wait
	listed bool     // waits are all of them
}

func (h *held) room(sessions int) {
	if sessions > 0 {
		h.all, _ = simplelru.NewLRU[string, hold](sessions, nil)
	}
}

func (h *held) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.all == nil {
		return 0
	}
	return h.all.Len()
}

// get is a session to write on.
func (h *held) get(key string) (value, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.all == nil {
		return nil, false
	}
	s, ok := h.all.Get(key)
	return s.value, ok
}

// whole is a session of which no effect waits: those that do may have been applied elsewhere since.
func (h *held) whole(key string) (value, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.all == nil {
		return nil, false
	}
	s, ok := h.all.Get(key)
	return s.value, ok && s.listed && len(s.waits) == 0
}

func (h *held) put(key string, v value, waits []string, listed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.all != nil {
		h.add(key, hold{v, waits, listed})
	}
}

func (h *held) drop(key string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.all != nil {
		h.all.Remove(key)
	}
}

// advance holds what was committed on a session, with the effects that were added.
func (h *held) advance(key string, from, to value, effects []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.all == nil {
		return
	}
	s, ok := h.all.Peek(key)
	if !ok || s.value.mark() != from.mark() {
		s = hold{} // somebody held another one meanwhile: what it knew of effects is not of this one
	}
	h.add(key, hold{to, append(slices.Clone(s.waits), effects...), s.listed})
}

// replace holds another form of a session, if it is still the one that is held.
func (h *held) replace(key string, from, to value) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.all == nil {
		return
	}
	if s, ok := h.all.Peek(key); ok && s.value.mark() == from.mark() {
		s.value = to
		h.add(key, s)
	}
}

// settle notes that effects wait no more.
func (h *held) settle(key string, ids []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.all == nil {
		return
	}
	s, ok := h.all.Peek(key)
	if !ok || len(s.waits) == 0 {
		return
	}
	s.waits = slices.DeleteFunc(slices.Clone(s.waits), func(id string) bool { return slices.Contains(ids, id) })
	h.all.Add(key, s)
}
