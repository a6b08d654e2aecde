package engine

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"yilu/bot"
	"yilu/bot/ledger"
)

// A pass lets whoever brings it speak as the person that it was given to. There are two kinds. A link is opened in a
// browser, which then goes on with that person's dialogue for stayIn; a code is typed on another channel, which is that
// person's from then on. A pass is good once, until its time is over, and is found by its hash, in the ledger:
// one that is lost with the ledger is asked for again.
const (
	linkIn = 15 * time.Minute
	codeIn = bot.CodeMinutes * time.Minute
	stayIn = 24 * time.Hour
)

// pass is what the ledger keeps of one.
type pass struct {
	Owner    bot.Identity `json:"owner"`
	Instance string       `json:"instance,omitempty"` // the dialogue to go on with; "" for a code
	Till     time.Time    `json:"till"`
	Used     bot.Identity `json:"used,omitzero"`
	For      string       `json:"for,omitempty"` // the message that used it
}

// makeLink makes the pass of a link: 128 bits, in letters and digits.
func (e *Engine) makeLink(m bot.Message) string {
	return strings.ToLower(bot.Crockford.EncodeToString(e.mac("link", m)[:16]))
}

// makeCode makes the pass of a code: 12 digits, so that it can be typed on any phone and dictated.
func (e *Engine) makeCode(m bot.Message) string {
	return fmt.Sprintf("%0*d", bot.CodeDigits, binary.BigEndian.Uint64(e.mac("code", m))%1e12)
}

// mac makes something that nobody can guess out of a message, the same for the same message, so that deciding stays a
// function of what it is given.
func (e *Engine) mac(what string, m bot.Message) []byte {
	h := hmac.New(sha256.New, e.Secret)
	fmt.Fprintf(h, "%s\x00%s\x00%s", what, m.From.Key(), m.ID)
	return h.Sum(nil)
}

// hashPass is under what a pass is kept.
func hashPass(pass string) string {
	sum := sha256.Sum256([]byte("yilu pass " + pass))
	return hex.EncodeToString(sum[:16])
}

func passKey(hash string) string { return "pass:" + hash }

// findPass looks a pass up. One that is unknown or too old is NotFound.
func (e *Engine) findPass(ctx context.Context, hash string, now time.Time) (p pass, version int64, err error) {
	snap, err := e.Ledger.Look(ctx, passKey(hash), "look", now)
	if err != nil {
		return p, 0, err
	}
	if snap.Version == 0 {
		return p, 0, errNoPass
	}
	if err := json.Unmarshal(snap.State, &p); err != nil {
		return p, 0, bot.Errorf(bot.Internal, "read pass", "it does not read")
	}
	return p, snap.Version, nil
}

var errNoPass = &bot.Error{Code: bot.NotFound, Op: "redeem pass", Say: "it is unknown, used or too old"}

// keepPass makes a pass good. It does nothing to one that is there.
func (e *Engine) keepPass(ctx context.Context, entry bot.Entry, m bot.MakePass) error {
	state, err := json.Marshal(pass{Owner: entry.From, Instance: m.Instance, Till: m.Till})
	if err != nil {
		return err
	}
	err = e.Ledger.Commit(ctx, passKey(m.Hash), ledger.Commit{
		State: state, Turn: ledger.Turn{Message: "made", Reply: []byte("{}"), At: entry.At}, Expires: m.Till,
	})
	if bot.CodeOf(err) == bot.Conflict {
		return nil
	}
	return err
}

// spendPass marks a pass as used for a message; the same message may use it again.
func (e *Engine) spendPass(ctx context.Context, hash string, by bot.Identity, message string, now time.Time) (pass, error) {
	p, version, err := e.findPass(ctx, hash, now)
	switch {
	case err != nil:
		return p, err
	case p.Used == by && p.For == message:
		return p, nil
	case p.Used != bot.Identity{}:
		return p, errNoPass
	}
	p.Used, p.For = by, message
	state, err := json.Marshal(p)
	if err != nil {
		return p, err
	}
	return p, e.Ledger.Commit(ctx, passKey(hash), ledger.Commit{
		Expect: version, State: state, Turn: ledger.Turn{Message: "used", Reply: []byte("{}"), At: now}, Expires: p.Till,
	})
}

