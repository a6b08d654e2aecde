package ledger

import (
	"encoding/binary"
	"hash/fnv"
	"time"

	"yilu/bot"
)

// A session is one string in Redis, written anew by every commit, so that a turn is one command on one key:
//
//	format 1 | version 8 | token 8 | expires 8        the head, by which a commit finds what it was decided on
//	state                                              packed
//	messages that were committed before the turns      8 bytes of a hash for each, the oldest first
//	turns, the oldest first: at, message, said, reply  the last two packed together
//
// Numbers are big-endian in the head and varints behind it. The token is another for every commit, so that two sessions
// of one version are told apart after Redis was set back to an older copy of its data.
const (
	formatOne  = 1
	headLength = 1 + 8 + 8 + 8
)

// How many turns a session keeps beside its state: of the last Kept, as many as stay within tight with it, which keeps an
// idle session within 2 KiB of Redis's memory, its key and Redis's own accounts included. Those of the last half minute
// stay whatever they cost, up to loose: they are what a platform repeats as a rule, WeChat for 15 s. Of the others of the
// last Kept a hash of the id stays, so that a message is never taken for a new one: a repeat gets the last reply.
const (
	tight   = 1700
	least   = 4 // turns that are kept in any case, also if the clock jumps
	loose   = 64 << 10
	repeats = 30 * time.Second
)

// value is a session as it stands in Redis; empty for none.
type value []byte

// mark is the head.
func (v value) mark() string { return string(v[:min(len(v), headLength)]) }

func (v value) known() bool { return len(v) >= headLength && v[0] == formatOne }

// version is that at the time: 0 past its expiry. What this version of Yilu cannot read is at 1, so that it is not taken
// for nobody's.
func (v value) version(now time.Time) int64 {
	switch {
	case len(v) == 0:
		return 0
	case !v.known():
		return 1
	case v.expires() <= now.UnixMilli():
		return 0
	}
	return int64(binary.BigEndian.Uint64(v[1:]))
}

// unreadable is the state of a session that cannot be read. It is no session, so the engine gives the worker a way on.
var unreadable = []byte("unreadable")

// state is the session's, nil for none.
func (v value) state() []byte {
	if len(v) == 0 {
		return nil
	}
	if !v.known() {
		return unreadable
	}
	r := reader{rest: v[headLength:]}
	state, ok := unpack(r.bytes())
	if !ok {
		return unreadable
	}
	return state
}

// keptTurn is a turn as it lies in the value.
type keptTurn struct {
	at      int64
	message []byte
	packed  []byte // said and reply
	size    int    // of all of it
}

// turns are the turns that can be read, the oldest first.
func (v value) turns(into []keptTurn) []keptTurn {
	if !v.known() {
		return into
	}
	r := reader{rest: v[headLength:]}
	r.bytes()
	r.bytes()
	for len(r.rest) > 0 && !r.broken {
		before := len(r.rest)
		t := keptTurn{at: int64(r.number()), message: r.bytes(), packed: r.bytes()}
		t.size = before - len(r.rest)
		if !r.broken {
			into = append(into, t)
		}
	}
	return into
}

// turn is it as others know it.
func (t keptTurn) turn() Turn {
	said, reply := t.words()
	return Turn{Message: string(t.message), Said: string(said), Reply: reply, At: instant(t.at)}
}

func (t keptTurn) words() (said, reply []byte) {
	raw, ok := unpack(t.packed)
	r := reader{rest: raw}
	said = r.bytes()
	if !ok || r.broken {
		return nil, nil
	}
	return said, r.rest
}

// before are the hashes of the messages before the turns.
func (v value) before() []byte {
	if !v.known() {
		return nil
	}
	r := reader{rest: v[headLength:]}
	r.bytes()
	return r.bytes()
}

// find is the reply to a message, and whether the message is there.
func (v value) find(message string) (reply []byte, seen bool) {
	var room [Kept]keptTurn
	all := v.turns(room[:0])
	for _, t := range all {
		if string(t.message) == message {
			_, reply = t.words()
			return reply, true
		}
	}
	if hashes := v.before(); len(hashes) > 0 && len(all) > 0 {
		sought := hashOf([]byte(message))
		for ; len(hashes) >= hashLength; hashes = hashes[hashLength:] {
			if binary.BigEndian.Uint64(hashes) != sought {
				continue
			}
			for i := len(all) - 1; i >= 0 && len(reply) <= len("{}"); i-- { // a turn of nobody's has an empty reply
				_, reply = all[i].words()
			}
			return reply, true
		}
	}
	return nil, false
}

const hashLength = 8

func hashOf(message []byte) uint64 {
	h := fnv.New64a()
	_, _ = h.Write(message)
	return h.Sum64()
}

