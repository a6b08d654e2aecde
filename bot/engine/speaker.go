package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"time"

	"yilu/bot"
)

// speaker is whose session an identity speaks in, instead of its own: another channel of the same person. The session
// of its own is kept underneath, as it was, and goes on when Till is over or the link is undone.
type speaker struct {
	ID   bot.Identity `json:"id"`
	Till time.Time    `json:"till,omitzero"`  // zero: until it is undone
	Then *speaker     `json:"then,omitempty"` // what holds after Till
}

// now is who it leads to, nil for nobody.
func (s *speaker) now(at time.Time) *speaker {
	for s != nil && !s.Till.IsZero() && !at.Before(s.Till) {
		s = s.Then
	}
	return s
}

// pointer is how a stored session begins that speaks as somebody; the field is the first of the session, so that all
// others cost one comparison.
var pointer = []byte(`{"as":`)

// speaksAs reads out of a stored session whose session is to be spoken in, and whether somebody said here that they are
// not 16 yet.
func speaksAs(state []byte, now time.Time) (to bot.Identity, young, ok bool) {
	if !bytes.HasPrefix(state, pointer) {
		return to, false, false
	}
	var s struct {
		As    *speaker          `json:"as"`
		Facts map[string]string `json:"facts"`
	}
	if json.Unmarshal(state, &s) != nil {
		return to, false, false
	}
	as := s.As.now(now)
	if as == nil {
		return to, false, false
	}
	return as.ID, s.Facts[bot.FactUnder16] != "", true
}

// root follows an identity to the one in whose session it speaks. Two that came to speak as each other, because both
// typed the other's code at the same moment, speak as the one whose key is lower.
func (e *Engine) root(ctx context.Context, who bot.Identity, now time.Time) (bot.Identity, error) {
	seen := []bot.Identity{who}
	for {
		snap, err := e.Ledger.Load(ctx, who.Key(), "look", now)
		if err != nil {
			return who, err
		}
		next, _, ok := speaksAs(snap.State, now)
		if !ok {
			return who, nil
		}
		if i := slices.Index(seen, next); i >= 0 {
			return slices.MinFunc(seen[i:], func(a, b bot.Identity) int { return bytes.Compare([]byte(a.Key()), []byte(b.Key())) }), nil
		}
		who = next
		seen = append(seen, who)
	}
}

// onceAs runs a turn in the session of the person that the message's identity speaks as.
func (e *Engine) onceAs(ctx context.Context, m bot.Message, young bool) (bot.Reply, error) {
	root, err := e.root(ctx, m.From, e.Now())
	if err != nil {
		return bot.Reply{}, err
	}
	if root == m.From { // of two that speak as each other
		return e.take(ctx, m, young)
	}
	m.ID = m.From.Key() + " " + m.ID // two channels may number their messages alike
	m.From = root
	// Whoever waits for the root's turn holds no other line but those of identities that speak as it.
	leave, err := e.queue.enter(ctx, root.Key(), bot.Order{})
	if err != nil {
		return bot.Reply{}, &bot.Error{Code: bot.Unavailable, Op: "turn", Err: err}
	}
	defer leave()
	return e.take(ctx, m, young)
}

// unlink lets an identity speak for itself again.
func (e *Engine) unlink(ctx context.Context, id string, who bot.Identity) error {
	return e.amendSession(ctx, who.Key(), id, func(s *session, _ time.Time) bool {
		linked := s.As != nil
		s.As = nil
		return linked
	})
}
