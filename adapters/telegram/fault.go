package telegram

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	tg "github.com/go-telegram/bot"

	"yilu/bot"
)

// rule is one line of what Telegram's refusals mean. The first that fits counts.
type rule struct {
	code  int    // of the answer; 0 for any
	words string // in the description, in small letters; "" for any
	fault bot.SendFault
}

// rules is the table. The codes are Telegram's; that a person cannot be reached and that a chat is unknown differ in the
// description alone.
var rules = []rule{
	{400, "chat not found", bot.NoSuchPerson},
	{400, "user not found", bot.NoSuchPerson},
	{400, "peer_id_invalid", bot.NoSuchPerson},
	{400, "too long", bot.TooLong},
	{400, "user is deactivated", bot.Unreachable},
	{400, "", bot.Refused},
	{401, "", bot.BadSecret},
	{403, "", bot.Unreachable}, // blocked, deactivated, never wrote, left
	{404, "", bot.BadSecret},   // a token that is none is an unknown address
	{409, "", bot.NotAllowed},  // two ask for the same updates
	{413, "", bot.TooLong},
	{429, "", bot.TooFast},
}

// refused sorts what Telegram answered.
func (a *api) refused(method string, code int, description string, retryAfter int) *bot.SendError {
	e := &bot.SendError{Fault: bot.Refused, Channel: Channel, Call: method, Code: code, Say: a.quote(description)}
	if code >= 500 {
		e.Fault = bot.Busy
	} else {
		words := strings.ToLower(description)
		for _, r := range rules {
			if (r.code == 0 || r.code == code) && strings.Contains(words, r.words) {
				e.Fault = r.fault
				break
			}
		}
	}
	if retryAfter > 0 {
		e.RetryAfter = time.Duration(retryAfter) * time.Second
	}
	return e
}

// quote is a description fit for a log: one short line, and no token whoever wrote it.
func (a *api) quote(description string) string {
	text := strings.ReplaceAll(oneLine(description), a.token, "***")
	if r := []rune(text); len(r) > 200 {
		text = string(r[:200])
	}
	return text
}

// sort makes a SendError of whatever the SDK or the way there gave. The texts of those errors may quote the answer, so
// only what Telegram said of its own refusals is kept.
func (a *api) sort(method string, err error, t *trace) *bot.SendError {
	var (
		slow  *tg.TooManyRequestsError
		moved *tg.MigrateError
	)
	switch {
	case errors.As(err, &moved):
		e := a.refused(method, http.StatusBadRequest, strings.TrimPrefix(moved.Message, tg.ErrorBadRequest.Error()+": "), 0)
		e.Fault, e.Moved = bot.MovedTo, strconv.Itoa(moved.MigrateToChatID)
		return e
	case errors.As(err, &slow):
		return a.refused(method, http.StatusTooManyRequests, strings.TrimPrefix(slow.Message, tg.ErrorTooManyRequests.Error()+", "), slow.RetryAfter)
	}
	for sentinel, code := range sdkErrors {
		if errors.Is(err, sentinel) {
			return a.refused(method, code, strings.TrimPrefix(err.Error(), sentinel.Error()+", "), 0)
		}
	}
	e := &bot.SendError{Channel: Channel, Call: method, Code: t.status}
	switch status := t.status; {
	case status == 0:
		e.Fault, e.Say = unanswered(err, t)
	case status >= 500:
		e.Fault, e.Say = bot.Busy, http.StatusText(status)
	case status == http.StatusTooManyRequests:
		e.Fault, e.Say = bot.TooFast, http.StatusText(status)
	case status == http.StatusRequestEntityTooLarge:
		e.Fault, e.Say = bot.TooLong, http.StatusText(status)
	case status >= 300 && isForeign(err):
		e.Fault, e.Say = bot.NotAllowed, "whoever answers there is not Telegram; see YILU_TELEGRAM_API_URL and the proxy"
	case status >= 300:
		e.Fault, e.Say = bot.Refused, http.StatusText(status)
	default:
		e.Fault, e.Say = bot.Uncertain, "the answer broke off or could not be read"
	}
	return e
}

// sdkErrors are the refusals that the SDK tells apart, with the codes that it drops.
var sdkErrors = map[error]int{
	tg.ErrorBadRequest: http.StatusBadRequest, tg.ErrorUnauthorized: http.StatusUnauthorized, tg.ErrorForbidden: http.StatusForbidden,
	tg.ErrorNotFound: http.StatusNotFound, tg.ErrorConflict: http.StatusConflict,
}

// isForeign reports that the answer was not the JSON that Telegram speaks.
func isForeign(err error) bool {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	return errors.As(err, &syntax) || errors.As(err, &kind) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// unanswered sorts a call to which no answer began. Before there was a connection nothing was sent; afterwards nobody
// knows.
func unanswered(err error, t *trace) (bot.SendFault, string) {
	say := "the connection failed"
	var (
		dns  *net.DNSError
		cert *tls.CertificateVerificationError
		soon interface{ Timeout() bool }
	)
	switch {
	case errors.As(err, &dns):
		say = "the name of the server could not be found"
	case errors.As(err, &cert):
		say = "the certificate of the server is not valid"
	case errors.Is(err, syscall.ECONNREFUSED):
		say = "the connection was refused"
	case errors.Is(err, context.Canceled):
		say = "given up"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &soon) && soon.Timeout():
		say = "no answer in time"
	}
	if t.connected.Load() {
		return bot.Uncertain, say
	}
	return bot.Busy, say
}
