package wechat_test

import (
	"strconv"
	"testing"
	"time"

	"yilu/adapters/wechat"
)

// TestRecent holds the memory to its two bounds, time and number, over a long run.
func TestRecent(t *testing.T) {
	t.Parallel()
	r := wechat.NewRecent(100, time.Minute)
	for i, step := range []struct {
		key  string
		at   time.Duration
		want int
	}{
		{"a", 0, 1}, {"a", 0, 2}, {"b", 30 * time.Second, 1}, {"a", time.Minute, 3},
		{"a", time.Minute + 1, 1}, // from when it came first
		{"b", time.Minute + 1, 2},
		{"b", 90*time.Second + 1, 1},
		{"a", 0, 2}, // the clock was set back
	} {
		if got := r.Count(step.key, now.Add(step.at)); got != step.want {
			t.Errorf("step %d: %d, want %d", i, got, step.want)
		}
	}
	for i := range 10_000 {
		r.Count(strconv.Itoa(i), now.Add(2*time.Minute))
		if kept, room := r.Len(); kept > 100 || room > 201 {
			t.Fatalf("after %d: %d are kept in the room of %d", i, kept, room)
		}
	}
	if r.Count("9999", now.Add(2*time.Minute)) != 2 || r.Count("9900", now.Add(2*time.Minute)) != 2 || r.Count("9899", now.Add(2*time.Minute)) != 1 {
		t.Error("not the oldest went")
	}
	r.Count("x", now.Add(time.Hour))
	if kept, room := r.Len(); kept != 1 || room > 2 {
		t.Errorf("an hour later %d are kept in the room of %d", kept, room)
	}
}
