// Package sheets moves rows in and out: stations, posts, workers and applications both ways, requests, files and links
// outwards, as CSV, Excel workbooks and JSON. It guarantees that what it wrote of nouns that break no rule it reads back as the same
// nouns, whatever the text in them (but see Write on control characters and line ends); that a spreadsheet program is
// never given a text as a formula; and that a file which is wrong says where and why, by line and column, in the
// language of whoever reads it, without repeating what stood in the cell. It ends at the file: it does not know what
// the records hold already, and writes nothing there.
//
// A noun is one table of columns (columns_post.go and its neighbours): a key, how the value is written, how it is read.
// Everything else is the same for all of them. Headings and words for values come from the locales; keys and codes are
// always understood as well.
//
// What is written carries personal data unless Options.Masked is set. For large workbooks excelize keeps up to 16 MiB
// in memory and the rest in a temporary file until the workbook is complete, so the system's folder for temporary
// files must be as private as the records.
package sheets

import (
	"io"
	"iter"
	"path/filepath"
	"strings"
	"time"

	"yilu/bot"
)

// The limits on what is read.
const (
	MaxBytes  = 64 << 20  // of a file
	MaxUnzip  = 256 << 20 // of all parts of a workbook together, unpacked
	MaxRows   = 200_000
	MaxWidth  = 300    // cells in a row
	MaxCell   = 10_000 // characters in a cell, where its column does not say less
	MaxFaults = 1_000  // faults that are told one by one; one more tells how many others there are
)

// Format is a kind of file.
type Format string

// The formats.
const (
	CSV  Format = "csv"  // UTF-8 with byte order mark and CRLF, as Excel opens it
	XLSX Format = "xlsx" // one sheet, the first row its headings
	JSON Format = "json" // an array of objects by key, values as codes, amounts in yuan
)

// Formats lists all of them.
var Formats = []Format{CSV, XLSX, JSON}

// FormatOf tells the format by the name of a file, or by the name of the format itself. What is neither is an Error of
// code Invalid.
func FormatOf(name string) (Format, error) {
	ext := strings.ToLower(strings.TrimPrefix(filepath.Ext(name), "."))
	if ext == "" {
		ext = strings.ToLower(name)
	}
	for _, f := range Formats {
		if ext == string(f) {
			return f, nil
		}
	}
	return "", bot.Errorf(bot.Invalid, "choose format", "%q is none of csv, xlsx, json: name the format or the file's ending", ext)
}

// Options say how a sheet is read and written. Zero is a good choice for all but Now.
type Options struct {
	// Lang is the language of headings, values and faults; "" is the first of Words.Langs. Reading understands the
	// headings and values of all languages.
	Lang string
	// Masked writes names, phones and channel ids as masks. Such a file cannot be read in again.
	Masked bool
	// Now is the moment of reading. It tells whether a worker is old enough, and what relative times count from.
	Now time.Time
	// Relative lets dates and times be given as "+1d 08:00", "-1d" or "+3h" from Now. It is meant for sample files,
	// which are to look fresh on whatever day they are read.
	Relative bool
	// State is the state of posts that do not name one; "" is published: whoever imports has checked them.
	State bot.PostState
}

// Sheet is how one noun is written in rows. Make one by Posts, Stations, Workers, Applications, Requests, Files
// or Links.
type Sheet[T any] struct {
	name    string
	columns []column[T]
	id      func(*T) string
	check   func(*T, checker)
	prepare func(*T, scribe) // fills in what the row left out, before check
	outOnly bool
	needNow bool
	voice   voice
	scribe  scribe
}

// Name is the noun's plain name: "post".
func (s Sheet[T]) Name() string { return s.name }

// Keys lists the keys of the columns in order.
func (s Sheet[T]) Keys() []string {
	keys := make([]string, len(s.columns))
	for i, c := range s.columns {
		keys[i] = c.key
	}
	return keys
}

// label is the heading of column i.
func (s Sheet[T]) label(i int) string {
	return s.voice.lexis.label(s.voice.lang, s.labelKey(i), s.columns[i].key)
}

