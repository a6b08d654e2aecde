package telegram

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"time"

	"yilu/bot"
)

const (
	secretHeader = "X-Telegram-Bot-Api-Secret-Token"
	maxBody      = 1 << 20          // of an update, in bytes
	turnIn       = 25 * time.Second // Telegram waits a minute, our own server half of one
	retryLater   = "5"              // seconds; Telegram has pauses of its own
)

// errPanicked stands for a panic, whose value may quote what somebody wrote.
var errPanicked = &bot.Error{Code: bot.Internal, Op: "answer update", Say: "panic"}

// guard lets only Telegram in: whoever knows the secret. Hashes are compared, so that the time it takes tells neither
// the secret nor its length.
func (c *channel) guard(next http.HandlerFunc) http.Handler {
	want := sha256.Sum256([]byte(c.set.secret))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got := sha256.Sum256([]byte(r.Header.Get(secretHeader)))
		if subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			c.host.Log().WarnContext(r.Context(), "telegram: refused a request without the right secret; if Telegram sent it, set the webhook again with the secret of YILU_TELEGRAM_SECRET")
			http.Error(w, "the secret is wrong or missing", http.StatusUnauthorized)
			return
		}
		next(w, r)
	})
}

// postUpdate takes one update.
func (c *channel) postUpdate(w http.ResponseWriter, r *http.Request) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		http.Error(w, "Content-Type must be application/json", http.StatusUnsupportedMediaType)
		return
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		var over *http.MaxBytesError
		if errors.As(err, &over) {
			c.drop(w, r, http.StatusRequestEntityTooLarge, "the body is over 1 MiB")
			return
		}
		c.drop(w, r, http.StatusBadRequest, "the body ended early")
		return
	}
	u, bad := decode(raw)
	switch {
	case bad != nil && bad.update:
		c.logUnread(r.Context(), bad)
		return
	case bad != nil:
		c.drop(w, r, http.StatusBadRequest, bad.why)
		return
	}
	// Telegram may hang up and deliver again; the turn under way is finished, so that the repeat finds it kept.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), turnIn)
	defer cancel()
	call, err := c.answer(ctx, u)
	if err != nil {
		w.Header().Set("Retry-After", retryLater)
		status := http.StatusServiceUnavailable
		if errors.Is(err, errPanicked) {
			status = http.StatusInternalServerError
		}
		http.Error(w, "not kept; deliver it again", status)
		return
	}
	if call == nil {
		return
	}
	body, err := json.Marshal(call)
	if err != nil {
		// The turn is kept and would be answered the same way the next time: asking for the update again helps nobody.
		c.host.Log().ErrorContext(ctx, "telegram: a reply could not be written", "update", *u.ID)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body) // nobody is left to tell; Telegram delivers it again
}

// drop refuses a request that holds no update.
func (c *channel) drop(w http.ResponseWriter, r *http.Request, status int, why string) {
	c.host.Log().WarnContext(r.Context(), "telegram: refused a request that is no update", "status", status, "why", why)
	http.Error(w, why, status)
}

func (c *channel) logPanic(ctx context.Context, p any, attrs ...any) {
	c.host.Log().ErrorContext(ctx, "telegram: panic", append(bot.Panicked(p), attrs...)...)
}

func (c *channel) logFailure(ctx context.Context, err error, attrs ...any) {
	c.host.Log().ErrorContext(ctx, "telegram: a turn failed", append(bot.Failure(err), attrs...)...)
}
