// Package engine runs one turn: a worker's message in, the reply out. It guarantees that a message that is delivered
// once, twice or sixteen times at once has one effect and one answer, byte for byte (promise 1); that the messages of
// one worker are answered one after another, in this process by a queue and across processes by the ledger's versions
// (promise 2); that nothing is answered before it is kept (promise 3); that what a turn wants written is applied once,
// now or by Sweep (promise 4); and that a broken session, an unknown state or a panic in a dialogue gives that worker
// a way on and staff a notice, and harms nobody else (promise 5).
//
// What it does not guarantee: that a worker's messages arrive in the order in which they were sent; that is the
// channel's.
//
// Deciding is a pure function of the tables, the session, the message and the time (decide.go and the files that it
// calls); this file is all that reads the clock and writes.
package engine

import (
	"context"
	"encoding/json"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"yilu/bot"
	"yilu/bot/ledger"
	"yilu/bot/locale"
	"yilu/bot/understand"
)

// Records is what the engine asks of the records: to look things up, and to take effects.
type Records interface {
	bot.Reader
	// Apply writes entries that are not there yet and returns the ids of those that are there now; the error names
	// the others.
	Apply(ctx context.Context, entries []bot.Entry) (applied []string, err error)
}

// Config is what an engine works with. All but Trace, Observe, Public and, without links, Secret is required.
type Config struct {
	Dialogues []bot.Dialogue
	Texts     *locale.Texts
	Words     *understand.Words
	Ledger    ledger.Ledger
	Records   Records
	Now       func() time.Time
	Log       *slog.Logger
	Trace     func(dialogue, state string, on bot.Outcome, to string) // called for every transition; may be nil
	Observe   func(*Observed)                                         // called after every turn, with what is lent for the call; may be nil

	Secret []byte // what one-time passes are made from: 16 random bytes or more, of this process alone
	Public string // address of the web chat, "https://…", for links to it; "" if people cannot reach it
}

// Engine answers messages. It is safe for concurrent use.
type Engine struct {
	Config
	tables map[string]*table
	wishes map[bot.Intent]string // the dialogue that an intent starts
	queue  queue

	mu      sync.Mutex
	refused map[string]bool // effects that the records have refused: Sweep looks past them, and says so once
}

// New checks the dialogues and readies them. Its error, of code Invalid, lists every fault by dialogue and state.
func New(c Config) (*Engine, error) {
	if problems := Check(c.Dialogues, c.Texts); len(problems) > 0 {
		return nil, problemsError(problems)
	}
	e := &Engine{Config: c, tables: map[string]*table{}, wishes: map[bot.Intent]string{}}
	for _, d := range c.Dialogues {
		e.tables[d.Name] = newTable(d)
		for _, wish := range d.Intents {
			e.wishes[wish] = d.Name
		}
	}
	return e, nil
}

// retries bounds how often a turn is decided again because another process was first.
const retries = 32

// keepFirst is how long the session of somebody is kept who has sent one message and asked for nothing.
const keepFirst = 24 * time.Hour

// keepSession is how long a silent worker's session stays in the ledger: longer than any dialogue's Expires, so that
// the worker can be told that a draft is gone.
const keepSession = 40 * 24 * time.Hour

// Turn answers a message. After an error the platform must not be told that the message was received: nothing was kept,
// or what was kept gives the answer when the message comes again.
func (e *Engine) Turn(ctx context.Context, m bot.Message) (bot.Reply, error) {
	if m.ID == "" || m.From.Channel == "" || m.From.User == "" {
		return bot.Reply{}, bot.Errorf(bot.Invalid, "turn", "a message needs an id, a channel and a user")
	}
	if e.Observe == nil {
		return e.turn(ctx, input{Message: m, via: m.From})
	}
	return e.observe(&m, func(seen *Observed) (bot.Reply, error) {
		return e.turn(ctx, input{Message: m, via: m.From, seen: seen})
	})
}

func (e *Engine) turn(ctx context.Context, in input) (bot.Reply, error) {
	for range retries {
		reply, next, err := e.inLine(ctx, in)
		if err != nil || next == nil {
			return reply, err
		}
		in = *next
	}
	return bot.Reply{}, bot.Errorf(bot.Unavailable, "turn", "whom the channel speaks as changed %d times", retries)
}

// inLine runs a turn as soon as it is its turn in the session of input.From; where the channel speaks as somebody else,
// it returns the input for that session instead. A message is never in two lines, so that no two wait for each other.
func (e *Engine) inLine(ctx context.Context, in input) (bot.Reply, *input, error) {
	leave, err := e.queue.enter(ctx, in.From.Key(), in.Order)
	if err != nil {
		return bot.Reply{}, nil, &bot.Error{Code: bot.Unavailable, Op: "turn", Err: err}
	}
	defer leave()
	for range retries {
		reply, next, err := e.once(ctx, in)
		if bot.CodeOf(err) != bot.Conflict {
			return reply, next, err
		}
		in.seen.conflict()
	}
	return bot.Reply{}, nil, bot.Errorf(bot.Unavailable, "turn", "other processes were first %d times", retries)
}

