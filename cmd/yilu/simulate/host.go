package simulate

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"sync"

	"yilu/bot"
)

// host is the host that a channel is mounted on: the one that it was given, with settings of its own. It notes what the
// progress of the last reply was, for it cannot be told from a text otherwise.
type host struct {
	bot.Host
	settings map[string]string

	mu       sync.Mutex
	progress string
}

// Setting returns a setting that was made up.
func (h *host) Setting(name string) string { return h.settings[name] }

// Turn answers a message.
func (h *host) Turn(ctx context.Context, m bot.Message) (bot.Reply, error) {
	reply, err := h.Host.Turn(ctx, m)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.progress = reply.Progress
	return reply, err
}

// cutProgress takes the progress off the beginning of lines, if it is there.
func (h *host) cutProgress(lines []string) (rest []string, progress string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.progress != "" && len(lines) > 0 && lines[0] == h.progress {
		return lines[1:], h.progress
	}
	return lines, ""
}

// serve has the routes answer a request, as a server would.
func serve(routes map[string]http.Handler, r *http.Request) *answer {
	mux := http.NewServeMux()
	for pattern, handler := range routes {
		mux.Handle(pattern, handler)
	}
	w := &answer{header: http.Header{}}
	mux.ServeHTTP(w, r)
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w
}

// answer keeps what a handler writes.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header is the header that a handler fills.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader keeps the first status.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

// Write keeps b.
func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

// refused is an answer that acknowledged nothing.
func refused(a *answer) error {
	return bot.Errorf(bot.Unavailable, "deliver", "the channel answered with status %d", a.status)
}

// place reads latitude, longitude and a label, which may be missing.
func place(rest string) (lat, lng float64, label string, err error) {
	if n, _ := fmt.Sscan(rest, &lat, &lng, &label); n < 2 {
		return 0, 0, "", bot.Errorf(bot.Invalid, "send place", "must be latitude, longitude and a label, such as {place 24.57 118.10 example}")
	}
	return lat, lng, label, nil
}
