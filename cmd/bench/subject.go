package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"

	"github.com/redis/go-redis/v9"

	"yilu/bot"
	"yilu/bot/storetest"
)

// subject is one of what is compared.
type subject struct {
	Name  string // for flags and JSON
	Title string // for people
	kind  string
	talks bool // it is Yilu: its answers are those of the dialogues

	onRedis, onPostgres bool

	child    *child
	redis    *storetest.Redis
	postgres *storetest.Postgres
	role     role
}

// The subjects, in the order in which they take turns.
func allSubjects() []*subject {
	return []*subject{
		{Name: "embedded", Title: "Yilu, embedded file", kind: yiluServer, talks: true},
		{Name: "redis", Title: "Yilu, Redis", kind: yiluServer, onRedis: true, talks: true},
		{Name: "postgres", Title: "Yilu, Redis and PostgreSQL", kind: yiluServer, onRedis: true, onPostgres: true, talks: true},
		{Name: "floor", Title: "floor", kind: floorPlain, onRedis: true},
		{Name: "floor-batched", Title: "floor, batched", kind: floorBatched, onRedis: true},
	}
}

// chosen are the subjects by their names.
func chosen(names []string) ([]*subject, error) {
	var out []*subject
	for _, s := range allSubjects() {
		if len(names) == 0 || slices.Contains(names, s.Name) {
			out = append(out, s)
		}
	}
	if len(out) == 0 || len(names) > len(out) {
		return nil, bot.Errorf(bot.Invalid, "choose subjects", "there are embedded, redis, postgres, floor and floor-batched")
	}
	return out, nil
}

// open starts the subject's processes in a folder of their own.
func (s *subject) open(b *bench, c channel, part string) error {
	dir := filepath.Join(b.dir, part+"-"+c.name+"-"+s.Name)
	if err := makeFolder(dir); err != nil {
		return err
	}
	settings := c.settings(b.telegram.URL)
	s.role = role{Kind: s.kind, Data: dir, Settings: settings, Profile: true, Value: b.flags.Value, Reply: b.reply[c.name], Pool: b.flags.Pool}
	if s.onRedis {
		var err error
		if s.redis, err = storetest.StartRedis(filepath.Join(dir, "redis"), storetest.RedisOptions{AppendOnly: b.flags.Appendonly}); err != nil {
			return err
		}
		s.role.Redis = s.redis.URL()
		settings["YILU_REDIS_URL"] = s.redis.URL()
	}
	if s.onPostgres {
		var err error
		if s.postgres, err = storetest.StartPostgres(filepath.Join(dir, "postgres")); err != nil {
			return err
		}
		settings["YILU_DATABASE_URL"] = s.postgres.URL()
	}
	return s.restart(b.dir)
}

// restart starts the server, anew if it runs.
func (s *subject) restart(dir string) (err error) {
	if s.child != nil {
		if err := s.child.stop(); err != nil {
			return s.child.failed("it did not stop in order")
		}
	}
	s.child, err = start(dir, filepath.Base(s.role.Data), s.role)
	return err
}

// close ends the subject's processes.
func (s *subject) close() (err error) {
	if s.child != nil {
		if err = s.child.stop(); err != nil {
			err = s.child.failed("it did not stop in order")
		}
		s.child = nil
	}
	if s.redis != nil {
		if stopped := s.redis.Stop(); err == nil {
			err = stopped
		}
		s.redis = nil
	}
	if s.postgres != nil {
		if stopped := s.postgres.Stop(); err == nil {
			err = stopped
		}
		s.postgres = nil
	}
	return err
}

// client is one to look at the subject's Redis with.
func (s *subject) client() *redis.Client {
	return redis.NewClient(&redis.Options{Addr: s.redis.Addr()})
}

// elsewhere reports that a Yilu keeps its data in another place than the subject's name says.
func (s *subject) elsewhere(ctx context.Context) (bool, error) {
	if !s.talks || !s.onRedis {
		return false, nil
	}
	client := s.client()
	defer client.Close()
	n, err := client.DBSize(ctx).Result()
	if err != nil || n == 0 {
		return true, err
	}
	_, err = os.Stat(filepath.Join(s.role.Data, "yilu.db"))
	return s.onPostgres && err == nil, nil
}
