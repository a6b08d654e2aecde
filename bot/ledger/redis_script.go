package ledger

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"yilu/bot"
	"yilu/bot/batch"
)

// commitScript writes a session, if it is still what the commit was decided on, and its effects.
//
// KEYS  session, and with effects: effects, waiting
// ARGV  head that it was decided on ("" for none) · the new value · ms until it may go · time of the turn · the session's
// name · id and text of each effect
//
// It returns 1, or else what is there now. A client that lost the reply sends it again: the head of the new value is
// there then, and nobody else's commit makes the same, so that is 1, too, and nothing is written twice.
var commitScript = redis.NewScript(`
local head = redis.call('GETRANGE', KEYS[1], 0, 24)
if head ~= ARGV[1] then
  if head == string.sub(ARGV[2], 1, 25) then return 1 end
  return redis.call('GET', KEYS[1]) or ''
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
if #ARGV > 5 then
  for i = 6, #ARGV, 2 do
    if redis.call('HEXISTS', KEYS[2], 'i' .. ARGV[i]) == 0 then
      local n = redis.call('HINCRBY', KEYS[2], 'n', 1)
      redis.call('HSET', KEYS[2], 'i' .. ARGV[i], n .. ' ' .. ARGV[i + 1])
    end
  end
  redis.call('ZADD', KEYS[3], 'NX', ARGV[4], ARGV[5])
end
return 1
`)

// settleScript removes effects, and the session's name from those that wait with the last of them.
//
// KEYS  effects, waiting
// ARGV  the session's name · ids
var settleScript = redis.NewScript(`
for i = 2, #ARGV do redis.call('HDEL', KEYS[1], 'i' .. ARGV[i]) end
if redis.call('HLEN', KEYS[1]) <= 1 then
  redis.call('DEL', KEYS[1])
  redis.call('ZREM', KEYS[2], ARGV[1])
end
return 1
`)

// command is something to be asked of Redis, together with others.
type command struct {
	script *redis.Script // nil: what load finds
	keys   []string
	args   []any

	done    *redis.Cmd                // of a script
	session *redis.StringCmd          // of a load
	effects *redis.MapStringStringCmd // of a load
}

// add puts the command into a pipeline, or has a client do it at once.
func (c *command) add(ctx context.Context, to redis.Cmdable, whole bool) {
	switch {
	case c.script == nil:
		// In this order: an effect that is there was committed with the session that was read, or later.
		c.session, c.effects = to.Get(ctx, c.keys[0]), to.HGetAll(ctx, c.keys[1])
	case whole:
		c.done = c.script.Eval(ctx, to, c.keys, c.args...)
	default:
		c.done = c.script.EvalSha(ctx, to, c.keys, c.args...)
	}
}

func (c *command) err() error {
	if c.script != nil {
		return c.done.Err()
	}
	if err := c.session.Err(); err != nil && !errors.Is(err, redis.Nil) {
		return err
	}
	return c.effects.Err()
}

// line sends the commands of turns that run at the same time together: that costs Redis and us a fraction of what they
// cost one by one.
//
// In a cluster it follows redirections by itself. The client (v9.23.0) may send a command of a pipeline to two nodes at
// once while slots move, and has both write into its reply.
type line struct {
	client redis.UniversalClient // for one command
	pipes  redis.UniversalClient // for several
	in     time.Duration         // how long Redis has for an answer
	queue  batch.Queue[*command]
}

// do runs a command and waits for it. After an error of code Unavailable it may have been done or not.
func (l *line) do(ctx context.Context, op string, c *command) error {
	if err := ctx.Err(); err != nil {
		return redisFault(op, err)
	}
	s := batch.NewSpot(c)
	switch lead, left := l.queue.Await(ctx, s); {
	case left:
		return redisFault(op, ctx.Err())
	case !lead:
		return redisFault(op, s.Err)
	}
	l.lead(ctx, s)
	return redisFault(op, s.Err)
}

// lead sends own and whoever waits behind it. It is not broken off with the context of its own: others wait for it.
func (l *line) lead(ctx context.Context, own *batch.Spot[*command]) {
	defer l.queue.Pass()
	others := l.queue.Take()
	defer func() {
		for _, s := range others {
			s.End()
		}
	}()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.in)
	defer cancel()
	l.run(ctx, append([]*batch.Spot[*command]{own}, others...))
	if gone(own.Err) {
		l.queue.Give(own.Err)
	}
}

