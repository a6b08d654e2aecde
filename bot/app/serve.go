package app

import (
	"context"
	"errors"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"yilu/adapters"
	"yilu/bot"
	"yilu/bot/evidence"
)

// The server's limits. Headers are read within readHeader, and a request is answered within answerIn.
const (
	readHeader = 5 * time.Second
	answerIn   = 30 * time.Second
	idleFor    = 2 * time.Minute
	mostHeader = 32 << 10
)

// A stop, after its drain, is over within ten seconds: the requests under way have finishIn, and then are left to the
// platform; what the channels have begun for them (late answers, buttons to settle) and the sweeper have until stopIn.
const (
	finishIn = 7 * time.Second
	stopIn   = 9 * time.Second
)

// Serve mounts every channel and serves until the context ends; then it stops in order. ready, if not nil, is called
// with the address once messages can come.
func (a *App) Serve(ctx context.Context, ready func(addr string)) error {
	defer debug.SetGCPercent(roomier())
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.Handle("GET /readyz", a.ready)
	mux.Handle("GET /metrics", a.metrics)
	var loops []func(context.Context) error
	sources := map[string]evidence.Source{}
	for _, adapter := range adapters.All() {
		mount, err := adapter.Mount(a)
		if bot.CodeOf(err) == bot.Off {
			a.config.Log.Info("channel is off", "channel", adapter.Name(), "reason", err)
			sources[adapter.Name()] = nil // what it has brought waits until it is on again
			continue
		}
		if err != nil {
			return err
		}
		if mount.Fetch != nil {
			sources[adapter.Name()] = mount.Fetch
		}
		for pattern, handler := range mount.Routes {
			mux.Handle(pattern, handler)
		}
		if mount.Run != nil {
			loops = append(loops, mount.Run)
		}
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", a.config.Listen)
	if err != nil {
		return &bot.Error{Code: bot.Unavailable, Op: "serve", Field: "YILU_LISTEN " + a.config.Listen, Say: "cannot listen there; is another Yilu running? choose another address with --listen", Err: err}
	}

	a.fetcher.Sources = sources
	// The loops end after the server: until then they send what late turns have to say, and settle what was pressed.
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	var wait sync.WaitGroup
	wait.Go(func() { a.sweep(background) })
	wait.Go(func() { _ = a.fetcher.Run(background) })
	for _, loop := range loops {
		wait.Go(func() {
			if err := loop(background); err != nil && background.Err() == nil {
				a.config.Log.Error("a channel's loop has ended", "error", err)
			}
		})
	}
	server := &http.Server{
		Handler: mux, ReadHeaderTimeout: readHeader, ReadTimeout: answerIn, WriteTimeout: answerIn, IdleTimeout: idleFor, MaxHeaderBytes: mostHeader,
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	if ready != nil {
		ready(listener.Addr().String())
	}

	select {
	case err = <-served:
	case <-ctx.Done():
	}
	enough := time.NewTimer(a.config.Drain + stopIn)
	defer enough.Stop()
	if err == nil {
		err = a.drain(server, served)
	}
	stop()
	ended := make(chan struct{})
	go func() {
		wait.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-enough.C:
		a.config.Log.Warn("stopped before all that was begun had ended; what was not acknowledged comes again", "waited", stopIn.String())
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// drain stops the server in order: for a while it only says that it is not ready, so that a balancer sends nothing more;
// then it takes no new connection, finishes the requests under way, and at last cuts off those that do not end. A turn
// that is cut off was not acknowledged, so the platform, or the page, sends its message again.
func (a *App) drain(server *http.Server, served <-chan error) error {
	a.ready.Stop()
	a.config.Log.Info("stopping", "drain", a.config.Drain.String())
	if a.config.Drain > 0 {
		pause := time.NewTimer(a.config.Drain)
		defer pause.Stop()
		select {
		case <-pause.C:
		case err := <-served:
			return err
		}
	}
	// The context that ended is the one to stop by; the turns under way still need one.
	grace, cancel := context.WithTimeout(context.Background(), finishIn)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		a.config.Log.Warn("requests were cut off; what was not acknowledged comes again", "waited", finishIn.String())
		_ = server.Close()
	}
	return <-served
}

// garbage is how much garbage may lie about for what is in use, in percent: turns leave much and keep little, so this
// costs some ten megabytes and saves a tenth of the processor's time.
const garbage = 400

// roomier sets it where the operator has not (GOGC), and returns what there was.
func roomier() int {
	before := debug.SetGCPercent(garbage)
	if before != 100 {
		debug.SetGCPercent(before)
	}
	return before
}
