package main

import (
	"context"
	"fmt"
	"slices"
)

// Kept is what sessions of one kind take in Redis.
type Kept struct {
	Kind  string
	Turns int
	Memory
}

// keptOf is how many sessions of a kind are looked at.
const keptOf = 10_000

// memory measures what sessions take in Redis: of people who have registered and of people who have made every visit,
// while they talk and once they are silent.
func (b *bench) memory(ctx context.Context) error {
	if len(b.flags.Subject) > 0 && !slices.Contains(b.flags.Subject, "redis") {
		return nil
	}
	n := keptOf
	if b.flags.Short {
		n = 30
	}
	var rows []Kept
	for _, kind := range []struct {
		name   string
		visits []string
		silent bool
	}{
		{"registered, just now", registered, false}, {"registered, silent", registered, true},
		{"every visit, just now", life, false}, {"every visit, silent", life, true},
	} {
		row, err := b.kept(ctx, kind.visits, n, kind.silent)
		if err != nil {
			return err
		}
		row.Kind = kind.name
		rows = append(rows, row)
	}
	b.report.Memory = rows
	fmt.Fprintf(b.out, "\n## What a session takes in Redis\n\n"+
		"%d copies of a session that a person left on Telegram. All bytes: the growth of used_memory for each session.\n\n"+
		"| session | messages | MEMORY USAGE, mean | p99 | all bytes |\n| --- | ---: | ---: | ---: | ---: |\n", n)
	for _, row := range rows {
		fmt.Fprintf(b.out, "| %s | %d | %.0f | %.0f | %.0f |\n", row.Kind, row.Turns, row.Mean, row.P99, row.Each)
	}
	return nil
}

// kept measures one kind of session.
func (b *bench) kept(ctx context.Context, visits []string, n int, silent bool) (row Kept, err error) {
	subjects, err := chosen([]string{"redis"})
	if err != nil {
		return row, err
	}
	s, c := subjects[0], channels["telegram"]
	defer func() {
		if ended := s.close(); err == nil {
			err = ended
		}
	}()
	if err := s.open(b, c, fmt.Sprintf("memory-%d-%v", len(visits), silent)); err != nil {
		return row, err
	}
	empty, err := usedMemory(ctx, s)
	if err != nil {
		return row, err
	}
	var first int64
	if row.Turns, err = b.copies(ctx, s, c, visits, n, silent, &first); err != nil {
		return row, err
	}
	used, err := usedMemory(ctx, s)
	if err != nil {
		return row, err
	}
	row.Memory, err = sampleMemory(ctx, s)
	row.Sessions, row.Each = n, float64(used-empty)/float64(n)
	return row, err
}
