package main

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"yilu/bot"
)

// Size is what was measured of one subject with a number of sessions in its store.
type Size struct {
	Subject  string
	Sessions int
	Turns    int     // kept of each session
	Fill     float64 // seconds that it took to make them
	Start    float64 // seconds until the server was ready
	Resident int64   // bytes of the server, right after its start
	After    int64   // bytes of the server, after it was talked to
	File     int64   // bytes of the data file
	Memory   *Memory `json:",omitempty"`
	Rounds   []Window
}

// Memory is what sessions take in Redis.
type Memory struct {
	Sessions int
	Keys     int64
	Each     float64 // bytes: growth of used_memory, for each session
	Mean     float64 // MEMORY USAGE of a key, over those that were sampled
	P99      float64
	Shapes   map[string]int // of the sampled keys, with digits left out
}

// sizeRate is how many messages come a second while sessions grow.
const sizeRate = 200

// sizePeople is how many of them talk at a time.
const sizePeople = 1000

// sized is one subject with a number of sessions.
type sized struct {
	*subject
	row   Size
	first int64
	p     *play
}

// size measures Yilu with more and more sessions. Every size has servers of its own, so that the sizes take turns, too.
func (b *bench) size(ctx context.Context) (err error) {
	c := channels["telegram"]
	var all []*sized
	defer func() {
		for _, s := range all {
			err = cmp.Or(err, s.close())
		}
	}()
	for _, n := range b.flags.Sessions {
		subjects, err := chosen(b.flags.Subject)
		if err != nil {
			return err
		}
		for _, s := range subjects {
			if !s.talks || s.onPostgres { // the ledger is what grows
				continue
			}
			one := &sized{subject: s, row: Size{Subject: s.Name, Sessions: n}}
			all = append(all, one)
			if err := b.fillUp(ctx, one, c); err != nil {
				return err
			}
		}
	}
	for range b.flags.Rounds {
		for _, s := range all {
			people := make([]*someone, min(sizePeople, s.row.Sessions))
			pick := s.draw()
			for i := range people {
				people[i] = newSomeone(s.p, pick, uint64(i))
			}
			r := &runner{s: s.subject, c: c, every: readOneIn}
			w := r.open(ctx, people, sizeRate, b.flags.OpenFor)
			if err := ctx.Err(); err != nil {
				return err
			}
			if w.Turns == 0 || float64(w.Failed) > 0.001*float64(w.Turns) {
				return errSilent(s.subject, w)
			}
			s.row.Rounds = append(s.row.Rounds, w)
		}
	}
	for _, s := range all {
		s.row.After = resident(s.child.pid())
		b.report.Size = append(b.report.Size, s.row)
	}
	b.sizeTable(b.report.Size)
	return nil
}

// draw names people from all over the sessions, nobody twice before everybody was named.
func (s *sized) draw() func() int64 {
	const stride = 7919 // a prime
	n := int64(s.row.Sessions)
	at := rand.Int64N(n)
	var mu sync.Mutex
	return func() int64 {
		mu.Lock()
		defer mu.Unlock()
		at = (at + stride) % n
		return s.first + at
	}
}

// fillUp brings a subject up with its sessions: one person talks through the channel, and everybody gets the session
// that this leaves.
func (b *bench) fillUp(ctx context.Context, s *sized, c channel) (err error) {
	if s.p, err = readPlay("no-intake"); err != nil {
		return err
	}
	part := "size-" + strconv.Itoa(s.row.Sessions)
	appendOnly := b.flags.Appendonly
	b.flags.Appendonly = "" // for the time of the filling
	err = s.open(b, c, part)
	b.flags.Appendonly = appendOnly
	if err != nil {
		return err
	}
	var empty int64
	if s.redis != nil {
		if empty, err = usedMemory(ctx, s.subject); err != nil {
			return err
		}
	}
	visits := registered
	if b.flags.Life {
		visits = life
	}
	began := time.Now()
	if s.row.Turns, err = b.copies(ctx, s.subject, c, visits, s.row.Sessions, true, &s.first); err != nil {
		return err
	}
	s.row.Fill = time.Since(began).Seconds()
	b.note("%s: %d sessions made in %.0f s", s.Title, s.row.Sessions, s.row.Fill)
	if s.redis != nil {
		used, err := usedMemory(ctx, s.subject)
		if err != nil {
			return err
		}
		m, err := sampleMemory(ctx, s.subject)
		if err != nil {
			return err
		}
		m.Sessions, m.Each = s.row.Sessions, float64(used-empty)/float64(s.row.Sessions)
		s.row.Memory = &m
		if err := appendFrom(ctx, s.subject, appendOnly); err != nil {
			return err
		}
	}
	if err := s.restart(b.dir); err != nil {
		return err
	}
	s.row.Start = s.child.began.Seconds()
	if err := s.child.free(ctx); err != nil {
		return err
	}
	s.row.Resident, s.row.File = resident(s.child.pid()), fileSize(s.subject)
	return nil
}

// What somebody has done whose session is copied.
var (
	registered = []string{"register"}
	life       = []string{"help", "search", "register", "look", "refine", "correct", "search"}
)

