package wechat

import (
	"context"
	"errors"
	"time"

	"yilu/bot"
)

const (
	sendIn  = 30 * time.Second       // for a late answer, all tries together
	sends   = 3                      // tries of one text
	drainIn = turnIn + 5*time.Second // how long a stop waits for turns and late answers under way
	lastIn  = 5 * time.Second        // how long after that what is left may take to go out
)

// sendLate sends what came of a turn as customer messages, as many as its text needs.
func (in *inbound) sendLate(f *flight) {
	ctx, cancel := context.WithTimeout(in.sending, sendIn)
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
		err := in.trySend(ctx, f.user, head)
		in.learn(ctx, err)
		if err != nil {
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

// canSend reports whether a customer message would go out, as far as is known.
func (in *inbound) canSend() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.send != nil && !in.mute
}

// learn takes what came of a customer message as what will come of the next one, unless it failed because of the person
// or the text.
func (in *inbound) learn(ctx context.Context, err error) {
	var fault *bot.SendError
	if err != nil && !errors.As(err, &fault) {
		return
	}
	if fault != nil {
		switch fault.Fault {
		case bot.WindowClosed, bot.NoConsent, bot.Unreachable, bot.NoSuchPerson, bot.TooLong, bot.AlreadySent:
			return
		}
	}
	in.mu.Lock()
	was := in.mute
	in.mute = fault != nil
	in.mu.Unlock()
	switch {
	case fault != nil && !was:
		in.log().ErrorContext(ctx, "wechat: customer messages do not go out; until one does, nothing is acknowledged before its turn has ended")
	case fault == nil && was:
		in.log().InfoContext(ctx, "wechat: customer messages go out again")
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

// run waits for the end of the context, by which the server has stopped taking deliveries, and then for what is still
// under way: WeChat will not come again for what was acknowledged, so its turn may take all of its time, and what comes
// of it goes out. run is back 40 seconds after the context's end at the latest.
func (in *inbound) run(ctx context.Context) error {
	tick := time.NewTicker(span)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-tick.C:
			in.lines.flush(in.host.Now(), false)
		}
	}
	defer in.hush()
	idle := in.drained(drainIn)
	in.stop()
	if !idle && !in.drained(lastIn) {
		in.log().Warn("wechat: stopped before all turns and late answers had ended", "waited", (drainIn + lastIn).String())
	}
	in.lines.flush(in.host.Now(), true)
	return nil
}

// drained waits until nothing is under way, for so long at most.
func (in *inbound) drained(most time.Duration) bool {
	in.mu.Lock()
	if in.busy == 0 {
		in.mu.Unlock()
		return true
	}
	if in.idle == nil {
		in.idle = make(chan struct{})
	}
	idle := in.idle
	in.mu.Unlock()
	enough := time.NewTimer(most)
	defer enough.Stop()
	select {
	case <-idle:
		return true
	case <-enough.C:
		return false
	}
}

func (in *inbound) logFailure(ctx context.Context, where string, err error) {
	in.log().ErrorContext(ctx, "wechat: failed", append([]any{"where", where}, bot.Failure(err)...)...)
}
