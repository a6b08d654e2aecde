package main

import (
	"fmt"
	"slices"
	"strings"
)

// head says what was measured, and how.
func (b *bench) head() {
	f := b.flags
	fsync := "appendonly yes, appendfsync " + f.Appendonly
	if f.Appendonly == "" {
		fsync = "no append-only file"
	}
	b.report.Setting = map[string]string{"redis": fsync}
	p, err := readPlay("whole")
	if err != nil {
		return
	}
	turns, intakes := p.turns()
	fmt.Fprintf(b.out, "# What a turn costs\n\n%s; %s", b.report.Machine, b.report.Began.UTC().Format("2006-01-02 15:04 UTC"))
	if b.report.Commit != "" {
		fmt.Fprintf(b.out, "; commit %s", b.report.Commit)
	}
	fmt.Fprintf(b.out, "; `%s`\n\n", b.report.Command)
	fmt.Fprintf(b.out, "Redis: %s, no snapshots, one server for each subject. The records are in the embedded file of each Yilu, unless it says PostgreSQL. "+
		"A person makes %d visits (%s), %.0f messages and %.0f intakes in all, and then the next person comes. "+
		"The floors read and write %d bytes and answer as long as Yilu does on average. "+
		"Medians of %d rounds of %v, in which the subjects take turns; in brackets the lowest and the highest. "+
		"Times are in milliseconds, processor time (CPU) in microseconds a turn; 1,000,000 µs a second is one processor. \"others\" is how many processors everything else on the machine was using meanwhile.\n",
		fsync, len(p.names), strings.Join(p.names, ", "), turns, intakes, f.Value, f.Rounds, f.For)
}

// over is the median of what is read of every round, with its span.
func over[T any](rounds []T, read func(T) float64) (median, low, high float64) {
	var all []float64
	for _, one := range rounds {
		all = append(all, read(one))
	}
	if len(all) == 0 {
		return 0, 0, 0
	}
	slices.Sort(all)
	median = all[len(all)/2]
	if len(all)%2 == 0 {
		median = (all[len(all)/2-1] + all[len(all)/2]) / 2
	}
	return median, all[0], all[len(all)-1]
}

// mid is the median alone.
func mid(rounds []Window, read func(Window) float64) float64 {
	m, _, _ := over(rounds, read)
	return m
}

// against is a ratio round by round: what disturbed a round disturbed both.
func against(one, other []Window, read func(Window) float64) string {
	var all []float64
	for i := range min(len(one), len(other)) {
		if base := read(other[i]); base > 0 {
			all = append(all, read(one[i])/base)
		}
	}
	if len(all) == 0 {
		return "–"
	}
	m, low, high := over(all, func(v float64) float64 { return v })
	return fmt.Sprintf("%.2f (%.2f–%.2f)", m, low, high)
}

func rate(w Window) float64        { return w.PerSecond }
func serverCPU(w Window) float64   { return w.ServerCPU }
func redisCPU(w Window) float64    { return w.RedisCPU }
func usedCPU(w Window) float64     { return w.ServerCPU + w.RedisCPU + w.DatabaseCPU }
func databaseCPU(w Window) float64 { return w.DatabaseCPU }
func others(w Window) float64      { return w.Others }
func p50(w Window) float64         { return w.P50 }
func p95(w Window) float64         { return w.P95 }
func p99(w Window) float64         { return w.P99 }
func longest(w Window) float64     { return w.Max }
func within(w Window) float64      { return w.Within5s }
func ownCPU(w Window) float64      { return w.GeneratorCPU }
func intakeRate(w Window) float64  { return float64(w.Intakes) / w.Seconds }

// titles are what the subjects are called in a table.
func titles() map[string]string {
	out := map[string]string{}
	for _, s := range allSubjects() {
		out[s.Name] = s.Title
	}
	return out
}

// closedTable shows what was measured with one number of workers.
func (b *bench) closedTable(title string, rows []Closed) {
	names := titles()
	rounds := map[string][]Window{}
	for _, row := range rows {
		rounds[row.Subject] = row.Rounds
	}
	fmt.Fprintf(b.out, "\n## %s\n\n", title)
	fmt.Fprintln(b.out, "| subject | turns/s | p50 | p95 | p99 | max | under 5 s | CPU server | CPU Redis | CPU PostgreSQL | CPU generator | intakes/s | others |")
	fmt.Fprintln(b.out, "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
	for _, row := range rows {
		w := row.Rounds
		m, low, high := over(w, rate)
		fmt.Fprintf(b.out, "| %s | %.0f (%.0f–%.0f) | %.2f | %.2f | %.2f | %.1f | %s | %.0f | %.0f | %.0f | %.0f | %.0f | %.1f |\n", names[row.Subject],
			m, low, high, mid(w, p50), mid(w, p95), mid(w, p99), mid(w, longest), percent(mid(w, within)), mid(w, serverCPU), mid(w, redisCPU), mid(w, databaseCPU), mid(w, ownCPU), mid(w, intakeRate), mid(w, others))
	}
	if rounds["floor"] == nil && rounds["floor-batched"] == nil {
		return
	}
	fmt.Fprintln(b.out, "\n| ratio, round by round | turns/s | CPU server + stores |\n| --- | ---: | ---: |")
	for _, row := range rows {
		if strings.HasPrefix(row.Subject, "floor") {
			continue
		}
		for _, base := range []string{"floor", "floor-batched"} {
			if rounds[base] != nil {
				fmt.Fprintf(b.out, "| %s / %s | %s | %s |\n", names[row.Subject], names[base], against(row.Rounds, rounds[base], rate), against(row.Rounds, rounds[base], usedCPU))
			}
		}
	}
}

// openTable shows what was measured at one rate.
func (b *bench) openTable(title string, rows []Open) {
	names := titles()
	fmt.Fprintf(b.out, "\n## %s\n\n", title)
	fmt.Fprintln(b.out, "| subject | answered/s | p50 | p95 | p99 | max | under 5 s | failed | CPU server | CPU Redis | CPU PostgreSQL | others |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
	for _, row := range rows {
		w := row.Rounds
		fmt.Fprintf(b.out, "| %s | %.0f | %.2f | %.2f | %.2f | %.1f | %s | %.0f | %.0f | %.0f | %.0f | %.1f |\n", names[row.Subject], mid(w, rate), mid(w, p50), mid(w, p95), mid(w, p99),
			mid(w, longest), percent(mid(w, within)), mid(w, func(w Window) float64 { return float64(w.Failed + w.Wrong) }), mid(w, serverCPU), mid(w, redisCPU), mid(w, databaseCPU), mid(w, others))
	}
}

// percent never rounds up to all.
func percent(share float64) string {
	if share >= 1 {
		return "100 %"
	}
	return fmt.Sprintf("%.3f %%", min(99.999, share*100))
}
