package records_test

import (
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/pressly/goose/v3"

	"yilu/bot"
	"yilu/bot/datafile"
	"yilu/bot/records"
)

// at makes a data file whose tables are those of a version.
func at(t *testing.T, version int64) (*datafile.File, *goose.Provider) {
	t.Helper()
	file := openFile(t, filepath.Join(t.TempDir(), "yilu.db"))
	provider, err := goose.NewProvider(goose.DialectSQLite3, file.Write, os.DirFS("migrations"), goose.WithDisableGlobalRegistry(true))
	must(t, err)
	_, err = provider.UpTo(t.Context(), version)
	must(t, err)
	return file, provider
}

// What the first version kept is there after the second one started, in several processes at once, and takes part in
// what is new.
func TestMigrateFromFirst(t *testing.T) {
	t.Parallel()
	file, provider := at(t, 1)
	for _, statement := range []string{
		"INSERT INTO worker (id, channel, user_id, name, since, modified) VALUES ($1, 'web', 'a', '【示例】', 5, 5), ($2, 'telegram', 'b', '', 6, 6)",
		"INSERT INTO identity (channel, user_id, worker, since) VALUES ('web', 'a', $1, 5), ('telegram', 'b', $2, 6)",
		"INSERT INTO application (number, post, worker, party, state, at, modified) VALUES ('BM1', 'p1', $1, 1, 'applied', 5, 5), ('BM2', 'p1', $2, 1, 'applied', 6, 6)",
		"INSERT INTO request (number, kind, worker, post, reason, note, urgent, made_in, at) VALUES ('GD1', 'person', $2, '', '', '', FALSE, '', 6)",
		"INSERT INTO alert (id, worker, trades, places, since) VALUES ('l1', $2, '[\"t01\"]', '[]', 6), ('l2', $1, '[\"t02\"]', '[]', 6)",
		"INSERT INTO consent (id, worker, notice, purpose, agreed, shown, lang, at) VALUES ('c1', $2, 'n1', 'p', TRUE, '', '', 6), ('c2', $1, 'n0', 'p', TRUE, '', '', 5)",
		"INSERT INTO applied_effect (id, at) VALUES ('e1', 6), ($1, 5), ($2, 6)",
	} {
		_, err := file.Write.Exec(statement, anna.Worker(), bella.Worker())
		must(t, err)
	}
	var wg sync.WaitGroup
	for range 6 {
		other := openFile(t, file.Path())
		wg.Go(func() {
			if _, err := records.Open(t.Context(), other); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	r, err := records.Open(t.Context(), file)
	must(t, err)
	whole(t, file)
	if len(every(t, r.EachWorker)) != 2 || len(every(t, r.EachApplication)) != 2 || len(every(t, r.EachRequest)) != 1 {
		t.Fatal("rows were lost")
	}
	if got := channels(t, r, bella.Worker()); !slices.Equal(got, []bot.Identity{bella}) {
		t.Errorf("channels: got %v", got)
	}
	old := by(t, bella, "e1", 6, bot.SaveWorker{Home: "漳州"})
	apply(t, r, old, link(t, "l1", 20, bella, anna))
	whole(t, file)
	w := workerOf(t, r, bella.Worker())
	if w.ID != anna.Worker() || w.Consent != "n1" || w.Home != "" {
		t.Errorf("after linking: got %+v", w)
	}
	if list, err := r.Applications(t.Context(), w.ID); err != nil || len(list) != 1 || list[0].Number != "BM1" {
		t.Errorf("applications: got %v, %v, want the earlier one", list, err)
	}

	// And back: what the first version knows stays.
	_, err = provider.DownTo(t.Context(), 1)
	must(t, err)
	var n int
	must(t, file.Read.QueryRow("SELECT COUNT(*) FROM application WHERE worker = $1", anna.Worker()).Scan(&n))
	if n != 2 {
		t.Errorf("after going back: %d applications, want 2", n)
	}
}
