package engine_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"yilu/bot/datafile"
	"yilu/bot/ledger"
	"yilu/bot/storetest"
)

// redisURL makes every test of this package run on that Redis instead of the embedded ledger.
const redisURL = "YILU_TEST_REDIS_URL"

// openLedger opens the ledger of a folder. Two that are open at once are what two processes have: on Redis each holds
// its own sessions.
func openLedger(t testing.TB, dir string) ledger.Ledger {
	t.Helper()
	if url := os.Getenv(redisURL); url != "" {
		name := sha256.Sum256([]byte(dir))
		r, err := ledger.NewRedis(t.Context(), ledger.RedisOptions{URL: url, Prefix: hex.EncodeToString(name[:8]) + ":", AnswerIn: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = r.Close() })
		return r
	}
	file, err := datafile.Open(filepath.Join(dir, "yilu.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	led, err := ledger.NewEmbedded(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	return led
}

// handle is the ledger for one more engine.
func (b *bench) handle() ledger.Ledger {
	if _, ok := b.ledger.(*ledger.Redis); ok {
		return openLedger(b.t, b.dir)
	}
	return b.ledger // one that was opened, or one that fails as a test wants it to
}

// TestOnRedis runs all tests of this package once more, each engine with a ledger of its own on one Redis. What a turn
// promises does not depend on the store.
func TestOnRedis(t *testing.T) {
	t.Parallel()
	if os.Getenv(redisURL) != "" {
		return
	}
	for name, url := range map[string]func(t *testing.T) string{
		"server":   func(t *testing.T) string { return storetest.RedisFor(t, storetest.RedisOptions{}).URL() },
		"stand-in": func(t *testing.T) string { return "redis://" + miniredis.RunT(t).Addr() }, // where there is no server
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(os.Args[0], "-test.timeout=5m", "-test.short")
			cmd.Env = append(os.Environ(), redisURL+"="+url(t))
			if out, err := cmd.CombinedOutput(); err != nil {
				lines := strings.Split(string(out), "\n")
				t.Errorf("%v\n%s", err, strings.Join(lines[max(0, len(lines)-60):], "\n"))
			}
		})
	}
}
