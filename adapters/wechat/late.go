package wechat

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"yilu/bot"
)

const (
	sendIn  = 30 * time.Second // for a late answer, all tries together
	sends   = 3                // tries of one text
	drainIn = 10 * time.Second // how long a stop waits for turns and late answers under way
)

// sendLate sends what came of a turn as customer messages, as many as its text needs.
func (in *inbound) sendLate(f *flight) {
	ctx, cancel := context.WithTimeout(in.running, sendIn)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			in.logPanic(ctx, "late answer", p)
		}
	}()
	text := render(f.reply)
	if f.err != nil {
		text = in.host.Text(in.lang(), "wechat.resend")
	}
	for text != "" {
		var head string
		head, text = cut(text, room)
		if err := in.trySend(ctx, f.user, head); err != nil {
			in.logFailure(ctx, "late answer", err)
			return
		}
	}
}

// trySend sends one text, again after a pause where that can help and does not double it.
func (in *inbound) trySend(ctx context.Context, openid, text string) error {
	for try := 1; ; try++ {
		err := in.send(ctx, openid, text)
		var fault *bot.SendError
		if err == nil || try == sends || !errors.As(err, &fault) || !fault.Again() {
			return err
		}
		pause := time.NewTimer(max(fault.RetryAfter, time.Duration(try)*time.Second))
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return err
		}
	}
}

// begin runs f by itself; run waits for it at the end. The caller holds mu.
func (in *inbound) begin(f func()) {
	in.busy++
	go func() {
		defer in.finish()
		f()
	}()
}

func (in *inbound) finish() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.busy--
	if in.busy == 0 && in.idle != nil {
		close(in.idle)
		in.idle = nil
	}
}

// run waits for the end of the context, and then for what is still under way. The server has stopped taking deliveries
// by then.
func (in *inbound) run(ctx context.Context) error {
	<-ctx.Done()
	defer in.stop()
	idle := make(chan struct{})
	in.mu.Lock()
	if in.busy == 0 {
		close(idle)
	} else if in.idle != nil {
		idle = in.idle
	} else {
		in.idle = idle
	}
	in.mu.Unlock()
	enough := time.NewTimer(drainIn)
	defer enough.Stop()
	select {
	case <-idle:
	case <-enough.C:
		in.log().Warn("wechat: stopped before all turns and late answers had ended", "waited", drainIn.String())
	}
	return nil
}

// logFailure names the failure without its cause, which may quote what was written.
func (in *inbound) logFailure(ctx context.Context, where string, err error) {
	attrs := []slog.Attr{slog.String("where", where)}
	var fault *bot.SendError
	var e *bot.Error
	switch {
	case errors.As(err, &fault):
		attrs = append(attrs, slog.String("call", fault.Call), slog.String("fault", string(fault.Fault)), slog.Int("errcode", fault.Code), slog.String("say", fault.Say))
	case errors.As(err, &e):
		attrs = append(attrs, slog.String("code", string(e.Code)), slog.String("op", e.Op), slog.String("field", e.Field), slog.String("say", e.Say))
	default:
		attrs = append(attrs, slog.String("code", string(bot.CodeOf(err))))
	}
	in.log().LogAttrs(ctx, slog.LevelError, "wechat: failed", attrs...)
}
