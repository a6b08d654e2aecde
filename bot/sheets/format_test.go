package sheets_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/unicode"

	"yilu/bot"
	"yilu/bot/sheets"
)

func write[T any](t *testing.T, f sheets.Format, s sheets.Sheet[T], rows ...T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := sheets.Write(&b, f, s, sheets.All(rows)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var formulas = []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠x", " =1", "=cmd|' /C calc'!A0", `=HYPERLINK("http://x","y")`}

func TestCSVNeverBeginsACellWithAFormula(t *testing.T) {
	t.Parallel()
	s := sheets.Stations(words(t), sheets.Options{})
	for _, text := range formulas {
		file := write(t, sheets.CSV, s, bot.Station{ID: "S", Name: text, Kind: bot.Stop, Aliases: []string{text}, Manager: bot.NewPersonal(text)})
		rows, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range rows[1] {
			if strings.IndexAny(strings.TrimLeft(cell, " "), "=+-@\t\r\n＝＋－＠") == 0 {
				t.Errorf("%q stands as %q", text, cell)
			}
		}
		good, faults, err := sheets.Read(bytes.NewReader(file), sheets.CSV, s)
		if err != nil || len(faults) > 0 || good[0].Name != text || good[0].Aliases[0] != text || open(t, good[0].Manager) != open(t, bot.NewPersonal(text)) {
			t.Errorf("%q came back as %+v %v %v", text, good, faults, err)
		}
	}
}

func TestWorkbookHoldsTextsAsTexts(t *testing.T) {
	t.Parallel()
	s := sheets.Stations(words(t), sheets.Options{})
	for _, text := range formulas {
		f, err := excelize.OpenReader(bytes.NewReader(write(t, sheets.XLSX, s, bot.Station{ID: "007", Name: text, Kind: bot.Stop})))
		if err != nil {
			t.Fatal(err)
		}
		tab := f.GetSheetName(0)
		kind, err := f.GetCellType(tab, "B2")
		formula, err2 := f.GetCellFormula(tab, "B2")
		if err != nil || err2 != nil || kind != excelize.CellTypeInlineString || formula != "" {
			t.Errorf("%q is of type %d with formula %q (%v %v)", text, kind, formula, err, err2)
		}
		if id, _ := f.GetCellValue(tab, "A2"); id != "007" {
			t.Errorf("id is %q", id)
		}
		if lists, err := f.GetDataValidations(tab); err != nil || len(lists) != 2 || lists[0].Sqref != "D2:D5000" || !strings.Contains(lists[0].Formula1, "零工驿站") {
			t.Errorf("the lists of words are missing: %v %v", lists, err)
		}
		_ = f.Close()
	}
}

func TestCSVOpensInExcel(t *testing.T) {
	t.Parallel()
	file := string(write(t, sheets.CSV, sheets.Applications(words(t), sheets.Options{}), bot.Application{Number: "A", Post: "P", Worker: "w", Party: 2, State: bot.Applied, At: now}))
	if want := "\ufeff报名编号,岗位编号,工友编号,同来人数,状态,报名时间\r\nA,P,w,2,已报名,\"2026-11-23 10:20\"\r\n"; file != want {
		t.Errorf("%q", file)
	}
}

func TestJSONIsIndentedAndCanonical(t *testing.T) {
	t.Parallel()
	s := sheets.Stations(words(t), sheets.Options{})
	got := string(write(t, sheets.JSON, s, bot.Station{ID: "S", Name: "<站>", Kind: bot.Stop, District: bot.Tongan, Aliases: []string{"a;b", "c"}, Trades: []bot.TradeID{"t02"}, Verified: now}))
	want := `[
  {
    "id": "S",
    "name": "<站>",
    "aliases": ["a;b","c"],
    "kind": "station",
    "district": "tongan",
    "trades": ["t02"],
    "verified": "2026-11-23T10:20:00+08:00",
    "sample": false
  }
]
`
	if got != want {
		t.Errorf("%s", got)
	}
	if empty := string(write(t, sheets.JSON, s)); empty != "[\n]\n" {
		t.Errorf("%q", empty)
	}
}

func TestMaskedWorkersTellNobody(t *testing.T) {
	t.Parallel()
	w := bot.Worker{ID: "w1", From: bot.Identity{Channel: "wechat", User: "oABCDEFGHIJKLMNOP"}, Name: bot.NewPersonal("欧阳大海"), Phone: bot.NewPersonal("13912345678")}
	for _, f := range []sheets.Format{sheets.CSV, sheets.JSON} {
		o := sheets.Options{Masked: true, Now: now}
		file := write(t, f, sheets.Workers(words(t), o), w)
		for _, secret := range []string{"欧阳大海", "13912345678", "oABCDEFGHIJKLMNOP"} {
			if bytes.Contains(file, []byte(secret)) {
				t.Errorf("%s tells %s", f, secret)
			}
		}
		good, faults, err := sheets.Read(bytes.NewReader(file), f, sheets.Workers(words(t), o))
		if err != nil || len(good) > 0 || len(faults) != 3 {
			t.Errorf("masks were read in: %d %v %v", len(good), faults, err)
		}
	}
}

func TestRequestsGoOutOnly(t *testing.T) {
	t.Parallel()
	s := sheets.Requests(words(t), sheets.Options{})
	r := bot.Request{Number: "QT", Kind: bot.PostReport, Reason: "fee", Worker: "w", Post: "P", Note: bot.NewPersonal("=收押金"), Urgent: true, At: now}
	for _, f := range sheets.Formats {
		file := write(t, f, s, r)
		if _, _, err := sheets.Read(bytes.NewReader(file), f, s); bot.CodeOf(err) != bot.Invalid {
			t.Errorf("%s was read: %v", f, err)
		}
	}
	if file := string(write(t, sheets.CSV, s, r)); !strings.Contains(file, "举报岗位") || !strings.Contains(file, "收费") || !strings.Contains(file, ",'=收押金") {
		t.Error(file)
	}
}

// workbook makes a file as a person's spreadsheet would.
func workbook(t *testing.T, fill func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	fill(f)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWorkbookOfAPerson(t *testing.T) {
	t.Parallel()
	heads := []any{"编号", "工种", "岗位名称", "招聘人数", "用人单位", "联系电话", "工作内容", "区", "用工类型", "最低工钱", "计酬单位", "开始日期", "上班时间", "截止时间", "最后核实时间"}
	for _, date1904 := range []bool{false, true} {
		shift := 0.0
		if date1904 {
			shift = 1462
		}
		file := workbook(t, func(f *excelize.File) {
			_ = f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &date1904})
			_ = f.SetSheetName("Sheet1", "hidden")
			_, _ = f.NewSheet("岗位")
			f.SetActiveSheet(1)
			_ = f.SetSheetVisible("hidden", false)
			_ = f.SetSheetRow("岗位", "A1", &heads)
			_ = f.SetSheetRow("岗位", "A3", &[]any{"P1", "瓦工", "砌墙", 3, "某单位", 13800000001, "砌", "同安区", "劳务", 250.1, "天", 46349 - shift, 7.0 / 24, 46349.75 - shift, 46349 - shift})
		})
		good, faults, err := sheets.Read(bytes.NewReader(file), sheets.XLSX, sheets.Posts(words(t), sheets.Options{}))
		if err != nil || len(faults) > 0 || len(good) != 1 {
			t.Fatalf("%v %v", err, faults)
		}
		p := good[0]
		day := time.Date(2026, time.November, 23, 0, 0, 0, 0, bot.Xiamen)
		if p.Start != "2026-11-23" || p.From != "07:00" || !p.Expires.Equal(day.Add(18*time.Hour)) || !p.Verified.Equal(day) || p.Pay.Min != 25010 || open(t, p.Contact) != `"13800000001"` {
			t.Errorf("1904 %v: %+v", date1904, p)
		}
	}
}

func TestFaultLinesOfAWorkbook(t *testing.T) {
	t.Parallel()
	file := workbook(t, func(f *excelize.File) {
		_ = f.SetSheetRow("Sheet1", "A1", &[]any{"number", "post", "worker", "at", "colour"})
		_ = f.SetSheetRow("Sheet1", "A2", &[]any{"A1", "P1", "w1", "2026/11/23"})
		_ = f.SetSheetRow("Sheet1", "A5", &[]any{"A2", "P1", "w1", "never"})
		_ = f.SetSheetRow("Sheet1", "A6", &[]any{"A1", "P1", "w1", 46349})
	})
	good, faults, err := sheets.Read(bytes.NewReader(file), sheets.XLSX, sheets.Applications(words(t), sheets.Options{}))
	if err != nil || len(good) != 1 {
		t.Fatalf("%v %v", err, good)
	}
	compare(t, []string{"1 colour unknown_column", "5 at moment", "6 number duplicate_id"}, faults)
}

func TestJSONFaults(t *testing.T) {
	t.Parallel()
	s := sheets.Stations(words(t), sheets.Options{})
	in := `[
	{"id":"S1","name":"a","kind":"station","trades":["t02","小工"],"sample":true},
	{"id":1,"名称":"b","kind":"零工市场","colour":"red","colour":"blue"},
	{"id":"S3","name":"c"},
	{"id":"S1","name":"c","kind":"market"},
	{"id":"S5","name":["x"],"kind":"market"},
	{"id":"S6","name":{"x":1},"kind":"market"},
	7,
	{"id":"S8","name":"c","kind":"market","编号":"S10"},
	{"id":"S9","name":"c","kind":"market","trades":["nothing like it"],"colour":1}
]`
	good, faults, err := sheets.Read(strings.NewReader(in), sheets.JSON, s)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, []string{"1 trades trade_near", "2 colour unknown_column", "3 kind required", "4 id duplicate_id", "5 name shape", "6 name shape", "7  shape", "8 id duplicate_column", "9 trades trade"}, faults)
	if len(good) != 1 || good[0].ID != "1" || good[0].Kind != bot.Market {
		t.Errorf("%+v", good)
	}
	for _, bad := range []string{"", "{}", "[", `[{"id":}]`, "[{}] x", "[{}", "null", strings.Repeat("[", 20_000)} {
		if _, _, err := sheets.Read(strings.NewReader(bad), sheets.JSON, s); bot.CodeOf(err) != bot.Invalid {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
}

func TestUTF16(t *testing.T) {
	t.Parallel()
	raw, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String("编号\t名称\t类型\r\nS1\t站\t驿站\r\n")
	if err != nil {
		t.Fatal(err)
	}
	good, faults, err := sheets.Read(strings.NewReader(raw), sheets.CSV, sheets.Stations(words(t), sheets.Options{}))
	if err != nil || len(faults) > 0 || len(good) != 1 || good[0].Name != "站" {
		t.Errorf("%v %v %+v", err, faults, good)
	}
}

// zeros never ends.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestLimits(t *testing.T) {
	t.Parallel()
	s := sheets.Applications(words(t), sheets.Options{})
	// bomb claims a part of a size, without the trouble of packing it.
	bomb := func(name string, size uint64) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		part, err := z.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Deflate, CompressedSize64: 5, UncompressedSize64: size})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write([]byte("\x01\x00\x00\xff\xff")); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	// shared is a right workbook whose table of texts is blown up with blanks.
	var shared bytes.Buffer
	z := zip.NewWriter(&shared)
	book := workbook(t, func(f *excelize.File) { _ = f.SetSheetRow("Sheet1", "A1", &[]any{"number", "post", "worker", "at"}) })
	right, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range right.File {
		if part.Name != "xl/sharedStrings.xml" {
			if err := z.Copy(part); err != nil {
				t.Fatal(err)
			}
			continue
		}
		from, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		to, err := z.Create(part.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(to, io.MultiReader(from, strings.NewReader(strings.Repeat(" ", 65<<20)))); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	wide := workbook(t, func(f *excelize.File) {
		_ = f.SetSheetRow("Sheet1", "A1", &[]any{"number", "post", "worker", "at"})
		_ = f.SetCellValue("Sheet1", "XFD2", "x")
	})
	far := workbook(t, func(f *excelize.File) {
		_ = f.SetSheetRow("Sheet1", "A1", &[]any{"number", "post", "worker", "at"})
		_ = f.SetCellValue("Sheet1", "A1048576", "x")
	})
	for name, c := range map[string]struct {
		format sheets.Format
		file   io.Reader
		key    string
	}{
		"file":          {sheets.CSV, zeros{}, "file_size"},
		"rows":          {sheets.CSV, io.MultiReader(strings.NewReader("number,post,worker,at\n"), strings.NewReader(strings.Repeat("x\n", sheets.MaxRows+1))), "file_rows"},
		"elements":      {sheets.JSON, strings.NewReader("[" + strings.Repeat("1,", sheets.MaxRows+1) + "1]"), "file_rows"},
		"columns":       {sheets.CSV, strings.NewReader(strings.Repeat(",x", sheets.MaxWidth)), "file_wide"},
		"bomb":          {sheets.XLSX, bytes.NewReader(bomb("xl/worksheets/sheet1.xml", sheets.MaxUnzip+1)), "file_xlsx"},
		"bomb of texts": {sheets.XLSX, &shared, "file_xlsx"},
		"not a zip":     {sheets.XLSX, strings.NewReader("编号,名称"), "file_xlsx"},
		"zip of others": {sheets.XLSX, bytes.NewReader(bomb("readme.txt", 10)), "file_xlsx"},
		"wide row":      {sheets.XLSX, bytes.NewReader(wide), "file_wide"},
		"far row":       {sheets.XLSX, bytes.NewReader(far), "file_rows"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := sheets.Read(c.file, c.format, s)
			text, _, _ := strings.Cut(locale(t, "zh-CN")["sheets.fault."+c.key], "{{")
			if bot.CodeOf(err) != bot.Invalid || !strings.Contains(err.Error(), text) {
				t.Errorf("%v, want %s", err, c.key)
			}
		})
	}
}