// copies has one person talk to a subject, stops it, and makes n sessions of theirs for others, of whom it names the
// first. It returns how many messages that one had sent.
func (b *bench) copies(ctx context.Context, s *subject, c channel, visits []string, n int, silent bool, first *int64) (said int, err error) {
	one := nextPerson()
	if said, err = makeVisits(s, c, one, visits); err != nil {
		return said, err
	}
	if err := s.child.stop(); err != nil {
		return said, s.child.failed("it did not stop in order")
	}
	s.child = nil
	*first = persons.Add(int64(n)) - int64(n) + 1
	filler := s.role
	filler.Kind, filler.From, filler.Send, filler.First, filler.Count, filler.Silent = fillSessions, c.identity(one), c.name, *first, n, silent
	return said, finish(ctx, b.dir, filepath.Base(s.role.Data)+"-fill", filler)
}

// usedMemory is what Redis holds.
func usedMemory(ctx context.Context, s *subject) (int64, error) {
	client := s.client()
	defer client.Close()
	return infoNumber(ctx, client, "memory", "used_memory")
}

// infoNumber reads a number of INFO.
func infoNumber(ctx context.Context, client *redis.Client, section, name string) (int64, error) {
	text, err := client.Info(ctx, section).Result()
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(text) {
		if value, is := strings.CutPrefix(line, name+":"); is {
			return strconv.ParseInt(strings.TrimSpace(value), 10, 64)
		}
	}
	return 0, bot.Errorf(bot.NotFound, "ask redis", "INFO has no %s", name)
}

// sampled is how many keys are looked at.
const sampled = 2000

var digits = regexp.MustCompile(`[0-9]+`)

// sampleMemory asks what keys take that are drawn at random.
func sampleMemory(ctx context.Context, s *subject) (m Memory, err error) {
	client := s.client()
	defer client.Close()
	if m.Keys, err = client.DBSize(ctx).Result(); err != nil {
		return m, err
	}
	m.Shapes = map[string]int{}
	drawn := make([]*redis.StringCmd, sampled)
	_, err = client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i := range drawn {
			drawn[i] = p.RandomKey(ctx)
		}
		return nil
	})
	if err != nil {
		return m, err
	}
	used := make([]*redis.IntCmd, sampled)
	_, err = client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, key := range drawn {
			used[i] = p.MemoryUsage(ctx, key.Val(), 0)
			m.Shapes[digits.ReplaceAllString(key.Val(), "#")]++
		}
		return nil
	})
	if err != nil {
		return m, err
	}
	each := make([]int64, sampled)
	for i := range used {
		each[i] = used[i].Val()
		m.Mean += float64(each[i]) / sampled
	}
	slices.Sort(each)
	m.P99 = float64(each[len(each)*99/100])
	return m, nil
}

// appendFrom has Redis write to its append-only file from now on, and waits until all that there is stands in it.
func appendFrom(ctx context.Context, s *subject, how string) error {
	if how == "" {
		return nil
	}
	client := s.client()
	defer client.Close()
	for _, set := range [][2]string{{"appendfsync", how}, {"appendonly", "yes"}} {
		if err := client.ConfigSet(ctx, set[0], set[1]).Err(); err != nil {
			return err
		}
	}
	for range int(startIn / (50 * time.Millisecond)) {
		busy, err := infoNumber(ctx, client, "persistence", "aof_rewrite_in_progress")
		if err != nil {
			return err
		}
		waits, err := infoNumber(ctx, client, "persistence", "aof_rewrite_scheduled")
		if err != nil || busy == 0 && waits == 0 {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
	return bot.Errorf(bot.Unavailable, "ask redis", "it does not come to an end with its append-only file")
}

// sizeTable shows what was measured as sessions grew.
func (b *bench) sizeTable(rows []Size) {
	names := titles()
	fmt.Fprintf(b.out, "\n## Telegram, %d messages a second, as sessions grow\n\n", sizeRate)
	fmt.Fprintf(b.out, "Each session is that of somebody who has registered, and has sent %d messages in all; messages come from people drawn at random.\n\n", rows[0].Turns)
	fmt.Fprintln(b.out, "| subject | sessions | p50 | p99 | p50 / first | p99 / first | max | others | start, s | server at start, MiB | server after, MiB | bytes a session | MEMORY USAGE, mean | p99 | made in, s |")
	fmt.Fprintln(b.out, "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
	first := map[string]Size{}
	for _, row := range rows {
		if _, seen := first[row.Subject]; !seen {
			first[row.Subject] = row
		}
	}
	for _, name := range []string{"embedded", "redis"} {
		for _, row := range rows {
			if row.Subject != name {
				continue
			}
			base, w := first[name].Rounds, row.Rounds
			memory := fmt.Sprintf("%.0f on disk | – | –", float64(row.File)/float64(row.Sessions))
			if m := row.Memory; m != nil {
				memory = fmt.Sprintf("%.0f | %.0f | %.0f", m.Each, m.Mean, m.P99)
			}
			fmt.Fprintf(b.out, "| %s | %d | %.2f | %.2f | %s | %s | %.1f | %.1f | %.2f | %.0f | %.0f | %s | %.0f |\n", names[name], row.Sessions, mid(w, p50), mid(w, p99),
				against(w, base, p50), against(w, base, p99), mid(w, longest), mid(w, others), row.Start, mib(row.Resident), mib(row.After), memory, row.Fill)
		}
	}
}

func mib(bytes int64) float64 { return float64(bytes) / (1 << 20) }

// fileSize is what the data of a subject takes on the disk.
func fileSize(s *subject) int64 {
	var total int64
	files, _ := filepath.Glob(filepath.Join(s.role.Data, "yilu.db*"))
	for _, f := range files {
		if info, err := os.Stat(f); err == nil {
			total += info.Size()
		}
	}
	return total
}
