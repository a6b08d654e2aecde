// Package ops is what an operator sees of a running Yilu: whether it can serve (Readiness) and how it serves (Metrics).
// It guarantees that nothing of a person is in either, neither a name nor a word nor an id, and that every label has a
// closed set of values, known at the start: what is not in it counts as "other". So a scrape has the same size however
// many people write. Counting a turn allocates nothing and takes well under a microsecond.
//
// What it does not guarantee: that the figures of two processes add up to those of the stores. Each process counts what
// it did; effects pending, files and sessions are of the stores, and every process says the same of them, as of its last
// look. Counters begin at 0 with every start, and a turn that a kill cut off may be counted by nobody.
//
// What every program shows of itself (go_…, process_…) comes with client_golang's own collectors.
package ops

// other is the value of a label for whatever its closed set does not hold.
const other = "other"
