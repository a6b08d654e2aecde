// Package adaptertest is the suite that every channel passes, and the host that stands in for the engine there. Suite
// holds a channel to what all platforms have in common: a delivery is answered once and the same way however often it
// comes, what cannot be kept is not acknowledged, and nothing that somebody writes breaks it. What one platform asks
// beyond that, its own tests check.
package adaptertest

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"testing"
	"time"

	"yilu/bot"
)

// Host is a bot.Host in memory. It keeps the contract of the real one: one turn for each message id of an identity,
// the same reply to every delivery, nothing kept after an error. The zero value is not usable; call NewHost.
type Host struct {
	t       testing.TB
	texts   map[string]map[string]string // language, key
	langs   []string
	logger  *slog.Logger
	lines   *Lines
	replyTo func(bot.Message) bot.Reply

	mu       sync.Mutex
	settings map[string]string
	failures []error // for the next turns, one each
	broken   error   // for everything, until it is nil
	panics   any
	held     chan struct{} // turns wait for it to be closed
	calls    int
	turns    []bot.Message
	kept     map[string][]byte
	rest     map[string]*bot.Reply   // what waits for "more", by identity
	passes   map[string]bot.Identity // by pass, who redeemed it
	talks    map[string][]bot.Exchange
}

// NewHost makes a host that speaks the languages of texts, as Texts reads them, and repeats what it hears.
func NewHost(t testing.TB, texts map[string]map[string]string, langs ...string) *Host {
	lines := &Lines{}
	return &Host{
		t: t, texts: texts, langs: langs, lines: lines,
		logger:   slog.New(slog.NewJSONHandler(lines, &slog.HandlerOptions{Level: slog.LevelDebug})),
		settings: map[string]string{},
		kept:     map[string][]byte{},
		rest:     map[string]*bot.Reply{},
		passes:   map[string]bot.Identity{},
		talks:    map[string][]bot.Exchange{},
		replyTo: func(m bot.Message) bot.Reply {
			return bot.Reply{Texts: []string{m.Text + m.Choice}, Lang: langs[0]}
		},
	}
}

// ReplyWith makes f answer, instead of an echo.
func (h *Host) ReplyWith(f func(bot.Message) bot.Reply) { h.replyTo = f }

// Set sets a setting.
func (h *Host) Set(name, value string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.settings[name] = value
}

// FailNext makes the next turn fail with err; called twice, the next two.
func (h *Host) FailNext(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.failures = append(h.failures, err)
}

// Break makes everything fail with err until Break(nil).
func (h *Host) Break(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.broken = err
}

// Panic makes every turn panic with v until Panic(nil).
func (h *Host) Panic(v any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.panics = v
}

// Hold makes turns hang until they are released, or their context ends.
func (h *Host) Hold() (release func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	held := make(chan struct{})
	h.held = held
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.held = nil
		close(held)
	}
}

// wait hangs while turns are held.
func (h *Host) wait(ctx context.Context) error {
	h.mu.Lock()
	held := h.held
	h.mu.Unlock()
	if held == nil {
		return nil
	}
	select {
	case <-held:
		return nil
	case <-ctx.Done():
		return &bot.Error{Code: bot.Unavailable, Op: "turn", Err: ctx.Err()}
	}
}

// Turns returns the messages that were kept, in order, each once.
func (h *Host) Turns() []bot.Message {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]bot.Message(nil), h.turns...)
}

// Calls returns how often Turn was called.
func (h *Host) Calls() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.calls
}

// Logged returns all that was logged.
func (h *Host) Logged() string { return h.lines.String() }

