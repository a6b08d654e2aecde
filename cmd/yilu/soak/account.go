package soak

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"yilu/bot"
	"yilu/bot/app"
	"yilu/bot/ledger"
)

// account closes the books: no fault goes on any more.
func (s *soak) account(ctx context.Context) (*Result, error) {
	s.logf("drain")
	o, err := s.openStores(ctx)
	if err != nil {
		return nil, err
	}
	defer o.Close()
	swept, err := s.drain(ctx, o)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	people := slices.Clone(s.people)
	s.mu.Unlock()
	b := &books{soak: s, app: o, result: &Result{}, seen: map[bot.WorkerID]*life{}, expect: map[string]*intake{}, alerts: map[*life]map[string]bool{},
		contents: contents{confirmed: map[*life]map[string]string{}, posts: map[string]string{}}}
	s.logf("read the sessions of %d people, and deliver again all that they keep", len(people))
	err = s.each(ctx, people, func(l *life) error { return b.session(ctx, l) })
	if err != nil {
		return nil, fmt.Errorf("the ledger cannot be read: %w", err)
	}
	s.logf("say one thing more")
	err = s.each(ctx, people, func(l *life) error {
		for try := 0; try < 5 && (try == 0 || l.again != nil); try++ { // what was given up is said again
			s.step(ctx, l)
		}
		return b.session(ctx, l)
	})
	if err != nil {
		return nil, fmt.Errorf("the ledger cannot be read: %w", err)
	}
	late, err := s.drain(ctx, o)
	if err != nil {
		return nil, err
	}
	counts := s.fleet.counts()
	s.fleet.close()
	s.logf("read the records")
	s.result(b.result, counts)
	b.result.Swept = swept + late
	for _, l := range people {
		b.told(l)
		b.noteContents(l)
	}
	if err := b.intakes(ctx); err != nil {
		return nil, fmt.Errorf("the records cannot be read: %w", err)
	}
	s.mu.Lock()
	b.result.Breaches = s.breaches
	s.mu.Unlock()
	b.result.Took = time.Since(s.began)
	return b.result, nil
}

// openStores opens the stores as a process does.
func (s *soak) openStores(ctx context.Context) (*app.App, error) {
	settings := map[string]string{}
	for _, setting := range s.store.settings() {
		name, value, _ := strings.Cut(setting, "=")
		settings[name] = value
	}
	log, err := os.Create(filepath.Join(s.Folder, "account.log"))
	if err != nil {
		return nil, err
	}
	return patiently(ctx, func() (*app.App, error) {
		return app.Open(ctx, app.Config{
			Data: filepath.Join(s.Folder, "data"), Settings: func(name string) string { return settings[name] }, Now: time.Now,
			Log: slog.New(slog.NewTextHandler(log, nil)),
		})
	})
}

// patiently does something again while a store does not answer: all faults are healed, so it is the machine that is busy.
func patiently[T any](ctx context.Context, do func() (T, error)) (T, error) {
	for began := time.Now(); ; pause(ctx, 100*time.Millisecond) {
		v, err := do()
		if bot.CodeOf(err) != bot.Unavailable || ctx.Err() != nil || time.Since(began) > busyFor {
			return v, err
		}
	}
}

// busyFor is how long a machine may be too busy for its stores to answer.
const busyFor = 30 * time.Second

// The processes are given sweepIn to bring what waits in the ledger into the records; a short run does it itself at once.
const (
	sweepIn   = 40 * time.Second
	longTurns = 20_000
)

// drain waits until nothing waits in the ledger.
func (s *soak) drain(ctx context.Context, o *app.App) (swept int, err error) {
	for began := time.Now(); ctx.Err() == nil; {
		far := time.Now().Add(time.Hour)
		waiting, err := patiently(ctx, func() ([]ledger.Pending, error) { return o.Engine.Ledger.Unsettled(ctx, far, 1000) })
		if err != nil {
			return swept, fmt.Errorf("the ledger cannot be read: %w", err)
		}
		if len(waiting) == 0 {
			return swept, nil
		}
		swept = max(swept, len(waiting))
		switch {
		case time.Since(began) > patience:
			s.breach(nil, "what waits in the ledger can be applied", fmt.Sprintf("%d effects still wait after %v; the first is a %s, %s", len(waiting), patience, waiting[0].Entry.Kind, waiting[0].Entry.ID))
			return swept, nil
		case s.Turns < longTurns:
			if _, err := patiently(ctx, func() (int, error) { return o.Sweep(ctx, far) }); err != nil {
				return swept, fmt.Errorf("what waits in the ledger cannot be applied: %w", err)
			}
		case time.Since(began) > sweepIn:
			s.breach(nil, "what waits in the ledger is applied once the stores are back", fmt.Sprintf("%d effects still wait after %v; the first: %v of %s", len(waiting), sweepIn, waiting[0].Entry, waiting[0].Key))
			if _, err := o.Sweep(ctx, far); err != nil {
				return swept, nil
			}
			return swept, nil
		}
		pause(ctx, 100*time.Millisecond)
	}
	return swept, ctx.Err()
}

