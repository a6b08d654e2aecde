package records_test

import (
	"sync"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/records"
)

var now = time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestOpenTwice(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		r, file := open(t)
		must(t, r.PutStations(t.Context(), []bot.Station{{ID: "s1", Name: "【示例】站"}}))
		again, err := records.Open(t.Context(), file)
		must(t, err)
		if empty, err := again.Empty(t.Context()); err != nil || empty {
			t.Fatalf("after the second opening: empty %v, %v, want the station kept", empty, err)
		}
		must(t, again.Ping(t.Context()))
	})
}

func TestOpenAtOnce(t *testing.T) {
	t.Parallel()
	for name, empty := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first := empty(t)
			var wg sync.WaitGroup
			gate := make(chan struct{})
			for range 8 {
				s := first.another(t)
				wg.Go(func() {
					<-gate
					if _, err := records.Open(t.Context(), s); err != nil {
						t.Error(err)
					}
				})
			}
			close(gate)
			wg.Wait()
		})
	}
}

func TestEmpty(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
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
	})
}
