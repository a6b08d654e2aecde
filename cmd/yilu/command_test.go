package main_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// refused fails unless the command ended with an error that says all of the words, and printed no stack.
func refused(t *testing.T, r result, words ...string) {
	t.Helper()
	if r.code != 1 {
		t.Errorf("exit code %d, want 1; it printed %q and %q", r.code, r.out, r.err)
	}
	for _, w := range words {
		if !strings.Contains(r.err, w) {
			t.Errorf("the error does not say %q: %s", w, r.err)
		}
	}
	if strings.Contains(r.err, "goroutine") {
		t.Errorf("it ended with a stack: %s", r.err)
	}
}

func TestCheckAndDiagram(t *testing.T) {
	t.Parallel()
	if out := ok(t, "", "check"); !strings.HasPrefix(out, "In order: ") {
		t.Errorf("check said %q", out)
	}
	if out := ok(t, "", "diagram", "registration"); !strings.Contains(out, "stateDiagram-v2") || !strings.Contains(out, "[*] --> begin") {
		t.Errorf("diagram drew %q", out)
	}
	refused(t, yilu(t, nil, "diagram", "nothing"), `no dialogue "nothing"`)
}

// TestPagesAreCurrent holds that the pages beside the dialogues are those that the tables draw.
func TestPagesAreCurrent(t *testing.T) {
	t.Parallel()
	top, drawn := filepath.Join(root(t), "dialogs"), t.TempDir()
	folders, err := filepath.Glob(filepath.Join(top, "*", "testdata"))
	if err != nil || len(folders) == 0 {
		t.Fatalf("%d dialogues, %v", len(folders), err)
	}
	for _, f := range folders {
		if err := os.Mkdir(filepath.Join(drawn, filepath.Base(filepath.Dir(f))), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	ok(t, "", "diagram", "--write", drawn)
	for _, f := range folders {
		name := filepath.Base(filepath.Dir(f))
		now, err := os.ReadFile(filepath.Join(drawn, name, "README.md"))
		if err != nil {
			t.Fatal(err)
		}
		kept, err := os.ReadFile(filepath.Join(top, name, "README.md"))
		if err != nil || !bytes.Equal(kept, now) {
			t.Errorf("dialogs/%s/README.md is not what the table draws (%v): go run ./cmd/yilu diagram --write dialogs", name, err)
		}
	}
}

func TestUnknownFlagAndCommand(t *testing.T) {
	t.Parallel()
	refused(t, yilu(t, nil, "--colour"), "unknown flag --colour", "yilu --help")
	refused(t, yilu(t, nil, "sing"), "sing", "yilu --help")
	refused(t, yilu(t, nil, "export", "secrets"), "secrets")
	if out := ok(t, "", "--help"); !strings.Contains(out, "understand") || !strings.Contains(out, "YILU_DATA") {
		t.Errorf("help says %q", out)
	}
}

func TestPortInUse(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	r := yilu(t, nil, "serve", "--data", t.TempDir(), "--listen", taken.Addr().String())
	refused(t, r, "YILU_LISTEN "+taken.Addr().String(), "cannot listen there", "--listen")
}

func TestDataFolderThatCannotBe(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, "in the way")
	for _, command := range []string{"serve", "chat", "export workers"} {
		args := append(strings.Fields(command), "--data", filepath.Join(file, "data"))
		refused(t, yilu(t, nil, args...), "open data file", "--data")
	}
	if os.Getuid() == 0 {
		return // to root every folder can be written
	}
	locked := t.TempDir()
	if err := os.Chmod(locked, 0o500); err != nil {
		t.Fatal(err)
	}
	refused(t, yilu(t, nil, "export", "workers", "--data", filepath.Join(locked, "data")), "open data file", "--data")
}

func TestDataFileThatIsNone(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	write(t, filepath.Join(data, "yilu.db"), strings.Repeat("this is no database. ", 400))
	refused(t, yilu(t, nil, "export", "posts", "--data", data), filepath.Join(data, "yilu.db"), "no SQLite database")
}

func TestUnderstand(t *testing.T) {
	t.Parallel()
	in := "明天同安瓦工一天300日结\n" +
		`{"text": "我要登记", "now": "2026-11-23T09:00:00+08:00"}` + "\n" +
		"\n" + "<b>&</b>\n" + "\xff\xfe\n" + strings.Repeat("长", 100000) + "\n"
	lines := strings.Split(strings.TrimSuffix(ok(t, in, "understand"), "\n"), "\n")
	if len(lines) != 6 {
		t.Fatalf("%d lines out, 6 in", len(lines))
	}
	var first, second struct {
		Intent string
		Slots  struct {
			Trades   []string
			District string
			Settle   string
			Pay      struct {
				Min  float64
				Unit string
			}
		}
	}
	for i, into := range []any{&first, &second} {
		if err := json.Unmarshal([]byte(lines[i]), into); err != nil {
			t.Fatalf("%v: %s", err, lines[i])
		}
	}
	if s := first.Slots; len(s.Trades) != 1 || s.Settle != "daily" || s.Pay.Min != 300 || s.Pay.Unit != "day" || s.District != "同安" {
		t.Errorf("understood %s", lines[0])
	}
	if second.Intent != "register.start" {
		t.Errorf("understood %s", lines[1])
	}
	refused(t, yilu(t, strings.NewReader("{\"text\": \n"), "understand"), "line 1", `{"text"`)
}

// TestChatInAPipe holds that a conversation in a pipe is plain text, and that it is kept between two runs.
func TestChatInAPipe(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	first := ok(t, "登记\n同意\n老陈", "chat", "--data", data)
	if !strings.Contains(first, "老陈") || strings.ContainsAny(first, "\x1b\r") || strings.Contains(first, "\n> ") {
		t.Errorf("the conversation is no plain text: %q", first)
	}
	second := ok(t, "13800000000\n", "chat", "--data", data)
	if !strings.Contains(second, "138 0000 0000") {
		t.Errorf("the second run does not go on where the first one ended: %s", second)
	}
	if other := ok(t, "13800000000\n", "chat", "--data", data, "--user", "other"); strings.Contains(other, "138 0000 0000") {
		t.Errorf("somebody else goes on with my conversation: %s", other)
	}
	if english := ok(t, "menu\n", "chat", "--data", data, "--user", "third", "--lang", "en"); !strings.Contains(english, "Find work") {
		t.Errorf("not in English: %s", english)
	}
}

// badPosts has one row that is right and two that are not, at lines 3 and 4.
const badPosts = `id,trade,title,headcount,employer,content,district,contract,pay_min,pay_unit,start,end,from,to,expires
G1,t02,砌墙,3,某单位,砌墙,tongan,劳务(日结),300,day,2099-11-24,2099-12-01,07:00,17:30,2099-11-30 18:00
B1,宇航员xyz,砌墙,3,某单位,砌墙,tongan,劳务(日结),300,day,2099-11-24,2099-12-01,07:00,17:30,2099-11-30 18:00
B2,t02,砌墙,0,某单位,砌墙,tongan,劳务(日结),300,day,2099-11-24,2099-12-01,07:00,17:30,2099-11-30 18:00
`

func TestImportNamesTheFaults(t *testing.T) {
	t.Parallel()
	data, file := t.TempDir(), filepath.Join(t.TempDir(), "posts.csv")
	write(t, file, badPosts)
	refused(t, yilu(t, nil, "import", "posts", file, "--data", data), "3 trade (", "4 headcount (", "2 faults, nothing was kept", "--keep-good")
	if posts := exported(t, "posts", data); len(posts) != 0 {
		t.Fatalf("%d posts were kept", len(posts))
	}
	r := yilu(t, nil, "import", "posts", file, "--data", data, "--keep-good")
	if posts := exported(t, "posts", data); len(posts) != 1 || posts[0]["id"] != "G1" || !strings.Contains(r.out, "1 kept, 2 faults") || !strings.Contains(r.err, "3 trade (") {
		t.Errorf("%d posts after --keep-good; it said %q and %q", len(posts), r.out, r.err)
	}
	refused(t, yilu(t, nil, "import", "posts", filepath.Join(data, "no-such.csv"), "--data", data), "no-such.csv", "cannot be opened")
	refused(t, yilu(t, nil, "import", "posts", file, "--format", "pdf", "--data", data), "csv, xlsx, json")
	refused(t, yilu(t, strings.NewReader("not json"), "import", "posts", "--format", "json", "--data", data), "yilu:")
}

// TestExportAndBack holds that every format that is written can be read in again into empty records, and gives the same.
func TestExportAndBack(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	ok(t, "菜单\n", "chat", "--data", data) // brings the samples
	for _, what := range []string{"posts", "stations"} {
		want := exported(t, what, data)
		if len(want) == 0 {
			t.Fatalf("no sample %s", what)
		}
		for _, format := range []string{"csv", "xlsx", "json"} {
			t.Run(what+" "+format, func(t *testing.T) {
				t.Parallel()
				file, other := filepath.Join(t.TempDir(), what+"."+format), t.TempDir()
				ok(t, "", "export", what, file, "--data", data)
				info, err := os.Stat(file)
				if err != nil || info.Mode().Perm() != 0o600 {
					t.Errorf("the file can be read by others: %v %v", info.Mode(), err)
				}
				raw, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if n := rowsIn(t, format, raw); n != len(want) {
					t.Errorf("%d rows, want %d", n, len(want))
				}
				ok(t, "", "import", what, file, "--data", other)
				if got := exported(t, what, other); mustJSON(got) != mustJSON(want) {
					t.Errorf("after the way out and back in:\n%s\nwant\n%s", mustJSON(got), mustJSON(want))
				}
			})
		}
	}
}

// rowsIn reads a file with the tools of others and counts its rows without the headings. A cell that a spreadsheet
// would take for a formula fails.
func rowsIn(t *testing.T, format string, raw []byte) int {
	t.Helper()
	switch format {
	case "json":
		var rows []map[string]any
		if err := json.Unmarshal(raw, &rows); err != nil {
			t.Errorf("json: %v", err)
		}
		return len(rows)
	case "csv":
		rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\ufeff")))).ReadAll()
		if err != nil {
			t.Errorf("csv: %v", err)
		}
		for _, row := range rows {
			for _, cell := range row {
				if strings.HasPrefix(cell, "=") || strings.HasPrefix(cell, "@") || strings.HasPrefix(cell, "+") || strings.HasPrefix(cell, "-") || strings.HasPrefix(cell, "\t") {
					t.Errorf("csv: a spreadsheet takes %q for a formula", cell)
				}
			}
		}
		return len(rows) - 1
	}
	book, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("xlsx: %v", err)
	}
	defer book.Close()
	sheet := book.GetSheetName(0)
	rows, err := book.GetRows(sheet)
	if err != nil {
		t.Fatalf("xlsx: %v", err)
	}
	for r, row := range rows {
		for c := range row {
			at, err := excelize.CoordinatesToCellName(c+1, r+1)
			if err != nil {
				t.Fatal(err)
			}
			if formula, err := book.GetCellFormula(sheet, at); err != nil || formula != "" {
				t.Errorf("xlsx: %s is the formula %q (%v)", fmt.Sprint(sheet, " ", at), formula, err)
			}
		}
	}
	return len(rows) - 1
}

