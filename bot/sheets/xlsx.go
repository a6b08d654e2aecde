package sheets

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"yilu/bot"
)

// maxShared is how large the table of texts of a workbook may be unpacked: it is held in memory as a whole.
const maxShared = 64 << 20

// xlsxSink writes a workbook with one sheet. Texts are string cells, so that none of them is ever a formula.
type xlsxSink struct {
	w     io.Writer
	file  *excelize.File
	rows  *excelize.StreamWriter
	heads []heading
	text  int // style of text cells: stays text when somebody edits it
	line  int
}

func newXLSXSink(w io.Writer, tab string, heads []heading, lists []dropdown) (*xlsxSink, error) {
	s := &xlsxSink{w: w, file: excelize.NewFile(), heads: heads}
	if err := s.begin(tab, lists); err != nil {
		_ = s.file.Close()
		return nil, err
	}
	return s, nil
}

func (s *xlsxSink) begin(tab string, lists []dropdown) error {
	f := s.file
	err := f.SetSheetName("Sheet1", tab)
	if err != nil {
		return err
	}
	if err = f.SetDocProps(&excelize.DocProperties{Creator: "Yilu"}); err != nil {
		return err
	}
	if s.text, err = f.NewStyle(&excelize.Style{NumFmt: 49}); err != nil { // 49 is "@", text
		return err
	}
	bold, err := f.NewStyle(&excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	for _, d := range lists {
		if err = d.add(f, tab); err != nil {
			return err
		}
	}
	if s.rows, err = f.NewStreamWriter(tab); err != nil {
		return err
	}
	if err = s.rows.SetColWidth(1, len(s.heads), 16); err != nil {
		return err
	}
	if err = s.rows.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	labels := make([]any, len(s.heads))
	for i, h := range s.heads {
		labels[i] = excelize.Cell{StyleID: bold, Value: h.label}
	}
	s.line = 1
	return s.rows.SetRow("A1", labels)
}

func (s *xlsxSink) row(cells []string) error {
	s.line++
	values := make([]any, len(cells))
	for i, cell := range cells {
		if cell == "" {
			continue
		}
		if len(cell) > excelize.TotalCellChars && len(utf16.Encode([]rune(cell))) > excelize.TotalCellChars {
			return &bot.Error{Code: bot.Invalid, Op: "write xlsx", Field: fmt.Sprintf("row %d %s", s.line, s.heads[i].key),
				Say: "a workbook's cell holds 32,767 characters at most: export as csv or json, or shorten the text"}
		}
		if n, err := strconv.ParseFloat(cell, 64); err == nil && s.heads[i].kind == asNumber {
			values[i] = n
			continue
		}
		values[i] = excelize.Cell{StyleID: s.text, Value: sheetText(cell)}
	}
	at, err := excelize.CoordinatesToCellName(1, s.line)
	if err != nil {
		return err
	}
	return s.rows.SetRow(at, values)
}

// sheetText needs no apostrophe against formulas, since the cell is a string. It needs one where reading would take
// off blanks, or an apostrophe that belongs to the text.
func sheetText(cell string) string {
	if cell != strings.TrimSpace(cell) || isGuarded(cell) {
		return "'" + cell
	}
	return cell
}

// drop sends nothing: a workbook in which a row is missing would look whole.
func (s *xlsxSink) drop() { _ = s.file.Close() }

func (s *xlsxSink) close() error {
	err := s.rows.Flush()
	if err == nil {
		_, err = s.file.WriteTo(s.w)
	}
	if e := s.file.Close(); err == nil {
		err = e
	}
	return err
}

// xlsx reads the first visible sheet of a workbook.
func (in *intake[T]) xlsx(raw []byte) error {
	if !fits(raw) {
		return in.fail("sheets.fault.file_xlsx", FaultData{Max: MaxUnzip >> 20})
	}
	// Everything is unpacked in memory: nothing of it shall lie about in a folder for temporary files.
	f, err := excelize.OpenReader(bytes.NewReader(raw), excelize.Options{RawCellValue: true, UnzipSizeLimit: MaxUnzip, UnzipXMLSizeLimit: MaxUnzip})
	if err != nil {
		return in.fail("sheets.fault.file_xlsx", FaultData{Max: MaxUnzip >> 20})
	}
	defer func() { _ = f.Close() }()
	if props, err := f.GetWorkbookProps(); err == nil && props.Date1904 != nil {
		in.sheet.scribe.date1904 = *props.Date1904
	}
	tab := firstVisible(f)
	rows, err := f.Rows(tab)
	if err != nil {
		return in.fail("sheets.fault.file_xlsx", FaultData{Max: MaxUnzip >> 20})
	}
	defer func() { _ = rows.Close() }()
	t := table[T]{in: in}
	for line := 1; rows.Next(); line++ {
		if line > MaxRows+1 {
			return in.fail("sheets.fault.file_rows", FaultData{Max: MaxRows})
		}
		cells, err := rows.Columns()
		if err != nil {
			return in.fail("sheets.fault.file_xlsx", FaultData{Max: MaxUnzip >> 20})
		}
		if err := t.row(line, trimRight(cells)); err != nil {
			return err
		}
	}
	return t.end()
}

// fits looks at the table of contents of the archive before anything is unpacked. The sizes in it may lie; then
// unpacking fails at the size that was told.
func fits(raw []byte) bool {
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return false
	}
	var sum uint64
	for _, part := range z.File {
		sum += min(part.UncompressedSize64, MaxUnzip+1)
		if sum > MaxUnzip || strings.EqualFold(path.Base(part.Name), "sharedStrings.xml") && part.UncompressedSize64 > maxShared {
			return false
		}
	}
	return true
}

func firstVisible(f *excelize.File) string {
	all := f.GetSheetList()
	for _, name := range all {
		if visible, err := f.GetSheetVisible(name); err == nil && visible {
			return name
		}
	}
	return append(all, "")[0]
}

func trimRight(cells []string) []string {
	for len(cells) > 0 && strings.TrimSpace(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	return cells
}
