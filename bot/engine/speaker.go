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

// pointed reads out of a stored session who it speaks as, nil for itself, and whether somebody said here that they are
// not 16 yet.
func pointed(state []byte, now time.Time) (as *speaker, young bool) {
	if !bytes.HasPrefix(state, pointer) {
		return nil, false
	}
	var s struct {
		As    *speaker          `json:"as"`
		Facts map[string]string `json:"facts"`
	}
	if json.Unmarshal(state, &s) != nil {
		return nil, false
	}
	return s.As.now(now), s.Facts[bot.FactUnder16] != ""
}

// route is where the messages of an identity go.
type route struct {
	root  bot.Identity // in whose session it speaks
	young bool         // on the way somebody said that they are not 16 yet
	guest bool         // it speaks there for a while only
}

// route follows an identity to the one in whose session it speaks; state is its own session as it is stored. Two that
// came to speak as each other, because each typed the other's code at the same moment, speak as the one whose key is
// lower.
func (e *Engine) route(ctx context.Context, who bot.Identity, state []byte, now time.Time) (route, error) {
	to := route{root: who}
	seen := []bot.Identity{who}
	for {
		as, young := pointed(state, now)
		if as == nil {
			return to, nil
		}
		to.young, to.guest = to.young || young, to.guest || !as.Till.IsZero()
		if i := slices.Index(seen, as.ID); i >= 0 {
			to.root = slices.MinFunc(seen[i:], func(a, b bot.Identity) int { return bytes.Compare([]byte(a.Key()), []byte(b.Key())) })
			return to, nil
		}
		to.root = as.ID
		seen = append(seen, as.ID)
		snap, err := e.Ledger.Load(ctx, as.ID.Key(), "look", now)
		if err != nil {
			return to, err
		}
		state = snap.State
	}
}

// root is the identity in whose session another one speaks.
func (e *Engine) root(ctx context.Context, who bot.Identity, now time.Time) (bot.Identity, error) {
	snap, err := e.Ledger.Load(ctx, who.Key(), "look", now)
	if err != nil {
		return who, err
	}
	to, err := e.route(ctx, who, snap.State, now)
	return to.root, err
}

// separate lets an identity speak for itself again, and whoever spoke through it speak as the worker whose dialogue
// asked for it. Under 16 is under 16 on both sides.
func (e *Engine) separate(ctx context.Context, entry bot.Entry, u bot.UnlinkIdentity) error {
	asked := u.Message
	if asked == "" {
		asked = "look"
	}
	snap, err := e.Ledger.Load(ctx, entry.From.Key(), asked, e.Now())
	if err != nil {
		return err
	}
	if snap.Seen { // the very message that asked for it finds its answer where it belongs from now on
		if err := e.copyTurn(ctx, u.Identity, asked, snap.Reply); err != nil {
			return err
		}
	}
	young := false
	if s, broken := readSession(snap.State); broken == nil {
		young = s.Facts[bot.FactUnder16] != ""
	}
	err = e.amendSession(ctx, u.Identity.Key(), entry.ID, nil, func(s *session, _ time.Time) bool {
		linked := s.As != nil
		s.As = nil
		if young && s.Facts[bot.FactUnder16] == "" {
			s.tooYoung()
			return true
		}
		return linked
	})
	if err != nil {
		return err
	}
	through := func(as *speaker) bool { return as != nil && as.ID == u.Identity && as.Till.IsZero() }
	err = e.amendSession(ctx, entry.From.Key(), entry.ID, nil, func(s *session, now time.Time) bool {
		circle := through(s.As.now(now))
		if circle {
			s.As = nil
		}
		return circle
	})
	if err != nil {
		return err
	}
	all, err := e.Records.Identities(ctx, entry.From.Worker())
	if err != nil && bot.CodeOf(err) != bot.NotFound {
		return err
	}
	for _, who := range all {
		if who == u.Identity || who == entry.From {
			continue
		}
		err := e.amendSession(ctx, who.Key(), entry.ID, nil, func(s *session, now time.Time) bool {
			chained := through(s.As.now(now))
			if chained {
				s.As = &speaker{ID: entry.From}
			}
			return chained
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// tooYoung notes that somebody said that they are not 16 yet: nothing that was under way goes on.
func (s *session) tooYoung() {
	if s.Facts == nil {
		s.Facts = map[string]string{}
	}
	s.Facts[bot.FactUnder16] = "yes"
	s.Stack, s.Drafts, s.Offered, s.Rest = nil, nil, nil, nil
}

// copyTurn keeps the answer to a message in the session of the identity that sent it, too: a repeat of the message finds
// it there, whoever that identity speaks as by then.
func (e *Engine) copyTurn(ctx context.Context, via bot.Identity, kept string, reply []byte) error {
	id := kept[min(len(kept), len(via.Key())+1):]
	return e.amendSession(ctx, via.Key(), id, reply, func(*session, time.Time) bool { return true })
}
