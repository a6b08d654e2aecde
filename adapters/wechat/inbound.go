package wechat

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"sync"
	"time"

	"yilu/bot"
)

// maxBody is the largest body that is read, in bytes. What WeChat sends stays far below.
const maxBody = 64 << 10

// maxEcho is the longest echostr that is given back, in bytes.
const maxEcho = 256

// inbound is the channel once it is mounted: the handler of what WeChat delivers.
type inbound struct {
	account
	host       bot.Host
	recogniser bot.Recogniser                                           // nil for none
	fetch      func(ctx context.Context, ref string) (bot.Media, error) // nil without YILU_WECHAT_APP_SECRET
	send       func(ctx context.Context, openid, text string) error     // nil without YILU_WECHAT_APP_SECRET
	nonces     *recent[[32]byte]                                        // what came with a timestamp and nonce, by its hash
	counts     *recent[int]                                             // deliveries of a message
	lines      lines

	running context.Context // of turns
	stop    context.CancelFunc
	sending context.Context // of late answers: they may go out a little longer
	hush    context.CancelFunc

	mu      sync.Mutex
	flights map[string]*flight // by person and message
	busy    int                // turns and late answers under way
	idle    chan struct{}      // closed when busy becomes 0, if somebody waits for that
	mute    bool               // the last customer message did not go out, and no other would have, see learn
}

func newInbound(host bot.Host, a account, recogniser bot.Recogniser) *inbound {
	in := &inbound{
		account: a, host: host, recogniser: recogniser,
		nonces:  newRecent[[32]byte](maxNonces, 2*freshFor),
		counts:  newRecent[int](maxCounted, countedFor),
		lines:   lines{log: host.Log(), by: map[string]*counted{}},
		flights: map[string]*flight{},
	}
	in.running, in.stop = context.WithCancel(context.Background())
	in.sending, in.hush = context.WithCancel(context.Background())
	return in
}

// lang is the language of the channel's own texts: WeChat does not say which one somebody reads.
func (in *inbound) lang() string { return in.host.Langs()[0] }

func (in *inbound) log() *slog.Logger { return in.host.Log() }

// ServeHTTP answers WeChat.
func (in *inbound) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if p == http.ErrAbortHandler {
			panic(p)
		}
		in.logPanic(r.Context(), "webhook", p)
		write(w, http.StatusInternalServerError, "text/plain; charset=utf-8", nil)
	}()
	switch r.Method {
	case http.MethodGet:
		in.verify(w, r)
	case http.MethodPost:
		in.post(w, r)
	default:
		w.Header().Set("Allow", "GET, POST")
		write(w, http.StatusMethodNotAllowed, "text/plain; charset=utf-8", nil)
	}
}

// verify answers the check that WeChat makes when the address is entered. Whoever kept a request until its nonce read like
// the time could have it answered once more with the two swapped; that is harmless, for all that comes back is what they
// sent, as plain text.
func (in *inbound) verify(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	s, ok := readStamp(q)
	if !ok || !in.signed(q.Get("signature"), s.timestamp, s.nonce) {
		in.refuse(w, r, http.StatusForbidden, "the check of the address is not signed with YILU_WECHAT_TOKEN; it must be the console's")
		return
	}
	if !in.fresh(r.Context(), s) {
		write(w, http.StatusForbidden, "text/plain; charset=utf-8", nil)
		return
	}
	echo := q.Get("echostr")
	if len(echo) > maxEcho {
		in.refuse(w, r, http.StatusBadRequest, "the echostr is too long")
		return
	}
	if !in.first(s, []byte("GET "+echo)) { // and what is signed for a check is not good for a message
		in.refuse(w, r, http.StatusForbidden, replayed)
		return
	}
	write(w, http.StatusOK, "text/plain; charset=utf-8", []byte(echo))
}

