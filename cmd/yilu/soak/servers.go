package soak

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"yilu/bot/storetest"
)

// The faults of Redis and of PostgreSQL.
var (
	redisFaults = []string{
		"redis-kill", "redis-restart", "redis-hang", "redis-slow", "redis-cut", "redis-refuse", "redis-swallow", redisFlush, redisRollback,
	}
	postgresFaults = []string{
		"postgres-kill", "postgres-restart", "postgres-hang", "postgres-slow", "postgres-cut", "postgres-refuse", "postgres-swallow", "postgres-readonly",
	}
)

// The faults that lose something however Redis is set.
const (
	redisFlush    = "redis-flush"
	redisRollback = "redis-rollback"
)

// loses reports that a fault may lose what was acknowledged.
func loses(fault, durability string) bool {
	switch fault {
	case redisFlush, redisRollback:
		return true
	case "redis-kill":
		return durability != "always"
	case "redis-restart":
		return durability == "none"
	}
	return false
}

// servers are a Redis and, where it is asked for, a PostgreSQL, each behind a proxy.
type servers struct {
	Options
	redis         *storetest.Redis
	postgres      *storetest.Postgres
	redisProxy    *storetest.Proxy
	postgresProxy *storetest.Proxy
}

func openServers(o Options) (s *servers, err error) {
	s = &servers{Options: o}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	setting := storetest.RedisOptions{AppendOnly: o.Durability}
	if o.Durability == "none" {
		setting.AppendOnly = ""
	}
	if s.redis, err = storetest.StartRedis(filepath.Join(o.Folder, "redis"), setting); err != nil {
		return nil, err
	}
	if s.redisProxy, err = storetest.NewProxy(s.redis.Addr()); err != nil {
		return nil, err
	}
	if o.Store == "redis" {
		return s, nil
	}
	if s.postgres, err = storetest.StartPostgres(filepath.Join(o.Folder, "postgres")); err != nil {
		return nil, err
	}
	s.postgresProxy, err = storetest.NewProxy(s.postgres.Addr())
	return s, err
}

func (s *servers) settings() []string {
	list := []string{"YILU_REDIS_URL=redis://" + s.redisProxy.Addr()}
	if s.postgres != nil {
		at, err := url.Parse(s.postgres.URL())
		if err != nil {
			panic(err) // it is ours
		}
		at.Host = s.postgresProxy.Addr()
		list = append(list, "YILU_DATABASE_URL="+at.String())
	}
	return list
}

func (s *servers) exact(faults []string) bool {
	return !slices.ContainsFunc(faults, func(name string) bool { return loses(name, s.Durability) })
}

func (s *servers) describe() string {
	kept := "appendfsync " + s.Durability
	if s.Durability == "none" {
		kept = "nothing kept on the disk"
	}
	if s.postgres == nil {
		return "Redis (" + kept + ") and the embedded file for the records"
	}
	return "Redis (" + kept + ") and PostgreSQL"
}

func (s *servers) close() {
	for _, p := range []*storetest.Proxy{s.redisProxy, s.postgresProxy} {
		if p != nil {
			_ = p.Close()
		}
	}
	if s.redis != nil {
		_ = s.redis.Kill()
	}
	if s.postgres != nil {
		_ = s.postgres.Kill()
	}
}

// server is what a Redis and a PostgreSQL have in common.
type server interface {
	Kill() error
	Stop() error
	Start() error
	Pause() error
	Resume() error
}

func (s *servers) trouble(ctx context.Context, fault string, random *rand.Rand, last time.Duration) error {
	which, what, _ := strings.Cut(fault, "-")
	var one server = s.redis
	proxy := s.redisProxy
	if which == "postgres" {
		one, proxy = s.postgres, s.postgresProxy
	}
	if random.IntN(6) == 0 {
		last *= 4
	}
	switch what {
	case "kill":
		err := one.Kill()
		pause(ctx, last)
		return errors.Join(err, one.Start())
	case "restart":
		err := one.Stop()
		pause(ctx, last)
		return errors.Join(err, one.Start())
	case "hang":
		err := one.Pause()
		pause(ctx, last)
		return errors.Join(err, one.Resume())
	case "slow":
		delay := 5 + random.IntN(100)
		if random.IntN(4) == 0 {
			delay = 600 + random.IntN(900) // longer than Yilu waits
		}
		proxy.Delay(time.Duration(delay) * time.Millisecond)
		pause(ctx, last)
		proxy.Delay(0)
	case "cut":
		for range 1 + random.IntN(5) {
			proxy.Cut()
			pause(ctx, last/5)
		}
	case "refuse":
		proxy.Refuse(true)
		proxy.Cut()
		pause(ctx, last)
		proxy.Refuse(false)
	case "swallow":
		for range 1 + random.IntN(5) {
			proxy.SwallowReplies(1 + random.IntN(8))
			pause(ctx, last/5)
		}
		proxy.SwallowReplies(0)
	case "readonly":
		err := s.postgres.ReadOnly(true)
		pause(ctx, last)
		return errors.Join(err, s.postgres.ReadOnly(false))
	case "flush":
		_, err := s.redis.Do(ctx, "FLUSHALL")
		return err
	case "rollback":
		return s.rollback(ctx, last)
	}
	return nil
}

// rollback sets Redis back to what it held a while ago.
func (s *servers) rollback(ctx context.Context, last time.Duration) error {
	copied := filepath.Join(s.Folder, "rollback")
	defer os.RemoveAll(copied)
	name := "appendonlydir"
	if s.Durability == "none" {
		name = "dump.rdb"
		if _, err := s.redis.Do(ctx, "SAVE"); err != nil {
			return err
		}
		raw, err := os.ReadFile(filepath.Join(s.redis.Dir(), name))
		if err == nil {
			err = os.WriteFile(copied, raw, 0o600)
		}
		if err != nil {
			return err
		}
	} else if err := os.CopyFS(copied, os.DirFS(filepath.Join(s.redis.Dir(), name))); err != nil {
		return err
	}
	pause(ctx, last)
	kept := filepath.Join(s.redis.Dir(), name)
	err := errors.Join(s.redis.Kill(), os.RemoveAll(kept), os.Rename(copied, kept), s.redis.Start())
	if err == nil && s.Durability == "none" {
		err = os.Remove(kept) // or the next start would find it
	}
	if err != nil {
		return fmt.Errorf("set Redis back: %w", err)
	}
	return nil
}
