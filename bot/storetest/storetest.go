// Package storetest starts private Redis and PostgreSQL servers, for tests, rehearsals and measurements: alone, as a
// Redis cluster, under Sentinel, or behind a Proxy that loses replies. They listen on the loopback on a free port, keep
// everything in the folder that they are given, and can be killed, paused and started again on the same port. On Linux
// they die with the process that started them, however it ends; elsewhere a test that is killed leaves them behind.
//
// They are for throwing away: nobody needs a password, and what they keep is as safe as the folder. What is measured on
// them holds for one machine without a network.
package storetest

import (
	"os"
	"testing"

	"yilu/bot"
)

// RedisFor starts a Redis that ends with the test. Where there is none installed the test is skipped, or fails if the
// environment says CI=true; so do the others.
func RedisFor(t testing.TB, o RedisOptions) *Redis {
	t.Helper()
	return started(t, func() (*Redis, error) { return StartRedis(t.TempDir(), o) }, (*Redis).Kill)
}

// SentinelFor starts a master, its replica and three sentinels that end with the test.
func SentinelFor(t testing.TB) *Sentinel {
	t.Helper()
	return started(t, func() (*Sentinel, error) { return StartSentinel(t.TempDir()) }, (*Sentinel).Stop)
}

// ClusterFor starts a cluster of three masters that ends with the test.
func ClusterFor(t testing.TB) *Cluster {
	t.Helper()
	return started(t, func() (*Cluster, error) { return StartCluster(t.TempDir(), 3) }, (*Cluster).Stop)
}

// PrivatePostgresFor starts a PostgreSQL that this test may kill and pause; it ends with the test.
func PrivatePostgresFor(t testing.TB) *Postgres {
	t.Helper()
	return started(t, func() (*Postgres, error) { return StartPostgres(t.TempDir()) }, (*Postgres).Kill)
}

// ProxyFor starts a proxy that ends with the test.
func ProxyFor(t testing.TB, target string) *Proxy {
	t.Helper()
	return started(t, func() (*Proxy, error) { return NewProxy(target) }, (*Proxy).Close)
}

func started[T any](t testing.TB, start func() (T, error), end func(T) error) T {
	t.Helper()
	one, err := start()
	if bot.CodeOf(err) == bot.Off && os.Getenv("CI") != "true" {
		t.Skipf("left out: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := end(one); err != nil {
			t.Error(err)
		}
	})
	return one
}