// each does something for everybody, as many at once as there are workers, and returns the last error.
func (s *soak) each(ctx context.Context, people []*life, do func(*life) error) (err error) {
	queue := make(chan *life)
	var wait sync.WaitGroup
	var mu sync.Mutex
	for range s.Workers {
		wait.Go(func() {
			for l := range queue {
				if e := do(l); e != nil {
					mu.Lock()
					err = e
					mu.Unlock()
				}
			}
		})
	}
	for _, l := range people {
		if ctx.Err() == nil {
			queue <- l
		}
	}
	close(queue)
	wait.Wait()
	return err
}

// wechatAge is how old a message of WeChat may be to be delivered again: the channel refuses older ones.
const wechatAge = 9 * time.Minute

// books is what was promised, and what is there.
type books struct {
	*soak
	app    *app.App
	result *Result

	mu     sync.Mutex
	seen   map[bot.WorkerID]*life
	expect map[string]*intake
	alerts map[*life]map[string]bool

	contents contents
}

// intake is a number that Yilu gave out.
type intake struct {
	life      *life
	withdrawn bool
	found     int
}

// session compares what was said since the last time with the session, and delivers again what the session keeps.
func (b *books) session(ctx context.Context, l *life) error {
	key := l.from().Key()
	turns, err := b.app.Engine.Ledger.History(ctx, key)
	if err != nil {
		return err
	}
	snap, err := b.app.Engine.Ledger.Look(ctx, key, "account", time.Now())
	if err != nil {
		return err
	}
	at, before := 0, ""
	for _, t := range turns {
		found := slices.IndexFunc(l.sent[at:], func(m *message) bool { return l.channel.holds(t.Message, m) })
		if found < 0 {
			b.breach(l, "received = handled: what is in a session was sent, in that order, once", "the session holds the message "+t.Message)
			continue
		}
		at += found
		m := l.sent[at]
		if at++; !m.acked && !m.taken {
			var reply bot.Reply
			if err := json.Unmarshal(t.Reply, &reply); err != nil {
				b.breach(l, "what the ledger keeps can be read", "the reply to "+t.Message)
			}
			m.taken, m.visible = true, strings.Join(reply.Texts, "\n")
			m.state = b.script.state(m.visible)
		}
		m.found = true
		before = strings.TrimSuffix(t.Message, l.channel.id(m))
	}
	fresh := l.sent[l.closed:]
	var acked, taken, lost int64
	for i, m := range fresh {
		switch {
		case m.acked:
			acked++
			if m.found || len(fresh)-i > ledger.Kept {
				continue
			}
			// Its reply may have been dropped to save room. That it was there is known.
			kept, err := b.app.Engine.Ledger.Look(ctx, key, before+l.channel.id(m), time.Now())
			if err != nil {
				return err
			}
			if !kept.Seen {
				lost++
			}
		case m.taken:
			taken++
		case m.gaveUp: // it may be among those of which only the name is kept: what it came to nobody knows
			kept, err := b.app.Engine.Ledger.Look(ctx, key, before+l.channel.id(m), time.Now())
			if err != nil {
				return err
			}
			if kept.Seen {
				m.taken, l.unread = true, true
				taken++
			}
		}
	}
	l.closed = len(l.sent)
	went := snap.Version - l.version
	l.version = snap.Version
	b.mu.Lock()
	b.result.Acknowledged += acked
	b.result.GivenUpTaken += taken
	b.result.GivenUp += int64(len(fresh)) - acked
	b.mu.Unlock()
	switch {
	case lost == 0 && went == acked+taken:
	case !b.exact:
		b.mu.Lock()
		b.result.LostTurns += max(lost, acked+taken-went)
		b.mu.Unlock()
	case lost > 0:
		b.breach(l, "received = handled: every message that was answered is in its session", fmt.Sprintf("%d are not", lost))
	default:
		b.breach(l, "received = handled: a session has as many turns as messages were taken", fmt.Sprintf("it went on by %d, but %d were acknowledged, and %d were given up and taken", went, acked, taken))
	}
	for _, m := range fresh {
		if m.acked && m.found && (l.channel.name() != "wechat" || time.Since(m.at) < wechatAge) {
			if !b.again(ctx, l, m) && ctx.Err() == nil {
				b.breach(l, "an acknowledged message that is delivered again gets the same bytes", fmt.Sprintf("%q gets no answer any more, with no fault going on", m.words))
			}
		}
	}
	return nil
}