// joined uses up the code that a turn has taken, before the turn is kept: of several who type it, one is linked. Whoever
// showed the code is told, and who said here that they are not 16 yet has said so there. The session that it was decided
// on has to be the one that there is.
func (e *Engine) joined(ctx context.Context, d *decision, on ledger.Snapshot) error {
	if d.joins == "" {
		return nil
	}
	if on.Held {
		switch now, err := e.Ledger.Look(ctx, d.From.Key(), d.ID, d.now); {
		case err != nil:
			return err
		case now.Seen || now.Version != on.Version || now.Mark != on.Mark:
			return bot.Errorf(bot.Conflict, "turn", "the session moved on elsewhere")
		}
	}
	p, err := e.spendPass(ctx, d.joins, d.From, d.ID, d.now)
	if bot.CodeOf(err) == bot.NotFound {
		return &bot.Error{Code: bot.Conflict, Op: "turn", Err: err}
	}
	if err != nil {
		return err
	}
	owner, err := e.root(ctx, p.Owner, d.now)
	if err != nil {
		return err
	}
	young := d.session.Facts[bot.FactUnder16] != ""
	return e.amendSession(ctx, owner.Key(), "joined-"+d.joins, nil, func(s *session, _ time.Time) bool {
		s.Joined = append(s.Joined, joining{Channel: d.From.Channel, Key: d.From.Key(), At: d.now})
		if young && s.Facts[bot.FactUnder16] == "" {
			s.tooYoung()
		}
		return true
	})
}

// tellJoined says first of all that a channel was linked: once on every channel but that one, and until the worker's own
// has shown it.
func (d *decision) tellJoined() error {
	s, me := d.session, d.via.Key()
	var left []joining
	for _, j := range s.Joined {
		if d.guest || j.Key == me || slices.Contains(j.Told, me) {
			left = append(left, j)
			continue
		}
		name, err := d.Texts.Text(s.Lang, "common.channel."+j.Channel, nil)
		if err != nil {
			return err
		}
		if err := d.sayText("common.joined", struct{ Channel string }{name}); err != nil {
			return err
		}
		if j.Told = append(j.Told, me); d.via != d.From {
			left = append(left, j)
		}
	}
	s.Joined = slices.DeleteFunc(left, func(j joining) bool { return d.now.Sub(j.At) > keepSession })
	return nil
}

// code makes a code for this worker.
func (d *decision) code() string {
	code := d.makeCode(d.Message)
	if !d.coded && !d.guest {
		d.coded = true
		d.do("code", bot.MakePass{Hash: hashPass(code), Till: d.now.Add(codeIn)})
	}
	return code
}

// join makes this session speak as the worker whose code was typed. The code itself is used up before the turn is kept.
func (d *decision) join(code string) (bot.Joining, error) {
	hash := hashPass(code)
	p, _, err := d.findPass(d.ctx, hash, d.now)
	if bot.CodeOf(err) == bot.NotFound {
		return bot.UnknownCode, nil
	}
	if err != nil {
		return "", err
	}
	if p.Instance != "" || p.Used != (bot.Identity{}) && (p.Used != d.From || p.For != d.ID) || d.guest {
		return bot.UnknownCode, nil
	}
	owner, err := d.root(d.ctx, p.Owner, d.now)
	if err != nil {
		return "", err
	}
	if owner == d.From {
		return bot.Same, nil
	}
	d.joins = hash
	d.session.As = &speaker{ID: owner}
	d.do("link", bot.LinkIdentity{Into: owner})
	return bot.Linked, nil
}

