package evidence_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"yilu/bot"
	"yilu/bot/evidence"
)

// A channel that hangs, however many of its files do, holds up no other channel's files at all, and its own only until
// it hangs no more.
func TestFetchHangs(t *testing.T) {
	var up atomic.Bool
	hangs := func(ctx context.Context, ref string) (bot.Media, error) {
		if up.Load() {
			return source(amr)(ctx, ref)
		}
		if strings.HasSuffix(ref, "1") {
			<-ctx.Done()
			return bot.Media{}, ctx.Err()
		}
		in, _ := io.Pipe() // nothing ever comes
		return bot.Media{Body: in, Size: -1}, nil
	}
	bubble(t, map[string]evidence.Source{"wechat": hangs, "telegram": source(amr)}, func(t *testing.T, b *bench) {
		const many = 250
		for i := range many {
			b.send(t, "wechat", fmt.Sprintf("f%d", i))
		}
		b.send(t, "telegram", "g1") // due at the same time, behind them
		b.start(t)
		synctest.Wait()
		b.wantKept(t, "g1", amr, "audio/amr")
		b.send(t, "telegram", "g2", "g3", "g4")
		b.Nudge()
		synctest.Wait()
		for _, id := range []string{"g2", "g3", "g4"} {
			b.wantKept(t, id, amr, "audio/amr")
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		tried := 0
		for i := range many {
			f := b.of(t, fmt.Sprintf("f%d", i))
			if f.State != bot.FileWaits {
				t.Errorf("f%d: got %s, want it to wait", i, f.State)
			}
			tried += f.Tries
		}
		if tried < 20 || tried > 30 {
			t.Errorf("%d tries in an hour, want two every five minutes", tried)
		}
		up.Store(true)
		time.Sleep(time.Hour)
		synctest.Wait()
		for i := range many {
			b.wantKept(t, fmt.Sprintf("f%d", i), amr, "audio/amr")
		}
		up.Store(false)
		b.send(t, "wechat", "h1", "h2", "h3")
		b.Nudge()
		synctest.Wait()
		b.stop() // while two hang again, and one waits behind them
		up.Store(true)
		b.start(t)
		synctest.Wait()
		for _, id := range []string{"h1", "h2", "h3"} {
			b.wantKept(t, id, amr, "audio/amr") // at once
		}
		b.stop()
	})
}

// Two processes on one data folder fetch everything, each file once, two at a time of a channel each.
func TestTwoFetchers(t *testing.T) {
	const files = 30
	var mu sync.Mutex
	fetched, now, most := map[string]int{}, 0, 0
	slow := func(ctx context.Context, ref string) (bot.Media, error) {
		mu.Lock()
		fetched[ref]++
		now++
		most = max(most, now)
		mu.Unlock()
		time.Sleep(time.Second)
		mu.Lock()
		now--
		mu.Unlock()
		return source(amr)(ctx, ref)
	}
	sources := map[string]evidence.Source{"wechat": slow}
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		one, two := open(t, dir, sources), open(t, dir, sources)
		defer one.file.Close()
		defer two.file.Close()
		for i := range files {
			one.send(t, "wechat", fmt.Sprintf("f%d", i))
		}
		one.start(t)
		two.start(t)
		time.Sleep(time.Minute)
		synctest.Wait()
		one.stop()
		two.stop()
		for i := range files {
			one.wantKept(t, fmt.Sprintf("f%d", i), amr, "audio/amr")
		}
		for ref, n := range fetched {
			if n != 1 {
				t.Errorf("%s was fetched %d times", ref, n)
			}
		}
		if most > 4 {
			t.Errorf("%d at once, want at most two in each", most)
		}
	})
}

// Two processes never have the same file under way at once, however long those before it in the line hang.
func TestTwoFetchersHang(t *testing.T) {
	var mu sync.Mutex
	under := map[string]bool{}
	hangs := func(ctx context.Context, ref string) (bot.Media, error) {
		mu.Lock()
		if under[ref] {
			t.Errorf("%s is fetched twice at once", ref)
		}
		under[ref] = true
		mu.Unlock()
		<-ctx.Done()
		mu.Lock()
		delete(under, ref)
		mu.Unlock()
		return bot.Media{}, ctx.Err()
	}
	sources := map[string]evidence.Source{"wechat": hangs}
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		one, two := open(t, dir, sources), open(t, dir, sources)
		defer one.file.Close()
		defer two.file.Close()
		for i := range 40 {
			one.send(t, "wechat", fmt.Sprintf("f%d", i))
		}
		one.start(t)
		synctest.Wait() // it takes them all
		two.start(t)
		time.Sleep(2 * time.Hour)
		one.stop()
		two.stop()
		tried := 0
		for i := range 40 {
			tried += one.of(t, fmt.Sprintf("f%d", i)).Tries
		}
		if tried < 40 {
			t.Errorf("%d tries in two hours", tried)
		}
	})
}
