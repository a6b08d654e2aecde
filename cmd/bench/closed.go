package main

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"sync"

	"yilu/bot"
)

// Closed is what was measured of one subject with a number of workers, round by round.
type Closed struct {
	Channel string
	Mix     string
	Subject string
	Workers int
	Rounds  []Window
}

// readOneIn is how many answers come on each one that is read in a measured run. In the run before it, every one is.
const readOneIn = 50

// measured brings the chosen subjects up for a channel, has do measure them, and ends them. In a short run they stay up
// for the parts that come after.
func (b *bench) measured(ctx context.Context, part string, c channel, do func([]*subject) error) (err error) {
	if up := b.up[c.name]; up != nil {
		return do(up)
	}
	if err := b.calibrate(ctx, c); err != nil {
		return err
	}
	subjects, err := chosen(b.flags.Subject)
	if err != nil {
		return err
	}
	if b.flags.Short {
		b.closers = append(b.closers, func() error { return closeAll(subjects) })
	} else {
		defer func() { err = cmp.Or(err, closeAll(subjects)) }()
	}
	var up []*subject
	for _, s := range subjects {
		if err := s.open(b, c, part); bot.CodeOf(err) == bot.Off {
			b.note("%s is left out: %v", s.Title, err)
			continue
		} else if err != nil {
			return err
		}
		if err := rehearse(s, c); err != nil {
			return err
		}
		elsewhere, err := s.elsewhere(ctx)
		if err != nil {
			return err
		}
		if elsewhere {
			b.note("%s: it keeps its data elsewhere, so it is left out", s.Title)
			continue
		}
		up = append(up, s)
	}
	if b.flags.Short {
		b.up[c.name] = up
	}
	return do(up)
}

// closeAll ends subjects, and returns the first error.
func closeAll(subjects []*subject) (err error) {
	for _, s := range subjects {
		err = cmp.Or(err, s.close())
	}
	return err
}

// rehearse has one person make every visit, and reads every answer.
func rehearse(s *subject, c channel) error {
	_, err := makeVisits(s, c, nextPerson(), []string{"menu", "help", "search", "look", "refine", "register", "correct"})
	if err != nil {
		return err
	}
	_, err = makeVisits(s, c, nextPerson(), []string{"register_corrected"})
	return err
}

// makeVisits has one person make visits, reads every answer, and returns how many messages that took.
func makeVisits(s *subject, c channel, person int64, visits []string) (said int, err error) {
	p, err := readPlay("whole")
	if err != nil {
		return 0, err
	}
	w := &wire{host: s.child.Addr}
	defer w.close()
	r := &runner{s: s, c: c, every: 1}
	for _, name := range visits {
		who := &someone{play: p, id: person, next: nextPerson, visit: p.visits[name]}
		for _, now := range who.visit.steps {
			who.sent = int64(said)
			if one := r.turn(w, who, noTime); one.failed || one.wrong {
				return said, bot.Errorf(bot.Internal, "talk to "+s.Name, "%s on %s: %q got no answer, or another one than the dialogue has", name, c.name, now.say)
			}
			said++
		}
	}
	return said, nil
}

// calibrate sees how long Yilu's answers are, so that the floor's are as long.
func (b *bench) calibrate(ctx context.Context, c channel) error {
	if b.reply[c.name] > 0 {
		return nil
	}
	s := allSubjects()[0]
	if err := s.open(b, c, "calibrate"); err != nil {
		return err
	}
	defer s.close()
	p, err := readPlay("whole")
	if err != nil {
		return err
	}
	w := &wire{host: s.child.Addr}
	defer w.close()
	who := newSomeone(p, nextPerson, 1)
	total, n := 0, 0
	for turns, _ := p.turns(); n < int(turns)*2 && ctx.Err() == nil; n++ {
		now, _ := who.say()
		request, err := c.request(nil, w.host, who.id, who.sent, now.say)
		if err != nil {
			return err
		}
		status, body, err := w.send(request)
		if err != nil || !ok(status, body) {
			return bot.Errorf(bot.Internal, "calibrate", "%q on %s got no answer: status %d", now.say, c.name, status)
		}
		if c.name != "telegram" {
			if body, err = c.opened(body); err != nil {
				return err
			}
		}
		total += len(body)
		who.heard()
	}
	const around = len(`{"method":"sendMessage","chat_id":6000000001,"text":""}`)
	if b.reply[c.name] = total / n; c.name == "telegram" {
		b.reply[c.name] -= around
	}
	b.note("%s: an answer of Yilu's is %d bytes on average", c.title, total/n)
	return ctx.Err()
}

// closed measures every subject with every number of workers, in rounds.
func (b *bench) closed(ctx context.Context) error {
	for _, name := range b.flags.Channel {
		c := channels[name]
		err := b.measured(ctx, "closed", c, func(up []*subject) error {
			for _, workers := range b.flags.Workers {
				rows, err := b.rounds(ctx, up, c, "whole", workers)
				if err != nil {
					return err
				}
				b.closedTable(fmt.Sprintf("%s, %d at once", c.title, workers), rows)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// mixes measures what people may also say, with 64 workers.
func (b *bench) mixes(ctx context.Context) error {
	workers := 64
	if b.flags.Short {
		workers = 4
	}
	c := channels["telegram"]
	return b.measured(ctx, "mixes", c, func(up []*subject) error {
		for _, m := range mixes[1:] {
			rows, err := b.rounds(ctx, up, c, m.Name, workers)
			if err != nil {
				return err
			}
			b.closedTable(fmt.Sprintf("%s, %d at once, %s", c.title, workers, m.About), rows)
		}
		return nil
	})
}

// rounds has the subjects take turns, so that what disturbs the machine disturbs all of them.
func (b *bench) rounds(ctx context.Context, up []*subject, c channel, mixName string, workers int) ([]Closed, error) {
	p, err := readPlay(mixName)
	if err != nil {
		return nil, err
	}
	rows := make([]Closed, len(up))
	for round := range b.flags.Rounds {
		for i, s := range up {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			rows[i].Channel, rows[i].Mix, rows[i].Subject, rows[i].Workers = c.name, mixName, s.Name, workers
			r := &runner{s: s, c: c, every: readOneIn}
			var profiles sync.WaitGroup
			w := r.closed(p, workers, b.flags.Warm, b.flags.For, func() {
				if b.flags.Pprof != "" {
					profiles.Go(func() { b.profile(ctx, s, fmt.Sprintf("%s-%s-%s-%d-%d", s.Name, c.name, mixName, workers, round+1)) })
				}
			})
			profiles.Wait()
			if w.Turns == 0 || float64(w.Failed+w.Wrong) > 0.001*float64(w.Turns) {
				return nil, errSilent(s, w)
			}
			rows[i].Rounds = append(rows[i].Rounds, w)
		}
	}
	b.report.Closed = append(b.report.Closed, rows...)
	return rows, nil
}

func (b *bench) profile(ctx context.Context, s *subject, name string) {
	if err := makeFolder(b.flags.Pprof); err != nil {
		b.note("%v", err)
		return
	}
	if err := s.child.profile(ctx, filepath.Join(b.flags.Pprof, name+".pprof"), b.flags.For); err != nil {
		b.note("no profile of %s: %v", name, err)
	}
}