func (s Sheet[T]) labelKey(i int) string { return "sheets." + s.name + "." + s.columns[i].key }

// All makes a slice the rows of Write.
func All[T any](rows []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

func newSheet[T any](name string, w Words, o Options, columns []column[T]) Sheet[T] {
	if o.Lang == "" && len(w.Langs) > 0 {
		o.Lang = w.Langs[0]
	}
	if o.State == "" {
		o.State = bot.PostPublished
	}
	l := newLexis(w)
	return Sheet[T]{
		name: name, columns: columns,
		voice:  voice{lexis: l, lang: o.Lang, masked: o.Masked},
		scribe: scribe{lexis: l, lang: o.Lang, now: o.Now, relative: o.Relative, state: o.State},
	}
}

// sink takes the rows of one file. Cells are in the order of the columns. It ends with close, or with drop where a row
// failed.
type sink interface {
	row(cells []string) error
	close() error
	drop()
}

// Write writes the rows as a file of the format. CSV and JSON leave as the rows come; a workbook is sent when the last
// row is there. Control characters other than tab and line break are left out, and CR LF becomes LF. It fails with the
// error of the rows, of w, or, in a workbook, with code Invalid for a cell of more than 32,767 characters.
func Write[T any](w io.Writer, f Format, s Sheet[T], rows iter.Seq2[T, error]) error {
	out, err := newSink(w, f, s)
	if err != nil {
		return err
	}
	v := s.voice
	v.codes = f == JSON
	cells := make([]string, len(s.columns))
	for row, err := range rows {
		if err == nil {
			for i, c := range s.columns {
				cells[i] = clean(c.get(&row, v))
			}
			err = out.row(cells)
		}
		if err != nil {
			out.drop()
			return err
		}
	}
	return out.close()
}

func newSink[T any](w io.Writer, f Format, s Sheet[T]) (sink, error) {
	heads := make([]heading, len(s.columns))
	for i, c := range s.columns {
		heads[i] = heading{key: c.key, label: s.label(i), kind: c.kind}
	}
	switch f {
	case CSV:
		return newCSVSink(w, heads)
	case XLSX:
		return newXLSXSink(w, s.voice.lexis.label(s.voice.lang, "sheets.tab."+s.name, s.name), heads, s.dropdowns())
	case JSON:
		return newJSONSink(w, heads)
	}
	_, err := FormatOf(string(f))
	return nil, err
}

// heading is what a sink must know of a column.
type heading struct {
	key, label string
	kind       kind
}

// Read reads a file of the format. It returns the rows that are right and the faults of those that are not, in the
// order of the file; a caller that wants all or nothing looks at the faults first. An error means that the file as a
// whole could not be read: code Invalid with a text in the language of the sheet, or the error of r.
//
// In CSV the bytes may be UTF-8 with or without mark, UTF-16 with mark, or GB18030; the separator may be comma,
// semicolon or tab. In a workbook the first visible sheet counts. Headings may be keys or labels of any language, in
// any order; case, width, spaces and underscores do not matter.
func Read[T any](r io.Reader, f Format, s Sheet[T]) (good []T, faults []Fault, err error) {
	in := newIntake(s)
	if s.outOnly {
		return nil, nil, in.fail("sheets.fault.out_only", FaultData{})
	}
	if s.needNow && s.scribe.now.IsZero() {
		return nil, nil, bot.Errorf(bot.Internal, "read "+s.name, "Options.Now is not set, and ages cannot be told without it")
	}
	raw, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, nil, err
	}
	if len(raw) > MaxBytes {
		return nil, nil, in.fail("sheets.fault.file_size", FaultData{Max: MaxBytes >> 20})
	}
	switch f {
	case CSV:
		err = in.csv(raw)
	case XLSX:
		err = in.xlsx(raw)
	case JSON:
		err = in.json(raw)
	default:
		_, err = FormatOf(string(f))
	}
	if err != nil {
		return nil, nil, err
	}
	return in.good, in.told(), nil
}
