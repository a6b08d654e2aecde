package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"yilu/bot"
)

const (
	callIn    = 15 * time.Second // for one call
	maxAnswer = 32 << 20         // of an answer, in bytes: a hundred updates
)

// api calls the methods of Telegram, through the SDK where it has them. Every error is a *bot.SendError and holds
// neither the token nor what was sent.
type api struct {
	sdk   *tg.Bot
	http  *http.Client
	base  string
	token string
	bot   string // the bot's own id, which the token begins with; it is no secret
	id    int64  // the same as a number
}

// newAPI makes no call.
func newAPI(token, base string, client *http.Client) (*api, error) {
	a := &api{http: tuned(client), base: base, token: token}
	sdk, err := tg.New(token,
		tg.WithSkipGetMe(),
		tg.WithServerURL(base),
		tg.WithHTTPClient(time.Minute, a),
		tg.WithErrorsHandler(func(error) {}), // the SDK's own prints to standard error
	)
	if err != nil {
		return nil, invalid("YILU_TELEGRAM_TOKEN", "is no token; copy it from @BotFather once more")
	}
	a.sdk = sdk
	a.bot, _, _ = strings.Cut(token, ":")
	a.id, _ = strconv.ParseInt(a.bot, 10, 64)
	return a, nil
}

// tuned is the client that calls are made with. Connections are kept for as many calls at once as Telegram's pace lets
// through; a client that is given keeps its transport.
func tuned(client *http.Client) *http.Client {
	var c http.Client
	if client != nil {
		c = *client
	}
	if client == nil {
		c.Transport = &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
			ForceAttemptHTTP2:   true,
			TLSHandshakeTimeout: 5 * time.Second,
			MaxIdleConnsPerHost: 64,
			IdleConnTimeout:     90 * time.Second,
		}
	}
	c.Timeout = 0
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// trace is what happened to one call on its way.
type trace struct {
	connected atomic.Bool // from here on something may have been written
	status    int         // 0 if no answer began
}

type traceKey struct{}

// traced lets Do note what happens to a call.
func traced(ctx context.Context) (context.Context, *trace) {
	t := &trace{}
	ctx = context.WithValue(ctx, traceKey{}, t)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { t.connected.Store(true) }}), t
}

// Do carries a request of the SDK's or of our own.
func (a *api) Do(r *http.Request) (*http.Response, error) {
	res, err := a.http.Do(r)
	if err != nil {
		// Without the address: it holds the token, and the SDK would strike that out of the error while a goroutine of
		// its own may still read it.
		for where := (*url.Error)(nil); errors.As(err, &where); {
			err = where.Err
		}
		return nil, err
	}
	if t, ok := r.Context().Value(traceKey{}).(*trace); ok {
		t.status = res.StatusCode
	}
	res.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(res.Body, maxAnswer), res.Body}
	return res, nil
}

// call bounds one call of the SDK and sorts its error.
func (a *api) call(ctx context.Context, method string, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, callIn)
	defer cancel()
	ctx, t := traced(ctx)
	if err := do(ctx); err != nil {
		return a.sort(method, err, t)
	}
	return nil
}

func (a *api) me(ctx context.Context) (*models.User, error) {
	var user *models.User
	err := a.call(ctx, "getMe", func(ctx context.Context) (err error) {
		user, err = a.sdk.GetMe(ctx)
		return err
	})
	return user, err
}

// deliver makes the call that answers an update.
func (a *api) deliver(ctx context.Context, out *outgoing) error {
	return a.call(ctx, out.Method, func(ctx context.Context) (err error) {
		if out.SendMessageParams == nil {
			_, err = a.sdk.AnswerCallbackQuery(ctx, &tg.AnswerCallbackQueryParams{CallbackQueryID: out.Query})
			return err
		}
		_, err = a.sdk.SendMessage(ctx, out.SendMessageParams)
		return err
	})
}

// polled is what getUpdates answers.
type polled struct {
	OK          bool              `json:"ok"`
	Result      []json.RawMessage `json:"result"`
	Code        int               `json:"error_code"`
	Description string            `json:"description"`
	Parameters  struct {
		RetryAfter int `json:"retry_after"`
	} `json:"parameters"`
}

// updates waits for updates from offset on, for at most wait. The SDK keeps its own call to itself.
func (a *api) updates(ctx context.Context, offset int64, wait time.Duration) ([]json.RawMessage, error) {
	const method = "getUpdates"
	ctx, cancel := context.WithTimeout(ctx, wait+callIn)
	defer cancel()
	ctx, t := traced(ctx)
	body, err := json.Marshal(map[string]any{"offset": offset, "timeout": int(wait.Seconds()), "limit": 100, "allowed_updates": allowed})
	if err != nil {
		return nil, &bot.SendError{Fault: bot.Refused, Channel: Channel, Call: method, Say: "the request could not be made"}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, a.base+"/bot"+a.token+"/"+method, bytes.NewReader(body))
	if err != nil {
		return nil, &bot.SendError{Fault: bot.Refused, Channel: Channel, Call: method, Say: "the request could not be made"}
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := a.Do(r)
	if err != nil {
		return nil, a.sort(method, err, t)
	}
	defer func() { _ = res.Body.Close() }()
	var got polled
	if err := json.NewDecoder(res.Body).Decode(&got); err != nil {
		return nil, a.sort(method, err, t)
	}
	if !got.OK {
		return nil, a.refused(method, got.Code, got.Description, got.Parameters.RetryAfter)
	}
	return got.Result, nil
}
