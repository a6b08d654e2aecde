package engine_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"yilu/bot"
)

// TestBurstInOrder carries promise 2 where the platform says the order: messages that arrive together are answered in
// the platform's order, however their connections overtook each other.
func TestBurstInOrder(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			b := open(t, t.TempDir(), []bot.Dialogue{menu, form})
			b.say("a", "我要登记")
			order := rand.New(rand.NewPCG(seed, 1)).Perm(12)
			var wg sync.WaitGroup
			for _, n := range order {
				m := bot.Message{ID: fmt.Sprint("burst", n), From: bot.Identity{Channel: "test", User: "a"}, Text: fmt.Sprint("第", n, "句"), Order: bot.Order{Time: int64(n / 5), Seq: int64(n + 1)}}
				wg.Go(func() {
					if _, err := b.Turn(t.Context(), m); err != nil {
						t.Error(err)
					}
				})
				synctest.Wait() // each is there before the next one: they come in this very order
			}
			wg.Wait()
			past, err := b.History(t.Context(), bot.Identity{Channel: "test", User: "a"})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, x := range past[1:] {
				got = append(got, x.ID)
			}
			var want []string
			for n := range order {
				want = append(want, fmt.Sprint("burst", n))
			}
			if !slices.Equal(got, want) {
				t.Errorf("they came as %v and were answered as %v", order, got)
			}
		})
	}
}

// TestQueueWaitsForNobodyGone holds that a message whose sender has hung up does not hold up those behind it, and that
// one without an order is not overtaken by later ones.
func TestQueueWaitsForNobodyGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := open(t, t.TempDir(), []bot.Dialogue{menu, form})
		who := bot.Identity{Channel: "test", User: "a"}
		gone, hangUp := contextThatEnds(t)
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := b.Turn(gone, bot.Message{ID: "gone", From: who, Text: "一", Order: bot.Order{Seq: 1}}); err == nil {
				t.Error("somebody who hung up was answered")
			}
		})
		synctest.Wait()
		wg.Go(func() { _, _ = b.Turn(t.Context(), bot.Message{ID: "plain", From: who, Text: "二"}) })
		synctest.Wait()
		wg.Go(func() {
			_, _ = b.Turn(t.Context(), bot.Message{ID: "early", From: who, Text: "三", Order: bot.Order{Seq: 0, Time: 1}})
		})
		synctest.Wait()
		hangUp()
		wg.Wait()
		past, err := b.History(t.Context(), who)
		if err != nil || len(past) != 2 || past[0].ID != "plain" || past[1].ID != "early" {
			t.Errorf("answered: %v, %v", past, err)
		}
	})
}

// BenchmarkBurst sends bursts of eight messages whose connections overtake each other by up to a millisecond, and
// reports how many bursts of a hundred were answered in the platform's order.
func BenchmarkBurst(b *testing.B) {
	k := open(b, b.TempDir(), []bot.Dialogue{menu, form})
	right, bursts := 0, 0
	for b.Loop() {
		who := bot.Identity{Channel: "test", User: fmt.Sprint("w", bursts)}
		bursts++
		var wg sync.WaitGroup
		for n := range 8 {
			m := bot.Message{ID: fmt.Sprint(n), From: who, Text: "话", Order: bot.Order{Seq: int64(n + 1)}}
			late := time.Duration(rand.IntN(1000)) * time.Microsecond
			wg.Go(func() {
				<-time.After(late)
				_, _ = k.Turn(b.Context(), m)
			})
		}
		wg.Wait()
		past, err := k.History(b.Context(), who)
		if err != nil {
			b.Fatal(err)
		}
		if slices.IsSortedFunc(past, func(x, y bot.Exchange) int { return int(x.ID[0]) - int(y.ID[0]) }) {
			right++
		}
	}
	b.ReportMetric(100*float64(right)/float64(bursts), "%right")
}
