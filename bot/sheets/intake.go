package sheets

import (
	"strings"
	"unicode"

	"yilu/bot"
)

// intake takes the rows of one file and sorts them into good ones and faults.
type intake[T any] struct {
	sheet  Sheet[T]
	heads  map[string]int  // folded key or label: column
	absent []bool          // columns that the file does not have, where its columns are known beforehand
	lost   bool            // the headings leave in doubt what a row means: no row is good
	alien  map[string]bool // unknown headings that were complained of
	seen   map[string]int  // id: line

	toldAbsent map[int]bool // absent columns that were complained of
	headLine   int          // where the headings are
	good       []T
	faults     []Fault
	untold     int
}

func newIntake[T any](s Sheet[T]) *intake[T] {
	in := &intake[T]{sheet: s, heads: map[string]int{}, toldAbsent: map[int]bool{}, alien: map[string]bool{}, seen: map[string]int{}}
	in.sheet.scribe.near = map[string]string{}
	in.absent = make([]bool, len(s.columns))
	for i, c := range s.columns {
		addName(in.heads, c.key, i)
	}
	for i := range s.columns {
		for _, label := range s.voice.lexis.said(s.labelKey(i)) {
			addName(in.heads, label, i)
		}
	}
	return in
}

// fail is an Error about the file as a whole.
func (in *intake[T]) fail(key string, data FaultData) error {
	return &bot.Error{Code: bot.Invalid, Op: "read " + in.sheet.name, Say: in.text(&problem{key: key, data: data})}
}

func (in *intake[T]) text(p *problem) string {
	return in.sheet.scribe.lexis.text(in.sheet.scribe.lang, p.key, p.data)
}

func (in *intake[T]) fault(line int, column string, p *problem) {
	if len(in.faults) >= MaxFaults {
		in.untold++
		return
	}
	in.faults = append(in.faults, Fault{Line: line, Column: column, Heading: in.heading(column), Key: p.key, Reason: in.text(p)})
}

// heading is what stands above a column in a sheet of the reader's language, "" for a column that is none of ours.
func (in *intake[T]) heading(column string) string {
	for i, c := range in.sheet.columns {
		if c.key == column {
			return in.sheet.label(i)
		}
	}
	return ""
}

// header learns which cell belongs to which column: -1 for none. It reports false where the row holds no heading at
// all.
func (in *intake[T]) header(line int, cells []string) ([]int, bool) {
	in.headLine = line
	columns := make([]int, len(cells))
	first := map[int]bool{}
	for i, cell := range cells {
		columns[i] = -1
		col, known := in.heads[fold(unguard(cell))]
		if known && first[col] {
			in.fault(line, in.sheet.columns[col].key, wrong("duplicate_column"))
			in.lost = true
		}
		if known && !first[col] {
			columns[i], first[col] = col, true
		}
	}
	if len(first) == 0 {
		return nil, false
	}
	for _, cell := range cells {
		if _, known := in.heads[fold(unguard(cell))]; !known && strings.TrimSpace(cell) != "" {
			in.unknownColumn(line, cell)
		}
	}
	for col := range in.sheet.columns {
		in.absent[col] = !first[col]
	}
	return columns, true
}

// unknownColumn complains of a heading once.
func (in *intake[T]) unknownColumn(line int, heading string) {
	if heading = strings.TrimSpace(heading); in.alien[heading] {
		return
	}
	in.alien[heading] = true
	known := make([]string, 0, len(in.heads))
	for name := range in.heads {
		known = append(known, name)
	}
	p := wrong("unknown_column")
	if near := nearest(heading, known); near != "" {
		p = wrong("unknown_column_near", FaultData{Near: in.sheet.label(in.heads[near])})
	}
	in.fault(line, tellable(heading), p)
}

// tellable is a heading as it may be repeated: not at length, and not where it looks like a value that slipped there.
func tellable(heading string) string {
	digits := 0
	for _, r := range heading {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	if r := []rune(clean(heading)); digits < 5 && len(r) <= 40 {
		return string(r)
	}
	return "?"
}

// row takes one row, its cells in the order of the columns and "" where there is none. Broken are the columns of the row
// that are at fault already.
func (in *intake[T]) row(line int, cells []string, broken map[string]bool) {
	var t T
	fault := func(column string, p *problem) {
		in.fault(line, column, p)
		broken[column] = true
	}
	for col, c := range in.sheet.columns {
		cell := cells[col]
		if strings.TrimSpace(cell) == "" && c.kind != asText || cell == "" {
			continue
		}
		if tooLong(cell, c.limit) {
			limit := c.limit
			if limit == 0 {
				limit = MaxCell
			}
			fault(c.key, wrong("too_long", FaultData{Max: limit}))
		} else if p := c.set(&t, clean(cell), in.sheet.scribe); p != nil {
			fault(c.key, p)
		}
	}
	if in.sheet.prepare != nil {
		in.sheet.prepare(&t, in.sheet.scribe)
	}
	in.required(line, &t, cells, broken)
	if in.sheet.check != nil {
		in.sheet.check(&t, checker{scribe: in.sheet.scribe, add: fault, label: in.labelOf, broken: func(column string) bool { return broken[column] }})
	}
	if id := in.sheet.id(&t); id != "" {
		if before, twice := in.seen[id]; twice {
			fault(in.sheet.columns[0].key, wrong("duplicate_id", FaultData{Line: before}))
		} else {
			in.seen[id] = line
		}
	}
	if len(broken) == 0 && !in.lost {
		in.good = append(in.good, t)
	}
}

// required complains of cells that are empty and must not be. Where the whole column is not there, it says so once.
func (in *intake[T]) required(line int, t *T, cells []string, broken map[string]bool) {
	for col, c := range in.sheet.columns {
		if strings.TrimSpace(cells[col]) != "" || broken[c.key] || c.need == nil || !c.need(t) {
			continue
		}
		broken[c.key] = true
		if !in.absent[col] {
			in.fault(line, c.key, wrong("required"))
		} else if !in.toldAbsent[col] {
			in.toldAbsent[col] = true
			in.fault(in.headLine, c.key, wrong("missing_column"))
		}
	}
}

// labelOf is the heading of a column by its key.
func (in *intake[T]) labelOf(key string) string {
	for i, c := range in.sheet.columns {
		if c.key == key {
			return in.sheet.label(i)
		}
	}
	return key
}