// An export takes the place of an older file as a whole, and only its owner can read it, whoever could read the old one.
func TestExportIsItsOwnersAlone(t *testing.T) {
	t.Parallel()
	data, file := t.TempDir(), filepath.Join(t.TempDir(), "workers.csv")
	write(t, file, "old")
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	ok(t, "", "export", "workers", file, "--data", data)
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 || info.Size() <= 3 {
		t.Errorf("%v %v", info, err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), ".yilu-export-*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A data file that others could read, say from a backup, is closed to them when it is opened.
func TestDataIsItsOwnersAlone(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	ok(t, "你好\n", "chat", "--data", data)
	file := filepath.Join(data, "yilu.db")
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	ok(t, "你好\n", "chat", "--data", data)
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
}

// TestOwnWords holds that an operator's words are understood from a file, and that a fault in it is named by its line.
func TestOwnWords(t *testing.T) {
	t.Parallel()
	good, bad := filepath.Join(t.TempDir(), "good.txt"), filepath.Join(t.TempDir(), "bad.txt")
	write(t, good, "# ours\nphrase jobs.search = 有得整\n")
	write(t, bad, "trade t02 = 砌花台\ntrade t99 = 新活\n")
	if out := ok(t, "有得整没得\n", "understand", "--lexicon", good); !strings.Contains(out, "jobs.search") {
		t.Errorf("understood %s", out)
	}
	for _, command := range []string{"understand", "check", "serve", "chat"} {
		refused(t, yilu(t, strings.NewReader(""), command, "--data", t.TempDir(), "--lexicon", bad), "bad.txt: line 2", "t99", "t02")
	}
	refused(t, yilu(t, nil, "check", "--lexicon", filepath.Join(t.TempDir(), "none.txt")), "--lexicon", "cannot be read")
}
