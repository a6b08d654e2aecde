package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"strings"
	"time"

	"yilu/bot/app"
	"yilu/cmd/yilu/soak"
)

// soakCommand lets simulated workers talk to real processes that are killed, on stores that fail.
type soakCommand struct {
	Run   soakRun   `cmd:"" default:"withargs" help:"Play, and account for every message and every intake (this is what runs without a word)."`
	Child soakChild `cmd:"" hidden:""`
}

type soakRun struct {
	Store      string        `help:"embedded, redis or redis+postgres." enum:"embedded,redis,redis+postgres" default:"embedded"`
	Durability string        `help:"Of Redis: always, everysec or none." enum:"always,everysec,none" default:"always"`
	Turns      int64         `help:"How many turns, at least." default:"20000"`
	Kills      int           `help:"How often a process is killed with kill -9, spread over the turns." default:"20"`
	For        time.Duration `help:"How long, at most; 0 for as long as turns and kills take."`
	Processes  int           `help:"How many processes of Yilu; 0 for one on the embedded file, two on redis and three on redis+postgres."`
	Workers    int           `help:"How many workers write at the same time." default:"64"`
	Faults     []string      `help:"What happens, by name, instead of everything that may lose nothing on this store. A name that does not exist lists them."`
	Seed       uint64        `help:"Where chance begins; 0 for somewhere new."`
	Speed      time.Duration `help:"What stands for the five seconds after which WeChat delivers again." default:"50ms"`
	JSON       bool          `help:"The account as JSON, not as Markdown." name:"json"`
	Quiet      bool          `help:"Say nothing on the way."`
	Folder     string        `help:"Where the stores and logs are kept, and left; otherwise a folder that is removed." type:"path"`
}

// Run fails if a promise is broken.
func (c *soakRun) Run(s *streams) (err error) {
	binary, err := os.Executable()
	if err != nil {
		return err
	}
	if c.Folder == "" {
		if c.Folder, err = os.MkdirTemp("", "yilu-soak"); err != nil {
			return err
		}
		defer os.RemoveAll(c.Folder)
	} else if err := os.MkdirAll(c.Folder, 0o700); err != nil {
		return err
	}
	if c.Seed == 0 {
		c.Seed = rand.Uint64() >> 32
	}
	if len(c.Faults) == 0 {
		c.Faults = soak.Safe(c.Store, c.Durability)
	}
	if c.Processes == 0 {
		c.Processes = map[string]int{"embedded": 1, "redis": 2, "redis+postgres": 3}[c.Store]
	}
	var log io.Writer = s.errs
	if c.Quiet {
		log = io.Discard
	}
	fmt.Fprintf(log, "seed %d, faults %s\n", c.Seed, strings.Join(c.Faults, ","))
	r, err := soak.Run(s.ctx, soak.Options{
		Binary: binary, Folder: c.Folder, Store: c.Store, Durability: c.Durability, Processes: c.Processes, Workers: c.Workers,
		Turns: c.Turns, Kills: c.Kills, For: c.For, Faults: c.Faults, Seed: c.Seed, Pause: c.Speed, Log: log,
	})
	if err != nil {
		return fmt.Errorf("soak, seed %d: %w", c.Seed, err)
	}
	if c.JSON {
		out := json.NewEncoder(s.out)
		out.SetIndent("", "  ")
		err = out.Encode(r)
	} else {
		_, err = io.WriteString(s.out, r.Markdown())
	}
	if err == nil && !r.OK() {
		err = fmt.Errorf("soak, seed %d: %d promises are broken", r.Seed, len(r.Breaches))
	}
	return err
}

// soakChild is one process of a soak. Nobody but a soak starts it: it obeys a page of memory, down to its own death.
type soakChild struct {
	Page   string `required:""`
	Listen string `required:""`
}

func (c *soakChild) Run(s *streams) error {
	return soak.Child(s.ctx, app.Config{
		Data: *s.data, Listen: c.Listen, Settings: os.Getenv, Samples: true, Drain: 100 * time.Millisecond, Log: logger(s.errs, slog.LevelInfo),
	}, c.Page, s.in, s.out)
}
