package ledger_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"yilu/bot/ledger"
)

// BenchmarkTurn measures a load and a commit: 1 kB of state, 500 B of reply, 10,000 people. An operation is one turn.
func BenchmarkTurn(b *testing.B) {
	for _, users := range []int{1, 64} {
		for _, effects := range []int{0, 1} {
			b.Run(fmt.Sprintf("users=%d/effects=%d", users, effects), func(b *testing.B) {
				l := open(b, filepath.Join(b.TempDir(), "yilu.db"))
				var wg sync.WaitGroup
				share := (b.N + users - 1) / users
				b.ResetTimer()
				for u := range users {
					wg.Go(func() { turns(b, l, u, users, share, effects) })
				}
				wg.Wait()
				b.ReportMetric(float64(share*users)/b.Elapsed().Seconds(), "turns/s")
			})
		}
	}
}

const people = 10_000

func turns(b *testing.B, l ledger.Ledger, user, users, n, effects int) {
	state, reply := bytes.Repeat([]byte("s"), 1000), bytes.Repeat([]byte("r"), 500)
	for i := range n {
		key := fmt.Sprintf("web:%d", user+users*(i*7919%(people/users)))
		message := fmt.Sprintf("message-%d-%d", user, i)
		s, err := l.Load(b.Context(), key, message, start)
		if err != nil {
			b.Error(err)
			return
		}
		c := ledger.Commit{
			Expect: s.Version, State: state, Expires: start.Add(time.Hour + time.Duration(i)*time.Millisecond),
			Turn: ledger.Turn{Message: message, Said: "said", Reply: reply, At: start},
		}
		var ids []string
		for range effects {
			c.Effects = append(c.Effects, entry(message))
			ids = append(ids, message)
		}
		if err := l.Commit(b.Context(), key, c); err != nil {
			b.Error(err)
			return
		}
		if err := l.Settle(b.Context(), key, ids); err != nil {
			b.Error(err)
			return
		}
	}
}