// Turn answers a message.
func (h *Host) Turn(ctx context.Context, m bot.Message) (bot.Reply, error) {
	if err := h.wait(ctx); err != nil {
		return bot.Reply{}, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls++
	if h.panics != nil {
		panic(h.panics)
	}
	if len(h.failures) > 0 {
		err := h.failures[0]
		h.failures = h.failures[1:]
		return bot.Reply{}, err
	}
	if h.broken != nil {
		return bot.Reply{}, h.broken
	}
	if err := ctx.Err(); err != nil {
		return bot.Reply{}, err
	}
	if m.ID == "" || m.From.Channel == "" || m.From.User == "" {
		h.t.Errorf("the channel handed over a message without an id or an identity: %v", m)
	}
	key := m.From.Key() + " " + m.ID
	raw, seen := h.kept[key]
	if !seen {
		reply := h.answer(m)
		raw, _ = json.Marshal(reply)
		h.talks[m.From.Key()] = append(h.talks[m.From.Key()], bot.Exchange{ID: m.ID, Said: h.said(m), Reply: reply, At: h.Now()})
		h.turns = append(h.turns, m)
		h.kept[key] = raw
	}
	var reply bot.Reply
	err := json.Unmarshal(raw, &reply)
	return reply, err
}

// More is what the host offers while a reply waits that did not fit, see bot.Reply.Fit, and Note is what it says then.
var More = bot.Choice{Label: "更多", Send: "m:"}

// Note ends every part of a reply but the last one.
const Note = "还没完。"

// answer makes the reply to a message, or the next part of one that did not fit into the channel's room.
func (h *Host) answer(m bot.Message) bot.Reply {
	key := m.From.Key()
	whole := h.replyTo(m)
	if rest := h.rest[key]; rest != nil && (m.Choice == More.Send || m.Text == More.Label || m.Text == "1") {
		whole = *rest
	}
	now, rest := whole.Fit(m.Room, Note, More)
	h.rest[key] = rest
	return now
}

// Redeem notes who came with which pass; unknown passes are those that were not set by Pass.
func (h *Host) Redeem(_ context.Context, pass string, by bot.Identity) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.broken != nil {
		return h.broken
	}
	if owner, ok := h.passes[pass]; !ok || owner != (bot.Identity{}) && owner != by {
		return &bot.Error{Code: bot.NotFound, Op: "redeem pass", Say: "unknown, used or too old"}
	}
	h.passes[pass] = by
	return nil
}

// Pass makes a pass that can be redeemed once.
func (h *Host) Pass(pass string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.passes[pass] = bot.Identity{}
}

// Redeemed returns who redeemed a pass, the zero identity if nobody has.
func (h *Host) Redeemed(pass string) bot.Identity {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.passes[pass]
}

// said is the text, or the label of the choice.
func (h *Host) said(m bot.Message) string {
	past := h.talks[m.From.Key()]
	if m.Choice == "" {
		return m.Text
	}
	offered := h.greeting(m.Lang).Choices
	if len(past) > 0 {
		offered = past[len(past)-1].Reply.Choices
	}
	for _, c := range offered {
		if c.Send == m.Choice {
			return c.Label
		}
	}
	return m.Choice
}

// Greet is the reply to somebody who has said nothing yet.
func (h *Host) Greet(_ context.Context, lang string) (bot.Reply, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.greeting(lang), h.broken
}

func (h *Host) greeting(lang string) bot.Reply {
	if lang == "en" {
		return bot.Reply{Lang: lang, Texts: []string{"Hello, this is Yilu."}, Choices: []bot.Choice{{Label: "Register", Send: "go:register"}, {Label: "Find work", Send: "go:jobs"}}}
	}
	return bot.Reply{Lang: h.langs[0], Texts: []string{"您好,这里是益鹭。"}, Choices: []bot.Choice{{Label: "登记", Send: "go:register"}, {Label: "找活", Send: "go:jobs"}}}
}

// History returns all exchanges, more than a channel may want to show.
func (h *Host) History(_ context.Context, who bot.Identity) ([]bot.Exchange, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]bot.Exchange(nil), h.talks[who.Key()]...), h.broken
}

// Text fails the test if the text is missing.
func (h *Host) Text(lang, key string) string {
	text, ok := h.texts[lang][key]
	if !ok {
		h.t.Errorf("there is no text %q in language %q", key, lang)
	}
	return text
}

// Langs lists the languages.
func (h *Host) Langs() []string { return h.langs }

// Setting returns a setting.
func (h *Host) Setting(name string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.settings[name]
}

// Now always says the same moment.
func (h *Host) Now() time.Time { return time.Date(2026, 11, 23, 8, 5, 0, 0, bot.Xiamen) }

// Log keeps what is logged for Logged.
func (h *Host) Log() *slog.Logger { return h.logger }

// Age makes the exchanges of everybody, from index from on, older by days.
func (h *Host) Age(from, days int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, talk := range h.talks {
		for i := from; i < len(talk); i++ {
			talk[i].At = talk[i].At.AddDate(0, 0, -days)
		}
	}
}
