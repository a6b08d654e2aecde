package engine

import (
	"sync"
	"time"

	"yilu/bot"
)

// Observed is what came of one turn, for whoever counts: neither what was said nor who said it. What a turn asked for is
// there once it is kept, however often it was decided.
type Observed struct {
	Channel   string        // that the message came from
	Took      time.Duration // with the wait for the messages before it
	Code      bot.Code      // of the failure; "" if it was answered
	Repeated  bool          // it was a repeat, and got the stored reply
	Conflicts int           // how often it was decided again because another process was first

	Missed    int        // answers that were not understood
	Away      bool       // something could not be looked up, and the worker was told so
	Recovered bool       // the turn failed through a fault of ours, and the worker got a way on
	Danger    bot.Intent // the words of danger that were answered, "" for none
	Began     []string   // dialogues that were begun
	Ended     []Ended    // dialogues that came to their end
	Asked     []Asked    // what was laid before staff
	Intakes   []string   // kinds of the intakes: Registration, Application
}

// Ended is the end of a dialogue.
type Ended struct {
	Dialogue string
	Outcome  bot.Outcome
}

// Asked is a request to staff.
type Asked struct {
	About  bot.RequestKind
	Urgent bool
}

// The kinds of intakes.
const (
	Registration = "registration"
	Application  = "application"
)

// lent are the Observed of turns that are over: a turn is observed without a thing allocated for it.
var lent = sync.Pool{New: func() any { return &Observed{} }}

// clear forgets what was decided, before it is decided again.
func (o *Observed) clear() {
	if o == nil {
		return
	}
	o.Missed, o.Away, o.Recovered, o.Danger = 0, false, false, ""
	o.Began, o.Ended, o.Asked, o.Intakes = o.Began[:0], o.Ended[:0], o.Asked[:0], o.Intakes[:0]
}

// observe runs a turn and tells Config.Observe of it.
func (e *Engine) observe(m *bot.Message, turn func(*Observed) (bot.Reply, error)) (bot.Reply, error) {
	o := lent.Get().(*Observed)
	o.clear()
	o.Channel, o.Code, o.Repeated, o.Conflicts = m.From.Channel, bot.Internal, false, 0 // Internal stays if it panics
	began := e.Now()
	defer func() {
		o.Took = e.Now().Sub(began)
		if o.Code != "" || o.Repeated {
			o.clear() // nothing of it was kept, or it was counted when it was
		}
		e.Observe(o)
		lent.Put(o)
	}()
	reply, err := turn(o)
	o.Code = bot.CodeOf(err)
	return reply, err
}

func (o *Observed) repeated() {
	if o != nil {
		o.Repeated = true
	}
}

func (o *Observed) conflict() {
	if o != nil {
		o.Conflicts++
	}
}

func (o *Observed) missed() {
	if o != nil {
		o.Missed++
	}
}

func (o *Observed) away() {
	if o != nil {
		o.Away = true
	}
}

func (o *Observed) recovered() {
	if o != nil {
		o.Recovered = true
	}
}

func (o *Observed) danger(words bot.Intent) {
	if o != nil {
		o.Danger = words
	}
}

func (o *Observed) began(dialogue string) {
	if o != nil {
		o.Began = append(o.Began, dialogue)
	}
}

func (o *Observed) ended(dialogue string, as bot.Outcome) {
	if o != nil {
		o.Ended = append(o.Ended, Ended{dialogue, as})
	}
}

func (o *Observed) effect(eff bot.Effect) {
	if o == nil {
		return
	}
	switch eff := eff.(type) {
	case bot.AskStaff:
		o.Asked = append(o.Asked, Asked{eff.About, eff.Urgent})
	case bot.SaveWorker:
		if eff.Complete {
			o.Intakes = append(o.Intakes, Registration)
		}
	case bot.SubmitApplication:
		o.Intakes = append(o.Intakes, Application)
	}
}
