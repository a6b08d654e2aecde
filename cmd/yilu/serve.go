package main

import (
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"time"

	"golang.org/x/term"

	"yilu/adapters/terminal"
	"yilu/bot/app"
)

type serveCommand struct {
	Listen    string `help:"Address to serve on." default:"127.0.0.1:8080" env:"YILU_LISTEN"`
	NoSamples bool   `help:"Begin with empty records, without sample stations and posts."`

	Channels channelSettings `embed:""`
}

func (c *serveCommand) Run(s *streams) error {
	a, err := app.Open(s.ctx, app.Config{
		Data: *s.data, Listen: c.Listen, Settings: c.Channels.get, Samples: !c.NoSamples, Now: time.Now, Log: logger(s.errs, slog.LevelInfo),
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
		Data: *s.data, Settings: os.Getenv, Samples: !c.NoSamples, Now: time.Now, Log: logger(s.errs, slog.LevelError),
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
