package soak

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Result is the account of a run.
type Result struct {
	Seed       uint64        `json:"seed"`
	Store      string        `json:"store"`
	Durability string        `json:"durability,omitempty"`
	Setup      string        `json:"setup"`
	Exact      bool          `json:"exact"` // nothing may be lost
	Processes  int           `json:"processes"`
	Workers    int           `json:"workers"`
	Took       time.Duration `json:"took_ns"`
	Playing    time.Duration `json:"playing_ns"` // while faults went on

	People       int64 `json:"people"`
	Turns        int64 `json:"turns"`
	Retried      int64 `json:"retried"`        // messages that needed several deliveries
	Repeats      int64 `json:"repeats"`        // deliveries after the acknowledgement
	Dedupe       int64 `json:"dedupe"`         // messages that Yilu answered with what it had kept
	Conflicts    int64 `json:"conflicts"`      // commits that came second
	Checked      int64 `json:"checked"`        // answers that were held to the step that was shown before
	Acknowledged int64 `json:"acknowledged"`   // messages
	GivenUp      int64 `json:"given_up"`       // messages, by the platform
	GivenUpTaken int64 `json:"given_up_taken"` // of them were turns all the same
	Swept        int   `json:"swept"`          // effects that waited in the ledger in the end
	Lost         int64 `json:"lost"`           // intakes that were shown, or alerts
	Doubled      int64 `json:"doubled"`        // intakes
	Renumbered   int64 `json:"renumbered"`     // registrations of which the records know another number
	Compared     int64 `json:"compared"`       // registrations and applications whose contents were held to what was shown
	Unseen       int64 `json:"unseen"`         // intakes of which no answer is left, where something may be lost
	LostTurns    int64 `json:"lost_turns"`     // that were acknowledged
	WentBack     int64 `json:"went_back"`      // answers from an older state
	Forgotten    int64 `json:"forgotten"`      // repeats with another answer

	Intakes  map[string]int64 `json:"intakes"` // in the records
	Kills    map[string]int   `json:"kills"`   // of Yilu, by where
	Starts   int64            `json:"starts"`
	Restart  time.Duration    `json:"restart_ns"` // the mean
	Stop     time.Duration    `json:"slowest_stop_ns"`
	Failed   int64            `json:"failed_starts"` // while a store was away
	Passed   map[string]int64 `json:"write_points"`  // how often each was passed
	Faults   []Fault          `json:"faults"`
	Longest  time.Duration    `json:"longest_outage_ns"`
	During   string           `json:"longest_outage_during"`
	Breaches []Breach         `json:"broken"`
}

// OK reports that no promise was broken.
func (r *Result) OK() bool { return len(r.Breaches) == 0 }

// Killed is how often Yilu was killed.
func (r *Result) Killed() (n int) {
	for _, k := range r.Kills {
		n += k
	}
	return n
}

// result gathers what was counted while it was played.
func (s *soak) result(r *Result, counts counts) {
	s.mu.Lock()
	defer s.mu.Unlock()
	acked, givenUp, taken := r.Acknowledged, r.GivenUp, r.GivenUpTaken
	*r = Result{
		Acknowledged: acked, GivenUp: givenUp, GivenUpTaken: taken, LostTurns: r.LostTurns,
		Seed: s.Seed, Store: s.Store, Setup: s.store.describe(), Exact: s.exact, Processes: s.Processes, Workers: s.Workers, Playing: s.played,
		People: s.lives.Load(), Turns: s.turns.Load(), Retried: s.retried, Repeats: s.repeats.Load(), Checked: s.checked.Load(), Dedupe: counts.seen, Conflicts: counts.conflicts,
		Intakes: map[string]int64{}, Kills: maps.Clone(s.kills), Starts: s.fleet.starts.Load(), Failed: s.fleet.failedStarts.Load(), Passed: map[string]int64{},
		Longest: s.longest, Stop: time.Duration(s.fleet.slowestStop.Load()), WentBack: s.wentBack.Load(), Forgotten: s.forgotten.Load(),
	}
	if s.Store != "embedded" {
		r.Durability = s.Durability
	}
	if r.Starts > 0 {
		r.Restart = time.Duration(s.fleet.startTime.Load() / r.Starts)
	}
	if s.longestM != nil {
		r.During = s.longestM.fault
	}
	for i, n := range counts.passed {
		r.Passed[point(i).String()] = n
	}
	for _, f := range s.faults {
		r.Faults = append(r.Faults, *f)
	}
	slices.SortFunc(r.Faults, func(a, b Fault) int { return cmp.Compare(a.Name, b.Name) })
}

// Markdown is the account as a table.
func (r *Result) Markdown() string {
	var out strings.Builder
	row := func(what string, value any) { fmt.Fprintf(&out, "| %s | %v |\n", what, value) }
	fmt.Fprintf(&out, "## yilu soak: %s\n\n", r.Setup)
	fmt.Fprintf(&out, "| seed %d | %d processes, %d workers |\n| --- | --- |\n", r.Seed, r.Processes, r.Workers)
	row("turns", r.Turns)
	row("people", r.People)
	row("kill -9 of Yilu", fmt.Sprintf("%d (%s)", r.Killed(), list(r.Kills)))
	row("restart of a process", r.Restart.Round(time.Millisecond))
	row("messages that needed several deliveries", r.Retried)
	row("messages acknowledged", r.Acknowledged)
	row("answers held to the step that was shown before", r.Checked)
	row("messages given up by the platform; turns all the same", fmt.Sprintf("%d; %d", r.GivenUp, r.GivenUpTaken))
	row("deliveries of what was acknowledged", r.Repeats)
	row("registrations and applications compared word by word", r.Compared)
	row("messages answered with what was kept", r.Dedupe)
	row("commits that came second (conflicts)", r.Conflicts)
	row("effects that waited in the end, then applied", r.Swept)
	row("intakes in the records", list(r.Intakes))
	row("**intakes lost; doubled**", fmt.Sprintf("**%d; %d**", r.Lost, r.Doubled))
	row("registrations that got a second number", r.Renumbered)
	row("**acknowledged turns lost**", fmt.Sprintf("**%d**", r.LostTurns))
	if !r.Exact {
		row("answers from an older state; repeats with another answer; intakes without an answer left", fmt.Sprintf("%d; %d; %d", r.WentBack, r.Forgotten, r.Unseen))
	}
	row("longest wait of a worker for an answer", fmt.Sprintf("%v (%s)", r.Longest.Round(time.Millisecond), r.During))
	row("slowest orderly stop", r.Stop.Round(time.Millisecond))
	row("starts that failed while a store was away", r.Failed)
	row("time with faults; in all", fmt.Sprintf("%v; %v", r.Playing.Round(time.Second), r.Took.Round(time.Second)))
	row("**promises broken**", fmt.Sprintf("**%d**", len(r.Breaches)))
	out.WriteString("\n| fault | times | messages hit | deliveries that failed | longest wait |\n| --- | ---: | ---: | ---: | ---: |\n")
	for _, f := range r.Faults {
		fmt.Fprintf(&out, "| %s | %d | %d | %d | %v |\n", f.Name, f.Times, f.Messages, f.Failed, f.Longest.Round(time.Millisecond))
	}
	for i, b := range r.Breaches {
		fmt.Fprintf(&out, "\n### Broken %d: %s\n\n%s\n\n```\n%s```\n", i+1, b.Promise, b.Detail, b.Transcript)
	}
	return out.String()
}

// list names counts.
func list[N int | int64](counts map[string]N) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s %d", name, counts[name]))
	}
	return strings.Join(parts, ", ")
}
