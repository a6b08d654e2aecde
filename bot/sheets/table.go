package sheets

import "strings"

// table feeds the rows of a spreadsheet to the intake. The first row that is not blank holds the headings.
type table[T any] struct {
	in      *intake[T]
	columns []int // by cell; nil before the headings
	rows    int
}

// row takes the row with the number that a spreadsheet shows. An error ends the reading.
func (t *table[T]) row(line int, cells []string) error {
	if len(cells) > MaxWidth {
		return t.in.fail("sheets.fault.file_wide", FaultData{Line: line, Max: MaxWidth})
	}
	if blank(cells) {
		return nil
	}
	if t.columns == nil {
		columns, ok := t.in.header(line, cells)
		if !ok {
			return t.in.fail("sheets.fault.no_header", FaultData{Sample: t.in.sheet.label(0)})
		}
		t.columns = columns
		return nil
	}
	if t.rows++; t.rows > MaxRows {
		return t.in.fail("sheets.fault.file_rows", FaultData{Max: MaxRows})
	}
	values := make([]string, len(t.in.sheet.columns))
	broken := map[string]bool{}
	for i, cell := range cells {
		switch {
		case i < len(t.columns) && t.columns[i] >= 0:
			values[t.columns[i]] = unguard(cell)
		case i >= len(t.columns) && strings.TrimSpace(cell) != "" && !broken[""]:
			t.in.fault(line, "", wrong("extra_cell", FaultData{Count: len(t.columns)}))
			broken[""] = true
		}
	}
	t.in.row(line, values, broken)
	return nil
}

// end is called behind the last row.
func (t *table[T]) end() error {
	if t.columns == nil {
		return t.in.fail("sheets.fault.file_empty", FaultData{})
	}
	return nil
}

func blank(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}
