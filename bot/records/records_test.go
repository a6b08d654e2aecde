package records_test

import (
	"path/filepath"
	"sync"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/datafile"
	"yilu/bot/records"
)

var now = time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)

func openFile(t testing.TB, path string) *datafile.File {
	t.Helper()
	file, err := datafile.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return file
}

func open(t testing.TB) (*records.Records, *datafile.File) {
	t.Helper()
	file := openFile(t, filepath.Join(t.TempDir(), "yilu.db"))
	r, err := records.Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	return r, file
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestOpenTwice(t *testing.T) {
	t.Parallel()
	r, file := open(t)
	must(t, r.PutStations(t.Context(), []bot.Station{{ID: "s1", Name: "【示例】站"}}))
	again, err := records.Open(t.Context(), file)
	must(t, err)
	if empty, err := again.Empty(t.Context()); err != nil || empty {
		t.Fatalf("after the second opening: empty %v, %v, want the station kept", empty, err)
	}
	must(t, again.Ping(t.Context()))
}

func TestOpenAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "yilu.db")
	var wg sync.WaitGroup
	gate := make(chan struct{})
	for range 8 {
		file := openFile(t, path)
		wg.Go(func() {
			<-gate
			if _, err := records.Open(t.Context(), file); err != nil {
				t.Error(err)
			}
		})
	}
	close(gate)
	wg.Wait()
}

func TestEmpty(t *testing.T) {
	t.Parallel()
	for _, fill := range []func(*records.Records) error{
		nil,
		func(r *records.Records) error {
			return r.PutPosts(t.Context(), []bot.Post{{ID: "p1", State: bot.PostDraft}})
		},
		func(r *records.Records) error { return r.PutStations(t.Context(), []bot.Station{{ID: "s1"}}) },
	} {
		r, _ := open(t)
		if fill != nil {
			must(t, fill(r))
		}
		if empty, err := r.Empty(t.Context()); err != nil || empty != (fill == nil) {
			t.Errorf("got empty %v, %v, want %v", empty, err, fill == nil)
		}
	}
}
