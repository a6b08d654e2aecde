package app

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"yilu/adapters"
	"yilu/bot"
	"yilu/bot/evidence"
)

// The server's limits. Headers are read within readHeader, a request is answered within answerIn, and a stop waits
// stopIn for the turns under way.
const (
	readHeader = 5 * time.Second
	answerIn   = 30 * time.Second
	idleFor    = 2 * time.Minute
	stopIn     = 20 * time.Second
	mostHeader = 32 << 10
	pingIn     = 2 * time.Second
)

// Serve mounts every channel and serves until the context ends; then it stops in order. ready, if not nil, is called
// with the address once messages can come.
func (a *App) Serve(ctx context.Context, ready func(addr string)) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", a.readyz)
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
		// The context that ends is the one to stop by; the turns under way still need one.
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopIn)
		err = server.Shutdown(grace)
		cancel()
		<-served
	}
	stop()
	wait.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// readyz tells whether messages can be answered, and names what is missing.
func (a *App) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), pingIn)
	defer cancel()
	for name, ping := range map[string]func(context.Context) error{"ledger": a.ledger.Ping, "records": a.Records.Ping} {
		if err := ping(ctx); err != nil {
			a.config.Log.Warn("not ready", "store", name, "error", err)
			http.Error(w, name+" does not answer", http.StatusServiceUnavailable)
			return
		}
	}
	_, _ = w.Write([]byte("ready\n"))
}
