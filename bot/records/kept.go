package records

import (
	"context"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"yilu/bot"
)

// keepsPosts is how many posts are kept in memory, some 1 KB each.
const keepsPosts = 4096

// kept are the posts that were read last, as they are at a change of the board. Reading one is the most frequent thing
// that is asked of the records.
type kept struct {
	mu    sync.Mutex
	at    int64 // the change
	posts *simplelru.LRU[bot.PostID, bot.Post]
}

// moved brings them to a later change: those that have changed are gone.
func (k *kept) moved(at int64, changed map[bot.PostID]bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.posts == nil {
		k.posts, _ = simplelru.NewLRU[bot.PostID, bot.Post](keepsPosts, nil)
	}
	k.at = at
	for id := range changed {
		k.posts.Remove(id)
	}
}

// emptied forgets all of them.
func (k *kept) emptied() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at, k.posts = -1, nil
}

// get is a post at a change, if it is kept.
func (k *kept) get(id bot.PostID, at int64) (bot.Post, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.at != at || k.posts == nil {
		return bot.Post{}, false
	}
	return k.posts.Get(id)
}

// put keeps posts that were read after the board was at the change. If it has moved on since they may be older than that.
func (k *kept) put(at int64, posts ...bot.Post) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.at != at || k.posts == nil {
		return
	}
	for _, p := range posts {
		k.posts.Add(p.ID, p)
	}
}

// Lag lets posts that another process has written be found a little later, so that not every look at a post asks the
// database whether there are newer ones. This process's own are found at once.
func Lag(now func() time.Time, most time.Duration) Option {
	return func(r *Records) { r.now, r.lag = now, most }
}

// asked is when the board was brought up to date, and how often this process had written posts by then.
type asked struct {
	at     time.Time
	writes int64
}

// recent reports whether the board was brought up to date within the lag, and after whatever this process wrote.
func (r *Records) recent() bool {
	if r.lag <= 0 {
		return false
	}
	last := r.asked.Load()
	if last == nil || last.writes != r.posted.Load() {
		return false
	}
	since := r.now().Sub(last.at)
	return since >= 0 && since < r.lag
}

// asking is to be noted once the board is up to date, as of now.
func (r *Records) asking() *asked {
	if r.lag <= 0 {
		return nil
	}
	return &asked{r.now(), r.posted.Load()}
}

// pick is posts by id, in the order of the ids; one that is gone is left out.
func (r *Records) pick(ctx context.Context, at int64, ids []bot.PostID) ([]bot.Post, error) {
	posts := make([]bot.Post, 0, len(ids))
	for _, id := range ids {
		p, ok := r.kept.get(id, at)
		if !ok {
			break
		}
		posts = append(posts, p)
	}
	if len(posts) == len(ids) {
		return posts, nil
	}
	posts, err := r.posts(ctx, ids)
	if err == nil {
		r.kept.put(at, posts...)
	}
	return posts, err
}