// with is the session after a commit.
func (v value) with(c Commit, token uint64) value {
	var scratch [2048]byte
	state := pack(scratch[:0], c.State)
	words := binary.AppendUvarint(make([]byte, 0, len(c.Turn.Said)+len(c.Turn.Reply)+4), uint64(len(c.Turn.Said)))
	words = append(append(words, c.Turn.Said...), c.Turn.Reply...)
	var space [1024]byte
	turn := binary.AppendUvarint(space[:0], uint64(c.Turn.At.UnixMilli()))
	turn = binary.AppendUvarint(turn, uint64(len(c.Turn.Message)))
	turn = append(turn, c.Turn.Message...)
	turn = pack(turn, words)

	kept := v.last(headLength+len(state)+len(turn), Kept-1, c.Turn.At)

	next := make(value, 0, kept.size)
	next = append(next, formatOne)
	next = binary.BigEndian.AppendUint64(next, uint64(c.Expect+1))
	next = binary.BigEndian.AppendUint64(next, token)
	next = binary.BigEndian.AppendUint64(next, uint64(c.Expires.UnixMilli()))
	next = kept.append(append(next, state...))
	return append(next, turn...)
}

// past is what a session keeps of what was.
type past struct {
	before []byte // hashes
	turns  []byte
	size   int // of the whole session
}

func (p past) append(to value) value {
	to = binary.AppendUvarint(to, uint64(len(p.before)))
	return append(append(to, p.before...), p.turns...)
}

// last is what is kept beside so many bytes, at most so many turns and hashes.
func (v value) last(beside, most int, now time.Time) past {
	var room [Kept]keptTurn
	all := v.turns(room[:0])
	p := past{size: beside + 1}
	if len(all) == 0 {
		return p
	}
	hashes := v.before()
	hashes = hashes[:len(hashes):len(hashes)]
	p.size += len(hashes)
	for _, t := range all {
		p.size += t.size
	}
	recent := now.Add(-repeats).UnixMilli()
	dropped, left := 0, len(all)
	for _, t := range all {
		if left <= most && (left <= least || p.size <= tight || p.size <= loose && t.at > recent) {
			break
		}
		p.size += hashLength - t.size
		dropped += t.size
		left--
		hashes = binary.BigEndian.AppendUint64(hashes, hashOf(t.message))
	}
	if over := len(hashes) - (most-left)*hashLength; over > 0 {
		hashes = hashes[over:]
		p.size -= over
	}
	r := reader{rest: v[headLength:]}
	r.bytes()
	r.bytes()
	kept := 0
	for _, t := range all[len(all)-left:] {
		kept += t.size
	}
	p.before, p.turns = hashes, r.rest[dropped:dropped+kept] // and nothing of what could not be read
	p.size++                                                 // the length of the hashes may take two bytes
	return p
}

func (v value) expires() int64 { return int64(binary.BigEndian.Uint64(v[17:])) }

// tightened is the session without the turns that need not be kept any more, nil if there are none. It is the same
// version, and yet another value.
func (v value) tightened(now time.Time, token uint64) value {
	if !v.known() {
		return nil
	}
	r := reader{rest: v[headLength:]}
	r.bytes()
	head := len(v) - len(r.rest)
	kept := v.last(head, Kept, now)
	next := kept.append(append(make(value, 0, kept.size), v[:head]...))
	if len(next) >= len(v) {
		return nil
	}
	binary.BigEndian.PutUint64(next[9:], token)
	return next
}

// snapshot is what Load finds in it.
func (v value) snapshot(message string, now time.Time) Snapshot {
	s := Snapshot{Version: v.version(now), Mark: v.mark()}
	if s.Version != 0 {
		s.State = v.state()
	}
	s.Reply, s.Seen = v.find(message)
	return s
}

// conflicts reports whether a commit was decided on something else.
func (v value) conflicts(c Commit) bool {
	if v.version(c.Turn.At) != c.Expect || c.Mark != "" && c.Mark != v.mark() {
		return true
	}
	_, seen := v.find(c.Turn.Message)
	return seen
}

// waits is an effect as it stands in Redis.
type waits struct {
	bot.Entry
	committed int64
}

// entryOne is how one begins: each field as in a session, the data packed.
const entryOne = 1

func (w waits) bytes() []byte {
	b := binary.AppendUvarint(append(make([]byte, 0, 256), entryOne), uint64(w.committed))
	b = binary.AppendUvarint(b, uint64(w.At.UnixMilli()))
	for _, s := range []string{w.ID, w.Kind, w.From.Channel, w.From.User, w.Lang} {
		b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	return pack(b, w.Data)
}

func readWaits(b string) (w waits, ok bool) {
	if b == "" || b[0] != entryOne {
		return w, false
	}
	r := reader{rest: []byte(b[1:])}
	w.committed = int64(r.number())
	w.At = instant(int64(r.number()))
	for _, to := range []*string{&w.ID, &w.Kind, &w.From.Channel, &w.From.User, &w.Lang} {
		*to = string(r.bytes())
	}
	data, ok := unpack(r.bytes())
	w.Data = data
	return w, ok && !r.broken
}
