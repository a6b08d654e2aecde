package records_test

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pressly/goose/v3"

	"yilu/bot"
	"yilu/bot/records"
)

// newest is the version of the tables that this source makes.
const newest = records.Newest

// released are the versions that deployments may have. What one held is in testdata/released, on top of what the one
// before it held.
var released = []int64{1, 2}

// at makes the tables of a version with what a deployment of it holds.
func at(t *testing.T, s *store, version int64) {
	t.Helper()
	db, dialect := s.Schema()
	provider, err := goose.NewProvider(goose.Dialect(dialect), db, os.DirFS("migrations"), goose.WithDisableGlobalRegistry(true))
	must(t, err)
	for _, v := range released {
		if v > version {
			return
		}
		_, err = provider.UpTo(t.Context(), v)
		must(t, err)
		rows, err := os.ReadFile(filepath.Join("testdata", "released", "0000"+string(rune('0'+v))+".sql"))
		must(t, err)
		_, err = s.Write.Exec(string(rows))
		must(t, err)
	}
}

// TestMigrateReleased carries T31: what every released version kept is there after this one started, in several processes
// at once and more than once, and takes part in what is new.
func TestMigrateReleased(t *testing.T) {
	t.Parallel()
	for name, empty := range databases {
		for _, version := range released {
			t.Run(name+"/from"+string(rune('0'+version)), func(t *testing.T) {
				t.Parallel()
				s := empty(t)
				at(t, s, version)
				if now, to, err := records.Version(t.Context(), s); err != nil || now != version || to != newest {
					t.Fatalf("before: version %d of %d, %v, want %d of %d", now, to, err, version, newest)
				}
				var wg sync.WaitGroup
				for range 2 {
					wg.Go(func() { inAnotherProcess(t, s) })
				}
				for range 3 {
					other := s.another(t)
					wg.Go(func() {
						if _, err := records.Open(t.Context(), other); err != nil {
							t.Error(err)
						}
					})
				}
				wg.Wait()
				if from, to, err := records.Migrate(t.Context(), s); err != nil || from != newest || to != newest {
					t.Errorf("again: from %d to %d, %v", from, to, err)
				}
				held(t, s, version)
			})
		}
	}
}

// held looks for everything that a released version held.
func held(t *testing.T, s *store, version int64) {
	t.Helper()
	r, err := records.Open(t.Context(), s)
	must(t, err)
	whole(t, s)
	if w, a, q, st := every(t, r.EachWorker), every(t, r.EachApplication), every(t, r.EachRequest), every(t, r.EachStation); len(w) != 2 || len(a) != 2 || len(q) != 1 || len(st) != 1 {
		t.Fatalf("rows were lost: %v %v %v %v", w, a, q, st)
	}
	if found, err := r.Search(t.Context(), bot.Query{Now: now}); err != nil || len(found.Posts) != 1 {
		t.Errorf("posts: got %v, %v", found, err)
	}
	if version >= 2 {
		if f := fileOf(t, r, "f1"); f.File.Ref != "r1" || f.State != bot.FileWaits {
			t.Errorf("file: got %+v", f)
		}
		if w := workerOf(t, r, "wd"); w.ID != "wa" {
			t.Errorf("alias: got %+v", w)
		}
		if links := every(t, r.EachLink); len(links) != 1 {
			t.Errorf("links: got %v", links)
		}
	}
	apply(t, r, by(t, bella, "e1", 6, bot.SaveWorker{Home: "漳州"}), link(t, "new", 20, bella, anna)) // e1 was applied before
	whole(t, s)
	w := workerOf(t, r, "wb")
	if w.ID != "wa" || w.Consent != "n1" || w.Home != "" {
		t.Errorf("after linking: got %+v", w)
	}
	if list, err := r.Applications(t.Context(), w.ID); err != nil || len(list) != 1 || list[0].Number != "BM1" {
		t.Errorf("applications: got %v, %v, want the earlier one", list, err)
	}
	if got := channels(t, r, "wb"); !slices.Contains(got, bella) || !slices.Contains(got, anna) {
		t.Errorf("channels: got %v", got)
	}
}

// The address of the database on which the other process is to open records.
const elsewhere = "YILU_TEST_RECORDS"

// inAnotherProcess opens the records in a process of their own.
func inAnotherProcess(t *testing.T, s *store) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestAnotherProcess$", "-test.v")
	cmd.Env = append(os.Environ(), elsewhere+"="+s.address)
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "opened elsewhere") {
		t.Errorf("the other process: %v\n%s", err, out)
	}
}

// TestAnotherProcess is the other process.
func TestAnotherProcess(t *testing.T) {
	address := os.Getenv(elsewhere)
	if address == "" {
		return
	}
	var db *store
	if strings.HasPrefix(address, "postgres://") {
		db = postgresAt(t, address)
	} else {
		db = fileAt(t, address)
	}
	_, err := records.Open(t.Context(), db)
	must(t, err)
	t.Log("opened elsewhere")
}

// A migration that was released is never changed: it has run where nobody sees it, and will not run there again.
func TestReleasedMigrationsStand(t *testing.T) {
	t.Parallel()
	sums, err := os.Open(filepath.Join("testdata", "released", "sums"))
	must(t, err)
	defer sums.Close()
	n := 0
	for lines := bufio.NewScanner(sums); lines.Scan(); n++ {
		want, name, _ := strings.Cut(lines.Text(), "  ")
		text, err := os.ReadFile(filepath.Join("migrations", name))
		must(t, err)
		if got := sha256.Sum256(text); hex.EncodeToString(got[:]) != want {
			t.Errorf("%s is not what was released; add a migration instead", name)
		}
	}
	if n != len(released) {
		t.Errorf("%d migrations were looked at, want %d", n, len(released))
	}
}

// Every column of text compares byte by byte on PostgreSQL, as all do on SQLite.
func TestTextsCompareByBytes(t *testing.T) {
	t.Parallel()
	_, s := openingOn(databases["postgres"])(t)
	rows, err := s.Read.Query(`SELECT table_name || '.' || column_name FROM information_schema.columns
WHERE table_schema = current_schema() AND data_type <> 'bigint' AND data_type <> 'boolean' AND collation_name IS DISTINCT FROM 'C' AND table_name <> 'goose_db_version'`)
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var column string
		must(t, rows.Scan(&column))
		t.Errorf("%s compares as a language does; have byBytes run behind the migration that adds it", column)
	}
}