// run sends commands together, those of which Redis does not know the script a second time with the script.
func (l *line) run(ctx context.Context, all []*batch.Spot[*command]) {
	l.send(ctx, all, false)
	l.follow(ctx, all, false)
	var unknown []*batch.Spot[*command]
	for _, s := range all {
		if s.Err = s.What.err(); redis.HasErrorPrefix(s.Err, "NOSCRIPT") {
			unknown = append(unknown, s)
		}
	}
	if len(unknown) == 0 {
		return
	}
	l.send(ctx, unknown, true)
	l.follow(ctx, unknown, true)
	for _, s := range unknown {
		s.Err = s.What.err()
	}
}

// follow sends what a cluster did not take once more: a command whose slot is elsewhere by itself, to where it is, and
// those that a node did not answer together, after a pause in which the client learns who is the master now.
func (l *line) follow(ctx context.Context, all []*batch.Spot[*command], whole bool) {
	if l.pipes == l.client {
		return
	}
	for n := 0; ; n++ {
		var again []*batch.Spot[*command]
		for _, s := range all {
			switch err := s.What.err(); {
			case moved(err):
				s.What.add(ctx, l.client, whole)
			case passing(err):
				again = append(again, s)
			}
		}
		if len(again) == 0 || n == len(pauses) || !sleep(ctx, pauses[n]) {
			return
		}
		l.send(ctx, again, whole)
		all = again
	}
}

// pauses are before what did not come through is sent again.
var pauses = []time.Duration{5 * time.Millisecond, 20 * time.Millisecond, 80 * time.Millisecond}

// sleep reports whether there is time left after it.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// moved reports that a command has to be sent to another node.
func moved(err error) bool {
	return redis.HasErrorPrefix(err, "MOVED") || redis.HasErrorPrefix(err, "ASK")
}

// passing reports that a command may come through a moment later.
func passing(err error) bool {
	return gone(err) || slices.ContainsFunc([]string{"TRYAGAIN", "CLUSTERDOWN", "MASTERDOWN", "LOADING", "READONLY"}, func(word string) bool {
		return redis.HasErrorPrefix(err, word)
	})
}

func (l *line) send(ctx context.Context, all []*batch.Spot[*command], whole bool) {
	p := l.pipes.Pipeline()
	for _, s := range all {
		s.What.add(ctx, p, whole)
	}
	_, _ = p.Exec(ctx) // each command has its own error
}

// answerIn is how long Redis has for an answer. With what else a turn does it leaves the worker less than 2 s without a
// word, and the platform its 5 s.
const answerIn = 800 * time.Millisecond

// gone reports whether an error is about Redis, not about the command.
func gone(err error) bool {
	var said redis.Error
	return err != nil && !errors.Is(err, redis.Nil) && !errors.As(err, &said)
}

// redisFault makes an error ours. Redis does not repeat a value in an error but for a command that it does not know, so
// only the first word of what it says is kept.
func redisFault(op string, err error) error {
	var known *bot.Error
	var said redis.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return err
	case errors.As(err, &said):
		word, _, _ := strings.Cut(said.Error(), " ")
		return &bot.Error{Code: bot.Unavailable, Op: op, Say: "Redis refused: " + word + advice[word]}
	case errors.Is(err, context.Canceled):
		return &bot.Error{Code: bot.Unavailable, Op: op, Say: "broken off by the caller", Err: err}
	}
	return &bot.Error{Code: bot.Unavailable, Op: op, Say: "Redis does not answer; is it running, and is YILU_REDIS_URL right?", Err: err}
}

// advice says what to do about what Redis says.
var advice = map[string]string{
	"NOAUTH":      "; put the password into YILU_REDIS_URL",
	"WRONGPASS":   "; user or password in YILU_REDIS_URL is wrong",
	"NOPERM":      "; give this user the right to read, write and run scripts",
	"OOM":         "; its memory is full: raise maxmemory, and keep maxmemory-policy noeviction",
	"MISCONF":     "; it cannot write to its disk",
	"READONLY":    "; it is a replica: name the master, or use ?master_name= with Sentinel",
	"LOADING":     "; it reads its data and will be ready soon",
	"CLUSTERDOWN": "; its cluster is not whole",
	"WRONGTYPE":   "; somebody else's keys are under the same names: choose another database",
}
