package sheets

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
)

// csvSink writes as Excel opens it by a double click: UTF-8 with byte order mark, commas, CRLF.
type csvSink struct{ w *bufio.Writer }

func newCSVSink(w io.Writer, heads []heading) (*csvSink, error) {
	s := &csvSink{bufio.NewWriter(w)}
	if _, err := s.w.WriteString("\ufeff"); err != nil {
		return nil, err
	}
	labels := make([]string, len(heads))
	for i, h := range heads {
		labels[i] = h.label
	}
	return s, s.row(labels)
}

// row does not use csv.Writer, which with CRLF takes carriage returns out of the cells.
func (s *csvSink) row(cells []string) error {
	for i, cell := range cells {
		if i > 0 {
			_ = s.w.WriteByte(',')
		}
		cell = guard(cell)
		if strings.ContainsAny(cell, ",;\"\r\n\t ") {
			cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
		}
		_, _ = s.w.WriteString(cell)
	}
	_, err := s.w.WriteString("\r\n")
	return err
}

func (s *csvSink) close() error { return s.w.Flush() }

func (s *csvSink) drop() {}

// csv reads the bytes of a CSV file.
func (in *intake[T]) csv(raw []byte) error {
	raw, ok := toUTF8(raw)
	if !ok {
		return in.fail("sheets.fault.file_encoding", FaultData{})
	}
	r := csv.NewReader(bytes.NewReader(raw))
	r.Comma = separator(raw)
	r.FieldsPerRecord = -1
	r.ReuseRecord = true
	t := table[T]{in: in}
	for line := 1; ; line++ {
		line += blankLines(raw[r.InputOffset():])
		cells, err := r.Read()
		var broken *csv.ParseError
		switch {
		case err == io.EOF:
			return t.end()
		case errors.As(err, &broken):
			in.fault(line, "", wrong("quote"))
			in.lost = in.lost || t.columns == nil
		case err != nil:
			return err
		default:
			if err := t.row(line, cells); err != nil {
				return err
			}
		}
	}
}

// blankLines counts the lines that csv.Reader passes over and a spreadsheet shows.
func blankLines(rest []byte) int {
	for n := 0; ; n++ {
		switch {
		case bytes.HasPrefix(rest, []byte("\n")):
			rest = rest[1:]
		case bytes.HasPrefix(rest, []byte("\r\n")):
			rest = rest[2:]
		default:
			return n
		}
	}
}

// separator is the one of comma, semicolon and tab that the first line which is not blank has most of, outside quotes.
func separator(raw []byte) rune {
	commas, semicolons, tabs, quoted := 0, 0, 0, false
	for _, b := range bytes.TrimLeft(raw, "\r\n") {
		switch {
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == ',':
			commas++
		case b == ';':
			semicolons++
		case b == '\t':
			tabs++
		}
		if b == '\n' && !quoted {
			break
		}
	}
	switch {
	case tabs > commas && tabs > semicolons:
		return '\t'
	case semicolons > commas:
		return ';'
	}
	return ','
}
