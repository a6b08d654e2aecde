package records_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"yilu/bot"
)

func TestUnlink(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		r, file := open(t)
		apply(t, r, twoLives(t)...)
		apply(t, r, link(t, "l1", 20, bella, anna))
		joined := workerOf(t, r, anna.Worker())
		apply(t, r, by(t, anna, "u1", 21, bot.UnlinkIdentity{Identity: bella}))
		whole(t, file)
		if got := workerOf(t, r, anna.Worker()); !reflect.DeepEqual(got, joined) {
			t.Errorf("who stays: got %+v\nwant %+v", got, joined)
		}
		want := bot.Worker{ID: bella.Worker(), From: bella, Lang: "zh-CN", Since: now.Add(21 * time.Second), Modified: now.Add(21 * time.Second)}
		if got := workerOf(t, r, bella.Worker()); !reflect.DeepEqual(got, want) {
			t.Errorf("who went: got %+v\nwant %+v", got, want)
		}
		if !slices.Equal(channels(t, r, anna.Worker()), []bot.Identity{anna}) || !slices.Equal(channels(t, r, bella.Worker()), []bot.Identity{bella}) {
			t.Error("the channels are not apart")
		}
		log := every(t, r.EachLink)
		if len(log) != 2 || !reflect.DeepEqual(log[1], bot.Link{ID: "u1", At: now.Add(21 * time.Second), What: bot.LinkParted, Who: bella, From: anna.Worker(), Into: bella.Worker()}) {
			t.Errorf("log: got %+v", log)
		}

		// Each goes on by itself, a link from before the parting comes too late, and a new one joins them again.
		apply(t, r, by(t, bella, "b20", 22, bot.SaveWorker{Home: "漳州"}), link(t, "l0", 19, bella, anna))
		if w := workerOf(t, r, anna.Worker()); w.Home != "" || len(every(t, r.EachWorker)) != 2 {
			t.Errorf("after parting: got %+v", w)
		}
		want2 := dump(t, file)
		apply(t, r, by(t, anna, "u1", 21, bot.UnlinkIdentity{Identity: bella}))
		if got := dump(t, file); got != want2 {
			t.Errorf("unlinked again:\n%s\nwant\n%s", got, want2)
		}
		apply(t, r, link(t, "l2", 30, bella, anna))
		whole(t, file)
		if w := workerOf(t, r, bella.Worker()); w.ID != anna.Worker() || w.Home != "漳州" {
			t.Errorf("joined again: got %+v", w)
		}
	})
}

// A parting that comes late does not undo a newer link, although that link changed nothing when it came.
func TestUnlinkComesLate(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		r, file := open(t)
		apply(t, r, twoLives(t)...)
		apply(t, r, link(t, "l1", 20, bella, anna), link(t, "l2", 40, bella, anna), by(t, anna, "u1", 30, bot.UnlinkIdentity{Identity: bella}))
		whole(t, file)
		if len(channels(t, r, anna.Worker())) != 2 {
			t.Error("a newer link was undone by an older parting")
		}
	})
}

func TestUnlinkOfOthers(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		r, file := open(t)
		apply(t, r, twoLives(t)...)
		apply(t, r, by(t, dora, "d1", 1, bot.SaveWorker{Home: "漳州"}))
		apply(t, r, link(t, "l1", 20, bella, anna))
		quiet := func(what string, e bot.Entry) {
			t.Helper()
			links := len(every(t, r.EachLink))
			apply(t, r, e)
			if len(channels(t, r, anna.Worker())) != 2 || len(every(t, r.EachLink)) != links || len(every(t, r.EachWorker)) != 2 {
				t.Errorf("%s changed something", what)
			}
			whole(t, file)
		}
		quiet("somebody else", by(t, dora, "u1", 21, bot.UnlinkIdentity{Identity: bella}))
		quiet("somebody who is alone", by(t, dora, "u2", 21, bot.UnlinkIdentity{Identity: dora}))
		quiet("somebody unknown", by(t, dora, "u3", 21, bot.UnlinkIdentity{Identity: chen}))

		// In a chain the middle one can go: the id is another's.
		apply(t, r, link(t, "l2", 30, anna, dora), by(t, dora, "u5", 31, bot.UnlinkIdentity{Identity: anna}))
		whole(t, file)
		if !slices.Equal(channels(t, r, anna.Worker()), []bot.Identity{anna}) || len(channels(t, r, dora.Worker())) != 2 || workerOf(t, r, bella.Worker()).ID != dora.Worker() {
			t.Error("the chain is not parted as asked")
		}
	})
}

// The identity from which the worker's id is made can go too: the others keep everything, under an id of their own.
func TestUnlinkOfFirst(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		for _, from := range []bot.Identity{anna, bella} {
			r, file := open(t)
			apply(t, r, twoLives(t)...)
			apply(t, r, link(t, "l1", 20, bella, anna))
			want := workerOf(t, r, anna.Worker())
			apply(t, r, by(t, from, "u1", 21, bot.UnlinkIdentity{Identity: anna}))
			whole(t, file)
			want.ID, want.From, want.Modified = bella.Worker(), bella, now.Add(21*time.Second)
			if got := workerOf(t, r, bella.Worker()); !reflect.DeepEqual(got, want) {
				t.Errorf("who stays: got %+v\nwant %+v", got, want)
			}
			if got := workerOf(t, r, anna.Worker()); got.ID != anna.Worker() || !got.Name.IsZero() || got.Lang != "zh-CN" {
				t.Errorf("who went: got %+v", got)
			}
			if !slices.Equal(channels(t, r, anna.Worker()), []bot.Identity{anna}) || !slices.Equal(channels(t, r, bella.Worker()), []bot.Identity{bella}) {
				t.Error("the channels are not apart")
			}
			if list, err := r.Applications(t.Context(), bella.Worker()); err != nil || len(list) != 3 {
				t.Errorf("applications: got %v, %v, want all three", list, err)
			}
			log := every(t, r.EachLink)
			if len(log) != 2 || log[1].From != bella.Worker() || log[1].Into != anna.Worker() || len(log[1].Applications) != 5 {
				t.Errorf("log: got %+v", log)
			}
			apply(t, r, link(t, "l3", 30, anna, bella)) // and back
			whole(t, file)
			if len(every(t, r.EachWorker)) != 1 {
				t.Error("they are not joined again")
			}
			must(t, file.Close())
		}
	})
}