// Redeem lets an identity go on as the person to whom a link was given, for a day, and asks that person's question
// again. Opening the same link twice in the same browser is one. Unknown, used or too old, or about a dialogue that is
// no longer under way, is NotFound.
func (e *Engine) Redeem(ctx context.Context, pass string, by bot.Identity) error {
	if by.Channel == "" || by.User == "" {
		return bot.Errorf(bot.Invalid, "redeem pass", "an identity needs a channel and a user")
	}
	hash := hashPass(pass)
	p, err := e.spend(ctx, hash, by)
	if err != nil {
		return err
	}
	if err := e.speakAs(ctx, by, p.Owner, "pass-"+hash); err != nil {
		return err
	}
	_, err = e.Turn(ctx, bot.Message{ID: "pass-" + hash + "-go", From: by, Event: bot.Resumed})
	return err
}

// spend spends a link, if the dialogue that it leads to is still under way.
func (e *Engine) spend(ctx context.Context, hash string, by bot.Identity) (p pass, err error) {
	for range retries {
		now := e.Now()
		if p, _, err = e.findPass(ctx, hash, now); err != nil {
			return p, err
		}
		if p.Instance == "" {
			return p, errNoPass // a code is typed, not opened
		}
		owner, err := e.root(ctx, p.Owner, now)
		if err != nil {
			return p, err
		}
		snap, err := e.Ledger.Look(ctx, owner.Key(), "look", now)
		if err != nil {
			return p, err
		}
		if s, broken := readSession(snap.State); broken != nil || !s.runs(p.Instance) {
			return p, errNoPass
		}
		p, err = e.spendPass(ctx, hash, by, "link", now)
		if bot.CodeOf(err) != bot.Conflict {
			return p, err
		}
	}
	return p, bot.Errorf(bot.Unavailable, "redeem pass", "other processes were first %d times", retries)
}

// speakAs lets an identity speak as somebody for a while. What it said for itself before is kept, and goes on after.
func (e *Engine) speakAs(ctx context.Context, by, owner bot.Identity, id string) error {
	leave, err := e.queue.enter(ctx, by.Key(), bot.Order{})
	if err != nil {
		return &bot.Error{Code: bot.Unavailable, Op: "redeem pass", Err: err}
	}
	defer leave()
	now := e.Now()
	mine, err := e.root(ctx, by, now)
	if err != nil {
		return err
	}
	theirs, err := e.root(ctx, owner, now)
	if err != nil || mine == theirs {
		return err
	}
	return e.amendSession(ctx, by.Key(), id, nil, func(s *session, now time.Time) bool {
		then := s.As.now(now)
		if then != nil && !then.Till.IsZero() {
			then = then.Then
		}
		s.As = &speaker{ID: owner, Till: now.Add(stayIn), Then: then}
		return true
	})
}

// amendSession changes a session outside of its own turns, once under the id, with the reply to keep under it; nil for
// none. The change reports whether there is one.
func (e *Engine) amendSession(ctx context.Context, key, id string, reply []byte, change func(*session, time.Time) bool) error {
	if reply == nil {
		reply = []byte("{}")
	}
	read := e.Ledger.Load
	for range retries {
		now := e.Now()
		snap, err := read(ctx, key, id, now)
		if err != nil {
			return err
		}
		s, broken := readSession(snap.State)
		if snap.Seen || broken != nil || !change(s, now) {
			if snap.Held && !snap.Seen { // no commit would tell that there is something to change by now
				read = e.Ledger.Look
				continue
			}
			return nil
		}
		err = e.Ledger.Commit(ctx, key, ledger.Commit{
			Expect: snap.Version, Mark: snap.Mark, State: writeSession(s), Turn: ledger.Turn{Message: id, Said: noted, Reply: reply, At: now}, Expires: now.Add(s.keep()),
		})
		if bot.CodeOf(err) != bot.Conflict {
			return err
		}
	}
	return bot.Errorf(bot.Unavailable, "amend session", "other processes were first %d times", retries)
}
