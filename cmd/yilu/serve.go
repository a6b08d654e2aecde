package main

import (
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"yilu/adapters/terminal"
	"yilu/bot"
	"yilu/bot/app"
)

type serveCommand struct {
	Listen    string `help:"Address to serve on." default:"127.0.0.1:8080" env:"YILU_LISTEN"`
	NoSamples bool   `help:"Begin with empty records, without sample stations and posts."`

	Drain     time.Duration `help:"How long a stop says on /readyz that it is stopping before it takes no more; for a balancer, as long as it takes to notice." default:"0s" env:"YILU_DRAIN"`
	LogFormat string        `help:"text, or json for a collector of logs." default:"text" env:"YILU_LOG_FORMAT"`
	LogLevel  string        `help:"debug, info, warn or error." default:"info" env:"YILU_LOG_LEVEL"`

	Channels channelSettings `embed:""`
}

func (c *serveCommand) Run(s *streams) error {
	log, err := c.logger(s.errs)
	if err != nil {
		return err
	}
	if c.Drain < 0 || c.Drain > maxDrain {
		return bot.Errorf(bot.Invalid, "serve", "YILU_DRAIN must be between 0s and %v", maxDrain)
	}
	a, err := app.Open(s.ctx, app.Config{
		Data: *s.data, Listen: c.Listen, Settings: s.stores.settings(c.Channels.get), Samples: !c.NoSamples, Now: time.Now, Log: log, Drain: c.Drain,
	})
	if err != nil {
		return err
	}
	defer a.Close()
	return a.Serve(s.ctx, func(addr string) {
		fmt.Fprintf(s.out, "Yilu is open: http://%s/\n", reachable(addr))
	})
}

// reachable turns an address that listens everywhere into one that can be opened.
func reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		return net.JoinHostPort("localhost", port)
	}
	return addr
}

// maxDrain keeps a slip of the finger from holding up every stop.
const maxDrain = 5 * time.Minute

// logger is the log as it is set. A wrong value is not quoted: it may be a secret in the wrong place.
func (c *serveCommand) logger(w io.Writer) (*slog.Logger, error) {
	levels := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
	level, known := levels[strings.ToLower(c.LogLevel)]
	if !known {
		return nil, &bot.Error{Code: bot.Invalid, Op: "serve", Field: "YILU_LOG_LEVEL", Say: "must be debug, info, warn or error"}
	}
	switch strings.ToLower(c.LogFormat) {
	case "text":
		return logger(w, level), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level})), nil
	}
	return nil, &bot.Error{Code: bot.Invalid, Op: "serve", Field: "YILU_LOG_FORMAT", Say: "must be text or json"}
}

func logger(w io.Writer, level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}

type chatCommand struct {
	Lang      string `help:"Language to begin in: zh-CN or en." default:""`
	User      string `help:"Who is talking; each name is a conversation of its own." default:"me"`
	NoSamples bool   `help:"Begin with empty records, without sample stations and posts."`
}

func (c *chatCommand) Run(s *streams) error {
	a, err := app.Open(s.ctx, app.Config{
		Data: *s.data, Settings: s.stores.settings(os.Getenv), Samples: !c.NoSamples, Now: time.Now, Log: logger(s.errs, slog.LevelError),
	})
	if err != nil {
		return err
	}
	defer a.Close()
	tty := term.IsTerminal(int(s.in.Fd())) && term.IsTerminal(int(s.out.Fd()))
	channel := terminal.New(s.in, s.out, terminal.Options{
		User: c.User, Lang: c.Lang, TTY: tty, Color: terminal.Color(tty, os.Getenv), NewID: rand.Text,
	})
	mount, err := channel.Mount(a)
	if err != nil {
		return err
	}
	return mount.Run(s.ctx)
}
