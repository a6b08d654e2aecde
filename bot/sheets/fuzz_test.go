package sheets_test

import (
	"bytes"
	"os"
	"testing"

	"yilu/bot/sheets"
)

func FuzzCSV(f *testing.F) {
	for _, name := range []string{"testdata/posts.csv", "testdata/workers.csv"} {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw[:min(len(raw), 1200)])
	}
	f.Add([]byte("id;name;trades;places\n\"w1\";'=x;\"\"\"a\"\";b\";同安:x"))
	f.Add([]byte("\xff\xfei\x00d\x00"))
	fuzz(f, sheets.CSV)
}

func FuzzJSON(f *testing.F) {
	raw, err := os.ReadFile("../../locales/samples/posts.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw[:600])
	f.Add([]byte(`[{"id":1,"trades":["t02",null,{"a":[]}],"name":true,"pay_min":1e400}]`))
	fuzz(f, sheets.JSON)
}

// fuzz looks for panics, and for rows that were called good and cannot be written and read again.
func fuzz(f *testing.F, format sheets.Format) {
	w := words(f)
	o := sheets.Options{Now: now, Relative: true}
	posts, workers := sheets.Posts(w, o), sheets.Workers(w, o)
	f.Fuzz(func(t *testing.T, raw []byte) {
		again(t, format, posts, raw)
		again(t, format, workers, raw)
	})
}

func again[T any](t *testing.T, format sheets.Format, s sheets.Sheet[T], raw []byte) {
	good, _, err := sheets.Read(bytes.NewReader(raw), format, s)
	if err != nil || len(good) == 0 {
		return
	}
	var file bytes.Buffer
	if err := sheets.Write(&file, format, s, sheets.All(good)); err != nil {
		t.Fatal(err)
	}
	twice, faults, err := sheets.Read(&file, format, s)
	if err != nil || len(faults) > 0 || len(twice) != len(good) {
		t.Fatalf("%d good rows came back as %d: %v %v", len(good), len(twice), faults, err)
	}
	if a, b := open(t, good), open(t, twice); a != b {
		t.Fatalf("wrote %s\nread  %s", a, b)
	}
}
