package wechat

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"yilu/bot"
)

// defaultAPI is where WeChat's API is.
const defaultAPI = "https://api.weixin.qq.com"

const (
	maxAnswer   = 1 << 20          // bytes of an answer that are read
	callTimeout = 10 * time.Second // of one request, its answer included
)

// ClientOptions are what a Client is made of.
type ClientOptions struct {
	AppID  string           // of the account; YILU_WECHAT_APP_ID; spaces around it and the next two do not count
	Secret string           // of the account; YILU_WECHAT_APP_SECRET
	API    string           // base address, "" for WeChat's own; plain http is for this machine only
	HTTP   *http.Client     // nil for one with sensible timeouts; it is copied, and the copy follows no redirect
	Now    func() time.Time // the clock; needed
	Log    *slog.Logger     // nil for none
}

// Client calls WeChat's API for one account. It guarantees that every failure is a *bot.SendError of the one table (see
// errcodes), that no error and no log line holds the secret, an access token or what was to be sent, that no redirect is
// followed, and that a call which may have been carried out is never made twice by itself. It is safe for concurrent use.
// What it does not know is whether a person gets to see what the platform took.
type Client struct {
	appID, secret string
	api           *url.URL
	http          *http.Client
	now           func() time.Time
	log           *slog.Logger
	tokens        tokens
	strange       strangers
}

// NewClient makes a client. It calls nobody yet. An Error of code Invalid names the setting at fault.
func NewClient(o ClientOptions) (*Client, error) {
	fault := func(field, say string) error {
		return &bot.Error{Code: bot.Invalid, Op: "ready wechat", Field: field, Say: say}
	}
	o.AppID, o.Secret, o.API = strings.TrimSpace(o.AppID), strings.TrimSpace(o.Secret), strings.TrimSpace(o.API)
	if !appIDs.MatchString(o.AppID) {
		return nil, fault("YILU_WECHAT_APP_ID", sayAppID)
	}
	if o.Secret == "" || strings.ContainsFunc(o.Secret, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, fault("YILU_WECHAT_APP_SECRET", "is no AppSecret: it has letters and digits only, without spaces or quotes")
	}
	api, err := url.Parse(cmp.Or(o.API, defaultAPI))
	if err != nil || api.Host == "" || api.User != nil || api.RawQuery != "" || api.Fragment != "" || api.Scheme != "https" && api.Scheme != "http" {
		return nil, fault("YILU_WECHAT_API_URL", "is no address such as "+defaultAPI)
	}
	if api.Scheme == "http" && !loopback(api.Hostname()) {
		return nil, fault("YILU_WECHAT_API_URL", "must begin with https://, for the secret goes there; http:// is for this machine only")
	}
	if o.Now == nil {
		return nil, &bot.Error{Code: bot.Internal, Op: "ready wechat", Field: "Now", Say: "a client needs a clock"}
	}
	c := &Client{appID: o.AppID, secret: o.Secret, api: api, now: o.Now, log: o.Log}
	c.api.Path = strings.TrimRight(api.Path, "/")
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	hc := http.Client{Transport: transport()}
	if o.HTTP != nil {
		hc = *o.HTTP
	}
	hc.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	hc.Jar = nil
	c.http = &hc
	c.tokens.client = c
	return c, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// transport is that of the standard library with shorter patience. There is no timeout of the whole, for a video may
// take its time: every call brings its own.
func transport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DialContext = (&net.Dialer{Timeout: 3 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	t.TLSHandshakeTimeout = 4 * time.Second
	t.ResponseHeaderTimeout = 8 * time.Second
	t.MaxIdleConnsPerHost = 16
	t.IdleConnTimeout = 45 * time.Second
	return t
}

// newOutbound makes the client of the account; nil without YILU_WECHAT_APP_SECRET, for people can be answered without it.
func newOutbound(host bot.Host, a account, hc *http.Client) (*Client, error) {
	if a.secret == "" {
		return nil, nil
	}
	return NewClient(ClientOptions{AppID: a.appID, Secret: a.secret, API: a.api, HTTP: hc, Now: host.Now, Log: host.Log()})
}

// request is one call of the API.
type request struct {
	path   string     // without /cgi-bin/: "message/custom/send"
	body   any        // sent as JSON by POST; nil for a GET
	query  url.Values // beside the token
	repeat repeat
	bare   bool // a success carries no errcode
}

// repeat says what doing a call twice would mean, for failures after which nobody knows whether it was done once.
type repeat int

const (
	harmful  repeat = iota // a second message for somebody: such a failure is Uncertain
	harmless               // the same state, or no other answer: such a failure is Busy
	keyed                  // the platform knows it again by its key: such a failure is Busy, for later
)

// call makes a call with the account's token and reads the answer into out, if that is not nil. A token that the
// platform refuses is replaced and the call made once more: a refused call was not carried out. The error is nil or a
// *bot.SendError.
func (c *Client) call(ctx context.Context, r request, out any) error {
	_, err := withToken(ctx, c, func(token string) (struct{}, *bot.SendError) {
		return struct{}{}, c.post(ctx, r, token, out)
	})
	return err
}

// withToken runs do with the account's token, and once more with another one if that is refused.
func withToken[T any](ctx context.Context, c *Client, do func(token string) (T, *bot.SendError)) (T, error) {
	var none T
	token, fault := c.tokens.get(ctx)
	if fault != nil {
		return none, fault
	}
	for again := true; ; again = false {
		got, fault := do(token)
		switch {
		case fault == nil:
			return got, nil
		case !errcodes[fault.Code].token:
			return got, fault
		case !again:
			c.tokens.spoil(token)
			return got, fault
		}
		if token, fault = c.tokens.replace(ctx, token); fault != nil {
			return none, fault
		}
	}
}

// post sends r, with a token if it is not "", and reads the answer.
func (c *Client) post(ctx context.Context, r request, token string, out any) *bot.SendError {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	resp, fault := c.send(ctx, r, token)
	if fault != nil {
		return fault
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	return c.read(r, resp, raw, err, out)
}

// send writes r out and returns the answer once its head is there. Whatever the error quotes (an address with a token
// in it, as a rule) stays here.
func (c *Client) send(ctx context.Context, r request, token string) (*http.Response, *bot.SendError) {
	var body io.Reader
	method := http.MethodGet
	if r.body != nil {
		var buf bytes.Buffer
		enc := json.NewEncoder(&buf)
		enc.SetEscapeHTML(false) // or a link in a text arrives as \u003ca
		if err := enc.Encode(r.body); err != nil {
			return nil, r.fault(bot.Refused, 0, "it cannot be written as JSON")
		}
		method, body = http.MethodPost, bytes.NewReader(buf.Bytes())
	}
	query := url.Values{}
	for k, v := range r.query {
		query[k] = v
	}
	if token != "" {
		query.Set("access_token", token)
	}
	address := *c.api
	address.Path += "/cgi-bin/" + r.path
	address.RawQuery = query.Encode()
	var reached reach
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, reached.trace()), method, address.String(), body)
	if err != nil {
		return nil, r.fault(bot.Refused, 0, "no request can be made of it")
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	req.Header.Set("User-Agent", "yilu")
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, r.broken(ctx, err, &reached)
	}
	return resp, nil
}

// reach notes how far a request got.
type reach struct{ asked, connected atomic.Bool }

// trace is told of every attempt. The transport makes another one for a POST only if nothing of the last was written, so
// the last one counts.
func (r *reach) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { r.connected.Store(false); r.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { r.connected.Store(true) },
	}
}
