package sheets

import (
	"fmt"
	"slices"
)

// Fault is one thing that is wrong with a file. Its reason never repeats what stood in the cell: that may be personal.
type Fault struct {
	// Line is the line as the person sees it: in csv and xlsx the row number of the spreadsheet, where 1 holds the
	// headings and a cell with line breaks is still one row; in json the number of the element, where 1 is the first.
	// 0 is the file as a whole.
	Line    int
	Column  string // the column's key; of an unknown column its heading; "" where it is the whole row
	Heading string // what stands above the column in the language of the sheet; "" where it is none of its columns
	Key     string // of the reason's text: "sheets.fault.trade"
	Reason  string // what is wrong and the way out, in the language of the sheet
}

// String is the fault as one line.
func (f Fault) String() string {
	if f.Column == "" {
		return fmt.Sprintf("%d: %s", f.Line, f.Reason)
	}
	if f.Heading != "" && f.Heading != f.Column {
		return fmt.Sprintf("%d %s (%s): %s", f.Line, f.Column, f.Heading, f.Reason)
	}
	return fmt.Sprintf("%d %s: %s", f.Line, f.Column, f.Reason)
}

// FaultData is what the texts of faults are filled with.
type FaultData struct {
	Near   string // something known that is close to what was given
	Label  string // another column's heading
	Words  string // what would be understood
	Line   int    // another line
	Min    int
	Max    int
	Count  int
	Sample string // an example of what is right
}

// problem is a fault that does not know its place yet.
type problem struct {
	key  string
	data FaultData
}

func wrong(key string, data ...FaultData) *problem {
	p := &problem{key: "sheets.fault." + key}
	if len(data) > 0 {
		p.data = data[0]
	}
	return p
}

// checker takes the faults that show only when a whole row is known.
type checker struct {
	scribe scribe
	add    func(column string, p *problem)
	label  func(column string) string
	broken func(column string) bool // the column's cell was at fault already
}

// told returns the faults in the order of the file, the first MaxFaults of them.
func (in *intake[T]) told() []Fault {
	slices.SortStableFunc(in.faults, func(a, b Fault) int { return a.Line - b.Line })
	if in.untold > 0 {
		more := wrong("more", FaultData{Count: in.untold})
		in.faults = append(in.faults, Fault{Key: more.key, Reason: in.text(more)})
	}
	return in.faults
}
