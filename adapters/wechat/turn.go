package wechat

import (
	"context"
	"io"
	"time"

	"yilu/bot"
)

// WeChat hangs up five seconds after a delivery and delivers three times in all, one delivery after another as a rule,
// now and then two at once. (Its documents can also be read as three times more. Then what follows holds of a third
// delivery that is not the last: it costs nothing but a customer message.) One turn runs for all deliveries of a message,
// detached from them. What a delivery gets:
//
//	the turn ends in time            200 with the answer; the host keeps it, so a further delivery gets the same
//	the turn fails in time           503, a panic 500. Nothing is kept. Nobody has verified that WeChat comes again after
//	                                 one of these: if it does, that tries again; if not, the person reads from WeChat
//	                                 itself that the account did not answer
//	1st or 2nd, the turn goes on     nothing, until WeChat hangs up: that, and only that, it is documented to repeat. It
//	                                 comes again and finds the answer or the turn still under way. (Our clock starts
//	                                 after WeChat's. Whoever is still there after 5 s is not WeChat: an answer counts as
//	                                 one that nobody got, and after 6 s there is a 503.)
//	3rd, no end after 4.2 s          "success", for WeChat will not come again; what comes of the turn goes out as a
//	                                 customer message. Where customer messages do not work, it is like 1st and 2nd, and the
//	                                 person reads WeChat's own words. They do not work without YILU_WECHAT_APP_SECRET, nor
//	                                 after one failed for a reason that would have met any other too (the account may not
//	                                 send, the secret is wrong, there is no token, …), until one goes out again
//	over 1,000 turns are under way   503 for a message that has none yet
//
// And once a turn has ended of which the last delivery went without an answer, by "success" or because WeChat hung up,
// while no other delivery got or still waits for it:
//
//	it ended                         its answer is a customer message, if it says anything
//	it failed                        wechat.resend is a customer message: please send it again
//
// This is tried though customer messages did not work before: it harms nobody, and shows when they work again.
//
// So "success" before the end is the one acknowledgement of what is not kept yet, where holding it back would bring no
// further delivery. A process that is killed between it and the customer message, or whose customer message is the first
// to fail, leaves the person without an answer; the turn, if it ended, is kept. That is not made up for with the next
// answer: the host keeps answers, not what would be put before one here, so another process, or this one restarted, would
// answer a further delivery with other bytes.
//
// Deliveries are counted by each process for itself. Where several share them, none may count to three; so a delivery of
// a message that is 9.5 s old, the third coming about 10 s after the first, counts as the last one too, but is never
// acknowledged early: our clock may be wrong, and then it is one that WeChat repeats. The worst that comes of a wrong
// clock is that a slow message gets its answer, or wechat.resend, as a customer message and an answer to a further
// delivery besides.
const (
	turnIn       = 30 * time.Second
	patience     = 4200 * time.Millisecond
	hangsUp      = 5 * time.Second
	stays        = 6 * time.Second
	lastDelivery = 3
	lastAge      = 9500 * time.Millisecond
	mostBusy     = 1000 // turns and late answers under way, in this process
)

// How often a message came is remembered for longer than WeChat takes for three deliveries.
const (
	maxCounted   = 50_000
	countedFor   = 2 * time.Minute
	recogniseIn  = 3 * time.Second
	maxRecording = 4 << 20 // bytes that a recogniser is given; WeChat records a minute at most
)

// flight is a turn under way, for all deliveries of its message.
type flight struct {
	key   string
	user  string
	done  chan struct{} // closed at the end; then reply and err are there
	reply bot.Reply
	err   error

	// Guarded by inbound.mu.
	waiting   int  // deliveries that wait for the end
	answered  bool // a delivery got what came of it
	abandoned bool // the last delivery went without
	over      bool
}