// once tries the turn.
func (e *Engine) once(ctx context.Context, in input) (bot.Reply, *input, error) {
	key, now := in.From.Key(), e.Now()
	snap, err := e.Ledger.Load(ctx, key, in.ID, now)
	if err != nil {
		return bot.Reply{}, nil, err
	}
	if in.From == in.via && !snap.Seen {
		next, err := e.elsewhere(ctx, in, &snap, now)
		if err != nil || next != nil {
			return bot.Reply{}, next, err
		}
	}
	if in.From != in.via {
		if undone(snap.Effects) {
			e.apply(ctx, key, snap.Effects)
		}
		if to, err := e.find(ctx, in.via, now); err != nil || to.root != in.From {
			return bot.Reply{}, back(in), err
		}
	}
	reply, err := e.answer(ctx, in, snap, now)
	return reply, nil, err
}

// elsewhere is the input for the session in which the channel speaks, nil if that is its own. A repeat of what was said
// while it was somebody's guest finds its answer with them, and snap holds it then.
func (e *Engine) elsewhere(ctx context.Context, in input, snap *ledger.Snapshot, now time.Time) (*input, error) {
	as, young := pointed(snap.State)
	if as != nil && snap.Held { // what leads elsewhere is not written to here, so nothing would tell that it has changed
		var err error
		if *snap, err = e.Ledger.Look(ctx, in.via.Key(), in.ID, now); err != nil || snap.Seen {
			return nil, err
		}
		as, young = pointed(snap.State)
	}
	if as == nil {
		return nil, nil
	}
	e.apply(ctx, in.via.Key(), snap.Effects)
	id := in.via.Key() + " " + in.ID // two channels may number their messages alike
	current := as.now(now)
	if current != as {
		before, err := e.Ledger.Look(ctx, as.ID.Key(), id, now)
		if err != nil {
			return nil, err
		}
		if before.Seen {
			snap.Seen, snap.Reply = true, before.Reply
			return nil, nil
		}
	}
	to, err := e.follow(ctx, in.via, current, now)
	if err != nil || to.root == in.via {
		return nil, err
	}
	in.From, in.ID, in.young, in.guest = to.root, id, young || to.young, to.guest
	return &in, nil
}

// back is the input as it came, to find anew where it belongs.
func back(in input) *input {
	in.ID = in.ID[len(in.via.Key())+1:]
	in.From, in.young, in.guest = in.via, false, false
	return &in
}

// undone reports whether a link is about to be undone.
func undone(waiting []bot.Entry) bool {
	return slices.ContainsFunc(waiting, func(w bot.Entry) bool { return w.Kind == bot.UnlinkIdentity{}.Kind() })
}

func (e *Engine) answer(ctx context.Context, in input, snap ledger.Snapshot, now time.Time) (bot.Reply, error) {
	key := in.From.Key()
	if snap.Seen {
		in.seen.repeated()
		var reply bot.Reply
		if err := json.Unmarshal(snap.Reply, &reply); err != nil {
			return bot.Reply{}, bot.Errorf(bot.Internal, "read stored reply", "%w", err)
		}
		if err := e.copied(ctx, in, snap.Reply, in.young, false); err != nil {
			return bot.Reply{}, err
		}
		e.apply(ctx, key, snap.Effects)
		return reply, nil
	}
	// What this worker asked for earlier is in the records before anything is looked up for them.
	in.waiting = e.apply(ctx, key, snap.Effects)

	d := e.decide(ctx, snap.State, in, now)
	if err := e.joined(ctx, d, snap); err != nil {
		return bot.Reply{}, err
	}
	state, reply := writeSession(d.session), writeReply(&d.reply)
	keep := d.session.keep()
	if snap.Version == 0 && len(d.effects) == 0 {
		keep = keepFirst
	}
	err := e.Ledger.Commit(ctx, key, ledger.Commit{
		Expect:  snap.Version,
		Mark:    snap.Mark,
		State:   state,
		Turn:    ledger.Turn{Message: in.ID, Said: d.said, Reply: reply, At: now},
		Effects: d.effects,
		Expires: now.Add(keep),
	})
	if err != nil {
		return bot.Reply{}, err
	}
	young := d.session.Facts[bot.FactUnder16] != ""
	if err := e.copied(ctx, in, reply, young, in.young && !young); err != nil { // before the effects: one of them may undo the link
		return bot.Reply{}, err
	}
	e.apply(ctx, key, append(in.waiting, d.effects...)) // in the order in which they were asked for
	return d.reply, nil
}

