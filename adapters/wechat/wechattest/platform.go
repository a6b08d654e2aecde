// Package wechattest stands in for WeChat: it signs and encrypts deliveries as WeChat does and reads the answers as
// WeChat would. It shares no code with the channel or its SDK, so that a fault in those does not hide itself; the same
// input makes the same bytes. It is for tests and for trying an account out by hand, and says nothing about what the
// real platform does beyond its documents.
package wechattest

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Mode is how an account gets its messages.
type Mode int

// The modes, as the console offers them.
const (
	Plain      Mode = iota // in the clear
	Compatible             // in the clear, with the same encrypted beside it
	Safe                   // encrypted
)

// Account is an official account as both sides know it.
type Account struct {
	AppID      string
	AppSecret  string
	Token      string
	AESKey     string // the 43 characters of the EncodingAESKey; "" if Mode is Plain
	OriginalID string // "gh_…", to whom messages go
	Mode       Mode
}

// Deliver makes the request that brings xml to target, an address or the path of one. It panics if target is no
// address, or AESKey no key where the mode needs one.
func (a Account) Deliver(target string, at time.Time, nonce string, xml []byte) *http.Request {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	q := a.query(timestamp, nonce)
	q.Set("openid", between(xml, "<FromUserName><![CDATA[", "]]>"))
	body := xml
	if a.Mode != Plain {
		sealed := a.seal(nonce, xml)
		q.Set("encrypt_type", "aes")
		q.Set("msg_signature", sign(a.Token, timestamp, nonce, sealed))
		element := "<Encrypt>" + cdata(sealed) + "</Encrypt>\n</xml>"
		if a.Mode == Safe {
			body = []byte("<xml>\n<ToUserName>" + cdata(a.OriginalID) + "</ToUserName>\n" + element)
		} else {
			body = append(bytes.TrimSuffix(bytes.Clone(xml), []byte("</xml>")), element...)
		}
	}
	r := newRequest(http.MethodPost, target, q)
	r.Header.Set("Content-Type", "text/xml")
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	return r
}

// Verify makes the request by which WeChat checks an address that is entered in the console; echo has to come back. It
// panics if target is no address.
func (a Account) Verify(target string, at time.Time, nonce, echo string) *http.Request {
	q := a.query(strconv.FormatInt(at.Unix(), 10), nonce)
	q.Set("echostr", echo)
	return newRequest(http.MethodGet, target, q)
}

// query is what every request carries.
func (a Account) query(timestamp, nonce string) url.Values {
	return url.Values{"timestamp": {timestamp}, "nonce": {nonce}, "signature": {sign(a.Token, timestamp, nonce)}}
}

func newRequest(method, target string, q url.Values) *http.Request {
	u, err := url.Parse(target)
	if err != nil {
		panic("wechattest: target is no address")
	}
	for name, values := range u.Query() {
		q[name] = append(q[name], values...)
	}
	u.RawQuery = q.Encode()
	r, err := http.NewRequest(method, u.String(), nil)
	if err != nil {
		panic("wechattest: target is no address")
	}
	return r
}

// between is what stands between before and after, "" if they are not there.
func between(in []byte, before, after string) string {
	_, rest, _ := strings.Cut(string(in), before)
	found, _, ok := strings.Cut(rest, after)
	if !ok {
		return ""
	}
	return found
}
