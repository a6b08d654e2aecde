package sheets

import (
	"strings"

	"github.com/xuri/excelize/v2"
)

// dropdown offers the words of a closed set in the cells of a workbook's column. Other words may still be typed: those
// of another language are understood as well.
type dropdown struct {
	column int // from 1
	words  []string
}

func (s Sheet[T]) dropdowns() []dropdown {
	var all []dropdown
	for i, c := range s.columns {
		if c.group == "" {
			continue
		}
		d := dropdown{column: i + 1}
		for _, code := range groups[c.group] {
			d.words = append(d.words, s.voice.word(c.group, code))
		}
		// The list is written as one text parted by commas, of at most 255 characters.
		if all := strings.Join(d.words, ","); len([]rune(all)) > 255 || strings.Count(all, ",") != len(d.words)-1 {
			continue
		}
		all = append(all, d)
	}
	return all
}

func (d dropdown) add(f *excelize.File, tab string) error {
	name, err := excelize.ColumnNumberToName(d.column)
	if err != nil {
		return err
	}
	v := excelize.NewDataValidation(true)
	v.SetSqref(name + "2:" + name + "5000")
	v.ShowErrorMessage = false
	if err := v.SetDropList(d.words); err != nil {
		return err
	}
	return f.AddDataValidation(tab, v)
}
