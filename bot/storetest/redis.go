package storetest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"yilu/bot"
)

// RedisOptions is what differs from a Redis that keeps nothing on the disk.
type RedisOptions struct {
	AppendOnly string   // "" none, "everysec" or "always"
	Args       []string // further arguments of redis-server; they win over those that are set here
}

// Redis is one redis-server. It needs no password.
type Redis struct {
	process
	port int
}

// StartRedis starts a server with the folder as its own; it is made if it is not there.
func StartRedis(dir string, o RedisOptions) (*Redis, error) {
	path, err := find("redis-server")
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, &bot.Error{Code: bot.Unavailable, Op: "start redis", Err: err}
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, &bot.Error{Code: bot.Unavailable, Op: "start redis", Err: err}
	}
	var r *Redis
	err = onPort(func(port int) error {
		r = &Redis{port: port, process: process{name: "redis", path: path, dir: dir, args: redisArgs(dir, port, o)}}
		return taken(port, r.start(r.ready))
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

func redisArgs(dir string, port int, o RedisOptions) []string {
	args := []string{
		"--bind", "127.0.0.1", "--port", strconv.Itoa(port), "--dir", dir, "--save", "", "--daemonize", "no",
		"--logfile", "", "--databases", "16",
	}
	if o.AppendOnly != "" {
		args = append(args, "--appendonly", "yes", "--appendfsync", o.AppendOnly)
	}
	return append(args, o.Args...)
}

// ready tells that the server on our port is ours, has read what it kept, and answers.
func (r *Redis) ready(ctx context.Context) error {
	return r.admin(ctx, func(ctx context.Context, c *redis.Client) error {
		if err := c.Ping(ctx).Err(); err != nil {
			return err
		}
		info, err := c.Info(ctx, "server").Result()
		if err != nil {
			return err
		}
		if pid := r.pid(); field(info, "process_id") != strconv.Itoa(pid) {
			return fmt.Errorf("somebody else's server is at %s", r.Addr())
		}
		return nil
	})
}

// admin gives a connection for a few commands.
func (r *Redis) admin(ctx context.Context, do func(context.Context, *redis.Client) error) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	at, err := net.DialTimeout("tcp", r.Addr(), time.Second)
	if err != nil {
		return err // the client would log it, too
	}
	_ = at.Close()
	c := redis.NewClient(&redis.Options{
		Addr: r.Addr(), Protocol: 2, DisableIdentity: true, MaxRetries: -1, PoolSize: 1, DialerRetries: 1,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
	return errors.Join(do(ctx, c), c.Close())
}

// Do runs a command of an administrator and returns its answer.
func (r *Redis) Do(ctx context.Context, args ...any) (answer any, err error) {
	err = r.admin(ctx, func(ctx context.Context, c *redis.Client) error {
		answer, err = c.Do(ctx, args...).Result()
		return err
	})
	return answer, err
}

// field reads one line of an answer to INFO.
func field(info, name string) string {
	for line := range strings.Lines(info) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// URL is how a client is told of the server.
func (r *Redis) URL() string { return "redis://" + r.Addr() }

// Addr is host:port.
func (r *Redis) Addr() string { return loopback(r.port) }

// PID is 0 while the server is down.
func (r *Redis) PID() int { return r.pid() }

// Dir is where the server keeps its files; they may be copied and put back while it is down.
func (r *Redis) Dir() string { return r.dir }

// Kill ends the server as kill -9 does, and waits for it.
func (r *Redis) Kill() error { return r.kill() }

// Stop lets the server end by itself, and waits for it.
func (r *Redis) Stop() error { return r.stop(syscall.SIGTERM) }

// Start starts it again, on the same port with the same folder.
func (r *Redis) Start() error {
	return restart(func() error { return r.start(r.ready) })
}

// Pause halts the server: its connections stand and nothing is answered. Resume lets it go on.
func (r *Redis) Pause() error { return r.pause() }

// Resume ends a pause.
func (r *Redis) Resume() error { return r.resume() }
