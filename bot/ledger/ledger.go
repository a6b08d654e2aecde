// Package ledger keeps live dialogues: for each person the session, the last messages with the replies that were given
// to them, and the effects that are not in the records yet. A commit writes all of these in one step or none.
//
// In the data file it survives kill -9 after a nil error; one that carries effects also survives the loss of power, and
// one that only moves a dialogue may then be lost, and the worker is asked the last question again. What survives in
// Redis is a matter of Redis's settings, see Redis.
//
// Nothing here assumes one process: two that commit on the same version are told apart by the version, and the loser
// gets a Conflict. What a session means is the engine's business; here it is bytes.
package ledger

import (
	"context"
	"time"

	"yilu/bot"
)

// Kept is how many past messages of a session keep their replies: enough for every repeat by a platform (WeChat
// repeats three times within 15 s, Telegram while it gets no answer) and for a page that is loaded again. A store may drop
// older replies among them to save room; it still knows that those messages were committed, and gives the last reply.
const Kept = 30

// Ledger is the contract. Both stores pass the suite in ledgertest.
//
// Errors are of code Conflict, Unavailable or Invalid (an empty key or message id). After Unavailable a commit was kept
// wholly or not at all, and the next Load tells.
type Ledger interface {
	// Load returns the session under key, and the reply to the message if that message was committed before and is
	// still kept. A session that is not there, or is past its Expires, has version 0 and no state; its unsettled
	// effects are still returned.
	//
	// It may answer from what this process knew last (Snapshot.Held): a Commit on that fails with Conflict if the session
	// has moved on elsewhere, and the next Load knows better. Whoever does not commit on what it finds calls Look.
	Load(ctx context.Context, key, message string, now time.Time) (Snapshot, error)
	// Look is Load that always asks the store.
	Look(ctx context.Context, key, message string, now time.Time) (Snapshot, error)
	// Commit writes one turn if the session still has version c.Expect and the message was not committed before,
	// else it fails with code Conflict: load and decide again. Effects with an id that is already there are left as
	// they are. The new version is c.Expect+1. Whether the session is past its Expires, and so at version 0, is judged
	// at c.Turn.At. An effect without an id is Invalid.
	Commit(ctx context.Context, key string, c Commit) error
	// Settle removes effects that are in the records. Ids that are not there are no error.
	Settle(ctx context.Context, key string, ids []string) error
	// Unsettled returns effects committed before the time, or Ahead or more after it: then the clock was set back since.
	// The oldest come first, at most limit; the effects of one key come in the order in which they were asked for.
	Unsettled(ctx context.Context, before time.Time, limit int) ([]Pending, error)
	// History returns the last turns kept for the key, the oldest first.
	History(ctx context.Context, key string) ([]Turn, error)
	// Forget removes sessions past their Expires with their turns, at most limit, and returns how many. A session
	// with unsettled effects stays until they are settled. A store that removes them by itself has nothing to do.
	Forget(ctx context.Context, now time.Time, limit int) (int, error)
	// Ping reports whether the store answers.
	Ping(ctx context.Context) error
}

// Ahead is how far after a time an effect was committed that counts as before it.
const Ahead = time.Minute

// Snapshot is what Load finds.
type Snapshot struct {
	Version int64
	Mark    string      // tells two sessions of one version apart, where a store can be set back; goes into the Commit
	State   []byte      // nil at version 0; not to be changed
	Seen    bool        // the message was committed before
	Reply   []byte      // the reply to it, if Seen
	Effects []bot.Entry // not yet in the records, in order
	Held    bool        // not asked of the store
}

// Commit is one turn to be kept.
type Commit struct {
	Expect  int64
	Mark    string // of the Snapshot; "" compares the version alone
	State   []byte
	Turn    Turn
	Effects []bot.Entry
	Expires time.Time // from this moment on the session is past, and may be forgotten
}

// Turn is one message with its reply.
type Turn struct {
	Message string // the platform's id
	Said    string
	Reply   []byte
	At      time.Time
}

// Pending is an effect that waits, with the session that it belongs to.
type Pending struct {
	Key   string
	Entry bot.Entry
}
