package storetest

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"yilu/bot"
)

// slots is how many a Redis cluster has.
const slots = 16384

// Cluster is a Redis cluster of masters without replicas. It needs Redis 7.
type Cluster struct {
	nodes []*Redis
	ids   []string // in the order of the nodes
}

// StartCluster starts a cluster; each node has a folder of its own under dir.
func StartCluster(dir string, nodes int) (*Cluster, error) {
	c := &Cluster{}
	for i := range nodes {
		err := onPort(func(bus int) error {
			one, err := StartRedis(filepath.Join(dir, fmt.Sprint("node", i)), RedisOptions{Args: []string{
				"--cluster-enabled", "yes", "--cluster-port", fmt.Sprint(bus), "--cluster-node-timeout", "2000",
				"--cluster-config-file", "nodes.conf",
			}})
			if err == nil {
				c.nodes = append(c.nodes, one)
			}
			return taken(bus, err)
		})
		if err != nil {
			return nil, errors.Join(err, c.Stop())
		}
	}
	if err := c.join(); err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	return c, nil
}

// join makes the nodes know each other, gives each its share of the slots, and waits until all agree.
func (c *Cluster) join() error {
	const op = "join redis cluster"
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	for i, one := range c.nodes {
		from, to := i*slots/len(c.nodes), (i+1)*slots/len(c.nodes)-1
		id, err := one.Do(ctx, "CLUSTER", "MYID")
		if err == nil {
			c.ids = append(c.ids, fmt.Sprint(id))
			_, err = one.Do(ctx, "CLUSTER", "ADDSLOTSRANGE", from, to)
		}
		if err == nil && i > 0 {
			// Each begins with an epoch of its own, so that they need not argue about it.
			if _, err = one.Do(ctx, "CLUSTER", "SET-CONFIG-EPOCH", i+1); err == nil {
				err = c.meet(ctx, one)
			}
		}
		if err != nil {
			return &bot.Error{Code: bot.Unavailable, Op: op, Err: err}
		}
	}
	return until(op, func(ctx context.Context) error {
		for _, one := range c.nodes {
			info, err := one.Do(ctx, "CLUSTER", "INFO")
			if err != nil {
				return err
			}
			text := fmt.Sprint(info)
			if field(text, "cluster_state") != "ok" || field(text, "cluster_known_nodes") != fmt.Sprint(len(c.nodes)) ||
				field(text, "cluster_slots_ok") != fmt.Sprint(slots) {
				return fmt.Errorf("%s does not know all of the cluster yet", one.Addr())
			}
		}
		return nil
	})
}

// meet makes a node known to the first.
func (c *Cluster) meet(ctx context.Context, one *Redis) error {
	return one.admin(ctx, func(ctx context.Context, admin *redis.Client) error {
		bus, err := admin.ConfigGet(ctx, "cluster-port").Result()
		if err != nil {
			return err
		}
		_, err = c.nodes[0].Do(ctx, "CLUSTER", "MEET", "127.0.0.1", one.port, bus["cluster-port"])
		return err
	})
}

// Nodes are the servers, to be killed or paused one by one.
func (c *Cluster) Nodes() []*Redis { return c.nodes }

// URL names all nodes, separated by commas.
func (c *Cluster) URL() string {
	all := make([]string, len(c.nodes))
	for i, one := range c.nodes {
		all[i] = one.Addr()
	}
	return "redis://" + strings.Join(all, ",")
}

// Slot is where a key lives: what stands in its braces counts, if there is something.
func Slot(key string) int {
	if _, after, found := strings.Cut(key, "{"); found {
		if tag, _, closed := strings.Cut(after, "}"); closed && tag != "" {
			key = tag
		}
	}
	var crc uint16
	for i := range len(key) {
		crc ^= uint16(key[i]) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return int(crc) % slots
}

// Reshard moves each of the slots to the next node, key by key, while clients go on. In between a client is sent from
// one node to the other (ASK), and told to try again where it needs keys of which only some have moved.
func (c *Cluster) Reshard(slots ...int) error {
	const op = "reshard"
	for _, slot := range slots {
		if err := c.next(slot); err != nil {
			return &bot.Error{Code: bot.Unavailable, Op: op, Field: fmt.Sprint("slot ", slot), Err: err}
		}
	}
	return nil
}

// next moves a slot to the node behind its own.
func (c *Cluster) next(slot int) error {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	from, err := c.owner(ctx, slot)
	if err != nil {
		return err
	}
	return c.move(ctx, slot, from, (from+1)%len(c.nodes))
}

// owner is the node that itself says that it has the slot.
func (c *Cluster) owner(ctx context.Context, slot int) (int, error) {
	for i, one := range c.nodes {
		found := -1
		err := one.admin(ctx, func(ctx context.Context, admin *redis.Client) error {
			shards, err := admin.ClusterShards(ctx).Result()
			for _, shard := range shards {
				for _, r := range shard.Slots {
					if r.Start <= int64(slot) && int64(slot) <= r.End && len(shard.Nodes) > 0 && shard.Nodes[0].ID == c.ids[i] {
						found = i
					}
				}
			}
			return err
		})
		if err != nil || found >= 0 {
			return found, err
		}
	}
	return 0, errors.New("no node has it")
}

func (c *Cluster) move(ctx context.Context, slot, from, to int) error {
	source, target := c.nodes[from], c.nodes[to]
	if _, err := target.Do(ctx, "CLUSTER", "SETSLOT", slot, "IMPORTING", c.ids[from]); err != nil {
		return err
	}
	if _, err := source.Do(ctx, "CLUSTER", "SETSLOT", slot, "MIGRATING", c.ids[to]); err != nil {
		return err
	}
	err := source.admin(ctx, func(ctx context.Context, admin *redis.Client) error {
		for {
			keys, err := admin.ClusterGetKeysInSlot(ctx, slot, 1).Result()
			if err != nil || len(keys) == 0 {
				return err
			}
			if err := admin.Migrate(ctx, "127.0.0.1", fmt.Sprint(target.port), keys[0], 0, time.Second).Err(); err != nil {
				return err
			}
		}
	})
	if err != nil {
		return err
	}
	// The new owner first: until the old one knows, it sends to the new one whoever asks.
	for _, one := range append([]*Redis{target, source}, c.nodes...) {
		if _, err := one.Do(ctx, "CLUSTER", "SETSLOT", slot, "NODE", c.ids[to]); err != nil {
			return err
		}
	}
	return nil
}

// Stop ends all nodes, and waits.
func (c *Cluster) Stop() error {
	var all error
	for _, one := range c.nodes {
		all = errors.Join(all, one.Kill())
	}
	return all
}
