package telegram

import (
	"context"
	"errors"
	"sync"

	tg "github.com/go-telegram/bot"

	"yilu/bot"
)

const (
	mostSettling  = 256 // presses that wait to be settled
	mostSettled   = 256 // that are remembered, so that a repeated delivery settles nothing twice
	settleWorkers = 2
)

// pressed is a button that was pressed: the phone shows it as busy until the query is answered, and it can be pressed
// again until it is taken away.
type pressed struct {
	query   string
	chat    int64
	message int64 // 0 if it can be changed no more
}

// settler settles buttons on the side. It is as good as it goes: what does not fit into the queue is left, and what
// fails is not tried again, since the reply is out already.
type settler struct {
	queue chan pressed

	mu   sync.Mutex
	seen map[string]bool
	ring [mostSettled]string
	next int
}

func newSettler() *settler {
	return &settler{queue: make(chan pressed, mostSettling), seen: map[string]bool{}}
}

// add takes a press unless it was taken before, and never waits.
func (s *settler) add(p pressed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen[p.query] {
		return
	}
	select {
	case s.queue <- p:
	default:
		return
	}
	delete(s.seen, s.ring[s.next])
	s.ring[s.next], s.seen[p.query] = p.query, true
	s.next = (s.next + 1) % len(s.ring)
}

// settle works the queue off until the context ends.
func (c *channel) settle(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case p := <-c.settler.queue:
			c.settleOne(ctx, p)
		}
	}
}

func (c *channel) settleOne(ctx context.Context, p pressed) {
	c.debug(ctx, c.api.call(ctx, "answerCallbackQuery", func(ctx context.Context) error {
		_, err := c.api.sdk.AnswerCallbackQuery(ctx, &tg.AnswerCallbackQueryParams{CallbackQueryID: p.query})
		return err
	}))
	if p.message == 0 {
		return
	}
	c.debug(ctx, c.api.call(ctx, "editMessageReplyMarkup", func(ctx context.Context) error {
		_, err := c.api.sdk.EditMessageReplyMarkup(ctx, &tg.EditMessageReplyMarkupParams{ChatID: p.chat, MessageID: int(p.message)})
		return err
	}))
}

// debug notes a failure that nobody has to do anything about.
func (c *channel) debug(ctx context.Context, err error) {
	var e *bot.SendError
	if errors.As(err, &e) {
		c.host.Log().DebugContext(ctx, "telegram: a button was not settled", "call", e.Call, "fault", string(e.Fault), "code", e.Code, "say", e.Say)
	}
}