// told notes the intakes of a life: what was shown, and what a message came to that the platform gave up.
func (b *books) told(l *life) {
	b.seen[l.from().Worker()] = l
	alerts := map[string]bool{}
	b.alerts[l] = alerts
	notes, owed := 0, false
	for _, m := range l.sent {
		text, state := m.visible, m.state
		if !m.acked && !m.taken {
			continue
		}
		given := numbers.FindAllString(text, -1)
		if len(given) > 0 && (state == "said" || state == "more" && owed) { // a sentence is a request of its own, with the number before it
			notes++
			given = append(given, fmt.Sprintf("%s/%d", given[0], notes))
		}
		owed = owed || state == "more"
		for _, number := range given {
			one := b.expect[number]
			if one == nil {
				one = &intake{life: l}
				b.expect[number] = one
			}
			if one.life != l {
				b.breach(l, "a number is one worker's", number+" was shown to two")
			}
			one.withdrawn = one.withdrawn || state == "withdrawn"
		}
		if state == "noted" {
			for line := range strings.Lines(text) { // what was confirmed, whatever was said last before it
				if strings.Contains(line, b.script.marks[state]) {
					alerts[strings.TrimSpace(line)] = true
				}
			}
		}
	}
}

// intakes compares what workers were told with what is in the records.
func (b *books) intakes(ctx context.Context) error {
	found := func(kind, number string, worker bot.WorkerID, withdrawn bool) {
		l, one := b.seen[worker], b.expect[number]
		switch {
		case l == nil:
			b.breach(nil, "nothing is in the records that nobody asked for", kind+" "+number+" of an unknown worker")
		case one == nil && b.exact && !l.unread:
			b.breach(l, "nothing is in the records that nobody asked for", kind+" "+number+" was never shown")
		case one == nil:
			b.result.Unseen++
		case one.life != l:
			b.breach(l, "an intake is its worker's", kind+" "+number+" is in the records as another's")
		default:
			if one.found++; one.found > 1 {
				b.result.Doubled++
				b.breach(l, "an intake is in the records once", kind+" "+number+" is there more than once")
			}
			if withdrawn != one.withdrawn && b.exact {
				b.breach(l, "what was taken back is taken back, and nothing else", fmt.Sprintf("%s %s: in the records %v, to the worker %v", kind, number, withdrawn, one.withdrawn))
			}
		}
		b.result.Intakes[kind]++
	}
	records := b.app.Records
	err := records.EachWorker(ctx, func(w bot.Worker) error {
		if w.Number != "" {
			found("registrations", w.Number, w.ID, false)
			if !w.Complete {
				b.breach(b.seen[w.ID], "an intake is whole", "the registration "+w.Number+" is not complete")
			}
			if w.Consent != bot.Notice && b.exact {
				b.breach(b.seen[w.ID], "whoever has registered has agreed, and the records say so", "the worker with "+w.Number+" has not")
			}
			b.worker(b.seen[w.ID], w)
		} else if b.seen[w.ID] == nil {
			b.breach(nil, "nothing is in the records that nobody asked for", "worker "+string(w.ID))
		}
		return nil
	})
	if err != nil {
		return err
	}
	titles := map[bot.PostID]string{}
	if err := records.EachPost(ctx, func(p bot.Post) error {
		titles[p.ID] = p.Title
		return nil
	}); err != nil {
		return err
	}
	if err := records.EachApplication(ctx, func(a bot.Application) error {
		found("applications", a.Number, a.Worker, a.State == bot.Withdrawn)
		b.application(b.seen[a.Worker], a, titles[a.Post])
		return nil
	}); err != nil {
		return err
	}
	if err := records.EachRequest(ctx, func(q bot.Request) error {
		found("requests", q.Number, q.Worker, false)
		return nil
	}); err != nil {
		return err
	}
	if err := records.EachCase(ctx, func(c bot.Case) error {
		found("cases", c.Number, c.Worker, c.State == bot.CaseWithdrawn)
		return nil
	}); err != nil {
		return err
	}
	registered := map[*life]bool{} // with another number
	for number, one := range b.expect {
		if one.found > 0 && strings.HasPrefix(number, "DJ") {
			registered[one.life] = true
		}
	}
	var other *life
	var first string
	for number, one := range b.expect {
		if one.found > 0 {
			continue
		}
		if registered[one.life] && strings.HasPrefix(number, "DJ") {
			b.result.Renumbered++
			other, first = one.life, number
			continue
		}
		b.result.Lost++
		b.missing(one.life, "every intake whose number was given out is in the records", number+" is not")
	}
	if other != nil {
		b.missing(other, "a registered worker keeps the number", fmt.Sprintf("%d numbers of registrations were shown, and then another to the same worker; the records know the other one only; one of them is %s\n%s", b.result.Renumbered, first, other.around(first)))
	}
	for l, want := range b.alerts {
		have, err := records.Alerts(ctx, l.from().Worker())
		if err != nil {
			return err
		}
		b.result.Intakes["alerts"] += int64(len(have))
		if len(have) != len(want) {
			b.result.Lost += max(0, int64(len(want)-len(have)))
			b.missing(l, "every alert that was confirmed is in the records once", fmt.Sprintf("%d are, %d were confirmed", len(have), len(want)))
		}
	}
	return nil
}

// missing is a broken promise, unless something may be lost: then it is counted, and shown.
func (b *books) missing(l *life, promise, detail string) {
	if b.exact {
		b.breach(l, promise, detail)
		return
	}
	b.logf("lost, as may be under these faults: %s: %s\n%s", promise, detail, l.transcript())
}
