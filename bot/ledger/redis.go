package ledger

import (
	"cmp"
	"context"
	"errors"
	"hash/fnv"
	"math/rand/v2"
	"net"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"yilu/bot"
)

// Redis keeps the ledger in Redis (tried with 7.0): one server, a master with Sentinel, or a cluster. Any number of
// processes may use it. A turn whose session was last written by this process takes one round trip, any other two.
//
// What was acknowledged survives what Redis's own settings let survive: with appendfsync always all of it, with everysec
// up to the last second, and in a failover what had not come to the replica. A session that was set back in time is
// never mixed with what was said since. After an error of code Unavailable a commit may have been kept or not: Load
// tells.
//
// Sessions go by themselves once they have expired. Forget shortens those that have fallen silent.
type Redis struct {
	client redis.UniversalClient
	pipes  redis.UniversalClient // for several commands at once, see line; the same one where there is no cluster
	prefix string
	in     time.Duration // how long it has for an answer
	lines  []line        // of one server
	nodes  sync.Map      // of a cluster: a line for each address
	held   held
	lively lively
}

var _ Ledger = (*Redis)(nil)

// RedisOptions are how to reach it.
type RedisOptions struct {
	URL      string                                                            // see ParseRedisURL
	Prefix   string                                                            // of all keys; "" is "yilu:"
	Sessions int                                                               // how many sessions are held in memory; 0 is 20,000, some 40 MB; less than 0 is none
	Dial     func(ctx context.Context, network, addr string) (net.Conn, error) // nil: as usual
	Hook     redis.Hook                                                        // sees every command, for metrics; nil: none
	AnswerIn time.Duration                                                     // how long it has for an answer; 0 is 800 ms
}

const holds = 20_000

// NewRedis connects. A Redis that does not answer, or takes no write, is an error.
func NewRedis(ctx context.Context, o RedisOptions) (*Redis, error) {
	options, err := ParseRedisURL(o.URL)
	if err != nil {
		return nil, err
	}
	// A command whose reply was lost is sent again by the client. Every one of ours may be done twice.
	options.MaxRetries, options.MinRetryBackoff, options.MaxRetryBackoff = 3, 5*time.Millisecond, 100*time.Millisecond
	options.DialTimeout, options.DialerRetries, options.DialerRetryTimeout = 500*time.Millisecond, 1, 10*time.Millisecond
	in := cmp.Or(o.AnswerIn, answerIn)
	options.ReadTimeout, options.WriteTimeout, options.PoolTimeout = in, in, in
	options.ContextTimeoutEnabled = true
	options.DisableIdentity = true
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	options.Dialer = o.Dial
	r := &Redis{client: redis.NewUniversalClient(options), prefix: cmp.Or(o.Prefix, "yilu:"), in: in}
	r.pipes = r.client
	if _, cluster := r.client.(*redis.ClusterClient); cluster {
		options.MaxRedirects = -1
		r.pipes = redis.NewUniversalClient(options)
	}
	if o.Hook != nil {
		r.client.AddHook(o.Hook)
		if r.pipes != r.client {
			r.pipes.AddHook(o.Hook)
		}
	}
	r.lines = make([]line, max(1, runtime.GOMAXPROCS(0)/2))
	for i := range r.lines {
		r.lines[i].client, r.lines[i].pipes, r.lines[i].in = r.client, r.pipes, in
	}
	r.held.room(cmp.Or(o.Sessions, holds))
	if err := r.Ping(ctx); err != nil {
		_ = r.Close()
		return nil, err
	}
	return r, nil
}

// Close closes the connections.
func (r *Redis) Close() error {
	err := r.client.Close()
	if r.pipes != r.client {
		err = errors.Join(err, r.pipes.Close())
	}
	return redisFault("close Redis", err)
}

// The keys. What belongs to one session lies in one slot of a cluster: a partition is named in braces, and there are
// enough of them to spread over any cluster, and few enough to look through all that wait.
const partitions = 256

func partition(key string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(key))
	return h.Sum32() % partitions
}

func (r *Redis) name(kind byte, p uint32, key string) string {
	b := make([]byte, 0, len(r.prefix)+len(key)+8)
	b = append(b, r.prefix...)
	t := tag(p)
	b = append(b, '{', t[0], t[1], '}', ':', kind)
	if key != "" {
		b = append(append(b, ':'), key...)
	}
	return string(b)
}

// line is that of a partition. In a cluster it is that of the node that holds it: one that does not answer holds up
// nobody's sessions but its own.
func (r *Redis) line(ctx context.Context, p uint32) *line {
	cluster, ok := r.client.(*redis.ClusterClient)
	if !ok {
		return &r.lines[int(p)*len(r.lines)/partitions]
	}
	node := ""
	if master, err := cluster.MasterForKey(ctx, r.name('s', p, "")); err == nil {
		node = master.Options().Addr
	}
	if l, ok := r.nodes.Load(node); ok {
		return l.(*line)
	}
	l, _ := r.nodes.LoadOrStore(node, &line{client: r.client, pipes: r.pipes, in: r.in})
	return l.(*line)
}

