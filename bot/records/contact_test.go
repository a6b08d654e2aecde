package records_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"yilu/bot"
)

type contactRow struct {
	Reachable               bool
	Since, Changed, SceneAt int64
	Scene                   string
}

func contactOf(t *testing.T, file *store, who bot.Identity) (c contactRow) {
	t.Helper()
	must(t, file.Read.QueryRow("SELECT reachable, since, changed, scene, scene_at FROM contact WHERE channel = $1 AND user_id = $2", who.Channel, who.User).
		Scan(&c.Reachable, &c.Since, &c.Changed, &c.Scene, &c.SceneAt))
	return c
}

// An older note never overwrites a newer one, in whatever order they are applied, and nobody becomes a worker by
// following an account.
func TestNoteContact(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		at := func(s int) int64 { return now.Add(time.Duration(s) * time.Second).UnixMilli() }
		notes := []bot.Entry{
			entry(t, "1", 1, bot.NoteContact{Reachable: true, Scene: "stop-1"}),
			entry(t, "2", 2, bot.NoteContact{Reachable: false}),
			entry(t, "3", 3, bot.NoteContact{Reachable: true, Scene: "stop-2"}),
			entry(t, "4", 4, bot.NoteContact{Reachable: false}),
		}
		want := contactRow{Reachable: false, Since: at(1), Changed: at(4), Scene: "stop-2", SceneAt: at(3)}
		r, file := open(t)
		for n, order := range permutations(len(notes)) {
			who := bot.Identity{Channel: "wechat", User: fmt.Sprint(n)}
			for _, i := range order {
				note := notes[i]
				note.ID, note.From = fmt.Sprintf("%d-%d", n, i), who
				apply(t, r, note)
			}
			if got := contactOf(t, file, who); got != want {
				t.Errorf("in the order %v: got %+v, want %+v", order, got, want)
			}
			if _, err := r.Worker(t.Context(), who.Worker()); bot.CodeOf(err) != bot.NotFound {
				t.Fatalf("got %v, want no worker", err)
			}
		}
	})
}

func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{{}}
	}
	var list [][]int
	for _, p := range permutations(n - 1) {
		for i := range n {
			list = append(list, slices.Insert(slices.Clone(p), i, n-1))
		}
	}
	return list
}

// A pass belongs to the ledger; one that comes here is a fault of ours, and holds up nothing else.
func TestPassIsNotForTheRecords(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		r, _ := open(t)
		applied, err := r.Apply(t.Context(), []bot.Entry{
			entry(t, "1", 1, bot.MakePass{Hash: "h", Till: now}),
			entry(t, "2", 2, bot.NoteContact{Reachable: true}),
		})
		if bot.CodeOf(err) != bot.Internal || !slices.Equal(applied, []string{"2"}) {
			t.Fatalf("got %v, %v, want the second one applied and code %s", applied, err, bot.Internal)
		}
	})
}
