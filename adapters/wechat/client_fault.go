package wechat

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"yilu/bot"
)

// pause says when something can be tried again.
type pause struct {
	after    time.Duration
	midnight bool // in China, when the platform's days begin
}

func (p pause) from(now time.Time) time.Duration {
	if !p.midnight {
		return p.after
	}
	y, m, d := now.In(bot.Xiamen).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, bot.Xiamen).Sub(now)
}

var (
	aMinute  = pause{after: time.Minute}
	midnight = pause{midnight: true}
)

// rule is what an errcode means.
type rule struct {
	fault bot.SendFault
	wait  pause
	token bool   // the token is at fault: another one may do
	say   string // in our words; what the platform writes is not shown, for nobody knows what it quotes
}

// errcodes is what the platform's codes mean. One that is not here is Refused.
var errcodes = map[int]rule{
	-1:    {fault: bot.Busy, say: "the platform is busy"},
	40001: {fault: bot.Busy, wait: forcePause, token: true, say: "the platform takes none of the tokens that it gave"},
	40014: {fault: bot.Busy, wait: forcePause, token: true, say: "the platform takes none of the tokens that it gave"},
	42001: {fault: bot.Busy, wait: forcePause, token: true, say: "the platform takes none of the tokens that it gave"},
	41001: {fault: bot.Refused, say: "it went out without a token, a fault of ours"},

	40003: {fault: bot.NoSuchPerson, say: "this account knows nobody of that openid"},
	43004: {fault: bot.Unreachable, say: "the person does not follow the account"},
	48002: {fault: bot.Unreachable, say: "the person takes no messages from the account"},
	50002: {fault: bot.Unreachable, say: "WeChat has restricted the person, or the person's account is closed"},
	43101: {fault: bot.NoConsent, say: "the person has not agreed to this notice, or has used the agreement up"},
	45015: {fault: bot.WindowClosed, say: "the person has not written within the time for an answer"},
	45047: {fault: bot.WindowClosed, say: "the person has been sent as many messages as one of theirs allows"},

	45002: {fault: bot.TooLong, say: "the text is too long"},
	40007: {fault: bot.Refused, say: "there is no such file, or it is older than three days"},
	40037: {fault: bot.Refused, say: "the account has no template of this id"},
	47001: {fault: bot.Refused, say: "the platform cannot read the JSON, a fault of ours"},
	47003: {fault: bot.Refused, say: "a value of the template is empty, too long or of the wrong kind"},
	45067: {fault: bot.Refused, say: "the clientmsgid is too long"},
	45065: {fault: bot.AlreadySent, say: "there is a mass message of this clientmsgid"},

	45009: {fault: bot.QuotaSpent, wait: midnight, say: "the day's number of such calls is used up"},
	45028: {fault: bot.QuotaSpent, wait: midnight, say: "the number of mass messages is used up"},
	45011: {fault: bot.TooFast, wait: aMinute, say: "too many such calls in a minute"},
	45066: {fault: bot.TooFast, wait: aMinute, say: "the same clientmsgid again within a minute"},

	40015: {fault: bot.Refused, say: "the menu has a button of an unknown type"},
	40016: {fault: bot.Refused, say: "the menu has too many or too few buttons at the top"},
	40018: {fault: bot.Refused, say: "the menu has a name at the top that is too long or empty"},
	40019: {fault: bot.Refused, say: "the menu has a key that is too long or empty"},
	40020: {fault: bot.Refused, say: "the menu has an address that is too long or empty"},
	40023: {fault: bot.Refused, say: "the menu has too many or too few entries below a button"},
	40025: {fault: bot.Refused, say: "the menu has a name below a button that is too long or empty"},
	40054: {fault: bot.Refused, say: "the menu has an address below a button that the platform does not allow"},
	40055: {fault: bot.Refused, say: "the menu has an address that the platform does not allow"},

	48001: {fault: bot.NotAllowed, say: "the account may not use this function: it has to be verified (see the functions in its settings on mp.weixin.qq.com)"},
	48004: {fault: bot.NotAllowed, say: "WeChat has taken this function from the account: see the notices on mp.weixin.qq.com"},
	50001: {fault: bot.NotAllowed, say: "the account may not use this function"},
	40164: {fault: bot.NotAllowed, say: "calls from this machine's address are not allowed: add the address to the IP whitelist, beside the AppSecret on mp.weixin.qq.com"},
	89503: {fault: bot.NotAllowed, say: "the account's administrator has to confirm calls from this machine's address"},
	50007: {fault: bot.NotAllowed, say: "WeChat has frozen the account"},
	40013: {fault: bot.BadSecret, say: "WeChat knows no account of this AppID: check YILU_WECHAT_APP_ID"},
	40125: {fault: bot.BadSecret, say: "the AppSecret is not that of the account: check YILU_WECHAT_APP_SECRET"},
	41002: {fault: bot.BadSecret, say: "the AppID is missing: check YILU_WECHAT_APP_ID"},
	41004: {fault: bot.BadSecret, say: "the AppSecret is missing: check YILU_WECHAT_APP_SECRET"},
}

// tokenCodes is what is different where a token is asked for.
var tokenCodes = map[int]rule{
	40001: errcodes[40125], // there it means the secret
	50002: {fault: bot.NotAllowed, say: "WeChat has restricted the account"},
}

// tokenPath is the call that gives tokens.
const tokenPath = "stable_token"