func tag(p uint32) [2]byte {
	const hex = "0123456789abcdef"
	return [2]byte{hex[p>>4], hex[p&15]}
}

// Load implements Ledger.
func (r *Redis) Load(ctx context.Context, key, message string, now time.Time) (Snapshot, error) {
	const op = "load session"
	if err := named(op, key, message); err != nil {
		return Snapshot{}, err
	}
	if err := ctx.Err(); err != nil {
		return Snapshot{}, redisFault(op, err)
	}
	if v, ok := r.held.whole(key); ok {
		s := v.snapshot(message, now)
		s.Held = true
		return s, nil
	}
	return r.Look(ctx, key, message, now)
}

// Look implements Ledger.
func (r *Redis) Look(ctx context.Context, key, message string, now time.Time) (Snapshot, error) {
	const op = "look at session"
	if err := named(op, key, message); err != nil {
		return Snapshot{}, err
	}
	v, effects, err := r.read(ctx, op, key)
	if err != nil {
		return Snapshot{}, err
	}
	s := v.snapshot(message, now)
	for _, w := range effects {
		s.Effects = append(s.Effects, w.Entry)
	}
	return s, nil
}

// read asks for a session, and holds it.
func (r *Redis) read(ctx context.Context, op, key string) (value, []waits, error) {
	p := partition(key)
	c := &command{keys: []string{r.name('s', p, key), r.name('e', p, key)}}
	if err := r.line(ctx, p).do(ctx, op, c); err != nil {
		return nil, nil, err
	}
	v := value(c.session.Val())
	effects := readEffects(c.effects.Val())
	ids := make([]string, len(effects))
	for i, w := range effects {
		ids[i] = w.ID
	}
	r.held.put(key, v, ids, true)
	return v, effects, nil
}

// readEffects are the effects of a session in the order in which they were asked for. One that cannot be read is named,
// of a kind that nobody applies: it stays, staff are told, and the worker is served.
func readEffects(fields map[string]string) []waits {
	if len(fields) == 0 {
		return nil
	}
	type numbered struct {
		n int64
		waits
	}
	var all []numbered
	for name, text := range fields {
		if name == "" || name[0] != 'i' {
			continue
		}
		n, data, _ := strings.Cut(text, " ")
		var one numbered
		var ok bool
		one.n, _ = strconv.ParseInt(n, 10, 64)
		if one.waits, ok = readWaits(data); !ok {
			one.Entry = bot.Entry{ID: name[1:], Kind: "unreadable", From: bot.Identity{Channel: "unknown", User: "unknown"}}
		}
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b numbered) int { return cmp.Compare(a.n, b.n) })
	out := make([]waits, len(all))
	for i, one := range all {
		out[i] = one.waits
	}
	return out
}

// Commit implements Ledger.
func (r *Redis) Commit(ctx context.Context, key string, c Commit) error {
	if err := named(opCommit, key, c.Turn.Message); err != nil {
		return err
	}
	if err := identified(c.Effects); err != nil {
		return err
	}
	base, held := r.held.get(key)
	if !held || base.conflicts(c) {
		var err error
		if base, _, err = r.read(ctx, opCommit, key); err != nil {
			return err
		}
		if base.conflicts(c) {
			return errStale
		}
	}
	next := base.with(c, rand.Uint64())
	cmd, ids := r.commit(key, base, next, c)
	if err := r.line(ctx, partition(key)).do(ctx, opCommit, cmd); err != nil {
		r.held.drop(key)
		return err
	}
	if now, other := cmd.done.Val().(string); other {
		r.held.put(key, value(now), nil, false)
		return errStale
	}
	r.held.advance(key, base, next, ids)
	if len(next) > tight {
		r.lively.note(key, c.Turn.At.Add(repeats))
	} else if len(base) > tight {
		r.lively.forget(key)
	}
	return nil
}

func (r *Redis) commit(key string, base, next value, c Commit) (cmd *command, ids []string) {
	p := partition(key)
	cmd = r.write(key, base, next, c.Turn.At)
	if len(c.Effects) == 0 {
		return cmd, nil
	}
	cmd.keys = append(cmd.keys, r.name('e', p, key), r.name('w', p, ""))
	for _, entry := range c.Effects {
		cmd.args = append(cmd.args, entry.ID, waits{entry, c.Turn.At.UnixMilli()}.bytes())
		ids = append(ids, entry.ID)
	}
	return cmd, ids
}

// write puts a session in the place of another one; it goes when it has expired.
func (r *Redis) write(key string, base, next value, at time.Time) *command {
	keep := max(1, next.expires()-at.UnixMilli())
	return &command{
		script: commitScript, keys: []string{r.name('s', partition(key), key)},
		args: []any{base.mark(), []byte(next), keep, at.UnixMilli(), key},
	}
}

