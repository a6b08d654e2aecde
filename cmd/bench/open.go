package main

import (
	"context"
	"fmt"
	"time"

	"yilu/bot"
)

// Open is what was measured of one subject at a rate.
type Open struct {
	Channel string
	Subject string
	Rate    float64
	Rounds  []Window
}

// noTime is for turns whose time counts from when they are sent.
var noTime time.Time

// open measures every subject at every rate.
func (b *bench) open(ctx context.Context) error {
	c := channels[b.flags.Channel[0]]
	p, err := readPlay("whole")
	if err != nil {
		return err
	}
	return b.measured(ctx, "open", c, func(up []*subject) error {
		for _, rate := range b.flags.Rates {
			rows := make([]Open, len(up))
			for i, s := range up {
				rows[i] = Open{Channel: c.name, Subject: s.Name, Rate: rate}
			}
			for round := range b.flags.Rounds {
				for i, s := range up {
					people := make([]*someone, b.flags.People)
					for n := range people {
						people[n] = newSomeone(p, nextPerson, uint64(round*len(people)+n))
					}
					r := &runner{s: s, c: c, every: readOneIn}
					w := r.open(ctx, people, rate, b.flags.OpenFor)
					if err := ctx.Err(); err != nil {
						return err
					}
					if w.Turns == 0 {
						return bot.Errorf(bot.Internal, "measure "+s.Name, "nothing was sent")
					}
					rows[i].Rounds = append(rows[i].Rounds, w)
				}
			}
			b.report.Open = append(b.report.Open, rows...)
			b.openTable(fmt.Sprintf("%s, open loop, %g messages a second", c.title, rate), rows)
		}
		return nil
	})
}
