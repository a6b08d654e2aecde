package main_test

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// listed is what `go list -deps -json` tells of a package.
type listed struct {
	ImportPath string
	Standard   bool
	Imports    []string
	Module     *struct{ Main bool }
}

// packages lists what the command is made of, without tests.
func packages(t *testing.T) map[string]listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Standard,Imports,Module", "./...")
	cmd.Dir = root(t)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	all := map[string]listed{}
	for in := json.NewDecoder(bytes.NewReader(out)); in.More(); {
		var p listed
		if err := in.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all[p.ImportPath] = p
	}
	return all
}

// layer is where a package of ours stands in the house.
func layer(path string) string {
	parts := strings.Split(path, "/")
	switch {
	case len(parts) == 2:
		return parts[1] // bot, dialogs, adapters, locales: the package itself
	case parts[1] == "bot":
		return strings.Join(parts[1:], "/")
	case parts[1] == "adapters" && parts[2] == "adaptertest":
		return "adaptertest"
	}
	return parts[1] + "/*"
}

// allowed is which layers a layer may import, from the top of the house to its ground. Whatever is not named here may
// import none of ours; a new package under bot is added when it comes.
var allowed = map[string][]string{
	"cmd/*":                 {"bot", "bot/app", "bot/casefile", "bot/cases", "bot/engine", "bot/evidence", "bot/ledger", "bot/sheets", "bot/storetest", "bot/talk", "dialogs", "adapters/*", "locales", "cmd/*"},
	"bot/app":               {"bot", "dialogs", "adapters", "locales", "bot/cases", "bot/datafile", "bot/deadline", "bot/engine", "bot/evidence", "bot/ledger", "bot/locale", "bot/ops", "bot/postgres", "bot/records", "bot/sheets", "bot/understand"},
	"dialogs":               {"bot", "dialogs/*"},
	"dialogs/*":             {"bot"},
	"adapters":              {"bot", "adapters/*"},
	"adapters/*":            {"bot"},
	"adaptertest":           {"bot"},
	"bot":                   {},
	"bot/batch":             {"bot"},
	"bot/casefile":          {"bot", "bot/locale"},
	"bot/cases":             {"bot", "bot/deadline"},
	"bot/deadline":          {"bot"},
	"bot/datafile":          {"bot"},
	"bot/engine":            {"bot", "bot/ledger", "bot/locale", "bot/understand"},
	"bot/evidence":          {"bot"},
	"bot/ledger":            {"bot", "bot/batch", "bot/datafile"},
	"bot/ledger/ledgertest": {"bot", "bot/ledger"},
	"bot/locale":            {"bot"},
	"bot/ops":               {"bot", "bot/engine", "bot/ledger"},
	"bot/postgres":          {"bot"},
	"bot/records":           {"bot", "bot/batch", "bot/cases"},
	"bot/sheets":            {"bot"},
	"bot/storetest":         {"bot"},
	"bot/talk":              {"bot"},
	"bot/understand":        {"bot"},
	"locales":               {},
}

// foreign is who may import a module that is not ours, by the beginning of its path. What is not named here may be
// imported by nobody, and a dialogue by no means: it imports bot and the standard library.
var foreign = map[string][]string{
	"github.com/BurntSushi/toml":          {"bot/deadline", "bot/locale", "bot/understand", "adaptertest"},
	"github.com/alecthomas/kong":          {"cmd/*"},
	"golang.org/x/term":                   {"cmd/*"},
	"github.com/6tail/lunar-go":           {"bot/understand"}, // and the tests of bot/deadline
	"github.com/mozillazg/go-pinyin":      {"bot/understand"},
	"github.com/looplab/fsm":              {"bot/engine"},
	"github.com/go-json-experiment/json":  {"bot/engine"},
	"github.com/nicksnyder/go-i18n/v2":    {"bot/locale"},
	"golang.org/x/text":                   {"bot/locale", "bot/sheets", "bot/understand", "adapters/*"},
	"github.com/prometheus/client_golang": {"bot/ops"},
	"github.com/pressly/goose/v3":         {"bot/records"},
	"modernc.org/sqlite":                  {"bot/datafile"},
	"github.com/xuri/excelize/v2":         {"bot/sheets"},
	"github.com/gomutex/godocx":           {"bot/casefile"},
	"github.com/redis/go-redis/v9":        {"bot/ledger", "bot/ops", "bot/storetest", "cmd/*"}, // cmd/bench has a floor to measure against
	"github.com/go-telegram/bot":          {"cmd/*"},
	"github.com/silenceper/wechat/v2":     {"cmd/*"},
	"github.com/jackc/pgx/v5":             {"bot/postgres", "bot/storetest"},
	"pgregory.net/rapid":                  {"bot/ledger/ledgertest"},
	"github.com/hashicorp/golang-lru":     {"bot/ledger", "bot/records"},
	"database/sql":                        sqlPackages, // of the standard library, and still not for everybody
	"database/sql/driver":                 sqlPackages,
}

// sqlPackages are where SQL lives.
var sqlPackages = []string{"bot/datafile", "bot/ledger", "bot/postgres", "bot/records"}