func TestRowsThatFailEndTheFile(t *testing.T) {
	t.Parallel()
	gone := errors.New("gone")
	var rows iter.Seq2[bot.Application, error] = func(yield func(bot.Application, error) bool) {
		if yield(bot.Application{Number: "A", At: now}, nil) {
			yield(bot.Application{}, gone)
		}
	}
	for _, f := range sheets.Formats {
		var b bytes.Buffer
		if err := sheets.Write(&b, f, sheets.Applications(words(t), sheets.Options{}), rows); !errors.Is(err, gone) {
			t.Errorf("%s: %v", f, err)
		}
		if f == sheets.XLSX && b.Len() > 0 {
			t.Error("a workbook with missing rows was sent")
		}
	}
}

func TestLongCellOfAWorkbook(t *testing.T) {
	t.Parallel()
	s := sheets.Requests(words(t), sheets.Options{})
	r := bot.Request{Number: "Q", Note: bot.NewPersonal(strings.Repeat("长", 32_768)), At: now}
	if err := sheets.Write(io.Discard, sheets.XLSX, s, sheets.All([]bot.Request{r})); bot.CodeOf(err) != bot.Invalid || !strings.Contains(fmt.Sprint(err), "note") {
		t.Errorf("%v", err)
	}
	if err := sheets.Write(io.Discard, sheets.CSV, s, sheets.All([]bot.Request{r})); err != nil {
		t.Error(err)
	}
}

// CR LF, however many, is one line break in every format, and control characters vanish.
func TestWhatComesBackOtherwise(t *testing.T) {
	t.Parallel()
	s := sheets.Stations(words(t), sheets.Options{})
	for _, f := range sheets.Formats {
		file := write(t, f, s, bot.Station{ID: "S", Name: "a\r\r\nb\x00\x1b", Kind: bot.Stop})
		good, faults, err := sheets.Read(bytes.NewReader(file), f, s)
		if err != nil || len(faults) > 0 || good[0].Name != "a\nb" {
			t.Errorf("%s: %+v %v %v", f, good, faults, err)
		}
	}
}

func TestFormatOf(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]sheets.Format{"posts.CSV": sheets.CSV, "xlsx": sheets.XLSX, "a/b.c/posts.json": sheets.JSON, "posts.xls": "", "": "", "posts": ""} {
		got, err := sheets.FormatOf(name)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q %v", name, got, err)
		}
	}
}