// Settle implements Ledger.
func (r *Redis) Settle(ctx context.Context, key string, ids []string) error {
	const op = "settle effects"
	if key == "" {
		return named(op, key, "-")
	}
	if len(ids) == 0 {
		return nil
	}
	p := partition(key)
	cmd := &command{script: settleScript, keys: []string{r.name('e', p, key), r.name('w', p, "")}, args: []any{key}}
	for _, id := range ids {
		cmd.args = append(cmd.args, id)
	}
	if err := r.line(ctx, p).do(ctx, op, cmd); err != nil {
		return err
	}
	r.held.settle(key, ids)
	return nil
}

// Unsettled implements Ledger. In a cluster each node is asked by itself: one that does not answer holds up the effects of
// its own sessions only.
func (r *Redis) Unsettled(ctx context.Context, before time.Time, limit int) ([]Pending, error) {
	const op = "list unsettled effects"
	if limit <= 0 {
		return nil, nil
	}
	counts := func(at int64) bool { return at < before.UnixMilli() || at >= before.Add(Ahead).UnixMilli() }
	all := map[*line][]uint32{}
	for p := range uint32(partitions) {
		l := r.line(ctx, p)
		all[l] = append(all[l], p)
	}
	var mu sync.Mutex
	var found []waiting
	err := together(ctx, r.in, all, func(ctx context.Context, some []uint32) error {
		pipe := r.pipes.Pipeline()
		lists := make([]*redis.ZSliceCmd, len(some))
		for i, p := range some {
			lists[i] = pipe.ZRangeByScoreWithScores(ctx, r.name('w', p, ""), &redis.ZRangeBy{Min: "-inf", Max: "+inf", Count: int64(limit)})
		}
		_, err := pipe.Exec(ctx)
		mu.Lock()
		defer mu.Unlock()
		for i, p := range some {
			for _, z := range lists[i].Val() {
				if key, ok := z.Member.(string); ok && counts(int64(z.Score)) {
					found = append(found, waiting{p, key, int64(z.Score)})
				}
			}
		}
		return err
	})
	if err != nil {
		return nil, redisFault(op, err)
	}
	slices.SortFunc(found, func(a, b waiting) int { return cmp.Or(cmp.Compare(a.since, b.since), strings.Compare(a.key, b.key)) })
	wanted := map[*line][]waiting{}
	for _, w := range found[:min(limit, len(found))] {
		l := r.line(ctx, w.partition)
		wanted[l] = append(wanted[l], w)
	}
	type dated struct {
		Pending
		at int64
	}
	var out []dated
	err = together(ctx, r.in, wanted, func(ctx context.Context, some []waiting) error {
		pipe := r.pipes.Pipeline()
		effects := make([]*redis.MapStringStringCmd, len(some))
		for i, w := range some {
			effects[i] = pipe.HGetAll(ctx, r.name('e', w.partition, w.key))
		}
		_, err := pipe.Exec(ctx)
		mu.Lock()
		defer mu.Unlock()
		for i, w := range some {
			last := int64(0)
			for _, e := range readEffects(effects[i].Val()) {
				last = max(last, e.committed) // a clock that was set back does not turn their order
				if counts(last) {
					out = append(out, dated{Pending{w.key, e.Entry}, last})
				}
			}
		}
		return err
	})
	if err != nil {
		return nil, redisFault(op, err)
	}
	slices.SortStableFunc(out, func(a, b dated) int { return cmp.Or(cmp.Compare(a.at, b.at), strings.Compare(a.Key, b.Key)) })
	list := make([]Pending, min(limit, len(out)))
	for i := range list {
		list[i] = out[i].Pending
	}
	return list, nil
}

// waiting is a session of which effects wait.
type waiting struct {
	partition uint32
	key       string
	since     int64
}

// together asks every line at once for what is its own, each with its own time. The error says that none answered.
func together[T any](ctx context.Context, in time.Duration, lines map[*line][]T, ask func(context.Context, []T) error) error {
	var wait sync.WaitGroup
	faults := make(chan error, len(lines))
	for _, some := range lines {
		wait.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, in)
			defer cancel()
			faults <- ask(ctx, some)
		})
	}
	wait.Wait()
	close(faults)
	var last error
	for err := range faults {
		if !gone(err) {
			return nil
		}
		last = err
	}
	return last
}

// Held is how many sessions are held in memory.
func (r *Redis) Held() int { return r.held.count() }

// History implements Ledger.
func (r *Redis) History(ctx context.Context, key string) ([]Turn, error) {
	const op = "read history"
	if key == "" {
		return nil, named(op, key, "-")
	}
	v, _, err := r.read(ctx, op, key)
	if err != nil {
		return nil, err
	}
	var all []Turn
	for _, t := range v.turns(nil) {
		all = append(all, t.turn())
	}
	return all, nil
}

// Ping implements Ledger. A Redis that only answers is not enough: it has to take a write.
func (r *Redis) Ping(ctx context.Context) error {
	const op = "ping Redis"
	ctx, cancel := context.WithTimeout(ctx, r.in)
	defer cancel()
	err := r.client.Set(ctx, r.prefix+"ping", "1", time.Minute).Err()
	if errors.Is(err, redis.Nil) {
		err = nil
	}
	return redisFault(op, err)
}