// TestImports holds the house to its plan: imports run one way, cmd, app, then dialogs, adapters and the packages of
// bot, then bot, then the standard library; dialogues and channels import bot, and never each other or a store.
func TestImports(t *testing.T) {
	t.Parallel()
	all := packages(t)
	ours := 0
	for _, p := range all {
		if p.Module == nil || !p.Module.Main {
			continue
		}
		ours++
		from := layer(p.ImportPath)
		may, known := allowed[from]
		if !known {
			t.Errorf("%s: the plan of the house does not know this package; add it to allowed", p.ImportPath)
		}
		for _, to := range p.Imports {
			switch {
			case all[to].Module != nil && all[to].Module.Main:
				if !slices.Contains(may, layer(to)) {
					t.Errorf("%s imports %s; it may import %q", p.ImportPath, to, may)
				}
			case from == "adapters/*": // its SDK
				if strings.HasPrefix(to, "database/sql") {
					t.Errorf("%s imports %s: a channel knows no store", p.ImportPath, to)
				}
			default:
				if who, named := guarded(to); named && !slices.Contains(who, from) || !named && !all[to].Standard {
					t.Errorf("%s imports %s; that is for %q", p.ImportPath, to, who)
				}
			}
		}
	}
	if ours < 20 {
		t.Errorf("only %d packages of ours were looked at", ours)
	}
}

// guarded finds who may import a package, and whether it is named at all.
func guarded(to string) (who []string, named bool) {
	for name, may := range foreign {
		if to == name || strings.HasPrefix(to, name+"/") {
			who, named = append(who, may...), true
		}
	}
	return who, named
}

// sources parses every Go file of ours that is no test, by its path from the root.
func sources(t *testing.T) (map[string]*ast.File, *token.FileSet) {
	t.Helper()
	top := root(t)
	files, set := map[string]*ast.File{}, token.NewFileSet()
	err := filepath.WalkDir(top, func(file string, d fs.DirEntry, err error) error {
		name := d.Name()
		switch {
		case err != nil:
			return err
		case d.IsDir() && file != top && (strings.HasPrefix(name, ".") || name == "testdata" || name == "data"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		rel, err := filepath.Rel(top, file)
		if err == nil {
			files[filepath.ToSlash(rel)], err = parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
		}
		return err
	})
	if err != nil || len(files) < 50 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	return files, set
}

// opens is where a personal value or an answer may be opened: to decide on it, to keep it, to say it to its owner, and
// to hand it to who asked for an export.
var opens = []string{
	"bot/age.go", "bot/casefile/lines.go", "bot/engine/", "bot/locale/value.go", "bot/records/dispute.go", "bot/records/request.go", "bot/records/seal.go",
	"bot/sheets/column.go", "bot/understand/frame.go", "dialogs/",
}

// TestHouseRules reads every source file for what a reader of the house relies on: words for people only in the
// locales, the clock only in the command, personal values opened only where they must be, and no package that is named
// after nothing.
func TestHouseRules(t *testing.T) {
	t.Parallel()
	files, set := sources(t)
	for name, file := range files {
		if slices.Contains([]string{"util", "utils", "common", "helper", "helpers", "models", "types"}, file.Name.Name) {
			t.Errorf("%s: a package is named for what it provides, not %s", name, file.Name.Name)
		}
		testing := strings.HasPrefix(name, "adapters/adaptertest/") || strings.HasSuffix(path.Dir(name), "test")
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				if text, err := strconv.Unquote(n.Value); n.Kind == token.STRING && err == nil && !testing && strings.ContainsFunc(text, isHan) {
					t.Errorf("%s: words for people live in locales/", set.Position(n.Pos()))
				}
			case *ast.SelectorExpr:
				if from, ok := n.X.(*ast.Ident); ok && from.Name == "time" && n.Sel.Name == "Now" && !strings.HasPrefix(name, "cmd/") {
					t.Errorf("%s: the clock is injected; time.Now is for cmd", set.Position(n.Pos()))
				}
				if n.Sel.Name == "Reveal" && !slices.ContainsFunc(opens, func(p string) bool { return strings.HasPrefix(name, p) }) {
					t.Errorf("%s: opens a personal value; if it must, add the file to opens", set.Position(n.Pos()))
				}
			}
			return true
		})
	}
}

// TestSQLInItsPlace holds that statements stand in the stores only, however they reach the database.
func TestSQLInItsPlace(t *testing.T) {
	t.Parallel()
	files, set := sources(t)
	for name, file := range files {
		if slices.Contains(sqlPackages, path.Dir(name)) {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			text, _ := strconv.Unquote(lit.Value)
			for _, verb := range []string{"SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "CREATE TABLE ", "PRAGMA "} {
				if strings.HasPrefix(strings.TrimSpace(text), verb) {
					t.Errorf("%s: SQL is for %q", set.Position(lit.Pos()), sqlPackages)
				}
			}
			return true
		})
	}
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }

// TestTopLevel holds the top of the tree to what is agreed.
func TestTopLevel(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(root(t))
	if err != nil {
		t.Fatal(err)
	}
	agreed := []string{"bot", "dialogs", "adapters", "cmd", "locales", "go.mod", "go.sum", "README.md"}
	for _, e := range entries {
		if name := e.Name(); !strings.HasPrefix(name, ".") && !slices.Contains(agreed, name) && name != "data" && name != "yilu" {
			t.Errorf("%s: the top level holds %q and dot files", name, agreed)
		}
	}
}

// TestLeaksAreLookedFor carries T30: in every package that has tests, these end with a look for goroutines left behind.
func TestLeaksAreLookedFor(t *testing.T) {
	t.Parallel()
	top := root(t)
	looked := map[string]bool{}
	err := filepath.WalkDir(top, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && file != top && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "data"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(file, "_test.go"):
			return nil
		}
		source, err := os.ReadFile(file)
		does := strings.Contains(string(source), "func TestMain(") && strings.Contains(string(source), "goleak.")
		looked[filepath.Dir(file)] = looked[filepath.Dir(file)] || does
		return err
	})
	if err != nil || len(looked) < 20 {
		t.Fatalf("%d packages with tests: %v", len(looked), err)
	}
	for dir, does := range looked {
		if !does {
			t.Errorf("%s: its tests do not look for goroutines that are left; see bot/engine/leak_test.go", dir)
		}
	}
}
