package sheets

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"strings"
)

// jsonSink writes an indented array of objects. What is empty is left out.
type jsonSink struct {
	w     *bufio.Writer
	heads []heading
	any   bool
}

func newJSONSink(w io.Writer, heads []heading) (*jsonSink, error) {
	s := &jsonSink{w: bufio.NewWriter(w), heads: heads}
	_, err := s.w.WriteString("[")
	return s, err
}

func (s *jsonSink) row(cells []string) error {
	if s.any {
		_, _ = s.w.WriteString(",")
	}
	s.any = true
	between := "\n  {\n    "
	for i, cell := range cells {
		if cell == "" {
			continue
		}
		value, err := jsonValue(s.heads[i].kind, cell)
		if err != nil {
			return err
		}
		_, _ = s.w.WriteString(between + `"` + s.heads[i].key + `": `)
		_, _ = s.w.Write(value)
		between = ",\n    "
	}
	if between[0] != ',' {
		_, err := s.w.WriteString("\n  {}")
		return err
	}
	_, err := s.w.WriteString("\n  }")
	return err
}

func (s *jsonSink) close() error {
	_, _ = s.w.WriteString("\n]\n")
	return s.w.Flush()
}

func (s *jsonSink) drop() {}

// jsonValue encodes a cell as its kind wants, on one line.
func jsonValue(k kind, cell string) ([]byte, error) {
	switch {
	case k == asNumber && plainNum.MatchString(cell):
		return []byte(cell), nil
	case k == asFlag:
		return json.Marshal(cell == "yes")
	case k == asList:
		return marshal(splitList(cell))
	}
	return marshal(cell)
}

// marshal leaves <, > and & as they are: the file is read by people, not put into a page.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}

// json reads the bytes of a JSON file: an array of objects whose names are keys or labels. Values may be texts,
// numbers, true and false, and arrays of these where a column is a list.
func (in *intake[T]) json(raw []byte) error {
	raw, ok := toUTF8(raw)
	if !ok {
		return in.fail("sheets.fault.file_encoding", FaultData{})
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return in.badJSON(raw, d)
	}
	for n := 1; d.More(); n++ {
		if n > MaxRows {
			return in.fail("sheets.fault.file_rows", FaultData{Max: MaxRows})
		}
		var element json.RawMessage
		if d.Decode(&element) != nil {
			return in.badJSON(raw, d)
		}
		in.element(n, element)
	}
	if _, err := d.Token(); err != nil {
		return in.badJSON(raw, d)
	}
	if _, err := d.Token(); err != io.EOF {
		return in.badJSON(raw, d)
	}
	return nil
}

func (in *intake[T]) badJSON(raw []byte, d *json.Decoder) error {
	at := min(int(d.InputOffset()), len(raw))
	return in.fail("sheets.fault.file_json", FaultData{Line: 1 + bytes.Count(raw[:at], []byte("\n"))})
}

// element takes one object. It is known to be well-formed.
func (in *intake[T]) element(n int, raw json.RawMessage) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		in.fault(n, "", wrong("shape"))
		return
	}
	values := make([]string, len(in.sheet.columns))
	seen := map[int]bool{}
	broken := map[string]bool{}
	for d.More() {
		name, _ := d.Token()
		var value any
		if err := d.Decode(&value); err != nil {
			in.fault(n, "", wrong("shape"))
			return
		}
		heading, _ := name.(string)
		col, known := in.heads[fold(heading)]
		if !known {
			in.unknownColumn(n, heading)
			continue
		}
		key := in.sheet.columns[col].key
		if seen[col] {
			in.fault(n, key, wrong("duplicate_column"))
			broken[key] = true
		}
		seen[col] = true
		cell, ok := jsonCell(value, in.sheet.columns[col].kind)
		if !ok {
			in.fault(n, key, wrong("shape"))
			broken[key] = true
		}
		values[col] = cell
	}
	in.row(n, values, broken)
}

// jsonCell is a value as the text that a cell would hold.
func jsonCell(value any, k kind) (string, bool) {
	switch v := value.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		if v {
			return "yes", true
		}
		return "no", true
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			text, ok := jsonCell(item, asText)
			if !ok || k != asList || strings.TrimSpace(text) == "" {
				return "", false
			}
			items[i] = text
		}
		return joinList(items), true
	}
	return "", false
}