// coded makes the error of an errcode.
func (c *Client) coded(r request, code int) *bot.SendError {
	rule, ok := errcodes[code]
	if special, is := tokenCodes[code]; is && r.path == tokenPath {
		rule, ok = special, true
	}
	if !ok {
		return r.fault(bot.Refused, code, "the platform refused it for a reason of its own: look the code up on developers.weixin.qq.com")
	}
	e := r.fault(rule.fault, code, rule.say)
	e.RetryAfter = rule.wait.from(c.now())
	return e
}

func (r request) fault(f bot.SendFault, code int, say string) *bot.SendError {
	return &bot.SendError{Fault: f, Channel: Channel, Call: r.path, Code: code, Say: say}
}

// unknown is the error of a call of which nobody knows whether it was carried out.
func (r request) unknown(code int, say string) *bot.SendError {
	switch r.repeat {
	case harmless:
		return r.fault(bot.Busy, code, say)
	case keyed: // asked again too soon, the platform refuses the key, see 45066
		e := r.fault(bot.Busy, code, say)
		e.RetryAfter = time.Minute
		return e
	}
	return r.fault(bot.Uncertain, code, say)
}

// broken is the error of a request that got no answer. It is Busy if nothing of it can have reached the platform.
func (r request) broken(ctx context.Context, err error, got *reach) *bot.SendError {
	say := "the connection broke"
	var dns *net.DNSError
	var op *net.OpError
	var cert *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var slow net.Error
	early := got.asked.Load() && !got.connected.Load() // no connection was made
	switch {
	case errors.Is(context.Cause(ctx), context.Canceled):
		say = "it was called off"
	case errors.As(err, &dns):
		say, early = "the address of the platform cannot be found (DNS)", true
	case errors.As(err, &cert):
		say, early = "the platform cannot show that it is itself (TLS)", true
	case errors.As(err, &record):
		say = "whoever answers does not speak TLS"
	case errors.As(err, &op) && op.Op == "dial":
		say, early = "the platform cannot be reached", true
	case errors.As(err, &slow) && slow.Timeout(), ctx.Err() != nil:
		say = "nothing came back in time"
	}
	if early {
		return r.fault(bot.Busy, 0, say+"; nothing was sent")
	}
	return r.unknown(0, say)
}

// read makes sense of an answer: what the platform says in JSON comes first, then the HTTP status.
func (c *Client) read(r request, resp *http.Response, raw []byte, err error, out any) *bot.SendError {
	var answer struct {
		Code *int   `json:"errcode"`
		Msg  string `json:"errmsg"`
	}
	whole := err == nil && len(raw) <= maxAnswer && len(raw) > 0 && json.Unmarshal(raw, &answer) == nil
	if whole && answer.Code != nil && *answer.Code != 0 {
		e := c.coded(r, *answer.Code)
		if from := addressIn(answer.Msg); e.Code == 40164 && from != "" {
			e.Say += " (it is " + from + ")"
		}
		if e.Fault == bot.AlreadySent && out != nil {
			_ = json.Unmarshal(raw, out) // the answer tells of the one that was sent
		}
		return e
	}
	if resp.StatusCode != http.StatusOK {
		return c.status(r, resp)
	}
	switch {
	case err != nil:
		return r.unknown(0, "the answer broke off")
	case len(raw) > maxAnswer:
		return r.unknown(0, "the answer is too large")
	case bytes.HasPrefix(bytes.TrimSpace(raw), []byte("<")):
		return r.unknown(0, "a page came back instead of JSON: is there a proxy, or is YILU_WECHAT_API_URL another place?")
	case !whole, answer.Code == nil && !r.bare:
		return r.unknown(0, "the answer cannot be read")
	case out != nil && json.Unmarshal(raw, out) != nil:
		return r.unknown(0, "the answer cannot be read")
	}
	return nil
}

// addressIn finds the IP address in what the platform says of one that is not allowed: behind a router nobody knows it
// otherwise. Nothing else of the text is looked at.
func addressIn(text string) string {
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ' ' || r == ',' }) {
		if ip, err := netip.ParseAddr(word); err == nil && ip.Zone() == "" {
			return ip.Unmap().String()
		}
	}
	return ""
}

// status makes the error of an answer that is no 200 and has no errcode.
func (c *Client) status(r request, resp *http.Response) *bot.SendError {
	code := resp.StatusCode
	var e *bot.SendError
	switch {
	case code < 300:
		return r.unknown(code, "the answer is of another kind than the platform's")
	case code < 400:
		return r.fault(bot.NotAllowed, code, "a redirect came back, which is not followed: is there a proxy, or is YILU_WECHAT_API_URL another place?")
	case code == http.StatusUnauthorized, code == http.StatusForbidden, code == http.StatusProxyAuthRequired:
		return r.fault(bot.NotAllowed, code, "whatever stands between here and the platform does not let the call through")
	case code == http.StatusRequestEntityTooLarge:
		return r.fault(bot.TooLong, code, "the message is too long")
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly, code == http.StatusServiceUnavailable:
		e = r.fault(bot.Busy, code, "the platform says that it cannot take the call now") // these say that it was not taken up
	case code == http.StatusTooManyRequests:
		e = r.fault(bot.TooFast, code, "too many calls")
		e.RetryAfter = time.Minute
	case code < 500:
		return r.fault(bot.Refused, code, "the platform does not know such a call: is YILU_WECHAT_API_URL another place?")
	default: // 500, 502, 504 …: whoever answers may have passed the call on before
		return r.unknown(code, "the platform failed")
	}
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s > 0 {
		e.RetryAfter = time.Duration(min(s, 24*60*60)) * time.Second
	}
	return e
}
