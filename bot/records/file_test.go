package records_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/records"
)

// sent makes an entry of a file that chen sent.
func sent(t testing.TB, id string, seconds int) bot.Entry {
	return entry(t, id, seconds, bot.KeepFile{
		File:   bot.File{Ref: "ref-" + id, Kind: bot.Voice, Type: "audio/amr", Name: bot.NewPersonal("【示例】" + id), Size: 7, Till: now.Add(time.Hour)},
		Number: "GD1", Where: "report.say",
	})
}

func fileOf(t testing.TB, r *records.Records, id string) bot.KeptFile {
	t.Helper()
	f, err := r.FileOf(t.Context(), id)
	must(t, err)
	return f
}

func ids(files []bot.KeptFile) []string {
	list := []string{}
	for _, f := range files {
		list = append(list, f.ID)
	}
	return list
}

func TestKeepFile(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		r, _ := open(t)
		ctx := t.Context()
		apply(t, r, sent(t, "f2", 2), sent(t, "f1", 1), sent(t, "f3", 3))
		want := bot.KeptFile{
			ID: "f1", From: chen, File: bot.File{Ref: "ref-f1", Kind: bot.Voice, Type: "audio/amr", Name: bot.NewPersonal("【示例】f1"), Size: 7, Till: now.Add(time.Hour)},
			Number: "GD1", Where: "report.say", State: bot.FileWaits, At: now.Add(time.Second),
		}
		if got := fileOf(t, r, "f1"); !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v\nwant %+v", got, want)
		}

		must(t, r.FileAgain(ctx, "f2", now.Add(time.Minute)))
		must(t, r.FileLost(ctx, "f3", "gone"))
		for range 2 { // whoever fetched it too says it again
			must(t, r.FileKept(ctx, "f1", "sum", 9, "audio/ogg"))
		}
		must(t, r.FileLost(ctx, "f1", "gone")) // somebody slower
		must(t, r.FileAgain(ctx, "f1", now))
		want.State, want.Sum, want.Bytes, want.File.Type = bot.FileKept, "sum", 9, "audio/ogg"
		if got := fileOf(t, r, "f1"); !reflect.DeepEqual(got, want) {
			t.Errorf("kept: got %+v\nwant %+v", got, want)
		}
		if f := fileOf(t, r, "f2"); f.State != bot.FileWaits || f.Tries != 1 {
			t.Errorf("put off: got %+v", f)
		}
		if f := fileOf(t, r, "f3"); f.State != bot.FileLost || f.Why != "gone" {
			t.Errorf("lost: got %+v", f)
		}
		must(t, r.FileAgain(ctx, "f3", now))
		if files, err := r.FilesWaiting(ctx, now.Add(time.Hour), 9); err != nil || !slices.Equal(ids(files), []string{"f2"}) {
			t.Errorf("waiting: got %v, %v, want f2", ids(files), err)
		}
		if got := ids(every(t, r.EachFile)); !slices.Equal(got, []string{"f1", "f2", "f3"}) {
			t.Errorf("export: got %v", got)
		}
		must(t, r.FileKept(ctx, "f3", "sum", 9, "audio/ogg")) // had after all
		if f := fileOf(t, r, "f3"); f.State != bot.FileKept || f.Why != "" {
			t.Errorf("kept after all: got %+v", f)
		}
		for name, err := range map[string]error{
			"read": last(r.FileOf(ctx, "f9")), "kept": r.FileKept(ctx, "f9", "", 0, ""), "lost": r.FileLost(ctx, "f9", ""), "again": r.FileAgain(ctx, "f9", now),
		} {
			if bot.CodeOf(err) != bot.NotFound {
				t.Errorf("%s of an unknown file: got %v, want code %s", name, err, bot.NotFound)
			}
		}
	})
}

func TestFilesWaiting(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		r, _ := open(t)
		ctx := t.Context()
		apply(t, r, sent(t, "f3", 3), sent(t, "f1", 1), sent(t, "f2", 2), sent(t, "f4", 4))
		take := func(at time.Time, limit int, want ...string) {
			t.Helper()
			files, err := r.FilesWaiting(ctx, at, limit)
			if err != nil || !slices.Equal(ids(files), append([]string{}, want...)) {
				t.Fatalf("at %v: got %v, %v, want %v", at.Sub(now), ids(files), err, want)
			}
		}
		later := now.Add(3 * time.Second)
		take(now, 9)
		take(later, 0)
		take(later, 2, "f1", "f2")
		take(later, 9, "f3")
		take(later, 9) // all of them are given out
		must(t, r.FileAgain(ctx, "f2", later.Add(time.Minute)))
		take(later.Add(time.Minute), 9, "f2", "f4")
		take(later.Add(records.Lease), 9, "f1", "f3") // whoever had them is dead
	})
}

// Two processes that fetch at once never get the same file, and together get all of them.
func TestFilesWaitingAtOnce(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		r, file := open(t)
		var entries []bot.Entry
		for i := range 60 {
			entries = append(entries, sent(t, fmt.Sprintf("f%02d", i), 0))
		}
		apply(t, r, entries...)
		other, err := records.Open(t.Context(), file.another(t))
		must(t, err)
		var mu sync.Mutex
		taken := map[string]int{}
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				for {
					files, err := []*records.Records{r, other}[i%2].FilesWaiting(t.Context(), now, 3)
					if bot.CodeOf(err) == bot.Unavailable { // the machine is busy
						continue
					}
					if err != nil {
						t.Error(err)
					}
					if len(files) == 0 {
						return
					}
					mu.Lock()
					for _, f := range files {
						taken[f.ID]++
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		for id, n := range taken {
			if n != 1 {
				t.Errorf("%s was given out %d times", id, n)
			}
		}
		if len(taken) != 60 {
			t.Errorf("%d files were given out, want 60", len(taken))
		}
	})
}

func TestFileFaults(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		r, file := open(t)
		calls := map[string]func(context.Context) error{
			"waiting":  func(ctx context.Context) error { return last(r.FilesWaiting(ctx, now, 1)) },
			"read":     func(ctx context.Context) error { return last(r.FileOf(ctx, "f1")) },
			"kept":     func(ctx context.Context) error { return r.FileKept(ctx, "f1", "", 0, "") },
			"lost":     func(ctx context.Context) error { return r.FileLost(ctx, "f1", "") },
			"again":    func(ctx context.Context) error { return r.FileAgain(ctx, "f1", now) },
			"export":   func(ctx context.Context) error { return r.EachFile(ctx, func(bot.KeptFile) error { return nil }) },
			"links":    func(ctx context.Context) error { return r.EachLink(ctx, func(bot.Link) error { return nil }) },
			"channels": func(ctx context.Context) error { return last(r.Identities(ctx, "w")) },
		}
		must(t, file.Close())
		for name, call := range calls {
			if err := call(t.Context()); bot.CodeOf(err) != bot.Unavailable {
				t.Errorf("%s of a closed file: got %v, want code %s", name, err, bot.Unavailable)
			}
		}
	})
}