// post takes a delivery.
func (in *inbound) post(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), stays)
	defer cancel()
	there, gone := context.WithTimeout(ctx, hangsUp) // for as long as WeChat may be there
	defer gone()
	impatient := time.NewTimer(patience)
	defer impatient.Stop()

	d, k, ok := in.receive(w, r)
	if !ok {
		return
	}
	m, todo := d.message()
	if len(m.Files) > 0 && in.fetch == nil {
		// Without YILU_WECHAT_APP_SECRET nothing can be fetched, and nobody is told that it was kept.
		if m.Files = nil; m.Text == "" {
			m.Event = bot.Unreadable
		}
	}
	switch todo {
	case acknowledge:
		in.answer(w, d, k, "")
		return
	case tooLong:
		in.answer(w, d, k, in.host.Text(in.lang(), "wechat.too_long"))
		return
	case nothingSaid:
		in.answer(w, d, k, in.host.Text(in.lang(), "wechat.nothing"))
		return
	}

	f, nth := in.join(r.Context(), m)
	if f == nil {
		in.lines.write(r.Context(), in.host.Now(), 1, slog.LevelError, "wechat: too many turns at once; a message was not taken", slog.Int("most", mostBusy))
		write(w, http.StatusServiceUnavailable, "text/plain; charset=utf-8", nil)
		return
	}
	third := nth >= lastDelivery
	last := third || in.host.Now().Sub(m.At) >= lastAge
	for waiting := true; waiting; {
		select {
		case <-f.done:
			waiting = false
		case <-ctx.Done(): // WeChat has hung up as a rule, and nobody gets this
			in.leave(f, false, last)
			write(w, http.StatusServiceUnavailable, "text/plain; charset=utf-8", nil)
			return
		case <-impatient.C:
			if third && in.canSend() {
				in.leave(f, false, last)
				in.answer(w, d, k, "")
				return
			}
		}
	}
	in.leave(f, there.Err() == nil, last) // if WeChat is gone, nobody gets it
	if f.err != nil {
		write(w, statusOf(f.err), "text/plain; charset=utf-8", nil)
		return
	}
	in.answer(w, d, k, in.fit(ctx, render(f.reply)))
}

// fit cuts what WeChat would refuse. The engine has made the texts fit; only very many choices can be longer.
func (in *inbound) fit(ctx context.Context, text string) string {
	head, rest := cut(text, room)
	if rest != "" {
		in.log().ErrorContext(ctx, "wechat: an answer has more choices than WeChat can show; the last ones were left out", "bytes", len(text), "left_out", len(rest))
	}
	return head
}

// answer writes the answer, under the key that the delivery came with. Where there is nothing to say it writes
// "success", never an encrypted nothing.
func (in *inbound) answer(w http.ResponseWriter, d *delivery, k *key, text string) {
	if text == "" {
		write(w, http.StatusOK, "text/plain; charset=utf-8", []byte("success"))
		return
	}
	body := answerXML(d, text)
	if k != nil {
		body = in.seal(k, d, body)
	}
	write(w, http.StatusOK, "application/xml; charset=utf-8", body)
}

// body reads the body, or refuses it.
func (in *inbound) body(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	if !isXMLType(r.Header.Get("Content-Type")) {
		in.refuse(w, r, http.StatusUnsupportedMediaType, "the body is no XML")
		return nil, false
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var over *http.MaxBytesError
	if errors.As(err, &over) {
		in.refuse(w, r, http.StatusRequestEntityTooLarge, "the body is over 64 KiB")
		return nil, false
	}
	if err != nil {
		in.refuse(w, r, http.StatusBadRequest, "the body ended early")
		return nil, false
	}
	return raw, true
}

// isXMLType takes what WeChat names its XML; now and then it names nothing.
func isXMLType(header string) bool {
	if header == "" {
		return true
	}
	kind, _, err := mime.ParseMediaType(header)
	return err == nil && (kind == "text/xml" || kind == "application/xml")
}

// refuse turns a request away. What is logged is a constant: anybody can send anything here.
func (in *inbound) refuse(w http.ResponseWriter, r *http.Request, status int, why string) {
	in.lines.write(r.Context(), in.host.Now(), perReason, slog.LevelWarn, "wechat: refused: "+why, slog.Int("status", status))
	write(w, status, "text/plain; charset=utf-8", nil)
}

func write(w http.ResponseWriter, status int, kind string, body []byte) {
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, _ = w.Write(body) // nobody is left to tell
}

// errPanicked stands for a panic of the host.
var errPanicked = &bot.Error{Code: bot.Internal, Op: "answer message", Say: "the host panicked"}

// statusOf is 503 for what may work later, 500 for a panic.
func statusOf(err error) int {
	if errors.Is(err, errPanicked) {
		return http.StatusInternalServerError
	}
	return http.StatusServiceUnavailable
}

func (in *inbound) logPanic(ctx context.Context, where string, p any) {
	in.log().ErrorContext(ctx, "wechat: panic", append([]any{"where", where}, bot.Panicked(p)...)...)
}
