package ledger_test

import (
	"crypto/rand"
	"testing"

	"github.com/alicebob/miniredis/v2"

	"yilu/bot/ledger"
	"yilu/bot/ledger/ledgertest"
	"yilu/bot/storetest"
)

// suite runs both suites on a Redis, in whatever form it stands; each check has keys of its own.
func suite(t *testing.T, url string) {
	t.Run("one", func(t *testing.T) {
		ledgertest.Suite(t, func(t *testing.T) ledger.Ledger { return openRedis(t, url) })
	})
	t.Run("nothing held", func(t *testing.T) {
		ledgertest.Suite(t, func(t *testing.T) ledger.Ledger {
			return openRedisWith(t, ledger.RedisOptions{URL: url, Prefix: rand.Text() + ":", Sessions: -1, AnswerIn: patience})
		})
	})
	t.Run("two", func(t *testing.T) {
		ledgertest.Shared(t, func(t *testing.T) (one, other ledger.Ledger) {
			o := ledger.RedisOptions{URL: url, Prefix: rand.Text() + ":", AnswerIn: patience}
			return openRedisWith(t, o), openRedisWith(t, o)
		})
	})
	t.Run("few held", func(t *testing.T) { // each pushes the others out
		ledgertest.Shared(t, func(t *testing.T) (one, other ledger.Ledger) {
			o := ledger.RedisOptions{URL: url, Prefix: rand.Text() + ":", Sessions: 1, AnswerIn: patience}
			return openRedisWith(t, o), openRedisWith(t, o)
		})
	})
}

func TestRedisSuite(t *testing.T) {
	// Not parallel: it fills the machine, and others measure time on it.
	suite(t, storetest.RedisFor(t, storetest.RedisOptions{}).URL())
}

// TestMiniredisSuite runs where there is no redis-server, too.
func TestMiniredisSuite(t *testing.T) {
	// Not parallel: it fills the machine, and others measure time on it.
	suite(t, "redis://"+miniredis.RunT(t).Addr())
}

func TestClusterSuite(t *testing.T) {
	// Not parallel: it fills the machine, and others measure time on it.
	suite(t, storetest.ClusterFor(t).URL())
}

func TestSentinelSuite(t *testing.T) {
	// Not parallel: it fills the machine, and others measure time on it.
	suite(t, storetest.SentinelFor(t).URL())
}

// The data file passes with two handles what Redis does.
func TestEmbeddedShared(t *testing.T) {
	t.Parallel()
	ledgertest.Shared(t, func(t *testing.T) (one, other ledger.Ledger) {
		path := t.TempDir() + "/yilu.db"
		return open(t, path), open(t, path)
	})
}