// copied keeps the answer with the identity that the message came from.
func (e *Engine) copied(ctx context.Context, in input, reply []byte, young, takenBack bool) error {
	if in.via == in.From {
		return nil
	}
	return e.copyTurn(ctx, in.via, in.ID, reply, young, takenBack)
}

// apply brings effects into the records. What fails stays in the ledger, for Sweep.
func (e *Engine) apply(ctx context.Context, key string, entries []bot.Entry) (left []bot.Entry) {
	if len(entries) == 0 {
		return nil
	}
	applied, err := e.applySafely(ctx, entries)
	if err != nil {
		e.Log.Warn("effects wait in the ledger", "effects", len(entries)-len(applied), "error", err)
	}
	for _, entry := range entries {
		if !slices.Contains(applied, entry.ID) {
			left = append(left, entry)
		}
	}
	if len(applied) == 0 {
		return left
	}
	if err := e.Ledger.Settle(ctx, key, applied); err != nil {
		e.Log.Warn("applied effects stay in the ledger; applying them again changes nothing", "effects", len(applied), "error", err)
	}
	return left
}

// Sweep applies effects that have waited since before the given time, and returns how many it applied. What does not
// answer for one worker (a row that somebody holds, a node that is down) holds up no other; after some in a row it stops,
// for then it is the store.
func (e *Engine) Sweep(ctx context.Context, before time.Time) (int, error) {
	e.mu.Lock()
	limit := SweepMost + len(e.refused)
	e.mu.Unlock()
	pending, err := e.Ledger.Unsettled(ctx, before, limit)
	if err != nil {
		return 0, err
	}
	done, inRow := 0, 0
	var away error
	for len(pending) > 0 {
		key, n := pending[0].Key, 1
		for n < len(pending) && pending[n].Key == key {
			n++
		}
		entries := make([]bot.Entry, n)
		for i := range entries {
			entries[i] = pending[i].Entry
		}
		pending = pending[n:]
		applied, err := e.applySafely(ctx, entries)
		if len(applied) > 0 {
			if err := e.Ledger.Settle(ctx, key, applied); err != nil {
				return done, err
			}
			done += len(applied)
		}
		if bot.CodeOf(err) == bot.Unavailable {
			away = err
			if inRow++; inRow == awayInRow {
				break
			}
			continue
		}
		inRow = 0
		if err != nil && e.refuse(entries, applied) {
			e.Log.Error("an effect cannot be applied and stays in the ledger", "error", err)
		}
	}
	return done, away
}

// SweepMost is how many effects a sweep applies at most.
const SweepMost = 500

// awayInRow is how many workers in a row the records do not answer for when it is the records.
const awayInRow = 3

// applySafely turns a panic into an error, so that one effect cannot end the process again and again.
func (e *Engine) applySafely(ctx context.Context, entries []bot.Entry) (applied []string, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = bot.Errorf(bot.Internal, "apply effects", "panic of type %T at %s", p, panicAt(debug.Stack()))
		}
	}()
	return e.carryOut(ctx, entries)
}

// Refused is how many effects Sweep looks past, because the records have refused them since the start.
func (e *Engine) Refused() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.refused)
}

// Refuses reports whether an effect is one of those.
func (e *Engine) Refuses(id string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.refused[id]
}

// refuse notes effects that were not applied, and reports whether one of them is new.
func (e *Engine) refuse(entries []bot.Entry, applied []string) (fresh bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.refused == nil {
		e.refused = map[string]bool{}
	}
	for _, entry := range entries {
		if !slices.Contains(applied, entry.ID) && !e.refused[entry.ID] {
			e.refused[entry.ID], fresh = true, true
		}
	}
	return fresh
}

// History returns the exchanges kept of a conversation, the oldest first; to a guest those that it had itself.
func (e *Engine) History(ctx context.Context, from bot.Identity) ([]bot.Exchange, error) {
	to, err := e.find(ctx, from, e.Now())
	if err != nil {
		return nil, err
	}
	turns, err := e.Ledger.History(ctx, to.root.Key())
	if err != nil {
		return nil, err
	}
	out := make([]bot.Exchange, 0, len(turns))
	for _, t := range turns {
		if t.Said == noted || to.guest && !strings.HasPrefix(t.Message, from.Key()+" ") {
			continue
		}
		x := bot.Exchange{ID: t.Message, Said: t.Said, At: t.At}
		if err := json.Unmarshal(t.Reply, &x.Reply); err != nil {
			return nil, bot.Errorf(bot.Internal, "read stored reply", "%w", err)
		}
		out = append(out, x)
	}
	return out, nil
}

// Greet is the reply to somebody who has said nothing yet. It keeps nothing.
func (e *Engine) Greet(ctx context.Context, lang string) (bot.Reply, error) {
	greeting := bot.Message{ID: "greeting", From: bot.Identity{Channel: "none", User: "none"}, Lang: lang}
	d := e.decide(ctx, nil, input{Message: greeting, via: greeting.From}, e.Now())
	return d.reply, nil
}
