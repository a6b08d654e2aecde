package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"runtime/debug"
	"time"

	"yilu/bot"
	"yilu/bot/app"
)

// roleName is the environment name that makes this program one of the processes under test.
const roleName = "YILU_BENCH_ROLE"

// The kinds of process under test.
const (
	yiluServer   = "yilu"
	floorPlain   = "floor"
	floorBatched = "floor-batched"
	fillSessions = "fill"
)

// role is what a process under test is to be.
type role struct {
	Kind     string
	Data     string            // folder
	Redis    string            // address
	Settings map[string]string // of channels and stores, by environment names
	Profile  bool              // serve profiles, on loopback

	Value, Reply, Pool int // of the floor: bytes of a session and of an answer's text, connections

	From   bot.Identity // fill: whose session is copied
	Send   string       // fill: the channel of the copies
	First  int64        // fill: the first person who gets one
	Count  int          // fill: how many get one
	Silent bool         // fill: they have said nothing for a while
}

// told is what a process says of itself once it is ready, in one line of JSON.
type told struct {
	Addr    string
	Profile string
}

// runRole is the whole of a process under test. It ends when its standard input does.
func runRole(text string, in io.Reader, out, errs io.Writer) error {
	var r role
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, in)
		stop()
	}()
	if r.Kind == fillSessions {
		return fill(ctx, r, errs)
	}
	var t told
	if r.Profile {
		addr, err := serveProfiles()
		if err != nil {
			return err
		}
		t.Profile = addr
	}
	ready := func(addr string) {
		t.Addr = addr
		_ = json.NewEncoder(out).Encode(t)
	}
	if r.Kind == yiluServer {
		return serveYilu(ctx, r, errs, ready)
	}
	return serveFloor(ctx, r, ready)
}

// serveProfiles serves profiles and, for who measures memory, a way to give back what is not used.
func serveProfiles() (addr string, err error) {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/free", func(http.ResponseWriter, *http.Request) { debug.FreeOSMemory() })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	go func() { _ = (&http.Server{Handler: mux, ReadHeaderTimeout: readHeader}).Serve(l) }()
	return l.Addr().String(), nil
}

// openYilu opens the very application that the command serves.
func openYilu(ctx context.Context, r role, errs io.Writer) (*app.App, error) {
	return app.Open(ctx, app.Config{
		Data: r.Data, Listen: "127.0.0.1:0", Samples: true, Now: time.Now,
		Settings: func(name string) string { return r.Settings[name] },
		Log:      slog.New(slog.NewTextHandler(errs, nil)),
	})
}

func serveYilu(ctx context.Context, r role, errs io.Writer, ready func(string)) error {
	a, err := openYilu(ctx, r, errs)
	if err != nil {
		return err
	}
	defer a.Close()
	return a.Serve(ctx, ready)
}

// asRole runs the role that the environment asks for, and reports whether there was one.
func asRole() bool {
	text := os.Getenv(roleName)
	if text == "" {
		return false
	}
	if err := runRole(text, os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	return true
}
