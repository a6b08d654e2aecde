package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
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

// lasting is who it leads to for good, nil for nobody.
func (s *speaker) lasting() *speaker {
	for s != nil && !s.Till.IsZero() {
		s = s.Then
	}
	return s
}

// redirect leads what leads to one identity for good to another instead, and to nobody where there is no other. It
// reports whether anything did.
func (s *speaker) redirect(from, to bot.Identity) (*speaker, bool) {
	switch {
	case s == nil:
		return nil, false
	case !s.Till.IsZero():
		then, changed := s.Then.redirect(from, to)
		return &speaker{ID: s.ID, Till: s.Till, Then: then}, changed
	case s.ID != from:
		return s, false
	case to == bot.Identity{}:
		return nil, true
	}
	return &speaker{ID: to}, true
}

// pointer is how a stored session begins that speaks as somebody; the field is the first of the session, so that all
// others cost one comparison.
var pointer = []byte(`{"as":`)

// pointed reads out of a stored session who it speaks as, nil for itself, and whether somebody said here that they are
// not 16 yet.
func pointed(state []byte) (as *speaker, young bool) {
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
	return s.As, s.Facts[bot.FactUnder16] != ""
}

// route is where the messages of an identity go.
type route struct {
	root  bot.Identity // in whose session it speaks
	young bool         // on the way somebody said that they are not 16 yet
	guest bool         // it speaks there for a while only
}

// follow finds where an identity speaks that leads to as, nil for itself. Whoever is linked to a guest does not come
// along: after the first step only what holds for good counts. Two that came to speak as each other, because each typed
// the other's code at the same moment, speak as the one whose key is lower.
func (e *Engine) follow(ctx context.Context, who bot.Identity, as *speaker, now time.Time) (route, error) {
	to := route{root: who}
	seen := []bot.Identity{who}
	for as != nil {
		to.guest = to.guest || !as.Till.IsZero()
		if i := slices.Index(seen, as.ID); i >= 0 {
			to.root = slices.MinFunc(seen[i:], func(a, b bot.Identity) int { return strings.Compare(a.Key(), b.Key()) })
			return to, nil
		}
		to.root = as.ID
		seen = append(seen, as.ID)
		next, young, err := e.leads(ctx, as.ID, now)
		if err != nil {
			return to, err
		}
		if as = next.lasting(); as != nil {
			to.young = to.young || young
		}
	}
	return to, nil
}

// leads is what the session of an identity points to, see pointed.
func (e *Engine) leads(ctx context.Context, who bot.Identity, now time.Time) (*speaker, bool, error) {
	snap, err := e.Ledger.Look(ctx, who.Key(), "look", now)
	if err != nil {
		return nil, false, err
	}
	as, young := pointed(snap.State)
	return as, young, nil
}

// find is the route of an identity.
func (e *Engine) find(ctx context.Context, who bot.Identity, now time.Time) (route, error) {
	as, _, err := e.leads(ctx, who, now)
	if err != nil {
		return route{root: who}, err
	}
	return e.follow(ctx, who, as.now(now), now)
}

// root is the identity in whose session another one speaks for good.
func (e *Engine) root(ctx context.Context, who bot.Identity, now time.Time) (bot.Identity, error) {
	as, _, err := e.leads(ctx, who, now)
	if err != nil {
		return who, err
	}
	to, err := e.follow(ctx, who, as.lasting(), now)
	return to.root, err
}

// separate lets an identity speak for itself again, and whoever spoke through it speak as the worker whose dialogue
// asked for it. Under 16 is under 16 on both sides.
func (e *Engine) separate(ctx context.Context, entry bot.Entry, u bot.UnlinkIdentity) error {
	snap, err := e.Ledger.Look(ctx, entry.From.Key(), "look", e.Now())
	if err != nil {
		return err
	}
	young := false
	if s, broken := readSession(snap.State); broken == nil {
		young = s.Facts[bot.FactUnder16] != ""
	}
	// What it said here finds its answers where it belongs from now on.
	turns, err := e.Ledger.History(ctx, entry.From.Key())
	if err != nil {
		return err
	}
	for _, t := range turns {
		if !strings.HasPrefix(t.Message, u.Identity.Key()+" ") {
			continue
		}
		if err := e.copyTurn(ctx, u.Identity, t.Message, t.Reply, young, false); err != nil {
			return err
		}
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
	lead := func(who, to bot.Identity) error {
		return e.amendSession(ctx, who.Key(), entry.ID, nil, func(s *session, _ time.Time) (changed bool) {
			s.As, changed = s.As.redirect(u.Identity, to)
			return changed
		})
	}
	if err := lead(entry.From, bot.Identity{}); err != nil { // of two that spoke as each other
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
		if err := lead(who, entry.From); err != nil {
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
// it there, whoever that identity speaks as by then. What was said of the age is kept with it, and what was taken back is
// taken back there.
func (e *Engine) copyTurn(ctx context.Context, via bot.Identity, kept string, reply []byte, young, takenBack bool) error {
	id := kept[min(len(kept), len(via.Key())+1):]
	return e.amendSession(ctx, via.Key(), id, reply, func(s *session, _ time.Time) bool {
		switch {
		case takenBack:
			delete(s.Facts, bot.FactUnder16)
		case young && s.Facts[bot.FactUnder16] == "":
			s.tooYoung()
		}
		return true
	})
}

// noted is what stands in place of the words of a turn that is none of the session's own: a copy, or a change from
// elsewhere. It is there to be found by its id and is no part of the history.
const noted = "\x00"
