package storetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/redis/go-redis/v9"

	"yilu/bot"
)

// MasterName is what the sentinels call their master.
const MasterName = "yilu"

// Sentinel is a master, its replica and three sentinels. A master that does not answer for a second is replaced as soon
// as two of them agree. What the old one acknowledged and had not sent on is lost then; that is how Redis replicates.
type Sentinel struct {
	nodes     []*Redis
	sentinels []*sentinel
}

// sentinel is one of the watchers.
type sentinel struct {
	Redis
	conf string
}

// StartSentinel starts them; each has a folder of its own under dir.
func StartSentinel(dir string) (*Sentinel, error) {
	s := &Sentinel{}
	if err := s.start(dir); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

func (s *Sentinel) start(dir string) error {
	for i := range 2 {
		o := RedisOptions{Args: []string{"--repl-diskless-sync-delay", "0"}}
		if i > 0 {
			o.Args = append(o.Args, "--replicaof", "127.0.0.1", fmt.Sprint(s.nodes[0].port))
		}
		one, err := StartRedis(filepath.Join(dir, fmt.Sprint("node", i)), o)
		if err != nil {
			return err
		}
		s.nodes = append(s.nodes, one)
	}
	if err := until("wait for the replica", s.replicates); err != nil {
		return err
	}
	for i := range 3 {
		if err := s.watch(filepath.Join(dir, fmt.Sprint("sentinel", i))); err != nil {
			return err
		}
	}
	return until("wait for the sentinels", func(ctx context.Context) error {
		for _, one := range s.sentinels {
			if err := one.agrees(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// replicates tells that the second node has all that the first has.
func (s *Sentinel) replicates(ctx context.Context) error {
	info, err := s.nodes[1].Do(ctx, "INFO", "replication")
	if err != nil {
		return err
	}
	if status := field(fmt.Sprint(info), "master_link_status"); status != "up" {
		return fmt.Errorf("the link to the master is %q", status)
	}
	return nil
}

// watch starts one sentinel. It keeps what it learns in its file of settings.
func (s *Sentinel) watch(dir string) error {
	path, err := find("redis-server")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return &bot.Error{Code: bot.Unavailable, Op: "start sentinel", Err: err}
	}
	return onPort(func(port int) error {
		one := &sentinel{conf: filepath.Join(dir, "sentinel.conf")}
		one.port = port
		one.process = process{name: "sentinel", path: path, dir: dir, args: []string{one.conf, "--sentinel"}}
		text := fmt.Sprintf(`bind 127.0.0.1
port %d
dir %q
sentinel monitor %[3]s 127.0.0.1 %[4]d 2
sentinel down-after-milliseconds %[3]s 1000
sentinel failover-timeout %[3]s 3000
sentinel parallel-syncs %[3]s 1
`, port, dir, MasterName, s.nodes[0].port)
		if err := os.WriteFile(one.conf, []byte(text), 0o600); err != nil {
			return &bot.Error{Code: bot.Unavailable, Op: "start sentinel", Err: err}
		}
		err := one.process.start(one.ready)
		if err == nil {
			s.sentinels = append(s.sentinels, one)
		}
		return taken(port, err)
	})
}

// agrees tells that a sentinel knows the others and the replica.
func (s *sentinel) agrees(ctx context.Context) error {
	return s.admin(ctx, func(ctx context.Context, admin *redis.Client) error {
		info, err := admin.Info(ctx, "sentinel").Result()
		if err != nil {
			return err
		}
		if line := field(info, "master0"); !strings.Contains(line, "status=ok") || !strings.HasSuffix(line, "slaves=1,sentinels=3") {
			return fmt.Errorf("a sentinel knows %q", line)
		}
		return nil
	})
}

// URL names the sentinels, separated by commas, and the master as ?master_name=.
func (s *Sentinel) URL() string {
	all := make([]string, len(s.sentinels))
	for i, one := range s.sentinels {
		all[i] = one.Addr()
	}
	return "redis://" + strings.Join(all, ",") + "/?master_name=" + MasterName
}

// Nodes are the master and the replica of the beginning.
func (s *Sentinel) Nodes() []*Redis { return s.nodes }

// Master is the node that most sentinels send clients to now.
func (s *Sentinel) Master() (*Redis, error) {
	votes := map[string]int{}
	for _, one := range s.sentinels {
		_ = one.admin(context.Background(), func(ctx context.Context, admin *redis.Client) error {
			at, err := admin.Do(ctx, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", MasterName).StringSlice()
			votes[strings.Join(at, ":")]++
			return err
		})
	}
	for _, one := range s.nodes {
		if votes[one.Addr()] >= 2 {
			return one, nil
		}
	}
	return nil, &bot.Error{Code: bot.Unavailable, Op: "ask the sentinels", Say: "they do not agree on a master"}
}

// CutOffReplica makes the replica hear nothing more of the master: what is written from now on dies with the master,
// unless back is called before. The sentinels do not notice if that is within a second.
func (s *Sentinel) CutOffReplica() (back func() error, err error) {
	master, err := s.Master()
	if err != nil {
		return nil, err
	}
	replica := s.nodes[0]
	if replica == master {
		replica = s.nodes[1]
	}
	if err := replica.Pause(); err != nil {
		return nil, err
	}
	// What was on its way to it is there already, or never comes; it cannot connect anew while it is paused.
	if _, err := master.Do(context.Background(), "CLIENT", "KILL", "TYPE", "replica"); err != nil {
		return nil, errors.Join(err, replica.Resume())
	}
	return replica.Resume, nil
}

// KillMaster kills the master that there is now, and returns it. It can be started again, and becomes a replica.
func (s *Sentinel) KillMaster() (*Redis, error) {
	one, err := s.Master()
	if err != nil {
		return nil, err
	}
	return one, one.Kill()
}

// WaitForReplica waits until one of the nodes replicates the other and has what that has. Which one that is may change on a
// machine so busy that the sentinels miss the master for a second.
func (s *Sentinel) WaitForReplica() error {
	return until("wait for the replica", func(ctx context.Context) error {
		var all error
		for _, one := range s.nodes {
			info, err := one.Do(ctx, "INFO", "replication")
			if err != nil {
				return err
			}
			text := fmt.Sprint(info)
			if field(text, "role") == "slave" && field(text, "master_link_status") == "up" {
				return nil
			}
			all = errors.Join(all, fmt.Errorf("%s is a %s, its link is %q", one.Addr(), field(text, "role"), field(text, "master_link_status")))
		}
		return all
	})
}

// Stop ends all of them, and waits.
func (s *Sentinel) Stop() error {
	var all error
	for _, one := range s.sentinels {
		all = errors.Join(all, one.Kill())
	}
	for _, one := range s.nodes {
		all = errors.Join(all, one.Kill())
	}
	return all
}