// join makes the delivery one of those that wait for the message's turn, and starts the turn if none is under way. It
// returns no flight if there are too many.
func (in *inbound) join(ctx context.Context, m bot.Message) (f *flight, nth int) {
	key := m.From.User + " " + m.ID
	nth = in.counts.visit(key, in.host.Now(), func(old int, _ bool) int { return old + 1 })
	in.mu.Lock()
	defer in.mu.Unlock()
	f = in.flights[key]
	if f == nil {
		if in.busy >= mostBusy {
			return nil, nth
		}
		f = &flight{key: key, done: make(chan struct{}), user: m.From.User}
		in.flights[key] = f
		in.begin(func() { in.fly(context.WithoutCancel(ctx), f, m) })
	}
	f.waiting++
	return f, nth
}

// leave ends a delivery's wait.
func (in *inbound) leave(f *flight, answered, last bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	f.waiting--
	f.answered = f.answered || answered
	f.abandoned = f.abandoned || last && !answered
	in.settle(f)
}

// settle sends what no delivery got, once it is sure that none will.
func (in *inbound) settle(f *flight) {
	if in.send == nil || !f.over || !f.abandoned || f.answered || f.waiting > 0 {
		return
	}
	f.answered = true
	in.begin(func() { in.sendLate(f) })
}

// fly runs the turn to its end.
func (in *inbound) fly(ctx context.Context, f *flight, m bot.Message) {
	ctx, cancel := context.WithTimeout(ctx, turnIn)
	defer cancel()
	defer context.AfterFunc(in.running, cancel)()
	f.reply, f.err = in.turn(ctx, m)

	in.mu.Lock()
	defer in.mu.Unlock()
	delete(in.flights, f.key)
	f.over = true
	close(f.done)
	in.settle(f)
}

// turn asks the host. It logs a failure, once for all deliveries.
func (in *inbound) turn(ctx context.Context, m bot.Message) (reply bot.Reply, err error) {
	defer func() {
		if p := recover(); p != nil {
			in.logPanic(ctx, "turn", p)
			err = errPanicked
		}
	}()
	reply, err = in.host.Turn(ctx, in.hear(ctx, m))
	if err != nil {
		in.logFailure(ctx, "turn", err)
	}
	return reply, err
}

// hear makes text of a voice message that has none yet, if it can. A message must not wait for long nor be lost for
// that.
func (in *inbound) hear(ctx context.Context, m bot.Message) bot.Message {
	if in.recogniser == nil || in.fetch == nil || m.Text != "" || len(m.Files) != 1 || m.Files[0].Kind != bot.Voice {
		return m
	}
	ctx, cancel := context.WithTimeout(ctx, recogniseIn)
	defer cancel()
	heard, err := in.recognise(ctx, m.Files[0].Ref)
	if err != nil {
		in.logFailure(ctx, "recognise", err)
		return m
	}
	if heard = bot.Clean(heard); heard != "" && len([]rune(heard)) <= bot.MaxText {
		m.Text, m.Heard = heard, true
	}
	return m
}

// recognise fetches a recording and has it recognised. It is back when ctx ends, whatever the recogniser does.
func (in *inbound) recognise(ctx context.Context, ref string) (string, error) {
	type result struct {
		heard string
		err   error
	}
	done := make(chan result, 1)
	go func() {
		var r result
		defer func() {
			if p := recover(); p != nil {
				in.logPanic(ctx, "recognise", p)
				r.err = errPanicked
			}
			done <- r
		}()
		var recording bot.Media
		if recording, r.err = in.fetch(ctx, ref); r.err != nil {
			return
		}
		body := recording.Body
		defer body.Close()
		if recording.Size > maxRecording {
			r.err = &bot.Error{Code: bot.Invalid, Op: "recognise", Say: "the recording is larger than any that WeChat makes"}
			return
		}
		recording.Body = readCloser{io.LimitReader(body, maxRecording), body}
		r.heard, r.err = in.recogniser.Recognise(ctx, recording, in.lang())
	}()
	select {
	case r := <-done:
		return r.heard, r.err
	case <-ctx.Done():
		return "", &bot.Error{Code: bot.Unavailable, Op: "recognise", Say: "took too long"}
	}
}
