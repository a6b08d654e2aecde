// Package web is the chat page for phones, and for everything else with a browser. It guarantees that a message that
// was shown as sent is kept, that one sent twice (a double tap, a retry, a reload) is one turn, that nothing typed is
// dropped without saying so, and that all of it works with script switched off. It knows a person by a cookie and by
// nothing else: whoever clears it starts anew, and whoever holds the device holds the conversation.
//
// It is also where a conversation of another channel comes over by a one-time link, to /go/ and 26 letters and digits.
// Opening the link changes nothing, however many machines look at it; pressing the button on it does, once, for one
// browser. The link stands in no log, Referer or page of ours. The log of a proxy before us does hold it, as it holds
// every address: what is read there later opens nothing, since a link is good for minutes and for the first browser.
//
// The page and its script speak to these places:
//
//	GET  /              the page with the last exchanges; ?lang= changes the language
//	POST /              a form: id, and text or choice. 303 to / once it is kept
//	POST /messages      JSON {id, text, choice} for the script. 200 {id, reply} once it is kept
//	GET  /assets/{name} style, script and sign, named by their content
//	GET  /go/{pass}     what a one-time link leads to, and the button. Redeems nothing
//	POST /go/{pass}     the button. 303 to / once the browser goes on as that person, 410 if the link is spent
//
// What could not be kept is a 503 with Retry-After; the same id may be sent again as often as it takes.
package web

import (
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"yilu/bot"
)

// Channel is the name in identities.
const Channel = "web"

// maxBody is the largest request body that is read, in bytes. The longest text fits, however it is escaped.
const maxBody = 64 << 10

// shown is how many past exchanges the page shows.
const shown = 30

// retryAfter is when to try again after a failure, in seconds.
const retryAfter = "5"

// Web is the channel.
type Web struct{ random io.Reader }

// New makes the channel. The cookies that stand for people come from random, which must be unpredictable.
func New(random io.Reader) *Web { return &Web{random} }

// Name is the channel's name in identities.
func (w *Web) Name() string { return Channel }

// Mount readies the page. It is never off: the web chat needs no settings. Of them it reads YILU_PUBLIC_URL, the
// address under which people reach it; Invalid says that it is no http or https address.
func (w *Web) Mount(host bot.Host) (bot.Mount, error) {
	s := &site{host: host, random: w.random, langs: newLanguages(host.Langs()), cross: http.NewCrossOriginProtection()}
	if err := s.setPublic(host.Setting("YILU_PUBLIC_URL")); err != nil {
		return bot.Mount{}, err
	}
	return bot.Mount{Routes: map[string]http.Handler{
		"GET /{$}":           s.guard(s.getPage),
		"POST /{$}":          s.guard(s.postForm),
		"POST /messages":     s.guard(s.postMessage),
		"GET /assets/{name}": s.guard(s.getAsset),
		"GET /go/{pass}":     s.guard(s.getPass),
		"POST /go/{pass}":    s.guard(s.postPass),
	}}, nil
}

// site is the channel once it is mounted.
type site struct {
	host   bot.Host
	random io.Reader
	langs  languages
	cross  *http.CrossOriginProtection
	secure bool // people reach it over https, whatever the request looks like here
}

// setPublic takes the public address. Behind a proxy that changes the Host header, browsers without Sec-Fetch-Site are
// recognised by it.
func (s *site) setPublic(address string) error {
	if address == "" {
		return nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
		return &bot.Error{Code: bot.Invalid, Op: "mount web", Field: "YILU_PUBLIC_URL", Say: "is no address such as https://chat.example.com, with nothing after the host"}
	}
	s.secure = u.Scheme == "https"
	// As browsers write an origin: in small letters, without the usual port.
	usual := map[string]string{"https": ":443", "http": ":80"}[u.Scheme]
	return s.cross.AddTrustedOrigin(u.Scheme + "://" + strings.TrimSuffix(strings.ToLower(u.Host), usual))
}

func (s *site) log() *slog.Logger { return s.host.Log() }
