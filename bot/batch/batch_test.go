package batch_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"yilu/bot"
	"yilu/bot/batch"
)

// write is what somebody wants written who leads as all stores do.
func write(ctx context.Context, q *batch.Queue[int], n int, do func([]int) error) error {
	s := batch.NewSpot(n)
	switch lead, left := q.Await(ctx, s); {
	case left:
		return ctx.Err()
	case !lead:
		return s.Err
	}
	defer q.Pass()
	others := q.Take()
	defer func() {
		for _, o := range others {
			o.End()
		}
	}()
	all := []int{n}
	for _, o := range others {
		all = append(all, o.What)
	}
	err := do(all)
	for _, o := range others {
		o.Err = err
	}
	return err
}

// TestEverybodyIsWrittenOnce holds that of many who come at once each is written exactly once, at most batch.Most
// together and never two at a time, and that somebody always leads as long as anybody waits.
func TestEverybodyIsWrittenOnce(t *testing.T) {
	t.Parallel()
	var q batch.Queue[int]
	var mu sync.Mutex
	var wait sync.WaitGroup
	times := map[int]int{}
	fault := errors.New("odd")
	for n := range 1000 {
		wait.Go(func() {
			err := write(t.Context(), &q, n, func(all []int) error {
				if !mu.TryLock() {
					t.Error("two lead at a time")
					return nil
				}
				defer mu.Unlock()
				if len(all) > batch.Most {
					t.Errorf("%d together", len(all))
				}
				for _, n := range all {
					times[n]++
				}
				return fault
			})
			if err != fault {
				t.Errorf("%d was told %v", n, err)
			}
		})
	}
	wait.Wait()
	for n := range 1000 {
		if times[n] != 1 {
			t.Errorf("%d was written %d times", n, times[n])
		}
	}
}

// TestLeaving holds that who leaves the line has nothing written, and that the line goes on.
func TestLeaving(t *testing.T) {
	t.Parallel()
	var q batch.Queue[int]
	first := batch.NewSpot(1)
	if lead, _ := q.Await(t.Context(), first); !lead {
		t.Fatal("nobody leads")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if lead, left := q.Await(ended, batch.NewSpot(2)); lead || !left {
		t.Errorf("lead %v, left %v, want to have left", lead, left)
	}
	if taken := q.Take(); len(taken) != 0 {
		t.Errorf("%d are in the line", len(taken))
	}
	q.Pass()
	if err := write(t.Context(), &q, 3, func(all []int) error { return nil }); err != nil {
		t.Error(err)
	}
}

// TestBrokenLead holds that a leader that panics leaves nobody waiting: those with it are told that the end is not known,
// those behind it go on.
func TestBrokenLead(t *testing.T) {
	t.Parallel()
	var q batch.Queue[int]
	if lead, _ := q.Await(t.Context(), batch.NewSpot(0)); !lead {
		t.Fatal("nobody leads")
	}
	const n = batch.Most + 10
	told := make(chan error, n)
	broken := make(chan any, n)
	for i := range n {
		go func() {
			defer func() { broken <- recover() }()
			told <- write(t.Context(), &q, i, func([]int) error { panic("odd") })
		}()
	}
	q.Pass()
	unknown, panicked := 0, 0
	for range n {
		if <-broken != nil {
			panicked++
			continue
		}
		if err := <-told; bot.CodeOf(err) != bot.Internal {
			t.Errorf("told %v", err)
		}
		unknown++
	}
	if panicked == 0 || unknown+panicked != n {
		t.Errorf("%d broke, %d were told so, of %d", panicked, unknown, n)
	}
	if err := write(t.Context(), &q, 3, func([]int) error { return nil }); err != nil {
		t.Error(err)
	}
}

// TestGive holds that all who wait are told at once where the store does not answer.
func TestGive(t *testing.T) {
	t.Parallel()
	var q batch.Queue[int]
	if lead, _ := q.Await(t.Context(), batch.NewSpot(0)); !lead {
		t.Fatal("nobody leads")
	}
	away := errors.New("away")
	var wait sync.WaitGroup
	for i := range 200 {
		wait.Go(func() {
			// Whoever comes after the others were told leads, and says the same.
			if err := write(t.Context(), &q, i, func([]int) error { return away }); err != away {
				t.Errorf("told %v", err)
			}
		})
	}
	q.Give(away)
	q.Pass()
	wait.Wait()
}
