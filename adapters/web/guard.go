package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"yilu/bot"
)

// policy lets the page load and reach its own server, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// guard sets the headers that every answer has, refuses what another site sends in somebody's name, limits the body,
// and makes a 500 of a panic.
func (s *site) guard(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		// Not no-referrer: browsers send "Origin: null" with a form from such a page, and over plain http, where there is no
		// Sec-Fetch-Site, the form would be refused as another site's.
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if r.PathValue("pass") != "" {
			hidePass(h)
		}
		defer s.recover(w, r)
		if s.cross.Check(r) != nil {
			s.log().WarnContext(r.Context(), "web: refused as another site's; behind a proxy that changes the Host header set YILU_PUBLIC_URL", "host", r.Host)
			s.refuse(w, r, refusal{http.StatusForbidden, "cross_origin", "", "the request comes from another site", "web.foreign"})
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next(w, r)
	})
}

// recover answers for a handler that panicked. Handlers write their answer in one piece at the end, so nothing is out
// before it.
func (s *site) recover(w http.ResponseWriter, r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler {
		panic(p)
	}
	s.logPanic(r.Context(), r.Pattern, p)
	s.refuse(w, r, refusal{http.StatusInternalServerError, "internal", "", "a fault of ours", "web.fault"})
}

// turnIn is how long a turn may wait for the stores before the person is told to send it again.
const turnIn = 8 * time.Second

// errPanicked stands for a panic of the host, so that the page can still give the typed text back.
var errPanicked = &bot.Error{Code: bot.Internal, Op: "ask the host", Say: "it panicked"}

// turn asks the host. It logs a failure.
func (s *site) turn(ctx context.Context, m bot.Message) (reply bot.Reply, err error) {
	err = s.ask(ctx, "turn", func(ctx context.Context) (err error) {
		reply, err = s.host.Turn(ctx, m)
		return err
	})
	return reply, err
}

// ask lets the host do something, within turnIn. It logs a failure, and makes one of a panic.
func (s *site) ask(ctx context.Context, what string, do func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.logPanic(ctx, what, p)
			err = errPanicked
		}
	}()
	// Under a lock that another process holds, turns would wait until the connection is cut off without an answer.
	ctx, cancel := context.WithTimeout(ctx, turnIn)
	defer cancel()
	if err = do(ctx); err != nil {
		s.logFailure(ctx, what, err)
	}
	return err
}

// statusOf is 503 for what may work later, 500 for a panic.
func statusOf(err error) int {
	if errors.Is(err, errPanicked) {
		return http.StatusInternalServerError
	}
	return http.StatusServiceUnavailable
}

func (s *site) logPanic(ctx context.Context, where string, p any) {
	s.log().ErrorContext(ctx, "web: panic", append([]any{"where", where}, bot.Panicked(p)...)...)
}

func (s *site) logFailure(ctx context.Context, where string, err error) {
	s.log().ErrorContext(ctx, "web: failed", append([]any{"where", where}, bot.Failure(err)...)...)
}

// isSecure reports that the person's side of the connection is https.
func (s *site) isSecure(r *http.Request) bool {
	proto, _, _ := strings.Cut(r.Header.Get("X-Forwarded-Proto"), ",")
	return s.secure || r.TLS != nil || strings.EqualFold(strings.TrimSpace(proto), "https")
}
